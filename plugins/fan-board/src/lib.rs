//! A forum for the members of a site: boards with gates of their own, threads, replies, reports and moderation, a
//! block that shows what is new on any page, and a rule for those who write. `plugin.toml` says which routes, collections and permissions it has.

mod asker;
mod boards;
mod bylines;
mod latest;
mod mails;
mod manage;
mod model;
mod paging;
mod paths;
mod pictures;
mod posts;
mod regulars;
mod reports;
mod threads;
mod words;

use tsudoi_plugin::{Blocks, Failure, Id, Pages, Parameters, Reply, Request, Rules, View, export};

struct FanBoard;

impl Pages for FanBoard {
    fn view(request: &Request) -> Result<Reply, Failure> {
        match request.route() {
            "boards" => boards::list(),
            "board" => boards::show(request),
            "new-thread" => threads::compose(request),
            "thread" => threads::show(request),
            "post" => posts::show(request),
            "picture" => posts::picture(request),
            "edit-post" => posts::edit(request),
            "confirm-delete" => posts::confirm_delete(request),
            "report-form" => posts::compose_report(request),
            "reports" => reports::list(request),
            "manage-boards" => manage::list(),
            "new-board" => manage::compose(),
            "edit-board" => manage::edit(request),
            "confirm-remove-board" => manage::confirm_remove(request),
            _ => Err(Failure::NotFound),
        }
    }

    fn submit(request: &Request) -> Result<Reply, Failure> {
        match request.route() {
            "start-thread" => threads::start(request),
            "reply" => threads::reply(request),
            "moderate-thread" => threads::moderate(request),
            "save-post" => posts::save(request),
            "delete-post" => posts::delete(request),
            "report" => posts::report(request),
            "moderate-post" => posts::moderate(request),
            "settle" => reports::settle(request),
            "create-board" => manage::create(request),
            "save-board" => manage::save(request),
            "move-board" => manage::shift(request),
            "remove-board" => manage::remove(request),
            _ => Err(Failure::NotFound),
        }
    }
}

impl Blocks for FanBoard {
    fn render(name: &str, parameters: &Parameters) -> Result<View, Failure> {
        match name {
            "latest-threads" => latest::render(parameters),
            "open-reports" => reports::waiting(),
            _ => Err(Failure::NotFound),
        }
    }
}

impl Rules for FanBoard {
    fn evaluate(name: &str, parameters: &Parameters, members: &[Id]) -> Result<Vec<bool>, Failure> {
        match name {
            "has-posted" => regulars::have_posted(parameters, members),
            _ => Err(Failure::NotFound),
        }
    }
}

export!(FanBoard: pages, blocks, rules);
