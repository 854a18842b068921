//! Sums, states and credit notes of documents.

use super::*;
use crate::tax::Rounding;
use proptest::prelude::*;

fn line(kind: TaxKind, quantity: i64, price: i64) -> InvoiceLine {
    InvoiceLine { name: "会費".into(), quantity, unit: String::new(), price, kind }
}

fn rule(inclusive: bool) -> TaxRule {
    TaxRule { inclusive, rounding: Rounding::Down, rates: Rates::default() }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn an_invoice_has_something_on_it_and_a_sum_above_zero() {
    let groups = |lines: &[InvoiceLine]| groups_of(lines, rule(true), Currency::JPY);
    assert_eq!(groups(&[]), Err(NoInvoice::Empty));
    assert_eq!(groups(&[line(TaxKind::Standard, 1, 0)]), Err(NoInvoice::NotPositive));
    let discounted = [line(TaxKind::Standard, 2, 1100), line(TaxKind::Standard, 1, -1100)];
    assert_eq!(total(&groups(&discounted).unwrap()), 1100);
    let other_rate = [line(TaxKind::Standard, 2, 1100), line(TaxKind::Reduced, 1, -108)];
    assert_eq!(groups(&other_rate), Err(NoInvoice::NotPositive), "a discount belongs to the rate of what it is for");
    assert_eq!(groups(&[line(TaxKind::Standard, i64::MAX, 2)]), Err(NoInvoice::TooMuch));
    assert_eq!(groups(&[line(TaxKind::Standard, 1, Money::MOST)]), Err(NoInvoice::TooMuch));
}

#[test]
fn where_an_invoice_stands_follows_from_its_amounts_and_the_day() {
    let due = day("2026-04-30");
    let standing = |credited, paid, today: &str| Settled { total: 1000, credited, paid }.standing(due, day(today));
    assert_eq!(standing(0, 0, "2026-04-30"), Standing::Open);
    assert_eq!(standing(0, 0, "2026-05-01"), Standing::Overdue);
    assert_eq!(standing(0, 400, "2026-04-30"), Standing::PartlyPaid);
    assert_eq!(standing(0, 400, "2026-05-01"), Standing::Overdue);
    assert_eq!(standing(0, 1000, "2026-05-01"), Standing::Paid);
    assert_eq!(standing(600, 400, "2026-05-01"), Standing::Paid);
    assert_eq!(standing(1000, 0, "2026-05-01"), Standing::Void);
}

#[test]
fn numbers_say_year_and_kind() {
    assert_eq!(document_number("HS-", PaperKind::Invoice, 2026, 7), "HS-2026-0007");
    assert_eq!(document_number("", PaperKind::CreditNote, 2026, 12), "C2026-0012");
    assert_eq!(document_number("", PaperKind::Receipt, 2026, 12345), "R2026-12345");
}

#[test]
fn a_paper_is_read_as_it_was_written() {
    let lines = vec![line(TaxKind::Standard, 1, 1100), line(TaxKind::OutOfScope, 2, 3000)];
    let paper = Paper {
        kind: PaperKind::Receipt,
        locale: Locale::Ja,
        number: "R2026-0001".into(),
        issued_on: day("2026-11-26"),
        currency: Currency::JPY,
        issuer: Issuer { name: "ほしぞら会".into(), registration: Some("T7000012050002".into()), ..Issuer::default() },
        recipient: Recipient { name: "佐藤 花子 様".into(), ..Recipient::default() },
        rule: rule(true),
        groups: groups_of(&lines, rule(true), Currency::JPY).unwrap(),
        lines,
        period: "2026年度".into(),
        note: String::new(),
        due_on: None,
        about: Some(("2026-0001".into(), day("2026-11-01"))),
        received: Some((7100, Method::Gateway("stripe".into()))),
    };
    let text = serde_json::to_string(&paper).unwrap();
    assert!(text.contains("\"currency\":\"JPY\"") && text.contains("gateway:stripe"), "{text}");
    assert_eq!(serde_json::from_str::<Paper>(&text).unwrap(), paper);
}

proptest! {
    #[test]
    fn credit_notes_take_back_no_more_than_there_was_and_all_of_it_to_nothing(
        price in 1i64..=1_000_000, inclusive: bool, parts in prop::collection::vec(1i64..=400_000, 0..6), rounding in 0usize..3,
    ) {
        let rule = TaxRule { rounding: Rounding::ALL[rounding], ..rule(inclusive) };
        let groups = groups_of(&[line(TaxKind::Reduced, 1, price)], rule, Currency::JPY).unwrap();
        let mut taken: Vec<TaxGroup> = Vec::new();
        for part in parts {
            let left = left_of(&groups, &taken);
            let gross = left[0].gross();
            let credit = credited(rule, &left, &[(TaxKind::Reduced, part)]);
            prop_assert_eq!(credit.is_ok(), part <= gross);
            taken.extend(credit.unwrap_or_default());
            let left = left_of(&groups, &taken);
            prop_assert!(left[0].net >= 0 && left[0].tax >= 0, "{:?}", left);
        }
        let left = left_of(&groups, &taken);
        let last = credited(rule, &left, &[(TaxKind::Reduced, left[0].gross())]).unwrap();
        taken.extend(last);
        prop_assert_eq!(left_of(&groups, &taken)[0], TaxGroup { net: 0, tax: 0, ..groups[0] });
    }
}
