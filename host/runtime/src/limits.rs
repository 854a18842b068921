//! What one call may use. Each limit has a default and can be changed by the operator; docs/contract.md lists them.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// Bytes of a package.
    pub package_bytes: usize,
    /// Time that compiling a package may take, in milliseconds.
    pub compile_ms: u64,
    /// Bytes of memory that compiling a package may take.
    pub compile_bytes: u64,
    /// Bytes of linear memory, all memories of the call together.
    pub memory_bytes: usize,
    /// Elements of each table.
    pub table_elements: usize,
    /// Core instances, tables and memories of one call.
    pub instances: usize,
    pub tables: usize,
    pub memories: usize,
    /// Between two ticks of the guests' clock, in milliseconds.
    pub tick_ms: u64,
    /// Time that guest code may run, in milliseconds; waiting for the host does not count.
    pub guest_ms: u64,
    /// Time from start to end of one run, in milliseconds, with all waiting.
    pub wall_ms: u64,
    /// Time that a call waits for a place, in milliseconds.
    pub wait_ms: u64,
    /// Calls that run at the same time.
    pub concurrent_calls: u32,
    /// Calls of one organisation that run at the same time.
    pub organisation_calls: u32,
    /// Calls of one organisation that wait for a place; more are refused at once.
    pub organisation_queue: usize,
    /// Threads that guests run on.
    pub guest_threads: usize,
    /// How often a call is run again because others changed what it read.
    pub reruns: u32,
    pub host_calls: u32,
    /// Bytes that go over the boundary in both directions.
    pub boundary_bytes: usize,
    /// Bytes that one call to or from the guest may carry.
    pub transfer_bytes: usize,
    /// Resource handles alive at the same time; the contract has no resources yet.
    pub handles: usize,
    pub documents_read: u32,
    pub documents_written: u32,
    /// Bytes of one document.
    pub document_bytes: usize,
    /// Bytes of answers that are kept in memory, for all organisations together.
    pub cache_bytes: usize,
    pub log_lines: u32,
    /// Bytes of one log line.
    pub log_line_bytes: usize,
    /// Requests to the outside in one run, redirects included.
    pub fetches: u32,
    /// Requests to the outside that an installation may send in one minute.
    pub fetches_per_minute: u32,
    /// Requests to the outside that an installation may have under way at the same time.
    pub concurrent_fetches: u32,
    /// Time that one request to the outside may take, with its redirects, in milliseconds.
    pub fetch_ms: u64,
    /// Bytes of the body of a request to the outside.
    pub request_bytes: usize,
    /// Bytes of the body of its answer, after it was decompressed.
    pub response_bytes: usize,
    /// Bytes of what an event or a job carries.
    pub payload_bytes: usize,
    /// How many events may lead from one to the next.
    pub event_depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            package_bytes: 16 << 20,
            compile_ms: 60_000,
            compile_bytes: 2 << 30,
            memory_bytes: 64 << 20,
            table_elements: 20_000,
            instances: 64,
            tables: 32,
            memories: 8,
            tick_ms: 10,
            guest_ms: 1_000,
            wall_ms: 10_000,
            wait_ms: 5_000,
            concurrent_calls: 32,
            organisation_calls: 8,
            organisation_queue: 256,
            guest_threads: 2,
            reruns: 8,
            host_calls: 10_000,
            boundary_bytes: 32 << 20,
            transfer_bytes: 8 << 20,
            handles: 64,
            documents_read: 10_000,
            documents_written: 1_000,
            document_bytes: 256 << 10,
            cache_bytes: 64 << 20,
            log_lines: 100,
            log_line_bytes: 2 << 10,
            fetches: 10,
            fetches_per_minute: 60,
            concurrent_fetches: 4,
            fetch_ms: 5_000,
            request_bytes: 1 << 20,
            response_bytes: 4 << 20,
            payload_bytes: 64 << 10,
            event_depth: 8,
        }
    }
}

impl Limits {
    /// How many ticks guest code may run for.
    pub(crate) fn guest_ticks(&self) -> u64 {
        (self.guest_ms / self.tick_ms.max(1)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_names_only_what_it_changes() {
        let limits: Limits = serde_json::from_str(r#"{"guest-ms": 200}"#).unwrap();
        assert_eq!(limits, Limits { guest_ms: 200, ..Limits::default() });
        assert_eq!(limits.guest_ticks(), 20);
        let wrong = serde_json::from_str::<Limits>(r#"{"gest-ms": 200}"#).unwrap_err().to_string();
        assert!(wrong.contains("gest-ms") && wrong.contains("guest-ms"), "{wrong}");
    }
}
