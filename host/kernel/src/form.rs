//! Forms: what staff ask, as data, and reading what was typed into one.

use crate::email::Email;
use crate::gate::Gate;
use crate::locale::{Locale, Localised};
use crate::manifest::Misfit;
use crate::organisation::is_slug;
use crate::text::{is_reading, katakana, name_in_order, one_width};
use crate::typed;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A form of an organisation's site. In JSON it is the column `body` of its row, without id and address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Form {
    pub purpose: Purpose,
    pub name: Localised,
    /// Markdown above the fields.
    #[serde(default)]
    pub lead: Localised,
    /// What is said once an answer came, on the page and in the reply.
    #[serde(default)]
    pub thanks: Localised,
    /// Takes answers.
    pub open: bool,
    /// Who may answer.
    #[serde(default)]
    pub gate: Gate,
    /// Staff who get a mail for each answer.
    #[serde(default)]
    pub notify: Vec<Email>,
    /// Whoever answers gets a mail, where the form asks for an address.
    pub reply: bool,
    pub fields: Vec<Field>,
}

/// What becomes of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Staff read them: enquiries, registrations, surveys.
    #[default]
    Answers,
    /// Staff make a member of whoever answered, or don't.
    Join,
    /// A plugin that led a member to the form is told of them.
    Plugin,
}

impl Purpose {
    pub const ALL: [Self; 3] = [Self::Answers, Self::Join, Self::Plugin];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Join => "join",
            Self::Plugin => "plugin",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Field {
    /// Names it in answers. Never used again for another.
    pub key: String,
    pub kind: FieldKind,
    pub label: Localised,
    #[serde(default)]
    pub hint: Localised,
    #[serde(default)]
    pub required: bool,
    /// For `choice` and `choices`. What is kept is the text in the organisation's language.
    #[serde(default)]
    pub choices: Vec<Localised>,
    /// No longer asked; kept because there are answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// Family and given name, each with its reading in an organisation that speaks Japanese.
    Name,
    Email,
    Phone,
    /// Of Japan: seven digits, kept as `123-4567`.
    PostalCode,
    /// One line.
    Text,
    /// Several lines.
    Lines,
    Date,
    Number,
    /// One of several.
    Choice,
    /// Any of several.
    Choices,
    /// A box that has to be ticked, where the field is required.
    Consent,
}

/// One input of a field: what its name ends in, what was typed, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub field: String,
    /// The part of a name, else empty.
    pub part: &'static str,
    pub misfit: Misfit,
}

/// What stands in a plugin's place where a page has a form: `::form/contact`.
pub const IN_PAGES: &str = "form";

/// The inputs of a name, in the order in which Japanese is written.
pub const NAME_PARTS: [&str; 4] = ["family", "given", "family-kana", "given-kana"];

const LONGEST_TEXT: usize = 200;
const LONGEST_LINES: usize = 5_000;
const LONGEST_NAME: usize = 50;

impl FieldKind {
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::PostalCode,
        Self::Text,
        Self::Lines,
        Self::Date,
        Self::Number,
        Self::Choice,
        Self::Choices,
        Self::Consent,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::PostalCode => "postal-code",
            Self::Text => "text",
            Self::Lines => "lines",
            Self::Date => "date",
            Self::Number => "number",
            Self::Choice => "choice",
            Self::Choices => "choices",
            Self::Consent => "consent",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn has_choices(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }

    /// Characters that one input takes.
    pub const fn longest(self) -> usize {
        match self {
            Self::Name => LONGEST_NAME,
            Self::Lines => LONGEST_LINES,
            _ => LONGEST_TEXT,
        }
    }
}

impl Form {
    pub const MOST_FIELDS: usize = 50;
    pub const MOST_CHOICES: usize = 100;

    /// The fields that are asked.
    pub fn asked(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.retired)
    }

    pub fn first(&self, kind: FieldKind) -> Option<&Field> {
        self.asked().find(|field| field.kind == kind)
    }

    /// What was typed, as values by field: `typed` answers what an input named so sent. Fields that were left empty are
    /// not there.
    ///
    /// # Errors
    /// Everything that is wrong, in the fields' order.
    pub fn read<'a>(&self, locale: Locale, typed: impl Fn(&str) -> Vec<&'a str>) -> Result<Map<String, Value>, Vec<Wrong>> {
        let (mut values, mut wrong) = (Map::new(), Vec::new());
        for field in self.asked() {
            match field.read(locale, &typed) {
                Ok(Some(value)) => drop(values.insert(field.key.clone(), value)),
                Ok(None) => {}
                Err(some) => wrong.extend(some),
            }
        }
        if wrong.is_empty() { Ok(values) } else { Err(wrong) }
    }

    /// The address that was given, of an answer to this form.
    pub fn email_in(&self, values: &Map<String, Value>) -> Option<Email> {
        values.get(&self.first(FieldKind::Email)?.key)?.as_str()?.parse().ok()
    }
}

impl Field {
    /// The names of its inputs.
    pub fn inputs(&self, locale: Locale) -> Vec<(String, &'static str)> {
        match self.kind {
            FieldKind::Name => name_parts(locale).iter().map(|part| (format!("{}-{part}", self.key), *part)).collect(),
            _ => vec![(self.key.clone(), "")],
        }
    }

    fn read<'a>(&self, locale: Locale, typed: &impl Fn(&str) -> Vec<&'a str>) -> Result<Option<Value>, Vec<Wrong>> {
        if self.kind == FieldKind::Name {
            return self.read_name(locale, typed);
        }
        let sent: Vec<String> = typed(&self.key).into_iter().map(|text| self.tidied(text)).filter(|text| !text.is_empty()).collect();
        let wrong = |misfit| vec![Wrong { field: self.key.clone(), part: "", misfit }];
        let Some(first) = sent.first() else {
            return if self.required { Err(wrong(Misfit::Empty)) } else { Ok(None) };
        };
        self.value(first, &sent, locale).map(Some).map_err(wrong)
    }

    fn value(&self, first: &str, sent: &[String], locale: Locale) -> Result<Value, Misfit> {
        let longest = self.kind.longest();
        if first.chars().count() > longest {
            return Err(Misfit::Longest(longest));
        }
        // Nothing that turns around what stands beside it, for whoever reads it.
        let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        let allowed = |c: char| !turns(c) && !c.is_control() || (self.kind == FieldKind::Lines && matches!(c, '\n' | '\t'));
        if !first.chars().all(allowed) {
            return Err(Misfit::Type);
        }
        let is_choice = |text: &String| self.choices.iter().any(|choice| choice.get(locale) == text);
        Ok(match self.kind {
            FieldKind::Email => first.parse::<Email>().map_err(|_| Misfit::Email)?.as_str().into(),
            FieldKind::Phone => typed::phone(first).ok_or(Misfit::Phone)?.into(),
            FieldKind::PostalCode => typed::postal_code(first).ok_or(Misfit::PostalCode)?.into(),
            FieldKind::Date => typed::date(first).ok().flatten().ok_or(Misfit::Date)?.to_string().into(),
            FieldKind::Number => first.replace(',', "").parse::<i64>().map_err(|_| Misfit::NotInteger)?.into(),
            FieldKind::Choice | FieldKind::Choices if !sent.iter().all(is_choice) => return Err(Misfit::Choice),
            FieldKind::Choices => sent.into(),
            FieldKind::Consent => true.into(),
            FieldKind::Name | FieldKind::Text | FieldKind::Lines | FieldKind::Choice => first.into(),
        })
    }

    fn read_name<'a>(&self, locale: Locale, typed: &impl Fn(&str) -> Vec<&'a str>) -> Result<Option<Value>, Vec<Wrong>> {
        let (mut value, mut wrong) = (Map::new(), Vec::new());
        for (input, part) in self.inputs(locale) {
            let text = typed(&input).first().map(|text| collapsed(text)).unwrap_or_default();
            let text = if part.ends_with("kana") { katakana(&one_width(&text)) } else { text };
            value.insert(part.to_owned(), text.into());
        }
        let all_empty = value.values().all(|text| text == "");
        if all_empty && !self.required {
            return Ok(None);
        }
        for part in name_parts(locale) {
            let text = value[*part].as_str().unwrap_or_default();
            let misfit = match text.chars().count() {
                0 => Some(Misfit::Empty),
                n if n > LONGEST_NAME => Some(Misfit::Longest(LONGEST_NAME)),
                _ if text.chars().any(char::is_control) => Some(Misfit::Type),
                _ if part.ends_with("kana") && !is_reading(text) => Some(Misfit::Kana),
                _ => None,
            };
            wrong.extend(misfit.map(|misfit| Wrong { field: self.key.clone(), part, misfit }));
        }
        if wrong.is_empty() { Ok(Some(Value::Object(value))) } else { Err(wrong) }
    }

    /// As it is read: what looks the same is the same, and what people type in full width is meant in half.
    fn tidied(&self, text: &str) -> String {
        match self.kind {
            FieldKind::Lines => text.replace("\r\n", "\n").trim().to_owned(),
            FieldKind::Email | FieldKind::Phone | FieldKind::PostalCode | FieldKind::Date | FieldKind::Number => {
                one_width(text).trim().to_owned()
            }
            _ => text.trim().to_owned(),
        }
    }
}

/// The parts of a name that are asked for in a language.
pub fn name_parts(locale: Locale) -> &'static [&'static str] {
    match locale {
        Locale::Ja => &NAME_PARTS,
        Locale::En => &NAME_PARTS[..2],
    }
}

/// A name in the order of the organisation's language, without its reading.
pub fn written_name(locale: Locale, value: &Value) -> String {
    let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    name_in_order(locale, part("family"), part("given")).unwrap_or_default()
}

/// A value as text: a name with its reading, several choices in one line, `yes` for what was ticked.
pub fn plain(value: &Value, locale: Locale, yes: &str) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(true) => yes.to_owned(),
        Value::Array(items) => {
            let separator = if locale == Locale::Ja { "、" } else { ", " };
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(separator)
        }
        Value::Object(name) => {
            let part = |part: &str| name.get(part).and_then(Value::as_str).unwrap_or_default();
            let reading = format!("{} {}", part("family-kana"), part("given-kana"));
            match (written_name(locale, value), reading.trim()) {
                (name, "") => name,
                (name, reading) if locale == Locale::Ja => format!("{name}（{reading}）"),
                (name, reading) => format!("{name} ({reading})"),
            }
        }
        Value::Bool(false) | Value::Null => String::new(),
    }
}

/// White space of any width becomes one blank.
fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text is a date, `2026-11-22`.
pub fn is_date(text: &str) -> bool {
    typed::date(text).is_ok_and(|date| date.is_some_and(|date| date.to_string() == text))
}

/// A form with where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedForm {
    pub id: Uuid,
    /// Its page is `/forms/<address>`.
    pub address: String,
    pub form: Form,
}

impl PlacedForm {
    /// As a plugin is shown it that may lead members to it.
    pub fn offered(&self) -> Value {
        let field = |field: &Field| json!({ "key": field.key, "kind": field.kind, "label": field.label });
        json!({
            "id": self.id, "address": self.address, "title": self.form.name, "open": self.form.open,
            "fields": self.form.asked().map(field).collect::<Vec<_>>(),
        })
    }
}

/// The topic that a plugin hears an answer under.
pub const ANSWERED: &str = "form.answered";

/// What a member answers a form for: a plugin, and a key by which it knows what that is about. In an address it is
/// `<plugin id>:<key>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnswerFor {
    pub plugin: String,
    pub key: String,
}

impl AnswerFor {
    const LONGEST_KEY: usize = 100;

    /// A key has 1 to 100 letters, digits, `-`, `_` and `.`, and begins with a letter or a digit: it is one part of a path.
    pub fn parse(text: &str) -> Option<Self> {
        let (plugin, key) = text.split_once(':')?;
        let is_key = key.len() <= Self::LONGEST_KEY
            && key.starts_with(|first: char| first.is_ascii_alphanumeric())
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        (is_slug(plugin) && is_key).then(|| Self { plugin: plugin.to_owned(), key: key.to_owned() })
    }
}

impl std::fmt::Display for AnswerFor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.plugin, self.key)
    }
}

/// Whether a form's address can be this: small letters, digits and single hyphens, beginning with a letter.
pub fn is_address(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--")
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Where an answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerState {
    /// Nobody has dealt with it.
    New,
    Done,
    /// Whoever asked to join is a member.
    Approved,
    Declined,
}

impl AnswerState {
    pub const ALL: [Self; 4] = [Self::New, Self::Done, Self::Approved, Self::Declined];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Done => "done",
            Self::Approved => "approved",
            Self::Declined => "declined",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
