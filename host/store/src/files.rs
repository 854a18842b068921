//! Uploaded files: what is known of each. The bytes are not in the database.

use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult};
use tsudoi_kernel::{FileId, Gate, OrganisationId, PageId, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    pub id: FileId,
    /// As it is called in its address.
    pub name: String,
    /// As its content says.
    pub media_type: String,
    pub size: u64,
    /// Lower-case hexadecimal; names the bytes.
    pub sha256: String,
    /// What a picture shows, for those who don't see it; empty for other files.
    pub alt_ja: String,
    pub alt_en: String,
    pub gate: Gate,
    pub created: Timestamp,
}

#[derive(FromQueryResult)]
struct FileRow {
    id: Uuid,
    name: String,
    media_type: String,
    size: i64,
    sha256: String,
    alt_ja: String,
    alt_en: String,
    gate: String,
    created: i64,
}

impl TryFrom<FileRow> for FileRecord {
    type Error = StoreError;

    fn try_from(row: FileRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: FileId(row.id),
            name: row.name,
            media_type: row.media_type,
            size: row.size.unsigned_abs(),
            sha256: row.sha256,
            alt_ja: row.alt_ja,
            alt_en: row.alt_en,
            gate: serde_json::from_str(&row.gate)?,
            created: Timestamp::from_millis(row.created),
        })
    }
}

/// A page whose draft or published text names a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUse {
    pub page: PageId,
    pub path: String,
}

#[derive(FromQueryResult)]
struct UseRow {
    id: Uuid,
    path: String,
}

const COLUMNS: &str = "f.id, f.name, f.media_type, f.size, f.sha256, f.alt_ja, f.alt_en, f.gate, f.created";

async fn file(sql: Sql<'_, impl ConnectionTrait>, organisation: OrganisationId, id: FileId) -> Result<Option<FileRecord>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM files f WHERE f.organisation_id = $1 AND f.id = $2");
    sql.one::<FileRow>(&text, [organisation.0.into(), id.0.into()]).await?.map(TryInto::try_into).transpose()
}

impl OrganisationStore {
    pub async fn file(&self, id: FileId) -> Result<Option<FileRecord>, StoreError> {
        file(self.store.read(), self.id, id).await
    }

    /// The latest first, at most `limit`, those before the file `before`; pictures only, or all.
    pub async fn files(&self, pictures: bool, before: Option<FileId>, limit: u32) -> Result<Vec<FileRecord>, StoreError> {
        let mut text = format!("SELECT {COLUMNS} FROM files f WHERE f.organisation_id = $1");
        let mut values = vec![self.id.0.into(), i64::from(limit).into()];
        if pictures {
            text.push_str(" AND f.media_type LIKE 'image/%'");
        }
        if let Some(before) = before {
            // Ids begin with the time at which they were made.
            text.push_str(" AND f.id < $3");
            values.push(before.0.into());
        }
        text.push_str(" ORDER BY f.id DESC LIMIT $2 + 0");
        self.store.read().all::<FileRow>(&text, values).await?.into_iter().map(TryInto::try_into).collect()
    }

    /// The pages that show a file, or link to it.
    pub async fn uses_of_file(&self, id: FileId) -> Result<Vec<FileUse>, StoreError> {
        let rows: Vec<UseRow> = self
            .store
            .read()
            .all(
                "SELECT DISTINCT p.id, p.path FROM pages p
                 JOIN revisions r ON r.organisation_id = p.organisation_id AND r.id IN (p.draft_revision, p.published_revision)
                 WHERE p.organisation_id = $1 AND p.path IS NOT NULL AND r.body LIKE $2 ORDER BY p.path",
                [self.id.0.into(), format!("%/files/{id}/%").into()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| FileUse { page: PageId(row.id), path: row.path }).collect())
    }
}

impl ChangeTransaction {
    pub async fn file(&self, id: FileId) -> Result<Option<FileRecord>, StoreError> {
        file(self.sql(), self.organisation(), id).await
    }

    pub async fn insert_file(&self, file: &FileRecord) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "INSERT INTO files (organisation_id, id, name, media_type, size, sha256, alt_ja, alt_en, gate, created)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                [
                    self.organisation().0.into(),
                    file.id.0.into(),
                    file.name.as_str().into(),
                    file.media_type.as_str().into(),
                    (file.size as i64).into(),
                    file.sha256.as_str().into(),
                    file.alt_ja.as_str().into(),
                    file.alt_en.as_str().into(),
                    serde_json::to_string(&file.gate)?.into(),
                    file.created.as_i64().into(),
                ],
            )
            .await?;
        Ok(())
    }

    /// Everything but id and time.
    pub async fn update_file(&self, file: &FileRecord) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "UPDATE files SET name = $3, media_type = $4, size = $5, sha256 = $6, alt_ja = $7, alt_en = $8, gate = $9
                 WHERE organisation_id = $1 AND id = $2",
                [
                    self.organisation().0.into(),
                    file.id.0.into(),
                    file.name.as_str().into(),
                    file.media_type.as_str().into(),
                    (file.size as i64).into(),
                    file.sha256.as_str().into(),
                    file.alt_ja.as_str().into(),
                    file.alt_en.as_str().into(),
                    serde_json::to_string(&file.gate)?.into(),
                ],
            )
            .await?;
        Ok(())
    }

    pub async fn delete_file(&self, id: FileId) -> Result<(), StoreError> {
        self.sql().execute("DELETE FROM files WHERE organisation_id = $1 AND id = $2", [self.organisation().0.into(), id.0.into()]).await?;
        Ok(())
    }
}
