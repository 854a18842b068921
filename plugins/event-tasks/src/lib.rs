//! Events of a club: members register, wait and come; staff prepare them on a task board. `plugin.toml` says which routes, collections and
//! permissions there are.

mod answering;
mod asker;
mod billing;
mod board;
mod calendar;
mod catalogue;
mod clock;
mod door;
mod event_form;
mod lists;
mod mails;
mod manage;
mod mine;
mod model;
mod overview;
mod owners;
mod paging;
mod participants;
mod paths;
mod rates;
mod registering;
mod regulars;
mod reminders;
mod seats;
mod show;
mod taking_part;
mod tasks;
mod tasks_model;
mod timetable;
mod words;

use tsudoi_plugin::{Blocks, Events, Failure, Id, Job, Jobs, Pages, Parameters, Reply, Request, Rules, View, export};

struct EventTasks;

impl Pages for EventTasks {
    fn view(request: &Request) -> Result<Reply, Failure> {
        match request.route() {
            "upcoming" => catalogue::list(request),
            "event" => show::page(request),
            "calendar" => show::calendar(request),
            "confirm-withdraw" => registering::confirm_withdraw(request),
            "attendance" => door::page(request),
            "overview" => overview::page(request),
            "board" => board::page(request),
            "task" => tasks::page(request),
            "manage" => manage::list(request),
            "new-event" => manage::compose(),
            "edit-event" => manage::edit(request),
            "confirm-call-off" => manage::confirm_call_off(request),
            "confirm-delete" => manage::confirm_delete(request),
            "timetable" => timetable::list(request),
            "edit-session" => timetable::edit(request),
            "participants" => participants::list(request),
            "find-member" => participants::find(request),
            "rates" => rates::page(),
            "export" => participants::export(request),
            "lists" => lists::list(),
            "list" => lists::show(request),
            "confirm-delete-list" => lists::confirm_delete(request),
            _ => Err(Failure::NotFound),
        }
    }

    fn submit(request: &Request) -> Result<Reply, Failure> {
        match request.route() {
            "register" => registering::register(request),
            "withdraw" => registering::withdraw(request),
            "mark" => door::mark(request),
            "add-task" => board::add(request),
            "apply-list" => board::apply(request),
            "save-task" => tasks::save(request),
            "move-task" => tasks::shift(request),
            "comment" => tasks::comment(request),
            "create-event" => manage::create(request),
            "save-event" => manage::save(request),
            "publish" => manage::publish(request),
            "copy" => manage::copy(request),
            "call-off" => manage::call_off(request),
            "delete" => manage::delete(request),
            "add-session" => timetable::add(request),
            "save-session" => timetable::save(request),
            "remove-session" => timetable::remove(request),
            "add-participant" => participants::add(request),
            "cancel-registration" => participants::cancel(request),
            "take-back-invoice" => participants::take_back(request),
            "take-back-invoices" => participants::take_all_back(request),
            "create-list" => lists::create(request),
            "save-list" => lists::save(request),
            "add-item" => lists::add_item(request),
            "remove-item" => lists::remove_item(request),
            "delete-list" => lists::delete(request),
            _ => Err(Failure::NotFound),
        }
    }
}

impl Blocks for EventTasks {
    fn render(name: &str, parameters: &Parameters) -> Result<View, Failure> {
        match name {
            "upcoming" => catalogue::upcoming(parameters),
            "my-events" => mine::card(),
            "overdue-tasks" => overview::card(),
            _ => Err(Failure::NotFound),
        }
    }
}

impl Rules for EventTasks {
    fn evaluate(name: &str, parameters: &Parameters, members: &[Id]) -> Result<Vec<bool>, Failure> {
        match name {
            "has-attended" => regulars::have_attended(parameters, members),
            _ => Err(Failure::NotFound),
        }
    }
}

impl Events for EventTasks {
    fn handle(event: &tsudoi_plugin::Event) -> Result<(), Failure> {
        if answering::hear(event)? { Ok(()) } else { billing::hear(event) }
    }
}

impl Jobs for EventTasks {
    fn run(job: &Job) -> Result<(), Failure> {
        reminders::run(job)
    }
}

export!(EventTasks: pages, blocks, rules, events, jobs);
