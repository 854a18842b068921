//! Invoices and credit notes as data: what an issued document says, for good, and what follows from the amounts.

use crate::ledger::Method;
use crate::locale::Locale;
use crate::money::{Currency, Money, MoneyError};
use crate::tax::{Rates, TaxGroup, TaxKind, TaxRule};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// Who issues, as it stands on every document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Issuer {
    pub name: String,
    /// Lines: postal code, address, telephone.
    #[serde(default)]
    pub address: String,
    /// 登録番号, `T` and thirteen digits, of those who have one.
    #[serde(default)]
    pub registration: Option<String>,
    /// Lines: where to transfer to.
    #[serde(default)]
    pub bank: String,
}

/// How an organisation invoices. JSON: the column `body` of its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InvoiceSettings {
    pub issuer: Issuer,
    pub rule: TaxRule,
    /// In front of every number.
    #[serde(default)]
    pub prefix: String,
    /// Days from the date of issue to the due date, where a draft says nothing else.
    pub due_days: u16,
    /// Stands at the end of every invoice.
    #[serde(default)]
    pub note: String,
}

impl Default for InvoiceSettings {
    /// Prices have their tax in them, as prices for consumers must be shown (消費税法 第63条).
    fn default() -> Self {
        let rule = TaxRule { inclusive: true, rounding: Default::default(), rates: Rates::default() };
        Self { issuer: Issuer::default(), rule, prefix: String::new(), due_days: 30, note: String::new() }
    }
}

/// Whom a document is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipient {
    /// With how they are addressed: `佐藤 花子 様`.
    pub name: String,
    #[serde(default)]
    pub address: String,
    /// The member's.
    #[serde(default)]
    pub number: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InvoiceLine {
    pub name: String,
    pub quantity: i64,
    /// 名, 回, 冊; may be empty.
    #[serde(default)]
    pub unit: String,
    /// Of one, in the currency's smallest unit. Below zero for a discount.
    pub price: i64,
    pub kind: TaxKind,
}

/// An invoice that is being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InvoiceDraft {
    /// The language of the document.
    pub locale: Locale,
    pub recipient: Recipient,
    pub lines: Vec<InvoiceLine>,
    /// When it was supplied, or for which time: `2026年度`. Empty: on the date of issue.
    #[serde(default)]
    pub period: String,
    #[serde(default)]
    pub note: String,
    /// Else by the settings.
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
}

impl InvoiceDraft {
    /// The document that it becomes on a day.
    ///
    /// # Errors
    /// [`NoInvoice`] where its lines make none.
    pub fn paper(&self, settings: &InvoiceSettings, currency: Currency, number: String, today: NaiveDate) -> Result<Paper, NoInvoice> {
        let groups = groups_of(&self.lines, settings.rule, currency)?;
        let note = [self.note.as_str(), settings.note.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
        Ok(Paper {
            kind: PaperKind::Invoice,
            locale: self.locale,
            number,
            issued_on: today,
            currency,
            issuer: settings.issuer.clone(),
            recipient: self.recipient.clone(),
            rule: settings.rule,
            lines: self.lines.clone(),
            groups,
            period: self.period.clone(),
            note,
            due_on: self.due_on.or_else(|| today.checked_add_days(Days::new(settings.due_days.into()))),
            about: None,
            received: None,
        })
    }
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaperKind {
    Invoice,
    CreditNote,
    Receipt,
}

impl PaperKind {
    /// What its numbers are counted in.
    pub const fn series(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit-note",
            Self::Receipt => "receipt",
        }
    }
}

/// An issued document with everything that stands on it. It is kept as it was issued and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Paper {
    pub kind: PaperKind,
    pub locale: Locale,
    pub number: String,
    pub issued_on: NaiveDate,
    pub currency: Currency,
    pub issuer: Issuer,
    pub recipient: Recipient,
    pub rule: TaxRule,
    pub lines: Vec<InvoiceLine>,
    /// Sum and tax for each rate.
    pub groups: Vec<TaxGroup>,
    #[serde(default)]
    pub period: String,
    #[serde(default)]
    pub note: String,
    /// Of an invoice.
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
    /// The invoice's number and date, on what comes after it.
    #[serde(default)]
    pub about: Option<(String, NaiveDate)>,
    /// On a receipt: what was received, and how.
    #[serde(default)]
    pub received: Option<(i64, Method)>,
}

/// What is kept of a payment as it was entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PaymentBody {
    /// What is given for it, as it was when it was booked.
    pub receipt: Paper,
    /// For staff.
    #[serde(default)]
    pub note: String,
}

/// Why lines make no invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoInvoice {
    #[error("there is nothing on it")]
    Empty,
    /// A sum of one tax kind is below zero, or all of it is nothing.
    #[error("the sum is not above zero")]
    NotPositive,
    #[error("the sum is too large")]
    TooMuch,
}

impl InvoiceLine {
    pub fn amount(&self, currency: Currency) -> Result<Money, MoneyError> {
        Money::new(self.price, currency).times(self.quantity)
    }
}

/// The sums of lines by tax kind.
pub fn groups_of(lines: &[InvoiceLine], rule: TaxRule, currency: Currency) -> Result<Vec<TaxGroup>, NoInvoice> {
    if lines.is_empty() {
        return Err(NoInvoice::Empty);
    }
    let mut amounts = Vec::with_capacity(lines.len());
    let mut size = 0i64;
    for line in lines {
        let amount = line.amount(currency).map_err(|_| NoInvoice::TooMuch)?.minor;
        // Taxes add less than this again, whatever the rates are.
        size = size.saturating_add(amount.abs());
        amounts.push((line.kind, amount));
    }
    if size > Money::MOST / 2 {
        return Err(NoInvoice::TooMuch);
    }
    let groups = rule.groups(amounts);
    if groups.iter().any(|group| group.net < 0 || group.tax < 0) || total(&groups) <= 0 {
        return Err(NoInvoice::NotPositive);
    }
    Ok(groups)
}

/// With tax.
pub fn total(groups: &[TaxGroup]) -> i64 {
    groups.iter().map(TaxGroup::gross).fold(0, i64::saturating_add)
}

pub fn tax(groups: &[TaxGroup]) -> i64 {
    groups.iter().map(|group| group.tax).fold(0, i64::saturating_add)
}

impl Paper {
    pub fn total(&self) -> i64 {
        total(&self.groups)
    }

    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// What is given for a payment of this invoice. One that pays the whole of it says what it was for, with its taxes; of a part
    /// of it the taxes are on the invoice.
    pub fn receipt(&self, number: String, amount: i64, method: Method, received_on: NaiveDate, is_whole: bool) -> Self {
        let (lines, groups) = if is_whole { (self.lines.clone(), self.groups.clone()) } else { Default::default() };
        Self {
            kind: PaperKind::Receipt,
            number,
            issued_on: received_on,
            recipient: Recipient { address: String::new(), ..self.recipient.clone() },
            lines,
            groups,
            note: String::new(),
            due_on: None,
            about: Some((self.number.clone(), self.issued_on)),
            received: Some((amount, method)),
            ..self.clone()
        }
    }

    /// What takes these sums of this invoice back: one line for each tax kind, priced as the invoice is.
    pub fn credit_note(&self, number: String, today: NaiveDate, groups: Vec<TaxGroup>, reason: &str) -> Self {
        let line = |group: &TaxGroup| {
            let price = if self.rule.inclusive { group.gross() } else { group.net };
            InvoiceLine { name: reason.to_owned(), quantity: 1, unit: String::new(), price, kind: group.kind }
        };
        Self {
            kind: PaperKind::CreditNote,
            number,
            issued_on: today,
            lines: groups.iter().map(line).collect(),
            groups,
            note: String::new(),
            due_on: None,
            about: Some((self.number.clone(), self.issued_on)),
            ..self.clone()
        }
    }

    /// Whether something on it has the reduced rate, which is to be marked.
    pub fn has_reduced(&self) -> bool {
        self.lines.iter().any(|line| line.kind == TaxKind::Reduced)
    }
}

/// Where an invoice stands. Follows from its amounts and the day, and is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Draft,
    /// Nothing was paid, and it is not due yet.
    Open,
    PartlyPaid,
    /// Something is to be paid and the due date has passed.
    Overdue,
    Paid,
    /// All of it was taken back by credit notes.
    Void,
}

impl Standing {
    pub const ALL: [Self; 6] = [Self::Overdue, Self::Open, Self::PartlyPaid, Self::Paid, Self::Void, Self::Draft];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::PartlyPaid => "partly-paid",
            Self::Overdue => "overdue",
            Self::Paid => "paid",
            Self::Void => "void",
        }
    }
}

/// The amounts of an issued invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    pub total: i64,
    pub credited: i64,
    pub paid: i64,
}

impl Settled {
    /// What is to be paid.
    pub fn open(self) -> i64 {
        self.total - self.credited - self.paid
    }

    pub fn standing(self, due_on: NaiveDate, today: NaiveDate) -> Standing {
        match self.open() {
            open if open > 0 && due_on < today => Standing::Overdue,
            open if open > 0 && self.paid > 0 => Standing::PartlyPaid,
            open if open > 0 => Standing::Open,
            _ if self.credited == self.total => Standing::Void,
            _ => Standing::Paid,
        }
    }
}

/// What of each group a credit note takes back: `wanted` with tax, by kind, of what is `left` of the invoice. The last of a
/// group takes all its tax, so that the two come to nothing together.
///
/// # Errors
/// The kind of which more is wanted than there is.
pub fn credited(rule: TaxRule, left: &[TaxGroup], wanted: &[(TaxKind, i64)]) -> Result<Vec<TaxGroup>, TaxKind> {
    let mut groups = Vec::new();
    for (kind, gross) in wanted.iter().copied().filter(|(_, gross)| *gross != 0) {
        let Some(group) = left.iter().find(|group| group.kind == kind).filter(|group| (1..=group.gross()).contains(&gross)) else {
            return Err(kind);
        };
        let inclusive = TaxRule { inclusive: true, rates: Rates { standard: group.rate, reduced: group.rate }, ..rule };
        let tax = if gross == group.gross() {
            group.tax
        } else {
            // Neither more tax nor more income than is left.
            inclusive.group(kind, gross).tax.clamp((gross - group.net).max(0), group.tax.min(gross))
        };
        groups.push(TaxGroup { kind, rate: group.rate, net: gross - tax, tax });
    }
    Ok(groups)
}

/// What remains of an invoice's groups after its credit notes.
pub fn left_of(groups: &[TaxGroup], credited: &[TaxGroup]) -> Vec<TaxGroup> {
    let rest = |group: &TaxGroup| {
        let taken = credited.iter().filter(|other| other.kind == group.kind);
        let (net, tax) = taken.fold((0, 0), |(net, tax), other| (net + other.net, tax + other.tax));
        TaxGroup { net: group.net - net, tax: group.tax - tax, ..*group }
    };
    groups.iter().map(rest).collect()
}

/// The number of a document: `2026-0001` in the year's series, a letter for what is not an invoice.
pub fn document_number(prefix: &str, kind: PaperKind, year: i32, sequence: i64) -> String {
    let letter = match kind {
        PaperKind::Invoice => "",
        PaperKind::CreditNote => "C",
        PaperKind::Receipt => "R",
    };
    format!("{prefix}{letter}{year}-{sequence:04}")
}

#[cfg(test)]
#[path = "invoice_tests.rs"]
mod tests;
