//! Writing an invoice, before it is issued.

use super::{Check, LONGEST_NAME, LONGEST_TEXT, currency_of, day};
use crate::accounts::name_in_order;
use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::invoice::{InvoiceDraft, InvoiceLine, NoInvoice, Recipient, groups_of, total};
use tsudoi_kernel::money::{Currency, Money};
use tsudoi_kernel::tax::TaxKind;
use tsudoi_kernel::text::{addressed, one_width};
use tsudoi_kernel::{Locale, MemberId};
use tsudoi_store::{InvoiceRecord, Member, folded};
use uuid::Uuid;

const MOST_QUANTITY: i64 = 1_000_000;

/// An invoice as staff typed it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InvoiceInput {
    pub locale: Locale,
    pub name: String,
    pub address: String,
    pub period: String,
    pub note: String,
    pub due_on: String,
    pub lines: Vec<LineInput>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineInput {
    pub name: String,
    pub quantity: String,
    pub unit: String,
    pub price: String,
    pub kind: TaxKind,
}

impl LineInput {
    pub fn new(kind: TaxKind) -> Self {
        Self { name: String::new(), quantity: "1".into(), unit: String::new(), price: String::new(), kind }
    }

    /// Nothing was typed into it.
    fn is_blank(&self) -> bool {
        self.name.trim().is_empty() && self.price.trim().is_empty()
    }
}

impl InvoiceInput {
    pub const MOST_LINES: usize = 100;

    pub fn of(draft: &InvoiceDraft, currency: Currency) -> Self {
        let line = |line: &InvoiceLine| LineInput {
            name: line.name.clone(),
            quantity: line.quantity.to_string(),
            unit: line.unit.clone(),
            price: Money::new(line.price, currency).plain(),
            kind: line.kind,
        };
        Self {
            locale: draft.locale,
            name: draft.recipient.name.clone(),
            address: draft.recipient.address.clone(),
            period: draft.period.clone(),
            note: draft.note.clone(),
            due_on: draft.due_on.map(|day| day.to_string()).unwrap_or_default(),
            lines: draft.lines.iter().map(line).collect(),
        }
    }

    /// Lines into which nothing was typed are left out. Fields of a line are called `line-0-name` and so on.
    fn check(&self, number: &str, currency: Currency) -> Result<InvoiceDraft, ServiceError> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, LONGEST_NAME, true, false);
        let address = check.text("address", &self.address, LONGEST_TEXT, false, true);
        let period = check.text("period", &self.period, LONGEST_NAME, false, false);
        let note = check.text("note", &self.note, LONGEST_TEXT, false, true);
        let due_on = match self.due_on.trim() {
            "" => None,
            typed => day(typed).or_else(|| {
                check.wrong("due_on", "invoices-date-wrong");
                None
            }),
        };
        let mut lines = Vec::new();
        for (place, line) in self.lines.iter().enumerate().filter(|(_, line)| !line.is_blank()) {
            let field = |part: &str| format!("line-{place}-{part}");
            let name = check.text(&field("name"), &line.name, LONGEST_NAME, true, false);
            let unit = check.text(&field("unit"), &line.unit, 20, false, false);
            let quantity = one_width(&line.quantity).replace(',', "").trim().parse().unwrap_or(0);
            if !(1..=MOST_QUANTITY).contains(&quantity) {
                check.wrong(field("quantity"), "invoices-quantity-wrong");
            }
            let price = check.money(&field("price"), &line.price, currency).unwrap_or(0);
            lines.push(InvoiceLine { name, quantity, unit, price, kind: line.kind });
        }
        if lines.len() > Self::MOST_LINES {
            check.wrong("lines", "invoices-too-many-lines");
        }
        check.done()?;
        let recipient = Recipient { name, address, number: number.to_owned() };
        Ok(InvoiceDraft { locale: self.locale, recipient, lines, period, note, due_on })
    }
}

/// What is said of lines that make no invoice.
pub(super) fn no_invoice(fault: NoInvoice) -> ServiceError {
    let message = match fault {
        NoInvoice::Empty => "invoices-no-lines",
        NoInvoice::NotPositive => "invoices-sum-not-positive",
        NoInvoice::TooMuch => "invoices-amount-too-large",
    };
    ServiceError::Invalid(vec![("lines".into(), message)])
}

pub(super) fn search_of(number: &str, recipient: &Recipient) -> String {
    folded(&[number, &recipient.name, &recipient.number])
}

impl Services {
    /// What an invoice for a member begins with.
    pub async fn new_invoice(&self, visit: &Visit, member: MemberId) -> Result<(Member, InvoiceInput), ServiceError> {
        let member = self.of(visit).member(member).await?.ok_or(ServiceError::NotFound)?;
        let own = visit.organisation.locale;
        let name = name_in_order(own, &member.family_name, &member.given_name).unwrap_or_else(|| member.display_name.clone());
        let name = addressed(own, &name);
        let lines = vec![LineInput::new(TaxKind::OutOfScope)];
        Ok((member, InvoiceInput { locale: own, name, lines, ..InvoiceInput::default() }))
    }

    /// Names what a draft is now, and what would be issued of it.
    pub(crate) async fn draft_state(&self, visit: &Visit, record: &InvoiceRecord) -> Result<String, ServiceError> {
        let draft = record.draft().ok_or(ServiceError::Changed)?;
        let settings = self.invoice_settings_state(&self.invoice_settings(visit).await?)?;
        Ok(self.sign("invoice-draft", &[&record.id.to_string(), &serde_json::to_string(draft)?, &settings]))
    }
}

impl Editor {
    /// Writes a new draft for a member.
    pub async fn create_invoice(&self, visit: &Visit, member: MemberId, input: &InvoiceInput) -> Result<Uuid, ServiceError> {
        let currency = currency_of(&visit.organisation)?;
        let record = self.store.member(member).await?.ok_or(ServiceError::NotFound)?;
        let draft = input.check(&record.number, currency)?;
        let id = self.services.fresh_id();
        self.keep_draft(visit, id, Some(member), &draft, None).await?;
        Ok(id)
    }

    /// Changes a draft, where it is as it was when `seen` was made.
    pub async fn change_invoice(&self, visit: &Visit, id: Uuid, seen: &str, input: &InvoiceInput) -> Result<(), ServiceError> {
        let currency = currency_of(&visit.organisation)?;
        let record = self.store.invoice(id).await?.ok_or(ServiceError::NotFound)?;
        let Some(draft) = record.draft() else { return Err(ServiceError::Changed) };
        let changed = input.check(&draft.recipient.number, currency)?;
        if self.services.draft_state(visit, &record).await? != seen {
            return Err(ServiceError::Changed);
        }
        self.keep_draft(visit, id, record.member, &changed, Some(&record)).await
    }

    async fn keep_draft(
        &self,
        visit: &Visit,
        id: Uuid,
        member: Option<MemberId>,
        draft: &InvoiceDraft,
        before: Option<&InvoiceRecord>,
    ) -> Result<(), ServiceError> {
        let settings = self.services.invoice_settings(visit).await?;
        let groups = groups_of(&draft.lines, settings.rule, currency_of(&visit.organisation)?);
        // A draft may be without lines for a while; what can never be issued is said now.
        let sum = match groups {
            Ok(groups) => total(&groups),
            Err(NoInvoice::Empty) => 0,
            Err(fault) => return Err(no_invoice(fault)),
        };
        let transaction = self.begin().await?;
        // Somebody else was faster since it was looked at.
        if transaction.current_invoice(id).await?.as_ref() != before {
            return Err(ServiceError::Changed);
        }
        let action = if before.is_some() { "invoice-draft-changed" } else { "invoice-drafted" };
        transaction.set_invoice_draft(id, member, draft, sum, &search_of("", &draft.recipient)).await?;
        self.record(&transaction, action, format!("invoice:{id}"), &draft.recipient.name).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub async fn delete_invoice(&self, id: Uuid) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        let record = transaction.current_invoice(id).await?.ok_or(ServiceError::NotFound)?;
        let Some(draft) = record.draft() else { return Err(ServiceError::Changed) };
        transaction.delete_invoice_draft(id).await?;
        self.record(&transaction, "invoice-draft-deleted", format!("invoice:{id}"), &draft.recipient.name).await?;
        transaction.commit().await?;
        Ok(())
    }
}
