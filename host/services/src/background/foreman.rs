//! Whose work is done next. Organisations take turns, so that one with a long queue keeps nobody waiting; so many pieces
//! run at the same time, and fewer of one organisation.

use crate::{ServiceError, Services};
use std::collections::HashMap;
use tokio::task::JoinSet;
use tsudoi_kernel::OrganisationId;

/// Pieces of work at the same time.
const MOST: usize = 8;
/// Of one organisation.
const MOST_OF_ONE: usize = 2;

/// One for each process; several processes on one database share the work.
pub struct Foreman {
    services: Services,
    running: JoinSet<OrganisationId>,
    of_each: HashMap<OrganisationId, usize>,
    /// Whose turn was last.
    last: Option<OrganisationId>,
}

impl Foreman {
    pub fn new(services: Services) -> Self {
        Self { services, running: JoinSet::new(), of_each: HashMap::new(), last: None }
    }

    /// Begins what is due, as far as there are places. Answers how many pieces it began.
    pub async fn begin_due(&mut self) -> Result<usize, ServiceError> {
        let mut begun = 0;
        let mut waiting = self.services.store().organisations_with_work_all_organisations(self.services.now()).await?;
        while self.running.len() < MOST {
            waiting.retain(|organisation| self.of_each.get(organisation).is_none_or(|count| *count < MOST_OF_ONE));
            // They are in order: the next one after the last, or the first.
            let next = waiting.iter().position(|organisation| self.last.is_none_or(|last| *organisation > last)).unwrap_or(0);
            let Some(organisation) = waiting.get(next).copied() else { break };
            self.last = Some(organisation);
            match self.services.claim_work(organisation).await? {
                Some(due) => {
                    let services = self.services.clone();
                    *self.of_each.entry(organisation).or_default() += 1;
                    self.running.spawn(async move {
                        services.do_work(organisation, due).await;
                        organisation
                    });
                    begun += 1;
                }
                // What looked due belongs to a plugin that is off, or is held up by something that runs.
                None => waiting.retain(|other| *other != organisation),
            }
        }
        Ok(begun)
    }

    /// Until one of those that run has ended; `false` at once where none does.
    pub async fn one_ended(&mut self) -> bool {
        match self.running.join_next().await {
            None => false,
            Some(Ok(organisation)) => {
                if let Some(count) = self.of_each.get_mut(&organisation) {
                    *count -= 1;
                    if *count == 0 {
                        self.of_each.remove(&organisation);
                    }
                }
                true
            }
            Some(Err(error)) => {
                // Its lease ends in a while. Which organisation it was for is lost with it, so all counts begin anew.
                tracing::error!(%error, "a piece of background work ended in the middle");
                self.of_each.clear();
                true
            }
        }
    }

    pub fn is_idle(&self) -> bool {
        self.running.is_empty()
    }
}

impl Services {
    /// Does everything that is due, and what follows from it. Answers how many pieces there were.
    pub async fn do_all_due_work(&self) -> Result<usize, ServiceError> {
        let mut foreman = Foreman::new(self.clone());
        let mut done = 0;
        loop {
            done += foreman.begin_due().await?;
            if !foreman.one_ended().await {
                return Ok(done);
            }
        }
    }
}
