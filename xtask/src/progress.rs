//! What a person sees while it works: numbered headings, and how long each step took.

use anyhow::Result;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Counts the steps of one command: `[2/5] building plugins … 12 s`.
pub struct Progress {
    step: usize,
    steps: usize,
}

impl Progress {
    pub fn new(steps: usize) -> Self {
        Self { step: 0, steps }
    }

    /// A step whose own output is worth seeing: a heading before it, its time after it.
    pub fn loud<T>(&mut self, what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.step += 1;
        println!("{}", bold(&format!("[{}/{}] {what} …", self.step, self.steps)));
        let watch = Watch::start();
        let result = work();
        let outcome = if result.is_ok() { "" } else { ", failed" };
        println!("      {}{outcome}", readable(watch.elapsed()));
        result
    }

    /// A step that prints nothing itself: one line in all.
    pub fn quiet<T>(&mut self, what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.step += 1;
        print!("{}", bold(&format!("[{}/{}] {what} … ", self.step, self.steps)));
        // A line that is not flushed is only seen late; nothing else is lost.
        let _ = std::io::stdout().flush();
        let watch = Watch::start();
        let result = work();
        println!("{}{}", readable(watch.elapsed()), if result.is_ok() { "" } else { ", failed" });
        result
    }
}

/// Time that passed, for people to read.
pub struct Watch(Instant);

impl Watch {
    #[allow(clippy::disallowed_methods, reason = "a build tool tells how long its steps took")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// `0.3 s`, `12 s`, `3 min 05 s`.
pub fn readable(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if duration < Duration::from_secs(10) {
        format!("{:.1} s", duration.as_secs_f64())
    } else if seconds < 60 {
        format!("{seconds} s")
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// Bold where it can be seen, plain in a log file.
pub fn bold(text: &str) -> String {
    if std::io::stdout().is_terminal() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_as_people_say_them() {
        assert_eq!(readable(Duration::from_millis(340)), "0.3 s");
        assert_eq!(readable(Duration::from_secs(12)), "12 s");
        assert_eq!(readable(Duration::from_secs(185)), "3 min 05 s");
    }
}
