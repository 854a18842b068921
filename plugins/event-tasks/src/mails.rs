//! Mails about events. Staff may leave the permission out: then nothing is sent.

use crate::clock::Clock;
use crate::model::Event;
use serde_json::{Value, json};
use tsudoi_plugin::{Document, Error, Id, context, notify};

/// Most members of one mail.
const MOST: usize = 1_000;

/// One of the manifest's mails about an event, to members.
pub fn tell(mail: &str, event: &Document<Event>, members: &[Id]) -> Result<(), Error> {
    if members.is_empty() {
        return Ok(());
    }
    let data = about(event, &Clock::of_organisation()?);
    members.chunks(MOST).try_for_each(|members| unless_left_out(notify::members(members, mail, &data)))
}

/// The same with a reason: the key of a message.
pub fn tell_why(mail: &str, event: &Document<Event>, members: &[Id], reason: &str) -> Result<(), Error> {
    let mut data = about(event, &Clock::of_organisation()?);
    data["reason"] = context::translate(reason).into();
    unless_left_out(notify::members(members, mail, &data))
}

fn about(event: &Document<Event>, clock: &Clock) -> Value {
    let Document { id, body: event, .. } = event;
    let day = clock.day(event.starts_at);
    let mut parts = day.split('-').map(|part| part.trim_start_matches('0'));
    let mut part = || parts.next().unwrap_or_default().to_owned();
    json!({
        "event": id,
        "title": event.title,
        "year": part(), "month": part(), "day": part(),
        "date": day,
        "weekday": clock.weekday(event.starts_at),
        "time": clock.time(event.starts_at),
        "place": event.place,
        "has_place": if event.place.is_empty() { "no" } else { "yes" },
    })
}

/// To those who work on the board.
pub fn tell_staff(mail: &str, data: &Value) -> Result<(), Error> {
    unless_left_out(notify::staff("tasks", mail, data))
}

fn unless_left_out(sent: Result<(), Error>) -> Result<(), Error> {
    match sent {
        Err(error) if error.is(Error::NOT_GRANTED) => Ok(()),
        other => other,
    }
}
