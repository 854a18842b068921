//! Points on the real host: who gets them and when, what happens at the same moment, and what time does.

mod office;

use office::{DAY, adjust, books_agree, campaign, over, rule, spend, switch_on};
use tsudoi_testkit::{Page, Person, Site, Value, json};

#[test]
fn who_joins_finds_the_welcome_points_on_their_page() {
    let site = Site::new();
    let early = site.member("一郎");
    site.run_due();
    rule(&site, &[]);
    let hanako = site.member("花子");
    hanako.block("balance", &json!({})).shows("0ポイント");
    site.run_due();
    hanako.open("/account").shows("500ポイント").shows("2027年11月21日までに使わないと 500ポイントが失効します");
    hanako.get("/").shows("付与：入会特典").shows("+500").shows("残高 500");
    early.get("/").shows("まだ履歴がありません");
    site.anyone().block("balance", &json!({})).lacks("ポイント");
    let told: Vec<_> = site.events().into_iter().filter(|event| event.topic == "points.granted").collect();
    assert_eq!((told.len(), told[0].key.as_str(), &told[0].payload["points"]), (1, hanako.id(), &json!(500)));
    books_agree(&site);
}

#[test]
fn a_rule_whose_points_would_have_expired_grants_none() {
    let site = Site::new();
    rule(&site, &[("validity", "until"), ("valid_until", "2026-11-30")]);
    site.pass_until("2026-12-01T09:00:00+09:00");
    let hanako = site.member("花子");
    site.run_due();
    hanako.get("/").shows("まだ履歴がありません");
    books_agree(&site);
}

#[test]
fn one_joining_is_granted_for_once_however_often_it_is_told() {
    let site = Site::new();
    rule(&site, &[]);
    let hanako = site.member("花子");
    site.run_due();
    site.tell("member.joined", hanako.id(), &json!({ "member": hanako.id() }));
    site.run_due();
    hanako.get("/").shows("500ポイント").lacks("残高 1,000");
    books_agree(&site);
}

#[test]
fn staff_adjust_with_a_reason_and_never_below_zero() {
    let site = Site::new();
    let hanako = site.member("花子");
    adjust(&site, &hanako, &[("reason", "")]).refuses("入力してください");
    adjust(&site, &hanako, &[]).leads_to(&format!("/members/{}", hanako.id()));
    adjust(&site, &hanako, &[("direction", "remove"), ("points", "101")]).refuses("残高は100ポイントです").shows("100ポイント");
    adjust(&site, &hanako, &[("direction", "remove"), ("points", "30"), ("reason", "重複の訂正")]).is(303);
    hanako.get("/").shows("70ポイント").shows("事務局による調整：重複の訂正").shows("-30");
    site.staff("事務局").get_admin("/").shows("花子 70ポイント");
    books_agree(&site);
}

#[test]
fn two_staff_who_adjust_for_the_same_thing_notice_each_other() {
    let site = Site::new();
    let hanako = site.member("花子");
    let path = format!("/members/{}/adjust", hanako.id());
    let (one, other) = (site.staff("佐藤"), site.staff("鈴木"));
    let (first, second) = (one.get_admin(&path), other.get_admin(&path));
    let fields = [("direction", "add"), ("points", "100"), ("reason", "大会入賞")];
    first.submit(&path, &fields).is(303);
    second.submit(&path, &fields).refuses("この会員のポイントが変わりました").shows("花子さんの残高：100ポイント");
    hanako.get("/").shows("100ポイント");
}

#[test]
fn who_may_not_adjust_does_not() {
    let site = Site::new();
    let hanako = site.member("花子");
    let reader = site.staff_with("閲覧", &["see"]);
    let path = format!("/members/{}", hanako.id());
    reader.get_admin(&path).shows("花子").lacks("ポイントを調整する");
    reader.get_admin(&format!("{path}/adjust")).is(403);
    reader.get(&format!("{path}/spend")).is(403);
    spend(&reader, &hanako, "1").is(403);
    reader.get_admin("/rules").is(403);
    hanako.get(&format!("{path}/spend")).is(403);
    spend(&hanako, &hanako, "1").is(403);
    assert!(site.documents("entries").is_empty());
}

#[test]
fn spendings_at_the_same_moment_never_overdraw() {
    let site = Site::new();
    let hanako = site.member("花子");
    adjust(&site, &hanako, &[]).is(303);
    let office = site.staff("窓口");
    let path = format!("/members/{}/spend", hanako.id());
    let all: Vec<_> = (0..6).map(|n| office.posting(&path, &[("points", "30"), ("reason", &format!("売店{n}"))])).collect();
    let pages = site.at_once(&all);
    let spent = pages.iter().filter(|page| page.status() == 303).count();
    let refused = pages.iter().filter(|page| page.status() == 422).count();
    assert_eq!((spent, refused), (3, 3));
    hanako.get("/").shows("10ポイント");
    books_agree(&site);
}

#[test]
fn what_expires_first_is_spent_first_and_comes_back_with_its_old_day() {
    let site = Site::new();
    let hanako = site.member("花子");
    adjust(&site, &hanako, &[("expires_on", "2027-03-31"), ("reason", "年度末まで")]).is(303);
    adjust(&site, &hanako, &[("expires_on", "2026-12-31"), ("reason", "年末まで"), ("limited", "1")]).is(303);
    let office = site.staff("窓口");
    spend(&office, &hanako, "150").is(303);
    hanako.get("/").shows("50ポイント").shows("2027年3月31日まで：50ポイント").lacks("2026年12月31日まで：").lacks("うち期間限定");
    let entry = entry_id(&office.get_admin(&format!("/members/{}", hanako.id())));
    let path = format!("/entries/{entry}/give-back");
    office.get_admin(&path).submit(&path, &[("points", "151"), ("reason", "返品")]).refuses("戻せるのは150ポイントまで");
    office.get_admin(&path).submit(&path, &[("points", "60"), ("reason", "一部返品")]).is(303);
    // The last taken comes back first: 50 until March, then 10 of those until December.
    hanako.get("/").shows("2026年12月31日まで：10ポイント").shows("2027年3月31日まで：100ポイント").shows("うち期間限定 10ポイント");
    office.get_admin(&path).submit(&path, &[("points", "90"), ("reason", "返品")]).is(303);
    hanako.get("/").shows("200ポイント").shows("2026年12月31日まで：100ポイント");
    office.get_admin(&path).shows("すべて取り消し済み");
    books_agree(&site);
}

fn entry_id(page: &Page<'_>) -> String {
    let link = page.body().split("/admin/p/points/entries/").nth(1).unwrap();
    link.split('/').next().unwrap().to_owned()
}

#[test]
fn what_expired_meanwhile_comes_back_for_some_days_or_not_at_all() {
    for (days, shown) in [(10, "2027年1月14日まで：100ポイント"), (0, "期限切れで戻らなかった分 100")] {
        let site = Site::new();
        site.set("late-days", &json!(days));
        let hanako = site.member("花子");
        adjust(&site, &hanako, &[("expires_on", "2026-12-31")]).is(303);
        let office = site.staff("窓口");
        spend(&office, &hanako, "100").is(303);
        let path = format!("/entries/{}/give-back", entry_id(&office.get_admin(&format!("/members/{}", hanako.id()))));
        site.pass_until("2027-01-05T10:00:00+09:00");
        office.get_admin(&path).submit(&path, &[("points", "100"), ("reason", "中止")]).is(303);
        hanako.get("/").shows(shown);
        books_agree(&site);
    }
}

#[test]
fn points_are_good_through_their_last_day_and_gone_at_midnight() {
    let site = Site::new();
    let hanako = site.member("花子");
    adjust(&site, &hanako, &[("expires_on", "2026-11-23")]).is(303);
    site.pass_until("2026-11-23T23:59:00+09:00");
    hanako.get("/").shows("100ポイント");
    // Before any job has run, and with one that spends.
    site.pass_until("2026-11-24T00:01:00+09:00");
    hanako.block("balance", &json!({})).shows("0ポイント").lacks("100ポイント");
    site.staff("事務局").get_admin("/").shows("花子 0ポイント");
    assert_eq!(site.documents("entries").len(), 1);
    site.pass_until("2026-11-24T00:06:00+09:00");
    hanako.get("/").shows("失効").shows("-100").shows("有効期限 2026年11月23日").shows("残高 0");
    assert!(site.events().iter().any(|event| event.topic == "points.expired"));
    assert!(site.documents("accounts")[0]["next_expiry"].is_null(), "nothing is looked for any more");
    books_agree(&site);
}

#[test]
fn a_spending_after_midnight_does_not_find_what_has_expired() {
    let site = Site::new();
    let hanako = site.member("花子");
    adjust(&site, &hanako, &[("expires_on", "2026-11-22"), ("points", "80")]).is(303);
    adjust(&site, &hanako, &[("points", "20")]).is(303);
    site.pass_until("2026-11-23T00:02:00+09:00");
    let office = site.staff("窓口");
    spend(&office, &hanako, "21").refuses("残高は20ポイントです");
    spend(&office, &hanako, "20").is(303);
    hanako.get("/").shows("失効").shows("残高 0");
    books_agree(&site);
}

#[test]
fn members_are_warned_once_before_points_expire() {
    let site = Site::new();
    let hanako = site.member("花子");
    adjust(&site, &hanako, &[("expires_on", "2026-12-10")]).is(303);
    adjust(&site, &hanako, &[("expires_on", "2027-12-10")]).is(303);
    let warned = || site.mails().iter().filter(|mail| mail.subject.contains("100ポイントの有効期限")).count();
    site.pass_until("2026-11-25T12:00:00+09:00");
    assert_eq!(warned(), 0, "fifteen days before");
    site.pass_until("2026-11-26T12:00:00+09:00");
    assert_eq!(warned(), 1, "fourteen days before");
    site.pass(DAY * 3);
    assert_eq!(warned(), 1);
    books_agree(&site);
}

#[test]
fn limits_hold_for_each_day_and_member() {
    let site = Site::new();
    rule(&site, &[("name", "投稿"), ("occasion", "posted"), ("points", "5"), ("per_day", "2"), ("per_member", "3")]);
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    let post = |member: &Person<'_>| site.tell("fan-board.posted", member.id(), &json!({ "author": member.id() }));
    for _ in 0..4 {
        post(&hanako);
    }
    post(&taro);
    site.tell("fan-board.posted", "office", &json!({ "author": null }));
    site.run_due();
    hanako.get("/").shows("10ポイント");
    taro.get("/").shows("5ポイント");
    site.pass(DAY);
    post(&hanako);
    post(&hanako);
    site.run_due();
    hanako.get("/").shows("15ポイント");
    books_agree(&site);
}

#[test]
fn tiers_are_a_condition() {
    let site = Site::new();
    rule(&site, &[("name", "参加"), ("occasion", "attended"), ("tiers", "gold")]);
    let (hanako, taro) = (site.new_member("花子").tier("gold").join(), site.member("太郎"));
    for member in [&hanako, &taro] {
        site.tell("event-tasks.attended", member.id(), &json!({ "member": member.id() }));
    }
    site.run_due();
    hanako.get("/").shows("付与：参加");
    taro.get("/").lacks("付与：参加");
}

#[test]
fn a_campaign_adds_limited_points_up_to_its_cap() {
    let site = Site::new();
    rule(&site, &[]);
    campaign(&site, &[("times", "3"), ("cap", "2,500")]);
    let hanako = site.member("花子");
    site.run_due();
    hanako
        .get("/")
        .shows("1,500ポイント")
        .shows("うち期間限定 1,000ポイント")
        .shows("付与：年末2倍")
        .shows("2027年1月31日まで：1,000ポイント");
    for name in ["太郎", "次郎", "三郎"] {
        site.member(name);
    }
    site.run_due();
    let total: i64 = site.documents("accounts").iter().filter_map(|account| account["balance"].as_i64()).sum();
    assert_eq!(total, 4 * 500 + 2_500, "the cap holds for all together");
    site.staff("事務局").get_admin("/rules").shows("2,500ポイントのうち2,500ポイント付与済み").shows("3倍");
    site.pass_until("2027-01-01T09:00:00+09:00");
    let late = site.member("四郎");
    site.run_due();
    late.get("/").shows("500ポイント").lacks("年末2倍");
    books_agree(&site);
}

#[test]
fn staff_see_what_a_rule_would_have_done_before_it_is_on() {
    let site = Site::new();
    for name in ["花子", "太郎", "次郎"] {
        site.member(name);
    }
    site.run_due();
    let office = site.staff("事務局");
    let fields = [("name", "入会特典"), ("occasion", "joined"), ("points", "500"), ("validity", "days"), ("valid_for", "90")];
    let tried = office.get_admin("/rules/new").submit("/rules/new", &fields).follow();
    let path = tried.path().trim_start_matches("/admin/p/points").to_owned();
    let tried = tried.shows("付与される会員 3人").shows("付与するポイントの合計 1,500ポイント");
    office.get_admin("/rules").shows("停止中");
    site.member("四郎");
    site.run_due();
    assert!(site.documents("lots").is_empty(), "it is off");
    // Whoever changes it meanwhile has it tried out again.
    let edit = path.replace("/try", "/edit");
    office.get_admin(&edit).shows("入会特典").submit(&edit, &over(&fields, &[("points", "900")])).leads_to(&path);
    tried.submit(&path.replace("/try", "/switch"), &[("to", "on")]).is(409);
    switch_on(&office.get_admin(&path).shows("3,600ポイント"));
    office.get_admin("/rules").shows("実施中");
    site.pass(DAY * 31);
    office.get_admin(&path).shows("記録がありません");
    site.pass(DAY * 61);
    assert!(site.documents("heard").is_empty(), "after ninety days");
}

#[test]
fn a_rule_that_is_wrong_comes_back_as_it_was_typed() {
    let site = Site::new();
    let office = site.staff("事務局");
    let fields = [("name", "長い名前のルール"), ("occasion", "paid"), ("points", "百"), ("validity", "until"), ("tiers", "金")];
    let page = office.get_admin("/rules/new").submit("/rules/new", &fields);
    let page = page.refuses("ポイントは1から1,000,000まで").shows("いくらにつき").shows("最終日を入力").shows("半角の英小文字");
    assert!(page.body().contains("value=\"長い名前のルール\"") && page.body().contains("value=\"百\""), "{}", page.body());
}

#[test]
fn ranks_go_up_at_once_and_down_with_the_month() {
    let site = Site::new();
    let hanako = site.new_member("花子").tier("bronze").join();
    let honorary = site.new_member("名誉").tier("honorary").join();
    site.new_member("銀子").tier("silver").join();
    for (key, value) in [("rank-1", "bronze"), ("rank-2", "silver")] {
        site.set(key, &json!(value));
    }
    site.set("rank-2-points", &json!(1_000));
    rule(&site, &[("name", "参加"), ("occasion", "attended"), ("points", "600")]);
    let attend = |member: &Person<'_>| {
        site.tell("event-tasks.attended", member.id(), &json!({ "member": member.id() }));
        site.run_due();
    };
    let office = site.staff("事務局");
    let tier = || {
        let text = office.get_admin("/").text();
        text.split("花子").nth(1).unwrap().split("会員ランク：").nth(1).unwrap().split(' ').next().unwrap().to_owned()
    };
    attend(&hanako);
    assert_eq!(tier(), "bronze");
    attend(&hanako);
    attend(&honorary);
    attend(&honorary);
    assert_eq!(tier(), "silver");
    assert_eq!(site.mails().iter().filter(|mail| mail.subject == "会員ランクが上がりました").count(), 1);
    office.get_admin("/ranks").shows("1,000ポイント以上").shows("銀子 silver → bronze").lacks("花子").lacks("名誉");
    // A year later nothing of it counts any more.
    site.pass_until("2027-11-23T09:00:00+09:00");
    office.get_admin("/ranks").shows("花子 silver → bronze");
    assert_eq!(tier(), "silver");
    site.pass_until("2027-12-01T09:00:00+09:00");
    assert_eq!(tier(), "bronze");
    assert_eq!(site.mails().iter().filter(|mail| mail.subject == "会員ランクが変わりました").count(), 2);
    books_agree(&site);
}

#[test]
fn an_erased_member_leaves_no_name_and_the_sums_stay_true() {
    let site = Site::new();
    rule(&site, &[]);
    let hanako = site.member("花子");
    site.run_due();
    adjust(&site, &hanako, &[("reason", "花子さんの誕生日")]).is(303);
    let id = hanako.id().to_owned();
    hanako.erase();
    let kept: Vec<Value> = ["lots", "entries", "accounts", "heard", "credits"].iter().flat_map(|name| site.documents(name)).collect();
    assert!(!kept.iter().any(|document| document.to_string().contains(&id) || document.to_string().contains("花子")), "{kept:?}");
    assert!(site.documents("accounts").is_empty() && site.documents("heard").is_empty());
    site.pass(DAY);
    let office = site.staff("事務局");
    office.get_admin("/statement").shows("失効 -600 0 -600").shows("未使用残高 0 0 0");
    books_agree(&site);
}

#[test]
fn without_mail_and_tiers_points_do_without() {
    let left_out = ["notify", "members-write", "events-emit", "payments", "invoices"];
    let site = left_out.iter().fold(Site::opening(), |opening, interface| opening.without(interface)).open();
    for (key, value) in [("rank-1", json!("gold")), ("rank-1-points", json!(100))] {
        site.set(key, &value);
    }
    rule(&site, &[("validity", "until"), ("valid_until", "2026-11-30")]);
    let hanako = site.member("花子");
    site.run_due();
    hanako.get("/").shows("500ポイント");
    let invoice = site.invoice(&hanako, "会費", 500);
    hanako.open("/account/payments").lacks("ポイントで支払う");
    hanako.get(&format!("/pay/{invoice}")).is(404);
    site.pass(DAY * 10);
    hanako.get("/").shows("失効");
    let of_points = |subject: &str| ["ポイント", "会員ランク"].iter().any(|word| subject.contains(word));
    assert!(!site.mails().iter().any(|mail| of_points(&mail.subject)), "{:?}", site.mails());
    books_agree(&site);
}

#[test]
fn a_long_history_is_read_page_by_page() {
    let site = Site::new();
    rule(&site, &[("name", "投稿"), ("occasion", "posted"), ("points", "1")]);
    let hanako = site.member("花子");
    for _ in 0..45 {
        site.tell("fan-board.posted", hanako.id(), &json!({ "author": hanako.id() }));
    }
    site.run_due();
    let first = hanako.get("/").shows("45ポイント").shows("残高 26").lacks("残高 25");
    let next = |page: &Page<'_>| {
        let link = page.body().split("href=\"/p/points/?cursor=").nth(1).unwrap().split('"').next().unwrap().to_owned();
        hanako.get(&format!("/?cursor={link}"))
    };
    let second = next(&first).shows("残高 25").shows("残高 6 ");
    next(&second).shows("残高 1 ").lacks("さらに古い履歴");
    hanako.get("/?cursor=nonsense").is(404);
    site.staff("事務局").get_admin("/?cursor=nonsense").is(404);
    let reads = site.costs().iter().filter(|cost| cost.call.contains("history")).map(|cost| cost.reads).max();
    assert!(reads.is_some_and(|reads| reads < 10), "{reads:?}");
    books_agree(&site);
}
