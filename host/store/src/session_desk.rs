//! Looking up sessions for requests that come at the same time: they share statements. Each is in a statement that began
//! after it asked, so it sees everything that was committed before.

use crate::visits::SessionVisit;
use crate::{Store, StoreError};
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;
use tsudoi_kernel::{OrganisationId, Timestamp};

/// Of one statement.
const MOST: usize = 32;

/// Statements under way at the same time. While they are, those who come gather for the next one.
const AT_ONCE: usize = 2;

/// What one request asks for.
pub(crate) struct Asked {
    pub organisation: OrganisationId,
    pub token_hash: Vec<u8>,
    pub now: Timestamp,
}

type Answer = Result<Option<SessionVisit>, StoreError>;

#[derive(Default)]
struct Inside {
    waiting: Vec<(Asked, oneshot::Sender<Answer>)>,
    under_way: usize,
}

#[derive(Default)]
pub(crate) struct SessionDesk(Mutex<Inside>);

impl SessionDesk {
    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        // Nothing that could panic happens under the lock, so a poisoned one is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next who share a statement, or nobody: then whoever asked is done.
    fn next(&self) -> Vec<(Asked, oneshot::Sender<Answer>)> {
        let mut inside = self.inside();
        if inside.waiting.is_empty() {
            inside.under_way -= 1;
        }
        let many = inside.waiting.len().min(MOST);
        inside.waiting.drain(..many).collect()
    }

    /// Whether somebody has to be found who asks the database.
    fn queue(&self, asked: Asked, answer: oneshot::Sender<Answer>) -> bool {
        let mut inside = self.inside();
        inside.waiting.push((asked, answer));
        let wanted = inside.under_way < AT_ONCE;
        if wanted {
            inside.under_way += 1;
        }
        wanted
    }
}

impl Store {
    pub(crate) async fn looked_up(&self, asked: Asked) -> Answer {
        let (answer, answered) = oneshot::channel();
        if self.inner.sessions.queue(asked, answer) {
            // A task of its own: whoever asked may go away, and others wait for the same statement.
            let store = self.clone();
            tokio::spawn(async move {
                loop {
                    let batch = store.inner.sessions.next();
                    if batch.is_empty() {
                        break;
                    }
                    store.look_up(batch).await;
                }
            });
        }
        answered.await.unwrap_or_else(|_| Err(StoreError::Broken("nobody looked the session up".into())))
    }

    async fn look_up(&self, batch: Vec<(Asked, oneshot::Sender<Answer>)>) {
        let (asked, answers): (Vec<Asked>, Vec<_>) = batch.into_iter().unzip();
        match self.session_visits(&asked).await {
            Ok(found) => answers.into_iter().zip(found).for_each(|(answer, found)| drop(answer.send(Ok(found)))),
            Err(error) => answers.into_iter().for_each(|answer| drop(answer.send(Err(error.for_another())))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(n: u8) -> Asked {
        Asked { organisation: OrganisationId(uuid::Uuid::nil()), token_hash: vec![n; 32], now: Timestamp::from_millis(0) }
    }

    #[test]
    fn those_who_come_while_statements_are_under_way_share_the_next_one() {
        let desk = SessionDesk::default();
        let queue = |n| desk.queue(asked(n), oneshot::channel().0);
        assert_eq!([queue(1), queue(2), queue(3)], [true, true, false]);
        assert_eq!(desk.next().len(), 3);
        assert!(!queue(4), "two are under way already");
        assert_eq!(desk.next().len(), 1);
        assert!(desk.next().is_empty() && desk.next().is_empty(), "both are done");
        let many: Vec<bool> = (0..=MOST as u8).map(queue).collect();
        assert_eq!(many.iter().filter(|wanted| **wanted).count(), AT_ONCE);
        assert_eq!((desk.next().len(), desk.next().len()), (MOST, 1));
    }
}
