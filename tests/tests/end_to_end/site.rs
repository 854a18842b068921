//! The site as visitors, members and staff see it.

use reqwest::StatusCode;
use tsudoi_tests::{CLUB, Database, SOCIETY, Server, Visitor};

#[tokio::test(flavor = "multi_thread")]
async fn a_gated_page_shows_its_teaser_until_one_is_signed_in() {
    for database in Database::BOTH {
        let server = Server::start(database).await;
        let visitor = Visitor::new(&server, CLUB);
        let home = visitor.get("/").await;
        assert_eq!(home.status, StatusCode::OK, "{}", home.readable());
        let teaser = visitor.get("/club").await;
        assert_eq!(teaser.status, StatusCode::FORBIDDEN);
        assert!(!teaser.texts("main").is_empty() && teaser.has("/sign-in"), "{}", teaser.readable());
        let member = Visitor::in_role(&server, CLUB, "member").await;
        let page = member.get("/club").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.readable());
        // A member of another tier is told whom to ask instead.
        let gold = member.get("/club/diary").await;
        assert_eq!(gold.status, StatusCode::FORBIDDEN);
        assert!(gold.has("/contact") && gold.has("プレミアム会員"), "{}", gold.readable());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gated_page_with_a_block_takes_at_most_eight_statements() {
    for database in Database::BOTH {
        let server = Server::start(database).await;
        let member = Visitor::in_role(&server, CLUB, "member").await;
        member.get("/club").await;
        let page = member.get("/club").await;
        assert!(page.has("/p/fan-board/threads/"), "the block shows threads: {}", page.readable());
        let statements: u32 = page.headers.get("x-tsudoi-statements").and_then(|value| value.to_str().ok()?.parse().ok()).expect("a count");
        assert!(statements <= 8, "{database:?}: {statements} statements");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_takes_address_or_number_and_says_nothing_of_who_exists() {
    let server = Server::start(Database::Sqlite).await;
    let visitor = Visitor::new(&server, CLUB);
    let page = visitor.get("/sign-in?next=/club").await;
    let mut answers = Vec::new();
    for (identifier, password) in [("H-0012", "not-the-password"), ("nobody@hoshizora.example", "not-the-password")] {
        let answer = visitor.submit(&page, "form[action='/sign-in']", &[("identifier", identifier), ("password", password)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.attributes("input[name=identifier]", "value").contains(&identifier.to_owned()), "what was typed is kept");
        answers.push(answer.texts("main"));
    }
    assert_eq!(answers[0], answers[1], "a wrong password and an unknown person look alike");
    let member = Visitor::signed_in(&server, CLUB, "H-0012").await;
    assert_eq!(member.get("/account").await.status, StatusCode::OK);
    // The session is this organisation's alone.
    assert_eq!(member.get("/club").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_link_is_not_used_up_by_looking_at_it() {
    let server = Server::start(Database::Sqlite).await;
    let visitor = Visitor::new(&server, CLUB);
    let page = visitor.get("/sign-in/code").await;
    let sent = visitor.submit(&page, "form[action='/sign-in/code']", &[("email", "chinatsu.inoue@mail.example")]).await;
    let sent = if sent.status.is_redirection() { visitor.follow(&sent).await } else { sent };
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.readable());
    let inbox = visitor.get("/inbox").await;
    let links = inbox.attributes("a[href*='/sign-in/code/confirm']", "href");
    let link = links.first().unwrap_or_else(|| panic!("the mail has a link: {}", inbox.text));
    let (_, path) = link.split_once("/sign-in/").expect("a path");
    let path = format!("/sign-in/{path}");
    // A mail scanner opens it twice.
    for _ in 0..2 {
        assert_eq!(Visitor::new(&server, CLUB).get(&path).await.status, StatusCode::OK);
    }
    let confirm = visitor.get(&path).await;
    let answer = visitor.submit(&confirm, "main form[method=post]", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.readable());
    assert_eq!(visitor.get("/club").await.status, StatusCode::OK);
    // Used once, it is over.
    let other = Visitor::new(&server, CLUB);
    let confirm = other.get(&path).await;
    if confirm.status == StatusCode::OK {
        let (action, fields) = confirm.form("main form[method=post]", &[]);
        assert_ne!(other.post(&action, &fields).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_demo_sites_answer_in_their_language_and_an_unknown_host_reveals_nothing() {
    let server = Server::start(Database::Sqlite).await;
    assert!(Visitor::new(&server, CLUB).get("/").await.has("lang=\"ja\""));
    assert!(Visitor::new(&server, SOCIETY).get("/").await.has("lang=\"en\""));
    let answer = reqwest::Client::new().get(server.url(CLUB, "/")).header("host", "unknown.localhost").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let text = answer.text().await.unwrap();
    assert!(text.len() < 50 && !text.contains("ほしぞら"), "{text}");
}

/// Where, who looks, the page, and what it has to say of the year before.
const YEAR: [(usize, &str, &str, &[&str]); 14] = [
    (CLUB, "member", "/p/points/", &["失効", "利用：", "付与：イベントへの参加", "付与：お支払いポイント"]),
    (CLUB, "staff", "/admin/forms", &["未対応"]),
    (CLUB, "staff", "/admin/mailings", &["送信済み", "送信の予約中"]),
    (CLUB, "staff", "/admin/invoices/unpaid", &["H-0027", "H-0015"]),
    (CLUB, "staff", "/admin/p/bank-transfer/", &["請求書の残額と金額が異なります"]),
    (CLUB, "staff", "/admin/p/event-tasks/", &["キャンセル待ち 3件"]),
    (CLUB, "staff", "/admin/p/event-tasks/?past=1", &["秋の星空観望会"]),
    (CLUB, "staff", "/p/event-tasks/tasks", &["期限を過ぎたタスク"]),
    (SOCIETY, "member", "/p/points/", &["Expired", "Spent:", "Granted: Attending an event", "Granted: For payments"]),
    (SOCIETY, "staff", "/admin/mailings", &["Sent", "Scheduled"]),
    (SOCIETY, "staff", "/admin/invoices/unpaid", &["L-0007", "L-0004"]),
    (SOCIETY, "staff", "/admin/p/event-tasks/", &["2 waiting"]),
    (SOCIETY, "staff", "/admin/p/event-tasks/?past=1", &["Autumn seminar"]),
    (SOCIETY, "staff", "/p/event-tasks/tasks", &["Overdue"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn both_organisations_of_the_demo_have_lived_a_year() {
    let server = Server::start(Database::Sqlite).await;
    for (place, role, path, words) in YEAR {
        let page = Visitor::in_role(&server, place, role).await.get(path).await;
        for word in words {
            assert!(page.has(word), "{path} does not say {word}: {}", page.readable());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_everywhere_ends_the_other_browser_too() {
    let server = Server::start(Database::Sqlite).await;
    let here = Visitor::signed_in(&server, CLUB, "H-0012").await;
    let there = Visitor::signed_in(&server, CLUB, "H-0012").await;
    let account = here.get("/account").await;
    let answer = here.submit(&account, "form[action='/sign-out/everywhere']", &[]).await;
    assert!(answer.status.is_redirection(), "{}", answer.readable());
    assert_eq!(there.get("/club").await.status, StatusCode::FORBIDDEN);
}
