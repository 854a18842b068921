//! Registering, waiting, and leaving: what members and staff do, and what follows from it. Each is one call, so a place that becomes free
//! is given to whoever waits first in the same transaction.

use crate::model::{Answered, Event, EventState, Payment, REGISTRATIONS, Registration, RegistrationState, Seats};
use crate::{billing, mails, seats};
use serde_json::json;
use std::collections::BTreeMap;
use tsudoi_plugin::{Document, Error, Failure, FieldErrors, Id, When, activities, context, events, jobs, members};

/// Registrations that one call works through; a job goes on with the rest.
const BATCH: u32 = 50;

pub struct Entry {
    pub member: Id,
    pub tier: Option<String>,
    pub companions: u32,
    /// Staff give a place to somebody though there is none.
    pub beyond_capacity: bool,
    /// What they answered to the event's form.
    pub answer: Option<Answered>,
}

/// The registration of a member, also a cancelled one.
pub fn of_member(event: &Id, member: &Id) -> Result<Option<Document<Registration>>, Error> {
    Registration::ONCE_EACH.equal(event).equal(member).first()
}

/// A place, or one on the waiting list.
pub fn register(event: &Document<Event>, entry: Entry) -> Result<RegistrationState, Failure> {
    let former = of_member(&event.id, &entry.member)?;
    if former.as_ref().is_some_and(|found| found.body.is_active()) {
        return Err(Failure::conflict(context::translate("already-registered")));
    }
    let people = entry.companions.saturating_add(1);
    if event.body.capacity.is_some_and(|capacity| people > capacity) && !entry.beyond_capacity {
        return Err(FieldErrors::one("companions", "more-than-capacity").into());
    }
    let mut seats = seats::of(event)?;
    let has_place = entry.beyond_capacity || seats::admits(event.body.capacity, seats.unwrap_or_default(), people);
    let (id, former) = former.map_or_else(|| (context::new_id(), None), |found| (found.id, Some(found.body)));
    let mut registration = Registration {
        event: event.id.clone(),
        companions: entry.companions,
        state: RegistrationState::Waiting,
        at: context::now(),
        starts_at: event.body.starts_at,
        price: event.body.price.of(entry.tier.as_deref()),
        invoice: former.as_ref().and_then(|former| former.invoice.clone()),
        payment: former.as_ref().map_or(Payment::None, |former| former.payment),
        reminded: former.as_ref().is_some_and(|former| former.reminded),
        to_remind: None,
        attended: None,
        attendance_told: former.as_ref().is_some_and(|former| former.attendance_told),
        answer: entry.answer.or(former.and_then(|former| former.answer)),
        member: Some(entry.member.clone()),
    };
    if let Some(seats) = &mut seats {
        if has_place { seats.taken = seats.taken.saturating_add(people) } else { seats.waiting += 1 }
    }
    seats::keep(&event.id, seats)?;
    if has_place {
        registration.set_registered();
        billing::charge(&event.body, &id, &mut registration)?;
        tell_registered(&event.id, &registration)?;
        note(&entry.member, event)?;
    }
    REGISTRATIONS.put(&id, &registration)?;
    mails::tell(if has_place { "registered" } else { "waiting" }, event, &[entry.member])?;
    Ok(registration.state)
}

/// Gives the place back, and on to whoever waits.
pub fn leave(event: &Document<Event>, registration: Document<Registration>) -> Result<(), Failure> {
    let mut seats = seats::of(event)?;
    let (had_place, people) = (registration.body.state == RegistrationState::Registered, registration.body.people());
    if let Some(seats) = &mut seats {
        if had_place { seats.taken = seats.taken.saturating_sub(people) } else { seats.waiting = seats.waiting.saturating_sub(1) }
    }
    seats::keep(&event.id, seats)?;
    cancel(registration)?;
    // Whoever waits behind a large party moves up when it leaves the queue, too.
    fill(event)
}

/// The registration itself, with its bill; the place stays with the caller.
fn cancel(mut registration: Document<Registration>) -> Result<(), Failure> {
    let had_place = registration.body.state == RegistrationState::Registered;
    let body = &mut registration.body;
    body.payment = billing::release(body)?;
    body.state = RegistrationState::Cancelled;
    (body.to_remind, body.attended) = (None, None);
    REGISTRATIONS.put(&registration.id, body)?;
    match &registration.body.member {
        Some(member) if had_place => {
            let payload = json!({ "event": registration.body.event, "member": member, "people": registration.body.people() });
            Ok(events::emit("cancelled", member.as_str(), &payload)?)
        }
        _ => Ok(()),
    }
}

/// Free places go to those who wait, in their order.
pub fn fill(event: &Document<Event>) -> Result<(), Failure> {
    let mut seats = seats::of(event)?;
    let is_over = event.body.state != EventState::Published || context::has_passed(event.body.starts_at);
    if is_over || seats.is_some_and(|seats| seats.waiting == 0) {
        return Ok(());
    }
    let waiting = Registration::IN_EVENT.equal(&event.id).equal(RegistrationState::Waiting).limit(BATCH).page()?;
    let free = event.body.capacity.map_or(u32::MAX, |capacity| seats::free(capacity, seats.unwrap_or_default()));
    let served = seats::promoted(free, waiting.documents.iter().map(|waiting| people_of(&waiting.body)));
    let goes_on = served == waiting.documents.len() && waiting.next.is_some();
    let first: Vec<_> = waiting.documents.into_iter().take(served).collect();
    let prices = prices(event, &first)?;
    let mut promoted = Vec::new();
    for mut registration in first {
        let (id, body) = (registration.id.clone(), &mut registration.body);
        if let Some(seats) = &mut seats {
            seats.waiting = seats.waiting.saturating_sub(1);
            seats.taken = seats.taken.saturating_add(people_of(body));
        }
        let Some(member) = body.member.clone() else {
            cancel(registration)?;
            continue;
        };
        body.set_registered();
        body.price = prices.get(&member).copied().unwrap_or(body.price);
        billing::charge(&event.body, &id, body)?;
        REGISTRATIONS.put(&id, body)?;
        tell_registered(&event.id, body)?;
        note(&member, event)?;
        promoted.push(member);
    }
    seats::keep(&event.id, seats)?;
    mails::tell("promoted", event, &promoted)?;
    if goes_on {
        jobs::enqueue("promote", &json!({ "event": event.id }), When::now().keyed(event.id.as_str()))?;
    }
    Ok(())
}

/// Somebody who was erased while they waited needs no place.
fn people_of(registration: &Registration) -> u32 {
    if registration.member.is_some() { registration.people() } else { 0 }
}

/// What each pays now, where it depends on the tier.
fn prices(event: &Document<Event>, registrations: &[Document<Registration>]) -> Result<BTreeMap<Id, u64>, Error> {
    if event.body.price.tiers.is_empty() {
        return Ok(registrations.iter().filter_map(|found| Some((found.body.member.clone()?, event.body.price.usual))).collect());
    }
    let ids: Vec<Id> = registrations.iter().filter_map(|found| found.body.member.clone()).collect();
    let found = members::get(&ids)?.into_iter().flatten();
    Ok(found.map(|member| (member.id, event.body.price.of(member.tier.as_deref()))).collect())
}

/// Some of those who registered for an event that was called off; whether there are more.
pub fn clear(event: &Document<Event>) -> Result<bool, Failure> {
    for state in [RegistrationState::Registered, RegistrationState::Waiting] {
        let page = Registration::IN_EVENT.equal(&event.id).equal(state).limit(BATCH).page()?;
        if page.documents.is_empty() {
            continue;
        }
        let members: Vec<Id> = page.documents.iter().filter_map(|found| found.body.member.clone()).collect();
        page.documents.into_iter().try_for_each(cancel)?;
        mails::tell("called-off", event, &members)?;
        return Ok(true);
    }
    seats::keep(&event.id, Some(Seats::default()))?;
    Ok(false)
}

/// Whether somebody came, as staff say; `None` takes it back. Others are told once that they came.
pub fn mark(mut registration: Document<Registration>, came: Option<bool>) -> Result<(), Failure> {
    let body = &mut registration.body;
    if body.state != RegistrationState::Registered || body.attended == came {
        return Ok(());
    }
    body.attended = came;
    if let (Some(true), false, Some(member)) = (came, body.attendance_told, &body.member) {
        body.attendance_told = true;
        let payload = json!({ "event": body.event, "member": member, "registration": registration.id });
        events::emit("attended", member.as_str(), &payload)?;
    }
    Ok(REGISTRATIONS.put(&registration.id, body)?)
}

fn tell_registered(event: &Id, registration: &Registration) -> Result<(), Error> {
    let Some(member) = &registration.member else { return Ok(()) };
    events::emit("registered", member.as_str(), &json!({ "event": event, "member": member, "people": registration.people() }))
}

fn note(member: &Id, event: &Document<Event>) -> Result<(), Error> {
    let summary = context::translate_with("activity-registered", &json!({ "title": event.body.title }));
    let path = format!("/p/event-tasks/events/{}", event.id);
    match activities::record(member, "registered", &summary, Some(&path), &json!({ "event": event.id })) {
        Err(error) if error.is(Error::NOT_GRANTED) => Ok(()),
        other => other,
    }
}
