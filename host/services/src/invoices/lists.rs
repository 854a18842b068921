//! Invoices and payments as staff find them, one by one, and as a member sees their own.

use super::{currency_of, day};
use crate::accounts::name_in_order;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use chrono::Days;
use serde_json::{Value, json};
use tsudoi_kernel::MemberId;
use tsudoi_kernel::invoice::{Paper, Standing};
use tsudoi_kernel::ledger::Method;
use tsudoi_kernel::money::Money;
use tsudoi_kernel::time::NaiveDate;
use tsudoi_store::{
    Allocation, CreditNote, GatewayCharge, GatewayRefund, GatewayReport, InvoiceFilter, InvoiceRecord, OrganisationStore, Payment,
    RecordedEntry, Refund, folded,
};
use uuid::Uuid;

/// Lines of one page of a list.
const LINES: u32 = 50;
/// Lines that a member's own page and a document's history show.
const OWN_LINES: u32 = 100;
const MOST_WORDS: usize = 5;
/// Days after the due date at which what is not paid becomes older.
pub const AGES: [u64; 3] = [30, 60, 90];

/// What staff look for, as they typed it. What can not be read is not looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InvoiceSearch {
    /// `unpaid`, one of [`Standing`]'s, or empty for all.
    pub state: String,
    pub typed: String,
    pub from: String,
    pub to: String,
    pub least: String,
    pub most: String,
    pub before: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceList {
    pub invoices: Vec<InvoiceRecord>,
    /// Before which the next page begins, where there is one.
    pub next: Option<Uuid>,
}

/// Everything that staff see of one invoice.
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceFile {
    pub record: InvoiceRecord,
    /// The document; of a draft what it would be today, where it can be issued.
    pub paper: Option<Paper>,
    /// Of a draft: what its buttons say they have seen.
    pub state: String,
    /// Id, number and name.
    pub member: Option<(MemberId, String, String)>,
    pub notes: Vec<CreditNote>,
    pub allocations: Vec<Allocation>,
    /// What gateways have said.
    pub reports: Vec<GatewayReport>,
    /// What gateways were asked to charge by what the member saved, the oldest first.
    pub charges: Vec<GatewayCharge>,
    /// By what of the member's it can be charged now: the plugin, and what the member knows it by.
    pub chargeable: Option<(String, String)>,
    /// What the member has left of other payments.
    pub credit: i64,
    /// The latest first.
    pub history: Vec<RecordedEntry>,
}

/// An invoice that is to be paid.
#[derive(Debug, Clone, PartialEq)]
pub struct Late {
    pub record: InvoiceRecord,
    /// Since it was due; 0 where it is not yet.
    pub days: i64,
}

/// Who has not paid.
#[derive(Debug, Clone, PartialEq)]
pub struct Unpaid {
    /// How many and how much: not due yet, then up to each of [`AGES`] days late, then later.
    pub ages: Vec<(u64, i64)>,
    pub lines: Vec<Late>,
    /// Due date and id after which the next page begins.
    pub next: Option<(String, Uuid)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PaymentList {
    pub payments: Vec<Payment>,
    /// The ways of paying that give back by themselves.
    pub giving_back: Vec<Method>,
    pub next: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PaymentFile {
    pub payment: Payment,
    pub member: Option<(MemberId, String, String)>,
    pub allocations: Vec<Allocation>,
    pub refunds: Vec<Refund>,
    /// What its gateway was asked to give back.
    pub asked: Vec<GatewayRefund>,
    /// Whether its gateway gives back by itself.
    pub may_ask: bool,
}

/// A member's own invoices and payments.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OwnBills {
    /// The longest due first.
    pub due: Vec<InvoiceRecord>,
    /// The latest first.
    pub settled: Vec<InvoiceRecord>,
    pub payments: Vec<Payment>,
    /// What is left of payments.
    pub credit: i64,
    /// Where to transfer to.
    pub bank: String,
}

impl OwnBills {
    pub fn is_empty(&self) -> bool {
        self.due.is_empty() && self.settled.is_empty() && self.payments.is_empty()
    }
}

/// Folded words of what was typed.
fn words(typed: &str) -> Vec<String> {
    folded(&[typed]).split_whitespace().take(MOST_WORDS).map(str::to_owned).collect()
}

impl InvoiceSearch {
    fn filter(&self, visit: &Visit) -> Result<InvoiceFilter, ServiceError> {
        let currency = currency_of(&visit.organisation)?;
        let date = |typed: &str| day(typed).map(|day| day.to_string());
        let amount = |typed: &str| Money::typed(typed, currency).ok().map(|money| money.minor);
        Ok(InvoiceFilter {
            standing: Standing::ALL.into_iter().find(|standing| standing.as_str() == self.state),
            unpaid: self.state == "unpaid",
            member: None,
            words: words(&self.typed),
            from: date(&self.from),
            to: date(&self.to),
            least: amount(&self.least),
            most: amount(&self.most),
        })
    }
}

fn page<T>(mut found: Vec<T>) -> (Vec<T>, bool) {
    let more = found.len() > LINES as usize;
    found.truncate(LINES as usize);
    (found, more)
}

impl Services {
    pub async fn invoice_list(&self, visit: &Visit, search: &InvoiceSearch) -> Result<InvoiceList, ServiceError> {
        let today = self.today_of(visit).to_string();
        let (invoices, more) = page(self.of(visit).invoices(&search.filter(visit)?, &today, search.before, LINES + 1).await?);
        Ok(InvoiceList { next: invoices.last().filter(|_| more).map(|last| last.id), invoices })
    }

    pub async fn invoice_file(&self, visit: &Visit, id: Uuid) -> Result<InvoiceFile, ServiceError> {
        let store = self.of(visit);
        let record = store.invoice(id).await?.ok_or(ServiceError::NotFound)?;
        let (mut state, mut credit) = (String::new(), 0);
        let paper = match record.draft() {
            Some(draft) => {
                state = self.draft_state(visit, &record).await?;
                match self.preview_of(visit, draft).await {
                    Err(ServiceError::Invalid(_)) => None,
                    preview => Some(preview?),
                }
            }
            None => record.paper().cloned(),
        };
        if let Some(member) = record.member {
            credit = self.credit_of(visit, member).await?;
        }
        Ok(InvoiceFile {
            member: self.named_member(visit, record.member).await?,
            notes: store.credit_notes_of(id).await?,
            allocations: store.allocations_of_invoice(id).await?,
            reports: store.gateway_reports(id).await?,
            charges: store.gateway_charges(id).await?,
            chargeable: self.chargeable_by(visit, &record).await?,
            history: store.audit_entries_about(&format!("invoice:{id}"), OWN_LINES).await?,
            paper,
            state,
            credit,
            record,
        })
    }

    async fn named_member(&self, visit: &Visit, id: Option<MemberId>) -> Result<Option<(MemberId, String, String)>, ServiceError> {
        let Some(id) = id else { return Ok(None) };
        let Some(member) = self.of(visit).member(id).await? else { return Ok(None) };
        let name = name_in_order(visit.organisation.locale, &member.family_name, &member.given_name);
        Ok(Some((id, member.number, name.unwrap_or(member.display_name))))
    }

    /// Invoices of a member, the latest first.
    pub async fn invoices_of(&self, visit: &Visit, member: MemberId) -> Result<Vec<InvoiceRecord>, ServiceError> {
        let filter = InvoiceFilter { member: Some(member), ..InvoiceFilter::default() };
        Ok(self.of(visit).invoices(&filter, &self.today_of(visit).to_string(), None, OWN_LINES).await?)
    }

    /// Who has not paid, the longest due first.
    pub async fn unpaid(&self, visit: &Visit, after: Option<(&str, Uuid)>) -> Result<Unpaid, ServiceError> {
        let (store, today) = (self.of(visit), self.today_of(visit));
        let back = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today).to_string();
        let days: Vec<String> = std::iter::once(0).chain(AGES).map(back).collect();
        let (found, more) = page(store.invoices_to_be_paid(after, LINES + 1).await?);
        let due = |record: &InvoiceRecord| -> NaiveDate { record.paper().and_then(|paper| paper.due_on).unwrap_or(today) };
        let next = found.last().filter(|_| more).map(|last| (due(last).to_string(), last.id));
        let lines = found.into_iter().map(|record| Late { days: (today - due(&record)).num_days().max(0), record }).collect();
        Ok(Unpaid { ages: store.ageing(&days).await?, lines, next })
    }

    pub async fn payment_list(&self, visit: &Visit, typed: &str, rest: bool, before: Option<Uuid>) -> Result<PaymentList, ServiceError> {
        let (payments, more) = page(self.of(visit).payments(None, &words(typed), rest, before, LINES + 1).await?);
        let installations = self.installations(visit).await?;
        let giving_back = installations.iter().filter(|(installation, _)| self.refunds(installation));
        let giving_back = giving_back.map(|(installation, _)| Method::Gateway(installation.manifest.id.clone())).collect();
        Ok(PaymentList { next: payments.last().filter(|_| more).map(|last| last.id), payments, giving_back })
    }

    pub async fn payment_file(&self, visit: &Visit, id: Uuid) -> Result<PaymentFile, ServiceError> {
        let store = self.of(visit);
        let payment = store.payment(id).await?.ok_or(ServiceError::NotFound)?;
        Ok(PaymentFile {
            member: self.named_member(visit, payment.member).await?,
            allocations: store.allocations_of_payment(id).await?,
            refunds: store.refunds_of(id).await?,
            asked: store.gateway_refunds(id).await?,
            may_ask: self.gives_back(visit, &payment.method).await?,
            payment,
        })
    }

    /// Whoever visits, as a member who may see their documents. Nobody, where staff look at the site as somebody else.
    pub(crate) fn payer(visit: &Visit) -> Option<MemberId> {
        visit.visitor.member.as_ref().filter(|_| visit.see_as.is_none()).map(|member| member.id)
    }

    /// A member's documents as they are kept, for whoever asks what is kept of them.
    pub(crate) async fn money_of_member(&self, store: &OrganisationStore, member: MemberId) -> Result<Value, ServiceError> {
        let filter = InvoiceFilter { member: Some(member), ..InvoiceFilter::default() };
        let (mut invoices, mut before) = (Vec::new(), None);
        loop {
            let found = store.invoices(&filter, "", before, LINES).await?;
            let Some(last) = found.last() else { break };
            before = Some(last.id);
            for record in &found {
                let notes = store.credit_notes_of(record.id).await?;
                let credited: Vec<&Paper> = notes.iter().map(|note| &note.paper).collect();
                let number = record.paper().map(|paper| paper.number.clone());
                let body = serde_json::to_value(record.paper()).ok().filter(|paper| !paper.is_null());
                let body = body.map_or_else(|| serde_json::to_value(record.draft()), Ok)?;
                invoices.push(json!({ "number": number, "document": body, "paid": record.settled.paid, "credit-notes": credited }));
            }
        }
        let (mut payments, mut before) = (Vec::new(), None);
        loop {
            let found = store.payments(Some(member), &[], false, before, LINES).await?;
            let Some(last) = found.last() else { break };
            before = Some(last.id);
            for payment in &found {
                payments.push(json!({
                    "number": payment.number, "amount": payment.amount, "method": payment.method, "reference": payment.reference,
                    "received-on": payment.received_on, "note": payment.body.note, "refunded": payment.refunded,
                }));
            }
        }
        Ok(json!({ "invoices": invoices, "payments": payments }))
    }

    pub async fn own_bills(&self, visit: &Visit) -> Result<OwnBills, ServiceError> {
        let Some(member) = Self::payer(visit) else { return Ok(OwnBills::default()) };
        let issued = self.invoices_of(visit, member).await?.into_iter().filter(|record| record.paper().is_some());
        let (mut due, settled): (Vec<_>, Vec<_>) = issued.partition(|record| record.settled.open() > 0);
        due.sort_by_key(|record| (record.paper().and_then(|paper| paper.due_on), record.id));
        let payments = self.of(visit).payments(Some(member), &[], false, None, OWN_LINES).await?;
        let credit = payments.iter().map(Payment::rest).sum();
        let bank = if due.is_empty() { String::new() } else { self.invoice_settings(visit).await?.issuer.bank };
        Ok(OwnBills { due, settled, payments, credit, bank })
    }
}
