//! Registering by a form of the host's, on the real host.

mod common;

use common::{draft, mails, published, with, withdraw};
use std::time::Duration;
use tsudoi_testkit::{Form, Page, Person, Site};

/// An event with the form, and what its key is.
fn event_with(office: &Person<'_>, form: &Form, changes: &[(&str, &str)]) -> String {
    let all: Vec<_> = changes.iter().copied().chain([("form", form.id.as_str())]).collect();
    published(office, &all)
}

/// Presses the button on the event's page, answers the form, and looks at the event once the plugin has heard of it.
fn answers<'site>(site: &'site Site, person: &Person<'site>, event: &str, form: &Form, typed: &[&str]) -> Page<'site> {
    let led = person.get(event).shows("申し込みフォームへ進む").submit(&format!("{event}/register"), &[]).is(303);
    let sent = person.answers(&led.location(), form, typed);
    sent.leads_to(event);
    site.run_due();
    person.get(event)
}

#[test]
fn a_member_registers_by_answering_and_staff_read_the_answer() {
    let site = Site::new();
    let (office, hanako) = (site.staff("事務局"), site.member("花子"));
    let form = site.form("dinner", &["食べられないもの", "席の希望"]);
    office.get_admin("/events/new").shows("使わない（ボタンだけで申し込む）").shows("dinner");
    let event = event_with(&office, &form, &[]);
    hanako.get(&event).shows("申し込みには、フォーム「dinner」への回答が必要です");
    answers(&site, &hanako, &event, &form, &["=卵", "窓ぎわ"]).shows("参加が確定しています");
    assert_eq!(mails(&site, "への参加が確定しました").len(), 1);
    assert!(site.documents("wishes").is_empty());
    let participants = office.get_admin(&format!("{event}/participants")).shows("花子").shows("回答を見る");
    let answer = site.documents("registrations")[0]["answer"]["id"].as_str().unwrap_or_default().to_owned();
    assert!(participants.body().contains(&format!("href=\"/admin/forms/{}/answers/{answer}\"", form.id)), "{}", participants.body());
    let file = office.get_admin(&format!("{event}/participants/export")).is(200);
    assert!(file.body().contains(",\"食べられないもの\",\"席の希望\"\r\n"), "{}", file.body());
    assert!(file.body().contains(",\"'=卵\",\"窓ぎわ\"\r\n"), "{}", file.body());
    // A second answer says so, and registers nobody twice.
    hanako.open(&form.path(&site, &event)).shows("すでに回答を送信されています");
    // Who cancels and comes again has answered.
    withdraw(&hanako, &event).shows("前回お申し込みのときにご回答いただいています");
    hanako.get(&event).submit(&format!("{event}/register"), &[]).is(303).follow().shows("参加が確定しています");
    assert_eq!(site.documents("registrations")[0]["answer"]["fields"][0]["text"], "=卵");
    assert!(site.failures().is_empty() && site.set_aside().is_empty());
}

#[test]
fn places_are_given_in_the_order_of_answers_and_then_there_is_the_waiting_list() {
    let site = Site::new();
    let office = site.staff("事務局");
    let form = site.form("dinner", &["食べられないもの"]);
    let event = event_with(&office, &form, &[("capacity", "2"), ("companions", "1")]);
    let (hanako, taro, jiro) = (site.member("花子"), site.member("太郎"), site.member("次郎"));
    let led = hanako.get(&event).submit(&format!("{event}/register"), &[("companions", "1")]).is(303);
    // Who is on the way has no place yet; whom they bring along is remembered.
    answers(&site, &taro, &event, &form, &["蕎麦"]).shows("参加が確定しています");
    hanako.get(&event).shows("フォームを送信された方は、まもなくここに結果が表示されます");
    hanako.answers(&led.location(), &form, &["卵"]).leads_to(&event);
    site.run_due();
    hanako.get(&event).shows("キャンセル待ちです").shows("お連れ 1名");
    answers(&site, &jiro, &event, &form, &[""]).shows("いまは2番目です");
    assert_eq!((mails(&site, "への参加が確定しました").len(), mails(&site, "キャンセル待ちを受け付けました").len()), (1, 2));
}

#[test]
fn an_answer_that_comes_too_late_registers_nobody_and_says_why() {
    let site = Site::new();
    let office = site.staff("事務局");
    let form = site.form("dinner", &["食べられないもの"]);
    let event = event_with(&office, &form, &[("register_until", "2026-11-22T10:00")]);
    let hanako = site.member("花子");
    let led = hanako.get(&event).submit(&format!("{event}/register"), &[]).is(303);
    site.pass(Duration::from_secs(2 * 60 * 60));
    hanako.answers(&led.location(), &form, &["卵"]).leads_to(&event);
    site.run_due();
    hanako.get(&event).shows("申し込みは締め切りました").lacks("参加が確定しています");
    assert!(site.documents("registrations").is_empty());
    let told: Vec<_> = site.mails().into_iter().filter(|mail| mail.subject.contains("申し込みは確定していません")).collect();
    assert!(told.len() == 1 && told[0].text.contains("申し込みは締め切りました"), "{told:?}");
    // Staff give them time, and put them in by hand.
    let edit = format!("{event}/edit");
    office.get_admin(&edit).submit(&edit, &with(&[("form", &form.id)])).is(303);
    hanako.get(&event).shows("フォームの回答は受け取りましたが、申し込みは確定していません");
    assert!(site.failures().is_empty() && site.set_aside().is_empty());
}

#[test]
fn who_was_not_led_to_the_form_is_not_registered_by_it() {
    let site = Site::new();
    let office = site.staff("事務局");
    let (form, other) = (site.form("dinner", &["食べられないもの"]), site.form("lunch", &["食べられないもの"]));
    let for_gold = event_with(&office, &form, &[("gate_kind", "tiers"), ("gate_keys", "gold")]);
    let gold = site.new_member("花子").tier("gold").join();
    let taro = site.member("太郎");
    taro.get(&for_gold).shows("対象の会員の方だけです");
    taro.post(&format!("{for_gold}/register"), &[]).is(409);
    // They type the address of the form, and so does somebody who chose another form for this event.
    taro.answers(&form.path(&site, &for_gold), &form, &["卵"]).leads_to(&for_gold);
    gold.answers(&other.path(&site, &for_gold), &other, &["卵"]).leads_to(&for_gold);
    // What is nobody's event leads nowhere and breaks nothing.
    taro.answers(&form.path(&site, "/events/nothing"), &form, &["卵"]).leads_to("/events/nothing");
    site.run_due();
    assert!(site.documents("registrations").is_empty() && site.mails().is_empty());
    answers(&site, &gold, &for_gold, &form, &["卵"]).shows("参加が確定しています");
    // A draft has no answers either.
    let secret = draft(&office, &[("form", &form.id)]);
    taro.answers(&form.path(&site, &secret), &form, &["卵"]);
    site.run_due();
    assert_eq!(site.documents("registrations").len(), 1);
    assert!(site.failures().is_empty() && site.set_aside().is_empty());
}

#[test]
fn a_form_that_is_closed_or_left_out_lets_nobody_register_and_without_one_a_button_does() {
    let site = Site::new();
    let office = site.staff("事務局");
    let form = site.form("dinner", &["食べられないもの"]);
    let event = event_with(&office, &form, &[]);
    site.close_form(&form);
    let hanako = site.member("花子");
    hanako.get(&event).shows("申し込みのフォームが受け付けを停止している").lacks("申し込みフォームへ進む");
    hanako.post(&format!("{event}/register"), &[]).is(409);
    let edit = format!("{event}/edit");
    office.get_admin(&edit).shows("dinner（受付停止中）").submit(&edit, &with(&[("form", "")])).is(303);
    hanako.get(&event).submit(&format!("{event}/register"), &[]).is(303).follow().shows("参加が確定しています");
    let without = Site::opening().without("forms").open();
    let office = without.staff("事務局");
    office.get_admin("/events/new").lacks("申し込みフォーム");
    let event = published(&office, &[]);
    without.member("花子").get(&event).submit(&format!("{event}/register"), &[]).is(303).follow().shows("参加が確定しています");
    assert!(site.failures().is_empty() && without.failures().is_empty());
}

#[test]
fn what_a_member_answered_goes_with_them() {
    let site = Site::new();
    let office = site.staff("事務局");
    let form = site.form("dinner", &["食べられないもの"]);
    let event = event_with(&office, &form, &[]);
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    answers(&site, &hanako, &event, &form, &["卵アレルギー"]).shows("参加が確定しています");
    taro.get(&event).submit(&format!("{event}/register"), &[]).is(303);
    hanako.erase();
    taro.erase();
    let file = office.get_admin(&format!("{event}/participants/export")).is(200);
    assert!(!file.body().contains("卵アレルギー"), "{}", file.body());
    assert_eq!((site.documents("registrations").len(), site.documents("wishes").len()), (1, 0));
}
