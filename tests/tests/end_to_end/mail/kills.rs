//! `kill -9` again and again while a mailing goes out: each member gets it once, apart from those about whom nobody knows, who are marked
//! and are one for each connection and kill at most. `TSUDOI_TEST_MAILS` is how many mails go out, `TSUDOI_TEST_MAIL_KILLS` how often the
//! host is killed meanwhile.

use super::*;
use std::collections::BTreeSet;
use tsudoi_tests::Database;
use tsudoi_tests::sink::{Sink, until};

const CONNECTIONS: usize = 4;

fn number(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Waits until so many mails have arrived: however long all of them take, a hundred more come within a minute.
async fn arrived(sink: &Sink, mails: usize) {
    for next in (100..mails).step_by(100).chain([mails]) {
        until(&format!("mail {next}"), || sink.count("taken") >= next).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_a_mailing_goes_out_sends_to_each_once() {
    let (mails, kills) = (number("TSUDOI_TEST_MAILS", 300), number("TSUDOI_TEST_MAIL_KILLS", 2));
    // A server takes a moment over a message: so some are on the wire whenever the host dies.
    let sink = Sink::open(&["--delay", "5"]);
    let mut served = Served::start(Database::Sqlite, &config(&sink.url(), &format!("connections = {CONNECTIONS}"))).await;
    let staff = served.staff("hoshi").await;
    let everybody: BTreeSet<String> = (0..mails).map(|n| format!("member{n}@sink.example")).collect();
    add_members(&staff, &everybody.iter().cloned().collect::<Vec<_>>()).await;
    let mailing = send_mailing(&staff, "観望会のご案内").await;
    for kill in 1..=kills {
        arrived(&sink, kill * mails / (kills + 1)).await;
        served.kill();
        assert!(sink.count("taken") < mails, "it was killed while mails went out");
        served.launch().await;
    }
    arrived(&sink, mails - kills * CONNECTIONS).await;
    over(&staff, &mailing).await;
    let taken = sink.recipients();
    let reached: BTreeSet<String> = taken.iter().cloned().collect();
    assert_eq!(taken.len(), reached.len(), "nobody got it twice");
    let doubted: BTreeSet<String> = recipients(&staff, &format!("{mailing}?state=in-doubt")).await.into_keys().collect();
    assert!(doubted.len() <= kills * CONNECTIONS, "{} are in doubt", doubted.len());
    assert_eq!(reached.union(&doubted).cloned().collect::<BTreeSet<_>>(), everybody, "nobody was lost");
    let of_doubted = doubted.intersection(&reached).count();
    let counts = counts(&staff, &mailing).await;
    let count = |state: &str| counts.get(state).copied().unwrap_or_default();
    assert_eq!((count("送信済み"), count("届いたか不明")), (mails - doubted.len(), doubted.len()), "{counts:?}");
    println!(
        "{mails} mails, {kills} kills: {} sent once each, {} in doubt, of which {of_doubted} had arrived",
        mails - doubted.len(),
        doubted.len()
    );
}
