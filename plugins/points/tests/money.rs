//! Points for payments, paying with points, and the monthly statement.

mod office;

use office::{adjust, books_agree, rule, spend};
use tsudoi_testkit::{Page, Person, Site, json};

#[test]
fn points_follow_payments_and_go_with_a_refund() {
    let site = Site::new();
    rule(&site, &[("name", "会費の支払い"), ("occasion", "paid"), ("points", "1"), ("per", "100")]);
    let hanako = site.member("花子");
    let (invoice, note) = ("01890a5d-ac96-774b-bcce-b302099a8001", "01890a5d-ac96-774b-bcce-b302099a8002");
    let paid = json!({ "invoice": invoice, "member": hanako.id(), "total": 12_050, "currency": "JPY" });
    site.tell("invoice.paid", invoice, &paid);
    site.tell("invoice.paid", invoice, &paid);
    site.run_due();
    hanako.get("/").shows("120ポイント");
    spend(&site.staff("窓口"), &hanako, "100").is(303);
    let refund = json!({ "invoice": invoice, "member": hanako.id(), "credit-note": note, "amount": 6_025, "currency": "JPY" });
    for _ in 0..2 {
        site.tell("invoice.refunded", invoice, &refund);
    }
    site.run_due();
    hanako.get("/").shows("付与の取り消し：会費の支払い").shows("-20").shows("すでに使われていて取り消せなかった分 40").shows("残高 0");
    books_agree(&site);
}

#[test]
fn what_was_taken_back_before_it_was_paid_earns_nothing() {
    let site = Site::new();
    rule(&site, &[("name", "会費の支払い"), ("occasion", "paid"), ("points", "1"), ("per", "100")]);
    let hanako = site.member("花子");
    let invoice = "01890a5d-ac96-774b-bcce-b302099a8001";
    let refund = |note: &str, amount: i64| {
        let note = format!("01890a5d-ac96-774b-bcce-b302099a80{note}");
        let told = json!({ "invoice": invoice, "member": hanako.id(), "credit-note": note, "amount": amount, "currency": "JPY" });
        site.tell("invoice.refunded", invoice, &told);
        site.run_due();
    };
    refund("a1", 700);
    site.tell("invoice.paid", invoice, &json!({ "invoice": invoice, "member": hanako.id(), "total": 1_000, "currency": "JPY" }));
    site.run_due();
    hanako.get("/").shows("+3");
    refund("a2", 100);
    hanako.get("/").shows("残高 2");
    refund("a3", 200);
    hanako.get("/").shows("残高 0");
    books_agree(&site);
}

/// The path of the page where the button beside an invoice leads.
fn checkout(member: &Person<'_>, invoice: &str) -> String {
    let to = member.pay(invoice).is(303).location();
    to.trim_start_matches("/p/points").to_owned()
}

#[test]
fn an_invoice_is_paid_with_points_in_part_and_staff_give_them_back() {
    let site = Site::new();
    rule(&site, &[("name", "会費の支払い"), ("occasion", "paid"), ("points", "1"), ("per", "100")]);
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    adjust(&site, &hanako, &[("points", "800"), ("expires_on", "2026-12-31")]).is(303);
    let invoice = site.invoice(&hanako, "会費", 1_000);
    hanako.open("/account/payments").shows("ポイントで支払う");
    let path = checkout(&hanako, &invoice);
    hanako.get(&path).shows("800ポイントまで使えます");
    taro.get(&path).is(404);
    hanako.get(&path).submit(&path, &[("points", "801")]).refuses("残高は800ポイント");
    hanako.get(&path).submit(&path, &[("points", "300")]).is(303);
    assert_eq!((site.invoices()[0].state.as_str(), site.invoices()[0].paid), ("partly-paid", 300));
    hanako.get(&path).shows("残額：700").submit(&path, &[("points", "701")]).refuses("700ポイントまで");
    hanako.get("/").shows("利用：請求書").shows("-300").shows("500ポイント");
    // It comes back with the payment, not at the counter.
    let office = site.staff("事務局");
    office.get_admin(&format!("/members/{}", hanako.id())).shows("利用：請求書").lacks("利用を取り消す");
    // What was paid with points earns none.
    hanako.get(&path).submit(&path, &[("points", "500")]).is(303);
    adjust(&site, &hanako, &[("points", "200"), ("expires_on", "2027-01-31")]).is(303);
    hanako.get(&path).submit(&path, &[("points", "200")]).is(303);
    site.run_due();
    assert_eq!(site.invoices()[0].state, "paid");
    hanako.get(&path).shows("支払い済み");
    hanako.get("/").lacks("付与：会費の支払い").shows("残高 0");
    // Staff take the invoice back, and give back what was paid.
    site.credit(&invoice);
    let payment = |amount: i64| site.payments().into_iter().find(|payment| payment.amount == amount).unwrap();
    assert_eq!(site.payments().len(), 3);
    for (paid, back) in [(300, 120), (300, 180), (200, 200)] {
        assert_eq!(site.give_back(&payment(paid).id, back), "done");
    }
    hanako.get("/").shows("利用の取り消し：請求書").shows("2026年12月31日まで：300ポイント").shows("2027年1月31日まで：200ポイント");
    assert_eq!(payment(300).refunded, 300);
    books_agree(&site);
}

#[test]
fn paying_at_the_same_moment_takes_no_more_points_than_the_invoice_needs() {
    let site = Site::new();
    let hanako = site.member("花子");
    adjust(&site, &hanako, &[("points", "1,000")]).is(303);
    let invoice = site.invoice(&hanako, "会費", 500);
    let path = checkout(&hanako, &invoice);
    let all: Vec<_> = (0..4).map(|n| hanako.posting(&path, &[("points", if n % 2 == 0 { "300" } else { "299" })])).collect();
    let paid = site.at_once(&all).iter().filter(|page| page.status() == 303).count();
    assert_eq!(paid, 1, "twice would be more than the invoice");
    let booked: i64 = site.payments().iter().map(|payment| payment.amount).sum();
    let spent: i64 =
        site.documents("entries").iter().filter(|entry| entry["kind"] == "spent").filter_map(|entry| entry["points"].as_i64()).sum();
    assert_eq!(booked, -spent);
    books_agree(&site);
}

#[test]
fn a_point_can_be_worth_more_than_one() {
    let site = Site::new();
    site.set("point-value", &json!(100));
    let hanako = site.member("花子");
    adjust(&site, &hanako, &[]).is(303);
    let path = checkout(&hanako, &site.invoice(&hanako, "会費", 1_050));
    hanako.get(&path).shows("10ポイントまで使えます").submit(&path, &[("points", "10")]).is(303);
    assert_eq!((site.invoices()[0].paid, site.invoices()[0].state.as_str()), (1_000, "partly-paid"));
    hanako.get(&path).shows("使えるポイントがありません");
    // It counts as it did then.
    site.set("point-value", &json!(50));
    let credited = site.invoices()[0].id.clone();
    site.credit(&credited);
    let payment = site.payments()[0].id.clone();
    assert_eq!(site.give_back(&payment, 250), "failed", "two and a half points");
    assert_eq!(site.give_back(&payment, 300), "done");
    hanako.get("/").shows("残高 93");
    books_agree(&site);
}

/// A line of the statement as numbers: free, paid for, all.
fn line(page: &Page<'_>, title: &str) -> Vec<i64> {
    let csv = page.body().trim_start_matches('\u{feff}');
    let line = csv.lines().find(|line| line.starts_with(&format!("\"{title}\""))).unwrap();
    line.split(',').skip(1).map(|number| number.parse().unwrap()).collect()
}

#[test]
fn the_statement_adds_up_to_the_entries_with_paid_points_apart() {
    let site = Site::new();
    rule(&site, &[("validity", "until"), ("valid_until", "2026-12-05")]);
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    site.run_due();
    adjust(&site, &hanako, &[("paid", "1")]).refuses("6か月以内");
    adjust(&site, &hanako, &[("paid", "1"), ("points", "300"), ("expires_on", "2027-04-30")]).is(303);
    let office = site.staff("窓口");
    spend(&office, &hanako, "600").is(303);
    adjust(&site, &taro, &[("direction", "remove"), ("points", "50")]).is(303);
    let csv = |month: &str| office.get_admin(&format!("/statement/csv?month={month}"));
    let entries = |field: &str| site.documents("entries").iter().filter_map(|entry| entry[field].as_i64()).sum::<i64>();
    let check = |page: &Page<'_>| assert_eq!(line(page, "未使用残高")[1..], [entries("paid"), entries("points")]);
    // Today's entries are there before any day is closed.
    let november = csv("2026-11");
    check(&november);
    assert_eq!(line(&november, "付与"), [1_000, 0, 1_000]);
    assert_eq!(line(&november, "利用"), [-500, -100, -600]);
    assert_eq!(line(&november, "調整（増）"), [0, 300, 300]);
    assert_eq!(line(&november, "調整（減）"), [-50, 0, -50]);
    site.pass_until("2026-12-10T09:00:00+09:00");
    spend(&office, &hanako, "1").is(303);
    let december = csv("2026-12");
    check(&december);
    assert_eq!(line(&december, "前月末の未使用残高"), [450, 200, 650]);
    assert_eq!(line(&december, "失効"), [-450, 0, -450]);
    assert_eq!(line(&csv("2026-11"), "利用"), [-500, -100, -600], "a month that is over stays");
    assert_eq!(line(&csv("2026-10"), "未使用残高"), [0, 0, 0]);
    office.get_admin("/statement").shows("未使用残高 0 199 199").shows("いままでの分");
    office.get_admin("/statement?month=2027-01").is(404);
    office.get_admin("/statement?month=x").is(404);
    books_agree(&site);
}
