//! The contract's types and functions as Rust, made from `sdk/wit`. Everything past this module speaks the kernel's
//! types.

mod served {
    // The macro reads the files at compile time; functions that may end a call return `wasmtime::Result`.
    wasmtime::component::bindgen!({
        path: "../../sdk/wit/0.1.0",
        world: "served",
        imports: {
            "tsudoi:plugin/store": async | trappable,
            "tsudoi:plugin/members-read": async | trappable,
            "tsudoi:plugin/members-write": async | trappable,
            "tsudoi:plugin/activities": async | trappable,
            "tsudoi:plugin/http-client": async | trappable,
            "tsudoi:plugin/secrets": async | trappable,
            "tsudoi:plugin/files": async | trappable,
            "tsudoi:plugin/invoices": async | trappable,
            "tsudoi:plugin/payments": async | trappable,
            "tsudoi:plugin/receivables": async | trappable,
            "tsudoi:plugin/forms": async | trappable,
            default: trappable,
        },
        exports: { default: async },
    });
}

/// Exported by few, so that it is a world of its own.
mod upgrading {
    wasmtime::component::bindgen!({
        path: "../../sdk/wit/0.1.0",
        world: "upgrading",
        with: { "tsudoi:plugin/types": super::served::tsudoi::plugin::types },
        exports: { default: async },
    });
}

pub use served::Served;
pub use served::exports::tsudoi::plugin::{blocks, events, jobs, pages, payment_gateway, rules, saved_methods, webhooks};
pub use served::tsudoi::plugin::{
    activities, charges, context, events_emit, files, forms, http_client, invoices, jobs_enqueue, log, members_read, members_write, notify,
    payments, receivables, replies, secrets, store, types,
};
pub use upgrading::exports::tsudoi::plugin::upgrade;

/// The package and version that every interface of a component must name.
pub const PACKAGE: &str = "tsudoi:plugin";
pub const VERSION: &str = "0.1.0";
