//! Members through the routes, as staff enter, change and end them.

use crate::testing::Browser;
use axum::http::StatusCode;
use tsudoi_kernel::Gate;
use tsudoi_services::pages::{PageBody, PagePath};
use tsudoi_services::testing::services;

#[tokio::test]
async fn staff_enter_a_member_and_nothing_typed_is_lost() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["members"]).await;
    let form = staff.get("/admin/members/new").await;
    assert_eq!((form.status, form.field("number"), form.field("begins")), (StatusCode::OK, "1".to_owned(), "2027-01-15".to_owned()));
    let mut typed = vec![
        ("number", "H-0001"),
        ("family_name", "佐藤"),
        ("given_name", "花子"),
        ("family_kana", "佐藤"),
        ("email", "hanako@"),
        ("contact-0-kind", "phone"),
        ("contact-0-place", "mobile"),
        ("contact-0", "12"),
        ("address-0-place", "home"),
        ("address-0-postal_code", "1000001"),
        ("address-0-locality", "千代田区"),
        ("begins", "令和8年4月1日"),
        ("ends", "2025-03-31"),
    ];
    let refused = staff.post("/admin/members/new", &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for expected in ["カタカナで入力", "メールアドレス", "電話番号を数字", "終わる日を、始まる日より後", "千代田区", "令和8年4月1日"]
    {
        assert!(refused.text.contains(expected), "{expected} is missing in {}", refused.text);
    }
    for (name, right) in [("family_kana", "さとう"), ("email", "hanako@example.jp"), ("contact-0", "090-1234-5678"), ("ends", "")] {
        typed.iter_mut().find(|(known, _)| *known == name).unwrap().1 = right;
    }
    let made = staff.post("/admin/members/new", &typed).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let address = made.location().to_owned();
    let page = staff.get(&address).await;
    for expected in ["会員を追加しました", "佐藤 花子", "サトウ", "090-1234-5678", "〒100-0001", "2026年4月1日"] {
        assert!(page.text.contains(expected), "{expected} is missing in {}", page.text);
    }
    assert!(staff.get("/admin/members?q=09012345678").await.text.contains(&address), "found by the phone number");
}

#[tokio::test]
async fn who_saves_a_member_second_sees_what_the_first_one_saved() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["members"]).await;
    let id = house.member("H-0001", Some("hanako@example.jp"), None).await;
    let address = format!("/admin/members/{id}/edit");
    let seen = staff.get(&address).await.field("seen");
    let typed = |name| vec![("seen", seen.clone()), ("number", "H-0001".to_owned()), ("family_name", name), ("email", String::new())];
    house.clock.pass(60);
    let mut send = async |name: &str| {
        let fields = typed(name.to_owned());
        staff.post(&address, &fields.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()).await
    };
    assert_eq!(send("鈴木").await.status, StatusCode::SEE_OTHER);
    let second = send("高橋").await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.text.contains("鈴木") && second.text.contains("高橋") && second.text.contains("ほかの担当者"), "{}", second.text);
}

#[tokio::test]
async fn whose_membership_is_over_is_told_so_and_kept_out() {
    let house = services().await;
    let gated = PageBody {
        title: "会報".into(),
        path: PagePath::parse("/club").unwrap(),
        text: "ひみつ".into(),
        gate: Gate::Members,
        teaser: String::new(),
    };
    house.editor(&house.anonymous().await).create_page(&gated, true).await.unwrap();
    let (mut member, id) = Browser::member(&house, "H-0001").await;
    assert!(member.get("/club").await.text.contains("ひみつ"));
    let mut staff = Browser::staff(&house, &["members"]).await;
    let periods = format!("/admin/members/{id}/periods");
    staff.get(&format!("/admin/members/{id}")).await;
    let refused = staff.post(&periods, &[("action", "leave"), ("last_day", "きのう"), ("leave_note", "引っ越し")]).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains("きのう") && refused.text.contains("引っ越し"));
    assert_eq!(staff.post(&periods, &[("action", "leave"), ("last_day", "2027-01-15")]).await.status, StatusCode::SEE_OTHER);
    assert!(member.get("/club").await.text.contains("ひみつ"), "to the last day");
    house.clock.pass(24 * 60 * 60);
    house.turn_memberships().await.unwrap();
    // The page that is kept for those who are members still is not for them.
    let account = house.account(None).await;
    let still = house.member("H-0002", None, Some(account)).await;
    let mut other = member.beside(&house.start_session(house.organisation.id, account, Some(still), "test").await.unwrap());
    assert!(other.get("/club").await.text.contains("ひみつ") && other.get("/club").await.text.contains("ひみつ"));
    let kept_out = member.get("/club").await;
    assert_eq!(kept_out.status, StatusCode::FORBIDDEN);
    assert!(kept_out.text.contains("退会されている") && !kept_out.text.contains("ひみつ"), "{}", kept_out.text);
    assert!(member.get("/account").await.text.contains("退会済み"), "their own page stays open");
}

#[tokio::test]
async fn a_member_is_erased_by_who_types_the_number() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["members"]).await;
    let address = format!("/admin/members/{}/erase", house.member("H-0001", None, None).await);
    assert!(staff.get(&address).await.text.contains("元に戻せません"));
    let refused = staff.post(&address, &[("number", "H-0002")]).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains("会員番号が違います"));
    assert_eq!(staff.post(&address, &[("number", "H-0001")]).await.location(), "/admin/members");
    assert_eq!(staff.get(&address).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn types_tiers_and_labels_are_lists_that_staff_change() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["members"]).await;
    let page = staff.get("/admin/members/kinds").await;
    // The types come first.
    let state = page.field("state");
    let row =
        |ja: &'static str, grace: &'static str| [("0-key", ""), ("0-ja", ja), ("0-en", ""), ("0-grace", grace), ("state", state.as_str())];
    let refused = staff.post("/admin/members/kinds/types", &row("正会員", "ひと月")).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains("ひと月"), "{}", refused.text);
    assert_eq!(staff.post("/admin/members/kinds/types", &row("正会員", "30")).await.status, StatusCode::SEE_OTHER);
    assert!(staff.get("/admin/members/new").await.text.contains("正会員"));
    let late = staff.post("/admin/members/kinds/types", &row("学生会員", "0")).await;
    assert!(late.status == StatusCode::CONFLICT && late.text.contains("学生会員"), "{}", late.text);
}
