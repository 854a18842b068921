//! Templates with sample data: what every plugin's have to be, whatever they show.
//!
//! ```no_run
//! use tsudoi_testkit::{Value, json};
//!
//! /// Each template at least once, with data as the plugin gives it.
//! fn samples() -> Vec<(&'static str, Value)> {
//!     vec![("greetings.html", json!({ "greetings": [{ "text": "はじめまして" }] })), ("greetings.html", json!({ "greetings": [] }))]
//! }
//!
//! tsudoi_testkit::template_suite!(samples);
//! # fn main() {}
//! ```
//!
//! [`Site::rendered`] shows one of them, for what only this plugin has to be.

use crate::site::Site;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The languages of a site.
pub const LANGUAGES: [&str; 2] = ["ja", "en"];

/// A template's file name, and data for it.
pub type Sample = (&'static str, Value);

/// Makes the tests of [`templates`](crate::templates) from a function that answers samples.
#[macro_export]
macro_rules! template_suite {
    ($samples:path) => {
        #[test]
        fn every_template_shows_every_sample_in_both_languages() {
            $crate::templates::every_template_shows_every_sample_in_both_languages(&$samples());
        }

        #[test]
        fn every_message_is_used_somewhere() {
            $crate::templates::every_message_is_used_somewhere();
        }

        #[test]
        fn forms_go_to_the_plugins_own_paths() {
            $crate::templates::forms_go_to_the_plugins_own_paths(&$samples());
        }

        #[test]
        fn every_field_has_a_label_and_every_description_is_there() {
            $crate::templates::every_field_has_a_label_and_every_description_is_there(&$samples());
        }
    };
}

impl Site {
    /// A template of the plugin with this data, as it is before the host's sanitiser, in `ja` or `en`. Panics where the template uses
    /// what is not there: a variable, a message, an argument of a message.
    #[track_caller]
    pub fn rendered(&self, template: &str, language: &str, data: &Value) -> String {
        let step = json!({ "do": "render", "template": template, "locale": language, "data": data });
        self.stage().tell(&step).as_str().unwrap_or_default().to_owned()
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join(name)
}

/// All files below a folder of the plugin, with their text.
#[track_caller]
fn files(name: &str) -> Vec<(PathBuf, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder(name)]);
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.push((path, text));
            }
        }
    }
    found
}

#[track_caller]
fn text(name: &str) -> String {
    let path = folder(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Each sample in each language.
#[track_caller]
fn rendered(samples: &[Sample]) -> Vec<(&'static str, String)> {
    let site = Site::new();
    let all = LANGUAGES.iter().flat_map(|language| samples.iter().map(move |sample| (language, sample)));
    all.map(|(language, (template, data))| (*template, site.rendered(template, language, data))).collect()
}

/// Undefined variables, unknown messages and missing arguments of messages are errors.
pub fn every_template_shows_every_sample_in_both_languages(samples: &[Sample]) {
    let shown: BTreeSet<String> = rendered(samples).into_iter().map(|(template, _)| template.to_owned()).collect();
    let name = |(path, _): (PathBuf, String)| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let there: BTreeSet<String> = files("templates").into_iter().filter_map(name).collect();
    assert_eq!(shown, there, "each template has a sample");
}

/// A message that nothing names, in templates, code, mails or other messages, was forgotten.
pub fn every_message_is_used_somewhere() {
    let (messages, manifest) = (text("locales/ja.ftl"), text("plugin.toml"));
    let sources: String = files("templates").into_iter().chain(files("src")).map(|(_, text)| text).collect();
    let is_of_a_mail = |key: &str| {
        let name = key.strip_prefix("mail-").and_then(|rest| rest.strip_suffix("-subject").or(rest.strip_suffix("-text")));
        name.is_some_and(|name| manifest.contains(&format!("[[mails]]\nname = \"{name}\"")))
    };
    let is_in_a_message = |key: &str| messages.contains(&format!("{{ {key} }}"));
    let keys = messages.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    let keys = keys.filter_map(|line| line.split(" =").next());
    let is_used = |key: &str| sources.contains(&format!("\"{key}\"")) || is_of_a_mail(key) || is_in_a_message(key);
    let unused: Vec<_> = keys.filter(|key| !is_used(key)).collect();
    assert_eq!(unused, Vec::<&str>::new());
}

/// Others' paths are taken out by the host; a form with something to type says by its field `_form` where it is shown again.
pub fn forms_go_to_the_plugins_own_paths(samples: &[Sample]) {
    let plugin = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    for (template, html) in rendered(samples) {
        for form in html.split("<form ").skip(1).filter_map(|rest| rest.split("</form>").next()) {
            let action = attributes(form, "action=\"").first().copied().unwrap_or_default();
            let is_own = [format!("/p/{plugin}/"), format!("/admin/p/{plugin}/")].iter().any(|own| action.starts_with(own));
            assert!(is_own, "{template}: {action}");
            // What asks for a page can't be wrong.
            let asks = form.split('>').next().is_some_and(|tag| tag.contains("method=\"get\""));
            let typed = ["<textarea", "type=\"text\"", "<select"].iter().any(|input| form.contains(input));
            assert!(asks || !typed || form.contains("name=\"_form\""), "{template}: a form that can be wrong says where it is shown again");
        }
    }
}

pub fn every_field_has_a_label_and_every_description_is_there(samples: &[Sample]) {
    for (template, html) in rendered(samples) {
        let ids = attributes(&html, " id=\"");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{template}: ids are unique");
        for described in attributes(&html, "aria-describedby=\"").iter().flat_map(|list| list.split(' ')) {
            assert!(ids.contains(&described), "{template}: {described}");
        }
        let labels = attributes(&html, "<label for=\"");
        for label in &labels {
            assert!(ids.contains(label), "{template}: {label}");
        }
        let is_field = |tag: &&str| tag.starts_with("textarea") || tag.contains("type=\"text\"") || tag.starts_with("select");
        for field in html.split(['<', '>']).filter(is_field) {
            let id = attributes(field, " id=\"").first().copied().unwrap_or_default();
            assert!(labels.contains(&id), "{template}: {field}");
        }
    }
}

fn attributes<'html>(html: &'html str, before: &str) -> Vec<&'html str> {
    html.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}
