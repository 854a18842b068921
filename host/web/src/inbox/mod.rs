//! The mails of development, which are never sent. Only somebody at this very machine may read them: the request's Host
//! is this machine, the connection comes from it, and nothing forwarded the request. Everybody else sees no such page.

use crate::visiting::{Visiting, host_name};
use crate::{AppState, Problem};
use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use std::net::SocketAddr;

pub fn routes() -> Router<AppState> {
    Router::new().route("/inbox", get(show))
}

async fn show(State(web): State<AppState>, visiting: Visiting, headers: HeaderMap, extensions: Extensions) -> Result<Response, Problem> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    if !web.services.settings().dev_inbox || !is_at_this_machine(&headers, peer) {
        return Err(Problem::NotFound);
    }
    let site = web.services.public_url(visiting.organisation());
    let mails = web.services.inbox(&visiting.visit).await?;
    let mails: Vec<Value> = mails
        .iter()
        .map(
            |mail| json!({ "to": mail.recipient, "subject": mail.subject, "at": mail.created.as_i64(), "lines": lines(&mail.body, &site) }),
        )
        .collect();
    Ok(web.admin_page(&visiting, StatusCode::OK, "inbox.html", "", json!({ "mails": mails })))
}

fn is_at_this_machine(headers: &HeaderMap, peer: Option<SocketAddr>) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(host_name).unwrap_or_default();
    let is_local_host = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost");
    let is_forwarded =
        ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name));
    is_local_host && !is_forwarded && peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
}

/// Each line in pieces; those with an address are links. Addresses of the site lead to where the inbox is looked at.
fn lines(body: &str, site: &str) -> Vec<Value> {
    let piece = |word: &str| {
        let address = word.trim_end();
        let is_link = address.starts_with("https://") || address.starts_with("http://");
        let url = match address.strip_prefix(site) {
            Some("") => "/",
            Some(path) if path.starts_with('/') => path,
            _ if is_link => address,
            _ => "",
        };
        json!({ "text": word, "url": url })
    };
    body.lines().map(|line| Value::Array(line.split_inclusive(' ').map(piece).collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn admitted(host: &'static str, peer: &str, forwarded: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        if let Some(name) = forwarded {
            headers.insert(name, HeaderValue::from_static("192.0.2.1"));
        }
        is_at_this_machine(&headers, peer.parse().ok())
    }

    #[test]
    fn only_somebody_at_this_machine_reads_its_mail() {
        assert!(admitted("localhost:8080", "127.0.0.1:5000", None));
        assert!(admitted("hoshizora.localhost:8080", "[::1]:5000", None));
        assert!(admitted("127.0.0.1", "[::ffff:127.0.0.1]:5000", None));
        assert!(!admitted("club.example", "127.0.0.1:5000", None), "a name that was made to point here");
        assert!(!admitted("localhost.club.example", "127.0.0.1:5000", None));
        assert!(!admitted("localhost", "192.0.2.1:5000", None));
        assert!(!admitted("localhost", "unknown", None));
        for name in ["forwarded", "x-forwarded-for"] {
            assert!(!admitted("localhost", "127.0.0.1:5000", Some(name)));
        }
    }

    #[test]
    fn links_of_the_site_lead_to_this_machine() {
        let lines = lines("番号: 123456\nhttps://club.example/a?b=1 または https://other.example/", "https://club.example");
        assert_eq!(lines[0], json!([{ "text": "番号: ", "url": "" }, { "text": "123456", "url": "" }]));
        assert_eq!(lines[1][0]["url"], "/a?b=1");
        assert_eq!(lines[1][2]["url"], "https://other.example/");
    }
}
