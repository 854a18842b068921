//! What is inside the binary: plugins, themes and the demo's content.

use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;

include!(concat!(env!("OUT_DIR"), "/plugins.rs"));

pub static THEMES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../themes");
pub static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo");

/// The files below a folder, by path relative to it.
pub fn files(folder: &Dir<'_>) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    collect(folder, folder.path().to_string_lossy().as_ref(), &mut found);
    found
}

fn collect(folder: &Dir<'_>, root: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for file in folder.files() {
        let path = file.path().to_string_lossy();
        let relative = path.strip_prefix(root).unwrap_or(&path).trim_start_matches('/');
        found.insert(relative.to_owned(), file.contents().to_vec());
    }
    for inner in folder.dirs() {
        collect(inner, root, found);
    }
}
