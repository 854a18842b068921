//! Upgrades: what is copied, what stops one, and what the old version does meanwhile.

use super::*;
use crate::plugins::Enabled;
use crate::testing::plugins::{body, documents, write};
use crate::testing::{TestServices, services_on_each};
use serde_json::{Value, json};

fn notes(script: &str, index: Value) -> Value {
    json!({
        "description": { "ja": "メモ", "en": script },
        "permissions": [{ "interface": "store", "why": { "ja": "保存" } }],
        "collections": { "notes": { "indexes": index } },
    })
}

fn editor(house: &TestServices) -> Editor {
    house.editor_of(house.organisation.id, None)
}

async fn current(house: &TestServices) -> Installation {
    editor(house).installed("notes").await.unwrap()
}

/// Version 1 with so many documents.
async fn with_notes(house: &TestServices, count: u128) -> Installation {
    let package = house.parrot_package("notes", "1.0.0", notes("", json!({ "latest": { "fields": ["at"] } }))).await;
    assert_eq!(editor(house).enable_plugin("notes", &Consent::to_all(&package)).await.unwrap(), Enabled::On);
    let installation = current(house).await;
    for n in 1..=count {
        write(house, &installation, n, json!({ "at": n as u64, "title": format!("題{n}") })).await.unwrap();
    }
    installation
}

async fn update_to(house: &TestServices, version: &str, more: Value) {
    let package = house.parrot_package("notes", version, more).await;
    assert_eq!(editor(house).enable_plugin("notes", &Consent::to_all(&package)).await.unwrap(), Enabled::Upgrading);
}

async fn problem(house: &TestServices) -> String {
    let upgrade = editor(house).store.upgrade("notes").await.unwrap().expect("it is told that it failed");
    assert!(!upgrade.is_running());
    upgrade.problem.unwrap_or_default()
}

#[tokio::test]
async fn an_upgrade_brings_the_documents_along_and_puts_them_into_new_indexes() {
    for house in services_on_each().await {
        let old = with_notes(&house, 250).await;
        update_to(&house, "2.0.0", notes("steps 3", json!({ "by-title": { "fields": ["title"] } }))).await;
        assert_eq!(house.carry_on_upgrades().await.unwrap(), 1);
        let new = current(&house).await;
        assert_eq!((new.manifest.version.as_str(), new.enabled, new.id == old.id), ("2.0.0", true, false), "{}", house.database.name);
        assert_eq!(documents(&house, &new, "notes", "by-title").await, 250);
        assert_eq!(documents(&house, &new, "notes", "latest").await, 0, "an index that is gone has nothing");
        assert!(editor(&house).store.upgrade("notes").await.unwrap().is_none());
        let usage = editor(&house).store.installations().await.unwrap().remove(0).1;
        assert_eq!(usage.documents, 250);
    }
}

#[tokio::test]
async fn what_is_sent_while_documents_are_copied_is_refused_and_what_is_read_is_answered() {
    for house in services_on_each().await {
        let old = with_notes(&house, 1).await;
        update_to(&house, "2.0.0", notes("", json!({}))).await;
        let now = current(&house).await;
        assert_eq!((now.id, now.enabled, now.upgrading), (old.id, true, true), "the old version serves what is read");
        assert!(write(&house, &old, 2, json!({ "at": 2 })).await.is_err(), "whatever began before is refused by its commit");
        assert_eq!(body(&house, &now, 1).await, Some(json!({ "at": 1, "title": "題1" })));
        house.carry_on_upgrades().await.unwrap();
        let new = current(&house).await;
        write(&house, &new, 2, json!({ "at": 2 })).await.unwrap();
    }
}

#[tokio::test]
async fn an_upgrade_that_was_killed_anywhere_is_taken_up_by_the_next_process() {
    for house in services_on_each().await {
        with_notes(&house, 250).await;
        update_to(&house, "2.0.0", notes("steps 2", json!({ "by-title": { "fields": ["title"] } }))).await;
        let store = editor(&house).store;
        // Each process does one part and dies; the next one waits until the claim has run out.
        for _ in 0..30 {
            let now = house.now();
            let Some(upgrade) =
                house.store().claim_upgrade_all_organisations(house.fresh_id(), now, now.plus_seconds(CLAIM)).await.unwrap()
            else {
                break;
            };
            assert_eq!(house.reopened(|_| {}).carry_on_upgrades().await.unwrap(), 0, "it is somebody else's still");
            house.part(&store, &upgrade).await.unwrap();
            house.clock.pass(CLAIM + 1);
        }
        let new = current(&house).await;
        assert_eq!(new.manifest.version, "2.0.0", "{}", house.database.name);
        assert_eq!(documents(&house, &new, "notes", "by-title").await, 250, "each document is there once");
    }
}

#[tokio::test]
async fn an_upgrade_that_fails_leaves_the_old_version_as_it_was_and_nothing_of_the_new_one() {
    let unique = json!({ "by-kind": { "fields": ["kind"], "unique": true } });
    let fraction = json!({ "by-size": { "fields": ["size"] } });
    for (script, index, expected) in [
        ("fails 2", json!({}), "step: the plugin failed: the step trapped"),
        ("endless on", json!({}), "endless: a step answered the place where it began"),
        ("", unique, "index: notes: a key"),
        ("", fraction, "index: notes 00000000-0000-0000-0000-000000000001: by-size: a fraction"),
    ] {
        for house in services_on_each().await {
            let old = with_notes(&house, 0).await;
            for n in 1..=3_u8 {
                write(&house, &old, n.into(), json!({ "at": n, "kind": "a", "size": f64::from(n) })).await.unwrap();
            }
            update_to(&house, "2.0.0", notes(script, index.clone())).await;
            house.carry_on_upgrades().await.unwrap();
            let found = problem(&house).await;
            assert!(found.starts_with(expected), "{script}: {found}");
            let now = current(&house).await;
            assert_eq!((now.id, now.enabled, now.upgrading), (old.id, true, false), "{script} on {}", house.database.name);
            write(&house, &now, 9, json!({ "at": 9 })).await.unwrap();
            assert_eq!(documents(&house, &now, "notes", "latest").await, 4);
            assert_eq!(editor(&house).store.installations_of_any_state().await.unwrap().len(), 1, "the copy is gone");
            assert!(house.store().erasing_all_organisations().await.unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn an_upgrade_that_gets_no_answer_is_put_off_and_given_up_in_the_end() {
    for house in services_on_each().await {
        let old = with_notes(&house, 1).await;
        update_to(&house, "2.0.0", notes("away now", json!({}))).await;
        house.carry_on_upgrades().await.unwrap();
        assert!(current(&house).await.upgrading, "it is tried again later");
        for _ in 0..=TRIES {
            house.clock.pass(60);
            house.carry_on_upgrades().await.unwrap();
        }
        assert!(problem(&house).await.starts_with("away:"));
        assert_eq!((current(&house).await.id, current(&house).await.upgrading), (old.id, false));
    }
}

#[tokio::test]
async fn staff_can_stop_an_upgrade_and_switching_off_stops_it_too() {
    for house in services_on_each().await {
        let old = with_notes(&house, 120).await;
        update_to(&house, "2.0.0", notes("", json!({}))).await;
        assert!(editor(&house).stop_upgrade("notes").await.unwrap());
        house.carry_on_upgrades().await.unwrap();
        assert_eq!((current(&house).await.id, current(&house).await.upgrading), (old.id, false), "{}", house.database.name);
        let package = house.newest_package("notes").await.unwrap().unwrap();
        editor(&house).enable_plugin("notes", &Consent::to_all(&package)).await.unwrap();
        editor(&house).disable_plugin("notes").await.unwrap();
        house.carry_on_upgrades().await.unwrap();
        let now = current(&house).await;
        assert_eq!((now.id, now.enabled), (old.id, false), "what is switched off stays off");
    }
}

#[tokio::test]
async fn going_back_brings_the_old_version_with_what_it_had_and_says_what_is_lost() {
    for house in services_on_each().await {
        let old = with_notes(&house, 3).await;
        house.clock.pass(10);
        update_to(&house, "2.0.0", notes("", json!({ "latest": { "fields": ["at"] } }))).await;
        house.carry_on_upgrades().await.unwrap();
        house.clock.pass(10);
        let new = current(&house).await;
        write(&house, &new, 9, json!({ "at": 9 })).await.unwrap();
        let former = editor(&house).former_version("notes").await.unwrap().unwrap();
        assert_eq!((former.installation.manifest.version.as_str(), former.written_since), ("1.0.0", 1), "{}", house.database.name);
        editor(&house).roll_back_plugin("notes", new.id).await.unwrap();
        let back = current(&house).await;
        assert_eq!((back.id, back.enabled, documents(&house, &back, "notes", "latest").await), (old.id, true, 3));
        house.erase_what_left().await.unwrap();
        assert_eq!(editor(&house).store.installations_of_any_state().await.unwrap().len(), 1);
        // Only a way that is known leads back: the newest version is offered again, the old one is no upgrade.
        assert!(matches!(editor(&house).roll_back_plugin("notes", back.id).await, Err(ServiceError::NotFound)));
    }
}

#[tokio::test]
async fn what_was_replaced_is_kept_for_two_weeks() {
    for house in services_on_each().await {
        with_notes(&house, 3).await;
        update_to(&house, "2.0.0", notes("", json!({}))).await;
        house.carry_on_upgrades().await.unwrap();
        house.clock.pass(FORMER_FOR - 60);
        house.erase_what_left().await.unwrap();
        assert!(editor(&house).former_version("notes").await.unwrap().is_some(), "{}", house.database.name);
        house.clock.pass(120);
        assert_eq!(house.erase_what_left().await.unwrap(), 1);
        assert!(editor(&house).former_version("notes").await.unwrap().is_none());
        assert_eq!(current(&house).await.manifest.version, "2.0.0");
    }
}

#[tokio::test]
async fn updates_that_ask_for_nothing_more_begin_by_themselves_where_the_operator_chose_so() {
    for house in services_on_each().await {
        with_notes(&house, 1).await;
        let mut wider = notes("", json!({}));
        wider["staff-permissions"] = json!([{ "name": "moderate", "label": { "ja": "管理" } }]);
        house.parrot_package("notes", "1.1.0", wider).await;
        assert_eq!(house.begin_automatic_upgrades().await.unwrap(), 0, "{}: more waits for staff", house.database.name);
        house.parrot_package("notes", "1.2.0", notes("", json!({}))).await;
        assert_eq!(house.begin_automatic_upgrades().await.unwrap(), 1);
        house.carry_on_upgrades().await.unwrap();
        assert_eq!(current(&house).await.manifest.version, "1.2.0");
    }
}
