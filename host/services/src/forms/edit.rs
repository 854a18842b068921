//! Making forms.

use super::MOST_FORMS;
use crate::editor::Editor;
use crate::pages::{Audience, GateInput};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::form::{Field, FieldKind, Form, PlacedForm, Purpose, is_address};
use tsudoi_kernel::locale::{Locale, Localised};
use tsudoi_kernel::time::random_hex;
use tsudoi_kernel::{Email, Gate};
use tsudoi_store::StoreError;
use uuid::Uuid;

const LONGEST_NAME: usize = 80;
const LONGEST_LABEL: usize = 200;
const LONGEST_HINT: usize = 1_000;
const LONGEST_TEXT: usize = 10_000;
const MOST_NOTIFIED: usize = 10;

/// A form as staff typed it. Texts are in Japanese and English.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FormInput {
    pub address: String,
    pub purpose: Purpose,
    pub name: [String; 2],
    pub lead: [String; 2],
    pub thanks: [String; 2],
    pub open: bool,
    pub gate: GateInput,
    /// Addresses, one in each line.
    pub notify: String,
    pub reply: bool,
    pub fields: Vec<FieldInput>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldInput {
    /// Empty for a new one.
    pub key: String,
    pub kind: FieldKind,
    pub label: [String; 2],
    pub hint: [String; 2],
    pub required: bool,
    /// One in each line: `朝` or `朝 | Morning`.
    pub choices: String,
}

/// Gathers what is wrong, by field.
struct Check {
    own: Locale,
    errors: Vec<(String, &'static str)>,
}

impl Check {
    fn wrong(&mut self, field: impl Into<String>, message: &'static str) {
        self.errors.push((field.into(), message));
    }

    /// A text in both languages; the organisation's own must be there where it is `required`.
    fn text(&mut self, field: &str, typed: &[String; 2], longest: usize, required: bool) -> Localised {
        let mut text = Localised::default();
        for (locale, typed) in [Locale::Ja, Locale::En].into_iter().zip(typed) {
            let name = format!("{field}_{}", locale.tag());
            let typed = typed.replace("\r\n", "\n").trim().to_owned();
            let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
            if typed.chars().count() > longest || typed.chars().any(control) {
                self.wrong(name, "forms-text-too-long");
            } else if typed.is_empty() && required && locale == self.own {
                self.wrong(name, "error-required");
            }
            if !typed.is_empty() {
                text.0.insert(locale, typed);
            }
        }
        text
    }

    fn field(&mut self, number: usize, typed: &FieldInput, fresh_key: impl FnOnce() -> String) -> Field {
        let name = |part: &str| format!("field-{number}-{part}");
        let label = self.text(&name("label"), &typed.label, LONGEST_LABEL, true);
        let hint = self.text(&name("hint"), &typed.hint, LONGEST_HINT, false);
        let choices: Vec<Localised> =
            if typed.kind.has_choices() { typed.choices.lines().filter_map(|line| choice(line, self.own)).collect() } else { Vec::new() };
        if typed.kind.has_choices() {
            let texts: std::collections::BTreeSet<&str> = choices.iter().map(|choice| choice.get(self.own)).collect();
            if choices.is_empty() {
                self.wrong(name("choices"), "forms-no-choices");
            } else if choices.len() > Form::MOST_CHOICES || texts.iter().any(|text| text.chars().count() > LONGEST_LABEL) {
                self.wrong(name("choices"), "forms-too-many-choices");
            } else if texts.len() < choices.len() {
                self.wrong(name("choices"), "forms-same-choice");
            }
        }
        let key = if typed.key.is_empty() { fresh_key() } else { typed.key.clone() };
        Field { key, kind: typed.kind, label, hint, required: typed.required, choices, retired: false }
    }

    fn notify(&mut self, typed: &str) -> Vec<Email> {
        let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
        let parsed: Result<Vec<Email>, _> = lines.map(str::parse).collect();
        match parsed {
            Ok(addresses) if addresses.len() <= MOST_NOTIFIED => addresses,
            Ok(_) => {
                self.wrong("notify", "forms-too-many-notified");
                Vec::new()
            }
            Err(_) => {
                self.wrong("notify", "forms-notify-address");
                Vec::new()
            }
        }
    }

    fn gate(&mut self, typed: &GateInput, audience: &Audience) -> Gate {
        typed.check(audience).unwrap_or_else(|message| {
            self.wrong("gate", message);
            Gate::Staff
        })
    }
}

/// `朝 | Morning`: the organisation's own language first.
fn choice(line: &str, own: Locale) -> Option<Localised> {
    let (first, second) = line.split_once(['|', '｜']).unwrap_or((line, ""));
    let other = if own == Locale::Ja { Locale::En } else { Locale::Ja };
    let given = [(own, first.trim()), (other, second.trim())].into_iter().filter(|(_, text)| !text.is_empty());
    let texts = Localised(given.map(|(locale, text)| (locale, text.to_owned())).collect());
    texts.0.contains_key(&own).then_some(texts)
}

impl FieldInput {
    pub fn new(kind: FieldKind) -> Self {
        Self { key: String::new(), kind, label: Default::default(), hint: Default::default(), required: false, choices: String::new() }
    }

    fn of(field: &Field, own: Locale) -> Self {
        let line = |choice: &Localised| match choice.0.iter().find(|(locale, _)| **locale != own) {
            Some((_, other)) => format!("{} | {other}", choice.get(own)),
            None => choice.get(own).to_owned(),
        };
        Self {
            key: field.key.clone(),
            kind: field.kind,
            label: both(&field.label),
            hint: both(&field.hint),
            required: field.required,
            choices: field.choices.iter().map(line).collect::<Vec<_>>().join("\n"),
        }
    }
}

fn both(text: &Localised) -> [String; 2] {
    [Locale::Ja, Locale::En].map(|locale| text.0.get(&locale).cloned().unwrap_or_default())
}

impl FormInput {
    pub fn of(placed: &PlacedForm, own: Locale) -> Self {
        let form = &placed.form;
        Self {
            address: placed.address.clone(),
            purpose: form.purpose,
            name: both(&form.name),
            lead: both(&form.lead),
            thanks: both(&form.thanks),
            open: form.open,
            gate: GateInput::from(&form.gate),
            notify: form.notify.iter().map(Email::as_str).collect::<Vec<_>>().join("\n"),
            reply: form.reply,
            fields: form.asked().map(|field| FieldInput::of(field, own)).collect(),
        }
    }

    /// [`ServiceError::Invalid`] with every message at once. Fields' inputs are called `field-0-label_ja` and so on.
    fn check(&self, own: Locale, audience: &Audience, fresh_key: impl Fn() -> String) -> Result<Form, ServiceError> {
        let mut check = Check { own, errors: Vec::new() };
        if !is_address(self.address.trim()) {
            check.wrong("address", "forms-address-wrong");
        }
        let form = Form {
            purpose: self.purpose,
            name: check.text("name", &self.name, LONGEST_NAME, true),
            lead: check.text("lead", &self.lead, LONGEST_TEXT, false),
            thanks: check.text("thanks", &self.thanks, LONGEST_TEXT, false),
            open: self.open,
            gate: check.gate(&self.gate, audience),
            notify: check.notify(&self.notify),
            reply: self.reply,
            fields: self.fields.iter().enumerate().map(|(number, typed)| check.field(number, typed, &fresh_key)).collect(),
        };
        let is_there = |kind| form.fields.iter().any(|field| field.kind == kind && field.required);
        if form.fields.is_empty() {
            check.wrong("fields", "forms-no-fields");
        } else if form.fields.len() > Form::MOST_FIELDS {
            check.wrong("fields", "forms-too-many-fields");
        } else if self.purpose == Purpose::Join && !(is_there(FieldKind::Name) && is_there(FieldKind::Email)) {
            check.wrong("fields", "forms-join-needs");
        } else if self.reply && form.first(FieldKind::Email).is_none() {
            check.wrong("fields", "forms-reply-needs");
        }
        if check.errors.is_empty() { Ok(form) } else { Err(ServiceError::Invalid(check.errors)) }
    }
}

impl Services {
    /// Names what a form is now: the editor says which state it began with.
    pub fn form_state(&self, placed: &PlacedForm) -> Result<String, ServiceError> {
        Ok(self.sign("form-state", &[&placed.id.to_string(), &placed.address, &serde_json::to_string(&placed.form)?]))
    }

    /// For staff.
    pub async fn form(&self, visit: &Visit, id: Uuid) -> Result<PlacedForm, ServiceError> {
        self.of(visit).form(id).await?.ok_or(ServiceError::NotFound)
    }
}

impl Editor {
    /// Makes a form, or changes the one of `id` where it is as it was when `seen` was made. Answers its id. A field that is
    /// taken out of a form with answers is retired: what was answered stays readable.
    pub async fn save_form(&self, visit: &Visit, id: Option<Uuid>, seen: &str, input: &FormInput) -> Result<Uuid, ServiceError> {
        let audience = self.services.of(visit).audience().await?;
        let fresh_key = || format!("f-{}", random_hex::<4>(self.services.random()));
        let mut form = input.check(visit.organisation.locale, &audience, fresh_key)?;
        let mut transaction = self.begin().await?;
        let (id, action) = match id {
            Some(id) => {
                let current = transaction.current_form(id).await?.ok_or(ServiceError::NotFound)?;
                if self.services.form_state(&current)? != seen {
                    return Err(ServiceError::Changed);
                }
                let known = |field: &Field| current.form.fields.iter().any(|old| old.key == field.key && old.kind == field.kind);
                // A key that was made up, or moved to another kind of field.
                for field in form.fields.iter_mut().filter(|field| !known(field)) {
                    field.key = fresh_key();
                }
                if !self.store.answers(id, None, None, 1).await?.is_empty() {
                    // Where answers stand belongs to what becomes of them.
                    if form.purpose != current.form.purpose {
                        return Err(ServiceError::Invalid(vec![("purpose".into(), "forms-purpose-answered")]));
                    }
                    let gone = |old: &&Field| !form.fields.iter().any(|field| field.key == old.key);
                    let retired = current.form.fields.iter().filter(gone).map(|old| Field { retired: true, ..old.clone() });
                    let retired: Vec<Field> = retired.collect();
                    form.fields.extend(retired);
                }
                (id, "form-changed")
            }
            None if self.store.forms().await?.len() >= MOST_FORMS => {
                return Err(ServiceError::Invalid(vec![("fields".into(), "forms-too-many")]));
            }
            None => {
                form.fields.iter_mut().for_each(|field| field.key = fresh_key());
                (self.services.fresh_id(), "form-made")
            }
        };
        let name = form.name.get(visit.organisation.locale).to_owned();
        let placed = PlacedForm { id, address: input.address.trim().to_owned(), form };
        match transaction.set_form(&placed).await {
            Err(StoreError::Duplicate(_)) => return Err(ServiceError::Invalid(vec![("address".into(), "forms-address-taken")])),
            other => other?,
        }
        self.record(&transaction, action, format!("form:{id}"), &name).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// With all its answers.
    pub async fn delete_form(&self, visit: &Visit, id: Uuid) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        let form = transaction.current_form(id).await?.ok_or(ServiceError::NotFound)?;
        transaction.delete_form(id).await?;
        self.record(&transaction, "form-deleted", format!("form:{id}"), form.form.name.get(visit.organisation.locale)).await?;
        transaction.commit().await?;
        Ok(())
    }
}
