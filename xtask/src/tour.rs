//! `cargo xtask tour`: the pictures of docs/tour.md, taken anew from the demo.

use crate::progress::Progress;
use crate::setup::{self, Consent};
use crate::{plugins, process};
use anyhow::{Context, Result};
use std::process::ExitCode;

/// Packages of [`setup::test_needs`] that a browser with Japanese pages needs.
const NEEDS: [&str; 4] = ["chromium", "chromium-driver", "fonts-noto-cjk", "fonts-noto-color-emoji"];

pub fn run(filter: Option<&str>, consent: Consent) -> Result<ExitCode> {
    let mut progress = Progress::new(5);
    progress.loud("looking for what the pictures need", || {
        let needs: Vec<_> = setup::test_needs().into_iter().filter(|need| NEEDS.contains(&need.package)).collect();
        setup::install_missing(&needs, consent)
    })?;
    plugins::build(&mut progress, consent)?;
    progress.loud("building the host", || process::run(process::cargo().args(["build", "--workspace", "--bin", "tsudoi"])))?;
    progress.loud("walking through the demo", || {
        let mut walk = process::cargo();
        walk.args(["run", "--quiet", "--package", "tsudoi-tests", "--example", "tour", "--"]).args(filter);
        walk.env("TSUDOI_TEST_BINARY", process::root().join("target/debug/tsudoi"));
        walk.env("TSUDOI_TEST_CHROMIUM", setup::chromium().context("Chromium was not found")?);
        walk.env("TSUDOI_TEST_CHROMEDRIVER", setup::chromedriver().context("chromedriver was not found")?);
        process::run(&mut walk)
    })?;
    println!("The page around them is docs/tour.md.");
    Ok(ExitCode::SUCCESS)
}
