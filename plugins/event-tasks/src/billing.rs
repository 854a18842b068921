//! What events cost. Where staff granted `invoices` and have said who issues them, a registration is billed in the same call; otherwise it
//! is paid at the door.

use crate::model::{Event, Payment, REGISTRATIONS, Registration};
use serde::Deserialize;
use tsudoi_plugin::invoices::{self, Invoice, InvoiceState, Line, TaxKind};
use tsudoi_plugin::{Document, Error, Failure, Id, Money, context};

/// Bills a registration that has a place now.
pub fn charge(event: &Event, id: &Id, registration: &mut Registration) -> Result<(), Failure> {
    let Some(member) = registration.member.clone() else { return Ok(()) };
    let organisation = context::organisation()?;
    let unit = minor(registration.price, &organisation.currency);
    if let (Payment::ToRefund, Some(invoice)) = (registration.payment, &registration.invoice) {
        // They paid, cancelled, and are here again.
        if let Some(found) = look(invoice)? {
            if found.lines.iter().map(|line| line.unit * line.quantity).sum::<i64>()
                == unit.saturating_mul(i64::from(registration.people()))
            {
                registration.payment = if found.state == InvoiceState::Paid { Payment::Paid } else { Payment::Billed };
                return Ok(());
            }
            invoices::cancel(invoice)?;
        }
    }
    (registration.invoice, registration.payment) = (None, Payment::None);
    if registration.price == 0 {
        return Ok(());
    }
    let line = Line {
        description: event.title.clone(),
        quantity: registration.people(),
        unit: Money::new(unit, organisation.currency),
        tax_kind: context::setting("tax-kind").unwrap_or(TaxKind::Standard),
    };
    match invoices::issue(&member, &[line], None, id.as_str()) {
        Ok(invoice) => (registration.invoice, registration.payment) = (Some(invoice), Payment::Billed),
        Err(error) if error.is(Error::NOT_GRANTED) || error.is(Error::NOT_READY) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// An invoice, unless staff have taken the permission away.
fn look(invoice: &Id) -> Result<Option<Invoice>, Error> {
    match invoices::get(invoice) {
        Err(error) if error.is(Error::NOT_GRANTED) => Ok(None),
        other => other,
    }
}

/// What becomes of the bill of a registration that is cancelled: nobody asks for it any more, or staff give back what was paid.
pub fn release(registration: &Registration) -> Result<Payment, Failure> {
    let Some(invoice) = &registration.invoice else { return Ok(registration.payment) };
    let Some(found) = look(invoice)? else { return Ok(registration.payment) };
    let payment = released(found.state, found.paid);
    if payment == Payment::TakenBack && found.state != InvoiceState::Void {
        invoices::cancel(invoice)?;
    }
    Ok(payment)
}

fn released(state: InvoiceState, paid: i64) -> Payment {
    if paid > 0 && state != InvoiceState::Void { Payment::ToRefund } else { Payment::TakenBack }
}

/// Staff take the invoice of a cancelled registration back: what was paid is the member's credit then.
pub fn take_back(registration: &mut Document<Registration>) -> Result<(), Failure> {
    let Some(invoice) = registration.body.invoice.clone().filter(|_| registration.body.payment == Payment::ToRefund) else {
        return Err(Failure::NotFound);
    };
    invoices::cancel(&invoice)?;
    registration.body.payment = Payment::TakenBack;
    Ok(REGISTRATIONS.put(&registration.id, &registration.body)?)
}

/// What `invoice.paid` and `invoice.refunded` carry.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Told {
    invoice: Id,
    reference: Option<String>,
    #[serde(default)]
    is_void: bool,
}

/// The host tells of an invoice, of this plugin's or another's.
pub fn hear(event: &tsudoi_plugin::Event) -> Result<(), Failure> {
    let Told { invoice, reference, is_void } = event.read()?;
    let Some(id) = reference.and_then(|reference| Id::parse(&reference).ok()) else { return Ok(()) };
    let Some(mut registration) = REGISTRATIONS.get(&id)?.filter(|found| found.body.invoice.as_ref() == Some(&invoice)) else {
        return Ok(());
    };
    let Some(payment) = heard(&event.topic, &registration.body, is_void) else { return Ok(()) };
    registration.body.payment = payment;
    Ok(REGISTRATIONS.put(&id, &registration.body)?)
}

fn heard(topic: &str, registration: &Registration, is_void: bool) -> Option<Payment> {
    match topic {
        "invoice.paid" if registration.is_active() => Some(Payment::Paid),
        // It was on its way when they cancelled.
        "invoice.paid" if registration.payment != Payment::TakenBack => Some(Payment::ToRefund),
        "invoice.refunded" if is_void => Some(Payment::TakenBack),
        _ => None,
    }
}

/// An amount of whole units in the currency's smallest one (ISO 4217, table A.1).
fn minor(units: u64, currency: &str) -> i64 {
    let factor = match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF"
        | "XPF" => 1,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 1_000,
        "CLF" | "UYW" => 10_000,
        _ => 100,
    };
    i64::try_from(units).unwrap_or(i64::MAX).saturating_mul(factor)
}

/// `3,000円`, in the visitor's language.
pub fn shown(amount: u64) -> Result<String, Error> {
    let currency = context::organisation()?.currency;
    let amount = grouped(amount);
    let key = if currency == "JPY" { "amount-yen" } else { "amount-other" };
    Ok(context::translate_with(key, &serde_json::json!({ "amount": amount, "currency": currency })))
}

fn grouped(amount: u64) -> String {
    let digits = amount.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RegistrationState;

    #[test]
    fn whole_units_become_smallest_ones() {
        assert_eq!((minor(3_000, "JPY"), minor(30, "EUR"), minor(2, "KWD")), (3_000, 3_000, 2_000));
        assert_eq!((grouped(0), grouped(1_234_567), grouped(300)), ("0".into(), "1,234,567".into(), "300".into()));
    }

    #[test]
    fn what_was_paid_is_never_forgotten_when_somebody_cancels() {
        assert_eq!(released(InvoiceState::Open, 0), Payment::TakenBack);
        assert_eq!(released(InvoiceState::PartlyPaid, 1), Payment::ToRefund);
        assert_eq!(released(InvoiceState::Paid, 3_000), Payment::ToRefund);
        assert_eq!(released(InvoiceState::Void, 3_000), Payment::TakenBack);
    }

    #[test]
    fn money_that_comes_after_somebody_cancelled_is_given_back() {
        let mut registration = crate::model::sample(RegistrationState::Registered);
        registration.payment = Payment::Billed;
        assert_eq!(heard("invoice.paid", &registration, false), Some(Payment::Paid));
        assert_eq!(heard("invoice.refunded", &registration, false), None, "a part of it stands");
        assert_eq!(heard("invoice.refunded", &registration, true), Some(Payment::TakenBack));
        registration.state = RegistrationState::Cancelled;
        assert_eq!(heard("invoice.paid", &registration, false), Some(Payment::ToRefund));
        registration.payment = Payment::TakenBack;
        assert_eq!(heard("invoice.paid", &registration, false), None);
    }
}
