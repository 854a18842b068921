//! Running other programs: which cargo, and errors that name the command.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Takes out what `cargo run` has put into the environment: build scripts such as ring's watch `CARGO_PKG_*`, and
/// would build half of the dependencies anew whenever one changes between `cargo xtask` and plain `cargo`.
pub fn without_cargo_run(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(set_by_cargo_run) {
            command.env_remove(&name);
        }
    }
    command
}

/// Whether cargo sets this variable for the programs that it runs (and users do not, to configure cargo).
pub fn set_by_cargo_run(name: &str) -> bool {
    const EXACT: [&str; 7] = [
        "CARGO",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_PRIMARY_PACKAGE",
        "RUST_RECURSION_COUNT",
    ];
    EXACT.contains(&name) || name.starts_with("CARGO_PKG_")
}

/// Runs it with our own terminal; an error names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start {}", line(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", line(command));
    }
    Ok(())
}

/// What it prints to standard output, trimmed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::piped()).output().with_context(|| format!("could not start {}", line(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}: {}", line(command), output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether it runs and succeeds, in silence.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The command as one would type it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The first of these programs that stands in one of these folders or in `PATH`.
pub fn find_program(names: &[&str], folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places: Vec<PathBuf> = folders.iter().cloned().chain(std::env::split_paths(&path)).collect();
    names.iter().flat_map(|name| places.iter().map(move |place| place.join(name))).find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_itself_sets_is_taken_out_of_the_environment() {
        assert!(set_by_cargo_run("CARGO_PKG_VERSION_MAJOR"));
        assert!(set_by_cargo_run("CARGO_MANIFEST_DIR"));
        for kept in ["CARGO_HOME", "CARGO_TERM_COLOR", "CARGO_TARGET_DIR", "CARGO_NET_OFFLINE", "RUSTFLAGS"] {
            assert!(!set_by_cargo_run(kept), "{kept}");
        }
    }

    #[test]
    fn a_failing_command_is_named_with_its_arguments() {
        let error = run(Command::new("false").arg("--really")).unwrap_err();
        assert!(error.to_string().starts_with("false --really ended with"), "{error}");
    }
}
