//! What a call wants to happen besides writing its documents. Effects wait with the writes, and take place in the same
//! transaction: all of them when the call succeeds, none when it does not.

use crate::background::{Emitted, Enqueued};
use crate::billing::{InvoiceCancellation, InvoiceOrder, PaymentReport, SavedMethod};
use crate::files::StoredFile;
use crate::ids::{FileId, MemberId};
use crate::permission::Permission;
use crate::webhooks::RememberedWebhook;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// One of them, in the order in which the call asked for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    RecordActivity(Activity),
    /// The mark that a call from outside was heard, with what it was answered.
    RememberWebhook(RememberedWebhook),
    /// Told to every subscriber, each exactly once.
    Emit(Emitted),
    Enqueue(Enqueued),
    ChangeMember(MemberChange),
    /// Mails, from the plugin's own texts.
    Notify(Notice),
    /// With the next number, and an entry in the books.
    IssueInvoice(InvoiceOrder),
    CancelInvoice(InvoiceCancellation),
    /// Booked once for each reference.
    ReportPayment(PaymentReport),
    KeepMethod(SavedMethod),
    /// Its bytes are there already.
    SaveFile(StoredFile),
    /// Its bytes go later.
    DeleteFile(FileId),
    /// No job with this key any more, unless it is running.
    Cancel {
        job: String,
        key: String,
    },
    /// The mark that this installation has handled an event.
    Handled(Uuid),
    /// The mark that a job is done.
    Done(Uuid),
}

/// One line on a member's timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    pub id: Uuid,
    pub member: MemberId,
    /// A word of the plugin's, such as `post`.
    pub kind: String,
    /// For people, in the organisation's language.
    pub summary: String,
    /// A path of the plugin that opens it.
    pub path: Option<String>,
    pub data: Value,
}

/// One text for some people: a mail to each address that they have when the call takes effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub id: Uuid,
    pub plugin: String,
    /// Its name in the manifest: members may not want it.
    pub mail: String,
    pub to: Addressees,
    pub subject: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Addressees {
    Members(Vec<MemberId>),
    /// Whoever holds it.
    Staff(Permission),
}

/// A change to a member's record, noted for staff under `id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberChange {
    pub id: Uuid,
    pub plugin: String,
    pub member: MemberId,
    pub edit: MemberEdit,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberEdit {
    Tier {
        tier: String,
    },
    Label {
        label: String,
        present: bool,
    },
    /// One that the plugin added; `null` empties it.
    Value {
        field: String,
        value: Value,
    },
}
