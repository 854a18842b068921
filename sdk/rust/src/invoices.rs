//! Invoices that a plugin issues. Needs the permission `invoices`.
//!
//! One that is issued stands with the call: it has its number and its entry in the books when, and only when, the call succeeds. What
//! becomes of it comes back as the events `invoice.paid` and `invoice.refunded`, with the draft's `reference`.

use crate::Timestamp;
use crate::bindings::imports::tsudoi::plugin::invoices::{self, Line as ContractLine};
use crate::failure::Error;
use crate::id::Id;
use crate::money::Money;
use serde::{Deserialize, Serialize};

/// How consumption tax looks at what is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaxKind {
    Standard,
    Reduced,
    Exempt,
    /// No consideration for anything, as dues are.
    OutOfScope,
    ZeroRated,
}

impl TaxKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Reduced => "reduced",
            Self::Exempt => "exempt",
            Self::OutOfScope => "out-of-scope",
            Self::ZeroRated => "zero-rated",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// One line of 1 to 200 characters.
    pub description: String,
    pub quantity: u32,
    /// Of one, with its tax or without, as the organisation invoices. Below zero for a discount.
    pub unit: Money,
    pub tax_kind: TaxKind,
}

/// Issues an invoice.
///
/// ```no_run
/// use tsudoi_plugin::invoices::{self, Line, TaxKind};
/// use tsudoi_plugin::{Error, Id, Money};
///
/// fn bill(member: &Id, event: &Id) -> Result<Id, Error> {
///     let fee = Line { description: "参加費".into(), quantity: 1, unit: Money::new(3_000, "JPY"), tax_kind: TaxKind::Standard };
///     invoices::issue(member, &[fee], None, event.as_str())
/// }
/// ```
///
/// # Errors
/// [`Error::NOT_READY`] until staff have said who issues invoices.
pub fn issue(member: &Id, lines: &[Line], due: Option<Timestamp>, reference: &str) -> Result<Id, Error> {
    let line = |line: &Line| ContractLine {
        description: line.description.clone(),
        quantity: line.quantity,
        unit: line.unit.clone().into_contract(),
        tax_kind: line.tax_kind.as_str().to_owned(),
    };
    let draft =
        invoices::Draft { member: member.to_string(), lines: lines.iter().map(line).collect(), due, reference: reference.to_owned() };
    invoices::issue(&draft).map(Id::known)
}

/// Takes back all that is left of an invoice that this plugin issued, by a credit note. What was paid of it is the member's credit,
/// which staff give back or use for another invoice.
pub fn cancel(invoice: &Id) -> Result<(), Error> {
    invoices::cancel(invoice.as_str())
}

/// How an invoice stands that this plugin issued or, as a gateway, was asked to collect. Amounts are in the currency's smallest unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Invoice {
    pub id: Id,
    /// `None` where the member was erased.
    pub member: Option<Id>,
    /// What this plugin called it, where it issued it.
    pub reference: Option<String>,
    pub number: String,
    pub state: InvoiceState,
    pub currency: String,
    pub total: i64,
    pub paid: i64,
    pub credited: i64,
    /// What is to be paid.
    pub open: i64,
    /// Dates, `2026-11-22`.
    pub issued_on: String,
    pub due_on: Option<String>,
    pub lines: Vec<InvoiceLine>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InvoiceState {
    Open,
    PartlyPaid,
    Paid,
    /// All of it was taken back.
    Void,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct InvoiceLine {
    pub description: String,
    pub quantity: i64,
    pub unit: i64,
    pub tax_kind: TaxKind,
}

pub fn get(invoice: &Id) -> Result<Option<Invoice>, Error> {
    Ok(invoices::get(invoice.as_str())?.map(|shown| serde_json::from_str(&shown)).transpose()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_is_read_as_the_contract_shows_it() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let shown = serde_json::json!({
            "id": id, "member": null, "reference": "event-1", "number": "2026-0001", "state": "partly-paid", "currency": "JPY", "total": 3000,
            "paid": 1000, "credited": 0, "open": 2000, "issued-on": "2026-11-22", "due-on": null,
            "lines": [{ "description": "参加費", "quantity": 1, "unit": 3000, "tax-kind": "standard" }],
        });
        let invoice: Invoice = serde_json::from_value(shown).unwrap();
        assert_eq!((invoice.state, invoice.open, invoice.lines[0].tax_kind), (InvoiceState::PartlyPaid, 2000, TaxKind::Standard));
    }
}
