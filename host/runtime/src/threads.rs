//! The guests' own threads, apart from those that serve requests, and the thread that ticks the epoch.

use crate::limits::Limits;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};

pub struct Threads {
    guests: Option<Runtime>,
    handle: Handle,
    /// Dropping it stops the ticker.
    _ticker: Sender<()>,
}

impl Threads {
    pub fn start(engine: &wasmtime::Engine, limits: &Limits) -> std::io::Result<Self> {
        let number = AtomicUsize::new(1);
        let guests = Builder::new_multi_thread()
            .worker_threads(limits.guest_threads.max(1))
            .thread_name_fn(move || format!("guest-{}", number.fetch_add(1, Ordering::Relaxed)))
            .enable_time()
            .build()?;
        let (ticker, stopped) = channel::<()>();
        let tick = Duration::from_millis(limits.tick_ms.max(1));
        let engine = engine.weak();
        std::thread::Builder::new().name("epoch".to_owned()).spawn(move || {
            while stopped.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        })?;
        Ok(Self { handle: guests.handle().clone(), guests: Some(guests), _ticker: ticker })
    }

    pub fn guests(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Not by waiting, which is not allowed where this may be dropped: inside an asynchronous task.
        if let Some(guests) = self.guests.take() {
            guests.shutdown_background();
        }
    }
}
