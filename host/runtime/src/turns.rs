//! The queue of an organisation and plugin: so that contention ends in an answer and not in starvation.
//!
//! Runs that others may overtake share the turn while they commit. From its second rerun on a call holds the turn
//! alone, from its first read to its commit, and so nothing of this plugin in this process can overtake it again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};
use tsudoi_kernel::calls::CallError;
use tsudoi_kernel::ports::Scope;

/// Forgotten queues are swept out when there are this many.
const SWEEP: usize = 1_024;

#[derive(Default)]
pub struct Turns(Mutex<HashMap<Scope, Weak<RwLock<()>>>>);

impl Turns {
    fn of(&self, scope: Scope) -> Arc<RwLock<()>> {
        // Nothing that could panic happens under the lock, so a poisoned one is as good as any.
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(&scope).and_then(Weak::upgrade) {
            return queue;
        }
        if queues.len() >= SWEEP {
            queues.retain(|_, queue| queue.strong_count() > 0);
        }
        let queue = Arc::default();
        queues.insert(scope, Arc::downgrade(&queue));
        queue
    }

    pub async fn share(&self, scope: Scope, wait: Duration) -> Result<OwnedRwLockReadGuard<()>, CallError> {
        tokio::time::timeout(wait, self.of(scope).read_owned()).await.map_err(|_| CallError::Busy)
    }

    pub async fn alone(&self, scope: Scope, wait: Duration) -> Result<OwnedRwLockWriteGuard<()>, CallError> {
        tokio::time::timeout(wait, self.of(scope).write_owned()).await.map_err(|_| CallError::Busy)
    }
}
