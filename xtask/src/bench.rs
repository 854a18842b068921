//! `cargo xtask bench`: the only command that builds with optimisation. Each benchmark prints its own figures.

use crate::process;
use crate::progress::Progress;
use anyhow::{Result, ensure};
use std::process::ExitCode;

/// Package and example, in the order in which they run.
const BENCHMARKS: [(&str, &str); 1] = [("tsudoi-runtime", "trivial_call")];

pub fn run() -> Result<ExitCode> {
    let mut progress = Progress::new(BENCHMARKS.len() + 1);
    progress.loud("building with optimisation (some 20 minutes the first time)", || {
        for (package, example) in BENCHMARKS {
            process::run(process::cargo().args(["build", "--release", "--package", package, "--example", example]))?;
        }
        Ok(())
    })?;
    for (_, example) in BENCHMARKS {
        progress.loud(example, || {
            let program = process::root().join("target/release/examples").join(example);
            ensure!(program.is_file(), "{} is missing", program.display());
            process::run(std::process::Command::new(program).current_dir(process::root()))
        })?;
    }
    Ok(ExitCode::SUCCESS)
}
