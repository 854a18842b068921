//! Background work from the commit that causes it to what staff see of it.

use crate::plugins::Consent;
use crate::testing::{TestServices, services, services_on_each};
use serde_json::{Value, json};
use tsudoi_kernel::background::{EVENT_ATTEMPTS, Emitted};
use tsudoi_kernel::calls::CallError;
use tsudoi_kernel::{OrganisationId, Permission};

fn parts() -> Value {
    json!({
        "permissions": [{ "interface": "event:member.joined", "why": { "ja": "歓迎", "en": "To welcome" } }],
        "topics": [{ "name": "said", "label": { "ja": "発言", "en": "Said" } }],
        "subscriptions": [{ "topic": "greeter.said" }, { "topic": "member.joined" }],
        "jobs": [{ "name": "nightly", "label": { "ja": "毎晩の整理", "en": "Nightly" }, "cron": "0 3 * * *" }],
    })
}

/// A plugin `greeter` that hears of itself and of new members, and has a job at night.
async fn greeter(house: &TestServices, organisation: OrganisationId) {
    let package = house.parrot_package("greeter", "1.0.0", parts()).await;
    let editor = house.editor_of(organisation, None);
    editor.enable_plugin("greeter", &Consent::to_all(&package)).await.unwrap();
}

async fn say(house: &TestServices, organisation: OrganisationId, key: &str, text: &str) {
    let mut change = house.store().organisation(organisation).begin_change(house.now()).await.unwrap();
    let event = Emitted { id: house.fresh_id(), topic: "greeter.said".into(), order_key: key.into(), payload: json!(text), depth: 1 };
    change.emit(None, &event).await.unwrap();
    change.commit().await.unwrap();
}

fn trapped() -> CallError {
    CallError::Trapped("it trapped".into())
}

#[tokio::test]
async fn whoever_may_hear_of_new_members_is_told_once() {
    for house in services_on_each().await {
        greeter(&house, house.organisation.id).await;
        let member = house.member("H-1", None, None).await;
        assert_eq!(house.do_all_due_work().await.unwrap(), 1);
        assert_eq!(house.worklog.take(), [format!("club member.joined {{\"member\":\"{member}\"}}")], "{}", house.database.name);
        assert_eq!(house.do_all_due_work().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_failing_event_is_tried_again_and_holds_up_its_own_key_alone() {
    let house = services().await;
    let club = house.organisation.id;
    greeter(&house, club).await;
    house.worklog.fail("greeter.said", &trapped(), 1);
    say(&house, club, "a", "a1").await;
    say(&house, club, "a", "a2").await;
    assert_eq!(house.do_all_due_work().await.unwrap(), 1);
    say(&house, club, "b", "b1").await;
    assert_eq!(house.do_all_due_work().await.unwrap(), 1);
    assert_eq!(house.worklog.take(), [r#"club greeter.said "a1""#, r#"club greeter.said "b1""#]);
    house.clock.pass(5);
    house.do_all_due_work().await.unwrap();
    assert_eq!(house.worklog.take(), [r#"club greeter.said "a1""#, r#"club greeter.said "a2""#]);
}

#[tokio::test]
async fn what_keeps_failing_goes_to_staff_who_try_it_again() {
    let house = services().await;
    let club = house.organisation.id;
    greeter(&house, club).await;
    house.worklog.fail("greeter.said", &trapped(), EVENT_ATTEMPTS as usize);
    say(&house, club, "a", "a1").await;
    say(&house, club, "a", "a2").await;
    for _ in 0..EVENT_ATTEMPTS {
        house.do_all_due_work().await.unwrap();
        house.clock.pass(60 * 60);
    }
    let said = house.worklog.take();
    assert_eq!(said.iter().filter(|line| line.contains("a1")).count(), EVENT_ATTEMPTS as usize, "{said:?}");
    assert_eq!(said.last().unwrap(), r#"club greeter.said "a2""#, "its key goes on");
    let visit = house.anonymous().await;
    let aside = house.work_set_aside(&visit).await.unwrap();
    let [one] = &aside[..] else { panic!("{aside:?}") };
    assert_eq!((one.plugin_name.as_str(), one.what.as_str(), one.item.reason.as_str()), ("オウム", "greeter.said", "trapped"));
    let account = house.account(None).await;
    house.staff("office@club.example", account, &[Permission::PLUGINS]).await;
    let editor = house.editor_of(club, Some(account));
    editor.retry_work(one.item.key).await.unwrap();
    assert_eq!(house.do_all_due_work().await.unwrap(), 1);
    assert!(house.work_set_aside(&visit).await.unwrap().is_empty());
    let audit: Vec<String> = house.recent_activity(&visit, 9).await.unwrap().into_iter().map(|entry| entry.action).collect();
    assert_eq!(audit, ["work-retried"]);
    assert!(editor.discard_work(one.item.key).await.is_err(), "there is nothing left to discard");
}

#[tokio::test]
async fn when_others_are_in_the_way_it_is_no_fault_of_the_plugins() {
    let house = services().await;
    greeter(&house, house.organisation.id).await;
    house.worklog.fail("greeter.said", &CallError::Busy, 50);
    say(&house, house.organisation.id, "a", "a1").await;
    for _ in 0..50 {
        house.do_all_due_work().await.unwrap();
        house.clock.pass(2);
    }
    house.worklog.take();
    assert_eq!(house.do_all_due_work().await.unwrap(), 1);
    assert_eq!(house.worklog.take().len(), 1, "it was never set aside");
}

#[tokio::test]
async fn an_organisation_with_a_long_queue_keeps_no_other_waiting() {
    let house = services().await;
    let (club, other) = (house.organisation.id, house.add_organisation("other").await);
    for organisation in [club, other] {
        greeter(&house, organisation).await;
    }
    for n in 0..40 {
        say(&house, club, "", &format!("club {n}")).await;
    }
    say(&house, other, "", "at last").await;
    house.do_all_due_work().await.unwrap();
    let said = house.worklog.take();
    let place = said.iter().position(|line| line.starts_with("other ")).unwrap();
    assert!(said.len() == 41 && place <= 4, "it came as number {place} of {}", said.len());
}

#[tokio::test]
async fn a_schedule_that_was_missed_for_days_is_made_up_for_by_one_run() {
    let house = services().await;
    greeter(&house, house.organisation.id).await;
    // 2027-01-15 17:00 in Tokyo: the night is ten hours away.
    assert_eq!(house.make_scheduled_jobs().await.unwrap(), 0);
    house.clock.pass(10 * 60 * 60 - 1);
    assert_eq!(house.make_scheduled_jobs().await.unwrap(), 0);
    house.clock.pass(1);
    assert_eq!(house.make_scheduled_jobs().await.unwrap(), 1);
    house.do_all_due_work().await.unwrap();
    assert_eq!(house.worklog.take(), ["club nightly {}"]);
    // Nobody is there for five days and a half.
    house.clock.pass(5 * 86_400 + 43_200);
    assert_eq!(house.make_scheduled_jobs().await.unwrap(), 1);
    assert_eq!(house.make_scheduled_jobs().await.unwrap(), 0);
    house.clock.pass(43_200);
    assert_eq!(house.make_scheduled_jobs().await.unwrap(), 0, "the run of that night has not been done yet");
    house.do_all_due_work().await.unwrap();
    assert_eq!(house.worklog.take(), ["club nightly {}"]);
}

#[tokio::test]
async fn two_workers_share_the_work_and_keep_the_order() {
    for house in services_on_each().await {
        greeter(&house, house.organisation.id).await;
        for n in 0..30 {
            say(&house, house.organisation.id, if n % 3 == 0 { "a" } else { "" }, &n.to_string()).await;
        }
        let (one, two) = tokio::join!(house.do_all_due_work(), house.do_all_due_work());
        // Whoever found a key held up has left it to the other one.
        let rest = house.do_all_due_work().await.unwrap();
        assert_eq!((one.unwrap() + two.unwrap() + rest, rest), (30, 0), "{}", house.database.name);
        let said = house.worklog.take();
        let distinct: std::collections::BTreeSet<&String> = said.iter().collect();
        assert_eq!((said.len(), distinct.len()), (30, 30), "{}", house.database.name);
        let of_key: Vec<u32> = said.iter().filter_map(|line| line.split('"').nth(1)?.parse().ok()).filter(|n| n % 3 == 0).collect();
        assert!(of_key.is_sorted(), "{}: {of_key:?}", house.database.name);
    }
}
