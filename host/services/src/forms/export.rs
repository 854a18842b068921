//! Answers as a file for spreadsheets.

use super::plain;
use crate::editor::Editor;
use crate::spreadsheet::{Spreadsheet, harmless};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::{Value, json};
use tsudoi_kernel::form::{Field, FieldKind, name_parts};
use uuid::Uuid;

const BATCH: u32 = 500;

impl Services {
    fn own_text(&self, visit: &Visit, key: &str) -> String {
        self.parts.texts.message(visit.organisation.locale, key, &json!({})).unwrap_or_else(|| key.to_owned())
    }
}

impl Editor {
    /// All answers of a form, the newest first, fields that are no longer asked too. Recorded, since it takes personal data out.
    pub async fn export_answers(&self, visit: &Visit, form: Uuid) -> Result<Vec<u8>, ServiceError> {
        let (services, own) = (&self.services, visit.organisation.locale);
        let form = self.store.form(form).await?.ok_or(ServiceError::NotFound)?;
        let text = |key: &str| services.own_text(visit, key);
        let mut heads = vec![text("forms-column-received"), text("forms-column-state"), text("forms-column-note")];
        for field in &form.form.fields {
            let mut label = field.label.get(own).to_owned();
            if field.retired {
                label.push_str(&text("forms-retired"));
            }
            match field.kind {
                FieldKind::Name => {
                    heads.extend(name_parts(own).iter().map(|part| format!("{label} {}", text(&format!("forms-name-{part}")))));
                }
                _ => heads.push(label),
            }
        }
        let mut file = Spreadsheet::default();
        file.row(heads.into_iter().map(harmless))?;
        let zone: chrono_tz::Tz = visit.organisation.time_zone.parse().unwrap_or(chrono_tz::UTC);
        let (yes, mut before) = (text("parameter-yes"), None);
        loop {
            let answers = self.store.answers(form.id, None, before, BATCH).await?;
            let Some(last) = answers.last() else { break };
            before = Some(last.id);
            for answer in &answers {
                let received = answer.created.to_utc().with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
                let state = text(&format!("forms-state-{}", answer.state.as_str()));
                let mut cells = vec![received, state, harmless(answer.note.clone())];
                for field in &form.form.fields {
                    cells.extend(cells_of(field, answer.values.get(&field.key), own, &yes));
                }
                file.row(cells)?;
            }
        }
        let transaction = self.begin().await?;
        self.record(&transaction, "answers-exported", format!("form:{}", form.id), form.form.name.get(own)).await?;
        transaction.commit().await?;
        file.finish()
    }
}

fn cells_of(field: &Field, value: Option<&Value>, own: tsudoi_kernel::Locale, yes: &str) -> Vec<String> {
    match (field.kind, value) {
        (FieldKind::Name, value) => {
            let part = |part: &&str| value.and_then(|value| value.get(*part)).and_then(Value::as_str).unwrap_or_default().to_owned();
            name_parts(own).iter().map(part).map(harmless).collect()
        }
        // What was checked when it was sent is no formula: a number may be below zero, and a phone number begin with a plus.
        (FieldKind::Number | FieldKind::Phone, Some(value)) => vec![plain(value, own, yes)],
        // A choice may have a comma in it.
        (FieldKind::Choices, Some(Value::Array(chosen))) => {
            let lines: Vec<&str> = chosen.iter().filter_map(Value::as_str).collect();
            vec![harmless(lines.join("\n"))]
        }
        (_, Some(value)) => vec![harmless(plain(value, own, yes))],
        (_, None) => vec![String::new()],
    }
}
