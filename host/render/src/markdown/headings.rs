//! Ids of headings, so that a link can lead to them.

use crate::sanitise::is_reserved_id;
use pulldown_cmark::{Event, Tag, TagEnd};
use std::collections::BTreeSet;

/// The ids that a page has so far.
#[derive(Default)]
pub struct Slugs {
    taken: BTreeSet<String>,
}

impl Slugs {
    /// Gives every heading in `events` its id.
    pub fn mark(&mut self, events: &mut [Event<'_>]) {
        for at in 0..events.len() {
            let Event::Start(Tag::Heading { .. }) = events[at] else { continue };
            let text: String = events[at..]
                .iter()
                .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
                .filter_map(|event| match event {
                    Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
                    Event::SoftBreak | Event::HardBreak => Some(" "),
                    _ => None,
                })
                .collect();
            let slug = self.take(&text);
            if let Event::Start(Tag::Heading { id, .. }) = &mut events[at] {
                *id = Some(slug.into());
            }
        }
    }

    fn take(&mut self, text: &str) -> String {
        let slug = slug(text);
        let mut number = 1;
        let mut id = slug.clone();
        while !self.taken.insert(id.clone()) {
            number += 1;
            id = format!("{slug}-{number}");
        }
        id
    }
}

/// Letters and digits of any script in lower case, everything between them as one hyphen.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars() {
        if character.is_alphanumeric() || character == '_' {
            slug.extend(character.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') && !"'’".contains(character) {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() || is_reserved_id(slug) { format!("section-{slug}").trim_end_matches('-').to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_japanese_and_stay_apart() {
        let mut slugs = Slugs::default();
        let cases = [
            ("会則（2026年）", "会則-2026年"),
            ("メンバー紹介", "メンバー紹介"),
            ("What's new?", "whats-new"),
            ("What's new?", "whats-new-2"),
            ("🎉", "section"),
            ("Host rules", "section-host-rules"),
            ("Main", "section-main"),
        ];
        for (text, id) in cases {
            assert_eq!(slugs.take(text), id, "{text}");
        }
    }
}
