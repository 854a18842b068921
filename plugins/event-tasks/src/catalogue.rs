//! Events as visitors find them: those that come, those that were, and the block for any page.

use crate::asker::Asker;
use crate::billing;
use crate::clock::Clock;
use crate::model::{Event, EventState, SEATS, Seats};
use crate::{paging, seats};
use serde::Serialize;
use std::collections::BTreeMap;
use tsudoi_plugin::{Document, Error, Failure, Id, Parameters, Reply, Request, Timestamp, View, context};

const PER_PAGE: u32 = 20;

/// When an event is, for templates.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// From 1, Monday, to 7.
    pub weekday: i8,
    /// `18:00`.
    pub from: String,
    pub until: String,
    /// Where it ends on another day.
    pub last_weekday: Option<i8>,
}

impl Period {
    pub fn new(starts_at: Timestamp, ends_at: Timestamp, clock: &Clock) -> Self {
        Self {
            starts_at,
            ends_at,
            weekday: clock.weekday(starts_at),
            from: clock.time(starts_at),
            until: clock.time(ends_at),
            last_weekday: (clock.day(starts_at) != clock.day(ends_at)).then(|| clock.weekday(ends_at)),
        }
    }
}

/// An event in a list.
#[derive(Debug, Serialize)]
struct Line<'a> {
    id: &'a Id,
    title: &'a str,
    period: Period,
    /// `None` where only those who are registered know it, or nobody yet.
    place: Option<&'a str>,
    state: EventState,
    /// Places that are left; `None` where there is no limit.
    free: Option<u32>,
    price: Option<String>,
}

/// The first instant of today: events count as coming until the day is over.
pub fn start_of_today(clock: &Clock) -> Timestamp {
    clock.start_of(&context::today())
}

pub fn list(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let clock = Clock::of_organisation()?;
    let are_past = request.query("past").is_some();
    let (today, all) = (start_of_today(&clock), Event::LISTED.query());
    let query = if are_past { all.before(today).descending() } else { all.from(today) };
    let mut page = paging::page(query.limit(PER_PAGE), request)?;
    page.documents.retain(|event| asker.may_see(&event.body));
    let data = serde_json::json!({
        "events": lines(&page.documents, &clock)?,
        "next": page.next,
        "past": are_past,
        "is_first_page": request.query("cursor").is_none(),
        "manages": asker.is_staff(),
    });
    Ok(View::new("events.html", &data)?.titled(context::translate("events-title")).into())
}

fn lines<'a>(events: &'a [Document<Event>], clock: &Clock) -> Result<Vec<Line<'a>>, Error> {
    let limited: Vec<Id> = events.iter().filter(|event| event.body.capacity.is_some()).map(|event| event.id.clone()).collect();
    let taken: BTreeMap<Id, Seats> = SEATS.get_many(&limited)?.into_iter().flatten().map(|seats| (seats.id, seats.body)).collect();
    let line = |event: &'a Document<Event>| {
        let Document { id, body, .. } = event;
        let seats = taken.get(id).copied().unwrap_or_default();
        Ok(Line {
            id,
            title: &body.title,
            period: Period::new(body.starts_at, body.ends_at, clock),
            place: Some(body.place.as_str()).filter(|place| !body.place_is_private && !place.is_empty()),
            state: body.state,
            free: body.capacity.map(|capacity| if seats.waiting > 0 { 0 } else { seats::free(capacity, seats) }),
            price: if body.price.is_free() { None } else { Some(billing::shown(body.price.usual)?) },
        })
    };
    events.iter().map(line).collect()
}

/// The block `upcoming`. Whom none of them is for sees nothing at all, rather than a frame around nothing.
pub fn upcoming(parameters: &Parameters) -> Result<View, Failure> {
    let limit = parameters.integer("limit").and_then(|limit| u32::try_from(limit).ok()).unwrap_or(3).clamp(1, 20);
    let asker = Asker::of_call();
    let clock = Clock::of_organisation()?;
    let mut events = Event::LISTED.query().from(start_of_today(&clock)).limit(limit * 4).page()?.documents;
    events.retain(|event| event.body.state == EventState::Published && asker.may_see(&event.body));
    events.truncate(limit as usize);
    if events.is_empty() {
        return Err(Failure::NotFound);
    }
    View::new("upcoming.html", &serde_json::json!({ "events": lines(&events, &clock)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_over_midnight_tells_both_days() {
        let clock = Clock::of_zone("Asia/Tokyo");
        let at = |typed: &str| clock.instant(typed).unwrap();
        let party = Period::new(at("2026-12-12T18:00"), at("2026-12-12T20:30"), &clock);
        assert_eq!((party.weekday, party.from.as_str(), party.until.as_str(), party.last_weekday), (6, "18:00", "20:30", None));
        let stars = Period::new(at("2026-12-13T22:00"), at("2026-12-14T01:00"), &clock);
        assert_eq!((stars.weekday, stars.last_weekday), (7, Some(1)));
    }
}
