//! HTML with its tags in proper nesting and of bounded depth, for the sanitiser's parser. The parsing that the HTML
//! standard prescribes takes quadratic time for deep nesting, and multiplies formatting elements that are left open
//! ("reconstruct the active formatting elements", section 13.2.4.3): a megabyte of `<div>` would keep it for minutes.

use crate::tags::{Tag, tags};

/// Elements open at one time; more are left out, what they hold stays.
const DEEPEST: usize = 200;
/// Formatting elements open at one time.
const DEEPEST_FORMATTING: usize = 12;

const VOID: &[&str] = &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Left out with all that they hold; no allow-list has them.
const LEFT_OUT: &[&str] = &[
    "applet",
    "frameset",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "plaintext",
    "script",
    "style",
    "svg",
    "template",
    "title",
    "xmp",
];
const FORMATTING: &[&str] = &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// A paragraph ends where one of these begins.
const ENDS_PARAGRAPH: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "ul",
];

/// `html` so that every element ends within the one that it began in.
pub fn balanced(html: &str) -> String {
    let mut written = Balance { html: String::with_capacity(html.len()), open: Vec::new() };
    let mut copied = 0;
    let mut leaving_out: Option<String> = None;
    for tag in tags(html) {
        if let Some(name) = &leaving_out {
            copied = tag.range.end;
            if tag.closing && tag.is(name) {
                leaving_out = None;
            }
            continue;
        }
        written.html.push_str(&html[copied..tag.range.start]);
        copied = tag.range.end;
        let name = tag.name.to_ascii_lowercase();
        if tag.closing {
            if let Some(at) = written.open.iter().rposition(|open| *open == name) {
                written.close_down_to(at);
            }
        } else if LEFT_OUT.contains(&name.as_str()) {
            leaving_out = (!html[..tag.range.end - 1].ends_with('/')).then_some(name);
        } else {
            written.open(name, &tag, html);
        }
    }
    if leaving_out.is_none() {
        written.html.push_str(&html[copied..]);
    }
    written.close_down_to(0);
    written.html
}

struct Balance {
    html: String,
    open: Vec<String>,
}

impl Balance {
    fn open(&mut self, name: String, tag: &Tag<'_>, html: &str) {
        if ENDS_PARAGRAPH.contains(&name.as_str()) {
            self.end(&["p"], &["table", "td", "th", "caption", "button"]);
        }
        match name.as_str() {
            "li" => self.end(&["li"], &["ul", "ol"]),
            "dd" | "dt" => self.end(&["dd", "dt"], &["dl"]),
            "td" | "th" => self.end(&["td", "th"], &["table"]),
            "tr" => self.end(&["tr"], &["table"]),
            "tbody" | "thead" | "tfoot" => self.end(&["tbody", "thead", "tfoot"], &["table"]),
            "option" | "optgroup" => self.end(&["option"], &["select", "datalist"]),
            "a" => self.end(&["a"], &["td", "th", "caption"]),
            "button" => self.end(&["button"], &["table"]),
            _ => {}
        }
        let is_void = VOID.contains(&name.as_str());
        if !is_void {
            let formatting = |name: &String| FORMATTING.contains(&name.as_str());
            let too_much = formatting(&name) && self.open.iter().filter(|name| formatting(name)).count() >= DEEPEST_FORMATTING;
            if too_much || self.open.len() >= DEEPEST {
                return;
            }
            self.open.push(name);
        }
        self.html.push_str(&html[tag.range.clone()]);
    }

    /// Ends the innermost of `names` unless one of `barriers` was opened within it.
    fn end(&mut self, names: &[&str], barriers: &[&str]) {
        let found = self.open.iter().rposition(|open| names.contains(&open.as_str()) || barriers.contains(&open.as_str()));
        if let Some(at) = found.filter(|at| names.contains(&self.open[*at].as_str())) {
            self.close_down_to(at);
        }
    }

    fn close_down_to(&mut self, at: usize) {
        for name in self.open.drain(at..).rev() {
            self.html.push_str("</");
            self.html.push_str(&name);
            self.html.push('>');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_properly_stays_as_it_is() {
        for html in [
            "<div class=\"a\"><p>集い<br>x</p><ul><li>a</li><li>b<ul><li>c</li></ul></li></ul></div>",
            "<table><tr><td>a</td><td><table><tr><td>b</td></tr></table></td></tr></table>",
            "a < b && c > d <!-- <p> --> e",
            "<textarea><b></textarea>",
        ] {
            assert_eq!(balanced(html), html);
        }
    }

    #[test]
    fn what_is_left_open_or_crossed_is_closed() {
        let cases = [
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("<p><b>a<div>b", "<p><b>a</b></p><div>b</div>"),
            ("<ul><li><b>a<li>c</ul>d", "<ul><li><b>a</b></li><li>c</li></ul>d"),
            ("<b><i>a</b>c</i>", "<b><i>a</i></b>c"),
            ("a</div></p>b", "ab"),
            ("<tr><td>a<td>b<tr><td>c", "<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>"),
            ("<svg><style><p></style></svg>a<svg/>b<script><p></script>c", "abc"),
            ("<!--><div>-->x", "<!--><div>-->x</div>"),
            ("<b", "<b"),
        ];
        for (given, expected) in cases {
            assert_eq!(balanced(given), expected, "{given}");
        }
    }

    #[test]
    fn depth_is_bounded_and_the_text_stays() {
        let deep = balanced(&("<div>".repeat(5_000) + "text"));
        assert_eq!(deep.matches("<div>").count(), DEEPEST);
        assert_eq!(deep.matches("</div>").count(), DEEPEST);
        assert!(deep.contains("text"));
        let bold: String = (0..100).map(|number| format!("<b class=c{number}>")).collect();
        assert_eq!(balanced(&bold).matches("<b").count(), DEEPEST_FORMATTING);
    }
}
