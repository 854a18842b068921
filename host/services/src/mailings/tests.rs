//! Mailings from writing one to the wire, on both databases.

use super::*;
use crate::ServiceError;
use crate::mail::tests::{PACE, Wire, delivered};
use crate::mail::{MailPace, MailStop, Outlet};
use crate::pages::GateInput;
use crate::testing::{TestServices, services_on_each, services_with};
use crate::visits::Visit;
use std::collections::BTreeSet;
use std::sync::Arc;
use tsudoi_kernel::ports::MailError;
use tsudoi_kernel::{MemberId, OrganisationId, Permission};
use uuid::Uuid;

fn input() -> MailingInput {
    MailingInput {
        subject: ["観望会のご案内".into(), "Stargazing".into()],
        text: ["{{name}}様\n\n**12月**の観望会です。".into(), "Dear {{display-name}}, come and see.".into()],
        ..MailingInput::begun()
    }
}

async fn scheduled(house: &TestServices, visit: &Visit, input: &MailingInput, when: &When) -> Uuid {
    let editor = house.editor(visit);
    let id = editor.save_mailing(visit, None, "", input).await.unwrap();
    let seen = house.mailing_state(&house.mailing(visit, id).await.unwrap()).unwrap();
    editor.schedule_mailing(visit, id, &seen, when).await.unwrap();
    id
}

/// Plans everything that is to be planned.
async fn planned(house: &TestServices) {
    while house.carry_on_mailings().await.unwrap() > 0 {}
}

async fn counts(house: &TestServices, visit: &Visit, id: Uuid) -> Vec<(String, u64)> {
    house.mailing_with_counts(visit, id).await.unwrap().counts.into_iter().collect()
}

fn stop(member: MemberId) -> MailStop {
    MailStop { member, plugin: String::new(), mail: FIRST_TOPIC.to_string() }
}

fn owned(counts: &[(&str, u64)]) -> Vec<(String, u64)> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[tokio::test]
async fn a_mailing_goes_once_to_each_member_who_can_and_wants_to_have_it() {
    for house in services_on_each().await {
        let visit = house.anonymous().await;
        let hanako = house.member("H-1", Some("hanako@example.jp"), None).await;
        // Members come in the order in which they were entered.
        house.clock.pass(1);
        let taro = house.member("H-2", Some("taro@example.jp"), None).await;
        house.clock.pass(1);
        house.member("H-3", None, None).await;
        house.clock.pass(1);
        let gone = house.member("H-4", Some("gone@example.jp"), None).await;
        house.stop_mails(&visit, &stop(taro), true).await.unwrap();
        let mailing = house.checked_mailing(&visit, &input()).await.unwrap();
        let reach = house.mailing_reach(&visit, &mailing).await.unwrap();
        assert_eq!(
            (reach.goes, reach.left_out.clone().into_iter().collect::<Vec<_>>()),
            (2, owned(&[("no-address", 1), ("unsubscribed", 1)]))
        );

        let id = scheduled(&house, &visit, &input(), &When::Now).await;
        planned(&house).await;
        assert_eq!(house.mailing(&visit, id).await.unwrap().state, MailingState::Sending, "{}", house.database.name);
        let wire = Arc::new(Wire::default());
        wire.answers.lock().unwrap().extend([MailError::Refused("550 5.1.1 unknown".into())]);
        assert_eq!(delivered(&house, &wire).await, 2);
        planned(&house).await;
        let over = house.mailing_with_counts(&visit, id).await.unwrap();
        assert_eq!(over.record.state, MailingState::Sent);
        let all = owned(&[("failed", 1), ("left-out no-address", 1), ("left-out unsubscribed", 1), ("sent", 1)]);
        assert_eq!(over.counts.into_iter().collect::<Vec<_>>(), all);
        let page = house.mailing_recipients(&visit, id, Some("failed"), None).await.unwrap();
        assert_eq!((page.lines.len(), page.lines[0].problem.as_str()), (1, "550 5.1.1 unknown"));
        assert_eq!(house.mailing_recipients(&visit, id, None, Some(taro)).await.unwrap().lines.len(), 2, "after a member");

        // Whose mailbox there is not gets no other.
        let failed = page.lines[0].member;
        assert!(failed == hanako || failed == gone);
        let again = scheduled(&house, &visit, &input(), &When::Now).await;
        planned(&house).await;
        delivered(&house, &wire).await;
        planned(&house).await;
        assert!(counts(&house, &visit, again).await.contains(&("left-out suppressed".to_owned(), 1)));
        let taken = wire.taken.lock().unwrap().clone();
        assert!(taken.len() == 2 && taken[0].to == taken[1].to && taken[0].id != taken[1].id);
        let mail = &taken[0];
        assert!(
            mail.text.contains("花子様\n\n12月の観望会です。") && mail.html.as_ref().unwrap().contains("<strong>12月</strong>"),
            "{mail:?}"
        );
        let link = mail.unsubscribe.as_ref().unwrap();
        assert!(mail.text.contains(link.as_str()) && mail.html.as_ref().unwrap().contains(&link.replace('&', "&amp;")), "{mail:?}");
        assert!(mail.text.contains("星空会の会員の方に「お知らせ」として"), "{}", mail.text);
    }
}

#[tokio::test]
async fn whoever_unsubscribes_between_planning_and_sending_gets_nothing() {
    for house in services_on_each().await {
        let visit = house.anonymous().await;
        let mother = house.member("H-1", Some("family@example.jp"), None).await;
        house.member("H-2", Some("family@example.jp"), None).await;
        house.member("H-3", Some("taro@example.jp"), None).await;
        let id = scheduled(&house, &visit, &input(), &When::Now).await;
        planned(&house).await;
        house.stop_mails(&visit, &stop(mother), true).await.unwrap();
        let wire = Arc::new(Wire::default());
        delivered(&house, &wire).await;
        assert_eq!(wire.recipients(), ["taro@example.jp"], "{}: nor does anybody else at that mailbox", house.database.name);
        planned(&house).await;
        assert_eq!(counts(&house, &visit, id).await, owned(&[("left-out unsubscribed", 2), ("sent", 1)]));
    }
}

#[tokio::test]
async fn a_plan_that_broke_off_goes_on_where_it_was_and_a_page_is_written_once() {
    for house in services_on_each().await {
        let visit = house.anonymous().await;
        let drafts: Vec<_> = (0..2_100).map(|n| draft(&house, n)).collect();
        house.add_members(house.organisation.id, &drafts).await.unwrap();
        let id = scheduled(&house, &visit, &input(), &When::Now).await;
        assert_eq!(house.carry_on_mailings().await.unwrap(), 1);
        assert_eq!(counts(&house, &visit, id).await, owned(&[("waiting", 1_000)]), "{}", house.database.name);
        // Another process, at the same page as this one.
        let other = house.reopened(|_| {});
        let both = tokio::join!(house.carry_on_mailings(), other.carry_on_mailings());
        assert!((both.0.unwrap(), both.1.unwrap()) != (0, 0));
        planned(&other).await;
        assert_eq!(counts(&house, &visit, id).await, owned(&[("waiting", 2_100)]));
        assert_eq!(house.mailing(&visit, id).await.unwrap().state, MailingState::Sending);
    }
}

fn draft(house: &TestServices, n: u32) -> tsudoi_store::MemberDraft {
    tsudoi_store::MemberDraft {
        family_name: "会員".into(),
        given_name: n.to_string(),
        display_name: format!("会員{n}"),
        email: Some(format!("member{n}@example.jp").parse().unwrap()),
        ..tsudoi_store::MemberDraft::new(house.fresh_member_id(), format!("H-{n:05}"))
    }
}

#[tokio::test]
async fn a_mailing_begins_at_its_time_on_the_organisations_clocks_and_can_be_taken_back_until_then() {
    for house in services_on_each().await {
        let visit = house.anonymous().await;
        house.member("H-1", Some("hanako@example.jp"), None).await;
        // It is 15 January 2027, 17:00 in Tokyo.
        let at = |date: &str, time: &str| When::At { date: date.into(), time: time.into() };
        let id = scheduled(&house, &visit, &input(), &at("2027-01-15", "18:30")).await;
        let editor = house.editor(&visit);
        assert!(matches!(editor.save_mailing(&visit, Some(id), "", &input()).await, Err(ServiceError::Changed)), "it stands as it is");
        house.clock.pass(89 * 60);
        planned(&house).await;
        assert_eq!(house.mailing(&visit, id).await.unwrap().state, MailingState::Scheduled, "{}", house.database.name);
        editor.cancel_mailing(&visit, id).await.unwrap();
        house.clock.pass(60);
        planned(&house).await;
        let record = house.mailing(&visit, id).await.unwrap();
        assert_eq!(record.state, MailingState::Draft);
        let seen = house.mailing_state(&record).unwrap();
        for (when, message) in [
            (at("2027-01-15", "18:30"), "mailings-when-past"),
            (at("2028-01-17", "10:00"), "mailings-when-far"),
            (at("2027-02-30", "10:00"), "mailings-when-wrong"),
        ] {
            let refused = editor.schedule_mailing(&visit, id, &seen, &when).await;
            assert!(matches!(&refused, Err(ServiceError::Invalid(errors)) if errors[0].1 == message), "{refused:?}");
        }
        editor.schedule_mailing(&visit, id, &seen, &at("2027-01-15", "18:31")).await.unwrap();
        assert!(matches!(editor.schedule_mailing(&visit, id, &seen, &When::Now).await, Err(ServiceError::Changed)), "a double click");
        house.clock.pass(60);
        planned(&house).await;
        assert_eq!(counts(&house, &visit, id).await, owned(&[("waiting", 1)]));
        assert!(matches!(editor.cancel_mailing(&visit, id).await, Err(ServiceError::Changed)), "it is on its way");
        assert!(matches!(editor.delete_mailing(&visit, id).await, Err(ServiceError::Changed)));
    }
}

#[tokio::test]
async fn a_mailing_that_is_stopped_goes_to_nobody_else() {
    for house in services_on_each().await {
        let visit = house.anonymous().await;
        let drafts: Vec<_> = (0..1_010).map(|n| draft(&house, n)).collect();
        house.add_members(house.organisation.id, &drafts).await.unwrap();
        let id = scheduled(&house, &visit, &input(), &When::Now).await;
        house.carry_on_mailings().await.unwrap();
        let wire = Arc::new(Wire::default());
        let slow = MailPace { at_once: 1, per_second: 7 };
        house.services.deliver_mails(Outlet::Wire(wire.clone()), slow).await.unwrap();
        assert_eq!(wire.recipients().len(), 7, "{}: no more in that second", house.database.name);
        house.editor(&visit).stop_mailing(&visit, id).await.unwrap();
        house.clock.pass(60);
        planned(&house).await;
        assert_eq!(delivered(&house, &wire).await, 0);
        assert_eq!(counts(&house, &visit, id).await, owned(&[("sent", 7), ("stopped", 993)]));
        assert!(house.mailing(&visit, id).await.unwrap().counts.is_some());
    }
}

#[tokio::test]
async fn a_code_goes_before_a_mailing_and_organisations_have_their_turns() {
    for house in services_on_each().await {
        let house = house.reopened(|settings| settings.dev_inbox = false);
        let other = house.add_organisation("other").await;
        let (visit, visit_other) = (house.anonymous().await, house.anonymous_at("other").await);
        let members = async |organisation: OrganisationId, count: u32, domain: &str| {
            for n in 0..count {
                house.member_of(organisation, &format!("H-{n}"), Some(&format!("m{n}@{domain}")), None).await;
            }
        };
        members(house.organisation.id, 6, "club.example").await;
        members(other, 2, "other.example").await;
        scheduled(&house, &visit, &input(), &When::Now).await;
        scheduled(&house, &visit_other, &input(), &When::Now).await;
        planned(&house).await;
        house.clock.pass(60);
        let club = house.organisation.clone();
        house.invite_staff(&club, "new@example.jp", "新人", BTreeSet::from([Permission::new(Permission::SITE)])).await.unwrap();
        let wire = Arc::new(Wire::default());
        delivered(&house, &wire).await;
        let order = wire.recipients();
        assert_eq!(order[0], "new@example.jp", "{}", house.database.name);
        let of_other = order.iter().rposition(|to| to.ends_with("@other.example")).unwrap();
        assert!(order.len() == 9 && of_other <= 4, "the small one does not wait for the large one: {order:?}");
    }
}

#[tokio::test]
async fn a_member_gets_the_language_that_they_chose_and_a_test_goes_to_whoever_asks() {
    let house = services_with(|_| {}).await;
    let visit = house.anonymous().await;
    let hanako = house.member("H-1", Some("hanako@example.jp"), None).await;
    house.member("H-2", Some("taro@example.jp"), None).await;
    house.of(&visit).set_mail_locale(hanako, tsudoi_kernel::Locale::En).await.unwrap();
    let account = house.account(None).await;
    house.staff("office@example.jp", account, &["members"]).await;
    let editor = house.editor_of(house.organisation.id, Some(account));
    let id = editor.save_mailing(&visit, None, "", &input()).await.unwrap();
    assert_eq!(editor.test_mailing(&visit, id).await.unwrap(), "office@example.jp");
    house.services.deliver_mails(Outlet::Inbox, PACE).await.unwrap();
    assert!(house.mails_to("office@example.jp").await[0].contains("山田 花子様"));
    assert!(counts(&house, &visit, id).await.is_empty(), "a test is no recipient");
    let seen = house.mailing_state(&house.mailing(&visit, id).await.unwrap()).unwrap();
    editor.schedule_mailing(&visit, id, &seen, &When::Now).await.unwrap();
    planned(&house).await;
    house.services.deliver_mails(Outlet::Inbox, PACE).await.unwrap();
    assert!(house.mails_to("hanako@example.jp").await[0].contains("Dear はな, come and see."));
    assert!(house.mails_to("taro@example.jp").await[0].contains("観望会です"));
    let copy = editor.copy_mailing(&visit, id).await.unwrap();
    assert_eq!(house.mailing(&visit, copy).await.unwrap().mailing, house.mailing(&visit, id).await.unwrap().mailing);
    editor.delete_mailing(&visit, copy).await.unwrap();
    editor.erase_member_data(hanako).await.unwrap();
    assert!(house.mails_to("hanako@example.jp").await.is_empty(), "what was sent to somebody goes with them");
}

#[tokio::test]
async fn what_makes_no_mailing_is_said_beside_its_field() {
    let house = services_with(|_| {}).await;
    let visit = house.anonymous().await;
    let refused = async |input: MailingInput| match house.editor(&visit).save_mailing(&visit, None, "", &input).await {
        Err(ServiceError::Invalid(errors)) => errors,
        other => panic!("{other:?}"),
    };
    let wrong = |field: &str, message| vec![(field.to_owned(), message)];
    let of_gate = |kind: &str| MailingInput { gate: GateInput { kind: kind.into(), ..GateInput::default() }, ..input() };
    assert_eq!(refused(of_gate("everyone")).await, wrong("gate", "mailings-gate-missing"));
    assert_eq!(refused(of_gate("tiers")).await, wrong("gate", "pages-gate-no-tier"));
    assert_eq!(refused(MailingInput { topic: "x".into(), ..input() }).await, wrong("topic", "mailings-topic-missing"));
    let half = MailingInput { subject: ["件名".into(), String::new()], ..input() };
    assert_eq!(refused(half).await, wrong("subject_en", "mailings-half"));
    let unknown = MailingInput { text: ["{{nmae}}様".into(), String::new()], subject: ["件名".into(), String::new()], ..input() };
    assert_eq!(refused(unknown).await, wrong("text_ja", "mailings-filler-unknown"));
    let empty = MailingInput { subject: Default::default(), text: Default::default(), ..input() };
    assert_eq!(refused(empty).await.len(), 2);
    house.add_organisation("other").await;
    let id = house.editor(&visit).save_mailing(&visit, None, "", &input()).await.unwrap();
    assert!(matches!(house.mailing(&house.anonymous_at("other").await, id).await, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn topics_are_named_hidden_and_never_all_gone() {
    for house in services_on_each().await {
        let visit = house.anonymous().await;
        let editor = house.editor(&visit);
        let refused = editor.save_mail_topic(&visit, Some(FIRST_TOPIC), ["お知らせ", ""], true).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(errors)) if errors == [("hidden".to_owned(), "mailings-topics-none")]));
        editor.save_mail_topic(&visit, None, ["会報", "Bulletin"], false).await.unwrap();
        editor.save_mail_topic(&visit, Some(FIRST_TOPIC), ["事務局から", ""], true).await.unwrap();
        let topics = house.mail_topics(&visit).await.unwrap();
        let shown: Vec<_> = topics.iter().map(|topic| (topic.name.get(visit.locale), topic.hidden)).collect();
        assert_eq!(shown, [("事務局から", true), ("会報", false)], "{}", house.database.name);
        let unknown = editor.save_mail_topic(&visit, Some(Uuid::from_u128(7)), ["会報", ""], false).await;
        assert!(matches!(unknown, Err(ServiceError::NotFound)));
    }
}
