//! Between the kernel's types and the guest's. What a guest answers is checked here: past this point it makes sense.

use crate::bindings::{pages, replies, types};
use serde_json::Value;
use tsudoi_kernel::billing::Checkout;
use tsudoi_kernel::calls::{Failure, FieldError, PageRequest, Rendering, Reply};
use tsudoi_kernel::files::Uploaded;

fn parameters(pairs: Vec<(String, String)>) -> Vec<pages::Parameter> {
    pairs.into_iter().map(|(name, value)| pages::Parameter { name, value }).collect()
}

pub fn page_request(request: PageRequest) -> pages::Request {
    pages::Request {
        route: request.route,
        parameters: parameters(request.parameters),
        query: parameters(request.query),
        form: parameters(request.form),
        uploads: request.uploads.into_iter().map(upload).collect(),
        body: request.body.map(|body| body.to_string()),
    }
}

fn upload(upload: Uploaded) -> pages::Upload {
    let Uploaded { field, file } = upload;
    pages::Upload { field, name: file.name, media_type: file.media_type, size: file.size, file: file.id.to_string() }
}

pub fn reply(reply: replies::Reply) -> wasmtime::Result<Reply> {
    Ok(match reply {
        replies::Reply::View(view) => Reply::View(rendering(view)?),
        replies::Reply::Redirect(target) => Reply::Redirect(path(target)?),
        replies::Reply::Json(json) => Reply::Json(parse(&json)?),
        replies::Reply::Download(download) => {
            if [&download.name, &download.media_type].into_iter().any(|text| text.is_empty() || text.chars().any(char::is_control)) {
                return Err(nonsense("a download without a proper name or media type"));
            }
            Reply::Download { name: download.name, media_type: download.media_type, bytes: download.bytes }
        }
        replies::Reply::StoredFile(id) => Reply::StoredFile(id.parse().map_err(|_| nonsense("a stored file whose id is none"))?),
    })
}

pub fn rendering(rendering: replies::Rendering) -> wasmtime::Result<Rendering> {
    let plain = |name: &str| {
        let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        letters && (1..=128).contains(&name.len()) && !name.starts_with('.')
    };
    if !plain(&rendering.template) {
        return Err(nonsense("a template whose name makes no sense"));
    }
    Ok(Rendering { template: rendering.template, data: parse(&rendering.data)?.into(), title: rendering.title })
}

/// A page that says how to pay.
pub fn instructions(template: String, data: &str) -> wasmtime::Result<Checkout> {
    rendering(replies::Rendering { template, data: data.to_owned(), title: None }).map(Checkout::Instructions)
}

/// A path of the plugin or of the site.
pub fn path(path: String) -> wasmtime::Result<String> {
    if is_path(&path) { Ok(path) } else { Err(nonsense("a redirect that is not a path of this site")) }
}

pub fn failure(failure: types::Failure) -> Failure {
    match failure {
        types::Failure::Invalid(fields) => {
            Failure::Invalid(fields.into_iter().map(|error| FieldError { field: error.field, message: error.message }).collect())
        }
        types::Failure::NotFound => Failure::NotFound,
        types::Failure::Forbidden => Failure::Forbidden,
        types::Failure::Conflict(message) => Failure::Conflict(message),
        types::Failure::Unavailable(message) => Failure::Unavailable(message),
        types::Failure::Other(error) => Failure::Other { code: error.code, detail: error.detail },
    }
}

fn nonsense(what: &str) -> wasmtime::Error {
    wasmtime::Error::msg(format!("it answered with {what}"))
}

fn parse(json: &str) -> wasmtime::Result<Value> {
    serde_json::from_str(json).map_err(|error| nonsense(&format!("data that is not JSON ({error})")))
}

/// A path of the plugin or of the site: no scheme, no host, nothing that a browser would take for one.
fn is_path(path: &str) -> bool {
    let (before_query, _) = path.split_once(['?', '#']).unwrap_or((path, ""));
    let first = before_query.split('/').next().unwrap_or_default();
    path.len() <= 2_000
        && !path.is_empty()
        && !path.starts_with("//")
        && !first.contains(':')
        && !path.chars().any(|character| character == '\\' || character.is_control() || character.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_site() {
        for good in ["/p/fan-board/threads/1", "threads/1?page=2", "/", "?next=a:b", "threads/a:b"] {
            assert!(is_path(good), "{good}");
        }
        for bad in ["", "//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example", "/a\nb", " /a", "/\t/evil"] {
            assert!(!is_path(bad), "{bad}");
        }
    }

    #[test]
    fn templates_are_named_and_data_is_json() {
        let view = |template: &str, data: &str| {
            rendering(replies::Rendering { template: template.into(), data: data.into(), title: None }).map_err(|error| error.to_string())
        };
        assert!(view("thread.html", "{}").is_ok());
        assert_eq!(view("../../secret.html", "{}").unwrap_err(), "it answered with a template whose name makes no sense");
        assert!(view("thread.html", "{").unwrap_err().starts_with("it answered with data that is not JSON"));
        assert!(view("thread.html", &"[".repeat(10_000)).is_err());
    }
}
