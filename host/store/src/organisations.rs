//! Organisations: finding one by host or slug, making one, changing what it is called.

use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::{Locale, Organisation, OrganisationId, Timestamp};
use uuid::Uuid;

#[derive(FromQueryResult)]
pub(crate) struct OrganisationRow {
    id: Uuid,
    slug: String,
    name: String,
    locale: String,
    time_zone: String,
    currency: String,
    theme: String,
}

struct WithClock(Organisation, u64);

impl FromQueryResult for WithClock {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let clock: i64 = row.try_get(prefix, "clock")?;
        Ok(Self(OrganisationRow::from_query_result(row, prefix)?.into(), clock.unsigned_abs()))
    }
}

pub(crate) const COLUMNS: &str = "o.id, o.slug, o.name, o.locale, o.time_zone, o.currency, o.theme";

impl From<OrganisationRow> for Organisation {
    fn from(row: OrganisationRow) -> Self {
        Self {
            id: OrganisationId(row.id),
            slug: row.slug,
            name: row.name,
            locale: Locale::from_tag(&row.locale).unwrap_or_default(),
            time_zone: row.time_zone,
            currency: row.currency,
            theme: row.theme,
        }
    }
}

impl Store {
    /// In the order in which they were made.
    pub async fn organisations_all_organisations(&self) -> Result<Vec<Organisation>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM organisations o ORDER BY o.created, o.id");
        Ok(self.read().all::<OrganisationRow>(&sql, []).await?.into_iter().map(Into::into).collect())
    }

    pub async fn organisation_by_slug_all_organisations(&self, slug: &str) -> Result<Option<Organisation>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM organisations o WHERE o.slug = $1");
        Ok(self.read().one::<OrganisationRow>(&sql, [slug.into()]).await?.map(Into::into))
    }

    /// By one of its own domains, lower case, without port.
    pub async fn organisation_by_host_all_organisations(&self, host: &str) -> Result<Option<Organisation>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM organisations o JOIN organisation_hosts h ON h.organisation_id = o.id WHERE h.host = $1");
        Ok(self.read().one::<OrganisationRow>(&sql, [host.into()]).await?.map(Into::into))
    }

    /// One of them, and where its clock stands.
    pub(crate) async fn organisation_with_clock(&self, id: OrganisationId) -> Result<Option<(Organisation, u64)>, StoreError> {
        let sql = format!("SELECT {COLUMNS}, o.clock FROM organisations o WHERE o.id = $1");
        Ok(self.read().one::<WithClock>(&sql, [id.0.into()]).await?.map(|row| (row.0, row.1)))
    }

    /// [`StoreError::Duplicate`] where the slug or a host is taken.
    pub async fn create_organisation_all_organisations(
        &self,
        organisation: &Organisation,
        hosts: &[String],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let sql = Sql::on(&transaction);
        sql.execute(
            "INSERT INTO organisations (id, slug, name, locale, time_zone, currency, theme, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                organisation.id.0.into(),
                organisation.slug.as_str().into(),
                organisation.name.as_str().into(),
                organisation.locale.tag().into(),
                organisation.time_zone.as_str().into(),
                organisation.currency.as_str().into(),
                organisation.theme.as_str().into(),
                at.as_i64().into(),
            ],
        )
        .await?;
        for host in hosts {
            sql.execute(
                "INSERT INTO organisation_hosts (host, organisation_id) VALUES ($1, $2)",
                [host.as_str().into(), organisation.id.0.into()],
            )
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

impl Store {
    /// With everything that it has: members, pages, documents of plugins. Its accounts stay.
    pub async fn delete_organisation_all_organisations(&self, id: OrganisationId) -> Result<(), StoreError> {
        self.write().execute("DELETE FROM organisations WHERE id = $1", [id.0.into()]).await?;
        Ok(())
    }

    /// Accounts that were made for the demo and that nobody is known by any more.
    pub async fn delete_demo_accounts_all_organisations(&self) -> Result<(), StoreError> {
        let sql = "DELETE FROM accounts WHERE demo AND id NOT IN (SELECT account_id FROM members WHERE account_id IS NOT NULL)
                   AND id NOT IN (SELECT account_id FROM staff)";
        self.write().execute(sql, []).await?;
        Ok(())
    }

    /// The packages that any organisation has switched on.
    pub async fn enabled_packages_all_organisations(&self) -> Result<Vec<String>, StoreError> {
        #[derive(FromQueryResult)]
        struct HashRow {
            package_hash: String,
        }
        let sql = "SELECT DISTINCT package_hash FROM installations WHERE enabled";
        Ok(self.read().all::<HashRow>(sql, []).await?.into_iter().map(|row| row.package_hash).collect())
    }
}

#[derive(FromQueryResult)]
struct ClockRow {
    clock: i64,
}

#[derive(FromQueryResult)]
struct HostRow {
    host: String,
}

impl OrganisationStore {
    /// Its own domains, in order.
    pub async fn hosts(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT host FROM organisation_hosts WHERE organisation_id = $1 ORDER BY host";
        Ok(self.store.read().all::<HostRow>(sql, [self.id.0.into()]).await?.into_iter().map(|row| row.host).collect())
    }

    /// [`StoreError::Duplicate`] where an organisation has it.
    pub async fn add_host(&self, host: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO organisation_hosts (host, organisation_id) VALUES ($1, $2)";
        self.store.write().execute(sql, [host.into(), self.id.0.into()]).await?;
        Ok(())
    }

    /// Whether it was one of its own.
    pub async fn remove_host(&self, host: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM organisation_hosts WHERE host = $1 AND organisation_id = $2";
        Ok(self.store.write().execute(sql, [host.into(), self.id.0.into()]).await? > 0)
    }

    pub async fn itself(&self) -> Result<Option<Organisation>, StoreError> {
        Ok(self.store.organisation_with_clock(self.id).await?.map(|(organisation, _)| organisation))
    }

    /// The organisation's clock now.
    pub async fn clock(&self) -> Result<u64, StoreError> {
        let row: Option<ClockRow> = self.store.read().one("SELECT clock FROM organisations WHERE id = $1", [self.id.0.into()]).await?;
        row.map(|row| row.clock.unsigned_abs()).ok_or_else(|| StoreError::Broken(format!("there is no organisation {}", self.id)))
    }
}

impl ChangeTransaction {
    /// As it is within this transaction.
    pub(crate) async fn current_organisation(&self) -> Result<Organisation, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM organisations o WHERE o.id = $1");
        let row: Option<OrganisationRow> = self.sql().one(&sql, [self.organisation().0.into()]).await?;
        row.map(Into::into).ok_or_else(|| StoreError::Broken(format!("there is no organisation {}", self.organisation())))
    }

    /// Changes what the organisation is called.
    pub async fn rename_organisation(&mut self, name: &str) -> Result<(), StoreError> {
        self.sql().execute("UPDATE organisations SET name = $2 WHERE id = $1", [self.organisation().0.into(), name.into()]).await?;
        self.touch(Change::fact("organisation"));
        Ok(())
    }

    pub async fn choose_theme(&mut self, theme: &str) -> Result<(), StoreError> {
        self.sql().execute("UPDATE organisations SET theme = $2 WHERE id = $1", [self.organisation().0.into(), theme.into()]).await?;
        self.touch(Change::fact("organisation"));
        Ok(())
    }
}
