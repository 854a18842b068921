//! A backup and its way back, through files.

use super::*;
use crate::wiring;
use std::fs;
use tempfile::TempDir;
use tsudoi_kernel::{Locale, Organisation, OrganisationId};
use tsudoi_store::MailDraft;

const NOW: Timestamp = Timestamp::from_millis(1_795_342_500_000);

fn config(folder: &TempDir) -> Config {
    Config { data: folder.path().join("data"), ..Config::default() }
}

/// A data folder with one organisation, one file and a key.
async fn filled(folder: &TempDir) -> (Config, Store) {
    let config = config(folder);
    let store = wiring::open_current_store(&config).await.unwrap();
    wiring::secret_key(&config.data).unwrap();
    let organisation = Organisation {
        id: OrganisationId(uuid::Uuid::from_u128(1)),
        slug: "hoshizora".into(),
        name: "ほしぞら会".into(),
        locale: Locale::Ja,
        time_zone: "Asia/Tokyo".into(),
        currency: "JPY".into(),
        theme: "commons".into(),
    };
    store.create_organisation_all_organisations(&organisation, &[], NOW).await.unwrap();
    let mail =
        MailDraft { id: uuid::Uuid::from_u128(2), recipient: "a@example.jp".into(), subject: "件名".into(), body: "x".into(), at: NOW };
    store.organisation(organisation.id).add_mail(&mail).await.unwrap();
    fs::create_dir_all(config.files().join("a/b")).unwrap();
    fs::write(config.files().join("a/b/picture"), b"\x00\xffbytes").unwrap();
    fs::write(config.files().join("a/b/unfinished.part"), b"half").unwrap();
    (config, store)
}

async fn backed_up(folder: &TempDir) -> (Config, PathBuf) {
    let (config, store) = filled(folder).await;
    let to = folder.path().join("backup");
    write::write(&config, &store, &to, NOW).await.unwrap();
    (config, to)
}

fn damage(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, text.replace("ほしぞら会", "ほしぞら団")).unwrap();
}

#[tokio::test]
async fn what_was_backed_up_while_serving_comes_back() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (original, backup) = backed_up(&from).await;
    let config = config(&to);
    let manifest = read::restore(&config, &backup).await.unwrap();
    assert_eq!((manifest.made.as_str(), manifest.database.as_str()), ("2026-11-22T10:15:00Z", "SQLite"));
    let store = wiring::open_current_store(&config).await.unwrap();
    let organisations = store.organisations_all_organisations().await.unwrap();
    assert_eq!(organisations.iter().map(|organisation| organisation.name.as_str()).collect::<Vec<_>>(), ["ほしぞら会"]);
    assert_eq!(fs::read(config.files().join("a/b/picture")).unwrap(), b"\x00\xffbytes");
    assert!(!config.files().join("a/b/unfinished.part").exists());
    assert_eq!(wiring::secret_key(&config.data).unwrap(), wiring::secret_key(&original.data).unwrap());
    assert!(!config.data.join("files.restoring").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_machine_can_read_a_backup() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (_, backup) = backed_up(&folder).await;
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(backup.join("secret.key")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_damaged_backup_is_refused_by_name_and_nothing_is_restored() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_, backup) = backed_up(&from).await;
    damage(&backup.join("database/organisations.jsonl"));
    let config = config(&to);
    let error = format!("{:#}", read::restore(&config, &backup).await.unwrap_err());
    assert!(error.contains("organisations.jsonl is damaged"), "{error}");
    assert!(!config.data.join("tsudoi.db").exists() && !config.files().exists());
}

#[tokio::test]
async fn a_backup_that_names_files_outside_itself_is_refused() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_, backup) = backed_up(&from).await;
    let path = backup.join(manifest::NAME);
    let text = fs::read_to_string(&path).unwrap().replace("files/a/b/picture", "files/../../picture");
    fs::write(&path, text).unwrap();
    let error = format!("{:#}", read::restore(&config(&to), &backup).await.unwrap_err());
    assert!(error.contains("outside the backup"), "{error}");
}

#[tokio::test]
async fn a_place_that_is_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (config, backup) = backed_up(&folder).await;
    let error = format!("{:#}", read::restore(&config, &backup).await.unwrap_err());
    assert!(error.contains("secret.key is there already"), "{error}");
    // The database counts too, wherever it is.
    let elsewhere = Config { data: folder.path().join("other"), ..config.clone() };
    let elsewhere = Config { database: crate::config::Database { url: Some(config.database_url()), ..config.database }, ..elsewhere };
    let error = format!("{:#}", read::restore(&elsewhere, &backup).await.unwrap_err());
    assert!(error.contains("holds data already"), "{error}");
    assert!(!elsewhere.files().exists() && !elsewhere.data.join("files.restoring").exists());
}

#[tokio::test]
async fn a_folder_that_is_not_empty_takes_no_backup() {
    let folder = tempfile::tempdir().unwrap();
    let (config, store) = filled(&folder).await;
    let to = folder.path().join("mine");
    fs::create_dir(&to).unwrap();
    fs::write(to.join("letter.txt"), "keep me").unwrap();
    let error = write::write(&config, &store, &to, NOW).await.unwrap_err().to_string();
    assert!(error.contains("is not empty"), "{error}");
    assert_eq!(fs::read_to_string(to.join("letter.txt")).unwrap(), "keep me");
}

#[tokio::test]
async fn a_mistyped_data_folder_is_said_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder);
    let error = existing_store(&config).await.err().unwrap().to_string();
    assert!(error.contains("there is no database at"), "{error}");
    assert!(!config.data.exists());
}

#[test]
fn an_sqlite_address_names_its_file() {
    for (url, path) in [
        ("sqlite:data/tsudoi.db", Some("data/tsudoi.db")),
        ("sqlite:///srv/tsudoi.db?mode=rwc", Some("/srv/tsudoi.db")),
        ("postgres://app@db/tsudoi", None),
    ] {
        assert_eq!(sqlite_path(url).as_deref(), path.map(Path::new), "{url}");
    }
}
