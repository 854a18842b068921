//! Markdown: all of CommonMark with tables, footnotes, task lists and strikethrough. For pages by staff, with raw
//! HTML (sanitised) and with blocks of plugins by a directive; for posts by members, in a narrower form
//! ([`member_text`]). docs/markdown.md describes both for the people who write.

mod directive;
mod footnotes;
mod headings;
mod member;

pub use directive::BlockSyntaxError;
pub use member::member_text;

use crate::sanitise;
use footnotes::Footnotes;
use headings::Slugs;
use pulldown_cmark::{Event, Options as Extensions, Parser, Tag, TagEnd, html};
use serde_json::{Map, Value};
use std::ops::Range;

/// What a page's text is rendered with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// What the link from a footnote back to its place is called, for those who hear the page. Empty: no name.
    pub footnote_back: String,
}

/// A stretch of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Sanitised, and balanced by itself.
    Html(String),
    /// To be filled by a plugin.
    Block(BlockCall),
    /// To be filled by the host: the form at an address, `::form/contact`.
    Form { address: String },
    /// A directive with a mistake: for staff; visitors see nothing.
    BlockError { line: usize, message: BlockSyntaxError },
}

/// A directive such as `::fan-board/latest-threads{limit=5}`.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockCall {
    pub plugin: String,
    pub name: String,
    /// Strings, integers and booleans.
    pub parameters: Map<String, Value>,
    /// Of the page's text, counted from 1.
    pub line: usize,
}

type Placed<'a> = (Event<'a>, Range<usize>);

/// The parts of a page in order. Headings get ids for anchors. Markdown has no syntax errors; only a directive can be
/// wrong, and is then a [`Part::BlockError`].
pub fn render(text: &str, options: Options) -> Vec<Part> {
    let extensions =
        Extensions::ENABLE_TABLES | Extensions::ENABLE_FOOTNOTES | Extensions::ENABLE_STRIKETHROUGH | Extensions::ENABLE_TASKLISTS;
    let events: Vec<Placed<'_>> = Parser::new_ext(text, extensions).into_offset_iter().collect();
    let mut footnotes = Footnotes::take(events, &options.footnote_back);
    let mut slugs = Slugs::default();
    let mut parts = Vec::new();
    let mut pending: Vec<Event<'_>> = Vec::new();
    let mut depth = 0usize;
    let body = std::mem::take(&mut footnotes.body);
    let mut events = body.into_iter().peekable();
    while let Some((event, range)) = events.next() {
        if depth == 0
            && event == Event::Start(Tag::Paragraph)
            && let Some(calls) = directive::calls(text, range)
        {
            flush(&mut parts, &mut pending, &mut slugs);
            parts.extend(calls);
            while events.next_if(|(event, _)| *event != Event::End(TagEnd::Paragraph)).is_some() {}
            events.next();
            continue;
        }
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        match event {
            Event::FootnoteReference(name) => pending.push(footnotes.reference(&name)),
            other => pending.push(other),
        }
    }
    pending.extend(footnotes.section());
    flush(&mut parts, &mut pending, &mut slugs);
    parts
}

fn flush(parts: &mut Vec<Part>, pending: &mut Vec<Event<'_>>, slugs: &mut Slugs) {
    slugs.mark(pending);
    let clean = sanitise::page_html(&to_html(std::mem::take(pending)));
    if !clean.trim().is_empty() {
        parts.push(Part::Html(clean));
    }
}

/// HTML with classes for the alignment of table cells, where the library writes style attributes, which the site's
/// content security policy forbids.
fn to_html<'a>(events: impl IntoIterator<Item = Event<'a>>) -> String {
    let mut written = String::new();
    html::push_html(&mut written, events.into_iter());
    if written.contains("style=\"text-align") {
        for cell in ["td", "th"] {
            for side in ["left", "center", "right"] {
                written = written.replace(&format!("<{cell} style=\"text-align: {side}\">"), &format!("<{cell} class=\"align-{side}\">"));
            }
        }
    }
    written
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
