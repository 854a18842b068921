//! The beginning of every request: request id, organisation, session, language; and the headers that every answer has.

use crate::cookies::{self, Life};
use crate::problem::Problem;
use crate::{AppState, Listener};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tsudoi_kernel::time::random_hex;
use tsudoi_kernel::{Locale, Organisation, Visitor};
use tsudoi_services::plugins::PluginMenuEntry;
use tsudoi_services::visits::{OrganisationKey, Visit};
use tsudoi_services::{ServiceError, Services};

/// A request's visit with what only HTTP knows of it. Every handler of an organisation's site takes it.
#[derive(Clone)]
pub struct Visiting {
    pub visit: Arc<Visit>,
    pub request_id: Arc<str>,
    /// Path of the request, percent-encoded as it came.
    pub path: Arc<str>,
    /// Path and query.
    pub target: Arc<str>,
    seed: Arc<str>,
    /// The key of a message to show once.
    pub flash: Option<Arc<str>>,
    pub places: Arc<Vec<(String, String, String)>>,
    /// In the admin: the pages of plugins that this member of staff may open.
    pub plugin_menu: Arc<Vec<PluginMenuEntry>>,
    /// The address behind the connection, or what a trusted proxy says; for rate limits.
    pub client: Arc<str>,
}

impl Visiting {
    pub fn organisation(&self) -> &Organisation {
        &self.visit.organisation
    }

    pub fn visitor(&self) -> &Visitor {
        &self.visit.visitor
    }

    pub fn locale(&self) -> Locale {
        self.visit.locale
    }

    /// The visitor's; nobody's when they are not signed in.
    pub fn name(&self) -> Option<&str> {
        let visitor = self.visitor();
        let member = visitor.member.as_ref().map(|member| member.display_name.as_str());
        member.or(visitor.staff.as_ref().map(|staff| staff.display_name.as_str()))
    }

    /// A token for forms of `scope`: `host`, or `plugin:<id>` for the paths of one plugin.
    pub fn csrf(&self, services: &Services, scope: &str) -> String {
        csrf_token(services, &self.seed, &self.session_part(), scope)
    }

    pub fn is_csrf(&self, services: &Services, scope: &str, token: &str) -> bool {
        services.is_signed("csrf", &[&self.seed, &self.session_part(), scope], token)
    }

    /// Says that this session was shown this address: its live regions open to nobody else.
    pub fn live_proof(&self, services: &Services) -> String {
        services.sign("live", &[&self.visit.organisation.id.to_string(), &self.seed, &self.session_part(), &self.target])
    }

    pub fn is_live_proof(&self, services: &Services, proof: &str) -> bool {
        services.is_signed("live", &[&self.visit.organisation.id.to_string(), &self.seed, &self.session_part(), &self.target], proof)
    }

    /// The same visitor at another address of this site.
    pub fn at(&self, target: &str) -> Self {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        Self { path: path.into(), target: target.into(), ..self.clone() }
    }

    /// The same browser at this address now: organisation, session and member are looked up again. `None` where the
    /// organisation is not there any more.
    pub async fn again(&self, web: &AppState, headers: &HeaderMap) -> Result<Option<Self>, ServiceError> {
        let services = &web.services;
        let Some(mut visit) = services.visit(&OrganisationKey::Slug(self.organisation().slug.clone())).await? else { return Ok(None) };
        if let Some(token) = cookies::get(headers, &cookies::session_name(&visit.organisation)) {
            services.recognise_quietly(&mut visit, token).await?;
        }
        visit.locale = self.visit.locale;
        Ok(Some(Self { visit: Arc::new(visit), ..self.clone() }))
    }

    pub fn is_same_session(&self, other: &Self) -> bool {
        self.session_part() == other.session_part()
    }

    fn session_part(&self) -> String {
        self.visit.session.as_ref().map(|session| session.id.to_string()).unwrap_or_default()
    }

    /// Staff with `permission`, or why not: not signed in leads to the sign-in page, anybody else may not.
    pub fn require_staff(&self, permission: &str) -> Result<(), Problem> {
        if self.visit.session.is_none() {
            return Err(Problem::SignIn);
        }
        if self.visitor().may(permission) { Ok(()) } else { Err(Problem::Forbidden) }
    }

    /// Any member of staff.
    pub fn require_any_staff(&self) -> Result<(), Problem> {
        if self.visit.session.is_none() {
            return Err(Problem::SignIn);
        }
        if self.visitor().is_staff() { Ok(()) } else { Err(Problem::Forbidden) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visiting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::Broken("a route outside `enter` asks for the visit".into()))
    }
}

/// A form token for whoever has this value in the cookie [`cookies::SEED`] and this session, if any.
pub fn csrf_token(services: &Services, seed: &str, session: &str, scope: &str) -> String {
    services.sign("csrf", &[seed, session, scope])
}

/// The policy that all pages are sent with: nothing from elsewhere, nothing inline.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-src 'self'; frame-ancestors 'self'";

/// Finds the organisation and the session, then lets the request in.
pub async fn enter(State((web, listener)): State<(AppState, Listener)>, mut request: Request, next: Next) -> Response {
    let services = &web.services;
    let request_id: Arc<str> = random_hex::<8>(services.random()).into();
    let before = services.statements();
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let client = client_address(peer, &headers, &web.trusted_proxies).map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
    let mut response = match visiting(&web, &listener, &headers, &uri, client, request_id.clone()).await {
        Ok(Some(visiting)) => {
            let fresh_seed = cookies::get(request.headers(), cookies::SEED).is_none();
            let (seed, had_flash) = (visiting.seed.clone(), visiting.flash.is_some());
            request.extensions_mut().insert(visiting);
            let mut response = next.run(request).await;
            let secure = is_secure(services);
            if fresh_seed && is_html(&response) {
                append_cookie(&mut response, cookies::set(cookies::SEED, &seed, Life::Browser, secure));
            }
            if had_flash && is_html(&response) {
                append_cookie(&mut response, cookies::set(cookies::FLASH, "", Life::Over, secure));
            }
            response
        }
        // Reveals nothing: not what is served here, nor for whom.
        Ok(None) => (StatusCode::NOT_FOUND, "404\n").into_response(),
        Err(error) => Problem::from(error).plain(&request_id),
    };
    if web.dev {
        let count = services.statements().saturating_sub(before);
        response.headers_mut().insert("x-tsudoi-statements", HeaderValue::from(count));
    }
    finish(&mut response, &request_id);
    response
}

/// Whom limits are counted for: the peer, or, where that is a trusted proxy, the address that it added last. What stands
/// before that in the header was written by the visitor.
fn client_address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = peer?;
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    let line = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let last = line.rsplit(',').next().unwrap_or_default().trim();
    Some(last.parse().unwrap_or(peer))
}

async fn visiting(
    web: &AppState,
    listener: &Listener,
    headers: &HeaderMap,
    uri: &Uri,
    client: String,
    request_id: Arc<str>,
) -> Result<Option<Visiting>, ServiceError> {
    let services = &web.services;
    let Some(mut visit) = find_organisation(services, listener, headers).await? else { return Ok(None) };
    if let Some(token) = cookies::get(headers, &cookies::session_name(&visit.organisation)) {
        services.recognise(&mut visit, token).await?;
    }
    if let Some(locale) = cookies::get(headers, cookies::LOCALE).and_then(Locale::from_tag) {
        visit.locale = locale;
    }
    let seed = cookies::get(headers, cookies::SEED)
        .filter(|seed| seed.len() <= 64)
        .map_or_else(|| random_hex::<16>(services.random()), Into::into);
    let in_admin = uri.path().starts_with("/admin") && visit.visitor.is_staff();
    let plugin_menu = if in_admin { services.plugin_menu(&visit).await? } else { Vec::new() };
    Ok(Some(Visiting {
        visit: Arc::new(visit),
        plugin_menu: Arc::new(plugin_menu),
        request_id,
        path: uri.path().into(),
        target: uri.path_and_query().map_or("/", |target| target.as_str()).into(),
        seed: seed.into(),
        flash: cookies::get(headers, cookies::FLASH).filter(|key| !key.is_empty()).map(Into::into),
        places: listener.places.clone(),
        client: client.into(),
    }))
}

/// By the listener, by a domain of its own, by `<slug>.localhost`, or the only one there is.
async fn find_organisation(services: &Services, listener: &Listener, headers: &HeaderMap) -> Result<Option<Visit>, ServiceError> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host_name(host);
    if let Some(slug) = host.strip_suffix(".localhost") {
        return services.visit(&OrganisationKey::Slug(slug.to_owned())).await;
    }
    if let Some(key) = &listener.organisation {
        return services.visit(key).await;
    }
    if let Some(found) = services.visit(&OrganisationKey::Host(host.clone())).await? {
        return Ok(Some(found));
    }
    if is_this_machine(&host) { services.visit(&OrganisationKey::Only).await } else { Ok(None) }
}

/// Lower case, without the port.
pub(crate) fn host_name(header: &str) -> String {
    let name = match header.rfind(':') {
        Some(colon) if !header.ends_with(']') => &header[..colon],
        _ => header,
    };
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// An address or name that a person uses before any domain is set up.
fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
}

pub fn is_secure(services: &Services) -> bool {
    services.settings().public_url.starts_with("https://")
}

fn is_html(response: &Response) -> bool {
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|value| value.starts_with("text/html"))
}

pub fn append_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Headers of every answer, where the handler set none of its own.
fn finish(response: &mut Response, request_id: &str) {
    let headers = response.headers_mut();
    let defaults = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry("cross-origin-opener-policy").or_insert(HeaderValue::from_static("same-origin"));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_says_who_the_visitor_is() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("10.9.9.9, 203.0.113.7"));
        let trusted = [ip("127.0.0.1")];
        assert_eq!(client_address(Some(ip("127.0.0.1")), &headers, &trusted), Some(ip("203.0.113.7")));
        assert_eq!(client_address(Some(ip("198.51.100.1")), &headers, &trusted), Some(ip("198.51.100.1")));
        assert_eq!(client_address(Some(ip("127.0.0.1")), &headers, &[]), Some(ip("127.0.0.1")));
    }

    #[test]
    fn a_host_is_compared_without_port_and_case() {
        assert_eq!(host_name("Hoshizora.Example:8080"), "hoshizora.example");
        assert_eq!(host_name("[::1]:8080"), "[::1]");
        assert_eq!(host_name("[::1]"), "[::1]");
        assert!(is_this_machine("[::1]") && is_this_machine("127.0.0.1") && is_this_machine("localhost"));
        assert!(!is_this_machine("club.example"));
    }
}
