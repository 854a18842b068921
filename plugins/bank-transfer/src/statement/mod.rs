//! Statements of a bank: what came in, read from a file of the Zengin format or from CSV. A statement is read as a whole or refused
//! with the place where it is wrong.

pub mod dates;
pub mod table;
pub mod zengin;

use crate::kana;
use dates::Date;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use table::Columns;
use tsudoi_plugin::Id;

/// Most lines of one statement.
pub const MOST_ENTRIES: usize = 1_000;

/// Money that came in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// As the statement names it, or as staff do where it does not.
    pub account: String,
    pub date: Date,
    /// In yen, above zero.
    pub amount: i64,
    /// As the bank wrote it; may be empty.
    pub payer: String,
    /// The payer's bank and what else stands there.
    pub note: String,
    /// The bank takes back an earlier transfer.
    pub cancels: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Notice,
    Account,
    Table,
}

impl Format {
    /// The key of what it is called.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Notice => "format-notice",
            Self::Account => "format-account",
            Self::Table => "format-table",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub format: Format,
    pub entries: Vec<Entry>,
}

/// Why a statement was refused, and the line where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub line: usize,
    pub what: Wrong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// A record has another length than 200.
    Length,
    /// A record stands where none of its kind may, or one is missing.
    Order,
    /// Another kind of file, or another kind of account.
    Kind,
    /// Number or sum of the transfers is not what the trailer says.
    Sum,
    Amount,
    Date,
    /// The titles of the columns are not known.
    Titles,
    /// The row has no such column.
    Column,
    TooMany,
    Empty,
}

impl Wrong {
    /// The key of the message, with the line as `line`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Length => "fault-length",
            Self::Order => "fault-order",
            Self::Kind => "fault-kind",
            Self::Sum => "fault-sum",
            Self::Amount => "fault-amount",
            Self::Date => "fault-date",
            Self::Titles => "fault-titles",
            Self::Column => "fault-column",
            Self::TooMany => "fault-too-many",
            Self::Empty => "fault-empty",
        }
    }

    pub const fn at(self, line: usize) -> Fault {
        Fault { line, what: self }
    }
}

/// Reads a statement in whichever format it is. `account` and `columns` are for tables, which do not say them.
pub fn read(text: &str, account: &str, columns: Columns, today: Date) -> Result<Statement, Fault> {
    let text = text.trim_start_matches('\u{FEFF}').trim_end_matches(['\u{1A}', '\n', '\r']);
    if text.trim().is_empty() {
        return Err(Wrong::Empty.at(1));
    }
    let statement = match zengin::format_of(text) {
        Some(format) => Statement { format, entries: zengin::read(text, format, today)? },
        None => Statement { format: Format::Table, entries: table::read(text, account, columns)? },
    };
    if statement.entries.len() > MOST_ENTRIES { Err(Wrong::TooMany.at(MOST_ENTRIES)) } else { Ok(statement) }
}

impl Statement {
    /// Each entry with the id that it is kept under: made of what it says and of its place among equal ones, so that it is the same in every
    /// statement that has it.
    pub fn identified(&self) -> Vec<(Id, &Entry)> {
        let mut seen = BTreeMap::<[u8; 32], u32>::new();
        let identified = self.entries.iter().filter_map(|entry| {
            let key = entry.key();
            let place = seen.entry(key).or_default();
            *place += 1;
            Some((id(&Sha256::new().chain_update(key).chain_update(place.to_be_bytes()).finalize())?, entry))
        });
        identified.collect()
    }
}

impl Entry {
    /// Notes differ between the formats of a bank, so they don't count.
    fn key(&self) -> [u8; 32] {
        let (date, amount) = (self.date.to_string(), self.amount.to_string());
        let payer = kana::plain(&self.payer);
        let parts = [self.account.as_str(), &date, &amount, &payer, if self.cancels { "cancels" } else { "" }];
        let digest = parts.iter().fold(Sha256::new(), |digest, part| {
            // The length keeps parts apart that would read the same in a row.
            digest.chain_update((part.len() as u64).to_be_bytes()).chain_update(part)
        });
        digest.finalize().into()
    }
}

/// The first 16 bytes as a UUID of version 8 (RFC 9562, section 5.8), which is for ids of one's own making.
fn id(digest: &[u8]) -> Option<Id> {
    let mut hex = String::new();
    for (at, byte) in digest.iter().take(16).enumerate() {
        let byte = match at {
            6 => byte & 0x0F | 0x80,
            8 => byte & 0x3F | 0x80,
            _ => *byte,
        };
        if [4, 6, 8, 10].contains(&at) {
            hex.push('-');
        }
        write!(hex, "{byte:02x}").ok()?;
    }
    Id::parse(&hex).ok()
}

/// An amount as people and banks write it: `3,000`, `¥3,000`, `3000円`. `None` for what is no number.
pub fn amount(text: &str) -> Option<i64> {
    let text = kana::plain(text).replace([',', ' ', '\u{A5}', '\\', '\u{5186}'], "");
    let (sign, digits) = match text.strip_prefix(['-', '\u{25B2}', '\u{25B3}', '\u{2212}']) {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(&text)),
    };
    let is_number = (1..=12).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { digits.parse::<i64>().ok().map(|amount| sign * amount) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(amount: i64, payer: &str) -> Entry {
        let date = Date::from_ymd_opt(2026, 11, 22).unwrap();
        Entry { account: "普通 1".into(), date, amount, payer: payer.into(), note: String::new(), cancels: false }
    }

    fn ids(entries: &[Entry]) -> Vec<Id> {
        let statement = Statement { format: Format::Table, entries: entries.to_vec() };
        statement.identified().into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn a_line_has_one_id_in_every_statement_that_has_it() {
        let (hanako, taro) = (entry(3_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), entry(3_000, "ﾀﾅｶ ﾀﾛｳ"));
        let [first, second, third] = &ids(&[hanako.clone(), taro.clone(), hanako.clone()])[..] else { panic!() };
        assert_ne!(first, third, "two transfers of the same day are two");
        assert_eq!(ids(&[taro.clone(), hanako.clone(), hanako.clone()]), [second.clone(), first.clone(), third.clone()]);
        assert_eq!(ids(&[entry(3_000, "ヤマダ　ハナコ")])[0], *first, "width does not matter");
        assert_ne!(ids(&[entry(3_001, "ﾔﾏﾀﾞ ﾊﾅｺ")])[0], *first);
        assert_ne!(ids(&[Entry { cancels: true, ..hanako.clone() }])[0], *first);
        assert_eq!(first.as_str().as_bytes()[14], b'8');
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, yen) in [("3,000", 3_000), ("¥3,000", 3_000), ("３０００円", 3_000), ("+5", 5), ("-700", -700), ("△700", -700), ("0", 0)]
        {
            assert_eq!(amount(text), Some(yen), "{text}");
        }
        for text in ["", "abc", "3.5", "1e3", "--1", "9999999999999"] {
            assert_eq!(amount(text), None, "{text}");
        }
    }
}
