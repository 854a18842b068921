//! The form of dues: the term, and what each type of members pays.

use super::{Answer, id_of};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::ServiceError;
use tsudoi_services::dues::{DuesInput, PriceInput};
use tsudoi_services::invoices::TaxKind;
use uuid::Uuid;

const MOST_ROWS: usize = 60;

/// The form with what stands in it, and what is said about that.
struct Form<'a> {
    id: Option<Uuid>,
    input: DuesInput,
    state: &'a str,
    changed: bool,
    errors: Vec<(String, String)>,
}

pub async fn blank(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MONEY)?;
    let input = web.services.new_dues(&visiting.visit).await?;
    page(&web, &visiting, StatusCode::OK, Form { id: None, input, state: "", changed: false, errors: Vec::new() }).await
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::MONEY)?;
    let id = id_of(&id)?;
    let (input, state) = web.services.dues_input(&visiting.visit, id).await?;
    page(&web, &visiting, StatusCode::OK, Form { id: Some(id), input, state: &state, changed: false, errors: Vec::new() }).await
}

pub async fn create(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    keep(&web, &visiting, None, &fields).await
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    let id = id_of(&id)?;
    visiting.require_staff(Permission::MONEY)?;
    web.services.dues_input(&visiting.visit, id).await?;
    keep(&web, &visiting, Some(id), &fields).await
}

fn typed(fields: &Fields) -> DuesInput {
    let text = |field: &str| fields.raw(field).to_owned();
    let row = |number: usize| {
        let key = fields.find(&format!("type-{number}"))?;
        let tier = |place: usize| Some((fields.find(&format!("tier-{place}"))?.to_owned(), text(&format!("price-{number}-{place}"))));
        let tiers = (0..MOST_ROWS).map_while(tier).collect();
        Some(PriceInput { member_type: key.to_owned(), usual: text(&format!("price-{number}")), tiers })
    };
    DuesInput {
        name: text("name"),
        begins: text("begins"),
        ends: text("ends"),
        due_on: text("due_on"),
        tax_kind: text("tax_kind"),
        prices: (0..MOST_ROWS).map_while(row).collect(),
        with_lapsed: fields.get("with_lapsed") == "yes",
        by_mail: fields.get("by_mail") == "yes",
        charge_on: text("charge_on"),
    }
}

async fn keep(web: &Web, visiting: &Visiting, id: Option<Uuid>, fields: &Fields) -> Answer {
    visiting.require_staff(Permission::MONEY)?;
    let (visit, input) = (&visiting.visit, typed(fields));
    let state = fields.raw("state");
    match web.services.editor(visit).save_dues(visit, id, state, &input).await {
        Ok(id) => Ok(web.go(&format!("/admin/dues/{id}"), "flash-dues-saved")),
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(visiting, &errors);
            page(web, visiting, StatusCode::UNPROCESSABLE_ENTITY, Form { id, input, state, changed: false, errors }).await
        }
        Err(ServiceError::Changed) => {
            // What was typed stays; sent once more, it counts.
            let state = match id {
                Some(id) => web.services.dues_input(visit, id).await?.1,
                None => String::new(),
            };
            page(web, visiting, StatusCode::CONFLICT, Form { id, input, state: &state, changed: true, errors: Vec::new() }).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, form: Form<'_>) -> Answer {
    let Form { id, input, state, changed, errors } = form;
    let names = web.dues_names(visiting).await?;
    // What was sent keeps its rows, so that mistakes stand where they were made.
    let input = if errors.is_empty() { web.services.laid_out_dues(&visiting.visit, input).await? } else { input };
    let error = |field: &str| crate::fields::error_of(&errors, field);
    let row = |(number, row): (usize, &PriceInput)| -> Value {
        let cell = |(place, (_, price)): (usize, &(String, String))| {
            let name = format!("price-{number}-{place}");
            json!({ "name": name, "value": price, "error": error(&name), "tier": row.tiers.get(place).and_then(|(key, _)| names.tiers.get(key)) })
        };
        let name = format!("price-{number}");
        json!({
            "key": row.member_type, "label": names.types.get(&row.member_type), "name": name, "value": row.usual, "error": error(&name),
            "tiers": row.tiers.iter().enumerate().map(cell).collect::<Vec<_>>(),
        })
    };
    let tier = |(key, _): &(String, String)| json!({ "key": key, "name": names.tiers.get(key) });
    let kind = |kind: TaxKind| {
        let label = web.kind_label(visiting, kind, if kind == TaxKind::Reduced { 800 } else { 1000 });
        json!({ "key": kind.as_str(), "name": label, "chosen": kind.as_str() == input.tax_kind })
    };
    let kinds = [TaxKind::OutOfScope, TaxKind::Standard, TaxKind::Exempt].map(kind);
    let own = json!({
        "pages": web.money_nav(visiting, "dues"),
        "target": id.map_or_else(|| "/admin/dues/new".to_owned(), |id| format!("/admin/dues/{id}/edit")),
        "back": id.map_or_else(|| "/admin/dues".to_owned(), |id| format!("/admin/dues/{id}")),
        "is_new": id.is_none(),
        "state": state,
        "changed": changed,
        "mistakes": errors.len(),
        "name": input.name, "name_error": error("name"),
        "begins": input.begins, "begins_error": error("begins"),
        "ends": input.ends, "ends_error": error("ends"),
        "due_on": input.due_on, "due_on_error": error("due_on"),
        "prices_error": error("prices"),
        "kinds": kinds,
        "tiers": input.prices.first().map(|row| row.tiers.iter().map(tier).collect::<Vec<_>>()).unwrap_or_default(),
        "rows": input.prices.iter().enumerate().map(row).collect::<Vec<_>>(),
        "with_lapsed": input.with_lapsed,
        "by_mail": input.by_mail,
        "may_charge": web.services.may_charge(&visiting.visit).await? || !input.charge_on.is_empty(),
        "charge_on": input.charge_on, "charge_on_error": error("charge_on"),
    });
    Ok(web.admin_page(visiting, status, "dues-edit.html", "invoices", own))
}
