//! `invoices`: documents about money, issued with the commit. A plugin sees those that it issued and, as a gateway, those that it was
//! asked to collect; what was paid of them is in its read set.

use crate::bindings::invoices::{Draft, Host, Line};
use crate::bindings::types;
use crate::state::{CallState, Refusal, answered, refusal};
use tsudoi_kernel::billing::{InvoiceCancellation, InvoiceOrder, PluginInvoice};
use tsudoi_kernel::changes::{INVOICE_SETTINGS, Read, invoice_fact};
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::ids::{fresh_uuid, parse_uuid};
use tsudoi_kernel::invoice::{InvoiceLine, NoInvoice, groups_of};
use tsudoi_kernel::money::{Currency, Money};
use tsudoi_kernel::tax::TaxKind;
use tsudoi_kernel::{MemberId, Timestamp};
use uuid::Uuid;

const INTERFACE: &str = "invoices";
const MOST_LINES: usize = 100;
const MOST_QUANTITY: u32 = 1_000_000;
/// In characters.
const MOST_NAME: usize = 200;
/// In bytes.
const MOST_REFERENCE: usize = 200;

impl Host for CallState {
    async fn issue(&mut self, draft: Draft) -> wasmtime::Result<Result<String, types::Error>> {
        let lines: usize = draft.lines.iter().map(|line| line.description.len() + line.tax_kind.len() + 20).sum();
        self.enter(draft.member.len() + draft.reference.len() + lines)?;
        answered(self.issue_invoice(draft).await)
    }

    async fn cancel(&mut self, invoice: String) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(invoice.len())?;
        answered(self.cancel_invoice(&invoice).await)
    }

    async fn get(&mut self, invoice: String) -> wasmtime::Result<Result<Option<String>, types::Error>> {
        self.enter(invoice.len())?;
        let shown = self.invoice_shown(&invoice).await;
        if let Ok(Some(shown)) = &shown {
            self.carry(shown.len())?;
        }
        answered(shown)
    }
}

impl CallState {
    /// The organisation's currency, where `given` is it.
    pub(super) fn own_currency(&self, given: &str) -> Result<Currency, Refusal> {
        let own = &self.context.organisation.currency;
        match Currency::parse(given).filter(|_| given == own) {
            Some(currency) => Ok(currency),
            None => Err(refusal("malformed", format!("the organisation's currency is {own}"))),
        }
    }

    async fn issue_invoice(&mut self, draft: Draft) -> Result<String, Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        if draft.lines.len() > MOST_LINES || draft.reference.len() > MOST_REFERENCE {
            return Err(refusal("too-large", format!("an invoice has at most {MOST_LINES} lines, a reference {MOST_REFERENCE} bytes")));
        }
        let lines = draft.lines.into_iter().map(|line| self.invoice_line(line)).collect::<Result<Vec<_>, _>>()?;
        let organisation = self.context.organisation.id;
        let settings = self.ask(move |data| async move { data.invoice_settings(organisation).await }).await?;
        self.read(Read::Fact(INVOICE_SETTINGS.to_owned()), settings.number);
        let Some(settings) = settings.value.filter(|settings| !settings.issuer.name.is_empty()) else {
            return Err(refusal("not-ready", "the organisation has not said yet who issues its invoices"));
        };
        let currency = self.own_currency(&self.context.organisation.currency)?;
        groups_of(&lines, settings.rule, currency).map_err(|fault| match fault {
            NoInvoice::Empty => refusal("malformed", "an invoice has at least one line"),
            NoInvoice::NotPositive => refusal("malformed", "the sum of an invoice, and of each tax kind on it, is above zero"),
            NoInvoice::TooMuch => refusal("too-large", "the sum is too large"),
        })?;
        let member = self.known_member(&draft.member).await?;
        self.read(Read::Fact("organisation".to_owned()), self.context.number);
        let due_on = draft.due.map(|due| {
            let due = i64::try_from(due).unwrap_or(i64::MAX);
            self.context.organisation.day(Timestamp::from_millis(due))
        });
        let id = fresh_uuid(self.now, self.ports.random.as_ref());
        let (plugin, depth) = (self.context.installation.manifest.id.clone(), self.depth + 1);
        self.effect(Effect::IssueInvoice(InvoiceOrder { id, plugin, member, lines, due_on, reference: draft.reference, depth }))?;
        Ok(id.to_string())
    }

    fn invoice_line(&self, line: Line) -> Result<InvoiceLine, Refusal> {
        let name = line.description.trim();
        if name.is_empty() || name.chars().count() > MOST_NAME || name.chars().any(char::is_control) {
            return Err(refusal("malformed", format!("a description is one line of 1 to {MOST_NAME} characters")));
        }
        if !(1..=MOST_QUANTITY).contains(&line.quantity) || line.unit.minor.unsigned_abs() > Money::MOST.unsigned_abs() {
            return Err(refusal("malformed", format!("a quantity is 1 to {MOST_QUANTITY}, an amount below 2^53")));
        }
        self.own_currency(&line.unit.currency)?;
        let kind = TaxKind::parse(&line.tax_kind).ok_or_else(|| {
            let kinds: Vec<&str> = TaxKind::ALL.into_iter().map(TaxKind::as_str).collect();
            refusal("malformed", format!("a tax kind is one of {}", kinds.join(", ")))
        })?;
        let (quantity, price) = (i64::from(line.quantity), line.unit.minor);
        Ok(InvoiceLine { name: name.to_owned(), quantity, unit: String::new(), price, kind })
    }

    async fn cancel_invoice(&mut self, invoice: &str) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        let invoice = parse_uuid(invoice).map_err(|_| no_invoice())?;
        if self.invoice_of_this_call(invoice).is_none() {
            let seen = self.seen_invoice(invoice).await?.filter(|invoice| invoice.reference.is_some());
            seen.ok_or_else(no_invoice)?;
        }
        let id = fresh_uuid(self.now, self.ports.random.as_ref());
        let (plugin, depth) = (self.context.installation.manifest.id.clone(), self.depth + 1);
        self.effect(Effect::CancelInvoice(InvoiceCancellation { id, plugin, invoice, depth }))
    }

    async fn invoice_shown(&mut self, invoice: &str) -> Result<Option<String>, Refusal> {
        self.may_use(INTERFACE)?;
        let Ok(id) = parse_uuid(invoice) else { return Ok(None) };
        // It has a number once it is issued, with this call's commit.
        if self.invoice_of_this_call(id).is_some() {
            return Err(refusal("not-now", "this call issues that invoice: it can be read after its commit"));
        }
        Ok(self.seen_invoice(id).await?.map(|invoice| invoice.shown().to_string()))
    }

    fn invoice_of_this_call(&self, id: Uuid) -> Option<MemberId> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::IssueInvoice(order) if order.id == id => Some(order.member),
            _ => None,
        })
    }

    /// One that this plugin may see.
    pub(super) async fn seen_invoice(&mut self, id: Uuid) -> Result<Option<PluginInvoice>, Refusal> {
        let (organisation, plugin) = (self.context.organisation.id, self.context.installation.manifest.id.clone());
        let any = self.may_use(super::receivables::INTERFACE).is_ok();
        let seen = self.ask(move |data| async move { data.invoice(organisation, plugin, id, any).await }).await?;
        self.read(Read::Fact(invoice_fact(id)), seen.number);
        Ok(seen.value)
    }
}

pub(super) fn no_invoice() -> Refusal {
    refusal("not-found", "this plugin has no invoice of this id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Kind;
    use crate::testing::Bench;
    use tsudoi_kernel::invoice::{InvoiceSettings, Issuer};

    fn bench() -> Bench {
        let bench = Bench::new().permit("invoices");
        bench.data.add_member(1, "花子", None);
        let issuer = Issuer { name: "ほしぞら会".into(), ..Issuer::default() };
        bench.data.set_invoice_settings(InvoiceSettings { issuer, ..InvoiceSettings::default() });
        bench
    }

    fn draft(minor: i64, currency: &str, tax_kind: &str) -> Draft {
        let unit = types::Money { minor, currency: currency.into() };
        let line = Line { description: "七夕の集い".into(), quantity: 2, unit, tax_kind: tax_kind.into() };
        Draft { member: Uuid::from_u128(1).to_string(), lines: vec![line], due: None, reference: "event-1".into() }
    }

    async fn issue(state: &mut CallState, draft: Draft) -> Result<String, String> {
        Host::issue(state, draft).await.unwrap().map_err(|error| error.code)
    }

    #[tokio::test]
    async fn an_invoice_waits_for_the_commit_and_depends_on_how_the_organisation_invoices() {
        let mut state = bench().state(Kind::Command);
        let id = issue(&mut state, draft(1_500, "JPY", "standard")).await.unwrap();
        let [Effect::IssueInvoice(order)] = &state.effects[..] else { panic!("{:?}", state.effects) };
        assert_eq!((order.id.to_string(), order.lines[0].price, order.depth), (id.clone(), 1_500, 1));
        assert!(state.reads.iter().any(|(read, _)| *read == Read::Fact(INVOICE_SETTINGS.into())));
        let shown = Host::get(&mut state, id.clone()).await.unwrap().map_err(|error| error.code);
        assert_eq!(shown, Err("not-now".into()));
        Host::cancel(&mut state, id).await.unwrap().unwrap();
        assert_eq!(state.effects.len(), 2);
    }

    #[tokio::test]
    async fn what_makes_no_invoice_is_told_at_once() {
        let mut state = bench().state(Kind::Command);
        let nobody = Draft { member: Uuid::from_u128(9).to_string(), ..draft(100, "JPY", "exempt") };
        let control =
            Draft { lines: vec![Line { description: "a\nb".into(), ..draft(1, "JPY", "exempt").lines.remove(0) }], ..nobody.clone() };
        for (wrong, code) in [
            (draft(100, "EUR", "standard"), "malformed"),
            (draft(100, "JPY", "luxury"), "malformed"),
            (draft(-100, "JPY", "standard"), "malformed"),
            (draft(i64::MIN, "JPY", "standard"), "malformed"),
            (Draft { lines: vec![], ..draft(1, "JPY", "exempt") }, "malformed"),
            (Draft { reference: "r".repeat(201), ..draft(1, "JPY", "exempt") }, "too-large"),
            (control, "malformed"),
            (nobody, "not-found"),
        ] {
            assert_eq!(issue(&mut state, wrong.clone()).await, Err(code.into()), "{wrong:?}");
        }
        let mut early = Bench::new().permit("invoices").state(Kind::Command);
        assert_eq!(issue(&mut early, draft(100, "JPY", "exempt")).await, Err("not-ready".into()));
        assert!(state.effects.is_empty());
    }

    #[tokio::test]
    async fn nobody_elses_invoice_is_seen_or_cancelled() {
        let mut state = bench().state(Kind::Command);
        let other = Uuid::from_u128(7).to_string();
        assert_eq!(Host::get(&mut state, other.clone()).await.unwrap().map_err(|error| error.code), Ok(None));
        let cancelled = Host::cancel(&mut state, other).await.unwrap().map_err(|error| error.code);
        assert_eq!(cancelled, Err("not-found".into()));
        let fact = Read::Fact(invoice_fact(Uuid::from_u128(7)));
        assert!(state.reads.iter().any(|(read, _)| *read == fact), "that there is none may change");
    }

    #[tokio::test]
    async fn without_the_grant_and_in_a_query_nothing_is_issued() {
        let mut ungranted = Bench::new().grant(&["store"]).state(Kind::Command);
        assert_eq!(issue(&mut ungranted, draft(100, "JPY", "exempt")).await, Err("not-granted".into()));
        assert_eq!(issue(&mut bench().state(Kind::Query), draft(100, "JPY", "exempt")).await, Err("read-only".into()));
    }
}
