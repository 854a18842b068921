//! What a small writer of Zengin files writes is read back, and what is broken is refused where it is.

use super::*;
use crate::dice::Dice;

/// A line of an account, as the bank would write it.
#[derive(Clone)]
struct Written {
    date: &'static str,
    amount: i64,
    payer: String,
    /// Taken back (kind 01), or gone out (kind 03).
    second: bool,
}

fn today() -> Date {
    Date::from_ymd_opt(2026, 11, 30).unwrap()
}

fn record(parts: &[String]) -> String {
    let record: String = parts.concat();
    assert!(record.chars().count() <= LENGTH, "{record}");
    format!("{record:<LENGTH$}")
}

fn text(text: &str, width: usize) -> String {
    format!("{text:<width$}")
}

fn head(kind: &str) -> Vec<String> {
    let dates = "081130081101081130";
    let common = format!("1{kind}0{dates}0005{}123{}", text("ﾎｼﾞﾗ", 15), text("ﾎﾝﾃﾝ", 15));
    let account = if kind == "01" { "11234567".to_owned() } else { "00010001234567".to_owned() };
    vec![common, account, text("ﾎｼｿﾞﾗｸﾗﾌﾞ", 40)]
}

fn data(kind: &str, line: &Written, long: bool) -> String {
    let Written { date, amount, payer, second } = line;
    let (bank, branch) = (text("ﾐﾅﾄ", 15), text("ｴｷﾏｴ", 15));
    if kind == "03" {
        let direction = if *second { 2 } else { 1 };
        let money = format!("{direction}11{amount:012}{:012}{:012}0{:07}{:03}{:010}", 0, 0, 0, 0, 0);
        return record(&[format!("2{:08}{date}{date}{money}", 1), text(payer, 48), bank, branch, text("ﾌﾘｺﾐ", 20), text("", 20)]);
    }
    let (short, more) = if long { (0, format!("{amount:012}{:012}EDI", 0)) } else { (*amount, "EDI".to_owned()) };
    let taken_back = if *second { "1" } else { " " };
    record(&[format!("2{:06}{date}{date}{short:010}{:010}{:010}", 1, 0, 0), text(payer, 48), bank, branch, taken_back.into(), more])
}

fn trailer(kind: &str, lines: &[Written]) -> String {
    let total = |second: bool| {
        let of: Vec<i64> = lines.iter().filter(|line| line.second == second).map(|line| line.amount).collect();
        (of.len(), of.iter().sum::<i64>())
    };
    let ((count, sum), (others, other_sum)) = (total(false), total(true));
    if kind == "03" {
        record(&[format!("8{count:06}{sum:013}{others:06}{other_sum:013}1{:014}{:07}", 0, lines.len())])
    } else {
        record(&[format!("8{count:06}{sum:012}{others:06}{other_sum:012}")])
    }
}

fn file(kind: &str, lines: &[Written], long: bool) -> Vec<String> {
    let mut records = vec![record(&head(kind))];
    records.extend(lines.iter().map(|line| data(kind, line, long)));
    records.push(trailer(kind, lines));
    records.push(record(&["9".into()]));
    records
}

fn line(amount: i64, payer: &str) -> Written {
    Written { date: "081122", amount, payer: payer.into(), second: false }
}

fn read_file(text: &str) -> Result<Vec<Entry>, Fault> {
    let format = format_of(text).unwrap_or_else(|| panic!("a header"));
    read(text.trim_end(), format, today())
}

#[test]
fn what_is_written_is_read_back_with_line_ends_or_without() {
    let lines = [line(3_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), line(5_000, "1234567 ｶ)ﾎｼｿﾞﾗ"), line(1, "")];
    for (kind, long) in [("01", false), ("01", true), ("03", false)] {
        let records = file(kind, &lines, long);
        for end in ["", "\n", "\r\n"] {
            let entries = read_file(&records.join(end)).unwrap_or_else(|fault| panic!("{kind} {long} {end:?}: {fault:?}"));
            let seen: Vec<_> = entries.iter().map(|entry| (entry.date.to_string(), entry.amount, entry.payer.as_str())).collect();
            let third = if kind == "03" { "ﾌﾘｺﾐ" } else { "" };
            let day = || "2026-11-22".to_owned();
            assert_eq!(seen, [(day(), 3_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), (day(), 5_000, "1234567 ｶ)ﾎｼｿﾞﾗ"), (day(), 1, third)]);
            assert!(entries.iter().all(|entry| entry.account == "0005-123-1-1234567" && !entry.cancels), "{entries:?}");
            let note = if kind == "03" { "ﾐﾅﾄ ｴｷﾏｴ ﾌﾘｺﾐ" } else { "ﾐﾅﾄ ｴｷﾏｴ EDI" };
            assert_eq!(entries[0].note, note);
        }
    }
}

#[test]
fn what_went_out_is_left_out_and_what_was_taken_back_is_marked() {
    let lines = [line(3_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), Written { second: true, ..line(700, "ﾃﾞﾝｷ") }];
    assert_eq!(read_file(&file("03", &lines, false).concat()).unwrap().len(), 1);
    let entries = read_file(&file("01", &lines, false).concat()).unwrap();
    assert_eq!(entries.iter().map(|entry| entry.cancels).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_file_has_several_accounts_or_nothing_in_it() {
    let one = file("03", &[line(3_000, "ﾔﾏﾀﾞ ﾊﾅｺ")], false);
    let two: Vec<String> = one[..3].iter().chain(&one).cloned().collect();
    assert_eq!(read_file(&two.concat()).unwrap().len(), 2);
    assert_eq!(read_file(&file("01", &[], false).concat()), Ok(vec![]));
}

#[test]
fn a_broken_file_is_refused_with_the_line() {
    let lines = [line(3_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), line(5_000, "ﾀﾅｶ ﾀﾛｳ")];
    for kind in ["01", "03"] {
        let good = file(kind, &lines, false);
        let with = |at: usize, change: &dyn Fn(&str) -> String| {
            let mut records = good.clone();
            records[at] = change(&records[at]);
            read_file(&records.join("\n"))
        };
        assert!(with(1, &str::to_owned).is_ok());
        assert_eq!(with(1, &|record| record[1..].to_owned()), Err(Wrong::Length.at(2)));
        assert_eq!(with(2, &|record| format!("{record} ")), Err(Wrong::Length.at(3)));
        assert_eq!(with(1, &|record| record.replace("3000", "3O00")), Err(Wrong::Amount.at(2)));
        assert_eq!(with(1, &|record| record.replace("081122", "081322")), Err(Wrong::Date.at(2)));
        assert_eq!(with(3, &|record| record.replace("8000", "8001")), Err(Wrong::Sum.at(4)));
        assert_eq!(with(3, &|record| record.replacen("000002", "000003", 1)), Err(Wrong::Sum.at(4)));
        assert_eq!(with(1, &|record| format!("7{}", &record[1..])), Err(Wrong::Order.at(2)));
        assert_eq!(read_file(&good[..3].join("\n")), Err(Wrong::Order.at(4)), "it is cut off");
        assert_eq!(read_file(&[&good[..2], &good[3..]].concat().join("\n")), Err(Wrong::Sum.at(3)), "a line is missing");
        assert_eq!(with(4, &|record| record.replace('9', "2")), Err(Wrong::Order.at(5)));
    }
    let time_deposit = file("03", &lines, false).join("\n").replacen("00010001234567", "00050001234567", 1);
    assert_eq!(read_file(&time_deposit), Err(Wrong::Kind.at(1)));
}

#[test]
fn other_texts_are_no_zengin_files() {
    for text in ["", "日付,金額", "2026/11/22,3000", "1210081130", "101"] {
        assert!(format_of(text).is_none(), "{text}");
    }
}

#[test]
fn any_file_is_read_back_and_no_text_makes_it_panic() {
    let mut dice = Dice(11);
    let kana: Vec<char> = "ｱｲｳｴｵｶｷｸｹｺﾔﾏﾀﾞﾊﾟ ()-0123456789ABC".chars().collect();
    for _ in 0..300 {
        let kind = if dice.below(2) == 0 { "01" } else { "03" };
        let lines: Vec<Written> = (0..dice.below(6))
            .map(|_| {
                let letters = dice.below(48);
                let payer: String = (0..letters).map(|_| kana[dice.below(kana.len())]).collect();
                let payer = format!("ﾔ{}", payer.trim()).chars().take(48).collect::<String>().trim().to_owned();
                Written { second: dice.below(4) == 0, ..line(1 + i64::try_from(dice.below(9_999_999_999)).unwrap(), &payer) }
            })
            .collect();
        let records = file(kind, &lines, dice.below(2) == 0);
        let text = records.join(if dice.below(2) == 0 { "" } else { "\r\n" });
        let entries = read_file(&text).unwrap_or_else(|fault| panic!("{fault:?}\n{text}"));
        let expected: Vec<_> =
            lines.iter().filter(|line| kind == "01" || !line.second).map(|line| (line.amount, line.payer.clone())).collect();
        assert_eq!(entries.into_iter().map(|entry| (entry.amount, entry.payer)).collect::<Vec<_>>(), expected);
        // One letter changed somewhere, or the rest cut off.
        let mut letters: Vec<char> = text.chars().collect();
        let at = dice.below(letters.len());
        letters[at] = kana[dice.below(kana.len())];
        let changed: String = letters.iter().collect();
        let _ = format_of(&changed).map(|format| read(&changed, format, today()));
        letters.truncate(at);
        let cut: String = letters.iter().collect();
        // Of the end nothing but its first letter matters.
        assert!(
            at + LENGTH > text.trim_end().chars().count() + LENGTH - 1
                || format_of(&cut).is_none_or(|format| read(&cut, format, today()).is_err()),
            "{cut}"
        );
    }
}
