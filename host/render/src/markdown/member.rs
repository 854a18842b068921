//! Text by members: no raw HTML, no pictures, line breaks where they typed them, addresses as links that give
//! search engines no credit, and headings that stay below those of the page.

use super::to_html;
use crate::html::SafeHtml;
use crate::sanitise;
use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options as Extensions, Parser, Tag, TagEnd, TextMergeStream};

/// Renders a member's post. Never fails; whatever is not allowed shows as the text that it was.
pub fn member_text(text: &str) -> SafeHtml {
    let extensions = Extensions::ENABLE_TABLES | Extensions::ENABLE_STRIKETHROUGH;
    let mut written = Writer::default();
    for event in TextMergeStream::new(Parser::new_ext(text, extensions)) {
        written.take(event);
    }
    SafeHtml::trusted(sanitise::member_html(&to_html(written.events)))
}

#[derive(Default)]
struct Writer<'a> {
    events: Vec<Event<'a>>,
    /// Links and pictures that are open, and whether the tag was written.
    links: Vec<bool>,
    code: bool,
    html: bool,
}

impl<'a> Writer<'a> {
    fn take(&mut self, event: Event<'a>) {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                self.open_link(Tag::Link { link_type, dest_url, title, id });
            }
            Event::Start(Tag::Image { dest_url, title, id, .. }) => {
                self.open_link(Tag::Link { link_type: LinkType::Inline, dest_url, title, id });
            }
            Event::End(TagEnd::Link | TagEnd::Image) => self.close_link(),
            Event::Start(Tag::Heading { level, .. }) => self.events.push(heading(level)),
            Event::End(TagEnd::Heading(level)) => self.events.push(Event::End(TagEnd::Heading(below(level)))),
            Event::Start(Tag::HtmlBlock) => {
                self.html = true;
                self.events.push(Event::Start(Tag::Paragraph));
            }
            Event::End(TagEnd::HtmlBlock) => {
                self.html = false;
                self.events.push(Event::End(TagEnd::Paragraph));
            }
            Event::Html(html) | Event::InlineHtml(html) => self.lines(html.trim_end_matches('\n')),
            Event::Start(Tag::CodeBlock(kind)) => {
                self.code = true;
                self.events.push(Event::Start(Tag::CodeBlock(kind)));
            }
            Event::End(TagEnd::CodeBlock) => {
                self.code = false;
                self.events.push(Event::End(TagEnd::CodeBlock));
            }
            Event::SoftBreak => self.events.push(Event::HardBreak),
            Event::Text(text) if !self.code && self.links.is_empty() => self.linked(&text),
            other => self.events.push(other),
        }
    }

    fn open_link(&mut self, link: Tag<'a>) {
        let nested = self.links.contains(&true);
        self.links.push(!nested);
        if !nested {
            self.events.push(Event::Start(link));
        }
    }

    fn close_link(&mut self) {
        if self.links.pop() != Some(true) {
            return;
        }
        // A picture without a description would be a link that nobody sees.
        if let Some(Event::Start(Tag::Link { dest_url, .. })) = self.events.last() {
            let address = dest_url.clone();
            self.events.push(Event::Text(address));
        }
        self.events.push(Event::End(TagEnd::Link));
    }

    /// Raw HTML as the text that it was, line by line.
    fn lines(&mut self, html: &str) {
        if self.html && matches!(self.events.last(), Some(Event::Text(_))) {
            self.events.push(Event::HardBreak);
        }
        for (index, line) in html.split('\n').enumerate() {
            if index > 0 {
                self.events.push(Event::HardBreak);
            }
            self.events.push(Event::Text(CowStr::from(line.to_owned())));
        }
    }

    /// Text with its addresses as links.
    fn linked(&mut self, text: &str) {
        let mut rest = text;
        while let Some((start, end)) = address(rest) {
            if start > 0 {
                self.events.push(Event::Text(CowStr::from(rest[..start].to_owned())));
            }
            let address = CowStr::from(rest[start..end].to_owned());
            let link = Tag::Link { link_type: LinkType::Autolink, dest_url: address.clone(), title: "".into(), id: "".into() };
            self.events.extend([Event::Start(link), Event::Text(address), Event::End(TagEnd::Link)]);
            rest = &rest[end..];
        }
        if !rest.is_empty() {
            self.events.push(Event::Text(CowStr::from(rest.to_owned())));
        }
    }
}

fn heading(level: HeadingLevel) -> Event<'static> {
    Event::Start(Tag::Heading { level: below(level), id: None, classes: Vec::new(), attrs: Vec::new() })
}

/// The page has its `h1`, and what surrounds a post its `h2`.
fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

/// Where the first address in `text` begins and ends. Only ASCII belongs to it, since Japanese text follows an address
/// without a space; punctuation that ends a sentence, and a bracket that was opened before it, do not.
fn address(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let colon = from + text[from..].find("://")?;
        from = colon + 3;
        let scheme = ["https", "http"].into_iter().find(|scheme| {
            colon.checked_sub(scheme.len()).is_some_and(|at| text.get(at..colon).is_some_and(|found| found.eq_ignore_ascii_case(scheme)))
        });
        let Some(scheme) = scheme else { continue };
        let start = colon - scheme.len();
        if text[..start].ends_with(|before: char| before.is_ascii_alphanumeric()) {
            continue;
        }
        if !text[from..].starts_with(|first: char| first.is_ascii_alphanumeric()) {
            continue;
        }
        let length = text[from..].bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(byte));
        return Some((start, from + trimmed(&text[from..from + length.count()]).len()));
    }
}

/// Brackets are counted once and not again for each that is cut off: a post may end in thousands of them.
fn trimmed(address: &str) -> &str {
    let surplus = |close: char, open: char| address.matches(close).count().saturating_sub(address.matches(open).count());
    let (mut round, mut square) = (surplus(')', '('), surplus(']', '['));
    let mut kept = address.len();
    for byte in address.bytes().rev() {
        match byte {
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' | b'_' | b'~' => {}
            b')' if round > 0 => round -= 1,
            b']' if square > 0 => square -= 1,
            _ => break,
        }
        kept -= 1;
    }
    &address[..kept]
}

#[cfg(test)]
#[path = "member_tests.rs"]
mod tests;
