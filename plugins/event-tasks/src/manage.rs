//! The staff's list of events, and what is done with an event as a whole: making, changing, publishing, copying, calling off, deleting.

use crate::answering;
use crate::asker::Asker;
use crate::catalogue::{Period, start_of_today};
use crate::clock::Clock;
use crate::event_form::{self, Filled};
use crate::model::{EVENTS, Event, EventState, Registration, RegistrationState};
use crate::tasks_model::{LISTS, TASKS, Task};
use crate::{lists, paging, paths, seats, taking_part};
use serde::Serialize;
use serde_json::{Value, json};
use tsudoi_plugin::forms;
use tsudoi_plugin::{Document, Error, Failure, FieldErrors, Id, Reply, Request, View, When, context, events, jobs, store};

const PER_PAGE: u32 = 20;
/// People and tasks are counted so far.
const MOST_COUNTED: u32 = 1_000;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a Id,
    title: &'a str,
    period: Period,
    state: EventState,
    capacity: Option<u32>,
    /// Registrations.
    registered: u32,
    waiting: u32,
    attended: u32,
    /// Whole per cent of those who were registered.
    percent: u32,
}

pub fn list(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let clock = Clock::of_organisation()?;
    let are_past = request.query("past").is_some();
    let (today, all) = (start_of_today(&clock), Event::BY_START.query());
    let query = if are_past { all.before(today).descending() } else { all.from(today) };
    let page = paging::page(query.limit(PER_PAGE), request)?;
    let ranges: Vec<_> = page.documents.iter().flat_map(|event| counted(&event.id)).collect();
    let counts = if ranges.is_empty() { Vec::new() } else { store::counts(&ranges, MOST_COUNTED)? };
    let line = |(event, counts): (&'_ Document<Event>, &[u32])| {
        let [registered, waiting, attended] = [0, 1, 2].map(|at| counts.get(at).copied().unwrap_or_default());
        json!(Line {
            id: &event.id,
            title: &event.body.title,
            period: Period::new(event.body.starts_at, event.body.ends_at, &clock),
            state: event.body.state,
            capacity: event.body.capacity,
            registered,
            waiting,
            attended,
            percent: (attended * 100).checked_div(registered).unwrap_or_default(),
        })
    };
    let data = json!({
        "events": page.documents.iter().zip(counts.chunks(3)).map(line).collect::<Vec<_>>(),
        "next": page.next,
        "past": are_past,
        "may": { "events": asker.may("events"), "registrations": asker.may("registrations"), "tasks": asker.may("tasks") },
    });
    Ok(View::new("admin-events.html", &data)?.titled(context::translate("admin-title")).into())
}

fn counted(event: &Id) -> [tsudoi_plugin::Query<Registration>; 3] {
    let in_state = |state| Registration::IN_EVENT.equal(event).equal(state);
    [in_state(RegistrationState::Registered), in_state(RegistrationState::Waiting), Registration::ATTENDANCE.equal(event).equal(true)]
}

/// The form, empty or with the event as it is.
fn form(path: &str, event: Option<&Document<Event>>, title: &str) -> Result<Reply, Failure> {
    let clock = Clock::of_organisation()?;
    let kinds = lists::all()?;
    let kinds: Vec<Value> = kinds.iter().map(|list| json!({ "id": list.id, "name": list.body.name })).collect();
    let organisation = context::organisation()?;
    let locale = context::locale();
    let chosen = event.and_then(|event| event.body.form.as_ref());
    let forms = answering::choices()?.into_iter().filter(|form| form.open || Some(&form.id) == chosen);
    let forms: Vec<Value> =
        forms.map(|form| json!({ "id": form.id, "name": forms::words(&form.title, &locale), "is_open": form.open })).collect();
    let data = json!({
        "path": path,
        "filled": event.map_or_else(event_form::empty, |event| event_form::filled(&event.body, &clock)),
        "revision": event.map(|event| event.revision.as_str()),
        "is_draft": event.is_none_or(|event| event.body.state == EventState::Draft),
        "event": event.map(|event| &event.id),
        "kinds": kinds,
        "forms": forms,
        "currency": organisation.currency,
        "time_zone": organisation.time_zone,
    });
    Ok(View::new("admin-event.html", &data)?.titled(context::translate(title)).into())
}

pub fn compose() -> Result<Reply, Failure> {
    form("/events/new", None, "new-event-title")
}

pub fn edit(request: &Request) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    form(&format!("/events/{}/edit", event.id), Some(&event), "edit-event-title")
}

pub fn create(request: &Request) -> Result<Reply, Failure> {
    let clock = Clock::of_organisation()?;
    let mut event = Event::default();
    Filled::read(request, &clock)?.apply(&mut event);
    let id = add(&event, &clock)?;
    Ok(Reply::redirect(paths::event(&id)))
}

/// A new event gets the tasks of its kind.
fn add(event: &Event, clock: &Clock) -> Result<Id, Failure> {
    let id = EVENTS.insert(event)?;
    give_tasks(&id, event, clock)?;
    Ok(id)
}

fn give_tasks(id: &Id, event: &Event, clock: &Clock) -> Result<(), Failure> {
    let list = match &event.kind {
        Some(kind) => LISTS.get(kind)?,
        None => None,
    };
    list.map_or(Ok(()), |list| lists::apply(&list, id, &clock.day(event.starts_at)).map(drop))
}

pub fn save(request: &Request) -> Result<Reply, Failure> {
    let clock = Clock::of_organisation()?;
    let mut event = EVENTS.require(&request.id("event")?)?;
    let before = event.body.clone();
    Filled::read(request, &clock)?.apply(&mut event.body);
    match store_changed(&mut event, &before, request.field("revision")) {
        Err(error) if error.is(Error::CHANGED) => return Err(FieldErrors::one("revision", "edit-overtaken").into()),
        other => other?,
    }
    if event.body.starts_at != before.starts_at {
        move_tasks(&event, &clock)?;
        jobs::enqueue("move", &json!({ "event": event.id }), When::now().keyed(event.id.as_str()))?;
    }
    if event.body.kind != before.kind {
        give_tasks(&event.id, &event.body, &clock)?;
    }
    if event.body.capacity != before.capacity {
        if before.capacity.is_none() {
            seats::recount(&event.id)?;
        }
        taking_part::fill(&event)?;
    }
    Ok(Reply::redirect(paths::event(&event.id)))
}

/// What lists and calendars show of it follows.
fn store_changed(event: &mut Document<Event>, before: &Event, seen: &str) -> Result<(), Error> {
    event.body.set_state(event.body.state);
    if before.state != EventState::Draft && event.body.has_calendar_news(before) {
        event.body.sequence += 1;
    }
    EVENTS.replace(&event.id, &event.body, seen)
}

/// Tasks that are due before the event move with it.
fn move_tasks(event: &Document<Event>, clock: &Clock) -> Result<(), Failure> {
    let day = clock.day(event.body.starts_at);
    for mut task in Task::IN_EVENT.equal(&event.id).limit(1_000).page()?.documents {
        let due_on = task.body.due_on.clone();
        task.body.settle(&day);
        if task.body.due_on != due_on {
            TASKS.put(&task.id, &task.body)?;
        }
    }
    Ok(())
}

pub fn publish(request: &Request) -> Result<Reply, Failure> {
    let mut event = EVENTS.require(&request.id("event")?)?;
    if event.body.state == EventState::Draft {
        event.body.set_state(EventState::Published);
        EVENTS.put(&event.id, &event.body)?;
    }
    Ok(Reply::redirect(paths::event(&event.id)))
}

/// A draft with the same words, times and tasks; nobody is registered for it.
pub fn copy(request: &Request) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    let mut copy = event.body;
    copy.sequence = 0;
    copy.set_state(EventState::Draft);
    let id = add(&copy, &Clock::of_organisation()?)?;
    Ok(Reply::redirect(paths::managed(&id, "edit")))
}

fn asked(request: &Request, template: &str, title: &str) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    let [registered, waiting, _] = counted(&event.id);
    let counts = store::counts(&[registered, waiting], MOST_COUNTED)?;
    let data = json!({
        "event": { "id": event.id, "title": event.body.title, "state": event.body.state },
        "people": counts.iter().sum::<u32>(),
    });
    Ok(View::new(template, &data)?.titled(context::translate(title)).into())
}

pub fn confirm_call_off(request: &Request) -> Result<Reply, Failure> {
    asked(request, "admin-call-off.html", "call-off-title")
}

/// The event is off at once; a job works through those who registered.
pub fn call_off(request: &Request) -> Result<Reply, Failure> {
    let mut event = EVENTS.require(&request.id("event")?)?;
    if event.body.state != EventState::Published {
        return Err(Failure::conflict(context::translate("not-published")));
    }
    event.body.set_state(EventState::CalledOff);
    event.body.sequence += 1;
    EVENTS.put(&event.id, &event.body)?;
    events::emit("event-cancelled", event.id.as_str(), &json!({ "event": event.id, "title": event.body.title }))?;
    jobs::enqueue("clear", &json!({ "event": event.id }), When::now().keyed(event.id.as_str()))?;
    Ok(Reply::redirect(paths::event(&event.id)))
}

pub fn confirm_delete(request: &Request) -> Result<Reply, Failure> {
    asked(request, "admin-delete.html", "delete-title")
}

/// Only a draft, with its tasks: what people registered for does not vanish.
pub fn delete(request: &Request) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    if event.body.state != EventState::Draft {
        return Err(Failure::conflict(context::translate("delete-not-draft")));
    }
    for task in Task::IN_EVENT.equal(&event.id).limit(900).page()?.documents {
        TASKS.delete(&task.id)?;
    }
    EVENTS.delete(&event.id)?;
    Ok(Reply::redirect(paths::MANAGE))
}
