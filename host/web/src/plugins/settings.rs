//! A plugin's settings: the form that its manifest describes, drawn by the host.

use crate::fields::Fields;
use crate::pages::gate_input;
use crate::parameters::as_typed;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::manifest::{Misfit, ParameterKind};
use tsudoi_kernel::{Gate, Permission};
use tsudoi_services::pages::{Audience, GateInput};
use tsudoi_services::plugins::{PluginSettings, SettingState, SettingsError};

type Answer = Result<Response, Problem>;

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let settings = web.services.editor(&visiting.visit).plugin_settings(&plugin).await?;
    Ok(page(&web, &visiting, StatusCode::OK, &settings, &Form::default()))
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let editor = web.services.editor(&visiting.visit);
    let settings = editor.plugin_settings(&plugin).await?;
    let to_defaults = fields.get("action") == "defaults";
    let read = settings.read(|setting| {
        let default = setting.declaration.default.as_ref().filter(|_| to_defaults);
        default.map_or_else(|| sent(setting, &fields, &settings.audience), |default| Ok(default.clone()))
    });
    let saved = match read {
        Ok(values) => editor.set_plugin_settings(&plugin, fields.get("state"), &values).await,
        Err(wrong) => Err(SettingsError::Invalid(wrong)),
    };
    let (status, form) = match saved {
        Ok(true) => return Ok(web.go(&format!("/admin/plugins/{plugin}/settings"), "flash-plugin-settings-saved")),
        Ok(false) => return Ok(web.go(&format!("/admin/plugins/{plugin}/settings"), "flash-plugin-settings-same")),
        Err(SettingsError::Invalid(wrong)) => (StatusCode::UNPROCESSABLE_ENTITY, Form { typed: Some(&fields), wrong, changed: false }),
        Err(SettingsError::Changed) => (StatusCode::CONFLICT, Form { typed: Some(&fields), wrong: Vec::new(), changed: true }),
        Err(SettingsError::Service(error)) => return Err(error.into()),
    };
    // What somebody else saved may be newer than what was loaded above.
    let settings = if form.changed { editor.plugin_settings(&plugin).await? } else { settings };
    Ok(page(&web, &visiting, status, &settings, &form))
}

/// What was typed, and what was wrong with it.
#[derive(Default)]
struct Form<'a> {
    typed: Option<&'a Fields>,
    wrong: Vec<(String, Misfit)>,
    changed: bool,
}

/// The name of a setting's field; a gate's fields have this and `-` before their own names.
fn field(key: &str) -> String {
    format!("setting-{key}")
}

fn gate_prefix(key: &str) -> String {
    format!("setting-{key}-")
}

fn sent(setting: &SettingState, fields: &Fields, audience: &Audience) -> Result<Value, Misfit> {
    let name = field(&setting.key);
    if setting.declaration.kind == ParameterKind::Object {
        let gate = gate_input(fields, &gate_prefix(&setting.key)).check(audience).map_err(|_| Misfit::Choice)?;
        return serde_json::to_value(gate).map_err(|_| Misfit::Type);
    }
    setting.declaration.read(&fields.all(&name).collect::<Vec<_>>())
}

fn page(web: &Web, visiting: &Visiting, status: StatusCode, settings: &PluginSettings, form: &Form<'_>) -> Response {
    let locale = visiting.locale();
    let manifest = &settings.installation.manifest;
    let drawn: Vec<Value> = settings.settings.iter().map(|setting| drawn(web, visiting, setting, &settings.audience, form)).collect();
    let own = json!({
        "plugin_id": manifest.id,
        "plugin_name": manifest.name.get(locale),
        "settings": drawn,
        "state": settings.state,
        "changed": form.changed,
        "all_default": settings.settings.iter().all(|setting| setting.is_default),
    });
    web.admin_page(visiting, status, "plugin-settings.html", "plugins", own)
}

/// A setting as the template draws it.
fn drawn(web: &Web, visiting: &Visiting, setting: &SettingState, audience: &Audience, form: &Form<'_>) -> Value {
    let locale = visiting.locale();
    let (key, declaration) = (&setting.key, &setting.declaration);
    let name = field(key);
    let texts: Vec<String> = match form.typed {
        Some(fields) => fields.all(&name).map(str::to_owned).collect(),
        None => as_typed(&setting.value),
    };
    let misfit = form.wrong.iter().find(|(wrong, _)| wrong == key).map(|(_, misfit)| *misfit);
    let mut drawn = web.parameter(locale, &name, declaration, &texts, misfit, audience);
    let gate = (declaration.kind == ParameterKind::Object).then(|| {
        let stored = || serde_json::from_value::<Gate>(setting.value.clone()).map(|gate| GateInput::from(&gate)).unwrap_or_default();
        let chosen = form.typed.map_or_else(stored, |fields| gate_input(fields, &gate_prefix(key)));
        let mut gate = web.gate_choice(locale, &gate_prefix(key), &chosen, audience);
        gate["legend"] = declaration.label.get(locale).into();
        gate
    });
    drawn["gate"] = gate.into();
    drawn
}
