//! When a scheduled job runs: five fields of cron, read in an organisation's time zone.

use crate::time::Timestamp;
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// Minute, hour, day of the month, month, day of the week. Nothing is finer than a minute.
#[derive(Debug, Clone)]
pub struct Schedule(Cron);

/// The text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a schedule: {0}")]
pub struct NotASchedule(String);

impl Schedule {
    /// Five fields, such as `30 3 * * *`, or `@daily` and its like. A day that never comes, 30 February, is refused.
    pub fn parse(text: &str) -> Result<Self, NotASchedule> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser
            .parse(text)
            .map_err(|error| NotASchedule(format!("{error} Minute, hour, day, month and day of the week are expected: 30 3 * * *")))?;
        let schedule = Self(cron);
        match schedule.next_after(Timestamp::from_millis(0), "UTC") {
            Some(_) => Ok(schedule),
            None => Err(NotASchedule("it never comes".to_owned())),
        }
    }

    /// The first time after `instant`. A time that the clocks leave out in spring is made up for when they have gone
    /// forward; one that comes twice in autumn counts once, the first time, unless the schedule has every hour or minute.
    /// An unknown zone counts as UTC.
    pub fn next_after(&self, instant: Timestamp, zone: &str) -> Option<Timestamp> {
        let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
        let next = self.0.find_next_occurrence(&instant.to_utc().with_timezone(&zone), false).ok()?;
        Some(Timestamp::from_millis(next.timestamp_millis()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeZone};

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    /// The next `count` times after `from`, as the zone's clocks show them.
    fn runs(schedule: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::parse(schedule).unwrap();
        let tz: Tz = zone.parse().unwrap();
        let mut instant = at(from);
        let mut found = Vec::new();
        for _ in 0..count {
            instant = schedule.next_after(instant, zone).unwrap();
            found.push(tz.from_utc_datetime(&instant.to_utc().naive_utc()).format("%m-%d %H:%M %z").to_string());
        }
        found
    }

    #[test]
    fn a_job_runs_by_the_clocks_of_the_organisation() {
        assert_eq!(runs("30 3 * * *", "Asia/Tokyo", "2026-11-24T18:29:59Z", 2), ["11-25 03:30 +0900", "11-26 03:30 +0900"]);
    }

    #[test]
    fn a_time_that_is_left_out_in_spring_is_made_up_for_once() {
        // 2026-03-29 in Berlin: 02:00 becomes 03:00. 2026-03-08 in New York likewise.
        let berlin = runs("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3);
        assert_eq!(berlin, ["03-28 02:30 +0100", "03-29 03:00 +0200", "03-30 02:30 +0200"]);
        let new_york = runs("30 2 * * *", "America/New_York", "2026-03-07T06:00:00Z", 3);
        assert_eq!(new_york, ["03-07 02:30 -0500", "03-08 03:00 -0400", "03-09 02:30 -0400"]);
    }

    #[test]
    fn a_time_that_comes_twice_in_autumn_counts_once() {
        // 2026-10-25 in Berlin: 03:00 becomes 02:00. 2026-11-01 in New York: 02:00 becomes 01:00.
        let berlin = runs("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
        assert_eq!(berlin, ["10-25 02:30 +0200", "10-26 02:30 +0100"]);
        let new_york = runs("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", 2);
        assert_eq!(new_york, ["11-01 01:30 -0400", "11-02 01:30 -0500"]);
    }

    #[test]
    fn what_runs_all_the_time_neither_pauses_nor_hurries_when_clocks_change() {
        let autumn = runs("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:59:00Z", 6);
        assert_eq!(
            autumn,
            ["10-25 02:00 +0200", "10-25 02:30 +0200", "10-25 02:00 +0100", "10-25 02:30 +0100", "10-25 03:00 +0100", "10-25 03:30 +0100"]
        );
        let spring = runs("*/30 * * * *", "America/New_York", "2026-03-08T06:29:00Z", 3);
        assert_eq!(spring, ["03-08 01:30 -0500", "03-08 03:00 -0400", "03-08 03:30 -0400"]);
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for wrong in ["", "* * * *", "61 * * * *", "* * * * * *", "*/5 * * * * *", "every day", "0 0 30 2 *"] {
            assert!(Schedule::parse(wrong).is_err(), "{wrong}");
        }
        for good in ["* * * * *", "0 9 * * MON", "0 0 1 * *", "@daily"] {
            assert!(Schedule::parse(good).is_ok(), "{good}");
        }
    }
}
