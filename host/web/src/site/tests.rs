//! The site's frame through the routes.

use crate::testing::Browser;
use axum::http::StatusCode;
use tsudoi_services::testing::services;

fn pairs<'a>(fields: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn frame(revision: String, name: &str, action: &str) -> Vec<(&'static str, String)> {
    let fields = [("name", name), ("accent", "#3b4fa3"), ("theme", "commons"), ("contact_email", "office@example.jp"), ("action", action)];
    fields.into_iter().map(|(field, value)| (field, value.to_owned())).chain([("revision", revision)]).collect()
}

#[tokio::test]
async fn a_new_name_reaches_every_page_when_it_is_published_and_goes_when_taken_back() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    let mut visitor = Browser::new(&house);
    for (name, action) in [("ほしぞら会", "publish"), ("月の会", "save")] {
        let revision = staff.get("/admin/site").await.field("revision");
        let saved = staff.post("/admin/site", &pairs(&frame(revision, name, action))).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
        assert!(visitor.get("/").await.text.contains("ほしぞら会"));
    }
    let revision = staff.get("/admin/site").await.field("revision");
    staff.post("/admin/site/publish", &[("revision", &revision)]).await;
    assert!(visitor.get("/").await.text.contains("月の会"));
    let published = staff.get("/admin/site").await.field("published");
    assert_eq!(staff.post("/admin/site/undo", &[("published", &published)]).await.status, StatusCode::SEE_OTHER);
    assert!(visitor.get("/").await.text.contains("ほしぞら会"));
    assert!(staff.get("/admin/site/history").await.text.contains("月の会"));
}

#[tokio::test]
async fn a_menu_is_made_row_by_row_without_scripts() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    let page = staff.get("/admin/menu").await;
    let revision = page.field("revision");
    let row = staff.post("/admin/menu", &[("revision", &revision), ("action", "add:menu")]).await;
    assert!(row.status == StatusCode::OK && row.text.contains("name=\"menu-0-path\""), "{}", row.text);
    let wrong = [("revision", revision.as_str()), ("menu-0-ja", "会報"), ("menu-0-path", "javascript:alert(1)"), ("action", "publish")];
    let wrong = staff.post("/admin/menu", &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("会報") && wrong.text.contains("https:// で始まる"), "{}", wrong.text);
    let right =
        [("revision", revision.as_str()), ("menu-0-ja", "会報"), ("menu-0-en", "News"), ("menu-0-path", "/kaiho"), ("action", "publish")];
    assert_eq!(staff.post("/admin/menu", &right).await.status, StatusCode::SEE_OTHER);
    let home = Browser::new(&house).get("/").await;
    assert!(home.text.contains("href=\"/kaiho\"") && home.text.contains("会報"), "{}", home.text);
}

#[tokio::test]
async fn staff_of_a_new_site_are_told_where_to_begin() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["owner"]).await;
    let page = staff.get("/admin").await;
    assert!(page.status == StatusCode::OK && page.text.contains("ホームのページを作る"), "{}", page.text);
}
