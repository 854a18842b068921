//! `cargo xtask soak`: the tests of what must never be traded away, with numbers that take hours and not minutes. Ends with a
//! table for docs/testing.md.

use crate::progress::{Progress, Watch, readable};
use crate::setup::{self, Consent};
use crate::test::Services;
use crate::{plugins, process};
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

/// A test that says in a line of its output how much it tried, and how much it is to try.
struct Trial {
    name: &'static str,
    arguments: &'static [&'static str],
    times: usize,
    /// How much it tries, where it asks.
    variables: &'static [(&'static str, &'static str)],
    /// Lines with this are its figures.
    figures: &'static str,
}

/// Of the first there are three tests, of the third one for each database.
const TRIALS: [Trial; 4] = [
    Trial {
        name: "20,001 random interleavings of commands and queries",
        arguments: &["--test", "serialisable"],
        times: 1,
        variables: &[("TSUDOI_TEST_CASES", "6667")],
        figures: " interleavings, ",
    },
    Trial {
        name: "200 requests for 100 points, 20 times",
        arguments: &["--test", "end_to_end", "spending"],
        times: 20,
        variables: &[],
        figures: " had none left",
    },
    Trial {
        name: "200 kills under load",
        arguments: &["--test", "end_to_end", "a_server_killed_again_and_again"],
        times: 1,
        variables: &[("TSUDOI_TEST_KILLS", "100")],
        figures: " kills, ",
    },
    Trial {
        name: "5,000 mails and five kills",
        arguments: &["--test", "end_to_end", "a_server_killed_while_a_mailing_goes_out"],
        times: 1,
        variables: &[("TSUDOI_TEST_MAILS", "5000"), ("TSUDOI_TEST_MAIL_KILLS", "5")],
        figures: " sent once each, ",
    },
];

pub fn run(consent: Consent) -> Result<ExitCode> {
    let mut progress = Progress::new(TRIALS.len() + 4);
    progress.loud("looking for what the tests need", || setup::install_missing(&setup::test_needs(), consent))?;
    plugins::build(&mut progress, consent)?;
    progress.loud("building the host and its tests", || process::run(process::cargo().args(["build", "--workspace", "--all-targets"])))?;
    let services = Services::start()?;
    let commit = process::output(Command::new("git").current_dir(process::root()).args(["describe", "--always", "--dirty"]))?;
    let mut rows = vec![];
    let mut all_held = true;
    for trial in &TRIALS {
        let watch = Watch::start();
        let (held, figures) = progress.loud(trial.name, || trial.run(&services))?;
        all_held &= held;
        let outcome = if held { "held" } else { "BROKEN" };
        rows.push(format!("| {} | {outcome} | {} | {} |", trial.name, figures.join("; "), readable(watch.elapsed())));
    }
    println!("\nCommit {}\n\n| what | outcome | figures | time |\n|---|---|---|---|", commit.trim());
    rows.iter().for_each(|row| println!("{row}"));
    Ok(if all_held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Trial {
    /// Whether it held each time, and what it said the last time.
    fn run(&self, services: &Services) -> Result<(bool, Vec<String>)> {
        let mut said = vec![];
        for _ in 0..self.times {
            let mut command = process::cargo();
            command.args(["test", "--workspace"]).args(self.arguments).args(["--", "--nocapture"]);
            services.tell(&mut command, &process::root().join("target/debug/tsudoi"))?;
            command.envs(self.variables.iter().copied());
            let mut running = command.stdout(Stdio::piped()).spawn().context("cargo does not start")?;
            said.clear();
            for line in BufReader::new(running.stdout.take().context("no output")?).lines() {
                let line = line?;
                if line.contains(self.figures) {
                    said.push(line.trim().to_owned());
                }
                println!("      {line}");
            }
            if !running.wait()?.success() {
                return Ok((false, said));
            }
        }
        Ok((true, said))
    }
}
