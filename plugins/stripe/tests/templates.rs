//! Every template is rendered with data as the plugin gives it, in both languages. Undefined variables, unknown
//! messages and missing arguments of messages are errors.

mod samples;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tera::{Context, Kwargs, State, Tera, TeraResult};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(name: &str) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

fn keys(language: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder("locales").join(format!("{language}.ftl"))).unwrap();
    let is_message = |line: &&str| line.starts_with(|first: char| first.is_ascii_lowercase());
    text.lines().filter(is_message).filter_map(|line| line.split(" =").next()).map(str::to_owned).collect()
}

/// A message with its arguments, or what is wrong with it.
fn message(language: &str, arguments: Map<String, Value>) -> Result<String, String> {
    let text = std::fs::read_to_string(folder("locales").join(format!("{language}.ftl"))).unwrap();
    let mut bundle = FluentBundle::new(vec![language.parse::<unic_langid::LanguageIdentifier>().unwrap()]);
    bundle.set_use_isolating(false);
    bundle
        .add_resource(FluentResource::try_new(text).map_err(|(_, errors)| format!("{errors:?}"))?)
        .map_err(|errors| format!("{errors:?}"))?;
    let mut key = None;
    let mut given = FluentArgs::new();
    for (name, value) in arguments {
        match value {
            Value::String(text) if name == "key" => key = Some(text),
            Value::String(text) => given.set(name, FluentValue::from(text)),
            Value::Number(number) => given.set(name, FluentValue::from(number.as_f64().unwrap())),
            other => return Err(format!("{name} is {other}")),
        }
    }
    let key = key.ok_or("no key")?;
    let pattern = bundle.get_message(&key).and_then(|message| message.value()).ok_or(format!("no message {key}"))?;
    let mut errors = vec![];
    let text = bundle.format_pattern(pattern, Some(&given), &mut errors).into_owned();
    if errors.is_empty() { Ok(text) } else { Err(format!("{key}: {errors:?}")) }
}

fn templates(language: &'static str) -> Tera {
    let mut tera = Tera::default();
    tera.register_function("t", move |arguments: Kwargs, _: &State| -> TeraResult<String> {
        message(language, arguments.deserialize()?).map_err(tera::Error::message)
    });
    tera.register_filter("datetime", |millis: u64, _: Kwargs, _: &State| -> String { format!("{millis}ms") });
    tera.register_filter("iso", |at: tera::Value, _: Kwargs, _: &State| -> String { at.to_string() });
    tera.register_filter("markdown", |text: &str, _: Kwargs, _: &State| -> String { text.to_owned() });
    tera.register_filter("date", |date: &str, _: Kwargs, _: &State| -> String { date.to_owned() });
    tera.register_filter("urlencode", |text: &str, _: Kwargs, _: &State| -> String { text.to_owned() });
    tera.register_filter("number", |number: i64, _: Kwargs, _: &State| -> String { number.to_string() });
    tera.add_raw_templates(files("templates")).unwrap_or_else(|error| panic!("{error}"));
    tera
}

fn render(tera: &Tera, template: &str, data: &Value) -> String {
    let mut all = json!({
        "plugin": { "id": "stripe", "name": "Stripe", "base": "/p/stripe", "admin_base": "/admin/p/stripe" },
        "locale": "ja",
        "visitor": { "kind": "member", "is_member": true, "is_staff": false },
        "organisation": { "name": "凪天" },
        "form": { "values": {}, "errors": {} },
    });
    for (name, value) in data.as_object().unwrap() {
        all[name] = value.clone();
    }
    tera.render(template, &Context::from_serialize(&all).unwrap()).unwrap_or_else(|error| panic!("{template} with {data:#}\n{error}"))
}

/// Each sample as it is in each language.
fn rendered() -> Vec<(&'static str, String)> {
    let samples = samples::all();
    let languages = [templates("ja"), templates("en")];
    languages.iter().flat_map(|tera| samples.iter().map(|(template, data)| (*template, render(tera, template, data)))).collect()
}

#[test]
fn every_template_shows_every_sample_in_both_languages() {
    let shown: BTreeSet<String> = rendered().into_iter().map(|(template, _)| template.to_owned()).collect();
    let there: BTreeSet<String> = files("templates").into_iter().map(|(name, _)| name).collect();
    assert_eq!(shown, there, "each template has a sample");
}

#[test]
fn both_languages_have_the_same_messages() {
    assert_eq!(keys("ja"), keys("en"));
}

#[test]
fn every_message_is_used_somewhere() {
    let mut sources: String = files("templates").into_iter().map(|(_, text)| text).collect();
    sources.extend(files("src").into_iter().map(|(_, text)| text));
    let manifest = std::fs::read_to_string(folder("plugin.toml")).unwrap();
    let is_of_a_mail = |key: &str| {
        let name = key.strip_prefix("mail-").and_then(|rest| rest.strip_suffix("-subject").or(rest.strip_suffix("-text")));
        name.is_some_and(|name| manifest.contains(&format!("[[mails]]\nname = \"{name}\"")))
    };
    let is_used = |key: &String| sources.contains(&format!("\"{key}\"")) || is_of_a_mail(key);
    let unused: Vec<_> = keys("ja").into_iter().filter(|key| !is_used(key)).collect();
    assert_eq!(unused, Vec::<String>::new());
}

#[test]
fn forms_go_to_the_plugins_own_paths() {
    for (template, html) in rendered() {
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap();
            let action = form.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
            assert!(action.starts_with("/p/stripe/") || action.starts_with("/admin/p/stripe/"), "{template}: {action}");
            if form.starts_with("class=\"cluster\" method=\"get\"") {
                // It asks for something and can't be wrong.
                continue;
            }
            let typed = ["<textarea", "type=\"text\"", "<select"].iter().any(|input| form.contains(input));
            assert!(!typed || form.contains("name=\"_form\""), "{template}: a form that can be wrong says where it is shown again");
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_description_is_there() {
    for (template, html) in rendered() {
        let ids: Vec<&str> = attributes(&html, " id=\"");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{template}: ids are unique");
        for described in attributes(&html, "aria-describedby=\"").iter().flat_map(|list| list.split(' ')) {
            assert!(ids.contains(&described), "{template}: {described}");
        }
        for label in attributes(&html, "<label for=\"") {
            assert!(ids.contains(&label), "{template}: {label}");
        }
        for field in
            html.split(['<', '>']).filter(|tag| tag.starts_with("textarea") || tag.contains("type=\"text\"") || tag.starts_with("select"))
        {
            let id = attributes(field, " id=\"");
            assert!(html.contains(&format!("<label for=\"{}\"", id[0])), "{template}: {field}");
        }
    }
}

fn attributes<'a>(html: &'a str, before: &str) -> Vec<&'a str> {
    html.split(before).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn what_is_wrong_is_said_and_told_apart() {
    let html = render(&templates("ja"), "admin-connection.html", &samples::in_trouble());
    for words in ["1時間以上", "モードが違います", "返金が失敗しました", "支払いが認められました", "団体の通貨と違う通貨", "re_1&lt;b&gt;"]
    {
        assert!(html.contains(words), "{words}: {html}");
    }
}
