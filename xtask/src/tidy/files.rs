//! The files that git knows, or would know, as text.

use crate::process;
use anyhow::{Context, Result};
use std::collections::BTreeMap;

/// Paths from the repository's root, with `/`, and their text; empty where a file is not text.
#[derive(Default)]
pub struct Tree {
    pub files: BTreeMap<String, String>,
}

impl Tree {
    pub fn read() -> Result<Self> {
        let mut files = BTreeMap::new();
        for path in process::repository_files()? {
            let bytes = std::fs::read(process::root().join(&path)).with_context(|| path.clone())?;
            files.insert(path, String::from_utf8(bytes).unwrap_or_default());
        }
        Ok(Self { files })
    }

    /// Files that end so, such as `.rs`.
    pub fn ending(&self, ending: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter(move |(path, _)| path.ends_with(ending)).map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Whether this is a file, or a folder with files.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        self.files.contains_key(path) || self.files.range(folder.clone()..).next().is_some_and(|(next, _)| next.starts_with(&folder))
    }

    /// Rust code that goes into the product: without tests and without lines of comment, with line numbers from 1.
    pub fn product_code(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        let files = self.ending(".rs").filter(|(path, _)| is_product(path));
        files.flat_map(|(path, text)| without_tests(text).map(move |(number, line)| (path, number, line)))
    }
}

/// What makes the demo's organisations: the one part of the host that knows a plugin and the words of its people.
pub fn is_demo(path: &str) -> bool {
    path.starts_with("host/app/demo/") || path.starts_with("host/app/src/demo/")
}

fn is_product(path: &str) -> bool {
    const FOLDERS_OF_TESTS: [&str; 3] = ["/tests/", "/testing/", "/examples/"];
    const FILES_OF_TESTS: [&str; 3] = ["/tests.rs", "/testing.rs", "_tests.rs"];
    let of_tests = path.starts_with("tests/")
        || FOLDERS_OF_TESTS.iter().any(|folder| path.contains(folder))
        || FILES_OF_TESTS.iter().any(|ending| path.ends_with(ending));
    !of_tests && !path.starts_with("xtask/")
}

/// Lines before the tests at a file's end, comments left out.
fn without_tests(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let product = lines.take_while(|(_, line)| *line != "#[cfg(test)]" && !line.starts_with("#![cfg(test)]"));
    product.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[cfg(test)]
impl Tree {
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }
}
