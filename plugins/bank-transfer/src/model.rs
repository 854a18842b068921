//! What is kept.

use crate::matching::{Doubt, Rule};
use serde::{Deserialize, Serialize};
use tsudoi_plugin::{Collection, Id, Timestamp};

/// The number that was given out for an invoice, under the invoice's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("references")]
pub struct Reference {
    pub code: String,
    /// Whoever pays.
    pub member: Id,
}

/// A line of a statement, kept once however many statements have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("lines")]
pub struct Line {
    pub account: String,
    pub date: String,
    /// In yen.
    pub amount: i64,
    /// As the bank wrote it; empty where the member whose it was is erased.
    #[serde(default)]
    pub payer: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
    pub cancels: bool,
    /// The first import that had it, and its place there.
    pub import: Id,
    pub place: u32,
    /// How often a booking was taken back: each one is a payment of its own.
    pub taken_back: u32,
    #[serde(flatten)]
    pub fate: Fate,
}

/// What has become of a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Fate {
    /// For people to decide.
    Waiting { doubt: Doubt },
    Booked {
        invoice: Id,
        /// The invoice's.
        number: String,
        by: Rule,
        #[serde(default)]
        member: Option<Id>,
    },
    /// No payment of an invoice.
    Aside { reason: String },
}

impl Line {
    /// What the host knows the payment by.
    pub fn reference(&self, id: &Id) -> String {
        match self.taken_back {
            0 => id.to_string(),
            again => format!("{id}.{again}"),
        }
    }
}

/// What came of reading a statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("imports")]
pub struct Import {
    pub at: Timestamp,
    /// The key of what the format is called.
    pub format: String,
    pub lines: usize,
    /// Of these, those that no statement had before; booked by rule, or waiting.
    pub new: usize,
    pub booked: usize,
    pub waiting: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> Id {
        Id::parse(&format!("01890a5d-ac96-774b-bcce-b302099a80{n:02x}")).unwrap_or_else(|_| panic!("an id"))
    }

    #[test]
    fn a_line_of_an_erased_member_is_still_a_line() {
        let text = format!(
            r#"{{"account":"","date":"2026-11-22","amount":3000,"payer":null,"note":null,"cancels":false,"import":"{}","place":1,"taken_back":0,
                "state":"booked","invoice":"{}","number":"2026-0001","by":"name","member":null}}"#,
            id(1),
            id(2)
        );
        let line: Line = serde_json::from_str(&text).unwrap();
        assert_eq!(line.fate, Fate::Booked { invoice: id(2), number: "2026-0001".into(), by: Rule::Name, member: None });
        assert_eq!(serde_json::to_value(&line).unwrap()["state"], "booked");
    }

    #[test]
    fn a_booking_after_one_that_was_taken_back_is_another_payment() {
        let fate = Fate::Waiting { doubt: Doubt::TakenBack };
        let mut line = Line {
            account: String::new(),
            date: "2026-11-22".into(),
            amount: 1,
            payer: None,
            note: None,
            cancels: false,
            import: id(1),
            place: 0,
            taken_back: 0,
            fate,
        };
        assert_eq!(line.reference(&id(3)), id(3).to_string());
        line.taken_back = 1;
        assert_eq!(line.reference(&id(3)), format!("{}.1", id(3)));
    }
}
