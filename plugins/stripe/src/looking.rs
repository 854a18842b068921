//! Jobs that ask Stripe how things stand: after a notice that says a part only, and where no notice came.

use crate::api::{self, Form, Trouble, text};
use crate::checkout::LOOK_AFTER_MILLIS;
use crate::model::Session;
use crate::reports::{self, given_back, invoice_of, lost};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tsudoi_plugin::payments::Outcome;
use tsudoi_plugin::{Document, Failure, Job, context, error, warn};

/// Sessions that a run asks about: each takes a request, of which a call has ten.
const AT_ONCE: u32 = 8;

#[derive(Debug, Serialize, Deserialize)]
pub struct LookUp {
    pub intent: String,
}

/// `None` where there is nothing to be known.
pub fn asked(path: &str, form: &Form) -> Result<Option<Value>, Failure> {
    match api::get(path, form) {
        Ok(object) => Ok(Some(object)),
        Err(Trouble::Refused(refusal)) if matches!(refusal.status, 401 | 403) => {
            error!("Stripe does not take the secret key: {}", refusal.told());
            Err(Failure::Unavailable("Stripe does not take the secret key".into()))
        }
        Err(Trouble::Refused(refusal) | Trouble::Declined(refusal)) => {
            warn!("{path}: {}", refusal.told());
            Ok(None)
        }
        Err(Trouble::NotSetUp) => Err(Failure::Unavailable("the secret key is not set".into())),
        Err(Trouble::Later(why)) => Err(Failure::Unavailable(why)),
        Err(Trouble::Host(error)) => Err(error.into()),
    }
}

/// Reports all that Stripe knows of a payment.
pub fn look_up(job: &Job) -> Result<(), Failure> {
    let LookUp { intent } = job.read()?;
    let Some(found) = asked(&format!("payment_intents/{intent}"), &Form::default().with("expand[]", "latest_charge"))? else {
        return Ok(());
    };
    let (Some(invoice), Some(currency)) = (invoice_of(&found), text(&found, "currency")) else { return Ok(()) };
    let of_it = || Form::default().with("payment_intent", &intent).with("limit", "100");
    let refunds = asked("refunds", &of_it())?.unwrap_or_default();
    let disputes = match found["latest_charge"]["disputed"] {
        Value::Bool(true) => asked("disputes", &of_it())?.unwrap_or_default(),
        _ => Value::Null,
    };
    reports::intent(&invoice, &found)?;
    let back = given_back(&refunds) + lost(&disputes);
    if back > 0 {
        reports::say(&invoice, &intent, back, currency, Outcome::Refunded)?;
    }
    if disputes["data"].as_array().is_some_and(|disputes| !disputes.is_empty()) {
        let amount = found["amount"].as_i64().unwrap_or_default();
        reports::say(&invoice, &intent, amount, currency, Outcome::Disputed)?;
    }
    Ok(())
}

/// Asks about sessions of which nobody said what came of them: a payment is booked also where its notice never comes.
pub fn catch_up() -> Result<(), Failure> {
    let now = context::now();
    let due = Session::OPEN.query().up_to(now).limit(AT_ONCE).page()?.documents;
    for Document { id: invoice, body: kept, .. } in due {
        let form = Form::default().with("expand[]", "payment_intent");
        let found = asked(&format!("checkout/sessions/{}", kept.session), &form)?.unwrap_or_default();
        let intent = &found["payment_intent"];
        reports::intent(&invoice, intent)?;
        let goes_on = match text(&found, "status") {
            Some("open") => true,
            Some("complete") => text(intent, "status") == Some("processing"),
            _ => false,
        };
        // With every look the next one comes later: what takes days need not be asked about each hour.
        let look_at = goes_on.then(|| now + LOOK_AFTER_MILLIS.max((now.saturating_sub(kept.made_at)) / 2));
        Session::COLLECTION.put(&invoice, &Session { look_at, ..kept })?;
    }
    Ok(())
}
