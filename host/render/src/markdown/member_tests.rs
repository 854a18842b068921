//! Posts as members write them.

use super::*;

fn html(text: &str) -> String {
    member_text(text).into_string().trim().to_owned()
}

const REL: &str = r#"rel="nofollow ugc noopener""#;

#[test]
fn lines_break_where_they_were_typed() {
    assert_eq!(html("おはよう🎉\nございます"), "<p>おはよう🎉<br>\nございます</p>");
    assert_eq!(html("一\n\n二"), "<p>一</p>\n<p>二</p>");
}

#[test]
fn an_address_is_a_link_and_the_text_around_it_is_not() {
    let link = |url: &str| format!(r#"<a href="{url}" {REL}>{url}</a>"#);
    let cases = [
        ("詳しくはhttps://example.jp/aをご覧ください。", "詳しくは", "https://example.jp/a", "をご覧ください。"),
        ("（https://example.jp/）", "（", "https://example.jp/", "）"),
        ("https://example.jp/a。次", "", "https://example.jp/a", "。次"),
        ("https://example.jp/a、b", "", "https://example.jp/a", "、b"),
        ("https://example.jp🎉", "", "https://example.jp", "🎉"),
        ("「https://example.jp/x」", "「", "https://example.jp/x", "」"),
        ("see http://example.jp/a.", "see ", "http://example.jp/a", "."),
        ("(see http://example.jp/a)", "(see ", "http://example.jp/a", ")"),
        ("http://example.jp/a_(b)", "", "http://example.jp/a_(b)", ""),
        ("http://example.jp/a?b=c#d!", "", "http://example.jp/a?b=c#d", "!"),
        ("HTTPS://EXAMPLE.JP/", "", "HTTPS://EXAMPLE.JP/", ""),
        ("http://localhost:8080/a", "", "http://localhost:8080/a", ""),
    ];
    for (text, before, url, after) in cases {
        assert_eq!(html(text), format!("<p>{before}{}{after}</p>", link(url)), "{text}");
    }
    let two = html("https://a.jp/と https://b.jp/");
    assert_eq!(two, format!("<p>{}と {}</p>", link("https://a.jp/"), link("https://b.jp/")));
    let ampersand = html("https://a.jp/?x=1&y=2です");
    assert_eq!(ampersand, format!(r#"<p><a href="https://a.jp/?x=1&amp;y=2" {REL}>https://a.jp/?x=1&amp;y=2</a>です</p>"#));
}

#[test]
fn what_only_looks_like_an_address_stays_text() {
    for text in ["https://", "https://日本", "xhttps://a.jp", "ftp://a.jp", "javascript://a.jp", "http://.", "://a"] {
        assert!(!html(text).contains("<a"), "{text}");
    }
    assert_eq!(html("`https://a.jp`"), "<p><code>https://a.jp</code></p>");
    assert_eq!(html("```\nhttps://a.jp\n```"), "<pre><code>https://a.jp\n</code></pre>");
}

#[test]
fn links_carry_no_credit_and_no_script() {
    assert_eq!(html("[集い](https://a.jp)"), format!(r#"<p><a href="https://a.jp" {REL}>集い</a></p>"#));
    assert_eq!(html("[https://b.jp](https://a.jp)"), format!(r#"<p><a href="https://a.jp" {REL}>https://b.jp</a></p>"#));
    for text in
        ["[x](javascript:alert(1))", "[x](JAVASCRIPT:alert(1))", "[x](data:text/html,y)", "<javascript:alert(1)>", "[x](vbscript:y)"]
    {
        assert!(!html(text).contains("href"), "{text}: {}", html(text));
    }
}

#[test]
fn raw_html_shows_as_it_was_typed() {
    assert_eq!(html("a <b>c</b> <script>alert(1)</script>"), "<p>a &lt;b&gt;c&lt;/b&gt; &lt;script&gt;alert(1)&lt;/script&gt;</p>");
    assert_eq!(html("<div onclick=x>\na\n</div>"), "<p>&lt;div onclick=x&gt;<br>\na<br>\n&lt;/div&gt;</p>");
    assert_eq!(html("<!-- a -->"), "<p>&lt;!-- a --&gt;</p>");
}

#[test]
fn a_picture_is_a_link_to_it() {
    assert_eq!(html("![夕日](https://a.jp/b.png)"), format!(r#"<p><a href="https://a.jp/b.png" {REL}>夕日</a></p>"#));
    assert_eq!(html("![](https://a.jp/b.png)"), format!(r#"<p><a href="https://a.jp/b.png" {REL}>https://a.jp/b.png</a></p>"#));
    assert_eq!(html("[![夕日](/b.png)](/c)"), format!(r#"<p><a href="/c" {REL}>夕日</a></p>"#));
}

#[test]
fn headings_stay_below_those_of_the_page() {
    assert_eq!(html("# 一"), "<h3>一</h3>");
    assert_eq!(html("## 二"), "<h4>二</h4>");
    assert_eq!(html("###### 六"), "<h6>六</h6>");
}

#[test]
fn the_usual_forms_are_there() {
    assert_eq!(html("**太字** ~~消す~~ `code`"), "<p><strong>太字</strong> <del>消す</del> <code>code</code></p>");
    assert_eq!(html("> 引用"), "<blockquote>\n<p>引用</p>\n</blockquote>");
    assert_eq!(html("1. 一\n2. 二"), "<ol>\n<li>一</li>\n<li>二</li>\n</ol>");
    assert!(html("|a|\n|:-:|\n|b|").contains(r#"<td class="align-center">b</td>"#));
    assert_eq!(html("::fan-board/latest-threads"), "<p>::fan-board/latest-threads</p>");
}

#[test]
fn odd_text_never_panics() {
    for text in ["", "\u{0}", "[[[[[", "![![![", "://://", "<", "&#0;", "\u{202e}abc", "👨‍👩‍👧‍👦://a"] {
        let _ = html(text);
    }
    assert!(html(&"> ".repeat(5_000)).len() < 1_000_000);
    assert!(html(&"*a ".repeat(20_000)).contains("*a"));
}

#[test]
fn an_address_costs_no_more_than_its_length() {
    // With time that grows by the square of the length, these would take minutes.
    for text in [format!("http://a{}", ")]".repeat(60_000)), format!("http://a{}a)", "(".repeat(120_000)), "http://.".repeat(15_000)] {
        assert!(html(&text).len() > text.len());
    }
}
