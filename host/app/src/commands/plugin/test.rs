//! `tsudoi plugin test`: the plugin is built as for `tsudoi plugin build`; then cargo runs its tests, and those written with
//! `sdk/testkit` start this program again, once each, as the host that the plugin runs on.

use super::build;
use crate::config::Config;
use crate::stage;
use anyhow::Context;
use std::path::Path;
use tracing_subscriber::EnvFilter;
use tsudoi_pack::process;

#[derive(clap::Args)]
#[group(skip)]
pub struct Arguments {
    #[command(flatten)]
    build: build::Arguments,
    /// What `cargo test` shall be told besides, such as the name of one test.
    #[arg(last = true, value_name = "…")]
    more: Vec<String>,
}

pub fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let (_, package) = build::written(config, &arguments.build)?;
    let package = std::fs::canonicalize(&package).with_context(|| package.display().to_string())?;
    let packages = package.parent().context("a file without a folder")?;
    let this = std::env::current_exe().context("this program does not find itself")?;
    let mut command = std::process::Command::new("cargo");
    command.current_dir(&arguments.build.folder).args(["test", "--quiet"]).args(&arguments.more).args(["--", "--show-output"]);
    command.env("TSUDOI_TEST_BINARY", this).env("TSUDOI_TEST_PACKAGES", packages);
    process::run(&mut command).context("the tests do not pass, or do not compile")
}

/// The operator's configuration does not count here: a test is the same everywhere.
pub async fn stage(package: &Path) -> anyhow::Result<()> {
    let filter = EnvFilter::new("warn,plugin=debug");
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).without_time().with_ansi(false).init();
    let folder = package.parent().unwrap_or(Path::new("."));
    stage::play(Config::default(), package, &folder.join("stage")).await
}
