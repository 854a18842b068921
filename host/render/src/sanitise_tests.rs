//! What hostile HTML comes to.

use super::*;

/// Nothing that runs, styles, embeds or leads elsewhere survives, on pages as in plugins.
#[test]
fn attacks_come_to_nothing() {
    let cases = [
        ("<script>alert(1)</script>a", "a"),
        ("<SCRIPT SRC=//evil.example/x.js></SCRIPT>a", "a"),
        ("<scr<script>ipt>alert(1)</scr</script>ipt>", "ipt&gt;alert(1)ipt&gt;"),
        ("<p onclick=alert(1)>a</p>", "<p>a</p>"),
        ("<img src=x onerror=alert(1)>", r#"<img src="x">"#),
        ("<p/onmouseover=alert(1)>a", "<p>a</p>"),
        (r#"<a href="javascript:alert(1)">a</a>"#, r#"<a rel="noopener">a</a>"#),
        (r#"<a href="JaVaScRiPt:alert(1)">a</a>"#, r#"<a rel="noopener">a</a>"#),
        (r#"<a href="&#106;avascript:alert(1)">a</a>"#, r#"<a rel="noopener">a</a>"#),
        ("<a href=\"java\nscript:alert(1)\">a</a>", r#"<a rel="noopener">a</a>"#),
        (r#"<a href=" javascript:alert(1)">a</a>"#, r#"<a rel="noopener">a</a>"#),
        (r#"<a href="vbscript:x">a</a>"#, r#"<a rel="noopener">a</a>"#),
        (r#"<a href="data:text/html,x">a</a>"#, r#"<a rel="noopener">a</a>"#),
        (r#"<img src="data:image/svg+xml,x">"#, "<img>"),
        (r#"<img srcset="/a.png 1x, javascript:x 2x">"#, "<img>"),
        ("<svg><script>alert(1)</script></svg>a", "a"),
        ("<svg/onload=alert(1)>", ""),
        ("<math><mtext><script>alert(1)</script></mtext></math>a", "a"),
        ("<style>body{display:none}</style>a", "a"),
        (r#"<p style="position:fixed">a</p>"#, "<p>a</p>"),
        (r#"<link rel="stylesheet" href="/x.css">a"#, "a"),
        (r#"<base href="//evil.example/">a"#, "a"),
        (r#"<meta http-equiv="refresh" content="0;url=//evil.example">a"#, "a"),
        (r#"<iframe src="/admin"></iframe>a"#, "a"),
        (r#"<object data="x"></object><embed src="x">a"#, "a"),
        (r#"<p hx-get="/x" data-hx-post="/y" data-other="z">a</p>"#, "<p>a</p>"),
        (r#"<a href="/x" target="_blank" ping="//evil.example">a</a>"#, r#"<a href="/x" rel="noopener">a</a>"#),
        ("<template><script>alert(1)</script></template>a", "a"),
        ("<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", ""),
        ("<!--><img src=x onerror=alert(1)>-->", r#"<img src="x">--&gt;"#),
        ("<textarea><script>alert(1)</script></textarea>", ""),
        (r#"<p id="host-banner">a</p>"#, "<p>a</p>"),
        (r#"<p id="main">a</p>"#, "<p>a</p>"),
        (r#"<p class="host-bar note">a</p>"#, r#"<p class="note">a</p>"#),
        ("<body onload=alert(1)><p>a", "<p>a</p>"),
        ("<p><b>a</p>b</b>", "<p><b>a</b></p>b"),
    ];
    for (given, expected) in cases {
        if !given.starts_with("<textarea") {
            assert_eq!(page_html(given), expected, "page: {given}");
        }
        let plugin = plugin_html(given, "fan-board");
        for word in ["<script", "onerror=", "onclick", "javascript:", "<style", " style=", "<iframe", "<svg", "hx-", "//evil"] {
            assert!(!plugin.contains(word) || plugin.contains("&lt;script"), "plugin: {given} came to {plugin}");
        }
    }
}

#[test]
fn what_pages_need_stays() {
    for html in [
        r#"<h2 id="会則">会則</h2>"#,
        r#"<p lang="en" class="lead" title="x" aria-label="y" role="note">a</p>"#,
        r#"<img src="/files/1/a.png" alt="集合写真" width="640" height="480" loading="lazy">"#,
        r#"<time datetime="2026-11-22">今日</time>"#,
        "<details open=\"\"><summary>a</summary>b</details>",
        "<ruby>集<rt>つど</rt></ruby>い",
        r#"<table><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td class="align-right" colspan="2">1</td></tr></tbody></table>"#,
    ] {
        assert_eq!(page_html(html), html);
    }
    assert_eq!(page_html(r#"<a href="tel:0312345678">a</a>"#), r#"<a href="tel:0312345678" rel="noopener">a</a>"#);
    assert_eq!(page_html(r#"<a href="mailto:a@example.jp">a</a>"#), r#"<a href="mailto:a@example.jp" rel="noopener">a</a>"#);
}

#[test]
fn a_page_has_no_form_and_its_boxes_cannot_be_typed_into() {
    assert_eq!(page_html(r#"<form action="/sign-in"><button>a</button></form>"#), "a");
    let input = page_html(r#"<input type="password" name="p">"#);
    assert!(input.contains(r#"type="checkbox""#) && input.contains("disabled") && !input.contains("name"), "{input}");
}

#[test]
fn a_plugins_form_goes_to_its_own_paths() {
    for action in ["/p/fan-board/threads", "/p/fan-board", "/p/fan-board/a?x=/../y", "/admin/p/fan-board/reports"] {
        let html = plugin_html(&format!(r#"<form method="POST" action="{action}"><button>a</button></form>"#), "fan-board");
        assert_eq!(html, format!(r#"<form method="post" action="{action}"><button>a</button></form>"#));
    }
}

#[test]
fn a_form_to_anywhere_else_is_no_form() {
    for action in [
        "/sign-out",
        "/p/other/threads",
        "/p/fan-boards/x",
        "/p/fan-board/../other/x",
        "/p/fan-board/%2e%2E/other/x",
        "/p/fan-board/.%2e/other",
        "/p/fan-board/..\\other",
        "/p/fan-board/\t../x",
        "//evil.example/p/fan-board/",
        "https://evil.example/",
        "p/fan-board/x",
        "javascript:alert(1)",
        "",
        "?x",
    ] {
        let html = plugin_html(&format!(r#"<form method="post" action="{action}"><input name="a"></form>b"#), "fan-board");
        assert_eq!(html, r#"<input name="a">b"#, "{action}");
    }
    assert_eq!(plugin_html("<form method=post><input name=a></form>b", "fan-board"), r#"<input name="a">b"#);
}

#[test]
fn no_field_of_a_plugin_asks_for_secrets_or_takes_the_hosts_place() {
    let clean = |html: &str| plugin_html(html, "fan-board");
    for kind in ["password", "PASSWORD", "image", "pass word"] {
        assert_eq!(clean(&format!(r#"<input type="{kind}" name="x">"#)), r#"<input type="hidden" name="x">"#, "{kind}");
    }
    assert_eq!(clean(r#"<input type="Email" name="mail">"#), r#"<input type="email" name="mail">"#);
    assert_eq!(clean(r#"<input name="_csrf" value="x">"#), r#"<input value="x">"#);
    assert_eq!(clean(r#"<input name="a" autocomplete="cc-number">"#), r#"<input name="a">"#);
    assert_eq!(clean(r#"<button formaction="/sign-out" form="host-x">a</button>"#), "<button>a</button>");
    assert_eq!(clean(r#"<input form="other" name="a">"#), r#"<input name="a">"#);
    assert_eq!(
        clean(r#"<form action="/p/fan-board/" target="_top" enctype="x" method="dialog"></form>"#),
        r#"<form action="/p/fan-board/"></form>"#
    );
}

#[test]
fn a_form_can_take_files_and_sends_them_whole() {
    let html = concat!(
        r#"<form action="/p/fan-board/" method="post" enctype="multipart/form-data">"#,
        r#"<input type="file" name="picture" multiple="" accept="image/png"></form>"#
    );
    assert_eq!(plugin_html(html, "fan-board"), html);
    let other = plugin_html(r#"<form action="/p/fan-board/" enctype="text/plain"></form>"#, "fan-board");
    assert_eq!(other, r#"<form action="/p/fan-board/"></form>"#);
}

#[test]
fn the_attributes_of_the_host_stay() {
    for attribute in HOST_ATTRIBUTES {
        let html = format!(r#"<p {attribute}="x">a</p>"#);
        assert_eq!(plugin_html(&html, "fan-board"), html);
    }
}

#[test]
fn html_made_to_be_slow_is_not() {
    let deep = "<div>".repeat(100_000) + "end";
    assert!(plugin_html(&deep, "fan-board").contains("end"));
    let open: String = (0..20_000).map(|number| format!("<p><b class=c{number}>x")).collect();
    assert!(plugin_html(&open, "fan-board").len() < 20 * open.len());
    let hidden = "<!-->".to_owned() + &"<i>".repeat(100_000) + "-->end";
    assert!(page_html(&hidden).contains("end"));
}
