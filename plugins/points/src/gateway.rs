//! Points as a way of paying invoices, wholly or in part. The payer says how many; what is left of the invoice is paid otherwise.

use crate::desk::refused;
use crate::history;
use crate::spending::{self, Purpose};
use crate::words;
use serde_json::json;
use tsudoi_plugin::invoices::{self, Invoice};
use tsudoi_plugin::payments::{self, Outcome};
use tsudoi_plugin::{Charge, Checkout, Error, Failure, FieldErrors, GiveBack, Id, Money, Reply, Request, Settlement, View, context, warn};

/// Where members find their invoices.
const INVOICES: &str = "/account/payments";

/// Nothing is spent before the payer has said how much.
pub fn begin(charge: &Charge) -> Checkout {
    Checkout::Redirect(format!("/p/points/pay/{}", charge.invoice))
}

/// An invoice of the member's who is looking, with how many points it takes.
struct Bill {
    member: Id,
    invoice: Invoice,
    /// Of one point, in the currency's smallest unit.
    value: i64,
}

impl Bill {
    fn of(request: &Request) -> Result<Self, Failure> {
        let member = context::visitor().member().ok_or(Failure::NotFound)?;
        let invoice = match invoices::get(&request.id("invoice")?) {
            Err(error) if error.is(Error::NOT_GRANTED) => None,
            found => found?,
        };
        let invoice = invoice.filter(|invoice| invoice.member.as_ref() == Some(&member)).ok_or(Failure::NotFound)?;
        let value: i64 = context::setting("point-value")?;
        Ok(Self { member, invoice, value: value.max(1) })
    }

    /// Whole points only: what is less than one is paid otherwise.
    fn most(&self) -> i64 {
        self.invoice.open / self.value
    }
}

pub fn checkout(request: &Request) -> Result<Reply, Failure> {
    let bill = Bill::of(request)?;
    let balance = history::balance_of(&bill.member)?;
    let data = json!({
        "invoice": bill.invoice.id, "number": bill.invoice.number, "open": bill.invoice.open, "currency": bill.invoice.currency,
        "value": bill.value, "balance": balance, "most": bill.most().min(balance.all), "back": INVOICES,
    });
    Ok(View::new("checkout.html", &data)?.titled(context::translate("checkout-title")).into())
}

/// The points go, and the payment comes, in one commit; two such at the same moment each see what the other one left.
pub fn pay(request: &Request) -> Result<Reply, Failure> {
    let bill = Bill::of(request)?;
    let points = words::points(request.field("points")).map_err(|message| FieldErrors::one("points", message))?;
    if points > bill.most() {
        let message = context::translate_with("checkout-too-many", &json!({ "points": bill.most() }));
        return Err(FieldErrors::one("points", &message).into());
    }
    let (worth, invoice) = (points * bill.value, bill.invoice.id);
    let reference = context::new_id().to_string();
    let reason = context::translate_with("checkout-reason", &json!({ "number": bill.invoice.number }));
    let purpose = Purpose { reference: reference.clone(), reason, invoice: Some((invoice.clone(), worth)) };
    if let Err(refusal) = spending::spend(&bill.member, points, purpose)? {
        return Err(refused("points", refusal));
    }
    payments::report(&invoice, &reference, Money::new(worth, bill.invoice.currency), Outcome::Paid)?;
    Ok(Reply::redirect(INVOICES))
}

/// Points come back for what staff give back of the payment.
pub fn refund(wish: &GiveBack) -> Result<Settlement, Failure> {
    let settled = |outcome| Ok(Settlement { reference: wish.reference.clone(), outcome });
    let Some(spent) = spending::of_reference(&wish.reference)? else { return settled(Outcome::Failed) };
    let Some(points) = points_for(-spent.body.points, spent.body.worth.unwrap_or(0), wish.amount.minor) else {
        warn!("an amount of {} is no whole number of points", wish.amount.minor);
        return settled(Outcome::Failed);
    };
    let reason = spent.body.reason.clone().unwrap_or_default();
    match spending::give_back(&spent, points, &wish.idempotency_key, reason)? {
        Ok(_) => settled(Outcome::Refunded),
        Err(refusal) => {
            warn!("points were not given back: {refusal:?}");
            settled(Outcome::Failed)
        }
    }
}

/// As many of the points as the amount is of their worth, where that is a whole number.
fn points_for(points: i64, worth: i64, amount: i64) -> Option<i64> {
    if worth <= 0 || amount <= 0 || amount > worth {
        return None;
    }
    let back = i128::from(points) * i128::from(amount);
    if back % i128::from(worth) == 0 { i64::try_from(back / i128::from(worth)).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_come_back_as_they_were_worth_then() {
        assert_eq!(points_for(100, 100, 30), Some(30));
        assert_eq!(points_for(10, 1_000, 300), Some(3));
        assert_eq!(points_for(10, 1_000, 350), None, "three and a half points");
        assert_eq!(points_for(10, 1_000, 1_001), None);
        assert_eq!(points_for(10, 0, 5), None);
    }
}
