//! Calls from outside, as the house passes them on and keeps them.

use serde::{Deserialize, Serialize};

/// A call that the host let in: its signature was right and its time was near, where the manifest asks for that.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookCall {
    /// The name of the webhook in the manifest.
    pub route: String,
    /// Those that a plugin may see, names in lower case.
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// By what a repeat is recognised.
    pub keys: Vec<String>,
}

/// What the plugin answered: plain text, or JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookAnswer {
    pub status: u16,
    pub text: String,
}

/// What is kept with the call's commit, for whoever sends the same event again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedWebhook {
    pub plugin: String,
    pub keys: Vec<String>,
    pub answer: WebhookAnswer,
}
