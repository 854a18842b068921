//! What is kept.

use serde::{Deserialize, Serialize};
use tsudoi_plugin::{Collection, Error, Id, Timestamp, context};

/// Who a member is at Stripe, under the member's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("customers")]
pub struct Customer {
    pub member: Id,
    /// `cus_…`
    pub customer: String,
    /// `pm_…`: the card that they saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

/// The newest Checkout Session of an invoice, under the invoice's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("sessions")]
pub struct Session {
    /// Who is to pay.
    pub member: Id,
    /// `cs_…`
    pub session: String,
    /// As Stripe counts it.
    pub amount: i64,
    pub livemode: bool,
    pub made_at: Timestamp,
    /// When to ask what came of it, where nobody has said so by then. Nothing once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
}

/// The newest event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("heard")]
pub struct Heard {
    pub at: Timestamp,
    /// Such as `payment_intent.succeeded`.
    pub kind: String,
    pub livemode: bool,
}

impl Heard {
    /// The one document.
    pub fn place() -> Id {
        Id::parse("00000000-0000-7000-8000-000000000001").unwrap_or_else(|_| unreachable!("it is an id"))
    }
}

/// Something that people have to see to, since books can't.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("matters")]
pub struct Matter {
    pub at: Timestamp,
    pub kind: MatterKind,
    /// What it is called at Stripe: `re_…`, `du_…`, `pi_…`.
    pub reference: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatterKind {
    /// Money that was to be given back is still there.
    RefundFailed,
    /// A dispute was won: what staff may have taken out of the books for it is theirs again.
    DisputeWon,
    /// It was paid in another currency than the organisation's, and is not in the books.
    OtherCurrency,
}

impl MatterKind {
    pub const fn message(self) -> &'static str {
        match self {
            Self::RefundFailed => "matter-refund-failed",
            Self::DisputeWon => "matter-dispute-won",
            Self::OtherCurrency => "matter-other-currency",
        }
    }
}

/// Puts something before staff, once.
pub fn tell_staff(kind: MatterKind, reference: &str) -> Result<(), Error> {
    if Matter::BY_REFERENCE.equal(reference).first()?.is_none() {
        Matter::COLLECTION.insert(&Matter { at: context::now(), kind, reference: reference.to_owned() })?;
    }
    Ok(())
}
