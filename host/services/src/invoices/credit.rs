//! Credit notes (返還インボイス): an issued invoice is never changed, what is taken back of it is a document of its own.

use super::issue::{series, unbalanced};
use super::{Check, LONGEST_TEXT, currency_of, day_of};
use crate::ServiceError;
use crate::editor::Editor;
use crate::visits::Visit;
use chrono::Datelike;
use serde_json::json;
use std::collections::BTreeMap;
use tsudoi_kernel::invoice::{InvoiceLine, Paper, PaperKind, credited, document_number, left_of, total};
use tsudoi_kernel::ledger::{EntryKind, Lines};
use tsudoi_kernel::money::Money;
use tsudoi_kernel::tax::{TaxGroup, TaxKind};
use tsudoi_store::{ChangeTransaction, CreditNote};
use uuid::Uuid;

/// A credit note as staff typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditInput {
    /// With tax, for each tax kind of the invoice. Fields are called `amount-standard` and so on.
    pub amounts: Vec<(TaxKind, String)>,
    pub reason: String,
    /// Names one sending of the form.
    pub token: Uuid,
}

/// Takes back what payments were used for an invoice, the latest first. Answers by payment.
async fn take_back(
    transaction: &ChangeTransaction,
    invoice: Uuid,
    mut amount: i64,
    fresh_id: impl Fn() -> Uuid,
) -> Result<(), ServiceError> {
    let mut used: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut order = Vec::new();
    for allocation in transaction.current_allocations(invoice).await? {
        order.push(allocation.payment);
        *used.entry(allocation.payment).or_default() += allocation.amount;
    }
    while let Some(payment) = order.pop().filter(|_| amount > 0) {
        let part = used.remove(&payment).unwrap_or(0).min(amount);
        if part > 0 {
            transaction.allocate(fresh_id(), payment, invoice, -part).await?;
            amount -= part;
        }
    }
    if amount == 0 { Ok(()) } else { Err(ServiceError::Broken(format!("{amount} more was paid of {invoice} than payments say"))) }
}

impl Editor {
    /// Takes back a part of an issued invoice or all of it, once for each token. What had been paid of that is the member's
    /// credit then, to be used or refunded.
    pub async fn credit_invoice(&self, visit: &Visit, id: Uuid, input: &CreditInput) -> Result<(), ServiceError> {
        let currency = currency_of(&visit.organisation)?;
        let mut check = Check::default();
        let reason = check.text("reason", &input.reason, LONGEST_TEXT, true, false);
        let mut wanted = Vec::new();
        for (kind, typed) in input.amounts.iter().filter(|(_, typed)| !typed.trim().is_empty()) {
            let amount = check.money(&format!("amount-{}", kind.as_str()), typed, currency).unwrap_or(0);
            wanted.push((*kind, amount));
        }
        if wanted.iter().all(|(_, amount)| *amount == 0) && check.0.is_empty() {
            check.wrong("amounts", "invoices-credit-nothing");
        }
        check.done()?;
        let mut transaction = self.begin().await?;
        let record = transaction.current_invoice(id).await?.ok_or(ServiceError::NotFound)?;
        let Some(paper) = record.paper() else { return Err(ServiceError::Changed) };
        let settings = transaction.current_invoice_settings().await?.unwrap_or_default();
        let notes = transaction.current_credit_notes(id).await?;
        let taken: Vec<TaxGroup> = notes.iter().flat_map(|note| note.paper.groups.clone()).collect();
        let groups = credited(paper.rule, &left_of(&paper.groups, &taken), &wanted)
            .map_err(|kind| ServiceError::Invalid(vec![(format!("amount-{}", kind.as_str()), "invoices-credit-too-much")]))?;
        let amount = total(&groups);
        let taken_back = (amount - record.settled.open()).max(0);
        let today = day_of(&visit.organisation, transaction.at());
        let sequence = transaction.next_number(series(PaperKind::CreditNote), today.year()).await?;
        let note = CreditNote {
            id: self.services.fresh_id(),
            invoice: id,
            paper: Paper {
                kind: PaperKind::CreditNote,
                number: document_number(&settings.prefix, PaperKind::CreditNote, today.year(), sequence),
                issued_on: today,
                lines: groups.iter().map(|group| line(&reason, group, paper)).collect(),
                groups,
                note: String::new(),
                due_on: None,
                about: Some((paper.number.clone(), paper.issued_on)),
                ..paper.clone()
            },
        };
        take_back(&transaction, id, taken_back, || self.services.fresh_id()).await?;
        if !transaction.add_credit_note(&note, today.year(), sequence, input.token).await? {
            // Sent twice: the first one counts, and this one leaves nothing behind.
            transaction.roll_back().await?;
            return Ok(());
        }
        let entry = self.entry(EntryKind::CreditNote, note.id, &note.paper.number, today);
        transaction.post(&entry, &Lines::of_credit_note(&note.paper.groups, taken_back).map_err(unbalanced)?).await?;
        let payload = json!({ "invoice": id, "member": record.member, "credit-note": note.id, "amount": amount, "currency": currency });
        transaction.emit(None, &self.services.host_event("invoice.refunded", id.to_string(), payload)).await?;
        let words = format!("{} {}", note.paper.number, Money::new(amount, currency).plain());
        self.record(&transaction, "invoice-credited", format!("invoice:{id}"), &words).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// One line for each tax kind, priced as the invoice is.
fn line(reason: &str, group: &TaxGroup, invoice: &Paper) -> InvoiceLine {
    let price = if invoice.rule.inclusive { group.gross() } else { group.net };
    InvoiceLine { name: reason.to_owned(), quantity: 1, unit: String::new(), price, kind: group.kind }
}
