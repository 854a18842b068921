//! What gates are made of: the organisation's tiers, labels and segments, and members as gates see them. And as whom staff
//! look at the site.

use crate::memberships::status_of;
use crate::{OrganisationStore, StoreError};
use sea_orm::FromQueryResult;
use std::collections::BTreeSet;
use tsudoi_kernel::Locale;
use tsudoi_kernel::MemberId;
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::visitor::MemberFacts;
use uuid::Uuid;

/// A tier, a label or a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub key: String,
    pub name: Localised,
}

/// Types of membership and tiers in their order, labels and segments by key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audience {
    pub types: Vec<Named>,
    pub tiers: Vec<Named>,
    pub labels: Vec<Named>,
    pub segments: Vec<Named>,
}

impl Audience {
    /// The name of a tier in `locale`; the key where there is no such tier any more.
    pub fn tier<'a>(&'a self, key: &'a str, locale: Locale) -> &'a str {
        Self::name(&self.tiers, key, locale)
    }

    pub fn member_type<'a>(&'a self, key: &'a str, locale: Locale) -> &'a str {
        Self::name(&self.types, key, locale)
    }

    pub fn label<'a>(&'a self, key: &'a str, locale: Locale) -> &'a str {
        Self::name(&self.labels, key, locale)
    }

    pub fn segment<'a>(&'a self, key: &'a str, locale: Locale) -> &'a str {
        Self::name(&self.segments, key, locale)
    }

    fn name<'a>(named: &'a [Named], key: &'a str, locale: Locale) -> &'a str {
        named.iter().find(|named| named.key == key).map_or(key, |named| named.name.get(locale))
    }
}

#[derive(FromQueryResult)]
struct NamedRow {
    kind: String,
    key: String,
    name_ja: String,
    name_en: String,
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: Uuid,
    display_name: String,
    member_type: Option<String>,
    status: String,
    tier: Option<String>,
    label: Option<String>,
}

const MEMBER: &str = "SELECT m.id, m.display_name, m.member_type, m.status, m.tier, l.label FROM members m
     LEFT JOIN member_labels l ON l.organisation_id = m.organisation_id AND l.member_id = m.id";

impl OrganisationStore {
    pub async fn audience(&self) -> Result<Audience, StoreError> {
        let rows: Vec<NamedRow> = self
            .store
            .read()
            .all(
                "SELECT 'tier' AS kind, key, name_ja, name_en, position FROM tiers WHERE organisation_id = $1
                 UNION ALL
                 SELECT 'type' AS kind, key, name_ja, name_en, position FROM member_types WHERE organisation_id = $1
                 UNION ALL
                 SELECT 'label' AS kind, key, name_ja, name_en, 0 AS position FROM labels WHERE organisation_id = $1
                 UNION ALL
                 SELECT 'segment' AS kind, key, name_ja, name_en, 0 AS position FROM segments WHERE organisation_id = $1
                 ORDER BY 1, 5, 2",
                [self.id.0.into()],
            )
            .await?;
        let mut audience = Audience::default();
        for row in rows {
            let name = localised(row.name_ja, row.name_en);
            let list = match row.kind.as_str() {
                "tier" => &mut audience.tiers,
                "type" => &mut audience.types,
                "label" => &mut audience.labels,
                _ => &mut audience.segments,
            };
            list.push(Named { key: row.key, name });
        }
        Ok(audience)
    }

    pub async fn member_facts(&self, id: MemberId) -> Result<Option<MemberFacts>, StoreError> {
        let text = format!("{MEMBER} WHERE m.organisation_id = $1 AND m.id = $2");
        facts(self.store.read().all(&text, [self.id.0.into(), id.0.into()]).await?)
    }

    /// At most `limit` members above `after`, in the order of their ids.
    pub async fn members_facts(&self, after: Option<MemberId>, limit: u32) -> Result<Vec<MemberFacts>, StoreError> {
        let text = format!(
            "{MEMBER} WHERE m.organisation_id = $1 AND m.id IN
                 (SELECT id FROM members WHERE organisation_id = $1 AND id > $2 ORDER BY id LIMIT {limit})
             ORDER BY m.id"
        );
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let rows: Vec<MemberRow> = self.store.read().all(&text, [self.id.0.into(), after.into()]).await?;
        let mut members: Vec<MemberFacts> = Vec::new();
        for row in rows {
            match members.last_mut().filter(|last| last.id.0 == row.id) {
                Some(last) => last.labels.extend(row.label),
                None => members.extend(facts(vec![row])?),
            }
        }
        Ok(members)
    }

    pub async fn member_facts_by_number(&self, number: &str) -> Result<Option<MemberFacts>, StoreError> {
        let text = format!("{MEMBER} WHERE m.organisation_id = $1 AND m.number = $2");
        facts(self.store.read().all(&text, [self.id.0.into(), number.into()]).await?)
    }

    /// As whom the holder of a session looks at the site (JSON), or as themselves.
    pub async fn set_see_as(&self, session: Uuid, see_as: Option<String>) -> Result<(), StoreError> {
        self.store
            .write()
            .execute(
                "UPDATE sessions SET see_as = $3 WHERE organisation_id = $1 AND id = $2",
                [self.id.0.into(), session.into(), see_as.into()],
            )
            .await?;
        Ok(())
    }
}

/// A name from its columns; an empty one is none.
pub fn localised(ja: String, en: String) -> Localised {
    Localised([(Locale::Ja, ja), (Locale::En, en)].into_iter().filter(|(_, name)| !name.is_empty()).collect())
}

/// One row for each label.
fn facts(rows: Vec<MemberRow>) -> Result<Option<MemberFacts>, StoreError> {
    let labels: BTreeSet<String> = rows.iter().filter_map(|row| row.label.clone()).collect();
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let (id, status) = (MemberId(row.id), status_of(&row.status)?);
    Ok(Some(MemberFacts { id, display_name: row.display_name, member_type: row.member_type, status, tier: row.tier, labels }))
}
