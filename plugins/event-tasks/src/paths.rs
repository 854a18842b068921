//! Where things are, for redirects. Templates make their links with `plugin.base` and `plugin.admin_base`.

use crate::model::Answered;
use tsudoi_plugin::Id;

pub const MANAGE: &str = "/admin/p/event-tasks/";
pub const LISTS: &str = "/admin/p/event-tasks/lists";

pub fn event(event: &Id) -> String {
    format!("/p/event-tasks/events/{event}")
}

pub fn attendance(event: &Id) -> String {
    format!("/p/event-tasks/events/{event}/attendance")
}

pub fn board(event: &Id) -> String {
    format!("/p/event-tasks/tasks/of/{event}")
}

pub fn task(task: &Id) -> String {
    format!("/p/event-tasks/tasks/{task}")
}

/// A page of the host's, for staff who may see members.
pub fn answer(answer: &Answered) -> String {
    format!("/admin/forms/{}/answers/{}", answer.form, answer.id)
}

/// A staff page about an event: `edit`, `participants`, `timetable`.
pub fn managed(event: &Id, page: &str) -> String {
    format!("/admin/p/event-tasks/events/{event}/{page}")
}

pub fn list(list: &Id) -> String {
    format!("{LISTS}/{list}")
}
