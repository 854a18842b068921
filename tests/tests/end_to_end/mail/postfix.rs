//! Through Debian's postfix, which takes a mail apart and puts it together again as the servers of the world do.

use super::*;
use std::path::Path;
use tsudoi_tests::Database;
use tsudoi_tests::postfix::Postfix;
use tsudoi_tests::sink::{Sink, read};

#[tokio::test(flavor = "multi_thread")]
async fn a_mailing_passes_through_postfix_unharmed() {
    let sink = Sink::open(&[]);
    let postfix = Postfix::start(sink.port);
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/app/src/mailer/test-keys/rsa.pem");
    let signed = format!("[mail.dkim]\ndomain = \"sink.example\"\nselector = \"tsudoi\"\nkey = \"{}\"", key.display());
    let served = Served::start(Database::Sqlite, &config(&postfix.url(), &signed)).await;
    let staff = served.staff("hoshi").await;
    add_members(&staff, &addresses(&["anna", "ben"])).await;
    let subject = "観望会のご案内 ― 双子座流星群を見る夜、髙﨑先生とともに 🌠";
    let mailing = send_mailing(&staff, subject).await;
    over(&staff, &mailing).await;
    assert_eq!(counts(&staff, &mailing).await, [("送信済み".to_owned(), 2)].into());
    let mail = sink.mail_to("ben@sink.example", |_| true).await;
    let record = super::signing::record(&served);
    let seen = read(&mail.message, &[record]);
    assert!(seen.header("received").contains("by mx.sink.example (Postfix)"), "it came by postfix: {}", postfix.log());
    assert_eq!((seen.header("subject"), seen.kind.as_str()), (subject, "multipart/alternative"));
    assert!(seen.signed, "the signature is valid still: {}", String::from_utf8_lossy(&mail.message));
    assert!(seen.plain.contains("会員 1番様") && seen.html.contains("<strong>晴れ</strong>"), "{} {}", seen.plain, seen.html);
    assert!(seen.header("list-unsubscribe").starts_with("<http://hoshi.localhost:"), "{}", seen.header("list-unsubscribe"));
    assert_eq!(seen.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
    assert_eq!(seen.header("message-id"), mail.id);
    assert_eq!(postfix.log().matches("status=sent").count(), 2, "{}", postfix.log());
}
