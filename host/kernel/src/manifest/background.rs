//! The manifest's words for events and jobs.

use crate::locale::Localised;
use serde::{Deserialize, Serialize};

/// Something that the plugin tells: its topic is `<plugin id>.<name>`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicDeclaration {
    pub name: String,
    pub label: Localised,
}

/// Something that it wants to be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// `<plugin id>.<name>`, or a topic of the host's. Any that is not its own takes the permission `event:<topic>`.
    pub topic: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobDeclaration {
    pub name: String,
    pub label: Localised,
    /// Runs by itself at these times of the organisation's clocks.
    #[serde(default)]
    pub cron: Option<String>,
}
