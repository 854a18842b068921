//! A gateway as it should be, and the ways in which one can be wrong: the setting `fault` names one of them.

use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_plugin::payments::{self, Outcome};
use tsudoi_plugin::{
    Charge, Checkout, Error, Failure, Gateway, GiveBack, Id, Money, SavedMethods, Saving, Settlement, WebhookAnswer, WebhookRequest,
    Webhooks, context, export, http,
};

const PROVIDER: &str = "https://pay.example.com";

struct Till;

fn fault() -> Result<String, Error> {
    context::setting("fault")
}

impl Gateway for Till {
    fn begin(charge: &Charge) -> Result<Checkout, Failure> {
        let Money { minor, currency } = &charge.amount;
        let asked = match fault()?.as_str() {
            "asks-otherwise" => minor * 100,
            "too-early" => {
                payments::report(&charge.invoice, &charge.idempotency_key, charge.amount.clone(), Outcome::Paid)?;
                *minor
            }
            _ => *minor,
        };
        let (invoice, key) = (&charge.invoice, &charge.idempotency_key);
        Ok(Checkout::Redirect(format!("{PROVIDER}/pay?for={invoice}&key={key}&currency={currency}&amount={asked}")))
    }

    fn refund(wish: &GiveBack) -> Result<Settlement, Failure> {
        let fault = fault()?;
        let settled = Settlement { reference: wish.reference.clone(), outcome: Outcome::Refunded };
        if fault == "keeps" {
            return Ok(settled);
        }
        let body = json!({ "payment": wish.reference, "amount": wish.amount.minor });
        asked("refunds", &wish.idempotency_key, &body).map(|()| settled)
    }
}

/// What members saved is with the provider, under their ids here.
impl SavedMethods for Till {
    fn save(wish: &Saving) -> Result<Checkout, Failure> {
        Ok(Checkout::Redirect(format!("{PROVIDER}/save?payer={}&key={}", wish.payer, wish.idempotency_key)))
    }

    fn charge_saved(charge: &Charge) -> Result<Settlement, Failure> {
        let Money { minor, currency } = &charge.amount;
        let body = json!({ "payer": charge.payer, "invoice": charge.invoice, "amount": minor, "currency": currency });
        asked("charges", &charge.idempotency_key, &body)?;
        // The provider calls it by the key.
        Ok(Settlement { reference: charge.idempotency_key.clone(), outcome: Outcome::Paid })
    }

    fn forget(payer: &Id, _: &str) -> Result<(), Failure> {
        Ok(payments::saved_method(payer, None)?)
    }
}

/// Has the provider do something, once for each key.
fn asked(what: &str, key: &str, body: &Value) -> Result<(), Failure> {
    let fault = fault()?;
    let key = if fault == "own-key" { context::new_id().to_string() } else { key.to_owned() };
    let answer = http::Request::post(format!("{PROVIDER}/{what}"))
        .header("authorization", "Bearer {{secret:api-key}}")
        .header("idempotency-key", key)
        .json(body)?
        .send();
    match answer {
        Ok(answer) if answer.is_success() => Ok(()),
        Err(_) if fault == "gives-up" => Err(Failure::conflict("refused")),
        Ok(answer) => Err(Failure::Unavailable(format!("the provider answered {}", answer.status))),
        Err(error) => Err(error.into()),
    }
}

/// What the provider tells.
#[derive(Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
enum Notice {
    Begun(Moved),
    Paid(Moved),
    Declined(Moved),
    Returned(Moved),
    Saved { payer: Id, label: String },
}

#[derive(Deserialize)]
struct Moved {
    payment: String,
    invoice: Id,
    /// Of what was paid; of what went back all of it so far.
    amount: i64,
    /// Of what went back: this time.
    part: i64,
    currency: String,
}

impl Webhooks for Till {
    fn receive(request: &WebhookRequest) -> Result<WebhookAnswer, Failure> {
        let fault = fault()?;
        let is = |name: &str| fault == name;
        let heard = match request.json()? {
            Notice::Saved { payer, label } => payments::saved_method(&payer, Some(&label)),
            Notice::Declined(_) if is("silent") => Ok(()),
            Notice::Begun(moved) => report(&fault, moved.amount, &moved, Outcome::Pending),
            Notice::Paid(moved) => report(&fault, moved.amount + i64::from(is("wrong-amount")), &moved, Outcome::Paid),
            Notice::Declined(moved) => report(&fault, moved.amount, &moved, Outcome::Failed),
            Notice::Returned(moved) => {
                let amount = if is("part-alone") { moved.part } else { moved.amount };
                report(&fault, amount, &moved, Outcome::Refunded)
            }
        };
        match heard {
            // Of another site, or of an invoice that this one never gave it.
            Err(error) if error.is(Error::NOT_FOUND) && !is("loud") => Ok(WebhookAnswer::text(200, "not known here")),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(WebhookAnswer::text(200, "heard")),
        }
    }
}

fn report(fault: &str, amount: i64, moved: &Moved, outcome: Outcome) -> Result<(), Error> {
    let reference = if fault == "another-reference" { context::new_id().to_string() } else { moved.payment.clone() };
    payments::report(&moved.invoice, &reference, Money::new(amount, moved.currency.clone()), outcome)
}

export!(Till: payment_gateway, saved_methods, webhooks);
