//! Rules for what people read: both languages complete, and no text outside the locale files.

use super::files::{Tree, is_demo};
use std::collections::BTreeSet;

const LANGUAGES: [(&str, &str); 2] = [("ja", "en"), ("en", "ja")];

/// Japanese and English have the same messages and attributes.
pub fn both_languages(tree: &Tree) -> Vec<String> {
    let mut found = vec![];
    for (path, text) in tree.ending(".ftl") {
        let other = LANGUAGES.iter().find_map(|(language, other)| counterpart(path, language, other));
        let Some(other_path) = other else {
            found.push(format!("{path}: neither ja.ftl nor en.ftl"));
            continue;
        };
        let Some(other) = tree.files.get(&other_path) else {
            found.push(format!("{path}: {other_path} is missing"));
            continue;
        };
        let known: BTreeSet<String> = keys(other).into_iter().collect();
        let mut seen = BTreeSet::new();
        for key in keys(text) {
            if !known.contains(&key) {
                found.push(format!("{other_path}: {key} is missing"));
            }
            if !seen.insert(key.clone()) {
                found.push(format!("{path}: {key} stands there twice"));
            }
        }
    }
    found
}

/// `themes/a/locales/ja.ftl` for `…/en.ftl`, and `locales/ja/admin.ftl` for `locales/en/admin.ftl`.
fn counterpart(path: &str, language: &str, other: &str) -> Option<String> {
    if let Some(folder) = path.strip_suffix(&format!("/{language}.ftl")) {
        return Some(format!("{folder}/{other}.ftl"));
    }
    let (before, after) = path.split_once(&format!("/{language}/"))?;
    Some(format!("{before}/{other}/{after}"))
}

/// Messages, terms (`-name`) and attributes (`message.attribute`), in order.
fn keys(text: &str) -> Vec<String> {
    let mut keys = vec![];
    let mut message = String::new();
    for line in text.lines() {
        let Some((key, _)) = line.split_once('=') else { continue };
        let key = key.trim_end();
        let attribute = key.trim_start().strip_prefix('.');
        if line.starts_with(|first: char| first.is_ascii_alphabetic() || first == '-') && is_name(key.trim_start_matches('-')) {
            message = key.to_owned();
            keys.push(message.clone());
        } else if let Some(attribute) = attribute.filter(|attribute| is_name(attribute)) {
            keys.push(format!("{message}.{attribute}"));
        }
    }
    keys
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

/// A key that a template asks for is in the locale files that its `t` looks in.
pub fn keys_of_templates(tree: &Tree) -> Vec<String> {
    let keys_under = |prefix: &str| -> BTreeSet<String> {
        let files = tree.ending(".ftl").filter(|(path, _)| path.starts_with(prefix));
        files.flat_map(|(_, text)| keys(text)).collect()
    };
    let host = keys_under("host/");
    let common: BTreeSet<String> = host.iter().filter(|key| key.starts_with("common-")).cloned().collect();
    let mut found = vec![];
    for (path, text) in tree.ending(".html") {
        let mut parts = path.splitn(3, '/');
        let (Some(kind), Some(id)) = (parts.next(), parts.next()) else { continue };
        let own = keys_under(&format!("{kind}/{id}/"));
        // A theme's `templates/plugins/<id>/…` stands for a template of that plugin, and speaks with its texts.
        let overridden = path.split_once("/templates/plugins/").and_then(|(_, rest)| rest.split('/').next());
        let known = match (kind, overridden) {
            ("themes", Some(plugin)) => [own, keys_under(&format!("plugins/{plugin}/")), common.clone()],
            ("plugins", _) => [own, common.clone(), BTreeSet::new()],
            _ => [own, host.clone(), BTreeSet::new()],
        };
        for (number, line) in text.lines().enumerate() {
            for rest in line.split("t(key=\"").skip(1) {
                let (key, after) = rest.split_once('"').unwrap_or((rest, ""));
                // A key that goes on, `"step-" ~ step.key`, begins like some that are there.
                let goes_on = after.trim_start().starts_with('~');
                let is_there = |keys: &BTreeSet<String>| keys.contains(key) || (goes_on && keys.iter().any(|known| known.starts_with(key)));
                if !known.iter().any(is_there) {
                    found.push(format!("{path}:{}: no text for {key}", number + 1));
                }
            }
        }
    }
    found
}

/// Japanese in the product's code would be shown to people who chose English; where the code itself chooses by
/// language (the form of a date, a language's own name) it says so on that line. Single characters are data.
pub fn japanese_in_code(tree: &Tree) -> Vec<String> {
    let in_string = |line: &str| line.split('"').skip(1).step_by(2).any(|string| string.chars().any(is_japanese));
    let code = tree.product_code().filter(|(path, _, line)| !is_demo(path) && in_string(line) && !line.contains("Locale::Ja"));
    code.map(|(path, number, _)| format!("{path}:{number}: Japanese text belongs into a locale file")).collect()
}

fn is_japanese(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_one_language_lacks_is_found_with_its_attributes() {
        let tree = Tree::of(&[
            ("themes/a/locales/ja.ftl", "# 見出し\nsign-in = ログイン\n    .title = { $name } = さん\n-site = 集い\n"),
            ("themes/a/locales/en.ftl", "sign-in = Sign in\nsign-in = Sign in\n"),
            ("plugins/b/locales/ja.ftl", "a = あ\n"),
        ]);
        let found = both_languages(&tree);
        let expected = [
            "plugins/b/locales/ja.ftl: plugins/b/locales/en.ftl is missing",
            "themes/a/locales/en.ftl: sign-in stands there twice",
            "themes/a/locales/en.ftl: sign-in.title is missing",
            "themes/a/locales/en.ftl: -site is missing",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn folders_for_each_language_are_compared_file_by_file() {
        let tree = Tree::of(&[("host/web/locales/ja/admin.ftl", "a = あ"), ("host/web/locales/en/admin.ftl", "b = b")]);
        assert_eq!(both_languages(&tree), ["host/web/locales/ja/admin.ftl: b is missing", "host/web/locales/en/admin.ftl: a is missing"]);
    }

    #[test]
    fn a_key_without_a_text_is_found_where_its_template_asks_for_it() {
        let tree = Tree::of(&[
            ("host/web/locales/en.ftl", "common-save = Save\nadmin-title = Office\n"),
            ("plugins/b/locales/en.ftl", "title = Board\n"),
            ("plugins/b/templates/a.html", "{{ t(key=\"title\") }}\n{{ t(key=\"common-save\") }}{{ t(key=\"admin-title\") }}"),
            ("themes/c/templates/page.html", "{{ t(key=\"admin-title\") }}{{ t(key=\"title\") }}"),
            ("themes/c/templates/plugins/b/a.html", "{{ t(key=\"title\") }}"),
            ("host/web/templates/a.html", "{{ t(key=\"admin-\" ~ name) }}{{ t(key=\"member-\" ~ name) }}"),
        ]);
        let expected = [
            "host/web/templates/a.html:1: no text for member-",
            "plugins/b/templates/a.html:2: no text for admin-title",
            "themes/c/templates/page.html:1: no text for title",
        ];
        assert_eq!(keys_of_templates(&tree), expected);
    }

    #[test]
    fn japanese_text_in_code_is_found() {
        let code = "//! Names.\nfn title() -> &'static str { \"団体\" }\n// 団体\n'ァ' => 'ぁ',\nLocale::Ja => \"日本語\",\n";
        let tree = Tree::of(&[("host/web/src/a.rs", code), ("host/web/src/testing.rs", code), ("host/app/src/demo/a.rs", code)]);
        assert_eq!(japanese_in_code(&tree), ["host/web/src/a.rs:2: Japanese text belongs into a locale file"]);
    }
}
