//! Pages: where each is, which revision is its draft and which is published.

use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult};
use tsudoi_kernel::{OrganisationId, PageId, Timestamp};
use uuid::Uuid;

/// A page without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRecord {
    pub id: PageId,
    /// `None` where it was deleted.
    pub path: Option<String>,
    /// Where publishing the draft will move it.
    pub draft_path: Option<String>,
    /// What was saved since the last publication.
    pub draft: Option<Uuid>,
    pub published: Option<Uuid>,
    pub created: Timestamp,
    pub deleted: Option<Timestamp>,
}

impl PageRecord {
    /// What an editor begins with: the draft, else what is published.
    pub fn head(&self) -> Option<Uuid> {
        self.draft.or(self.published)
    }
}

/// A page with the body (JSON) of its draft, else of what is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPage {
    pub page: PageRecord,
    pub body: String,
    /// When the body was saved, and by whom.
    pub saved: Timestamp,
    pub by: Option<String>,
}

/// What a visitor is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownPage {
    pub id: PageId,
    pub revision: Uuid,
    /// JSON.
    pub body: String,
}

#[derive(FromQueryResult)]
struct PageRow {
    id: Uuid,
    path: Option<String>,
    draft_path: Option<String>,
    draft_revision: Option<Uuid>,
    published_revision: Option<Uuid>,
    created: i64,
    deleted: Option<i64>,
}

impl From<PageRow> for PageRecord {
    fn from(row: PageRow) -> Self {
        Self {
            id: PageId(row.id),
            path: row.path,
            draft_path: row.draft_path,
            draft: row.draft_revision,
            published: row.published_revision,
            created: Timestamp::from_millis(row.created),
            deleted: row.deleted.map(Timestamp::from_millis),
        }
    }
}

#[derive(FromQueryResult)]
struct ListedRow {
    #[sea_orm(nested)]
    page: PageRow,
    body: String,
    saved: i64,
    by_name: Option<String>,
}

#[derive(FromQueryResult)]
struct ShownRow {
    id: Uuid,
    revision: Uuid,
    body: String,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

const COLUMNS: &str = "p.id, p.path, p.draft_path, p.draft_revision, p.published_revision, p.created, p.deleted";

async fn page(sql: Sql<'_, impl ConnectionTrait>, organisation: OrganisationId, id: PageId) -> Result<Option<PageRecord>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM pages p WHERE p.organisation_id = $1 AND p.id = $2");
    Ok(sql.one::<PageRow>(&text, [organisation.0.into(), id.0.into()]).await?.map(Into::into))
}

impl OrganisationStore {
    /// The published page at a path; with `drafts`, what would be there if all drafts were published.
    pub async fn shown_page(&self, path: &str, drafts: bool) -> Result<Option<ShownPage>, StoreError> {
        let text = if drafts {
            "SELECT p.id, r.id AS revision, r.body FROM pages p
             JOIN revisions r ON r.organisation_id = p.organisation_id AND r.id = COALESCE(p.draft_revision, p.published_revision)
             WHERE p.organisation_id = $1 AND COALESCE(p.draft_path, p.path) = $2"
        } else {
            "SELECT p.id, r.id AS revision, r.body FROM pages p
             JOIN revisions r ON r.organisation_id = p.organisation_id AND r.id = p.published_revision
             WHERE p.organisation_id = $1 AND p.path = $2"
        };
        let row: Option<ShownRow> = self.store.read().one(text, [self.id.0.into(), path.into()]).await?;
        Ok(row.map(|row| ShownPage { id: PageId(row.id), revision: row.revision, body: row.body }))
    }

    pub async fn page(&self, id: PageId) -> Result<Option<PageRecord>, StoreError> {
        page(self.store.read(), self.id, id).await
    }

    /// By path; those that were deleted last, the latest of them first.
    pub async fn pages(&self) -> Result<Vec<ListedPage>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS}, r.body, r.created AS saved, f.display_name AS by_name FROM pages p
             JOIN revisions r ON r.organisation_id = p.organisation_id AND r.id = COALESCE(p.draft_revision, p.published_revision)
             LEFT JOIN staff f ON f.organisation_id = r.organisation_id AND f.account_id = r.account_id
             WHERE p.organisation_id = $1
             ORDER BY CASE WHEN p.deleted IS NULL THEN 0 ELSE 1 END, p.deleted DESC, p.path"
        );
        let rows: Vec<ListedRow> = self.store.read().all(&text, [self.id.0.into()]).await?;
        let listed = |row: ListedRow| ListedPage {
            page: row.page.into(),
            body: row.body,
            saved: Timestamp::from_millis(row.saved),
            by: row.by_name,
        };
        Ok(rows.into_iter().map(listed).collect())
    }
}

impl ChangeTransaction {
    pub async fn page(&self, id: PageId) -> Result<Option<PageRecord>, StoreError> {
        page(self.sql(), self.organisation(), id).await
    }

    /// Whether another page is at `path`, or will be when its draft is published.
    pub async fn path_is_taken(&self, path: &str, by_other_than: PageId) -> Result<bool, StoreError> {
        let row: Option<CountRow> = self
            .sql()
            .one(
                "SELECT count(*) AS count FROM pages WHERE organisation_id = $1 AND id <> $2 AND (path = $3 OR draft_path = $3)",
                [self.organisation().0.into(), by_other_than.0.into(), path.into()],
            )
            .await?;
        Ok(row.is_some_and(|row| row.count > 0))
    }

    /// [`StoreError::Duplicate`] where another page has the path.
    pub async fn insert_page(&self, page: &PageRecord) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "INSERT INTO pages (organisation_id, id, path, draft_path, draft_revision, published_revision, created, deleted)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                [
                    self.organisation().0.into(),
                    page.id.0.into(),
                    page.path.clone().into(),
                    page.draft_path.clone().into(),
                    page.draft.into(),
                    page.published.into(),
                    page.created.as_i64().into(),
                    page.deleted.map(Timestamp::as_i64).into(),
                ],
            )
            .await?;
        Ok(())
    }

    /// [`StoreError::Duplicate`] where another page has the path.
    pub async fn update_page(&self, page: &PageRecord) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "UPDATE pages SET path = $3, draft_path = $4, draft_revision = $5, published_revision = $6, deleted = $7
                 WHERE organisation_id = $1 AND id = $2",
                [
                    self.organisation().0.into(),
                    page.id.0.into(),
                    page.path.clone().into(),
                    page.draft_path.clone().into(),
                    page.draft.into(),
                    page.published.into(),
                    page.deleted.map(Timestamp::as_i64).into(),
                ],
            )
            .await?;
        Ok(())
    }
}
