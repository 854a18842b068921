//! An event's own page, with what the visitor can do there, and its calendar file.

use crate::asker::Asker;
use crate::calendar::{self, Publisher};
use crate::catalogue::Period;
use crate::clock::Clock;
use crate::model::{EVENTS, Event, EventState, Payment, Registration, RegistrationState, Session};
use crate::{answering, billing, seats, taking_part};
use serde::Serialize;
use tsudoi_plugin::forms;
use tsudoi_plugin::{Document, Failure, Id, Reply, Request, Timestamp, View, context};

/// The event of a path, past its gate, with the visitor's own registration. Who has one sees the event, whatever has become of the gate.
pub fn entered(asker: Asker, request: &Request) -> Result<(Document<Event>, Option<Document<Registration>>), Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    let own = match asker.member() {
        Some(member) => taking_part::of_member(&event.id, &member)?,
        None => None,
    };
    if !own.as_ref().is_some_and(|own| own.body.is_active()) {
        asker.enter(&event.body)?;
    }
    Ok((event, own))
}

/// A part of the timetable.
#[derive(Serialize)]
struct SessionLine<'a> {
    title: &'a str,
    starts_at: Timestamp,
    /// Where it is on another day than the session before.
    day: Option<Timestamp>,
    weekday: i8,
    from: String,
    until: String,
    place: Option<&'a str>,
    for_staff: bool,
}

fn sessions<'a>(event: &'a Event, clock: &Clock, sees_place: bool, is_staff: bool) -> Vec<SessionLine<'a>> {
    let mut before = clock.day(event.starts_at);
    let mut line = |session: &'a Session| {
        let day = clock.day(session.starts_at);
        let is_new = std::mem::replace(&mut before, day.clone()) != day;
        SessionLine {
            title: &session.title,
            starts_at: session.starts_at,
            day: is_new.then_some(session.starts_at),
            weekday: clock.weekday(session.starts_at),
            from: clock.time(session.starts_at),
            until: clock.time(session.ends_at),
            place: Some(session.place.as_str()).filter(|place| sees_place && !place.is_empty()),
            for_staff: session.for_staff,
        }
    };
    event.timetable.iter().filter(|session| is_staff || !session.for_staff).map(&mut line).collect()
}

/// The visitor's own part in it.
#[derive(Serialize)]
struct Own {
    state: RegistrationState,
    companions: u32,
    /// From 1, while they wait.
    queue: Option<u32>,
    total: Option<String>,
    payment: Payment,
    may_withdraw: bool,
}

fn own(event: &Document<Event>, registration: &Registration) -> Result<Own, Failure> {
    let waits = registration.state == RegistrationState::Waiting;
    let ahead = || Registration::IN_EVENT.equal(&event.id).equal(RegistrationState::Waiting).before(registration.at).count(999);
    Ok(Own {
        state: registration.state,
        companions: registration.companions,
        queue: if waits { Some(ahead()? + 1) } else { None },
        total: if registration.total() == 0 { None } else { Some(billing::shown(registration.total())?) },
        payment: registration.payment,
        may_withdraw: may_withdraw(&event.body, registration),
    })
}

/// Who waits takes nobody's place and can go until the event begins.
pub fn may_withdraw(event: &Event, registration: &Registration) -> bool {
    let until = match registration.state {
        RegistrationState::Registered => event.withdrawal_ends_at(),
        RegistrationState::Waiting => event.starts_at,
        RegistrationState::Cancelled => return false,
    };
    event.state == EventState::Published && !context::has_passed(until)
}

/// Why nobody can register, or not this visitor; the key of a message.
pub fn obstacle(asker: Asker, event: &Event) -> Option<&'static str> {
    match event.state {
        EventState::Draft => Some("draft-note"),
        EventState::CalledOff => Some("called-off-note"),
        EventState::Published if context::has_passed(event.starts_at) => Some("begun-note"),
        EventState::Published if context::has_passed(event.closes_at()) => Some("closed-note"),
        EventState::Published if !asker.is_signed_in() => Some("sign-in-note"),
        EventState::Published if !asker.is_invited(event) => Some("not-invited-note"),
        EventState::Published if asker.member().is_none() => Some("no-member-note"),
        EventState::Published => None,
    }
}

/// What this visitor pays for one person.
pub fn price(asker: Asker, event: &Event) -> u64 {
    if event.price.tiers.is_empty() || !asker.is_signed_in() { event.price.usual } else { event.price.of(asker.tier().as_deref()) }
}

pub fn page(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let (event, mine) = entered(asker, request)?;
    let (mine, former) = mine.map_or((None, None), |own| if own.body.is_active() { (Some(own), None) } else { (None, Some(own)) });
    let clock = Clock::of_organisation()?;
    let seats = seats::of(&event)?;
    let is_staff = asker.is_staff();
    let sees_place = sees_place(asker, &event.body, mine.as_ref());
    let obstacle = if mine.is_some() { None } else { obstacle(asker, &event.body) };
    let waiting = seats.map_or(0, |seats| seats.waiting);
    let free = event.body.capacity.map(|capacity| if waiting > 0 { 0 } else { seats::free(capacity, seats.unwrap_or_default()) });
    let price = price(asker, &event.body);
    let may_register = mine.is_none() && obstacle.is_none();
    let form = if may_register { form(asker, &event, former.as_ref())? } else { None };
    let body = &event.body;
    let data = serde_json::json!({
        "event": {
            "id": event.id,
            "title": body.title,
            "description": body.description,
            "period": Period::new(body.starts_at, body.ends_at, &clock),
            "place": if sees_place { body.place.as_str() } else { "" },
            "place_is_link": is_link(&body.place),
            "place_comes_later": !sees_place,
            "state": body.state,
            "capacity": body.capacity,
            "free": free,
            "waiting": waiting,
            "companions": body.companions,
            "price": if price == 0 { None } else { Some(billing::shown(price)?) },
            "has_price": !body.price.is_free(),
            "register_until": body.register_until,
            "withdraw_until": body.withdraw_until,
            "sessions": sessions(body, &clock, sees_place, is_staff),
        },
        "own": mine.as_ref().map(|mine| own(&event, &mine.body)).transpose()?,
        "obstacle": obstacle.map(context::translate),
        "may_register": may_register,
        "asked_by": form,
        "signs_in": obstacle == Some("sign-in-note"),
        "may": { "events": asker.may("events"), "registrations": asker.may("registrations"), "tasks": asker.may("tasks") },
    });
    Ok(View::new("event.html", &data)?.titled(body.title.as_str()).into())
}

/// Whether what they answered for an earlier registration is what the event asks.
pub fn has_answered(event: &Event, registration: &Registration) -> bool {
    event.form.is_some() && registration.answer.as_ref().map(|answer| &answer.form) == event.form.as_ref()
}

/// The form of the host's that this member answers to register.
#[derive(Serialize)]
struct AskedBy {
    title: String,
    /// It takes answers.
    is_open: bool,
    /// They answered it for an earlier registration.
    is_answered: bool,
    /// They were led to it, and no answer has come yet.
    is_begun: bool,
    /// Why the answer that came made no registration.
    refused: Option<String>,
}

fn form(asker: Asker, event: &Document<Event>, former: Option<&Document<Registration>>) -> Result<Option<AskedBy>, Failure> {
    if event.body.form.is_none() {
        return Ok(None);
    }
    let form = answering::form_of(&event.body)?;
    let wish = match asker.member() {
        Some(member) => answering::wish_of(&event.id, &member)?.map(|wish| wish.body),
        None => None,
    };
    let refused = wish.as_ref().and_then(|wish| wish.refused.as_deref()).map(context::translate);
    Ok(Some(AskedBy {
        title: form.as_ref().map(|form| forms::words(&form.title, &context::locale()).to_owned()).unwrap_or_default(),
        is_open: form.is_some(),
        is_answered: former.is_some_and(|former| has_answered(&event.body, &former.body)),
        is_begun: wish.is_some() && refused.is_none(),
        refused,
    }))
}

fn sees_place(asker: Asker, event: &Event, mine: Option<&Document<Registration>>) -> bool {
    !event.place_is_private || asker.is_staff() || mine.is_some_and(|mine| mine.body.state == RegistrationState::Registered)
}

fn is_link(place: &str) -> bool {
    (place.starts_with("https://") || place.starts_with("http://")) && !place.contains(' ')
}

pub fn calendar(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let (event, mine) = entered(asker, request)?;
    if event.body.state == EventState::Draft {
        return Err(Failure::NotFound);
    }
    let mine = mine.filter(|mine| mine.body.is_active());
    let place = sees_place(asker, &event.body, mine.as_ref()).then_some(event.body.place.as_str());
    let organisation = context::organisation()?;
    let publisher = Publisher { organisation: &organisation.id, name: &organisation.name };
    let file = calendar::file(&event, place, &publisher);
    let method = if event.body.state == EventState::CalledOff { "CANCEL" } else { "PUBLISH" };
    Ok(Reply::download(file_name(&event.id), format!("text/calendar; charset=utf-8; method={method}"), file))
}

fn file_name(event: &Id) -> String {
    format!("event-{event}.ics")
}
