//! All coming events at once: how far each is, what is late, and who has how much to do. And the card that tells of what is late.

use crate::asker::Asker;
use crate::catalogue::{Period, start_of_today};
use crate::clock::Clock;
use crate::model::{EVENTS, Event, EventState};
use crate::owners;
use crate::paging;
use crate::tasks_model::{Task, TaskState};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tsudoi_plugin::{Document, Error, Failure, Id, Reply, Request, View, context, store};

/// Four ranges each, as many as one look may count.
const PER_PAGE: u32 = 25;
const MOST_COUNTED: u32 = 1_000;
/// Late tasks that are named.
const NAMED: u32 = 10;

pub fn page(request: &Request) -> Result<Reply, Failure> {
    Asker::of_call().must("tasks")?;
    let clock = Clock::of_organisation()?;
    let today = context::today();
    let page = paging::page(Event::BY_START.query().from(start_of_today(&clock)).limit(PER_PAGE), request)?;
    let ranges: Vec<_> = page.documents.iter().flat_map(|event| counted(&event.id, &today)).collect();
    let counts = if ranges.is_empty() { Vec::new() } else { store::counts(&ranges, MOST_COUNTED)? };
    let line = |(event, counts): (&Document<Event>, &[u32])| {
        let [todo, doing, done, overdue] = [0, 1, 2, 3].map(|at| counts.get(at).copied().unwrap_or_default());
        json!({
            "id": event.id, "title": event.body.title, "period": Period::new(event.body.starts_at, event.body.ends_at, &clock),
            "is_draft": event.body.state == EventState::Draft, "called_off": event.body.state == EventState::CalledOff,
            "done": done, "all": todo + doing + done, "overdue": overdue,
        })
    };
    let (late, more) = late(&today)?;
    let data = json!({
        "events": page.documents.iter().zip(counts.chunks(4)).map(line).collect::<Vec<_>>(),
        "next": page.next,
        "load": load(&today)?,
        "late": late,
        "more_late": more,
    });
    Ok(View::new("overview.html", &data)?.titled(context::translate("overview-title")).into())
}

fn counted(event: &Id, today: &str) -> [tsudoi_plugin::Query<Task>; 4] {
    let in_state = |state: TaskState| Task::IN_EVENT.equal(event).equal(state);
    let overdue = Task::DUE_IN_EVENT.equal(event).before(today);
    [in_state(TaskState::Todo), in_state(TaskState::Doing), in_state(TaskState::Done), overdue]
}

/// Open tasks by owner, whoever has any.
fn load(today: &str) -> Result<Vec<Value>, Error> {
    let owners = owners::all()?;
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    let ranges: Vec<_> =
        owners.iter().flat_map(|owner| [Task::OF_OWNER.equal(owner), Task::DUE_OF_OWNER.equal(owner).before(today)]).collect();
    let counts = store::counts(&ranges, MOST_COUNTED)?;
    let loads = owners.iter().zip(counts.chunks(2)).filter(|(_, counts)| counts.first().is_some_and(|open| *open > 0));
    Ok(loads.map(|(owner, counts)| json!({ "owner": owner, "open": counts.first(), "overdue": counts.get(1) })).collect())
}

/// The tasks that are late, the latest first, with their events' titles; whether there are more.
fn late(today: &str) -> Result<(Vec<Value>, bool), Error> {
    let page = Task::DUE.query().before(today).limit(NAMED).page()?;
    let mut ids: Vec<Id> = page.documents.iter().map(|task| task.body.event.clone()).collect();
    ids.sort();
    ids.dedup();
    let events: BTreeMap<Id, String> = EVENTS.get_many(&ids)?.into_iter().flatten().map(|event| (event.id, event.body.title)).collect();
    let line = |task: &Document<Task>| {
        json!({
            "id": task.id, "title": task.body.title, "owner": task.body.owner, "due_on": task.body.due_on,
            "event": events.get(&task.body.event),
        })
    };
    Ok((page.documents.iter().map(line).collect(), page.next.is_some()))
}

/// Nothing where nothing is late, and for nobody who does not work on the board.
pub fn card() -> Result<View, Failure> {
    if !Asker::of_call().may("tasks") {
        return Err(Failure::NotFound);
    }
    let (late, more) = late(&context::today())?;
    if late.is_empty() {
        return Err(Failure::NotFound);
    }
    View::new("overdue-tasks.html", &json!({ "late": late, "more": more }))
}
