//! The task board of an event, for the staff. A page of the site, where pages are live: whoever looks at it sees what others move.

use crate::asker::Asker;
use crate::catalogue::Period;
use crate::clock::Clock;
use crate::model::EVENTS;
use crate::tasks_model::{LISTS, TASKS, Task, TaskState};
use crate::{lists, mails, owners, paths, words};
use serde::Serialize;
use serde_json::json;
use tsudoi_plugin::{Document, Failure, FieldErrors, Id, Reply, Request, View, context};

/// Tasks of one event that are shown.
const MOST_TASKS: u32 = 500;

#[derive(Serialize)]
struct Card<'a> {
    id: &'a Id,
    title: &'a str,
    owner: &'a str,
    due_on: Option<&'a str>,
    is_overdue: bool,
    is_unplanned: bool,
    comments: usize,
    /// The states that a button moves it to.
    moves: Vec<TaskState>,
}

#[derive(Serialize)]
struct Column<'a> {
    state: TaskState,
    cards: Vec<Card<'a>>,
}

/// What is due first stands first; what is due on no day last.
fn columns<'a>(tasks: &'a [Document<Task>], today: &str) -> Vec<Column<'a>> {
    let mut ordered: Vec<_> = tasks.iter().collect();
    ordered.sort_by_key(|task| (task.body.due_on.is_none(), task.body.due_on.as_deref(), &task.id));
    let card = |task: &&'a Document<Task>| {
        let Document { id, body, .. } = *task;
        Card {
            id,
            title: &body.title,
            owner: &body.owner,
            due_on: body.due_on.as_deref(),
            is_overdue: body.open_due.as_deref().is_some_and(|due| due < today),
            is_unplanned: body.origin.is_none(),
            comments: body.comments.len(),
            moves: TaskState::ALL.into_iter().filter(|state| *state != body.state).collect(),
        }
    };
    let column = |state| Column { state, cards: ordered.iter().filter(|task| task.body.state == state).map(card).collect() };
    TaskState::ALL.into_iter().map(column).collect()
}

pub fn page(request: &Request) -> Result<Reply, Failure> {
    Asker::of_call().must("tasks")?;
    let event = EVENTS.require(&request.id("event")?)?;
    let clock = Clock::of_organisation()?;
    let tasks = Task::IN_EVENT.equal(&event.id).limit(MOST_TASKS).page()?.documents;
    let columns = columns(&tasks, &context::today());
    let in_state = |state| columns.iter().find(|column| column.state == state).map_or(0, |column| column.cards.len());
    let lists = lists::all()?;
    let data = json!({
        "event": { "id": event.id, "title": event.body.title, "period": Period::new(event.body.starts_at, event.body.ends_at, &clock) },
        "columns": columns,
        "done": in_state(TaskState::Done),
        "all": tasks.len() - in_state(TaskState::Dropped),
        "owners": owners::all()?,
        "lists": lists.iter().map(|list| json!({ "id": list.id, "name": list.body.name })).collect::<Vec<_>>(),
        "kind": event.body.kind,
        "new": request.query("new").and_then(|new| new.parse::<u32>().ok()),
    });
    Ok(View::new("board.html", &data)?.titled(context::translate_with("board-title", &json!({ "event": event.body.title }))).into())
}

/// A task that nobody had planned, in one line.
pub fn add(request: &Request) -> Result<Reply, Failure> {
    Asker::of_call().must("tasks")?;
    let event = EVENTS.require(&request.id("event")?)?;
    let mut errors = FieldErrors::default();
    let title = errors.take("title", words::title(request.field("title")));
    let owner = errors.take("owner", words::owner(request.field("owner")));
    let due = errors.take("due_on", words::date(request.field("due_on")));
    let (Some(title), Some(owner), Some(due)) = (title, owner, due) else { return Err(errors.into()) };
    if Task::IN_EVENT.equal(&event.id).count(MOST_TASKS)? >= MOST_TASKS {
        return Err(Failure::conflict(context::translate("board-full")));
    }
    owners::remember(&owner)?;
    let due = due.map(crate::tasks_model::Due::On);
    let mut task = Task { owner, due, ..Task::new(event.id.clone(), title) };
    task.settle(&Clock::of_organisation()?.day(event.body.starts_at));
    TASKS.insert(&task)?;
    if request.is_checked("tell") {
        let data = json!({ "event": event.id, "title": event.body.title, "task": task.title, "owner": task.owner, "has_owner": if task.owner.is_empty() { "no" } else { "yes" } });
        mails::tell_staff("task-added", &data)?;
    }
    Ok(Reply::redirect(paths::board(&event.id)))
}

pub fn apply(request: &Request) -> Result<Reply, Failure> {
    Asker::of_call().must("tasks")?;
    let event = EVENTS.require(&request.id("event")?)?;
    let list = LISTS.require(&Id::parse(request.field("list"))?)?;
    let new = lists::apply(&list, &event.id, &Clock::of_organisation()?.day(event.body.starts_at))?;
    Ok(Reply::redirect(format!("{}?new={new}", paths::board(&event.id))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(number: u8, due: Option<&str>, state: TaskState) -> Document<Task> {
        let id = Id::parse(&format!("01890a5d-ac96-774b-bcce-b302099a80{number:02x}")).unwrap_or_else(|_| panic!("an id"));
        let mut body =
            Task { due: due.map(|due| crate::tasks_model::Due::On(due.into())), state, ..Task::new(id.clone(), "会場".into()) };
        body.settle("2026-12-24");
        Document { id, revision: String::new(), body, created: 0, updated: 0 }
    }

    #[test]
    fn what_is_due_first_stands_first_and_only_what_is_open_is_overdue() {
        let tasks =
            [task(1, None, TaskState::Todo), task(2, Some("2026-12-20"), TaskState::Todo), task(3, Some("2026-12-01"), TaskState::Done)];
        let columns = columns(&tasks, "2026-12-21");
        let todo: Vec<_> = columns[0].cards.iter().map(|card| (card.id.clone(), card.is_overdue)).collect();
        assert_eq!(todo, [(tasks[1].id.clone(), true), (tasks[0].id.clone(), false)]);
        assert!(!columns[2].cards[0].is_overdue);
        assert_eq!(columns[0].cards[0].moves, [TaskState::Doing, TaskState::Done, TaskState::Dropped]);
    }
}
