//! Dues from their form to memberships, on both databases.

use super::*;
use crate::invoices::{Booked, Booking, CreditInput, Method, Standing};
use crate::members::{Joining, KindInput, KindList, PeriodInput};
use crate::testing::{TestServices, services_on_each};

/// Today is 15 January 2027. Two types, one of which pays; one tier with a price of its own.
async fn set_up(house: &TestServices) -> (String, String) {
    let visit = house.anonymous().await;
    crate::invoices::tests::set_up(house).await;
    let editor = house.editor(&visit);
    let kinds = |names: &[&str]| -> Vec<KindInput> {
        let kind = |name: &&str| KindInput { key: String::new(), name: [(*name).to_owned(), String::new()], grace_days: "30".into() };
        names.iter().map(kind).collect()
    };
    for (list, names) in [(KindList::Types, &["正会員", "名誉会員"][..]), (KindList::Tiers, &["家族"][..])] {
        let seen = house.kinds(&visit, list).await.unwrap().state;
        editor.save_kinds(&visit, list, &seen, &kinds(names)).await.unwrap();
    }
    let types = house.member_types(&visit).await.unwrap();
    (types[0].key.clone(), types[1].key.clone())
}

fn input(regular: &str, honorary: &str, audience_tier: &str) -> DuesInput {
    DuesInput {
        name: "2027年度 年会費".into(),
        begins: "2027-04-01".into(),
        ends: "2028-03-31".into(),
        due_on: "2027-05-31".into(),
        tax_kind: "out-of-scope".into(),
        prices: vec![
            PriceInput { member_type: regular.into(), usual: "5,000".into(), tiers: vec![(audience_tier.into(), "3000".into())] },
            PriceInput { member_type: honorary.into(), usual: "0".into(), tiers: vec![] },
        ],
        with_lapsed: false,
        by_mail: true,
        charge_on: String::new(),
    }
}

async fn tier(house: &TestServices) -> String {
    house.kinds(&house.anonymous().await, KindList::Tiers).await.unwrap().entries[0].key.clone()
}

/// A member with a period of this type, as staff enter it.
async fn member(house: &TestServices, number: &str, member_type: &str, (begins, ends): (&str, &str)) -> MemberId {
    let visit = house.anonymous().await;
    let email = format!("{number}@example.jp").to_lowercase();
    let id = house.member(number, Some(&email), None).await;
    let joining = Joining { member_type: member_type.into(), begins: begins.into(), ends: ends.into() };
    for entry in house.period_entries(&visit, id).await.unwrap() {
        house.editor(&visit).withdraw_period(&visit, id, entry.period.id).await.unwrap();
    }
    house.editor(&visit).add_period(&visit, id, &PeriodInput { joining, left: false, note: String::new() }).await.unwrap();
    id
}

#[tokio::test]
async fn who_saved_a_method_is_charged_on_the_day_that_the_dues_say() {
    for house in services_on_each().await {
        let (regular, honorary) = set_up(&house).await;
        crate::invoices::gateways_tests::gateway(&house).await;
        let tier = tier(&house).await;
        let (saver, other) = (member(&house, "M-1", &regular, YEAR).await, member(&house, "M-2", &regular, YEAR).await);
        crate::invoices::saved_tests::saved(&house, saver, Some("Visa •••• 4242")).await;
        let id = made(&house, &DuesInput { charge_on: "2027-01-20".into(), ..input(&regular, &honorary, &tier) }).await;
        let visit = house.anonymous().await;
        let forecast = house.dues_file(&visit, id).await.unwrap().forecast;
        assert_eq!((forecast.invoices, forecast.charged), (2, 1), "{}", house.database.name);
        run(&house, id).await;
        let told = house.mails_to("m-1@example.jp").await.concat();
        assert!(told.contains("Visa •••• 4242") && told.contains("2027年1月20日"), "{told}");
        let told = house.mails_to("m-2@example.jp").await.concat();
        assert!(told.contains("お支払いをお願いいたします"), "{told}");
        let nine = tsudoi_kernel::time::local_instant("2027-01-20", "09:00", "Asia/Tokyo").unwrap();
        house.clock.pass((nine.as_i64() - house.now().as_i64()) / 1_000 - 60);
        assert_eq!(house.ask_gateways().await.unwrap(), 0);
        house.clock.pass(120);
        assert_eq!(house.ask_gateways().await.unwrap(), 1);
        let standing = async |member: MemberId| house.invoices_of(&visit, member).await.unwrap()[0].standing(day("2027-01-20").unwrap());
        assert_eq!((standing(saver).await, standing(other).await), (Standing::Paid, Standing::Open));
        assert_eq!(house.plugins.charged.lock().unwrap().iter().map(|(_, amount)| *amount).collect::<Vec<_>>(), [5_000]);
    }
}

const YEAR: (&str, &str) = ("2026-04-01", "2027-03-31");

async fn made(house: &TestServices, input: &DuesInput) -> Uuid {
    let visit = house.anonymous().await;
    house.editor(&visit).save_dues(&visit, None, "", input).await.unwrap()
}

async fn run(house: &TestServices, id: Uuid) {
    let visit = house.anonymous().await;
    let file = house.dues_file(&visit, id).await.unwrap();
    house.editor(&visit).run_dues(id, &file.state).await.unwrap();
    house.work_on_dues().await.unwrap();
}

async fn status(house: &TestServices, member: MemberId) -> String {
    house.store().organisation(house.organisation.id).member(member).await.unwrap().unwrap().status.as_str().to_owned()
}

fn booking(house: &TestServices, invoice: Uuid, amount: i64) -> Booking {
    let received_on = day("2027-01-15").unwrap();
    Booking { invoice, method: Method::Bank, reference: None, amount, received_on, note: String::new(), token: house.money_token() }
}

async fn invoice_of(house: &TestServices, member: MemberId) -> Option<Uuid> {
    house.invoices_of(&house.anonymous().await, member).await.unwrap().first().map(|record| record.id)
}

#[tokio::test]
async fn everybody_is_asked_once_what_their_type_and_tier_pays_and_a_second_run_asks_those_who_came_since() {
    for house in services_on_each().await {
        let (regular, honorary) = set_up(&house).await;
        let (visit, tier) = (house.anonymous().await, tier(&house).await);
        let hanako = member(&house, "B-1", &regular, YEAR).await;
        let taro = member(&house, "B-2", &honorary, YEAR).await;
        let covered = member(&house, "B-3", &regular, ("2026-04-01", "2027-06-30")).await;
        let lapsed = member(&house, "B-4", &regular, ("2020-04-01", "2021-03-31")).await;
        let typeless = member(&house, "B-5", "", YEAR).await;
        let family = member(&house, "B-6", &regular, YEAR).await;
        let mut change = house.store().organisation(house.organisation.id).begin_change(house.now()).await.unwrap();
        change.set_member_tier(family, Some(&tier)).await.unwrap();
        change.commit().await.unwrap();
        let id = made(&house, &input(&regular, &honorary, &tier)).await;
        let forecast = house.dues_file(&visit, id).await.unwrap().forecast;
        assert_eq!((forecast.invoices, forecast.total, forecast.free), (2, 8_000, 1), "{}", house.database.name);
        // The member of the set-up has no type either.
        assert_eq!((forecast.covered, forecast.left_out, forecast.unpriced, forecast.done), (1, 1, 2, 0), "{forecast:?}");
        assert!(forecast.unpriced_members.iter().any(|(id, ..)| *id == typeless));
        assert_eq!(invoice_of(&house, hanako).await, None, "nothing was done yet");
        run(&house, id).await;
        let file = house.dues_file(&visit, id).await.unwrap();
        assert_eq!((file.sums.invoices, file.sums.total, file.sums.open, file.sums.free), (2, 8_000, 8_000, 1));
        assert_eq!((file.forecast.done, file.forecast.invoices, file.record.state), (3, 0, DuesState::Idle));
        for (member, has) in [(hanako, true), (family, true), (taro, false), (covered, false), (lapsed, false), (typeless, false)] {
            assert_eq!(invoice_of(&house, member).await.is_some(), has);
        }
        let paper = house.invoice_file(&visit, invoice_of(&house, hanako).await.unwrap()).await.unwrap().paper.unwrap();
        assert_eq!((paper.lines[0].name.as_str(), paper.total(), paper.due_on), ("2027年度 年会費", 5_000, day("2027-05-31")));
        let mails = house.mails_to("b-1@example.jp").await;
        assert!(mails.len() == 1 && mails[0].contains("5,000") && mails[0].contains("2027年5月31日"), "{mails:?}");
        // Once more, with somebody new.
        let new = member(&house, "B-7", &regular, YEAR).await;
        run(&house, id).await;
        run(&house, id).await;
        let sums = house.dues_file(&visit, id).await.unwrap().sums;
        assert_eq!((sums.invoices, house.mails_to("b-1@example.jp").await.len()), (3, 1));
        assert!(invoice_of(&house, new).await.is_some());
    }
}

#[tokio::test]
async fn who_pays_is_a_member_in_the_term_until_it_is_given_back() {
    for house in services_on_each().await {
        let (regular, honorary) = set_up(&house).await;
        let visit = house.anonymous().await;
        let hanako = member(&house, "B-1", &regular, YEAR).await;
        let taro = member(&house, "B-2", &regular, YEAR).await;
        let free = member(&house, "B-3", &honorary, YEAR).await;
        let forever = member(&house, "B-4", &regular, ("2020-04-01", "")).await;
        let id = made(&house, &input(&regular, &honorary, &tier(&house).await)).await;
        run(&house, id).await;
        let editor = house.editor(&visit);
        let invoice = invoice_of(&house, hanako).await.unwrap();
        let part = booking(&house, invoice, 2_000);
        editor.book(&part).await.unwrap();
        let periods = |member| {
            let (house, visit) = (&house, &visit);
            async move {
                let entries = house.period_entries(visit, member).await.unwrap();
                entries
                    .into_iter()
                    .filter(|entry| entry.replaced.is_none())
                    .map(|entry| entry.period.begins.to_string())
                    .collect::<Vec<_>>()
            }
        };
        assert_eq!(periods(hanako).await, ["2026-04-01"], "a part is not enough, {}", house.database.name);
        let rest = editor.book(&booking(&house, invoice, 3_000)).await.unwrap();
        assert!(matches!(rest, Booked::New { rest: 0, .. }));
        assert_eq!(periods(hanako).await, ["2027-04-01", "2026-04-01"]);
        assert_eq!(periods(free).await, ["2027-04-01", "2026-04-01"]);
        // Who has no end pays too, and nothing changes for them.
        editor.book(&booking(&house, invoice_of(&house, forever).await.unwrap(), 5_000)).await.unwrap();
        assert_eq!(periods(forever).await, ["2020-04-01"]);
        // Past the old term and its days of grace.
        house.clock.pass(80 * 24 * 60 * 60);
        house.turn_memberships().await.unwrap();
        assert_eq!([status(&house, hanako).await, status(&house, taro).await, status(&house, free).await], ["current", "grace", "current"]);
        house.clock.pass(40 * 24 * 60 * 60);
        house.turn_memberships().await.unwrap();
        assert_eq!([status(&house, hanako).await, status(&house, taro).await], ["current", "lapsed"]);
        // Late is not too late.
        let late = invoice_of(&house, taro).await.unwrap();
        editor.book(&booking(&house, late, 5_000)).await.unwrap();
        assert_eq!(status(&house, taro).await, "current");
        // The invoice is taken back: so is the term.
        let amounts = vec![(TaxKind::OutOfScope, "5000".to_owned())];
        let credit = CreditInput { amounts, reason: "退会".into(), token: house.money_token() };
        editor.credit_invoice(&visit, late, &credit).await.unwrap();
        assert_eq!((status(&house, taro).await.as_str(), periods(taro).await.len()), ("lapsed", 1));
        let standing = house.invoice_file(&visit, late).await.unwrap().record.standing(house.today_of(&visit));
        assert_eq!(standing, Standing::Void);
        let file = house.dues_file(&visit, id).await.unwrap();
        assert_eq!((file.sums.paid, file.sums.open, file.sums.settled), (10_000, 0, 3));
    }
}

#[tokio::test]
async fn a_run_that_two_processes_carry_on_asks_nobody_twice_and_can_be_stopped() {
    for house in services_on_each().await {
        let (regular, honorary) = set_up(&house).await;
        let visit = house.anonymous().await;
        for number in 0..120 {
            member(&house, &format!("C-{number}"), &regular, YEAR).await;
        }
        let id = made(&house, &input(&regular, &honorary, "")).await;
        let file = house.dues_file(&visit, id).await.unwrap();
        let editor = house.editor(&visit);
        assert!(matches!(editor.run_dues(id, "stale").await, Err(ServiceError::Changed)));
        editor.run_dues(id, &file.state).await.unwrap();
        editor.run_dues(id, &file.state).await.unwrap();
        // While it runs nothing of it changes.
        let changed = editor.save_dues(&visit, Some(id), &file.state, &input(&regular, &honorary, "")).await;
        assert!(matches!(changed, Err(ServiceError::Changed)));
        editor.stop_dues(id).await.unwrap();
        assert_eq!(house.work_on_dues().await.unwrap(), 0);
        editor.run_dues(id, &file.state).await.unwrap();
        let other = house.reopened(|_| {});
        let (one, two) = tokio::join!(house.work_on_dues(), other.work_on_dues());
        one.unwrap();
        two.unwrap();
        house.work_on_dues().await.unwrap();
        let sums = house.dues_file(&visit, id).await.unwrap().sums;
        assert_eq!((sums.invoices, sums.total), (120, 600_000), "{}", house.database.name);
        assert!(matches!(editor.delete_dues(id).await, Err(ServiceError::Changed)), "somebody was asked");
    }
}

#[tokio::test]
async fn what_is_typed_wrong_is_said_beside_its_field() {
    for house in services_on_each().await {
        let (regular, honorary) = set_up(&house).await;
        let (visit, tier) = (house.anonymous().await, tier(&house).await);
        let editor = house.editor(&visit);
        let good = input(&regular, &honorary, &tier);
        let mut prices = good.prices.clone();
        prices[0].usual = "-1".into();
        prices[0].tiers[0].1 = "五千".into();
        for (wrong, fields) in [
            (DuesInput { name: " ".into(), ..good.clone() }, vec!["name"]),
            (DuesInput { begins: "".into(), ends: "x".into(), ..good.clone() }, vec!["begins", "ends"]),
            (DuesInput { ends: "2027-03-01".into(), ..good.clone() }, vec!["ends"]),
            (DuesInput { ends: "2047-03-01".into(), ..good.clone() }, vec!["ends"]),
            (DuesInput { prices: vec![], ..good.clone() }, vec!["prices"]),
            (DuesInput { prices, ..good.clone() }, vec!["price-0", "price-0-0"]),
        ] {
            let Err(ServiceError::Invalid(errors)) = editor.save_dues(&visit, None, "", &wrong).await else { panic!("{wrong:?}") };
            assert_eq!(errors.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), fields);
        }
        let id = made(&house, &good).await;
        let (shown, seen) = house.dues_input(&visit, id).await.unwrap();
        assert_eq!((shown.prices[0].usual.as_str(), shown.prices[0].tiers[0].1.as_str()), ("5000", "3000"));
        editor.save_dues(&visit, Some(id), &seen, &DuesInput { name: "別の会費".into(), ..shown }).await.unwrap();
        assert!(matches!(editor.save_dues(&visit, Some(id), &seen, &good).await, Err(ServiceError::Changed)));
        // The next ones are a year later.
        let next = house.new_dues(&visit).await.unwrap();
        assert_eq!((next.begins.as_str(), next.ends.as_str(), next.due_on.as_str()), ("2028-04-01", "2029-03-31", "2028-05-31"));
        assert_eq!((next.name.as_str(), next.prices[0].usual.as_str()), ("2028年度 年会費", "5000"));
        editor.delete_dues(id).await.unwrap();
    }
}
