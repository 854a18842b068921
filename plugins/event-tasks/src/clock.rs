//! Dates and times of the organisation's zone. Staff type them, the plugin keeps instants. The contract tells the zone's name and has no
//! conversion, so the rules of all zones come with jiff; what it does with a time that clocks leave out or show twice is RFC 5545's way.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use tsudoi_plugin::{Error, Timestamp, context};

pub const MINUTE: u64 = 60_000;

#[derive(Debug, Clone)]
pub struct Clock(TimeZone);

impl Clock {
    pub fn of_organisation() -> Result<Self, Error> {
        Ok(Self::of_zone(&context::organisation()?.time_zone))
    }

    /// A name that nobody knows counts as UTC, as it does with the host.
    pub fn of_zone(name: &str) -> Self {
        Self(TimeZone::get(name).unwrap_or(TimeZone::UTC))
    }

    /// What a field of the type `datetime-local` sends, and what people type where there is no such field: `2026-12-24T18:00`,
    /// `2026/12/24 18:00`.
    pub fn instant(&self, typed: &str) -> Result<Timestamp, &'static str> {
        let (date, time) = typed.split_once(['T', ' ']).ok_or("time-malformed")?;
        let date = date_of(&date.replace('/', "-")).ok_or("time-malformed")?;
        self.at(date.to_datetime(time_of(time.trim()).ok_or("time-malformed")?)).ok_or("time-malformed")
    }

    fn at(&self, local: DateTime) -> Option<Timestamp> {
        let instant = self.0.to_ambiguous_timestamp(local).compatible().ok()?;
        u64::try_from(instant.as_millisecond()).ok()
    }

    fn local(&self, instant: Timestamp) -> DateTime {
        let instant = i64::try_from(instant).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
        self.0.to_datetime(instant.unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// For a field of the type `datetime-local`.
    pub fn typed(&self, instant: Timestamp) -> String {
        self.local(instant).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// `2026-12-24`.
    pub fn day(&self, instant: Timestamp) -> String {
        self.local(instant).date().to_string()
    }

    /// From 1, Monday, to 7.
    pub fn weekday(&self, instant: Timestamp) -> i8 {
        self.local(instant).weekday().to_monday_one_offset()
    }

    /// `18:00`.
    pub fn time(&self, instant: Timestamp) -> String {
        self.local(instant).strftime("%H:%M").to_string()
    }

    /// `2026-12-24 18:00`, as programs read it.
    pub fn day_and_time(&self, instant: Timestamp) -> String {
        self.local(instant).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The first instant of a day. Some zones put their clocks forward at midnight: then it begins an hour later.
    pub fn start_of(&self, day: &str) -> Timestamp {
        date_of(day).and_then(|day| self.at(day.to_datetime(Time::midnight()))).unwrap_or_default()
    }

    /// The same time on a day so many days later, by what clocks show.
    pub fn days_later(&self, instant: Timestamp, days: i64) -> Timestamp {
        let later = self.local(instant).checked_add(Span::new().try_days(days).unwrap_or_default());
        later.ok().and_then(|later| self.at(later)).unwrap_or(instant)
    }
}

/// A date so many days before another; after it where `days` is below zero.
pub fn days_before(day: &str, days: i64) -> Option<String> {
    let before = date_of(day)?.checked_sub(Span::new().try_days(days).ok()?).ok()?;
    Some(before.to_string())
}

/// The first day of the year so many years before that of `day`.
pub fn start_of_year(day: &str, years_before: i16) -> Option<String> {
    let year = date_of(day)?.first_of_year().checked_sub(i64::from(years_before).years()).ok()?;
    Some(year.to_string())
}

/// `2026-12-24`, between the years 1970 and 2200.
pub fn date_of(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let mut number = || parts.next().filter(|part| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()));
    let (year, month, day) = (number()?.parse().ok()?, number()?.parse().ok()?, number()?.parse().ok()?);
    Date::new(year, month, day).ok().filter(|date| (1970..=2200).contains(&date.year()))
}

/// `18:00`, or with seconds, which are left out.
fn time_of(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let mut number = || parts.next().filter(|part| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()));
    let (hour, minute) = (number()?.parse().ok()?, number()?.parse().ok()?);
    Time::new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_time_of_the_organisations_zone() {
        let tokyo = Clock::of_zone("Asia/Tokyo");
        assert_eq!(tokyo.instant("2026-12-24T18:00"), Ok(1_798_102_800_000));
        assert_eq!(tokyo.instant("2026/12/24 18:00"), Ok(1_798_102_800_000));
        assert_eq!(Clock::of_zone("America/New_York").instant("2026-07-04T09:30"), Ok(1_783_171_800_000));
        assert_eq!(Clock::of_zone("Nowhere/Here").instant("1970-01-01T00:00"), Ok(0));
        for wrong in ["", "2026-12-24", "2026-13-01T10:00", "2026-02-29T10:00", "2026-12-24T25:00", "明日の18:00", "0000-01-01T00:00"] {
            assert_eq!(tokyo.instant(wrong), Err("time-malformed"), "{wrong}");
        }
    }

    #[test]
    fn each_minute_of_a_year_is_shown_as_it_was_typed_but_for_those_that_clocks_leave_out() {
        // By the hour and seven minutes, so that every hour of the clocks' changes is met.
        for zone in ["Asia/Tokyo", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/Santiago"] {
            let clock = Clock::of_zone(zone);
            let (mut local, mut left_out) = (DateTime::constant(2026, 1, 1, 0, 0, 0, 0), 0);
            while local.year() == 2026 {
                let typed = local.strftime("%Y-%m-%dT%H:%M").to_string();
                let shown = clock.typed(clock.instant(&typed).unwrap());
                left_out += u32::from(shown != typed);
                assert!(shown >= typed, "{zone}: {typed} became {shown}");
                local = local.checked_add(67.minutes()).unwrap();
            }
            assert!(left_out <= 2, "{zone}: {left_out}");
        }
    }

    #[test]
    fn days_are_counted_over_months_and_by_what_clocks_show() {
        assert_eq!(days_before("2026-03-05", 14).as_deref(), Some("2026-02-19"));
        assert_eq!(days_before("2026-12-30", -3).as_deref(), Some("2027-01-02"));
        assert_eq!(days_before("soon", 1), None);
        assert_eq!(start_of_year("2026-11-22", 1).as_deref(), Some("2025-01-01"));
        let london = Clock::of_zone("Europe/London");
        let before = london.instant("2026-03-28T18:00").unwrap();
        assert_eq!(london.typed(london.days_later(before, 1)), "2026-03-29T18:00");
        assert_eq!(london.start_of("2026-03-29"), london.instant("2026-03-29T00:00").unwrap());
    }
}
