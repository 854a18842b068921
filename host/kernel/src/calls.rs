//! What goes into a plugin call and what comes out, as the rest of the house sees it: the guest's own types stay in
//! the runtime.

use crate::changes::{Read, ReadSet};
use crate::files::Uploaded;
use crate::ids::{FileId, InstallationId};
use crate::locale::Locale;
use crate::manifest::{Area, Manifest, Parameter};
use crate::organisation::Organisation;
use crate::time::Timestamp;
use crate::visitor::Visitor;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A plugin as one organisation has it.
#[derive(Debug, Clone)]
pub struct Installation {
    pub id: InstallationId,
    pub manifest: Arc<Manifest>,
    /// Lower-case hexadecimal SHA-256 of the package: which code runs.
    pub package_hash: String,
    /// The interfaces that the organisation granted.
    pub granted: BTreeSet<String>,
    /// The fields of members that the organisation granted.
    pub member_fields: BTreeSet<String>,
    pub enabled: bool,
    /// Its documents are being copied into a new version: no command runs, queries go on.
    pub upgrading: bool,
    /// It kept failing, or did a while ago.
    pub pause: Option<Pause>,
    /// Where the organisation changed a default.
    pub settings: BTreeMap<String, Value>,
}

/// Nothing of a plugin is run until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    pub until: Timestamp,
    /// How many there were in a row, with this one.
    pub times: u32,
}

impl Installation {
    /// What the organisation chose, or the default: also where what it chose for an earlier version is no value any more.
    pub fn setting<'a>(&'a self, key: &str, declaration: &'a Parameter) -> &'a Value {
        let chosen = self.settings.get(key).filter(|chosen| declaration.check(chosen).is_ok());
        chosen.or(declaration.default.as_ref()).unwrap_or(&Value::Null)
    }

    /// The end of the pause that it is in.
    pub fn paused_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.pause.map(|pause| pause.until).filter(|until| now < *until)
    }
}

/// For whom and about what a call is made. `number` is the organisation's clock when visitor and installation were
/// loaded: they are things that the call reads.
#[derive(Debug, Clone)]
pub struct CallContext {
    pub organisation: Arc<Organisation>,
    pub installation: Arc<Installation>,
    pub visitor: Arc<Visitor>,
    pub locale: Locale,
    pub number: u64,
    /// Shown on error pages and written to the log.
    pub request_id: String,
}

/// Names one command, unique in its commit: a form's nonce, an event and its subscriber, a job's run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub String);

/// A request to one of the plugin's routes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageRequest {
    /// The name of the matched route.
    pub route: String,
    pub parameters: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub form: Vec<(String, String)>,
    /// Files that came with the form. They are the plugin's once the call has succeeded.
    pub uploads: Vec<Uploaded>,
    /// Set where the body is JSON.
    pub body: Option<Value>,
}

/// A template of the plugin with its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rendering {
    pub template: String,
    /// Shared with the host's cache.
    #[serde(with = "shared")]
    pub data: Arc<Value>,
    pub title: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    View(Rendering),
    /// A path of this plugin, or of the site where it starts with one `/`.
    Redirect(String),
    Json(Value),
    Download {
        name: String,
        media_type: String,
        bytes: Vec<u8>,
    },
    /// One that the plugin keeps.
    StoredFile(FileId),
}

/// Beside which field, and what: a message key of the plugin's locale files, or plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// How a call ended that the plugin itself declined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// 422; the form is shown again with these.
    Invalid(Vec<FieldError>),
    /// 404
    NotFound,
    /// 403
    Forbidden,
    /// 409, with a message for the person.
    Conflict(String),
    /// 503
    Unavailable(String),
    /// 500 for people; code and detail for the log.
    Other { code: String, detail: String },
}

/// Why a call gave no answer of the plugin's.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    #[error("the plugin declined: {0:?}")]
    Declined(Failure),
    /// It trapped, ran out of memory or of host calls, or answered what makes no sense. For staff and the log.
    #[error("the plugin failed: {0}")]
    Trapped(String),
    #[error("the plugin ran longer than it may")]
    TimedOut,
    /// All places for calls are taken, or others kept changing what this one read: 503 with Retry-After.
    #[error("too much is going on; try again")]
    Busy,
    #[error("the database did not answer: {0}")]
    Unavailable(String),
    /// The package can't be run: it is missing, or was refused when it was compiled.
    #[error("the plugin can't be loaded: {0}")]
    NotLoadable(String),
}

/// What a call answered and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered<T> {
    pub value: T,
    /// The organisation's clock that the answer is true for.
    pub number: u64,
    /// What it depends on: it stays true until a change touches one of these, or until `until`.
    pub reads: Arc<ReadSet>,
    pub until: Option<Timestamp>,
    /// The records of the visitor, where it asked who is looking: it depends on them too. They are apart, since one
    /// answer serves all to whom its questions have the same answers.
    pub visitor_reads: Vec<Read>,
    /// Whether it asked which member is looking: then it is for nobody else.
    pub of_member: bool,
    /// Whether it came from memory, and nothing was run.
    pub cached: bool,
    /// Names it among the answers that this process keeps: the same name, the same answer. For what is made from it.
    pub kept: Option<u64>,
    /// How often it was run again.
    pub reruns: u32,
    pub host_calls: u32,
    /// Documents that it wrote or deleted.
    pub written: u32,
}

impl<T> Answered<T> {
    /// What depends on nothing but what went in.
    pub fn of(value: T, number: u64) -> Self {
        let reads = Arc::default();
        Self {
            value,
            number,
            reads,
            until: None,
            visitor_reads: Vec::new(),
            of_member: false,
            cached: false,
            kept: None,
            reruns: 0,
            host_calls: 0,
            written: 0,
        }
    }
}

/// JSON behind an `Arc` is written and read like JSON.
mod shared {
    use super::{Arc, Value};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(value: &Arc<Value>, serializer: S) -> Result<S::Ok, S::Error> {
        (**value).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Value>, D::Error> {
        Value::deserialize(deserializer).map(Arc::new)
    }
}

/// The path of a plugin's page on the site: `path` begins with `/`.
pub fn plugin_path(area: Area, plugin: &str, path: &str) -> String {
    let prefix = match area {
        Area::Site => "/p/",
        Area::Admin => "/admin/p/",
    };
    format!("{prefix}{plugin}{path}")
}
