//! What a gateway says of payments, and of what members saved for paying. Needs the permission `payments`.
//!
//! Reports may come in any order, and again: a payment is booked once for each reference, and of what was given back the largest sum
//! counts.

use crate::bindings::imports::tsudoi::plugin::payments;
use crate::failure::Error;
use crate::id::Id;
use crate::money::Money;

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Pending,
    Failed,
    /// The amount is what was paid.
    Paid,
    /// The amount is all that was given back of this payment so far.
    Refunded,
    Disputed,
}

impl Outcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Paid => "paid",
            Self::Refunded => "refunded",
            Self::Disputed => "disputed",
        }
    }
}

/// `reference`: what the provider calls the payment, 1 to 200 bytes without spaces.
///
/// ```no_run
/// use tsudoi_plugin::payments::{self, Outcome};
/// use tsudoi_plugin::{Error, Id, Money};
///
/// fn paid(invoice: &Id, intent: &str, yen: i64) -> Result<(), Error> {
///     payments::report(invoice, intent, Money::new(yen, "JPY"), Outcome::Paid)
/// }
/// ```
pub fn report(invoice: &Id, reference: &str, amount: Money, outcome: Outcome) -> Result<(), Error> {
    payments::report(invoice.as_str(), reference, &amount.into_contract(), outcome.as_str())
}

/// A member has saved a method by which this gateway may charge them later; `label` names it to them, such as `Visa •••• 4242`. `None`:
/// there is none any more. A plugin that saves methods has the trait [`SavedMethods`](crate::SavedMethods).
pub fn saved_method(member: &Id, label: Option<&str>) -> Result<(), Error> {
    payments::saved_method(member.as_str(), label)
}
