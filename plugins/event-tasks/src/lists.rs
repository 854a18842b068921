//! Lists of tasks for each kind of event: what staff keep, and bringing them into an event.

use crate::tasks_model::{Item, LISTS, TASKS, Task, TaskList};
use crate::{owners, paths, words};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tsudoi_plugin::{Document, Error, Failure, FieldErrors, Id, Reply, Request, View, context};

const MOST_LISTS: u32 = 50;
const MOST_ITEMS: usize = 100;

/// By name.
pub fn all() -> Result<Vec<Document<TaskList>>, Error> {
    Ok(TaskList::BY_NAME.query().limit(MOST_LISTS).page()?.documents)
}

/// Brings the tasks of a list into an event that takes place on this day: each of them once, however often this is asked for. Answers how
/// many are new.
pub fn apply(list: &Document<TaskList>, event: &Id, day: &str) -> Result<usize, Failure> {
    let there = Task::IN_EVENT.equal(event).limit(1_000).page()?.documents;
    let there: BTreeSet<String> = there.into_iter().filter_map(|task| task.body.origin).collect();
    let missing: Vec<_> = list.body.items.iter().filter(|item| !there.contains(&item.origin(&list.id))).collect();
    for item in &missing {
        let mut task = item.as_task(&list.id, event.clone());
        task.settle(day);
        TASKS.insert(&task)?;
        owners::remember(&task.owner)?;
    }
    Ok(missing.len())
}

pub fn list() -> Result<Reply, Failure> {
    let lists = all()?;
    let line = |list: &Document<TaskList>| json!({ "id": list.id, "name": list.body.name, "count": list.body.items.len() });
    let data = json!({ "lists": lists.iter().map(line).collect::<Vec<_>>(), "is_full": lists.len() >= MOST_LISTS as usize });
    Ok(View::new("admin-lists.html", &data)?.titled(context::translate("lists-title")).into())
}

pub fn create(request: &Request) -> Result<Reply, Failure> {
    let name = words::title(request.field("title")).map_err(|message| FieldErrors::one("title", message))?;
    if all()?.len() >= MOST_LISTS as usize {
        return Err(Failure::conflict(context::translate("lists-full")));
    }
    let id = unless_taken(LISTS.insert(&TaskList { name, items: Vec::new(), last_number: 0 }))?;
    Ok(Reply::redirect(paths::list(&id)))
}

fn unless_taken<T>(result: Result<T, Error>) -> Result<T, Failure> {
    match result {
        Err(error) if error.is(Error::DUPLICATE) => Err(FieldErrors::one("title", "list-taken").into()),
        other => Ok(other?),
    }
}

pub fn show(request: &Request) -> Result<Reply, Failure> {
    let list = LISTS.require(&request.id("list")?)?;
    let items: Vec<Value> = list.body.items.iter().map(|item| json!(item)).collect();
    let data = json!({
        "list": { "id": list.id, "name": list.body.name },
        "items": items,
        "owners": owners::all()?,
        "is_full": list.body.items.len() >= MOST_ITEMS,
    });
    Ok(View::new("admin-list.html", &data)?.titled(list.body.name.as_str()).into())
}

/// Its name.
pub fn save(request: &Request) -> Result<Reply, Failure> {
    let mut list = LISTS.require(&request.id("list")?)?;
    list.body.name = words::title(request.field("title")).map_err(|message| FieldErrors::one("title", message))?;
    unless_taken(LISTS.put(&list.id, &list.body))?;
    Ok(Reply::redirect(paths::list(&list.id)))
}

pub fn add_item(request: &Request) -> Result<Reply, Failure> {
    let mut list = LISTS.require(&request.id("list")?)?;
    let mut errors = FieldErrors::default();
    let title = errors.take("item", words::title(request.field("item")));
    let note = errors.take("note", words::note(request.text("note")));
    let owner = errors.take("owner", words::owner(request.field("owner")));
    let days_before = errors.take("days_before", words::days_before(request.field("days_before")));
    let (Some(title), Some(note), Some(owner), Some(days_before)) = (title, note, owner, days_before) else { return Err(errors.into()) };
    if list.body.items.len() >= MOST_ITEMS {
        return Err(Failure::conflict(context::translate("list-full")));
    }
    owners::remember(&owner)?;
    list.body.last_number += 1;
    list.body.items.push(Item { number: list.body.last_number, title, note, owner, days_before });
    // The earliest first; those without a day come last.
    list.body.items.sort_by_key(|item| (item.days_before.is_none(), item.days_before.map(std::cmp::Reverse)));
    LISTS.put(&list.id, &list.body)?;
    Ok(Reply::redirect(paths::list(&list.id)))
}

pub fn remove_item(request: &Request) -> Result<Reply, Failure> {
    let mut list = LISTS.require(&request.id("list")?)?;
    let number: u32 = request.parameter("item").parse().map_err(|_| Failure::NotFound)?;
    list.body.items.retain(|item| item.number != number);
    LISTS.put(&list.id, &list.body)?;
    Ok(Reply::redirect(paths::list(&list.id)))
}

pub fn confirm_delete(request: &Request) -> Result<Reply, Failure> {
    let list = LISTS.require(&request.id("list")?)?;
    let data = json!({ "list": { "id": list.id, "name": list.body.name } });
    Ok(View::new("admin-delete-list.html", &data)?.titled(context::translate("delete-list-title")).into())
}

/// Tasks that events got from it stay.
pub fn delete(request: &Request) -> Result<Reply, Failure> {
    let list = LISTS.require(&request.id("list")?)?;
    LISTS.delete(&list.id)?;
    Ok(Reply::redirect(paths::LISTS))
}
