//! One task: its page, changing and moving it, and what staff say about it.

use crate::asker::Asker;
use crate::clock::Clock;
use crate::model::EVENTS;
use crate::tasks_model::{Comment, Due, TASKS, Task, TaskState};
use crate::{owners, paths, words};
use serde_json::json;
use tsudoi_plugin::{Document, Failure, FieldErrors, Reply, Request, View, context};

const MOST_COMMENTS: usize = 200;

fn entered(request: &Request) -> Result<Document<Task>, Failure> {
    Asker::of_call().must("tasks")?;
    TASKS.require(&request.id("task")?)
}

pub fn page(request: &Request) -> Result<Reply, Failure> {
    let task = entered(request)?;
    let event = EVENTS.require(&task.body.event)?;
    let body = &task.body;
    let (kind, due_on, days_before) = match &body.due {
        None => ("none", String::new(), String::new()),
        Some(Due::On(date)) => ("on", date.clone(), String::new()),
        Some(Due::Before(days)) => ("before", String::new(), days.to_string()),
    };
    let filled = json!({
        "title": body.title, "note": body.note, "owner": body.owner, "state": body.state, "due_kind": kind, "due_on": due_on,
        "days_before": days_before,
    });
    let data = json!({
        "event": { "id": event.id, "title": event.body.title },
        "task": { "id": task.id, "revision": task.revision, "title": body.title, "due_on": body.due_on, "comments": body.comments },
        "filled": filled,
        "states": TaskState::ALL,
        "owners": owners::all()?,
    });
    Ok(View::new("task.html", &data)?.titled(body.title.as_str()).into())
}

pub fn save(request: &Request) -> Result<Reply, Failure> {
    let mut task = entered(request)?;
    let mut errors = FieldErrors::default();
    let title = errors.take("title", words::title(request.field("title")));
    let note = errors.take("note", words::note(request.text("note")));
    let owner = errors.take("owner", words::owner(request.field("owner")));
    let state = errors.take("state", TaskState::named(request.field("state")).ok_or("state-missing"));
    let due = match request.field("due_kind") {
        "on" => errors.take("due_on", words::date(request.field("due_on")).and_then(|date| date.ok_or("date-malformed"))).map(Due::On),
        "before" => {
            let days = words::days_before(request.field("days_before")).and_then(|days| days.ok_or("days-malformed"));
            errors.take("days_before", days).map(Due::Before)
        }
        _ => None,
    };
    let (Some(title), Some(note), Some(owner), Some(state), true) = (title, note, owner, state, errors.is_empty()) else {
        return Err(errors.into());
    };
    owners::remember(&owner)?;
    task.body = Task { title, note, owner, state, due, ..task.body };
    settle(&mut task)?;
    match TASKS.replace(&task.id, &task.body, request.field("revision")) {
        Err(error) if error.is(tsudoi_plugin::Error::CHANGED) => Err(FieldErrors::one("revision", "edit-overtaken").into()),
        other => {
            other?;
            Ok(Reply::redirect(paths::board(&task.body.event)))
        }
    }
}

fn settle(task: &mut Document<Task>) -> Result<(), Failure> {
    let event = EVENTS.require(&task.body.event)?;
    task.body.settle(&Clock::of_organisation()?.day(event.body.starts_at));
    Ok(())
}

/// A button on the board.
pub fn shift(request: &Request) -> Result<Reply, Failure> {
    let mut task = entered(request)?;
    task.body.state = TaskState::named(request.field("state")).ok_or(Failure::NotFound)?;
    settle(&mut task)?;
    TASKS.put(&task.id, &task.body)?;
    Ok(Reply::redirect(format!("{}#t-{}", paths::board(&task.body.event), task.id)))
}

pub fn comment(request: &Request) -> Result<Reply, Failure> {
    let mut task = entered(request)?;
    let mut errors = FieldErrors::default();
    let text = errors.take("comment", words::comment(request.text("comment")));
    let by = errors.take("by", words::owner(request.field("by")));
    let (Some(text), Some(by)) = (text, by) else { return Err(errors.into()) };
    if task.body.comments.len() >= MOST_COMMENTS {
        return Err(Failure::conflict(context::translate("comments-full")));
    }
    task.body.comments.push(Comment { by, text, at: context::now() });
    TASKS.put(&task.id, &task.body)?;
    Ok(Reply::redirect(format!("{}#comments", paths::task(&task.id))))
}
