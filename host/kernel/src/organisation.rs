//! An organisation: a club, an association, a society, a gym.

use crate::ids::OrganisationId;
use crate::locale::Locale;
use crate::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    pub id: OrganisationId,
    /// In development addresses (`<slug>.localhost`) and on the command line: `a-z`, `0-9` and `-`.
    pub slug: String,
    pub name: String,
    /// The language of its site where a visitor asked for none.
    pub locale: Locale,
    /// An IANA name, such as `Asia/Tokyo`.
    pub time_zone: String,
    /// ISO 4217, such as `JPY`.
    pub currency: String,
    /// The folder name of the theme that it chose.
    pub theme: String,
}

impl Organisation {
    /// The day that it is there at an instant.
    pub fn day(&self, at: Timestamp) -> NaiveDate {
        let zone: chrono_tz::Tz = self.time_zone.parse().unwrap_or(chrono_tz::UTC);
        at.to_utc().with_timezone(&zone).date_naive()
    }
}

/// Whether `slug` can be a label of a host name: 1 to 40 of `a-z`, `0-9`, `-`, not at an end.
pub fn is_slug(slug: &str) -> bool {
    (1..=40).contains(&slug.len())
        && slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
}
