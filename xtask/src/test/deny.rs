//! Licences, banned crates and sources of all dependencies, by cargo-deny and `deny.toml`.

use crate::process;
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

const VERSION: &str = "0.20.2";

pub fn run() -> Result<()> {
    let program = program()?;
    let root = process::root();
    for workspace in ["Cargo.toml", "plugins/Cargo.toml"] {
        let mut deny = process::without_cargo_run(Command::new(&program));
        deny.current_dir(&root).arg("--manifest-path").arg(root.join(workspace));
        deny.arg("--config").arg(root.join("deny.toml")).args(["check", "bans", "licenses", "sources"]);
        process::run(&mut deny).with_context(|| workspace.to_owned())?;
    }
    Ok(())
}

/// The one on `PATH`, or one of our own, compiled once. It takes some minutes.
fn program() -> Result<PathBuf> {
    let tools = process::root().join("target/tools");
    if let Some(found) = process::find_program(&["cargo-deny"], &[tools.join("bin")]) {
        return Ok(found);
    }
    println!("      cargo-deny is not installed; compiling {VERSION} into target/tools");
    let mut install = process::cargo();
    install.args(["install", "--quiet", "--locked", "--debug", "--version", VERSION, "cargo-deny", "--root"]).arg(&tools);
    process::run(&mut install).context("cargo-deny could not be had; without it licences are not checked")?;
    process::find_program(&["cargo-deny"], &[tools.join("bin")]).context("cargo-deny was installed but is not there")
}
