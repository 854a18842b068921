//! The batches of an upgrade. Each is a transaction of its own, without the organisation's clock: nobody can read the
//! copy before the switch.

use super::{Phase, Upgrade, hold};
use crate::sql::Sql;
use crate::{OrganisationStore, StoreError};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use tsudoi_kernel::ports::{IndexKey, StoredDocument};
use tsudoi_kernel::{InstallationId, Timestamp};
use uuid::Uuid;

/// A document with the keys that it has in the new version's indexes, and whether those are all that it should have.
pub struct IndexedDocument {
    pub document: StoredDocument,
    pub keys: Vec<IndexKey>,
    pub complete: bool,
}

#[derive(FromQueryResult)]
struct DocumentRow {
    id: Uuid,
    revision: String,
    body: String,
    created: i64,
    updated: i64,
}

#[derive(FromQueryResult)]
struct NameRow {
    name: Option<String>,
}

impl From<DocumentRow> for StoredDocument {
    fn from(row: DocumentRow) -> Self {
        Self {
            id: row.id,
            revision: row.revision,
            body: row.body,
            created: Timestamp::from_millis(row.created),
            updated: Timestamp::from_millis(row.updated),
        }
    }
}

impl OrganisationStore {
    /// The collections in which an installation has documents, in an order that never changes.
    pub async fn collections_of(&self, installation: InstallationId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT collection AS name FROM plugin_documents WHERE organisation_id = $1 AND installation_id = $2";
        let rows: Vec<NameRow> = self.store.read().all(sql, [self.id.0.into(), installation.0.into()]).await?;
        let mut names: Vec<String> = rows.into_iter().filter_map(|row| row.name).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// The next documents of a collection after `after`, in the order of their ids.
    pub async fn documents_after(
        &self,
        installation: InstallationId,
        collection: &str,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<StoredDocument>, StoreError> {
        let sql = "SELECT id, revision, body, created, updated FROM plugin_documents
            WHERE organisation_id = $1 AND installation_id = $2 AND collection = $3 AND id > $4 ORDER BY id LIMIT $5 + 0";
        let after = after.unwrap_or(Uuid::nil());
        let values = [self.id.0.into(), installation.0.into(), collection.into(), after.into(), i64::from(limit).into()];
        Ok(self.store.read().all::<DocumentRow>(sql, values).await?.into_iter().map(Into::into).collect())
    }

    /// Writes one batch into the new installation. A key of a unique index that is taken leaves the document out of that
    /// index for now: the new version's steps may part the two yet. False where the upgrade is no longer ours.
    pub async fn copy_documents(
        &self,
        upgrade: &Upgrade,
        collection: &str,
        batch: &[IndexedDocument],
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.store.begin().await?;
        let sql = Sql::on(&transaction);
        let (mut bytes, mut unindexed) = (0, 0);
        for entry in batch {
            bytes += entry.document.body.len() as i64;
            insert_document(&sql, upgrade, collection, &entry.document).await?;
            let mut complete = entry.complete;
            for key in &entry.keys {
                complete &= insert_key(&sql, upgrade, collection, entry.document.id, key, "ON CONFLICT DO NOTHING").await? == 1;
            }
            unindexed += i64::from(!complete);
        }
        let count = batch.len() as i64;
        let usage = "UPDATE installations SET documents = documents + $3, bytes = bytes + $4 WHERE organisation_id = $1 AND id = $2";
        sql.execute(usage, [upgrade.organisation.0.into(), upgrade.target.0.into(), count.into(), bytes.into()]).await?;
        let place = batch.last().map(|entry| entry.document.id);
        let set = "collection = $5, place = $6, copied = copied + $7, unindexed = unindexed + $8, claimed_until = $9, tries = 0";
        let values = [collection.into(), place.into(), count.into(), unindexed.into(), until.as_i64().into()];
        if !hold(&sql, upgrade, set, values).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Copies the next answers to forms, so that a form that was sent before the upgrade is not taken twice after it.
    /// Answers whether there are more; `None` where the upgrade is no longer ours.
    pub async fn copy_answers(&self, upgrade: &Upgrade, until: Timestamp) -> Result<Option<String>, StoreError> {
        const BATCH: i64 = 1_000;
        let transaction = self.store.begin().await?;
        let sql = Sql::on(&transaction);
        let of = [upgrade.organisation.0.into(), upgrade.installation.0.into(), upgrade.answers_after.as_str().into()];
        let last = "SELECT max(call_id) AS name FROM (SELECT call_id FROM command_calls
            WHERE organisation_id = $1 AND installation_id = $2 AND call_id > $3 ORDER BY call_id LIMIT $4 + 0) AS batch";
        let row: Option<NameRow> = sql.one(last, of.clone().into_iter().chain([BATCH.into()])).await?;
        let Some(last) = row.and_then(|row| row.name) else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let copy = "INSERT INTO command_calls (organisation_id, installation_id, call_id, number, answer, at)
            SELECT organisation_id, $5, call_id, number, answer, at FROM command_calls
            WHERE organisation_id = $1 AND installation_id = $2 AND call_id > $3 AND call_id <= $4";
        sql.execute(copy, of.into_iter().chain([last.as_str().into(), upgrade.target.0.into()])).await?;
        let values = [last.as_str().into(), until.as_i64().into()];
        if !hold(&sql, upgrade, "answers_after = $5, claimed_until = $6, tries = 0", values).await? {
            transaction.rollback().await?;
            return Ok(None);
        }
        transaction.commit().await?;
        Ok(Some(last))
    }

    /// Puts documents of the new installation into all indexes anew. [`StoreError::Duplicate`] where a unique index would
    /// hold a key twice. False where the upgrade is no longer ours.
    pub async fn index_documents(
        &self,
        upgrade: &Upgrade,
        collection: &str,
        batch: &[(Uuid, Vec<IndexKey>)],
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        debug_assert_eq!(upgrade.phase, Phase::Indexes);
        let transaction = self.store.begin().await?;
        let sql = Sql::on(&transaction);
        for (id, keys) in batch {
            let leave =
                "DELETE FROM plugin_index WHERE organisation_id = $1 AND installation_id = $2 AND collection = $3 AND document_id = $4";
            let place = [upgrade.organisation.0.into(), upgrade.target.0.into(), collection.into(), (*id).into()];
            sql.execute(leave, place).await?;
            for key in keys {
                insert_key(&sql, upgrade, collection, *id, key, "").await?;
            }
        }
        let place = batch.last().map(|(id, _)| *id);
        let values = [collection.into(), place.into(), until.as_i64().into()];
        if !hold(&sql, upgrade, "collection = $5, place = $6, claimed_until = $7, tries = 0", values).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }
}

async fn insert_document(
    sql: &Sql<'_, DatabaseTransaction>,
    upgrade: &Upgrade,
    collection: &str,
    document: &StoredDocument,
) -> Result<(), StoreError> {
    sql.execute(
        "INSERT INTO plugin_documents (organisation_id, installation_id, collection, id, revision, body, size, created, updated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            upgrade.organisation.0.into(),
            upgrade.target.0.into(),
            collection.into(),
            document.id.into(),
            document.revision.as_str().into(),
            document.body.as_str().into(),
            (document.body.len() as i64).into(),
            document.created.as_i64().into(),
            document.updated.as_i64().into(),
        ],
    )
    .await?;
    Ok(())
}

async fn insert_key<C: ConnectionTrait>(
    sql: &Sql<'_, C>,
    upgrade: &Upgrade,
    collection: &str,
    document: Uuid,
    key: &IndexKey,
    on_conflict: &str,
) -> Result<u64, StoreError> {
    let insert = format!(
        "INSERT INTO plugin_index (organisation_id, installation_id, collection, index_name, key, document_id)
         VALUES ($1, $2, $3, $4, $5, $6) {on_conflict}"
    );
    let values = [
        upgrade.organisation.0.into(),
        upgrade.target.0.into(),
        collection.into(),
        key.index.as_str().into(),
        key.key.clone().into(),
        document.into(),
    ];
    sql.execute(&insert, values).await
}
