//! Events: telling others that something has happened, and hearing of it. Telling needs the permission `events-emit`;
//! hearing of another plugin's topic, or the host's, needs `event:<topic>`.

use crate::Timestamp;
use crate::bindings::events::exports::tsudoi::plugin::events;
use crate::bindings::imports::tsudoi::plugin::events_emit;
use crate::failure::{Error, Failure};
use crate::id::Id;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Tells every subscriber, each exactly once, when this call succeeds. `name` is one of the manifest's topics; others
/// know it as `<plugin id>.<name>`. Events with the same order key are handled one after another; with an empty one,
/// in any order.
///
/// ```no_run
/// use tsudoi_plugin::{Error, Id, events};
///
/// fn tell(thread: &Id, post: &Id) -> Result<(), Error> {
///     events::emit("posted", thread.as_str(), &serde_json::json!({ "thread": thread, "post": post }))
/// }
/// ```
pub fn emit(name: &str, order_key: &str, payload: &impl Serialize) -> Result<(), Error> {
    events_emit::emit(name, order_key, &serde_json::to_string(payload)?)
}

/// Something that has happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: Id,
    /// `<plugin id>.<name>`, or a topic of the host's such as `member.joined`.
    pub topic: String,
    pub occurred: Timestamp,
    pub payload: Value,
}

impl Event {
    pub(crate) fn from_contract(event: events::Event) -> Result<Self, Failure> {
        let payload = serde_json::from_str(&event.payload)?;
        Ok(Self { id: Id::known(event.id), topic: event.topic, occurred: event.occurred, payload })
    }

    /// What it carries, as the type that its teller documents.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        Ok(serde_json::from_value(self.payload.clone())?)
    }
}
