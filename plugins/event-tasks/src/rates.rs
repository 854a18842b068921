//! How many of those who register come, by kind of event: this year and last. Of members their own page tells.

use crate::catalogue::start_of_today;
use crate::clock::{self, Clock};
use crate::model::{Event, EventState, Registration, RegistrationState};
use crate::tasks_model::LISTS;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use tsudoi_plugin::{Document, Error, Failure, Id, Reply, Timestamp, View, context, store};

/// Events of two years; two ranges of each, of which one look counts a hundred.
const MOST_EVENTS: u32 = 500;
const AT_ONCE: usize = 50;

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Rate {
    events: u32,
    registered: u32,
    attended: u32,
}

impl Rate {
    fn add(&mut self, registered: u32, attended: u32) {
        self.events += 1;
        self.registered += registered;
        self.attended += attended;
    }

    /// Whole per cent.
    fn percent(&self) -> u32 {
        (self.attended * 100).checked_div(self.registered).unwrap_or_default()
    }
}

pub fn page() -> Result<Reply, Failure> {
    let clock = Clock::of_organisation()?;
    let today = context::today();
    let year = |before: i16| clock::start_of_year(&today, before).map_or(0, |day| clock.start_of(&day));
    let (last_year, this_year) = (year(1), year(0));
    let past = Event::LISTED.query().from(last_year).before(start_of_today(&clock)).descending().limit(MOST_EVENTS).page()?;
    let took_place: Vec<_> = past.documents.into_iter().filter(|event| event.body.state == EventState::Published).collect();
    let (new, old): (Vec<_>, Vec<_>) = took_place.into_iter().partition(|event| event.body.starts_at >= this_year);
    let years = [(this_year, new), (last_year, old)];
    let shown = years.into_iter().filter(|(_, events)| !events.is_empty()).map(|(from, events)| year_of(from, &events, &clock));
    let data = json!({ "years": shown.collect::<Result<Vec<_>, _>>()? });
    Ok(View::new("admin-rates.html", &data)?.titled(context::translate("rates-title")).into())
}

fn year_of(from: Timestamp, events: &[Document<Event>], clock: &Clock) -> Result<serde_json::Value, Error> {
    let (mut all, mut kinds) = (Rate::default(), BTreeMap::<Option<&Id>, Rate>::new());
    for events in events.chunks(AT_ONCE) {
        let ranges: Vec<_> = events.iter().flat_map(|event| counted(&event.id)).collect();
        for (event, counts) in events.iter().zip(store::counts(&ranges, 1_000)?.chunks(2)) {
            let [registered, attended] = [0, 1].map(|at| counts.get(at).copied().unwrap_or_default());
            all.add(registered, attended);
            kinds.entry(event.body.kind.as_ref()).or_default().add(registered, attended);
        }
    }
    let ids: Vec<Id> = kinds.keys().filter_map(|kind| kind.cloned()).collect();
    let names: BTreeMap<Id, String> = LISTS.get_many(&ids)?.into_iter().flatten().map(|list| (list.id, list.body.name)).collect();
    let line = |name: Option<&String>, rate: &Rate| json!({ "name": name, "rate": rate, "percent": rate.percent() });
    let lines = kinds.iter().map(|(kind, rate)| line(kind.and_then(|kind| names.get(kind)), rate));
    Ok(json!({ "year": clock.day(from).get(..4), "kinds": lines.collect::<Vec<_>>(), "all": line(None, &all) }))
}

fn counted(event: &Id) -> [tsudoi_plugin::Query<Registration>; 2] {
    [Registration::IN_EVENT.equal(event).equal(RegistrationState::Registered), Registration::ATTENDANCE.equal(event).equal(true)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_that_nobody_registered_for_have_no_rate() {
        let mut rate = Rate::default();
        rate.add(0, 0);
        assert_eq!(rate.percent(), 0);
        rate.add(3, 2);
        assert_eq!((rate.percent(), rate.events), (66, 2));
    }
}
