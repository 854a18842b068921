//! A process that a benchmark measures.

use anyhow::{Context, Result, ensure};
use std::process::{Child, Command};

/// Ends with this value.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// As an operator ends it.
    pub fn stop(mut self) -> Result<()> {
        ensure!(Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status()?.success(), "the process can't be told to stop");
        self.0.wait()?;
        Ok(())
    }

    /// Resident memory in MB, as the kernel counts it.
    pub fn resident(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).context("memory is measured on Linux only")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes * 1024.0 / 1e6)
    }
}
