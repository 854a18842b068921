//! One invoice: of a draft what would be issued, of an issued one the document with what happened to it.

use super::{Answer, Asked, error, file, id_of, require, token_of};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tsudoi_services::ServiceError;
use tsudoi_services::invoices::{
    Allocation, Booked, CreditNote, GatewayCharge, GatewayReport, InvoiceFile, Method, Money, Outcome, PaymentInput, WishState,
};
use uuid::Uuid;

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    require(&visiting)?;
    let file = web.services.invoice_file(&visiting.visit, id_of(&id)?).await?;
    page(&web, &visiting, StatusCode::OK, &file, None, &[]).await
}

pub async fn pdf(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    require(&visiting)?;
    Ok(file(web.services.invoice_pdf(&visiting.visit, id_of(&id)?, asked.locale()).await?))
}

/// What a button asks for: `issue`, `delete`, `use-credit` or `charge`.
pub async fn act(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    require(&visiting)?;
    let (visit, editor, id) = (&visiting.visit, web.services.editor(&visiting.visit), id_of(&id)?);
    let file = web.services.invoice_file(visit, id).await?;
    let here = format!("/admin/invoices/{id}");
    let done = match fields.get("action") {
        "issue" => editor.issue_invoice(visit, id, fields.raw("state")).await.map(|_| (here.clone(), "flash-invoice-issued")),
        "delete" => editor.delete_invoice(id).await.map(|()| ("/admin/invoices?state=draft".to_owned(), "flash-invoice-deleted")),
        "charge" => editor.charge_saved(visit, id, token_of(&fields)?).await.map(|state| {
            let flash = match state {
                WishState::Done => "flash-payment-booked",
                WishState::Asked | WishState::Waiting => "flash-charge-asked",
                WishState::Failed | WishState::Dropped => "flash-warning-charge-failed",
            };
            (here.clone(), flash)
        }),
        "use-credit" => editor.use_credit(id).await.map(|_| (here.clone(), "flash-credit-used")),
        _ => return Err(Problem::BadRequest),
    };
    match done {
        Ok((next, flash)) => Ok(web.go(&next, flash)),
        // The page shows what it is now.
        Err(ServiceError::Changed) => Ok(web.go(&here, "flash-warning-invoice-changed")),
        Err(ServiceError::Invalid(errors)) if errors.iter().any(|(field, _)| field == "issuer") => {
            Ok(web.go("/admin/invoices/settings", "flash-warning-no-issuer"))
        }
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &file, None, &errors).await
        }
        Err(other) => Err(other.into()),
    }
}

pub async fn pay(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    require(&visiting)?;
    let (visit, id) = (&visiting.visit, id_of(&id)?);
    let file = web.services.invoice_file(visit, id).await?;
    let text = |field: &str| fields.raw(field).to_owned();
    let input = PaymentInput {
        method: text("method"),
        amount: text("amount"),
        reference: text("reference"),
        received_on: text("received_on"),
        note: text("note"),
        token: token_of(&fields)?,
    };
    let here = format!("/admin/invoices/{id}");
    match web.services.editor(visit).record_payment(visit, id, &input).await {
        Ok(Booked::New { rest, .. }) if rest > 0 => Ok(web.go(&here, "flash-payment-over")),
        Ok(Booked::New { .. }) => Ok(web.go(&here, "flash-payment-booked")),
        Ok(Booked::Again { .. }) => Ok(web.go(&here, "flash-warning-payment-again")),
        Err(ServiceError::Changed) => Ok(web.go(&here, "flash-warning-invoice-changed")),
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
    file: &InvoiceFile,
    typed: Option<PaymentInput>,
    errors: &[(String, String)],
) -> Answer {
    let today = web.services.today_of(&visiting.visit);
    let money = |minor: i64| web.money(visiting, minor);
    let settled = file.record.settled;
    let note = |note: &CreditNote| -> Result<Value, Problem> {
        let reason = note.paper.lines.first().map(|line| line.name.clone()).unwrap_or_default();
        Ok(
            json!({ "id": note.id, "number": note.paper.number, "date": note.paper.issued_on, "amount": money(note.paper.total())?, "reason": reason }),
        )
    };
    let allocation = |one: &Allocation| -> Result<Value, Problem> {
        Ok(json!({ "payment": one.payment, "number": one.payment_number, "amount": money(one.amount)?, "at": one.at }))
    };
    let currency = web.services.currency(&visiting.visit)?;
    let input = typed.unwrap_or_else(|| PaymentInput {
        method: Method::Bank.to_string(),
        amount: Money::new(settled.open(), currency).plain(),
        reference: String::new(),
        received_on: today.to_string(),
        note: String::new(),
        token: Uuid::nil(),
    });
    let token = if input.token.is_nil() { web.services.money_token() } else { input.token };
    let standing = file.record.standing(today);
    let history = file.history.iter().map(|entry| {
        let detail = json!({ "detail": entry.detail });
        let what = web.look.message(visiting.locale(), &format!("activity-{}", entry.action), &detail);
        json!({ "what": what, "by": entry.by, "at": entry.at })
    });
    let settings = web.services.invoice_settings(&visiting.visit).await?;
    let names = web.services.gateway_names(&visiting.visit).await?;
    // Payments stand among what happened; here is what a gateway is still busy with, or what went wrong.
    let report = |one: &&GatewayReport| {
        let state = web.word(visiting, &format!("invoices-report-{}", one.state.as_str()));
        json!({
            "way": web.method_label(visiting, &names, &Method::Gateway(one.plugin.clone())), "reference": one.reference, "state": state,
            "at": one.updated, "bad": matches!(one.state, Outcome::Failed | Outcome::Disputed),
        })
    };
    let pending = |one: &&GatewayReport| matches!(one.state, Outcome::Pending | Outcome::Failed | Outcome::Disputed);
    // What is or was to be charged by what the member saved; what was paid by it stands among what happened.
    let charge = |one: &GatewayCharge| {
        let state = web.word(visiting, &format!("invoices-charge-{}", one.state.as_str()));
        json!({
            "way": web.method_label(visiting, &names, &Method::Gateway(one.plugin.clone())), "state": state, "at": one.due,
            "bad": one.state == WishState::Failed, "detail": one.detail,
        })
    };
    let shown = |one: &&GatewayCharge| !matches!(one.state, WishState::Done | WishState::Dropped);
    let is_asked = file.charges.iter().any(|one| one.state == WishState::Asked);
    let own = json!({
        "pages": web.money_nav(visiting, "invoices"),
        "charges": file.charges.iter().filter(shown).map(charge).collect::<Vec<_>>(),
        "chargeable": file.chargeable.as_ref().filter(|_| !is_asked).map(|(_, label)| label.clone()),
        "reports": file.reports.iter().filter(pending).map(|one| report(&one)).collect::<Vec<_>>(),
        "id": file.record.id,
        "draft": file.record.draft().is_some(),
        "state": file.state,
        "paper": file.paper.as_ref().map(|paper| web.drawn_paper(visiting, paper)).transpose()?,
        "issue_error": errors.iter().find(|(field, _)| field == "lines").map(|(_, message)| message.clone()).unwrap_or_default(),
        "recipient": file.record.draft().map(|draft| draft.recipient.name.clone()),
        "member": file.member.as_ref().map(|(id, number, name)| json!({ "id": id, "number": number, "name": name })),
        "ready": !settings.issuer.address.is_empty(),
        "standing": standing,
        "standing_label": web.word(visiting, &format!("invoices-state-{}", standing.as_str())),
        "is_open": settled.open() > 0 && file.record.paper().is_some(),
        "can_credit": file.record.paper().is_some() && settled.credited < settled.total,
        "open": money(settled.open())?,
        "paid": money(settled.paid)?,
        "credited": money(settled.credited)?,
        "has_credited": settled.credited > 0,
        "credit": money(file.credit)?,
        "has_credit": file.credit > 0,
        "notes": file.notes.iter().map(note).collect::<Result<Vec<_>, _>>()?,
        "allocations": file.allocations.iter().map(allocation).collect::<Result<Vec<_>, _>>()?,
        "history": history.collect::<Vec<_>>(),
        "form": {
            "methods": web.methods(visiting, &input.method), "method_error": error(errors, "method"),
            "amount": input.amount, "amount_error": error(errors, "amount"),
            "reference": input.reference, "reference_error": error(errors, "reference"),
            "date": input.received_on, "date_error": error(errors, "received_on"),
            "note": input.note, "note_error": error(errors, "note"),
            "token": token,
        },
    });
    Ok(web.admin_page(visiting, status, "invoice.html", "invoices", own))
}

/// What plugins are called, by id.
pub(super) type GatewayNames = BTreeMap<String, String>;

impl Web {
    /// The ways of paying that staff enter by hand.
    pub(super) fn methods(&self, visiting: &Visiting, chosen: &str) -> Vec<Value> {
        let method = |method: &Method| {
            let key = method.to_string();
            json!({ "key": key, "label": self.method_label(visiting, &GatewayNames::new(), method), "chosen": key == chosen })
        };
        Method::BY_HAND.iter().map(method).collect()
    }

    /// A plugin's payments have its name, and its id where it is gone.
    pub(super) fn method_label(&self, visiting: &Visiting, names: &GatewayNames, method: &Method) -> String {
        match method {
            Method::Gateway(id) if names.contains_key(id) => names[id].clone(),
            Method::Gateway(id) => self.look.message(visiting.locale(), "invoices-method-gateway", &json!({ "gateway": id })),
            by_hand => self.word(visiting, &format!("invoices-method-{by_hand}")),
        }
    }
}
