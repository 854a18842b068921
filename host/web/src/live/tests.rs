//! Who may listen to a region, and what ends it.

use crate::testing::{Browser, value_after};
use axum::body::BodyDataStream;
use axum::http::StatusCode;
use futures::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;
use tsudoi_services::testing::{TestServices, services};

const PAGE: &str = "/p/parrot/";

async fn with_parrot() -> TestServices {
    let house = services().await;
    let routes = json!([
        { "name": "home", "method": "GET", "path": "/", "area": "site" },
        { "name": "write", "method": "POST", "path": "/write", "area": "site" },
    ]);
    house.parrot("parrot", routes).await;
    house
}

fn token(page: &str) -> String {
    let rest = page.split_once("data-live=\"").unwrap_or_else(|| panic!("no region in {page}")).1;
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn address(at: &str, token: &str) -> String {
    let query = [("at", at), ("region", token)];
    format!("/live?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish())
}

/// The same region, as a browser names it that shows something older.
fn outdated(token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    format!("{}.0000.{}", parts[0], parts[2])
}

/// The next event; empty at the end.
async fn next(stream: &mut BodyDataStream) -> String {
    let next = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.expect("something comes");
    next.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn a_region_is_open_to_the_visitor_whom_it_was_shown_at_the_address_where_it_was() {
    let house = with_parrot().await;
    let mut visitor = Browser::new(&house);
    let token = token(&visitor.get(PAGE).await.text);
    let proof = token.rsplit('.').next().unwrap_or_default().to_owned();
    assert_eq!(visitor.stream(&address(PAGE, &token)).await.status(), StatusCode::OK);
    for (at, token) in [("/", token.as_str()), ("/p/parrot/?page=2", &token), (PAGE, &format!("view.0000.x{proof}")), (PAGE, "view")] {
        assert_eq!(visitor.stream(&address(at, token)).await.status(), StatusCode::FORBIDDEN, "{token} at {at}");
    }
    let mut other = Browser::new(&house);
    other.get(PAGE).await;
    assert_eq!(other.stream(&address(PAGE, &token)).await.status(), StatusCode::FORBIDDEN, "somebody else");
    let mut staff = Browser::staff(&house, &["site"]).await;
    staff.get(PAGE).await;
    assert_eq!(staff.stream(&address(PAGE, &token)).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_looks_different_comes_with_forms_that_work_and_after_signing_out_nothing_more() {
    let house = with_parrot().await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    let token = token(&staff.get(PAGE).await.text);
    let response = staff.stream(&address(PAGE, &outdated(&token))).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let event = next(&mut stream).await;
    let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or_else(|| panic!("{event}"));
    let news: Value = serde_json::from_str(data).unwrap();
    let html = news[0]["html"].as_str().unwrap();
    assert!(event.contains("event: news") && html.contains("<p>home</p>"), "{event}");
    assert_eq!(news[0]["token"], token, "the region is named by what it shows now");
    let csrf = value_after(html, "name=\"_csrf\"").unwrap();
    assert_eq!(staff.post("/p/parrot/write", &[("_csrf", &csrf)]).await.status, StatusCode::SEE_OTHER);

    staff.get("/").await;
    assert_eq!(staff.post("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    let over = next(&mut stream).await;
    assert!(over.contains("event: over") && !over.contains("news"), "{over}");
    assert_eq!(next(&mut stream).await, "", "the stream has ended");
}

#[tokio::test]
async fn a_page_that_is_gone_ends_its_region() {
    let house = with_parrot().await;
    let mut visitor = Browser::new(&house);
    let token = token(&visitor.get(PAGE).await.text);
    let mut stream = visitor.stream(&address(PAGE, &token)).await.into_body().into_data_stream();
    house.editor_of(house.organisation.id, None).disable_plugin("parrot").await.unwrap();
    let over = next(&mut stream).await;
    assert!(over.contains("event: over"), "{over}");
    assert_eq!(next(&mut stream).await, "");
}
