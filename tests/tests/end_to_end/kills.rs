//! `kill -9` again and again while payments are made that events and jobs follow: no payment by halves, no event and no job
//! twice or never, and every payment that was acknowledged is there. `TSUDOI_TEST_KILLS` is how often on each database.

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tsudoi_tests::{CLUB, Database, Server, Visitor};

const POINTS: u64 = 1_000_000;
const WRITERS: usize = 4;
/// A claim of a killed process on PostgreSQL ends after a minute.
const LONGEST_WAIT: Duration = Duration::from_secs(180);

/// Payments by key: how often their event and their job were handled.
struct Books {
    payments: BTreeMap<String, (u64, u64)>,
    balance: u64,
}

async fn books(visitor: &Visitor) -> Books {
    let mut books = Books { payments: BTreeMap::new(), balance: 0 };
    let mut cursor = String::new();
    loop {
        let page = visitor.get(&format!("/p/ledger/payments{cursor}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.readable());
        let page: Value = serde_json::from_str(&page.text).expect("JSON");
        books.balance = page["balance"].as_u64().expect("a balance");
        for payment in page["payments"].as_array().expect("payments") {
            let count = |name: &str| payment[name].as_u64().expect("a number");
            let key = payment["key"].as_str().expect("a key").to_owned();
            let known = books.payments.insert(key, (count("handled"), count("tidied")));
            assert!(known.is_none(), "{payment} is there twice");
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("?cursor={next}"),
            None => return books,
        }
    }
}

/// Pays until the server is gone; answers with what was acknowledged.
async fn pay(visitor: &Visitor, fields: &[(String, String)], name: &str) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    for number in 0.. {
        let key = format!("{name}-{number}");
        let mut fields: Vec<_> = fields.iter().filter(|(name, _)| name != "key" && name != "_call").cloned().collect();
        fields.extend(
            [("key", key.clone()), ("tells", "on".to_owned()), ("_call", key.clone())].map(|(name, value)| (name.to_owned(), value)),
        );
        match visitor.try_post("/p/ledger/pay", &fields).await {
            Ok(StatusCode::SEE_OTHER) => {
                acknowledged.insert(key);
            }
            Ok(other) => assert!(other.is_server_error(), "{key}: {other}"),
            Err(_) => break,
        }
    }
    acknowledged
}

async fn killed_again_and_again(database: Database, kills: u64) {
    let mut server = Server::start(database).await;
    server.enable_test_plugin("ledger");
    let visitor = Visitor::new(&server, CLUB);
    let (_, fields) = visitor.get("/p/ledger/").await.form("form[action='/p/ledger/pay']", &[]);
    let grant: Vec<_> = fields.iter().cloned().chain([("points".to_owned(), POINTS.to_string())]).collect();
    assert_eq!(visitor.post("/p/ledger/grant", &grant).await.status, StatusCode::SEE_OTHER);
    let mut acknowledged = BTreeSet::new();
    for kill in 0..kills {
        let names: Vec<String> = (0..WRITERS).map(|writer| format!("{kill}-{writer}")).collect();
        let paying = join_all(names.iter().map(|name| pay(&visitor, &fields, name)));
        // Any moment is as good as another: spread over half a second.
        let killing = async {
            tokio::time::sleep(Duration::from_millis(40 + kill * 379 % 500)).await;
            server.kill();
        };
        let (keys, ()) = tokio::join!(paying, killing);
        acknowledged.extend(keys.into_iter().flatten());
        server.launch().await;
    }
    assert!(!acknowledged.is_empty(), "something was paid:\n{}", server.log());
    let mut waited = Duration::ZERO;
    loop {
        let Books { payments, balance } = books(&visitor).await;
        assert_eq!(balance + payments.len() as u64, POINTS, "{database:?}: a payment is a point less, and nothing else is");
        for key in &acknowledged {
            assert!(payments.contains_key(key), "{database:?}: {key} was acknowledged");
        }
        let twice = payments.iter().find(|(_, (handled, tidied))| *handled > 1 || *tidied > 1);
        assert_eq!(twice, None, "{database:?}: an event or a job was handled twice");
        if payments.values().all(|counts| *counts == (1, 1)) {
            println!("{database:?}: {kills} kills, {} payments, {} of them acknowledged", payments.len(), acknowledged.len());
            return;
        }
        assert!(waited < LONGEST_WAIT, "{database:?}: an event or a job was lost: {payments:?}");
        waited += Duration::from_secs(1);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn kills() -> u64 {
    std::env::var("TSUDOI_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_again_and_again_pays_and_tells_once_on_sqlite() {
    killed_again_and_again(Database::Sqlite, kills()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_again_and_again_pays_and_tells_once_on_postgresql() {
    killed_again_and_again(Database::Postgres, kills()).await;
}
