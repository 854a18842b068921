//! Days that are over, summed up: entries are never changed, so neither are these, and a statement reads at most a month of them.

use crate::dates::{self, Date};
use crate::model::{DAYS, Day, Entry, Sums};
use serde::{Deserialize, Serialize};
use tsudoi_plugin::Failure;

/// Entries that are read together, and how often in one job.
const AT_ONCE: u32 = 1_000;
const PAGES: u32 = 5;

/// A day that is being summed up, and where to go on in it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Part {
    day: Day,
    cursor: String,
}

/// The last day before `on` that was summed up.
fn last_before(on: Date) -> Result<Option<Day>, Failure> {
    Ok(Day::IN_ORDER.query().before(on).descending().first()?.map(|day| day.body))
}

/// The first day that is over and not summed up yet, with nothing added so far.
fn next_day() -> Result<Option<Day>, Failure> {
    let today = dates::today()?;
    let before = last_before(today)?;
    let mut open = Entry::BY_DAY.query().before(today);
    if let Some(day) = &before {
        open = open.after(day.on);
    }
    Ok(open.first()?.map(|entry| Day::after(before.as_ref(), entry.body.on)))
}

/// What is to be done next.
pub enum Next {
    Done,
    Day,
    Part(Box<Part>),
}

/// Sums up one day that is over, or a part of it. A call that began yesterday has ended by the time this runs, so nothing comes
/// to such a day any more.
pub fn close(part: Option<Part>) -> Result<Next, Failure> {
    let (mut day, mut cursor) = match part {
        Some(part) => (part.day, Some(part.cursor)),
        None => match next_day()? {
            Some(day) => (day, None),
            None => return Ok(Next::Done),
        },
    };
    for _ in 0..PAGES {
        let page = Entry::BY_DAY.equal(day.on).limit(AT_ONCE).cursor(cursor.as_deref()).page()?;
        page.documents.iter().for_each(|entry| day.add(&entry.body));
        cursor = page.next;
        if cursor.is_none() {
            DAYS.insert(&day)?;
            return Ok(Next::Day);
        }
    }
    Ok(cursor.map_or(Next::Day, |cursor| Next::Part(Box::new(Part { day, cursor }))))
}

/// Some days together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Period {
    pub free: Column,
    pub paid: Column,
    /// There are so many entries of days that are not summed up yet that some are left out.
    pub is_partial: bool,
}

/// Points of one kind: what was outstanding before, how they moved, and what is outstanding afterwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Column {
    pub before: i64,
    pub sums: Sums,
    pub after: i64,
}

impl Column {
    fn of(before: i64, sums: impl Iterator<Item = Sums>) -> Self {
        let mut all = Sums::default();
        sums.for_each(|sums| all.merge(sums));
        Self { before, sums: all, after: before + all.all() }
    }
}

/// The days from `from` up to before `until`, at most a month: those that are summed up, and entries behind them.
pub fn between(from: Date, until: Date) -> Result<Period, Failure> {
    let mut days: Vec<Day> = last_before(from)?.into_iter().collect();
    let closed = Day::IN_ORDER.query().from(from).before(until).limit(31).page()?;
    days.extend(closed.documents.into_iter().map(|day| day.body));
    let mut open = Entry::BY_DAY.query().before(until).limit(AT_ONCE);
    if let Some(day) = days.last() {
        open = open.after(day.on);
    }
    let open = open.page()?;
    for entry in &open.documents {
        add(&mut days, entry.body.on, |day| day.add(&entry.body));
    }
    Ok(Period { is_partial: open.next.is_some(), ..summed(&days, from) })
}

/// To the last day, or to a new one behind it.
fn add(days: &mut Vec<Day>, on: Date, to: impl FnOnce(&mut Day)) {
    if days.last().is_none_or(|day| day.on != on) {
        days.push(Day::after(days.last(), on));
    }
    if let Some(day) = days.last_mut() {
        to(day);
    }
}

fn summed(days: &[Day], from: Date) -> Period {
    let before = days.iter().rfind(|day| day.on < from);
    let within = || days.iter().filter(|day| day.on >= from);
    Period {
        free: Column::of(before.map_or(0, |day| day.free_outstanding), within().map(|day| day.free)),
        paid: Column::of(before.map_or(0, |day| day.paid_outstanding), within().map(|day| day.paid)),
        is_partial: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    fn date(text: &str) -> Date {
        dates::parse(text).unwrap()
    }

    #[test]
    fn a_period_begins_with_what_was_there_before_and_adds_up() {
        let mut days = Vec::new();
        for (on, kind, points) in [
            ("2026-10-30", Kind::Granted, 100),
            ("2026-11-01", Kind::Spent, -30),
            ("2026-11-01", Kind::Adjusted, -5),
            ("2026-11-02", Kind::Adjusted, 7),
        ] {
            add(&mut days, date(on), |day| {
                day.free.add(kind, points);
                day.free_outstanding += points;
            });
        }
        let period = summed(&days, date("2026-11-01"));
        assert_eq!((period.free.before, period.free.after), (100, 72));
        assert_eq!((period.free.sums.spent, period.free.sums.removed, period.free.sums.added), (-30, -5, 7));
        assert_eq!(period.paid, Column::default());
        let later = summed(&days, date("2026-12-01"));
        assert_eq!((later.free.before, later.free.after), (72, 72));
    }
}
