//! Issuing: a draft becomes a document with the next number, for good, and stands in the books.

use super::currency_of;
use super::draft::no_invoice;
use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::invoice::{InvoiceDraft, Paper, groups_of};
use tsudoi_store::By;
use uuid::Uuid;

impl Services {
    /// What a draft would be if it were issued today, without a number.
    pub(crate) async fn preview_of(&self, visit: &Visit, draft: &InvoiceDraft) -> Result<Paper, ServiceError> {
        let settings = self.invoice_settings(visit).await?;
        draft.paper(&settings, currency_of(&visit.organisation)?, String::new(), self.today_of(visit)).map_err(no_invoice)
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
        let draft = record.draft().ok_or(ServiceError::Changed)?;
        let rule = settings.unwrap_or_default().rule;
        groups_of(&draft.lines, rule, currency_of(&visit.organisation)?).map_err(no_invoice)?;
        let mut billing = transaction.billing(self.services.fresh_id(), By::Account(self.by), 1).await?;
        if !billing.may_issue() {
            return Err(ServiceError::Invalid(vec![("issuer".into(), "invoices-no-issuer")]));
        }
        let paper = billing.issue(id, record.member, draft).await?.ok_or(ServiceError::Changed)?;
        transaction.commit().await?;
        Ok(paper)
    }
}
