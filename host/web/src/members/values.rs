//! The form of what plugins added to a member's record: one for each plugin.

use crate::Web;
use crate::fields::Fields;
use crate::parameters::as_typed;
use crate::visiting::Visiting;
use serde_json::{Value, json};
use tsudoi_kernel::manifest::Misfit;
use tsudoi_services::members::AddedValue;
use tsudoi_services::pages::Audience;

/// What was typed, and what was wrong with it.
pub struct Typed<'a> {
    pub fields: &'a Fields,
    pub wrong: &'a [(String, Misfit)],
}

fn name(key: &str) -> String {
    format!("value-{key}")
}

/// What a form brought for a field.
pub fn sent(value: &AddedValue, fields: &Fields) -> Result<Value, Misfit> {
    value.field.value.read(&fields.all(&name(&value.key)).collect::<Vec<_>>())
}

/// For each plugin its fields: those that can be changed as `parameter.html` draws them, the others with their words.
pub(crate) fn drawn(web: &Web, visiting: &Visiting, values: &[AddedValue], audience: &Audience, typed: Option<&Typed<'_>>) -> Vec<Value> {
    let mut groups: Vec<Value> = Vec::new();
    for value in values {
        if groups.last().is_none_or(|group| group["plugin"] != value.plugin) {
            groups.push(json!({ "plugin": value.plugin, "name": value.plugin_name, "fields": [], "facts": [] }));
        }
        let Some(group) = groups.last_mut() else { continue };
        let typed = typed.filter(|typed| typed.fields.get("plugin") == value.plugin);
        let (list, shown) = if value.may_change {
            ("fields", field(web, visiting, value, audience, typed))
        } else {
            ("facts", fact(web, visiting, value, audience))
        };
        if let Some(list) = group[list].as_array_mut() {
            list.push(shown);
        }
    }
    groups
}

fn field(web: &Web, visiting: &Visiting, value: &AddedValue, audience: &Audience, typed: Option<&Typed<'_>>) -> Value {
    let name = name(&value.key);
    let texts = match typed {
        Some(typed) => typed.fields.all(&name).map(str::to_owned).collect(),
        None => value.value.as_ref().map(as_typed).unwrap_or_default(),
    };
    let misfit = typed.and_then(|typed| typed.wrong.iter().find(|(wrong, _)| *wrong == value.key)).map(|(_, misfit)| *misfit);
    web.parameter(visiting.locale(), &name, &value.field.value, &texts, misfit, audience)
}

fn fact(web: &Web, visiting: &Visiting, value: &AddedValue, audience: &Audience) -> Value {
    let locale = visiting.locale();
    let words = value.value.as_ref().map(|held| web.words_of(locale, &value.field.value, held, audience)).unwrap_or_default();
    json!({ "label": value.field.value.label.get(locale), "value": words })
}
