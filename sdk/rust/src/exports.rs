//! The extension points that a plugin can fill, and the glue between them and the component's exports.

use crate::bindings::imports::tsudoi::plugin::replies::Rendering;
use crate::bindings::{blocks, events, jobs, pages, payment_gateway, rules, saved_methods, upgrade, webhooks};
use crate::events::Event;
use crate::failure::Failure;
use crate::id::Id;
use crate::jobs::Job;
use crate::reply::{Reply, View};
use crate::request::Request;
use serde_json::Value;
use std::marker::PhantomData;

/// Pages under the plugin's own path, for visitors or for staff, as the manifest's route table says.
pub trait Pages {
    /// A GET. Reads only.
    fn view(request: &Request) -> Result<Reply, Failure>;
    /// A POST. What it writes takes effect together, when it returns `Ok`.
    fn submit(request: &Request) -> Result<Reply, Failure>;
}

/// Parts that staff can put into a page.
///
/// ```
/// use tsudoi_plugin::{Blocks, Failure, Parameters, View, export};
///
/// struct Board;
///
/// impl Blocks for Board {
///     fn render(name: &str, parameters: &Parameters) -> Result<View, Failure> {
///         let limit = parameters.integer("limit").unwrap_or(5);
///         match name {
///             "latest-threads" => View::new("latest-threads.html", &serde_json::json!({ "limit": limit })),
///             _ => Err(Failure::NotFound),
///         }
///     }
/// }
///
/// export!(Board: blocks);
/// # fn main() {}
/// ```
pub trait Blocks {
    /// Reads only. `name` is one that the manifest declares, and `parameters` are checked against it, with defaults.
    fn render(name: &str, parameters: &Parameters) -> Result<View, Failure>;
}

/// Questions about members that staff make segments of.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tsudoi_plugin::{Collection, Failure, Id, Parameters, Rules, export};
///
/// #[derive(Serialize, Deserialize)]
/// struct Account { balance: i64 }
///
/// const ACCOUNTS: Collection<Account> = Collection::new("accounts");
///
/// struct Points;
///
/// impl Rules for Points {
///     fn evaluate(_name: &str, parameters: &Parameters, members: &[Id]) -> Result<Vec<bool>, Failure> {
///         let least = parameters.integer("points").unwrap_or(1);
///         let accounts = ACCOUNTS.get_many(members)?;
///         Ok(accounts.iter().map(|account| account.as_ref().is_some_and(|account| account.body.balance >= least)).collect())
///     }
/// }
///
/// export!(Points: rules);
/// # fn main() {}
/// ```
pub trait Rules {
    /// Reads only: which of these members, at most 100, meet the rule, one answer for each in their order. It is about no
    /// visitor. `name` is one that the manifest declares, and `parameters` are checked against it, with defaults.
    fn evaluate(name: &str, parameters: &Parameters, members: &[Id]) -> Result<Vec<bool>, Failure>;
}

/// Events that the manifest subscribes to.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tsudoi_plugin::{Collection, Event, Events, Failure, Id, export};
///
/// /// What `fan-board.posted` carries.
/// #[derive(Deserialize)]
/// struct Posted { author: Id }
///
/// #[derive(Serialize, Deserialize)]
/// struct Account { balance: i64 }
///
/// const ACCOUNTS: Collection<Account> = Collection::new("accounts");
///
/// struct Points;
///
/// impl Events for Points {
///     fn handle(event: &Event) -> Result<(), Failure> {
///         if event.topic != "fan-board.posted" {
///             return Ok(());
///         }
///         let Posted { author } = event.read()?;
///         let balance = ACCOUNTS.get(&author)?.map_or(0, |account| account.body.balance);
///         Ok(ACCOUNTS.put(&author, &Account { balance: balance + 1 })?)
///     }
/// }
///
/// export!(Points: events);
/// # fn main() {}
/// ```
pub trait Events {
    /// What it writes takes effect together with the mark that this event is handled: once, however often it is tried.
    /// After an `Err` the event is tried again for about ten minutes, and those with the same order key wait for it.
    fn handle(event: &Event) -> Result<(), Failure>;
}

/// Jobs that the manifest declares: scheduled ones, and those that the plugin asks for with [`jobs::enqueue`](crate::jobs::enqueue).
///
/// ```
/// use serde::Deserialize;
/// use tsudoi_plugin::{Failure, Id, Job, Jobs, export, notify};
///
/// /// What `jobs::enqueue("remind", …)` was given.
/// #[derive(Deserialize)]
/// struct Reminder { member: Id }
///
/// struct Points;
///
/// impl Jobs for Points {
///     fn run(job: &Job) -> Result<(), Failure> {
///         match job.name.as_str() {
///             "remind" => {
///                 let Reminder { member } = job.read()?;
///                 Ok(notify::members(&[member], "reminder", &serde_json::json!({}))?)
///             }
///             "nightly" => Ok(()),
///             _ => Err(Failure::NotFound),
///         }
///     }
/// }
///
/// export!(Points: jobs);
/// # fn main() {}
/// ```
pub trait Jobs {
    /// What it writes takes effect together with the mark that the job is done. After an `Err` it is tried again.
    fn run(job: &Job) -> Result<(), Failure>;
}

/// Documents of an older version become those of this one. The host has copied them and put them into this version's
/// indexes as far as that goes; nothing that visitors do comes in between.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tsudoi_plugin::{Collection, Failure, Upgrade, export};
///
/// #[derive(Serialize, Deserialize)]
/// struct Note {
///     text: String,
///     /// New in this version.
///     #[serde(default)]
///     pinned: bool,
/// }
///
/// const NOTES: Collection<Note> = Collection::new("notes");
///
/// struct Notes;
///
/// impl Upgrade for Notes {
///     fn step(_from_version: &str, cursor: Option<&str>) -> Result<Option<String>, Failure> {
///         let page = NOTES.query("all").limit(200).cursor(cursor).page()?;
///         for note in &page.documents {
///             NOTES.put(&note.id, &note.body)?;
///         }
///         Ok(page.next)
///     }
/// }
///
/// export!(Notes: upgrade);
/// # fn main() {}
/// ```
pub trait Upgrade {
    /// One batch, committed when it returns `Ok`: answers where to go on, or `None` when done.
    fn step(from_version: &str, cursor: Option<&str>) -> Result<Option<String>, Failure>;
}

/// What the directive in the page or the segment gave, or the manifest's defaults. Each accessor answers `None` where neither gives
/// this name a value of its type.
///
/// ```
/// use tsudoi_plugin::Parameters;
///
/// let parameters = Parameters::new(serde_json::json!({ "limit": 5, "board": "", "wide": true }));
/// assert_eq!(parameters.integer("limit"), Some(5));
/// assert_eq!(parameters.text("board"), None);
/// assert_eq!(parameters.flag("wide"), Some(true));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Parameters(Value);

impl Parameters {
    /// For tests of a plugin's own code: a JSON object.
    pub fn new(values: Value) -> Self {
        Self(values)
    }

    /// A `string`; `None` also where it is empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// An `integer`.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    /// A `boolean`.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }
}

/// Carries a plugin's functions to the generated exports.
pub struct Exported<P>(PhantomData<P>);

/// A panic says where and why in the log, which the host shows beside the failure: each instance begins with this.
pub(crate) fn tell_panics() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| crate::log::write("error", &panic.to_string().replace('\n', " "))));
}

impl<P: Pages> pages::exports::tsudoi::plugin::pages::Guest for Exported<P> {
    fn view(request: pages::exports::tsudoi::plugin::pages::Request) -> Result<pages::exports::tsudoi::plugin::pages::Reply, Failure> {
        tell_panics();
        P::view(&Request::from_contract(request)).map(Reply::into_contract)
    }

    fn submit(request: pages::exports::tsudoi::plugin::pages::Request) -> Result<pages::exports::tsudoi::plugin::pages::Reply, Failure> {
        tell_panics();
        P::submit(&Request::from_contract(request)).map(Reply::into_contract)
    }
}

impl<P: Blocks> blocks::exports::tsudoi::plugin::blocks::Guest for Exported<P> {
    fn render(name: String, parameters: String) -> Result<Rendering, Failure> {
        tell_panics();
        let parameters = Parameters::new(serde_json::from_str(&parameters)?);
        P::render(&name, &parameters).map(View::into_contract)
    }
}

impl<P: Rules> rules::exports::tsudoi::plugin::rules::Guest for Exported<P> {
    fn evaluate(name: String, parameters: String, members: Vec<String>) -> Result<Vec<bool>, Failure> {
        tell_panics();
        let parameters = Parameters::new(serde_json::from_str(&parameters)?);
        let members: Vec<Id> = members.into_iter().map(Id::known).collect();
        P::evaluate(&name, &parameters, &members)
    }
}

impl<P: Events> events::exports::tsudoi::plugin::events::Guest for Exported<P> {
    fn handle(event: events::exports::tsudoi::plugin::events::Event) -> Result<(), Failure> {
        tell_panics();
        P::handle(&Event::from_contract(event)?)
    }
}

impl<P: Jobs> jobs::exports::tsudoi::plugin::jobs::Guest for Exported<P> {
    fn run(job: jobs::exports::tsudoi::plugin::jobs::Job) -> Result<(), Failure> {
        tell_panics();
        P::run(&Job::from_contract(job)?)
    }
}

impl<P: Upgrade> upgrade::exports::tsudoi::plugin::upgrade::Guest for Exported<P> {
    fn step(from_version: String, cursor: Option<String>) -> Result<Option<String>, Failure> {
        tell_panics();
        P::step(&from_version, cursor.as_deref())
    }
}

/// Makes the component's exports: the plugin's type, then the extension points that it fills. The component exports
/// these and no others.
///
/// ```
/// use tsudoi_plugin::{Blocks, Failure, Parameters, View, export};
///
/// struct Clock;
///
/// impl Blocks for Clock {
///     fn render(_name: &str, _parameters: &Parameters) -> Result<View, Failure> {
///         View::new("today.html", &serde_json::json!({ "today": tsudoi_plugin::context::today() }))
///     }
/// }
///
/// export!(Clock: blocks);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export {
    ($plugin:ty: $($point:ident),+ $(,)?) => {
        const _: () = {
            #[allow(dead_code)]
            type Exported = $crate::exports::Exported<$plugin>;
            $($crate::__export_point!($point Exported);)+
        };
    };
}

/// Nothing is exported on other targets than wasm, where a plugin's own tests run; that the plugin has the trait is
/// checked on all of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_point {
    (pages $exported:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::pages::export!($exported with_types_in $crate::bindings::pages);
        const _: fn() = $crate::exports::has_pages::<$exported>;
    };
    (blocks $exported:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::blocks::export!($exported with_types_in $crate::bindings::blocks);
        const _: fn() = $crate::exports::has_blocks::<$exported>;
    };
    (rules $exported:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::rules::export!($exported with_types_in $crate::bindings::rules);
        const _: fn() = $crate::exports::has_rules::<$exported>;
    };
    (events $exported:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::events::export!($exported with_types_in $crate::bindings::events);
        const _: fn() = $crate::exports::has_events::<$exported>;
    };
    (jobs $exported:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::jobs::export!($exported with_types_in $crate::bindings::jobs);
        const _: fn() = $crate::exports::has_jobs::<$exported>;
    };
    (webhooks $exported:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::webhooks::export!($exported with_types_in $crate::bindings::webhooks);
        const _: fn() = $crate::exports::has_webhooks::<$exported>;
    };
    (payment_gateway $exported:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::payment_gateway::export!($exported with_types_in $crate::bindings::payment_gateway);
        const _: fn() = $crate::exports::has_payment_gateway::<$exported>;
    };
    (saved_methods $exported:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::saved_methods::export!($exported with_types_in $crate::bindings::saved_methods);
        const _: fn() = $crate::exports::has_saved_methods::<$exported>;
    };
    (upgrade $exported:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::upgrade::export!($exported with_types_in $crate::bindings::upgrade);
        const _: fn() = $crate::exports::has_upgrade::<$exported>;
    };
}

pub fn has_pages<P: pages::exports::tsudoi::plugin::pages::Guest>() {}

pub fn has_blocks<P: blocks::exports::tsudoi::plugin::blocks::Guest>() {}

pub fn has_rules<P: rules::exports::tsudoi::plugin::rules::Guest>() {}

pub fn has_events<P: events::exports::tsudoi::plugin::events::Guest>() {}

pub fn has_jobs<P: jobs::exports::tsudoi::plugin::jobs::Guest>() {}

pub fn has_webhooks<P: webhooks::exports::tsudoi::plugin::webhooks::Guest>() {}

pub fn has_payment_gateway<P: payment_gateway::exports::tsudoi::plugin::payment_gateway::Guest>() {}

pub fn has_saved_methods<P: saved_methods::exports::tsudoi::plugin::saved_methods::Guest>() {}

pub fn has_upgrade<P: upgrade::exports::tsudoi::plugin::upgrade::Guest>() {}
