//! Credit notes (返還インボイス): an issued invoice is never changed, what is taken back of it is a document of its own.

use super::{Check, LONGEST_TEXT, currency_of};
use crate::ServiceError;
use crate::editor::Editor;
use crate::visits::Visit;
use tsudoi_kernel::invoice::credited;
use tsudoi_kernel::tax::TaxKind;
use tsudoi_store::By;
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
        let mut billing = transaction.billing(self.services.fresh_id(), By::Account(self.by), 1).await?;
        let groups = credited(paper.rule, &billing.left_of(&record, paper).await?, &wanted)
            .map_err(|kind| ServiceError::Invalid(vec![(format!("amount-{}", kind.as_str()), "invoices-credit-too-much")]))?;
        if billing.credit(&record, paper, groups, &reason, input.token).await? {
            transaction.commit().await?;
        } else {
            // Sent twice: the first one counts, and this one leaves nothing behind.
            transaction.roll_back().await?;
        }
        Ok(())
    }
}
