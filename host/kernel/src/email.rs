//! Mail addresses, parsed once at the edge.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The text can't be a mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address")]
pub struct NotAnEmail;

/// A mail address: one `@`, something before it, a domain after it, no white space, at most 254 bytes (RFC 5321,
/// section 4.5.3.1). Kept in lower case, since people type their own address in either. The part before the `@` may
/// break the standard's rules about dots: old Japanese mobile addresses do (`taro..@docomo.example`), and work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim().to_lowercase();
        let Some((local, domain)) = text.split_once('@') else { return Err(NotAnEmail) };
        let is_sound = (1..=64).contains(&local.len()) && text.len() <= 254 && is_domain(domain) && local.chars().all(is_local);
        if is_sound { Ok(Self(text)) } else { Err(NotAnEmail) }
    }
}

/// Characters that would end the address in a header, or that no mailbox has, are out.
fn is_local(character: char) -> bool {
    !character.is_whitespace()
        && !character.is_control()
        && !matches!(character, '"' | '(' | ')' | ',' | ':' | ';' | '<' | '>' | '[' | ']' | '\\' | '@')
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| character.is_alphanumeric() || character == '-')
    };
    domain.split('.').all(is_label)
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;
    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_have_are_taken() {
        for text in ["hanako@example.jp", "a.b+c@sub.example.co.jp", "taro..@docomo.example", "root@localhost", "o'neil@example.ie"] {
            assert_eq!(text.parse::<Email>().map(|email| email.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(" Hanako@Example.JP ".parse::<Email>().map(|email| email.to_string()), Ok("hanako@example.jp".to_owned()));
    }

    #[test]
    fn what_could_break_a_mail_is_refused() {
        let long = format!("{}@example.jp", "a".repeat(65));
        for text in
            ["", "hanako", "@example.jp", "hanako@", "a@b@c", "a b@c.jp", "a\r\nBcc: x@c.jp", "a@b..jp", "a@-b.jp", "<a@b.jp>", &long]
        {
            assert_eq!(text.parse::<Email>(), Err(NotAnEmail), "{text}");
        }
    }
}
