//! Staff make segments through the form, and find and see members.

use crate::testing::Browser;
use axum::http::StatusCode;
use tsudoi_kernel::MemberId;
use tsudoi_services::testing::{TestServices, services};

async fn office(house: &TestServices) -> Browser {
    house.parrot_with_rules("parrot", &["named"]).await;
    Browser::staff(house, &["members"]).await
}

#[tokio::test]
async fn a_segment_is_made_condition_by_condition_and_nothing_typed_is_lost() {
    let house = services().await;
    let mut staff = office(&house).await;
    let hanako: MemberId = house.member("H-0001", None, None).await;
    assert!(staff.get("/admin/segments").await.text.contains("まだリストがありません"));
    staff.get("/admin/segments/new").await;
    let added = staff.post("/admin/segments/new", &[("name_ja", "常連さん"), ("action", "add:parrot/named")]).await;
    assert!(added.status == StatusCode::OK && added.text.contains("value=\"常連さん\""), "{}", added.text);
    assert!(added.text.contains("condition-0-p-members"), "{}", added.text);
    let filled = |name: &'static str, action: &'static str| {
        [
            ("name_ja", name.to_owned()),
            ("condition-0-kind", "parrot/named".into()),
            ("condition-0-p-members", hanako.to_string()),
            ("action", action.into()),
        ]
    };
    let send = async |staff: &mut Browser, path: &str, fields: [(&str, String); 4]| {
        staff.post(path, &fields.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()).await
    };
    let looked = send(&mut staff, "/admin/segments/new", filled("常連さん", "look")).await;
    assert!(looked.text.contains("当てはまる会員 1人"), "{}", looked.text);
    let nameless = send(&mut staff, "/admin/segments/new", filled("", "save")).await;
    assert!(nameless.status == StatusCode::UNPROCESSABLE_ENTITY && nameless.text.contains(&hanako.to_string()), "{}", nameless.text);
    let saved = send(&mut staff, "/admin/segments/new", filled("常連さん", "save")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let address = saved.location().to_owned();
    assert!(staff.get("/admin/segments").await.text.contains("オウム: 名前がある"));
    // Without the state that the form began with, it is somebody else's version.
    let stale = send(&mut staff, &address, filled("古参", "save")).await;
    assert!(stale.status == StatusCode::CONFLICT && stale.text.contains("value=\"古参\""), "{}", stale.text);
    staff.get(&address).await;
    assert_eq!(staff.post(&format!("{address}/delete"), &[]).await.location(), "/admin/segments");
    assert_eq!(staff.get(&address).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn members_and_segments_are_for_staff_who_may_see_members() {
    let house = services().await;
    let hanako = house.member("H-0001", None, None).await;
    let paths = ["/admin/members".to_owned(), format!("/admin/members/{hanako}"), "/admin/segments".into(), "/admin/segments/new".into()];
    let mut editor = Browser::staff(&house, &["site"]).await;
    for path in &paths {
        assert_eq!(editor.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(!editor.get("/admin").await.text.contains("/admin/members"));
}

#[tokio::test]
async fn a_member_is_found_seen_and_written_out() {
    let house = services().await;
    let mut staff = office(&house).await;
    let hanako = house.member("H-0001", None, None).await;
    assert!(staff.get("/admin/members?q=h-0001").await.text.contains(&format!("/admin/members/{hanako}")));
    assert!(staff.get("/admin/members?q=nobody%25").await.text.contains("「nobody%」に当てはまる会員は見つかりませんでした"));
    let page = staff.get(&format!("/admin/members/{hanako}")).await;
    assert!(page.status == StatusCode::OK && page.text.contains("H-0001") && page.text.contains("まだ記録がありません"), "{}", page.text);
    let file = staff.post(&format!("/admin/members/{hanako}/export"), &[]).await;
    assert!(file.header(axum::http::header::CONTENT_DISPOSITION).starts_with("attachment"));
    assert!(file.text.contains("\"H-0001\""), "{}", file.text);
    assert_eq!(staff.get("/admin/members/nobody").await.status, StatusCode::NOT_FOUND);
}
