//! The monthly statement: granted, spent, expired and outstanding, paid and free apart. It adds up to the entries.

use crate::dates;
use crate::days::{self, Column, Period};
use serde::Serialize;
use serde_json::json;
use tsudoi_plugin::{Failure, Reply, Request, View, context};

/// A line of the statement: the key of its title, and points that are free, paid for, and together.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Line {
    title: &'static str,
    free: i64,
    paid: i64,
    all: i64,
    /// Outstanding before and afterwards.
    is_balance: bool,
}

type Of = fn(&Column) -> i64;

/// How each line is taken from a column; the sum of the middle ones lies between the first and the last.
const LINES: [(&str, Of); 9] = [
    ("statement-before", |column| column.before),
    ("statement-granted", |column| column.sums.granted),
    ("statement-given-back", |column| column.sums.given_back),
    ("statement-added", |column| column.sums.added),
    ("statement-removed", |column| column.sums.removed),
    ("statement-spent", |column| column.sums.spent),
    ("statement-taken-back", |column| column.sums.taken_back),
    ("statement-expired", |column| column.sums.expired),
    ("statement-after", |column| column.after),
];

fn lines(period: &Period) -> Vec<Line> {
    let last = LINES.len() - 1;
    let line = |(at, (title, of)): (usize, &(&'static str, Of))| {
        let (free, paid) = (of(&period.free), of(&period.paid));
        Line { title, free, paid, all: free + paid, is_balance: at == 0 || at == last }
    };
    LINES.iter().enumerate().map(line).collect()
}

struct Asked {
    /// `2026-11`
    month: String,
    from: dates::Date,
    until: dates::Date,
    this_month: String,
}

impl Asked {
    /// The month of the address, else this one. One that is still to come is not there.
    fn read(request: &Request) -> Result<Self, Failure> {
        let this_month = dates::month_of(dates::today()?);
        let month = request.query("month").unwrap_or(&this_month).to_owned();
        let (from, until) = dates::month(&month).filter(|_| month <= this_month).ok_or(Failure::NotFound)?;
        Ok(Self { month, from, until, this_month })
    }
}

pub fn show(request: &Request) -> Result<Reply, Failure> {
    let Asked { month, from, until, this_month } = Asked::read(request)?;
    let period = days::between(from, until)?;
    let lines: Vec<_> = lines(&period)
        .into_iter()
        .map(|line| json!({ "title": context::translate(line.title), "free": line.free, "paid": line.paid, "all": line.all, "is_balance": line.is_balance }))
        .collect();
    let next = dates::month_of(until);
    let data = json!({
        "here": "statement",
        "month": month,
        "from": from,
        "until": dates::days_before(until, 1),
        "lines": lines,
        "is_partial": period.is_partial,
        "is_running": month == this_month,
        "previous": dates::month_of(dates::days_before(from, 1)),
        "next": (next <= this_month).then_some(next),
    });
    Ok(View::new("admin-statement.html", &data)?.titled(context::translate("statement-title")).into())
}

/// The same for a spreadsheet.
pub fn csv(request: &Request) -> Result<Reply, Failure> {
    let Asked { month, from, until, .. } = Asked::read(request)?;
    let heads = ["statement-what", "statement-free", "statement-paid", "statement-all"].map(context::translate);
    let text = written(&heads, &lines(&days::between(from, until)?), context::translate);
    Ok(Reply::download(format!("points-{month}.csv"), "text/csv", text.into_bytes()))
}

/// RFC 4180, with a mark at the beginning by which spreadsheets know UTF-8.
fn written(heads: &[String], lines: &[Line], translate: impl Fn(&str) -> String) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut text = format!("\u{feff}{}\r\n", heads.iter().map(|head| quoted(head)).collect::<Vec<_>>().join(","));
    for line in lines {
        text.push_str(&format!("{},{},{},{}\r\n", quoted(&translate(line.title)), line.free, line.paid, line.all));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sums;

    #[test]
    fn lines_between_the_balances_add_up() {
        let sums = Sums { granted: 100, given_back: 5, added: 7, removed: -3, spent: -40, taken_back: -10, expired: -2 };
        let free = Column { before: 10, sums, after: 10 + sums.all() };
        let lines = lines(&Period { free, ..Period::default() });
        let moved: i64 = lines.iter().filter(|line| !line.is_balance).map(|line| line.all).sum();
        assert_eq!(lines[0].all + moved, lines[8].all);
        assert_eq!(moved, 57);
    }

    #[test]
    fn a_file_for_spreadsheets_quotes_its_words() {
        let line = Line { title: "statement-spent", free: -40, paid: 0, all: -40, is_balance: false };
        let heads = ["項目".to_owned(), "無償".to_owned()];
        assert_eq!(
            written(&heads, &[line], |_| "利用 \"窓口\"".into()),
            "\u{feff}\"項目\",\"無償\"\r\n\"利用 \"\"窓口\"\"\",-40,0,-40\r\n"
        );
    }
}
