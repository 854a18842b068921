//! Money that goes back: asked for by staff, at Stripe's dashboard, or by payers' banks.

mod shop;

use shop::Shop;
use tsudoi_stripe_stand_in::{Card, Trouble};

/// An invoice over this sum, paid. Answers the PaymentIntent.
fn paid(shop: &Shop, amount: i64) -> String {
    let hanako = shop.site.member("花子");
    let page = shop.press(&hanako, &shop.site.invoice(&hanako, "会費", amount));
    shop.stripe.pay(&page, Card::Good);
    shop.hear_all();
    assert_eq!(shop.standing(), ("paid".into(), amount));
    shop.stripe.object(&page)["payment_intent"].as_str().unwrap().to_owned()
}

/// The payment, which is all to be given back since its invoice was taken back.
fn left_over(shop: &Shop) -> String {
    shop.site.credit(&shop.site.invoices().pop().unwrap().id);
    shop.site.payments().pop().unwrap().id
}

fn refunded(shop: &Shop) -> i64 {
    shop.site.payments().pop().unwrap().refunded
}

#[test]
fn staff_give_back_a_part_and_then_the_rest() {
    let shop = Shop::open();
    let intent = paid(&shop, 5_000);
    let payment = left_over(&shop);
    assert_eq!(shop.site.give_back(&payment, 1_200), "done");
    assert_eq!(refunded(&shop), 1_200);
    shop.hear_all();
    assert_eq!(refunded(&shop), 1_200, "Stripe's own notice changes nothing");
    assert_eq!(shop.site.give_back(&payment, 3_800), "done");
    shop.hear_all();
    assert_eq!(refunded(&shop), 5_000);
    let charge = shop.stripe.object(shop.stripe.object(&intent)["latest_charge"].as_str().unwrap());
    assert_eq!(charge["amount_refunded"], 5_000);
    shop.is_sound();
}

#[test]
fn a_refund_on_its_way_is_booked_when_it_has_arrived() {
    let shop = Shop::open();
    paid(&shop, 5_000);
    let payment = left_over(&shop);
    shop.stripe.refunds_begin("pending");
    assert_eq!(shop.site.give_back(&payment, 2_000), "waiting");
    shop.hear_all();
    assert_eq!(refunded(&shop), 0);
    let refund = shop.stripe.ids("refund").pop().unwrap();
    shop.stripe.finish_refund(&refund, "succeeded");
    shop.hear_all();
    assert_eq!(refunded(&shop), 2_000);
    shop.is_sound();
}

#[test]
fn a_refund_that_fails_is_put_before_staff() {
    let shop = Shop::open();
    paid(&shop, 5_000);
    let payment = left_over(&shop);
    shop.stripe.refunds_begin("failed");
    assert_eq!(shop.site.give_back(&payment, 500), "failed");
    shop.stripe.refunds_begin("pending");
    assert_eq!(shop.site.give_back(&payment, 2_000), "waiting");
    let refund = shop.stripe.ids("refund").pop().unwrap();
    shop.stripe.finish_refund(&refund, "failed");
    shop.hear_all();
    assert_eq!(refunded(&shop), 0);
    let office = shop.site.staff("会計");
    let page = office.get_admin("/").shows("返金が失敗しました").shows(&refund);
    assert_eq!(page.text().matches("返金が失敗しました").count(), 2, "each once, however many events tell of it");
    office.block("matters", &tsudoi_testkit::json!({})).shows("確認が必要なことが2件あります");
    let other = shop.site.staff_with("広報", &[]);
    other.block("matters", &tsudoi_testkit::json!({})).lacks("確認が必要");
    other.get_admin("/").is(403);
    for _ in 0..2 {
        let page = office.get_admin("/");
        let action = page.body().split("action=\"/admin/p/stripe").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        page.submit(&action, &[]).leads_to("/");
    }
    office.get_admin("/").shows("確認が必要なことはありません");
    shop.is_sound();
}

#[test]
fn what_stripe_will_never_give_back_is_refused() {
    let shop = Shop::open();
    let intent = paid(&shop, 5_000);
    let payment = left_over(&shop);
    // Somebody gave it back at Stripe, and its notice has not come yet.
    shop.stripe.refund(&intent, 5_000);
    assert_eq!(shop.site.give_back(&payment, 1_000), "failed");
    assert_eq!(refunded(&shop), 0);
    shop.hear_all();
    assert_eq!(refunded(&shop), 5_000);
    shop.is_sound();
}

#[test]
fn after_an_outage_it_is_asked_again_and_given_back_once() {
    let shop = Shop::open();
    paid(&shop, 5_000);
    let payment = left_over(&shop);
    shop.stripe.fail_next(1, Trouble::Status(503));
    assert_eq!(shop.site.give_back(&payment, 1_000), "asked");
    shop.stripe.fail_next(1, Trouble::LostAnswer);
    shop.pass(60);
    shop.pass(60);
    assert_eq!(refunded(&shop), 1_000);
    assert_eq!(shop.stripe.ids("refund").len(), 1);
    let keys: Vec<_> = shop.stripe.asked().into_iter().filter(|asked| asked.path == "/v1/refunds" && asked.method == "POST").collect();
    assert!(keys.len() >= 3 && keys.iter().all(|asked| asked.idempotency_key == keys[0].idempotency_key), "{keys:?}");
    shop.hear_all();
    shop.is_sound();
}

#[test]
fn what_is_given_back_at_stripe_opens_the_invoice_again() {
    let shop = Shop::open();
    let intent = paid(&shop, 5_000);
    shop.stripe.refund(&intent, 1_500);
    shop.hear_all();
    assert_eq!(shop.standing(), ("partly-paid".into(), 3_500));
    shop.stripe.refund(&intent, 500);
    // A notice that Stripe could not be asked about is seen to later.
    shop.stripe.fail_next(1, Trouble::Status(500));
    shop.hear_all();
    assert_eq!(shop.standing(), ("partly-paid".into(), 3_500));
    shop.pass(60);
    assert_eq!(shop.standing(), ("partly-paid".into(), 3_000));
    // What is open is paid on a page of its own.
    let invoice = shop.site.invoices().pop().unwrap();
    let hanako = shop.site.member("次郎");
    hanako.pay(&invoice.id).is(404);
    shop.is_sound();
}

#[test]
fn a_dispute_that_is_lost_takes_the_money_away_and_one_that_is_won_does_not() {
    let shop = Shop::open();
    let intent = paid(&shop, 5_000);
    let dispute = shop.stripe.dispute(&intent);
    shop.hear_all();
    assert_eq!(shop.standing(), ("paid".into(), 5_000), "nothing is decided yet");
    shop.stripe.close_dispute(&dispute, false);
    shop.hear_all();
    assert_eq!(shop.standing(), ("open".into(), 0));
    assert_eq!(refunded(&shop), 5_000);
    shop.is_sound();

    let lucky = Shop::open();
    let intent = paid(&lucky, 700);
    let dispute = lucky.stripe.dispute(&intent);
    lucky.stripe.close_dispute(&dispute, true);
    lucky.hear_all();
    assert_eq!(lucky.standing(), ("paid".into(), 700));
    lucky.site.staff("会計").get_admin("/").shows("支払いが認められました").shows(&dispute);
    lucky.is_sound();
}
