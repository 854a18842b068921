//! Rules for single source files.

use super::files::Tree;

const LONGEST: usize = 600;

pub fn opening(tree: &Tree) -> Vec<String> {
    let silent = tree.ending(".rs").filter(|(_, text)| !text.starts_with("//! "));
    silent.map(|(path, _)| format!("{path}:1: open with //! and say what the file is for")).collect()
}

pub fn length(tree: &Tree) -> Vec<String> {
    let long = tree.ending(".rs").map(|(path, text)| (path, text.lines().count())).filter(|(_, lines)| *lines > LONGEST);
    long.map(|(path, lines)| format!("{path}: {lines} lines; find the seam")).collect()
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
}
