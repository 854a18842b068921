//! Plugins' secrets, sealed: what is inside is known to whoever has the key, and that is not the database.

use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::ports::At;
use tsudoi_kernel::{AccountId, Timestamp};

/// A secret as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// Which key it was sealed with.
    pub key_id: String,
    pub sealed: Vec<u8>,
}

/// That a secret was set, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretNote {
    pub name: String,
    pub set_at: Timestamp,
}

#[derive(FromQueryResult)]
struct SealedRow {
    clock: i64,
    key_id: Option<String>,
    sealed: Option<Vec<u8>>,
}

#[derive(FromQueryResult)]
struct NoteRow {
    name: String,
    set_at: i64,
}

impl OrganisationStore {
    /// The secret with the clock at this moment.
    pub async fn plugin_secret(&self, plugin: &str, name: &str) -> Result<At<Option<SealedSecret>>, StoreError> {
        let row: Option<SealedRow> = self
            .store
            .read()
            .one(
                "SELECT o.clock, s.key_id, s.sealed FROM organisations o
                 LEFT JOIN plugin_secrets s ON s.organisation_id = o.id AND s.plugin_id = $2 AND s.name = $3
                 WHERE o.id = $1",
                [self.id.0.into(), plugin.into(), name.into()],
            )
            .await?;
        let row = row.ok_or_else(|| StoreError::Broken(format!("there is no organisation {}", self.id)))?;
        let value = row.key_id.zip(row.sealed).map(|(key_id, sealed)| SealedSecret { key_id, sealed });
        Ok(At { number: row.clock.unsigned_abs(), value })
    }

    /// Which secrets of a plugin are set, by name.
    pub async fn plugin_secret_notes(&self, plugin: &str) -> Result<Vec<SecretNote>, StoreError> {
        let rows: Vec<NoteRow> = self
            .store
            .read()
            .all(
                "SELECT name, set_at FROM plugin_secrets WHERE organisation_id = $1 AND plugin_id = $2 ORDER BY name",
                [self.id.0.into(), plugin.into()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| SecretNote { name: row.name, set_at: Timestamp::from_millis(row.set_at) }).collect())
    }
}

impl ChangeTransaction {
    pub async fn set_plugin_secret(
        &mut self,
        plugin: &str,
        name: &str,
        secret: &SealedSecret,
        by: Option<AccountId>,
    ) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "INSERT INTO plugin_secrets (organisation_id, plugin_id, name, key_id, sealed, account_id, set_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (organisation_id, plugin_id, name)
                 DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed, account_id = excluded.account_id, set_at = excluded.set_at",
                [
                    self.organisation().0.into(),
                    plugin.into(),
                    name.into(),
                    secret.key_id.as_str().into(),
                    secret.sealed.clone().into(),
                    by.map(|account| account.0).into(),
                    self.at().as_i64().into(),
                ],
            )
            .await?;
        self.touch(Change::fact(format!("secret:{plugin}:{name}")));
        Ok(())
    }

    pub async fn remove_plugin_secret(&mut self, plugin: &str, name: &str) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "DELETE FROM plugin_secrets WHERE organisation_id = $1 AND plugin_id = $2 AND name = $3",
                [self.organisation().0.into(), plugin.into(), name.into()],
            )
            .await?;
        self.touch(Change::fact(format!("secret:{plugin}:{name}")));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{each, organisation};
    use tsudoi_kernel::ports::PluginData;

    #[tokio::test]
    async fn a_secret_is_of_one_organisation_and_its_change_is_a_change() {
        for database in each().await {
            let (club, other) = (organisation(&database.store, 1).await, organisation(&database.store, 2).await);
            let secret = |byte: u8| SealedSecret { key_id: "k".into(), sealed: vec![byte; 3] };
            let at = Timestamp::from_millis(5);
            for byte in [1, 2] {
                let mut change = club.begin_change(at).await.unwrap();
                change.set_plugin_secret("shop", "key", &secret(byte), None).await.unwrap();
                change.commit().await.unwrap();
            }
            assert_eq!(club.plugin_secret("shop", "key").await.unwrap(), At { number: 2, value: Some(secret(2)) }, "{}", database.name);
            assert_eq!(other.plugin_secret("shop", "key").await.unwrap().value, None);
            assert_eq!(club.plugin_secret("board", "key").await.unwrap().value, None);
            assert_eq!(club.plugin_secret_notes("shop").await.unwrap(), [SecretNote { name: "key".into(), set_at: at }]);
            let changes = database.store.changes(club.id(), 0, 2).await.unwrap().unwrap();
            assert!(changes[1].1.facts.contains("secret:shop:key"), "{changes:?}");
            let mut change = club.begin_change(at).await.unwrap();
            change.remove_plugin_secret("shop", "key").await.unwrap();
            change.commit().await.unwrap();
            assert_eq!(club.plugin_secret("shop", "key").await.unwrap().value, None);
        }
    }
}
