//! Themes as agencies write them.

use super::*;
use serde_json::json;

pub const ABOUT: &str =
    "version = \"1.0.0\"\nauthor = \"集い\"\n[name]\nja = \"試し\"\nen = \"Trial\"\n[description]\nja = \"試す\"\nen = \"For tests\"\n";

fn files(more: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::from([("theme.toml".to_owned(), ABOUT.as_bytes().to_vec())]);
    files.extend(more.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())));
    files
}

fn host() -> Arc<Catalogue> {
    let files = [(Locale::Ja, "ja.ftl", "sign-in = ログイン\nmenu = メニュー"), (Locale::En, "en.ftl", "sign-in = Sign in\nmenu = Menu")];
    Arc::new(Catalogue::new(files).unwrap())
}

#[test]
fn a_theme_speaks_with_its_own_messages_before_the_hosts() {
    let files = files(&[
        ("templates/page.html", r#"{{ t(key="sign-in") }}/{{ t(key="menu") }}/{{ page.html | safe }}"#),
        ("locales/ja.ftl", "sign-in = 会員の方"),
    ]);
    let theme = Theme::load("trial", files, host()).unwrap();
    let show = |locale| theme.render("page.html", locale, Tz::Asia__Tokyo, &json!({"page": {"html": "<p>a</p>"}})).unwrap();
    assert_eq!(show(Locale::Ja), "会員の方/メニュー/<p>a</p>");
    assert_eq!(show(Locale::En), "Sign in/Menu/<p>a</p>");
    assert_eq!((theme.id(), theme.about().name.get(Locale::Ja)), ("trial", "試し"));
}

#[test]
fn assets_have_their_media_type_and_the_version_follows_every_file() {
    let load = |css: &str| Theme::load("trial", files(&[("assets/css/base.css", css), ("assets/logo.svg", "<svg/>")]), host()).unwrap();
    let theme = load("a{}");
    let asset = theme.asset("css/base.css").unwrap();
    assert_eq!((asset.bytes, asset.media_type), (&b"a{}"[..], "text/css; charset=utf-8"));
    assert_eq!(theme.asset("logo.svg").unwrap().media_type, "image/svg+xml");
    assert!(theme.asset("../theme.toml").is_none() && theme.asset("base.css").is_none());
    assert_eq!(theme.assets().count(), 2);
    assert_eq!(theme.version().len(), 8);
    assert_eq!(theme.version(), load("a{}").version());
    assert_ne!(theme.version(), load("a{ }").version());
}

#[test]
fn a_mistake_names_file_line_and_column() {
    let fault = |more: &[(&str, &str)]| Theme::load("trial", files(more), host()).err().unwrap();
    let broken = fault(&[("templates/page.html", "a\n{{ page.title")]);
    assert_eq!((broken.file.as_str(), broken.line), ("templates/page.html", 2));
    let broken = fault(&[("locales/en.ftl", "a = b\nc d\n")]);
    assert_eq!((broken.file.as_str(), broken.line), ("locales/en.ftl", 2));
    let broken = fault(&[("theme.toml", "version = \"1\"\nautor = \"x\"\n")]);
    assert_eq!((broken.file.as_str(), broken.line), ("theme.toml", 2));
    assert!(broken.message.contains("autor"), "{broken}");
    let missing = Theme::load("trial", BTreeMap::new(), host()).err().unwrap();
    assert_eq!((missing.file.as_str(), missing.message.as_str()), ("theme.toml", "the file is missing"));
}

#[test]
fn a_directory_is_read_with_its_folders_and_without_hidden_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("templates/plugins/fan-board")).unwrap();
    for path in ["theme.toml", "templates/page.html", "templates/plugins/fan-board/board.html", ".hidden", "templates/.page.html.swp"] {
        std::fs::write(folder.path().join(path), path).unwrap();
    }
    let files = read_directory(folder.path()).unwrap();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["templates/page.html", "templates/plugins/fan-board/board.html", "theme.toml"]);
    assert_eq!(files["theme.toml"], b"theme.toml");
    assert!(read_directory(folder.path().join("none")).is_err());
}

#[test]
fn a_theme_that_does_more_with_a_name_than_print_it_is_known() {
    let only_prints = |template: &str| {
        let files = files(&[("templates/page.html", template), ("templates/plugins/board/page.html", "{{ visitor.name | upper }}")]);
        Theme::load("trial", files, host()).unwrap().only_prints_names()
    };
    for template in [
        r#"<div class="visitor">{% if visitor.kind == "member" %}<b class="visitor-name">{{ visitor.name }}</b>{{-visitor.name-}}{% endif %}</div>"#,
        r#"{{ t(key="menu", name=visitor.name) }}{{ t(name=visitor.name, key="menu") }}"#,
        "{% if visitor.is_member or visitor.is_staff %}x{% endif %}",
    ] {
        assert!(only_prints(template), "{template}");
    }
    for template in [
        "{{ visitor.name | upper }}",
        "{% if visitor.name %}x{% endif %}",
        "{% set v = visitor %}{{ v.name }}",
        r#"{{ visitor["name"] }}"#,
        r#"{{ t(key="menu", name=visitor.name | upper) }}"#,
        "{{ range(end=visitor.name) }}",
        "{{ __tera_context }}",
    ] {
        assert!(!only_prints(template), "{template}");
    }
}

#[test]
fn a_theme_that_looks_into_a_pages_text_is_known() {
    let only_prints = |template: &str| {
        let files = files(&[("templates/page.html", template), ("templates/plugins/board/page.html", "{{ page.html | upper }}")]);
        Theme::load("trial", files, host()).unwrap().only_prints_texts()
    };
    for template in [
        r#"<main class="page page-header">{% if page.has_heading %}x{% endif %}{{ page.html | safe }}</main>"#,
        r#"{% include "partials/page.html" %}<h1>{{page.title}}</h1>{{- page.html|safe -}}"#,
    ] {
        let included = ("templates/partials/page.html".to_owned(), b"<hr>".to_vec());
        let mut all = files(&[("templates/page.html", template)]);
        all.extend([included]);
        assert!(Theme::load("trial", all, host()).unwrap().only_prints_texts(), "{template}");
    }
    for template in [
        r#"{% if page.html is containing(pat="<h1") %}x{% endif %}{{ page.html | safe }}"#,
        "{{ page.html | safe | upper }}",
        "{{-page.html | upper }}",
        "{{ page.html }}",
        "{% set p = page %}{{ p.html | safe }}",
        r#"{{ page["html"] | safe }}"#,
        "{{ __tera_context }}",
    ] {
        assert!(!only_prints(template), "{template}");
    }
}
