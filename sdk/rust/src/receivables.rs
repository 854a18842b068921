//! All invoices of the organisation that are to be paid, for gateways that match money which came unannounced. Needs the permission
//! `receivables`; with it [`payments::report`](crate::payments::report) and [`invoices::get`](crate::invoices::get) work for each of them.

use crate::bindings::imports::tsudoi::plugin::receivables;
use crate::failure::Error;
use crate::invoices::Invoice;
use serde::Deserialize;

/// An invoice that is to be paid, and who is to pay it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Receivable {
    #[serde(flatten)]
    pub invoice: Invoice,
    /// `None` where the member was erased.
    pub payer: Option<Payer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Payer {
    pub name: String,
    /// In katakana; may be empty.
    pub reading: String,
    /// The member's.
    pub number: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The longest due first.
    pub invoices: Vec<Receivable>,
    /// Where to go on; `None` at the end.
    pub next: Option<String>,
}

/// At most 500 at once.
///
/// ```no_run
/// use tsudoi_plugin::{Error, receivables};
///
/// fn of_amount(minor: i64) -> Result<Vec<receivables::Receivable>, Error> {
///     let (mut found, mut cursor) = (Vec::new(), None);
///     loop {
///         let page = receivables::unpaid(500, cursor.as_deref())?;
///         found.extend(page.invoices.into_iter().filter(|one| one.invoice.open == minor));
///         cursor = page.next;
///         if cursor.is_none() {
///             return Ok(found);
///         }
///     }
/// }
/// ```
pub fn unpaid(limit: u32, cursor: Option<&str>) -> Result<Page, Error> {
    let page = receivables::unpaid(limit, cursor)?;
    let invoices = page.invoices.iter().map(|shown| serde_json::from_str(shown)).collect::<Result<_, _>>()?;
    Ok(Page { invoices, next: page.next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receivable_is_an_invoice_with_its_payer() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let shown = serde_json::json!({
            "id": id, "member": id, "reference": null, "number": "2026-0001", "state": "open", "currency": "JPY", "total": 3000, "paid": 0,
            "credited": 0, "open": 3000, "issued-on": "2026-11-22", "due-on": "2026-12-22", "lines": [],
            "payer": { "name": "山田 花子", "reading": "ヤマダ ハナコ", "number": "A-1" },
        });
        let receivable: Receivable = serde_json::from_value(shown).unwrap();
        assert_eq!((receivable.invoice.open, receivable.payer.unwrap().reading.as_str()), (3000, "ヤマダ ハナコ"));
    }
}
