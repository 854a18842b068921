//! Forms of the host's on the stage, which members answer for the plugin.

use super::Stage;
use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_services::forms::{FieldInput, FieldKind, FormInput, Purpose};
use tsudoi_services::pages::GateInput;
use tsudoi_services::visits::OrganisationKey;

#[derive(Deserialize)]
pub struct NewForm {
    pub address: String,
    /// What is asked, each in one line.
    pub labels: Vec<String>,
    pub open: bool,
}

/// Staff make a form for plugins, or change the one at this address.
pub async fn form(stage: &Stage, new: NewForm) -> anyhow::Result<Value> {
    let services = &stage.house.services;
    let visit = services.visit(&OrganisationKey::Slug(super::SLUG.into())).await?.context("the organisation is gone")?;
    let own = |text: &String| [text.clone(), text.clone()];
    let field = |label: &String| FieldInput { label: own(label), ..FieldInput::new(FieldKind::Text) };
    let known = services.forms(&visit).await?.into_iter().map(|listed| listed.form).find(|form| form.address == new.address);
    let seen = known.as_ref().map(|form| services.form_state(form)).transpose()?.unwrap_or_default();
    let input = match &known {
        Some(form) => FormInput { open: new.open, ..FormInput::of(form, visit.organisation.locale) },
        None => FormInput {
            name: own(&new.address),
            address: new.address,
            purpose: Purpose::Plugin,
            open: new.open,
            gate: GateInput { kind: "members".into(), ..GateInput::default() },
            fields: new.labels.iter().map(field).collect(),
            ..FormInput::default()
        },
    };
    let id = stage.editor().save_form(&visit, known.map(|form| form.id), &seen, &input).await?;
    let form = services.form(&visit, id).await?;
    Ok(json!({ "id": id, "keys": form.form.fields.iter().map(|field| &field.key).collect::<Vec<_>>() }))
}
