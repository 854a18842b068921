//! The manifest's words for events, jobs and mails.

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

/// A mail that the plugin sends. Its words are the messages `mail-<name>-subject` and `mail-<name>-text` of the locale
/// files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailDeclaration {
    pub name: String,
    pub to: MailTo,
    /// When it is sent, for members who choose which mails they want.
    pub label: Localised,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTo {
    Members,
    Staff,
}

impl MailDeclaration {
    pub fn subject_key(&self) -> String {
        format!("mail-{}-subject", self.name)
    }

    pub fn text_key(&self) -> String {
        format!("mail-{}-text", self.name)
    }
}
