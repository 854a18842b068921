//! Each extension point that a manifest can name is fired, through the component, on the real host.

use std::time::Duration;
use tsudoi_testkit::{Attachment, Person, Site, json};

fn marks(site: &Site) -> Vec<String> {
    let mut marks: Vec<String> = site.documents("marks").iter().map(|mark| mark["what"].as_str().unwrap_or_default().to_owned()).collect();
    marks.sort();
    marks
}

fn pass(person: &Person<'_>, way: &str) {
    person.post(&format!("/pass/{way}"), &[]).leads_to("/");
}

#[test]
fn pages_of_site_and_staff_blocks_cards_and_menus_are_there() {
    let site = Site::new();
    site.anyone().get("/").shows("まだだれも通っていません。");
    site.anyone().block("sign", &json!({ "words": "右へ" })).shows("道しるべ： 右へ");
    site.anyone().block("sign", &json!({})).shows("道しるべ： 直進");
    let hanako = site.member("花子");
    hanako.open("/account").shows("道しるべ：");
    let office = site.staff("事務局");
    office.get_admin("/").shows("まだだれも通っていません。");
    let dashboard = office.open("/admin");
    assert!(dashboard.body().contains("道しるべ：") && dashboard.body().contains("四つ辻の見張り"), "{}", dashboard.text());
    let helper = site.staff_with("手伝い", &[]);
    helper.get_admin("/").is(403);
    assert!(!helper.open("/admin").body().contains("道しるべ："), "the card is for those who oversee");
}

#[test]
fn a_rule_decides_for_whom_a_page_is() {
    let site = Site::new();
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    let twice = json!({ "times": 2 });
    pass(&hanako, "timeline");
    assert!(hanako.meets("has-passed", &json!({})) && !taro.meets("has-passed", &json!({})));
    assert!(!hanako.meets("has-passed", &twice));
    pass(&hanako, "timeline");
    assert!(hanako.meets("has-passed", &twice), "the answer of before is not given any more");
}

#[test]
fn who_is_in_a_segment_is_known_as_of_now_page_by_page() {
    let site = Site::new();
    let members: Vec<_> = ["花子", "太郎", "次郎", "三郎"].iter().map(|name| site.member(name)).collect();
    let key = site.segment("has-passed", &json!({}));
    let address = format!("/?segment={key}");
    assert!(!site.anyone().get(&address).text().contains('［'), "nobody has passed yet");
    for member in [&members[3], &members[0], &members[2]] {
        pass(member, "timeline");
    }
    // Kept answers too: who passes is in it at once.
    let here = site.anyone().get(&address).text();
    assert!(here.contains("［花子］") && here.contains("［次郎］") && here.contains("［三郎］"), "{here}");
    assert!(!here.contains("［太郎］"), "{here}");
    site.anyone().get(&address).shows("［三郎］");
    pass(&members[1], "timeline");
    site.anyone().get(&address).shows("［太郎］");
    members[0].post("/pass/count", &[("segment", &key)]).leads_to("/");
    let counted = marks(&site).into_iter().find(|mark| mark.starts_with("count")).unwrap_or_default();
    assert_eq!(counted.matches('郎').count(), 3, "{counted}");
    members[0].post("/pass/count", &[("segment", "list-gone")]).is(404);
}

#[test]
fn a_panic_is_told_with_its_words_and_place() {
    let site = Site::new();
    site.member("花子").post("/pass/stumble", &[]).is(500);
    let told = site.failures().join(" ");
    assert!(told.contains("the cart lost a wheel") && told.contains("src/lib.rs:") && !told.contains("0x"), "{told}");
}

#[test]
fn topics_of_its_own_of_the_host_and_of_another_plugin_reach_it() {
    let site = Site::new();
    let hanako = site.member("花子");
    pass(&hanako, "event");
    site.anyone().block("sign", &json!({}));
    site.tell("elsewhere.happened", "", &json!({}));
    assert_eq!(site.run_due(), 4);
    let expected = ["event crossroads.passed", "event elsewhere.happened", "event member.joined", "event page.published", "route event"];
    assert_eq!(marks(&site), expected);
    assert_eq!(site.events()[0].topic, "crossroads.passed");
}

#[test]
fn a_member_answers_a_form_of_the_hosts_for_it_once_and_comes_back() {
    let site = Site::new();
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    hanako.get("/crossings/north").shows("まだだれも通っていません。");
    let form = site.form("toll", &["行き先", "荷物"]);
    let led = "/forms/toll?for=crossroads:north";
    hanako.get("/crossings/north").shows(&format!("{led} true"));
    let sent = hanako.answers(led, &form, &["港", "=2"]).leads_to("/crossings/north");
    assert!(sent.header("set-cookie").is_some_and(|cookie| cookie.contains("flash-form-sent")), "they are told that it is sent");
    sent.follow().shows("north");
    hanako.open(led).shows("すでに回答を送信されています");
    taro.answers(led, &form, &["町", ""]).leads_to("/crossings/north");
    site.anyone().open(led).is(403);
    site.run_due();
    assert_eq!(marks(&site), ["answer north 行き先=港 荷物==2", "answer north 行き先=町", "event member.joined", "event member.joined"]);
    let members: Vec<_> = site.documents("marks").iter().filter_map(|mark| mark["member"].as_str().map(str::to_owned)).collect();
    assert_eq!(members, [hanako.id(), taro.id()], "in the order in which they came");
    site.close_form(&form);
    hanako.get("/crossings/south").shows("/forms/toll?for=crossroads:south false");
    hanako.open("/forms/toll?for=crossroads:south").shows("いま受け付けていません");
    let without = Site::opening().without("forms").open();
    without.form("toll", &["行き先"]);
    without.member("花子").open(led).shows("案内のページから開いてください");
}

#[test]
fn a_job_that_is_asked_for_runs_at_its_time_with_secret_and_network() {
    let site = Site::new();
    site.set_secret("api-key", "s3cret-of-the-test");
    site.outside_answers("GET", "https://api.example.com/errand", 200, "done");
    pass(&site.new_member("花子").join(), "job");
    site.pass(Duration::from_secs(59));
    assert!(site.sent().is_empty(), "it is not time yet");
    site.pass(Duration::from_secs(1));
    assert!(marks(&site).contains(&"job errand 200 32 done".to_owned()), "{:?}", marks(&site));
    let sent = site.sent();
    assert!(sent.len() == 1 && sent[0].to_string().contains("Bearer s3cret-of-the-test"), "{sent:?}");
}

#[test]
fn a_schedule_runs_each_night_by_the_organisations_clock() {
    let site = Site::new();
    site.pass_until("2026-11-25T09:00:00+09:00");
    assert_eq!(marks(&site), ["job nightly", "job nightly", "job nightly"]);
}

#[test]
fn mails_reach_members_and_those_staff_who_hold_the_permission() {
    let site = Site::new();
    pass(&site.member("花子"), "mail");
    let office = site.staff("事務局");
    site.staff_with("手伝い", &[]);
    office.post_admin("/alarm", &[]).is(303);
    let mut subjects: Vec<String> = site.mails().into_iter().map(|mail| mail.subject).collect();
    subjects.sort();
    assert_eq!(subjects, ["四つ辻を通りました", "見張りが鳴りました"]);
}

#[test]
fn a_member_gets_a_line_a_tier_and_a_label() {
    let site = Site::new();
    site.new_member("太郎").tier("gold").label("committee").join();
    let hanako = site.member("花子");
    ["timeline", "tier", "label"].iter().for_each(|way| pass(&hanako, way));
    hanako.open("/account").shows("四つ辻を通りました");
    assert_eq!(site.activities()[0].member, hanako.id());
    hanako.erase();
    assert!(marks(&site).is_empty(), "a mark goes with its member");
}

#[test]
fn fields_that_it_adds_to_members_are_shown_and_changed_by_whom_they_are_for() {
    let site = Site::new();
    let hanako = site.member("花子");
    hanako.open("/account").shows("四つ辻").shows("通った回数").lacks("見張りのメモ");
    pass(&hanako, "field");
    pass(&hanako, "field");
    assert_eq!(marks(&site), ["field 右 1", "field 右 2"]);
    hanako.open("/account").shows("通った回数 2");
    let change = |way: &str| hanako.open("/account").submit("/account/details", &[("plugin", "crossroads"), ("value-way", way)]);
    change("左").is(303);
    pass(&hanako, "field");
    assert!(marks(&site).contains(&"field 左 3".to_owned()), "{:?}", marks(&site));
    let long = "とてもとてもとてもとてもとても長い道の名前です";
    let refused = change(long).is(422).shows("20 文字以内");
    assert!(refused.body().contains(long), "what was typed is still there");
}

#[test]
fn a_setting_that_staff_change_shows_at_once() {
    let site = Site::new();
    site.anyone().get("/").shows("こんにちは");
    site.set("greeting", &json!("ようこそ"));
    site.anyone().get("/").shows("ようこそ");
}

#[test]
fn a_picture_comes_with_a_form_is_shown_and_goes() {
    let site = Site::new();
    let hanako = site.member("花子");
    let (one, other) = (Attachment::picture("picture", "かさ.PNG"), Attachment::picture("picture", "other.png"));
    hanako.post_files("/lost", &[("where", "橋の上")], &[one.clone(), other]).leads_to("/");
    let mark = marks(&site).remove(0);
    let [_, picture, name, bytes, note] = mark.split(' ').collect::<Vec<_>>()[..] else { panic!("{mark}") };
    assert_eq!((name, bytes), ("かさ.png", one.bytes().len().to_string().as_str()));
    let shown = hanako.get(&format!("/lost/{picture}")).is(200);
    assert_eq!((shown.bytes(), shown.header("content-type")), (one.bytes(), Some("image/png")));
    // The route is open to everyone, the picture came through one for members, and the note is for staff.
    site.anyone().get(&format!("/lost/{picture}")).is(404);
    hanako.get(&format!("/lost/{note}")).is(404);
    let read = site.staff("事務局").get(&format!("/lost/{note}")).is(200);
    assert_eq!((read.body(), read.header("content-disposition")), ("橋の上", Some("attachment; filename*=UTF-8''note.txt")));
    hanako.post(&format!("/lost/{picture}/found"), &[]).leads_to("/");
    hanako.get(&format!("/lost/{picture}")).is(404);
}

#[test]
fn what_is_no_picture_is_said_and_nothing_is_kept() {
    let site = Site::new();
    let hanako = site.member("花子");
    let at = [("where", "橋の上")];
    let sent = |files: &[Attachment]| hanako.post_files("/lost", &at, files).is(422).text();
    let told = sent(&[Attachment::new("picture", "かさ.png", "<svg onload=alert(1)>")]);
    assert!(told.contains("SVG"), "{told}");
    let told = sent(&[Attachment::new("picture", "かさ.png", "%PDF-1.7 ... %%EOF")]);
    assert!(told.contains("PDFは使えません"), "{told}");
    let told = sent(&[Attachment::new("picture", "かさ.png", vec![0_u8; (1 << 20) + 1])]);
    assert!(told.contains("1MBまで"), "{told}");
    let three = [1, 2, 3].map(|n| Attachment::picture("picture", &format!("{n}.png")));
    assert!(sent(&three).contains("ファイルが多すぎます"));
    // What the plugin refuses: the words are still there, the files are not.
    let told = hanako.post_files("/lost", &[("where", "")], &three[..1]).is(422).text();
    assert!(told.contains("もう一度選んでください"), "{told}");
    assert!(told.contains("入力してください") && !told.contains("where-missing"), "it has no words of its own for that: {told}");
    assert!(marks(&site).is_empty());
    site.anyone().post_files("/lost", &at, &three[..1]).is(303);
    assert!(marks(&site).is_empty(), "they are sent to sign in");
}

/// HMAC-SHA256 of `{"id":7}` under `hook-key-of-the-test`.
const SIGNATURE: &str = "627f8be2f6c94c4e7938f0283f76143e4942dff4f6f1a10a34230cddead6220c";

#[test]
fn a_webhook_hears_a_signed_call_once() {
    let site = Site::new();
    site.set_secret("hook-key", "hook-key-of-the-test");
    site.webhook("bell", &[("x-signature", "00")], r#"{"id":7}"#).is(401);
    for _ in 0..2 {
        let page = site.webhook("bell", &[("x-signature", SIGNATURE)], r#"{"id":7}"#).is(200);
        assert_eq!(page.body(), "heard");
    }
    assert_eq!(marks(&site), ["webhook 7"]);
}

#[test]
fn an_update_runs_its_own_steps_on_the_documents_of_before() {
    let site = Site::opening().from_version("0.1.0").open();
    pass(&site.new_member("花子").tier("gold").join(), "tier");
    site.run_due();
    site.update();
    assert_eq!(marks(&site), ["event member.joined", "route tier", "upgrade from 0.1.0"]);
}
