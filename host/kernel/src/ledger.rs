//! Double entry: the accounts of an organisation, and the entry that each document makes. An entry that does not add up
//! to zero can not be made.

use crate::tax::{TaxGroup, TaxKind};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where money is counted. Its text (`assets:bank`) is what is kept, and what other programs read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// 未収金: what members owe by invoices.
    Receivable,
    /// 現金.
    Cash,
    /// 預金.
    Bank,
    /// What came by this way of paying and is not in the bank yet.
    Clearing(String),
    /// 前受金: what members paid and no invoice has used.
    MemberCredit,
    /// 仮受消費税 at one rate.
    Tax(TaxKind),
    /// 収入 of one tax kind, without tax.
    Income(TaxKind),
}

impl Account {
    /// Whether it grows on the left side (借方): what is owned or owed to the organisation.
    pub fn is_debit(&self) -> bool {
        matches!(self, Self::Receivable | Self::Cash | Self::Bank | Self::Clearing(_))
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "assets:receivable" => return Some(Self::Receivable),
            "assets:cash" => return Some(Self::Cash),
            "assets:bank" => return Some(Self::Bank),
            "liabilities:member-credit" => return Some(Self::MemberCredit),
            _ => {}
        }
        let (kind, rest) = text.rsplit_once(':')?;
        match kind {
            "assets:clearing" => Some(Self::Clearing(rest.to_owned())),
            "liabilities:tax" => TaxKind::parse(rest).map(Self::Tax),
            "income" => TaxKind::parse(rest).map(Self::Income),
            _ => None,
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Receivable => f.write_str("assets:receivable"),
            Self::Cash => f.write_str("assets:cash"),
            Self::Bank => f.write_str("assets:bank"),
            Self::Clearing(way) => write!(f, "assets:clearing:{way}"),
            Self::MemberCredit => f.write_str("liabilities:member-credit"),
            Self::Tax(kind) => write!(f, "liabilities:tax:{}", kind.as_str()),
            Self::Income(kind) => write!(f, "income:{}", kind.as_str()),
        }
    }
}

/// How money came or went.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Method {
    Cash,
    Bank,
    /// By hand, in another way: a card at the counter, postal transfer.
    Other,
    /// By a gateway, under its id.
    Gateway(String),
}

impl Method {
    /// Those that staff enter by hand.
    pub const BY_HAND: [Self; 3] = [Self::Bank, Self::Cash, Self::Other];

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "cash" => Some(Self::Cash),
            "bank" => Some(Self::Bank),
            "other" => Some(Self::Other),
            _ => text.strip_prefix("gateway:").filter(|id| is_way(id)).map(|id| Self::Gateway(id.to_owned())),
        }
    }

    pub fn account(&self) -> Account {
        match self {
            Self::Cash => Account::Cash,
            Self::Bank => Account::Bank,
            Self::Other => Account::Clearing("other".into()),
            Self::Gateway(id) => Account::Clearing(id.clone()),
        }
    }
}

/// Letters that an account's name takes in every program that reads it.
fn is_way(id: &str) -> bool {
    !id.is_empty() && id != "other" && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cash => f.write_str("cash"),
            Self::Bank => f.write_str("bank"),
            Self::Other => f.write_str("other"),
            Self::Gateway(id) => write!(f, "gateway:{id}"),
        }
    }
}

impl TryFrom<String> for Method {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a way of paying")
    }
}

impl From<Method> for String {
    fn from(method: Method) -> Self {
        method.to_string()
    }
}

/// What kind of document an entry is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    Invoice,
    CreditNote,
    Payment,
    /// A payment's rest was used for an invoice.
    Allocation,
    Refund,
}

impl EntryKind {
    pub const ALL: [Self; 5] = [Self::Invoice, Self::CreditNote, Self::Payment, Self::Allocation, Self::Refund];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit-note",
            Self::Payment => "payment",
            Self::Allocation => "allocation",
            Self::Refund => "refund",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The lines do not add up to zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry whose lines add up to {0}")]
pub struct Unbalanced(pub i128);

/// Lines that add up to zero: above zero is left (借方, debit), below is right (貸方, credit).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines(Vec<(Account, i64)>);

impl Lines {
    /// Lines without an amount are left out.
    ///
    /// # Errors
    /// [`Unbalanced`]: this is the one place where it is asked.
    pub fn new(lines: impl IntoIterator<Item = (Account, i64)>) -> Result<Self, Unbalanced> {
        let lines: Vec<(Account, i64)> = lines.into_iter().filter(|(_, amount)| *amount != 0).collect();
        let sum: i128 = lines.iter().map(|(_, amount)| i128::from(*amount)).sum();
        if sum == 0 { Ok(Self(lines)) } else { Err(Unbalanced(sum)) }
    }

    pub fn iter(&self) -> impl Iterator<Item = &(Account, i64)> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An invoice: members owe it, and it is income and tax.
    pub fn of_invoice(groups: &[TaxGroup]) -> Result<Self, Unbalanced> {
        Self::new(std::iter::once((Account::Receivable, gross(groups))).chain(earned(groups, -1)))
    }

    /// A credit note. `taken_back`: what had been paid of it, which is the member's again.
    pub fn of_credit_note(groups: &[TaxGroup], taken_back: i64) -> Result<Self, Unbalanced> {
        let owed = [(Account::Receivable, taken_back - gross(groups)), (Account::MemberCredit, -taken_back)];
        Self::new(earned(groups, 1).into_iter().chain(owed))
    }

    /// A payment, of which `allocated` went to an invoice.
    pub fn of_payment(method: &Method, amount: i64, allocated: i64) -> Result<Self, Unbalanced> {
        Self::new([(method.account(), amount), (Account::Receivable, -allocated), (Account::MemberCredit, allocated - amount)])
    }

    /// A member's credit that is used for an invoice.
    pub fn of_allocation(amount: i64) -> Result<Self, Unbalanced> {
        Self::new([(Account::MemberCredit, amount), (Account::Receivable, -amount)])
    }

    /// A member's credit that is paid out.
    pub fn of_refund(method: &Method, amount: i64) -> Result<Self, Unbalanced> {
        Self::new([(Account::MemberCredit, amount), (method.account(), -amount)])
    }
}

fn gross(groups: &[TaxGroup]) -> i64 {
    groups.iter().map(TaxGroup::gross).fold(0, i64::saturating_add)
}

fn earned(groups: &[TaxGroup], sign: i64) -> Vec<(Account, i64)> {
    groups
        .iter()
        .flat_map(|group| [(Account::Income(group.kind), sign * group.net), (Account::Tax(group.kind), sign * group.tax)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tax::{Rates, Rounding, TaxRule};

    fn groups() -> Vec<TaxGroup> {
        let rule = TaxRule { inclusive: true, rounding: Rounding::Down, rates: Rates::default() };
        rule.groups([(TaxKind::Standard, 1100), (TaxKind::OutOfScope, 5000)])
    }

    #[test]
    fn each_document_adds_up_to_zero() {
        let lines = Lines::of_invoice(&groups()).unwrap();
        let listed: Vec<(String, i64)> = lines.iter().map(|(account, amount)| (account.to_string(), *amount)).collect();
        let expected =
            [("assets:receivable", 6100), ("income:standard", -1000), ("liabilities:tax:standard", -100), ("income:out-of-scope", -5000)];
        assert_eq!(listed, expected.map(|(account, amount)| (account.to_owned(), amount)));
        assert!(Lines::of_credit_note(&groups(), 2000).is_ok());
        assert!(Lines::of_payment(&Method::Bank, 7000, 6100).is_ok());
        assert!(Lines::of_payment(&Method::Gateway("stripe".into()), 100, 100).is_ok_and(|lines| lines.iter().count() == 2));
        assert_eq!(Lines::new([(Account::Cash, 5), (Account::Bank, -4)]), Err(Unbalanced(1)));
    }

    #[test]
    fn accounts_and_ways_of_paying_are_read_as_they_are_written() {
        let mut accounts =
            vec![Account::Receivable, Account::Cash, Account::Bank, Account::MemberCredit, Account::Clearing("a.b-c".into())];
        accounts.extend(TaxKind::ALL.map(Account::Income).into_iter().chain(TaxKind::ALL.map(Account::Tax)));
        for account in accounts {
            assert_eq!(Account::parse(&account.to_string()), Some(account));
        }
        for text in ["cash", "bank", "other", "gateway:jp.example.pay"] {
            assert_eq!(Method::parse(text).map(|method| method.to_string()).as_deref(), Some(text));
        }
        for text in ["", "gateway:", "gateway:other", "gateway:a b", "gateway:A:B", "card"] {
            assert_eq!(Method::parse(text), None, "{text}");
        }
    }
}
