//! Mailings: staff write a text to members, say to whom and when, and see what became of it for each of them.

mod edit;
mod plan;
mod review;
mod send;
#[cfg(test)]
mod tests;

pub use edit::MailingInput;
pub use plan::Reach;
pub use review::{ListedMailing, RecipientLine, RecipientPage, STATES as RECIPIENT_STATES};
pub use send::When;
pub use tsudoi_kernel::mailing::{FIRST_TOPIC, Filler, Mailing, MailingState};
pub use tsudoi_store::{MAIL_BARRIERS, MailCounts, MailingRecord};
