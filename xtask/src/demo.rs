//! `cargo xtask demo`: from a fresh clone to two sites in the browser.

use crate::progress::Progress;
use crate::setup::Consent;
use crate::{plugins, process};
use anyhow::Result;
use std::net::IpAddr;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

pub fn run(port: u16, address: Option<IpAddr>, consent: Consent) -> Result<ExitCode> {
    let mut progress = Progress::new(3);
    plugins::build(&mut progress, consent)?;
    // `--workspace` makes cargo choose the features of dependencies as `cargo xtask test` does: otherwise most of them
    // would be built once for the demo and once for the tests.
    progress.loud("building the host", || process::run(process::cargo().args(["build", "--workspace", "--bin", "tsudoi"])))?;
    let mut demo = Command::new(process::root().join("target/debug/tsudoi"));
    demo.current_dir(process::root()).arg("demo").arg("--port").arg(port.to_string());
    if let Some(address) = address {
        demo.arg("--address").arg(address.to_string());
    }
    // From here on it is the host's process: signals reach it, and nothing of ours stays behind.
    Err(demo.exec().into())
}
