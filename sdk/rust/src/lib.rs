//! Write plugins for Tsudoi in Rust.
//!
//! A plugin answers calls. Each call starts in a fresh instance, sees one consistent state, and either takes effect as
//! a whole or not at all: when a function here returns `Err`, or panics, nothing of what it wrote remains. When
//! something that it read was changed by someone else in the meantime, the host runs it again from the start. So a
//! plugin is written as if it were alone in the world.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use tsudoi_plugin::{Collection, Failure, Form, Id, Pages, Reply, Request, Routes, View, context, export};
//!
//! /// What `[collections.greetings]` of plugin.toml keeps, with a constant for each of its indexes.
//! #[derive(Serialize, Deserialize, Collection)]
//! #[collection("greetings")]
//! struct Greeting {
//!     text: String,
//!     author: Option<Id>,
//!     written_at: u64,
//! }
//!
//! /// The GET routes of plugin.toml.
//! #[derive(Routes)]
//! #[routes(GET)]
//! enum Show {
//!     Greetings,
//!     Greeting { greeting: Id },
//! }
//!
//! /// The POST routes.
//! #[derive(Routes)]
//! #[routes(POST)]
//! enum Change {
//!     Greet,
//! }
//!
//! #[derive(Form)]
//! struct NewGreeting {
//!     text: String,
//! }
//!
//! struct GuestBook;
//!
//! impl Pages for GuestBook {
//!     fn view(request: &Request) -> Result<Reply, Failure> {
//!         match request.matched()? {
//!             Show::Greetings => {
//!                 let page = Greeting::LATEST.query().descending().limit(20).cursor(request.query("cursor")).page()?;
//!                 let data = serde_json::json!({ "greetings": page.documents, "next": page.next });
//!                 Ok(View::new("greetings.html", &data)?.into())
//!             }
//!             Show::Greeting { greeting } => {
//!                 Ok(View::new("greeting.html", &Greeting::COLLECTION.require(&greeting)?)?.into())
//!             }
//!         }
//!     }
//!
//!     fn submit(request: &Request) -> Result<Reply, Failure> {
//!         let Change::Greet = request.matched()?;
//!         let NewGreeting { text } = request.form()?;
//!         let author = context::visitor().member();
//!         Greeting::COLLECTION.insert(&Greeting { text, author, written_at: context::now() })?;
//!         Ok(Reply::redirect(Show::Greetings.path()))
//!     }
//! }
//!
//! export!(GuestBook: pages);
//! # fn main() {}
//! ```

pub mod activities;
#[doc(hidden)]
pub mod bindings;
pub mod context;
pub mod events;
#[doc(hidden)]
pub mod exports;
mod failure;
pub mod files;
mod form;
pub mod forms;
mod gate;
mod gateway;
pub mod http;
mod id;
pub mod invoices;
pub mod jobs;
pub mod log;
pub mod members;
mod money;
pub mod notify;
pub mod payments;
pub mod receivables;
mod reply;
mod request;
mod routes;
pub mod secrets;
pub mod store;
mod webhook;

pub use context::{Visitor, VisitorKind};
pub use events::Event;
pub use exports::{Blocks, Events, Jobs, Pages, Parameters, Rules, Upgrade};
pub use failure::{Error, Failure, FieldError};
pub use files::Upload;
pub use form::{FieldErrors, Form, FormField, Wrong};
pub use gate::Gate;
pub use gateway::{Charge, Checkout, Gateway, GiveBack, SavedMethods, Saving, Settlement};
pub use id::Id;
pub use jobs::{Job, When};
pub use members::Member;
pub use money::Money;
pub use reply::{Reply, View};
pub use request::Request;
pub use routes::{PathPart, Routes};
pub use store::{Collection, Document, Index, Page, Query};
pub use tsudoi_plugin_macros::{Collection, Form, Routes};
pub use webhook::{WebhookAnswer, WebhookRequest, Webhooks};

/// Milliseconds since the Unix epoch, UTC; below 2^53.
pub type Timestamp = u64;

/// The examples of the guide are compiled like those of this crate; its tests are written with `tsudoi_testkit`.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/plugins.md")]
mod guide {}
