//! `cargo xtask bench`: the only command that builds with optimisation. Each benchmark prints its own figures;
//! docs/performance.md has them with the machine that they were measured on.

use crate::progress::Progress;
use crate::setup::Consent;
use crate::{plugins, process};
use anyhow::{Result, ensure};
use std::process::{Command, ExitCode};

/// Examples, in the order in which they run.
const BENCHMARKS: [&str; 5] = ["trivial_call", "bench_pages", "bench_members", "bench_commands", "bench_many"];

/// What one of them needs beside it.
const FILLERS: [&str; 2] = ["many_members", "many_organisations"];

pub fn run(consent: Consent) -> Result<ExitCode> {
    let mut progress = Progress::new(BENCHMARKS.len() + 3);
    plugins::build(&mut progress, consent)?;
    progress.loud("building with optimisation (some 20 minutes the first time)", || {
        let examples = BENCHMARKS.iter().chain(&FILLERS).flat_map(|example| ["--example", example]);
        process::run(process::cargo().args(["build", "--release", "--workspace", "--bin", "tsudoi"]).args(examples))
    })?;
    let built = process::root().join("target/release");
    for example in BENCHMARKS {
        progress.loud(example, || {
            let program = built.join("examples").join(example);
            ensure!(program.is_file(), "{} is missing", program.display());
            process::run(Command::new(program).current_dir(process::root()).env("TSUDOI_TEST_BINARY", built.join("tsudoi")))
        })?;
    }
    Ok(ExitCode::SUCCESS)
}
