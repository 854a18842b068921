//! Two windows on one thread: what is posted in one appears in the other, until that one's session is over.

use tsudoi_tests::browser::Driver;
use tsudoi_tests::{CLUB, Database, PASSWORD, Server};

#[tokio::test(flavor = "multi_thread")]
async fn a_post_appears_in_the_other_window_until_its_session_is_over() {
    let server = Server::start(Database::Sqlite).await;
    let driver = Driver::start().await;
    let first = driver.window(&server, CLUB, 1280).await;
    let second = driver.window(&server, CLUB, 1280).await;
    for window in [&first, &second] {
        window.open("/club").await;
        window.press_beside("このページは会員の方がご覧いただけます", "ログイン").await;
        window.fill("会員番号またはメールアドレス", "H-0012").await;
        window.fill("パスワード", PASSWORD).await;
        window.press_beside("パスワードをお忘れの方", "ログイン").await;
        window.sees("おかえりなさい。").await;
    }
    first.press("はじめまして、ひなたです！").await;
    first.sees_within("h1", "はじめまして、ひなたです！").await;
    let thread = first.path().await;
    second.open(&thread).await;
    second.sees_within("h1", "はじめまして、ひなたです！").await;

    first.fill("本文", "窓をふたつ開いています").await;
    first.press("返信する").await;
    second.sees_within(".post", "窓をふたつ開いています").await;

    // The session ends elsewhere: the window itself is not told by any page that it loads.
    second.end_session_elsewhere().await;
    first.fill("本文", "もう届かない返信").await;
    first.press("返信する").await;
    first.sees_within(".post", "もう届かない返信").await;
    second.sees_no_more("[data-live]").await;
    assert!(!second.has("もう届かない返信").await, "nothing comes after the session");
    for window in [&first, &second] {
        assert_eq!(window.complaints().await, Vec::<String>::new());
    }
}
