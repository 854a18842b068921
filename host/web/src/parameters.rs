//! A field for each value that a manifest lets people choose: a plugin's settings, the conditions of segments. `parameter.html`
//! draws what [`Web::parameter`] tells of it.

use crate::Web;
use serde_json::{Value, json};
use tsudoi_kernel::Locale;
use tsudoi_kernel::manifest::{Format, Misfit, Parameter, ParameterKind};
use tsudoi_services::pages::Audience;

impl Web {
    /// `texts` is what was typed, or [`as_typed`].
    pub(crate) fn parameter(
        &self,
        locale: Locale,
        name: &str,
        declaration: &Parameter,
        texts: &[String],
        misfit: Option<Misfit>,
        audience: &Audience,
    ) -> Value {
        let choices: Vec<Value> = choices(declaration, audience, |named| named.get(locale).to_owned())
            .into_iter()
            .map(|(value, title)| json!({ "checked": texts.contains(&value), "value": value, "title": title }))
            .collect();
        let error = misfit.map(|misfit| {
            let (message, args) = misfit.message();
            self.look.message(locale, message, &args)
        });
        json!({
            "name": name,
            "label": declaration.label.get(locale),
            "hint": declaration.description.get(locale),
            "kind": kind(declaration, choices.len()),
            "value": texts.join("\n"),
            "choices": choices,
            "optional": declaration.min_length.unwrap_or(0) == 0,
            "minimum": declaration.minimum,
            "maximum": declaration.maximum,
            "max_length": declaration.max_length,
            "error": error.unwrap_or_default(),
        })
    }
    /// A value in words: titles and names instead of keys.
    pub(crate) fn words_of(&self, locale: Locale, declaration: &Parameter, value: &Value, audience: &Audience) -> String {
        if let Value::Bool(yes) = value {
            return self.look.message(locale, if *yes { "parameter-yes" } else { "parameter-no" }, &json!({}));
        }
        let titles = choices(declaration, audience, |named| named.get(locale).to_owned());
        let words = as_typed(value).into_iter().map(|text| match titles.iter().find(|(key, _)| *key == text) {
            Some((_, title)) => title.clone(),
            None => text,
        });
        words.collect::<Vec<_>>().join(&self.look.message(locale, "list-separator", &json!({})))
    }
}

/// A value as its form would send it.
pub fn as_typed(value: &Value) -> Vec<String> {
    match value {
        Value::Bool(true) => vec!["on".into()],
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(false) | Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// What there is to choose from: the manifest's own, or what the organisation has.
fn choices(
    declaration: &Parameter,
    audience: &Audience,
    words: impl Fn(&tsudoi_kernel::locale::Localised) -> String,
) -> Vec<(String, String)> {
    let named = match declaration.format {
        Some(Format::Tier) => &audience.tiers,
        Some(Format::Label) => &audience.labels,
        _ => return declaration.one_of.iter().map(|choice| (choice.value.clone(), words(&choice.title))).collect(),
    };
    named.iter().map(|named| (named.key.clone(), words(&named.name))).collect()
}

/// Which field draws it.
fn kind(declaration: &Parameter, choices: usize) -> &'static str {
    let chosen = choices > 0 || matches!(declaration.format, Some(Format::Tier | Format::Label));
    match (declaration.kind, declaration.format) {
        (ParameterKind::Object, _) => "gate",
        (ParameterKind::Boolean, _) => "checkbox",
        (ParameterKind::Integer, _) => "number",
        (ParameterKind::Array, _) if chosen => "checks",
        (ParameterKind::Array, _) => "lines",
        (ParameterKind::String, _) if chosen => "select",
        (ParameterKind::String, Some(Format::MultiLine)) => "lines",
        (ParameterKind::String, Some(Format::Date)) => "date",
        (ParameterKind::String, Some(Format::Email)) => "email",
        (ParameterKind::String, Some(Format::Uri)) => "url",
        (ParameterKind::String, _) => "text",
    }
}
