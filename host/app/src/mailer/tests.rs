//! Mail on a real connection, to a server that behaves badly.

use super::sink::Sink;
use super::*;
use crate::ports::SystemClock;
use std::time::Duration;
use tsudoi_services::mail::{MailPace, Outlet};
use tsudoi_services::mailings::{MailingInput, When};
use tsudoi_services::testing::services_with;

fn mailer(url: &str) -> SmtpMailer {
    let config = Mail { smtp: Some(url.to_owned()), from: Some("noreply@tsudoi.example".into()), ..Mail::default() };
    let mut mailer = SmtpMailer::new(&config, Arc::new(SystemClock)).unwrap().unwrap();
    mailer.connections.patience(Duration::from_millis(300));
    mailer
}

fn mail(to: &str) -> OutgoingMail {
    OutgoingMail {
        from_name: "星空会".into(),
        reply_to: None,
        to: to.into(),
        subject: "題".into(),
        text: ".\nこんばんは。\n".into(),
        html: None,
        unsubscribe: None,
        id: uuid::Uuid::from_u128(7),
    }
}

#[tokio::test]
async fn each_answer_of_a_server_is_understood_and_the_connection_goes_on() {
    let (sink, url) = Sink::open().await;
    let mailer = mailer(&url);
    assert!(mailer.send(mail("hanako@example.jp")).await.is_ok());
    assert!(matches!(mailer.send(mail("busy@example.jp")).await, Err(MailError::Temporary(_))));
    assert!(matches!(mailer.send(mail("nobody@example.jp")).await, Err(MailError::Refused(_))));
    assert!(matches!(mailer.send(mail("spam@example.jp")).await, Err(MailError::Permanent(_))));
    assert!(matches!(mailer.send(mail("full@example.jp")).await, Err(MailError::Permanent(_))));
    assert!(mailer.send(mail("taro..@docomo.example")).await.is_ok());
    assert_eq!(*sink.connections.lock().unwrap(), 1, "a refusal ends no connection");
    assert!(matches!(mailer.send(mail("drop@example.jp")).await, Err(MailError::Temporary(_))), "nothing was handed over");
    assert!(matches!(mailer.send(mail("cut@example.jp")).await, Err(MailError::Unanswered(_))), "it may have been taken");
    assert!(matches!(mailer.send(mail("silent@example.jp")).await, Err(MailError::Unanswered(_))));
    assert!(mailer.send(mail("busy@example.jp")).await.is_ok());
    assert_eq!(sink.recipients(), ["\"taro..\"@docomo.example", "busy@example.jp", "hanako@example.jp"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_away_for_all() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    drop(listener);
    assert!(matches!(mailer(&url).send(mail("hanako@example.jp")).await, Err(MailError::Unreachable(_))));
}

#[tokio::test]
async fn a_mailing_reaches_the_server_once_for_each_member_whatever_it_answers() {
    let (sink, url) = Sink::open().await;
    let house = services_with(|settings| settings.dev_inbox = false).await;
    for (n, who) in ["hanako", "busy", "nobody", "cut", "drop", "taro"].into_iter().enumerate() {
        house.member(&format!("H-{n}"), Some(&format!("{who}@example.jp")), None).await;
    }
    let visit = house.anonymous().await;
    let editor = house.editor(&visit);
    let input = MailingInput {
        subject: ["観望会のご案内".into(), String::new()],
        text: ["{{name}}様\n\nこんばんは。".into(), String::new()],
        ..MailingInput::begun()
    };
    let id = editor.save_mailing(&visit, None, "", &input).await.unwrap();
    let seen = house.mailing_state(&house.mailing(&visit, id).await.unwrap()).unwrap();
    editor.schedule_mailing(&visit, id, &seen, &When::Now).await.unwrap();
    let outlet = Outlet::Wire(Arc::new(mailer(&url)));
    for _ in 0..8 {
        while house.carry_on_mailings().await.unwrap() > 0 {}
        house.deliver_mails(outlet.clone(), MailPace { at_once: 4, per_second: 0 }).await.unwrap();
        house.clock.pass(5 * 60 * 60);
    }
    house.carry_on_mailings().await.unwrap();
    assert_eq!(sink.recipients(), ["busy@example.jp", "hanako@example.jp", "taro@example.jp"]);
    let counts: Vec<(String, u64)> = house.mailing_with_counts(&visit, id).await.unwrap().counts.into_iter().collect();
    let expected = [("failed", 2), ("in-doubt", 1), ("sent", 3)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(counts, expected);
    let taken = sink.taken.lock().unwrap();
    let (_, message) = taken.iter().find(|(to, _)| to == "hanako@example.jp").unwrap();
    for part in ["List-Unsubscribe-Post: List-Unsubscribe=One-Click", "multipart/alternative", "Message-ID: <", "@tsudoi.example>"] {
        assert!(message.contains(part), "{part}: {message}");
    }
}
