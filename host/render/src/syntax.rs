//! Where the expressions and tags of a template are, before Tera parses it: for checks that Tera does not make.

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{{ … }}`
    Expression,
    /// `{% … %}`
    Tag,
}

/// An expression or tag with its delimiters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub kind: Kind,
    pub range: Range<usize>,
}

impl Segment {
    /// Between the delimiters, without the hyphens that trim white space.
    pub fn inside<'a>(&self, source: &'a str) -> &'a str {
        let inside = &source[self.range.start + 2..self.range.end - 2];
        let inside = inside.strip_prefix('-').unwrap_or(inside);
        inside.strip_suffix('-').unwrap_or(inside)
    }

    /// Whether its end trims the white space after it.
    pub fn trims_after(&self, source: &str) -> bool {
        source[..self.range.end - 2].ends_with('-')
    }

    /// Whether its beginning trims the white space before it.
    pub fn trims_before(&self, source: &str) -> bool {
        source[self.range.start + 2..].starts_with('-')
    }
}

/// The segments of `source` outside comments and raw stretches. An unfinished one ends the list; Tera will say so.
pub fn segments(source: &str) -> Vec<Segment> {
    let bytes = source.as_bytes();
    let mut segments = Vec::new();
    let mut at = 0;
    while at + 1 < bytes.len() {
        let kind = match (bytes[at], bytes[at + 1]) {
            (b'{', b'{') => Kind::Expression,
            (b'{', b'%') => Kind::Tag,
            (b'{', b'#') => {
                let Some(length) = source[at..].find("#}") else { break };
                at += length + 2;
                continue;
            }
            _ => {
                at += 1;
                continue;
            }
        };
        let Some(end) = end_of(bytes, at + 2, kind) else { break };
        let segment = Segment { kind, range: at..end };
        at = end;
        if kind == Kind::Tag && segment.inside(source).trim() == "raw" {
            let Some(after) = end_of_raw(source, end) else { break };
            at = after;
            continue;
        }
        segments.push(segment);
    }
    segments
}

/// `code` with the contents of its strings blanked, so that what is left is syntax.
pub fn without_strings(code: &str) -> String {
    let mut quote = None;
    let mut escaped = false;
    code.chars()
        .map(|character| match quote {
            Some(_) if escaped => {
                escaped = false;
                ' '
            }
            Some(_) if character == '\\' => {
                escaped = true;
                ' '
            }
            Some(open) if character == open => {
                quote = None;
                open
            }
            Some(_) => ' ',
            None => {
                if "\"'`".contains(character) {
                    quote = Some(character);
                }
                character
            }
        })
        .collect()
}

fn end_of(bytes: &[u8], from: usize, kind: Kind) -> Option<usize> {
    let close: &[u8] = if kind == Kind::Expression { b"}}" } else { b"%}" };
    let mut at = from;
    let mut depth = 0usize;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'' | b'`') => {
                at += 1;
                while *bytes.get(at)? != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            // A map within an expression closes before the expression does.
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            _ if depth == 0 && bytes[at..].starts_with(close) => return Some(at + 2),
            _ => {}
        }
        at += 1;
    }
    None
}

/// After `{% endraw %}`.
fn end_of_raw(source: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += source[at..].find("{%")?;
        let end = at + source[at..].find("%}")? + 2;
        if (Segment { kind: Kind::Tag, range: at..end }).inside(source).trim() == "endraw" {
            return Some(end);
        }
        at += 2;
    }
}

/// The message keys that templates name literally, `t(key="…")`, with the offsets where they stand.
pub fn literal_keys(source: &str) -> Vec<(usize, &str)> {
    let mut keys = Vec::new();
    for segment in segments(source) {
        let text = &source[segment.range.clone()];
        for (at, _) in text.match_indices("t(") {
            let part_of_a_word = text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '.');
            if !part_of_a_word && let Some((offset, key)) = literal_key(&text[at + 2..]) {
                keys.push((segment.range.start + at + 2 + offset, key));
            }
        }
    }
    keys
}

/// The key in `key="…"` at the beginning of arguments, unless it is a part of a longer expression.
fn literal_key(arguments: &str) -> Option<(usize, &str)> {
    let rest = arguments.trim_start().strip_prefix("key")?.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|first| "\"'`".contains(*first))?;
    let key = rest[1..].split(quote).next()?;
    let after = rest.get(key.len() + 2..)?.trim_start();
    let offset = arguments.len() - rest.len() + 1;
    (after.starts_with([',', ')']) && !key.contains('\\')).then_some((offset, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        segments(source).into_iter().map(|segment| segment.inside(source)).collect()
    }

    #[test]
    fn strings_maps_comments_and_raw_stretches_do_not_confuse() {
        let source = r#"{# {{ no }} #}{{ "}}" ~ a }}{%- if x == '%}' -%}{{ f(a={"b": 1}) }}{% raw %}{{ no }}{%- endraw %}{{ end }}"#;
        assert_eq!(texts(source), [r#" "}}" ~ a "#, " if x == '%}' ", r#" f(a={"b": 1}) "#, " end "]);
    }

    #[test]
    fn literal_keys_are_found_and_composed_ones_left() {
        let source = r#"{{ t(key="a-b", n=1) }}{% if t(key='c') == "" %}{{ at(key="x") }}{{ t(key="d-" ~ e) }}{{ t(key=f) }}t(key="g")"#;
        let keys: Vec<_> = literal_keys(source).into_iter().map(|(_, key)| key).collect();
        assert_eq!(keys, ["a-b", "c"]);
        assert_eq!(&source[literal_keys(source)[1].0..][..1], "c");
    }
}
