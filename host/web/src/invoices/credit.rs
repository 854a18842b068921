//! Taking an invoice back, or a part of it: a credit note.

use super::{Answer, Asked, error, file, id_of, require, token_of};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tsudoi_services::ServiceError;
use tsudoi_services::invoices::{CreditInput, InvoiceFile, TaxGroup, left_of};

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    require(&visiting)?;
    let file = web.services.invoice_file(&visiting.visit, id_of(&id)?).await?;
    page(&web, &visiting, StatusCode::OK, &file, None, &[])
}

pub async fn pdf(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    require(&visiting)?;
    Ok(file(web.services.credit_note_pdf(&visiting.visit, id_of(&id)?, asked.locale()).await?))
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    require(&visiting)?;
    let (visit, id) = (&visiting.visit, id_of(&id)?);
    let file = web.services.invoice_file(visit, id).await?;
    let amount = |group: &TaxGroup| (group.kind, fields.raw(&format!("amount-{}", group.kind.as_str())).to_owned());
    let groups = file.record.paper().map(|paper| paper.groups.clone()).unwrap_or_default();
    let input =
        CreditInput { amounts: groups.iter().map(amount).collect(), reason: fields.raw("reason").to_owned(), token: token_of(&fields)? };
    let here = format!("/admin/invoices/{id}");
    match web.services.editor(visit).credit_invoice(visit, id, &input).await {
        Ok(()) => Ok(web.go(&here, "flash-invoice-credited")),
        Err(ServiceError::Changed) => Ok(web.go(&here, "flash-warning-invoice-changed")),
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &file, Some(&input), &errors)
        }
        Err(other) => Err(other.into()),
    }
}

fn page(
    web: &Web,
    visiting: &Visiting,
    status: StatusCode,
    file: &InvoiceFile,
    typed: Option<&CreditInput>,
    errors: &[(String, String)],
) -> Answer {
    // Of a draft there is nothing to take back.
    let paper = file.record.paper().ok_or(Problem::NotFound)?;
    let taken: Vec<TaxGroup> = file.notes.iter().flat_map(|note| note.paper.groups.clone()).collect();
    let line = |left: &TaxGroup| -> Value {
        let field = format!("amount-{}", left.kind.as_str());
        let typed = typed.and_then(|input| input.amounts.iter().find(|(kind, _)| *kind == left.kind).map(|(_, typed)| typed.clone()));
        let left_money = paper.money(left.gross());
        json!({
            "field": field,
            "label": web.kind_label(visiting, left.kind, left.rate),
            "left": left_money.shown(visiting.locale()),
            "value": typed.unwrap_or_else(|| left_money.plain()),
            "error": error(errors, &field),
        })
    };
    let own = json!({
        "pages": web.money_nav(visiting, "invoices"),
        "id": file.record.id,
        "number": paper.number,
        "name": paper.recipient.name,
        "paid": web.money(visiting, file.record.settled.paid)?,
        "has_paid": file.record.settled.paid > 0,
        "lines": left_of(&paper.groups, &taken).iter().filter(|left| left.gross() > 0).map(line).collect::<Vec<_>>(),
        "amounts_error": error(errors, "amounts"),
        "reason": typed.map(|input| input.reason.clone()).unwrap_or_default(),
        "reason_error": error(errors, "reason"),
        "token": typed.map_or_else(|| web.services.money_token(), |input| input.token),
    });
    Ok(web.admin_page(visiting, status, "invoice-credit.html", "invoices", own))
}
