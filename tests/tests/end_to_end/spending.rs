//! Many who want the same at once: nothing is given twice, and everybody gets an answer.

use futures::future::join_all;
use reqwest::StatusCode;
use tsudoi_tests::{CLUB, Database, Server, Visitor};

const POINTS: usize = 100;
const REQUESTS: usize = 200;

/// A balance of [`POINTS`] and [`REQUESTS`] that want one each, all at once, shared out among the processes.
async fn spend_at_once(database: Database, processes: usize) {
    let mut first = Server::start(database).await;
    // What is tried is who gets what, not how fast this machine is: with hundreds waiting on a busy one, the last wait long.
    std::fs::write(first.data().join("tsudoi.toml"), "[limits]\nwait-ms = 60_000\nwall-ms = 60_000\n").expect("a file is written");
    first.kill();
    first.launch().await;
    first.enable_test_plugin("ledger");
    let mut servers = vec![first];
    while servers.len() < processes {
        servers.push(servers[0].beside().await);
    }
    let mut visitors = Vec::new();
    for server in &servers {
        let visitor = Visitor::new(server, CLUB);
        let (_, fields) = visitor.get("/p/ledger/").await.form("form[action='/p/ledger/pay']", &[]);
        visitors.push((visitor, fields));
    }
    let form = |fields: &[(String, String)], more: &[(&str, String)]| {
        let is_replaced = |name: &str| more.iter().any(|(replaced, _)| *replaced == name);
        let kept = fields.iter().filter(|(name, _)| !is_replaced(name)).cloned();
        kept.chain(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone()))).collect::<Vec<_>>()
    };
    let (visitor, fields) = &visitors[0];
    let granted = visitor.post("/p/ledger/grant", &form(fields, &[("points", POINTS.to_string())])).await;
    assert_eq!(granted.status, StatusCode::SEE_OTHER, "{}", granted.readable());

    let payments = (0..REQUESTS).map(|number| {
        let (visitor, fields) = &visitors[number % visitors.len()];
        let fields = form(fields, &[("key", format!("payment {number}")), ("_call", format!("{number:032x}"))]);
        async move { visitor.post("/p/ledger/pay", &fields).await.status }
    });
    let answers = join_all(payments).await;
    let count = |status| answers.iter().filter(|answer| **answer == status).count();
    let (paid, short) = (count(StatusCode::SEE_OTHER), count(StatusCode::CONFLICT));
    assert_eq!((paid, short), (POINTS, REQUESTS - POINTS), "on {database:?} with {processes}: {answers:?}");
    println!("{database:?}, {processes} process(es): {paid} paid, {short} had none left");
    for (visitor, _) in &visitors {
        assert_eq!(visitor.get("/p/ledger/").await.texts("#balance"), ["0"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_who_want_one_of_a_hundred_points_each_a_hundred_get_one() {
    spend_at_once(Database::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_holds_for_two_processes_on_one_database() {
    spend_at_once(Database::Postgres, 2).await;
}
