//! Booking payments: once for each reference, partly or too much. What no invoice needs is the member's credit, to be used for
//! another invoice or to be refunded.

use super::{Check, LONGEST_NAME, LONGEST_TEXT, currency_of};
use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::MemberId;
use tsudoi_kernel::ledger::Method;
use tsudoi_kernel::text::one_width;
use tsudoi_store::{Booked, Booking, By, Refund};
use uuid::Uuid;

/// A payment as staff typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentInput {
    pub method: String,
    pub amount: String,
    pub reference: String,
    pub received_on: String,
    pub note: String,
    pub token: Uuid,
}

/// A refund as staff typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundInput {
    pub method: String,
    pub amount: String,
    pub reference: String,
    pub refunded_on: String,
    pub note: String,
    pub token: Uuid,
}

impl Check {
    fn method(&mut self, typed: &str) -> Method {
        Method::parse(typed).filter(|method| Method::BY_HAND.contains(method)).unwrap_or_else(|| {
            self.wrong("method", "invoices-method-wrong");
            Method::Bank
        })
    }

    fn reference(&mut self, typed: &str) -> Option<String> {
        let text = self.text("reference", &one_width(typed), LONGEST_NAME, false, false);
        (!text.is_empty()).then_some(text)
    }
}

impl Services {
    /// Names one sending of a form about money.
    pub fn money_token(&self) -> Uuid {
        self.fresh_id()
    }
}

impl Editor {
    /// Books a payment for an issued invoice by hand. A reference that is booked already is [`ServiceError::Invalid`], the same
    /// form sent twice is booked once.
    pub async fn record_payment(&self, visit: &Visit, invoice: Uuid, input: &PaymentInput) -> Result<Booked, ServiceError> {
        let (currency, today) = (currency_of(&visit.organisation)?, self.services.today_of(visit));
        let mut check = Check::default();
        let booking = Booking {
            invoice,
            method: check.method(&input.method),
            reference: check.reference(&input.reference),
            amount: check.positive("amount", &input.amount, currency),
            received_on: check.past_day("received_on", &input.received_on, today),
            note: check.text("note", &input.note, LONGEST_TEXT, false, true),
            token: input.token,
        };
        check.done()?;
        let booked = self.book(&booking).await?;
        if let Booked::Again { payment } = booked
            && self.store.payment_by_token(booking.token).await?.is_none_or(|own| own.id != payment)
        {
            return Err(ServiceError::Invalid(vec![("reference".into(), "invoices-reference-taken")]));
        }
        Ok(booked)
    }

    /// Books a payment once.
    pub async fn book(&self, booking: &Booking) -> Result<Booked, ServiceError> {
        let mut transaction = self.begin().await?;
        let record = transaction.current_invoice(booking.invoice).await?.ok_or(ServiceError::NotFound)?;
        let Some(paper) = record.paper() else { return Err(ServiceError::Changed) };
        let booked = transaction.billing(self.services.fresh_id(), By::Account(self.by), 1).await?.book(&record, paper, booking).await?;
        match booked {
            Booked::New { .. } => transaction.commit().await.map(drop)?,
            Booked::Again { .. } => transaction.roll_back().await?,
        }
        Ok(booked)
    }

    /// Uses what is left of the member's payments for an invoice, the oldest first. Answers how much.
    pub async fn use_credit(&self, invoice: Uuid) -> Result<i64, ServiceError> {
        let mut transaction = self.begin().await?;
        let record = transaction.current_invoice(invoice).await?.ok_or(ServiceError::NotFound)?;
        let Some(paper) = record.paper() else { return Err(ServiceError::Changed) };
        let used = transaction.billing(self.services.fresh_id(), By::Account(self.by), 1).await?.use_credit(&record, paper).await?;
        if used == 0 {
            return Err(ServiceError::Changed);
        }
        transaction.commit().await?;
        Ok(used)
    }

    /// Gives back what is left of a payment, or a part of it, once for each reference and token.
    pub async fn refund_payment(&self, visit: &Visit, payment: Uuid, input: &RefundInput) -> Result<(), ServiceError> {
        let (currency, today) = (currency_of(&visit.organisation)?, self.services.today_of(visit));
        let mut check = Check::default();
        let refund = Refund {
            id: self.services.fresh_id(),
            payment,
            method: check.method(&input.method),
            reference: check.reference(&input.reference),
            amount: check.positive("amount", &input.amount, currency),
            refunded_on: check.past_day("refunded_on", &input.refunded_on, today).to_string(),
            note: check.text("note", &input.note, LONGEST_TEXT, false, true),
        };
        check.done()?;
        let mut transaction = self.begin().await?;
        let current = transaction.current_payment(payment).await?.ok_or(ServiceError::NotFound)?;
        if transaction.is_refunded_by(input.token).await? {
            // Sent twice.
            return Ok(());
        }
        // What a gateway is still asked for is as good as gone.
        if refund.amount > current.rest() - transaction.asked_of_gateways(payment).await? {
            return Err(ServiceError::Invalid(vec![("amount".into(), "invoices-refund-too-much")]));
        }
        let mut billing = transaction.billing(self.services.fresh_id(), By::Account(self.by), 1).await?;
        if !billing.refund(&current, &refund, input.token).await? {
            return Err(ServiceError::Invalid(vec![("reference".into(), "invoices-reference-taken")]));
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// The credit of a member: what is left of their payments.
impl Services {
    pub async fn credit_of(&self, visit: &Visit, member: MemberId) -> Result<i64, ServiceError> {
        let rests = self.of(visit).payments(Some(member), &[], true, None, 1_000).await?;
        Ok(rests.iter().map(tsudoi_store::Payment::rest).sum())
    }
}
