//! The directive that puts a plugin's block into a page: a paragraph of one line,
//! `::fan-board/latest-threads{limit=5 board="news" pinned=true}`. Several directives on lines of their own, with no
//! empty line between them, are several blocks.

use super::{BlockCall, Part};
use serde_json::{Map, Value, json};
use std::ops::Range;
use tsudoi_kernel::form::IN_PAGES;

/// What is wrong with a directive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockSyntaxError {
    #[error("`{0}` is not the name of a block: write plugin/block in small letters, digits and hyphens")]
    Name(String),
    #[error("after the block's name comes a space, a `{{` or nothing, not `{0}`")]
    AfterName(String),
    #[error("the `}}` at the end is missing")]
    Unclosed,
    #[error("nothing may follow the `}}`, but there is `{0}`")]
    AfterEnd(String),
    #[error("`{0}` is not the name of a parameter")]
    ParameterName(String),
    #[error("`{0}` needs a value: {0}=\"…\", {0}=5 or {0}=true")]
    NoValue(String),
    #[error("the text of `{0}` has no closing quotation mark")]
    UnclosedText(String),
    #[error("the value of `{name}` is `{value}`: text takes quotation marks (\"), numbers are whole, and there are true and false")]
    Value { name: String, value: String },
    #[error("`{0}` is given twice")]
    Twice(String),
}

impl BlockSyntaxError {
    /// The message in the host's locale files, with its arguments `name` and `value` where it has them.
    pub fn message(&self) -> (&'static str, Value) {
        let (key, name, value) = match self {
            Self::Name(name) => ("common-block-error-name", name.as_str(), ""),
            Self::AfterName(value) => ("common-block-error-after-name", "", value.as_str()),
            Self::Unclosed => ("common-block-error-unclosed", "", ""),
            Self::AfterEnd(value) => ("common-block-error-after-end", "", value.as_str()),
            Self::ParameterName(name) => ("common-block-error-parameter-name", name.as_str(), ""),
            Self::NoValue(name) => ("common-block-error-no-value", name.as_str(), ""),
            Self::UnclosedText(name) => ("common-block-error-unclosed-text", name.as_str(), ""),
            Self::Value { name, value } => ("common-block-error-value", name.as_str(), value.as_str()),
            Self::Twice(name) => ("common-block-error-twice", name.as_str(), ""),
        };
        (key, json!({ "name": name, "value": value }))
    }
}

/// The blocks of a paragraph of which every line is a directive; `None` for any other.
pub fn calls(text: &str, paragraph: Range<usize>) -> Option<Vec<Part>> {
    let first = text[..paragraph.start].matches('\n').count() + 1;
    let lines: Vec<&str> = text[paragraph].trim_end().lines().map(str::trim).collect();
    if !lines.iter().all(|line| looks_like(line)) {
        return None;
    }
    let part = |(index, line): (usize, &&str)| match parse(line, first + index) {
        Ok(BlockCall { plugin, name, .. }) if plugin == IN_PAGES => Part::Form { address: name },
        Ok(call) => Part::Block(call),
        Err(message) => Part::BlockError { line: first + index, message },
    };
    Some(lines.iter().enumerate().map(part).collect())
}

/// `::word/…`: near enough to a directive that a mistake in it deserves a message. `::: note` and `::std::vec` are not.
fn looks_like(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("::") else { return false };
    let head = rest.split(|character: char| character == '{' || character.is_whitespace()).next().unwrap_or_default();
    head.starts_with(|character: char| character.is_ascii_alphanumeric()) && head.contains('/') && !head.contains(':')
}

fn parse(line: &str, number: usize) -> Result<BlockCall, BlockSyntaxError> {
    let rest = line.trim_start_matches(':');
    let end = rest.find(|character: char| character == '{' || character.is_whitespace()).unwrap_or(rest.len());
    let (head, rest) = rest.split_at(end);
    let (plugin, name) = head
        .split_once('/')
        .filter(|(plugin, name)| is_name(plugin) && is_name(name))
        .ok_or_else(|| BlockSyntaxError::Name(head.to_owned()))?;
    let rest = rest.trim();
    let parameters = match rest.strip_prefix('{') {
        Some(inside) => parameters(inside)?,
        None if rest.is_empty() => Map::new(),
        None => return Err(BlockSyntaxError::AfterName(rest.to_owned())),
    };
    Ok(BlockCall { plugin: plugin.to_owned(), name: name.to_owned(), parameters, line: number })
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// What follows the opening brace.
fn parameters(inside: &str) -> Result<Map<String, Value>, BlockSyntaxError> {
    let mut parameters = Map::new();
    let mut rest = inside.trim_start();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return if after.is_empty() { Ok(parameters) } else { Err(BlockSyntaxError::AfterEnd(after.trim().to_owned())) };
        }
        if rest.is_empty() {
            return Err(BlockSyntaxError::Unclosed);
        }
        let word = rest.find(|character: char| character.is_whitespace() || "=}\"".contains(character)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(word);
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            return Err(BlockSyntaxError::ParameterName(if name.is_empty() { after.to_owned() } else { name.to_owned() }));
        }
        let after = after.trim_start().strip_prefix('=').ok_or_else(|| BlockSyntaxError::NoValue(name.to_owned()))?;
        let (value, after) = value(name, after.trim_start())?;
        if parameters.insert(name.to_owned(), value).is_some() {
            return Err(BlockSyntaxError::Twice(name.to_owned()));
        }
        rest = after.trim_start();
    }
}

/// A value and what follows it.
fn value<'a>(name: &str, text: &'a str) -> Result<(Value, &'a str), BlockSyntaxError> {
    if let Some(inside) = text.strip_prefix('"') {
        return quoted(inside).ok_or_else(|| BlockSyntaxError::UnclosedText(name.to_owned()));
    }
    let end = text.find(|character: char| character.is_whitespace() || character == '}').unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    let value = match word {
        "" => return Err(BlockSyntaxError::NoValue(name.to_owned())),
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number => match number.parse::<i64>() {
            Ok(whole) => Value::from(whole),
            Err(_) => return Err(BlockSyntaxError::Value { name: name.to_owned(), value: word.to_owned() }),
        },
    };
    Ok((value, after))
}

/// Text up to its closing quotation mark; `\"` and `\\` stand for themselves.
fn quoted(inside: &str) -> Option<(Value, &str)> {
    let mut text = String::new();
    let mut characters = inside.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((Value::String(text), &inside[at + 1..])),
            '\\' => match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                Some((_, other)) => text.extend(['\\', other]),
                None => return None,
            },
            other => text.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directive_names_plugin_block_and_parameters() {
        let cases = [
            ("::fan-board/latest-threads", json!({})),
            ("::fan-board/latest-threads{}", json!({})),
            ("::fan-board/latest-threads {limit=5}", json!({"limit": 5})),
            (
                r#"::fan-board/latest-threads{limit=-5 board="お知らせ" pinned=true closed=false}"#,
                json!({"limit": -5, "board": "お知らせ", "pinned": true, "closed": false}),
            ),
            (r#"::fan-board/latest-threads{ title = "say \"hi\" \\ }" }"#, json!({"title": "say \"hi\" \\ }"})),
        ];
        for (line, parameters) in cases {
            assert!(looks_like(line), "{line}");
            let call = parse(line, 3).unwrap();
            assert_eq!((call.plugin.as_str(), call.name.as_str(), call.line), ("fan-board", "latest-threads", 3), "{line}");
            assert_eq!(Value::Object(call.parameters), parameters, "{line}");
        }
    }

    #[test]
    fn a_mistake_is_named() {
        use BlockSyntaxError as E;
        let cases = [
            ("::Fan/x", E::Name("Fan/x".into())),
            ("::fan/", E::Name("fan/".into())),
            ("::fan/x/y", E::Name("fan/x/y".into())),
            ("::fan/x limit=5", E::AfterName("limit=5".into())),
            ("::fan/x{limit=5", E::Unclosed),
            ("::fan/x{limit=5} and more", E::AfterEnd("and more".into())),
            ("::fan/x{件数=5}", E::ParameterName("件数".into())),
            ("::fan/x{=5}", E::ParameterName("=5}".into())),
            ("::fan/x{limit}", E::NoValue("limit".into())),
            ("::fan/x{limit=}", E::NoValue("limit".into())),
            ("::fan/x{board=\"news}", E::UnclosedText("board".into())),
            ("::fan/x{board=news}", E::Value { name: "board".into(), value: "news".into() }),
            ("::fan/x{board=“news”}", E::Value { name: "board".into(), value: "“news”".into() }),
            ("::fan/x{n=1.5}", E::Value { name: "n".into(), value: "1.5".into() }),
            ("::fan/x{n=1 n=2}", E::Twice("n".into())),
        ];
        for (line, error) in cases {
            assert!(looks_like(line), "{line}");
            assert_eq!(parse(line, 1), Err(error), "{line}");
        }
    }

    #[test]
    fn other_text_with_colons_is_no_directive() {
        for line in ["::", ":: fan/x", "::: note", "::std::vec/x", "::fan", "a ::fan/x", ":fan/x", "::「集い」/x"] {
            assert!(!looks_like(line), "{line}");
        }
    }
}
