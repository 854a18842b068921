//! `receivables`: all invoices of the organisation that are to be paid, for gateways that match money which came unannounced.

use crate::bindings::receivables::{Host, ReceivablePage};
use crate::bindings::types;
use crate::state::{CallState, Refusal, answered, refusal};
use tsudoi_kernel::billing::Receivable;
use tsudoi_kernel::changes::{RECEIVABLES, Read};
use tsudoi_kernel::ids::parse_uuid;

pub(super) const INTERFACE: &str = "receivables";
const MOST: u32 = 500;

impl Host for CallState {
    async fn unpaid(&mut self, limit: u32, cursor: Option<String>) -> wasmtime::Result<Result<ReceivablePage, types::Error>> {
        self.enter(cursor.as_ref().map_or(0, String::len) + 4)?;
        let page = self.unpaid_invoices(limit, cursor.as_deref()).await;
        if let Ok(page) = &page {
            self.count_read(page.invoices.len())?;
            self.carry(page.invoices.iter().map(String::len).sum())?;
        }
        answered(page)
    }
}

impl CallState {
    async fn unpaid_invoices(&mut self, limit: u32, cursor: Option<&str>) -> Result<ReceivablePage, Refusal> {
        self.may_use(INTERFACE)?;
        // The place behind which it goes on: the due date and the id of the last one shown.
        let after = cursor.map(|cursor| {
            let (due, id) = cursor.split_once('/')?;
            Some((due.parse().ok()?, parse_uuid(id).ok()?))
        });
        let after = match after {
            Some(None) => return Err(refusal("malformed", "the cursor is none that this host has given")),
            Some(after) => after,
            None => None,
        };
        let (organisation, plugin, limit) =
            (self.context.organisation.id, self.context.installation.manifest.id.clone(), limit.clamp(1, MOST));
        let found = self.ask(move |data| async move { data.receivables(organisation, plugin, after, limit).await }).await?;
        self.read(Read::Fact(RECEIVABLES.to_owned()), found.number);
        let next = found.value.last().filter(|_| found.value.len() == limit as usize);
        let next = next.map(|last| format!("{}/{}", last.due_on(), last.invoice.id));
        Ok(ReceivablePage { invoices: found.value.iter().map(|one| Receivable::shown(one).to_string()).collect(), next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::{invoices, payments};
    use crate::state::Kind;
    use crate::testing::Bench;
    use uuid::Uuid;

    fn bench(permissions: &[&str]) -> Bench {
        let bench = permissions.iter().fold(Bench::new(), |bench, permission| bench.permit(permission));
        bench.data.add_unpaid(5, 3_000);
        bench.data.add_unpaid(6, 4_000);
        bench
    }

    async fn unpaid(state: &mut CallState, limit: u32, cursor: Option<String>) -> Result<ReceivablePage, String> {
        Host::unpaid(state, limit, cursor).await.unwrap().map_err(|error| error.code)
    }

    #[tokio::test]
    async fn all_that_is_to_be_paid_is_shown_page_by_page_and_can_be_reported_about() {
        let mut state = bench(&["receivables", "payments", "invoices"]).state(Kind::Command);
        let first = unpaid(&mut state, 1, None).await.unwrap();
        assert!(first.invoices[0].contains("\"open\":3000") && first.invoices[0].contains("\"reading\""), "{}", first.invoices[0]);
        let second = unpaid(&mut state, 1, first.next).await.unwrap();
        assert!(second.invoices[0].contains("\"open\":4000"));
        assert_eq!(unpaid(&mut state, 1, second.next).await.unwrap().invoices.len(), 0);
        assert!(state.reads.iter().any(|(read, _)| *read == Read::Fact(RECEIVABLES.into())));
        let id = Uuid::from_u128(5).to_string();
        assert!(invoices::Host::get(&mut state, id.clone()).await.unwrap().unwrap().is_some());
        let amount = types::Money { minor: 3_000, currency: "JPY".into() };
        payments::Host::report(&mut state, id, "line-1".into(), amount, "paid".into()).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn without_the_grant_nothing_is_shown_and_nobody_elses_invoice_is_there() {
        let mut state = bench(&["payments", "invoices"]).state(Kind::Command);
        assert_eq!(unpaid(&mut state, 1, None).await.map(|_| ()), Err("not-granted".into()));
        let seen = invoices::Host::get(&mut state, Uuid::from_u128(5).to_string()).await.unwrap().unwrap();
        assert_eq!(seen, None);
        let mut granted = bench(&["receivables"]).state(Kind::Query);
        assert_eq!(unpaid(&mut granted, 1, Some("2026-13-01/x".into())).await.map(|_| ()), Err("malformed".into()));
    }
}
