//! Writing an invoice: for whom, and its lines. Lines are added and taken out by buttons that send the form, so it works without
//! scripts.

use super::{Answer, error, id_of, require};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::{Locale, MemberId};
use tsudoi_services::ServiceError;
use tsudoi_services::invoices::{InvoiceInput, LineInput, TaxKind};
use uuid::Uuid;

#[derive(Deserialize)]
pub struct ForWhom {
    #[serde(default)]
    member: String,
    #[serde(default)]
    q: String,
}

/// First whom it is for, then what it says.
pub async fn blank(State(web): State<AppState>, visiting: Visiting, Query(whom): Query<ForWhom>) -> Answer {
    require(&visiting)?;
    if whom.member.is_empty() {
        return choose(&web, &visiting, &whom.q).await;
    }
    let member: MemberId = whom.member.parse().map_err(|_| Problem::NotFound)?;
    let (_, input) = web.services.new_invoice(&visiting.visit, member).await?;
    page(&web, &visiting, StatusCode::OK, &Shown { member: Some(member), ..Shown::new(input) }).await
}

async fn choose(web: &Web, visiting: &Visiting, q: &str) -> Answer {
    let typed: String = q.chars().filter(|c| !c.is_control()).take(100).collect();
    let found = web.services.member_list(&visiting.visit, &typed, None, "").await?;
    let line = |member: &tsudoi_services::members::MemberLine| json!({ "id": member.id, "number": member.number, "name": member.name, "tier": member.tier });
    let own = json!({
        "pages": web.money_nav(visiting, "invoices"),
        "typed": typed,
        "members": found.members.iter().map(line).collect::<Vec<_>>(),
        "more": found.next.is_some(),
    });
    Ok(web.admin_page(visiting, StatusCode::OK, "invoice-for.html", "invoices", own))
}

pub async fn create(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    require(&visiting)?;
    let member: MemberId = fields.get("member").parse().map_err(|_| Problem::NotFound)?;
    web.services.new_invoice(&visiting.visit, member).await?;
    let mut shown = Shown { member: Some(member), ..Shown::new(sent(&fields)) };
    if edit(&mut shown.input.lines, fields.get("action")) {
        return page(&web, &visiting, StatusCode::OK, &shown).await;
    }
    match web.services.editor(&visiting.visit).create_invoice(&visiting.visit, member, &shown.input).await {
        Ok(id) => Ok(web.go(&format!("/admin/invoices/{id}"), "flash-invoice-drafted")),
        Err(ServiceError::Invalid(errors)) => {
            shown.errors = web.messages(&visiting, &errors);
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &shown).await
        }
        Err(other) => Err(other.into()),
    }
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    require(&visiting)?;
    let file = web.services.invoice_file(&visiting.visit, id_of(&id)?).await?;
    let Some(draft) = file.record.draft() else { return Ok(web.go(&format!("/admin/invoices/{id}"), "flash-warning-invoice-issued")) };
    let input = InvoiceInput::of(draft, web.services.currency(&visiting.visit)?);
    page(&web, &visiting, StatusCode::OK, &Shown { id: Some(file.record.id), state: file.state, ..Shown::new(input) }).await
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    require(&visiting)?;
    let id = id_of(&id)?;
    let file = web.services.invoice_file(&visiting.visit, id).await?;
    let here = format!("/admin/invoices/{id}");
    if file.record.draft().is_none() {
        return Ok(web.go(&here, "flash-warning-invoice-issued"));
    }
    let mut shown = Shown { id: Some(id), state: fields.raw("state").to_owned(), ..Shown::new(sent(&fields)) };
    if edit(&mut shown.input.lines, fields.get("action")) {
        return page(&web, &visiting, StatusCode::OK, &shown).await;
    }
    match web.services.editor(&visiting.visit).change_invoice(&visiting.visit, id, &shown.state, &shown.input).await {
        Ok(()) => Ok(web.go(&here, "flash-invoice-drafted")),
        Err(ServiceError::Invalid(errors)) => {
            shown.errors = web.messages(&visiting, &errors);
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &shown).await
        }
        Err(ServiceError::Changed) => {
            // What was typed stays, and what somebody else wrote is there to be compared with; sent once more, it counts.
            (shown.state, shown.changed) = (file.state, true);
            page(&web, &visiting, StatusCode::CONFLICT, &shown).await
        }
        Err(other) => Err(other.into()),
    }
}

fn name(number: usize, part: &str) -> String {
    format!("line-{number}-{part}")
}

fn sent(fields: &Fields) -> InvoiceInput {
    let kinds = (0..=InvoiceInput::MOST_LINES).map_while(|number| Some((number, TaxKind::parse(fields.get(&name(number, "kind")))?)));
    let text = |field: &str| fields.raw(field).to_owned();
    let line = |(number, kind): (usize, TaxKind)| LineInput {
        name: text(&name(number, "name")),
        quantity: text(&name(number, "quantity")),
        unit: text(&name(number, "unit")),
        price: text(&name(number, "price")),
        kind,
    };
    InvoiceInput {
        locale: Locale::from_tag(fields.get("locale")).unwrap_or_default(),
        name: text("name"),
        address: text("address"),
        period: text("period"),
        note: text("note"),
        due_on: text("due_on"),
        lines: kinds.map(line).collect(),
    }
}

/// Does what a button asks for: `add`, `remove:1`. Answers whether it was one of these.
fn edit(lines: &mut Vec<LineInput>, action: &str) -> bool {
    match action.split_once(':') {
        Some(("remove", number)) => {
            if let Some(number) = number.parse::<usize>().ok().filter(|number| *number < lines.len()) {
                lines.remove(number);
            }
            true
        }
        _ if action == "add" => {
            let kind = lines.last().map_or(TaxKind::OutOfScope, |line| line.kind);
            if lines.len() < InvoiceInput::MOST_LINES {
                lines.push(LineInput::new(kind));
            }
            true
        }
        _ => false,
    }
}

/// What the page of a draft shows.
struct Shown {
    id: Option<Uuid>,
    member: Option<MemberId>,
    input: InvoiceInput,
    state: String,
    errors: Vec<(String, String)>,
    /// Somebody else changed it meanwhile.
    changed: bool,
}

impl Shown {
    fn new(input: InvoiceInput) -> Self {
        Self { id: None, member: None, input, state: String::new(), errors: Vec::new(), changed: false }
    }
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, shown: &Shown) -> Result<Response, Problem> {
    let settings = web.services.invoice_settings(&visiting.visit).await?;
    let wrong = |field: &str| error(&shown.errors, field);
    let line = |(number, line): (usize, &LineInput)| -> Value {
        let kind = |kind: TaxKind| json!({ "key": kind.as_str(), "label": web.kind_label(visiting, kind, settings.rule.rates.of(kind)), "chosen": kind == line.kind });
        let wrong = |part: &str| wrong(&name(number, part));
        json!({
            "number": number,
            "name": line.name, "name_error": wrong("name"),
            "quantity": line.quantity, "quantity_error": wrong("quantity"),
            "unit": line.unit, "unit_error": wrong("unit"),
            "price": line.price, "price_error": wrong("price"),
            "kinds": TaxKind::ALL.map(kind),
        })
    };
    let input = &shown.input;
    let own = json!({
        "pages": web.money_nav(visiting, "invoices"),
        "id": shown.id,
        "member": shown.member,
        "state": shown.state,
        "changed": shown.changed,
        "mistakes": shown.errors.len(),
        "locale_chosen": input.locale,
        "name": input.name, "name_error": wrong("name"),
        "address": input.address, "address_error": wrong("address"),
        "period": input.period, "period_error": wrong("period"),
        "note": input.note, "note_error": wrong("note"),
        "due_on": input.due_on, "due_on_error": wrong("due_on"),
        "due_days": settings.due_days,
        "inclusive": settings.rule.inclusive,
        "lines": input.lines.iter().enumerate().map(line).collect::<Vec<_>>(),
        "lines_error": wrong("lines"),
        "full": input.lines.len() >= InvoiceInput::MOST_LINES,
    });
    Ok(web.admin_page(visiting, status, "invoice-edit.html", "invoices", own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_add_and_remove_lines() {
        let mut lines = vec![LineInput::new(TaxKind::Standard)];
        assert!(edit(&mut lines, "add") && lines.len() == 2 && lines[1].kind == TaxKind::Standard);
        assert!(edit(&mut lines, "remove:0") && edit(&mut lines, "remove:7") && lines.len() == 1);
        assert!(!edit(&mut lines, "save"));
    }
}
