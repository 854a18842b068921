//! The timetable of an event, as staff write it: sessions in the order of their times, some for staff alone.

use crate::clock::Clock;
use crate::model::{EVENTS, Event, Session};
use crate::{paths, words};
use serde_json::{Value, json};
use tsudoi_plugin::{Document, Failure, FieldErrors, Reply, Request, View, context};

const MOST_SESSIONS: usize = 100;

fn shown(session: &Session, clock: &Clock) -> Value {
    let mut shown = json!({
        "number": session.number,
        "title": session.title,
        "starts_at": clock.typed(session.starts_at),
        "ends_at": clock.typed(session.ends_at),
        "begins": session.starts_at,
        "until": (session.ends_at > session.starts_at).then(|| clock.time(session.ends_at)),
        "place": session.place,
    });
    if session.for_staff {
        shown["for_staff"] = json!("1");
    }
    shown
}

/// All sessions, with the form for one more.
pub fn list(request: &Request) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    let clock = Clock::of_organisation()?;
    // The next one begins where the last one ends.
    let begins = event.body.timetable.last().map_or(event.body.starts_at, |session| session.ends_at);
    let data = json!({
        "event": { "id": event.id, "title": event.body.title },
        "sessions": event.body.timetable.iter().map(|session| shown(session, &clock)).collect::<Vec<_>>(),
        "filled": { "title": "", "starts_at": clock.typed(begins), "ends_at": "", "place": "" },
        "is_full": event.body.timetable.len() >= MOST_SESSIONS,
    });
    Ok(View::new("admin-timetable.html", &data)?.titled(context::translate("timetable-title")).into())
}

pub fn edit(request: &Request) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    let session = find(&event.body, request)?;
    let data = json!({
        "event": { "id": event.id, "title": event.body.title },
        "number": session.number,
        "filled": shown(session, &Clock::of_organisation()?),
    });
    Ok(View::new("admin-session.html", &data)?.titled(context::translate("session-title")).into())
}

fn find<'a>(event: &'a Event, request: &Request) -> Result<&'a Session, Failure> {
    let number = number(request)?;
    event.timetable.iter().find(|session| session.number == number).ok_or(Failure::NotFound)
}

fn number(request: &Request) -> Result<u32, Failure> {
    request.parameter("session").parse().map_err(|_| Failure::NotFound)
}

fn read(request: &Request, number: u32) -> Result<Session, Failure> {
    let clock = Clock::of_organisation()?;
    let mut errors = FieldErrors::default();
    let title = errors.take("title", words::title(request.field("title")));
    let place = errors.take("place", words::place(request.field("place")));
    let starts_at = errors.take("starts_at", clock.instant(request.field("starts_at")));
    let ends_at = match request.field("ends_at") {
        "" => starts_at,
        typed => errors.take("ends_at", clock.instant(typed)),
    };
    match (title, place, starts_at, ends_at) {
        (Some(_), Some(_), Some(starts_at), Some(ends_at)) if ends_at < starts_at => {
            Err(FieldErrors::one("ends_at", "end-before-start").into())
        }
        (Some(title), Some(place), Some(starts_at), Some(ends_at)) => {
            Ok(Session { number, title, starts_at, ends_at, place, for_staff: request.is_checked("for_staff") })
        }
        _ => Err(errors.into()),
    }
}

pub fn add(request: &Request) -> Result<Reply, Failure> {
    let mut event = EVENTS.require(&request.id("event")?)?;
    let session = read(request, event.body.last_session + 1)?;
    if event.body.timetable.len() >= MOST_SESSIONS {
        return Err(Failure::conflict(context::translate("timetable-full")));
    }
    event.body.last_session = session.number;
    event.body.timetable.push(session);
    saved(event)
}

pub fn save(request: &Request) -> Result<Reply, Failure> {
    let mut event = EVENTS.require(&request.id("event")?)?;
    let session = read(request, find(&event.body, request)?.number)?;
    event.body.timetable.retain(|other| other.number != session.number);
    event.body.timetable.push(session);
    saved(event)
}

pub fn remove(request: &Request) -> Result<Reply, Failure> {
    let mut event = EVENTS.require(&request.id("event")?)?;
    let number = number(request)?;
    event.body.timetable.retain(|session| session.number != number);
    saved(event)
}

fn saved(mut event: Document<Event>) -> Result<Reply, Failure> {
    event.body.timetable.sort_by_key(|session| (session.starts_at, session.ends_at, session.number));
    EVENTS.put(&event.id, &event.body)?;
    Ok(Reply::redirect(paths::managed(&event.id, "timetable")))
}
