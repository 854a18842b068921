//! The staff's tasks: the documents of the collections `tasks`, `owners` and `lists`.

use crate::clock;
use serde::{Deserialize, Serialize};
use tsudoi_plugin::{Collection, Id, Timestamp};

pub const TASKS: Collection<Task> = Task::COLLECTION;
pub const OWNERS: Collection<Owner> = Owner::COLLECTION;
pub const LISTS: Collection<TaskList> = TaskList::COLLECTION;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("tasks")]
pub struct Task {
    pub event: Id,
    pub title: String,
    pub note: String,
    /// A name as staff know each other; empty where nobody has it.
    pub owner: String,
    pub due: Option<Due>,
    /// The date that `due` comes to.
    pub due_on: Option<String>,
    pub state: TaskState,
    /// Which task of which list it is; absent from one that was not planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The oldest first.
    pub comments: Vec<Comment>,
    /// `due_on` while something is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_due: Option<String>,
    /// `owner` while something is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_owner: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// A date.
    On(String),
    /// Days before the event; after it where below zero.
    Before(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    Todo,
    Doing,
    Done,
    Dropped,
}

impl TaskState {
    pub const ALL: [Self; 4] = [Self::Todo, Self::Doing, Self::Done, Self::Dropped];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Doing => "doing",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }

    pub const fn is_open(self) -> bool {
        matches!(self, Self::Todo | Self::Doing)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// As the writer signs; may be empty.
    pub by: String,
    pub text: String,
    pub at: Timestamp,
}

impl Task {
    pub fn new(event: Id, title: String) -> Self {
        Self {
            event,
            title,
            note: String::new(),
            owner: String::new(),
            due: None,
            due_on: None,
            state: TaskState::Todo,
            origin: None,
            comments: Vec::new(),
            open_due: None,
            open_owner: None,
        }
    }

    /// Brings what follows from the rest up to date, for an event on this day.
    pub fn settle(&mut self, day: &str) {
        self.due_on = match &self.due {
            Some(Due::On(date)) => Some(date.clone()),
            Some(Due::Before(days)) => clock::days_before(day, *days),
            None => None,
        };
        let is_open = self.state.is_open();
        self.open_due = self.due_on.clone().filter(|_| is_open);
        self.open_owner = Some(self.owner.clone()).filter(|owner| is_open && !owner.is_empty());
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Collection)]
#[collection("owners")]
pub struct Owner {
    pub name: String,
}

/// What there is to do for each event of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("lists")]
pub struct TaskList {
    pub name: String,
    pub items: Vec<Item>,
    /// The number that the newest item got; numbers are never given twice.
    pub last_number: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub number: u32,
    pub title: String,
    pub note: String,
    pub owner: String,
    pub days_before: Option<i64>,
}

impl Item {
    pub fn origin(&self, list: &Id) -> String {
        format!("{list}:{}", self.number)
    }

    pub fn as_task(&self, list: &Id, event: Id) -> Task {
        let Self { title, note, owner, days_before, .. } = self.clone();
        Task { note, owner, due: days_before.map(Due::Before), origin: Some(self.origin(list)), ..Task::new(event, title) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_is_done_is_due_no_more_and_nobodys_load() {
        let event = Id::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap_or_else(|_| panic!("an id"));
        let mut task = Task { owner: "佐藤".into(), due: Some(Due::Before(14)), ..Task::new(event, "会場の予約".into()) };
        task.settle("2026-12-24");
        assert_eq!((task.open_due.as_deref(), task.open_owner.as_deref()), (Some("2026-12-10"), Some("佐藤")));
        task.settle("2026-12-25");
        assert_eq!(task.due_on.as_deref(), Some("2026-12-11"), "it moves with the event");
        task.state = TaskState::Done;
        task.settle("2026-12-25");
        assert_eq!((task.due_on.as_deref(), task.open_due, task.open_owner), (Some("2026-12-11"), None, None));
    }
}
