//! Signatures, looked at by dkimpy, and the headers that end mails of a kind with one click.

use super::*;
use std::path::Path;
use tsudoi_tests::Database;
use tsudoi_tests::sink::{Sink, Taken, read};

/// Signed with one of the keys that tests have.
fn signed(sink: &Sink, key: &str) -> String {
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/app/src/mailer/test-keys").join(key);
    config(&sink.url(), &format!("[mail.dkim]\ndomain = \"sink.example\"\nselector = \"tsudoi\"\nkey = \"{}\"", key.display()))
}

/// The record that `tsudoi doctor` tells to publish.
pub(super) fn record(served: &Served) -> (String, String) {
    let output = served.command().arg("doctor").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let record = said.split_once("publish ").and_then(|(_, rest)| rest.split_once(" TXT \"")).unwrap_or_else(|| panic!("{said}"));
    (record.0.to_owned(), record.1.split('"').next().unwrap_or_default().to_owned())
}

/// The same message with another text in place of one that stands there once.
fn altered(mail: &Taken, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(mail.message.clone()).expect("nothing beyond ASCII");
    assert_eq!(text.matches(from).count(), 1, "{from}: {text}");
    text.replace(from, to).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_are_valid_for_others_and_one_click_ends_mails_of_that_kind_alone() {
    let sink = Sink::open(&[]);
    let mut served = Served::start(Database::Sqlite, &signed(&sink, "rsa.pem")).await;
    let staff = served.staff("hoshi").await;
    add_members(&staff, &addresses(&["anna", "ben"])).await;
    let mut links = Vec::new();
    for (key, subject) in [("rsa.pem", "観望会のご案内 ― 双子座流星群を見る夜"), ("ed25519.pem", "日程の変更")] {
        served = served.restarted(&signed(&sink, key)).await;
        let staff = served.staff("hoshi").await;
        over(&staff, &send_mailing(&staff, subject).await).await;
        let records = [record(&served)];
        let mail = sink.mail_to("anna@sink.example", |mail| mail.header("subject") == subject).await;
        let seen = read(&mail.message, &records);
        assert!(seen.signed, "{key}: {}", String::from_utf8_lossy(&mail.message));
        assert_eq!((seen.kind.as_str(), seen.header("reply-to")), ("multipart/alternative", ""));
        assert!(seen.header("from").contains("星の会") && seen.header("from").contains("<office@sink.example>"), "{}", seen.header("from"));
        assert!(seen.plain.contains("会員 0番様") && seen.html.contains("<strong>晴れ</strong>"), "{}", seen.plain);
        // Of the body, of a header, one header more, and another one in the place of what ends these mails.
        let link = seen.header("list-unsubscribe").trim_matches(['<', '>']).to_owned();
        for changed in [
            altered(&mail, "</html>", "<p></p></html>"),
            altered(&mail, "To: anna@", "To: benn@"),
            altered(&mail, "MIME-Version: 1.0\r\n", "MIME-Version: 1.0\r\nSubject: other\r\n"),
            altered(&mail, &format!("<{link}>"), "<https://elsewhere.example/>"),
        ] {
            assert!(!read(&changed, &records).signed, "{key}: {}", String::from_utf8_lossy(&changed));
        }
        let [(name, _)] = &records;
        let other = [(name.clone(), "v=DKIM1; k=rsa; p=".to_owned())];
        assert!(!read(&mail.message, &other).signed && !read(&mail.message, &[]).signed, "a key that was taken back, and none");
        assert_eq!(seen.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
        links.push(link);
    }

    // As a mail program does it, without cookies: RFC 8058.
    let program = served.visitor("hoshi");
    let path = &links[0][links[0].find("/mail/stop").expect("the address of the site")..];
    assert!(links[0].starts_with("http://hoshi.localhost:"), "{}", links[0]);
    assert_eq!(program.get(path).await.status, StatusCode::OK);
    let staff = served.staff("hoshi").await;
    over(&staff, &send_mailing(&staff, "looked at").await).await;
    let ended = program.post(path, &[("List-Unsubscribe".into(), "One-Click".into())]).await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.readable());
    let last = send_mailing(&staff, "ended").await;
    over(&staff, &last).await;
    assert!(recipients(&staff, &last).await["anna@sink.example"].starts_with("送らなかった"));
    let got = |to: &str| sink.recipients().iter().filter(|recipient| *recipient == &format!("{to}@sink.example")).count();
    assert_eq!((got("anna"), got("ben")), (3, 4), "looking ends nothing, a click ends it, and for nobody else");
    // What somebody waits for comes all the same, and can't be ended.
    ask_for_code(&served, "hoshi", "anna@sink.example").await;
    let code = sink.mail_to("anna@sink.example", |mail| mail.plain.contains("番号: ")).await;
    let code = read(&code.message, &[record(&served)]);
    assert!(code.signed && code.kind == "text/plain" && !code.has_header("list-unsubscribe"));
}
