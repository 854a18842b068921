//! Hidden fields for forms that someone else wrote.

use crate::html::escape;
use crate::tags::tags;
use std::borrow::Cow;

/// `html` with hidden inputs after the opening tag of every form whose method is POST. Names and values are escaped.
/// `html` must be sanitised or come from a trusted template.
pub fn insert_hidden(html: &str, fields: &[(&str, &str)]) -> String {
    let mut inputs = String::new();
    for (name, value) in fields {
        inputs.push_str(&format!(r#"<input type="hidden" name="{}" value="{}">"#, escape(name), escape(value)));
    }
    let mut filled = String::with_capacity(html.len() + inputs.len());
    let mut copied = 0;
    for tag in tags(html) {
        if !tag.closing && tag.is("form") && tag.attribute("method").is_some_and(|method| method.trim().eq_ignore_ascii_case("post")) {
            filled.push_str(&html[copied..tag.range.end]);
            filled.push_str(&inputs);
            copied = tag.range.end;
        }
    }
    filled.push_str(&html[copied..]);
    filled
}

/// `html` (of the sanitiser) without the tags of forms that name no action: what was inside stays, but sends nothing.
pub(crate) fn drop_without_action(html: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut copied = 0;
    let mut dropping = false;
    for tag in tags(html).filter(|tag| tag.is("form")) {
        let drop = if tag.closing { std::mem::take(&mut dropping) } else { tag.attribute("action").is_none() };
        if drop {
            kept.push_str(&html[copied..tag.range.start]);
            copied = tag.range.end;
            dropping = !tag.closing;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    kept.push_str(&html[copied..]);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_post_form_gets_the_fields_in_whatever_order_its_attributes_are() {
        let field = r#"<input type="hidden" name="_csrf" value="a&quot;b">"#;
        for form in [
            r#"<form method="post" action="/a">"#,
            r#"<form action="/a" class="x" method="post">"#,
            "<form action=/a method=POST>",
            "<FORM\n  data-confirm='really > sure?'\n  method='Post'>",
        ] {
            let html = format!("<p>before</p>{form}<button>ok</button></form>");
            let expected = format!("<p>before</p>{form}{field}<button>ok</button></form>");
            assert_eq!(insert_hidden(&html, &[("_csrf", "a\"b")]), expected);
        }
    }

    #[test]
    fn a_search_form_and_text_about_forms_stay_as_they_are() {
        for html in [
            r#"<form action="/search"><input name="q"></form>"#,
            r#"<form method="get" title="method=post"></form>"#,
            "&lt;form method=post&gt;<!-- <form method=post> -->",
            "<textarea><form method=post></textarea>",
        ] {
            assert_eq!(insert_hidden(html, &[("_csrf", "x")]), html);
        }
    }

    #[test]
    fn several_forms_each_get_their_own() {
        let html = "<form method=post></form><form method=get></form><form method=post></form>";
        assert_eq!(insert_hidden(html, &[("a", "1"), ("b", "2")]).matches("<input").count(), 4);
    }

    #[test]
    fn a_form_without_action_loses_its_tags_and_keeps_its_content() {
        let html = r#"a<form method="post">b</form>c<form action="/p/x/">d</form>"#;
        assert_eq!(drop_without_action(html), r#"abc<form action="/p/x/">d</form>"#);
    }
}
