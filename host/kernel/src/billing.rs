//! What plugins ask of the host about money, and what a gateway answers: both as data.

use crate::calls::Rendering;
use crate::ids::MemberId;
use crate::invoice::{InvoiceLine, Paper, Settled};
use crate::money::Money;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// A plugin wants an invoice issued. Kept with the call's effects until its commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InvoiceOrder {
    /// The invoice's.
    pub id: Uuid,
    pub plugin: String,
    pub member: MemberId,
    pub lines: Vec<InvoiceLine>,
    pub due_on: Option<NaiveDate>,
    /// A word of the plugin's, which comes back in events about the invoice.
    pub reference: String,
    /// How many events led to it.
    pub depth: u32,
}

/// A plugin takes all of an invoice back that it had issued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InvoiceCancellation {
    /// Names this one wish.
    pub id: Uuid,
    pub plugin: String,
    pub invoice: Uuid,
    pub depth: u32,
}

/// What a gateway says of one payment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentReport {
    /// Names this one report.
    pub id: Uuid,
    pub plugin: String,
    pub invoice: Uuid,
    /// What the provider calls the payment.
    pub reference: String,
    /// Of `Paid` what was paid, of `Refunded` all that was given back so far, in the currency's smallest unit.
    pub amount: i64,
    pub outcome: Outcome,
    pub depth: u32,
}

/// How far a payment has come. Reports come in any order, so a later one of these is kept over an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Pending,
    Failed,
    Paid,
    Refunded,
    Disputed,
}

impl Outcome {
    pub const ALL: [Self; 5] = [Self::Pending, Self::Failed, Self::Paid, Self::Refunded, Self::Disputed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Paid => "paid",
            Self::Refunded => "refunded",
            Self::Disputed => "disputed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// What a gateway is asked to collect.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    pub invoice: Uuid,
    pub payer: MemberId,
    pub amount: Money,
    /// One line for the payer.
    pub description: String,
    /// Where the payer comes back to.
    pub return_url: String,
    /// The same for the same wish, however often it is carried out.
    pub key: String,
}

/// A payer wants to save a method, to be charged by later.
#[derive(Debug, Clone, PartialEq)]
pub struct Saving {
    pub payer: MemberId,
    /// Where the payer comes back to.
    pub return_url: String,
    /// The same for the same wish, however often it is carried out.
    pub key: String,
}

/// What a gateway says of the method that a member has saved with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedMethod {
    /// Names this one report.
    pub id: Uuid,
    pub plugin: String,
    pub member: MemberId,
    /// What the member knows it by: `Visa •••• 4242`. `None`: there is none any more.
    pub label: Option<String>,
}

/// How a payer goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checkout {
    /// To an address of a host that the manifest names.
    Away(String),
    /// To a path of the plugin, or of the site where it starts with one `/`.
    Path(String),
    /// As this page says.
    Instructions(Rendering),
}

/// What a gateway is asked to give back.
#[derive(Debug, Clone, PartialEq)]
pub struct GivingBack {
    pub invoice: Uuid,
    /// The payment's.
    pub reference: String,
    pub amount: Money,
    pub key: String,
}

/// What a gateway says of something that it was asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    pub reference: String,
    pub outcome: Outcome,
}

/// An invoice as a plugin may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginInvoice {
    pub id: Uuid,
    pub member: Option<MemberId>,
    /// Of the plugin that asks, where it issued the invoice.
    pub reference: Option<String>,
    pub paper: Paper,
    pub settled: Settled,
}

/// An invoice that is to be paid, and who is to pay it.
#[derive(Debug, Clone, PartialEq)]
pub struct Receivable {
    pub invoice: PluginInvoice,
    /// Where the member was not erased.
    pub payer: Option<Payer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    pub name: String,
    /// In katakana; may be empty.
    pub reading: String,
    /// The member's.
    pub number: String,
}

impl Receivable {
    /// By which it stands in its list.
    pub fn due_on(&self) -> NaiveDate {
        self.invoice.paper.due_on.unwrap_or(self.invoice.paper.issued_on)
    }

    /// As the contract shows it.
    pub fn shown(&self) -> Value {
        let payer = |payer: &Payer| json!({ "name": payer.name, "reading": payer.reading, "number": payer.number });
        let mut shown = self.invoice.shown();
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("payer".into(), self.payer.as_ref().map_or(Value::Null, payer));
        }
        shown
    }
}

impl PluginInvoice {
    /// As the contract shows it.
    pub fn shown(&self) -> Value {
        let state = match self.settled {
            settled if settled.open() > 0 && settled.paid > 0 => "partly-paid",
            settled if settled.open() > 0 => "open",
            settled if settled.credited == settled.total => "void",
            _ => "paid",
        };
        let line =
            |line: &InvoiceLine| json!({ "description": line.name, "quantity": line.quantity, "unit": line.price, "tax-kind": line.kind });
        json!({
            "id": self.id,
            "member": self.member,
            "reference": self.reference,
            "number": self.paper.number,
            "state": state,
            "currency": self.paper.currency,
            "total": self.settled.total,
            "paid": self.settled.paid,
            "credited": self.settled.credited,
            "open": self.settled.open(),
            "issued-on": self.paper.issued_on,
            "due-on": self.paper.due_on,
            "lines": self.paper.lines.iter().map(line).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_have_an_order_in_which_the_later_one_counts() {
        assert!(Outcome::ALL.is_sorted());
        assert!(Outcome::ALL.iter().all(|outcome| Outcome::parse(outcome.as_str()) == Some(*outcome)));
        assert_eq!(Outcome::parse("Paid"), None);
    }
}
