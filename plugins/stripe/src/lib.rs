//! Stripe as a way of paying: members pay on Stripe's own page, by card or whatever the organisation allows there; what came of it is
//! heard by signed events. Card numbers never come here, and neither names nor addresses of members go there.

mod amount;
mod api;
mod checkout;
mod connection;
mod giving_back;
mod hearing;
mod looking;
mod model;
mod reports;
mod routes;
mod saved;

use routes::{Change, Show};
use tsudoi_plugin::{
    Blocks, Charge, Checkout, Failure, Gateway, GiveBack, Id, Job, Jobs, Pages, Parameters, Reply, Request, SavedMethods, Saving,
    Settlement, View, WebhookAnswer, WebhookRequest, Webhooks, export,
};

struct Stripe;

impl Gateway for Stripe {
    fn begin(charge: &Charge) -> Result<Checkout, Failure> {
        checkout::begin(charge)
    }

    fn refund(wish: &GiveBack) -> Result<Settlement, Failure> {
        giving_back::refund(wish)
    }
}

impl SavedMethods for Stripe {
    fn save(wish: &Saving) -> Result<Checkout, Failure> {
        saved::save(wish)
    }

    fn charge_saved(charge: &Charge) -> Result<Settlement, Failure> {
        saved::charge(charge)
    }

    fn forget(payer: &Id, idempotency_key: &str) -> Result<(), Failure> {
        saved::forget(payer, idempotency_key)
    }
}

impl Webhooks for Stripe {
    fn receive(request: &WebhookRequest) -> Result<WebhookAnswer, Failure> {
        hearing::receive(request)
    }
}

impl Jobs for Stripe {
    fn run(job: &Job) -> Result<(), Failure> {
        match job.name.as_str() {
            "look-up" => looking::look_up(job),
            "catch-up" => looking::catch_up(),
            "new-card" => saved::new_card(job),
            _ => Err(Failure::NotFound),
        }
    }
}

impl Pages for Stripe {
    fn view(request: &Request) -> Result<Reply, Failure> {
        match request.matched()? {
            Show::Connection => connection::show(),
        }
    }

    fn submit(request: &Request) -> Result<Reply, Failure> {
        match request.matched()? {
            Change::Settle { matter } => connection::settle(&matter),
        }
    }
}

impl Blocks for Stripe {
    fn render(name: &str, _parameters: &Parameters) -> Result<View, Failure> {
        match name {
            "matters" => connection::card(),
            _ => Err(Failure::NotFound),
        }
    }
}

export!(Stripe: pages, blocks, jobs, webhooks, payment_gateway, saved_methods);
