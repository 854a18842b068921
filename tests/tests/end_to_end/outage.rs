//! The database goes away and comes back: 503 with Retry-After meanwhile, and recovery without a restart.

use reqwest::StatusCode;
use std::process::Command;
use std::time::Duration;
use tsudoi_tests::{CLUB, Database, Server, Visitor};

fn psql(database: &str, sql: &str) {
    let server = std::env::var("TSUDOI_TEST_POSTGRES").expect("TSUDOI_TEST_POSTGRES names a PostgreSQL server: run `cargo xtask test`");
    let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base);
    let status = Command::new("psql").args([&format!("{base}/{database}"), "-q", "-c", sql]).stdout(std::process::Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "{sql}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_pages_say_so_and_then_recover() {
    let server = Server::start(Database::Postgres).await;
    let visitor = Visitor::new(&server, CLUB);
    assert_eq!(visitor.get("/").await.status, StatusCode::OK);
    let name = server.database_url().and_then(|url| url.rsplit('/').next()).expect("a database").to_owned();
    psql("postgres", &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    psql("postgres", &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    // A page that was kept may be shown to an anonymous visitor for a second more; then nobody knows whether it still holds.
    let mut away = visitor.get("/").await;
    for _ in 0..100 {
        if away.status != StatusCode::OK {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        away = visitor.get("/").await;
    }
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE, "{}", away.text);
    assert!(away.headers.contains_key("retry-after"));
    psql("postgres", &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    for _ in 0..100 {
        if visitor.get("/").await.status == StatusCode::OK {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the server did not recover:\n{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_and_a_folder_that_can_not_be_written_are_one_line() {
    let server = Server::start(Database::Sqlite).await;
    let output = server.command().args(["demo", "--port", &server.port.to_string()]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("is in use"), "{text}");
    assert_eq!(text.trim().lines().filter(|line| line.starts_with("tsudoi:")).count(), 1, "{text}");
    let file = server.data().join("a-file");
    std::fs::write(&file, b"").unwrap();
    let output = server.command().env("TSUDOI_DATA", file.join("below")).env_remove("TSUDOI_DATABASE_URL").arg("serve").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("can't be made"), "{text}");
}
