//! Files through the routes.

use crate::testing::Browser;
use axum::http::{StatusCode, header};
use std::sync::LazyLock;
use tsudoi_services::testing::{picture, services};

static PNG: LazyLock<Vec<u8>> = LazyLock::new(|| picture(b"a picture"));

/// What follows `/files/` in a page of the staff area.
fn address(text: &str) -> String {
    let at = text.find("src=\"/files/").expect("a picture") + 5;
    let end = text[at..].find(['"', '?']).expect("its end");
    text[at..at + end].to_owned()
}

#[tokio::test]
async fn an_uploaded_picture_is_served_by_its_content() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    staff.get("/admin/files").await;
    let fields = [("alt_ja", "丘の上の天文台"), ("alt_en", ""), ("gate", "everyone")];
    let added = staff.upload("/admin/files", &fields, ("oka.html", &PNG)).await;
    assert_eq!((added.status, added.location()), (StatusCode::SEE_OTHER, "/admin/files"), "{}", added.text);
    let address = address(&staff.get("/admin/files").await.text);
    assert!(address.ends_with("/oka.png"), "{address}");
    let mut visitor = Browser::new(&house);
    let file = visitor.get(&address).await;
    assert_eq!((file.status, file.bytes.as_slice(), file.header(header::CONTENT_TYPE)), (StatusCode::OK, PNG.as_slice(), "image/png"));
    assert_eq!(file.header(header::CONTENT_SECURITY_POLICY), "default-src 'none'; sandbox");
}

#[tokio::test]
async fn a_gated_file_is_as_absent_as_one_that_never_was() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    staff.get("/admin/files").await;
    staff.upload("/admin/files", &[("alt_ja", "丘"), ("alt_en", ""), ("gate", "members")], ("oka.png", &PNG)).await;
    let address = address(&staff.get("/admin/files").await.text);
    assert_eq!(staff.get(&address).await.header(header::CACHE_CONTROL), "private, no-cache");
    let mut visitor = Browser::new(&house);
    let (hidden, absent) = (visitor.get(&address).await, visitor.get("/files/01890a5d-ac96-774b-bcce-b302099a8057/oka.png").await);
    assert_eq!((hidden.status, absent.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
}

#[tokio::test]
async fn what_can_not_be_taken_is_said_beside_the_field() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    staff.get("/admin/files").await;
    let fields = [("alt_ja", "丘の上"), ("alt_en", ""), ("gate", "everyone")];
    let large = staff.upload("/admin/files", &fields, ("a.png", &vec![0; (1 << 20) + 1])).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.text.contains("1MBまで") && large.text.contains("丘の上"), "{}", large.text);
    let svg = staff.upload("/admin/files", &fields, ("a.png", b"<svg onload=alert(1)>")).await;
    assert_eq!(svg.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(svg.text.contains("SVGやHTMLのファイルは追加できません"), "{}", svg.text);
    let silent = staff.upload("/admin/files", &[("alt_ja", ""), ("alt_en", ""), ("gate", "everyone")], ("a.png", &PNG)).await;
    assert!(silent.text.contains("画像の説明を入力してください"), "{}", silent.text);
}

#[tokio::test]
async fn a_form_from_elsewhere_adds_nothing() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    let mut stranger = Browser::new(&house);
    stranger.cookies = staff.cookies.clone();
    let fields = [("alt_ja", "丘"), ("alt_en", ""), ("gate", "everyone")];
    assert_eq!(stranger.upload("/admin/files", &fields, ("a.png", &PNG)).await.status, StatusCode::FORBIDDEN);
    assert!(!staff.get("/admin/files").await.text.contains("/files/0"));
}

#[tokio::test]
async fn a_file_is_changed_and_deleted() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    staff.get("/admin/files").await;
    let fields = [("alt_ja", "丘"), ("alt_en", ""), ("gate", "everyone")];
    staff.upload("/admin/files", &fields, ("oka.png", &PNG)).await;
    let public = address(&staff.get("/admin/files").await.text);
    let id = public.split('/').nth(2).unwrap().to_owned();
    let edit = staff.get(&format!("/admin/files/{id}")).await;
    assert!(edit.status == StatusCode::OK && edit.text.contains("使われていません"), "{}", edit.text);
    let other = picture(b"another");
    assert_eq!(staff.upload(&format!("/admin/files/{id}"), &fields, ("neu.png", &other)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(staff.get(&public).await.bytes, other);
    staff.get(&format!("/admin/files/{id}")).await;
    assert_eq!(staff.post(&format!("/admin/files/{id}/delete"), &[]).await.location(), "/admin/files");
    assert_eq!(staff.get(&public).await.status, StatusCode::NOT_FOUND);
}
