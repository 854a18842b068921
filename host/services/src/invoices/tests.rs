//! Money from a draft to the books, on both databases.

use super::*;
use crate::testing::{TestServices, services_on_each};
use tsudoi_kernel::MemberId;
use uuid::Uuid;

fn line(name: &str, price: &str, kind: TaxKind) -> LineInput {
    LineInput { name: name.into(), price: price.into(), ..LineInput::new(kind) }
}

fn settings() -> SettingsInput {
    SettingsInput {
        name: "ほしぞら会".into(),
        address: "〒100-0001\n東京都千代田区千代田1-1".into(),
        registration: "T7000012050002".into(),
        bank: "星空銀行 本店 普通 1234567".into(),
        inclusive: true,
        rounding: "down".into(),
        standard: "10".into(),
        reduced: "8".into(),
        prefix: "HS-".into(),
        due_days: "30".into(),
        note: String::new(),
    }
}

pub(crate) async fn set_up(house: &TestServices) -> MemberId {
    let visit = house.anonymous().await;
    let seen = house.invoice_settings_state(&house.invoice_settings(&visit).await.unwrap()).unwrap();
    house.editor(&visit).save_invoice_settings(&visit, &seen, &settings()).await.unwrap();
    house.member("A-1", Some("hanako@example.jp"), None).await
}

async fn drafted(house: &TestServices, member: MemberId, lines: Vec<LineInput>) -> Uuid {
    let visit = house.anonymous().await;
    let (_, input) = house.new_invoice(&visit, member).await.unwrap();
    house.editor(&visit).create_invoice(&visit, member, &InvoiceInput { lines, ..input }).await.unwrap()
}

pub(super) async fn issued(house: &TestServices, member: MemberId, price: &str) -> Uuid {
    let visit = house.anonymous().await;
    let id = drafted(house, member, vec![line("年会費", price, TaxKind::OutOfScope)]).await;
    let seen = house.invoice_file(&visit, id).await.unwrap().state;
    house.editor(&visit).issue_invoice(&visit, id, &seen).await.unwrap();
    id
}

fn booking(house: &TestServices, invoice: Uuid, amount: i64, reference: Option<&str>) -> Booking {
    Booking {
        invoice,
        method: Method::Bank,
        reference: reference.map(str::to_owned),
        amount,
        received_on: day("2027-01-15").unwrap(),
        note: String::new(),
        token: house.money_token(),
    }
}

pub(super) async fn balance(house: &TestServices, account: &str) -> i64 {
    let lines = house.balances(&house.anonymous().await).await.unwrap();
    lines.iter().find(|line| line.account.to_string() == account).map_or(0, |line| line.amount)
}

pub(super) async fn standing(house: &TestServices, id: Uuid) -> Standing {
    let visit = house.anonymous().await;
    house.invoice_file(&visit, id).await.unwrap().record.standing(house.today_of(&visit))
}

#[tokio::test]
async fn an_invoice_is_issued_once_with_the_next_number_and_never_changes() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        let (visit, editor) = (house.anonymous().await, house.editor(&house.anonymous().await));
        let lines = vec![
            line("講演会", "1,100", TaxKind::Standard),
            line("会報", "540", TaxKind::Reduced),
            line("年会費", "５０００", TaxKind::OutOfScope),
        ];
        let id = drafted(&house, member, lines.clone()).await;
        let file = house.invoice_file(&visit, id).await.unwrap();
        assert_eq!(file.paper.as_ref().map(Paper::total), Some(6640), "{}", house.database.name);
        let paper = editor.issue_invoice(&visit, id, &file.state).await.unwrap();
        assert_eq!((paper.number.as_str(), paper.recipient.name.as_str()), ("HS-2027-0001", "会員A-1 花子 様"));
        assert_eq!(paper.groups.iter().map(|group| (group.net, group.tax)).collect::<Vec<_>>(), [(1000, 100), (500, 40), (5000, 0)]);
        for again in [editor.issue_invoice(&visit, id, &file.state).await.err(), editor.delete_invoice(id).await.err()] {
            assert!(matches!(again, Some(ServiceError::Changed)), "{again:?}");
        }
        let (_, input) = house.new_invoice(&visit, member).await.unwrap();
        let changed = editor.change_invoice(&visit, id, &file.state, &InvoiceInput { lines, ..input }).await;
        assert!(matches!(changed, Err(ServiceError::Changed)), "{changed:?}");
        // Settings that change later change no document.
        let seen = house.invoice_settings_state(&house.invoice_settings(&visit).await.unwrap()).unwrap();
        let other = SettingsInput { name: "別の会".into(), rounding: "up".into(), ..settings() };
        editor.save_invoice_settings(&visit, &seen, &other).await.unwrap();
        assert_eq!(house.invoice_file(&visit, id).await.unwrap().paper, Some(paper));
        assert_eq!(balance(&house, "assets:receivable").await, 6640);
        assert_eq!(balance(&house, "liabilities:tax:reduced").await, -40);
    }
}

#[tokio::test]
async fn numbers_have_no_gaps_though_some_issues_fail() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        let visit = house.anonymous().await;
        let mut numbers = Vec::new();
        for round in 0..4 {
            let id = drafted(&house, member, vec![line("会費", "1000", TaxKind::OutOfScope)]).await;
            let seen = house.invoice_file(&visit, id).await.unwrap().state;
            if round % 2 == 0 {
                let stale = house.editor(&visit).issue_invoice(&visit, id, "stale").await;
                assert!(matches!(stale, Err(ServiceError::Changed)));
            }
            // Two at once: one of them issues it.
            let (editor, other) = (house.editor(&visit), house.editor(&visit));
            let (one, two) = tokio::join!(editor.issue_invoice(&visit, id, &seen), other.issue_invoice(&visit, id, &seen));
            numbers.extend(one.ok().into_iter().chain(two.ok()).map(|paper| paper.number));
        }
        assert_eq!(numbers, ["HS-2027-0001", "HS-2027-0002", "HS-2027-0003", "HS-2027-0004"], "{}", house.database.name);
    }
}

#[tokio::test]
async fn a_payment_is_booked_once_for_each_reference_though_two_come_at_once() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        let visit = house.anonymous().await;
        let id = issued(&house, member, "5000").await;
        let (editor, other) = (house.editor(&visit), house.editor(&visit));
        let (first, second) = (booking(&house, id, 5000, Some("BANK-1")), booking(&house, id, 5000, Some("BANK-1")));
        let (one, two) = tokio::join!(editor.book(&first), other.book(&second));
        let booked = [one.unwrap(), two.unwrap()];
        let payment = booked.iter().find_map(|booked| if let Booked::New { payment, .. } = booked { Some(*payment) } else { None });
        let payment = payment.unwrap();
        assert!(booked.contains(&Booked::Again { payment }), "{booked:?}, {}", house.database.name);
        assert_eq!(balance(&house, "assets:bank").await, 5000);
        // The same form sent twice, without a reference; later, so that it comes first in the list.
        house.clock.pass(1);
        let other = issued(&house, member, "3000").await;
        let cash = booking(&house, other, 1000, None);
        assert!(matches!(editor.book(&cash).await, Ok(Booked::New { .. })));
        assert!(matches!(editor.book(&cash).await, Ok(Booked::Again { .. })));
        let list = house.payment_list(&visit, "", false, None).await.unwrap();
        let numbers: Vec<&str> = list.payments.iter().map(|payment| payment.number.as_str()).collect();
        assert_eq!(numbers, ["HS-R2027-0002", "HS-R2027-0001"], "no number is lost on what was booked before");
        // By hand, a reference that is taken is said beside its field.
        let input = PaymentInput {
            method: "bank".into(),
            amount: "2,000".into(),
            reference: "ＢＡＮＫ－1".into(),
            received_on: "2027-01-15".into(),
            note: String::new(),
            token: house.money_token(),
        };
        let taken = editor.record_payment(&visit, other, &input).await;
        assert!(matches!(&taken, Err(ServiceError::Invalid(errors)) if errors[0].0 == "reference"), "{taken:?}");
    }
}

#[tokio::test]
async fn what_is_paid_too_much_is_the_members_credit_for_the_next_invoice() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        let (visit, editor) = (house.anonymous().await, house.editor(&house.anonymous().await));
        let first = issued(&house, member, "5000").await;
        assert_eq!(standing(&house, first).await, Standing::Open);
        editor.book(&booking(&house, first, 2000, None)).await.unwrap();
        assert_eq!(standing(&house, first).await, Standing::PartlyPaid, "{}", house.database.name);
        let over = editor.book(&booking(&house, first, 4000, None)).await.unwrap();
        assert!(matches!(over, Booked::New { rest: 1000, .. }), "{over:?}");
        assert_eq!(standing(&house, first).await, Standing::Paid);
        assert_eq!((house.credit_of(&visit, member).await.unwrap(), balance(&house, "liabilities:member-credit").await), (1000, -1000));
        let second = issued(&house, member, "3000").await;
        assert_eq!(editor.use_credit(second).await.unwrap(), 1000);
        assert!(matches!(editor.use_credit(second).await, Err(ServiceError::Changed)), "nothing is left");
        let file = house.invoice_file(&visit, second).await.unwrap();
        assert_eq!((file.record.settled.open(), balance(&house, "assets:receivable").await), (2000, 2000));
        house.clock.pass(40 * 24 * 3600);
        assert_eq!(standing(&house, second).await, Standing::Overdue);
        let unpaid = house.unpaid(&visit, None).await.unwrap();
        assert_eq!(unpaid.ages, [(0, 0), (1, 2000), (0, 0), (0, 0), (0, 0)]);
        assert_eq!((unpaid.lines.len(), unpaid.lines[0].days), (1, 10));
    }
}

#[tokio::test]
async fn a_credit_note_takes_back_and_what_was_paid_can_be_refunded_once() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        let (visit, editor) = (house.anonymous().await, house.editor(&house.anonymous().await));
        let id = issued(&house, member, "5000").await;
        let Booked::New { payment, .. } = editor.book(&booking(&house, id, 5000, None)).await.unwrap() else { panic!() };
        let credit = |amount: &str| CreditInput {
            amounts: vec![(TaxKind::OutOfScope, amount.to_owned())],
            reason: "退会のため".into(),
            token: house.money_token(),
        };
        let much = editor.credit_invoice(&visit, id, &credit("5001")).await;
        assert!(matches!(&much, Err(ServiceError::Invalid(errors)) if errors[0].0 == "amount-out-of-scope"), "{much:?}");
        let half = credit("2000");
        for _ in 0..2 {
            editor.credit_invoice(&visit, id, &half).await.unwrap();
        }
        let file = house.invoice_file(&visit, id).await.unwrap();
        assert_eq!((file.notes.len(), file.notes[0].paper.number.as_str()), (1, "HS-C2027-0001"), "sent twice, kept once");
        assert_eq!((file.record.settled.paid, file.record.settled.credited, file.credit), (3000, 2000, 2000));
        let refund = |amount: &str, token| RefundInput {
            method: "bank".into(),
            amount: amount.into(),
            reference: String::new(),
            refunded_on: "2027-01-15".into(),
            note: String::new(),
            token,
        };
        let much = editor.refund_payment(&visit, payment, &refund("2001", house.money_token())).await;
        assert!(matches!(&much, Err(ServiceError::Invalid(errors)) if errors[0].0 == "amount"), "{much:?}");
        let token = house.money_token();
        for _ in 0..2 {
            editor.refund_payment(&visit, payment, &refund("2000", token)).await.unwrap();
        }
        assert_eq!((balance(&house, "assets:bank").await, balance(&house, "liabilities:member-credit").await), (3000, 0));
        editor.credit_invoice(&visit, id, &credit("3000")).await.unwrap();
        assert_eq!(standing(&house, id).await, Standing::Void, "{}", house.database.name);
        assert_eq!(balance(&house, "income:out-of-scope").await, 0);
    }
}

/// A small generator of choices: the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[tokio::test]
async fn whatever_happens_the_books_balance_and_documents_agree_with_them() {
    for (house, seed) in services_on_each().await.into_iter().zip(1..) {
        let members = [set_up(&house).await, house.member("A-2", None, None).await];
        let (visit, editor, mut dice) = (house.anonymous().await, house.editor(&house.anonymous().await), Dice(seed));
        let mut invoices: Vec<Uuid> = Vec::new();
        for _ in 0..60 {
            let pick = |dice: &mut Dice, from: &[Uuid]| from.get(dice.roll(from.len().max(1) as u64) as usize).copied();
            let amount = 1 + dice.roll(6000) as i64;
            match (dice.roll(6), pick(&mut dice, &invoices)) {
                (0 | 1, _) | (_, None) => {
                    let kind = TaxKind::ALL[dice.roll(5) as usize];
                    let lines = vec![line("一", &amount.to_string(), kind), line("二", "333", TaxKind::Reduced)];
                    let id = drafted(&house, members[dice.roll(2) as usize], lines).await;
                    let seen = house.invoice_file(&visit, id).await.unwrap().state;
                    editor.issue_invoice(&visit, id, &seen).await.unwrap();
                    invoices.push(id);
                }
                (2 | 3, Some(id)) => {
                    let reference = format!("REF-{}", dice.roll(12));
                    editor.book(&booking(&house, id, amount, Some(&reference))).await.unwrap();
                }
                (4, Some(id)) => {
                    let paper = house.invoice_file(&visit, id).await.unwrap().paper.unwrap();
                    let kind = paper.groups[dice.roll(paper.groups.len() as u64) as usize].kind;
                    let credit =
                        CreditInput { amounts: vec![(kind, amount.to_string())], reason: "誤り".into(), token: house.money_token() };
                    let _ = editor.credit_invoice(&visit, id, &credit).await;
                    let _ = editor.use_credit(id).await;
                }
                (_, Some(_)) => {
                    let rests = house.payment_list(&visit, "", true, None).await.unwrap().payments;
                    let Some(payment) = rests.first() else { continue };
                    let input = RefundInput {
                        method: "cash".into(),
                        amount: (1 + dice.roll(payment.rest() as u64)).to_string(),
                        reference: String::new(),
                        refunded_on: "2027-01-15".into(),
                        note: String::new(),
                        token: house.money_token(),
                    };
                    editor.refund_payment(&visit, payment.id, &input).await.unwrap();
                }
            }
        }
        agrees(&house, &invoices).await;
    }
}

/// Sums of the lines are the balances; they add up to zero; and they are what the documents say.
pub(super) async fn agrees(house: &TestServices, invoices: &[Uuid]) {
    let (visit, store) = (house.anonymous().await, house.store().organisation(house.organisation.id));
    let balances = store.balances(None).await.unwrap();
    assert_eq!(balances, store.sums_of_lines().await.unwrap(), "{}", house.database.name);
    assert_eq!(balances.iter().map(|(_, amount)| amount).sum::<i64>(), 0);
    let (mut open, mut numbers) = (0, Vec::new());
    for id in invoices {
        let file = house.invoice_file(&visit, *id).await.unwrap();
        let settled = file.record.settled;
        assert_eq!(settled.credited, file.notes.iter().map(|note| note.paper.total()).sum::<i64>());
        assert_eq!(settled.paid, file.allocations.iter().map(|allocation| allocation.amount).sum::<i64>());
        assert!(settled.open() >= 0 && settled.paid >= 0 && settled.credited >= 0, "{settled:?}");
        let is_open = matches!(file.record.standing(house.today_of(&visit)), Standing::Open | Standing::PartlyPaid | Standing::Overdue);
        assert_eq!(is_open, settled.open() > 0);
        open += settled.open();
        numbers.push(file.paper.unwrap().number);
    }
    let expected: Vec<String> = (1..=invoices.len()).map(|sequence| format!("HS-2027-{sequence:04}")).collect();
    assert_eq!(numbers, expected);
    let payments = store.payments(None, &[], false, None, 1000).await.unwrap();
    let credit: i64 = payments.iter().map(Payment::rest).sum();
    let references: std::collections::BTreeSet<_> = payments.iter().map(|payment| payment.reference.clone()).collect();
    assert_eq!(references.len(), payments.len(), "each reference once");
    let of = |account: Account| balances.iter().find(|(other, _)| *other == account).map_or(0, |(_, amount)| *amount);
    assert_eq!((of(Account::Receivable), of(Account::MemberCredit)), (open, -credit));
    let received: i64 = payments.iter().map(|payment| payment.amount - payment.refunded).sum();
    let paid_in: i64 =
        balances.iter().filter(|(account, _)| account.is_debit() && *account != Account::Receivable).map(|(_, amount)| amount).sum();
    assert_eq!(paid_in, received);
}

#[tokio::test]
async fn the_journal_is_written_for_other_programs() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        let (visit, editor) = (house.anonymous().await, house.editor(&house.anonymous().await));
        let id = issued(&house, member, "5000").await;
        editor.book(&booking(&house, id, 5000, None)).await.unwrap();
        let plain = String::from_utf8(editor.export_journal(&visit, Journal::Plain, "", "").await.unwrap()).unwrap();
        assert!(plain.contains("2027-01-15 * (HS-2027-0001) invoice\n    assets:receivable"), "{plain}");
        assert!(plain.contains("-5000 JPY\n"), "{plain}");
        let csv = String::from_utf8(editor.export_journal(&visit, Journal::Csv, "2027-01-01", "2027-12-31").await.unwrap()).unwrap();
        assert!(csv.starts_with('\u{FEFF}') && csv.contains("HS-R2027-0001,入金,assets:bank,普通預金,5000,"), "{csv}");
        let none = String::from_utf8(editor.export_journal(&visit, Journal::Csv, "2028-01-01", "").await.unwrap()).unwrap();
        assert_eq!(none.lines().count(), 1, "{none}");
    }
}

#[tokio::test]
async fn who_is_erased_leaves_documents_with_a_number_and_nothing_that_leads_to_them() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        let (visit, editor) = (house.anonymous().await, house.editor(&house.anonymous().await));
        let id = issued(&house, member, "5000").await;
        editor.book(&booking(&house, id, 6000, None)).await.unwrap();
        // Later, so that it comes first.
        house.clock.pass(1);
        let draft = drafted(&house, member, vec![line("会費", "1", TaxKind::OutOfScope)]).await;
        let data = editor.export_member_data(member).await.unwrap();
        let money = &data["money"];
        assert_eq!((money["invoices"][1]["number"].as_str(), money["payments"][0]["amount"].as_i64()), (Some("HS-2027-0001"), Some(6000)));
        editor.erase_member_data(member).await.unwrap();
        let file = house.invoice_file(&visit, id).await.unwrap();
        assert_eq!((file.record.member, file.paper.unwrap().number.as_str()), (None, "HS-2027-0001"), "{}", house.database.name);
        assert!(matches!(house.invoice_file(&visit, draft).await, Err(ServiceError::NotFound)));
        let payments = house.payment_list(&visit, "", false, None).await.unwrap().payments;
        assert_eq!((payments[0].member, payments[0].rest()), (None, 1000));
    }
}

#[tokio::test]
async fn documents_are_found_by_name_number_date_and_amount() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        let visit = house.anonymous().await;
        issued(&house, member, "5000").await;
        issued(&house, member, "800").await;
        let found = async |search: InvoiceSearch| house.invoice_list(&visit, &search).await.unwrap().invoices.len();
        let search = InvoiceSearch::default;
        assert_eq!(found(InvoiceSearch { typed: "花子　ａ-1".into(), ..search() }).await, 2, "{}", house.database.name);
        assert_eq!(found(InvoiceSearch { typed: "2027-0002".into(), ..search() }).await, 1);
        assert_eq!(found(InvoiceSearch { least: "1,000".into(), ..search() }).await, 1);
        assert_eq!(found(InvoiceSearch { least: "801".into(), most: "4999".into(), ..search() }).await, 0);
        assert_eq!(found(InvoiceSearch { from: "2027/01/15".into(), to: "2027-01-15".into(), ..search() }).await, 2);
        assert_eq!(found(InvoiceSearch { from: "2027-01-16".into(), ..search() }).await, 0);
        for (state, count) in [("unpaid", 2), ("open", 2), ("overdue", 0), ("draft", 0), ("paid", 0), ("void", 0), ("partly-paid", 0)] {
            assert_eq!(found(InvoiceSearch { state: state.into(), ..search() }).await, count, "{state}");
        }
    }
}
