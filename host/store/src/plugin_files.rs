//! Files that plugins keep: what is known of each. The bytes are not in the database.

use crate::sql::{Sql, placeholders};
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::BTreeSet;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::files::StoredFile;
use tsudoi_kernel::ports::{At, Scope};
use tsudoi_kernel::{FileId, InstallationId};
use uuid::Uuid;

/// The least that a file counts for: what it takes on most disks.
const LEAST_BYTES: i64 = 4 << 10;

/// Everything but the clock is absent where the statement found only that.
#[derive(FromQueryResult)]
struct FileRow {
    clock: i64,
    id: Option<Uuid>,
    name: Option<String>,
    media_type: Option<String>,
    size: Option<i64>,
    sha256: Option<String>,
    gate: Option<String>,
}

impl FileRow {
    fn file(self) -> Result<Option<StoredFile>, StoreError> {
        let (Some(id), Some(name), Some(media_type), Some(size), Some(sha256), Some(gate)) =
            (self.id, self.name, self.media_type, self.size, self.sha256, self.gate)
        else {
            return Ok(None);
        };
        let gate = serde_json::from_str(&gate)?;
        Ok(Some(StoredFile { id: FileId(id), name, media_type, size: size.unsigned_abs(), sha256, gate }))
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct BytesRow {
    bytes: i64,
}

impl Store {
    pub(crate) async fn plugin_file(&self, scope: Scope, id: FileId) -> Result<At<Option<StoredFile>>, StoreError> {
        let sql = "SELECT o.clock, f.id, f.name, f.media_type, f.size, f.sha256, f.gate FROM organisations o
            LEFT JOIN plugin_files f ON f.organisation_id = o.id AND f.installation_id = $2 AND f.id = $3 WHERE o.id = $1";
        let row: Option<FileRow> = self.read().one(sql, [scope.organisation.0.into(), scope.installation.0.into(), id.0.into()]).await?;
        let row = row.ok_or_else(|| StoreError::Broken("the organisation is gone".into()))?;
        Ok(At { number: row.clock.unsigned_abs(), value: row.file()? })
    }
}

impl OrganisationStore {
    pub async fn plugin_file(&self, installation: InstallationId, id: FileId) -> Result<Option<StoredFile>, StoreError> {
        Ok(self.store.plugin_file(Scope { organisation: self.id, installation }, id).await?.value)
    }

    /// The next files of an installation after `after`, in the order of their ids.
    pub async fn plugin_files_after(
        &self,
        installation: InstallationId,
        after: Option<FileId>,
        limit: u32,
    ) -> Result<Vec<StoredFile>, StoreError> {
        let sql = "SELECT CAST(0 AS BIGINT) AS clock, id, name, media_type, size, sha256, gate FROM plugin_files
            WHERE organisation_id = $1 AND installation_id = $2 AND id > $3 ORDER BY id LIMIT $4 + 0";
        let after = after.map_or(Uuid::nil(), |after| after.0);
        let values = [self.id.0.into(), installation.0.into(), after.into(), i64::from(limit).into()];
        let rows: Vec<FileRow> = self.store.read().all(sql, values).await?;
        rows.into_iter().filter_map(|row| row.file().transpose()).collect()
    }

    /// Of these files, those that some installation has, whatever became of it.
    pub async fn known_plugin_files(&self, ids: &[FileId]) -> Result<BTreeSet<FileId>, StoreError> {
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let sql = format!("SELECT DISTINCT id FROM plugin_files WHERE organisation_id = $1 AND id IN ({})", placeholders(1, ids.len()));
        let values = std::iter::once(self.id.0.into()).chain(ids.iter().map(|id| Value::from(id.0)));
        let rows: Vec<IdRow> = self.store.read().all(&sql, values).await?;
        Ok(rows.into_iter().map(|row| FileId(row.id)).collect())
    }

    /// How many bytes the files of an installation count for.
    pub async fn bytes_of_plugin_files(&self, installation: InstallationId) -> Result<u64, StoreError> {
        bytes(&self.store.read(), Scope { organisation: self.id, installation }).await
    }
}

async fn bytes<C: ConnectionTrait>(sql: &Sql<'_, C>, scope: Scope) -> Result<u64, StoreError> {
    let sum = format!(
        "SELECT CAST(COALESCE(SUM(CASE WHEN size < {LEAST_BYTES} THEN {LEAST_BYTES} ELSE size END), 0) AS BIGINT) AS bytes
         FROM plugin_files WHERE organisation_id = $1 AND installation_id = $2"
    );
    let row: Option<BytesRow> = sql.one(&sum, [scope.organisation.0.into(), scope.installation.0.into()]).await?;
    Ok(row.map_or(0, |row| row.bytes.unsigned_abs()))
}

impl ChangeTransaction {
    pub(crate) async fn save_plugin_file(&mut self, scope: Scope, file: &StoredFile) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "INSERT INTO plugin_files (organisation_id, installation_id, id, name, media_type, size, sha256, gate, created)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                [
                    scope.organisation.0.into(),
                    scope.installation.0.into(),
                    file.id.0.into(),
                    file.name.as_str().into(),
                    file.media_type.as_str().into(),
                    (file.size as i64).into(),
                    file.sha256.as_str().into(),
                    serde_json::to_string(&file.gate)?.into(),
                    self.at().as_i64().into(),
                ],
            )
            .await?;
        self.touch(Change::fact(format!("file:{}", file.id)));
        Ok(())
    }

    pub(crate) async fn delete_plugin_file(&mut self, scope: Scope, id: FileId) -> Result<(), StoreError> {
        let delete = "DELETE FROM plugin_files WHERE organisation_id = $1 AND installation_id = $2 AND id = $3";
        self.sql().execute(delete, [scope.organisation.0.into(), scope.installation.0.into(), id.0.into()]).await?;
        self.touch(Change::fact(format!("file:{id}")));
        Ok(())
    }

    /// For the host itself.
    pub async fn delete_plugin_files(&mut self, installation: InstallationId, ids: &[FileId]) -> Result<(), StoreError> {
        let scope = Scope { organisation: self.organisation(), installation };
        for id in ids {
            self.delete_plugin_file(scope, *id).await?;
        }
        Ok(())
    }

    pub(crate) async fn bytes_of_plugin_files(&self, scope: Scope) -> Result<u64, StoreError> {
        bytes(&self.sql(), scope).await
    }

    /// The new version's installation has the same files.
    pub(crate) async fn copy_plugin_files(&self, from: InstallationId, to: InstallationId) -> Result<(), StoreError> {
        let copy = "INSERT INTO plugin_files (organisation_id, installation_id, id, name, media_type, size, sha256, gate, created)
            SELECT organisation_id, $3, id, name, media_type, size, sha256, gate, created FROM plugin_files
            WHERE organisation_id = $1 AND installation_id = $2";
        self.sql().execute(copy, [self.organisation().0.into(), from.0.into(), to.0.into()]).await?;
        Ok(())
    }
}
