//! A reader of the tags in HTML text, as the tokeniser of the HTML standard sees them (section 13.2.5): enough to
//! find a form and its attributes in whatever order and quoting, and not to be fooled by comments or quoted text.

use std::ops::Range;

/// A start or end tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag<'a> {
    pub range: Range<usize>,
    pub name: &'a str,
    pub closing: bool,
    /// Names and raw values (character references are left as they are).
    pub attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The first attribute of that name, as browsers take it.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// The tags of `html` in order. A tag that is never closed by `>` ends the reading, as it does in a browser.
pub fn tags(html: &str) -> Tags<'_> {
    Tags { html, position: 0 }
}

pub struct Tags<'a> {
    html: &'a str,
    position: usize,
}

/// Elements whose content is text up to their own end tag.
const TEXT_ELEMENTS: [&str; 8] = ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let start = self.position + self.html[self.position..].find('<')?;
            let rest = &self.html[start..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                self.position = start + 4 + end_of_comment(comment)?;
                continue;
            }
            let closing = rest.as_bytes().get(1) == Some(&b'/');
            let name_at = start + if closing { 2 } else { 1 };
            if !self.html.as_bytes().get(name_at).is_some_and(u8::is_ascii_alphabetic) {
                self.position = start + 1;
                continue;
            }
            let tag = self.read(start, name_at, closing)?;
            self.position = tag.range.end;
            if !closing && TEXT_ELEMENTS.iter().any(|name| tag.is(name)) {
                self.skip_text(tag.name);
            }
            return Some(tag);
        }
    }
}

/// Where the comment ends whose opening was read (section 13.2.5.43 and following): `<!-->` and `<!--->` are whole ones.
fn end_of_comment(comment: &str) -> Option<usize> {
    if comment.starts_with('>') {
        return Some(1);
    }
    if comment.starts_with("->") {
        return Some(2);
    }
    let ends = [("-->", 3), ("--!>", 4)];
    ends.into_iter().filter_map(|(end, length)| comment.find(end).map(|at| at + length)).min()
}

impl<'a> Tags<'a> {
    fn read(&self, start: usize, name_at: usize, closing: bool) -> Option<Tag<'a>> {
        let bytes = self.html.as_bytes();
        let until = |from: usize, ends: fn(u8) -> bool| from + bytes[from..].iter().take_while(|byte| !ends(**byte)).count();
        let mut at = until(name_at, |byte| byte.is_ascii_whitespace() || byte == b'/' || byte == b'>');
        let name = &self.html[name_at..at];
        let mut attributes = Vec::new();
        loop {
            at = until(at, |byte| !byte.is_ascii_whitespace() && byte != b'/');
            if *bytes.get(at)? == b'>' {
                return Some(Tag { range: start..at + 1, name, closing, attributes });
            }
            // A `=` where a name should begin is part of the name.
            let end = until(at + 1, |byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>' | b'/')).max(at + 1);
            let attribute = self.html.get(at..end)?;
            at = until(end, |byte| !byte.is_ascii_whitespace());
            let mut value = "";
            if bytes.get(at) == Some(&b'=') {
                at = until(at + 1, |byte| !byte.is_ascii_whitespace());
                match bytes.get(at)? {
                    quote @ (b'"' | b'\'') => {
                        let length = self.html[at + 1..].find(char::from(*quote))?;
                        value = &self.html[at + 1..at + 1 + length];
                        at += length + 2;
                    }
                    _ => {
                        let end = until(at, |byte| byte.is_ascii_whitespace() || byte == b'>');
                        value = &self.html[at..end];
                        at = end;
                    }
                }
            }
            attributes.push((attribute, value));
        }
    }

    /// To the end tag of the text element `name`, or to the end.
    fn skip_text(&mut self, name: &str) {
        let mut at = self.position;
        while let Some(found) = self.html[at..].find("</") {
            at += found + 2;
            let end = at + name.len();
            if self.html.get(at..end).is_some_and(|text| text.eq_ignore_ascii_case(name))
                && !self.html.as_bytes().get(end).is_some_and(u8::is_ascii_alphanumeric)
            {
                self.position = at - 2;
                return;
            }
        }
        self.position = self.html.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_in_every_quoting() {
        let html = "<FORM\n action='/a>b' METHOD = post novalidate data-x=\"1\"/>text</form >";
        let found: Vec<_> = tags(html).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].attribute("action"), Some("/a>b"));
        assert_eq!(found[0].attribute("method"), Some("post"));
        assert_eq!(found[0].attribute("novalidate"), Some(""));
        assert_eq!(found[0].attribute("data-x"), Some("1"));
        assert!(found[1].closing && found[1].is("form"));
    }

    #[test]
    fn comments_text_elements_and_loose_brackets_hold_no_tags() {
        let html = "<!-- <form> --><!--><u><!---></u><!-- <p> --!> 1 < 2 <textarea><form></textareas></textarea><集い> <b>";
        let names: Vec<_> = tags(html).map(|tag| (tag.name, tag.closing)).collect();
        assert_eq!(names, [("u", false), ("u", true), ("textarea", false), ("textarea", true), ("b", false)]);
    }

    #[test]
    fn an_unfinished_tag_ends_the_reading() {
        assert_eq!(tags("<p><form action='x").count(), 1);
        assert_eq!(tags("<form 集=い").count(), 0);
    }
}
