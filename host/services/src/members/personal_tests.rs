//! A member's data goes out whole, and is erased everywhere.

use super::*;
use crate::plugins::Consent;
use crate::testing::plugins::{body, documents, save_file, write, write_into};
use crate::testing::{TestServices, services_on_each};

fn editor(house: &TestServices) -> Editor {
    house.editor_of(house.organisation.id, None)
}

/// Notes that are anonymised, without an index on the member, and marks that are deleted; a mark is unique by its member.
fn collections() -> Value {
    json!({
        "permissions": [{ "interface": "store", "why": { "ja": "保存" } }, { "interface": "files", "why": { "ja": "写真" } }],
        "collections": {
            "notes": {
                "member": { "field": "author", "on-erase": "anonymise", "anonymise": ["author_name"] },
                "indexes": { "latest": { "fields": ["at"] }, "by-name": { "fields": ["author_name"] } },
            },
            "marks": { "member": { "field": "member", "on-erase": "delete" }, "indexes": { "all": { "fields": ["at"] } } },
            "photos": { "member": { "field": "author", "on-erase": "anonymise", "files": ["picture"] }, "indexes": {} },
            "seats": {
                "member": { "field": "member", "on-erase": "anonymise" },
                "indexes": { "once": { "fields": ["member"], "unique": true }, "all": { "fields": ["at"] } },
            },
        },
    })
}

struct Club {
    hana: MemberId,
    jiro: MemberId,
    installation: Installation,
}

async fn club(house: &TestServices) -> Club {
    let account = house.account(Some("stars over the bay")).await;
    let hana = house.member("1", Some("hana@example.jp"), Some(account)).await;
    let jiro = house.member("2", None, None).await;
    let package = house.parrot_package("notes", "1.0.0", collections()).await;
    editor(house).enable_plugin("notes", &Consent::to_all(&package)).await.unwrap();
    let installation = editor(house).installed("notes").await.unwrap();
    for n in 1..=450_u32 {
        let (author, name) = if n % 3 == 0 { (hana, "はな") } else { (jiro, "じろう") };
        let note = json!({ "at": n, "author": author, "author_name": name, "text": format!("文{n}") });
        write(house, &installation, n.into(), note).await.unwrap();
    }
    for (n, member) in [(1, hana), (2, jiro)] {
        write_into(house, &installation, "marks", n, json!({ "at": n as u8, "member": member })).await.unwrap();
        write_into(house, &installation, "seats", n, json!({ "at": n as u8, "member": member })).await.unwrap();
    }
    Club { hana, jiro, installation }
}

#[tokio::test]
async fn a_members_data_goes_out_across_plugins_and_nobody_elses_with_it() {
    for house in services_on_each().await {
        let club = club(&house).await;
        editor(&house).disable_plugin("notes").await.unwrap();
        let data = editor(&house).export_member_data(club.hana).await.unwrap();
        assert_eq!(data["member"]["email"], "hana@example.jp");
        let documents = &data["plugins"][0]["documents"];
        assert_eq!(documents["notes"].as_array().unwrap().len(), 150, "{}: those of a plugin that is off too", house.database.name);
        assert_eq!((documents["marks"].as_array().unwrap().len(), documents["seats"].as_array().unwrap().len()), (1, 1));
        assert!(!data.to_string().contains(&club.jiro.to_string()), "nothing of anybody else");
        let elsewhere = house.editor_of(house.add_organisation("other").await, None);
        assert!(matches!(elsewhere.export_member_data(club.hana).await, Err(ServiceError::NotFound)));
    }
}

#[tokio::test]
async fn an_erased_member_is_found_nowhere_and_what_others_wrote_stays() {
    for house in services_on_each().await {
        let club = club(&house).await;
        let before = house.anonymous().await.number;
        let erased = editor(&house).erase_member_data(club.hana).await.unwrap();
        assert_eq!(erased, Erased { deleted: 1, anonymised: 151 }, "{}", house.database.name);
        assert_eq!(body(&house, &club.installation, 3).await, Some(json!({ "at": 3, "author": null, "author_name": null, "text": "文3" })));
        assert_eq!(body(&house, &club.installation, 4).await.unwrap()["author_name"], "じろう");
        let count = async |collection, index| documents(&house, &club.installation, collection, index).await;
        assert_eq!((count("notes", "latest").await, count("notes", "by-name").await), (450, 450), "indexes are kept right");
        assert_eq!((count("marks", "all").await, count("seats", "all").await, count("seats", "once").await), (1, 2, 1));
        assert!(editor(&house).store.member(club.hana).await.unwrap().is_none());
        assert!(editor(&house).store.member(club.jiro).await.unwrap().is_some());
        let text = format!("{:?}", editor(&house).store.people_by_email(&"hana@example.jp".parse().unwrap()).await.unwrap());
        assert_eq!(text, "[]");
        // Whoever read one of these documents before is not answered from memory.
        let changes = tsudoi_kernel::ports::PluginData::changes(house.store(), house.organisation.id, before, before + 1).await.unwrap();
        assert!(!changes.unwrap()[0].1.documents.is_empty());
        let usage = editor(&house).store.installations().await.unwrap().remove(0).1;
        assert_eq!(usage.documents, 453);
    }
}

#[tokio::test]
async fn copies_of_other_versions_are_erased_too_and_an_update_is_waited_for() {
    for house in services_on_each().await {
        let club = club(&house).await;
        let second = house.parrot_package("notes", "2.0.0", collections()).await;
        editor(&house).enable_plugin("notes", &Consent::to_all(&second)).await.unwrap();
        assert!(matches!(editor(&house).erase_member_data(club.hana).await, Err(EraseError::Upgrading)));
        house.carry_on_upgrades().await.unwrap();
        let erased = editor(&house).erase_member_data(club.hana).await.unwrap();
        assert_eq!(erased, Erased { deleted: 2, anonymised: 302 }, "{}: in the version before as well", house.database.name);
        editor(&house).uninstall_and_keep("notes").await.unwrap();
        let erased = editor(&house).erase_member_data(club.jiro).await.unwrap();
        assert_eq!(erased.deleted, 1, "in what was kept");
    }
}

#[tokio::test]
async fn pictures_that_a_member_sent_go_out_and_go_with_them() {
    for house in services_on_each().await {
        let club = club(&house).await;
        let (own, other) = (save_file(&house, &club.installation, b"mine").await, save_file(&house, &club.installation, b"theirs").await);
        for (n, author, picture) in [(1, club.hana, own), (2, club.jiro, other)] {
            write_into(&house, &club.installation, "photos", n, json!({ "author": author, "picture": [picture] })).await.unwrap();
        }
        let data = editor(&house).export_member_data(club.hana).await.unwrap();
        let files = data["plugins"][0]["files"].as_array().unwrap();
        assert_eq!((files.len(), files[0]["base64"].as_str()), (1, Some("bWluZQ==")), "{}", house.database.name);
        editor(&house).erase_member_data(club.hana).await.unwrap();
        let store = house.store().organisation(house.organisation.id);
        let left = store.plugin_files_after(club.installation.id, None, 9).await.unwrap();
        assert_eq!(left.iter().map(|file| file.id).collect::<Vec<_>>(), [other]);
        let bytes = |id| crate::files::plugin_place(&house.services.parts.files, house.organisation.id, id);
        assert_eq!((bytes(own).exists(), bytes(other).exists()), (false, true));
    }
}
