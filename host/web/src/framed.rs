//! Pages of the site as they were rendered, for those who get the same one again. Rendering is pure, so a page is known
//! by its template and everything that it was given. What is another for each visitor, or changes often, is a hole in it: the
//! token of forms, the request's id, the proof of live regions and, where the theme only prints them, the text of the page and the
//! visitor's name.

use crate::visiting::Visiting;
use crate::{Web, look};
use chrono_tz::Tz;
use moka::sync::Cache;
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};
use tsudoi_kernel::Locale;
use tsudoi_render::html::escape;
use tsudoi_render::templates::RenderError;
use tsudoi_render::themes::Theme;
use tsudoi_services::Services;

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    Csrf,
    RequestId,
    LiveProof,
    Text,
    Name,
}

impl Hole {
    const ALL: [Self; 5] = [Self::Csrf, Self::RequestId, Self::LiveProof, Self::Text, Self::Name];
}

#[derive(Debug)]
enum Piece {
    Written(String),
    Hole(Hole),
}

/// A page with holes.
#[derive(Debug, Clone)]
pub(crate) struct Framed {
    frame: Arc<Vec<Piece>>,
    /// What belongs into the hole for the text; it has holes of its own.
    text: Arc<Vec<Piece>>,
}

/// What stands for the holes while a template is rendered. Nobody can write a mark into a text: it takes the key, and it
/// never leaves.
struct Marks([String; 5]);

impl Marks {
    fn new(services: &Services) -> Self {
        let sign = |hole| services.sign("hole", &[hole]);
        let [csrf, request, live, text, name] = ["csrf", "request", "live", "text", "name"].map(sign);
        // A template that escapes the text does not leave this one as it is.
        Self([csrf, request, live, format!("<!--{text}-->"), name])
    }

    fn of(&self, hole: Hole) -> &str {
        &self.0[hole as usize]
    }

    fn pieces(&self, mut html: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        loop {
            let next = Hole::ALL.into_iter().filter_map(|hole| html.find(self.of(hole)).map(|at| (at, hole)));
            let Some((at, hole)) = next.min_by_key(|(at, _)| *at) else { break };
            pieces.push(Piece::Written(html[..at].to_owned()));
            pieces.push(Piece::Hole(hole));
            html = &html[at + self.of(hole).len()..];
        }
        pieces.push(Piece::Written(html.to_owned()));
        pieces
    }
}

pub struct FramedPages {
    kept: Cache<Given, Arc<Vec<Piece>>>,
    marks: OnceLock<Marks>,
}

impl Default for FramedPages {
    fn default() -> Self {
        let weigh =
            move |given: &Given, frame: &Arc<Vec<Piece>>| u32::try_from(given.context.len() + written(frame) + 300).unwrap_or(u32::MAX);
        Self { kept: Cache::builder().weigher(weigh).max_capacity(MOST_BYTES).build(), marks: OnceLock::new() }
    }
}

impl Framed {
    /// Of what is written in it.
    pub(crate) fn len(&self) -> usize {
        written(&self.frame) + written(&self.text)
    }

    fn each_piece(&self) -> impl Iterator<Item = &Piece> {
        self.frame.iter().flat_map(|piece| match piece {
            Piece::Hole(Hole::Text) => self.text.as_slice(),
            other => std::slice::from_ref(other),
        })
    }
}

fn written(pieces: &[Piece]) -> usize {
    let size = |piece: &Piece| if let Piece::Written(text) = piece { text.len() } else { 0 };
    pieces.iter().map(size).sum()
}

impl Web {
    fn marks(&self) -> &Marks {
        self.look.framed_pages().marks.get_or_init(|| Marks::new(&self.services))
    }

    /// Stands for the proof of live regions in what is the same for many visitors.
    pub(crate) fn live_mark(&self) -> &str {
        self.marks().of(Hole::LiveProof)
    }

    /// A template of the theme with what every page is given.
    pub(crate) fn framed(&self, visiting: &Visiting, theme: &Theme, template: &str, mut context: Value) -> Result<Framed, RenderError> {
        let marks = self.marks();
        context["csrf"] = json!(marks.of(Hole::Csrf));
        context["request_id"] = json!(marks.of(Hole::RequestId));
        if theme.only_prints_names() && visiting.name().is_some() {
            context["visitor"]["name"] = json!(marks.of(Hole::Name));
        }
        let text = match context.pointer_mut("/page/html") {
            Some(html) if theme.only_prints_texts() => std::mem::replace(html, json!(marks.of(Hole::Text))),
            _ => Value::Null,
        };
        let given = Given {
            theme: (theme.id().to_owned(), theme.version().to_owned()),
            template: template.to_owned(),
            locale: visiting.locale(),
            zone: look::zone(visiting),
            context: context.to_string(),
        };
        let text = Arc::new(marks.pieces(text.as_str().unwrap_or_default()));
        // The call ids in forms of plugins are new each time, so such a page never comes again.
        if given.context.contains("_call") {
            let html = theme.render(template, given.locale, given.zone, &context)?;
            return Ok(Framed { frame: Arc::new(marks.pieces(&html)), text });
        }
        let kept = &self.look.framed_pages().kept;
        if let Some(frame) = kept.get(&given) {
            return Ok(Framed { frame, text });
        }
        let html = theme.render(template, given.locale, given.zone, &context)?;
        let frame = Arc::new(marks.pieces(&html));
        kept.insert(given, frame.clone());
        Ok(Framed { frame, text })
    }

    /// The page for this visitor.
    pub(crate) fn filled(&self, visiting: &Visiting, framed: &Framed) -> String {
        let csrf = visiting.csrf(&self.services, "host");
        let proof = visiting.live_proof(&self.services);
        let name = escape(visiting.name().unwrap_or_default());
        let parts: Vec<&str> = framed
            .each_piece()
            .map(|piece| match piece {
                Piece::Written(text) => text.as_str(),
                Piece::Hole(Hole::Csrf) => csrf.as_str(),
                Piece::Hole(Hole::RequestId) => &*visiting.request_id,
                Piece::Hole(Hole::LiveProof) => proof.as_str(),
                Piece::Hole(Hole::Name) => name.as_str(),
                // A text has no text within.
                Piece::Hole(Hole::Text) => "",
            })
            .collect();
        parts.concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Browser;
    use tsudoi_services::testing::services;

    #[test]
    fn holes_are_found_wherever_they_are() {
        let marks = Marks(["<CSRF>", "<ID>", "<LIVE>", "<TEXT>", "<NAME>"].map(str::to_owned));
        let shown = |pieces: Vec<Piece>| {
            let show = |piece: &Piece| if let Piece::Written(text) = piece { text.clone() } else { format!("{piece:?}") };
            pieces.iter().map(show).collect::<Vec<_>>().join("|")
        };
        assert_eq!(
            shown(marks.pieces("<ID>a<CSRF><CSRF>b<TEXT>c<LIVE><NAME>")),
            "|Hole(RequestId)|a|Hole(Csrf)||Hole(Csrf)|b|Hole(Text)|c|Hole(LiveProof)||Hole(Name)|"
        );
        assert_eq!(shown(marks.pieces("plain")), "plain");
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
