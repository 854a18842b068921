//! What a test can have happen.

use super::forms::NewForm;
use super::money::NewInvoice;
use super::outside::Canned;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use tsudoi_kernel::manifest::outside::Origin;
use tsudoi_kernel::{Locale, Timestamp};
use uuid::Uuid;

/// The first line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Opening {
    /// With a zone: `2026-11-22T09:00:00+09:00`.
    #[serde(deserialize_with = "instant")]
    pub now: Timestamp,
    /// Its name.
    pub organisation: String,
    pub locale: Locale,
    pub time_zone: String,
    /// By its ISO 4217 code.
    #[serde(default = "yen")]
    pub currency: String,
    /// What is installed first, until [`Step::Update`]: an older package, or the same one under a lower version.
    #[serde(default)]
    pub former: Option<Former>,
    /// Interfaces that staff leave out when they enable the plugin.
    #[serde(default)]
    pub without: BTreeSet<String>,
    /// Staff have said who issues invoices.
    #[serde(default = "yes")]
    pub invoices: bool,
}

fn yes() -> bool {
    true
}

fn yen() -> String {
    "JPY".into()
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Former {
    Package(PathBuf),
    Version(String),
}

/// Each line after it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "do")]
pub enum Step {
    Member(NewMember),
    Staff(NewStaff),
    /// As when a member asks for it: the record, and what plugins keep about them.
    Erase {
        member: usize,
    },
    /// All at once.
    Send {
        requests: Vec<Sending>,
    },
    Block(Block),
    /// A template with data, as it is before it is sanitised.
    Render(Render),
    Meets(Meets),
    Segment {
        rule: String,
        #[serde(default)]
        parameters: Map<String, Value>,
    },
    /// The clock goes on; what becomes due in between is done at its time.
    Pass {
        seconds: i64,
    },
    Until {
        #[serde(deserialize_with = "instant")]
        instant: Timestamp,
    },
    /// Another plugin, or the host, tells something.
    Tell(Event),
    Form(NewForm),
    Invoice(NewInvoice),
    Credit {
        invoice: Uuid,
    },
    Charge {
        invoice: Uuid,
    },
    GiveBack {
        payment: Uuid,
        amount: i64,
    },
    /// What the clock shows.
    Now,
    /// What names one wish.
    Token,
    /// An amount as people type it.
    Typed {
        amount: i64,
    },
    /// What the manifest says of the way of paying that the plugin is.
    Gateway,
    Invoices,
    Payments,
    Balances,
    Setting {
        key: String,
        value: Value,
    },
    Secret {
        name: String,
        value: String,
    },
    /// The package is installed and taken into use, with the steps of its own upgrade.
    Update,
    Answer(Canned),
    /// An address outside is away.
    Forget {
        method: String,
        url: String,
    },
    /// A server of the test's stands in for a host outside.
    Lead {
        origin: Origin,
        /// An IP address with a port.
        to: SocketAddr,
    },
    Sent,
    Effects,
    Mails,
    SetAside,
    Documents {
        collection: String,
    },
    Costs,
    Failures,
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = |error| D::Error::custom(format!("{text}: {error}; an instant is written 2026-11-22T09:00:00+09:00"));
    Ok(Timestamp::from_millis(chrono::DateTime::parse_from_rfc3339(&text).map_err(wrong)?.timestamp_millis()))
}

#[derive(Deserialize)]
pub struct NewMember {
    pub name: String,
    /// Family name, a space, given name.
    #[serde(default)]
    pub reading: String,
    #[serde(default)]
    pub tier: Option<String>,
    #[serde(default)]
    pub labels: BTreeSet<String>,
}

#[derive(Deserialize)]
pub struct NewStaff {
    pub name: String,
    /// The names of the plugin's own; without any they hold all of them.
    #[serde(default)]
    pub permissions: Option<BTreeSet<String>>,
    /// The host's own, besides.
    #[serde(default)]
    pub host: BTreeSet<String>,
}

#[derive(Deserialize)]
pub struct Sending {
    /// By the order in which they were made; `None`: somebody who is not signed in.
    pub person: Option<usize>,
    pub method: String,
    /// With the query.
    pub path: String,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// A form; the host's own fields are added.
    #[serde(default)]
    pub fields: Option<Vec<(String, String)>>,
    /// Files of the form.
    #[serde(default)]
    pub files: Vec<Attachment>,
    #[serde(default)]
    pub body: Option<String>,
}

#[derive(Deserialize)]
pub struct Attachment {
    pub field: String,
    pub name: String,
    /// Hexadecimal.
    pub bytes: String,
}

#[derive(Deserialize)]
pub struct Block {
    pub person: Option<usize>,
    pub name: String,
    #[serde(default)]
    pub parameters: Map<String, Value>,
}

#[derive(Deserialize)]
pub struct Render {
    pub template: String,
    pub locale: Locale,
    pub data: Map<String, Value>,
}

#[derive(Deserialize)]
pub struct Meets {
    pub person: usize,
    pub rule: String,
    #[serde(default)]
    pub parameters: Map<String, Value>,
}

#[derive(Deserialize)]
pub struct Event {
    pub topic: String,
    #[serde(default)]
    pub key: String,
    pub payload: Value,
}
