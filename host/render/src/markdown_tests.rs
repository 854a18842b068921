//! Pages as staff write them.

use super::*;
use serde_json::json;

fn html(text: &str) -> String {
    let parts = render(text, Options::default());
    parts
        .iter()
        .map(|part| match part {
            Part::Html(html) => html.trim().to_owned(),
            other => format!("[{other:?}]"),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_extensions_are_there() {
    assert_eq!(
        html("| 名 | 額 |\n|:--|--:|\n| 年会費 | 3,000 |"),
        "<table><thead><tr><th class=\"align-left\">名</th><th class=\"align-right\">額</th></tr></thead><tbody>\n\
         <tr><td class=\"align-left\">年会費</td><td class=\"align-right\">3,000</td></tr>\n</tbody></table>"
    );
    assert_eq!(html("~~old~~"), "<p><del>old</del></p>");
    let list = html("- [x] 済\n- [ ] 未");
    assert_eq!(list.matches("<input").count(), 2);
    assert_eq!(list.matches("checked").count(), 1);
    assert_eq!(list.matches("disabled").count(), 2);
}

#[test]
fn headings_can_be_linked_to() {
    let page = html("# 会則\n\n## *About* `us`\n\n## About us\n\n[会則へ](#会則)");
    assert!(page.contains(r#"<h1 id="会則">会則</h1>"#), "{page}");
    assert!(page.contains(r#"<h2 id="about-us">"#) && page.contains(r#"<h2 id="about-us-2">"#), "{page}");
}

#[test]
fn a_block_stands_between_the_parts_of_a_page() {
    let parts = render("前\n\n::fan-board/latest-threads{limit=5 board=\"お知らせ\"}\n\n後", Options::default());
    let call = BlockCall {
        plugin: "fan-board".into(),
        name: "latest-threads".into(),
        parameters: json!({"limit": 5, "board": "お知らせ"}).as_object().cloned().unwrap(),
        line: 3,
    };
    assert_eq!(parts, [Part::Html("<p>前</p>\n".into()), Part::Block(call), Part::Html("<p>後</p>\n".into())]);
}

#[test]
fn directives_on_lines_of_their_own_are_blocks_of_their_own() {
    let parts = render("::a/b\n  ::c/d{n=1}\n::form/contact\n::e/f{", Options::default());
    let found: Vec<_> = parts
        .iter()
        .map(|part| match part {
            Part::Block(call) => (call.line, call.plugin.as_str()),
            Part::BlockError { line, message } => (*line, if *message == BlockSyntaxError::Unclosed { "unclosed" } else { "other" }),
            Part::Form { address } => (0, address.as_str()),
            Part::Html(html) => (0, html.as_str()),
        })
        .collect();
    assert_eq!(found, [(1, "a"), (2, "c"), (0, "contact"), (4, "unclosed")]);
}

#[test]
fn a_directive_elsewhere_is_text() {
    for text in [
        "```\n::a/b\n```",
        "    ::a/b",
        "- ::a/b",
        "> ::a/b",
        "text\n::a/b",
        "::a/b\ntext",
        "# ::a/b",
        "`::a/b`",
        "<div>\n::a/b\n</div>",
        "| ::a/b |\n|---|",
        "[^1]\n\n[^1]: ::a/b",
    ] {
        let parts = render(text, Options::default());
        assert!(parts.iter().all(|part| matches!(part, Part::Html(_))), "{text}: {parts:?}");
        assert!(html(text).contains("::a/b"), "{text}");
    }
}

#[test]
fn raw_html_is_sanitised_and_never_spans_a_block() {
    let parts = render("<div class=\"box\">\n\n::a/b\n\n</div><script>alert(1)</script>\n\nend", Options::default());
    assert_eq!(parts[0], Part::Html("<div class=\"box\">\n</div>".into()));
    assert!(matches!(&parts[1], Part::Block(_)));
    assert!(matches!(&parts[2], Part::Html(html) if html.contains("<p>end</p>") && !html.contains("script") && !html.contains("div")));
}

#[test]
fn footnotes_are_numbered_through_the_page_and_lead_back() {
    let options = Options { footnote_back: "本文へ戻る".into() };
    let parts = render("a[^x] b[^y]\n\n::a/b\n\nc[^x]\n\n[^y]: second[^z]\n\n[^x]: first\n\n[^z]: third\n\n[^never]: unused", options);
    let Some(Part::Html(first)) = parts.first() else { panic!("{parts:?}") };
    let Some(Part::Html(last)) = parts.last() else { panic!("{parts:?}") };
    assert!(first.contains(r##"<a id="fnref-1" href="#fn-1" role="doc-noteref" rel="noopener">1</a>"##), "{first}");
    assert!(first.contains(r##"href="#fn-2""##), "{first}");
    assert!(last.contains(r#"id="fnref-1-2""#), "{last}");
    let at = |text: &str| last.find(text).unwrap_or_else(|| panic!("{text} is not in {last}"));
    assert!(at("first") < at("second") && at("second") < at("third"));
    assert!(last.contains(r##"href="#fnref-1""##) && last.contains(r##"href="#fnref-1-2""##), "{last}");
    assert!(last.contains("aria-label=\"本文へ戻る\""), "{last}");
    assert!(!last.contains("unused"), "{last}");
}

#[test]
fn a_page_without_text_has_no_parts() {
    assert_eq!(render("", Options::default()), []);
    assert_eq!(render("  \n\n<!-- note to staff -->\n", Options::default()), []);
}

#[test]
fn every_mistake_in_a_directive_has_its_text_in_both_languages() {
    let catalogue = crate::locales::Catalogue::new(crate::locales::FILES).unwrap();
    assert_eq!(catalogue.missing(), []);
    use BlockSyntaxError as E;
    let value = E::Value { name: "件".into(), value: "値".into() };
    let s = || "件".to_owned();
    for error in [
        E::Name(s()),
        E::AfterName(s()),
        E::Unclosed,
        E::AfterEnd(s()),
        E::ParameterName(s()),
        E::NoValue(s()),
        E::UnclosedText(s()),
        value,
        E::Twice(s()),
    ] {
        let (key, arguments) = error.message();
        for locale in tsudoi_kernel::Locale::ALL {
            let text = catalogue.message_in(locale, key, &arguments).unwrap_or_else(|| panic!("{key}"));
            assert_eq!(text.contains('件'), error != E::Unclosed, "{text}");
            assert!(!text.contains('$'), "{text}");
        }
    }
}
