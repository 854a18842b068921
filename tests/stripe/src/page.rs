//! The page that Stripe hosts for a session, with a button for each thing that can happen on it.

use crate::acts::{Card, Paid};
use crate::state::State;
use serde_json::Value;

pub enum Shown {
    Page(String),
    SeeOther(String),
    NotFound,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl State {
    pub fn show_page(&mut self, id: &str, message: &str) -> Shown {
        self.expire_old();
        let session = self.get(id);
        if session["object"] != "checkout.session" {
            return Shown::NotFound;
        }
        let of = |key: &str| escaped(session[key].as_str().unwrap_or_default());
        let buttons = match (session["status"].as_str(), session["mode"].as_str()) {
            (Some("open"), Some("setup")) => [("save", "Save this card"), ("cancel", "Back")].to_vec(),
            (Some("open"), _) => {
                [("pay", "Pay"), ("later", "Pay in a store"), ("decline", "Pay with a card that is declined"), ("cancel", "Back")].to_vec()
            }
            _ => vec![],
        };
        let button = |(name, label): &(&str, &str)| format!("<button id=\"{name}\" name=\"button\" value=\"{name}\">{label}</button>\n");
        let buttons: String = buttons.iter().map(button).collect();
        let state = if buttons.is_empty() { "<p id=\"over\">This page is over.</p>" } else { "" };
        let amount = session["amount_total"].as_i64().map_or(String::new(), |amount| format!("{amount} {}", of("currency").to_uppercase()));
        Shown::Page(format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>Stand-in for Stripe Checkout</title></head><body><h1>Stand-in for Stripe Checkout</h1><p id=\"name\">{}</p>\
             <p id=\"amount\">{amount}</p><p id=\"message\">{message}</p>{state}<form method=\"post\">{buttons}</form></body></html>",
            of("name")
        ))
    }

    pub fn press(&mut self, id: &str, button: &str) -> Shown {
        let session = self.get(id);
        let to = |key: &str| Shown::SeeOther(session[key].as_str().unwrap_or_default().replace("{CHECKOUT_SESSION_ID}", id));
        if session["object"] != "checkout.session" {
            return Shown::NotFound;
        }
        self.livemode = session["livemode"] == Value::Bool(true);
        let (card, how) = match button {
            "pay" | "save" => (Card::Good, Paid::Now),
            "later" => (Card::Good, Paid::Later),
            "decline" => (Card::Declined, Paid::Now),
            _ => return to("cancel_url"),
        };
        match self.fill_in(id, card, how) {
            Ok(()) => to("success_url"),
            Err(answer) => self.show_page(id, &escaped(answer.body["error"]["message"].as_str().unwrap_or_default())),
        }
    }
}
