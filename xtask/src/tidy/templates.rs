//! Rules for templates: nothing that the content security policy forbids, and no text of their own.

use super::files::Tree;

/// Attributes whose value people read or hear.
const READ_ALOUD: [&str; 5] = ["alt", "aria-label", "title", "placeholder", "aria-description"];

/// The content security policy allows no inline script or style, so a browser would ignore it.
pub fn inline(tree: &Tree) -> Vec<String> {
    let mut found = vec![];
    for (path, text) in tree.ending(".html") {
        for (line, tag) in tags(&without_tera(text)) {
            let name = name(&tag);
            let attributes = attributes(&tag);
            let mut report = |what: &str| found.push(format!("{path}:{line}: {what}"));
            if name == "script" && !attributes.iter().any(|(key, _)| key == "src") {
                report("a script without src");
            }
            if name == "style" {
                report("a style element");
            }
            for (key, _) in &attributes {
                if key == "style" || key.starts_with("on") {
                    report(&format!("the attribute {key}"));
                }
            }
        }
    }
    found
}

/// Text stands in locale files.
pub fn texts(tree: &Tree) -> Vec<String> {
    let mut found = vec![];
    for (path, text) in tree.ending(".html") {
        let markup = without_code(&without_tera(&without_classes(text)));
        for (line, words) in words(&markup) {
            found.push(format!("{path}:{line}: {words}"));
        }
        for (line, tag) in tags(&markup) {
            let read = attributes(&tag)
                .into_iter()
                .filter(|(key, value)| READ_ALOUD.contains(&key.as_str()) && value.chars().any(char::is_alphabetic));
            found.extend(read.map(|(key, value)| format!("{path}:{line}: {key}=\"{value}\"")));
        }
    }
    found
}

/// The same text without blocks such as `{% block body_class %}`, whose words are for CSS.
fn without_classes(text: &str) -> String {
    const END: &str = "_class %}";
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(END).map(|start| start + END.len()) {
        let end = rest[start..].find("{% endblock").map_or(rest.len(), |length| start + length);
        out.push_str(&rest[..start]);
        out.extend(rest[start..end].chars().filter(|letter| *letter == '\n'));
        // What follows is the block's end, whose own name may end in `_class` too.
        let after = rest[end..].find("%}").map_or(rest.len(), |length| end + length);
        rest = &rest[after..];
    }
    out + rest
}

/// The same text without what stands in `<code>`: signs to type, the same in every language.
fn without_code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("<code>").map(|start| start + "<code>".len()) {
        let end = rest[start..].find("</code>").map_or(rest.len(), |length| start + length);
        out.push_str(&rest[..start]);
        out.extend(rest[start..end].chars().filter(|letter| *letter == '\n'));
        rest = &rest[end..];
    }
    out + rest
}

/// The same text with everything of Tera's and HTML comments blanked out, so that places stay the same.
fn without_tera(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, closing)) = [("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("<!--", "-->")]
        .iter()
        .filter_map(|(open, close)| Some((rest.find(open)?, *close)))
        .min()
    {
        out.push_str(&rest[..start]);
        let end = rest[start..].find(closing).map_or(rest.len(), |length| start + length + closing.len());
        out.extend(rest[start..end].chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    out + rest
}

/// Each tag's inside with the line on which it begins.
fn tags(markup: &str) -> Vec<(usize, String)> {
    let mut found = vec![];
    let mut line = 1;
    let mut rest = markup;
    while let Some(start) = rest.find('<') {
        line += rest[..start].matches('\n').count();
        let inside = &rest[start + 1..];
        let end = end_of_tag(inside);
        found.push((line, inside[..end].to_owned()));
        line += inside[..end].matches('\n').count();
        rest = &inside[end..];
    }
    found
}

/// Where the `>` stands that is not within a quoted value.
fn end_of_tag(inside: &str) -> usize {
    let mut quote = None;
    for (index, letter) in inside.char_indices() {
        match (quote, letter) {
            (None, '>') => return index,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    inside.len()
}

fn name(tag: &str) -> String {
    tag.split(|letter: char| letter.is_whitespace() || letter == '/').next().unwrap_or_default().to_ascii_lowercase()
}

fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut found = vec![];
    let mut rest = tag.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '/');
        let end = rest.find(|letter: char| letter.is_whitespace() || letter == '=').unwrap_or(rest.len());
        if rest.is_empty() {
            return found;
        }
        let key = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quoted =
                after.strip_prefix('"').map(|inside| (inside, '"')).or_else(|| after.strip_prefix('\'').map(|inside| (inside, '\'')));
            (value, rest) = match quoted {
                Some((inside, quote)) => inside.split_once(quote).map_or((inside.to_owned(), ""), |(value, rest)| (value.to_owned(), rest)),
                None => after.split_once(char::is_whitespace).map_or((after.to_owned(), ""), |(value, rest)| (value.to_owned(), rest)),
            };
        }
        found.push((key, value));
    }
}

/// Runs of letters outside of tags; entities such as `&middot;` are signs, not words.
fn words(markup: &str) -> Vec<(usize, String)> {
    let mut found = vec![];
    let mut line = 1;
    let mut rest = markup;
    while !rest.is_empty() {
        let end = rest.find('<').unwrap_or(rest.len());
        for (offset, text) in rest[..end].lines().enumerate() {
            let plain: String = text
                .split('&')
                .enumerate()
                .map(|(index, part)| if index == 0 { part } else { part.split_once(';').map_or(part, |(_, after)| after) })
                .collect();
            if plain.chars().any(char::is_alphabetic) {
                found.push((line + offset, plain.trim().to_owned()));
            }
        }
        line += rest[..end].matches('\n').count();
        let inside = rest.get(end + 1..).unwrap_or("");
        let close = end_of_tag(inside);
        line += inside[..close].matches('\n').count();
        rest = inside.get(close + 1..).unwrap_or("");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_script_and_style_are_found() {
        let text = "<script src=\"/a.js\" defer></script>\n<script>\nalert(1)</script>\n<p class=\"a\"\n   style=\"color: red\">\n<button onclick='go()'>\n<style></style>";
        let found = inline(&Tree::of(&[("a.html", text)]));
        let expected = [
            "a.html:2: a script without src",
            "a.html:4: the attribute style",
            "a.html:6: the attribute onclick",
            "a.html:7: a style element",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_attribute_that_only_looks_alike_passes() {
        let text =
            "<a href=\"/style=\" data-style=\"x\" title=\"{{ t(key=\"on\") }}\">{% if a > b %}{{ style }}{% endif %}</a><!-- <style> -->";
        assert_eq!(inline(&Tree::of(&[("a.html", text)])), Vec::<String>::new());
    }

    #[test]
    fn words_for_css_are_no_text() {
        let text = "{% block body_class %}{% if home %}home{% else %}inner{% endif %}{% endblock body_class %}\n<p>Hello</p>";
        assert_eq!(texts(&Tree::of(&[("a.html", text)])), ["a.html:2: Hello"]);
    }

    #[test]
    fn text_outside_the_locale_files_is_found() {
        let text = "{# Notes. #}\n<p>{{ t(key=\"hello\") }} &middot; 12\n  Welcome</p>\n<img src=\"/a.png\" alt=\"A cat\"><img alt=\"\">\n<p>ようこそ</p>";
        let found = texts(&Tree::of(&[("a.html", text)]));
        assert_eq!(found, ["a.html:3: Welcome", "a.html:5: ようこそ", "a.html:4: alt=\"A cat\""]);
    }
}
