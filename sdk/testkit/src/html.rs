//! As much of HTML as tests need: the words of a page, and the hidden fields of a form. What is read was written by the host's
//! sanitiser, so attributes stand in double quotation marks.

/// The words of `<main>`, or of all where there is none.
pub fn words(html: &str) -> String {
    let main = html.find("<main").and_then(|from| html[from..].find("</main>").map(|length| &html[from..from + length]));
    let mut text = String::new();
    let mut rest = main.unwrap_or(html);
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        text.push(' ');
        let skipped = ["<script", "<style", "<title"].iter().find(|tag| rest[open..].starts_with(*tag));
        let end = match skipped {
            Some(tag) => rest[open..].find(&tag.replace('<', "</")).map_or(rest.len(), |at| open + at),
            None => open,
        };
        rest = rest[end..].find('>').map_or("", |close| &rest[end + close + 1..]);
    }
    text.push_str(rest);
    plain(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

/// The hidden fields of the form with this action.
pub fn form(html: &str, action: &str) -> Option<Vec<(String, String)>> {
    let forms = html.match_indices("<form").map(|(at, _)| &html[at..]);
    let form = forms.into_iter().find(|form| attribute(tag(form), "action").as_deref() == Some(action))?;
    let form = form.find("</form>").map_or(form, |end| &form[..end]);
    let inputs = form.match_indices("<input").map(|(at, _)| tag(&form[at..]));
    let hidden = inputs.filter(|input| attribute(input, "type").as_deref() == Some("hidden"));
    Some(hidden.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default()))).collect())
}

/// From `<` to the `>` that ends it.
fn tag(html: &str) -> &str {
    let mut quoted = false;
    let end = html.char_indices().find(|(_, character)| {
        quoted ^= *character == '"';
        *character == '>' && !quoted
    });
    end.map_or(html, |(at, _)| &html[..at])
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = format!(" {name}=\"");
    let from = tag.find(&start)? + start.len();
    let value = &tag[from..];
    Some(plain(&value[..value.find('"')?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_that_people_see() {
        let page = "<title>x</title><main id=\"m\"><h1>花 &amp; 月</h1><style>p{}</style>\n<p>a<b>b</b>&lt;</p></main><footer>f</footer>";
        assert_eq!(words(page), "花 & 月 a b <");
        assert_eq!(words("no <i>main</i>"), "no main");
    }

    #[test]
    fn a_form_is_found_by_its_action_with_its_hidden_fields() {
        let page = "<form action=\"/a\"><input name=\"x\" value=\"1\"></form>\
            <form method=\"post\" action=\"/p/tea/\"><input type=\"hidden\" name=\"_form\" value=\"/p/tea/?a=1&amp;b=&gt;\"><input name=\"text\"></form>";
        assert_eq!(form(page, "/p/tea/"), Some(vec![("_form".to_owned(), "/p/tea/?a=1&b=>".to_owned())]));
        assert_eq!(form(page, "/a"), Some(vec![]));
        assert_eq!(form(page, "/b"), None);
    }
}
