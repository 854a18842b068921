//! End-to-end, browser, crash and isolation tests.
