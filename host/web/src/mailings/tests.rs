//! Staff write a mailing through the forms, and members end mails from the mail itself.

use crate::testing::{Browser, value_after};
use axum::http::{StatusCode, header};
use tsudoi_kernel::mailing::FIRST_TOPIC;
use tsudoi_services::mail::{MailPace, Outlet};
use tsudoi_services::testing::{TestServices, services};

const PACE: MailPace = MailPace { at_once: 1, per_second: 0 };

fn typed<'a>(subject: &'a str, action: &'a str, topic: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("subject_ja", subject),
        ("text_ja", "{{name}}様\n\n[日程](/events)です。"),
        ("gate", "members"),
        ("topic", topic),
        ("action", action),
    ]
}

async fn sent(house: &TestServices) {
    while house.carry_on_mailings().await.unwrap() > 0 {}
    house.deliver_mails(Outlet::Inbox, PACE).await.unwrap();
    house.carry_on_mailings().await.unwrap();
}

/// The path and query of the first link to the page that ends mails.
fn stop_path(mail: &str) -> String {
    let from = mail.find("/mail/stop?").unwrap_or_else(|| panic!("{mail}"));
    mail[from..].split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_mailing_is_written_looked_at_sent_and_accounted_for() {
    let house = services().await;
    house.member("H-0001", Some("hanako@example.jp"), None).await;
    house.member("H-0002", None, None).await;
    let mut staff = Browser::staff(&house, &["members"]).await;
    let topic = FIRST_TOPIC.to_string();
    assert!(staff.get("/admin/mailings").await.text.contains("まだ一斉メールがありません"));
    let new = staff.get("/admin/mailings/new").await;
    assert!(!new.text.contains("value=\"everyone\"") && new.text.contains("{{display-name}}"), "{}", new.text);
    let nameless = staff.post("/admin/mailings/new", &typed("", "save", &topic)).await;
    assert!(nameless.status == StatusCode::UNPROCESSABLE_ENTITY && nameless.text.contains("[日程](/events)です。"), "{}", nameless.text);
    let saved = staff.post("/admin/mailings/new", &typed("ご案内", "send", &topic)).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let send = saved.location().to_owned();
    let mailing = send.trim_end_matches("/send").to_owned();
    let asked = staff.get(&send).await;
    for part in ["1人に届きます", "メールアドレスの登録がない", "山田 花子様", "1人への送信を決める"] {
        assert!(asked.text.contains(part), "{part}: {}", asked.text);
    }
    let preview = staff.get(&format!("{mailing}/preview?lang=ja")).await;
    assert!(preview.text.contains("href=\"https://club.example/events\""), "{}", preview.text);
    assert!(preview.header(header::CONTENT_SECURITY_POLICY).ends_with("; sandbox"), "nothing of it runs");

    staff.get(&send).await;
    assert_eq!(staff.post(&format!("{mailing}/test"), &[]).await.location(), send);
    sent(&house).await;
    assert_eq!(house.mails_to("office@example.jp").await.len(), 1);
    let asked = staff.get(&send).await;
    let state = value_after(&asked.text[asked.text.find("<main").unwrap()..], "name=\"state\"").unwrap();
    let past = [("when", "at"), ("date", "2020-01-01"), ("time", "10:00"), ("state", state.as_str())];
    let refused = staff.post(&send, &past).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains("過ぎた日時です"), "{}", refused.text);
    assert!(refused.text.contains("value=\"2020-01-01\""), "nothing typed is lost");
    let stale = staff.post(&send, &[("when", "now"), ("state", "old")]).await;
    assert_eq!(stale.location(), mailing);
    let scheduled = staff.post(&send, &[("when", "now"), ("state", state.as_str())]).await;
    assert_eq!(scheduled.location(), mailing, "{}", scheduled.text);
    sent(&house).await;
    let report = staff.get(&mailing).await;
    for part in ["送信済み", "送信済み: 1人", "メールアドレスの登録がない: 1人", "会員H-0001 花子"] {
        assert!(report.text.contains(part), "{part}: {}", report.text);
    }
    let left_out = staff.get(&format!("{mailing}?state=left-out")).await;
    assert!(left_out.text.contains("会員H-0002") && !left_out.text.contains("hanako@example.jp"), "{}", left_out.text);
    let list = staff.get("/admin/mailings").await;
    assert!(list.text.contains("1 / 1件"), "{}", list.text);
    let copied = staff.post(&format!("{mailing}/copy"), &[]).await;
    assert!(staff.get(copied.location()).await.text.contains("value=\"ご案内\""));
    assert_eq!(staff.post(&format!("{}/delete", copied.location()), &[]).await.location(), "/admin/mailings");
}

#[tokio::test]
async fn two_who_edit_the_same_draft_are_told() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["members"]).await;
    let topic = FIRST_TOPIC.to_string();
    staff.get("/admin/mailings/new").await;
    let mailing = staff.post("/admin/mailings/new", &typed("ご案内", "save", &topic)).await.location().to_owned();
    staff.get(&mailing).await;
    let stale = staff.post(&mailing, &[typed("別の件名", "save", &topic), vec![("state", "old")]].concat()).await;
    assert!(
        stale.status == StatusCode::CONFLICT && stale.text.contains("value=\"別の件名\"") && stale.text.contains("ご案内"),
        "{}",
        stale.text
    );
}

#[tokio::test]
async fn a_mail_program_ends_mails_of_a_kind_by_one_post() {
    let house = services().await;
    house.member("H-0001", Some("hanako@example.jp"), None).await;
    let mut staff = Browser::staff(&house, &["members"]).await;
    let topic = FIRST_TOPIC.to_string();
    let send = async |staff: &mut Browser| {
        staff.get("/admin/mailings/new").await;
        let send = staff.post("/admin/mailings/new", &typed("ご案内", "send", &topic)).await.location().to_owned();
        let asked = staff.get(&send).await;
        let state = value_after(&asked.text[asked.text.find("<main").unwrap()..], "name=\"state\"").unwrap();
        staff.post(&send, &[("when", "now"), ("state", state.as_str())]).await;
        sent(&house).await;
    };
    send(&mut staff).await;
    let stop = stop_path(&house.mails_to("hanako@example.jp").await[0]);
    // Without cookies and without a token of a form's.
    let mut program = Browser::new(&house);
    let page = program.get(&stop).await;
    assert!(page.status == StatusCode::OK && page.text.contains("h…@example.jp") && page.text.contains("「お知らせ」"), "{}", page.text);
    let before = house.mails_to("hanako@example.jp").await.len();
    send(&mut staff).await;
    assert_eq!(house.mails_to("hanako@example.jp").await.len(), before + 1, "to look at the page ends nothing");
    let mut program = Browser::new(&house);
    let ended = program.post(&stop, &[("List-Unsubscribe", "One-Click")]).await;
    assert!(ended.status == StatusCode::OK && ended.text.contains("もう一度受け取る"), "{}", ended.text);
    send(&mut staff).await;
    assert_eq!(house.mails_to("hanako@example.jp").await.len(), before + 1);
    let again = program.post(&stop, &[("action", "again")]).await;
    assert!(again.text.contains("これからも届きます"), "{}", again.text);
    send(&mut staff).await;
    assert_eq!(house.mails_to("hanako@example.jp").await.len(), before + 2);
    let forged = stop.replace("sign=", "sign=x");
    assert_eq!(program.get(&forged).await.status, StatusCode::NOT_FOUND);
    assert_eq!(program.post(&forged, &[("List-Unsubscribe", "One-Click")]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn topics_are_kept_in_their_forms_and_mailings_are_for_staff_who_may_see_members() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["members"]).await;
    staff.get("/admin/mailings/topics").await;
    let nameless = staff.post("/admin/mailings/topics", &[("name_ja", ""), ("name_en", "Bulletin")]).await;
    assert!(nameless.status == StatusCode::UNPROCESSABLE_ENTITY && nameless.text.contains("value=\"Bulletin\""), "{}", nameless.text);
    assert_eq!(staff.post("/admin/mailings/topics", &[("name_ja", "会報")]).await.status, StatusCode::SEE_OTHER);
    assert!(staff.get("/admin/mailings/new").await.text.contains("会報"));
    assert!(staff.get("/admin/mailings/addresses").await.text.contains("届かないアドレスはありません"));
    staff.get("/admin/mailings/addresses").await;
    let unknown = staff.post("/admin/mailings/addresses/lift", &[("email", "x@example.jp")]).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_may_not_see_members_sends_no_mailings() {
    let house = services().await;
    let mut editor = Browser::staff(&house, &["site"]).await;
    for path in ["/admin/mailings", "/admin/mailings/new", "/admin/mailings/topics", "/admin/mailings/addresses"] {
        assert_eq!(editor.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}
