//! A plugin that traps, never ends, eats memory and lies: it costs its own place in its own organisation, visitors see
//! nothing of it, staff are told, and everybody else goes on.

#![allow(clippy::disallowed_methods, reason = "how long visitors wait is measured in real time")]

use reqwest::StatusCode;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tsudoi_tests::troublemaker::{ID, package, package_with};
use tsudoi_tests::{Answer, CLUB, Database, SOCIETY, Server, Visitor};

/// `wait-ms` and `wall-ms` of the limits: no call takes longer, however busy the machine is.
const LONGEST: Duration = Duration::from_secs(15);

fn run(server: &Server, arguments: &[&str]) -> (bool, String) {
    let output = server.command().args(arguments).output().expect("the binary runs");
    (output.status.success(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

fn write_package(server: &Server, name: &str, bytes: &[u8]) -> String {
    let file: PathBuf = server.data().join(name);
    std::fs::write(&file, bytes).expect("the package is written");
    file.to_string_lossy().into_owned()
}

/// A demo whose club has switched the troublemaker on, while it was serving.
pub async fn troubled(database: Database) -> Server {
    let server = Server::start(database).await;
    let file = write_package(&server, "troublemaker.wasm", &package(""));
    for arguments in [&["plugin", "install", &file][..], &["plugin", "enable", ID, "--organisation", "hoshizora", "--yes"]] {
        let (succeeded, text) = run(&server, arguments);
        assert!(succeeded, "{arguments:?}: {text}");
    }
    server
}

/// Staff publish a page with these blocks between two sentences.
async fn publish(server: &Server, path: &str, blocks: &[&str]) {
    let staff = Visitor::in_role(server, CLUB, "staff").await;
    let form = staff.get("/admin/pages/new").await;
    let blocks: String = blocks.iter().map(|block| format!("::{ID}/{block}\n\n")).collect();
    let text = format!("はじめの文です。\n\n{blocks}おわりの文です。");
    let fields = [("title", "困りごと"), ("path", path), ("text", &text), ("gate", "everyone"), ("action", "publish")];
    let answer = staff.submit(&form, "form.editor", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.readable());
}

fn request_id(answer: &Answer) -> String {
    answer.headers["x-request-id"].to_str().expect("an id").to_owned()
}

/// Asks the other organisation for its own pages and its own plugin until `done`; answers how often it did.
async fn society_goes_on(server: &Server, done: &tokio::sync::watch::Receiver<bool>) -> u32 {
    let member = Visitor::in_role(server, SOCIETY, "member").await;
    let mut answered = 0;
    while !*done.borrow() {
        for (path, words) in [("/", "Lumen"), ("/p/fan-board/", "/p/fan-board/boards/")] {
            let answer = member.get(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.readable());
            assert!(answer.has(words), "{path}: {}", answer.readable());
            answered += 1;
        }
    }
    answered
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_blocks_that_trap_spin_and_grow_shows_everything_else() {
    for database in Database::BOTH {
        let server = troubled(database).await;
        publish(&server, "/trouble", &["trap", "spin", "grow", "fine"]).await;
        let (done, watched) = tokio::sync::watch::channel(false);
        let visitor = Visitor::new(&server, CLUB);
        let look = async {
            let started = Instant::now();
            let page = visitor.get("/trouble").await;
            let _ = done.send(true);
            (page, started.elapsed())
        };
        let ((page, took), others) = tokio::join!(look, society_goes_on(&server, &watched));
        assert_eq!(page.status, StatusCode::OK, "{database:?}: {}", page.readable());
        assert!(page.has("はじめの文です。") && page.has("おわりの文です。") && page.has("困りものです"), "{}", page.readable());
        assert!(page.texts(".notice-staff").is_empty() && !page.readable().contains(ID), "visitors see nothing of it: {}", page.readable());
        assert!(took < LONGEST, "{database:?}: it took {took:?}");
        assert!(others >= 2, "{database:?}: the other organisation was answered {others} times meanwhile");

        let staff = Visitor::in_role(&server, CLUB, "staff").await;
        let seen = staff.get("/trouble").await;
        assert_eq!(seen.status, StatusCode::OK);
        let notes = seen.texts(".notice-staff");
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert!(notes.iter().all(|note| note.contains(&request_id(&seen))), "{notes:?} name {}", request_id(&seen));
        let listed = staff.get("/admin/plugins").await;
        for id in [request_id(&page), request_id(&seen)] {
            let places = |kind: &str| listed.texts("tr").iter().any(|row| row.contains(&id) && row.contains(kind));
            assert!(places("block trap") && places("block spin") && places("block grow"), "{id} is listed: {}", listed.readable());
            assert!(!places("block fine"), "{}", listed.readable());
        }
        // The other organisation does not even know of it.
        let other_staff = Visitor::in_role(&server, SOCIETY, "staff").await;
        assert!(!other_staff.get("/admin/plugins").await.has(&request_id(&page)));
        assert_eq!(other_staff.get("/p/troublemaker/fine").await.status, StatusCode::NOT_FOUND);
    }
}

/// In the theme, with the words of the organisation and the number to ask with.
fn is_themed_error(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{what}: {}", answer.readable());
    assert!(answer.has("<html lang=\"ja\"") && answer.has("ほしぞら会"), "{what} is in the theme: {}", answer.text);
    assert!(answer.texts("main").concat().contains(&request_id(answer)), "{what} names its request: {}", answer.readable());
    assert!(!answer.has("wasm") && !answer.has("evil.example"), "{what} tells nothing of the inside: {}", answer.readable());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_that_fails_in_any_way_answers_with_a_themed_page_and_a_number() {
    for database in Database::BOTH {
        let server = troubled(database).await;
        let visitor = Visitor::new(&server, CLUB);
        let (done, watched) = tokio::sync::watch::channel(false);
        let large = format!("fine?x={}", "x".repeat(4_000));
        let tries = async {
            let mut failed = Vec::new();
            for what in ["trap", "spin", "grow", "deep", "away", "lies", "json", "wild", "unreadable", "odd", "blank", "huge", &large] {
                let started = Instant::now();
                let answer = visitor.get(&format!("/p/troublemaker/{what}")).await;
                assert!(started.elapsed() < LONGEST, "{database:?}: {what} took {:?}", started.elapsed());
                is_themed_error(&answer, what);
                failed.push(request_id(&answer));
            }
            // What it logged was refused before the host took it over, not after.
            let log = server.log();
            let huge = log.lines().find(|line| line.contains(&failed[11])).unwrap_or_default();
            assert!(huge.contains("too much data"), "{huge}");
            // The same by a form: a command that ends in an error leaves nothing to send again.
            let page = visitor.get("/p/troublemaker/fine").await;
            let answer = visitor.submit(&page, "form.own", &[]).await;
            is_themed_error(&answer, "a form");
            failed.push(request_id(&answer));
            let _ = done.send(true);
            failed
        };
        let (failed, others) = tokio::join!(tries, society_goes_on(&server, &watched));
        assert!(others >= 4, "{database:?}: the other organisation was answered {others} times meanwhile");
        let staff = Visitor::in_role(&server, CLUB, "staff").await;
        let listed = staff.get("/admin/plugins").await;
        assert!(failed.iter().all(|id| listed.has(id)), "{failed:?} are listed: {}", listed.readable());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_shows_can_not_run_nor_post_elsewhere() {
    let server = troubled(Database::Sqlite).await;
    publish(&server, "/trouble", &["fine"]).await;
    let staff = Visitor::in_role(&server, CLUB, "staff").await;
    for path in ["/trouble", "/p/troublemaker/fine"] {
        let page = staff.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.texts(".quoted"), ["<script>alert(1)</script>{{ 7 * 191 }}"], "{path}: data is text, and no template");
        for gone in [
            "main script",
            "main style",
            "iframe",
            "base",
            "main [style]",
            "main [onclick]",
            "[hx-get]",
            "[data-hx-get]",
            "main a[href^=javascript]",
            "main input[type=password]",
            "main form[action^='/admin']",
        ] {
            assert!(page.attributes(gone, "class").is_empty() && page.texts(gone).is_empty(), "{path} has {gone}: {}", page.text);
        }
        let tokens = page.attributes("form.own input[name=_csrf]", "value");
        assert!(tokens.len() == 1 && tokens[0] != "forged", "{path}: the token is the host's: {tokens:?}");
        // A token of this plugin opens no path of the host's, nor of another plugin.
        for elsewhere in ["/admin/site/publish", "/account/password", "/p/fan-board/boards/general/new"] {
            let answer = staff.post(elsewhere, &[("_csrf".to_owned(), tokens[0].clone())]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{elsewhere}: {}", answer.readable());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_begins_with_more_memory_than_allowed_is_refused() {
    let server = Server::start(Database::Sqlite).await;
    let file = write_package(&server, "greedy.wasm", &package_with(5_000, ""));
    let (succeeded, text) = run(&server, &["plugin", "install", &file]);
    assert!(!succeeded && text.contains("memory") && !text.contains("panicked"), "{text}");
    assert_eq!(Visitor::new(&server, CLUB).get("/p/fan-board/").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_is_switched_off_is_gone_at_once_and_stays_itself() {
    let server = troubled(Database::Sqlite).await;
    publish(&server, "/trouble", &["fine"]).await;
    let (member, visitor) = (Visitor::in_role(&server, CLUB, "member").await, Visitor::new(&server, CLUB));
    for anyone in [&member, &visitor] {
        assert!(anyone.get("/trouble").await.has("困りものです"));
    }
    // Other bytes under the same version could do anything under a consent that was given for something else.
    let other = write_package(&server, "other.wasm", &package("！"));
    let (succeeded, text) = run(&server, &["plugin", "install", &other]);
    assert!(!succeeded && text.contains("0.1.0") && text.contains("higher version"), "{text}");
    let (succeeded, text) = run(&server, &["plugin", "disable", ID, "--organisation", "hoshizora"]);
    assert!(succeeded, "{text}");
    let page = member.get("/trouble").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.has("おわりの文です。") && !page.has("困りものです"), "{}", page.readable());
    assert_eq!(member.get("/p/troublemaker/fine").await.status, StatusCode::NOT_FOUND);
    // The command was another process: who is not signed in sees it within a second.
    let asked = Instant::now();
    while visitor.get("/trouble").await.has("困りものです") {
        assert!(asked.elapsed().as_secs() < 10, "the plugin is still there");
    }
    assert_eq!(visitor.get("/p/troublemaker/fine").await.status, StatusCode::NOT_FOUND);
}

/// Lets the troublemaker fail until it is paused: how often that was, and the first answer after it.
pub async fn pause(visitor: &Visitor) -> (u32, Answer) {
    for tries in 0..60 {
        let answer = visitor.get("/p/troublemaker/trap").await;
        if answer.status != StatusCode::INTERNAL_SERVER_ERROR {
            return (tries, answer);
        }
    }
    panic!("it goes on failing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_keeps_failing_is_paused_until_staff_let_it_go_on() {
    for database in Database::BOTH {
        let server = troubled(database).await;
        publish(&server, "/trouble", &["fine"]).await;
        let (visitor, staff) = (Visitor::new(&server, CLUB), Visitor::in_role(&server, CLUB, "staff").await);
        assert!(visitor.get("/trouble").await.has("困りものです"));
        let (tries, paused) = pause(&visitor).await;
        assert!(tries >= 20, "{database:?}: paused after {tries} failures");
        assert_eq!(paused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(paused.has("一時停止中") && paused.headers.contains_key("retry-after"), "{}", paused.readable());
        // The page around its block, and every other plugin.
        let page = visitor.get("/trouble").await;
        assert!(page.status == StatusCode::OK && page.has("おわりの文です。") && !page.has("困りものです"), "{}", page.readable());
        assert!(staff.get("/trouble").await.has("自動で停止しています"));
        assert_eq!(visitor.get("/p/fan-board/").await.status, StatusCode::OK);
        assert!(staff.get("/inbox").await.has("自動で停止しました"), "staff have mail");

        let shown = staff.get("/admin/plugins/troublemaker").await;
        assert!(shown.has("自動停止中"), "{}", shown.readable());
        let resumed = staff.submit(&shown, "form[action$='/resume']", &[]).await;
        assert_eq!(resumed.status, StatusCode::SEE_OTHER, "{}", resumed.readable());
        assert!(!staff.get("/admin/plugins/troublemaker").await.has("自動停止中"));
        assert!(visitor.get("/trouble").await.has("困りものです"));
        assert!(staff.get("/admin/plugin-history").await.has("再開しました"));
    }
}
