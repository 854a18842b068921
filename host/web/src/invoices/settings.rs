//! How the organisation invoices.

use super::{Answer, error, require};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Web};
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tsudoi_services::ServiceError;
use tsudoi_services::invoices::{Rounding, SettingsInput, SettingsSaved};

pub async fn show(State(web): State<AppState>, visiting: Visiting) -> Answer {
    require(&visiting)?;
    let settings = web.services.invoice_settings(&visiting.visit).await?;
    let state = web.services.invoice_settings_state(&settings)?;
    Ok(page(&web, &visiting, StatusCode::OK, &SettingsInput::of(&settings), &state, false, &[]))
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    require(&visiting)?;
    let text = |field: &str| fields.raw(field).to_owned();
    let input = SettingsInput {
        name: text("name"),
        address: text("address"),
        registration: text("registration"),
        bank: text("bank"),
        inclusive: fields.get("prices") != "exclusive",
        rounding: text("rounding"),
        standard: text("standard"),
        reduced: text("reduced"),
        prefix: text("prefix"),
        due_days: text("due_days"),
        note: text("note"),
    };
    let state = fields.raw("state");
    match web.services.editor(&visiting.visit).save_invoice_settings(&visiting.visit, state, &input).await {
        Ok(SettingsSaved::Saved) => Ok(web.go("/admin/invoices/settings", "flash-invoice-settings-saved")),
        Ok(SettingsSaved::OddRegistration) => Ok(web.go("/admin/invoices/settings", "flash-warning-odd-registration")),
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            Ok(page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &input, state, false, &errors))
        }
        Err(ServiceError::Changed) => {
            // What was typed stays; sent once more, it counts.
            let state = web.services.invoice_settings_state(&web.services.invoice_settings(&visiting.visit).await?)?;
            Ok(page(&web, &visiting, StatusCode::CONFLICT, &input, &state, true, &[]))
        }
        Err(other) => Err(other.into()),
    }
}

fn page(
    web: &Web,
    visiting: &Visiting,
    status: StatusCode,
    input: &SettingsInput,
    state: &str,
    changed: bool,
    errors: &[(String, String)],
) -> axum::response::Response {
    let rounding = |rounding: Rounding| -> Value {
        let label = web.word(visiting, &format!("invoices-rounding-{}", rounding.as_str()));
        json!({ "key": rounding.as_str(), "label": label, "chosen": rounding.as_str() == input.rounding })
    };
    let own = json!({
        "pages": web.money_nav(visiting, "settings"),
        "state": state,
        "changed": changed,
        "mistakes": errors.len(),
        "name": input.name, "name_error": error(errors, "name"),
        "address": input.address, "address_error": error(errors, "address"),
        "registration": input.registration, "registration_error": error(errors, "registration"),
        "bank": input.bank, "bank_error": error(errors, "bank"),
        "inclusive": input.inclusive,
        "roundings": Rounding::ALL.map(rounding), "rounding_error": error(errors, "rounding"),
        "standard": input.standard, "standard_error": error(errors, "standard"),
        "reduced": input.reduced, "reduced_error": error(errors, "reduced"),
        "prefix": input.prefix, "prefix_error": error(errors, "prefix"),
        "due_days": input.due_days, "due_days_error": error(errors, "due_days"),
        "note": input.note, "note_error": error(errors, "note"),
    });
    web.admin_page(visiting, status, "invoice-settings.html", "invoices", own)
}
