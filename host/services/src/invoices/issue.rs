//! Issuing: a draft becomes a document with the next number, for good, and stands in the books.

use super::draft::{no_invoice, search_of};
use super::{currency_of, day_of};
use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use chrono::{Datelike, Days};
use serde_json::json;
use tsudoi_kernel::invoice::{InvoiceDraft, InvoiceSettings, Paper, PaperKind, document_number, groups_of};
use tsudoi_kernel::ledger::{EntryKind, Lines};
use tsudoi_kernel::money::Currency;
use tsudoi_kernel::time::NaiveDate;
use tsudoi_store::EntryDraft;
use uuid::Uuid;

/// The series of a kind of document.
pub(super) fn series(kind: PaperKind) -> &'static str {
    match kind {
        PaperKind::Invoice => "invoice",
        PaperKind::CreditNote => "credit-note",
        PaperKind::Receipt => "receipt",
    }
}

/// A draft as the document that it becomes on a day.
pub(super) fn paper_of(
    draft: &InvoiceDraft,
    settings: &InvoiceSettings,
    currency: Currency,
    number: String,
    today: NaiveDate,
) -> Result<Paper, ServiceError> {
    let groups = groups_of(&draft.lines, settings.rule, currency).map_err(no_invoice)?;
    let due_on = draft.due_on.or_else(|| today.checked_add_days(Days::new(settings.due_days.into())));
    let note = [draft.note.as_str(), settings.note.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
    Ok(Paper {
        kind: PaperKind::Invoice,
        locale: draft.locale,
        number,
        issued_on: today,
        currency,
        issuer: settings.issuer.clone(),
        recipient: draft.recipient.clone(),
        rule: settings.rule,
        lines: draft.lines.clone(),
        groups,
        period: draft.period.clone(),
        note,
        due_on,
        about: None,
        received: None,
    })
}

impl Services {
    /// What a draft would be if it were issued today, without a number.
    pub(crate) async fn preview_of(&self, visit: &Visit, draft: &InvoiceDraft) -> Result<Paper, ServiceError> {
        let settings = self.invoice_settings(visit).await?;
        paper_of(draft, &settings, currency_of(&visit.organisation)?, String::new(), self.today_of(visit))
    }
}

impl Editor {
    /// Issues a draft, where it would be what it was when `seen` was made.
    pub async fn issue_invoice(&self, visit: &Visit, id: Uuid, seen: &str) -> Result<Paper, ServiceError> {
        let record = self.store.invoice(id).await?.ok_or(ServiceError::NotFound)?;
        let settings = self.store.invoice_settings().await?;
        if self.services.draft_state(visit, &record).await? != seen {
            return Err(ServiceError::Changed);
        }
        let mut transaction = self.begin().await?;
        let current = transaction.current_invoice(id).await?.ok_or(ServiceError::NotFound)?;
        // Somebody else was faster since.
        if current != record || transaction.current_invoice_settings().await? != settings {
            return Err(ServiceError::Changed);
        }
        let Some(settings) = settings.filter(|settings| !settings.issuer.name.is_empty()) else {
            return Err(ServiceError::Invalid(vec![("issuer".into(), "invoices-no-issuer")]));
        };
        let draft = record.draft().ok_or(ServiceError::Changed)?;
        let today = day_of(&visit.organisation, transaction.at());
        let year = today.year();
        let sequence = transaction.next_number(series(PaperKind::Invoice), year).await?;
        let number = document_number(&settings.prefix, PaperKind::Invoice, year, sequence);
        let paper = paper_of(draft, &settings, currency_of(&visit.organisation)?, number, today)?;
        let search = search_of(&paper.number, &paper.recipient);
        if !transaction.issue_invoice(id, &paper, year, sequence, &search).await? {
            return Err(ServiceError::Changed);
        }
        let entry = self.entry(EntryKind::Invoice, id, &paper.number, today);
        transaction.post(&entry, &Lines::of_invoice(&paper.groups).map_err(unbalanced)?).await?;
        let payload = json!({ "invoice": id, "member": record.member, "total": paper.total(), "currency": paper.currency });
        transaction.emit(None, &self.services.host_event("invoice.issued", id.to_string(), payload)).await?;
        self.record(&transaction, "invoice-issued", format!("invoice:{id}"), &paper.number).await?;
        transaction.commit().await?;
        Ok(paper)
    }

    pub(super) fn entry(&self, kind: EntryKind, document: Uuid, number: &str, date: NaiveDate) -> EntryDraft {
        EntryDraft { id: self.services.fresh_id(), kind, document, number: number.to_owned(), date: date.to_string() }
    }
}

pub(super) fn unbalanced(error: tsudoi_kernel::ledger::Unbalanced) -> ServiceError {
    ServiceError::Broken(error.to_string())
}
