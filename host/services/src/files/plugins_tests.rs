//! Files of plugins: what stays and what goes.

use super::*;
use crate::plugins::Consent;
use crate::testing::plugins::{commit_file, save_file};
use crate::testing::{TestServices, picture, services, services_on_each};
use serde_json::json;
use std::fs::File;
use tsudoi_kernel::manifest::Method;
use tsudoi_kernel::visitor::StaffFacts;
use tsudoi_kernel::{AccountId, Visitor};

async fn with_files(house: &TestServices) -> Installation {
    let permissions = json!({ "permissions": [{ "interface": "files", "why": { "ja": "写真" } }] });
    let package = house.parrot_package("notes", "1.0.0", permissions).await;
    let editor = house.editor_of(house.organisation.id, None);
    editor.enable_plugin("notes", &Consent::to_all(&package)).await.unwrap();
    editor.installed("notes").await.unwrap()
}

fn place(house: &TestServices, id: FileId) -> PathBuf {
    disk::plugin_place(&house.services.parts.files, house.organisation.id, id)
}

fn make_old(place: &Path) {
    File::open(place).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
}

async fn received(house: &TestServices, name: &str, bytes: &[u8]) -> Arc<Received> {
    let mut incoming = house.incoming().await.unwrap();
    incoming.write(bytes).await.unwrap();
    Arc::new(incoming.finish("picture".into(), name.into(), bytes.len() as u64).await.unwrap())
}

fn route(uploads: serde_json::Value) -> Route {
    let route =
        json!({ "name": "post", "method": Method::Post, "path": "/", "area": "site", "gate": { "kind": "members" }, "uploads": uploads });
    serde_json::from_value(route).unwrap()
}

#[tokio::test]
async fn what_came_with_a_form_stays_where_the_call_made_a_row_of_it() {
    let house = services().await;
    let (installation, visit) = (with_files(&house).await, house.anonymous().await);
    let route = route(json!({ "fields": ["picture"], "most": 3 }));
    let files = [received(&house, "a.png", &picture(b"a")).await, received(&house, "b.png", &picture(b"b")).await];
    let organisation = house.organisation.id;
    let waiting = async || house.keep_uploads(&visit, &route, &files).await.unwrap().unwrap();
    let declined = waiting().await;
    let ids: Vec<FileId> = declined.uploads.iter().map(|upload| upload.file.id).collect();
    assert!(declined.uploads.iter().all(|upload| upload.file.gate == Gate::Members) && place(&house, ids[0]).exists());
    house.settle_uploads::<()>(organisation, &installation, declined, &Err(CallError::Busy)).await;
    assert!(!place(&house, ids[0]).exists() && !place(&house, ids[1]).exists(), "the call came to nothing");
    // Of two the plugin kept one.
    let half = waiting().await;
    let ids: Vec<FileId> = half.uploads.iter().map(|upload| upload.file.id).collect();
    commit_file(&house, &installation, &half.uploads[1].file).await;
    house.settle_uploads(organisation, &installation, half, &Ok(())).await;
    assert_eq!((place(&house, ids[0]).exists(), place(&house, ids[1]).exists()), (false, true));
    // It may have been committed: that is looked into later.
    let unknown = waiting().await;
    let id = unknown.uploads[0].file.id;
    house.settle_uploads::<()>(organisation, &installation, unknown, &Err(CallError::Unavailable(String::new()))).await;
    assert!(place(&house, id).exists());
}

#[tokio::test]
async fn each_file_that_is_not_taken_is_said_beside_its_field() {
    let house = services().await;
    let visit = house.anonymous().await;
    let route = route(json!({ "fields": ["picture"], "most": 2, "megabytes": 1, "kinds": ["pdf"] }));
    let pdf = received(&house, "a.pdf", b"%PDF-1.7 ... %%EOF").await;
    let sent = [received(&house, "a.png", &picture(b"a")).await, pdf.clone(), pdf];
    let Err(UploadsWrong(wrong, megabytes)) = house.keep_uploads(&visit, &route, &sent).await.unwrap() else { panic!("it was kept") };
    let field = || "picture".to_owned();
    assert_eq!((wrong, megabytes), (vec![(field(), "files-no-picture"), (field(), "files-too-many")], 1));
    let folder = disk::plugins_folder(&house.services.parts.files, house.organisation.id);
    let left = names_in(&folder).unwrap().iter().map(|part| names_in(&folder.join(part)).unwrap().len()).sum::<usize>();
    assert_eq!(left, 0, "the one that was good was not kept either");
    drop(sent);
    assert!(names_in(&incoming::folder(&house.services.parts.files)).unwrap().is_empty(), "nor what came in");
}

#[tokio::test]
async fn bytes_that_no_row_names_are_swept_out_once_no_call_can_want_them() {
    for house in services_on_each().await {
        let installation = with_files(&house).await;
        let named = save_file(&house, &installation, b"named").await;
        let offer = |id| OfferedFile { id, name: "a".into(), media_type: "text/csv".into(), gate: Gate::Staff, bytes: b"a,b".to_vec() };
        let (old, fresh) = (FileId(house.services.fresh_id()), FileId(house.services.fresh_id()));
        for id in [old, fresh] {
            house.services.plugin_files.keep(house.organisation.id, offer(id)).await.unwrap().claim.stay();
        }
        [old, named].iter().for_each(|id| make_old(&place(&house, *id)));
        assert_eq!(house.sweep_files().await.unwrap(), 1, "{}", house.database.name);
        assert_eq!([old, fresh, named].map(|id| place(&house, id).exists()), [false, true, true]);
    }
}

#[tokio::test]
async fn an_upgrade_takes_the_files_along_and_uninstalling_lets_them_go() {
    for house in services_on_each().await {
        let before = with_files(&house).await;
        let id = save_file(&house, &before, b"minutes").await;
        let permissions = json!({ "permissions": [{ "interface": "files", "why": { "ja": "写真" } }] });
        let package = house.parrot_package("notes", "1.1.0", permissions).await;
        let editor = house.editor_of(house.organisation.id, None);
        editor.enable_plugin("notes", &Consent::to_all(&package)).await.unwrap();
        house.carry_on_upgrades().await.unwrap();
        let after = editor.installed("notes").await.unwrap();
        assert_ne!(after.id, before.id, "{}", house.database.name);
        let file = house.store().organisation(house.organisation.id).plugin_file(after.id, id).await.unwrap().unwrap();
        assert_eq!(house.bytes_of_plugin_file(house.organisation.id, &file).await.unwrap(), b"minutes");
        // The version before is let go; the bytes are still the new one's.
        make_old(&place(&house, id));
        house.store().organisation(house.organisation.id).retire_former(before.id).await.unwrap();
        house.erase_what_left().await.unwrap();
        assert_eq!(house.sweep_files().await.unwrap(), 0);
        editor.uninstall_and_erase("notes").await.unwrap();
        house.erase_what_left().await.unwrap();
        assert_eq!(house.sweep_files().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_file_is_there_for_whoever_passes_its_gate_while_the_plugin_may_keep_files() {
    let house = services().await;
    let installation = with_files(&house).await;
    let id = save_file(&house, &installation, b"for members").await;
    let mut visit = house.anonymous().await;
    assert_eq!(house.plugin_file(&visit, &installation, id).await.unwrap(), None);
    let account = AccountId(house.services.fresh_id());
    let staff = StaffFacts { account, display_name: "事務局".into(), permissions: Default::default() };
    visit.visitor = Arc::new(Visitor { staff: Some(staff), ..Visitor::anonymous() });
    assert!(house.plugin_file(&visit, &installation, id).await.unwrap().is_some());
    let revoked = Installation { granted: Default::default(), ..installation };
    assert_eq!(house.plugin_file(&visit, &revoked, id).await.unwrap(), None);
}
