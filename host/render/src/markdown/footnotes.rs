//! Footnotes: numbered in the order in which the text refers to them, listed at its end, each with a way back. The
//! library would number each stretch between two blocks by itself.

use super::Placed;
use crate::html::escape;
use pulldown_cmark::{CowStr, Event, Tag, TagEnd};
use std::collections::BTreeMap;

pub struct Footnotes<'a> {
    /// The text without the definitions.
    pub body: Vec<Placed<'a>>,
    definitions: BTreeMap<String, Vec<Event<'a>>>,
    /// In order of first reference, with how often each was referred to.
    referred: Vec<(String, usize)>,
    back: String,
}

impl<'a> Footnotes<'a> {
    /// Sorts `events` into text and definitions. Of two definitions of one name the first counts.
    pub fn take(events: Vec<Placed<'a>>, back: &str) -> Self {
        let mut sorted =
            Self { body: Vec::with_capacity(events.len()), definitions: BTreeMap::new(), referred: Vec::new(), back: back.to_owned() };
        let mut events = events.into_iter();
        while let Some((event, range)) = events.next() {
            let Event::Start(Tag::FootnoteDefinition(name)) = &event else {
                sorted.body.push((event, range));
                continue;
            };
            let name = name.to_string();
            let definition = events.by_ref().map(|(event, _)| event).take_while(|event| *event != Event::End(TagEnd::FootnoteDefinition));
            let definition: Vec<_> = definition.collect();
            sorted.definitions.entry(name).or_insert(definition);
        }
        sorted
    }

    /// What stands in the text for a reference to `name`.
    pub fn reference(&mut self, name: &str) -> Event<'a> {
        let index = self.referred.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.referred.push((name.to_owned(), 0));
            self.referred.len() - 1
        });
        self.referred[index].1 += 1;
        let (number, anchor) = (index + 1, anchor(index + 1, self.referred[index].1));
        Event::InlineHtml(CowStr::from(format!(
            r##"<sup class="footnote-reference"><a id="{anchor}" href="#fn-{number}" role="doc-noteref">{number}</a></sup>"##
        )))
    }

    /// The list of those that were referred to; nothing if none was.
    pub fn section(&mut self) -> Vec<Event<'a>> {
        let mut section = Vec::new();
        let mut index = 0;
        // A footnote may refer to another: the list grows while it is written.
        while index < self.referred.len() {
            let number = index + 1;
            let definition = self.definitions.remove(&self.referred[index].0).unwrap_or_default();
            section.push(Event::Html(format!("<li id=\"fn-{number}\">\n").into()));
            for event in definition {
                section.push(match event {
                    Event::FootnoteReference(name) => self.reference(&name),
                    other => other,
                });
            }
            let ways_back: Vec<_> = (1..=self.referred[index].1).map(|count| self.way_back(number, count)).collect();
            let ways_back = Event::InlineHtml(ways_back.join("").into());
            match section.last() {
                Some(Event::End(TagEnd::Paragraph)) => section.insert(section.len() - 1, ways_back),
                _ => section.push(ways_back),
            }
            section.push(Event::Html("</li>\n".into()));
            index += 1;
        }
        if !section.is_empty() {
            section.insert(0, Event::Html("\n<section class=\"footnotes\" role=\"doc-endnotes\">\n<ol>\n".into()));
            section.push(Event::Html("</ol>\n</section>\n".into()));
        }
        section
    }

    fn way_back(&self, number: usize, count: usize) -> String {
        let label = if self.back.is_empty() { String::new() } else { format!(" aria-label=\"{}\"", escape(&self.back)) };
        format!(r##" <a href="#{}" class="footnote-back" role="doc-backlink"{label}>↩</a>"##, anchor(number, count))
    }
}

fn anchor(number: usize, count: usize) -> String {
    if count == 1 { format!("fnref-{number}") } else { format!("fnref-{number}-{count}") }
}
