//! The demo's invoices and dues: written, issued, paid and taken back by the use cases that staff use.

use super::content::{BillPaid, DuesAsked, InvoiceEntry, PaymentEntry};
use super::story::Teller;
use super::year::Told;
use anyhow::Context;
use chrono::{Days, Months, NaiveDate};
use tsudoi_services::dues::DuesInput;
use tsudoi_services::editor::Editor;
use tsudoi_services::invoices::{CreditInput, InvoiceInput, PaymentInput, RefundInput, SettingsInput, TaxKind};
use tsudoi_services::visits::Visit;
use uuid::Uuid;

impl Teller<'_> {
    fn editor(&self, visit: &Visit) -> Editor {
        self.services.editor_of(visit.organisation.id, None)
    }

    pub async fn choose_invoice_settings(&self, visit: &Visit) -> anyhow::Result<()> {
        let seen = self.services.invoice_settings_state(&self.services.invoice_settings(visit).await?)?;
        self.editor(visit).save_invoice_settings(visit, &seen, &SettingsInput::of(&self.content.invoices.settings)).await?;
        Ok(())
    }

    /// Those of the term after this one, with their prices.
    async fn next_dues(&self, visit: &Visit) -> anyhow::Result<DuesInput> {
        let mut input = self.services.new_dues(visit).await?;
        for row in &mut input.prices {
            let Some(entry) = self.content.invoices.dues.iter().find(|entry| entry.member_type == row.member_type) else { continue };
            row.usual.clone_from(&entry.usual);
            for (tier, price) in &mut row.tiers {
                *price = entry.tiers.get(tier).cloned().unwrap_or_default();
            }
        }
        Ok(input)
    }

    /// Nobody has been asked yet.
    pub(super) async fn plan_dues(&self, visit: &Visit) -> anyhow::Result<()> {
        let mut input = self.next_dues(visit).await?;
        // Within the first month, as they would be if nobody had been asked late this year.
        let due_on = input.begins.parse::<NaiveDate>()?.checked_add_days(Days::new(29)).context("too far away")?;
        input.due_on = due_on.to_string();
        self.editor(visit).save_dues(visit, None, "", &input).await?;
        Ok(())
    }

    /// Dues of the term that is on today.
    pub(super) async fn ask_dues(&self, visit: &Visit, asked: &DuesAsked) -> anyhow::Result<Uuid> {
        let on = self.services.today_of(visit);
        // What is proposed follows from the day, and the day is today here.
        self.clock.set(self.now);
        let mut input = self.next_dues(visit).await?;
        self.clock.set(self.ago(asked.days_ago));
        let year_before = |date: &str| -> anyhow::Result<NaiveDate> {
            date.parse::<NaiveDate>()?.checked_sub_months(Months::new(12)).context("too long ago")
        };
        let next: NaiveDate = input.begins.parse()?;
        let (begins, ends) = (year_before(&input.begins)?, next.pred_opt().context("too long ago")?);
        let year = |date: NaiveDate| date.format("%Y").to_string();
        input.name = input.name.replace(&year(next), &year(begins));
        (input.begins, input.ends) = (begins.to_string(), ends.to_string());
        let due_on = on.checked_add_days(Days::new(u64::from(asked.due_in_days))).context("too far away")?;
        input.due_on = due_on.to_string();
        let dues = self.editor(visit).save_dues(visit, None, "", &input).await?;
        self.run_dues(visit, dues).await?;
        Ok(dues)
    }

    pub(super) async fn run_dues(&self, visit: &Visit, dues: Uuid) -> anyhow::Result<()> {
        let seen = self.services.dues_file(visit, dues).await?.state;
        self.editor(visit).run_dues(dues, &seen).await?;
        Ok(self.services.work_on_dues().await.map(drop)?)
    }

    pub(super) async fn issue(&self, visit: &Visit, entry: &InvoiceEntry) -> anyhow::Result<Uuid> {
        let member = self.members.get(&entry.member).and_then(|visitor| visitor.member.as_ref()).map(|member| member.id);
        let member = member.context("nobody's invoice")?;
        let editor = self.editor(visit);
        let (_, input) = self.services.new_invoice(visit, member).await?;
        let lines = entry.lines.iter().map(super::content::BillLine::typed).collect();
        let input = InvoiceInput { lines, period: entry.period.clone(), ..input };
        let id = editor.create_invoice(visit, member, &input).await?;
        if !entry.draft {
            let state = self.services.invoice_file(visit, id).await?.state;
            editor.issue_invoice(visit, id, &state).await?;
        }
        Ok(id)
    }

    pub(super) async fn pay(&self, visit: &Visit, invoice: Uuid, entry: &PaymentEntry) -> anyhow::Result<()> {
        let input = PaymentInput {
            method: entry.method.clone(),
            amount: entry.amount.clone(),
            reference: entry.reference.clone(),
            received_on: self.services.today_of(visit).to_string(),
            note: String::new(),
            token: self.services.money_token(),
        };
        self.editor(visit).record_payment(visit, invoice, &input).await?;
        Ok(())
    }

    /// The only unpaid invoice of each of these members that says so.
    pub(super) async fn pay_bills(&self, visit: &Visit, told: &Told<'_>, paid: &BillPaid) -> anyhow::Result<()> {
        let currency = self.services.currency(visit)?;
        for number in &paid.members {
            let member = self.visitor(told, number)?.member.as_ref().map(|member| member.id).context("nobody")?;
            let invoices = self.services.invoices_of(visit, member).await?;
            let says = |lines: &[tsudoi_kernel::invoice::InvoiceLine]| lines.iter().any(|line| line.name.contains(&paid.of));
            let mut unpaid =
                invoices.iter().filter(|found| found.settled.open() > 0 && found.paper().is_some_and(|paper| says(&paper.lines)));
            let invoice = unpaid.next().with_context(|| format!("{number} has nothing to pay for {}", paid.of))?;
            anyhow::ensure!(unpaid.next().is_none(), "{number} has several invoices for {}", paid.of);
            let open = || tsudoi_kernel::money::Money::new(invoice.settled.open(), currency).plain();
            let amount = paid.amount.clone().unwrap_or_else(open);
            let reference = if paid.members.len() == 1 { paid.reference.clone() } else { String::new() };
            let days_ago = paid.days_ago;
            self.pay(visit, invoice.id, &PaymentEntry { days_ago, amount, method: paid.method.clone(), reference }).await?;
        }
        Ok(())
    }

    pub(super) async fn credit(&self, visit: &Visit, invoice: Uuid, entry: &InvoiceEntry) -> anyhow::Result<()> {
        let credit = entry.credit.as_ref().context("no credit note")?;
        let kind = TaxKind::parse(&credit.kind).with_context(|| credit.kind.clone())?;
        let input =
            CreditInput { amounts: vec![(kind, credit.amount.clone())], reason: credit.reason.clone(), token: self.services.money_token() };
        self.editor(visit).credit_invoice(visit, invoice, &input).await?;
        Ok(())
    }

    /// What a credit note left of the invoice's latest payment.
    pub(super) async fn refund(&self, visit: &Visit, invoice: Uuid, entry: &InvoiceEntry) -> anyhow::Result<()> {
        let credit = entry.credit.as_ref().context("no credit note")?;
        let refunded = credit.refunded.as_ref().context("no refund")?;
        let file = self.services.invoice_file(visit, invoice).await?;
        let payment = file.allocations.last().context("nothing was paid")?.payment;
        let input = RefundInput {
            method: refunded.method.clone(),
            amount: credit.amount.clone(),
            reference: String::new(),
            refunded_on: self.services.today_of(visit).to_string(),
            note: credit.reason.clone(),
            token: self.services.money_token(),
        };
        self.editor(visit).refund_payment(visit, payment, &input).await?;
        Ok(())
    }
}
