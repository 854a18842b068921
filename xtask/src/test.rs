//! `cargo xtask test`: installs what the tests need, runs every check and every test, and counts the cases.

mod commonmark;
mod deny;
mod postgres;
mod python;
mod tally;

use crate::progress::{self, Progress, Watch};
use crate::setup::{self, Consent};
use crate::{plugins, process, tidy};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use tally::Tally;

pub fn run(filter: Option<&str>, consent: Consent) -> Result<ExitCode> {
    let watch = Watch::start();
    let mut tally = Tally::default();
    match filter {
        None => everything(&mut tally, consent)?,
        Some(filter) => only(filter, &mut tally, consent)?,
    }
    println!("\n{}", progress::bold(&format!("All in {}", progress::readable(watch.elapsed()))));
    print!("{}", tally.report());
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Cheap checks come first, so that a slip is seen in seconds; but one failure does not hide another.
fn everything(tally: &mut Tally, consent: Consent) -> Result<()> {
    let mut progress = Progress::new(11);
    progress.loud("looking for what the tests need", || setup::install_missing(&setup::test_needs(), consent))?;
    let _ = progress.loud("tidy: the project's own rules", || {
        for check in tidy::checks()? {
            check.print();
            tally.case(&format!("tidy: {}", check.rule), check.violations.is_empty());
        }
        tally.none_failed_since("tidy")
    });
    check(&mut progress, tally, "formatting", || {
        process::run(process::cargo().args(["fmt", "--all", "--check"]))?;
        process::run(&mut in_plugins(&["fmt", "--all", "--check"]))
    });
    plugins::build(&mut progress, consent)?;
    check(&mut progress, tally, "clippy", || {
        let strict = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        process::run(process::cargo().args(strict))?;
        process::run(in_plugins(&strict).env("CARGO_TARGET_DIR", native_target()))
    });
    workspace_tests(&mut progress, tally, None);
    plugin_tests(&mut progress, tally, None);
    check(&mut progress, tally, "dependencies: licences, bans, sources", deny::run);
    Ok(())
}

/// Test cases by name; what they need is still made ready.
fn only(filter: &str, tally: &mut Tally, consent: Consent) -> Result<()> {
    let mut progress = Progress::new(7);
    progress.loud("looking for what the tests need", || setup::install_missing(&setup::test_needs(), consent))?;
    plugins::build(&mut progress, consent)?;
    workspace_tests(&mut progress, tally, Some(filter));
    plugin_tests(&mut progress, tally, Some(filter));
    if tally.passed + tally.failed == 0 {
        tally.case(&format!("no test case is called {filter}"), false);
    }
    Ok(())
}

/// A check that counts as one case.
fn check(progress: &mut Progress, tally: &mut Tally, what: &str, work: impl FnOnce() -> Result<()>) {
    let outcome = progress.loud(what, work);
    if let Err(error) = &outcome {
        println!("{error:#}");
    }
    tally.case(what, outcome.is_ok());
}

/// The host, once it is built.
fn binary() -> PathBuf {
    process::root().join("target/debug/tsudoi")
}

fn native_target() -> PathBuf {
    process::root().join("target/plugins-native")
}

/// cargo in the plugins' workspace, for this machine and not for wasm.
fn in_plugins(arguments: &[&str]) -> Command {
    let mut command = process::cargo();
    command.current_dir(process::root().join("plugins")).env("CARGO_TARGET_DIR", native_target()).args(arguments);
    command
}

fn plugin_tests(progress: &mut Progress, tally: &mut Tally, filter: Option<&str>) {
    let packages = ["test", "--no-fail-fast", "--workspace", "--package", "tsudoi-plugin"];
    let mut command = in_plugins(&packages);
    command.args(filter);
    let needed = || anyhow::Ok((plugins::package_folders()?, python::prepare()?));
    match needed() {
        Ok((folders, python)) => {
            command.env("TSUDOI_TEST_PACKAGES", folders).env("TSUDOI_TEST_PYTHON", python).env("TSUDOI_TEST_BINARY", binary())
        }
        Err(error) => return tally.case(&format!("plugins' own tests: {error:#}"), false),
    };
    stream(progress, tally, "plugins' own tests", command);
}

/// Runs tests and counts their results; what ends badly without a failed case counts as one.
fn stream(progress: &mut Progress, tally: &mut Tally, what: &str, mut command: Command) {
    let outcome = progress.loud(what, || tally.run(what, &mut command));
    if let Err(error) = outcome {
        println!("{error:#}");
    }
}

fn workspace_tests(progress: &mut Progress, tally: &mut Tally, filter: Option<&str>) {
    // With all targets at once, the binary that the end-to-end tests drive is built with the very dependencies of the
    // tests, and nothing is built twice.
    let built =
        progress.loud("building the host and its tests", || process::run(process::cargo().args(["build", "--workspace", "--all-targets"])));
    if let Err(error) = &built {
        tally.case(&format!("building the host and its tests: {error:#}"), false);
    }
    const SERVICES: &str = "starting PostgreSQL, fetching the CommonMark specification and what tests need of Python";
    let services = match progress.loud(SERVICES, Services::start) {
        Ok(services) => services,
        Err(error) => return tally.case(&format!("{SERVICES}: {error:#}"), false),
    };
    if built.is_err() {
        return;
    }
    let mut command = process::cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]).args(filter);
    match services.tell(&mut command, &binary()) {
        Ok(()) => stream(progress, tally, "the host's tests, in browsers and on both databases", command),
        Err(error) => tally.case(&format!("{error:#}"), false),
    }
}

/// What tests need besides their own code.
pub struct Services {
    specification: PathBuf,
    python: PathBuf,
    postgres: postgres::Cluster,
}

impl Services {
    pub fn start() -> Result<Self> {
        Ok(Self { specification: commonmark::fetch()?, python: python::prepare()?, postgres: postgres::Cluster::start()? })
    }

    /// Tells tests where to find all of it, by these variables.
    pub fn tell(&self, command: &mut Command, binary: &Path) -> Result<()> {
        command.env("TSUDOI_COMMONMARK_SPEC", &self.specification);
        command.env("TSUDOI_TEST_PYTHON", &self.python);
        command.env("TSUDOI_TEST_POSTGRES", self.postgres.url());
        command.env("TSUDOI_TEST_CHROMIUM", setup::chromium().context("Chromium was not found")?);
        command.env("TSUDOI_TEST_CHROMEDRIVER", setup::chromedriver().context("chromedriver was not found")?);
        command.env("TSUDOI_TEST_BINARY", binary);
        Ok(())
    }
}
