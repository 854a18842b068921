//! What browsers may keep: the host's own CSS and scripts, themes' assets, and the stylesheet with an organisation's
//! main colour. Addresses carry a version, so a browser keeps them for a year.

use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use include_dir::{Dir, include_dir};

static HOST_ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets");

const FOR_A_YEAR: &str = "public, max-age=31536000, immutable";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/host/{version}/{*path}", get(host))
        .route("/theme/{theme}/{version}/{*path}", get(theme))
        .route("/site.css", get(accent))
}

impl Web {
    /// The address of one of the host's own assets; with an empty path the prefix of all.
    pub fn host_asset(&self, path: &str) -> String {
        format!("/host/{}/{path}", version())
    }
}

/// Changes when an asset does.
fn version() -> &'static str {
    static VERSION: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    VERSION.get_or_init(|| {
        use sha2::{Digest, Sha256};
        let mut files: Vec<_> = HOST_ASSETS.files().collect();
        files.sort_by_key(|file| file.path());
        let mut hash = Sha256::new();
        for file in files {
            hash.update(file.contents());
        }
        hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    })
}

async fn host(Path((_, path)): Path<(String, String)>) -> Result<Response, Problem> {
    let file = HOST_ASSETS.get_file(&path).ok_or(Problem::NotFound)?;
    let headers = [(header::CONTENT_TYPE, media_type(&path)), (header::CACHE_CONTROL, FOR_A_YEAR)];
    Ok((headers, file.contents()).into_response())
}

async fn theme(State(web): State<AppState>, Path((id, _, path)): Path<(String, String, String)>) -> Result<Response, Problem> {
    let theme = web.look.theme(&id).filter(|theme| theme.id() == id).ok_or(Problem::NotFound)?;
    let asset = theme.asset(&path).ok_or(Problem::NotFound)?;
    let cache = if web.dev { "no-cache" } else { FOR_A_YEAR };
    let headers = [(header::CONTENT_TYPE, asset.media_type.to_owned()), (header::CACHE_CONTROL, cache.to_owned())];
    Ok((headers, asset.bytes.to_vec()).into_response())
}

async fn accent(visiting: Visiting) -> Response {
    let css = tsudoi_render::accent::css(&visiting.visit.frame.accent).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "private, max-age=31536000")], css).into_response()
}

/// By the ending of the name; only what we ship.
fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        _ => "application/octet-stream",
    }
}
