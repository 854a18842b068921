//! What people may write. A message is a key of the locale files.

/// A title of a thread or a board: one line.
pub fn title(text: &str) -> Result<String, &'static str> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    bounded(text, 80, "title-missing", "title-too-long")
}

/// The text of a post.
pub fn body(text: String) -> Result<String, &'static str> {
    bounded(text, 10_000, "body-missing", "body-too-long")
}

/// What a member tells the moderators.
pub fn reason(text: String) -> Result<String, &'static str> {
    bounded(text, 500, "reason-missing", "reason-too-long")
}

/// May be empty.
pub fn description(text: String) -> Result<String, &'static str> {
    if text.chars().count() > 300 { Err("description-too-long") } else { Ok(text) }
}

/// A board's part of its address.
pub fn slug(text: &str) -> Result<String, &'static str> {
    if is_key(text) { Ok(text.to_owned()) } else { Err("slug-malformed") }
}

/// 1 to 40 of `a-z`, `0-9` and `-`, as slugs and the keys of tiers and labels are.
pub fn is_key(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Counted in characters, as a person counts.
fn bounded(text: String, most: usize, missing: &'static str, too_long: &'static str) -> Result<String, &'static str> {
    // A title of blanks that can't be seen, such as U+3000, is no title.
    if text.chars().all(char::is_whitespace) {
        Err(missing)
    } else if text.chars().count() > most {
        Err(too_long)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighty_characters_are_a_title_in_any_script() {
        assert!(title(&"会".repeat(80)).is_ok());
        assert_eq!(title(&"会".repeat(81)), Err("title-too-long"));
        assert!(title(&"🌟".repeat(80)).is_ok());
    }

    #[test]
    fn a_title_of_blanks_is_none() {
        assert_eq!(title("  "), Err("title-missing"));
        assert_eq!(title("　"), Err("title-missing"));
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(title("星空 \r\n ライブ"), Ok("星空 ライブ".to_owned()));
    }

    #[test]
    fn a_text_keeps_its_lines() {
        assert_eq!(body("一行目\n\n二行目".into()), Ok("一行目\n\n二行目".to_owned()));
        assert_eq!(body("あ".repeat(10_001)), Err("body-too-long"));
    }

    #[test]
    fn a_slug_is_fit_for_an_address() {
        assert!(slug("live-2026").is_ok());
        for wrong in ["", "Live", "ライブ", "a/b", "a b", &"a".repeat(41)] {
            assert_eq!(slug(wrong), Err("slug-malformed"), "{wrong}");
        }
    }
}
