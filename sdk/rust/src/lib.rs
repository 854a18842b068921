//! Write plugins for Tsudoi in Rust.
//!
//! A plugin answers calls. Each call starts in a fresh instance, sees one consistent state, and either takes effect as
//! a whole or not at all: when a function here returns `Err`, or panics, nothing of what it wrote remains. When
//! something that it read was changed by someone else in the meantime, the host runs it again from the start. So a
//! plugin is written as if it were alone in the world.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use tsudoi_plugin::{Collection, Failure, FieldErrors, Pages, Reply, Request, View, export};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Greeting {
//!     text: String,
//! }
//!
//! const GREETINGS: Collection<Greeting> = Collection::new("greetings");
//!
//! struct GuestBook;
//!
//! impl Pages for GuestBook {
//!     fn view(request: &Request) -> Result<Reply, Failure> {
//!         let page = GREETINGS.query("latest").descending().limit(20).cursor(request.query("cursor")).page()?;
//!         View::new("greetings.html", &serde_json::json!({ "greetings": page.documents, "next": page.next }))
//!             .map(Reply::from)
//!     }
//!
//!     fn submit(request: &Request) -> Result<Reply, Failure> {
//!         let text = request.field("text");
//!         if text.is_empty() {
//!             return Err(FieldErrors::one("text", "text-required").into());
//!         }
//!         GREETINGS.insert(&Greeting { text: text.to_owned() })?;
//!         Ok(Reply::redirect("/p/guest-book/"))
//!     }
//! }
//!
//! export!(GuestBook: pages);
//! # fn main() {}
//! ```

#[doc(hidden)]
pub mod bindings;
pub mod context;
#[doc(hidden)]
pub mod exports;
mod failure;
mod form;
mod gate;
mod id;
pub mod log;
pub mod members;
mod reply;
mod request;
pub mod store;

pub use context::{Visitor, VisitorKind};
pub use exports::{Blocks, Pages, Parameters};
pub use failure::{Error, Failure, FieldError};
pub use form::FieldErrors;
pub use gate::Gate;
pub use id::Id;
pub use members::Member;
pub use reply::{Reply, View};
pub use request::Request;
pub use store::{Collection, Document, Page, Query};

/// Milliseconds since the Unix epoch, UTC; below 2^53.
pub type Timestamp = u64;
