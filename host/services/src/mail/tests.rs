//! Mails reach the wire once, or as often as their server asks for.

use super::{MailPace, Outlet};
use crate::testing::{TestServices, services_with};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tsudoi_kernel::Permission;
use tsudoi_kernel::ports::{Boxed, MailError, Mailer, OutgoingMail};
use tsudoi_store::MailAppetite;

/// Answers with what it was given, in turn, then takes everything.
#[derive(Default)]
pub(crate) struct Wire {
    pub(crate) answers: Mutex<Vec<MailError>>,
    pub(crate) taken: Mutex<Vec<OutgoingMail>>,
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

    /// To whom, in the order in which they were handed over.
    pub(crate) fn recipients(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|mail| mail.to.clone()).collect()
    }
}

/// One after the other, as fast as the server takes them.
pub(crate) const PACE: MailPace = MailPace { at_once: 1, per_second: 0 };

pub(crate) async fn delivered(house: &TestServices, wire: &Arc<Wire>) -> usize {
    house.services.deliver_mails(Outlet::Wire(wire.clone()), PACE).await.unwrap()
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
    let (house, wire) = (with_a_mail().await, Arc::new(Wire::default()));
    assert_eq!(delivered(&house, &wire).await, 1);
    assert_eq!(delivered(&house, &wire).await, 0);
    let taken = wire.taken.lock().unwrap();
    assert_eq!((taken[0].from_name.as_str(), taken[0].to.as_str()), ("星空会", "new@example.jp"));
    assert!(taken[0].text.contains("https://club.example/password/reset?challenge="), "{}", taken[0].text);
    assert!(taken[0].text.contains("新人様"));
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again_later() {
    let (house, wire) = (with_a_mail().await, Arc::new(Wire::default()));
    wire.answers.lock().unwrap().push(MailError::Temporary("try later".into()));
    delivered(&house, &wire).await;
    house.clock.pass(59);
    assert_eq!(delivered(&house, &wire).await, 0);
    // Up to a fifth later, so that not all come back at once.
    house.clock.pass(13);
    assert_eq!(delivered(&house, &wire).await, 1);
    assert_eq!(wire.taken(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_given_up() {
    let (house, wire) = (with_a_mail().await, Arc::new(Wire::default()));
    wire.answers.lock().unwrap().push(MailError::Permanent("no such mailbox".into()));
    assert_eq!(delivered(&house, &wire).await, 1);
    house.clock.pass(24 * 60 * 60);
    assert_eq!(delivered(&house, &wire).await, 0);
    assert_eq!(wire.taken(), 0);
}

#[tokio::test]
async fn a_mail_whose_worker_died_is_not_sent_again() {
    let (house, wire) = (with_a_mail().await, Arc::new(Wire::default()));
    let now = house.services.now();
    let one = MailAppetite { urgent: 1, bulk: 0, mailings_only: false, last: None };
    let claimed = house.database.store.exchange_mails_all_organisations(&[], one, now, now.plus_seconds(600)).await.unwrap();
    assert_eq!(claimed.mails.len(), 1);
    house.clock.pass(24 * 60 * 60);
    assert_eq!(delivered(&house, &wire).await, 0);
    assert_eq!(wire.taken(), 0);
}

#[tokio::test]
async fn in_development_mail_stays_in_the_inbox() {
    let house = services_with(|_| {}).await;
    let club = house.organisation.clone();
    let permissions = BTreeSet::from([Permission::new(Permission::SITE)]);
    house.services.invite_staff(&club, "new@example.jp", "新人", permissions).await.unwrap();
    assert_eq!(house.services.deliver_mails(Outlet::Inbox, PACE).await.unwrap(), 0);
    assert_eq!(house.mails_to("new@example.jp").await.len(), 1);
}

#[tokio::test]
async fn a_server_that_is_away_costs_no_try_and_a_lost_answer_is_no_reason_to_send_twice() {
    let (house, wire) = (with_a_mail().await, Arc::new(Wire::default()));
    for _ in 0..20 {
        wire.answers.lock().unwrap().push(MailError::Unreachable("connection refused".into()));
        assert_eq!(delivered(&house, &wire).await, 1);
        house.clock.pass(72);
    }
    wire.answers.lock().unwrap().push(MailError::Unanswered("the mail server does not answer".into()));
    assert_eq!(delivered(&house, &wire).await, 1);
    house.clock.pass(24 * 60 * 60);
    assert_eq!((delivered(&house, &wire).await, wire.taken()), (0, 0));
}

#[tokio::test]
async fn what_somebody_waits_for_is_tried_however_often_its_address_was_refused() {
    let (house, wire) = (with_a_mail().await, Arc::new(Wire::default()));
    wire.answers.lock().unwrap().push(MailError::Refused("5.1.1 no such user".into()));
    assert_eq!(delivered(&house, &wire).await, 1);
    let visit = house.anonymous().await;
    let (stopped, _) = house.mail_suppressions(&visit, "").await.unwrap();
    assert_eq!((stopped[0].email.as_str(), stopped[0].reason.as_str()), ("new@example.jp", "5.1.1 no such user"));
    let club = house.organisation.clone();
    house.services.invite_staff(&club, "new@example.jp", "新人", BTreeSet::from([Permission::new(Permission::SITE)])).await.unwrap();
    assert_eq!(delivered(&house, &wire).await, 1);
    assert_eq!(wire.recipients(), ["new@example.jp"]);
    house.editor(&visit).lift_suppression("new@example.jp").await.unwrap();
    assert!(house.mail_suppressions(&visit, "").await.unwrap().0.is_empty());
}
