//! Paying on Stripe's page, and what its events come to.

mod shop;

use shop::{Shop, session};
use tsudoi_stripe_stand_in::{Card, LIVE_KEY, Trouble, sign};
use tsudoi_testkit::{Site, Value, json};

#[test]
fn a_member_pays_on_stripes_page_and_it_is_booked_once() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    hanako.open("/account/payments").shows("クレジットカードなどで支払う");
    let session = shop.press(&hanako, &invoice);
    let asked = shop.stripe.asked().into_iter().find(|asked| asked.path == "/v1/checkout/sessions").unwrap();
    assert_eq!(asked.version.as_deref(), Some("2025-09-30.clover"));
    assert!(asked.idempotency_key.is_some_and(|key| key.starts_with(&invoice)));
    let given = &asked.parameters;
    assert_eq!(given["line_items"][0]["price_data"]["unit_amount"], "5000");
    assert_eq!((&given["line_items"][0]["price_data"]["currency"], &given["locale"]), (&json!("jpy"), &json!("ja")));
    assert_eq!(given["payment_intent_data"]["metadata"], json!({ "tsudoi_invoice": invoice }));
    assert!(given["success_url"].as_str().is_some_and(|url| url.ends_with("/account/payments")));
    assert!(!given.to_string().contains("花子"), "Stripe need not know the name");
    shop.stripe.pay(&session, Card::Good);
    shop.hear_all();
    assert_eq!(shop.standing(), ("paid".into(), 5_000));
    let payments = shop.site.payments();
    assert_eq!(payments.len(), 1);
    assert_eq!((payments[0].method.as_str(), payments[0].amount), ("gateway:stripe", 5_000));
    assert_eq!(payments[0].reference, shop.stripe.ids("payment_intent")[0]);
    shop.is_sound();
}

#[test]
fn cents_are_cents() {
    let shop = Shop::opened(Site::opening().english().currency("USD"));
    let anna = shop.site.member("Anna");
    let invoice = shop.site.invoice(&anna, "Dues", 1_999);
    let session = shop.press(&anna, &invoice);
    let given = shop.stripe.asked().pop().unwrap().parameters;
    assert_eq!(given["line_items"][0]["price_data"]["unit_amount"], "1999");
    assert_eq!((&given["line_items"][0]["price_data"]["currency"], &given["locale"]), (&json!("usd"), &json!("en")));
    shop.stripe.pay(&session, Card::Good);
    shop.hear_all();
    assert_eq!(shop.standing(), ("paid".into(), 1_999));
    assert_eq!(shop.site.give_back(&overpaid(&shop), 1_999), "done");
    assert_eq!(shop.stripe.object(&shop.stripe.ids("refund")[0])["amount"], 1_999);
    shop.is_sound();
}

/// The newest payment's id, after its invoice was taken back so that all of it is to be given back.
fn overpaid(shop: &Shop) -> String {
    let invoice = shop.site.invoices().pop().unwrap();
    shop.site.credit(&invoice.id);
    shop.site.payments().pop().unwrap().id
}

#[test]
fn a_currency_that_stripe_counts_otherwise_is_sent_as_stripe_counts() {
    let shop = Shop::opened(Site::opening().english().currency("ISK"));
    let anna = shop.site.member("Anna");
    let session = shop.press(&anna, &shop.site.invoice(&anna, "Dues", 700));
    assert_eq!(shop.stripe.object(&session)["amount_total"], 70_000);
    shop.stripe.pay(&session, Card::Good);
    shop.hear_all();
    assert_eq!(shop.standing(), ("paid".into(), 700));
    let dinar = Shop::opened(Site::opening().english().currency("KWD"));
    let amal = dinar.site.member("Amal");
    let invoice = dinar.site.invoice(&amal, "Dues", 5_125);
    assert!(amal.pay(&invoice).is(409).text().contains("has a fraction"));
    assert!(dinar.stripe.asked().is_empty());
}

#[test]
fn pressing_again_leads_to_the_same_page() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    let first = shop.press(&hanako, &invoice);
    assert_eq!(shop.press(&hanako, &invoice), first);
    let form = hanako.paying(&invoice);
    let both = shop.site.at_once(&[form.clone(), form]);
    assert_eq!(both.iter().map(session).collect::<Vec<_>>(), [first.clone(), first.clone()]);
    assert_eq!(shop.stripe.ids("checkout.session"), [first]);
    assert_eq!(shop.stripe.ids("customer").len(), 1);
    // Another invoice is another page for the same customer.
    let other = shop.site.invoice(&hanako, "夏合宿", 3_000);
    shop.press(&hanako, &other);
    assert_eq!((shop.stripe.ids("checkout.session").len(), shop.stripe.ids("customer").len()), (2, 1));
}

#[test]
fn when_something_was_paid_meanwhile_nobody_pays_the_old_sum() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    let first = shop.press(&hanako, &invoice);
    let part = json!({ "id": "pi_part", "object": "payment_intent", "amount": 2_000, "amount_received": 2_000, "currency": "jpy",
        "status": "succeeded", "metadata": { "tsudoi_invoice": invoice } });
    shop.hear(&json!({ "id": "evt_part", "type": "payment_intent.succeeded", "livemode": false, "data": { "object": part } })).is(200);
    let second = shop.press(&hanako, &invoice);
    assert_eq!(shop.stripe.object(&first)["status"], "expired");
    assert_eq!(shop.stripe.object(&second)["amount_total"], 3_000);
    shop.stripe.pay(&second, Card::Good);
    shop.hear_all();
    assert_eq!(shop.standing(), ("paid".into(), 5_000));
    shop.is_sound();
}

#[test]
fn a_declined_card_leaves_the_invoice_open_and_another_one_pays_it() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    let page = shop.press(&hanako, &invoice);
    shop.stripe.pay(&page, Card::Declined);
    shop.hear_all();
    assert_eq!(shop.standing(), ("open".into(), 0));
    assert_eq!(shop.press(&hanako, &invoice), page);
    shop.stripe.pay(&page, Card::Good);
    shop.hear_all();
    assert_eq!(shop.standing(), ("paid".into(), 5_000));
    shop.is_sound();
}

#[test]
fn a_page_that_is_over_is_followed_by_another_one() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    let first = shop.press(&hanako, &invoice);
    // A day later, with and without the notice.
    shop.pass(24 * 60 * 60 + 1);
    let second = shop.press(&hanako, &invoice);
    assert_ne!(second, first);
    shop.stripe.expire(&second);
    shop.hear_all();
    let third = shop.press(&hanako, &invoice);
    assert_ne!(third, second);
    shop.stripe.pay(&third, Card::Good);
    shop.hear_all();
    assert_eq!(shop.standing(), ("paid".into(), 5_000));
}

#[test]
fn what_is_paid_later_is_under_way_until_then() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    let page = shop.press(&hanako, &invoice);
    shop.stripe.pay_later(&page);
    shop.hear_all();
    assert_eq!(shop.standing(), ("open".into(), 0));
    assert!(hanako.pay(&invoice).is(409).text().contains("手続き中です"));
    shop.stripe.settle_later(&page, false);
    shop.hear_all();
    assert_eq!(shop.standing(), ("open".into(), 0));
    let again = shop.press(&hanako, &invoice);
    shop.stripe.pay_later(&again);
    shop.stripe.settle_later(&again, true);
    shop.hear_all();
    assert_eq!(shop.standing(), ("paid".into(), 5_000));
    shop.is_sound();
}

/// Numbers that look like chance and are the same each time (a linear congruential generator).
fn shuffled(events: &[Value], seed: u64) -> Vec<Value> {
    let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    // Some of them come twice.
    let mut events: Vec<Value> = events.iter().flat_map(|event| vec![event.clone(); 1 + next(2)]).collect();
    for at in (1..events.len()).rev() {
        events.swap(at, next(at + 1));
    }
    events
}

#[test]
fn events_come_to_the_same_books_in_any_order_and_again() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let mut expected = 0;
    for seed in 0..8 {
        // A plugin may ask outside so many times in a minute.
        shop.pass(61);
        let invoice = shop.site.invoice(&hanako, "会費", 5_000);
        let page = shop.press(&hanako, &invoice);
        if seed % 2 == 0 {
            shop.stripe.pay(&page, Card::Declined);
            shop.stripe.pay(&page, Card::Good);
        } else {
            shop.stripe.pay_later(&page);
            shop.stripe.settle_later(&page, true);
        }
        let intent = shop.stripe.object(&page)["payment_intent"].as_str().unwrap().to_owned();
        shop.stripe.refund(&intent, 1_000);
        shop.stripe.refunds_begin("pending");
        let pending = shop.stripe.refund(&intent, 500);
        shop.stripe.refunds_begin("succeeded");
        shop.stripe.finish_refund(&pending, "succeeded");
        let events = shuffled(&shop.stripe.take_events(), seed);
        for event in &events {
            shop.hear(event).is(200);
            shop.site.run_due();
        }
        expected += 3_500;
        let kinds: Vec<&Value> = events.iter().map(|event| &event["type"]).collect();
        let payment = shop.site.payments().into_iter().find(|payment| payment.reference == intent).unwrap();
        assert_eq!((payment.amount, payment.used, payment.refunded), (5_000, 3_500, 1_500), "{kinds:?}");
        assert_eq!(shop.site.balances()["assets:clearing:stripe"], expected, "{kinds:?}");
        assert_eq!(shop.standing(), ("partly-paid".into(), 3_500), "{kinds:?}");
    }
    shop.is_sound();
}

#[test]
fn what_stripe_did_not_sign_now_is_turned_away() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    let page = shop.press(&hanako, &invoice);
    shop.stripe.pay(&page, Card::Good);
    let events = shop.stripe.take_events();
    let paid = events.iter().find(|event| event["type"] == "payment_intent.succeeded").unwrap();
    let signed = |secrets: &[&str]| shop.stripe.signed(paid, secrets);
    let forged = signed(&["whsec_another"]);
    shop.send(&forged.signature, &forged.body).is(401);
    let right = signed(&[shop::WEBHOOK_SECRET]);
    shop.send(&right.signature, &right.body.replace("5000", "1")).is(401);
    shop.send("", &right.body).is(401);
    let old = sign(&[shop::WEBHOOK_SECRET], 1_795_305_600 - 301, &right.body);
    shop.send(&old, &right.body).is(400);
    assert_eq!(shop.standing(), ("open".into(), 0));
    // While the secret is exchanged for a new one, Stripe signs with both.
    let both = signed(&["whsec_old", shop::WEBHOOK_SECRET]);
    shop.send(&both.signature, &both.body).is(200);
    assert_eq!(shop.standing(), ("paid".into(), 5_000));
    assert_eq!(shop.send(&right.signature, &right.body).is(200).body(), "ok");
    assert_eq!(shop.site.payments().len(), 1);
}

#[test]
fn events_about_something_else_are_taken_and_change_nothing() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    shop.press(&hanako, &invoice);
    let intent = |metadata: Value, currency: &str| {
        json!({ "id": "pi_else", "object": "payment_intent", "amount": 5_000, "amount_received": 5_000, "currency": currency,
            "status": "succeeded", "metadata": metadata })
    };
    let event = |id: &str, kind: &str, object: Value| json!({ "id": id, "type": kind, "livemode": false, "data": { "object": object } });
    // Another organisation's invoice, where two share an account at Stripe; and what a shop of the same account sold.
    let elsewhere = json!({ "tsudoi_invoice": "01890a5d-ac96-774b-bcce-b302099a8057" });
    shop.hear(&event("evt_1", "payment_intent.succeeded", intent(elsewhere, "jpy"))).is(200);
    shop.hear(&event("evt_2", "payment_intent.succeeded", intent(json!({ "order": "7" }), "jpy"))).is(200);
    shop.hear(&event("evt_3", "product.created", json!({ "id": "prod_1", "object": "product" }))).is(200);
    assert!(shop.site.payments().is_empty() && shop.site.documents("matters").is_empty());
    // An invoice of ours that was paid in another currency is for people to look at.
    let ours = json!({ "tsudoi_invoice": invoice });
    shop.hear(&event("evt_4", "payment_intent.succeeded", intent(ours.clone(), "usd"))).is(200);
    assert!(shop.site.payments().is_empty());
    shop.site.staff("会計").get_admin("/").shows("団体の通貨と違う通貨").shows("pi_else");
    // A payment of test mode is none where the key is of live mode, nor the reverse.
    shop.site.set_secret("secret-key", LIVE_KEY);
    let live = shop.site.invoice(&hanako, "会費", 700);
    shop.press(&hanako, &live);
    let test = event("evt_5", "payment_intent.succeeded", intent(json!({ "tsudoi_invoice": live }), "jpy"));
    assert!(shop.hear(&test).is(409).body().contains("test mode"));
    assert!(shop.site.payments().is_empty());
    shop.is_sound();
}

#[test]
fn an_answer_that_is_lost_makes_no_second_page() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    let form = hanako.paying(&invoice);
    let press = || shop.site.at_once(std::slice::from_ref(&form)).pop().unwrap();
    shop.stripe.fail_next(1, Trouble::Status(500));
    press().is(503);
    // The customer is made, then the session; of each the answer is lost once.
    shop.stripe.fail_next(1, Trouble::LostAnswer);
    press().is(503);
    shop.stripe.fail_next(1, Trouble::Nothing);
    shop.stripe.fail_next(1, Trouble::LostAnswer);
    press().is(503);
    assert_eq!((shop.stripe.ids("customer").len(), shop.stripe.ids("checkout.session").len()), (1, 1));
    let page = press();
    assert_eq!(shop.stripe.ids("checkout.session"), [session(&page)]);
    assert_eq!(shop.stripe.ids("customer").len(), 1);
    shop.stripe.fail_next(1, Trouble::Status(429));
    hanako.pay(&invoice).is(503);
    shop.is_sound();
}

#[test]
fn a_payment_is_booked_also_where_no_notice_comes() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    let office = shop.site.staff("会計");
    let page = shop.press(&hanako, &invoice);
    shop.stripe.pay(&page, Card::Good);
    office.get_admin("/").shows("テスト").shows("まだ届いていません").lacks("1時間以上");
    shop.pass(2 * 60 * 60);
    assert_eq!(shop.standing(), ("paid".into(), 5_000));
    office.get_admin("/").shows("1時間以上、Stripe からの通知が届いていません");
    shop.hear_all();
    office.get_admin("/").lacks("1時間以上").shows("checkout.session.completed（テスト）");
    assert_eq!(shop.site.payments().len(), 1);
    shop.is_sound();
    // The same is found out where the payer comes back before the notice and presses once more.
    let second = shop.site.invoice(&hanako, "夏合宿", 700);
    let page = shop.press(&hanako, &second);
    shop.stripe.pay(&page, Card::Good);
    hanako.pay(&second).is(303);
    assert_eq!(shop.standing(), ("paid".into(), 700));
}

#[test]
fn a_customer_who_is_gone_at_stripe_is_made_anew() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    shop.press(&hanako, &shop.site.invoice(&hanako, "会費", 5_000));
    let first = shop.stripe.ids("customer").pop().unwrap();
    shop.stripe.delete_customer(&first);
    // Its notice has not come yet.
    let page = shop.press(&hanako, &shop.site.invoice(&hanako, "夏合宿", 3_000));
    let second = shop.stripe.object(&page)["customer"].as_str().unwrap().to_owned();
    assert_ne!(second, first);
    shop.hear_all();
    assert_eq!(shop.site.documents("customers")[0]["customer"], json!(second));
    shop.stripe.delete_customer(&second);
    shop.hear_all();
    let page = shop.press(&hanako, &shop.site.invoice(&hanako, "冬合宿", 2_000));
    assert!(![first, second].contains(&shop.stripe.object(&page)["customer"].as_str().unwrap().to_owned()));
    shop.is_sound();
}

#[test]
fn without_the_key_payers_are_told_and_a_wrong_one_is_found() {
    let shop = Shop::without_secrets(Site::opening());
    let hanako = shop.site.member("花子");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    assert!(hanako.pay(&invoice).is(409).text().contains("Stripe の設定が済んでいない"));
    shop.site.set_secret("secret-key", "sk_test_wrong");
    assert!(hanako.pay(&invoice).is(409).text().contains("始められませんでした"));
    assert!(!hanako.pay(&invoice).text().contains("sk_test"));
}

#[test]
fn what_stands_on_card_statements_can_be_chosen() {
    let shop = Shop::open();
    shop.site.set("descriptor", &json!("DUES 2026"));
    let hanako = shop.site.member("花子");
    let page = shop.press(&hanako, &shop.site.invoice(&hanako, "会費", 5_000));
    shop.stripe.pay(&page, Card::Good);
    let intent = shop.stripe.object(&shop.stripe.ids("payment_intent")[0]);
    assert_eq!(intent["statement_descriptor_suffix"], "DUES 2026");
}

#[test]
fn a_member_who_is_erased_is_forgotten_and_the_payment_stays() {
    let shop = Shop::open();
    let (hanako, taro) = (shop.site.member("花子"), shop.site.member("太郎"));
    shop.press(&taro, &shop.site.invoice(&taro, "会費", 5_000));
    let page = shop.press(&hanako, &shop.site.invoice(&hanako, "会費", 5_000));
    shop.stripe.pay(&page, Card::Good);
    hanako.erase();
    assert_eq!((shop.site.documents("customers").len(), shop.site.documents("sessions").len()), (1, 1));
    shop.hear_all();
    assert_eq!(shop.site.payments().len(), 1);
    shop.is_sound();
}
