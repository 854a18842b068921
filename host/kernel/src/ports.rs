//! The traits that join the crates: `app` gives the runtime a store and the services a runtime, and tests give either
//! what they like.

use crate::billing::{Charge, Checkout, GivingBack, PluginInvoice, Receivable, Saving, Settlement};
use crate::calls::{Answered, CallContext, CallError, CallId, PageRequest, Rendering, Reply};
use crate::changes::{Change, ReadSet};
use crate::effects::Effect;
use crate::files::{FileRefused, KeptFile, OfferedFile, StoredFile};
use crate::form::PlacedForm;
use crate::ids::{FileId, InstallationId, MemberId, OrganisationId};
use crate::invoice::InvoiceSettings;
use crate::manifest::Manifest;
use crate::manifest::outside::Origin;
use crate::membership::MembershipStatus;
use crate::organisation::Organisation;
use crate::time::Timestamp;
use crate::webhooks::{WebhookAnswer, WebhookCall};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use uuid::Uuid;

/// A future that a trait object can return.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Running plugins. Implemented by the runtime, used by the services.
pub trait PluginCalls: Send + Sync {
    /// Query: a GET of one of its routes.
    fn view(&self, context: CallContext, request: PageRequest) -> Boxed<'_, Result<Answered<Reply>, CallError>>;
    /// Command: a POST. The same `call_id` gets the first answer again.
    fn submit(&self, context: CallContext, call_id: CallId, request: PageRequest) -> Boxed<'_, Result<Answered<Reply>, CallError>>;
    /// Query: one of its blocks.
    fn block(&self, context: CallContext, name: String, parameters: Value) -> Boxed<'_, Result<Answered<Rendering>, CallError>>;
    /// Query, for nobody: which of these members meet one of its rules, in their order.
    fn rule(
        &self,
        context: CallContext,
        name: String,
        parameters: Value,
        members: Vec<MemberId>,
    ) -> Boxed<'_, Result<Answered<Vec<bool>>, CallError>>;
    /// Action: a payment begins. The same `call_id` gets the first answer again.
    fn begin_payment(&self, context: CallContext, call_id: CallId, charge: Charge) -> Boxed<'_, Result<Answered<Checkout>, CallError>>;
    /// Action: a payment is to be given back, or a part of it. The same `call_id` gets the first answer again.
    fn give_back(&self, context: CallContext, call_id: CallId, wish: GivingBack) -> Boxed<'_, Result<Answered<Settlement>, CallError>>;
    /// Action: a member wants to save a method to be charged by. The same `call_id` gets the first answer again.
    fn save_method(&self, context: CallContext, call_id: CallId, wish: Saving) -> Boxed<'_, Result<Answered<Checkout>, CallError>>;
    /// Action: a member is charged by what they saved. The same `call_id` gets the first answer again.
    fn charge_saved(&self, context: CallContext, call_id: CallId, charge: Charge) -> Boxed<'_, Result<Answered<Settlement>, CallError>>;
    /// Action: what a member saved is to be gone. The same `call_id` gets the first answer again.
    fn forget_method(
        &self,
        context: CallContext,
        call_id: CallId,
        payer: MemberId,
        key: String,
    ) -> Boxed<'_, Result<Answered<()>, CallError>>;
    /// Action: a call from outside. The same `call_id` gets the first answer again.
    fn webhook(&self, context: CallContext, call_id: CallId, call: WebhookCall) -> Boxed<'_, Result<Answered<WebhookAnswer>, CallError>>;
}

/// A package that was looked through without running anything of it.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectedPackage {
    pub manifest: Manifest,
    /// Lower-case hexadecimal SHA-256 of the whole file.
    pub hash: String,
    pub size: usize,
    /// The contract's interfaces that the component imports and exports, without package and version.
    pub imports: Vec<String>,
    pub exports: Vec<String>,
    /// `templates/…`, `locales/…`, `assets/…`
    pub files: BTreeMap<String, Vec<u8>>,
}

/// What is wrong with a package and where: `plugin.toml:12`, `import tsudoi:plugin/invoices`, `byte 40`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct PackageRefused {
    pub place: String,
    pub reason: String,
}

/// Looking at packages and compiling them. Implemented by the runtime.
pub trait PluginPackages: Send + Sync {
    /// Parses and checks; compiles nothing, runs nothing.
    fn inspect(&self, bytes: &[u8]) -> Result<InspectedPackage, PackageRefused>;
    /// Compiles once for each version of the engine and keeps the artefact on disk; afterwards calls can be made.
    fn prepare(&self, hash: String, bytes: Vec<u8>) -> Boxed<'_, Result<(), PackageRefused>>;
}

/// The database did not answer, or answered nonsense. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    #[error("the database is not available: {0}")]
    Unavailable(String),
    #[error("{0}")]
    Broken(String),
}

/// What a statement read, and the organisation's clock at that moment (both from one statement, so they agree).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    pub number: u64,
    pub value: T,
}

/// What a plugin asks when it pages through a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentQuestion {
    /// The segment's key.
    pub segment: String,
    /// Members behind this one.
    pub after: Option<MemberId>,
    pub most: usize,
}

/// Some of the members of a segment, by id, with everything that this depends on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SegmentPart {
    /// `None` where there is no such segment.
    pub members: Option<Vec<MemberId>>,
    /// Members up to this one were looked at, and there are more.
    pub next: Option<MemberId>,
    pub reads: ReadSet,
    /// How long it stays right, where a rule depends on time.
    pub until: Option<Timestamp>,
}

/// Who is in a segment. Implemented by the services, which ask plugins' rules; used by the runtime between two runs of a call,
/// since calls never nest.
pub trait SegmentParts: Send + Sync {
    fn part(&self, organisation: Arc<Organisation>, question: SegmentQuestion) -> Boxed<'_, Result<SegmentPart, DataError>>;
}

/// Whose documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    pub organisation: OrganisationId,
    pub installation: InstallationId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    pub id: Uuid,
    pub revision: String,
    /// One JSON value.
    pub body: String,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// Part of an index, from `from` (inclusive) to `to` (exclusive), in the order of its keys' bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub collection: String,
    pub index: String,
    pub from: Vec<u8>,
    pub to: Vec<u8>,
}

/// A key under which a document stands. In an index that is not unique the key ends with the document's id, so keys
/// are never equal; in a unique one a second document under the same key is a violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKey {
    pub index: String,
    pub key: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    Put { collection: String, document: StoredDocument, keys: Vec<IndexKey> },
    Delete { collection: String, id: Uuid },
}

/// A document with the key under which it was found.
pub type Keyed = (Vec<u8>, StoredDocument);

/// Changes with their numbers, in order.
pub type Changes = Vec<(u64, Change)>;

/// How much an installation may keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Quota {
    pub documents: u64,
    pub bytes: u64,
    /// Mails that it may cause in 24 hours.
    pub mails_per_day: u64,
    /// Bytes of its files; each counts as 4 KiB at least.
    pub file_bytes: u64,
    /// Jobs that wait, with those set aside.
    pub jobs: u32,
    /// Events that somebody still has to handle, with those set aside.
    pub events: u32,
}

impl Default for Quota {
    fn default() -> Self {
        Self { documents: 200_000, bytes: 500 << 20, mails_per_day: 10_000, file_bytes: 2 << 30, jobs: 1_000, events: 10_000 }
    }
}

/// A command's commit.
#[derive(Debug, Clone)]
pub struct Commit {
    pub scope: Scope,
    pub call_id: CallId,
    pub reads: ReadSet,
    /// In the order in which they are applied; one write for each document at most.
    pub writes: Vec<Write>,
    /// Applied after the writes, in this order.
    pub effects: Vec<Effect>,
    pub quota: Quota,
    /// Kept with the call id, for whoever asks again.
    pub answer: Value,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Committed {
    /// Under this number of the clock.
    Done(u64),
    /// Something that the call read has changed: run it again.
    Conflict,
    /// This call id was committed before, with this answer.
    Already(Value),
    /// The writes would exceed the quota: nothing was written.
    OverQuota,
}

/// A member's fields as `members-read` shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    pub id: MemberId,
    pub display_name: String,
    /// The key of the type of membership.
    pub member_type: Option<String>,
    pub status: MembershipStatus,
    pub tier: Option<String>,
    pub labels: Vec<String>,
    /// A date, `2026-11-22`.
    pub joined_on: Option<String>,
}

/// Values of the fields that one plugin added to a member's record.
pub type MemberValues = BTreeMap<String, Value>;

/// The keys of an organisation's tiers and labels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AudienceKeys {
    pub tiers: BTreeSet<String>,
    pub labels: BTreeSet<String>,
}

/// What plugins read and write. Implemented by the store, used by the runtime. No database transaction is open
/// while guest code runs: each method is complete in itself.
pub trait PluginData: Send + Sync {
    fn documents(&self, scope: Scope, collection: String, ids: Vec<Uuid>) -> Boxed<'_, Result<At<Vec<Option<StoredDocument>>>, DataError>>;
    /// At most `limit` documents of a stretch with their keys, from its start or, where `descending`, from its end.
    fn scan(&self, scope: Scope, stretch: Stretch, descending: bool, limit: u32) -> Boxed<'_, Result<At<Vec<Keyed>>, DataError>>;
    /// How many keys each stretch holds, counting no further than `at_most`.
    fn counts(&self, scope: Scope, stretches: Vec<Stretch>, at_most: u32) -> Boxed<'_, Result<At<Vec<u32>>, DataError>>;
    fn members(&self, organisation: OrganisationId, ids: Vec<MemberId>) -> Boxed<'_, Result<At<Vec<Option<MemberRecord>>>, DataError>>;
    /// What the fields that a plugin added hold, for each of these members.
    fn member_values(
        &self,
        organisation: OrganisationId,
        plugin: String,
        ids: Vec<MemberId>,
    ) -> Boxed<'_, Result<At<Vec<MemberValues>>, DataError>>;
    /// The ids of at most `limit` members above `after`, in their order.
    fn member_ids(
        &self,
        organisation: OrganisationId,
        after: Option<MemberId>,
        limit: u32,
    ) -> Boxed<'_, Result<At<Vec<MemberId>>, DataError>>;
    fn audience_keys(&self, organisation: OrganisationId) -> Boxed<'_, Result<At<AudienceKeys>, DataError>>;
    /// What is known of one of the installation's files.
    fn file(&self, scope: Scope, id: FileId) -> Boxed<'_, Result<At<Option<StoredFile>>, DataError>>;
    /// An issued invoice that the plugin issued, or was asked to collect; with `any`, whoever issued it.
    fn invoice(
        &self,
        organisation: OrganisationId,
        plugin: String,
        id: Uuid,
        any: bool,
    ) -> Boxed<'_, Result<At<Option<PluginInvoice>>, DataError>>;
    /// Invoices that are to be paid, the longest due first, behind the one of this due date and id.
    fn receivables(
        &self,
        organisation: OrganisationId,
        plugin: String,
        after: Option<(NaiveDate, Uuid)>,
        limit: u32,
    ) -> Boxed<'_, Result<At<Vec<Receivable>>, DataError>>;
    /// The forms that staff made for plugins.
    fn forms(&self, organisation: OrganisationId) -> Boxed<'_, Result<At<Vec<PlacedForm>>, DataError>>;
    /// How the organisation invoices, where that was set.
    fn invoice_settings(&self, organisation: OrganisationId) -> Boxed<'_, Result<At<Option<InvoiceSettings>>, DataError>>;
    /// The changes with numbers above `after` up to `to`, in order; `None` where the log does not reach back that far.
    fn changes(&self, organisation: OrganisationId, after: u64, to: u64) -> Boxed<'_, Result<Option<Changes>, DataError>>;
    /// All or nothing.
    fn commit(&self, commit: Commit) -> Boxed<'_, Result<Committed, DataError>>;
    /// What was answered to a call id that was committed before.
    fn answer_of(&self, scope: Scope, call_id: CallId) -> Boxed<'_, Result<Option<Value>, DataError>>;
}

/// A document that can't stand in an index of its collection, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{index}: {reason}")]
pub struct UnindexedDocument {
    pub index: String,
    pub reason: String,
    /// Its keys in the other indexes.
    pub keys: Vec<IndexKey>,
}

/// What upgrades and the erasure of members' data need of the engine. Implemented by the runtime, used by the services.
pub trait PluginUpgrades: Send + Sync {
    /// Command, on the new installation: the next step of the new version's own upgrade. `None`: it is done, as it is at
    /// once where the package has no `upgrade`.
    fn step(
        &self,
        context: CallContext,
        call_id: CallId,
        from_version: String,
        cursor: Option<String>,
    ) -> Boxed<'_, Result<Answered<Option<String>>, CallError>>;
    /// The keys of a document in the indexes that a manifest declares.
    fn index_keys(&self, manifest: &Manifest, collection: &str, id: Uuid, body: &str) -> Result<Vec<IndexKey>, UnindexedDocument>;
}

/// Told of each commit that takes an organisation's clock, after it took effect and before whoever made it goes on.
/// Two commits may be told in the other order; the numbers say which came first. Must not block.
pub trait CommitObserver: Send + Sync {
    fn committed(&self, organisation: OrganisationId, number: u64, change: &Arc<Change>);
}

/// A mail as it goes to the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    pub from_name: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    /// The address that ends mails of this kind by one POST (RFC 8058); nothing for what nobody can refuse.
    pub unsubscribe: Option<String>,
    /// Used as the Message-ID's left part, so that a repeat can be recognised.
    pub id: Uuid,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// There is no server to talk to at the moment: nothing was handed over, and others would fare the same.
    #[error("{0}")]
    Unreachable(String),
    /// Try again later.
    #[error("{0}")]
    Temporary(String),
    /// This mail will never be taken.
    #[error("{0}")]
    Permanent(String),
    /// There is no such mailbox: no other mail will be taken for it either.
    #[error("{0}")]
    Refused(String),
    /// It was handed over and no answer came: the server may or may not have taken it.
    #[error("{0}")]
    Unanswered(String),
}

/// Mail goes out through here.
pub trait Mailer: Send + Sync {
    fn send(&self, mail: OutgoingMail) -> Boxed<'_, Result<(), MailError>>;
}

/// One exchange with a host outside. Whether the plugin may talk to it was decided before; whether its address may be
/// talked to is decided where the connection is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// In capitals.
    pub method: String,
    pub origin: Origin,
    /// Path and query.
    pub target: String,
    /// Names in lower case. Those that belong to the connection are added on the way.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Bytes of the answer's body, after it was decompressed.
    pub most_bytes: usize,
    /// Milliseconds from the name's resolution to the last byte.
    pub most_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    pub status: u16,
    /// Names in lower case; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// An address, or a scheme, that the operator does not let plugins talk to.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such host, it refused, or its certificate is not good.
    #[error("{0}")]
    Unreachable(String),
    #[error("the answer has more than {0}")]
    TooLarge(String),
    #[error("no whole answer came in time")]
    TimedOut,
    /// What came is no answer of HTTP.
    #[error("{0}")]
    Malformed(String),
}

/// The way out. It follows no redirect.
pub trait Egress: Send + Sync {
    fn exchange(&self, request: Outgoing) -> Boxed<'_, Result<Incoming, EgressError>>;
}

/// What staff entrusted to the host. Shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(pub String);

impl std::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretValue(…)")
    }
}

/// Where plugins' secrets are kept.
pub trait SecretVault: Send + Sync {
    /// The secret of a plugin in an organisation, if it was set.
    fn reveal(&self, organisation: OrganisationId, plugin: String, name: String) -> Boxed<'_, Result<At<Option<SecretValue>>, DataError>>;
    /// Notes for staff that a plugin wanted to send a secret where it may not go.
    fn note_refusal(&self, organisation: OrganisationId, plugin: String, name: String, to: String) -> Boxed<'_, Result<(), DataError>>;
}

/// Where the bytes of plugins' files are.
pub trait FileVault: Send + Sync {
    /// Looks at what the content is, takes out what a picture says about whoever made it, and puts it on the disk.
    fn keep(&self, organisation: OrganisationId, offered: OfferedFile) -> Boxed<'_, Result<KeptFile, FileRefused>>;
    /// The bytes of a file that a row names.
    fn bytes(&self, organisation: OrganisationId, id: FileId) -> Boxed<'_, Result<Vec<u8>, DataError>>;
}
