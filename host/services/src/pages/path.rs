//! Where a page is on its site.

use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// A path that a page can have: `/` for the home page, else segments of small letters, digits, `-`, `_`, `.` and
/// letters of other scripts (`/about`, `/活動/記録`), in Unicode's form NFKC, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PagePath(String);

/// Why a text is not a page's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPath {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {} characters", PagePath::LONGEST)]
    TooLong,
    #[error("it has a character that a path can't have")]
    Characters,
    #[error("the host itself uses it")]
    Reserved,
}

impl NotAPath {
    /// The message in the locale files.
    pub fn message(self) -> &'static str {
        match self {
            Self::Empty => "pages-path-empty",
            Self::TooLong => "pages-path-too-long",
            Self::Characters => "pages-path-characters",
            Self::Reserved => "pages-path-reserved",
        }
    }
}

/// First segments that routes of the host have, or may come to have.
const RESERVED: &[&str] = &[
    "account",
    "admin",
    "api",
    "demo",
    "favicon.ico",
    "files",
    "forms",
    "health",
    "host",
    "inbox",
    "language",
    "p",
    "p-assets",
    "password",
    "robots.txt",
    "sign-in",
    "sign-out",
    "site.css",
    "sitemap.xml",
    "theme",
    "webhooks",
];

impl PagePath {
    pub const LONGEST: usize = 150;

    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// From what a person typed or what a decoded address says: capital letters become small, full width becomes
    /// half, the slash in front may be missing and one at the end may be there.
    pub fn parse(text: &str) -> Result<Self, NotAPath> {
        let text: String = text.trim().nfkc().flat_map(char::to_lowercase).collect();
        if text.is_empty() {
            return Err(NotAPath::Empty);
        }
        if text == "/" {
            return Ok(Self::home());
        }
        let inner = text.strip_prefix('/').unwrap_or(&text);
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        if inner.chars().count() >= Self::LONGEST {
            return Err(NotAPath::TooLong);
        }
        if !inner.split('/').all(is_segment) {
            return Err(NotAPath::Characters);
        }
        let first = inner.split('/').next().unwrap_or_default();
        if RESERVED.contains(&first) {
            return Err(NotAPath::Reserved);
        }
        Ok(Self(format!("/{inner}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_home(&self) -> bool {
        self.0 == "/"
    }

    /// As it stands in an address: everything outside `a-z 0-9 - _ . /` percent-encoded.
    pub fn encoded(&self) -> String {
        let mut encoded = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => encoded.push(char::from(byte)),
                other => encoded.push_str(&format!("%{other:02X}")),
            }
        }
        encoded
    }
}

/// Not empty, and no dot in front, which would be `.`, `..` or `.well-known`.
fn is_segment(segment: &str) -> bool {
    let allowed = |character: char| match character {
        'a'..='z' | '0'..='9' | '-' | '_' | '.' => true,
        other => !other.is_ascii() && other.is_alphanumeric(),
    };
    !segment.is_empty() && !segment.starts_with('.') && segment.chars().all(allowed)
}

impl fmt::Display for PagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PagePath {
    type Error = NotAPath;

    fn try_from(text: String) -> Result<Self, NotAPath> {
        Self::parse(&text)
    }
}

impl From<PagePath> for String {
    fn from(path: PagePath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, NotAPath> {
        PagePath::parse(text).map(String::from)
    }

    #[test]
    fn what_people_type_becomes_one_spelling() {
        for (typed, path) in [
            ("/", "/"),
            ("about", "/about"),
            ("/About/", "/about"),
            ("  /ａｂｏｕｔ／Ｕｓ ", "/about/us"),
            ("/活動/ﾆｭｰｽ", "/活動/ニュース"),
            ("/2026.html", "/2026.html"),
            // か and a combining mark are one letter.
            ("/か\u{3099}", "/が"),
        ] {
            assert_eq!(parsed(typed), Ok(path.to_owned()), "{typed}");
        }
    }

    #[test]
    fn what_would_lead_out_of_the_site_or_hide_a_route_is_refused() {
        for (typed, why) in [
            ("", NotAPath::Empty),
            ("//evil.example", NotAPath::Characters),
            ("/a//b", NotAPath::Characters),
            ("/../etc", NotAPath::Characters),
            ("/a/.", NotAPath::Characters),
            ("/.well-known", NotAPath::Characters),
            ("/a b", NotAPath::Characters),
            ("/a?b", NotAPath::Characters),
            ("/a%2f", NotAPath::Characters),
            ("/a\\b", NotAPath::Characters),
            ("/a\u{0}b", NotAPath::Characters),
            ("/a\u{202e}b", NotAPath::Characters),
            ("/admin", NotAPath::Reserved),
            ("/ADMIN/pages", NotAPath::Reserved),
            ("/p/fan-board", NotAPath::Reserved),
            ("/site.css", NotAPath::Reserved),
        ] {
            assert_eq!(parsed(typed), Err(why), "{typed}");
        }
        assert_eq!(parsed(&"a".repeat(400)), Err(NotAPath::TooLong));
        assert_eq!(parsed("/price"), Ok("/price".to_owned()));
    }

    #[test]
    fn an_address_is_plain_ascii() {
        assert_eq!(PagePath::parse("/活動/2026").map(|path| path.encoded()), Ok("/%E6%B4%BB%E5%8B%95/2026".to_owned()));
    }
}
