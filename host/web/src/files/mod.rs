//! Uploaded files: where visitors get them, and where staff keep them.

mod change;
mod library;
mod serve;

use crate::{AppState, Problem, Web};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tsudoi_kernel::FileId;
use tsudoi_services::files::FileRecord;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/files/{id}/{name}", get(serve::serve))
        // Files are read piece by piece, with a limit of their own.
        .route("/admin/files", get(library::list).post(library::add).layer(DefaultBodyLimit::disable()))
        .route("/admin/files/{id}", get(change::show).post(change::save).layer(DefaultBodyLimit::disable()))
        .route("/admin/files/{id}/delete", post(change::delete))
}

pub(crate) use serve::serve_stored;

/// Where a file is on the site. The name is for people; the id finds it.
pub(crate) fn address(file: &FileRecord) -> String {
    format!("/files/{}/{}", file.id, percent_encoded(&file.name))
}

fn file_id(text: &str) -> Result<FileId, Problem> {
    text.parse().map_err(|_| Problem::NotFound)
}

fn percent_encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

impl Web {
    /// The limit in whole megabytes, for messages.
    pub(crate) fn upload_megabytes(&self) -> u64 {
        self.services.settings().upload_limit / (1024 * 1024)
    }
}

#[cfg(test)]
mod tests;
