//! Segments: members by conditions, which gates name by their keys. They are under the clock.

use crate::audience::localised;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::Locale;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::segment::Segment;

/// What changes when any of them does.
const FACT: &str = "segments";

#[derive(FromQueryResult)]
struct SegmentRow {
    key: String,
    name_ja: String,
    name_en: String,
    rule: String,
}

impl TryFrom<SegmentRow> for Segment {
    type Error = StoreError;

    fn try_from(row: SegmentRow) -> Result<Self, StoreError> {
        Ok(Self { key: row.key, name: localised(row.name_ja, row.name_en), rule: serde_json::from_str(&row.rule)? })
    }
}

impl OrganisationStore {
    /// By key.
    pub async fn segments(&self) -> Result<Vec<Segment>, StoreError> {
        let select = "SELECT key, name_ja, name_en, rule FROM segments WHERE organisation_id = $1 ORDER BY key";
        let rows: Vec<SegmentRow> = self.store.read().all(select, [self.id.0.into()]).await?;
        rows.into_iter().map(Segment::try_from).collect()
    }
}

impl ChangeTransaction {
    /// As it is within this transaction.
    pub async fn current_segment(&self, key: &str) -> Result<Option<Segment>, StoreError> {
        let select = "SELECT key, name_ja, name_en, rule FROM segments WHERE organisation_id = $1 AND key = $2";
        let row: Option<SegmentRow> = self.sql().one(select, [self.organisation().0.into(), key.into()]).await?;
        row.map(Segment::try_from).transpose()
    }

    /// Makes it, or changes the one of its key.
    pub async fn set_segment(&mut self, segment: &Segment) -> Result<(), StoreError> {
        let upsert = "INSERT INTO segments (organisation_id, key, name_ja, name_en, rule) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (organisation_id, key)
             DO UPDATE SET name_ja = excluded.name_ja, name_en = excluded.name_en, rule = excluded.rule";
        let name = |locale| segment.name.0.get(&locale).cloned().unwrap_or_default();
        let values = [
            self.organisation().0.into(),
            segment.key.as_str().into(),
            name(Locale::Ja).into(),
            name(Locale::En).into(),
            serde_json::to_string(&segment.rule)?.into(),
        ];
        self.sql().execute(upsert, values).await?;
        self.touch(Change::fact(FACT));
        Ok(())
    }

    pub async fn delete_segment(&mut self, key: &str) -> Result<(), StoreError> {
        let delete = "DELETE FROM segments WHERE organisation_id = $1 AND key = $2";
        self.sql().execute(delete, [self.organisation().0.into(), key.into()]).await?;
        self.touch(Change::fact(FACT));
        Ok(())
    }
}
