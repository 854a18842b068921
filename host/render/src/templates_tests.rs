//! Templates with the host's functions and filters.

use super::*;
use serde_json::json;

const TOKYO: Tz = Tz::Asia__Tokyo;

fn files(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

fn catalogue() -> Arc<Catalogue> {
    let ja = "hello = こんにちは、{ $name }さん\nstate-open = 受付中\nonly-ja = 日本語だけ\n";
    let en = "hello = Hello, { $name }\nstate-open = Open\n";
    Arc::new(Catalogue::new([(Locale::Ja, "ja.ftl", ja), (Locale::En, "en.ftl", en)]).unwrap())
}

fn load(source: &str) -> Result<Templates, SourceError> {
    Templates::load(&files(&[("templates/x.html", source)]), catalogue())
}

fn show(source: &str, locale: Locale, context: Value) -> String {
    load(source).unwrap().render("x.html", locale, TOKYO, &context).unwrap()
}

#[test]
fn messages_come_in_the_visitors_language_and_are_escaped() {
    let source = r#"{{ t(key="hello", name=name) }}"#;
    assert_eq!(show(source, Locale::Ja, json!({"name": "花子<b>"})), "こんにちは、花子&lt;b&gt;さん");
    assert_eq!(show(source, Locale::En, json!({"name": "Hanako"})), "Hello, Hanako");
    assert_eq!(show(r#"{{ t(key="only-ja") }}"#, Locale::En, json!({})), "日本語だけ");
    assert_eq!(show(r#"{{ t(key="state-" ~ state) }}"#, Locale::En, json!({"state": "open"})), "Open");
    assert_eq!(show(r#"{{ t(key="state-" ~ state, default=state) }}"#, Locale::En, json!({"state": "odd"})), "odd");
}

#[test]
fn the_language_also_reaches_components_and_includes() {
    let templates = Templates::load(
        &files(&[
            (
                "templates/parts.html",
                r#"{% component Greeting(who: String) %}<b>{{ t(key="hello", name=who) }}</b>{% endcomponent Greeting %}"#,
            ),
            ("templates/line.html", "{{ at | date }}"),
            ("templates/x.html", r#"{{ <Greeting who="花子" /> }} {% include "line.html" %}"#),
        ]),
        catalogue(),
    );
    let html = templates.unwrap().render("x.html", Locale::En, TOKYO, &json!({"at": 0})).unwrap();
    assert_eq!(html, "<b>Hello, 花子</b> 1 Jan 1970");
}

#[test]
fn filters_write_dates_numbers_markdown_and_addresses() {
    let source = "{{ at | datetime }}|{{ at | date }}|{{ at | iso }}|{{ day | date }}|{{ n | number }}|{{ name | urlencode }}|{{ text | markdown }}|{{ html | safe }}|{{ html }}";
    let context = json!({
        "at": 1_795_323_900_000i64, "day": "2026-04-01", "n": 12345, "name": "集い/a b", "text": "**a** <b>", "html": "<i>x</i>"
    });
    assert_eq!(
        show(source, Locale::Ja, context.clone()),
        "2026年11月22日 14:05|2026年11月22日|2026-11-22T05:05:00Z|2026年4月1日|12,345|%E9%9B%86%E3%81%84%2Fa%20b|\
         <p><strong>a</strong> &lt;b&gt;</p>\n|<i>x</i>|&lt;i&gt;x&lt;/i&gt;"
    );
    assert!(show(source, Locale::En, context).starts_with("22 Nov 2026, 14:05|22 Nov 2026|"));
    let money = r#"{{ n | money(currency=code) }}"#;
    assert_eq!(show(money, Locale::Ja, json!({ "n": 1500, "code": "JPY" })), "1,500円");
    assert_eq!(show(money, Locale::En, json!({ "n": 1500, "code": "JPY" })), "¥1,500");
    assert_eq!(show(money, Locale::En, json!({ "n": 1440, "code": "GBP" })), "£14.40");
}

#[test]
fn money_is_written_with_the_digits_of_its_currency() {
    let source = "{{ n | money(currency=code) }}";
    for (code, locale, text) in [("JPY", Locale::Ja, "12,345円"), ("JPY", Locale::En, "¥12,345"), ("USD", Locale::En, "$123.45")] {
        assert_eq!(show(source, locale, json!({ "n": 12_345, "code": code })), text);
    }
    let wrong = load(source).unwrap().render("x.html", Locale::Ja, TOKYO, &json!({ "n": 1, "code": "money" })).unwrap_err();
    assert!(wrong.to_string().contains("`money` is no currency"), "{wrong}");
}

#[test]
fn what_may_be_absent_has_its_idioms() {
    let cases = [
        (r#"{{ name or "-" }}"#, "-"),
        (r#"{{ thread.title or "-" }}"#, "-"),
        (r#"{{ other?.author?.name or "-" }}"#, "-"),
        ("{% if name %}a{% else %}b{% endif %}", "b"),
        ("{% if thread.title %}a{% else %}b{% endif %}", "b"),
        ("{% if name is defined %}a{% else %}b{% endif %}", "b"),
        ("{% for x in name or [] %}a{% else %}b{% endfor %}", "b"),
    ];
    for (source, expected) in cases {
        assert_eq!(show(source, Locale::Ja, json!({"thread": {}})), expected, "{source}");
    }
}

#[test]
fn an_undefined_variable_is_a_mistake_with_file_and_line() {
    let error = load("<p>\n  {{ nobody.name }}\n").unwrap().render("x.html", Locale::Ja, TOKYO, &json!({})).unwrap_err();
    assert_eq!((error.file(), error.line()), (Some("templates/x.html"), Some(2)));
    assert!(error.to_string().contains("2 |   {{ nobody.name }}"), "{error}");
}

#[test]
fn mistakes_found_on_loading_have_file_line_and_column() {
    let cases = [
        ("a\n{% if x %}\n", 3),
        ("a\n{{ x | nofilter }}", 2),
        ("a\n{{ nofunction() }}", 2),
        ("a\n\n{% include \"none.html\" %}", 3),
        ("a\n{% for x of y %}{% endfor %}", 2),
        ("a\n<p>{{ t(key=\"no-such-message\") }}</p>", 2),
        ("{% extends \"none.html\" %}", 1),
    ];
    for (source, line) in cases {
        let error = load(source).err().unwrap_or_else(|| panic!("{source}"));
        assert_eq!((error.file.as_str(), error.line), ("templates/x.html", line), "{source}: {error}");
    }
    let error = load("<p>{{ t(key=\"no-such\") }}{{ t(key=\"nor-this\") }}</p>").err().unwrap();
    assert_eq!(error.column, 14);
    assert_eq!(error.message, "no locale file has the message `no-such`, nor `nor-this`");
}

#[test]
fn a_composed_key_without_a_message_is_a_mistake_when_it_is_used() {
    let error =
        load("\n{{ t(key=\"state-\" ~ state) }}").unwrap().render("x.html", Locale::Ja, TOKYO, &json!({"state": "odd"})).unwrap_err();
    assert_eq!(error.line(), Some(2));
    assert!(error.to_string().contains("state-odd"), "{error}");
}

#[test]
fn a_mistake_in_an_included_or_extended_file_names_that_file() {
    let templates = Templates::load(
        &files(&[
            ("base.html", "<main>\n{% block body %}{% endblock %}\n{{ oops }}</main>"),
            ("part.html", "\n\n{{ missing }}"),
            ("x.html", "{% extends \"base.html\" %}{% block body %}{% include \"part.html\" %}{% endblock %}"),
        ]),
        catalogue(),
    )
    .unwrap();
    let error = templates.render("x.html", Locale::Ja, TOKYO, &json!({})).unwrap_err();
    assert_eq!((error.file(), error.line()), (Some("part.html"), Some(3)));
    let error = templates.render("x.html", Locale::Ja, TOKYO, &json!({"missing": 1})).unwrap_err();
    assert_eq!((error.file(), error.line()), (Some("base.html"), Some(3)));
    assert_eq!(templates.render("y.html", Locale::Ja, TOKYO, &json!({})), Err(RenderError::Unknown("y.html".into())));
}

#[test]
fn text_files_are_not_escaped_and_other_files_are_no_templates() {
    let templates =
        Templates::load(&files(&[("mail.txt", "{{ a }}"), ("logo.svg", "{{ broken"), ("x.html", "{{ a }}")]), catalogue()).unwrap();
    assert_eq!(templates.names().collect::<Vec<_>>(), ["mail.txt", "x.html"]);
    let show = |name| templates.render(name, Locale::Ja, TOKYO, &json!({"a": "<&>"})).unwrap();
    assert_eq!((show("mail.txt").as_str(), show("x.html").as_str()), ("<&>", "&lt;&amp;&gt;"));
}

#[test]
fn a_file_that_is_not_utf_8_says_where() {
    let error = Templates::load(&BTreeMap::from([("x.html".to_owned(), b"a\nb\xff".to_vec())]), catalogue()).err().unwrap();
    assert_eq!((error.line, error.column), (2, 2));
}
