//! The ports outside tests: the system's clock and its cryptographic generator.

use tsudoi_kernel::{Clock, Random, Timestamp};

pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the port")]
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(chrono::Utc::now().timestamp_millis())
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
