//! What happens after a commit and apart from any request: events that subscribers handle, and jobs that plugins run.

use crate::calls::{Answered, CallContext, CallError};
use crate::ids::{InstallationId, OrganisationId};
use crate::ports::Boxed;
use crate::time::{Random, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What the host itself tells. A plugin's topics begin with its id, and no plugin is called like one of these.
pub const HOST_TOPICS: [&str; 6] =
    ["member.joined", "page.published", "invoice.issued", "invoice.paid", "invoice.refunded", crate::form::ANSWERED];

/// Whether `name` is the first part of a topic of the host's.
pub fn is_host_name(name: &str) -> bool {
    // In pages' texts `::form/…` is a form of the host's.
    name == crate::form::IN_PAGES || HOST_TOPICS.iter().any(|topic| topic.split_once('.').is_some_and(|(first, _)| first == name))
}

/// How the permission to hear of a topic begins.
pub const EVENT_PERMISSION: &str = "event:";

/// The permission to hear of a topic.
pub fn permission_of(topic: &str) -> String {
    format!("{EVENT_PERMISSION}{topic}")
}

/// The key of the text that says what a permission lets a plugin do; of another plugin's topic, with that plugin's id.
pub fn permission_words(interface: &str) -> (String, Option<&str>) {
    match interface.strip_prefix(EVENT_PERMISSION) {
        None => (format!("plugin-power-{interface}"), None),
        Some(topic) if HOST_TOPICS.contains(&topic) => (format!("plugin-hears-{}", topic.replace('.', "-")), None),
        Some(topic) => ("plugin-hears".to_owned(), Some(topic.split_once('.').map_or(topic, |(plugin, _)| plugin))),
    }
}

/// Something that happened, as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Emitted {
    pub id: Uuid,
    /// `<plugin id>.<name>`, or one of [`HOST_TOPICS`].
    pub topic: String,
    /// Events with the same key are handled in their order; without one there is no order.
    pub order_key: String,
    pub payload: Value,
    /// How many events led to this one, with itself: 1 where a person or a job began it.
    pub depth: u32,
}

/// A job that a call asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enqueued {
    pub id: Uuid,
    /// One that the manifest declares.
    pub name: String,
    pub payload: Value,
    /// `None`: now.
    pub run_at: Option<Timestamp>,
    /// Takes the place of one with the same key that is not running.
    pub key: Option<String>,
    /// How many events led to it.
    pub depth: u32,
}

/// An event that one installation is to handle. Claimed: nobody else handles it until its lease ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    pub organisation: OrganisationId,
    pub installation: InstallationId,
    pub event: Emitted,
    pub occurred: Timestamp,
    /// Which try this is, from 1.
    pub attempt: u32,
}

/// A job that is to run. Claimed, like a delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub organisation: OrganisationId,
    pub installation: InstallationId,
    pub id: Uuid,
    pub name: String,
    pub payload: Value,
    pub depth: u32,
    /// Which try this is, from 1.
    pub attempt: u32,
}

/// Running what waits. Implemented by the runtime, used by the workers. What the call writes, what it asks for and the
/// mark that it is done are one commit; a second run of what is done already changes nothing and is a success.
pub trait PluginWork: Send + Sync {
    fn handle(&self, context: CallContext, delivery: Delivery) -> Boxed<'_, Result<Answered<()>, CallError>>;
    fn run_job(&self, context: CallContext, job: Job) -> Boxed<'_, Result<Answered<()>, CallError>>;
}

/// How often an event is tried before it is set aside: for about ten minutes, in which its key waits.
pub const EVENT_ATTEMPTS: u32 = 8;
/// How often a job is tried before it is set aside: for about two and a half hours.
pub const JOB_ATTEMPTS: u32 = 12;

const FIRST_WAIT_MS: u64 = 5_000;
const LONGEST_WAIT_MS: u64 = 60 * 60 * 1_000;

/// How long to wait after the try `attempt` failed: twice as long each time, and shorter by up to a fifth, so that
/// what failed together is not tried again together.
pub fn wait_after(attempt: u32, random: &dyn Random) -> u64 {
    let doubled = 1_u64.checked_shl(attempt.saturating_sub(1)).unwrap_or(u64::MAX);
    let longest = FIRST_WAIT_MS.saturating_mul(doubled).min(LONGEST_WAIT_MS);
    let mut byte = [0];
    random.fill(&mut byte);
    longest - longest / 5 * u64::from(byte[0]) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);
    impl Random for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn waits_double_up_to_an_hour_and_spread_over_a_fifth() {
        let longest: Vec<u64> = [1, 2, 3, 11, 200].map(|attempt| wait_after(attempt, &Always(0)) / 1000).into();
        assert_eq!(longest, [5, 10, 20, 3600, 3600]);
        assert_eq!(wait_after(1, &Always(255)), 4_000);
        let whole = |attempts| (1..attempts).map(|attempt| wait_after(attempt, &Always(0))).sum::<u64>() / 60_000;
        assert_eq!((whole(EVENT_ATTEMPTS), whole(JOB_ATTEMPTS)), (10, 145));
    }

    #[test]
    fn the_hosts_names_are_taken() {
        assert!(is_host_name("member") && is_host_name("page") && !is_host_name("fan-board"));
    }
}
