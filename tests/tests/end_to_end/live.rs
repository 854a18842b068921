//! Live regions: what one member posts comes to another over an open stream, and a stream ends with its session.

use crate::board::{NEW_THREAD, new_thread_form};
use reqwest::StatusCode;
use std::time::Duration;
use tsudoi_tests::{Answer, CLUB, Database, Server, Visitor};

const REPLY_FORM: &str = "main form:has(textarea[name=body])";

/// The stream of the page's regions.
async fn listen(visitor: &Visitor, page: &Answer) -> reqwest::Response {
    let mut query = vec![("at", page.path.clone())];
    query.extend(page.attributes("[data-live]", "data-live").into_iter().map(|token| ("region", token)));
    let response = visitor.open("/live", &query).await;
    assert_eq!(response.status(), StatusCode::OK, "{}", page.readable());
    response
}

/// What comes next that is not a sign of life; `None` at the end.
async fn next(stream: &mut reqwest::Response) -> Option<String> {
    loop {
        let chunk = tokio::time::timeout(Duration::from_secs(30), stream.chunk()).await.expect("something comes").expect("the stream");
        let text = String::from_utf8(chunk?.to_vec()).expect("text");
        if !text.starts_with(':') {
            return Some(text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_comes_to_who_has_the_thread_open_until_they_sign_out() {
    for database in Database::BOTH {
        let server = Server::start(database).await;
        let member = Visitor::in_role(&server, CLUB, "member").await;
        let form = new_thread_form(&member).await;
        let answer = member.submit(&form, NEW_THREAD, &[("title", "実況スレッド"), ("body", "開演です")]).await;
        let thread = answer.location().split('#').next().unwrap_or_default().to_owned();
        let page = member.get(&thread).await;
        let mut stream = listen(&member, &page).await;

        let staff = Visitor::in_role(&server, CLUB, "staff").await;
        let seen = staff.get(&thread).await;
        let reply = staff.submit(&seen, REPLY_FORM, &[("body", "一曲目から泣きました")]).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.readable());
        let news = next(&mut stream).await.expect("news");
        assert!(news.contains("event: news") && news.contains("一曲目から泣きました"), "{database:?}: {news}");

        let home = member.get("/").await;
        let left = member.submit(&home, "form[action='/sign-out']", &[]).await;
        assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.readable());
        let seen = staff.get(&thread).await;
        staff.submit(&seen, REPLY_FORM, &[("body", "アンコールの話")]).await;
        let over = next(&mut stream).await.expect("the end is told");
        assert!(over.contains("event: over") && !over.contains("アンコール"), "{database:?}: {over}");
        assert_eq!(next(&mut stream).await, None, "{database:?}: nothing more comes");
    }
}
