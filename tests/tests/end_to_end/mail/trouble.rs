//! Servers that put off, refuse, close, stall, cut, and don't let us in.

use super::*;
use std::path::Path;
use tsudoi_tests::Database;
use tsudoi_tests::sink::{Sink, until};

/// Each behaves as `tests/python/smtp_sink.py` says of the name.
const MEMBERS: [&str; 10] = ["anna", "ben", "later", "nobody", "unwanted", "closing", "closing-late", "mute", "gone", "cut"];

#[tokio::test(flavor = "multi_thread")]
async fn each_member_gets_a_mailing_once_whatever_the_server_does_and_staff_see_what_it_said() {
    let mut sink = Sink::open(&[]);
    let served = Served::start(Database::Sqlite, &config(&sink.url(), "")).await;
    let staff = served.staff("hoshi").await;
    add_members(&staff, &addresses(&MEMBERS)).await;
    // The first connection hears nothing at all, the one after it nothing when it names the sender.
    sink.stall("banner", 1);
    sink.stall("mail", 1);
    let mailing = send_mailing(&staff, "観望会のご案内").await;
    over(&staff, &mailing).await;

    assert_eq!(sink.recipients(), addresses(&["anna", "ben", "closing-late", "closing", "gone", "later", "mute"]), "each once");
    assert_eq!(sink.events_of("stalls").len(), 3, "at the banner, at the sender, and after the message");
    let put_off = sink.events_of("put-off");
    let late = sink.taken().into_iter().find(|mail| mail.to == "closing-late@sink.example").expect("it came later");
    assert_eq!(put_off.iter().map(|event| event["id"].as_str()).collect::<Vec<_>>(), [Some(late.id.as_str())], "the same mail again");
    assert!(late.id.starts_with('<') && late.id.ends_with("@sink.example>"), "{}", late.id);

    let seen = recipients(&staff, &mailing).await;
    let is = |name: &str, state: &str, said: &str| {
        let shown = &seen[&format!("{name}@sink.example")];
        assert!(shown.starts_with(state) && shown.contains(said), "{name}: {shown}");
    };
    for name in ["anna", "ben", "later", "closing", "closing-late"] {
        is(name, "送信済み", "");
        assert_eq!(seen[&format!("{name}@sink.example")], "送信済み", "what went wrong before is over");
    }
    is("nobody", "届かなかった", "5.1.1 no such user");
    is("unwanted", "届かなかった", "5.7.1 unwanted");
    for name in ["mute", "gone", "cut"] {
        is(name, "届いたか不明", "");
    }
    let expected = [("送信済み", 5), ("届かなかった", 2), ("届いたか不明", 3)];
    assert_eq!(counts(&staff, &mailing).await, expected.map(|(state, count)| (state.to_owned(), count)).into());

    // Who has no mailbox is not written to again, until staff say so; who was refused for the message is.
    let dead = staff.get("/admin/mailings/addresses").await;
    assert_eq!(dead.texts("main tbody td:nth-child(1)"), addresses(&["nobody"]));
    assert!(dead.texts("main tbody td:nth-child(2)").concat().contains("5.1.1 no such user"), "{}", dead.readable());
    let asked = sink.events_of("asked").len();
    let second = send_mailing(&staff, "日程の変更").await;
    over(&staff, &second).await;
    assert!(recipients(&staff, &second).await["nobody@sink.example"].starts_with("送らなかった"));
    let again: Vec<_> = sink.events_of("asked").into_iter().skip(asked).map(|event| event["to"].clone()).collect();
    assert!(!again.contains(&"nobody@sink.example".into()) && again.contains(&"unwanted@sink.example".into()), "{again:?}");
    let lifted = staff.submit(&dead, "main tbody form", &[]).await;
    assert_eq!(lifted.status, StatusCode::SEE_OTHER, "{}", lifted.readable());
    assert!(staff.get("/admin/mailings/addresses").await.has("届かないアドレスはありません"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_does_not_wait_behind_a_mailing_that_a_server_holds_up() {
    // A server that takes a minute over each message; none of the times of this test is as long.
    let mut sink = Sink::open(&[]);
    let slow = config(&sink.url(), "connections = 4").replace("message_seconds = 6", "message_seconds = 60");
    let served = Served::start(Database::Sqlite, &slow).await;
    let (staff, other) = (served.staff("hoshi").await, served.staff("tsuki").await);
    add_members(&staff, &addresses(&["silent1", "silent2", "silent3", "silent4", "silent5", "silent6"])).await;
    add_members(&other, &addresses(&["taro"])).await;
    let mailing = send_mailing(&staff, "観望会のご案内").await;
    until("three messages without an answer", || sink.events_of("stalls").len() >= 3).await;
    ask_for_code(&served, "tsuki", "taro@sink.example").await;
    sink.mail_to("taro@sink.example", |mail| mail.plain.contains("番号: ")).await;
    assert_eq!((sink.events_of("stalls").len(), sink.events_of("left").len()), (3, 0), "the mailing holds its three places, and waits");
    let states: Vec<String> = recipients(&staff, &mailing).await.into_values().collect();
    assert_eq!(states.iter().filter(|state| state.as_str() == "送信中").count(), 3, "{states:?}");
    // Where no place is left to it since the whole server stands still, a code comes as soon as the server goes on.
    sink.stall("banner", 1);
    sink.stall("mail", 1);
    ask_for_code(&served, "tsuki", "taro@sink.example").await;
    until("the second code", || sink.recipients().len() == 2).await;
    assert_eq!(sink.events_of("left").iter().filter(|event| event["at"] == "message").count(), 0);
}

fn key(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("keys").join(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_certificate_or_password_is_wrong_gets_no_mail_until_that_is_mended() {
    let (certificate, private) = (key("localhost.pem"), key("localhost-key.pem"));
    let sink = Sink::open(&["--certificate", &certificate, "--key", &private, "--user", "club@sink", "--password", "p+w/d"]);
    let authority = format!("authority = \"{}\"", key("authority.pem"));
    let at =
        |host: &str, password: &str, more: &str| config(&format!("smtp://club%40sink:{password}@{host}:{}?tls=required", sink.port), more);
    let served = Served::start(Database::Sqlite, &at("localhost", "wrong", &authority)).await;
    let staff = served.staff("hoshi").await;
    add_members(&staff, &addresses(&["anna", "ben"])).await;
    let mailing = send_mailing(&staff, "観望会のご案内").await;
    // Staff see that the mails wait, and why.
    staff.until_it_says(&mailing, "535").await;
    assert!(recipients(&staff, &mailing).await.values().all(|state| state.starts_with("送信待ち") || state == "送信中"));
    let doctor = |served: &Served| String::from_utf8_lossy(&served.command().arg("doctor").output().expect("it runs").stdout).into_owned();
    assert!(doctor(&served).contains("535"), "{}", doctor(&served));

    // A certificate for another name, and one of an authority that nobody knows: not even the password is said.
    let tries = sink.events_of("signs-in").len();
    for (wrong, reason) in [(at("127.0.0.1", "p+w%2Fd", &authority), "certificate"), (at("localhost", "p+w%2Fd", ""), "certificate")] {
        std::fs::write(served.data().join("tsudoi.toml"), wrong).expect("the configuration is written");
        let said = doctor(&served);
        let fault = said.lines().find(|line| line.contains("fault  mail:")).unwrap_or_else(|| panic!("{said}"));
        assert!(fault.contains(reason), "{fault}");
    }
    let served = served.restarted(&at("127.0.0.1", "p+w%2Fd", &authority)).await;
    let staff = served.staff("hoshi").await;
    staff.until_it_says(&mailing, "certificate").await;
    assert!(sink.events_of("signs-in").iter().skip(tries).all(|event| event["right"] == false), "the first process's last tries at most");

    let served = served.restarted(&at("localhost", "p+w%2Fd", &authority)).await;
    let staff = served.staff("hoshi").await;
    over(&staff, &mailing).await;
    assert_eq!(sink.recipients(), addresses(&["anna", "ben"]), "each once");
    let asked = sink.events_of("asked");
    assert!(asked.iter().all(|event| event["encrypted"] == true && event["user"] == "club@sink"), "{asked:?}");
    assert!(sink.events_of("signs-in").iter().all(|event| event["encrypted"] == true));
}
