//! Where somebody goes after signing in: a place on this site and nowhere else.

use std::fmt;

/// A path of this site, perhaps with a query: begins with exactly one `/`, printable ASCII, no backslash (which
/// browsers read as a slash). Anything else becomes `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextPath(String);

const LONGEST: usize = 2000;

impl NextPath {
    pub fn parse(text: &str) -> Self {
        let is_sound = text.starts_with('/')
            && !text.starts_with("//")
            && text.len() <= LONGEST
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        Self(if is_sound { text.to_owned() } else { "/".to_owned() })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_home(&self) -> bool {
        self.0 == "/"
    }
}

impl fmt::Display for NextPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_leads_to_a_path_of_this_site_or_home() {
        let kept = ["/", "/members", "/p/fan-board/threads/x?page=2", "/a//b", "/%E4%BC%9A?q=%2F%2Fevil.example", "/.//x"];
        for text in kept {
            assert_eq!(NextPath::parse(text).as_str(), text);
        }
        let long = format!("/{}", "a".repeat(2000));
        let refused = [
            "",
            "members",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/a\\b",
            "https://evil.example/",
            "javascript:alert(1)",
            " /members",
            "/\t/evil.example",
            "/a\r\nSet-Cookie: x=1",
            "/会員",
            &long,
        ];
        for text in refused {
            assert_eq!(NextPath::parse(text).as_str(), "/", "{text:?}");
        }
    }
}
