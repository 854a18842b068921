//! A file as visitors get it. One that the visitor may not see is as absent as one that was never there.

use super::{file_id, percent_encoded};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tsudoi_kernel::Gate;
use tsudoi_kernel::files::StoredFile;
use tsudoi_services::files::FileRecord;

pub async fn serve(
    State(web): State<AppState>,
    visiting: Visiting,
    headers: HeaderMap,
    Path((id, _)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id = file_id(&id)?;
    if let Some(known) = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) {
        let record = web.services.file_seen(&visiting.visit, id).await?.ok_or(Problem::NotFound)?;
        if is_known(known, &record.sha256) {
            return Ok((StatusCode::NOT_MODIFIED, answer_headers(&Sent::from(&record))).into_response());
        }
    }
    let file = web.services.open_file(&visiting.visit, id).await?.ok_or(Problem::NotFound)?;
    Ok((answer_headers(&Sent::from(&file.record)), file.bytes).into_response())
}

/// One that a plugin keeps. Whether this visitor may have it was asked already, and is asked anew each time.
pub(crate) async fn serve_stored(
    web: &Web,
    visiting: &Visiting,
    file: &StoredFile,
    known: Option<&HeaderValue>,
) -> Result<Response, Problem> {
    let sent = Sent { name: &file.name, media_type: &file.media_type, sha256: &file.sha256, is_public: false };
    let headers = answer_headers(&sent);
    if known.and_then(|value| value.to_str().ok()).is_some_and(|known| is_known(known, &file.sha256)) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let bytes = web.services.bytes_of_plugin_file(visiting.organisation().id, file).await?;
    Ok((headers, bytes).into_response())
}

/// What the answer says of a file.
struct Sent<'a> {
    name: &'a str,
    media_type: &'a str,
    sha256: &'a str,
    is_public: bool,
}

impl<'a> From<&'a FileRecord> for Sent<'a> {
    fn from(record: &'a FileRecord) -> Self {
        let FileRecord { name, media_type, sha256, gate, .. } = record;
        Self { name, media_type, sha256, is_public: *gate == Gate::Everyone }
    }
}

/// Names the bytes.
fn etag(sha256: &str) -> String {
    format!("\"{}\"", sha256.get(..32).unwrap_or(sha256))
}

fn is_known(known: &str, sha256: &str) -> bool {
    known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag(sha256))
}

/// What was uploaded can't run, whatever is in it: no script, no frame of its own origin, no guessing of the type.
fn answer_headers(sent: &Sent<'_>) -> HeaderMap {
    // A gated file is asked for anew each time, so that who lost the right loses the file.
    let cache = if sent.is_public { "public, max-age=300" } else { "private, no-cache" };
    let disposition = if sent.media_type.starts_with("image/") { "inline" } else { "attachment" };
    let disposition = format!("{disposition}; filename*=UTF-8''{}", percent_encoded(sent.name));
    let pairs: [(HeaderName, String); 5] = [
        (header::CONTENT_TYPE, sent.media_type.to_owned()),
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::ETAG, etag(sent.sha256)),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsudoi_kernel::{FileId, Timestamp};

    fn record(media_type: &str, gate: Gate) -> FileRecord {
        FileRecord {
            id: FileId(uuid::Uuid::nil()),
            name: "会報 1.pdf".into(),
            media_type: media_type.into(),
            size: 1,
            sha256: "ab".repeat(32),
            alt_ja: String::new(),
            alt_en: String::new(),
            gate,
            created: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn a_gated_document_is_saved_and_never_kept_by_shared_caches() {
        let headers = answer_headers(&Sent::from(&record("application/pdf", Gate::Members)));
        assert_eq!(headers[header::CACHE_CONTROL], "private, no-cache");
        assert_eq!(headers[header::CONTENT_DISPOSITION], "attachment; filename*=UTF-8''%E4%BC%9A%E5%A0%B1%201.pdf");
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "default-src 'none'; sandbox");
    }

    #[test]
    fn a_public_picture_is_shown_and_may_be_kept_for_a_while() {
        let headers = answer_headers(&Sent::from(&record("image/png", Gate::Everyone)));
        assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=300");
        assert!(headers[header::CONTENT_DISPOSITION].to_str().is_ok_and(|value| value.starts_with("inline")));
    }
}
