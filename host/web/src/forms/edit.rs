//! Where staff make forms. Fields are added, moved and removed by buttons that send the form, so it works without scripts.

use super::id_of;
use crate::fields::Fields;
use crate::pages::gate_input;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::form::Form;
use tsudoi_kernel::{Locale, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::forms::{FieldInput, FieldKind, FormInput, ListedForm, MOST_FORMS, Purpose};
use tsudoi_services::pages::{Audience, GateInput};
use uuid::Uuid;

type Answer = Result<Response, Problem>;

pub async fn list(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (forms, locale) = (web.services.forms(&visiting.visit).await?, visiting.locale());
    let line = |listed: &ListedForm| -> Value {
        let form = &listed.form.form;
        json!({
            "id": listed.form.id, "address": listed.form.address, "name": form.name.get(locale), "open": form.open,
            "purpose": form.purpose, "answers": listed.answers, "new": listed.new,
        })
    };
    let own = json!({ "forms": forms.iter().map(line).collect::<Vec<_>>(), "full": forms.len() >= MOST_FORMS });
    Ok(web.admin_page(&visiting, StatusCode::OK, "forms.html", "forms", own))
}

pub async fn blank(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let purpose = visiting.target.split_once("?for=").and_then(|(_, purpose)| Purpose::parse(purpose)).unwrap_or_default();
    let audience = web.services.audience(&visiting.visit).await?;
    Ok(page(&web, &visiting, StatusCode::OK, &audience, Shown::new(begun(&web, &visiting, purpose))))
}

/// What a new form begins with: what such forms nearly always ask.
fn begun(web: &Web, visiting: &Visiting, purpose: Purpose) -> FormInput {
    let text = |key: &str| {
        let label = |locale| web.look.message(locale, key, &json!({}));
        [label(Locale::Ja), label(Locale::En)]
    };
    let field = |kind: FieldKind, key: &str, required| FieldInput { label: text(key), required, ..FieldInput::new(kind) };
    let mut fields = vec![field(FieldKind::Name, "forms-begun-name", true), field(FieldKind::Email, "forms-begun-email", true)];
    if purpose == Purpose::Join {
        fields.push(field(FieldKind::PostalCode, "forms-begun-postal-code", false));
        fields.push(field(FieldKind::Text, "forms-begun-address", false));
        fields.push(field(FieldKind::Phone, "forms-begun-phone", false));
        fields.push(field(FieldKind::Consent, "forms-begun-consent", true));
    } else if purpose == Purpose::Plugin {
        // Who it is, the member's record says.
        fields = vec![field(FieldKind::Lines, "forms-begun-wishes", false)];
    } else {
        fields.push(field(FieldKind::Lines, "forms-begun-lines", true));
    }
    let notify = visiting.visit.frame.contact_email.clone();
    let (address, name, kind) = match purpose {
        Purpose::Answers => ("contact", "forms-begun-contact", "everyone"),
        Purpose::Join => ("join", "forms-begun-join", "everyone"),
        Purpose::Plugin => ("registration", "forms-begun-plugin", "members"),
    };
    let gate = GateInput { kind: kind.into(), ..GateInput::default() };
    FormInput {
        address: address.into(),
        name: text(name),
        purpose,
        open: true,
        gate,
        notify,
        reply: purpose != Purpose::Plugin,
        fields,
        ..FormInput::default()
    }
}

pub async fn create(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    send(&web, &visiting, None, &fields).await
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let form = web.services.form(&visiting.visit, id_of(&id)?).await?;
    let audience = web.services.audience(&visiting.visit).await?;
    let mut shown = Shown::new(FormInput::of(&form, visiting.organisation().locale));
    (shown.id, shown.state) = (Some(form.id), web.services.form_state(&form)?);
    Ok(page(&web, &visiting, StatusCode::OK, &audience, shown))
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    send(&web, &visiting, Some(id_of(&id)?), &fields).await
}

pub async fn delete(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    web.services.editor(&visiting.visit).delete_form(&visiting.visit, id_of(&id)?).await?;
    Ok(web.go("/admin/forms", "flash-form-deleted"))
}

/// What a button of the form asks for: to add, move or remove a field, or to save.
async fn send(web: &Web, visiting: &Visiting, id: Option<Uuid>, fields: &Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let visit = &visiting.visit;
    if let Some(id) = id {
        web.services.form(visit, id).await?;
    }
    let audience = web.services.audience(visit).await?;
    let mut shown = Shown::new(sent(fields));
    (shown.id, shown.state) = (id, fields.raw("state").to_owned());
    if edit(&mut shown.input.fields, fields.get("action")) {
        return Ok(page(web, visiting, StatusCode::OK, &audience, shown));
    }
    match web.services.editor(visit).save_form(visit, id, &shown.state, &shown.input).await {
        Ok(id) => Ok(web.go(&format!("/admin/forms/{id}"), "flash-form-saved")),
        Err(ServiceError::Invalid(errors)) => {
            shown.errors = web.messages(visiting, &errors);
            Ok(page(web, visiting, StatusCode::UNPROCESSABLE_ENTITY, &audience, shown))
        }
        Err(ServiceError::Changed) => {
            let theirs = web.services.form(visit, id.ok_or(Problem::NotFound)?).await?;
            shown.state = web.services.form_state(&theirs)?;
            let theirs = FormInput::of(&theirs, visiting.organisation().locale);
            let words = |field: &FieldInput| field.label.iter().find(|label| !label.is_empty()).cloned().unwrap_or_default();
            shown.theirs = Some(theirs.fields.iter().map(words).collect());
            Ok(page(web, visiting, StatusCode::CONFLICT, &audience, shown))
        }
        Err(error) => Err(error.into()),
    }
}

fn field_name(number: usize, part: &str) -> String {
    format!("field-{number}-{part}")
}

fn sent(fields: &Fields) -> FormInput {
    let both = |name: &str| [fields.raw(&format!("{name}_ja")).to_owned(), fields.raw(&format!("{name}_en")).to_owned()];
    let kinds = (0..=Form::MOST_FIELDS).map_while(|number| Some((number, FieldKind::parse(fields.get(&field_name(number, "kind")))?)));
    let field = |(number, kind): (usize, FieldKind)| FieldInput {
        key: fields.get(&field_name(number, "key")).to_owned(),
        kind,
        label: both(&field_name(number, "label")),
        hint: both(&field_name(number, "hint")),
        required: fields.has(&field_name(number, "required")),
        choices: fields.raw(&field_name(number, "choices")).to_owned(),
    };
    FormInput {
        address: fields.get("address").to_owned(),
        purpose: Purpose::parse(fields.get("purpose")).unwrap_or_default(),
        name: both("name"),
        lead: both("lead"),
        thanks: both("thanks"),
        open: fields.has("open"),
        gate: gate_input(fields, ""),
        notify: fields.raw("notify").to_owned(),
        reply: fields.has("reply"),
        fields: kinds.map(field).collect(),
    }
}

/// Does what a button asks for: `add:text`, `up:2`, `down:0`, `remove:1`. Answers whether it was one of these.
fn edit(fields: &mut Vec<FieldInput>, action: &str) -> bool {
    let Some((verb, what)) = action.split_once(':') else { return false };
    let number = what.parse::<usize>().ok().filter(|number| *number < fields.len());
    match (verb, number) {
        ("add", _) => {
            if let Some(kind) = FieldKind::parse(what).filter(|_| fields.len() < Form::MOST_FIELDS) {
                fields.push(FieldInput::new(kind));
            }
        }
        ("up", Some(number)) if number > 0 => fields.swap(number, number - 1),
        ("down", Some(number)) if number + 1 < fields.len() => fields.swap(number, number + 1),
        ("remove", Some(number)) => drop(fields.remove(number)),
        ("up" | "down" | "remove", _) => {}
        _ => return false,
    }
    true
}

/// What the page of one form shows.
struct Shown {
    id: Option<Uuid>,
    input: FormInput,
    /// What it was when the page was made.
    state: String,
    errors: Vec<(String, String)>,
    /// The fields that somebody else saved meanwhile, by label.
    theirs: Option<Vec<String>>,
}

impl Shown {
    fn new(input: FormInput) -> Self {
        Self { id: None, input, state: String::new(), errors: Vec::new(), theirs: None }
    }
}

fn page(web: &Web, visiting: &Visiting, status: StatusCode, audience: &Audience, shown: Shown) -> Response {
    let (locale, own) = (visiting.locale(), visiting.organisation().locale);
    let error = |field: &str| shown.errors.iter().find(|(wrong, _)| wrong == field).map(|(_, message)| message.clone()).unwrap_or_default();
    // The organisation's own language first.
    let both = |name: &str, texts: &[String; 2], required: bool| -> Vec<Value> {
        let mut texts = vec![("ja", &texts[0]), ("en", &texts[1])];
        if own == Locale::En {
            texts.reverse();
        }
        let language = |tag: &str| web.look.message(locale, &format!("forms-in-{tag}"), &json!({}));
        let one = |(tag, text): (&str, &String)| {
            let field = format!("{name}_{tag}");
            json!({ "name": field, "language": language(tag), "value": text, "error": error(&field), "required": required && tag == own.tag() })
        };
        texts.into_iter().map(one).collect()
    };
    let kind_label = |kind: FieldKind| web.look.message(locale, &format!("forms-kind-{}", kind.as_str()), &json!({}));
    let row = |(number, field): (usize, &FieldInput)| -> Value {
        let name = |part: &str| field_name(number, part);
        json!({
            "number": number,
            "key": field.key,
            "kind": field.kind.as_str(),
            "kind_label": kind_label(field.kind),
            "labels": both(&name("label"), &field.label, true),
            "hints": both(&name("hint"), &field.hint, false),
            "required": field.required,
            "choices": field.choices,
            "has_choices": field.kind.has_choices(),
            "choices_error": error(&name("choices")),
            "last": number + 1 == shown.input.fields.len(),
        })
    };
    let input = &shown.input;
    let kinds: Vec<Value> = FieldKind::ALL.into_iter().map(|kind| json!({ "kind": kind.as_str(), "label": kind_label(kind) })).collect();
    let mut gate = web.gate_choice(locale, "", &input.gate, audience);
    gate["legend"] = web.look.message(locale, "forms-gate", &json!({})).into();
    let values = json!({
        "id": shown.id,
        "state": shown.state,
        "address": input.address,
        "address_error": error("address"),
        "purpose": input.purpose,
        "purposes": Purpose::ALL.map(Purpose::as_str),
        "purpose_error": error("purpose"),
        "names": both("name", &input.name, true),
        "leads": both("lead", &input.lead, false),
        "thanks": both("thanks", &input.thanks, false),
        "open": input.open,
        "gate": gate,
        "gate_error": error("gate"),
        "notify": input.notify,
        "notify_error": error("notify"),
        "reply": input.reply,
        "fields": input.fields.iter().enumerate().map(row).collect::<Vec<_>>(),
        "fields_error": error("fields"),
        "kinds": kinds,
        "full": input.fields.len() >= Form::MOST_FIELDS,
        "mistakes": shown.errors.len(),
        "theirs": shown.theirs,
    });
    web.admin_page(visiting, status, "form-edit.html", "forms", values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_add_move_and_remove_fields() {
        let mut fields = vec![FieldInput::new(FieldKind::Name)];
        assert!(edit(&mut fields, "add:email") && edit(&mut fields, "up:1"));
        let kinds = |fields: &[FieldInput]| fields.iter().map(|field| field.kind).collect::<Vec<_>>();
        assert_eq!(kinds(&fields), [FieldKind::Email, FieldKind::Name]);
        assert!(edit(&mut fields, "down:1") && edit(&mut fields, "up:0") && edit(&mut fields, "remove:9"), "nothing to do");
        assert!(edit(&mut fields, "remove:0"));
        assert_eq!(kinds(&fields), [FieldKind::Name]);
        assert!(!edit(&mut fields, "save"));
    }
}
