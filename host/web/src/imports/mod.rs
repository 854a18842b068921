//! Members from a file: uploading it, saying what its columns hold, looking at what would happen, and taking it back.

mod plan;
#[cfg(test)]
mod tests;

use crate::fields::Fields;
use crate::upload::MembersUpload;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_kernel::{Locale, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::imports::{Import, ImportError, ImportRow, ImportState, LINES, RowProblem, RowState, TableError, letters};
use tsudoi_services::spreadsheet::{Spreadsheet, harmless};
use uuid::Uuid;

pub fn routes() -> Router<AppState> {
    Router::new()
        // Files are read piece by piece, with a limit of their own.
        .route("/admin/members/imports", get(list).post(upload).layer(DefaultBodyLimit::disable()))
        .route("/admin/members/imports/{id}", get(show).post(act))
        .route("/admin/members/imports/{id}/plan", get(plan::show).post(plan::save))
        .route("/admin/members/imports/{id}/wrong.csv", post(wrong_rows))
}

type Answer = Result<Response, Problem>;

/// An id that can't be one is of something that isn't there.
fn id_of(text: &str) -> Result<Uuid, Problem> {
    parse_uuid(text).map_err(|_| Problem::NotFound)
}

impl Web {
    /// Why a file is no table, for whoever sent it.
    fn table_words(&self, locale: Locale, error: &TableError) -> String {
        let (key, arguments) = match error {
            TableError::Empty => ("imports-file-empty", json!({})),
            TableError::TooLarge => ("imports-file-too-large", json!({})),
            TableError::TooManyRows => ("imports-file-rows", json!({})),
            TableError::TooManyColumns => ("imports-file-columns", json!({})),
            TableError::CellTooLong { row } => ("imports-file-cell", json!({ "row": row })),
            TableError::OpenQuote { row } => ("imports-file-quote", json!({ "row": row })),
            TableError::Encoding { line } => ("imports-file-encoding", json!({ "line": line })),
            TableError::NoSheet => ("imports-file-no-sheet", json!({})),
            TableError::Protected => ("imports-file-protected", json!({})),
            TableError::OtherSpreadsheet => ("imports-file-other-spreadsheet", json!({})),
            TableError::Kind | TableError::Unreadable { .. } => ("imports-file-kind", json!({})),
        };
        self.look.message(locale, key, &arguments)
    }

    fn import_state_words(&self, locale: Locale, state: ImportState) -> String {
        self.look.message(locale, &format!("imports-state-{}", state.as_str()), &json!({}))
    }
}

async fn list(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    list_page(&web, &visiting, StatusCode::OK, "").await
}

async fn list_page(web: &Web, visiting: &Visiting, status: StatusCode, error: &str) -> Answer {
    let locale = visiting.locale();
    let line = |import: &Import| -> Value {
        json!({
            "id": import.id, "name": import.name, "state": import.state.as_str(), "state_label": web.import_state_words(locale, import.state),
            "by": import.by, "at": import.created, "rows": import.all(),
            "added": import.count(RowState::Added), "changed": import.count(RowState::Changed),
        })
    };
    let imports = web.services.imports(&visiting.visit).await?;
    let own = json!({ "imports": imports.iter().map(line).collect::<Vec<_>>(), "error": error, "limit": web.upload_megabytes() });
    Ok(web.admin_page(visiting, status, "imports.html", "members", own))
}

async fn upload(State(web): State<AppState>, visiting: Visiting, MembersUpload(upload): MembersUpload) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let message = |key: &str| web.look.message(visiting.locale(), key, &json!({}));
    if upload.too_large {
        return list_page(&web, &visiting, StatusCode::PAYLOAD_TOO_LARGE, &message("files-too-large")).await;
    }
    let Some(file) = upload.file else {
        return list_page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &message("files-none-chosen")).await;
    };
    match web.services.editor(&visiting.visit).begin_import(&file.name, file.bytes).await {
        Ok(id) => Ok(web.go(&format!("/admin/members/imports/{id}/plan"), "flash-import-read")),
        Err(ImportError::Table(error)) => {
            let words = web.table_words(visiting.locale(), &error);
            list_page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &words).await
        }
        Err(ImportError::Service(error)) => Err(error.into()),
    }
}

#[derive(Deserialize)]
struct Asked {
    /// A state of rows.
    #[serde(default)]
    rows: String,
    /// The row after which the page begins.
    #[serde(default)]
    after: u32,
}

async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (locale, visit) = (visiting.locale(), &visiting.visit);
    let import = web.services.import(visit, id_of(&id)?).await?;
    if import.state == ImportState::Uploaded {
        return Ok(axum::response::Redirect::to(&format!("/admin/members/imports/{id}/plan")).into_response());
    }
    let columns = web.services.import_columns(visit, &import).await?;
    // What is wrong first: that is what there is something to do about.
    let wanted = RowState::parse(&asked.rows).or_else(|| {
        let order =
            [RowState::Wrong, RowState::Failed, RowState::Kept, RowState::Adds, RowState::Changes, RowState::Added, RowState::Changed];
        order.into_iter().find(|state| import.count(*state) > 0)
    });
    let rows = match wanted {
        Some(state) => web.services.import_rows(visit, import.id, Some(state), asked.after).await?,
        None => Vec::new(),
    };
    let row = |row: &ImportRow| -> Value {
        let problems: Vec<RowProblem> = serde_json::from_str(&row.problems).unwrap_or_default();
        let problem = |problem: &RowProblem| -> Value {
            let column = problem.column.map(|column| column_words(&columns.titles, column)).unwrap_or_default();
            let cell = problem.column.and_then(|column| row.cells.get(column)).cloned().unwrap_or_default();
            json!({ "column": column, "cell": cell, "message": web.look.message(locale, &problem.message, &json!({})) })
        };
        let cells = row.cells.iter().filter(|cell| !cell.is_empty()).take(6).cloned().collect::<Vec<_>>();
        json!({ "number": row.number, "cells": cells, "member": row.member, "problems": problems.iter().map(problem).collect::<Vec<_>>() })
    };
    let count = |state: RowState| -> Option<Value> {
        let count = import.count(state);
        let label = web.look.message(locale, &format!("imports-rows-{}", state.as_str()), &json!({}));
        (count > 0).then(|| json!({ "key": state.as_str(), "label": label, "count": count, "current": Some(state) == wanted }))
    };
    let next = rows.last().filter(|_| rows.len() >= LINES as usize).map(|last| last.number);
    let done = import.count(RowState::Added) + import.count(RowState::Changed) + import.count(RowState::Failed);
    let own = json!({
        "id": import.id,
        "name": import.name,
        "state": import.state.as_str(),
        "state_label": web.import_state_words(locale, import.state),
        "at_work": import.state.is_at_work(),
        "done": done,
        "to_do": import.count(RowState::Adds) + import.count(RowState::Changes) + done,
        "adds": import.count(RowState::Adds),
        "changes": import.count(RowState::Changes),
        "wrong": import.count(RowState::Wrong) + import.count(RowState::Failed),
        "may_run": import.may_run(),
        "take_the_good": import.plan.take_the_good,
        "counts": RowState::ALL.into_iter().filter_map(count).collect::<Vec<_>>(),
        "shown": wanted.map(RowState::as_str),
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "next": next,
        "kept_days": tsudoi_services::imports::KEPT_DAYS,
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "import.html", "members", own))
}

/// 「C（電話番号）」: a column as its spreadsheet names it, with its title.
fn column_words(titles: &[String], column: usize) -> String {
    match titles.get(column).filter(|title| !title.is_empty()) {
        Some(title) => format!("{} ({title})", letters(column)),
        None => letters(column),
    }
}

/// What a button asks for: `run`, `undo` or `delete`.
async fn act(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (id, visit) = (id_of(&id)?, &visiting.visit);
    web.services.import(visit, id).await?;
    let (editor, here) = (web.services.editor(visit), format!("/admin/members/imports/{id}"));
    let (done, next, flash) = match fields.get("action") {
        "run" => (editor.run_import(visit, id).await, here.as_str(), "flash-import-running"),
        "undo" => (editor.undo_import(visit, id).await, here.as_str(), "flash-import-undoing"),
        "delete" => (editor.delete_import(visit, id).await, "/admin/members/imports", "flash-import-deleted"),
        _ => return Err(Problem::BadRequest),
    };
    match done {
        Ok(()) => Ok(web.go(next, flash)),
        Err(ServiceError::Changed) => Ok(web.go(&here, "flash-warning-import-changed")),
        Err(error) => Err(error.into()),
    }
}

/// The rows that are not in order, with why, so that they can be mended and sent again.
async fn wrong_rows(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (locale, visit) = (visiting.locale(), &visiting.visit);
    let import = web.services.import(visit, id_of(&id)?).await?;
    let titles = web.services.import_columns(visit, &import).await?.titles;
    let mut file = Spreadsheet::default();
    let reason = web.look.message(locale, "imports-reason", &json!({}));
    file.row(titles.iter().chain([&reason]).cloned().map(harmless))?;
    for state in [RowState::Wrong, RowState::Failed] {
        let mut after = 0;
        loop {
            let rows = web.services.import_rows(visit, import.id, Some(state), after).await?;
            let Some(last) = rows.last() else { break };
            after = last.number;
            for row in &rows {
                let problems: Vec<RowProblem> = serde_json::from_str(&row.problems).unwrap_or_default();
                let words = |problem: &RowProblem| {
                    let message = web.look.message(locale, &problem.message, &json!({}));
                    match problem.column {
                        Some(column) => format!("{}: {message}", column_words(&titles, column)),
                        None => message,
                    }
                };
                let reasons = problems.iter().map(words).collect::<Vec<_>>().join("\n");
                let cells = row.cells.iter().take(titles.len()).chain([&reasons]);
                file.row(cells.cloned().map(harmless))?;
            }
        }
    }
    let bytes = file.finish()?;
    let name = format!("attachment; filename=\"import-{id}.csv\"");
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}
