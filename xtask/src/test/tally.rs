//! Counts test cases while their output goes by.

use crate::process;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

#[derive(Debug, Default)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    /// What failed, by name.
    names: Vec<String>,
}

impl Tally {
    /// One case of our own.
    pub fn case(&mut self, name: &str, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.fail(name);
        }
    }

    fn fail(&mut self, name: &str) {
        self.failed += 1;
        self.names.push(name.to_owned());
    }

    /// An error if a case whose name begins so has failed.
    pub fn none_failed_since(&self, prefix: &str) -> Result<()> {
        let failed = self.names.iter().filter(|name| name.starts_with(prefix)).count();
        if failed > 0 {
            bail!("{failed} failed");
        }
        Ok(())
    }

    /// Runs `cargo test` in some form, shows what it prints, and adds up its results.
    pub fn run(&mut self, what: &str, command: &mut Command) -> Result<()> {
        let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("could not start {}", process::line(command)))?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?);
        let before = self.failed;
        let mut line = vec![];
        while lines.read_until(b'\n', &mut line)? > 0 {
            std::io::stdout().write_all(&line)?;
            self.read(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
        let status = child.wait()?;
        if !status.success() && self.failed == before {
            self.fail(&format!("{what}: {} ended with {status}", process::line(command)));
        }
        if self.failed > before {
            bail!("{} failed", self.failed - before);
        }
        Ok(())
    }

    /// One line of libtest's output: `test gate::asks ... FAILED`, `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn read(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += number_before(result, " passed");
            self.failed += number_before(result, " failed");
            for _ in 0..number_before(result, " ignored") {
                self.fail("an ignored test: a test runs, or is not there");
            }
        } else if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.names.push(name.to_owned());
        }
    }

    /// What failed, and as the last line how many cases passed and failed.
    pub fn report(&self) -> String {
        let failures: String = self.names.iter().map(|name| format!("failed: {name}\n")).collect();
        format!("{failures}{} passed, {} failed\n", self.passed, self.failed)
    }
}

fn number_before(text: &str, unit: &str) -> usize {
    let digits = text.find(unit).map(|end| &text[..end]).and_then(|before| before.rsplit(' ').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "
running 3 tests
test gate::asks ... ok
test pages::publishes ... FAILED
test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.52s
test result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.00s
";

    #[test]
    fn results_of_several_test_programs_add_up() {
        let mut tally = Tally::default();
        OUTPUT.lines().for_each(|line| tally.read(line));
        assert_eq!(tally.report(), "failed: pages::publishes\n42 passed, 1 failed\n");
    }

    #[test]
    fn an_ignored_test_is_a_failure() {
        let mut tally = Tally::default();
        tally.read("test result: ok. 1 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        assert_eq!((tally.passed, tally.failed), (1, 2));
    }

    #[test]
    fn a_program_that_dies_before_its_result_counts_as_failed() {
        let mut tally = Tally::default();
        assert!(tally.run("crash", Command::new("sh").args(["-c", "exit 101"])).is_err());
        assert_eq!((tally.passed, tally.failed), (0, 1));
        assert!(tally.report().starts_with("failed: crash: sh -c exit 101 ended with"), "{}", tally.report());
    }
}
