//! Which revision of the site's frame is the draft and which is published.

use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult};
use tsudoi_kernel::OrganisationId;
use tsudoi_kernel::changes::Change;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SiteRecord {
    /// What was saved since the last publication.
    pub draft: Option<Uuid>,
    pub published: Option<Uuid>,
}

impl SiteRecord {
    /// What an editor begins with.
    pub fn head(&self) -> Option<Uuid> {
        self.draft.or(self.published)
    }
}

#[derive(FromQueryResult)]
struct SiteRow {
    site_draft: Option<Uuid>,
    site_published: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct BodyRow {
    id: Uuid,
    body: String,
}

async fn site(sql: Sql<'_, impl ConnectionTrait>, organisation: OrganisationId) -> Result<SiteRecord, StoreError> {
    let row = sql.one::<SiteRow>("SELECT site_draft, site_published FROM organisations WHERE id = $1", [organisation.0.into()]).await?;
    Ok(row.map_or_else(SiteRecord::default, |row| SiteRecord { draft: row.site_draft, published: row.site_published }))
}

impl OrganisationStore {
    pub async fn site(&self) -> Result<SiteRecord, StoreError> {
        site(self.store.read(), self.id).await
    }

    /// The frame as it would be if its draft were published: the revision's id and body (JSON).
    pub async fn site_head(&self) -> Result<Option<(Uuid, String)>, StoreError> {
        let row: Option<BodyRow> = self
            .store
            .read()
            .one(
                "SELECT r.id, r.body FROM organisations o
                 JOIN revisions r ON r.organisation_id = o.id AND r.id = COALESCE(o.site_draft, o.site_published) WHERE o.id = $1",
                [self.id.0.into()],
            )
            .await?;
        Ok(row.map(|row| (row.id, row.body)))
    }
}

impl ChangeTransaction {
    pub async fn site(&self) -> Result<SiteRecord, StoreError> {
        site(self.sql(), self.organisation()).await
    }

    pub async fn update_site(&mut self, site: SiteRecord) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "UPDATE organisations SET site_draft = $2, site_published = $3 WHERE id = $1",
                [self.organisation().0.into(), site.draft.into(), site.published.into()],
            )
            .await?;
        self.touch(Change::fact("site"));
        Ok(())
    }
}
