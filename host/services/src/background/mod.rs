//! What happens apart from any request: handlers of events, jobs and schedules. The [`Foreman`] gives each organisation
//! its share; what keeps failing is set aside for staff.

mod aside;
mod foreman;
mod run;
mod schedules;
#[cfg(test)]
mod tests;

pub use aside::Aside;
pub use foreman::Foreman;
pub use tsudoi_store::{WorkKey, WorkKind};

use crate::Services;
use tsudoi_kernel::background::Emitted;

impl Services {
    /// Something that the host tells: one of `HOST_TOPICS`.
    pub(crate) fn host_event(&self, topic: &str, order_key: String, payload: serde_json::Value) -> Emitted {
        Emitted { id: self.fresh_id(), topic: topic.to_owned(), order_key, payload, depth: 1 }
    }
}
