//! The database, SQLite or PostgreSQL. The only crate that speaks SQL. Rows of an organisation are reached through an
//! [`OrganisationStore`], a handle bound to that organisation; what looks across organisations has
//! `_all_organisations` in its name and is for operators, or for finding the organisation in the first place.

mod accounts;
mod audience;
mod audit;
mod background;
mod backup;
mod billing;
mod challenges;
mod change;
mod connection;
mod contacts;
mod dues;
mod erasing;
mod error;
mod files;
mod forms;
mod gateway_wishes;
mod gateways;
mod health;
mod imports;
mod installations;
mod invoices;
mod ledger;
mod mail_claims;
mod mail_wishes;
mod mailing_plan;
mod mailings;
mod mails;
mod member_data;
mod member_list;
mod members;
mod memberships;
mod notices;
mod organisations;
mod pages;
mod payments;
mod plugin_data;
mod plugin_files;
mod plugin_secrets;
mod plugins;
mod revisions;
mod segments;
mod session_desk;
mod sessions;
#[cfg(test)]
mod sign_in_tests;
mod site;
mod sql;
mod staff;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod upgrades;
mod visits;
mod webhook_events;

pub use accounts::Account;
pub use audience::{Audience, Named};
pub use audit::{AuditEntry, RecordedEntry};
pub use background::{Due, SetAside, UnmadeSchedule, WorkKey, WorkKind};
pub use backup::{BackupError, Restoration, Snapshot};
pub use billing::{Billing, Booked, Booking, By, folded};
pub use challenges::{Challenge, Purpose};
pub use change::ChangeTransaction;
pub use connection::{Options, Store};
pub use dues::{Asked, DuesMember, DuesRecord, DuesSums};
pub use erasing::KeptInstallation;
pub use error::StoreError;
pub use files::{FileRecord, FileUse};
pub use forms::{Answer, AnswerDraft, KeptForPlugin, ListedForm};
pub use gateway_wishes::{GatewayCharge, GatewayRefund, Wish, WishState};
pub use gateways::GatewayReport;
pub use health::OrphanedInstallation;
pub use imports::{Finding, ImportRecord, ImportRow};
pub use invoices::{CreditNote, InvoiceBody, InvoiceFilter, InvoiceRecord};
pub use ledger::{EntryDraft, LedgerEntry};
pub use mail_claims::{Claimed, ClaimedMail, MailAppetite, MailEnd, MailOutcome};
pub use mail_wishes::{REASONS as MAIL_BARRIERS, Suppression, TopicRecord};
pub use mailing_plan::{Addressee, DeliveryDraft, PlanPage, Reader};
pub use mailings::{MailCounts, MailingRecord, OngoingMailing, Recipient};
pub use mails::{MailDraft, MailSummary};
pub use member_data::TimelineEntry;
pub use member_list::{ListedMember, SearchWord};
pub use members::{Member, MemberDraft, Person};
pub use memberships::{PeriodDraft, PeriodEntry};
pub use pages::{ListedPage, PageRecord, ShownPage};
pub use payments::{Allocation, Payment, PaymentDraft, Refund};
pub use plugin_secrets::{SealedSecret, SecretNote};
pub use plugins::{Ongoing, PackageSummary, PluginFailure, Usage};
pub use revisions::{Revision, Subject};
pub use sessions::{SessionDraft, SessionSummary};
pub use site::SiteRecord;
pub use staff::{StaffDraft, StaffMember};
pub use upgrades::{FormerInstallation, IndexedDocument, Phase, Upgrade, UpgradeDraft};
pub use visits::{OrganisationKey, OrganisationVisit, SessionVisit};

use tsudoi_kernel::OrganisationId;

/// The rows of one organisation, and of no other.
#[derive(Clone)]
pub struct OrganisationStore {
    store: Store,
    id: OrganisationId,
}

impl OrganisationStore {
    pub fn id(&self) -> OrganisationId {
        self.id
    }
}

impl Store {
    /// The handle that everything of one organisation goes through.
    pub fn organisation(&self, id: OrganisationId) -> OrganisationStore {
        OrganisationStore { store: self.clone(), id }
    }
}
