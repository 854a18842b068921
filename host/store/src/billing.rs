//! What happens to invoices and payments: each act writes its document, its entry in the books and its event in the transaction
//! that it is done in, whether staff or a plugin's call does it.

use crate::payments::{Payment, PaymentDraft, Refund};
use crate::{AuditEntry, ChangeTransaction, CreditNote, EntryDraft, InvoiceRecord, StoreError};
use chrono::Datelike;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tsudoi_kernel::background::Emitted;
use tsudoi_kernel::billing::InvoiceOrder;
use tsudoi_kernel::invoice::{
    InvoiceDraft, InvoiceLine, InvoiceSettings, Paper, PaperKind, PaymentBody, Recipient, document_number, left_of, total,
};
use tsudoi_kernel::ledger::{EntryKind, Lines, Method, Unbalanced};
use tsudoi_kernel::money::Currency;
use tsudoi_kernel::tax::TaxGroup;
use tsudoi_kernel::text::{addressed, name_in_order, one_width};
use tsudoi_kernel::time::NaiveDate;
use tsudoi_kernel::{AccountId, MemberId, Organisation, Timestamp};
use uuid::Uuid;

/// The longest name on a line.
const LONGEST_NAME: usize = 200;

/// In whose name something is done.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// Of staff, or of nobody.
    Account(Option<AccountId>),
    Plugin(&'a str),
}

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

/// Acts about money within one transaction.
pub struct Billing<'t> {
    pub(crate) transaction: &'t mut ChangeTransaction,
    pub(crate) currency: Currency,
    /// Where the organisation is.
    pub(crate) today: NaiveDate,
    organisation: Organisation,
    settings: InvoiceSettings,
    by: By<'t>,
    /// How many events led here.
    depth: u32,
    next: u128,
}

impl ChangeTransaction {
    /// `seed`: a fresh id, out of which those of documents and entries are made. `depth`: as events count it.
    pub async fn billing<'t>(&'t mut self, seed: Uuid, by: By<'t>, depth: u32) -> Result<Billing<'t>, StoreError> {
        let organisation = self.current_organisation().await?;
        let settings = self.current_invoice_settings().await?.unwrap_or_default();
        let currency = Currency::parse(&organisation.currency)
            .ok_or_else(|| StoreError::Broken(format!("a currency called {}", organisation.currency)))?;
        Ok(Billing {
            currency,
            today: organisation.day(self.at()),
            next: seeded(self.at(), seed),
            organisation,
            settings,
            by,
            depth,
            transaction: self,
        })
    }
}

/// The first of a row of ids: of this instant, and as random as the seed is.
fn seeded(at: Timestamp, seed: Uuid) -> u128 {
    const RANDOM: u128 = (1 << 80) - 1;
    u128::from(at.millis()) << 80 | seed.as_u128() & RANDOM
}

/// Text that documents are found by, without regard to width and case.
pub fn folded(parts: &[&str]) -> String {
    one_width(&parts.join(" ")).to_lowercase()
}

pub(crate) fn unbalanced(error: Unbalanced) -> StoreError {
    StoreError::Broken(error.to_string())
}

impl Billing<'_> {
    pub(crate) fn fresh_id(&mut self) -> Uuid {
        self.next = self.next.wrapping_add(1);
        Uuid::from_u128(self.next)
    }

    async fn number(&self, kind: PaperKind) -> Result<(i64, String), StoreError> {
        let year = self.today.year();
        let sequence = self.transaction.next_number(kind.series(), year).await?;
        Ok((sequence, document_number(&self.settings.prefix, kind, year, sequence)))
    }

    pub(crate) async fn post(
        &mut self,
        kind: EntryKind,
        document: Uuid,
        number: &str,
        date: NaiveDate,
        lines: &Lines,
    ) -> Result<(), StoreError> {
        let entry = EntryDraft { id: self.fresh_id(), kind, document, number: number.to_owned(), date: date.to_string() };
        self.transaction.post(&entry, lines).await
    }

    pub(crate) async fn record(&mut self, action: &str, subject: String, detail: &str) -> Result<(), StoreError> {
        let (by, detail) = match self.by {
            By::Account(by) => (by, detail.to_owned()),
            By::Plugin(plugin) => (None, format!("{plugin}: {detail}")),
        };
        let entry = AuditEntry { id: self.fresh_id(), by, action: action.to_owned(), subject, detail };
        self.transaction.record(&entry).await
    }

    async fn tell(&mut self, topic: &str, invoice: Uuid, payload: Value) -> Result<(), StoreError> {
        let (id, depth) = (self.fresh_id(), self.depth);
        let event = Emitted { id, topic: topic.to_owned(), order_key: invoice.to_string(), payload, depth };
        self.transaction.emit(None, &event).await
    }

    /// In whose name of staff, if it is.
    pub(crate) fn account(&self) -> Option<AccountId> {
        match self.by {
            By::Account(by) => by,
            By::Plugin(_) => None,
        }
    }

    /// Whether invoices can be issued: whoever issues has a name.
    pub fn may_issue(&self) -> bool {
        !self.settings.issuer.name.is_empty()
    }

    /// Makes a draft a document with the next number. `None` where it is none any more.
    pub async fn issue(&mut self, id: Uuid, member: Option<MemberId>, draft: &InvoiceDraft) -> Result<Option<Paper>, StoreError> {
        let no_invoice =
            |fault: tsudoi_kernel::invoice::NoInvoice| StoreError::Broken(format!("an invoice whose lines make none: {fault}"));
        let (sequence, number) = self.number(PaperKind::Invoice).await?;
        let paper = draft.paper(&self.settings, self.currency, number, self.today).map_err(no_invoice)?;
        let search = folded(&[&paper.number, &paper.recipient.name, &paper.recipient.number]);
        if !self.transaction.issue_invoice(id, &paper, self.today.year(), sequence, &search).await? {
            return Ok(None);
        }
        let lines = Lines::of_invoice(&paper.groups).map_err(unbalanced)?;
        self.post(EntryKind::Invoice, id, &paper.number, self.today, &lines).await?;
        let reference = self.transaction.current_invoice_origin(id).await?;
        self.tell("invoice.issued", id, about(id, member, &paper, reference.as_deref())).await?;
        self.record("invoice-issued", format!("invoice:{id}"), &paper.number).await?;
        Ok(Some(paper))
    }

    /// An invoice in the organisation's language, to a member as they are called.
    pub fn draft_for(
        &self,
        [family, given, display]: [&str; 3],
        number: &str,
        lines: Vec<InvoiceLine>,
        due_on: Option<NaiveDate>,
    ) -> InvoiceDraft {
        let locale = self.organisation.locale;
        let name = name_in_order(locale, family, given).unwrap_or_else(|| display.to_owned());
        let recipient = Recipient { name: addressed(locale, &name), address: String::new(), number: number.to_owned() };
        InvoiceDraft { locale, recipient, lines, period: String::new(), note: String::new(), due_on }
    }

    /// Writes an invoice and issues it at once.
    pub async fn issue_new(&mut self, member: MemberId, draft: &InvoiceDraft) -> Result<(Uuid, Paper), StoreError> {
        let id = self.fresh_id();
        self.transaction.set_invoice_draft(id, Some(member), draft, 0, "").await?;
        let issued = self.issue(id, Some(member), draft).await?;
        issued.map(|paper| (id, paper)).ok_or_else(|| StoreError::Broken("an invoice that was issued before it was there".into()))
    }

    /// An invoice that a plugin wants: written and issued at once.
    pub async fn issue_for_plugin(&mut self, order: &InvoiceOrder) -> Result<(), StoreError> {
        let member = self.transaction.current_member(order.member).await?;
        // Erased while the call ran: it is run again, and told that there is nobody of this id.
        let Some(member) = member else { return Err(StoreError::Broken("an invoice for nobody".into())) };
        let names = [member.family_name.as_str(), &member.given_name, &member.display_name];
        let draft = self.draft_for(names, &member.number, order.lines.clone(), order.due_on);
        self.transaction.set_invoice_draft(order.id, Some(order.member), &draft, 0, "").await?;
        self.transaction.set_invoice_origin(order.id, &order.plugin, &order.reference).await?;
        self.issue(order.id, Some(order.member), &draft).await?;
        Ok(())
    }

    /// Takes all of an invoice back that is left. Nothing where it was taken back before.
    pub async fn cancel(&mut self, id: Uuid, token: Uuid) -> Result<(), StoreError> {
        let Some(record) = self.transaction.current_invoice(id).await? else { return Ok(()) };
        let Some(paper) = record.paper() else { return Ok(()) };
        let groups = self.left_of(&record, paper).await?;
        if total(&groups) == 0 {
            return Ok(());
        }
        // What is taken back is what stands on it.
        let mut named: String = paper.lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>().join(", ");
        if let Some((end, _)) = named.char_indices().nth(LONGEST_NAME) {
            named.truncate(end);
        }
        self.credit(&record, paper, groups, &named, token).await?;
        Ok(())
    }

    /// What credit notes have left of an invoice.
    pub async fn left_of(&self, record: &InvoiceRecord, paper: &Paper) -> Result<Vec<TaxGroup>, StoreError> {
        let notes = self.transaction.current_credit_notes(record.id).await?;
        let taken: Vec<TaxGroup> = notes.into_iter().flat_map(|note| note.paper.groups).collect();
        Ok(left_of(&paper.groups, &taken))
    }

    /// Takes back sums of an issued invoice. What had been paid of that is the member's credit then. `false` where this sending of
    /// a form (`token`) has done so before: then the transaction is to be rolled back.
    pub async fn credit(
        &mut self,
        record: &InvoiceRecord,
        paper: &Paper,
        groups: Vec<TaxGroup>,
        reason: &str,
        token: Uuid,
    ) -> Result<bool, StoreError> {
        let amount = total(&groups);
        let taken_back = (amount - record.settled.open()).max(0);
        let (sequence, number) = self.number(PaperKind::CreditNote).await?;
        let note = CreditNote { id: self.fresh_id(), invoice: record.id, paper: paper.credit_note(number, self.today, groups, reason) };
        self.take_back(record.id, None, taken_back).await?;
        if !self.transaction.add_credit_note(&note, self.today.year(), sequence, token).await? {
            return Ok(false);
        }
        let lines = Lines::of_credit_note(&note.paper.groups, taken_back).map_err(unbalanced)?;
        self.post(EntryKind::CreditNote, note.id, &note.paper.number, self.today, &lines).await?;
        let reference = self.transaction.current_invoice_origin(record.id).await?;
        let payload = json!({
            "invoice": record.id, "member": record.member, "credit-note": note.id, "amount": amount, "currency": self.currency,
            "reference": reference, "is-void": record.settled.credited + amount == record.settled.total,
        });
        self.tell("invoice.refunded", record.id, payload).await?;
        self.settle_dues(record.id).await?;
        let words = format!("{} {}", note.paper.number, paper.money(amount).plain());
        self.record("invoice-credited", format!("invoice:{}", record.id), &words).await?;
        Ok(true)
    }

    /// Takes back what payments were used for an invoice, the latest first; only of `payment` where it is given.
    pub(crate) async fn take_back(&mut self, invoice: Uuid, payment: Option<Uuid>, mut amount: i64) -> Result<(), StoreError> {
        let mut used: BTreeMap<Uuid, i64> = BTreeMap::new();
        let mut order = Vec::new();
        for allocation in self.transaction.current_allocations(invoice).await? {
            if payment.is_none_or(|payment| allocation.payment == payment) {
                order.push(allocation.payment);
                *used.entry(allocation.payment).or_default() += allocation.amount;
            }
        }
        while let Some(payment) = order.pop().filter(|_| amount > 0) {
            let part = used.remove(&payment).unwrap_or(0).min(amount);
            if part > 0 {
                let id = self.fresh_id();
                self.transaction.allocate(id, payment, invoice, -part).await?;
                amount -= part;
            }
        }
        if amount == 0 { Ok(()) } else { Err(StoreError::Broken(format!("{amount} more was paid of {invoice} than payments say"))) }
    }

    /// Books a payment of an issued invoice, once for each reference of a way of paying and once for each token.
    pub async fn book(&mut self, record: &InvoiceRecord, paper: &Paper, booking: &Booking) -> Result<Booked, StoreError> {
        if let Some(payment) = self.transaction.current_payment_of(&booking.method, booking.reference.as_deref(), booking.token).await? {
            return Ok(Booked::Again { payment: payment.id });
        }
        let allocated = booking.amount.min(record.settled.open());
        let (sequence, number) = self.number(PaperKind::Receipt).await?;
        let is_whole = record.settled.credited == 0 && booking.amount == paper.total();
        let receipt = paper.receipt(number.clone(), booking.amount, booking.method.clone(), booking.received_on, is_whole);
        let draft = PaymentDraft {
            id: self.fresh_id(),
            member: record.member,
            year: self.today.year(),
            sequence,
            method: booking.method.clone(),
            reference: booking.reference.clone(),
            token: booking.token,
            search: folded(&[
                &number,
                &paper.recipient.name,
                &paper.recipient.number,
                booking.reference.as_deref().unwrap_or_default(),
                &paper.number,
            ]),
            body: PaymentBody { receipt, note: booking.note.clone() },
            amount: booking.amount,
            received_on: booking.received_on.to_string(),
            number,
        };
        if !self.transaction.add_payment(&draft).await? {
            return Err(StoreError::Broken(format!("the payment {} is booked and was not found", draft.number)));
        }
        if allocated > 0 {
            let id = self.fresh_id();
            self.transaction.allocate(id, draft.id, record.id, allocated).await?;
        }
        let lines = Lines::of_payment(&booking.method, booking.amount, allocated).map_err(unbalanced)?;
        self.post(EntryKind::Payment, draft.id, &draft.number, booking.received_on, &lines).await?;
        self.tell_if_paid(record.id).await?;
        let words = format!("{} {}", draft.number, paper.money(booking.amount).plain());
        self.record("payment-booked", format!("invoice:{}", record.id), &words).await?;
        Ok(Booked::New { payment: draft.id, rest: booking.amount - allocated })
    }

    async fn tell_if_paid(&mut self, invoice: Uuid) -> Result<(), StoreError> {
        self.settle_dues(invoice).await?;
        let Some(record) = self.transaction.current_invoice(invoice).await? else { return Ok(()) };
        let Some(paper) = record.paper().filter(|_| record.settled.open() == 0 && record.settled.paid > 0) else { return Ok(()) };
        let reference = self.transaction.current_invoice_origin(invoice).await?;
        self.tell("invoice.paid", invoice, about(invoice, record.member, paper, reference.as_deref())).await
    }

    /// Uses what is left of the member's payments for an invoice, the oldest first. Answers how much.
    pub async fn use_credit(&mut self, record: &InvoiceRecord, paper: &Paper) -> Result<i64, StoreError> {
        let (mut open, mut used) = (record.settled.open(), 0);
        let rests = match record.member {
            Some(member) => self.transaction.current_rests(member).await?,
            None => Vec::new(),
        };
        for payment in rests {
            let part = payment.rest().min(open);
            if part > 0 {
                let id = self.fresh_id();
                self.transaction.allocate(id, payment.id, record.id, part).await?;
                (open, used) = (open - part, used + part);
            }
        }
        if used > 0 {
            let lines = Lines::of_allocation(used).map_err(unbalanced)?;
            self.post(EntryKind::Allocation, record.id, &paper.number, self.today, &lines).await?;
            self.tell_if_paid(record.id).await?;
            self.record("credit-used", format!("invoice:{}", record.id), &paper.money(used).plain()).await?;
        }
        Ok(used)
    }

    /// Gives back what is left of a payment, or a part of it. `false` where this reference or token has done so before.
    pub async fn refund(&mut self, payment: &Payment, refund: &Refund, token: Uuid) -> Result<bool, StoreError> {
        if !self.transaction.add_refund(refund, token).await? {
            return Ok(false);
        }
        let date = refund.refunded_on.parse().unwrap_or(self.today);
        let lines = Lines::of_refund(&refund.method, refund.amount).map_err(unbalanced)?;
        self.post(EntryKind::Refund, refund.id, &payment.number, date, &lines).await?;
        let words = format!("{} {}", payment.number, payment.body.receipt.money(refund.amount).plain());
        self.record("payment-refunded", format!("payment:{}", payment.id), &words).await?;
        Ok(true)
    }
}

/// What events say of an invoice. `reference`: what the plugin calls it that issued it.
fn about(invoice: Uuid, member: Option<MemberId>, paper: &Paper, reference: Option<&str>) -> Value {
    json!({ "invoice": invoice, "member": member, "total": paper.total(), "currency": paper.currency, "reference": reference })
}
