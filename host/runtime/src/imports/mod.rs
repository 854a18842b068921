//! What a plugin may ask of the host: one module for each power, each with a test of its denial.

mod activities;
mod context;
mod events_emit;
mod files;
mod fill;
mod forms;
mod http_client;
mod invoices;
mod jobs_enqueue;
mod log;
mod members_read;
mod members_write;
mod notify;
mod payments;
mod receivables;
mod secrets;
mod store;

use crate::bindings::{charges, replies, types};
use crate::state::CallState;

pub use files::PendingFiles;
pub use payments::is_reference;

// These two hold types only.
impl types::Host for CallState {}
impl replies::Host for CallState {}
impl charges::Host for CallState {}
