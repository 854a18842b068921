//! The staff's list of members, with a search.

use crate::memberships::status_of;
use crate::{OrganisationStore, StoreError};
use sea_orm::{FromQueryResult, Value};
use std::collections::BTreeMap;
use tsudoi_kernel::MemberId;
use tsudoi_kernel::membership::MembershipStatus;
use uuid::Uuid;

/// A member in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMember {
    pub id: MemberId,
    pub number: String,
    pub family_name: String,
    pub given_name: String,
    pub display_name: String,
    pub email: Option<String>,
    pub tier: Option<String>,
    pub member_type: Option<String>,
    pub status: MembershipStatus,
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchWord {
    /// In lower case.
    pub text: String,
    /// With hiragana as katakana, as names' readings are kept.
    pub kana: String,
    /// The digits, where it could be part of a phone number; else empty.
    pub digits: String,
}

#[derive(FromQueryResult)]
struct ListedRow {
    id: Uuid,
    number: String,
    family_name: String,
    given_name: String,
    display_name: String,
    email: Option<String>,
    tier: Option<String>,
    member_type: Option<String>,
    status: String,
}

/// Finds a text anywhere; its own `%` and `_` stand for themselves.
pub(crate) fn anywhere(text: &str) -> String {
    let escaped: String = text.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect();
    format!("%{escaped}%")
}

impl OrganisationStore {
    /// Those in whose number, names, reading, mail addresses or phone numbers every word stands, by number, after the number
    /// `after`; with one status only, where one is given.
    pub async fn listed_members(
        &self,
        words: &[SearchWord],
        status: Option<MembershipStatus>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<ListedMember>, StoreError> {
        let mut sql = String::from(
            "SELECT m.id, m.number, m.family_name, m.given_name, m.display_name, m.email, m.tier, m.member_type, m.status FROM members m
             WHERE m.organisation_id = $1 AND m.number > $2",
        );
        let mut values: Vec<Value> = vec![self.id.0.into(), after.into()];
        if let Some(status) = status {
            values.push(status.as_str().into());
            sql.push_str(&format!(" AND m.status = ${}", values.len()));
        }
        for word in words {
            let (text, kana, plain) = (values.len() + 1, values.len() + 2, values.len() + 3);
            sql.push_str(&format!(
                " AND (lower(m.number) LIKE ${text} ESCAPE '\\' OR lower(m.family_name || m.given_name) LIKE ${text} ESCAPE '\\'
                   OR lower(m.display_name) LIKE ${text} ESCAPE '\\' OR lower(m.email) LIKE ${text} ESCAPE '\\'
                   OR m.family_kana || m.given_kana LIKE ${kana} ESCAPE '\\'
                   OR EXISTS (SELECT 1 FROM member_contacts c WHERE c.organisation_id = m.organisation_id AND c.member_id = m.id
                       AND ((c.kind = 'email' AND c.plain LIKE ${text} ESCAPE '\\') OR (c.kind = 'phone' AND c.plain LIKE ${plain} ESCAPE '\\'))))"
            ));
            // A word without digits is in no phone number.
            let digits = if word.digits.is_empty() { "-".to_owned() } else { anywhere(&word.digits) };
            values.extend([anywhere(&word.text).into(), anywhere(&word.kana).into(), digits.into()]);
        }
        sql.push_str(&format!(" ORDER BY m.number LIMIT {limit}"));
        let rows: Vec<ListedRow> = self.store.read().all(&sql, values).await?;
        let member = |row: ListedRow| {
            Ok(ListedMember {
                id: MemberId(row.id),
                number: row.number,
                family_name: row.family_name,
                given_name: row.given_name,
                display_name: row.display_name,
                email: row.email,
                tier: row.tier,
                member_type: row.member_type,
                status: status_of(&row.status)?,
            })
        };
        rows.into_iter().map(member).collect()
    }

    /// Of how many periods that stand each type is.
    pub async fn count_by_type(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.counted(
            "SELECT member_type AS key, count(*) AS count FROM membership_periods
             WHERE organisation_id = $1 AND replaced IS NULL AND member_type IS NOT NULL GROUP BY member_type",
        )
        .await
    }

    /// How many members have each tier.
    pub async fn count_by_tier(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.counted("SELECT tier AS key, count(*) AS count FROM members WHERE organisation_id = $1 AND tier IS NOT NULL GROUP BY tier")
            .await
    }

    /// How many members have each label.
    pub async fn count_by_label(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.counted("SELECT label AS key, count(*) AS count FROM member_labels WHERE organisation_id = $1 GROUP BY label").await
    }

    async fn counted(&self, select: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        #[derive(FromQueryResult)]
        struct KeyRow {
            key: String,
            count: i64,
        }
        let rows: Vec<KeyRow> = self.store.read().all(select, [self.id.0.into()]).await?;
        Ok(rows.into_iter().map(|row| (row.key, row.count.unsigned_abs())).collect())
    }

    /// How many there are of each status.
    pub async fn count_members(&self) -> Result<BTreeMap<MembershipStatus, u64>, StoreError> {
        #[derive(FromQueryResult)]
        struct CountRow {
            status: String,
            count: i64,
        }
        let sql = "SELECT status, count(*) AS count FROM members WHERE organisation_id = $1 GROUP BY status";
        let rows = self.store.read().all::<CountRow>(sql, [self.id.0.into()]).await?;
        rows.into_iter().map(|row| Ok((status_of(&row.status)?, row.count.unsigned_abs()))).collect()
    }
}
