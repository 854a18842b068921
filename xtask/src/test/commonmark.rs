//! The CommonMark specification's own examples, from its npm package. They are not in the repository: their licence is
//! another than ours.

use crate::process;
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const PACKAGE: &str = "commonmark-spec";
const VERSION: &str = "0.31.2";

/// The path of its `spec.txt`, fetched once.
pub fn fetch() -> Result<PathBuf> {
    let folder = process::root().join("target/tools").join(format!("{PACKAGE}-{VERSION}"));
    let specification = folder.join("spec.txt");
    if specification.is_file() {
        return Ok(specification);
    }
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let archive = process::output(Command::new("npm").current_dir(&folder).args(["pack", "--silent", &format!("{PACKAGE}@{VERSION}")]))
        .context("the CommonMark specification could not be fetched")?;
    let unpack = ["-x", "-z", "--strip-components=1", "-f"];
    process::run(Command::new("tar").current_dir(&folder).args(unpack).arg(archive).stdin(Stdio::null()))?;
    ensure!(specification.is_file(), "the package {PACKAGE} has no spec.txt");
    Ok(specification)
}
