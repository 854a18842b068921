//! The files that there are, and adding one.

use super::address;
use crate::fields::{Fields, form};
use crate::pages::gate_input;
use crate::upload::Upload;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::{PageId, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::files::{FileDetails, FileDraft, FileRecord, alternative_text};
use tsudoi_services::pages::{Audience, GateInput};

type Answer = Result<Response, Problem>;

const AT_ONCE: u32 = 60;
pub(super) const FIELDS: [&str; 6] = ["file", "alt_ja", "alt_en", "gate", "page", "for"];

#[derive(Deserialize, Default)]
pub struct Asked {
    before: Option<String>,
    /// The page whose editor sent here: its gate is the file's, and adding leads back.
    #[serde(default)]
    page: String,
    /// `logo`: adding leads back to the site's settings.
    #[serde(default)]
    r#for: String,
}

pub async fn list(State(web): State<AppState>, visiting: Visiting, Query(asked): Query<Asked>) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let gate = gate_of_page(&web, &visiting, &asked.page).await?;
    let mut pairs =
        vec![("page".to_owned(), asked.page.clone()), ("for".to_owned(), asked.r#for.clone()), ("gate".to_owned(), gate.kind.clone())];
    pairs.extend(gate.tiers.into_iter().map(|key| ("tiers".to_owned(), key)));
    pairs.extend(gate.labels.into_iter().map(|key| ("labels".to_owned(), key)));
    page(&web, &visiting, StatusCode::OK, asked.before.as_deref(), &Fields::new(pairs), &[]).await
}

pub async fn add(State(web): State<AppState>, visiting: Visiting, upload: Upload) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let fields = &upload.fields;
    let again = async |status, errors: Vec<(String, &'static str)>| {
        page(&web, &visiting, status, None, fields, &web.file_messages(&visiting, &errors)).await
    };
    if upload.too_large {
        return again(StatusCode::PAYLOAD_TOO_LARGE, vec![("file".to_owned(), "files-too-large")]).await;
    }
    let audience = web.services.audience(&visiting.visit).await?;
    let Some(file) = upload.file else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, vec![("file".to_owned(), "files-none-chosen")]).await;
    };
    let gate = match gate_input(fields, "").check(&audience) {
        Ok(gate) => gate,
        Err(message) => return again(StatusCode::UNPROCESSABLE_ENTITY, vec![("gate".to_owned(), message)]).await,
    };
    let details = FileDetails { alt_ja: fields.get("alt_ja").to_owned(), alt_en: fields.get("alt_en").to_owned(), gate };
    let draft = FileDraft { name: file.name, bytes: file.bytes, details };
    match web.services.editor(&visiting.visit).add_file(draft, visiting.organisation().locale).await {
        Ok(id) if fields.get("for") == "logo" => Ok(web.go(&format!("/admin/site?logo={id}"), "flash-file-added")),
        Ok(_) => match fields.get("page").parse::<PageId>() {
            Ok(page) => Ok(web.go(&format!("/admin/pages/{page}"), "flash-file-added-for-page")),
            Err(_) => Ok(web.go("/admin/files", "flash-file-added")),
        },
        Err(ServiceError::Invalid(errors)) => again(StatusCode::UNPROCESSABLE_ENTITY, errors).await,
        Err(error) => Err(error.into()),
    }
}

/// A picture for a gated page is gated alike, unless staff say otherwise.
async fn gate_of_page(web: &Web, visiting: &Visiting, page: &str) -> Result<GateInput, Problem> {
    let everyone = || GateInput { kind: "everyone".to_owned(), ..GateInput::default() };
    let Ok(id) = page.parse::<PageId>() else { return Ok(everyone()) };
    match web.services.page_draft(&visiting.visit, id).await {
        Ok(draft) => Ok(GateInput::from(&draft.body.gate)),
        Err(ServiceError::NotFound) => Ok(everyone()),
        Err(error) => Err(error.into()),
    }
}

async fn page(
    web: &Web,
    visiting: &Visiting,
    status: StatusCode,
    before: Option<&str>,
    fields: &Fields,
    errors: &[(String, String)],
) -> Answer {
    let before = before.map(super::file_id).transpose()?;
    let mut files = web.services.files(&visiting.visit, false, before, AT_ONCE + 1).await?;
    let more = files.len() > AT_ONCE as usize;
    files.truncate(AT_ONCE as usize);
    let audience = web.services.audience(&visiting.visit).await?;
    let errors: Vec<(&str, String)> = errors.iter().map(|(field, message)| (field.as_str(), message.clone())).collect();
    let own = json!({
        "files": files.iter().map(|file| describe(web, visiting, file, &audience)).collect::<Vec<_>>(),
        "older_url": files.last().filter(|_| more).map(|last| format!("/admin/files?before={}", last.id)).unwrap_or_default(),
        "form": form(&FIELDS, fields, &errors),
        "gate": web.gate_choice(visiting.locale(), "", &gate_input(fields, ""), &audience),
        "limit": web.upload_megabytes(),
        "organisation_locale": visiting.organisation().locale.tag(),
    });
    Ok(web.admin_page(visiting, status, "files.html", "files", own))
}

/// A file as templates show it.
pub(super) fn describe(web: &Web, visiting: &Visiting, file: &FileRecord, audience: &Audience) -> Value {
    json!({
        "id": file.id,
        "name": file.name,
        // The browser may have kept what was there before it was replaced.
        "url": format!("{}?v={}", address(file), file.sha256.get(..8).unwrap_or_default()),
        "path": address(file),
        "is_picture": file.media_type.starts_with("image/"),
        "alt": alternative_text(file, visiting.locale()),
        "gate": web.gate_words(visiting.locale(), &file.gate, audience),
        "kilobytes": file.size.div_ceil(1024),
        "created": file.created,
    })
}

impl Web {
    /// Messages about files; the one about size names the limit.
    pub(super) fn file_messages(&self, visiting: &Visiting, errors: &[(String, &'static str)]) -> Vec<(String, String)> {
        let limit = json!({ "limit": self.upload_megabytes() });
        errors.iter().map(|(field, key)| (field.clone(), self.look.message(visiting.locale(), key, &limit))).collect()
    }
}
