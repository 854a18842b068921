//! What the columns of a file hold, as staff say it.

use super::{Answer, id_of, letters};
use crate::fields::Fields;
use crate::members::type_choices;
use crate::visiting::Visiting;
use crate::{AppState, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::ServiceError;
use tsudoi_services::imports::{Encoding, Existing, Import, ImportError, ImportState, Plan, Target};
use tsudoi_services::pages::Named;

/// Columns that a form can send.
const MOST_COLUMNS: usize = 200;

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let import = web.services.import(&visiting.visit, id_of(&id)?).await?;
    if !matches!(import.state, ImportState::Uploaded | ImportState::Checked) {
        return Ok(web.go(&format!("/admin/members/imports/{id}"), "flash-warning-import-changed"));
    }
    page(&web, &visiting, StatusCode::OK, &import, &import.plan, &[]).await
}

/// What a button asks for: `check`, or to read the file another way.
pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let visit = &visiting.visit;
    let import = web.services.import(visit, id_of(&id)?).await?;
    let editor = web.services.editor(visit);
    let here = format!("/admin/members/imports/{id}");
    if fields.get("action") == "reread" {
        let (sheet, encoding) = (fields.get("sheet"), fields.get("encoding").parse::<Encoding>().ok());
        let sheet = Some(sheet).filter(|sheet| !sheet.is_empty());
        return match editor.reread_import(visit, import.id, sheet, encoding).await {
            Ok(()) => Ok(web.go(&format!("{here}/plan"), "flash-import-read")),
            Err(ImportError::Table(error)) => {
                let errors = [("file".to_owned(), web.table_words(visiting.locale(), &error))];
                page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &import, &import.plan, &errors).await
            }
            Err(ImportError::Service(ServiceError::Changed)) => Ok(web.go(&here, "flash-warning-import-changed")),
            Err(ImportError::Service(error)) => Err(error.into()),
        };
    }
    let plan = sent(&fields);
    match editor.plan_import(visit, import.id, &plan).await {
        Ok(()) => Ok(web.go(&here, "flash-import-checking")),
        Err(ServiceError::Changed) => Ok(web.go(&here, "flash-warning-import-changed")),
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &import, &plan, &errors).await
        }
        Err(error) => Err(error.into()),
    }
}

fn sent(fields: &Fields) -> Plan {
    let field = |name: &str| fields.get(name).to_owned();
    let columns = (0..MOST_COLUMNS).map(|number| format!("column-{number}")).take_while(|name| fields.has(name));
    Plan {
        has_titles: fields.has("titles"),
        columns: columns.map(|name| Target::parse(fields.get(&name))).collect(),
        existing: if fields.get("existing") == "change" { Existing::Change } else { Existing::Leave },
        numbering: fields.has("numbering"),
        take_the_good: fields.get("wrong") == "good",
        member_type: field("member_type"),
        tier: field("tier"),
        label: field("label"),
        begins: field("begins"),
        ..Plan::default()
    }
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, import: &Import, plan: &Plan, errors: &[(String, String)]) -> Answer {
    let locale = visiting.locale();
    let audience = web.services.audience(&visiting.visit).await?;
    // Whether the first row is one of titles, as it was typed.
    let shown = Import { plan: Plan { has_titles: plan.has_titles, ..import.plan.clone() }, ..import.clone() };
    let columns = web.services.import_columns(&visiting.visit, &shown).await?;
    let error = |field: &str| errors.iter().find(|(wrong, _)| wrong == field).map(|(_, message)| message.clone()).unwrap_or_default();
    let label = |target: Target| web.look.message(locale, &format!("imports-target-{}", target.as_str()), &json!({}));
    let column = |number: usize| -> Value {
        let chosen = plan.columns.get(number).copied().flatten();
        let target = |target: Target| json!({ "key": target.as_str(), "label": label(target), "chosen": Some(target) == chosen });
        let samples: Vec<&String> = columns.samples.iter().filter_map(|row| row.get(number)).filter(|cell| !cell.is_empty()).collect();
        json!({
            "number": number, "letters": letters(number), "title": columns.titles.get(number), "samples": samples,
            "targets": Target::ALL.map(target),
        })
    };
    let choices = |named: &[Named], chosen: &str| -> Vec<Value> {
        named.iter().map(|named| json!({ "key": named.key, "name": named.name.get(locale), "chosen": named.key == chosen })).collect()
    };
    let encodings = Encoding::ALL.map(|encoding| {
        let label = web.look.message(locale, &format!("imports-encoding-{}", encoding.as_str()), &json!({}));
        json!({ "key": encoding.as_str(), "label": label, "chosen": Some(encoding.as_str()) == import.plan.encoding.as_deref() })
    });
    let sheets = import.plan.sheets.iter().map(|sheet| json!({ "name": sheet, "chosen": Some(sheet) == import.plan.sheet.as_ref() }));
    let own = json!({
        "id": import.id,
        "name": import.name,
        "rows": import.all(),
        "columns": (0..import.plan.columns.len()).map(column).collect::<Vec<_>>(),
        "columns_error": error("columns"),
        "titles": plan.has_titles,
        "sheets": if import.plan.sheets.len() > 1 { sheets.collect::<Vec<_>>() } else { Vec::new() },
        "encodings": if import.plan.encoding.is_some() { encodings.to_vec() } else { Vec::new() },
        "file_error": error("file"),
        "changes": plan.existing == Existing::Change,
        "numbering": plan.numbering,
        "good": plan.take_the_good,
        "types": type_choices(&audience, locale, &plan.member_type),
        "tiers": choices(&audience.tiers, &plan.tier),
        "labels": choices(&audience.labels, &plan.label),
        "begins": plan.begins,
        "begins_error": error("begins"),
        "mistakes": errors.len(),
    });
    Ok(web.admin_page(visiting, status, "import-plan.html", "members", own))
}
