//! Invoices, and what is paid of them.

use crate::page::Page;
use crate::people::{Person, Sending};
use crate::site::Site;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An invoice as it stands. Amounts are in the currency's smallest unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoice {
    pub id: String,
    /// The member's id.
    pub member: String,
    pub number: String,
    /// What its first line says.
    pub name: String,
    /// `open`, `partly-paid`, `overdue`, `paid` or `void`.
    pub state: String,
    pub total: i64,
    pub paid: i64,
    pub credited: i64,
}

/// A payment as it is booked.
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    pub id: String,
    /// The receipt's.
    pub number: String,
    /// `gateway:<plugin id>`, `bank`, `cash` or `other`.
    pub method: String,
    pub reference: String,
    pub amount: i64,
    /// What was used for invoices.
    pub used: i64,
    pub refunded: i64,
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn amount(value: &Value, key: &str) -> i64 {
    value[key].as_i64().unwrap_or_default()
}

impl Site {
    /// Staff issue an invoice with one line, without tax. Answers its id.
    #[track_caller]
    pub fn invoice(&self, member: &Person<'_>, name: &str, amount: i64) -> String {
        let made = self.stage().tell(&json!({ "do": "invoice", "member": member.number(), "name": name, "amount": amount }));
        text(&made, "id")
    }

    /// Staff take all of an invoice back by a credit note.
    #[track_caller]
    pub fn credit(&self, invoice: &str) {
        self.stage().tell(&json!({ "do": "credit", "invoice": invoice }));
    }

    /// Staff have the plugin give back a part of a payment that is left over. `done`, `asked` (it is tried again), `waiting` or
    /// `failed`.
    #[track_caller]
    pub fn give_back(&self, payment: &str, amount: i64) -> String {
        let state = self.stage().tell(&json!({ "do": "give-back", "payment": payment, "amount": amount }));
        state.as_str().unwrap_or_default().to_owned()
    }

    /// Whether plugin.toml says `refunds = true` of the way of paying that the plugin is.
    #[track_caller]
    pub fn gives_back(&self) -> bool {
        self.stage().tell(&json!({ "do": "gateway" }))["refunds"] == true
    }

    /// Whether it says `saved-methods = true`.
    #[track_caller]
    pub fn saves_methods(&self) -> bool {
        self.stage().tell(&json!({ "do": "gateway" }))["saved_methods"] == true
    }

    /// Staff have a member charged by the method that they saved with the plugin. `done`, `asked` (it is tried again), `waiting` or
    /// `failed`.
    #[track_caller]
    pub fn charge_saved(&self, invoice: &str) -> String {
        let state = self.stage().tell(&json!({ "do": "charge", "invoice": invoice }));
        state.as_str().unwrap_or_default().to_owned()
    }

    /// All that were issued, the oldest first; at most fifty.
    #[track_caller]
    pub fn invoices(&self) -> Vec<Invoice> {
        let of = |value: &Value| Invoice {
            id: text(value, "id"),
            member: text(value, "member"),
            number: text(value, "number"),
            name: text(value, "name"),
            state: text(value, "state"),
            total: amount(value, "total"),
            paid: amount(value, "paid"),
            credited: amount(value, "credited"),
        };
        self.stage().tell(&json!({ "do": "invoices" })).as_array().into_iter().flatten().map(of).collect()
    }

    /// All that are booked, the oldest first; at most fifty.
    #[track_caller]
    pub fn payments(&self) -> Vec<Payment> {
        let of = |value: &Value| Payment {
            id: text(value, "id"),
            number: text(value, "number"),
            method: text(value, "method"),
            reference: text(value, "reference"),
            amount: amount(value, "amount"),
            used: amount(value, "used"),
            refunded: amount(value, "refunded"),
        };
        self.stage().tell(&json!({ "do": "payments" })).as_array().into_iter().flatten().map(of).collect()
    }

    /// What stands on each account of the books: `assets:receivable`, `assets:clearing:<plugin id>` and so on.
    #[track_caller]
    pub fn balances(&self) -> BTreeMap<String, i64> {
        let balances = self.stage().tell(&json!({ "do": "balances" }));
        balances.as_object().into_iter().flatten().map(|(account, sum)| (account.clone(), sum.as_i64().unwrap_or_default())).collect()
    }
}

impl<'site> Person<'site> {
    /// Presses the plugin's button beside an invoice of theirs.
    #[track_caller]
    pub fn pay(&self, invoice: &str) -> Page<'site> {
        self.sent(self.paying(invoice))
    }

    /// The same, not sent yet. Sent twice it is one wish.
    #[track_caller]
    pub fn paying(&self, invoice: &str) -> Sending {
        self.wishing(&format!("/account/invoices/{invoice}/pay"), &[])
    }

    /// Presses the plugin's button for saving a method.
    #[track_caller]
    pub fn save_method(&self) -> Page<'site> {
        self.sent(self.saving_method())
    }

    /// The same, not sent yet. Sent twice it is one wish.
    #[track_caller]
    pub fn saving_method(&self) -> Sending {
        self.wishing("/account/payment-methods", &[("action", "save")])
    }

    /// Presses the button for removing the method that they saved with the plugin.
    #[track_caller]
    pub fn forget_method(&self) -> Page<'site> {
        self.sent(self.wishing("/account/payment-methods", &[("action", "forget")]))
    }

    #[track_caller]
    fn wishing(&self, path: &str, more: &[(&str, &str)]) -> Sending {
        let token = self.site().stage().tell(&json!({ "do": "token" }));
        let own = [("gateway", self.site().plugin()), ("token", token.as_str().unwrap_or_default())];
        Sending::form(self.number(), path.to_owned(), &[&own, more].concat())
    }
}
