//! A gateway as it should be, and the ways in which one can be wrong: the setting `fault` names one of them.

use serde::Deserialize;
use serde_json::json;
use tsudoi_plugin::payments::{self, Outcome};
use tsudoi_plugin::{
    Charge, Checkout, Error, Failure, Gateway, GiveBack, Id, Money, Settlement, WebhookAnswer, WebhookRequest, Webhooks, context, export,
    http,
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
        let key = if fault == "own-key" { context::new_id().to_string() } else { wish.idempotency_key.clone() };
        let answer = http::Request::post(format!("{PROVIDER}/refunds"))
            .header("authorization", "Bearer {{secret:api-key}}")
            .header("idempotency-key", key)
            .json(&json!({ "payment": wish.reference, "amount": wish.amount.minor }))?
            .send();
        match answer {
            Ok(answer) if answer.is_success() => Ok(settled),
            Err(_) if fault == "gives-up" => Err(Failure::conflict("refused")),
            Ok(answer) => Err(Failure::Unavailable(format!("the provider answered {}", answer.status))),
            Err(error) => Err(error.into()),
        }
    }
}

/// What the provider tells.
#[derive(Deserialize)]
struct Notice {
    what: What,
    payment: String,
    invoice: Id,
    /// Of what was paid; of what went back all of it so far.
    amount: i64,
    /// Of what went back: this time.
    part: i64,
    currency: String,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Begun,
    Paid,
    Declined,
    Returned,
}

impl Webhooks for Till {
    fn receive(request: &WebhookRequest) -> Result<WebhookAnswer, Failure> {
        let notice: Notice = request.json()?;
        let fault = fault()?;
        let outcome = match notice.what {
            What::Begun => Outcome::Pending,
            What::Paid => Outcome::Paid,
            What::Declined if fault == "silent" => return Ok(WebhookAnswer::text(200, "heard")),
            What::Declined => Outcome::Failed,
            What::Returned => Outcome::Refunded,
        };
        let amount = match (fault.as_str(), notice.what) {
            ("wrong-amount", What::Paid) => notice.amount + 1,
            ("part-alone", What::Returned) => notice.part,
            _ => notice.amount,
        };
        let reference = if fault == "another-reference" { context::new_id().to_string() } else { notice.payment };
        match payments::report(&notice.invoice, &reference, Money::new(amount, notice.currency), outcome) {
            // Of another site, or of an invoice that this one never gave it.
            Err(error) if error.is(Error::NOT_FOUND) && fault != "loud" => Ok(WebhookAnswer::text(200, "not known here")),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(WebhookAnswer::text(200, "heard")),
        }
    }
}

export!(Till: payment_gateway, webhooks);
