//! A form on the site: filled in, looked at once more, and sent. Works without scripts, and what was typed is never lost.

use crate::fields::Fields;
use crate::pages::denied_page;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web, look};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tsudoi_services::ServiceError;
use tsudoi_services::forms::{AnswerFor, Errand, Field, FieldKind, FormView, PlacedForm, Purpose, Sent, Typed, Wrong};

type Answer = Result<Response, Problem>;

/// Robots fill in whatever there is; people do not see this one.
const TRAP: &str = "website";
/// Up to so many choices are shown at once.
const MOST_RADIOS: usize = 6;

/// What stands in a form: as typed, and what is wrong with it.
#[derive(Default)]
struct Filled<'a> {
    pairs: &'a [(String, String)],
    wrong: Vec<Wrong>,
    /// Of the form as a whole: a key.
    fault: &'static str,
    trapped: bool,
    /// The plugin and key that it is filled in for, as they stand in the address; else empty.
    asked: String,
}

#[derive(Deserialize)]
pub struct Address {
    #[serde(default, rename = "for")]
    asked: String,
}

impl Filled<'_> {
    fn texts(&self, input: &str) -> Vec<&str> {
        self.pairs.iter().filter(|(name, _)| name == input).map(|(_, value)| value.as_str()).collect()
    }
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(address): Path<String>, Query(query): Query<Address>) -> Answer {
    let (form, errand) = match open(&web, &visiting, &address, &query.asked).await? {
        Ok(open) => open,
        Err(other) => return Ok(other),
    };
    let known = web.services.known_for_form(&visiting.visit, &form).await?;
    let filled = Filled { pairs: &known, asked: asked(errand.as_ref()), ..Filled::default() };
    Ok(page(&web, &visiting, StatusCode::OK, &form, &filled, &web.services.form_shown(&form)))
}

/// A button of the form says which step it is: `check` what was typed, `send` it, or `edit` it again.
pub async fn send(State(web): State<AppState>, visiting: Visiting, Path(address): Path<String>, fields: Fields) -> Answer {
    let (form, errand) = match open(&web, &visiting, &address, fields.raw("_for")).await? {
        Ok(open) => open,
        Err(other) => return Ok(other),
    };
    let shown = fields.raw("_shown");
    let mut filled = Filled { pairs: fields.pairs(), asked: asked(errand.as_ref()), ..Filled::default() };
    let again = |filled: &Filled<'_>| page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &form, filled, shown);
    if fields.get("step") == "edit" {
        return Ok(page(&web, &visiting, StatusCode::OK, &form, &filled, shown));
    }
    let values = match form.form.read(visiting.organisation().locale, |input| filled.texts(input)) {
        Ok(values) => values,
        Err(wrong) => {
            filled.wrong = wrong;
            return Ok(again(&filled));
        }
    };
    if !fields.get(TRAP).is_empty() {
        (filled.fault, filled.trapped) = ("forms-trapped", true);
        return Ok(again(&filled));
    }
    // Without a token of ours it is not known which answer this is: so it is confirmed once more.
    let token = web.services.form_token_of(&form, fields.raw("_token")).filter(|_| fields.get("step") == "send");
    let Some(token) = token else {
        return Ok(confirmation(&web, &visiting, &form, &values, &filled, shown));
    };
    let typed = Typed { values, token, shown, client: &visiting.client };
    match web.services.answer_form(&visiting.visit, &form, errand.as_ref(), typed).await {
        Ok(Sent::Kept | Sent::Again) => Ok(match errand {
            Some(errand) => web.go(&errand.back, "flash-form-sent"),
            None => Redirect::to(&format!("/forms/{}/sent", form.address)).into_response(),
        }),
        Ok(Sent::Answered) => Ok(web.go(&errand.map_or_else(|| "/".to_owned(), |errand| errand.back), "flash-warning-form-answered")),
        Ok(Sent::Unheard) => {
            filled.fault = "forms-unheard";
            Ok(page(&web, &visiting, StatusCode::CONFLICT, &form, &filled, shown))
        }
        Ok(Sent::TooSoon) => {
            filled.fault = "forms-too-soon";
            Ok(page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &form, &filled, &web.services.form_shown(&form)))
        }
        Err(ServiceError::TooMany { .. }) => {
            filled.fault = "forms-too-many-sent";
            Ok(page(&web, &visiting, StatusCode::TOO_MANY_REQUESTS, &form, &filled, shown))
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn sent(State(web): State<AppState>, visiting: Visiting, Path(address): Path<String>) -> Answer {
    let form = match web.services.form_at(&visiting.visit, &address, None).await? {
        FormView::Open(form, _) | FormView::Closed(form) => form,
        // From a plugin's form the way leads back to the plugin.
        FormView::Nothing | FormView::Denied(..) | FormView::Elsewhere(_) | FormView::Answered(..) => return Err(Problem::NotFound),
    };
    let locale = visiting.locale();
    let own = json!({
        "page": { "title": form.form.name.get(locale) },
        "thanks_html": web.plain_html(&visiting, form.form.thanks.get(locale)),
    });
    Ok(web.site_page(&visiting, StatusCode::OK, "form-sent.html", own))
}

/// The form, or what is shown in its place.
async fn open(web: &Web, visiting: &Visiting, address: &str, asked: &str) -> Result<Result<Opened, Response>, Problem> {
    let locale = visiting.locale();
    // `why`: `closed`, `elsewhere` or `answered`; `back`: the page of the plugin that it is for.
    let not_now = |form: &PlacedForm, why: &str, back: &str| {
        let own = json!({
            "page": { "title": form.form.name.get(locale) }, "why": why, "back": back, "contact_url": visiting.visit.frame.contact_url(),
        });
        web.site_page(visiting, StatusCode::OK, "form-closed.html", own)
    };
    Ok(match web.services.form_at(&visiting.visit, address, AnswerFor::parse(asked).as_ref()).await? {
        FormView::Nothing => return Err(Problem::NotFound),
        FormView::Open(form, errand) => Ok((form, errand)),
        FormView::Denied(form, gate, audience) => {
            Err(denied_page(web, visiting, form.form.name.get(locale), String::new(), &gate, &audience))
        }
        FormView::Closed(form) => Err(not_now(&form, "closed", "")),
        FormView::Elsewhere(form) => Err(not_now(&form, "elsewhere", "")),
        FormView::Answered(form, errand) => Err(not_now(&form, "answered", &errand.back)),
    })
}

type Opened = (PlacedForm, Option<Errand>);

fn asked(errand: Option<&Errand>) -> String {
    errand.map(|errand| errand.answers.to_string()).unwrap_or_default()
}

fn page(web: &Web, visiting: &Visiting, status: StatusCode, form: &PlacedForm, filled: &Filled<'_>, shown: &str) -> Response {
    let edit_url = web.form_edit_url(visiting, form);
    let own = json!({
        "page": { "title": form.form.name.get(visiting.locale()), "edit_url": edit_url },
        "form": drawn(web, visiting, form, filled, shown),
    });
    web.site_page(visiting, status, "form.html", own)
}

/// What was understood, to be sent or changed. What was typed travels along.
fn confirmation(
    web: &Web,
    visiting: &Visiting,
    form: &PlacedForm,
    values: &Map<String, Value>,
    filled: &Filled<'_>,
    shown: &str,
) -> Response {
    let locale = visiting.locale();
    let line = |field: &Field| {
        let value = values.get(&field.key).map(|value| web.answer_words(visiting, value)).unwrap_or_default();
        json!({ "label": field.label.get(locale), "value": value, "several_lines": field.kind == FieldKind::Lines })
    };
    let inputs = form.form.asked().flat_map(|field| field.inputs(visiting.organisation().locale));
    let typed = inputs.flat_map(|(input, _)| {
        filled.texts(&input).into_iter().map(move |text| json!({ "name": input, "value": text })).collect::<Vec<_>>()
    });
    let own = json!({
        "page": { "title": form.form.name.get(locale) },
        "form": {
            "address": form.address,
            "for": filled.asked,
            "lines": form.form.asked().map(line).collect::<Vec<_>>(),
            "typed": typed.collect::<Vec<_>>(),
            "shown": shown,
            "token": web.services.form_token(form),
        },
    });
    web.site_page(visiting, StatusCode::OK, "form-confirm.html", own)
}

/// A form as templates are given it.
fn drawn(web: &Web, visiting: &Visiting, form: &PlacedForm, filled: &Filled<'_>, shown: &str) -> Value {
    let locale = visiting.locale();
    let fault = if filled.fault.is_empty() { String::new() } else { web.look.message(locale, filled.fault, &json!({})) };
    json!({
        "address": form.address,
        "for": filled.asked,
        "for_plugins": form.form.purpose == Purpose::Plugin && filled.asked.is_empty(),
        "lead_html": web.plain_html(visiting, form.form.lead.get(locale)),
        "closed": !form.form.open,
        "fields": form.form.asked().map(|field| drawn_field(web, visiting, field, filled)).collect::<Vec<_>>(),
        "fault": fault,
        "mistakes": filled.wrong.len(),
        "trapped": filled.trapped,
        "shown": shown,
    })
}

fn drawn_field(web: &Web, visiting: &Visiting, field: &Field, filled: &Filled<'_>) -> Value {
    let (locale, own) = (visiting.locale(), visiting.organisation().locale);
    let error = |part: &str| {
        let wrong = filled.wrong.iter().find(|wrong| wrong.field == field.key && wrong.part == part);
        let message = wrong.map(|wrong| match (field.kind, wrong.misfit) {
            (FieldKind::Choice | FieldKind::Choices, tsudoi_kernel::manifest::Misfit::Empty) => ("forms-choose", json!({})),
            (FieldKind::Number, tsudoi_kernel::manifest::Misfit::NotInteger) => ("forms-number-needed", json!({})),
            (FieldKind::Consent, _) => ("forms-consent-needed", json!({})),
            (_, misfit) => misfit.message(),
        });
        message.map(|(key, args)| web.look.message(locale, key, &args)).unwrap_or_default()
    };
    let input = |(name, part): (String, &'static str)| {
        let label = if part.is_empty() { String::new() } else { web.look.message(locale, &format!("forms-name-{part}"), &json!({})) };
        let value = filled.texts(&name).first().copied().unwrap_or_default().to_owned();
        json!({ "name": name, "part": part, "label": label, "value": value, "error": error(part), "autocomplete": autocomplete(field.kind, part) })
    };
    let chosen = filled.texts(&field.key);
    let choices = field.choices.iter().map(|choice| {
        let value = choice.get(own);
        json!({ "value": value, "title": choice.get(locale), "checked": chosen.contains(&value) })
    });
    let kind = match field.kind {
        FieldKind::Choice if field.choices.len() <= MOST_RADIOS => "radios",
        FieldKind::Choice => "select",
        FieldKind::Choices => "checks",
        other => other.as_str(),
    };
    json!({
        "key": field.key,
        "kind": kind,
        "label": field.label.get(locale),
        "hint": field.hint.get(locale),
        "required": field.required,
        "inputs": field.inputs(own).into_iter().map(input).collect::<Vec<_>>(),
        "value": chosen.first().copied().unwrap_or_default(),
        "choices": choices.collect::<Vec<_>>(),
        "error": error(""),
        "longest": field.kind.longest(),
    })
}

/// For what browsers and phones know already (HTML, section 4.10.18.7).
fn autocomplete(kind: FieldKind, part: &str) -> &'static str {
    match (kind, part) {
        (FieldKind::Name, "family") => "family-name",
        (FieldKind::Name, "given") => "given-name",
        (FieldKind::Email, _) => "email",
        (FieldKind::Phone, _) => "tel",
        (FieldKind::PostalCode, _) => "postal-code",
        _ => "off",
    }
}

impl Web {
    fn form_edit_url(&self, visiting: &Visiting, form: &PlacedForm) -> String {
        let may = visiting.visitor().may(tsudoi_kernel::Permission::MEMBERS);
        if may { format!("/admin/forms/{}", form.id) } else { String::new() }
    }

    /// A form inside a page's text; for whoever may not answer it, and where there is none, a word to staff.
    pub(crate) async fn form_block(&self, visiting: &Visiting, address: &str) -> Result<Result<String, &'static str>, Problem> {
        let form = match self.services.form_at(&visiting.visit, address, None).await? {
            FormView::Open(form, _) if form.form.purpose != Purpose::Plugin => form,
            FormView::Open(..) | FormView::Elsewhere(_) | FormView::Answered(..) => return Ok(Err("forms-block-elsewhere")),
            FormView::Nothing => return Ok(Err("forms-block-nothing")),
            FormView::Closed(_) => return Ok(Err("forms-block-closed")),
            FormView::Denied(..) => return Ok(Err("forms-block-denied")),
        };
        let theme_id = &visiting.organisation().theme;
        let Some(theme) = self.look.theme(theme_id) else { return Ok(Err("forms-block-nothing")) };
        let known = self.services.known_for_form(&visiting.visit, &form).await?;
        let filled = Filled { pairs: &known, ..Filled::default() };
        let own = json!({
            "form": drawn(self, visiting, &form, &filled, &self.services.form_shown(&form)),
            "csrf": visiting.csrf(&self.services, "host"),
        });
        let context = self.site_context(visiting, &theme, own);
        match theme.render("form-block.html", visiting.locale(), look::zone(visiting), &context) {
            Ok(html) => Ok(Ok(html)),
            Err(error) => Err(Problem::Broken(format!("form-block.html: {error}"))),
        }
    }
}
