//! Plugins' invoices, what gateways report, and what they give back, on both databases.

use super::tests::{agrees, balance, issued, set_up, standing};
use super::*;
use crate::testing::{TestServices, services_on_each};
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};
use tsudoi_kernel::MemberId;
use tsudoi_kernel::billing::{InvoiceCancellation, InvoiceOrder, Outcome, PaymentReport};
use tsudoi_kernel::calls::CallId;
use tsudoi_kernel::changes::ReadSet;
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::ports::{Commit, Committed, PluginData, Quota, Scope};
use uuid::Uuid;

/// A gateway called `pay`, on in `club`.
pub(crate) async fn gateway(house: &TestServices) {
    let permission = json!({ "interface": "payments", "why": { "ja": "支払い", "en": "Payments" } });
    let gateway = json!({ "label": { "ja": "カードで支払う", "en": "Pay by card" }, "refunds": true, "saved-methods": true });
    house.parrot_with("pay", json!({ "permissions": [permission], "gateway": gateway })).await;
}

/// What a call of the gateway's would have wanted.
pub(crate) async fn commit(house: &TestServices, effects: Vec<Effect>) {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let store = house.store().organisation(house.organisation.id);
    let installation = store.installation("pay").await.unwrap().unwrap();
    let commit = Commit {
        scope: Scope { organisation: house.organisation.id, installation: installation.id },
        call_id: CallId(format!("pay:{}", CALLS.fetch_add(1, Ordering::Relaxed))),
        reads: ReadSet::default(),
        writes: Vec::new(),
        effects,
        quota: Quota::default(),
        answer: json!(null),
        at: house.now(),
    };
    assert!(matches!(house.store().commit(commit).await.unwrap(), Committed::Done(_)));
}

async fn report(house: &TestServices, invoice: Uuid, reference: &str, amount: i64, outcome: Outcome) {
    let told =
        PaymentReport { id: house.money_token(), plugin: "pay".into(), invoice, reference: reference.into(), amount, outcome, depth: 1 };
    commit(house, vec![Effect::ReportPayment(told)]).await;
}

async fn ordered(house: &TestServices, member: MemberId, name: &str, price: i64) -> Uuid {
    let lines = vec![InvoiceLine { name: name.into(), quantity: 1, unit: String::new(), price, kind: TaxKind::Standard }];
    let id = house.money_token();
    let order = InvoiceOrder { id, plugin: "pay".into(), member, lines, due_on: day("2027-02-28"), reference: "event-7".into(), depth: 1 };
    commit(house, vec![Effect::IssueInvoice(order)]).await;
    id
}

async fn payment(house: &TestServices, reference: &str) -> Payment {
    let store = house.store().organisation(house.organisation.id);
    store.payment_by_reference(&Method::Gateway("pay".into()), reference).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_a_plugin_issues_is_an_invoice_like_any_other() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        let id = ordered(&house, member, "七夕の集い", 3_300).await;
        let visit = house.anonymous().await;
        let paper = house.invoice_file(&visit, id).await.unwrap().paper.unwrap();
        assert_eq!((paper.number.as_str(), paper.recipient.name.as_str()), ("HS-2027-0001", "会員A-1 花子 様"), "{}", house.database.name);
        assert_eq!((paper.groups[0].net, paper.groups[0].tax, paper.due_on), (3_000, 300, day("2027-02-28")));
        let seen = house.store().invoice(house.organisation.id, "pay".into(), id, false).await.unwrap().value.unwrap();
        assert_eq!((seen.reference.as_deref(), seen.shown()["state"].as_str()), (Some("event-7"), Some("open")));
        assert_eq!(house.store().invoice(house.organisation.id, "other".into(), id, false).await.unwrap().value, None);
        let cancelled =
            |id| Effect::CancelInvoice(InvoiceCancellation { id: house.money_token(), plugin: "pay".into(), invoice: id, depth: 1 });
        // Twice in one call, and once more.
        commit(&house, vec![cancelled(id), cancelled(id)]).await;
        commit(&house, vec![cancelled(id)]).await;
        assert_eq!(standing(&house, id).await, Standing::Void);
        let notes = house.invoice_file(&visit, id).await.unwrap().notes;
        assert_eq!((notes.len(), notes[0].paper.lines[0].name.as_str()), (1, "七夕の集い"));
        assert_eq!(balance(&house, "assets:receivable").await, 0);
    }
}

/// A small generator of choices: the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[tokio::test]
async fn reports_come_to_the_same_books_in_any_order_and_however_often() {
    let said = [
        (Outcome::Pending, 3_000),
        (Outcome::Failed, 3_000),
        (Outcome::Paid, 3_000),
        (Outcome::Refunded, 1_000),
        (Outcome::Refunded, 1_800),
        (Outcome::Disputed, 3_000),
    ];
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        let (visit, mut dice, mut invoices) = (house.anonymous().await, Dice(7), Vec::new());
        for round in 0..24 {
            let id = issued(&house, member, "3000").await;
            let reference = format!("pi_{round}");
            // Each at least once, in some order, with repeats.
            let mut order: Vec<usize> = (0..said.len()).collect();
            (0..said.len()).for_each(|at| order.swap(at, dice.roll(said.len())));
            (0..4).for_each(|_| order.insert(dice.roll(order.len()), dice.roll(said.len())));
            for place in order {
                let (outcome, amount) = said[place];
                report(&house, id, &reference, amount, outcome).await;
            }
            let booked = payment(&house, &reference).await;
            assert_eq!((booked.amount, booked.refunded, booked.allocated), (3_000, 1_800, 1_200), "{}, round {round}", house.database.name);
            let file = house.invoice_file(&visit, id).await.unwrap();
            assert_eq!((file.record.settled.paid, file.reports.len()), (1_200, 1));
            assert_eq!(file.reports[0].state, Outcome::Disputed);
            invoices.push(id);
        }
        assert_eq!(balance(&house, "assets:clearing:pay").await, 24 * 1_200);
        agrees(&house, &invoices).await;
    }
}

#[tokio::test]
async fn two_payments_of_one_invoice_are_both_booked_and_the_second_is_credit() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        let id = issued(&house, member, "3000").await;
        report(&house, id, "pi_1", 3_000, Outcome::Paid).await;
        report(&house, id, "pi_2", 3_000, Outcome::Paid).await;
        report(&house, id, "pi_1", 3_000, Outcome::Paid).await;
        assert_eq!((payment(&house, "pi_1").await.rest(), payment(&house, "pi_2").await.rest()), (0, 3_000), "{}", house.database.name);
        assert_eq!(standing(&house, id).await, Standing::Paid);
        // What the provider gives back of the second touches no invoice, of the first it opens the invoice again.
        report(&house, id, "pi_2", 3_000, Outcome::Refunded).await;
        assert_eq!(standing(&house, id).await, Standing::Paid);
        report(&house, id, "pi_1", 3_000, Outcome::Refunded).await;
        assert_eq!(standing(&house, id).await, Standing::Open);
        agrees(&house, &[id]).await;
    }
}

#[tokio::test]
async fn who_may_see_receivables_sees_what_is_to_be_paid_and_by_whom() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        let (first, second) = (issued(&house, member, "3000").await, issued(&house, member, "4000").await);
        let club = house.organisation.id;
        let unpaid = |after| {
            let house = &house;
            async move { house.store().receivables(club, "pay".into(), after, 1).await.unwrap().value }
        };
        let mut seen = Vec::new();
        let mut after = None;
        while let Some(one) = unpaid(after).await.pop() {
            after = Some((one.due_on(), one.invoice.id));
            let payer = one.payer.unwrap();
            assert_eq!((payer.number.as_str(), payer.name.as_str()), ("A-1", "会員A-1 花子"), "{}", house.database.name);
            seen.push(one.invoice.id);
        }
        seen.sort();
        let mut both = [first, second];
        both.sort();
        assert_eq!(seen, both);
        assert!(house.store().invoice(club, "pay".into(), first, true).await.unwrap().value.is_some());
        report(&house, first, "line-1", 3_000, Outcome::Paid).await;
        assert_eq!(unpaid(None).await[0].invoice.id, second);
    }
}

/// An invoice that was paid by the gateway and taken back.
async fn taken_back(house: &TestServices, member: MemberId, reference: &str) -> Payment {
    let visit = house.anonymous().await;
    let id = issued(house, member, "3000").await;
    report(house, id, reference, 3_000, Outcome::Paid).await;
    let amounts = vec![(TaxKind::OutOfScope, "3000".to_owned())];
    let credit = CreditInput { amounts, reason: "中止".into(), token: house.money_token() };
    house.editor(&visit).credit_invoice(&visit, id, &credit).await.unwrap();
    payment(house, reference).await
}

#[tokio::test]
async fn what_is_left_of_many_payments_is_given_back_once_by_a_worker() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        let (visit, editor) = (house.anonymous().await, house.editor(&house.anonymous().await));
        let (one, two) = (taken_back(&house, member, "pi_1").await, taken_back(&house, member, "pi_2").await);
        let kept = issued(&house, member, "3000").await;
        report(&house, kept, "pi_3", 3_000, Outcome::Paid).await;
        let used = payment(&house, "pi_3").await;
        let (chosen, token) = ([one.id, two.id, used.id, Uuid::nil()], house.money_token());
        assert_eq!(editor.refund_many(&visit, &chosen, token).await.unwrap(), 2, "{}", house.database.name);
        assert_eq!(editor.refund_many(&visit, &chosen, token).await.unwrap(), 0, "the same form again");
        assert_eq!(editor.refund_many(&visit, &chosen, house.money_token()).await.unwrap(), 0, "all of it is asked for");
        assert_eq!(house.ask_gateways().await.unwrap(), 2);
        for reference in ["pi_1", "pi_2"] {
            assert_eq!(payment(&house, reference).await.refunded, 3_000);
        }
        assert_eq!((payment(&house, "pi_3").await.refunded, balance(&house, "assets:clearing:pay").await), (0, 3_000));
        assert_eq!(balance(&house, "liabilities:member-credit").await, 0);
    }
}

#[tokio::test]
async fn a_gateway_gives_back_once_though_it_is_asked_until_it_answers() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        let (visit, editor) = (house.anonymous().await, house.editor(&house.anonymous().await));
        let paid = taken_back(&house, member, "pi_1").await;
        let token = house.money_token();
        house.plugins.declines.store(2, Ordering::SeqCst);
        let state = editor.refund_by_gateway(&visit, paid.id, "2,000", token).await.unwrap();
        assert_eq!(state, WishState::Asked, "{}", house.database.name);
        // Meanwhile nobody can use what was asked for, and the form that is sent again is the same wish.
        let more = editor.refund_by_gateway(&visit, paid.id, "1500", house.money_token()).await;
        assert!(matches!(more, Err(ServiceError::Invalid(_))), "{more:?}");
        assert_eq!(editor.refund_by_gateway(&visit, paid.id, "2000", token).await.unwrap(), WishState::Asked);
        assert_eq!(house.carry_on_refunds().await.unwrap(), 0, "it is not due yet");
        house.clock.pass(600);
        assert_eq!(house.carry_on_refunds().await.unwrap(), 1);
        house.clock.pass(600);
        assert_eq!(house.carry_on_refunds().await.unwrap(), 0);
        let asked = house.plugins.asked_back.lock().unwrap().clone();
        assert!(asked.len() == 3 && asked.iter().all(|one| *one == (token.to_string(), 2_000)), "{asked:?}");
        let now = payment(&house, "pi_1").await;
        assert_eq!((now.refunded, now.rest()), (2_000, 1_000));
        // The provider's own notice of the same refund changes nothing.
        report(&house, file_of(&house, &paid).await, "pi_1", 2_000, Outcome::Refunded).await;
        assert_eq!(payment(&house, "pi_1").await.refunded, 2_000);
        let file = house.payment_file(&visit, paid.id).await.unwrap();
        assert_eq!((file.refunds.len(), file.asked[0].state, file.may_ask), (1, WishState::Done, true));
        assert_eq!(balance(&house, "assets:clearing:pay").await, 1_000);
    }
}

async fn file_of(house: &TestServices, payment: &Payment) -> Uuid {
    let store = house.store().organisation(house.organisation.id);
    store.gateway_report("pay", payment.reference.as_deref().unwrap()).await.unwrap().unwrap().invoice
}

#[tokio::test]
async fn a_refund_that_the_gateway_refuses_or_takes_its_time_for_is_not_booked() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        let (visit, editor) = (house.anonymous().await, house.editor(&house.anonymous().await));
        let paid = taken_back(&house, member, "pi_1").await;
        for (outcome, state) in [(Outcome::Failed, WishState::Failed), (Outcome::Pending, WishState::Waiting)] {
            *house.plugins.settles_as.lock().unwrap() = Some(outcome);
            assert_eq!(editor.refund_by_gateway(&visit, paid.id, "3000", house.money_token()).await.unwrap(), state);
            assert_eq!(payment(&house, "pi_1").await.refunded, 0, "{}", house.database.name);
        }
        // Meanwhile it can't be asked for again.
        let more = editor.refund_by_gateway(&visit, paid.id, "1", house.money_token()).await;
        assert!(matches!(more, Err(ServiceError::Invalid(_))), "{more:?}");
        // Its report comes later.
        report(&house, file_of(&house, &paid).await, "pi_1", 3_000, Outcome::Refunded).await;
        assert_eq!(payment(&house, "pi_1").await.refunded, 3_000);
        assert_eq!(balance(&house, "assets:clearing:pay").await, 0);
        let states: Vec<WishState> = house.payment_file(&visit, paid.id).await.unwrap().asked.iter().map(|one| one.state).collect();
        assert_eq!(states.iter().filter(|state| **state == WishState::Done).count(), 1, "{states:?}");
    }
}

#[tokio::test]
async fn a_refund_that_comes_to_nothing_at_the_provider_can_be_given_up() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        let (visit, editor) = (house.anonymous().await, house.editor(&house.anonymous().await));
        let paid = taken_back(&house, member, "pi_1").await;
        *house.plugins.settles_as.lock().unwrap() = Some(Outcome::Pending);
        let token = house.money_token();
        assert_eq!(editor.refund_by_gateway(&visit, paid.id, "3000", token).await.unwrap(), WishState::Waiting);
        editor.give_up_refund(paid.id, token).await.unwrap();
        let again = editor.give_up_refund(paid.id, token).await;
        assert!(matches!(again, Err(ServiceError::Changed)), "{}: {again:?}", house.database.name);
        *house.plugins.settles_as.lock().unwrap() = None;
        assert_eq!(editor.refund_by_gateway(&visit, paid.id, "3000", house.money_token()).await.unwrap(), WishState::Done);
        assert_eq!(payment(&house, "pi_1").await.refunded, 3_000);
    }
}

#[tokio::test]
async fn members_pay_what_is_theirs_and_the_gateway_sees_it_from_then_on() {
    for house in services_on_each().await {
        set_up(&house).await;
        gateway(&house).await;
        let (member, own) = house.visiting_member("A-2").await;
        let id = issued(&house, member, "3000").await;
        let visit = house.anonymous().await;
        let way = WayToPay { plugin: "pay".into(), label: "カードで支払う".into() };
        assert_eq!(house.ways_to_pay(&visit).await.unwrap(), [way]);
        let plugin = house.visit_plugin(&visit, "pay", "request".into()).await.unwrap().unwrap();
        let seen = || async { house.store().invoice(house.organisation.id, "pay".into(), id, false).await.unwrap().value };
        let strangers = house.begin_payment(&visit, id, &plugin, house.money_token()).await.unwrap();
        assert!(matches!(strangers, PaymentStart::Here(crate::plugins::PluginAnswer::SignIn)));
        assert_eq!(seen().await, None, "{}", house.database.name);
        let begun = house.begin_payment(&own, id, &plugin, house.money_token()).await.unwrap();
        let PaymentStart::Here(crate::plugins::PluginAnswer::Redirect(path)) = begun else { panic!("it leads elsewhere") };
        assert_eq!(path, format!("/p/pay/pay/{id}/3000"));
        assert_eq!(seen().await.map(|invoice| invoice.settled.total), Some(3_000));
        let (_, other) = house.visiting_member("A-3").await;
        let others = house.begin_payment(&other, id, &plugin, house.money_token()).await;
        assert!(matches!(others, Err(ServiceError::NotFound)));
        report(&house, id, "pi_1", 3_000, Outcome::Paid).await;
        let again = house.begin_payment(&own, id, &plugin, house.money_token()).await;
        assert!(matches!(again, Err(ServiceError::Changed)), "it is paid");
    }
}
