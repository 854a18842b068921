//! Sessions: who is signed in, in which organisation. `visits` reads them on every request; here they begin and end.

use crate::sql::Sql;
use crate::{OrganisationStore, Store, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::{AccountId, MemberId, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDraft {
    pub id: Uuid,
    /// SHA-256 of the token in the browser's cookie.
    pub token_hash: Vec<u8>,
    pub account: AccountId,
    pub member: Option<MemberId>,
    pub at: Timestamp,
    pub expires: Timestamp,
    /// What the browser calls itself.
    pub agent: String,
}

/// A session as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSummary {
    pub id: Uuid,
    pub created: Timestamp,
    pub last_seen: Timestamp,
    pub agent: String,
}

#[derive(FromQueryResult)]
struct SummaryRow {
    id: Uuid,
    created: i64,
    last_seen: i64,
    agent: String,
}

impl OrganisationStore {
    pub async fn begin_session(&self, session: &SessionDraft) -> Result<(), StoreError> {
        self.store
            .write()
            .execute(
                "INSERT INTO sessions (token_hash, id, organisation_id, account_id, member_id, created, last_seen, expires, agent)
                 VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8)",
                [
                    session.token_hash.clone().into(),
                    session.id.into(),
                    self.id.0.into(),
                    session.account.0.into(),
                    session.member.map(|member| member.0).into(),
                    session.at.as_i64().into(),
                    session.expires.as_i64().into(),
                    session.agent.as_str().into(),
                ],
            )
            .await?;
        Ok(())
    }

    pub async fn extend_session(&self, id: Uuid, last_seen: Timestamp, expires: Timestamp) -> Result<(), StoreError> {
        let update = "UPDATE sessions SET last_seen = $3, expires = $4 WHERE organisation_id = $1 AND id = $2";
        let values = [self.id.0.into(), id.into(), last_seen.as_i64().into(), expires.as_i64().into()];
        self.store.write().execute(update, values).await?;
        Ok(())
    }

    /// The account's sessions in this organisation, the one seen last first.
    pub async fn sessions_of(&self, account: AccountId, now: Timestamp) -> Result<Vec<SessionSummary>, StoreError> {
        let sql = "SELECT id, created, last_seen, agent FROM sessions
            WHERE organisation_id = $1 AND account_id = $2 AND expires > $3 ORDER BY last_seen DESC, id LIMIT 100";
        let rows: Vec<SummaryRow> = self.store.read().all(sql, [self.id.0.into(), account.0.into(), now.as_i64().into()]).await?;
        let summary = |row: SummaryRow| SessionSummary {
            id: row.id,
            created: Timestamp::from_millis(row.created),
            last_seen: Timestamp::from_millis(row.last_seen),
            agent: row.agent,
        };
        Ok(rows.into_iter().map(summary).collect())
    }

    /// Whether there was such a session of this account.
    pub async fn end_session(&self, account: AccountId, id: Uuid) -> Result<bool, StoreError> {
        let delete = "DELETE FROM sessions WHERE organisation_id = $1 AND account_id = $2 AND id = $3";
        Ok(self.store.write().execute(delete, [self.id.0.into(), account.0.into(), id.into()]).await? > 0)
    }
}

impl Store {
    /// Ends the account's sessions in every organisation.
    pub async fn end_sessions_all_organisations(&self, account: AccountId) -> Result<(), StoreError> {
        end_all(&self.write(), account, None).await
    }

    /// Removes sessions that ran out. Answers how many.
    pub async fn remove_old_sessions_all_organisations(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.write().execute("DELETE FROM sessions WHERE expires <= $1", [now.as_i64().into()]).await
    }
}

pub(crate) async fn end_all<C: sea_orm::ConnectionTrait>(
    sql: &Sql<'_, C>,
    account: AccountId,
    keep: Option<Uuid>,
) -> Result<(), StoreError> {
    match keep {
        Some(keep) => sql.execute("DELETE FROM sessions WHERE account_id = $1 AND id <> $2", [account.0.into(), keep.into()]).await?,
        None => sql.execute("DELETE FROM sessions WHERE account_id = $1", [account.0.into()]).await?,
    };
    Ok(())
}
