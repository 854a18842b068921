//! Payments as staff see them: the list, one with its receipt and what it was used for, and giving back what is left.

use super::show::GatewayNames;
use super::{Answer, Asked, error, file, id_of, require, token_of};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_services::ServiceError;
use tsudoi_services::invoices::{Allocation, GatewayRefund, Method, Money, Payment, PaymentFile, Refund, RefundInput, WishState};
use uuid::Uuid;

/// More than a page of the list has.
const MOST_AT_ONCE: usize = 200;

#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
    /// Those of which something is left.
    #[serde(default)]
    rest: String,
    #[serde(default)]
    before: String,
}

pub async fn list(State(web): State<AppState>, visiting: Visiting, Query(search): Query<Search>) -> Answer {
    require(&visiting)?;
    let typed: String = search.q.chars().filter(|c| !c.is_control()).take(100).collect();
    let before = if search.before.is_empty() { None } else { Some(id_of(&search.before)?) };
    let rest = !search.rest.is_empty();
    let names = web.services.gateway_names(&visiting.visit).await?;
    let found = web.services.payment_list(&visiting.visit, &typed, rest, before).await?;
    let url = |rest: bool, before: Option<Uuid>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &typed);
        if rest {
            query.append_pair("rest", "yes");
        }
        if let Some(id) = before {
            query.append_pair("before", &id.to_string());
        }
        format!("/admin/payments?{}", query.finish())
    };
    let line = |payment: &Payment| {
        let mut line = web.payment_line(&visiting, &names, payment)?;
        line["may_refund"] = found.giving_back.contains(&payment.method).into();
        Ok::<_, Problem>(line)
    };
    let own = json!({
        "pages": web.money_nav(&visiting, "payments"),
        "payments": found.payments.iter().map(line).collect::<Result<Vec<_>, _>>()?,
        "may_refund": rest && found.payments.iter().any(|payment| found.giving_back.contains(&payment.method)),
        "token": web.services.money_token(),
        "typed": typed,
        "rest": rest,
        "all_url": url(false, None),
        "rest_url": url(true, None),
        "first": before.is_none(),
        "first_url": url(rest, None),
        "next": found.next.map(|next| url(rest, Some(next))),
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "payments.html", "invoices", own))
}

impl Web {
    pub(super) fn payment_line(&self, visiting: &Visiting, names: &GatewayNames, payment: &Payment) -> Result<Value, Problem> {
        Ok(json!({
            "id": payment.id,
            "number": payment.number,
            "date": payment.received_on,
            "name": payment.body.receipt.recipient.name,
            "invoice": payment.body.receipt.about.as_ref().map(|(number, _)| number.clone()),
            "method": self.method_label(visiting, names, &payment.method),
            "reference": payment.reference,
            "amount": self.money(visiting, payment.amount)?,
            "rest": self.money(visiting, payment.rest())?,
            "has_rest": payment.rest() > 0,
            "refunded": self.money(visiting, payment.refunded)?,
            "has_refunded": payment.refunded > 0,
        }))
    }
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    require(&visiting)?;
    let file = web.services.payment_file(&visiting.visit, id_of(&id)?).await?;
    page(&web, &visiting, StatusCode::OK, &file, None, &[]).await
}

/// What is left of several payments is given back by the gateways that they came by.
pub async fn refund_many(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    require(&visiting)?;
    let payments = fields.all("payment").take(MOST_AT_ONCE).map(id_of).collect::<Result<Vec<_>, _>>()?;
    let asked = web.services.editor(&visiting.visit).refund_many(&visiting.visit, &payments, token_of(&fields)?).await?;
    let flash = match (payments.is_empty(), asked) {
        (true, _) => "flash-warning-refund-none-chosen",
        (false, 0) => "flash-warning-refund-nothing-left",
        _ => "flash-refunds-asked",
    };
    Ok(web.go("/admin/payments?rest=yes", flash))
}

pub async fn pdf(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    require(&visiting)?;
    Ok(file(web.services.receipt_pdf(&visiting.visit, id_of(&id)?, asked.locale()).await?))
}

/// Nothing comes of a refund that a gateway has taken.
pub async fn give_up(State(web): State<AppState>, visiting: Visiting, Path((id, refund)): Path<(String, String)>) -> Answer {
    require(&visiting)?;
    let (id, refund) = (id_of(&id)?, id_of(&refund)?);
    let here = format!("/admin/payments/{id}");
    match web.services.editor(&visiting.visit).give_up_refund(id, refund).await {
        Ok(()) => Ok(web.go(&here, "flash-refund-given-up")),
        Err(ServiceError::Changed) => Ok(web.go(&here, "flash-warning-refund-changed")),
        Err(other) => Err(other.into()),
    }
}

pub async fn refund(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    require(&visiting)?;
    let (visit, id) = (&visiting.visit, id_of(&id)?);
    let file = web.services.payment_file(visit, id).await?;
    let text = |field: &str| fields.raw(field).to_owned();
    let input = RefundInput {
        method: text("method"),
        amount: text("amount"),
        reference: text("reference"),
        refunded_on: text("refunded_on"),
        note: text("note"),
        token: token_of(&fields)?,
    };
    let editor = web.services.editor(visit);
    let done = if input.method == file.payment.method.to_string() {
        editor.refund_by_gateway(visit, id, &input.amount, input.token).await
    } else {
        editor.refund_payment(visit, id, &input).await.map(|()| WishState::Done)
    };
    match done {
        Ok(state) => {
            let flash = match state {
                WishState::Done => "flash-payment-refunded",
                WishState::Asked | WishState::Waiting => "flash-refund-asked",
                WishState::Failed | WishState::Dropped => "flash-warning-refund-failed",
            };
            Ok(web.go(&format!("/admin/payments/{id}"), flash))
        }
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &file, Some(input), &errors).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(
    web: &Web,
    visiting: &Visiting,
    status: StatusCode,
    file: &PaymentFile,
    typed: Option<RefundInput>,
    errors: &[(String, String)],
) -> Answer {
    let payment = &file.payment;
    let currency = web.services.currency(&visiting.visit)?;
    let names = web.services.gateway_names(&visiting.visit).await?;
    // As it came it goes back, where that can be.
    let usual = if file.may_ask { &payment.method } else { &Method::Bank };
    let input = typed.unwrap_or_else(|| RefundInput {
        method: usual.to_string(),
        amount: Money::new(payment.rest(), currency).plain(),
        reference: String::new(),
        refunded_on: web.services.today_of(&visiting.visit).to_string(),
        note: String::new(),
        token: web.services.money_token(),
    });
    let allocation = |one: &Allocation| -> Result<Value, Problem> {
        Ok(json!({ "invoice": one.invoice, "number": one.invoice_number, "amount": web.money(visiting, one.amount)?, "at": one.at }))
    };
    let refund = |one: &Refund| -> Result<Value, Problem> {
        let method = web.method_label(visiting, &names, &one.method);
        Ok(
            json!({ "date": one.refunded_on, "amount": web.money(visiting, one.amount)?, "method": method, "reference": one.reference, "note": one.note }),
        )
    };
    let asked = |one: &GatewayRefund| -> Result<Value, Problem> {
        let state = web.word(visiting, &format!("invoices-asked-{}", one.state.as_str()));
        Ok(
            json!({ "amount": web.money(visiting, one.amount)?, "state": state, "failed": one.state == WishState::Failed, "waiting": one.state == WishState::Waiting, "id": one.id, "detail": one.detail }),
        )
    };
    let mut methods = web.methods(visiting, &input.method);
    if file.may_ask {
        let key = payment.method.to_string();
        let label = web.look.message(
            visiting.locale(),
            "invoices-refund-by",
            &json!({ "way": web.method_label(visiting, &names, &payment.method) }),
        );
        methods.insert(0, json!({ "key": key, "label": label, "chosen": key == input.method }));
    }
    let own = json!({
        "pages": web.money_nav(visiting, "payments"),
        "asked": file.asked.iter().filter(|one| one.state != WishState::Done).map(asked).collect::<Result<Vec<_>, _>>()?,
        "payment": web.payment_line(visiting, &names, payment)?,
        "note": payment.body.note,
        "member": file.member.as_ref().map(|(id, number, name)| json!({ "id": id, "number": number, "name": name })),
        "allocations": file.allocations.iter().map(allocation).collect::<Result<Vec<_>, _>>()?,
        "refunds": file.refunds.iter().map(refund).collect::<Result<Vec<_>, _>>()?,
        "form": {
            "methods": methods, "method_error": error(errors, "method"),
            "amount": input.amount, "amount_error": error(errors, "amount"),
            "reference": input.reference, "reference_error": error(errors, "reference"),
            "date": input.refunded_on, "date_error": error(errors, "refunded_on"),
            "note": input.note, "note_error": error(errors, "note"),
            "token": input.token,
        },
    });
    Ok(web.admin_page(visiting, status, "payment.html", "invoices", own))
}
