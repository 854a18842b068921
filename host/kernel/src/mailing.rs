//! Mailings: one text to many members, and the words in it that each of them gets filled in.

use crate::gate::Gate;
use crate::locale::{Locale, Localised};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What staff write. In JSON it is the column `body` of its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mailing {
    pub subject: Localised,
    /// Markdown.
    pub text: Localised,
    /// Members, or some of them.
    pub gate: Gate,
    pub topic: Uuid,
}

/// The topic that every organisation has.
pub const FIRST_TOPIC: Uuid = Uuid::nil();

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailingState {
    Draft,
    /// Goes out by itself at its time.
    Scheduled,
    /// Members are looked through for whom it is for; the first mails are on their way already.
    Planning,
    Sending,
    Sent,
    /// Staff stopped it before everybody had it.
    Stopped,
}

impl MailingState {
    pub const ALL: [Self; 6] = [Self::Draft, Self::Scheduled, Self::Planning, Self::Sending, Self::Sent, Self::Stopped];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Planning => "planning",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Stopped => "stopped",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Planning | Self::Sending)
    }
}

/// A word in double braces, `{{name}}`, that stands for something else in each mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filler {
    /// Family and given name in the order of the organisation's language, else the name that others see.
    Name,
    DisplayName,
    Number,
    /// The tier's name.
    Tier,
    Organisation,
}

impl Filler {
    pub const ALL: [Self; 5] = [Self::Name, Self::DisplayName, Self::Number, Self::Tier, Self::Organisation];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::DisplayName => "display-name",
            Self::Number => "number",
            Self::Tier => "tier",
            Self::Organisation => "organisation",
        }
    }
}

/// A stretch of a text with fillers.
enum Piece<'a> {
    Text(&'a str),
    /// What stands in the braces, and it with the braces.
    Filler(&'a str, &'a str),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let is_word = |word: &str| !word.is_empty() && word.len() <= 40 && !word.contains(['{', '}', '\n']);
        let (piece, used) = match rest.find("{{") {
            None => (Piece::Text(rest), rest.len()),
            Some(0) => match rest[2..].find("}}").filter(|length| is_word(&rest[2..2 + length])) {
                Some(length) => (Piece::Filler(rest[2..2 + length].trim(), &rest[..length + 4]), length + 4),
                None => (Piece::Text(&rest[..1]), 1),
            },
            Some(start) => (Piece::Text(&rest[..start]), start),
        };
        rest = &rest[used..];
        Some(piece)
    })
}

/// `text` with each filler as `value` says it.
pub fn filled(text: &str, value: impl Fn(Filler) -> String) -> String {
    let mut whole = String::with_capacity(text.len() + 64);
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => whole.push_str(text),
            Piece::Filler(word, as_written) => match Filler::ALL.into_iter().find(|filler| filler.as_str() == word) {
                Some(filler) => whole.push_str(&value(filler)),
                None => whole.push_str(as_written),
            },
        }
    }
    whole
}

/// The first word in double braces that stands for nothing.
pub fn unknown_filler(text: &str) -> Option<&str> {
    pieces(text).find_map(|piece| match piece {
        Piece::Filler(word, as_written) => Filler::ALL.into_iter().all(|filler| filler.as_str() != word).then_some(as_written),
        Piece::Text(_) => None,
    })
}

impl Mailing {
    /// The language in which a member gets it: the one they chose where it was written in that, else the organisation's.
    pub fn language(&self, chosen: Option<Locale>, own: Locale) -> Locale {
        let is_there = |locale: &Locale| self.text.0.contains_key(locale) && self.subject.0.contains_key(locale);
        chosen.filter(is_there).unwrap_or(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers_are_filled_in_and_everything_else_stays() {
        let value = |filler: Filler| if filler == Filler::Name { "山田 {{number}}".to_owned() } else { "7".to_owned() };
        let text = "{{name}}様 {{ number }} {{{ {{}} {{unknown}} {{n";
        assert_eq!(filled(text, value), "山田 {{number}}様 7 {{{ {{}} {{unknown}} {{n");
        assert_eq!(unknown_filler(text), Some("{{unknown}}"));
        assert_eq!(unknown_filler("{{name}} { {x} }}"), None);
    }

    #[test]
    fn a_member_gets_the_language_that_they_chose_where_there_is_one() {
        let both = |ja: &str, en: &str| Localised([(Locale::Ja, ja.to_owned()), (Locale::En, en.to_owned())].into());
        let mut mailing =
            Mailing { subject: both("件名", "Subject"), text: both("本文", "Text"), gate: Gate::Members, topic: FIRST_TOPIC };
        assert_eq!(mailing.language(Some(Locale::En), Locale::Ja), Locale::En);
        assert_eq!(mailing.language(None, Locale::Ja), Locale::Ja);
        mailing.subject.0.remove(&Locale::En);
        assert_eq!(mailing.language(Some(Locale::En), Locale::Ja), Locale::Ja);
    }
}
