//! Invoices that a plugin issues, and payments through one, on the real host.

use std::time::Duration;
use tsudoi_testkit::Site;

fn marks(site: &Site) -> Vec<String> {
    site.documents("marks").iter().map(|mark| mark["what"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn an_invoice_is_issued_with_the_call_and_taken_back_by_it() {
    let site = Site::new();
    let hanako = site.member("花子");
    hanako.post("/pass/toll", &[]).leads_to("/");
    let invoices = site.invoices();
    let [toll] = &invoices[..] else { panic!("{invoices:?}") };
    assert_eq!((toll.name.as_str(), toll.total, toll.state.as_str(), toll.member.as_str()), ("通行料", 600, "open", hanako.id()));
    hanako.open("/account/payments").shows("通行料").shows("小銭で支払う");
    hanako.post("/pass/waive", &[("invoice", &toll.id)]).leads_to("/");
    assert_eq!(site.invoices()[0].state, "void");
    assert!(marks(&site).contains(&format!("waive {} Open 600", toll.number)), "{:?}", marks(&site));
    // Somebody else's is not there for the plugin.
    let dues = site.invoice(&hanako, "会費", 5_000);
    hanako.post("/pass/waive", &[("invoice", &dues)]).is(404);
    assert!(site.failures().is_empty(), "{:?}", site.failures());
}

#[test]
fn nothing_is_issued_until_staff_have_said_who_issues() {
    let site = Site::opening().without_issuer().open();
    site.member("花子").post("/pass/toll", &[]).is(500);
    assert!(site.failures()[0].contains("not-ready") && site.invoices().is_empty(), "{:?}", site.failures());
}

#[test]
fn a_member_pays_once_though_the_button_is_pressed_twice() {
    let site = Site::new();
    let hanako = site.member("花子");
    let invoice = site.invoice(&hanako, "会費", 5_000);
    let wish = hanako.paying(&invoice);
    for page in site.at_once(&[wish.clone(), wish]) {
        assert_eq!(page.is(303).location(), "/account/payments");
    }
    let payments = site.payments();
    let [paid] = &payments[..] else { panic!("{payments:?}") };
    assert_eq!((paid.method.as_str(), paid.amount, paid.used), ("gateway:crossroads", 5_000, 5_000));
    assert_eq!(site.invoices()[0].state, "paid");
    assert_eq!(site.balances()["assets:clearing:crossroads"], 5_000);
    site.run_due();
    assert!(marks(&site).contains(&"event invoice.paid".to_owned()), "{:?}", marks(&site));
    assert_eq!(hanako.pay(&invoice).is(303).location(), "/account/payments");
    assert_eq!(site.payments().len(), 1, "it was paid");
}

#[test]
fn a_payer_is_told_how_to_pay_or_sent_to_a_host_that_the_manifest_names() {
    let site = Site::new();
    let hanako = site.member("花子");
    hanako.pay(&site.invoice(&hanako, "会費", 600)).shows("道しるべ： 窓口へ");
    let invoice = site.invoice(&hanako, "会費", 700);
    let away = hanako.pay(&invoice).is(200).shows("api.example.com");
    let address = format!("https://api.example.com/pay/{invoice}?back=");
    assert!(
        away.header("refresh").is_some_and(|refresh| refresh.starts_with(&format!("1; url={address}"))),
        "{:?}",
        away.header("refresh")
    );
    hanako.pay(&site.invoice(&hanako, "会費", 800)).is(500);
    assert!(site.failures()[0].contains("an address that its manifest does not name"), "{:?}", site.failures());
    // Neither somebody who is not signed in nor another member pays it.
    site.anyone().pay(&invoice).is(303);
    site.member("太郎").pay(&invoice).is(404);
}

#[test]
fn what_was_paid_is_given_back_once_the_gateway_can() {
    let site = Site::new();
    let hanako = site.member("花子");
    let invoice = site.invoice(&hanako, "会費", 5_000);
    hanako.pay(&invoice);
    site.credit(&invoice);
    let paid = site.payments().remove(0);
    assert_eq!((site.give_back(&paid.id, 1).as_str(), site.give_back(&paid.id, 4_000).as_str()), ("asked", "done"));
    let refunded = || site.payments()[0].refunded;
    assert_eq!(refunded(), 4_000);
    site.pass(Duration::from_secs(60 * 60));
    assert_eq!(refunded(), 4_000, "the till is shut");
    assert_eq!(marks(&site).iter().filter(|mark| mark.starts_with("refund")).count(), 1);
    assert_eq!((site.invoices()[0].state.as_str(), site.balances()["assets:clearing:crossroads"]), ("void", 1_000));
}

#[test]
fn a_member_saves_a_method_and_is_charged_by_it_once() {
    let site = Site::new();
    let hanako = site.member("花子");
    hanako.open("/account/payments").shows("自動でのお支払い").shows("登録されていません");
    let wish = hanako.saving_method();
    for page in site.at_once(&[wish.clone(), wish]) {
        assert_eq!(page.is(303).location(), "/account/payments");
    }
    assert_eq!(marks(&site).iter().filter(|mark| mark.starts_with("save ")).count(), 1, "{:?}", marks(&site));
    hanako.open("/account/payments").shows("財布").shows("登録を取り消す");
    let invoice = site.invoice(&hanako, "会費", 3_000);
    assert_eq!(site.charge_saved(&invoice), "done");
    assert_eq!((site.invoices()[0].state.as_str(), site.payments().len()), ("paid", 1));
    assert_eq!(site.balances()["assets:clearing:crossroads"], 3_000);
    assert!(site.failures().is_empty(), "{:?}", site.failures());
}

#[test]
fn a_charge_that_does_not_work_is_told_to_the_member_who_pays_otherwise() {
    let site = Site::new();
    let hanako = site.member("花子");
    hanako.save_method();
    for (amount, name) in [(5_000, "会費"), (700, "通行料")] {
        let invoice = site.invoice(&hanako, name, amount);
        assert_eq!(site.charge_saved(&invoice), "failed");
        let mail = site.mails().pop().expect("no mail");
        assert!(mail.subject.contains("お支払いができませんでした") && mail.text.contains("財布"), "{mail:?}");
    }
    assert!(site.payments().is_empty() && site.failures().is_empty(), "{:?} {:?}", site.payments(), site.failures());
}

#[test]
fn what_was_saved_is_gone_once_the_member_says_so() {
    let site = Site::new();
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    hanako.save_method();
    taro.save_method();
    assert_eq!(hanako.forget_method().is(303).location(), "/account/payments");
    hanako.open("/account/payments").shows("登録されていません");
    taro.open("/account/payments").shows("財布");
    assert_eq!(site.anyone().save_method().is(303).location().split('?').next(), Some("/sign-in"));
}
