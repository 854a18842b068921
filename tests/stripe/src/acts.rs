//! What payers, banks and people at Stripe's dashboard do.

use crate::Stripe;
use crate::answer::Outcome;
use crate::state::State;
use serde_json::{Value, json};

/// Cards by what becomes of them, as Stripe's page *Testing* lists their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Card {
    /// 4242 4242 4242 4242.
    Good,
    /// 4000 0000 0000 0002.
    Declined,
    /// 4000 0000 0000 0341: it can be saved, and is declined when it is charged.
    DeclinedLater,
    /// 4000 0027 6000 3184: whoever has it must be there.
    NeedsAuthentication,
}

/// When a payment that was begun on the page arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    Now,
    /// As in a convenience store.
    Later,
}

impl Card {
    pub(crate) const fn number(self) -> &'static str {
        match self {
            Self::Good => "4242424242424242",
            Self::Declined => "4000000000000002",
            Self::DeclinedLater => "4000000000000341",
            Self::NeedsAuthentication => "4000002760003184",
        }
    }

    /// The card of a PaymentMethod.
    pub(crate) fn of(method: &Value) -> Self {
        let all = [Self::Declined, Self::DeclinedLater, Self::NeedsAuthentication];
        all.into_iter().find(|card| card.number().ends_with(method["card"]["last4"].as_str().unwrap_or("-"))).unwrap_or(Self::Good)
    }
}

impl Stripe {
    /// Acts in the mode of an object.
    fn act<T>(&self, id: &str, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        state.livemode = state.get(id)["livemode"].as_bool().unwrap_or_default();
        act(&mut state)
    }

    #[track_caller]
    fn done(outcome: Outcome) -> Value {
        outcome.unwrap_or_else(|answer| panic!("Stripe refuses that: {}", answer.body))
    }

    /// The payer pays on the page of a session, or saves a card there.
    #[track_caller]
    pub fn pay(&self, session: &str, card: Card) {
        let paid = self.act(session, |state| state.fill_in(session, card, Paid::Now));
        assert!(paid.is_ok() || matches!(card, Card::Declined | Card::DeclinedLater), "{paid:?}");
    }

    /// The payer chooses to pay later.
    #[track_caller]
    pub fn pay_later(&self, session: &str) {
        let chosen = self.act(session, |state| state.fill_in(session, Card::Good, Paid::Later));
        assert!(chosen.is_ok(), "{chosen:?}");
    }

    pub fn settle_later(&self, session: &str, is_paid: bool) {
        self.act(session, |state| state.settle_later(session, is_paid));
    }

    /// The session's time is over.
    #[track_caller]
    pub fn expire(&self, session: &str) {
        Self::done(self.act(session, |state| state.expire_session(session)));
    }

    /// How the next refunds begin: `succeeded`, `pending` or `failed`.
    pub fn refunds_begin(&self, status: &str) {
        status.clone_into(&mut self.state().refunds_begin);
    }

    /// `succeeded` or `failed`, after `pending`; or `failed` after `succeeded`, where a bank sends the money back.
    pub fn finish_refund(&self, refund: &str, status: &str) {
        self.act(refund, |state| state.finish_refund(refund, status));
    }

    /// Somebody refunds at Stripe's dashboard. Answers the refund's id.
    #[track_caller]
    pub fn refund(&self, intent: &str, amount: i64) -> String {
        let given = json!({ "payment_intent": intent, "amount": amount.to_string() });
        let refund = Self::done(self.act(intent, |state| state.create_refund(&given)));
        refund["id"].as_str().unwrap_or_default().to_owned()
    }

    /// The payer's bank asks for all of a payment back. Answers the dispute's id.
    pub fn dispute(&self, intent: &str) -> String {
        self.act(intent, |state| state.open_dispute(intent))
    }

    pub fn close_dispute(&self, dispute: &str, is_won: bool) {
        self.act(dispute, |state| state.close_dispute(dispute, is_won));
    }

    #[track_caller]
    pub fn detach(&self, method: &str) {
        Self::done(self.act(method, |state| state.detach(method, &json!({}))));
    }

    #[track_caller]
    pub fn delete_customer(&self, customer: &str) {
        Self::done(self.act(customer, |state| state.delete_customer(customer)));
    }
}
