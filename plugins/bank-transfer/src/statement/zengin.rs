//! The 200-character records of the Japanese Bankers Association (全国銀行協会, 全銀協規定形式): 振込入金通知, kind 01, formats A and B,
//! and 入出金取引明細, kind 03, for ordinary, current and savings accounts.
//!
//! Layouts: https://www.zenginkyo.or.jp/abstract/efforts/system/protocol/ (レコード・フォーマット), as banks publish them, such as
//! http://www.awabank.co.jp/houjin/service/fb/zengin/tsuchi/ for kind 01. Places are counted from 0.
//!
//! A file is a header (1), data (2) and a trailer (8) for each account, and one end (9), with line ends or without. Half-width kana are one
//! byte each in the bank's file and one character here.

use super::dates::{self, Date};
use super::{Entry, Fault, Format, Wrong};
use std::ops::Range;

const LENGTH: usize = 200;

struct Layout {
    /// In the header, which account it is: bank, branch, kind, number.
    account: [Range<usize>; 4],
    /// In data.
    date: Range<usize>,
    payer: Range<usize>,
    /// The payer's bank, its branch, and what else there is.
    note: [Range<usize>; 3],
    /// In trailers: how many, and how much.
    totals: [Totals; 2],
}

struct Totals {
    count: Range<usize>,
    sum: Range<usize>,
}

/// The second totals are those of transfers that the bank takes back.
const NOTICE: Layout = Layout {
    account: [22..26, 41..44, 59..60, 60..67],
    date: 7..13,
    payer: 49..97,
    note: [97..112, 112..127, 128..148],
    totals: [Totals { count: 1..7, sum: 7..19 }, Totals { count: 19..25, sum: 25..37 }],
};

/// The second totals are those of what went out.
const ACCOUNT: Layout = Layout {
    account: [22..26, 41..44, 62..63, 63..73],
    date: 9..15,
    payer: 81..129,
    note: [129..144, 144..159, 159..179],
    totals: [Totals { count: 1..7, sum: 7..20 }, Totals { count: 20..26, sum: 26..39 }],
};

/// The place of the account's kind in the header of kind 03: time deposits have other data.
const LIQUID: [char; 3] = ['1', '2', '4'];

/// What the text is, where it begins like a header.
pub fn format_of(text: &str) -> Option<Format> {
    let head: Vec<char> = text.chars().take(10).collect();
    let is_head = head.len() == 10 && head.iter().all(char::is_ascii_digit) && matches!(head[3], '0' | '1');
    match head.get(..3)? {
        ['1', '0', '1'] if is_head => Some(Format::Notice),
        ['1', '0', '3'] if is_head => Some(Format::Account),
        _ => None,
    }
}

struct Record {
    /// From 1; where there are no line ends the record's number.
    line: usize,
    letters: Vec<char>,
}

impl Record {
    fn at(&self, range: &Range<usize>) -> String {
        self.letters.get(range.clone()).unwrap_or_default().iter().collect::<String>().trim().to_owned()
    }

    fn letter(&self, at: usize) -> char {
        self.letters.get(at).copied().unwrap_or(' ')
    }

    fn number(&self, range: Range<usize>, wrong: Wrong) -> Result<i64, Fault> {
        let digits = self.at(&range);
        let is_number = digits.len() == range.len() && digits.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten().ok_or_else(|| wrong.at(self.line))
    }
}

/// Forms cut off white space at the end of a text, so the last record may be short. Where it is none that ends a file, the file is
/// refused all the same.
fn records(text: &str) -> Result<Vec<Record>, Fault> {
    let lines: Vec<Vec<char>> = if text.contains('\n') {
        text.split('\n').map(|line| line.trim_end_matches('\r').chars().collect()).collect()
    } else {
        text.chars().collect::<Vec<_>>().chunks(LENGTH).map(<[char]>::to_vec).collect()
    };
    let last = lines.len();
    let records = lines.into_iter().enumerate().map(|(at, mut letters)| {
        if at + 1 == last && letters.len() < LENGTH {
            letters.resize(LENGTH, ' ');
        }
        if letters.len() == LENGTH { Ok(Record { line: at + 1, letters }) } else { Err(Wrong::Length.at(at + 1)) }
    });
    records.collect()
}

pub fn read(text: &str, format: Format, today: Date) -> Result<Vec<Entry>, Fault> {
    let layout = if format == Format::Notice { NOTICE } else { ACCOUNT };
    let mut entries = Vec::new();
    let mut part: Option<Part> = None;
    let mut has_ended = false;
    let mut last = 0;
    for record in records(text)? {
        last = record.line;
        match (record.letter(0), part.take()) {
            ('1', None) if !has_ended => part = Some(Part::open(&record, &layout, format)?),
            ('2', Some(mut open)) => {
                entries.extend(open.add(&record, &layout, format, today)?);
                part = Some(open);
            }
            ('8', Some(open)) => open.close(&record, &layout, format)?,
            ('9', None) if !has_ended => has_ended = true,
            _ => return Err(Wrong::Order.at(record.line)),
        }
    }
    if has_ended { Ok(entries) } else { Err(Wrong::Order.at(last + 1)) }
}

/// An account between its header and its trailer, with what has been added up: how many and how much.
struct Part {
    account: String,
    totals: [(i64, i64); 2],
}

impl Part {
    fn open(header: &Record, layout: &Layout, format: Format) -> Result<Self, Fault> {
        let kind = header.letter(layout.account[2].start);
        if format_of(&header.letters.iter().collect::<String>()) != Some(format) || !LIQUID.contains(&kind) {
            return Err(Wrong::Kind.at(header.line));
        }
        let [bank, branch, kind, number] = &layout.account;
        let number = header.at(number);
        // Kind 03 has ten places for a number that kind 01 has seven for.
        let number = format!("{:0>7}", number.trim_start_matches('0'));
        Ok(Self { account: format!("{}-{}-{}-{number}", header.at(bank), header.at(branch), header.at(kind)), totals: [(0, 0); 2] })
    }

    /// `None` for what went out.
    fn add(&mut self, data: &Record, layout: &Layout, format: Format, today: Date) -> Result<Option<Entry>, Fault> {
        let (amount, second) = match format {
            Format::Notice => (notice_amount(data)?, data.letter(127) == '1'),
            _ => (data.number(24..36, Wrong::Amount)?, came_out(data)?),
        };
        let (count, sum) = &mut self.totals[usize::from(second)];
        *count += 1;
        *sum += amount;
        let date = dates::of_era(&data.at(&layout.date), today).ok_or_else(|| Wrong::Date.at(data.line))?;
        if amount == 0 || second && format != Format::Notice {
            return Ok(None);
        }
        let [bank, branch, more] = &layout.note;
        let more = if format == Format::Notice && is_long(data) { data.at(&LONG_NOTE) } else { data.at(more) };
        let payer = data.at(&layout.payer);
        // Interest, cash and cheques have no payer, but say what they are.
        let payer = if payer.is_empty() && format == Format::Account { more.clone() } else { payer };
        let note: Vec<String> = [data.at(bank), data.at(branch), more].into_iter().filter(|text| !text.is_empty()).collect();
        Ok(Some(Entry { account: self.account.clone(), date, amount, payer, note: note.join(" "), cancels: second }))
    }

    fn close(&self, trailer: &Record, layout: &Layout, format: Format) -> Result<(), Fault> {
        let [first, second] = &layout.totals;
        let (first, second) = (first.of(trailer)?, second.of(trailer)?);
        let [added, other] = self.totals;
        // The layout leaves open whether the first totals have those in them that the bank takes back.
        let all = (added.0 + other.0, added.1 + other.1);
        let fits = first == added || format == Format::Notice && first == all;
        if fits && second == other { Ok(()) } else { Err(Wrong::Sum.at(trailer.line)) }
    }
}

impl Totals {
    /// Blank where there are none.
    fn of(&self, trailer: &Record) -> Result<(i64, i64), Fault> {
        let number = |range: &Range<usize>| {
            if trailer.at(range).is_empty() { Ok(0) } else { trailer.number(range.clone(), Wrong::Sum) }
        };
        Ok((number(&self.count)?, number(&self.sum)?))
    }
}

/// Format B of kind 01 has two more amounts in a place where format A has text.
fn is_long(data: &Record) -> bool {
    data.letters.get(128..152).is_some_and(|letters| letters.iter().all(char::is_ascii_digit))
}

/// Where format B has its text.
const LONG_NOTE: Range<usize> = 152..172;

/// Format B keeps amounts in the second place that have more digits than the first one.
fn notice_amount(data: &Record) -> Result<i64, Fault> {
    let short = data.number(19..29, Wrong::Amount)?;
    if short == 0 && is_long(data) { data.number(128..140, Wrong::Amount) } else { Ok(short) }
}

/// 1 came in, 2 went out.
fn came_out(data: &Record) -> Result<bool, Fault> {
    match data.letter(21) {
        '1' => Ok(false),
        '2' => Ok(true),
        _ => Err(Wrong::Order.at(data.line)),
    }
}

#[cfg(test)]
#[path = "zengin_tests.rs"]
mod tests;
