//! Programs in Python that tests talk to: an environment of their own below `target/`, as `tests/python/requirements.txt` says.

use crate::process;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Its interpreter. The environment is made anew whenever the list has changed.
pub fn prepare() -> Result<PathBuf> {
    let root = process::root();
    let list = root.join("tests/python/requirements.txt");
    environment(&root.join("target/python"), &list, install)
}

/// The list is copied into the environment last: so one that was left half-way is made again.
fn environment(folder: &Path, list: &Path, install: impl FnOnce(&Path, &Path, &Path) -> Result<()>) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    let wanted = std::fs::read(list).with_context(|| list.display().to_string())?;
    let made = folder.join("requirements.txt");
    let is_current = std::fs::read(&made).is_ok_and(|made| made == wanted) && process::succeeds(Command::new(&python).arg("--version"));
    if !is_current {
        install(folder, &python, list)?;
        std::fs::write(&made, wanted).with_context(|| made.display().to_string())?;
    }
    Ok(python)
}

fn install(folder: &Path, python: &Path, list: &Path) -> Result<()> {
    const WITHOUT_IT: &str = "an environment for Python could not be made in target/python: it takes python3 with its modules venv and \
        ensurepip, which Debian has in the package python3-venv";
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder)).context(WITHOUT_IT)?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--requirement"]).arg(list);
    process::run(pip.stdin(Stdio::null())).context("what tests/python/requirements.txt names could not be installed into target/python")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An environment that does not take the minute of a real one.
    fn pretended(_: &Path, python: &Path, _: &Path) -> Result<()> {
        std::fs::create_dir_all(python.parent().unwrap())?;
        std::fs::copy("/bin/true", python)?;
        Ok(())
    }

    #[test]
    fn an_environment_is_made_anew_when_the_list_changed_or_it_was_left_half_way() {
        let folder = process::root().join(format!("target/python-test-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (place, list) = (folder.join("python"), folder.join("list"));
        let never = |_: &Path, _: &Path, _: &Path| panic!("there is nothing to make");
        std::fs::write(&list, "a==1\n").unwrap();
        assert!(environment(&place, &list, |_, _, _| anyhow::bail!("half-way")).is_err());
        assert_eq!(environment(&place, &list, pretended).unwrap(), place.join("bin/python"));
        environment(&place, &list, never).unwrap();
        std::fs::write(&list, "a==2\n").unwrap();
        assert!(environment(&place, &list, |_, _, _| anyhow::bail!("asked")).is_err());
        environment(&place, &list, pretended).unwrap();
        std::fs::remove_file(place.join("bin/python")).unwrap();
        environment(&place, &list, pretended).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }
}
