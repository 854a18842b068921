//! What gateways may see, and what they have said of payments. What they are asked for is in [`gateway_wishes`](crate::gateway_wishes).

use crate::billing::{Billing, Booking, By, unbalanced};
use crate::payments::{Payment, Refund};
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::billing::{Outcome, Payer, PaymentReport, PluginInvoice, Receivable};
use tsudoi_kernel::invoice::{InvoiceSettings, Paper, Settled};
use tsudoi_kernel::ledger::{EntryKind, Lines, Method};
use tsudoi_kernel::ports::At;
use tsudoi_kernel::text::name_in_order;
use tsudoi_kernel::time::NaiveDate;
use tsudoi_kernel::{MemberId, OrganisationId, Timestamp};
use uuid::Uuid;

/// What a gateway has said of one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayReport {
    pub plugin: String,
    pub reference: String,
    pub invoice: Uuid,
    pub state: Outcome,
    pub paid: i64,
    /// All that was given back so far.
    pub refunded: i64,
    pub updated: Timestamp,
}

#[derive(FromQueryResult)]
struct ReportRow {
    plugin_id: String,
    reference: String,
    invoice_id: Uuid,
    state: String,
    paid: i64,
    refunded: i64,
    updated: i64,
}

const REPORT: &str =
    "SELECT plugin_id, reference, invoice_id, state, paid, refunded, updated FROM gateway_reports WHERE organisation_id = $1";
impl TryFrom<ReportRow> for GatewayReport {
    type Error = StoreError;

    fn try_from(row: ReportRow) -> Result<Self, StoreError> {
        Ok(Self {
            state: Outcome::parse(&row.state).ok_or_else(|| StoreError::Broken(format!("a payment in the state {}", row.state)))?,
            plugin: row.plugin_id,
            reference: row.reference,
            invoice: row.invoice_id,
            paid: row.paid,
            refunded: row.refunded,
            updated: Timestamp::from_millis(row.updated),
        })
    }
}

impl OrganisationStore {
    /// From now on the gateway may see this invoice and report about it. It takes no clock: a call that asked before and was
    /// told that there is none is not kept, since gateways ask in commands.
    pub async fn give_to_gateway(&self, plugin: &str, invoice: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let insert =
            "INSERT INTO gateway_invoices (organisation_id, plugin_id, invoice_id, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        self.store.write().execute(insert, [self.id.0.into(), plugin.into(), invoice.into(), at.as_i64().into()]).await?;
        Ok(())
    }

    /// What gateways have said of an invoice, the newest last.
    pub async fn gateway_reports(&self, invoice: Uuid) -> Result<Vec<GatewayReport>, StoreError> {
        let select = format!("{REPORT} AND invoice_id = $2 ORDER BY created, reference");
        let rows: Vec<ReportRow> = self.store.read().all(&select, [self.id.0.into(), invoice.into()]).await?;
        rows.into_iter().map(GatewayReport::try_from).collect()
    }

    /// What a gateway has said of one payment.
    pub async fn gateway_report(&self, plugin: &str, reference: &str) -> Result<Option<GatewayReport>, StoreError> {
        let select = format!("{REPORT} AND plugin_id = $2 AND reference = $3");
        let row: Option<ReportRow> = self.store.read().one(&select, [self.id.0.into(), plugin.into(), reference.into()]).await?;
        row.map(GatewayReport::try_from).transpose()
    }
}

/// Of an invoice that is there, all of it.
#[derive(FromQueryResult)]
struct SeenRow {
    clock: i64,
    member_id: Option<Uuid>,
    plugin_id: Option<String>,
    reference: Option<String>,
    body: Option<String>,
    total: Option<i64>,
    credited: Option<i64>,
    paid: Option<i64>,
}

/// The same with who is to pay it, where they are a member.
#[derive(FromQueryResult)]
struct UnpaidRow {
    clock: i64,
    id: Option<Uuid>,
    member_id: Option<Uuid>,
    plugin_id: Option<String>,
    reference: Option<String>,
    body: Option<String>,
    total: Option<i64>,
    credited: Option<i64>,
    paid: Option<i64>,
    number: Option<String>,
    family_name: Option<String>,
    given_name: Option<String>,
    display_name: Option<String>,
    family_kana: Option<String>,
    given_kana: Option<String>,
}

#[derive(FromQueryResult)]
struct TermsRow {
    clock: i64,
    body: Option<String>,
}

impl Store {
    /// An issued invoice as a plugin may see it: one that it issued, or that it was asked to collect; with `any`, whichever. With the clock.
    pub(crate) async fn plugin_invoice(
        &self,
        organisation: OrganisationId,
        plugin: &str,
        id: Uuid,
        any: bool,
    ) -> Result<At<Option<PluginInvoice>>, StoreError> {
        let select = "SELECT o.clock, i.member_id, i.plugin_id, i.reference, i.body, i.total, i.credited, i.paid
             FROM organisations o LEFT JOIN invoices i ON i.organisation_id = o.id AND i.id = $2 AND i.number IS NOT NULL
                 AND (CAST($4 AS BIGINT) = 1 OR i.plugin_id = $3 OR EXISTS (SELECT 1 FROM gateway_invoices g
                      WHERE g.organisation_id = o.id AND g.plugin_id = $3 AND g.invoice_id = i.id))
             WHERE o.id = $1";
        let values: [Value; 4] = [organisation.0.into(), id.into(), plugin.into(), i64::from(any).into()];
        let row: Option<SeenRow> = self.read().one(select, values).await?;
        let row = row.ok_or_else(|| no_organisation(organisation))?;
        let number = row.clock.unsigned_abs();
        let (Some(body), Some(total), Some(credited), Some(paid)) = (row.body, row.total, row.credited, row.paid) else {
            return Ok(At { number, value: None });
        };
        let value = PluginInvoice {
            id,
            member: row.member_id.map(MemberId),
            reference: row.reference.filter(|_| row.plugin_id.as_deref() == Some(plugin)),
            paper: serde_json::from_str(&body)?,
            settled: Settled { total, credited, paid },
        };
        Ok(At { number, value: Some(value) })
    }

    /// Invoices that are to be paid, with who is to pay them and the clock.
    pub(crate) async fn plugin_receivables(
        &self,
        organisation: OrganisationId,
        plugin: &str,
        after: Option<(NaiveDate, Uuid)>,
        limit: u32,
    ) -> Result<At<Vec<Receivable>>, StoreError> {
        let (due, id) = after.map_or((String::new(), Uuid::nil()), |(due, id)| (due.to_string(), id));
        // One statement, so that the clock belongs to the rows; a row of its own where there are none.
        let select = format!(
            "SELECT o.clock, i.id, i.member_id, i.plugin_id, i.reference, i.body, i.total, i.credited, i.paid,
                 m.number, m.family_name, m.given_name, m.display_name, m.family_kana, m.given_kana
             FROM organisations o
             LEFT JOIN (SELECT * FROM invoices WHERE organisation_id = $1 AND number IS NOT NULL AND total - credited - paid > 0
                        AND (due_on > $2 OR due_on = $2 AND id > $3) ORDER BY due_on, id LIMIT {limit}) i ON i.organisation_id = o.id
             LEFT JOIN members m ON m.organisation_id = o.id AND m.id = i.member_id
             WHERE o.id = $1 ORDER BY i.due_on, i.id"
        );
        let rows: Vec<UnpaidRow> = self.read().all(&select, [organisation.0.into(), due.into(), id.into()]).await?;
        let number = rows.first().map(|row| row.clock.unsigned_abs()).ok_or_else(|| no_organisation(organisation))?;
        let read = |row: UnpaidRow| -> Result<Option<Receivable>, StoreError> {
            let (Some(id), Some(body), Some(total), Some(credited), Some(paid)) = (row.id, row.body, row.total, row.credited, row.paid)
            else {
                return Ok(None);
            };
            let paper: Paper = serde_json::from_str(&body)?;
            let payer = row.number.map(|number| {
                let (family, given) = (row.family_name.unwrap_or_default(), row.given_name.unwrap_or_default());
                let name = name_in_order(paper.locale, &family, &given).or(row.display_name).unwrap_or_default();
                let (family, given) = (row.family_kana.unwrap_or_default(), row.given_kana.unwrap_or_default());
                Payer { name, reading: format!("{family} {given}").trim().to_owned(), number }
            });
            let reference = row.reference.filter(|_| row.plugin_id.as_deref() == Some(plugin));
            let settled = Settled { total, credited, paid };
            Ok(Some(Receivable { invoice: PluginInvoice { id, member: row.member_id.map(MemberId), reference, paper, settled }, payer }))
        };
        let value = rows.into_iter().filter_map(|row| read(row).transpose()).collect::<Result<_, _>>()?;
        Ok(At { number, value })
    }

    /// How an organisation invoices, with the clock.
    pub(crate) async fn invoice_terms(&self, organisation: OrganisationId) -> Result<At<Option<InvoiceSettings>>, StoreError> {
        let select = "SELECT s.body, o.clock FROM organisations o LEFT JOIN invoice_settings s ON s.organisation_id = o.id WHERE o.id = $1";
        let row: Option<TermsRow> = self.read().one(select, [organisation.0.into()]).await?;
        let row = row.ok_or_else(|| no_organisation(organisation))?;
        let value = row.body.map(|body| serde_json::from_str(&body)).transpose()?;
        Ok(At { number: row.clock.unsigned_abs(), value })
    }
}

fn no_organisation(organisation: OrganisationId) -> StoreError {
    StoreError::Broken(format!("there is no organisation {organisation}"))
}

impl ChangeTransaction {
    pub(crate) async fn current_report(&self, plugin: &str, reference: &str) -> Result<Option<GatewayReport>, StoreError> {
        let select = format!("{REPORT} AND plugin_id = $2 AND reference = $3");
        let row: Option<ReportRow> = self.sql().one(&select, [self.organisation().0.into(), plugin.into(), reference.into()]).await?;
        row.map(GatewayReport::try_from).transpose()
    }

    async fn keep_report(&self, report: &GatewayReport) -> Result<(), StoreError> {
        let upsert =
            "INSERT INTO gateway_reports (organisation_id, plugin_id, reference, invoice_id, state, paid, refunded, created, updated)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (organisation_id, plugin_id, reference) DO UPDATE SET
                 state = excluded.state, paid = excluded.paid, refunded = excluded.refunded, updated = excluded.updated";
        let values: [Value; 8] = [
            self.organisation().0.into(),
            report.plugin.as_str().into(),
            report.reference.as_str().into(),
            report.invoice.into(),
            report.state.as_str().into(),
            report.paid.into(),
            report.refunded.into(),
            self.at().as_i64().into(),
        ];
        self.sql().execute(upsert, values).await?;
        Ok(())
    }

    /// What a plugin's call said of a payment, in its commit.
    pub(crate) async fn hear_report(&mut self, report: &PaymentReport) -> Result<(), StoreError> {
        self.billing(report.id, By::Plugin(&report.plugin), report.depth).await?.hear(report).await
    }
}

impl Billing<'_> {
    /// Adds what a gateway says to what it has said before, and brings the books to what both come to: so reports come to the same in
    /// whatever order they come, and however often.
    pub async fn hear(&mut self, report: &PaymentReport) -> Result<(), StoreError> {
        let known = self.transaction.current_report(&report.plugin, &report.reference).await?;
        let before = known.clone().unwrap_or_else(|| GatewayReport {
            plugin: report.plugin.clone(),
            reference: report.reference.clone(),
            invoice: report.invoice,
            state: Outcome::Pending,
            paid: 0,
            refunded: 0,
            updated: self.transaction.at(),
        });
        let now = GatewayReport {
            state: before.state.max(report.outcome),
            paid: if report.outcome == Outcome::Paid { before.paid.max(report.amount) } else { before.paid },
            refunded: if report.outcome == Outcome::Refunded { before.refunded.max(report.amount) } else { before.refunded },
            ..before.clone()
        };
        if known.as_ref() == Some(&now) {
            return Ok(());
        }
        self.transaction.keep_report(&now).await?;
        self.transaction.touch_invoice(now.invoice);
        if now.state != before.state && matches!(now.state, Outcome::Failed | Outcome::Disputed) {
            let action = if now.state == Outcome::Failed { "payment-failed" } else { "payment-disputed" };
            self.record(action, format!("invoice:{}", now.invoice), &now.reference).await?;
        }
        self.settle(&now).await
    }

    async fn settle(&mut self, report: &GatewayReport) -> Result<(), StoreError> {
        if report.paid == 0 {
            return Ok(());
        }
        let method = Method::Gateway(report.plugin.clone());
        let Some(record) = self.transaction.current_invoice(report.invoice).await? else { return Ok(()) };
        let Some(paper) = record.paper() else { return Ok(()) };
        let booking = Booking {
            invoice: report.invoice,
            method: method.clone(),
            reference: Some(report.reference.clone()),
            amount: report.paid,
            received_on: self.today,
            note: String::new(),
            token: self.fresh_id(),
        };
        self.book(&record, paper, &booking).await?;
        let payment = self.transaction.current_payment_of(&method, Some(&report.reference), booking.token).await?;
        let Some(payment) = payment else { return Ok(()) };
        let given_back: i64 = self.transaction.current_refunds_by(payment.id, &method).await?;
        let more = (report.refunded - given_back).min(payment.amount - payment.refunded);
        if more > 0 {
            self.give_back(&payment, report, more).await?;
        }
        self.transaction.finish_waiting_refunds(payment.id, report.refunded).await
    }

    /// The gateway has given a part of a payment back: what an invoice had of that is open again.
    async fn give_back(&mut self, payment: &Payment, report: &GatewayReport, amount: i64) -> Result<(), StoreError> {
        let mut missing = amount - payment.rest();
        for (invoice, number, used) in self.transaction.current_uses(payment.id).await? {
            let part = missing.min(used);
            if part > 0 {
                self.take_back(invoice, Some(payment.id), part).await?;
                self.settle_dues(invoice).await?;
                let lines = Lines::of_allocation(-part).map_err(unbalanced)?;
                self.post(EntryKind::Allocation, invoice, &number, self.today, &lines).await?;
                missing -= part;
            }
        }
        let refund = Refund {
            id: self.fresh_id(),
            payment: payment.id,
            method: Method::Gateway(report.plugin.clone()),
            reference: Some(format!("{}:{}", report.reference, report.refunded)),
            amount,
            refunded_on: self.today.to_string(),
            note: String::new(),
        };
        let token = self.fresh_id();
        match self.transaction.current_payment(payment.id).await? {
            Some(payment) => self.refund(&payment, &refund, token).await.map(|_| ()),
            None => Ok(()),
        }
    }
}
