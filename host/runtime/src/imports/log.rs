//! `log`: lines for staff and operators. It needs no permission; lines beyond the limit are dropped with a last line
//! that says so.

use crate::bindings::log::Host;
use crate::loggable;
use crate::state::CallState;

impl Host for CallState {
    fn write(&mut self, level: String, message: String) -> wasmtime::Result<()> {
        self.enter(level.len() + message.len())?;
        self.usage.log_lines += 1;
        let limits = &self.ports.limits;
        if self.usage.log_lines > limits.log_lines {
            if self.usage.log_lines == limits.log_lines + 1 {
                self.line("warn", &format!("further lines of this call are dropped: it may write {}", limits.log_lines));
            }
            return Ok(());
        }
        let message = loggable(&message, limits.log_line_bytes);
        self.line(&level, &message);
        if level == "error" {
            self.last_words = Some(message);
        }
        Ok(())
    }
}

impl CallState {
    fn line(&self, level: &str, message: &str) {
        let plugin = self.context.installation.manifest.id.as_str();
        let organisation = self.context.organisation.slug.as_str();
        let request = self.context.request_id.as_str();
        match level {
            "error" => tracing::error!(target: "plugin", plugin, organisation, request, "{message}"),
            "warn" => tracing::warn!(target: "plugin", plugin, organisation, request, "{message}"),
            "info" => tracing::info!(target: "plugin", plugin, organisation, request, "{message}"),
            // An open set of words: what is unknown counts least.
            _ => tracing::debug!(target: "plugin", plugin, organisation, request, "{message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::state::Kind;
    use crate::testing::Bench;

    #[test]
    fn lines_beyond_the_limit_are_dropped_and_the_call_goes_on() {
        let mut state = Bench::new().limits(Limits { log_lines: 2, ..Limits::default() }).state(Kind::Query);
        for _ in 0..5 {
            state.write("info".into(), "こんにちは".into()).unwrap();
        }
        assert_eq!(state.usage.host_calls, 5);
        assert!(state.stop.is_none());
    }

    #[test]
    fn logging_needs_no_permission_but_counts_as_a_host_call() {
        let limits = Limits { host_calls: 1, ..Limits::default() };
        let mut state = Bench::new().limits(limits).grant(&[]).state(Kind::Query);
        state.write("info".into(), "one".into()).unwrap();
        assert_eq!(state.write("info".into(), "two".into()).unwrap_err().to_string(), "more than 1 host calls");
    }
}
