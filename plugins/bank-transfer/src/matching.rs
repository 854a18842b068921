//! Whose transfer it is. By rule a transfer is booked only where nothing else is possible: its number names an invoice of just this
//! amount, or one unpaid invoice alone has this amount and a payer of this name. Everything else is for people to decide.

use crate::{code, kana};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tsudoi_plugin::Id;

/// An invoice that is to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub invoice: Id,
    pub amount: i64,
    /// Of the member, folded and never empty: the reading, and the name, which may be kana too.
    pub names: Vec<String>,
}

/// Money that came in, as far as it says whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub amount: i64,
    pub cancels: bool,
    /// The numbers in the payer's name that may be those of invoices.
    pub codes: Vec<String>,
    /// Folded.
    pub name: String,
}

impl Transfer {
    pub fn new(amount: i64, payer: &str, cancels: bool) -> Self {
        let codes = code::within(&kana::plain(payer)).into_iter().map(str::to_owned).collect();
        Self { amount, cancels, codes, name: kana::name(payer) }
    }
}

/// By what it was matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    Number,
    Name,
    Staff,
}

/// Why people have to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// The bank takes a transfer back.
    Cancels,
    /// It names several invoices.
    SeveralNumbers,
    /// Its invoice, or the invoice of who has this name, is of another amount.
    OtherAmount,
    /// The invoice that it names is paid.
    NothingOpen,
    /// Several invoices have this amount and name.
    Several,
    /// Invoices have this amount, of members with other names.
    OtherName,
    /// No invoice has the amount or the name.
    Nobody,
    /// There are more unpaid invoices than were looked at.
    TooManyOpen,
    /// Staff took back what had been decided.
    TakenBack,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Book(Id, Rule),
    Doubt(Doubt),
}

/// The invoices that are to be paid. What is booked is taken away, so that no invoice is paid by two lines.
pub struct Desk {
    open: BTreeMap<Id, Open>,
    by_amount: BTreeMap<i64, Vec<Id>>,
    by_code: BTreeMap<String, Id>,
    /// All of them are here.
    is_complete: bool,
}

impl Desk {
    /// `by_code`: the invoices of the numbers that were given out.
    pub fn new(open: Vec<Open>, by_code: BTreeMap<String, Id>, is_complete: bool) -> Self {
        let mut by_amount = BTreeMap::<i64, Vec<Id>>::new();
        for one in &open {
            by_amount.entry(one.amount).or_default().push(one.invoice.clone());
        }
        Self { open: open.into_iter().map(|one| (one.invoice.clone(), one)).collect(), by_amount, by_code, is_complete }
    }

    pub fn judge(&mut self, transfer: &Transfer) -> Verdict {
        let verdict = if transfer.cancels {
            Verdict::Doubt(Doubt::Cancels)
        } else {
            self.by_number(transfer).unwrap_or_else(|| self.by_name(transfer))
        };
        if let Verdict::Book(invoice, _) = &verdict {
            self.open.remove(invoice);
        }
        verdict
    }

    /// `None` where it names no invoice.
    fn by_number(&self, transfer: &Transfer) -> Option<Verdict> {
        let mut named: Vec<&Id> = transfer.codes.iter().filter_map(|code| self.by_code.get(code)).collect();
        named.dedup();
        let doubt = match (named[..].first(), named.len()) {
            (None, _) => return None,
            (Some(invoice), 1) => match self.open.get(*invoice) {
                Some(open) if open.amount == transfer.amount => return Some(Verdict::Book((*invoice).clone(), Rule::Number)),
                Some(_) => Doubt::OtherAmount,
                None => Doubt::NothingOpen,
            },
            _ => Doubt::SeveralNumbers,
        };
        Some(Verdict::Doubt(doubt))
    }

    fn by_name(&self, transfer: &Transfer) -> Verdict {
        if !self.is_complete {
            return Verdict::Doubt(Doubt::TooManyOpen);
        }
        let same_amount = self.by_amount.get(&transfer.amount).into_iter().flatten().filter_map(|invoice| self.open.get(invoice));
        let (fitting, others): (Vec<&Open>, Vec<&Open>) = same_amount.partition(|open| is_named(open, transfer));
        Verdict::Doubt(match (&fitting[..], &others[..]) {
            ([only], _) => return Verdict::Book(only.invoice.clone(), Rule::Name),
            ([], []) if self.open.values().any(|open| is_named(open, transfer)) => Doubt::OtherAmount,
            ([], []) => Doubt::Nobody,
            ([], _) => Doubt::OtherName,
            _ => Doubt::Several,
        })
    }
}

fn is_named(open: &Open, transfer: &Transfer) -> bool {
    open.names.contains(&transfer.name)
}

/// How well an invoice fits a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fit {
    pub number: bool,
    pub amount: bool,
    pub name: NameFit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameFit {
    Same,
    /// One is in the other, or they begin alike: somebody of the family, an account with more names.
    Alike,
    Other,
}

/// Letters that two names have to begin with alike.
const ALIKE: usize = 3;

impl Fit {
    pub fn of(transfer: &Transfer, open: &Open, by_code: &BTreeMap<String, Id>) -> Self {
        let number = transfer.codes.iter().any(|code| by_code.get(code) == Some(&open.invoice));
        Self { number, amount: open.amount == transfer.amount, name: name_fit(&transfer.name, &open.names) }
    }

    /// 0 where nothing fits. A number outweighs the rest; an amount, which many have, somewhat more than a name.
    pub const fn score(self) -> u32 {
        let name = match self.name {
            NameFit::Same => 3,
            NameFit::Alike => 1,
            NameFit::Other => 0,
        };
        (if self.number { 8 } else { 0 }) + (if self.amount { 4 } else { 0 }) + name
    }
}

fn name_fit(name: &str, names: &[String]) -> NameFit {
    let alike = |other: &String| {
        let common = name.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
        let shorter = name.chars().count().min(other.chars().count());
        common >= ALIKE || shorter >= ALIKE && (name.contains(other.as_str()) || other.contains(name))
    };
    match name {
        "" => NameFit::Other,
        name if names.iter().any(|other| other == name) => NameFit::Same,
        _ if names.iter().any(alike) => NameFit::Alike,
        _ => NameFit::Other,
    }
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
