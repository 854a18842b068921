//! The way of paying: a page that says where to transfer what, and under which number. Nothing is said of a payment before the money
//! is there.

use crate::code;
use crate::model::Reference;
use crate::routes::Show;
use serde::Serialize;
use serde_json::json;
use tsudoi_plugin::{Charge, Checkout, Error, Failure, GiveBack, Id, Reply, Routes, Settlement, View, context, invoices};

/// Where members find their invoices.
const INVOICES: &str = "/account/payments";

/// Statements are in yen.
pub const CURRENCY: &str = "JPY";

/// How many numbers are tried for an invoice. With ten thousand numbers given out, one in ninety is taken.
const MOST_ATTEMPTS: u8 = 20;

/// The organisation's own account, as payers see it.
#[derive(Debug, Serialize)]
struct Account {
    bank: String,
    branch: String,
    kind: &'static str,
    number: String,
    holder: String,
}

impl Account {
    /// `None` until staff have said where to.
    fn of_settings() -> Result<Option<Self>, Error> {
        let kind: String = context::setting("kind")?;
        let kind = match kind.as_str() {
            "current" => "kind-current",
            "savings" => "kind-savings",
            _ => "kind-ordinary",
        };
        let [bank, branch, number, holder] = ["bank", "branch", "number", "holder"].map(context::setting::<String>);
        let account = Self { bank: bank?, branch: branch?, kind, number: number?, holder: holder? };
        Ok(Some(account).filter(|account| !account.bank.is_empty() && !account.number.is_empty()))
    }
}

pub fn is_set_up() -> Result<bool, Error> {
    Ok(Account::of_settings()?.is_some())
}

pub fn begin(charge: &Charge) -> Result<Checkout, Failure> {
    if charge.amount.currency != CURRENCY {
        return Err(Failure::conflict("yen-only"));
    }
    if !is_set_up()? {
        return Err(Failure::conflict("not-set-up"));
    }
    if Reference::COLLECTION.get(&charge.invoice)?.is_none() {
        let reference = Reference { code: free_code(&charge.invoice)?, member: charge.payer.clone() };
        Reference::COLLECTION.put(&charge.invoice, &reference)?;
    }
    Ok(Checkout::Redirect(Show::Transfer { invoice: charge.invoice.clone() }.path()))
}

/// The first number of the invoice's that no other has.
fn free_code(invoice: &Id) -> Result<String, Failure> {
    for attempt in 0..MOST_ATTEMPTS {
        let code = code::derive(invoice, attempt);
        if Reference::BY_CODE.equal(&code).first()?.is_none() {
            return Ok(code);
        }
    }
    Err(Error::new("exhausted", "no number is free for this invoice").into())
}

/// Staff send money back by hand, since a plugin can't; the manifest says so, and nobody asks.
pub fn refund(_wish: &GiveBack) -> Result<Settlement, Failure> {
    Err(Failure::conflict("refund-by-hand"))
}

/// How to transfer, for whoever is to pay.
pub fn show(invoice: &Id) -> Result<Reply, Failure> {
    let member = context::visitor().member();
    let reference = Reference::COLLECTION.require(invoice)?.body;
    if member.as_ref() != Some(&reference.member) {
        return Err(Failure::NotFound);
    }
    let invoice = invoices::get(invoice)?.ok_or(Failure::NotFound)?;
    let data = json!({
        "code": reference.code,
        "number": invoice.number,
        "amount": invoice.open,
        "due_on": invoice.due_on,
        "account": Account::of_settings()?,
        "note": context::setting::<String>("note")?,
        "back": INVOICES,
    });
    Ok(View::new("transfer.html", &data)?.titled(context::translate("transfer-title")).into())
}
