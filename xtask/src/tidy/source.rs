//! Rules for single source files.

use super::files::{Tree, is_demo};

const LONGEST: usize = 600;

/// What is not finished, or not run. Written in two halves, so that this very list does not break the rule.
const UNFINISHED: [&str; 6] = [
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("db", "g!("),
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("#[ig", "nore"),
];

/// Beginnings of paths that are right on one machine only, in two halves as well.
const MACHINES: [&str; 5] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/wo", "rk/main"), concat!("C:\\Us", "ers\\")];

/// Everything that may stand at the top of the repository.
const TOP: [&str; 24] = [
    ".cargo",
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.ja.md",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "deny.toml",
    "docs",
    "host",
    "migrations",
    "plugins",
    "rustfmt.toml",
    "sdk",
    "tests",
    "themes",
    "xtask",
];

/// Functions of `Store` itself that look at no organisation's rows.
const OF_THE_DATABASE: [&str; 7] = ["connect", "migrate", "pending_migrations", "is_empty", "ping", "close", "backup"];

pub fn opening(tree: &Tree) -> Vec<String> {
    let silent = tree.ending(".rs").filter(|(_, text)| !text.starts_with("//! "));
    silent.map(|(path, _)| format!("{path}:1: open with //! and say what the file is for")).collect()
}

pub fn length(tree: &Tree) -> Vec<String> {
    let long = tree.ending(".rs").map(|(path, text)| (path, text.lines().count())).filter(|(_, lines)| *lines > LONGEST);
    long.map(|(path, lines)| format!("{path}: {lines} lines; find the seam")).collect()
}

pub fn finished(tree: &Tree) -> Vec<String> {
    let text = [".rs", ".toml", ".html", ".css", ".ftl", ".wit", ".js"].into_iter().flat_map(|ending| tree.ending(ending));
    occurrences(text, &UNFINISHED)
}

pub fn machine_paths(tree: &Tree) -> Vec<String> {
    occurrences(tree.ending(""), &MACHINES)
}

fn occurrences<'a>(files: impl Iterator<Item = (&'a str, &'a str)>, words: &[&str]) -> Vec<String> {
    let mut found = vec![];
    for (path, text) in files {
        for (index, line) in text.lines().enumerate() {
            found.extend(words.iter().filter(|word| line.contains(**word)).map(|word| format!("{path}:{}: {word}", index + 1)));
        }
    }
    found
}

pub fn top_level(tree: &Tree) -> Vec<String> {
    let mut entries: Vec<&str> = tree.files.keys().filter_map(|path| path.split('/').next()).collect();
    entries.dedup();
    entries.retain(|entry| !TOP.contains(entry));
    entries.into_iter().map(|entry| format!("{entry}: is it meant to stand at the top of the repository?")).collect()
}

/// The host knows plugins by what they declare. Only the demo's content names one, and tests.
pub fn plugin_ids(tree: &Tree) -> Vec<String> {
    let manifests = tree.ending("/plugin.toml");
    let ids: Vec<String> =
        manifests.filter_map(|(path, _)| Some(path.strip_prefix("plugins/")?.strip_suffix("/plugin.toml")?.to_owned())).collect();
    let host = tree.product_code().filter(|(path, ..)| path.starts_with("host/") && !is_demo(path));
    let mut found = vec![];
    for (path, number, line) in host {
        let named = ids.iter().filter(|id| line.contains(id.as_str()) || line.contains(&id.replace('-', "_")));
        found.extend(named.map(|id| format!("{path}:{number}: the host names the plugin {id}")));
    }
    found
}

/// A function of `Store`, which is bound to no organisation, says in its name that it looks across all of them.
pub fn across_organisations(tree: &Tree) -> Vec<String> {
    let mut of_store = false;
    let mut found = vec![];
    for (path, number, line) in tree.product_code().filter(|(path, ..)| path.starts_with("host/store/src/")) {
        match line {
            "impl Store {" => of_store = true,
            _ if line.starts_with('}') || line.starts_with("impl") => of_store = false,
            _ => {}
        }
        let function = line.trim_start().strip_prefix("pub async fn ").and_then(|rest| rest.split(['(', '<']).next());
        if let Some(name) = function.filter(|name| of_store && !name.contains("_all_organisations") && !OF_THE_DATABASE.contains(name)) {
            found.push(format!("{path}:{number}: {name} goes to OrganisationStore, or says _all_organisations"));
        }
    }
    found
}

/// The code map is for those who do not know the house yet: what it names is there.
pub fn map(tree: &Tree) -> Vec<String> {
    const MAP: &str = "ARCHITECTURE.md";
    let Some(text) = tree.files.get(MAP) else { return vec![format!("{MAP} is missing")] };
    let mut found = vec![];
    for (index, line) in text.lines().enumerate() {
        for quoted in line.split('`').skip(1).step_by(2).filter(|quoted| is_path(quoted)) {
            if !tree.has(quoted) {
                found.push(format!("{MAP}:{}: there is no {quoted}", index + 1));
            }
        }
    }
    found
}

/// Whether this is a path of ours, and no pattern, command or module.
fn is_path(quoted: &str) -> bool {
    let top = quoted.split('/').next().unwrap_or_default();
    TOP.contains(&top) && !quoted.contains(['<', '*', '{', ' ', '…', ':']) && (quoted.contains('/') || quoted.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_does_not_say_what_it_is_for_is_found() {
        let tree = Tree::of(&[("a.rs", "//! Gates.\n"), ("b.rs", "use std::fmt;\n")]);
        assert_eq!(opening(&tree), ["b.rs:1: open with //! and say what the file is for"]);
    }

    #[test]
    fn a_file_that_is_too_long_is_found() {
        let long = "//! Long.\n".repeat(601);
        assert_eq!(length(&Tree::of(&[("a.rs", &long), ("b.rs", "//! Short.\n")])), ["a.rs: 601 lines; find the seam"]);
    }

    #[test]
    fn what_is_not_finished_is_found() {
        let text = format!("//! Dues.\nfn dues() {{\n    {})\n}}\n", UNFINISHED[0]);
        assert_eq!(finished(&Tree::of(&[("host/a.rs", &text)])), [format!("host/a.rs:3: {}", UNFINISHED[0])]);
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        let text = format!("data = \"{}someone/data\"", MACHINES[1]);
        assert_eq!(machine_paths(&Tree::of(&[("docs/a.md", &text), ("docs/b.md", "./data")])), [format!("docs/a.md:1: {}", MACHINES[1])]);
    }

    #[test]
    fn what_does_not_belong_at_the_top_is_found() {
        let tree = Tree::of(&[("notes.txt", ""), ("host/a.rs", "")]);
        assert_eq!(top_level(&tree), ["notes.txt: is it meant to stand at the top of the repository?"]);
    }

    #[test]
    fn a_host_that_names_a_plugin_is_found_outside_of_tests_and_comments() {
        let code = "//! Blocks.\n// Such as fan-board's.\nconst ID: &str = \"fan-board\";\n#[cfg(test)]\nmod tests { const ID: &str = \"fan-board\"; }\n";
        let tree = Tree::of(&[
            ("plugins/fan-board/plugin.toml", ""),
            ("host/web/src/blocks.rs", code),
            ("host/app/demo/content.rs", "const ID: &str = \"fan-board\";"),
        ]);
        assert_eq!(plugin_ids(&tree), ["host/web/src/blocks.rs:3: the host names the plugin fan-board"]);
    }

    #[test]
    fn a_query_across_organisations_that_does_not_say_so_is_found() {
        let code = "impl Store {\n    pub async fn ping(&self) {}\n    pub async fn members(&self) {}\n    pub async fn slugs_all_organisations(&self) {}\n}\n\nimpl OrganisationStore {\n    pub async fn pages(&self) {}\n}\n";
        let found = across_organisations(&Tree::of(&[("host/store/src/members.rs", code)]));
        assert_eq!(found, ["host/store/src/members.rs:3: members goes to OrganisationStore, or says _all_organisations"]);
    }

    #[test]
    fn a_map_that_leads_nowhere_is_found() {
        let text = "| `host/kernel` | ids |\n| `host/cellar` | `plugins/<id>`, `cargo xtask tidy`, `README.md` |\n";
        let tree = Tree::of(&[("ARCHITECTURE.md", text), ("host/kernel/src/lib.rs", "")]);
        assert_eq!(map(&tree), ["ARCHITECTURE.md:2: there is no host/cellar", "ARCHITECTURE.md:2: there is no README.md"]);
        assert_eq!(map(&Tree::default()), ["ARCHITECTURE.md is missing"]);
    }
}
