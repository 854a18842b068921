//! A page as visitors see it: every path that no route takes.

use super::whole::Turn;
use crate::look::html;
use crate::problem::sign_in_url;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;
use std::borrow::Cow;
use tsudoi_kernel::{Gate, Permission};
use tsudoi_services::pages::{Audience, GateInput, OpenedPage, PagePath, PageView};

pub async fn show(State(web): State<AppState>, visiting: Visiting, method: Method) -> Result<Response, Problem> {
    if method != Method::GET && method != Method::HEAD {
        return Err(Problem::NotFound);
    }
    let asked = decoded(&visiting.path).ok_or(Problem::NotFound)?;
    if let Some(page) = web.whole_page(&visiting) {
        return Ok(html(StatusCode::OK, web.filled(&visiting, &page)));
    }
    let turn = web.turn_at(&visiting).await;
    if let Some(page) = turn.as_ref().and_then(|_| web.whole_page(&visiting)) {
        return Ok(html(StatusCode::OK, web.filled(&visiting, &page)));
    }
    let path = PagePath::parse(&asked).map_err(|_| Problem::NotFound)?;
    let view = web.services.page_at(&visiting.visit, &path).await?;
    match view {
        PageView::Nothing => Err(Problem::NotFound),
        _ if path.as_str() != asked => {
            let query = visiting.target.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
            Ok(Redirect::permanent(&format!("{}{query}", path.encoded())).into_response())
        }
        PageView::Open(page) => opened(&web, &visiting, &page, turn.as_ref()).await,
        PageView::Denied { body, audience } => {
            let teaser = web.plain_html(&visiting, &body.teaser);
            Ok(denied_page(&web, &visiting, &body.title, teaser, &body.gate, &audience))
        }
    }
}

async fn opened(web: &Web, visiting: &Visiting, page: &OpenedPage, turn: Option<&Turn>) -> Result<Response, Problem> {
    let text = web.revision_html(visiting, page.revision, &page.body.text).await?;
    let edit_url = if visiting.visitor().may(Permission::SITE) { format!("/admin/pages/{}", page.id) } else { String::new() };
    let has_heading = text.html.contains("<h1");
    let own = json!({
        "page": { "title": page.body.title, "has_heading": has_heading, "html": text.html, "path": page.body.path, "edit_url": edit_url },
    });
    Ok(match web.framed_site_page(visiting, "page.html", own) {
        Ok(framed) => {
            let shown = html(StatusCode::OK, web.filled(visiting, &framed));
            web.keep_whole_page(visiting, framed, text.lasts, turn);
            shown
        }
        Err(broken) => *broken,
    })
}

/// What those are shown who may not enter: how to get in, or whom to ask.
pub(crate) fn denied_page(web: &Web, visiting: &Visiting, title: &str, teaser: String, gate: &Gate, audience: &Audience) -> Response {
    let locale = visiting.locale();
    // Who is a member, and not at the moment, is told that, whatever the gate asks for.
    let inactive = visiting.visitor().member.as_ref().filter(|member| !member.status.is_active() && *gate != Gate::Staff);
    let GateInput { kind, tiers, labels, segments } = GateInput::from(gate);
    let own = json!({
        "page": { "title": title, "teaser_html": teaser },
        "gate": {
            "kind": kind,
            "tiers": tiers.iter().map(|key| audience.tier(key, locale)).collect::<Vec<_>>(),
            "labels": labels.iter().map(|key| audience.label(key, locale)).collect::<Vec<_>>(),
            "segments": segments.iter().map(|key| audience.segment(key, locale)).collect::<Vec<_>>(),
        },
        "membership": inactive.map(|member| member.status.as_str()),
        "sign_in_url": sign_in_url(&visiting.target),
        "contact_url": visiting.visit.frame.contact_url(),
    });
    debug_assert_ne!(*gate, Gate::Everyone, "everyone may enter");
    web.site_page(visiting, StatusCode::FORBIDDEN, "denied.html", own)
}

/// A path without its percent-encoding; `None` where that is not UTF-8.
pub(crate) fn decoded(path: &str) -> Option<Cow<'_, str>> {
    if !path.contains('%') {
        return Some(Cow::Borrowed(path));
    }
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, digit(tail.first()), digit(tail.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).ok()?);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_wrote_it() {
        assert_eq!(decoded("/about").as_deref(), Some("/about"));
        assert_eq!(decoded("/%E6%B4%BB%e5%8b%95").as_deref(), Some("/活動"));
        assert_eq!(decoded("/100%").as_deref(), Some("/100%"));
        assert_eq!(decoded("/%ff"), None);
    }
}
