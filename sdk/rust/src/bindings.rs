//! What `wit-bindgen` makes of the contract. Imports and shared types are generated once; each extension point is a
//! world of its own, so that a component exports exactly the points that [`export!`](crate::export) names. Imports
//! that nothing calls are dropped when the component is packed.

/// Everything that a plugin may call, and the types that the interfaces share.
pub mod imports {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        inline: "
            package tsudoi:guest;
            world imports {
                import tsudoi:plugin/types@0.1.0;
                import tsudoi:plugin/replies@0.1.0;
                import tsudoi:plugin/charges@0.1.0;
                import tsudoi:plugin/context@0.1.0;
                import tsudoi:plugin/store@0.1.0;
                import tsudoi:plugin/members-read@0.1.0;
                import tsudoi:plugin/members-write@0.1.0;
                import tsudoi:plugin/activities@0.1.0;
                import tsudoi:plugin/events-emit@0.1.0;
                import tsudoi:plugin/http-client@0.1.0;
                import tsudoi:plugin/secrets@0.1.0;
                import tsudoi:plugin/jobs-enqueue@0.1.0;
                import tsudoi:plugin/notify@0.1.0;
                import tsudoi:plugin/invoices@0.1.0;
                import tsudoi:plugin/payments@0.1.0;
                import tsudoi:plugin/receivables@0.1.0;
                import tsudoi:plugin/forms@0.1.0;
                import tsudoi:plugin/files@0.1.0;
                import tsudoi:plugin/log@0.1.0;
            }
        ",
        generate_all,
        pub_export_macro: true,
        generate_unused_types: true,
    });
}

pub mod pages {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        inline: "
            package tsudoi:guest;
            world pages {
                export tsudoi:plugin/pages@0.1.0;
            }
        ",
        with: {
            "tsudoi:plugin/types@0.1.0": crate::bindings::imports::tsudoi::plugin::types,
            "tsudoi:plugin/replies@0.1.0": crate::bindings::imports::tsudoi::plugin::replies,
        },
        generate_all,
        pub_export_macro: true,
    });
}

pub mod blocks {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        inline: "
            package tsudoi:guest;
            world blocks {
                export tsudoi:plugin/blocks@0.1.0;
            }
        ",
        with: {
            "tsudoi:plugin/types@0.1.0": crate::bindings::imports::tsudoi::plugin::types,
            "tsudoi:plugin/replies@0.1.0": crate::bindings::imports::tsudoi::plugin::replies,
        },
        generate_all,
        pub_export_macro: true,
    });
}

pub mod rules {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        inline: "
            package tsudoi:guest;
            world rules {
                export tsudoi:plugin/rules@0.1.0;
            }
        ",
        with: {
            "tsudoi:plugin/types@0.1.0": crate::bindings::imports::tsudoi::plugin::types,
        },
        generate_all,
        pub_export_macro: true,
    });
}

pub mod events {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        inline: "
            package tsudoi:guest;
            world events {
                export tsudoi:plugin/events@0.1.0;
            }
        ",
        with: {
            "tsudoi:plugin/types@0.1.0": crate::bindings::imports::tsudoi::plugin::types,
        },
        generate_all,
        pub_export_macro: true,
    });
}

pub mod jobs {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        inline: "
            package tsudoi:guest;
            world jobs {
                export tsudoi:plugin/jobs@0.1.0;
            }
        ",
        with: {
            "tsudoi:plugin/types@0.1.0": crate::bindings::imports::tsudoi::plugin::types,
        },
        generate_all,
        pub_export_macro: true,
    });
}

pub mod webhooks {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        inline: "
            package tsudoi:guest;
            world webhooks {
                export tsudoi:plugin/webhooks@0.1.0;
            }
        ",
        with: {
            "tsudoi:plugin/types@0.1.0": crate::bindings::imports::tsudoi::plugin::types,
        },
        generate_all,
        pub_export_macro: true,
    });
}

pub mod payment_gateway {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        inline: "
            package tsudoi:guest;
            world payment-gateway {
                export tsudoi:plugin/payment-gateway@0.1.0;
            }
        ",
        with: {
            "tsudoi:plugin/types@0.1.0": crate::bindings::imports::tsudoi::plugin::types,
            "tsudoi:plugin/charges@0.1.0": crate::bindings::imports::tsudoi::plugin::charges,
        },
        generate_all,
        pub_export_macro: true,
    });
}

pub mod saved_methods {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        inline: "
            package tsudoi:guest;
            world saved-methods {
                export tsudoi:plugin/saved-methods@0.1.0;
            }
        ",
        with: {
            "tsudoi:plugin/types@0.1.0": crate::bindings::imports::tsudoi::plugin::types,
            "tsudoi:plugin/charges@0.1.0": crate::bindings::imports::tsudoi::plugin::charges,
        },
        generate_all,
        pub_export_macro: true,
    });
}

pub mod upgrade {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        inline: "
            package tsudoi:guest;
            world upgrade {
                export tsudoi:plugin/upgrade@0.1.0;
            }
        ",
        with: {
            "tsudoi:plugin/types@0.1.0": crate::bindings::imports::tsudoi::plugin::types,
        },
        generate_all,
        pub_export_macro: true,
    });
}
