//! `cargo xtask sabotage`: breaks the guards of `xtask/sabotage.toml` one at a time and sees that a test notices. A
//! guard that can be removed without a red test is not tested.

use crate::process;
use crate::progress::{Watch, readable};
use crate::test::Services;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Guards {
    #[serde(default)]
    guard: Vec<Guard>,
}

/// One place in the code that keeps something from happening.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Guard {
    name: String,
    /// From the repository's root.
    file: String,
    /// Text that stands there exactly once.
    find: String,
    /// What is put in its place. It must compile.
    replace: String,
    /// Arguments of cargo, such as `["test", "-p", "tsudoi-services", "gate::"]`; what must go red.
    test: Vec<String>,
    /// The folder in which cargo runs.
    #[serde(default)]
    folder: String,
    /// The tests drive the binary `tsudoi`, which has to be built with the guard broken.
    #[serde(default)]
    drives_binary: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Noticed,
    /// The tests are green without the guard.
    NotNoticed,
    /// The test is red or does not run also with the guard in its place.
    RedAnyway,
    /// The change does not compile, which shows nothing.
    DoesNotCompile,
}

pub fn run(filter: Option<&str>) -> Result<ExitCode> {
    let root = process::root();
    let text = std::fs::read_to_string(root.join("xtask/sabotage.toml")).context("xtask/sabotage.toml")?;
    let mut guards = toml::from_str::<Guards>(&text).context("xtask/sabotage.toml")?.guard;
    guards.retain(|guard| filter.is_none_or(|filter| guard.name.contains(filter)));
    ensure!(!guards.is_empty(), "there is no such guard in xtask/sabotage.toml");
    println!("working on a copy in target/sabotage, with builds of its own; the first takes some minutes");
    let copy = Copy::of(&root)?;
    let mut rows = vec![];
    for (index, guard) in guards.iter().enumerate() {
        println!("[{}/{}] {} …", index + 1, guards.len(), guard.name);
        let watch = Watch::start();
        let verdict = copy.break_and_test(guard).with_context(|| format!("guard {}", guard.name))?;
        println!("      {verdict:?}, {}", readable(watch.elapsed()));
        rows.push((guard, verdict));
    }
    println!("\n{:<48} {:<16} file", "guard", "verdict");
    for (guard, verdict) in &rows {
        println!("{:<48} {:<16} {}", guard.name, format!("{verdict:?}"), guard.file);
    }
    let noticed = rows.iter().filter(|(_, verdict)| *verdict == Verdict::Noticed).count();
    println!("{noticed} of {} noticed", rows.len());
    Ok(if noticed == rows.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A copy of the files as they are now, uncommitted changes included. Sabotage never touches the files that someone
/// works on, so there is nothing to put back, however this ends. The copy stays in `target/`, and so do its builds.
struct Copy {
    folder: PathBuf,
    services: Services,
}

impl Copy {
    fn of(root: &Path) -> Result<Self> {
        let copy = Self { folder: root.join("target/sabotage"), services: Services::start()? };
        let wanted = process::repository_files()?;
        for path in &wanted {
            copy.put(path, &std::fs::read(root.join(path)).with_context(|| path.clone())?)?;
        }
        copy.remove_what_has_gone(&copy.folder, &wanted)?;
        // What builds embed and tests read, but git does not hold.
        for packages in ["target/plugins", "target/test-plugins"] {
            for entry in std::fs::read_dir(root.join(packages)).into_iter().flatten().flatten() {
                if entry.file_type()?.is_file() {
                    copy.put(&format!("{packages}/{}", entry.file_name().to_string_lossy()), &std::fs::read(entry.path())?)?;
                }
            }
        }
        Ok(copy)
    }

    /// Writes only what differs, so that cargo builds only what differs.
    fn put(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(path);
        if std::fs::read(&path).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        std::fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        std::fs::write(&path, bytes).with_context(|| path.display().to_string())
    }

    fn remove_what_has_gone(&self, folder: &Path, wanted: &[String]) -> Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.strip_prefix(&self.folder)?.to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.ends_with("/target") {
                    self.remove_what_has_gone(&path, wanted)?;
                }
            } else if !wanted.contains(&name) {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    fn break_and_test(&self, guard: &Guard) -> Result<Verdict> {
        let path = self.folder.join(&guard.file);
        let whole = std::fs::read_to_string(&path).with_context(|| guard.file.clone())?;
        let broken = broken(guard, &whole)?;
        if !self.test(guard, &[])? {
            return Ok(Verdict::RedAnyway);
        }
        std::fs::write(&path, broken)?;
        let compiles = self.test(guard, &["--no-run"]);
        let green = self.test(guard, &[]);
        std::fs::write(&path, whole)?;
        Ok(match (compiles?, green?) {
            (false, _) => Verdict::DoesNotCompile,
            (true, true) => Verdict::NotNoticed,
            (true, false) => Verdict::Noticed,
        })
    }

    /// Whether the guard's tests pass; `--no-run` only compiles them.
    fn test(&self, guard: &Guard, more: &[&str]) -> Result<bool> {
        let cargo = || {
            let mut command = process::cargo();
            command.stdin(Stdio::null());
            command
        };
        if guard.drives_binary && !process::succeeds(cargo().current_dir(&self.folder).args(["build", "--workspace", "--bin", "tsudoi"])) {
            return Ok(false);
        }
        let split = guard.test.iter().position(|argument| argument == "--").unwrap_or(guard.test.len());
        let mut command = cargo();
        command.current_dir(self.folder.join(&guard.folder)).args(&guard.test[..split]).arg("--quiet").args(more);
        if more.is_empty() {
            command.args(&guard.test[split..]);
        }
        self.services.tell(&mut command, &self.folder.join("target/debug/tsudoi"))?;
        let output = command.output().with_context(|| format!("could not start {}", process::line(&command)))?;
        if more.is_empty() && output.status.success() && !ran_something(&String::from_utf8_lossy(&output.stdout)) {
            bail!("{} runs no test", process::line(&command));
        }
        Ok(output.status.success())
    }
}

fn ran_something(output: &str) -> bool {
    output.lines().any(|line| line.starts_with("test result: ok. ") && !line.starts_with("test result: ok. 0 passed"))
}

fn broken(guard: &Guard, text: &str) -> Result<String> {
    let times = text.matches(&guard.find).count();
    ensure!(times == 1, "{}: the text to find stands there {times} times, not once", guard.file);
    ensure!(guard.find != guard.replace, "nothing would change");
    Ok(text.replacen(&guard.find, &guard.replace, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(find: &str) -> Guard {
        Guard {
            name: "gate".into(),
            file: "gate.rs".into(),
            find: find.into(),
            replace: "true".into(),
            test: vec!["test".into()],
            folder: String::new(),
            drives_binary: false,
        }
    }

    #[test]
    fn a_guard_is_broken_where_it_stands_once() {
        assert_eq!(broken(&guard("is_member()"), "if is_member() {}").unwrap(), "if true {}");
        assert!(broken(&guard("is_member()"), "if is_staff() {}").unwrap_err().to_string().contains("0 times"));
        assert!(broken(&guard("a"), "a a").unwrap_err().to_string().contains("2 times"));
    }

    /// Where the code has moved on, the list is mended with it: not months later, when somebody runs it.
    #[test]
    fn every_guard_of_the_list_stands_in_its_file() {
        let text = std::fs::read_to_string(process::root().join("xtask/sabotage.toml")).unwrap();
        let guards = toml::from_str::<Guards>(&text).unwrap().guard;
        assert!(guards.len() >= 30);
        for guard in guards {
            let code = std::fs::read_to_string(process::root().join(&guard.file)).unwrap();
            broken(&guard, &code).unwrap_or_else(|error| panic!("{}: {error}", guard.name));
        }
    }

    #[test]
    fn a_test_that_does_not_exist_is_not_taken_for_green() {
        assert!(ran_something("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 40 filtered out"));
        assert!(!ran_something("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 41 filtered out"));
    }

    #[test]
    fn a_mistyped_key_in_the_list_is_named() {
        let error = toml::from_str::<Guards>("[[guard]]\nname = \"x\"\nfil = \"y\"").unwrap_err();
        assert!(error.to_string().contains("unknown field `fil`"), "{error}");
    }
}
