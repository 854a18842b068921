//! Plugins that keep failing.

use super::*;
use crate::plugins::{BlockOutcome, Consent, PluginAnswer, PluginPage};
use crate::testing::{TestServices, services_on_each, services_with};
use serde_json::Map;
use std::collections::BTreeSet;
use tsudoi_kernel::manifest::{Area, Method};
use tsudoi_store::StaffDraft;
use uuid::Uuid;

fn installation(n: u128) -> InstallationId {
    InstallationId(Uuid::from_u128(n))
}

#[test]
fn it_takes_many_failures_and_half_of_all_calls() {
    let breaker = Breaker::default();
    let now = Timestamp::from_millis(1_000_000);
    let note = |n, failed, after: i64| {
        let went = if failed { Went::Wrong } else { Went::Well };
        breaker.note(installation(n), went, 3, now.plus_seconds(after))
    };
    assert!(!note(1, true, 0) && !note(1, true, 1));
    assert!(!note(2, true, 1), "each installation for itself");
    assert!(note(1, true, 2), "the third is enough");
    assert!(!note(1, true, 3), "and then it begins anew");
    // Somebody who makes it fail again and again, among many whom it serves.
    for _ in 0..10 {
        note(3, false, 0);
    }
    assert!((0..9).all(|_| !note(3, true, 1)));
    assert!(note(3, true, 1), "until half of all calls fail");
    // Long ago does not count.
    assert!(!note(4, true, 0) && !note(4, true, 1) && !note(4, true, PAUSE_WINDOW_SECONDS));
    assert!((0..99).all(|_| !breaker.note(installation(5), Went::Wrong, 0, now)), "nothing is paused where the operator says so");
    // A template that never renders: each call went well at first.
    let template = |went| breaker.note(installation(6), went, 3, now);
    let call = || template(Went::Well) || template(Went::WrongAfterAll);
    assert!(!template(Went::Well) && !call() && !call() && call(), "one success does not hide it");
}

#[test]
fn each_pause_is_twice_as_long_until_a_day_went_well() {
    let now = Timestamp::from_millis(1_000_000);
    let first = next_pause(None, now);
    assert_eq!(first, Pause { until: now.plus_seconds(600), times: 1 });
    let second = next_pause(Some(first), first.until);
    assert_eq!(second, Pause { until: first.until.plus_seconds(1200), times: 2 });
    let long = next_pause(Some(Pause { until: now, times: 40 }), now);
    assert_eq!(long.until, now.plus_seconds(LONGEST_SECONDS));
    assert_eq!(next_pause(Some(second), second.until.plus_seconds(LONGEST_SECONDS)).times, 1);
}

/// A club with somebody who looks after plugins and somebody who does not, and a parrot with a page and a block.
async fn with_parrot(house: &TestServices) {
    let package = house.parrot_package(
        "parrot",
        "1.0.0",
        json!({
            "routes": [{ "name": "home", "method": "GET", "path": "/", "area": "site" }],
            "blocks": [{ "name": "latest", "label": { "ja": "新着", "en": "Latest" } }],
        }),
    );
    let package = package.await;
    let editor = house.editor_of(house.organisation.id, None);
    editor.enable_plugin("parrot", &Consent::to_all(&package)).await.unwrap();
    let accounts = [house.account(None).await, house.account(None).await, house.account(None).await];
    let mut transaction = editor.begin().await.unwrap();
    let staff =
        [("owner@example.jp", Permission::OWNER), ("plugins@example.jp", Permission::PLUGINS), ("pages@example.jp", Permission::SITE)];
    for ((email, permission), account) in staff.into_iter().zip(accounts) {
        let permissions = BTreeSet::from([Permission::new(permission)]);
        let draft = StaffDraft { account, display_name: "係".into(), email: email.parse().unwrap(), permissions };
        transaction.add_staff(&draft).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn fail(house: &TestServices, times: usize) {
    for _ in 0..times {
        let visit = house.anonymous().await;
        house.note_failure(&visit, "parrot", "block latest", "request", "it trapped").await.unwrap();
    }
}

async fn looks(house: &TestServices) -> (PluginAnswer, BlockOutcome) {
    let visit = house.anonymous().await;
    let plugin = house.visit_plugin(&visit, "parrot", "request".into()).await.unwrap().unwrap();
    let page = PluginPage {
        area: Area::Site,
        method: Method::Get,
        path: "/".into(),
        query: vec![],
        form: vec![],
        uploads: vec![],
        nonce: String::new(),
    };
    let page = house.plugin_page(&visit, &plugin, page).await.unwrap();
    let block = house.blocks(&visit, &"request".into(), vec![("parrot".into(), "latest".into(), Map::new())]).await.unwrap();
    (page, block.into_iter().next().unwrap())
}

#[tokio::test]
async fn a_plugin_that_keeps_failing_rests_for_a_while_and_staff_hear_of_it_once() {
    for house in services_on_each().await {
        with_parrot(&house).await;
        fail(&house, 19).await;
        assert!(matches!(looks(&house).await, (PluginAnswer::Page { .. }, BlockOutcome::Rendered(_))), "not yet");
        fail(&house, 4).await;
        let (page, block) = looks(&house).await;
        assert_eq!(page, PluginAnswer::Paused);
        assert!(matches!(block, BlockOutcome::Absent { reason, .. } if reason == "block-paused"));
        // Calls that had begun before fail too.
        fail(&house, 25).await;
        let mails = house.inbox(&house.anonymous().await).await.unwrap();
        let to: BTreeSet<&str> = mails.iter().map(|mail| mail.recipient.as_str()).collect();
        assert_eq!((mails.len(), to), (2, BTreeSet::from(["owner@example.jp", "plugins@example.jp"])), "{}", house.database.name);
        assert!(mails[0].body.contains("/admin/plugins/parrot") && mails[0].body.contains("10"), "{}", mails[0].body);
        let audit = house.plugin_audit(&house.anonymous().await, 10).await.unwrap();
        assert_eq!(audit.iter().filter(|entry| entry.action == "plugin-paused").count(), 1);

        house.clock.pass(600);
        assert!(matches!(looks(&house).await, (PluginAnswer::Page { .. }, BlockOutcome::Rendered(_))), "it goes on by itself");
        fail(&house, 20).await;
        house.clock.pass(600);
        assert_eq!(looks(&house).await.0, PluginAnswer::Paused, "the second pause is longer");
        house.editor_of(house.organisation.id, None).resume_plugin("parrot").await.unwrap();
        assert!(matches!(looks(&house).await.0, PluginAnswer::Page { .. }), "staff let it go on");
    }
}

#[tokio::test]
async fn where_the_operator_wants_none_nothing_is_paused() {
    let house = services_with(|settings| settings.pause_after = 0).await;
    with_parrot(&house).await;
    fail(&house, 60).await;
    assert!(matches!(looks(&house).await.0, PluginAnswer::Page { .. }));
}
