//! Time and randomness come through ports, so that a test can hold them. `clippy.toml` bans the direct calls.

pub use chrono::NaiveDate;
use chrono::{DateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// An instant: milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// As stored and as passed to plugins. Instants before 1970 count as 1970.
    pub const fn millis(self) -> u64 {
        if self.0 < 0 { 0 } else { self.0 as u64 }
    }

    /// The signed count, as databases keep it.
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add_unsigned(millis))
    }

    /// For formatting in a zone. Falls back to the epoch for instants outside chrono's range (the year 262,000).
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

/// What a form sends for a date and a time (`2026-11-26`, `18:30`), on the clocks of a zone. A time that comes twice in autumn is the
/// first; one that is left out in spring is none. An unknown zone counts as UTC.
pub fn local_instant(date: &str, time: &str, zone: &str) -> Option<Timestamp> {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let local = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?.and_time(NaiveTime::parse_from_str(time, "%H:%M").ok()?);
    let instant = zone.from_local_datetime(&local).earliest()?;
    Some(Timestamp(instant.timestamp_millis()))
}

/// The other way round: date and time as forms show them.
pub fn local_fields(instant: Timestamp, zone: &str) -> (String, String) {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let local = instant.to_utc().with_timezone(&zone);
    (local.format("%Y-%m-%d").to_string(), local.format("%H:%M").to_string())
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Where unpredictable bytes come from: a cryptographic generator outside tests.
pub trait Random: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// A token for cookies and links: `N` random bytes as lower-case hexadecimal.
pub fn random_hex<const N: usize>(random: &dyn Random) -> String {
    let mut bytes = [0u8; N];
    random.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_a_form_is_one_of_the_zones_clocks() {
        let tokyo = local_instant("2026-11-26", "18:30", "Asia/Tokyo").unwrap();
        assert_eq!(tokyo.to_utc().to_rfc3339(), "2026-11-26T09:30:00+00:00");
        assert_eq!(local_fields(tokyo, "Asia/Tokyo"), ("2026-11-26".to_owned(), "18:30".to_owned()));
        // On that morning the clocks go from two to three.
        assert_eq!(local_instant("2026-03-29", "02:30", "Europe/Berlin"), None);
        assert_eq!(local_instant("2026-02-30", "10:00", "Asia/Tokyo"), None);
    }
}
