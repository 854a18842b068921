//! What is left of a plugin after it is uninstalled, and what comes back.

use super::*;
use crate::plugins::Consent;
use crate::testing::plugins::{documents, save_file, write};
use crate::testing::{TestServices, services_on_each};
use futures::TryStreamExt;
use serde_json::json;
use tsudoi_store::PackageSummary;

async fn with_notes(house: &TestServices, count: u128) -> (PackageSummary, Installation) {
    let collections = json!({ "collections": { "notes": { "indexes": { "latest": { "fields": ["at"] } } }, "marks": {} } });
    let package = house.parrot_package("notes", "1.0.0", collections).await;
    editor(house).enable_plugin("notes", &Consent::to_all(&package)).await.unwrap();
    let installation = editor(house).installed("notes").await.unwrap();
    for n in 1..=count {
        write(house, &installation, n, json!({ "at": n as u64, "text": "一行\n二行" })).await.unwrap();
    }
    (package, installation)
}

fn editor(house: &TestServices) -> Editor {
    house.editor_of(house.organisation.id, None)
}

#[tokio::test]
async fn what_is_kept_comes_back_only_where_staff_choose_it() {
    for house in services_on_each().await {
        let (package, old) = with_notes(&house, 3).await;
        editor(&house).uninstall_and_keep("notes").await.unwrap();
        house.erase_what_left().await.unwrap();
        assert!(editor(&house).installed("notes").await.is_err(), "{}", house.database.name);
        let kept = editor(&house).kept_installation("notes").await.unwrap().unwrap();
        assert_eq!((kept.installation.id, kept.usage.documents), (old.id, 3));
        let all = Consent::to_all(&package);
        editor(&house).enable_plugin("notes", &all).await.unwrap();
        let fresh = editor(&house).installed("notes").await.unwrap();
        assert_eq!(documents(&house, &fresh, "notes", "latest").await, 0, "it begins with nothing");
        house.clock.pass(1);
        editor(&house).uninstall_and_keep("notes").await.unwrap();
        // Of two that were kept the newer one is offered; the older one is not what staff see.
        let again = Consent { take_up: Some(old.id), ..all.clone() };
        assert!(editor(&house).enable_plugin("notes", &again).await.is_err());
        editor(&house).enable_plugin("notes", &Consent { take_up: Some(fresh.id), ..all }).await.unwrap();
        assert_eq!(editor(&house).installed("notes").await.unwrap().id, fresh.id);
    }
}

#[tokio::test]
async fn what_was_kept_of_an_older_version_is_upgraded_when_it_is_taken_up() {
    for house in services_on_each().await {
        let (_, old) = with_notes(&house, 3).await;
        editor(&house).uninstall_and_keep("notes").await.unwrap();
        let by_text = json!({ "collections": { "notes": { "indexes": { "by-text": { "fields": ["text"] } } } } });
        let second = house.parrot_package("notes", "1.1.0", by_text).await;
        let consent = Consent { take_up: Some(old.id), ..Consent::to_all(&second) };
        editor(&house).enable_plugin("notes", &consent).await.unwrap();
        house.carry_on_upgrades().await.unwrap();
        let new = editor(&house).installed("notes").await.unwrap();
        assert_eq!((new.manifest.version.as_str(), documents(&house, &new, "notes", "by-text").await), ("1.1.0", 3));
    }
}

#[tokio::test]
async fn erasing_leaves_nothing_of_any_earlier_use_and_touches_no_other_organisation() {
    for house in services_on_each().await {
        let (package, _) = with_notes(&house, 3).await;
        let other = house.add_organisation("other").await;
        let elsewhere = house.editor_of(other, None);
        elsewhere.enable_plugin("notes", &Consent::to_all(&package)).await.unwrap();
        editor(&house).uninstall_and_keep("notes").await.unwrap();
        editor(&house).enable_plugin("notes", &Consent::to_all(&package)).await.unwrap();
        editor(&house).uninstall_and_erase("notes").await.unwrap();
        assert!(editor(&house).installed("notes").await.is_err(), "it is gone at once");
        assert_eq!(house.erase_what_left().await.unwrap(), 2, "{}: with what was kept before", house.database.name);
        assert_eq!(editor(&house).store.installations_of_any_state().await.unwrap().len(), 0);
        assert!(elsewhere.installed("notes").await.is_ok());
    }
}

#[tokio::test]
async fn an_export_has_every_document_once_and_is_read_in_parts() {
    for house in services_on_each().await {
        let (_, installation) = with_notes(&house, 250).await;
        save_file(&house, &installation, b"minutes").await;
        let stream = house.export_documents(house.organisation.id, &installation).await.unwrap();
        let parts: Vec<String> = stream.try_collect().await.unwrap();
        assert_eq!(parts.len(), 5, "a line about the plugin, three batches and a file");
        let text = parts.concat();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines.len(), &lines[0]["plugin"]), (252, &json!("notes")), "{}", house.database.name);
        assert_eq!(lines[1]["body"], json!({ "at": 1, "text": "一行\n二行" }));
        let ids: std::collections::BTreeSet<&str> = lines[1..251].iter().map(|line| line["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 250);
        assert_eq!((&lines[251]["file"]["size"], &lines[251]["file"]["base64"]), (&json!(7), &json!("bWludXRlcw==")));
    }
}
