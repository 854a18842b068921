//! The words of the domain: ids, organisations, visitors, gates, permissions, changes, the manifest of a plugin, the
//! values that a plugin call takes and gives, and the ports (traits) through which the rest of the house does IO.
//! Nothing here does IO, and nothing here knows a database, an HTTP server or wasmtime.

pub mod background;
pub mod billing;
pub mod calls;
pub mod changes;
pub mod contact;
pub mod dues;
pub mod effects;
pub mod email;
pub mod files;
pub mod form;
pub mod gate;
pub mod ids;
pub mod invoice;
pub mod ledger;
pub mod locale;
pub mod mailing;
pub mod manifest;
pub mod membership;
pub mod money;
pub mod organisation;
pub mod permission;
pub mod policy;
pub mod ports;
pub mod schedule;
pub mod segment;
pub mod tax;
pub mod text;
pub mod time;
pub mod typed;
pub mod visitor;
pub mod webhooks;

pub use email::Email;
pub use gate::Gate;
pub use ids::{AccountId, FileId, InstallationId, MemberId, OrganisationId, PageId};
pub use locale::Locale;
pub use organisation::Organisation;
pub use permission::Permission;
pub use schedule::Schedule;
pub use time::{Clock, Random, Timestamp};
pub use visitor::Visitor;
