//! The card on a member's own page: the events that they are registered for or wait for, and how often they came to those before.

use crate::asker::Asker;
use crate::catalogue::{Period, start_of_today};
use crate::clock::{self, Clock};
use crate::model::{EVENTS, Event, Registration, RegistrationState};
use serde::Serialize;
use std::collections::BTreeMap;
use tsudoi_plugin::{Document, Failure, Id, Timestamp, View, context};

/// More events of one member than these are not looked at.
const MOST: u32 = 300;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a Id,
    title: &'a str,
    period: Period,
    state: RegistrationState,
    called_off: bool,
}

/// Of the events of a year that are over and that they had a place in.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Rate {
    registered: u32,
    attended: u32,
    /// Whole per cent.
    percent: u32,
}

impl Rate {
    fn of<'a>(registrations: impl Iterator<Item = &'a Registration>) -> Self {
        let (mut registered, mut attended) = (0, 0);
        for registration in registrations.filter(|found| found.state == RegistrationState::Registered) {
            registered += 1;
            attended += u32::from(registration.attended == Some(true));
        }
        Self { registered, attended, percent: (attended * 100).checked_div(registered).unwrap_or_default() }
    }
}

pub fn card() -> Result<View, Failure> {
    let member = Asker::of_call().member().ok_or(Failure::NotFound)?;
    let clock = Clock::of_organisation()?;
    let today = context::today();
    let now = start_of_today(&clock);
    let year = |before: i16| clock::start_of_year(&today, before).map_or(now, |day| clock.start_of(&day));
    let (last_year, this_year): (Timestamp, Timestamp) = (year(1), year(0));

    let of_member = || Registration::OF_MEMBER.equal(&member).limit(MOST);
    let past = of_member().from(last_year).before(now).page()?.documents;
    let mut coming = of_member().from(now).page()?.documents;
    coming.retain(|registration| registration.body.is_active());
    if past.is_empty() && coming.is_empty() {
        return Err(Failure::NotFound);
    }
    let ids: Vec<Id> = coming.iter().map(|registration| registration.body.event.clone()).collect();
    let events: BTreeMap<Id, Event> = EVENTS.get_many(&ids)?.into_iter().flatten().map(|event| (event.id, event.body)).collect();
    let line = |registration: &Document<Registration>| {
        let (id, event) = events.get_key_value(&registration.body.event)?;
        Some(Line {
            id,
            title: &event.title,
            period: Period::new(event.starts_at, event.ends_at, &clock),
            state: registration.body.state,
            called_off: event.state == crate::model::EventState::CalledOff,
        })
    };
    let in_year = |from: Timestamp, to: Timestamp| {
        Rate::of(past.iter().map(|found| &found.body).filter(move |found| (from..to).contains(&found.starts_at)))
    };
    let data = serde_json::json!({
        "events": coming.iter().filter_map(line).collect::<Vec<_>>(),
        "this_year": in_year(this_year, now),
        "last_year": in_year(last_year, this_year),
    });
    View::new("my-events.html", &data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn registration(state: RegistrationState, attended: Option<bool>) -> Registration {
        Registration { attended, ..sample(state) }
    }

    #[test]
    fn who_waited_or_cancelled_did_not_stay_away() {
        use RegistrationState::{Cancelled, Registered, Waiting};
        let all = [(Registered, Some(true)), (Registered, Some(false)), (Registered, None), (Waiting, None), (Cancelled, None)];
        let all: Vec<_> = all.into_iter().map(|(state, attended)| registration(state, attended)).collect();
        assert_eq!(Rate::of(all.iter()), Rate { registered: 3, attended: 1, percent: 33 });
        assert_eq!(Rate::of([].iter()), Rate::default());
    }
}
