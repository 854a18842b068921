//! What members are sorted by: the lists of types of membership, tiers and labels.

use super::{Answer, errors_in};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tsudoi_kernel::{Locale, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::members::{KindInput, KindList, Kinds};

/// Rows without anything in them at a list's end.
const SPARE: usize = 2;
const MOST_ROWS: usize = 60;

/// What was sent of one list, and what was wrong with it.
struct Sent {
    list: KindList,
    rows: Vec<KindInput>,
    errors: Vec<(String, String)>,
    changed: bool,
}

pub async fn show(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    page(&web, &visiting, StatusCode::OK, None).await
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(list): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let list = KindList::parse(&list).ok_or(Problem::NotFound)?;
    let row = |number: usize| {
        let field = |name: &str| fields.raw(&format!("{number}-{name}")).to_owned();
        let is_sent = fields.has(&format!("{number}-key"));
        is_sent.then(|| KindInput { key: field("key"), name: [field("ja"), field("en")], grace_days: field("grace") })
    };
    let rows: Vec<KindInput> = (0..MOST_ROWS).map_while(row).collect();
    let editor = web.services.editor(&visiting.visit);
    let (status, errors) = match editor.save_kinds(&visiting.visit, list, fields.get("state"), &rows).await {
        Ok(()) => return Ok(web.go(&format!("/admin/members/kinds#{}", list.as_str()), "flash-kinds-saved")),
        Err(ServiceError::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, web.messages(&visiting, &errors)),
        Err(ServiceError::Changed) => (StatusCode::CONFLICT, Vec::new()),
        Err(error) => return Err(error.into()),
    };
    page(&web, &visiting, status, Some(Sent { list, rows, errors, changed: status == StatusCode::CONFLICT })).await
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, sent: Option<Sent>) -> Answer {
    let mut lists = Vec::new();
    for list in KindList::ALL {
        let kinds = web.services.kinds(&visiting.visit, list).await?;
        lists.push(drawn(web, visiting, kinds, sent.as_ref().filter(|sent| sent.list == list)));
    }
    Ok(web.admin_page(visiting, status, "member-kinds.html", "members", json!({ "lists": lists })))
}

fn drawn(web: &Web, visiting: &Visiting, kinds: Kinds, sent: Option<&Sent>) -> Value {
    let (locale, own) = (visiting.locale(), visiting.organisation().locale);
    let message = |key: &str| web.look.message(locale, key, &json!({}));
    let list = kinds.list.as_str();
    let no_errors = Vec::new();
    let error = errors_in(sent.map_or(&no_errors, |sent| &sent.errors));
    let mut rows = sent.map_or(kinds.entries, |sent| sent.rows.clone());
    while rows.last().is_some_and(|row| row.key.is_empty() && row.name.iter().all(String::is_empty)) {
        rows.pop();
    }
    rows.resize(rows.len() + SPARE, KindInput::default());
    let row = |(number, row): (usize, &KindInput)| -> Value {
        let mut names = [("ja", &row.name[0]), ("en", &row.name[1])];
        if own == Locale::En {
            names.reverse();
        }
        let name = |(tag, value): (&str, &String)| {
            let field = format!("{number}-{tag}");
            json!({ "name": field, "label": message(&format!("forms-in-{tag}")), "value": value, "error": error(&field) })
        };
        json!({
            "number": number, "key": row.key, "names": names.map(name), "grace": row.grace_days,
            "grace_error": error(&format!("{number}-grace")), "uses": kinds.uses.get(&row.key).copied().unwrap_or_default(),
        })
    };
    json!({
        "list": list,
        "title": message(&format!("kinds-{list}")),
        "lead": message(&format!("kinds-{list}-lead")),
        "has_grace": kinds.list == KindList::Types,
        "state": kinds.state,
        "changed": sent.is_some_and(|sent| sent.changed),
        "mistakes": sent.map_or(0, |sent| sent.errors.len()),
        "rows": rows.iter().enumerate().map(row).collect::<Vec<_>>(),
    })
}
