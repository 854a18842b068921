//! Running other programs: where the repository is, and which cargo.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
pub use tsudoi_pack::process::*;

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The cargo that a developer would call by hand, at the repository's root. It builds into `target/`, wherever the
/// developer's own settings point: the demo and the tests look for programs there.
pub fn cargo() -> Command {
    let mut command = without_cargo_run(Command::new("cargo"));
    command.current_dir(root()).env_remove("CARGO_TARGET_DIR");
    command
}

/// Files that git tracks and new ones that it does not ignore, as paths from the root. One that is deleted but still
/// in the index is no file any more.
pub fn repository_files() -> Result<Vec<String>> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = output(Command::new("git").current_dir(root()).args(list)).context("the list of files comes from git")?;
    Ok(listed.split('\0').filter(|path| !path.is_empty() && root().join(path).is_file()).map(str::to_owned).collect())
}
