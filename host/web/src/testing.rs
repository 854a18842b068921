//! A browser for tests of routes: keeps cookies and the CSRF token of the page that it saw last, and sends forms.

use crate::look::Look;
use crate::{Listener, Web, router, texts};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;
use tsudoi_kernel::MemberId;
use tsudoi_render::themes::{self, Theme};
use tsudoi_services::testing::TestServices;

pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    csrf: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub text: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.header(header::LOCATION)
    }

    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The value of a hidden field of the page's own form; the frame around it has forms too.
    pub fn field(&self, name: &str) -> String {
        let own = self.text.find("<main").map_or(self.text.as_str(), |at| &self.text[at..]);
        value_after(own, &format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no field {name} in {}", self.text))
    }
}

/// The first `value` after `mark`.
pub fn value_after(text: &str, mark: &str) -> Option<String> {
    let rest = &text[text.find(mark)?..];
    let rest = &rest[rest.find("value=\"")? + 7..];
    Some(rest[..rest.find('"')?].to_owned())
}

impl Browser {
    pub fn new(house: &TestServices) -> Self {
        let catalogue = Arc::new(texts::catalogue().unwrap());
        let files = themes::read_directory(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../themes/commons")).unwrap();
        let theme = Theme::load("commons".to_owned(), files, catalogue.clone()).unwrap();
        let look = Look::new(vec![theme], None, texts::templates(catalogue.clone()).unwrap(), catalogue);
        let web = Arc::new(Web {
            services: house.services.clone(),
            look,
            dev: true,
            trusted_proxies: Vec::new(),
            demo: None,
            live: Default::default(),
        });
        Self { router: router(web, Listener::default()), cookies: BTreeMap::new(), csrf: String::new() }
    }

    /// Signed in as staff of the organisation with these permissions.
    pub async fn staff(house: &TestServices, permissions: &[&str]) -> Self {
        const PASSWORD: &str = "stars over the bay";
        let account = house.account(Some(PASSWORD)).await;
        house.staff("office@example.jp", account, permissions).await;
        Self::signed_in(house, "office@example.jp", PASSWORD).await
    }

    /// Signed in as a new member with this number.
    pub async fn member(house: &TestServices, number: &str) -> (Self, MemberId) {
        const PASSWORD: &str = "lanterns on the river";
        let account = house.account(Some(PASSWORD)).await;
        let id = house.member(number, Some("member@example.jp"), Some(account)).await;
        (Self::signed_in(house, "member@example.jp", PASSWORD).await, id)
    }

    async fn signed_in(house: &TestServices, identifier: &str, password: &str) -> Self {
        let mut browser = Self::new(house);
        browser.get("/sign-in").await;
        let fields = [("identifier", identifier), ("password", password), ("next", "/")];
        assert_eq!(browser.post("/sign-in", &fields).await.status, StatusCode::SEE_OTHER);
        browser
    }

    /// Another browser at the same process, signed in with this session's token.
    pub fn beside(&self, token: &str) -> Self {
        let cookies = [("tsudoi_session_club".to_owned(), token.to_owned())].into();
        Self { router: self.router.clone(), cookies, csrf: String::new() }
    }

    pub fn session(&self) -> Option<&String> {
        self.cookies.get("tsudoi_session_club")
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", Vec::new()).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.clone();
        let fields = fields.iter().copied().chain([("_csrf", csrf.as_str())]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, "application/x-www-form-urlencoded", body.into_bytes()).await
    }

    /// A form with a file, as browsers send it: the fields in the order of the form, the token first.
    pub async fn upload(&mut self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let csrf = self.csrf.clone();
        let mut body = Vec::new();
        for (name, value) in [("_csrf", csrf.as_str())].iter().chain(fields) {
            body.extend_from_slice(format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
        }
        let head =
            format!("--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{}\"\r\ncontent-type: text/html\r\n\r\n", file.0);
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file.1);
        body.extend_from_slice(b"\r\n--x--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=x", body).await
    }

    /// An answer that is not read yet.
    pub async fn stream(&self, path: &str) -> axum::response::Response {
        self.response("GET", path, "", Vec::new()).await
    }

    async fn response(&self, method: &str, path: &str, media_type: &str, body: Vec<u8>) -> axum::response::Response {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "club.localhost")
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, media_type)
            .body(Body::from(body))
            .unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn send(&mut self, method: &str, path: &str, media_type: &str, body: Vec<u8>) -> Answer {
        let response = self.response(method, path, media_type, body).await;
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap_or_default();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name)
            } else {
                self.cookies.insert(name.into(), value.into())
            };
        }
        let bytes = to_bytes(body, 1 << 22).await.unwrap().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(csrf) = value_after(&text, "name=\"_csrf\"") {
            self.csrf = csrf;
        }
        Answer { status: parts.status, headers: parts.headers, bytes, text }
    }
}
