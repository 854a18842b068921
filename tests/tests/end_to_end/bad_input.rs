//! What others can send that is wrong: a clear answer, nothing lost, and the host serves on.

use reqwest::StatusCode;
use tsudoi_tests::{CLUB, Database, Server, Visitor};

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_413() {
    let server = Server::start(Database::Sqlite).await;
    let visitor = Visitor::new(&server, CLUB);
    let page = visitor.get("/sign-in").await;
    let large = "x".repeat(2 * 1024 * 1024);
    let answer = visitor.submit(&page, "form[action='/sign-in']", &[("identifier", &large)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(visitor.get("/").await.status, StatusCode::OK, "the connection goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_old_token_is_refused_with_what_to_do() {
    let server = Server::start(Database::Sqlite).await;
    let visitor = Visitor::new(&server, CLUB);
    visitor.get("/sign-in").await;
    let answer = visitor.post("/sign-in", &[("identifier".into(), "H-0012".into()), ("password".into(), "x".into())]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.texts("main").concat().is_empty(), "the page says what to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_problem_json_and_people_a_page() {
    let server = Server::start(Database::Sqlite).await;
    let visitor = Visitor::new(&server, CLUB);
    let url = server.url(CLUB, "/no/such/page");
    let answer = visitor.client.get(&url).header("accept", "application/json").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: serde_json::Value = answer.json().await.unwrap();
    assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(404), Some("not-found")));
    let page = visitor.get("/no/such/page").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.has("<html lang=\"ja\"") && page.has("ほしぞら会"), "the 404 is in the theme");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_paths_and_ids_are_not_found_and_break_nothing() {
    let server = Server::start(Database::Sqlite).await;
    let visitor = Visitor::new(&server, CLUB);
    for path in [
        "/%00",
        "/%ff%fe",
        "/p/fan-board/threads/%2e%2e",
        "/p/fan-board/threads/not-an-id",
        "/p/no-such-plugin/",
        "/p/%F0%9F%8E%89/",
        "/files/not-an-id/x.png",
        "/p/fan-board/boards/%2F%2Fevil",
        "/theme/commons/0/../../secret.key",
        "/p/fan-board/boards/general?cursor=%00",
    ] {
        let answer = visitor.get(path).await;
        assert!(
            answer.status.is_client_error() || answer.status.is_redirection() || answer.status == StatusCode::OK,
            "{path}: {}",
            answer.status
        );
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
    assert_eq!(visitor.get("/").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_sent_with_a_strict_policy() {
    let server = Server::start(Database::Sqlite).await;
    for (role, path) in
        [("member", "/"), ("member", "/p/fan-board/"), ("staff", "/admin"), ("staff", "/admin/p/fan-board/"), ("member", "/nothing")]
    {
        let visitor = Visitor::in_role(&server, CLUB, role).await;
        let answer = visitor.get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(answer.attributes("[style]", "style").is_empty(), "{path} has inline styles");
        assert!(answer.texts("script").concat().trim().is_empty(), "{path} has inline scripts");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_is_limited_after_many_wrong_passwords() {
    let server = Server::start(Database::Sqlite).await;
    let visitor = Visitor::new(&server, CLUB);
    let page = visitor.get("/sign-in").await;
    let mut last = None;
    for _ in 0..40 {
        let answer = visitor.submit(&page, "form[action='/sign-in']", &[("identifier", "H-0012"), ("password", "wrong-password")]).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            last = Some(answer);
            break;
        }
    }
    let limited = last.expect("there is a limit");
    assert!(limited.headers.contains_key("retry-after"));
}
