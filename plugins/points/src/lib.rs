//! Points for the members of a site: lots that expire, an append-only history, rules and campaigns that staff make without code,
//! spending and giving back, ranks, and a monthly statement. `plugin.toml` says which routes, collections and permissions it has.

mod book;
mod dates;
mod days;
mod desk;
mod earning;
mod gateway;
mod history;
mod model;
mod nightly;
mod paging;
mod purse;
#[cfg(test)]
mod purse_tests;
mod ranks;
mod rules;
mod sheets;
mod shelf;
mod spending;
mod statement;
mod words;

use tsudoi_plugin::{
    Blocks, Charge, Checkout, Event, Events, Failure, Gateway, GiveBack, Job, Jobs, Pages, Parameters, Reply, Request, Settlement, View,
    export,
};

struct Points;

impl Pages for Points {
    fn view(request: &Request) -> Result<Reply, Failure> {
        match request.route() {
            "history" => history::show(request),
            "checkout" => gateway::checkout(request),
            "counter" => desk::counter(request),
            "members" => desk::list(request),
            "member" => desk::show(request),
            "adjustment" => desk::adjustment(request),
            "confirm-give-back" => desk::confirm_give_back(request),
            "statement" => statement::show(request),
            "statement-csv" => statement::csv(request),
            "rules" => shelf::list(),
            "new-rule" => shelf::new_rule(),
            "edit-rule" => shelf::edit_rule(request),
            "try-rule" => shelf::try_rule(request),
            "new-campaign" => shelf::new_campaign(),
            "edit-campaign" => shelf::edit_campaign(request),
            "try-campaign" => shelf::try_campaign(request),
            "ranks" => ranks::show(request),
            _ => Err(Failure::NotFound),
        }
    }

    fn submit(request: &Request) -> Result<Reply, Failure> {
        match request.route() {
            "pay" => gateway::pay(request),
            "spend" => desk::spend(request),
            "adjust" => desk::adjust(request),
            "give-back" => desk::give_back(request),
            "create-rule" => shelf::create_rule(request),
            "save-rule" => shelf::save_rule(request),
            "switch-rule" => shelf::switch_rule(request),
            "remove-rule" => shelf::remove_rule(request),
            "create-campaign" => shelf::create_campaign(request),
            "save-campaign" => shelf::save_campaign(request),
            "switch-campaign" => shelf::switch_campaign(request),
            "remove-campaign" => shelf::remove_campaign(request),
            _ => Err(Failure::NotFound),
        }
    }
}

impl Blocks for Points {
    fn render(name: &str, _parameters: &Parameters) -> Result<View, Failure> {
        match name {
            "balance" => history::block(),
            _ => Err(Failure::NotFound),
        }
    }
}

impl Events for Points {
    fn handle(event: &Event) -> Result<(), Failure> {
        earning::hear(event)
    }
}

impl Jobs for Points {
    fn run(job: &Job) -> Result<(), Failure> {
        nightly::run(job)
    }
}

impl Gateway for Points {
    fn begin(charge: &Charge) -> Result<Checkout, Failure> {
        Ok(gateway::begin(charge))
    }

    fn refund(wish: &GiveBack) -> Result<Settlement, Failure> {
        gateway::refund(wish)
    }
}

export!(Points: pages, blocks, events, jobs, payment_gateway);
