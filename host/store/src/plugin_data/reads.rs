//! Reading documents, stretches of an index and members, each together with the clock.

use crate::memberships::status_of;
use crate::sql::placeholders;
use crate::{Store, StoreError};
use sea_orm::{FromQueryResult, Value};
use std::collections::HashMap;
use tsudoi_kernel::ports::{At, AudienceKeys, Keyed, MemberRecord, MemberValues, Scope, StoredDocument, Stretch};
use tsudoi_kernel::{MemberId, OrganisationId, Timestamp};
use uuid::Uuid;

/// A document's columns are absent where the statement found only the clock.
#[derive(FromQueryResult)]
struct DocumentRow {
    clock: i64,
    key: Option<Vec<u8>>,
    id: Option<Uuid>,
    revision: Option<String>,
    body: Option<String>,
    created: Option<i64>,
    updated: Option<i64>,
}

impl DocumentRow {
    fn document(self) -> Option<(Option<Vec<u8>>, StoredDocument)> {
        let document = StoredDocument {
            id: self.id?,
            revision: self.revision?,
            body: self.body?,
            created: Timestamp::from_millis(self.created?),
            updated: Timestamp::from_millis(self.updated?),
        };
        Some((self.key, document))
    }
}

#[derive(FromQueryResult)]
struct CountRow {
    clock: i64,
    count: i64,
}

#[derive(FromQueryResult)]
struct AudienceKeyRow {
    clock: i64,
    kind: Option<String>,
    key: Option<String>,
}

#[derive(FromQueryResult)]
struct MemberValueRow {
    clock: i64,
    member_id: Option<Uuid>,
    field: Option<String>,
    value: Option<String>,
}

#[derive(FromQueryResult)]
struct MemberIdRow {
    clock: i64,
    id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct MemberRow {
    clock: i64,
    id: Option<Uuid>,
    display_name: Option<String>,
    member_type: Option<String>,
    status: Option<String>,
    tier: Option<String>,
    joined_on: Option<String>,
    label: Option<String>,
}

const DOCUMENT: &str = "d.id, d.revision, d.body, d.created, d.updated";

/// The clock of the first row: every row has the same. No row means that the organisation is gone.
fn number<T>(rows: &[T], clock: impl Fn(&T) -> i64) -> Result<u64, StoreError> {
    rows.first().map(|row| clock(row).unsigned_abs()).ok_or_else(|| StoreError::Broken("the organisation is gone".into()))
}

impl Store {
    pub(super) async fn plugin_documents(
        &self,
        scope: Scope,
        collection: String,
        ids: Vec<Uuid>,
    ) -> Result<At<Vec<Option<StoredDocument>>>, StoreError> {
        // An empty list is no list in SQL; nil is never the id of a document.
        let wanted = if ids.is_empty() { vec![Uuid::nil()] } else { ids.clone() };
        let sql = format!(
            "SELECT o.clock, NULL AS key, {DOCUMENT} FROM organisations o
             LEFT JOIN plugin_documents d ON d.organisation_id = o.id AND d.installation_id = $2 AND d.collection = $3
                  AND d.id IN ({})
             WHERE o.id = $1",
            placeholders(3, wanted.len())
        )
        .replace("NULL AS key", self.null_key());
        let mut values: Vec<Value> = vec![scope.organisation.0.into(), scope.installation.0.into(), collection.into()];
        values.extend(wanted.into_iter().map(Value::from));
        let rows: Vec<DocumentRow> = self.read().all(&sql, values).await?;
        let number = number(&rows, |row| row.clock)?;
        let found: HashMap<Uuid, StoredDocument> =
            rows.into_iter().filter_map(DocumentRow::document).map(|(_, document)| (document.id, document)).collect();
        Ok(At { number, value: ids.iter().map(|id| found.get(id).cloned()).collect() })
    }

    /// PostgreSQL wants to know of what type a bare NULL is.
    fn null_key(&self) -> &'static str {
        if self.is_sqlite() { "NULL AS key" } else { "NULL::bytea AS key" }
    }

    pub(super) async fn plugin_scan(
        &self,
        scope: Scope,
        stretch: Stretch,
        descending: bool,
        limit: u32,
    ) -> Result<At<Vec<Keyed>>, StoreError> {
        let order = if descending { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT o.clock, i.key, {DOCUMENT} FROM organisations o
             LEFT JOIN (
                 SELECT key, document_id, organisation_id FROM plugin_index
                 WHERE organisation_id = $1 AND installation_id = $2 AND collection = $3 AND index_name = $4
                       AND key >= $5 AND key < $6
                 ORDER BY key {order} LIMIT $7 + 0
             ) i ON i.organisation_id = o.id
             LEFT JOIN plugin_documents d ON d.organisation_id = $1 AND d.installation_id = $2 AND d.collection = $3
                  AND d.id = i.document_id
             WHERE o.id = $1 ORDER BY i.key {order}"
        );
        let values: Vec<Value> = vec![
            scope.organisation.0.into(),
            scope.installation.0.into(),
            stretch.collection.into(),
            stretch.index.into(),
            stretch.from.into(),
            stretch.to.into(),
            i64::from(limit).into(),
        ];
        let rows: Vec<DocumentRow> = self.read().all(&sql, values).await?;
        let number = number(&rows, |row| row.clock)?;
        let value = rows.into_iter().filter_map(DocumentRow::document).filter_map(|(key, document)| Some((key?, document))).collect();
        Ok(At { number, value })
    }

    pub(super) async fn plugin_counts(&self, scope: Scope, stretches: Vec<Stretch>, at_most: u32) -> Result<At<Vec<u32>>, StoreError> {
        // One statement for all, so that they are counted at the same number of the clock.
        let mut parts = Vec::new();
        let mut values: Vec<Value> = vec![scope.organisation.0.into(), scope.installation.0.into(), i64::from(at_most).into()];
        for (position, stretch) in stretches.iter().enumerate() {
            let n = values.len();
            parts.push(format!(
                "SELECT {position} AS position, (SELECT count(*) FROM (SELECT 1 FROM plugin_index
                     WHERE organisation_id = $1 AND installation_id = $2 AND collection = ${} AND index_name = ${}
                           AND key >= ${} AND key < ${} LIMIT $3 + 0) counted) AS count",
                n + 1,
                n + 2,
                n + 3,
                n + 4
            ));
            values.extend([
                stretch.collection.as_str().into(),
                stretch.index.as_str().into(),
                stretch.from.clone().into(),
                stretch.to.clone().into(),
            ]);
        }
        if parts.is_empty() {
            let clock = self.organisation(scope.organisation).clock().await?;
            return Ok(At { number: clock, value: Vec::new() });
        }
        let sql = format!(
            "SELECT o.clock, c.count FROM organisations o JOIN ({}) c ON 1 = 1 WHERE o.id = $1 ORDER BY c.position",
            parts.join(" UNION ALL ")
        );
        let rows: Vec<CountRow> = self.read().all(&sql, values).await?;
        let number = number(&rows, |row| row.clock)?;
        Ok(At { number, value: rows.iter().map(|row| u32::try_from(row.count).unwrap_or(u32::MAX)).collect() })
    }

    pub(super) async fn plugin_member_values(
        &self,
        organisation: OrganisationId,
        plugin: String,
        ids: Vec<MemberId>,
    ) -> Result<At<Vec<MemberValues>>, StoreError> {
        let wanted: Vec<Uuid> = if ids.is_empty() { vec![Uuid::nil()] } else { ids.iter().map(|id| id.0).collect() };
        let sql = format!(
            "SELECT o.clock, v.member_id, v.field, v.value FROM organisations o
             LEFT JOIN member_values v ON v.organisation_id = o.id AND v.plugin_id = $2 AND v.member_id IN ({})
             WHERE o.id = $1",
            placeholders(2, wanted.len())
        );
        let values = [organisation.0.into(), plugin.into()].into_iter().chain(wanted.into_iter().map(Value::from));
        let rows: Vec<MemberValueRow> = self.read().all(&sql, values).await?;
        let number = number(&rows, |row| row.clock)?;
        let mut found: HashMap<Uuid, MemberValues> = HashMap::new();
        for row in rows {
            let (Some(member), Some(field), Some(value)) = (row.member_id, row.field, row.value) else { continue };
            found.entry(member).or_default().insert(field, serde_json::from_str(&value)?);
        }
        Ok(At { number, value: ids.iter().map(|id| found.remove(&id.0).unwrap_or_default()).collect() })
    }

    pub(super) async fn plugin_member_ids(
        &self,
        organisation: OrganisationId,
        after: Option<MemberId>,
        limit: u32,
    ) -> Result<At<Vec<MemberId>>, StoreError> {
        // Without any there is still one row, with the clock.
        let sql = "SELECT o.clock, m.id FROM organisations o LEFT JOIN members m ON m.organisation_id = o.id AND m.id > $2
             WHERE o.id = $1 ORDER BY m.id LIMIT $3 + 0";
        let after = after.map_or(Uuid::nil(), |after| after.0);
        let rows: Vec<MemberIdRow> = self.read().all(sql, [organisation.0.into(), after.into(), i64::from(limit).into()]).await?;
        let number = number(&rows, |row| row.clock)?;
        Ok(At { number, value: rows.into_iter().filter_map(|row| row.id.map(MemberId)).collect() })
    }

    pub(super) async fn plugin_audience_keys(&self, organisation: OrganisationId) -> Result<At<AudienceKeys>, StoreError> {
        let sql = "SELECT o.clock, a.kind, a.key FROM organisations o LEFT JOIN (
                 SELECT organisation_id, 'tier' AS kind, key FROM tiers WHERE organisation_id = $1
                 UNION ALL SELECT organisation_id, 'label' AS kind, key FROM labels WHERE organisation_id = $1
             ) AS a ON a.organisation_id = o.id WHERE o.id = $1";
        let rows: Vec<AudienceKeyRow> = self.read().all(sql, [organisation.0.into()]).await?;
        let number = number(&rows, |row| row.clock)?;
        let mut keys = AudienceKeys::default();
        for row in rows {
            let Some(key) = row.key else { continue };
            let list = if row.kind.as_deref() == Some("tier") { &mut keys.tiers } else { &mut keys.labels };
            list.insert(key);
        }
        Ok(At { number, value: keys })
    }

    pub(super) async fn plugin_members(
        &self,
        organisation: OrganisationId,
        ids: Vec<MemberId>,
    ) -> Result<At<Vec<Option<MemberRecord>>>, StoreError> {
        let wanted: Vec<Uuid> = if ids.is_empty() { vec![Uuid::nil()] } else { ids.iter().map(|id| id.0).collect() };
        let sql = format!(
            "SELECT o.clock, m.id, m.display_name, m.member_type, m.status, m.tier, m.joined_on, l.label FROM organisations o
             LEFT JOIN members m ON m.organisation_id = o.id AND m.id IN ({})
             LEFT JOIN member_labels l ON l.organisation_id = m.organisation_id AND l.member_id = m.id
             WHERE o.id = $1 ORDER BY l.label",
            placeholders(1, wanted.len())
        );
        let values = std::iter::once(organisation.0.into()).chain(wanted.into_iter().map(Value::from));
        let rows: Vec<MemberRow> = self.read().all(&sql, values).await?;
        let number = number(&rows, |row| row.clock)?;
        let mut found: HashMap<Uuid, MemberRecord> = HashMap::new();
        for row in rows {
            let Some(id) = row.id else { continue };
            let status = status_of(row.status.as_deref().unwrap_or_default())?;
            let member = found.entry(id).or_insert_with(|| MemberRecord {
                id: MemberId(id),
                display_name: row.display_name.unwrap_or_default(),
                member_type: row.member_type,
                status,
                tier: row.tier,
                labels: Vec::new(),
                joined_on: row.joined_on,
            });
            member.labels.extend(row.label);
        }
        Ok(At { number, value: ids.iter().map(|id| found.get(&id.0).cloned()).collect() })
    }
}
