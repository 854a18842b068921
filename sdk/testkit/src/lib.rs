//! Tests of a plugin on the real host: the engine, the commits, the gates, the theme and the sanitiser are those of a site
//! that is served. Only the surroundings are a test's: a database that is thrown away, a clock that stands until it is turned,
//! and an outside world that answers as the test says.
//!
//! ```no_run
//! use tsudoi_testkit::Site;
//!
//! let site = Site::new();
//! let hanako = site.member("花子");
//! hanako.get("/").submit("/", &[("text", "はじめまして")]).leads_to("/");
//! site.anyone().get("/").shows("はじめまして");
//! ```
//!
//! `tsudoi plugin test` builds the plugin, runs its tests, and shows what each call cost. A test is an ordinary one of Rust's,
//! in the plugin's `tests/`; the package is found by the name of its crate. What is asserted panics with the words of the page.

mod attachment;
mod forms;
pub mod gateway;
mod html;
mod money;
mod page;
mod people;
mod site;
mod stage;
pub mod templates;

pub use attachment::Attachment;
pub use forms::Form;
pub use money::{Invoice, Payment};
pub use page::Page;
pub use people::{NewMember, Person, Sending};
pub use serde_json::{Value, json};
pub use site::{Activity, Cost, Event, Job, Mail, Opening, SetAside, Site};
