//! What time and staff do to events on the real host: reminders, calling off, moving, calendars, money.

mod common;

use common::{draft, link, mails, published, register, with, withdraw};
use std::time::Duration;
use tsudoi_testkit::{Site, json};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn who_is_registered_is_reminded_once() {
    let site = Site::new();
    let office = site.staff("事務局");
    let (hanako, taro, jiro) = (site.member("花子"), site.member("太郎"), site.member("次郎"));
    let event = published(&office, &[("capacity", "2")]);
    register(&hanako, &event);
    register(&taro, &event);
    register(&jiro, &event);
    let reminded = || mails(&site, "の開催が近づきました").len();
    site.pass_until("2026-12-09T07:59:00+09:00");
    assert_eq!(reminded(), 0);
    site.pass_until("2026-12-09T08:01:00+09:00");
    assert_eq!(reminded(), 2, "who waits is not reminded");
    // A place that was given later is reminded of the next morning, and nobody twice.
    withdraw(&taro, &event);
    register(&taro, &event);
    withdraw(&hanako, &event);
    site.pass(DAY);
    assert_eq!(reminded(), 3);
    site.pass(DAY);
    site.pass(DAY);
    assert_eq!(reminded(), 3);
    let mail = site.mails().into_iter().find(|mail| mail.subject.contains("近づきました")).unwrap();
    assert!(mail.text.contains("日時：2026年12月12日（土） 18:00") && mail.text.contains("場所：公民館 2階"), "{}", mail.text);
    assert!(site.failures().is_empty() && site.set_aside().is_empty());
}

#[test]
fn staff_choose_when_to_remind_or_not_to() {
    let site = Site::new();
    let (office, hanako) = (site.staff("事務局"), site.member("花子"));
    site.set("remind-days", &json!(0));
    let event = published(&office, &[]);
    register(&hanako, &event);
    site.pass_until("2026-12-11T12:00:00+09:00");
    site.set("remind-days", &json!(1));
    assert!(mails(&site, "近づきました").is_empty());
    site.pass_until("2026-12-12T09:00:00+09:00");
    assert_eq!(mails(&site, "近づきました").len(), 1);
}

#[test]
fn an_event_that_is_called_off_cancels_all_and_tells_everybody() {
    let site = Site::new();
    let office = site.staff("事務局");
    let event = published(&office, &[("capacity", "60")]);
    let members: Vec<_> = (0..70).map(|number| site.member(&format!("会員{number}"))).collect();
    let path = format!("{event}/register");
    site.at_once(&members.iter().map(|member| member.posting(&path, &[])).collect::<Vec<_>>());
    // The newest hundred mails are told.
    site.pass(Duration::from_secs(60));
    let off = format!("{event}/call-off");
    office.get_admin(&off).shows("70件").submit(&off, &[]).is(303).follow().shows("中止になりました");
    site.run_due();
    let mut told = mails(&site, "は中止になりました");
    told.sort();
    told.dedup();
    assert_eq!((told.len(), mails(&site, "は中止になりました").len()), (70, 70));
    assert!(site.documents("registrations").iter().all(|found| found["state"] == "cancelled"));
    assert_eq!(site.documents("seats"), [json!({ "taken": 0, "waiting": 0 })]);
    let count = |topic: &str| site.events().iter().filter(|event| event.topic == format!("event-tasks.{topic}")).count();
    assert_eq!((count("event-cancelled"), count("cancelled"), mails(&site, "席が空き").len()), (1, 60, 0));
    members[0].get("/").shows("中止");
    members[0].post(&path, &[]).is(409);
    office.post_admin(&off, &[]).is(409);
    assert!(site.failures().is_empty() && site.set_aside().is_empty());
}

#[test]
fn an_event_that_moves_takes_its_registrations_along() {
    let site = Site::new();
    let (office, hanako) = (site.staff("事務局"), site.member("花子"));
    let event = published(&office, &[]);
    register(&hanako, &event);
    let edit = format!("{event}/edit");
    office.get_admin(&edit).submit(&edit, &with(&[("starts_at", "2027-01-09T18:00"), ("ends_at", "")])).is(303);
    site.run_due();
    site.pass_until("2026-12-13T09:00:00+09:00");
    hanako.block("my-events", &json!({})).shows("忘年会").shows("2027年1月9日");
    office.get_admin("/").shows("忘年会");
}

#[test]
fn a_calendar_takes_over_what_changes() {
    let site = Site::new();
    let (office, hanako) = (site.staff("事務局"), site.member("花子"));
    let event = published(&office, &[("place_is_private", "1"), ("description", "持ち物、箸。\n雨天決行です。")]);
    let file = || hanako.get(&format!("{event}/calendar")).is(200);
    let text = || file().body().replace("\r\n ", "");
    assert!(file().header("content-type").is_some_and(|kind| kind.starts_with("text/calendar")));
    let first = text();
    assert!(first.contains("DTSTART:20261212T090000Z\r\n") && first.contains("DTEND:20261212T113000Z\r\n"), "{first}");
    assert!(first.contains("SEQUENCE:0\r\n") && !first.contains("LOCATION") && first.contains("持ち物、箸。\\n雨天決行です。"), "{first}");
    register(&hanako, &event);
    assert!(text().contains("LOCATION:公民館 2階\r\n"));
    let edit = format!("{event}/edit");
    office.get_admin(&edit).submit(&edit, &with(&[("starts_at", "2026-12-12T18:30")])).is(303);
    let moved = text();
    assert!(moved.contains("DTSTART:20261212T093000Z\r\n") && moved.contains("SEQUENCE:1\r\n"), "{moved}");
    let uid = |text: &str| text.lines().find(|line| line.starts_with("UID:")).map(str::to_owned);
    assert_eq!(uid(&first), uid(&moved));
    let off = format!("{event}/call-off");
    office.get_admin(&off).submit(&off, &[]).is(303);
    let off = text();
    assert!(off.contains("METHOD:CANCEL\r\n") && off.contains("STATUS:CANCELLED\r\n") && off.contains("SEQUENCE:2\r\n"), "{off}");
}

#[test]
fn summer_time_counts_where_the_organisation_has_it() {
    let site = Site::opening().zone("Europe/London").english().open();
    let (office, hanako) = (site.staff("Office"), site.member("Hanako"));
    let summer = published(&office, &[("title", "Picnic"), ("starts_at", "2027-07-01T18:00"), ("ends_at", "2027-07-01T20:00")]);
    let file = hanako.get(&format!("{summer}/calendar"));
    assert!(file.body().contains("DTSTART:20270701T170000Z\r\n"), "{}", file.body());
    register(&hanako, &summer);
    let mail = site.mails().pop().unwrap();
    assert!(
        mail.subject.contains("You are registered for “Picnic”") && mail.text.contains("When: 2027-07-01 (Thu) 18:00"),
        "{}",
        mail.text
    );
    site.pass_until("2027-06-28T08:00:00+01:00");
    assert_eq!(mails(&site, "“Picnic” is soon").len(), 1);
}

#[test]
fn the_timetable_keeps_for_staff_what_is_theirs() {
    let site = Site::new();
    let (office, hanako) = (site.staff("事務局"), site.member("花子"));
    let event = published(&office, &[]);
    let path = format!("{event}/timetable");
    let add = |title: &str, at: &str, fields: &[(&str, &str)]| {
        let fields: Vec<_> = [("title", title), ("starts_at", at)].into_iter().chain(fields.iter().copied()).collect();
        office.get_admin(&path).submit(&path, &fields).is(303);
    };
    add("乾杯", "2026-12-12T18:00", &[("ends_at", "2026-12-12T18:10")]);
    add("会場設営", "2026-12-12T16:00", &[("for_staff", "1"), ("place", "倉庫")]);
    hanako.get(&event).shows("18:00 〜 18:10 乾杯").lacks("会場設営");
    let shown = office.get(&event).shows("会場設営").text();
    assert!(shown.find("会場設営") < shown.find("乾杯"), "{shown}");
    let one = format!("{path}/1");
    office
        .get_admin(&one)
        .submit(&one, &[("title", "挨拶"), ("starts_at", "2026-12-12T18:05"), ("ends_at", "2026-12-12T18:00")])
        .refuses("開始よりあと");
    office.get_admin(&one).submit(&one, &[("title", "挨拶"), ("starts_at", "2026-12-12T18:05")]).is(303);
    hanako.get(&event).shows("18:05 挨拶").lacks("乾杯");
    office.get_admin(&path).submit(&format!("{path}/1/remove"), &[]).is(303);
    hanako.get(&event).lacks("挨拶");
}

#[test]
fn a_copy_is_a_draft_that_nobody_is_registered_for() {
    let site = Site::new();
    let (office, hanako) = (site.staff("事務局"), site.member("花子"));
    let event = published(&office, &[("capacity", "5")]);
    register(&hanako, &event);
    let copy = office.get(&event).submit(&format!("{event}/copy"), &[]).is(303);
    assert!(copy.location().ends_with("/edit") && !copy.location().contains(&event));
    let page = copy.follow();
    assert!(page.body().contains("value=\"忘年会\"") && page.body().contains("value=\"2026-12-12T18:00\""));
    hanako.get("/").shows("残り4名").lacks("残り5名");
}

#[test]
fn staff_who_changed_it_meanwhile_are_not_overwritten() {
    let site = Site::new();
    let office = site.staff("事務局");
    let event = draft(&office, &[]);
    let edit = format!("{event}/edit");
    let opened = office.get_admin(&edit);
    office.get_admin(&edit).submit(&edit, &with(&[("title", "大忘年会")])).is(303);
    let refused = opened.submit(&edit, &with(&[("place", "体育館")])).refuses("ほかの人が内容を更新しました");
    assert!(refused.body().contains("体育館"));
    office.get(&event).shows("大忘年会");
    refused.submit(&edit, &with(&[("title", "大忘年会"), ("place", "体育館")])).is(303).follow().shows("体育館");
}

#[test]
fn a_registration_is_billed_by_tier_and_the_bill_goes_with_it() {
    let site = Site::new();
    let office = site.staff("事務局");
    let (hanako, gold, free) =
        (site.member("花子"), site.new_member("金子").tier("gold").join(), site.new_member("招待").tier("guest").join());
    let event = published(&office, &[("price", "3000"), ("tier_prices", "gold=2000\nguest=0"), ("companions", "1"), ("capacity", "4")]);
    gold.get(&event).shows("2,000円");
    free.get(&event).shows("無料");
    let path = format!("{event}/register");
    hanako.get(&event).submit(&path, &[("companions", "1")]).follow().shows("参加費の合計：6,000円").shows("請求書");
    register(&gold, &event);
    register(&free, &event);
    let totals = || {
        let mut totals: Vec<_> = site.invoices().into_iter().map(|invoice| (invoice.total, invoice.state, invoice.name)).collect();
        totals.sort();
        totals
    };
    let told = |total: i64, state: &str| (total, state.to_owned(), "忘年会".to_owned());
    assert_eq!(totals(), [told(2000, "open"), told(6000, "open")]);
    // Whoever waits is billed with their place.
    let jiro = site.member("次郎");
    register(&jiro, &event);
    assert_eq!(totals().len(), 2);
    withdraw(&hanako, &event);
    assert_eq!(totals(), [told(2000, "open"), told(3000, "open"), told(6000, "void")]);
    office.get_admin(&format!("{event}/participants")).shows("請求中");
    assert!(site.failures().is_empty());
}

#[test]
fn the_list_of_participants_follows_what_becomes_of_the_bill() {
    let site = Site::new();
    let (office, hanako) = (site.staff("事務局"), site.member("花子"));
    let event = published(&office, &[("price", "3000")]);
    let participants = || office.get_admin(&format!("{event}/participants"));
    register(&hanako, &event);
    let invoice = site.invoices().remove(0);
    let registration = link(&participants(), "/admin", "/registrations/", "/cancel\"");
    let registration = registration.trim_start_matches("/registrations/").trim_end_matches("/cancel");
    let tell = |invoice: &str, reference: &str| {
        let payload = json!({ "invoice": invoice, "member": hanako.id(), "total": 3000, "currency": "JPY", "reference": reference });
        site.tell("invoice.paid", invoice, &payload);
        site.run_due();
    };
    // Another plugin's, which may call its own things alike.
    let other = "01890a5d-ac96-774b-bcce-b302099a8057";
    tell(&invoice.id, other);
    tell(other, registration);
    participants().shows("請求中").lacks("支払い済み");
    tell(&invoice.id, registration);
    participants().shows("支払い済み");
    hanako.get(&event).shows("支払い済み");
    // Staff take it back among the invoices; who comes again is billed anew.
    site.credit(&invoice.id);
    site.run_due();
    participants().shows("請求取り消し済み");
    withdraw(&hanako, &event);
    register(&hanako, &event);
    participants().shows("請求中");
    assert_eq!(site.invoices().len(), 2);
    assert!(site.failures().is_empty() && site.set_aside().is_empty());
}

#[test]
fn without_invoices_it_is_paid_at_the_door() {
    for opening in [Site::opening().without("invoices"), Site::opening().without_issuer()] {
        let site = opening.open();
        let (office, hanako) = (site.staff("事務局"), site.member("花子"));
        let event = published(&office, &[("price", "3000")]);
        register(&hanako, &event).shows("参加費の合計：3,000円").shows("当日会場でお支払い");
        office.get_admin(&format!("{event}/participants")).shows("当日会場でお支払い");
        withdraw(&hanako, &event);
        assert!(site.invoices().is_empty() && site.failures().is_empty());
    }
}

#[test]
fn without_mails_and_timelines_events_do_without() {
    let left_out = ["notify", "activities", "event:invoice.paid", "event:invoice.refunded"];
    let site = left_out.into_iter().fold(Site::opening(), |opening, interface| opening.without(interface)).open();
    let (office, hanako) = (site.staff("事務局"), site.member("花子"));
    let event = published(&office, &[]);
    register(&hanako, &event).shows("参加が確定しています");
    site.pass_until("2026-12-12T09:00:00+09:00");
    assert!(site.mails().is_empty() && site.activities().is_empty() && site.failures().is_empty());
    let page = office.get_admin(&format!("{event}/participants"));
    page.submit(&link(&page, "/admin", "/registrations/", "/cancel\""), &[]).is(303);
}
