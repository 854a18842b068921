//! Challenges: what was mailed to somebody, or asked of a browser, and has to come back before anything happens. Each
//! works once, for a limited time and number of tries. Of the code only a keyed hash is kept.

use crate::mails::{MailDraft, insert_mail};
use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::{OrganisationId, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A short code and a link: signs in whoever reads the mail.
    Code,
    /// Which of several people: given to the browser that proved it is one of them.
    Choose,
    /// A link to set a new password.
    Reset,
    /// A link by which new staff set their password.
    Invite,
}

impl Purpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Choose => "choose",
            Self::Reset => "reset",
            Self::Invite => "invite",
        }
    }

    fn from_str(text: &str) -> Option<Self> {
        [Self::Code, Self::Choose, Self::Reset, Self::Invite].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    pub id: Uuid,
    pub purpose: Purpose,
    pub email: String,
    /// JSON: what is to happen.
    pub data: String,
    pub code_hash: Vec<u8>,
    pub created: Timestamp,
    pub expires: Timestamp,
}

#[derive(FromQueryResult)]
struct ChallengeRow {
    id: Uuid,
    purpose: String,
    email: String,
    data: String,
    code_hash: Vec<u8>,
    created: i64,
    expires: i64,
}

impl TryFrom<ChallengeRow> for Challenge {
    type Error = StoreError;

    fn try_from(row: ChallengeRow) -> Result<Self, StoreError> {
        let purpose = Purpose::from_str(&row.purpose);
        Ok(Self {
            id: row.id,
            purpose: purpose.ok_or_else(|| StoreError::Broken(format!("a challenge for {:?}", row.purpose)))?,
            email: row.email,
            data: row.data,
            code_hash: row.code_hash,
            created: Timestamp::from_millis(row.created),
            expires: Timestamp::from_millis(row.expires),
        })
    }
}

const COLUMNS: &str = "id, purpose, email, data, code_hash, created, expires";

impl OrganisationStore {
    /// Keeps the challenges and the mail that carries them, or neither.
    pub async fn add_challenges(&self, challenges: &[Challenge], mail: Option<&MailDraft>) -> Result<(), StoreError> {
        let transaction = self.store.begin().await?;
        let sql = Sql::on(&transaction);
        for challenge in challenges {
            sql.execute(
                "INSERT INTO challenges (id, organisation_id, purpose, email, data, code_hash, created, expires)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                [
                    challenge.id.into(),
                    self.id.0.into(),
                    challenge.purpose.as_str().into(),
                    challenge.email.as_str().into(),
                    challenge.data.as_str().into(),
                    challenge.code_hash.clone().into(),
                    challenge.created.as_i64().into(),
                    challenge.expires.as_i64().into(),
                ],
            )
            .await?;
        }
        if let Some(mail) = mail {
            insert_mail(&sql, self.id, mail).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// One that can still be met. Looking is no try.
    pub async fn challenge(&self, id: Uuid, purpose: Purpose, now: Timestamp) -> Result<Option<Challenge>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM challenges
             WHERE id = $1 AND organisation_id = $2 AND purpose = $3 AND consumed IS NULL AND expires > $4"
        );
        let values = [id.into(), self.id.0.into(), purpose.as_str().into(), now.as_i64().into()];
        let row: Option<ChallengeRow> = self.store.read().one(&sql, values).await?;
        row.map(TryInto::try_into).transpose()
    }

    /// Counts a try, and answers with the challenge where it was one of the first `most`. The try is counted before
    /// anything is compared, so tries at the same moment can't share one.
    pub async fn try_challenge(&self, id: Uuid, purpose: Purpose, most: u32, now: Timestamp) -> Result<Option<Challenge>, StoreError> {
        let sql = format!(
            "UPDATE challenges SET attempts = attempts + 1
             WHERE id = $1 AND organisation_id = $2 AND purpose = $3 AND consumed IS NULL AND expires > $4 AND attempts < $5
             RETURNING {COLUMNS}"
        );
        let values = [id.into(), self.id.0.into(), purpose.as_str().into(), now.as_i64().into(), i64::from(most).into()];
        let row: Option<ChallengeRow> = self.store.write().one(&sql, values).await?;
        row.map(TryInto::try_into).transpose()
    }

    /// Whether it was this call that used the challenge up.
    pub async fn consume_challenge(&self, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
        consume(&self.store.write(), self.id, id, now).await
    }

    /// Those of one purpose that can still be met, the newest first.
    pub async fn open_challenges(&self, purpose: Purpose, now: Timestamp) -> Result<Vec<Challenge>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM challenges
             WHERE organisation_id = $1 AND purpose = $2 AND consumed IS NULL AND expires > $3 ORDER BY created DESC, id DESC LIMIT 200"
        );
        let rows: Vec<ChallengeRow> = self.store.read().all(&sql, [self.id.0.into(), purpose.as_str().into(), now.as_i64().into()]).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Store {
    /// Removes challenges that ran out before `before`. Answers how many.
    pub async fn remove_old_challenges_all_organisations(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write().execute("DELETE FROM challenges WHERE expires <= $1", [before.as_i64().into()]).await
    }
}

impl ChangeTransaction {
    /// Whether it was this transaction that used the challenge up.
    pub async fn consume_challenge(&mut self, id: Uuid) -> Result<bool, StoreError> {
        consume(&self.sql(), self.organisation(), id, self.at()).await
    }
}

async fn consume<C: sea_orm::ConnectionTrait>(
    sql: &Sql<'_, C>,
    organisation: OrganisationId,
    id: Uuid,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let update = "UPDATE challenges SET consumed = $3 WHERE id = $1 AND organisation_id = $2 AND consumed IS NULL";
    Ok(sql.execute(update, [id.into(), organisation.0.into(), now.as_i64().into()]).await? == 1)
}
