//! The ports to the system: its clock and its cryptographic generator; and a clock that somebody sets.

use std::sync::atomic::{AtomicI64, Ordering};
use tsudoi_kernel::{Clock, Random, Timestamp};

pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the port")]
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(chrono::Utc::now().timestamp_millis())
    }
}

/// Goes as the system's does, from another time on.
pub struct ShiftedClock(i64);

impl ShiftedClock {
    /// One that says `begins` now.
    pub fn from(begins: Timestamp) -> Self {
        Self(begins.as_i64() - SystemClock.now().as_i64())
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_i64() + self.0)
    }
}

/// Stands still until it is set.
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_i64()))
    }

    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_i64(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub struct SystemRandom;

impl Random for SystemRandom {
    #[allow(clippy::disallowed_methods, reason = "this is the port")]
    fn fill(&self, bytes: &mut [u8]) {
        // Without the system's generator no token is safe: nothing may go on.
        if let Err(error) = getrandom::fill(bytes) {
            eprintln!("tsudoi: the system gives no random bytes: {error}");
            std::process::abort();
        }
    }
}
