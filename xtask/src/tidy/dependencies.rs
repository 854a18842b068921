//! Rules for Cargo.toml files besides the table of imports.

use super::files::Tree;
use toml::{Table, Value};

/// Dependencies that are never named in code: they switch on a feature or take part in a build.
const UNNAMED: [&str; 0] = [];

/// Each dependency is named somewhere in its crate's code; one that is not only costs building time.
pub fn used(tree: &Tree) -> Vec<String> {
    let mut found = vec![];
    for (path, manifest) in manifests(tree) {
        let folder = path.trim_end_matches("Cargo.toml");
        let code: Vec<&str> = tree.ending(".rs").filter(|(file, _)| file.starts_with(folder)).map(|(_, text)| text).collect();
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let names = manifest.get(table).and_then(Value::as_table).into_iter().flat_map(Table::keys);
            for name in names.filter(|name| !UNNAMED.contains(&name.as_str())) {
                let word = name.replace('-', "_");
                if !code.iter().any(|text| names_word(text, &word)) {
                    found.push(format!("{path}: {name} is not used"));
                }
            }
        }
    }
    found
}

/// Each crate of the host's workspace takes the workspace's lints.
pub fn lints(tree: &Tree) -> Vec<String> {
    let elsewhere = ["plugins/", "sdk/", "tests/plugins/", "tests/hostile/"];
    let host = manifests(tree).into_iter().filter(|(path, _)| !elsewhere.iter().any(|folder| path.starts_with(folder)));
    let without =
        host.filter(|(_, manifest)| manifest.get("lints").and_then(|lints| lints.get("workspace")) != Some(&Value::Boolean(true)));
    without.map(|(path, _)| format!("{path}: [lints] workspace = true is missing")).collect()
}

/// Manifests of packages; one that does not parse is cargo's to report.
fn manifests(tree: &Tree) -> Vec<(&str, Table)> {
    let all = tree.ending("/Cargo.toml").filter_map(|(path, text)| Some((path, toml::from_str::<Table>(text).ok()?)));
    all.filter(|(_, manifest)| manifest.contains_key("package")).collect()
}

fn names_word(text: &str, word: &str) -> bool {
    let part_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word)
        .any(|(start, _)| !text[..start].ends_with(part_of_name) && !text[start + word.len()..].starts_with(part_of_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[package]\nname = \"a\"\n";

    #[test]
    fn a_dependency_that_no_code_names_is_found() {
        let manifest = format!("{HEAD}[dependencies]\nserde-json = \"1\"\nurl = \"2\"\n");
        let tree = Tree::of(&[("host/a/Cargo.toml", &manifest), ("host/a/src/lib.rs", "use serde_json::Value;\nlet curls = 1;\n")]);
        assert_eq!(used(&tree), ["host/a/Cargo.toml: url is not used"]);
    }

    #[test]
    fn a_crate_without_the_lints_is_found() {
        let tree = Tree::of(&[("host/a/Cargo.toml", HEAD), ("plugins/b/Cargo.toml", HEAD)]);
        assert_eq!(lints(&tree), ["host/a/Cargo.toml: [lints] workspace = true is missing"]);
    }
}
