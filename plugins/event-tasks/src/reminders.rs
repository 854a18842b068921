//! What runs by itself: each morning the reminders before events and the mail about overdue tasks; and the long lists that commands leave
//! behind. Each works through a part of a list and asks for itself again, so that no call is too long.

use crate::clock::Clock;
use crate::model::{EVENTS, Event, EventState, Payment, REGISTRATIONS, Registration, RegistrationState};
use crate::tasks_model::Task;
use crate::{billing, mails, taking_part};
use serde::Deserialize;
use serde_json::json;
use tsudoi_plugin::{Document, Failure, Id, Job, When, context, jobs};

const BATCH: u32 = 200;
/// Each with a credit note and an entry in the books.
const INVOICES: u32 = 50;
/// More events within a month would be a festival.
const MOST_EVENTS: u32 = 500;
/// Tasks that the mail names.
const NAMED: u32 = 10;

#[derive(Deserialize)]
struct About {
    event: Id,
    #[serde(default)]
    cursor: Option<String>,
}

pub fn run(job: &Job) -> Result<(), Failure> {
    if job.name == "daily" {
        remind_of_coming()?;
        return tell_of_overdue();
    }
    let About { event, cursor } = job.read()?;
    // It may have been deleted meanwhile.
    let Some(event) = EVENTS.get(&event)? else { return Ok(()) };
    match job.name.as_str() {
        "remind" => remind(&event),
        "promote" => taking_part::fill(&event),
        "clear" => clear(&event),
        "move" => shift(&event, cursor.as_deref()),
        "take-back" => take_back(&event, cursor.as_deref()),
        _ => Err(Failure::NotFound),
    }
}

/// Events that begin today or within the days of the setting.
fn remind_of_coming() -> Result<(), Failure> {
    let days: i64 = context::setting("remind-days")?;
    if days == 0 {
        return Ok(());
    }
    let now = context::now();
    let clock = Clock::of_organisation()?;
    let end = clock.days_later(clock.start_of(&clock.day(now)), days + 1);
    let coming = Event::LISTED.query().from(now).before(end).limit(MOST_EVENTS).page()?;
    for event in coming.documents.iter().filter(|event| event.body.state == EventState::Published) {
        again("remind", &event.id, None)?;
    }
    Ok(())
}

pub fn again(job: &str, event: &Id, cursor: Option<String>) -> Result<(), Failure> {
    Ok(jobs::enqueue(job, &json!({ "event": event, "cursor": cursor }), When::now().keyed(event.as_str()))?)
}

/// Mail and mark are one commit, so nobody is reminded twice.
fn remind(event: &Document<Event>) -> Result<(), Failure> {
    if event.body.state != EventState::Published || context::has_passed(event.body.starts_at) {
        return Ok(());
    }
    let page = Registration::TO_REMIND.equal(&event.id).equal(true).limit(BATCH).page()?;
    let mut members = Vec::new();
    for Document { id, mut body, .. } in page.documents {
        (body.reminded, body.to_remind) = (true, None);
        REGISTRATIONS.put(&id, &body)?;
        members.extend(body.member);
    }
    mails::tell("reminder", event, &members)?;
    if page.next.is_some() { again("remind", &event.id, None) } else { Ok(()) }
}

fn clear(event: &Document<Event>) -> Result<(), Failure> {
    if event.body.state == EventState::CalledOff && taking_part::clear(event)? { again("clear", &event.id, None) } else { Ok(()) }
}

/// Registrations stand under the event's start.
fn shift(event: &Document<Event>, cursor: Option<&str>) -> Result<(), Failure> {
    let page = Registration::IN_EVENT.equal(&event.id).limit(BATCH).cursor(cursor).page()?;
    for Document { id, mut body, .. } in page.documents {
        if body.starts_at != event.body.starts_at {
            body.starts_at = event.body.starts_at;
            REGISTRATIONS.put(&id, &body)?;
        }
    }
    if page.next.is_some() { again("move", &event.id, page.next) } else { Ok(()) }
}

/// What was paid for them is the members' credit then, which staff give back.
fn take_back(event: &Document<Event>, cursor: Option<&str>) -> Result<(), Failure> {
    let page = Registration::IN_EVENT.equal(&event.id).equal(RegistrationState::Cancelled).limit(INVOICES).cursor(cursor).page()?;
    for mut registration in page.documents {
        if registration.body.payment == Payment::ToRefund {
            billing::take_back(&mut registration)?;
        }
    }
    if page.next.is_some() { again("take-back", &event.id, page.next) } else { Ok(()) }
}

fn tell_of_overdue() -> Result<(), Failure> {
    let overdue = Task::DUE.query().before(context::today());
    let count = overdue.count(1_000)?;
    if count == 0 {
        return Ok(());
    }
    let line = |task: Document<Task>| match task.body.owner.as_str() {
        "" => format!("- {}  {}", task.body.due_on.unwrap_or_default(), task.body.title),
        owner => format!("- {}  {} ({owner})", task.body.due_on.unwrap_or_default(), task.body.title),
    };
    let tasks: Vec<_> = overdue.limit(NAMED).page()?.documents.into_iter().map(line).collect();
    Ok(mails::tell_staff("overdue", &json!({ "count": count, "tasks": tasks.join("\n") }))?)
}
