//! The demo's invoices and dues: written, issued, paid and taken back by the use cases that staff use, each at its time.

use super::content::{Content, InvoiceEntry};
use crate::ports::ManualClock;
use anyhow::Context;
use std::collections::HashMap;
use std::sync::Arc;
use tsudoi_kernel::{MemberId, Timestamp, Visitor};
use tsudoi_services::Services;
use tsudoi_services::invoices::{CreditInput, InvoiceInput, PaymentInput, SettingsInput, TaxKind};
use tsudoi_services::visits::Visit;

const DAY: i64 = 24 * 60 * 60;

/// Everything about money, as it happened until `now`.
pub async fn tell(
    services: &Services,
    clock: &ManualClock,
    content: &Content,
    visit: &Visit,
    members: &HashMap<String, Arc<Visitor>>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let editor = services.editor_of(visit.organisation.id, None);
    let seen = services.invoice_settings_state(&services.invoice_settings(visit).await?)?;
    editor.save_invoice_settings(visit, &seen, &SettingsInput::of(&content.invoices.settings)).await.context("the settings")?;
    let mut entries: Vec<&InvoiceEntry> = content.invoices.invoices.iter().collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.days_ago));
    for entry in entries {
        let visitor = members.get(&entry.member).with_context(|| entry.member.clone())?;
        let member = visitor.member.as_ref().map(|member| member.id).context("nobody's invoice")?;
        one(services, clock, visit, member, entry, now).await.with_context(|| format!("an invoice for {}", entry.member))?;
    }
    clock.set(now);
    dues(services, content, visit).await.context("the dues")
}

/// Those of the next term, before anybody is asked.
async fn dues(services: &Services, content: &Content, visit: &Visit) -> anyhow::Result<()> {
    let mut input = services.new_dues(visit).await?;
    for row in &mut input.prices {
        let Some(entry) = content.invoices.dues.iter().find(|entry| entry.member_type == row.member_type) else { continue };
        row.usual.clone_from(&entry.usual);
        for (tier, price) in &mut row.tiers {
            *price = entry.tiers.get(tier).cloned().unwrap_or_default();
        }
    }
    services.editor_of(visit.organisation.id, None).save_dues(visit, None, "", &input).await?;
    Ok(())
}

async fn one(
    services: &Services,
    clock: &ManualClock,
    visit: &Visit,
    member: MemberId,
    entry: &InvoiceEntry,
    now: Timestamp,
) -> anyhow::Result<()> {
    let editor = services.editor_of(visit.organisation.id, None);
    let ago = |days: u32| now.plus_seconds(-i64::from(days) * DAY);
    clock.set(ago(entry.days_ago));
    let (_, input) = services.new_invoice(visit, member).await?;
    let lines = entry.lines.iter().map(super::content::BillLine::typed).collect();
    let input = InvoiceInput { lines, period: entry.period.clone(), ..input };
    let id = editor.create_invoice(visit, member, &input).await?;
    if entry.draft {
        return Ok(());
    }
    let state = services.invoice_file(visit, id).await?.state;
    editor.issue_invoice(visit, id, &state).await?;
    for payment in &entry.payments {
        clock.set(ago(payment.days_ago));
        let input = PaymentInput {
            method: payment.method.clone(),
            amount: payment.amount.clone(),
            reference: payment.reference.clone(),
            received_on: services.today_of(visit).to_string(),
            note: String::new(),
            token: services.money_token(),
        };
        editor.record_payment(visit, id, &input).await?;
        // Plugins hear of it now.
        services.do_all_due_work().await?;
    }
    if let Some(credit) = &entry.credit {
        clock.set(ago(credit.days_ago));
        let kind = TaxKind::parse(&credit.kind).with_context(|| credit.kind.clone())?;
        let input =
            CreditInput { amounts: vec![(kind, credit.amount.clone())], reason: credit.reason.clone(), token: services.money_token() };
        editor.credit_invoice(visit, id, &input).await?;
    }
    Ok(())
}
