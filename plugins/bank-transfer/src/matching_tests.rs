//! Rules of matching, and that the order in which statements are imported does not matter.

use super::*;
use crate::dice::Dice;
use crate::statement::dates::Date;
use crate::statement::{Entry, Format, Statement};
use std::collections::BTreeSet;

fn id(n: u16) -> Id {
    Id::parse(&format!("01890a5d-ac96-774b-bcce-b302099a{n:04x}")).unwrap_or_else(|_| panic!("an id"))
}

fn open(n: u16, amount: i64, reading: &str) -> Open {
    Open { invoice: id(n), amount, names: vec![kana::name(reading)] }
}

fn desk(open: &[Open]) -> Desk {
    let by_code = open.iter().map(|one| (code::derive(&one.invoice, 0), one.invoice.clone())).collect();
    Desk::new(open.to_vec(), by_code, true)
}

fn judge(open: &[Open], amount: i64, payer: &str) -> Verdict {
    desk(open).judge(&Transfer::new(amount, payer, false))
}

fn with_code(n: u16, payer: &str) -> String {
    format!("{} {payer}", code::derive(&id(n), 0))
}

#[test]
fn a_number_books_when_the_amount_is_the_invoices() {
    let invoices = [open(1, 3_000, "ヤマダ ハナコ"), open(2, 3_000, "ヤマダ ハナコ")];
    assert_eq!(judge(&invoices, 3_000, &with_code(2, "ﾀﾅｶ")), Verdict::Book(id(2), Rule::Number));
    assert_eq!(judge(&invoices, 2_000, &with_code(2, "ﾔﾏﾀﾞ ﾊﾅｺ")), Verdict::Doubt(Doubt::OtherAmount));
    assert_eq!(judge(&invoices, 6_000, &with_code(1, &with_code(2, ""))), Verdict::Doubt(Doubt::SeveralNumbers));
    let mut desk = desk(&invoices);
    let transfer = Transfer::new(3_000, &with_code(1, "ﾔﾏﾀﾞ ﾊﾅｺ"), false);
    assert_eq!(desk.judge(&transfer), Verdict::Book(id(1), Rule::Number));
    assert_eq!(desk.judge(&transfer), Verdict::Doubt(Doubt::NothingOpen), "no invoice is paid by two lines");
}

#[test]
fn a_name_books_when_one_invoice_alone_fits() {
    let invoices = [open(1, 3_000, "ヤマダ ハナコ"), open(2, 3_000, "タナカ タロウ"), open(3, 5_000, "ヤマダ ハナコ")];
    assert_eq!(judge(&invoices, 3_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), Verdict::Book(id(1), Rule::Name));
    assert_eq!(judge(&invoices, 5_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), Verdict::Book(id(3), Rule::Name));
    assert_eq!(judge(&invoices, 4_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), Verdict::Doubt(Doubt::OtherAmount));
    assert_eq!(judge(&invoices, 3_000, "ｻﾄｳ ｼﾞﾛｳ"), Verdict::Doubt(Doubt::OtherName));
    assert_eq!(judge(&invoices, 1, "ｻﾄｳ ｼﾞﾛｳ"), Verdict::Doubt(Doubt::Nobody));
    let twins = [open(1, 3_000, "ヤマダ ハナコ"), open(2, 3_000, "やまだ はなこ")];
    assert_eq!(judge(&twins, 3_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), Verdict::Doubt(Doubt::Several));
    let nameless = [Open { names: Vec::new(), ..open(1, 3_000, "") }];
    assert_eq!(judge(&nameless, 3_000, "123"), Verdict::Doubt(Doubt::OtherName), "no name is not the same name");
}

#[test]
fn what_the_bank_takes_back_is_never_booked_by_rule() {
    let invoices = [open(1, 3_000, "ヤマダ ハナコ")];
    let taken_back = Transfer::new(3_000, &with_code(1, "ﾔﾏﾀﾞ ﾊﾅｺ"), true);
    assert_eq!(desk(&invoices).judge(&taken_back), Verdict::Doubt(Doubt::Cancels));
}

#[test]
fn names_do_not_count_where_not_all_invoices_are_known() {
    let invoices = [open(1, 3_000, "ヤマダ ハナコ")];
    let by_code = BTreeMap::from([(code::derive(&id(1), 0), id(1))]);
    let mut desk = Desk::new(invoices.to_vec(), by_code, false);
    assert_eq!(desk.judge(&Transfer::new(3_000, "ﾔﾏﾀﾞ ﾊﾅｺ", false)), Verdict::Doubt(Doubt::TooManyOpen));
    assert_eq!(desk.judge(&Transfer::new(3_000, &with_code(1, ""), false)), Verdict::Book(id(1), Rule::Number));
}

#[test]
fn the_number_is_the_best_hint_and_then_the_amount() {
    let transfer = Transfer::new(3_000, &with_code(1, "ﾔﾏﾀﾞ ﾊﾅｺ"), false);
    let by_code = BTreeMap::from([(code::derive(&id(1), 0), id(1))]);
    let score = |open: &Open| Fit::of(&transfer, open, &by_code).score();
    let ranked = [
        open(1, 2_000, "タナカ タロウ"),
        open(2, 3_000, "ヤマダ ハナコ"),
        open(3, 3_000, "ヤマダ タロウ"),
        open(4, 3_000, "タナカ タロウ"),
        open(5, 1_000, "ヤマダ ハナコ"),
        open(6, 1_000, "ヤマダ タロウ"),
        open(7, 1_000, "タナカ タロウ"),
    ];
    let scores: Vec<u32> = ranked.iter().map(score).collect();
    assert!(scores.is_sorted_by(|one, next| one > next), "{scores:?}");
    assert_eq!(scores[6], 0);
}

const FAMILY: [&str; 4] = ["ヤマダ", "タナカ", "サトウ", "スズキ"];

/// What importing statements one after another comes to.
fn imported(statements: &[Statement], open: &[Open]) -> BTreeSet<(Id, Verdict)> {
    let mut desk = desk(open);
    let mut kept = BTreeMap::new();
    for statement in statements {
        for (id, entry) in statement.identified() {
            kept.entry(id).or_insert_with(|| desk.judge(&Transfer::new(entry.amount, &entry.payer, entry.cancels)));
        }
    }
    kept.into_iter().collect()
}

#[test]
fn overlapping_statements_come_to_the_same_in_any_order() {
    let mut dice = Dice(7);
    for _ in 0..60 {
        // Each member owes once, so what one line says of an invoice no other line does.
        let members: Vec<Open> = (0..12)
            .map(|n| {
                open(
                    n,
                    1_000 * (1 + i64::from(n % 3)),
                    &format!("{} {}", FAMILY[usize::from(n % 4)], "アイウエオ".repeat(usize::from(n / 4 + 1))),
                )
            })
            .collect();
        let day = |n: usize| Date::from_ymd_opt(2026, 11, 1 + u32::try_from(n).unwrap()).unwrap();
        let mut entries: Vec<Entry> = Vec::new();
        for (n, member) in members.iter().enumerate() {
            let number = u16::try_from(n).unwrap();
            let payer = match dice.below(4) {
                0 => with_code(number, "ﾀﾞﾚｶ"),
                1 | 2 => member.names[0].clone(),
                _ => continue,
            };
            let amount = if dice.below(5) == 0 { 777 } else { member.amount };
            entries.push(Entry { account: String::new(), date: day(n), amount, payer, note: String::new(), cancels: false });
        }
        entries.sort();
        // Stretches of days that overlap, as somebody downloads them.
        let mut statements: Vec<Statement> = (0..4)
            .map(|_| {
                let (from, to) = (dice.below(12), dice.below(12));
                let within = |entry: &&Entry| entry.date >= day(from.min(to)) && entry.date <= day(from.max(to));
                Statement { format: Format::Table, entries: entries.iter().filter(within).cloned().collect() }
            })
            .collect();
        statements.push(Statement { format: Format::Table, entries: entries.clone() });
        let expected = imported(&statements, &members);
        assert_eq!(expected.len(), entries.len());
        for _ in 0..6 {
            let at = dice.below(statements.len());
            statements.rotate_left(at);
            let other = dice.below(statements.len());
            statements.swap(0, other);
            assert_eq!(imported(&statements, &members), expected);
            let again: Vec<Statement> = statements.iter().chain(&statements).cloned().collect();
            assert_eq!(imported(&again, &members), expected);
        }
    }
}
