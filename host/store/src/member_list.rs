//! The staff's list of members, with a search.

use crate::{OrganisationStore, StoreError};
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::MemberId;
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
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchWord {
    /// In lower case.
    pub text: String,
    /// With hiragana as katakana, as names' readings are kept.
    pub kana: String,
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
}

/// Finds a text anywhere; its own `%` and `_` stand for themselves.
pub(crate) fn anywhere(text: &str) -> String {
    let escaped: String = text.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect();
    format!("%{escaped}%")
}

impl OrganisationStore {
    /// Those in whose number, names, reading or address every word stands, by number, after the number `after`.
    pub async fn listed_members(&self, words: &[SearchWord], after: &str, limit: u32) -> Result<Vec<ListedMember>, StoreError> {
        let mut sql = String::from(
            "SELECT m.id, m.number, m.family_name, m.given_name, m.display_name, m.email, m.tier FROM members m
             WHERE m.organisation_id = $1 AND m.number > $2",
        );
        let mut values: Vec<Value> = vec![self.id.0.into(), after.into()];
        for word in words {
            let (text, kana) = (values.len() + 1, values.len() + 2);
            sql.push_str(&format!(
                " AND (lower(m.number) LIKE ${text} ESCAPE '\\' OR lower(m.family_name || m.given_name) LIKE ${text} ESCAPE '\\'
                   OR lower(m.display_name) LIKE ${text} ESCAPE '\\' OR lower(m.email) LIKE ${text} ESCAPE '\\'
                   OR m.family_kana || m.given_kana LIKE ${kana} ESCAPE '\\')"
            ));
            values.extend([anywhere(&word.text).into(), anywhere(&word.kana).into()]);
        }
        sql.push_str(&format!(" ORDER BY m.number LIMIT {limit}"));
        let rows: Vec<ListedRow> = self.store.read().all(&sql, values).await?;
        let member = |row: ListedRow| ListedMember {
            id: MemberId(row.id),
            number: row.number,
            family_name: row.family_name,
            given_name: row.given_name,
            display_name: row.display_name,
            email: row.email,
            tier: row.tier,
        };
        Ok(rows.into_iter().map(member).collect())
    }

    pub async fn count_members(&self) -> Result<u64, StoreError> {
        #[derive(FromQueryResult)]
        struct CountRow {
            count: i64,
        }
        let sql = "SELECT count(*) AS count FROM members WHERE organisation_id = $1";
        Ok(self.store.read().one::<CountRow>(sql, [self.id.0.into()]).await?.map_or(0, |row| row.count.unsigned_abs()))
    }
}
