//! A plugin's own pages, for visitors under `/p/<id>/` and for staff under `/admin/p/<id>/`.

use crate::fields::{self, decode};
use crate::files::serve_stored;
use crate::live::{VIEW, plugin_address};
use crate::multipart::{Part, SentForm, is_multipart};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;
use std::sync::Arc;
use tsudoi_kernel::calls::Rendering;
use tsudoi_kernel::manifest::{Area, Method};
use tsudoi_kernel::organisation::is_slug;
use tsudoi_services::ServiceError;
use tsudoi_services::files::Received;
use tsudoi_services::plugins::{PluginAnswer, PluginPage, PluginVisit, UploadRules};

type Answer = Result<Response, Problem>;

pub async fn site_get_root(
    State(web): State<AppState>,
    visiting: Visiting,
    Path(plugin): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    view(&web, &visiting, Area::Site, &plugin, "", query, &headers).await
}

pub async fn site_get(
    State(web): State<AppState>,
    visiting: Visiting,
    Path((plugin, path)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    view(&web, &visiting, Area::Site, &plugin, &path, query, &headers).await
}

pub async fn admin_get_root(
    State(web): State<AppState>,
    visiting: Visiting,
    Path(plugin): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    view(&web, &visiting, Area::Admin, &plugin, "", query, &headers).await
}

pub async fn admin_get(
    State(web): State<AppState>,
    visiting: Visiting,
    Path((plugin, path)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    view(&web, &visiting, Area::Admin, &plugin, &path, query, &headers).await
}

pub async fn site_post_root(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, request: Request) -> Answer {
    submit(&web, &visiting, Area::Site, &plugin, "", request).await
}

pub async fn site_post(
    State(web): State<AppState>,
    visiting: Visiting,
    Path((plugin, path)): Path<(String, String)>,
    request: Request,
) -> Answer {
    submit(&web, &visiting, Area::Site, &plugin, &path, request).await
}

pub async fn admin_post_root(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, request: Request) -> Answer {
    submit(&web, &visiting, Area::Admin, &plugin, "", request).await
}

pub async fn admin_post(
    State(web): State<AppState>,
    visiting: Visiting,
    Path((plugin, path)): Path<(String, String)>,
    request: Request,
) -> Answer {
    submit(&web, &visiting, Area::Admin, &plugin, &path, request).await
}

pub(crate) async fn find(web: &Web, visiting: &Visiting, plugin: &str) -> Result<PluginVisit, Problem> {
    // What no plugin can be called is not asked of the database: it may hold what a text there can't.
    if !is_slug(plugin) {
        return Err(Problem::NotFound);
    }
    web.services.visit_plugin(&visiting.visit, plugin, visiting.request_id.clone()).await?.ok_or(Problem::NotFound)
}

async fn view(web: &Web, visiting: &Visiting, area: Area, plugin: &str, path: &str, query: Option<String>, headers: &HeaderMap) -> Answer {
    let found = find(web, visiting, plugin).await?;
    let query = decode(query.unwrap_or_default().as_bytes());
    let page = PluginPage::get(area, format!("/{path}"), query);
    let answer = web.services.plugin_page(&visiting.visit, &found, page).await?;
    respond(web, visiting, area, &found, answer, headers.get(header::IF_NONE_MATCH)).await
}

/// The plugin and what its page shows at the visit's address now, without the tokens of forms. `None` where there is no such
/// page any more, or the visitor may not see it.
pub(crate) async fn view_again(web: &Web, visiting: &Visiting) -> Result<Option<(String, Arc<str>)>, Problem> {
    let Some((plugin, path)) = plugin_address(&visiting.path) else { return Ok(None) };
    let found = match find(web, visiting, &plugin).await {
        Err(Problem::NotFound) => return Ok(None),
        found => found?,
    };
    let query = visiting.target.split_once('?').map_or("", |(_, query)| query);
    let query = decode(query.as_bytes());
    let page = PluginPage::get(Area::Site, format!("/{path}"), query);
    match web.services.plugin_page(&visiting.visit, &found, page).await? {
        PluginAnswer::Page { status: 200, rendering, kept, .. } => {
            let Some(theme) = web.look.theme(&visiting.organisation().theme) else { return Ok(None) };
            Ok(web.html_of(visiting, theme, &found.loaded, &rendering, None, kept).await.ok().map(|html| (plugin, html)))
        }
        PluginAnswer::Busy => Err(Problem::Unavailable("a plugin is busy".into())),
        PluginAnswer::Paused => Err(Problem::PluginPaused),
        _ => Ok(None),
    }
}

async fn submit(web: &AppState, visiting: &Visiting, area: Area, plugin: &str, path: &str, request: Request) -> Answer {
    let found = find(web, visiting, plugin).await?;
    let path = format!("/{path}");
    let is_token = |token: &str| visiting.is_csrf(&web.services, &format!("plugin:{plugin}"), token);
    if visiting.visit.see_as.is_some() {
        return Err(Problem::Forbidden);
    }
    let (form, uploads) = if is_multipart(&request) {
        let rules = match web.services.uploads_of(&visiting.visit, &found, area, &path) {
            Ok(rules) => rules,
            Err(answer) => return respond(web, visiting, area, &found, *answer, None).await,
        };
        received(web, request, is_token, &rules).await?
    } else {
        let form = decode(&fields::body(request).await?);
        // A token for one plugin's paths opens no other's, and not the host's.
        if !is_token(form.iter().find(|(key, _)| key == "_csrf").map_or("", |(_, value)| value.as_str())) {
            return Err(Problem::StaleForm);
        }
        (form, Vec::new())
    };
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let nonce = field("_call").to_owned();
    let page = PluginPage { area, method: Method::Post, path, query: Vec::new(), form, nonce, uploads };
    let answer = web.services.plugin_page(&visiting.visit, &found, page).await?;
    respond(web, visiting, area, &found, answer, None).await
}

/// A form with files, as far as the route takes some. Of one over the limit there is only its size.
async fn received(
    web: &AppState,
    request: Request,
    is_token: impl Fn(&str) -> bool,
    rules: &UploadRules,
) -> Result<(Vec<(String, String)>, Vec<Arc<Received>>), Problem> {
    let mut form = SentForm::open(request, web, is_token).await?;
    let (mut pairs, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = form.next().await? {
        let mut sent = match part {
            Part::Text(name, value) => {
                pairs.push((name, value));
                continue;
            }
            Part::File(sent) => sent,
        };
        // What nobody asked for is read past. One file too many is enough to say so.
        if !rules.fields.contains(&sent.field) || files.len() > rules.most {
            while sent.next(0).await?.is_some() {}
            continue;
        }
        let mut incoming = web.services.incoming().await?;
        while let Some(bytes) = sent.next(rules.most_bytes).await? {
            incoming.write(bytes.as_ref()).await.map_err(ServiceError::from)?;
        }
        if sent.size > 0 || !sent.name.is_empty() {
            let whole = incoming.finish(sent.field, sent.name, sent.size).await;
            files.push(Arc::new(whole.map_err(ServiceError::from)?));
        }
    }
    Ok((pairs, files))
}

pub(crate) async fn respond(
    web: &Web,
    visiting: &Visiting,
    area: Area,
    plugin: &PluginVisit,
    answer: PluginAnswer,
    known: Option<&HeaderValue>,
) -> Answer {
    match answer {
        PluginAnswer::Page { status, rendering, form, kept } => {
            let theme =
                web.look.theme(&visiting.organisation().theme).ok_or_else(|| Problem::Broken("this process has no theme".into()))?;
            let html = web.html_of(visiting, theme, &plugin.loaded, &rendering, form, kept).await;
            page(web, visiting, area, plugin, status, rendering, html).await
        }
        PluginAnswer::Redirect(path) => Ok(Redirect::to(&path).into_response()),
        PluginAnswer::Json(value) => Ok(Json(value).into_response()),
        PluginAnswer::Download { name, media_type, bytes } => Ok(download(&name, &media_type, bytes)),
        PluginAnswer::File(file) => serve_stored(web, visiting, &file, known).await,
        PluginAnswer::SignIn => Err(Problem::SignIn),
        PluginAnswer::Forbidden => Err(Problem::Forbidden),
        PluginAnswer::NotFound => Err(Problem::NotFound),
        PluginAnswer::Conflict(message) => Err(Problem::Conflict(Some(message))),
        PluginAnswer::Invalid(messages) => {
            let title = web.look.message(visiting.locale(), "plugin-invalid-title", &json!({}));
            let context = json!({ "status": 422, "title": title, "message": messages.join(" "), "retry": false });
            Ok(web.site_page(visiting, StatusCode::UNPROCESSABLE_ENTITY, "error.html", context))
        }
        PluginAnswer::Busy => Err(Problem::Unavailable("a plugin is busy".into())),
        PluginAnswer::Paused => Err(Problem::PluginPaused),
        PluginAnswer::Failed => Err(Problem::Broken(format!("the plugin {} failed", plugin.installation.manifest.id))),
    }
}

async fn page(
    web: &Web,
    visiting: &Visiting,
    area: Area,
    plugin: &PluginVisit,
    status: u16,
    rendering: Rendering,
    html: Result<Arc<str>, String>,
) -> Answer {
    let manifest = &plugin.installation.manifest;
    let html = match html {
        Ok(bare) => {
            let html = web.with_tokens(visiting, &manifest.id, &bare);
            // A form that came back with mistakes is somebody's work: it stays as it is.
            let is_live = area == Area::Site && status == 200;
            if is_live { web.region(visiting, VIEW, &bare, &html) } else { html.into_owned() }
        }
        Err(error) => {
            let template = &rendering.template;
            web.services.note_template_failure(&visiting.visit, &manifest.id, template, &visiting.request_id, &error).await?;
            return Err(Problem::Broken(error));
        }
    };
    let name = manifest.name.get(visiting.locale());
    let title = rendering.title.as_deref().unwrap_or(name);
    let context = json!({ "title": title, "html": html, "plugin": { "id": manifest.id, "name": name } });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    Ok(match area {
        Area::Site => web.site_page(visiting, status, "plugin.html", context),
        Area::Admin => web.admin_page(visiting, status, "plugin.html", &format!("plugin:{}", manifest.id), context),
    })
}

/// Always an attachment, and nothing that a browser would run.
fn download(name: &str, media_type: &str, bytes: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    let media_type = HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, media_type);
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    (headers, bytes).into_response()
}

/// CSS, pictures and fonts of a package that is enabled here; the address carries the package's hash.
pub async fn asset(State(web): State<AppState>, visiting: Visiting, Path((plugin, hash, path)): Path<(String, String, String)>) -> Answer {
    let found = find(&web, &visiting, &plugin).await?;
    if !found.loaded.hash.starts_with(&hash) || hash.len() < 8 {
        return Err(Problem::NotFound);
    }
    let bytes = found.loaded.assets.get(&path).ok_or(Problem::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, media_type(&path).ok_or(Problem::NotFound)?),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
        // A picture that is opened by itself runs nothing, whatever is in it.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    ];
    Ok((headers, bytes.clone()).into_response())
}

/// By the ending of the name: those that a package may hold.
fn media_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit('.').next()? {
        "css" => "text/css; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "svg" => "image/svg+xml",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_package_may_hold_is_served() {
        for ending in ["css", "png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico", "woff", "woff2"] {
            assert!(media_type(&format!("pictures/a.{ending}")).is_some(), "{ending}");
        }
        assert!(media_type("a.js").is_none() && media_type("html").is_none());
    }
}
