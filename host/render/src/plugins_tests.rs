//! Views of plugins: their own templates, hostile ones, and what a theme has in their place.

use super::*;
use serde_json::json;

const THEME: &str =
    "version = \"1\"\nauthor = \"x\"\n[name]\nja = \"試し\"\nen = \"Trial\"\n[description]\nja = \"試す\"\nen = \"For tests\"\n";

fn files(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

fn host() -> Arc<Catalogue> {
    let ja = "common-save = 保存する\nsecret = 秘密";
    Arc::new(Catalogue::new([(Locale::Ja, "ja.ftl", ja), (Locale::En, "en.ftl", "common-save = Save\nsecret = Secret")]).unwrap())
}

fn plugin(more: &[(&str, &str)]) -> Result<PluginTemplates, SourceError> {
    let mut all = files(&[("locales/ja.ftl", "title = 掲示板"), ("locales/en.ftl", "title = Board")]);
    all.extend(files(more));
    PluginTemplates::load("fan-board", &all, host())
}

fn theme(more: &[(&str, &str)]) -> Theme {
    let mut all = files(&[("theme.toml", THEME)]);
    all.extend(files(more));
    Theme::load("trial", all, host()).unwrap()
}

fn show(source: &str, data: Value) -> Result<String, RenderError> {
    let plugin = plugin(&[("templates/x.html", source)]).unwrap_or_else(|error| panic!("{error}"));
    render(&theme(&[]), &plugin, "x.html", Locale::Ja, Tz::Asia__Tokyo, &data).map(SafeHtml::into_string)
}

#[test]
fn a_view_speaks_with_the_plugins_messages_and_the_common_ones() {
    let html = show(r#"<h2>{{ t(key="title") }}</h2><button>{{ t(key="common-save") }}</button>"#, json!({})).unwrap();
    assert_eq!(html, "<h2>掲示板</h2><button>保存する</button>");
    let error = plugin(&[("templates/x.html", r#"{{ t(key="secret") }}"#)]).err().unwrap();
    assert_eq!(error.message, "no locale file has the message `secret`");
    let plugin = plugin(&[]).unwrap();
    assert_eq!(plugin.message(Locale::En, "title", &Value::Null).as_deref(), Some("Board"));
    assert_eq!(plugin.message(Locale::En, "secret", &Value::Null), None);
}

#[test]
fn a_theme_has_a_template_in_the_plugins_place() {
    let plugin = plugin(&[("templates/x.html", "own"), ("templates/y.html", "own")]).unwrap();
    let theme = theme(&[
        ("templates/plugins/fan-board/x.html", r#"<section style="x">{{ t(key="title") }} {{ t(key="brand") }} {{ name }}</section>"#),
        ("locales/ja.ftl", "brand = 集い"),
    ]);
    let show = |template| render(&theme, &plugin, template, Locale::Ja, Tz::UTC, &json!({"name": "<b>"})).unwrap().into_string();
    assert_eq!(show("x.html"), r#"<section style="x">掲示板 集い &lt;b&gt;</section>"#);
    assert_eq!(show("y.html"), "own");
    assert_eq!(theme.override_of("other", "x.html"), None);
}

#[test]
fn a_view_is_escaped_and_sanitised() {
    let source = r#"<p onclick="x">{{ text }}</p>{{ text | safe }}<script>{{ text }}</script><form method="post" action="/sign-out"><button>a</button></form>"#;
    let html = show(source, json!({"text": "<img src=x onerror=alert(1)>"})).unwrap();
    let escaped = "&lt;img src=x onerror=alert(1)&gt;";
    assert_eq!(html, format!("<p>{escaped}</p>{escaped}<button>a</button>"));
    assert_eq!(show("{{ text | markdown }}", json!({"text": "<b>a</b>"})).unwrap().trim(), "<p>&lt;b&gt;a&lt;/b&gt;</p>");
}

#[test]
fn a_plugin_reaches_no_other_template() {
    for name in ["../page.html", "/page.html", "page.html", "plugins/other/x.html", "templates/x.html"] {
        let error = plugin(&[("templates/x.html", &format!("{{% include \"{name}\" %}}"))]).err().unwrap();
        assert!(error.message.contains("Unknown template"), "{error}");
    }
    let plugin = plugin(&[]).unwrap();
    let theme = theme(&[("templates/page.html", "x"), ("templates/plugins/other/x.html", "x")]);
    for name in ["page.html", "../../page.html", "../other/x.html", "plugins/other/x.html"] {
        let result = render(&theme, &plugin, name, Locale::Ja, Tz::UTC, &json!({}));
        assert_eq!(result, Err(RenderError::Unknown(name.into())));
    }
}

#[test]
fn endless_work_ends() {
    let many: Vec<u32> = (0..1000).collect();
    for source in [
        "{% for a in x %}{% for b in x %}{% for c in x %}{% for d in x %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in range(end=1000) %}{% for b in range(end=1000) %}{% endfor %}{% endfor %}",
    ] {
        assert_eq!(show(source, json!({"x": many})), Err(RenderError::TooMuch("x.html".into())), "{source}");
    }
    let inner = |number: usize| format!("{{% include \"x{}.html\" %}}", number + 1).repeat(10);
    let many = (0..7).map(|number| (format!("templates/x{number}.html"), inner(number)));
    let many: Vec<_> = many.chain([("templates/x7.html".to_owned(), String::new())]).collect();
    let many: Vec<_> = many.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let plugin = plugin(&many).unwrap();
    let result = render(&theme(&[]), &plugin, "x0.html", Locale::Ja, Tz::UTC, &json!({}));
    assert_eq!(result, Err(RenderError::TooMuch("x0.html".into())));
}

#[test]
fn endless_output_ends() {
    let source = "{% for a in x %}{% for b in x %}{{ text }}{% endfor %}{% endfor %}";
    let result = show(source, json!({"x": (0..100).collect::<Vec<_>>(), "text": "x".repeat(1000)}));
    assert_eq!(result, Err(RenderError::TooLarge { template: "x.html".into(), limit: crate::templates::LARGEST_VIEW }));
    for source in [
        "{% set a = text | replace(from=\"x\", to=text) %}{% set a = a | replace(from=\"x\", to=a) %}{{ a | length }}",
        "{% set a = text | split(pat=\"x\") | join(sep=text) %}{% set a = a | split(pat=\"x\") | join(sep=a) %}{{ a | length }}",
        "{% set a = text %}{% for i in range(end=60) %}{% set_global a = a | truncate(length=1000000, end=a) | replace(from=\"xxxxxxxx\", to=a) %}{% endfor %}{{ a | length }}",
        "{{ range(end=1000000) | length }}",
        "{{ text | indent(width=1000) }}",
    ] {
        assert!(show(source, json!({"text": "x".repeat(1000)})).is_err(), "{source}");
    }
}

#[test]
fn a_mistake_after_a_counted_loop_is_placed_as_the_author_sees_it() {
    let error = show("<ul>\n{% for x in list %}{{ x.name }}{{ oops }}{% endfor %}", json!({"list": [{"name": "a"}]})).unwrap_err();
    let RenderError::Template(error) = error else { panic!("{error}") };
    assert_eq!((error.file.as_str(), error.line, error.column), ("templates/x.html", 2, 35));
    assert!(!error.to_string().contains("spend_step"), "{error}");
    let error = plugin(&[("templates/x.html", "a\n{% for x in y %}{{ x | none }}{% endfor %}")]).err().unwrap();
    assert_eq!((error.line, error.column), (2, 24));
    assert!(!error.to_string().contains("spend_step"), "{error}");
}

#[test]
fn what_is_refused_says_so_with_its_line() {
    let error = plugin(&[("templates/x.html", "a\n\n{% set a = a ~ a %}")]).err().unwrap();
    assert_eq!((error.file.as_str(), error.line), ("templates/x.html", 3));
}

#[test]
fn deep_templates_and_deep_data_do_not_take_the_stack() {
    let nested = |open: &str, close: &str, depth: usize| format!("{}x{}", open.repeat(depth), close.repeat(depth));
    for source in [
        nested("{% if true %}", "{% endif %}", 5_000),
        nested("{% for a in b %}", "{% endfor %}", 5_000),
        format!("{{{{ {} }}}}", nested("(", ")", 5_000)),
        format!("{{{{ {}x }}}}", "not ".repeat(5_000)),
        format!("{{{{ x{} }}}}", "[x".repeat(5_000)),
        format!("{{{{ x{} }}}}", " + x".repeat(5_000)),
        format!("{{{{ x{} }}}}", ".x".repeat(50_000)),
        format!("{{{{ x{} }}}}", " | upper".repeat(20_000)),
    ] {
        let _ = plugin(&[("templates/x.html", &source)]).map(|plugin| {
            render(&theme(&[]), &plugin, "x.html", Locale::Ja, Tz::UTC, &json!({"x": "a", "b": [1]})).map(|html| html.as_str().len())
        });
    }
    let deep = (0..120).fold(json!("x"), |inner, _| json!({ "x": [inner] }));
    assert!(show("{{ x }}{{ x | length }}", deep).is_ok());
}
