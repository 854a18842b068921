//! The invoices that are to be paid, as the host shows them.

use crate::kana;
use crate::matching::{Open, Transfer};
use crate::model::Reference;
use std::collections::BTreeMap;
use tsudoi_plugin::receivables::{self, Receivable};
use tsudoi_plugin::{Error, Id};

const PER_PAGE: u32 = 500;

/// Beyond six thousand unpaid invoices a call would read more than it may.
const MOST_PAGES: usize = 12;

pub struct Unpaid {
    /// The longest due first.
    pub all: Vec<Receivable>,
    /// There are no more.
    pub is_complete: bool,
}

impl Unpaid {
    pub fn load() -> Result<Self, Error> {
        let (mut all, mut cursor) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let page = receivables::unpaid(PER_PAGE, cursor.as_deref())?;
            all.extend(page.invoices);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(Self { all, is_complete: true });
            }
        }
        Ok(Self { all, is_complete: false })
    }
}

pub fn open(receivable: &Receivable) -> Open {
    let names = receivable.payer.iter().flat_map(|payer| [kana::name(&payer.reading), kana::name(&payer.name)]);
    let names = names.filter(|name| !name.is_empty()).collect();
    Open { invoice: receivable.invoice.id.clone(), amount: receivable.invoice.open, names }
}

/// The invoices that the numbers in these transfers were given out for.
pub fn by_code<'a>(transfers: impl IntoIterator<Item = &'a Transfer>) -> Result<BTreeMap<String, Id>, Error> {
    let mut by_code = BTreeMap::new();
    for code in transfers.into_iter().flat_map(|transfer| &transfer.codes) {
        if let Some(reference) = Reference::BY_CODE.equal(code).first()? {
            by_code.insert(code.clone(), reference.id);
        }
    }
    Ok(by_code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn receivable(name: &str, reading: &str) -> Receivable {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let shown = json!({
            "id": id, "member": id, "reference": null, "number": "2026-0001", "state": "partly-paid", "currency": "JPY", "total": 3000,
            "paid": 1000, "credited": 0, "open": 2000, "issued-on": "2026-11-22", "due-on": null, "lines": [],
            "payer": { "name": name, "reading": reading, "number": "A-1" },
        });
        serde_json::from_value(shown).unwrap()
    }

    #[test]
    fn what_is_left_to_pay_counts_and_no_name_is_never_a_name() {
        let both = open(&receivable("山田 花子", "ヤマダ ハナコ"));
        assert_eq!((both.amount, both.names), (2_000, vec!["ヤマダハナコ".to_owned(), "山田花子".to_owned()]));
        assert!(open(&receivable("007", "")).names.is_empty());
        // Whose name is not known to the bank either is nobody's.
        assert_eq!(Transfer::new(2_000, "123", false).name, "");
    }
}
