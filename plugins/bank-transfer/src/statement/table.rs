//! Tables as online banks give them out: CSV, or cells that were copied from a spreadsheet. Which column is what is known by its
//! title, or said by staff.

use super::{Entry, Fault, Wrong, amount, dates};
use crate::kana;
use csv::{ReaderBuilder, StringRecord};

/// `date<tab>…`, `amount<tab>…`, `payer<tab>…`
const TITLES: &str = include_str!("titles.txt");

/// Columns as staff count them, from 1; `None` where the titles say it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Columns {
    pub date: Option<usize>,
    pub amount: Option<usize>,
    pub payer: Option<usize>,
}

/// Columns from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Places {
    date: usize,
    amount: usize,
    payer: usize,
}

struct Row {
    line: usize,
    cells: StringRecord,
}

impl Row {
    fn cell(&self, at: usize) -> Result<&str, Fault> {
        self.cells.get(at).map(str::trim).ok_or_else(|| Wrong::Column.at(self.line))
    }

    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

fn rows(text: &str, separator: u8) -> Result<Vec<Row>, Fault> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let line = |position: Option<&csv::Position>| position.map_or(1, |position| usize::try_from(position.line()).unwrap_or(usize::MAX));
    let rows = reader.records().map(|record| {
        let cells = record.map_err(|error| Wrong::Column.at(line(error.position())))?;
        Ok(Row { line: line(cells.position()), cells })
    });
    rows.filter(|row| !row.as_ref().is_ok_and(Row::is_blank)).collect()
}

/// A title without spaces, brackets and what is in them.
fn title(cell: &str) -> String {
    let mut depth = 0_u32;
    let mut title = kana::plain(cell).to_lowercase();
    title.retain(|letter| {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => return depth == 0 && !letter.is_whitespace(),
        }
        false
    });
    title
}

/// The place of the best title of this kind.
fn place(titles: &[String], kind: &str) -> Option<usize> {
    let known = TITLES.lines().filter_map(|line| line.split_once('\t')).filter(|(of, _)| *of == kind);
    known.filter_map(|(_, known)| titles.iter().position(|title| title == known)).next()
}

/// The first row behind the titles, and what they say.
fn places(rows: &[Row], columns: Columns) -> Option<(usize, Places)> {
    if let Columns { date: Some(date), amount: Some(amount), payer: Some(payer) } = columns {
        let places = Places { date: date.checked_sub(1)?, amount: amount.checked_sub(1)?, payer: payer.checked_sub(1)? };
        // Whatever stands above the first date is a title; with the wrong separator there are too few columns.
        let last = date.max(amount).max(payer);
        let is_entry = |row: &Row| row.cells.len() >= last && row.cell(places.date).is_ok_and(|cell| dates::written(cell).is_some());
        return Some((rows.iter().position(is_entry)?, places));
    }
    rows.iter().enumerate().find_map(|(at, row)| {
        let titles: Vec<String> = row.cells.iter().map(title).collect();
        let place = |column: Option<usize>, kind: &str| column.map_or_else(|| place(&titles, kind), |column| column.checked_sub(1));
        let places =
            Places { date: place(columns.date, "date")?, amount: place(columns.amount, "amount")?, payer: place(columns.payer, "payer")? };
        Some((at + 1, places))
    })
}

/// Rows without an amount that came in are left out; every other one has to make sense.
pub fn read(text: &str, account: &str, columns: Columns) -> Result<Vec<Entry>, Fault> {
    for separator in [b',', b'\t', b';'] {
        let rows = rows(text, separator)?;
        let Some((first, places)) = places(&rows, columns) else { continue };
        let entries = rows[first.min(rows.len())..].iter().map(|row| entry(row, account, places));
        return entries.filter_map(Result::transpose).collect();
    }
    let is_said = columns.date.is_some() && columns.amount.is_some() && columns.payer.is_some();
    Err(if is_said { Wrong::Column } else { Wrong::Titles }.at(1))
}

fn entry(row: &Row, account: &str, places: Places) -> Result<Option<Entry>, Fault> {
    let date = dates::written(row.cell(places.date)?).ok_or_else(|| Wrong::Date.at(row.line))?;
    let amount = match row.cell(places.amount)? {
        "" | "-" => return Ok(None),
        cell => amount(cell).ok_or_else(|| Wrong::Amount.at(row.line))?,
    };
    let payer = row.cell(places.payer)?.to_owned();
    let entry = Entry { account: account.to_owned(), date, amount, payer, note: String::new(), cancels: false };
    Ok(Some(entry).filter(|entry| entry.amount > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(text: &str) -> Vec<(String, i64, String)> {
        let entries = read(text, "", Columns::default()).unwrap_or_else(|fault| panic!("{fault:?}: {text}"));
        entries.into_iter().map(|entry| (entry.date.to_string(), entry.amount, entry.payer)).collect()
    }

    fn hanako() -> Vec<(String, i64, String)> {
        vec![("2026-11-22".into(), 3_000, "ﾔﾏﾀﾞ ﾊﾅｺ".into())]
    }

    #[test]
    fn the_tables_of_banks_are_known_by_their_titles() {
        for text in [
            "年月日,お引出し,お預入れ,お取り扱い内容,残高,メモ,ラベル\n2026/11/21,1480,,ｶ-ﾄﾞ,4600\n2026/11/22,,\"3,000\",\"ﾔﾏﾀﾞ ﾊﾅｺ\",7600,\"\",",
            "\"日付\",\"摘要\",\"摘要内容\",\"支払い金額\",\"預かり金額\",\"差引残高\"\n\"2026/11/22\",\"振込\",\"ﾔﾏﾀﾞ ﾊﾅｺ\",\"\",\"3,000\",\"7,600\"",
            "日付,内容,出金金額(円),入金金額(円),残高(円),メモ\n2026/11/22,ﾔﾏﾀﾞ ﾊﾅｺ,,3000,7600,-",
            "取引日,入出金(円),取引後残高(円),入出金内容\n20261121,-500,4600,ｶ-ﾄﾞ\n20261122,3000,7600,ﾔﾏﾀﾞ ﾊﾅｺ",
            "お客さま口座情報\n記号番号,12345\n\n取引日,入出金明細ＩＤ,受入金額（円）,払出金額（円）,詳細１,詳細２\n20261122,1,3000,,振込,ﾔﾏﾀﾞ ﾊﾅｺ",
            "date\tamount\tpayer\n2026-11-22\t3,000\tﾔﾏﾀﾞ ﾊﾅｺ",
            "Date;Payer;Amount (JPY)\r\n2026-11-22;ﾔﾏﾀﾞ ﾊﾅｺ;3000\r\n\r\n",
        ] {
            assert_eq!(read_as(text), hanako(), "{text}");
        }
    }

    #[test]
    fn staff_say_which_column_is_what_where_no_title_does() {
        let columns = Columns { date: Some(1), amount: Some(4), payer: Some(3) };
        for text in ["2026.11.22,x,ﾔﾏﾀﾞ ﾊﾅｺ,3000", "いつ,x,だれ,いくら\n2026.11.22,x,ﾔﾏﾀﾞ ﾊﾅｺ,3000"] {
            assert_eq!(read(text, "", columns).unwrap().len(), 1, "{text}");
            assert_eq!(read(text, "", Columns::default()), Err(Wrong::Titles.at(1)));
        }
        // One column that has an unusual title.
        let some = Columns { payer: Some(2), ..Columns::default() };
        assert_eq!(read("日付,おなまえ,入金額\n2026/11/22,ﾔﾏﾀﾞ ﾊﾅｺ,3000", "", some).unwrap()[0].payer, "ﾔﾏﾀﾞ ﾊﾅｺ");
    }

    #[test]
    fn a_row_that_makes_no_sense_refuses_the_table_with_its_line() {
        let head = "日付,入金額,摘要\n2026/11/22,3000,ﾔﾏﾀﾞ\n";
        for (row, wrong) in [("きのう,3000,ﾀﾅｶ", Wrong::Date), ("2026/11/23,三千,ﾀﾅｶ", Wrong::Amount), ("2026/11/23,3000", Wrong::Column)]
        {
            assert_eq!(read(&format!("{head}{row}\n2026/11/24,1,x"), "", Columns::default()), Err(wrong.at(3)), "{row}");
        }
        let outside = Columns { date: Some(1), amount: Some(2), payer: Some(9) };
        assert_eq!(read(head, "", outside), Err(Wrong::Column.at(1)));
    }
}
