//! Databases for tests: SQLite in a folder of its own, and PostgreSQL where `TSUDOI_TEST_POSTGRES` names a server
//! (`cargo xtask test` always does). Each is new and empty, and migrated unless its name says otherwise.

use crate::{Options, Store};
use sea_orm::{ConnectionTrait, Database};
use std::sync::atomic::{AtomicU32, Ordering};

/// A database that lives as long as this value.
pub struct TestDatabase {
    pub store: Store,
    pub name: &'static str,
    url: String,
    _folder: tempfile::TempDir,
}

/// A new SQLite database.
pub async fn sqlite() -> TestDatabase {
    migrated(unmigrated_sqlite().await).await
}

/// One new database of each kind.
pub async fn each() -> Vec<TestDatabase> {
    let mut databases = Vec::new();
    for database in each_unmigrated().await {
        databases.push(migrated(database).await);
    }
    databases
}

async fn migrated(database: TestDatabase) -> TestDatabase {
    database.store.migrate().await.expect("the schema is made");
    database
}

async fn unmigrated_sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("tsudoi.db").display());
    let store = open(url.clone()).await;
    TestDatabase { store, url, name: "SQLite", _folder: folder }
}

/// One new database of each kind, without any table.
pub async fn each_unmigrated() -> Vec<TestDatabase> {
    let mut databases = vec![unmigrated_sqlite().await];
    match std::env::var("TSUDOI_TEST_POSTGRES") {
        Ok(server) => databases.push(postgres(&server).await),
        Err(_) => eprintln!("TSUDOI_TEST_POSTGRES is not set: this run is on SQLite only"),
    }
    databases
}

async fn postgres(server: &str) -> TestDatabase {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("store_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let admin = Database::connect(server).await.expect("the test server answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a new database");
    let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
    let url = format!("{base}/{name}");
    let store = open(url.clone()).await;
    TestDatabase { store, url, name: "PostgreSQL", _folder: tempfile::tempdir().expect("a temporary folder") }
}

impl TestDatabase {
    /// The same database, opened by another process.
    pub async fn from_elsewhere(&self) -> Store {
        open(self.url.clone()).await
    }
}

async fn open(url: String) -> Store {
    Store::connect(&Options { url, synchronous: "NORMAL".into(), connections: 4 }).await.expect("the database opens")
}

/// An organisation with nothing in it; `n` tells it from others.
#[cfg(test)]
pub(crate) async fn organisation(store: &Store, n: u128) -> crate::OrganisationStore {
    let organisation = tsudoi_kernel::Organisation {
        id: tsudoi_kernel::OrganisationId(uuid::Uuid::from_u128(n)),
        slug: format!("club{n}"),
        name: "星空会".into(),
        locale: tsudoi_kernel::Locale::Ja,
        time_zone: "Asia/Tokyo".into(),
        currency: "JPY".into(),
        theme: "commons".into(),
    };
    store.create_organisation_all_organisations(&organisation, &[], tsudoi_kernel::Timestamp::from_millis(1)).await.unwrap();
    store.organisation(organisation.id)
}
