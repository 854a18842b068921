//! Backups as they travel between the two databases.

use super::*;
use crate::testing::{TestDatabase, each, each_unmigrated};
use std::collections::BTreeMap;
use tsudoi_kernel::{Locale, Organisation, OrganisationId, Timestamp};

const ID: Uuid = Uuid::from_u128(0x01890a5d_ac96_774b_bcce_b302099a8057);
const TEXT: &str = "集い 🎈 'quoted' \"twice\" \\ \n\t";

/// One row in each table, every value of its kind the same, so that all foreign keys point at something.
async fn filled(database: TestDatabase) -> TestDatabase {
    let writer = database.store.writer();
    for table in tables(writer).await.unwrap() {
        let columns: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let values = table.columns.iter().map(|(_, kind)| match kind {
            Kind::Text => SqlValue::from(TEXT),
            Kind::Integer => i64::MAX.into(),
            Kind::Boolean => true.into(),
            Kind::Bytes => ID.as_bytes().to_vec().into(),
            Kind::Id => ID.into(),
        });
        let sql = format!("INSERT INTO {} ({}) VALUES ({})", table.name, columns.join(", "), crate::sql::placeholders(0, columns.len()));
        writer.execute_raw(Statement::from_sql_and_values(database.store.backend(), sql, values)).await.unwrap();
    }
    // What is unknown stays unknown.
    database.store.write().execute("INSERT INTO accounts (id, created) VALUES ($1, 1)", [Uuid::from_u128(7).into()]).await.unwrap();
    database
}

struct Copy {
    migrations: Vec<String>,
    tables: Vec<(String, Vec<String>)>,
    rows: BTreeMap<String, Vec<String>>,
}

async fn copy(store: &Store) -> Copy {
    let snapshot = store.snapshot_all_organisations().await.unwrap();
    let mut rows = BTreeMap::new();
    for (table, _) in snapshot.tables() {
        let mut lines = Vec::new();
        let push = |line: &str| {
            lines.push(line.to_owned());
            Ok(())
        };
        snapshot.rows(&table, push).await.unwrap();
        lines.sort();
        rows.insert(table, lines);
    }
    Copy { migrations: snapshot.migrations().to_vec(), tables: snapshot.tables(), rows }
}

async fn restore(store: &Store, copy: &Copy) -> Result<(), BackupError> {
    let restoration = store.begin_restore_all_organisations(&copy.migrations).await?;
    for (table, columns) in &copy.tables {
        let lines = copy.rows[table].iter().map(|line| Ok(line.clone()));
        assert_eq!(restoration.load(table, columns, lines).await?, copy.rows[table].len() as u64);
    }
    restoration.finish().await
}

#[tokio::test]
async fn a_backup_of_either_database_restores_into_either() {
    for from in each().await {
        let from = filled(from).await;
        let original = copy(&from.store).await;
        for to in each_unmigrated().await {
            restore(&to.store, &original).await.unwrap_or_else(|error| panic!("{} to {}: {error}", from.name, to.name));
            let restored = copy(&to.store).await;
            assert_eq!(restored.rows, original.rows, "{} to {}", from.name, to.name);
            assert_eq!(to.store.pending_migrations().await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn a_backup_has_every_table_but_sign_ins_and_codes() {
    for database in each().await {
        let copied = copy(&filled(database).await.store).await;
        assert!(copied.rows.values().all(|rows| !rows.is_empty()));
        for table in ["organisations", "members", "pages", "files", "plugin_packages", "plugin_documents", "plugin_index", "mails"] {
            assert!(copied.rows.contains_key(table), "{table}");
        }
        assert!(!copied.rows.contains_key("sessions") && !copied.rows.contains_key("challenges"));
    }
}

#[tokio::test]
async fn what_is_written_after_a_backup_began_is_not_in_it() {
    for database in each().await {
        let snapshot = database.store.snapshot_all_organisations().await.unwrap();
        filled(database).await;
        assert_eq!(snapshot.rows("organisations", |_| Ok(())).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_database_that_holds_something_is_left_alone() {
    for database in each().await {
        let database = filled(database).await;
        let original = copy(&database.store).await;
        assert!(matches!(restore(&database.store, &original).await, Err(BackupError::NotEmpty)));
        assert_eq!(copy(&database.store).await.rows, original.rows);
    }
}

#[tokio::test]
async fn a_damaged_row_is_named_and_nothing_of_the_backup_stays() {
    for to in each_unmigrated().await {
        let from = filled(crate::testing::sqlite().await).await;
        let mut damaged = copy(&from.store).await;
        damaged.rows.get_mut("pages").unwrap().push("[1]".into());
        let error = restore(&to.store, &damaged).await.unwrap_err().to_string();
        assert_eq!(error, "line 2 of the table pages: the row has more or fewer columns than the table");
        // And the next try finds an empty database.
        damaged.rows.get_mut("pages").unwrap().pop();
        restore(&to.store, &damaged).await.unwrap();
    }
}

#[tokio::test]
async fn a_backup_of_a_newer_version_is_refused() {
    for to in each_unmigrated().await {
        let error = to.store.begin_restore_all_organisations(&["m9999_tomorrow".to_owned()]).await.err().unwrap();
        assert!(error.to_string().contains("newer version") && error.to_string().contains("m9999_tomorrow"), "{error}");
        assert!(to.store.is_empty().await.unwrap());
    }
}

#[tokio::test]
async fn mails_that_were_waiting_are_not_sent_twice() {
    let from = crate::testing::sqlite().await;
    let organisation = Organisation {
        id: OrganisationId(ID),
        slug: "tsudoi".into(),
        name: "集い".into(),
        locale: Locale::Ja,
        time_zone: "Asia/Tokyo".into(),
        currency: "JPY".into(),
        theme: "commons".into(),
    };
    let at = Timestamp::from_millis(1_000);
    from.store.create_organisation_all_organisations(&organisation, &[], at).await.unwrap();
    let mail = crate::MailDraft { id: ID, recipient: "a@example.jp".into(), subject: "x".into(), body: "code 123456".into(), at };
    from.store.organisation(organisation.id).add_mail(&mail).await.unwrap();
    for to in each_unmigrated().await {
        restore(&to.store, &copy(&from.store).await).await.unwrap();
        let appetite = crate::MailAppetite { urgent: 9, bulk: 9, mailings_only: false, last: None };
        let claimed = to.store.exchange_mails_all_organisations(&[], appetite, at.plus_seconds(60), at.plus_seconds(120)).await.unwrap();
        assert_eq!(claimed.mails, []);
        let mails = to.store.organisation(organisation.id).latest_mails(10).await.unwrap();
        assert_eq!(mails.iter().map(|mail| (mail.recipient.as_str(), mail.body.as_str())).collect::<Vec<_>>(), [("a@example.jp", "")]);
    }
}

#[tokio::test]
async fn a_new_database_is_empty_until_it_is_set_up() {
    for database in each_unmigrated().await {
        assert!(database.store.is_empty().await.unwrap(), "{}", database.name);
        assert_eq!(database.store.pending_migrations().await.unwrap(), Migrator::get_migration_files().len());
        assert!(database.store.is_empty().await.unwrap(), "{}", database.name);
        database.store.migrate().await.unwrap();
        assert!(!database.store.is_empty().await.unwrap(), "{}", database.name);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_recognised() {
    for database in each().await {
        database
            .store
            .write()
            .execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_tomorrow', 1)", [])
            .await
            .unwrap();
        assert!(matches!(database.store.pending_migrations().await, Err(StoreError::Newer)), "{}", database.name);
    }
}
