//! What the end-to-end tests share: a server of their own with the demo ([`server`]) or as operators have it ([`served`]), visitors with
//! a cookie jar ([`visitor`]), a browser ([`browser`]), the walk of docs/tour.md ([`tour`]), mail servers ([`sink`], [`postfix`]) and a
//! hostile plugin ([`troublemaker`]). `cargo xtask test` builds the binary and names it, a PostgreSQL server and Chromium's driver in
//! `TSUDOI_TEST_…` variables; what is missing fails a test, it never skips one.

pub mod browser;
pub mod postfix;
pub mod running;
pub mod served;
pub mod server;
pub mod sink;
pub mod tour;
pub mod troublemaker;
pub mod visitor;

pub use served::Served;
pub use server::{Database, Server};
pub use sink::Sink;
pub use visitor::{Answer, Visitor};

/// The demo's two organisations.
pub const CLUB: usize = 0;
pub const SOCIETY: usize = 1;

/// The password of the demo's member and of its staff.
pub const PASSWORD: &str = "hoshi-no-yoru";
