//! Bank transfers as a way of paying. Members get a number to put before their name; staff bring in the bank's statements, and each
//! transfer is booked where the number, or amount and name, say whose it is. What is in doubt waits for staff.

mod code;
mod deciding;
#[cfg(test)]
mod dice;
mod gateway;
mod importing;
mod kana;
mod lines;
mod matching;
mod model;
mod routes;
mod statement;
mod unpaid;

use routes::{Change, Show};
use tsudoi_plugin::{Blocks, Charge, Checkout, Failure, Gateway, GiveBack, Pages, Parameters, Reply, Request, Settlement, View, export};

struct BankTransfer;

impl Pages for BankTransfer {
    fn view(request: &Request) -> Result<Reply, Failure> {
        match request.matched()? {
            Show::Transfer { invoice } => gateway::show(&invoice),
            Show::Lines => lines::list(request),
            Show::Line { line } => deciding::show(request, &line),
            Show::Imports => importing::form(),
            Show::Imported { import } => importing::result(request, &import),
        }
    }

    fn submit(request: &Request) -> Result<Reply, Failure> {
        match request.matched()? {
            Change::Book { line } => deciding::book(request, &line),
            Change::SetAside { line } => deciding::set_aside(request, &line),
            Change::TakeBack { line } => deciding::take_back(&line),
            Change::Import => importing::import(request),
        }
    }
}

impl Blocks for BankTransfer {
    fn render(name: &str, _parameters: &Parameters) -> Result<View, Failure> {
        match name {
            "waiting" => lines::waiting(),
            _ => Err(Failure::NotFound),
        }
    }
}

impl Gateway for BankTransfer {
    fn begin(charge: &Charge) -> Result<Checkout, Failure> {
        gateway::begin(charge)
    }

    fn refund(wish: &GiveBack) -> Result<Settlement, Failure> {
        gateway::refund(wish)
    }
}

export!(BankTransfer: pages, blocks, payment_gateway);
