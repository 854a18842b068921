//! A value that people choose: a setting, or a parameter of a block. It is declared in the words of JSON Schema
//! (2020-12), written with hyphens as the rest of a manifest is; the host draws the form from that.

use crate::email::Email;
use crate::gate::Gate;
use crate::locale::Localised;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Parameter {
    #[serde(rename = "type")]
    pub kind: ParameterKind,
    pub label: Localised,
    /// A hint below the label.
    #[serde(default)]
    pub description: Localised,
    #[serde(default)]
    pub default: Option<Value>,
    /// What a string, or each item of an array, is in particular.
    #[serde(default)]
    pub format: Option<Format>,
    /// A string, or each item of an array, is one of these.
    #[serde(default)]
    pub one_of: Vec<Choice>,
    /// For integers, inclusive.
    #[serde(default)]
    pub minimum: Option<i64>,
    #[serde(default)]
    pub maximum: Option<i64>,
    /// For strings, in characters.
    #[serde(default)]
    pub min_length: Option<usize>,
    #[serde(default)]
    pub max_length: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterKind {
    String,
    Integer,
    Boolean,
    /// Of strings.
    Array,
    /// With the format `gate`.
    Object,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A text of several lines.
    MultiLine,
    /// `2026-11-22`
    Date,
    Email,
    /// An address of the web, `https://…` or `http://…`.
    Uri,
    /// The key of one of the organisation's tiers.
    Tier,
    /// The key of one of its labels.
    Label,
    /// Who may enter, as the host's gate editor makes it; for `context.may-enter`.
    Gate,
}

/// One of several values that a string can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    #[serde(rename = "const")]
    pub value: String,
    pub title: Localised,
}

/// Characters that a string may have where the declaration names no number.
const LONGEST: usize = 1_000;
/// Characters that no declaration may go beyond.
pub const LONGEST_EVER: usize = 20_000;
/// Items of an array.
const MOST_ITEMS: usize = 100;

/// Why a value is none of this parameter's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    Type,
    /// Not one of those that there are to choose from.
    Choice,
    NotInteger,
    Least(i64),
    Most(i64),
    Empty,
    Shortest(usize),
    Longest(usize),
    MostItems(usize),
    Date,
    Email,
    Uri,
    Phone,
    PostalCode,
    /// Of a reading.
    Kana,
}

impl Misfit {
    /// The key of a message of the host's, and what it is about.
    pub fn message(self) -> (&'static str, Value) {
        match self {
            Self::Type => ("misfit-type", json!({})),
            Self::Choice => ("misfit-choice", json!({})),
            Self::NotInteger => ("misfit-integer", json!({})),
            Self::Least(n) => ("misfit-least", json!({ "n": n })),
            Self::Most(n) => ("misfit-most", json!({ "n": n })),
            Self::Empty => ("error-required", json!({})),
            Self::Shortest(n) => ("misfit-shortest", json!({ "n": n })),
            Self::Longest(n) => ("misfit-longest", json!({ "n": n })),
            Self::MostItems(n) => ("misfit-most-items", json!({ "n": n })),
            Self::Date => ("misfit-date", json!({})),
            Self::Email => ("error-email", json!({})),
            Self::Uri => ("misfit-uri", json!({})),
            Self::Phone => ("misfit-phone", json!({})),
            Self::PostalCode => ("misfit-postal-code", json!({})),
            Self::Kana => ("misfit-kana", json!({})),
        }
    }
}

impl Parameter {
    /// Whether this is one of its values. Whether an organisation has a tier or a label of this name is not asked here.
    pub fn check(&self, value: &Value) -> Result<(), Misfit> {
        match (self.kind, value) {
            (ParameterKind::Boolean, Value::Bool(_)) => Ok(()),
            (ParameterKind::Integer, value) => self.check_integer(value.as_i64().ok_or(Misfit::Type)?),
            (ParameterKind::String, Value::String(text)) => self.check_text(text),
            (ParameterKind::Array, Value::Array(items)) if items.len() > MOST_ITEMS => Err(Misfit::MostItems(MOST_ITEMS)),
            (ParameterKind::Array, Value::Array(items)) => {
                items.iter().try_for_each(|item| self.check_text(item.as_str().ok_or(Misfit::Type)?))
            }
            (ParameterKind::Object, value) => Gate::deserialize(value).map(|_| ()).map_err(|_| Misfit::Type),
            _ => Err(Misfit::Type),
        }
    }

    fn check_integer(&self, n: i64) -> Result<(), Misfit> {
        match (self.minimum, self.maximum) {
            (Some(least), _) if n < least => Err(Misfit::Least(least)),
            (_, Some(most)) if n > most => Err(Misfit::Most(most)),
            _ => Ok(()),
        }
    }

    fn check_text(&self, text: &str) -> Result<(), Misfit> {
        if !self.one_of.is_empty() {
            return if self.one_of.iter().any(|choice| choice.value == text) { Ok(()) } else { Err(Misfit::Choice) };
        }
        let (shortest, longest) = (self.min_length.unwrap_or(0), self.max_length.unwrap_or(LONGEST));
        match text.chars().count() {
            0 if shortest > 0 => return Err(Misfit::Empty),
            0 => return Ok(()),
            length if length < shortest => return Err(Misfit::Shortest(shortest)),
            length if length > longest => return Err(Misfit::Longest(longest)),
            _ => {}
        }
        let several_lines = self.format == Some(Format::MultiLine);
        if text.chars().any(|character| character.is_control() && !(several_lines && matches!(character, '\n' | '\t'))) {
            return Err(Misfit::Type);
        }
        match self.format {
            Some(Format::Date) => NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|_| ()).map_err(|_| Misfit::Date),
            Some(Format::Email) => text.parse::<Email>().map(|_| ()).map_err(|_| Misfit::Email),
            Some(Format::Uri) => {
                let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
                let good = rest.is_some_and(|rest| !rest.starts_with('/') && !rest.is_empty()) && !text.contains(char::is_whitespace);
                if good { Ok(()) } else { Err(Misfit::Uri) }
            }
            Some(Format::MultiLine | Format::Tier | Format::Label | Format::Gate) | None => Ok(()),
        }
    }

    /// What a form sent for it, as a value: nothing for a check box that was not ticked, one text, or several for an array.
    pub fn read(&self, sent: &[&str]) -> Result<Value, Misfit> {
        let first = sent.first().copied().unwrap_or_default();
        let value = match self.kind {
            ParameterKind::Boolean => Value::Bool(!first.is_empty()),
            ParameterKind::Integer if first.trim().is_empty() => return Err(Misfit::Empty),
            ParameterKind::Integer => first.trim().parse::<i64>().map_err(|_| Misfit::NotInteger)?.into(),
            ParameterKind::String if self.format == Some(Format::MultiLine) => first.replace("\r\n", "\n").into(),
            ParameterKind::String => first.trim().into(),
            // Check boxes send one text each, a text area one line for each.
            ParameterKind::Array => sent.iter().flat_map(|text| text.lines()).map(str::trim).filter(|line| !line.is_empty()).collect(),
            ParameterKind::Object => serde_json::from_str(first).map_err(|_| Misfit::Type)?,
        };
        self.check(&value).map(|()| value)
    }

    /// What makes no sense in the declaration itself: which key, and why.
    pub fn mistake(&self) -> Option<(&'static str, String)> {
        let is_text = matches!(self.kind, ParameterKind::String | ParameterKind::Array);
        let is_gate = self.format == Some(Format::Gate);
        let several_lines_in_array = self.kind == ParameterKind::Array && self.format == Some(Format::MultiLine);
        if self.kind != ParameterKind::Integer && (self.minimum.is_some() || self.maximum.is_some()) {
            let key = if self.minimum.is_some() { "minimum" } else { "maximum" };
            return Some((key, "only integers have a minimum and a maximum".into()));
        }
        if let (Some(minimum), Some(maximum)) = (self.minimum, self.maximum)
            && minimum > maximum
        {
            return Some(("maximum", "the maximum is below the minimum".into()));
        }
        if !is_text && (self.min_length.is_some() || self.max_length.is_some()) {
            let key = if self.min_length.is_some() { "min-length" } else { "max-length" };
            return Some((key, "only strings have a length".into()));
        }
        if self.max_length.is_some_and(|most| most > LONGEST_EVER || most < self.min_length.unwrap_or(1)) {
            return Some(("max-length", format!("a length lies between min-length and {LONGEST_EVER}")));
        }
        if (self.kind == ParameterKind::Object) != is_gate || (self.format.is_some() && !is_text && !is_gate) || several_lines_in_array {
            return Some(("type", "the format does not go with this type".into()));
        }
        if !self.one_of.is_empty() && (!is_text || self.format.is_some()) {
            return Some(("one-of", "`one-of` is for strings and arrays without a format".into()));
        }
        let values: std::collections::BTreeSet<&str> = self.one_of.iter().map(|choice| choice.value.as_str()).collect();
        if values.len() < self.one_of.len() {
            return Some(("one-of", "two choices have the same value".into()));
        }
        let wrong = self.default.as_ref().and_then(|default| self.check(default).err())?;
        let reason = match wrong {
            Misfit::Type => "the default is not of this type".to_owned(),
            Misfit::Least(_) | Misfit::Most(_) => "the default lies outside minimum and maximum".to_owned(),
            Misfit::Choice => "the default is none of the choices".to_owned(),
            other => format!("the default is not a value of it: {other:?}"),
        };
        Some(("default", reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(declaration: Value) -> Parameter {
        let mut declaration = declaration;
        declaration["label"] = json!({ "ja": "値", "en": "Value" });
        serde_json::from_value(declaration).unwrap()
    }

    #[test]
    fn a_form_is_read_as_the_type_says() {
        let integer = parameter(json!({ "type": "integer", "minimum": 1, "maximum": 20 }));
        assert_eq!(integer.read(&[" 5 "]), Ok(json!(5)));
        assert_eq!(integer.read(&["21"]), Err(Misfit::Most(20)));
        assert_eq!(integer.read(&["0"]), Err(Misfit::Least(1)));
        assert_eq!(integer.read(&["five"]), Err(Misfit::NotInteger));
        assert_eq!(integer.read(&[""]), Err(Misfit::Empty));
        let boolean = parameter(json!({ "type": "boolean" }));
        assert_eq!((boolean.read(&["on"]), boolean.read(&[])), (Ok(json!(true)), Ok(json!(false))));
        let lines = parameter(json!({ "type": "string", "format": "multi-line", "max-length": 5 }));
        assert_eq!(lines.read(&["あ\r\nい"]), Ok(json!("あ\nい")));
        assert_eq!(lines.read(&["あいうえおか"]), Err(Misfit::Longest(5)));
        let words = parameter(json!({ "type": "array" }));
        assert_eq!(words.read(&["spam\r\n\r\n 広告 "]), Ok(json!(["spam", "広告"])));
    }

    #[test]
    fn a_string_is_what_its_format_or_its_choices_say() {
        let of = |format: &str| parameter(json!({ "type": "string", "format": format }));
        for (format, good, bad, why) in [
            ("date", "2026-02-28", "2026-02-30", Misfit::Date),
            ("email", "taro@example.jp", "taro", Misfit::Email),
            ("uri", "https://example.jp/会", "javascript:alert(1)", Misfit::Uri),
        ] {
            assert_eq!(of(format).read(&[good]), Ok(json!(good)));
            assert_eq!(of(format).read(&[bad]), Err(why));
            assert_eq!(of(format).read(&[""]), Ok(json!("")), "what need not be there may be empty");
        }
        let order = parameter(json!({ "type": "string", "one-of": [{ "const": "new", "title": { "ja": "新着順" } }] }));
        assert_eq!((order.read(&["new"]), order.read(&["old"])), (Ok(json!("new")), Err(Misfit::Choice)));
        let gate = parameter(json!({ "type": "object", "format": "gate" }));
        assert_eq!(gate.read(&[r#"{"kind":"members"}"#]), Ok(json!({ "kind": "members" })));
        assert_eq!(gate.read(&[r#"{"kind":"anyone"}"#]), Err(Misfit::Type));
        assert_eq!(parameter(json!({ "type": "string" })).read(&["a\u{7}b"]), Err(Misfit::Type));
    }

    #[test]
    fn a_declaration_that_makes_no_sense_is_named() {
        for (declaration, key) in [
            (json!({ "type": "string", "minimum": 1 }), "minimum"),
            (json!({ "type": "integer", "minimum": 2, "maximum": 1 }), "maximum"),
            (json!({ "type": "integer", "max-length": 4 }), "max-length"),
            (json!({ "type": "string", "max-length": 90000 }), "max-length"),
            (json!({ "type": "object" }), "type"),
            (json!({ "type": "boolean", "format": "date" }), "type"),
            (json!({ "type": "string", "format": "gate" }), "type"),
            (json!({ "type": "integer", "one-of": [{ "const": "1", "title": { "ja": "一" } }] }), "one-of"),
            (json!({ "type": "integer", "default": "5" }), "default"),
        ] {
            assert_eq!(parameter(declaration.clone()).mistake().map(|(key, _)| key), Some(key), "{declaration}");
        }
        assert_eq!(parameter(json!({ "type": "array", "format": "tier", "default": [] })).mistake(), None);
    }
}
