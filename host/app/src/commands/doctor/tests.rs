//! What `doctor` tells an operator.

use super::*;
use crate::config::{Database, Mail, Web};
use tempfile::TempDir;
use tsudoi_kernel::{Locale, Organisation, OrganisationId, Timestamp};

fn config(folder: &TempDir) -> Config {
    Config { data: folder.path().join("data"), ..Config::default() }
}

async fn found(config: Config) -> (usize, String) {
    let report = look(Ok(config)).await;
    (report.faults, report.lines.join("\n"))
}

/// A data folder as it is after the first start, with one organisation that nobody owns.
async fn served(folder: &TempDir) -> Config {
    let config = config(folder);
    let store = wiring::open_current_store(&config).await.unwrap();
    wiring::secret_key(&config.data).unwrap();
    let organisation = Organisation {
        id: OrganisationId(uuid::Uuid::from_u128(1)),
        slug: "club".into(),
        name: "星空会".into(),
        locale: Locale::Ja,
        time_zone: "Asia/Tokyo".into(),
        currency: "JPY".into(),
        theme: "commons".into(),
    };
    store.create_organisation_all_organisations(&organisation, &[], Timestamp::from_millis(1)).await.unwrap();
    config
}

#[tokio::test]
async fn before_the_first_start_all_is_well_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let (faults, text) = found(config(&folder)).await;
    assert_eq!(faults, 0, "{text}");
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn a_configuration_that_can_not_be_read_is_the_one_fault() {
    let report = look(Err(anyhow::anyhow!("tsudoi.toml:3: unknown field `listne`"))).await;
    assert_eq!(report.faults, 1);
    assert!(report.lines[0].starts_with("fault  configuration: tsudoi.toml:3: unknown field `listne`. "), "{:?}", report.lines);
}

#[tokio::test]
async fn an_organisation_without_owner_is_a_fault_with_the_command_against_it() {
    let folder = tempfile::tempdir().unwrap();
    let (faults, text) = found(served(&folder).await).await;
    assert_eq!(faults, 1, "{text}");
    assert!(text.contains("ok     database: it answers and is at this version"), "{text}");
    assert!(text.contains("fault  organisation club: nobody is its owner. Run `tsudoi staff invite --organisation club"), "{text}");
}

#[tokio::test]
async fn a_lost_key_is_a_fault_and_no_new_one_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let config = served(&folder).await;
    std::fs::remove_file(config.data.join("secret.key")).unwrap();
    let (_, text) = found(config.clone()).await;
    assert!(text.contains("fault  secret key: ") && text.contains("is missing"), "{text}");
    assert!(!config.data.join("secret.key").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_others_can_read_is_a_fault() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let config = served(&folder).await;
    std::fs::set_permissions(config.data.join("secret.key"), PermissionsExt::from_mode(0o644)).unwrap();
    let (_, text) = found(config).await;
    assert!(text.contains("Run `chmod 600"), "{text}");
}

#[tokio::test]
async fn a_database_that_is_away_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing listens on port 1.
    let database = Database { url: Some("postgres://tsudoi:secret@127.0.0.1:1/tsudoi".into()), ..Database::default() };
    let (faults, text) = found(Config { database, ..config(&folder) }).await;
    assert_eq!(faults, 1, "{text}");
    assert!(text.contains("fault  database: ") && !text.contains("secret@"), "{text}");
}

#[tokio::test]
async fn an_address_without_encryption_and_missing_mail_are_faults_outside_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let web = Web { public_url: "http://{slug}.example.jp".into(), ..Web::default() };
    let (faults, text) = found(Config { web, ..config(&folder) }).await;
    assert_eq!(faults, 2, "{text}");
    assert!(text.contains("is not encrypted") && text.contains("Set `mail.smtp`"), "{text}");
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let mail = Mail { smtp: Some("smtp://127.0.0.1:1".into()), from: Some("office@example.jp".into()), ..Mail::default() };
    let (faults, text) = found(Config { mail, ..config(&folder) }).await;
    assert_eq!(faults, 1, "{text}");
    assert!(text.contains("fault  mail: ") && text.contains("`mail.smtp`"), "{text}");
}

#[tokio::test]
async fn an_organisation_that_its_own_links_do_not_find_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let config = served(&folder).await;
    let web = Web { public_url: "https://{slug}.example.jp".into(), ..Web::default() };
    let config = Config { web, ..config };
    let (_, text) = found(config.clone()).await;
    assert!(text.contains("Run `tsudoi organisation hosts --organisation club --add club.example.jp`"), "{text}");
    let store = wiring::connect(&config).await.unwrap();
    store.organisation(OrganisationId(uuid::Uuid::from_u128(1))).add_host("club.example.jp").await.unwrap();
    let (_, text) = found(config).await;
    assert!(!text.contains("is not one of its domains"), "{text}");
}
