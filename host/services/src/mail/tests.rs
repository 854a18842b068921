//! Mails reach the wire once, or as often as their server asks for.

use crate::testing::{TestServices, services_with};
use std::collections::BTreeSet;
use std::sync::Mutex;
use tsudoi_kernel::Permission;
use tsudoi_kernel::ports::{Boxed, MailError, Mailer, OutgoingMail};

/// Answers with what it was given, in turn, then takes everything.
#[derive(Default)]
struct Wire {
    answers: Mutex<Vec<MailError>>,
    taken: Mutex<Vec<OutgoingMail>>,
}

impl Mailer for Wire {
    fn send(&self, mail: OutgoingMail) -> Boxed<'_, Result<(), MailError>> {
        Box::pin(async move {
            match self.answers.lock().unwrap().pop() {
                Some(error) => Err(error),
                None => {
                    self.taken.lock().unwrap().push(mail);
                    Ok(())
                }
            }
        })
    }
}

impl Wire {
    fn taken(&self) -> usize {
        self.taken.lock().unwrap().len()
    }
}

async fn with_a_mail() -> TestServices {
    let house = services_with(|settings| settings.dev_inbox = false).await;
    let club = house.organisation.clone();
    let permissions = BTreeSet::from([Permission::new(Permission::SITE)]);
    house.services.invite_staff(&club, "new@example.jp", "新人", permissions).await.unwrap();
    house
}

#[tokio::test]
async fn a_mail_is_sent_once_in_the_organisations_name() {
    let (house, wire) = (with_a_mail().await, Wire::default());
    assert_eq!(house.services.deliver_mails(&wire).await.unwrap(), 1);
    assert_eq!(house.services.deliver_mails(&wire).await.unwrap(), 0);
    let taken = wire.taken.lock().unwrap();
    assert_eq!((taken[0].from_name.as_str(), taken[0].to.as_str()), ("星空会", "new@example.jp"));
    assert!(taken[0].text.contains("https://club.example/password/reset?challenge="), "{}", taken[0].text);
    assert!(taken[0].text.contains("新人様"));
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again_later() {
    let (house, wire) = (with_a_mail().await, Wire::default());
    wire.answers.lock().unwrap().push(MailError::Temporary("try later".into()));
    house.services.deliver_mails(&wire).await.unwrap();
    house.clock.pass(59);
    assert_eq!(house.services.deliver_mails(&wire).await.unwrap(), 0);
    house.clock.pass(1);
    assert_eq!(house.services.deliver_mails(&wire).await.unwrap(), 1);
    assert_eq!(wire.taken(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_given_up() {
    let (house, wire) = (with_a_mail().await, Wire::default());
    wire.answers.lock().unwrap().push(MailError::Permanent("no such mailbox".into()));
    assert_eq!(house.services.deliver_mails(&wire).await.unwrap(), 1);
    house.clock.pass(24 * 60 * 60);
    assert_eq!(house.services.deliver_mails(&wire).await.unwrap(), 0);
    assert_eq!(wire.taken(), 0);
}

#[tokio::test]
async fn a_mail_whose_worker_died_is_not_sent_again() {
    let (house, wire) = (with_a_mail().await, Wire::default());
    let now = house.services.now();
    house.database.store.claim_mail_all_organisations(now, now.plus_seconds(600)).await.unwrap().expect("a mail is due");
    house.clock.pass(24 * 60 * 60);
    assert_eq!(house.services.deliver_mails(&wire).await.unwrap(), 0);
    assert_eq!(wire.taken(), 0);
}

#[tokio::test]
async fn in_development_mail_stays_in_the_inbox() {
    let house = services_with(|_| {}).await;
    let club = house.organisation.clone();
    let permissions = BTreeSet::from([Permission::new(Permission::SITE)]);
    house.services.invite_staff(&club, "new@example.jp", "新人", permissions).await.unwrap();
    let wire = Wire::default();
    assert_eq!(house.services.deliver_mails(&wire).await.unwrap(), 0);
    assert_eq!(house.mails_to("new@example.jp").await.len(), 1);
}
