//! The public docs name what is there: docs/themes.md against the theme's files, docs/security.md against the tests,
//! docs/tour.md against the walk and its pictures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tsudoi_tests::tour::STEPS;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What stands in backquotes at the beginning of the rows of tables.
fn rows() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("docs/themes.md")).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name.to_owned())).collect()
}

fn files(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, below, found) } else { found.push(path.strip_prefix(below).unwrap().to_owned()) }
    }
}

fn theme_files(part: &str) -> Vec<PathBuf> {
    let folder = root().join("themes/commons").join(part);
    let mut found = Vec::new();
    files(&folder, &folder, &mut found);
    found
}

#[test]
fn every_template_of_the_theme_is_in_the_docs_and_no_other() {
    let there: BTreeSet<String> = theme_files("templates").iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let told: BTreeSet<String> =
        rows().into_iter().filter(|row| row.ends_with(".html") && *row != "page.html" || there.contains(row)).collect();
    assert_eq!(told.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "templates that are not there");
    assert_eq!(there.difference(&told).collect::<Vec<_>>(), Vec::<&String>::new(), "templates that the docs don't tell of");
}

#[test]
fn every_token_of_the_theme_is_in_the_docs_and_no_other() {
    let mut there = BTreeSet::new();
    for path in theme_files("assets").iter().filter(|path| path.extension().is_some_and(|extension| extension == "css")) {
        let css = std::fs::read_to_string(root().join("themes/commons/assets").join(path)).unwrap();
        let css = without_comments(&css);
        let declared = css.split([';', '{', '}']).filter_map(|part| part.trim().strip_prefix("--")?.split_once(':'));
        there.extend(declared.map(|(name, _)| format!("--{}", name.trim())));
    }
    let told: BTreeSet<String> = rows().into_iter().filter(|row| row.starts_with("--")).collect();
    assert!(told.len() > 20, "{told:?}");
    assert_eq!(told.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "tokens that are not there");
    assert_eq!(there.difference(&told).collect::<Vec<_>>(), Vec::<&String>::new(), "tokens that the docs don't tell of");
}

fn without_comments(css: &str) -> String {
    css.split("/*").enumerate().map(|(n, part)| if n == 0 { part } else { part.split_once("*/").map_or("", |(_, rest)| rest) }).collect()
}

/// Every variable that a template shows or asks for is documented; loops' own names are not variables of the host.
#[test]
fn every_variable_that_the_themes_templates_use_is_in_the_docs() {
    let rows = rows();
    let told: BTreeSet<&str> = rows.iter().map(|row| row.split(['.', '[', ' ', '(']).next().unwrap_or(row)).collect();
    for path in theme_files("templates").iter().filter(|path| !path.starts_with("plugins") && !path.ends_with("components.html")) {
        let text = std::fs::read_to_string(root().join("themes/commons/templates").join(path)).unwrap();
        for name in variables(&text) {
            assert!(told.contains(name.as_str()), "{}: `{name}` is not in docs/themes.md", path.display());
        }
    }
}

/// First parts of dotted names that are printed or tested, without what the template itself names.
fn variables(text: &str) -> BTreeSet<String> {
    let mut own: BTreeSet<&str> = ["loop", "not", "and", "or", "true", "false", "none"].into();
    let tags: Vec<&str> =
        text.split("{%").skip(1).filter_map(|rest| rest.split_once("%}")).map(|(tag, _)| tag.trim_matches(['-', ' '])).collect();
    for tag in &tags {
        let words: Vec<&str> = tag.split_whitespace().collect();
        match words.as_slice() {
            ["for", name, "in", ..] | ["set" | "set_global", name, ..] => own.insert(name),
            _ => false,
        };
    }
    let printed = text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(inside, _)| inside.trim_matches(['-', ' ']));
    let tested = tags.iter().filter_map(|tag| tag.strip_prefix("if ").or_else(|| tag.strip_prefix("elif ")));
    let first = |expression: &str| -> Option<String> {
        let name: String = expression.trim_start_matches("not ").chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let next = expression.trim_start_matches("not ").chars().nth(name.len());
        (!name.is_empty() && next != Some('(') && !name.starts_with(|c: char| c.is_ascii_digit())).then_some(name)
    };
    printed.chain(tested).filter_map(first).filter(|name| !own.contains(name.as_str())).collect()
}

/// The plugin whose tests fire every extension point uses every key that a manifest can have.
#[test]
fn the_plugin_of_all_extension_points_uses_each_key_that_the_guide_tells_of() {
    let guide = std::fs::read_to_string(root().join("docs/plugins.md")).unwrap();
    let section = guide.split("## The manifest").nth(1).and_then(|rest| rest.split("**Permissions.**").next()).unwrap();
    let names = section.lines().filter_map(|line| line.strip_prefix("| `")).flat_map(|row| {
        let cell = row.split(" | ").next().unwrap_or_default().to_owned();
        cell.split("`, `")
            .map(|name| name.trim_matches(['`', '[', ']', ' ']).split('.').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    });
    let named: BTreeSet<String> = names.collect();
    let manifest = std::fs::read_to_string(root().join("tests/plugins/crossroads/plugin.toml")).unwrap();
    let used: BTreeSet<String> = manifest.parse::<toml::Table>().unwrap().keys().cloned().collect();
    assert!(named.len() > 15, "{named:?}");
    assert_eq!(named, used);
}

/// A test that docs/security.md points to and that has gone or got another name would protect nothing.
#[test]
fn every_test_that_the_security_page_names_is_there() {
    let page = std::fs::read_to_string(root().join("docs/security.md")).unwrap();
    let named: BTreeSet<&str> = page
        .lines()
        .filter(|line| line.contains("| tested |") || line.contains("| not yet |"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|word| word.len() > 20 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'))
        .collect();
    assert!(named.len() > 30, "{named:?}");
    let mut sources = String::new();
    for folder in ["host", "tests"] {
        let mut found = Vec::new();
        files(&root().join(folder), &root(), &mut found);
        for path in found.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
            sources.push_str(&std::fs::read_to_string(root().join(path)).unwrap());
        }
    }
    let gone: Vec<_> = named.iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert_eq!(gone, Vec::<&&str>::new(), "tests that are not there");
}

/// Files that a page shows as pictures, relative to it.
fn pictures(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| target.ends_with(".png") && !target.contains("://")).map(str::to_owned).collect()
}

#[test]
fn every_picture_that_a_page_shows_is_there() {
    let docs = std::fs::read_dir(root().join("docs")).unwrap().flatten().map(|entry| entry.path());
    let pages = docs.chain([root().join("README.md"), root().join("README.ja.md"), root().join("ARCHITECTURE.md")]);
    let mut shown = 0;
    for page in pages.filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        for picture in pictures(&page) {
            assert!(page.parent().unwrap().join(&picture).is_file(), "{}: {picture} is not there", page.display());
            shown += 1;
        }
    }
    assert!(shown > STEPS.len(), "{shown}");
}

/// Who looks at the tour sees what `cargo xtask tour` takes, in its order, and a clone stays small.
#[test]
fn the_tour_shows_what_its_walk_takes() {
    let shown = pictures(&root().join("docs/tour.md"));
    let taken: Vec<String> = STEPS.iter().map(|step| format!("images/tour/{}.png", step.picture)).collect();
    assert_eq!(shown, taken, "docs/tour.md and the steps in tests/src/tour.rs");
    let folder = root().join("docs/images/tour");
    let mut there = Vec::new();
    files(&folder, &root().join("docs"), &mut there);
    let there: BTreeSet<String> = there.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    assert_eq!(there, taken.into_iter().collect(), "`cargo xtask tour` takes the pictures anew");
    let bytes: u64 = there.iter().map(|path| std::fs::metadata(root().join("docs").join(path)).unwrap().len()).sum();
    assert!(bytes < 2_500_000, "the pictures have {bytes} bytes");
}
