//! Booking payments: once for each reference, partly or too much. What no invoice needs is the member's credit, to be used for
//! another invoice or to be refunded.

use super::issue::{series, unbalanced};
use super::{Check, LONGEST_NAME, LONGEST_TEXT, currency_of, day_of, folded};
use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use chrono::Datelike;
use serde_json::json;
use tsudoi_kernel::MemberId;
use tsudoi_kernel::invoice::{Paper, PaperKind, PaymentBody, Recipient, document_number};
use tsudoi_kernel::ledger::{EntryKind, Lines, Method};
use tsudoi_kernel::money::Money;
use tsudoi_kernel::text::one_width;
use tsudoi_kernel::time::NaiveDate;
use tsudoi_store::{ChangeTransaction, InvoiceRecord, PaymentDraft, Refund};
use uuid::Uuid;

/// Money that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// What it is for. What is more than this needs is the member's credit.
    pub invoice: Uuid,
    pub method: Method,
    /// What the bank or the gateway calls it: the same one is booked once.
    pub reference: Option<String>,
    /// In the currency's smallest unit.
    pub amount: i64,
    pub received_on: NaiveDate,
    pub note: String,
    /// Names one sending of a form, or one notice of a gateway's.
    pub token: Uuid,
}

/// What became of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked {
    /// `rest`: what was more than the invoice needed.
    New { payment: Uuid, rest: i64 },
    /// It had been booked before.
    Again { payment: Uuid },
}

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
        let booked = self.book(visit, &booking).await?;
        if let Booked::Again { payment } = booked
            && self.store.payment_by_token(booking.token).await?.is_none_or(|own| own.id != payment)
        {
            return Err(ServiceError::Invalid(vec![("reference".into(), "invoices-reference-taken")]));
        }
        Ok(booked)
    }

    /// Books a payment once.
    pub async fn book(&self, visit: &Visit, booking: &Booking) -> Result<Booked, ServiceError> {
        let mut transaction = self.begin().await?;
        let record = transaction.current_invoice(booking.invoice).await?.ok_or(ServiceError::NotFound)?;
        let Some(paper) = record.paper() else { return Err(ServiceError::Changed) };
        let allocated = booking.amount.min(record.settled.open());
        let today = day_of(&visit.organisation, transaction.at());
        let sequence = transaction.next_number(series(PaperKind::Receipt), today.year()).await?;
        let settings = transaction.current_invoice_settings().await?.unwrap_or_default();
        let number = document_number(&settings.prefix, PaperKind::Receipt, today.year(), sequence);
        let draft = PaymentDraft {
            id: self.services.fresh_id(),
            member: record.member,
            year: today.year(),
            sequence,
            method: booking.method.clone(),
            reference: booking.reference.clone(),
            token: booking.token,
            body: PaymentBody { receipt: receipt(&record, paper, booking, &number), note: booking.note.clone() },
            amount: booking.amount,
            received_on: booking.received_on.to_string(),
            search: folded(&[
                &number,
                &paper.recipient.name,
                &paper.recipient.number,
                booking.reference.as_deref().unwrap_or_default(),
                &paper.number,
            ]),
            number,
        };
        if !transaction.add_payment(&draft).await? {
            // Its number goes back with it.
            transaction.roll_back().await?;
            return self.booked_before(booking).await;
        }
        if allocated > 0 {
            transaction.allocate(self.services.fresh_id(), draft.id, booking.invoice, allocated).await?;
        }
        let lines = Lines::of_payment(&booking.method, booking.amount, allocated).map_err(unbalanced)?;
        transaction.post(&self.entry(EntryKind::Payment, draft.id, &draft.number, booking.received_on), &lines).await?;
        self.tell_if_paid(&mut transaction, booking.invoice).await?;
        let words = format!("{} {}", draft.number, paper.money(booking.amount).plain());
        self.record(&transaction, "payment-booked", format!("invoice:{}", booking.invoice), &words).await?;
        transaction.commit().await?;
        Ok(Booked::New { payment: draft.id, rest: booking.amount - allocated })
    }

    async fn booked_before(&self, booking: &Booking) -> Result<Booked, ServiceError> {
        let by_token = self.store.payment_by_token(booking.token).await?;
        let found = match (by_token, &booking.reference) {
            (Some(payment), _) => Some(payment),
            (None, Some(reference)) => self.store.payment_by_reference(&booking.method, reference).await?,
            (None, None) => None,
        };
        let found = found.ok_or_else(|| ServiceError::Broken("a payment that is booked and not found".into()))?;
        Ok(Booked::Again { payment: found.id })
    }

    async fn tell_if_paid(&self, transaction: &mut ChangeTransaction, invoice: Uuid) -> Result<(), ServiceError> {
        let Some(record) = transaction.current_invoice(invoice).await? else { return Ok(()) };
        let Some(paper) = record.paper().filter(|_| record.settled.open() == 0 && record.settled.paid > 0) else { return Ok(()) };
        let payload = json!({ "invoice": invoice, "member": record.member, "total": paper.total(), "currency": paper.currency });
        Ok(transaction.emit(None, &self.services.host_event("invoice.paid", invoice.to_string(), payload)).await?)
    }

    /// Uses what is left of the member's payments for an invoice, the oldest first. Answers how much.
    pub async fn use_credit(&self, visit: &Visit, invoice: Uuid) -> Result<i64, ServiceError> {
        let mut transaction = self.begin().await?;
        let record = transaction.current_invoice(invoice).await?.ok_or(ServiceError::NotFound)?;
        let Some(paper) = record.paper() else { return Err(ServiceError::Changed) };
        let (mut open, mut used) = (record.settled.open(), 0);
        let rests = match record.member {
            Some(member) => transaction.current_rests(member).await?,
            None => Vec::new(),
        };
        for payment in rests {
            let part = payment.rest().min(open);
            if part > 0 {
                transaction.allocate(self.services.fresh_id(), payment.id, invoice, part).await?;
                (open, used) = (open - part, used + part);
            }
        }
        if used == 0 {
            return Err(ServiceError::Changed);
        }
        let today = day_of(&visit.organisation, transaction.at());
        let entry = self.entry(EntryKind::Allocation, invoice, &paper.number, today);
        transaction.post(&entry, &Lines::of_allocation(used).map_err(unbalanced)?).await?;
        self.tell_if_paid(&mut transaction, invoice).await?;
        self.record(&transaction, "credit-used", format!("invoice:{invoice}"), &paper.money(used).plain()).await?;
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
        let transaction = self.begin().await?;
        let current = transaction.current_payment(payment).await?.ok_or(ServiceError::NotFound)?;
        if transaction.is_refunded_by(input.token).await? {
            // Sent twice.
            return Ok(());
        }
        if refund.amount > current.rest() {
            return Err(ServiceError::Invalid(vec![("amount".into(), "invoices-refund-too-much")]));
        }
        if !transaction.add_refund(&refund, input.token).await? {
            return Err(ServiceError::Invalid(vec![("reference".into(), "invoices-reference-taken")]));
        }
        let lines = Lines::of_refund(&refund.method, refund.amount).map_err(unbalanced)?;
        let mut entry = self.entry(EntryKind::Refund, refund.id, &current.number, today);
        entry.date.clone_from(&refund.refunded_on);
        transaction.post(&entry, &lines).await?;
        let words = format!("{} {}", current.number, Money::new(refund.amount, currency).plain());
        self.record(&transaction, "payment-refunded", format!("payment:{payment}"), &words).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// What is given for a payment. One that pays the whole of an invoice says what it was for, with its taxes; of a part of it
/// the taxes are on the invoice.
fn receipt(record: &InvoiceRecord, invoice: &Paper, booking: &Booking, number: &str) -> Paper {
    let is_whole = record.settled.credited == 0 && booking.amount == invoice.total();
    let kept = if is_whole { (invoice.lines.clone(), invoice.groups.clone()) } else { Default::default() };
    Paper {
        kind: PaperKind::Receipt,
        number: number.to_owned(),
        issued_on: booking.received_on,
        recipient: Recipient { address: String::new(), ..invoice.recipient.clone() },
        lines: kept.0,
        groups: kept.1,
        note: String::new(),
        due_on: None,
        about: Some((invoice.number.clone(), invoice.issued_on)),
        received: Some((booking.amount, booking.method.clone())),
        ..invoice.clone()
    }
}

/// The credit of a member: what is left of their payments.
impl Services {
    pub async fn credit_of(&self, visit: &Visit, member: MemberId) -> Result<i64, ServiceError> {
        let rests = self.of(visit).payments(Some(member), &[], true, None, 1_000).await?;
        Ok(rests.iter().map(tsudoi_store::Payment::rest).sum())
    }
}
