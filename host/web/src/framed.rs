//! Pages of the site as they were rendered, for those who get the same one again. Rendering is pure, so a page is known
//! by its template and everything that it was given; the token of forms, the request's id and the proof of live regions are
//! holes, filled for each visitor.

use crate::visiting::Visiting;
use crate::{Web, look};
use chrono_tz::Tz;
use moka::sync::Cache;
use serde_json::{Value, json};
use std::sync::Arc;
use tsudoi_kernel::Locale;
use tsudoi_render::templates::RenderError;
use tsudoi_render::themes::Theme;

const MOST_BYTES: u64 = 64 * 1024 * 1024;

#[derive(PartialEq, Eq, Hash)]
struct Given {
    theme: (String, String),
    template: String,
    locale: Locale,
    zone: Tz,
    /// JSON, with marks where the holes are.
    context: String,
}

enum Piece {
    Text(String),
    Csrf,
    RequestId,
    LiveProof,
}

pub struct FramedPages(Cache<Given, Arc<Vec<Piece>>>);

impl Default for FramedPages {
    fn default() -> Self {
        let size = |piece: &Piece| if let Piece::Text(text) = piece { text.len() } else { 0 };
        let weigh = move |given: &Given, pieces: &Arc<Vec<Piece>>| {
            u32::try_from(given.context.len() + pieces.iter().map(size).sum::<usize>() + 300).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().weigher(weigh).max_capacity(MOST_BYTES).build())
    }
}

impl Web {
    /// A template of the theme with what every page is given.
    pub(crate) fn framed(&self, visiting: &Visiting, theme: &Theme, template: &str, mut context: Value) -> Result<String, RenderError> {
        let (locale, zone) = (visiting.locale(), look::zone(visiting));
        // Nobody can write a mark into a text: it takes the key, and it never leaves.
        let [csrf_mark, id_mark] = ["csrf", "request"].map(|hole| self.services.sign("hole", &[hole]));
        let live_mark = self.live_mark();
        let proof = visiting.live_proof(&self.services);
        let csrf = context["csrf"].take();
        let csrf = csrf.as_str().unwrap_or_default();
        context["csrf"] = json!(csrf_mark);
        context["request_id"] = json!(id_mark);
        let text = context.to_string();
        // The call ids in forms of plugins are new each time, so such a page never comes again.
        let comes_again = !text.contains("_call");
        let given = Given {
            theme: (theme.id().to_owned(), theme.version().to_owned()),
            template: template.to_owned(),
            locale,
            zone,
            context: if comes_again { text } else { String::new() },
        };
        let cache = &self.look.framed_pages().0;
        if comes_again && let Some(pieces) = cache.get(&given) {
            return Ok(filled(&pieces, csrf, &visiting.request_id, &proof));
        }
        let html = theme.render(template, locale, zone, &context)?;
        let pieces = Arc::new(pieces(&html, &csrf_mark, &id_mark, &live_mark));
        let html = filled(&pieces, csrf, &visiting.request_id, &proof);
        if comes_again {
            cache.insert(given, pieces);
        }
        Ok(html)
    }
}

fn pieces(mut html: &str, csrf: &str, request_id: &str, live: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    loop {
        let holes = [(csrf, Piece::Csrf), (request_id, Piece::RequestId), (live, Piece::LiveProof)];
        let next = holes.into_iter().filter_map(|(mark, piece)| html.find(mark).map(|at| (at, mark.len(), piece)));
        let Some((at, length, piece)) = next.min_by_key(|(at, ..)| *at) else { break };
        pieces.push(Piece::Text(html[..at].to_owned()));
        pieces.push(piece);
        html = &html[at + length..];
    }
    pieces.push(Piece::Text(html.to_owned()));
    pieces
}

fn filled(pieces: &[Piece], csrf: &str, request_id: &str, proof: &str) -> String {
    let parts: Vec<&str> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Csrf => csrf,
            Piece::RequestId => request_id,
            Piece::LiveProof => proof,
        })
        .collect();
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Browser;
    use tsudoi_services::testing::services;

    #[test]
    fn holes_are_filled_wherever_they_are() {
        let pieces = pieces("<ID>a<CSRF><CSRF>b<ID><LIVE>", "<CSRF>", "<ID>", "<LIVE>");
        assert_eq!(filled(&pieces, "token", "7", "proof"), "7atokentokenb7proof");
        assert_eq!(filled(&super::pieces("plain", "<CSRF>", "<ID>", "<LIVE>"), "token", "7", "proof"), "plain");
    }

    #[tokio::test]
    async fn the_same_page_has_each_visitors_own_token() {
        let house = services().await;
        let (mut one, mut other) = (Browser::new(&house), Browser::new(&house));
        let (first, second) = (one.get("/sign-in").await, other.get("/sign-in").await);
        assert_ne!(first.field("_csrf"), second.field("_csrf"));
        let again = one.get("/sign-in").await;
        assert_eq!(again.field("_csrf"), first.field("_csrf"));
        assert_eq!(again.text.len(), second.text.len());
        let wrong = other.post("/sign-in", &[("_csrf", &first.field("_csrf")), ("identifier", "H-0001"), ("password", "x")]).await;
        assert_eq!(wrong.status, axum::http::StatusCode::FORBIDDEN, "one's token opens nothing for another");
    }
}
