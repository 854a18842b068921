//! `payments`: what a gateway says of payments, and of what members saved for paying. Payments are booked with the
//! commit, once for each reference of the provider's.

use super::invoices::no_invoice;
use crate::bindings::payments::Host;
use crate::bindings::types;
use crate::state::{CallState, Refusal, answered, refusal};
use tsudoi_kernel::billing::{Outcome, PaymentReport, SavedMethod};
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::ids::{fresh_uuid, parse_uuid};
use tsudoi_kernel::money::Money;

const INTERFACE: &str = "payments";
/// In bytes.
const MOST_REFERENCE: usize = 200;
/// In characters.
const MOST_LABEL: usize = 80;

impl Host for CallState {
    async fn report(
        &mut self,
        invoice: String,
        provider_reference: String,
        amount: types::Money,
        outcome: String,
    ) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(invoice.len() + provider_reference.len() + outcome.len() + 16)?;
        answered(self.report_payment(&invoice, provider_reference, &amount, &outcome).await)
    }

    async fn saved_method(&mut self, member: String, label: Option<String>) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(member.len() + label.as_ref().map_or(0, String::len))?;
        answered(self.keep_method(&member, label).await)
    }
}

/// Whether it can be what a provider calls a payment.
pub fn is_reference(text: &str) -> bool {
    (1..=MOST_REFERENCE).contains(&text.len()) && !text.chars().any(|letter| letter.is_control() || letter.is_whitespace())
}

impl CallState {
    async fn report_payment(&mut self, invoice: &str, reference: String, amount: &types::Money, outcome: &str) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        let outcome = Outcome::parse(outcome).ok_or_else(|| {
            let known: Vec<&str> = Outcome::ALL.into_iter().map(Outcome::as_str).collect();
            refusal("malformed", format!("an outcome is one of {}", known.join(", ")))
        })?;
        if !is_reference(&reference) {
            return Err(refusal("malformed", format!("a reference has 1 to {MOST_REFERENCE} bytes without spaces")));
        }
        self.own_currency(&amount.currency)?;
        let counts = matches!(outcome, Outcome::Paid | Outcome::Refunded);
        if amount.minor < i64::from(counts) || amount.minor > Money::MOST {
            return Err(refusal("malformed", "an amount is above zero and below 2^53"));
        }
        let invoice = parse_uuid(invoice).map_err(|_| no_invoice())?;
        self.seen_invoice(invoice).await?.ok_or_else(no_invoice)?;
        let id = fresh_uuid(self.now, self.ports.random.as_ref());
        let (plugin, depth) = (self.context.installation.manifest.id.clone(), self.depth + 1);
        self.effect(Effect::ReportPayment(PaymentReport { id, plugin, invoice, reference, amount: amount.minor, outcome, depth }))
    }

    async fn keep_method(&mut self, member: &str, label: Option<String>) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        let manifest = &self.context.installation.manifest;
        if !manifest.gateway.as_ref().is_some_and(|gateway| gateway.saved_methods) {
            return Err(refusal("malformed", "the gateway of the manifest has no saved-methods"));
        }
        let plugin = manifest.id.clone();
        let label = label.map(|label| label.trim().to_owned());
        let is_line = |label: &str| (1..=MOST_LABEL).contains(&label.chars().count()) && !label.chars().any(char::is_control);
        if label.as_deref().is_some_and(|label| !is_line(label)) {
            return Err(refusal("malformed", format!("a label is one line of 1 to {MOST_LABEL} characters")));
        }
        let member = self.known_member(member).await?;
        let id = fresh_uuid(self.now, self.ports.random.as_ref());
        self.effect(Effect::KeepMethod(SavedMethod { id, plugin, member, label }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Kind;
    use crate::testing::Bench;
    use uuid::Uuid;

    fn bench() -> Bench {
        let bench = Bench::new().permit("payments");
        bench.data.add_invoice(5, 3_000);
        bench
    }

    async fn report(state: &mut CallState, invoice: u128, reference: &str, minor: i64, outcome: &str) -> Result<(), String> {
        let amount = types::Money { minor, currency: "JPY".into() };
        let invoice = Uuid::from_u128(invoice).to_string();
        Host::report(state, invoice, reference.into(), amount, outcome.into()).await.unwrap().map_err(|error| error.code)
    }

    #[tokio::test]
    async fn a_report_waits_for_the_commit() {
        let mut state = bench().state(Kind::Action);
        report(&mut state, 5, "pi_1", 3_000, "paid").await.unwrap();
        let [Effect::ReportPayment(told)] = &state.effects[..] else { panic!("{:?}", state.effects) };
        assert_eq!((told.reference.as_str(), told.amount, told.outcome), ("pi_1", 3_000, Outcome::Paid));
    }

    #[tokio::test]
    async fn what_makes_no_sense_and_invoices_of_others_are_refused() {
        let mut state = bench().state(Kind::Action);
        assert_eq!(report(&mut state, 5, "pi_1", 3_000, "won").await, Err("malformed".into()));
        assert_eq!(report(&mut state, 5, "pi 1", 3_000, "paid").await, Err("malformed".into()));
        assert_eq!(report(&mut state, 5, "", 3_000, "paid").await, Err("malformed".into()));
        assert_eq!(report(&mut state, 5, "pi_1", 0, "paid").await, Err("malformed".into()));
        assert_eq!(report(&mut state, 5, "pi_1", -1, "refunded").await, Err("malformed".into()));
        assert_eq!(report(&mut state, 5, "pi_1", i64::MAX, "paid").await, Err("malformed".into()));
        assert_eq!(report(&mut state, 6, "pi_1", 3_000, "paid").await, Err("not-found".into()));
        let euros = types::Money { minor: 3_000, currency: "EUR".into() };
        let other = Host::report(&mut state, Uuid::from_u128(5).to_string(), "pi_1".into(), euros, "paid".into()).await.unwrap();
        assert_eq!(other.map_err(|error| error.code), Err("malformed".into()));
        assert!(state.effects.is_empty());
    }

    #[tokio::test]
    async fn without_the_grant_and_in_a_query_nothing_is_reported() {
        let mut ungranted = Bench::new().grant(&["store"]).state(Kind::Action);
        assert_eq!(report(&mut ungranted, 5, "pi_1", 3_000, "paid").await, Err("not-granted".into()));
        assert_eq!(report(&mut bench().state(Kind::Query), 5, "pi_1", 3_000, "paid").await, Err("read-only".into()));
    }
}
