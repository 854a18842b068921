//! Events and registration on the real host: who sees what, who gets a place, and what happens at the same moment.

mod common;

use common::{draft, link, mails, published, register, with, withdraw};
use std::time::Duration;
use tsudoi_testkit::{Site, json};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn an_event_is_a_draft_until_staff_publish_it() {
    let site = Site::new();
    let (office, hanako) = (site.staff("事務局"), site.member("花子"));
    let event = draft(&office, &[("description", "**会費**は当日です")]);
    hanako.get(&event).is(404);
    hanako.get("/").lacks("忘年会");
    office.get(&event).shows("下書き").submit(&format!("{event}/publish"), &[]).is(303);
    let page = hanako.get(&event).shows("忘年会").shows("公民館 2階").shows("2026年12月12日（土） 18:00 〜 20:30");
    assert!(page.body().contains("<strong>会費</strong>"), "{}", page.body());
    hanako.get("/").shows("忘年会");
    site.anyone().block("upcoming", &json!({ "limit": 3 })).shows("忘年会");
    site.pass_until("2026-12-13T00:01:00+09:00");
    hanako.get("/").lacks("忘年会");
    hanako.get("/?past=1").shows("忘年会");
    assert!(site.failures().is_empty());
}

#[test]
fn a_member_registers_cancels_and_comes_again() {
    let site = Site::new();
    let (office, hanako) = (site.staff("事務局"), site.member("花子"));
    let event = published(&office, &[("place_is_private", "1")]);
    hanako.get(&event).lacks("公民館").shows("参加が確定した方にお知らせします");
    register(&hanako, &event).shows("参加が確定しています").shows("公民館 2階");
    hanako.post(&format!("{event}/register"), &[]).is(409);
    assert_eq!(mails(&site, "への参加が確定しました").len(), 1);
    withdraw(&hanako, &event).lacks("参加が確定しています").lacks("公民館");
    register(&hanako, &event).shows("参加が確定しています");
    let told: Vec<_> = site.events().into_iter().map(|event| (event.topic, event.key)).collect();
    let topics = ["registered", "cancelled", "registered"].map(|topic| (format!("event-tasks.{topic}"), hanako.id().to_owned()));
    assert_eq!(told, topics);
    assert_eq!(site.documents("registrations").len(), 1);
    assert!(site.activities().iter().all(|line| line.member == hanako.id() && line.summary.contains("忘年会")));
    assert!(site.failures().is_empty());
}

#[test]
fn a_hundred_tries_for_ten_places_give_ten() {
    let site = Site::new();
    let event = published(&site.staff("事務局"), &[("capacity", "10")]);
    let members: Vec<_> = (0..100).map(|number| site.member(&format!("会員{number}"))).collect();
    let path = format!("{event}/register");
    let tries: Vec<_> = members.iter().map(|member| member.posting(&path, &[])).collect();
    for page in site.at_once(&tries) {
        page.is(303);
    }
    let state = |name: &str| site.documents("registrations").iter().filter(|found| found["state"] == name).count();
    assert_eq!((state("registered"), state("waiting")), (10, 90));
    assert_eq!(site.documents("seats"), [json!({ "taken": 10, "waiting": 90 })]);
    // A page reads what it shows, however many there are.
    members[99].get(&event).is(200);
    members[99].block("my-events", &json!({})).shows("忘年会");
    for call in ["view event", "block my-events"] {
        let costs = site.costs();
        let cost = costs.iter().rev().find(|cost| cost.call == call).unwrap();
        assert!(cost.reads <= 12, "{cost:?}");
    }
    assert!(site.failures().is_empty());
}

#[test]
fn where_there_is_no_limit_nobody_gets_in_anothers_way() {
    let site = Site::new();
    let event = published(&site.staff("事務局"), &[]);
    let members: Vec<_> = (0..8).map(|number| site.member(&format!("会員{number}"))).collect();
    let path = format!("{event}/register");
    for page in site.at_once(&members.iter().map(|member| member.posting(&path, &[])).collect::<Vec<_>>()) {
        page.is(303);
    }
    let reruns: Vec<u64> = site.costs().iter().filter(|cost| cost.call == "submit register").map(|cost| cost.reruns).collect();
    assert_eq!((reruns, site.documents("seats").len()), (vec![0; 8], 0));
    // With a limit from now on, those who are there count.
    let edit = format!("{event}/edit");
    site.staff("事務局長").get_admin(&edit).submit(&edit, &with(&[("capacity", "8")])).is(303);
    assert_eq!(site.documents("seats"), [json!({ "taken": 8, "waiting": 0 })]);
    register(&site.member("次郎"), &event).shows("いまは1番目です");
}

#[test]
fn places_that_become_free_are_given_in_order_in_the_same_moment() {
    let site = Site::new();
    let office = site.staff("事務局");
    let event = published(&office, &[("capacity", "2"), ("companions", "1")]);
    let people: Vec<_> = ["一郎", "二郎", "三郎", "四郎"].into_iter().map(|name| site.member(name)).collect();
    let path = format!("{event}/register");
    register(&people[0], &event);
    register(&people[1], &event).shows("満席");
    people[2].get(&event).shows("キャンセル待ちに入る").submit(&path, &[("companions", "1")]).follow().shows("いまは1番目です");
    site.pass(Duration::from_secs(1));
    register(&people[3], &event).shows("いまは2番目です");
    // Two are too many for one place, and nobody overtakes them.
    withdraw(&people[0], &event);
    people[3].get(&event).shows("いまは2番目です");
    withdraw(&people[1], &event);
    people[2].get(&event).shows("参加が確定しています").shows("お連れ 1名");
    people[3].get(&event).shows("いまは1番目です");
    assert_eq!(mails(&site, "席が空き").len(), 1);
    // More places are given at once.
    let edit = format!("{event}/edit");
    office.get_admin(&edit).submit(&edit, &with(&[("capacity", "3"), ("companions", "1")])).is(303);
    people[3].get(&event).shows("参加が確定しています");
    assert_eq!(mails(&site, "席が空き").len(), 2);
    assert_eq!(site.documents("seats"), [json!({ "taken": 3, "waiting": 0 })]);
    assert!(site.failures().is_empty());
}

#[test]
fn a_long_waiting_list_is_served_to_its_end() {
    let site = Site::new();
    let office = site.staff("事務局");
    let event = published(&office, &[("capacity", "1")]);
    let path = format!("{event}/register");
    let members: Vec<_> = (0..70).map(|number| site.member(&format!("会員{number}"))).collect();
    site.at_once(&members.iter().map(|member| member.posting(&path, &[])).collect::<Vec<_>>());
    let edit = format!("{event}/edit");
    // More than one call works through, and ten who go on waiting; then there is no limit any more.
    for (capacity, taken, waiting) in [("60", 60, 10), ("", 0, 0)] {
        office.get_admin(&edit).submit(&edit, &with(&[("capacity", capacity)])).is(303);
        site.run_due();
        let state = |name: &str| site.documents("registrations").iter().filter(|found| found["state"] == name).count();
        let all = if taken == 0 { 70 } else { taken };
        assert_eq!((state("registered"), state("waiting")), (all, waiting));
    }
    assert!(site.failures().is_empty() && site.set_aside().is_empty());
}

#[test]
fn cancelling_and_registering_at_the_same_moment_loses_no_place() {
    let site = Site::new();
    let event = published(&site.staff("事務局"), &[("capacity", "5")]);
    let first: Vec<_> = (0..5).map(|number| site.member(&format!("先{number}"))).collect();
    first.iter().for_each(|member| drop(register(member, &event)));
    let next: Vec<_> = (0..8).map(|number| site.member(&format!("後{number}"))).collect();
    let (register, withdraw) = (format!("{event}/register"), format!("{event}/withdraw"));
    let leaving = first.iter().take(4).map(|member| member.posting(&withdraw, &[]));
    let all: Vec<_> = leaving.chain(next.iter().map(|member| member.posting(&register, &[]))).collect();
    for page in site.at_once(&all) {
        page.is(303);
    }
    assert_eq!(site.documents("seats"), [json!({ "taken": 5, "waiting": 4 })]);
    let registered = site.documents("registrations").iter().filter(|found| found["state"] == "registered").count();
    assert_eq!(registered, 5);
}

#[test]
fn deadlines_close_registration_and_cancelling() {
    let site = Site::new();
    let (office, hanako, taro) = (site.staff("事務局"), site.member("花子"), site.member("太郎"));
    let event = published(&office, &[("register_until", "2026-11-30T12:00"), ("withdraw_until", "2026-12-01T12:00")]);
    register(&hanako, &event);
    site.pass_until("2026-11-30T12:00:00+09:00");
    taro.get(&event).shows("締め切りました").lacks("申し込む");
    taro.post(&format!("{event}/register"), &[]).is(409);
    hanako.get(&event).shows("申し込みを取り消す");
    site.pass_until("2026-12-01T12:00:00+09:00");
    hanako.get(&event).shows("取り消しの締め切りを過ぎています").lacks("申し込みを取り消す");
    hanako.post(&format!("{event}/withdraw"), &[]).is(409);
}

#[test]
fn an_event_for_a_tier_is_seen_and_booked_by_it_alone() {
    let site = Site::new();
    let office = site.staff("事務局");
    let gold = site.new_member("花子").tier("gold").join();
    let taro = site.member("太郎");
    let gate = [("gate_kind", "tiers"), ("gate_keys", "gold")];
    let hidden = published(&office, &[gate[0], gate[1], ("is_public", ""), ("title", "特別鑑賞会")]);
    taro.get(&hidden).is(403);
    taro.get("/").lacks("特別鑑賞会");
    taro.post(&format!("{hidden}/register"), &[]).is(403);
    taro.get(&format!("{hidden}/calendar")).is(403);
    register(&gold, &hidden).shows("参加が確定しています");
    let shown = published(&office, &[gate[0], gate[1], ("title", "公開講座")]);
    taro.get(&shown).shows("公開講座").shows("対象の会員の方だけ");
    taro.post(&format!("{shown}/register"), &[]).is(409);
    let sign_in = site.anyone().get(&shown).shows("申し込むにはログイン");
    assert!(sign_in.body().contains(&format!("/sign-in?next=/p/event-tasks{shown}")));
}

#[test]
fn what_is_wrong_with_an_event_is_said_beside_it_and_nothing_is_lost() {
    let site = Site::new();
    let office = site.staff("事務局");
    let fields = with(&[("starts_at", "来週の土曜"), ("capacity", "たくさん"), ("tier_prices", "gold"), ("description", "長い説明")]);
    let page = office.get_admin("/events/new").submit("/events/new", &fields);
    let page = page.refuses("日付と時刻を入力してください").shows("定員は1以上の数").shows("ランクのURL名=金額");
    assert!(page.body().contains("来週の土曜") && page.body().contains("長い説明") && page.body().contains("たくさん"));
    assert!(page.body().contains("value=\"忘年会\""));
}

#[test]
fn staff_register_members_by_hand_cancel_them_and_download_the_list() {
    let site = Site::new();
    let (office, hanako, taro) = (site.staff("事務局"), site.new_member("ヤマダ 花子").tier("gold").join(), site.member("=太郎"));
    let event = published(&office, &[("capacity", "1"), ("register_until", "2026-11-22T08:00")]);
    let participants = format!("{event}/participants");
    let find = |name: &str| office.get_admin(&format!("{participants}/new?name={name}"));
    find("次郎").shows("見つかりませんでした");
    find("やまだ").shows("ヤマダ 花子").submit(&format!("{participants}/new"), &[("member", hanako.id()), ("companions", "0")]).is(303);
    let wait = find("太郎").submit(&format!("{participants}/new"), &[("member", taro.id()), ("companions", "0")]).follow();
    wait.shows("=太郎").lacks("ヤマダ");
    let file = office.get_admin(&format!("{participants}/export")).is(200);
    let text = String::from_utf8(file.bytes().to_vec()).unwrap();
    assert!(text.contains("\"ヤマダ 花子\",\"gold\",\"参加確定\"") && text.contains("\"'=太郎\",\"\",\"キャンセル待ち\""), "{text}");
    let page = office.get_admin(&participants).shows("席：1名 / 定員1名");
    page.submit(&link(&page, "/admin", "/registrations/", "/cancel\""), &[]).is(303);
    taro.get(&event).shows("参加が確定しています");
    assert_eq!((mails(&site, "取り消されました").len(), mails(&site, "席が空き").len()), (1, 1));
    let other = site.staff_with("受付", &["tasks"]);
    other.get_admin(&participants).is(403);
    other.get(&format!("{event}/attendance")).is(403);
}

#[test]
fn beyond_the_capacity_only_staff_go() {
    let site = Site::new();
    let (office, hanako, taro) = (site.staff("事務局"), site.member("花子"), site.member("太郎"));
    let event = published(&office, &[("capacity", "1"), ("companions", "2")]);
    hanako.get(&event).submit(&format!("{event}/register"), &[("companions", "2")]).refuses("定員を超える人数");
    hanako.get(&event).submit(&format!("{event}/register"), &[("companions", "3")]).refuses("お連れの人数が多すぎます");
    register(&hanako, &event);
    let path = format!("{event}/participants/new");
    office.post_admin(&path, &[("member", taro.id()), ("companions", "0"), ("beyond_capacity", "1")]).is(303);
    taro.get(&event).shows("参加が確定しています");
    assert_eq!(site.documents("seats"), [json!({ "taken": 2, "waiting": 0 })]);
}

#[test]
fn who_came_is_marked_once_for_others_and_counts_on_my_page() {
    let site = Site::new();
    let (office, hanako, taro) = (site.staff("事務局"), site.member("花子"), site.member("太郎"));
    let event = published(&office, &[]);
    register(&hanako, &event);
    register(&taro, &event);
    hanako.block("my-events", &json!({})).shows("忘年会").shows("参加確定");
    site.anyone().block("my-events", &json!({})).lacks("忘年会");
    site.pass_until("2026-12-12T18:00:00+09:00");
    let door = format!("{event}/attendance");
    let mark = |button: &str, person: &str| office.post(&door, &[(button, person), ("cursor", "")]).is(303);
    let page = office.get(&door).shows("申し込み 2件、参加 0件");
    let ids: Vec<_> = page.body().match_indices("id=\"r-").map(|(at, _)| page.body()[at + 6..at + 42].to_owned()).collect();
    mark("came", &ids[0]);
    mark("unknown", &ids[0]);
    mark("came", &ids[0]);
    mark("stayed_away", &ids[1]).follow().shows("参加 1件、欠席 1件");
    assert_eq!(site.events().iter().filter(|event| event.topic == "event-tasks.attended").count(), 1);
    assert!(hanako.meets("has-attended", &json!({ "events": 1 })) != taro.meets("has-attended", &json!({ "events": 1 })));
    office.get_admin("/?past=1").lacks("忘年会");
    site.pass(DAY);
    office.get_admin("/?past=1").shows("参加 1件（50%）");
    office.get_admin(&format!("{event}/participants")).shows("1回中1回").shows("1回中0回");
    office.get_admin("/rates").shows("2026年").shows("種類なし 1 2 1 50%");
    let cards = [&hanako, &taro].map(|person| person.block("my-events", &json!({})).text());
    assert!(cards.iter().any(|card| card.contains("今年の参加率：100%")) && cards.iter().any(|card| card.contains("今年の参加率：0%")));
    site.pass_until("2027-01-02T00:00:00+09:00");
    assert!(hanako.block("my-events", &json!({})).text().contains("昨年の参加率"));
}

#[test]
fn an_erased_member_leaves_a_place_and_no_name() {
    let site = Site::new();
    let (office, hanako) = (site.staff("事務局"), site.member("星野花子"));
    let event = published(&office, &[]);
    register(&hanako, &event);
    hanako.erase();
    office.get_admin(&format!("{event}/participants")).shows("退会した会員").lacks("星野花子");
    let page = office.get_admin(&format!("{event}/participants"));
    page.submit(&link(&page, "/admin", "/registrations/", "/cancel\""), &[]).is(303);
    assert!(site.failures().is_empty());
}
