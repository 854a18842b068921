//! Cards that members save, and what is charged to them while they are away.

mod shop;

use shop::{Shop, session};
use tsudoi_stripe_stand_in::{Card, Trouble};
use tsudoi_testkit::{Person, json};

/// Saves a card on Stripe's page. Answers its PaymentMethod.
fn save(shop: &Shop, member: &Person<'_>, card: Card) -> String {
    let page = session(&member.save_method());
    shop.stripe.pay(&page, card);
    shop.hear_all();
    shop.stripe.ids("payment_method").pop().unwrap()
}

#[test]
fn a_saved_card_pays_while_its_owner_is_away() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let method = save(&shop, &hanako, Card::Good);
    let asked = shop.stripe.asked().into_iter().find(|asked| asked.path == "/v1/checkout/sessions").unwrap();
    assert_eq!((&asked.parameters["mode"], &asked.parameters["currency"]), (&json!("setup"), &json!("jpy")));
    hanako.open("/account/payments").shows("Visa •••• 4242");
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    assert_eq!(shop.site.charge_saved(&invoice), "done");
    assert_eq!(shop.standing(), ("paid".into(), 5_000));
    let asked = shop.stripe.asked().pop().unwrap();
    assert_eq!((&asked.parameters["off_session"], &asked.parameters["payment_method"]), (&json!("true"), &json!(method)));
    // Stripe's own notice changes nothing.
    shop.hear_all();
    assert_eq!(shop.site.payments().len(), 1);
    assert_eq!(shop.site.payments()[0].reference, shop.stripe.ids("payment_intent")[0]);
    shop.is_sound();
}

#[test]
fn a_bank_that_wants_its_customer_there_or_declines_leaves_the_invoice_open() {
    for card in [Card::NeedsAuthentication, Card::DeclinedLater] {
        let shop = Shop::open();
        let hanako = shop.site.member("花子");
        save(&shop, &hanako, card);
        let invoice = shop.site.invoice(&hanako, "会費", 5_000);
        assert_eq!(shop.site.charge_saved(&invoice), "failed", "{card:?}");
        shop.hear_all();
        assert_eq!(shop.standing(), ("open".into(), 0));
        let page = shop.press(&hanako, &invoice);
        shop.stripe.pay(&page, Card::Good);
        shop.hear_all();
        assert_eq!(shop.standing(), ("paid".into(), 5_000));
        shop.is_sound();
    }
}

#[test]
fn after_an_outage_it_is_charged_once() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    save(&shop, &hanako, Card::Good);
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    shop.stripe.fail_next(1, Trouble::LostAnswer);
    assert_eq!(shop.site.charge_saved(&invoice), "asked");
    shop.stripe.fail_next(1, Trouble::Status(503));
    for _ in 0..3 {
        shop.pass(60);
    }
    assert_eq!(shop.standing(), ("paid".into(), 5_000));
    assert_eq!(shop.stripe.ids("payment_intent").len(), 1);
    shop.hear_all();
    assert_eq!(shop.site.payments().len(), 1);
    shop.is_sound();
}

#[test]
fn a_page_that_is_still_open_is_closed_and_what_was_paid_there_is_not_charged_again() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    save(&shop, &hanako, Card::Good);
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    let page = shop.press(&hanako, &invoice);
    assert_eq!(shop.site.charge_saved(&invoice), "done");
    assert_eq!(shop.stripe.object(&page)["status"], "expired");
    let second = shop.site.invoice(&hanako, "夏合宿", 3_000);
    let page = shop.press(&hanako, &second);
    shop.stripe.pay_later(&page);
    assert_eq!(shop.site.charge_saved(&second), "waiting");
    shop.stripe.settle_later(&page, true);
    shop.hear_all();
    assert_eq!((shop.standing_of(&invoice).1, shop.standing_of(&second)), (5_000, ("paid".into(), 3_000)));
    assert_eq!(shop.site.payments().len(), 2);
    shop.is_sound();
}

#[test]
fn a_new_card_takes_the_place_of_the_old_one_and_can_be_forgotten() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let first = save(&shop, &hanako, Card::DeclinedLater);
    let second = save(&shop, &hanako, Card::Good);
    assert!(shop.stripe.object(&first)["customer"].is_null(), "it is not kept at Stripe either");
    assert_eq!(shop.site.documents("customers")[0]["method"], json!(second));
    hanako.open("/account/payments").shows("Visa •••• 4242").lacks("0341");
    hanako.forget_method().is(303);
    assert!(shop.stripe.object(&second)["customer"].is_null());
    shop.hear_all();
    hanako.open("/account/payments").lacks("4242");
    assert!(shop.site.documents("customers")[0].get("method").is_none());
    hanako.forget_method().is(303);
    shop.is_sound();
}

#[test]
fn a_card_that_is_gone_at_stripe_is_gone_here() {
    let shop = Shop::open();
    let (hanako, taro) = (shop.site.member("花子"), shop.site.member("太郎"));
    let method = save(&shop, &hanako, Card::Good);
    save(&shop, &taro, Card::Good);
    shop.stripe.detach(&method);
    shop.stripe.delete_customer(&shop.stripe.ids("customer")[1]);
    shop.hear_all();
    for member in [&hanako, &taro] {
        member.open("/account/payments").lacks("4242");
    }
    // The same without the notice.
    let method = save(&shop, &hanako, Card::Good);
    shop.stripe.detach(&method);
    let invoice = shop.site.invoice(&hanako, "会費", 5_000);
    assert_eq!(shop.site.charge_saved(&invoice), "failed");
    assert_eq!(shop.standing(), ("open".into(), 0));
    shop.is_sound();
}

#[test]
fn saving_is_tried_again_under_the_same_key() {
    let shop = Shop::open();
    let hanako = shop.site.member("花子");
    let form = hanako.saving_method();
    let press = || shop.site.at_once(std::slice::from_ref(&form)).pop().unwrap();
    shop.stripe.fail_next(1, Trouble::Nothing);
    shop.stripe.fail_next(1, Trouble::LostAnswer);
    press().is(503);
    let page = session(&press());
    assert_eq!(shop.stripe.ids("checkout.session"), std::slice::from_ref(&page));
    // Whoever saves no card in the end has none.
    shop.stripe.expire(&page);
    shop.hear_all();
    hanako.open("/account/payments").lacks("••••");
    shop.is_sound();
}
