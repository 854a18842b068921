//! Forms and what was answered. Plugins do not read them: an answer is kept without the organisation's clock.

use crate::mails::insert_mail;
use crate::sql::Sql;
use crate::{ChangeTransaction, MailDraft, OrganisationStore, StoreError};
use sea_orm::{FromQueryResult, Value};
use serde_json::Map;
use tsudoi_kernel::form::{AnswerState, Form, PlacedForm};
use tsudoi_kernel::{MemberId, Timestamp};
use uuid::Uuid;

/// A form in the staff's list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedForm {
    pub form: PlacedForm,
    pub answers: u64,
    /// Of these, those that nobody has dealt with.
    pub new: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub id: Uuid,
    pub form: Uuid,
    /// Who answered, or became a member by it.
    pub member: Option<MemberId>,
    pub state: AnswerState,
    /// For staff.
    pub note: String,
    /// By the fields' keys.
    pub values: Map<String, serde_json::Value>,
    pub created: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AnswerDraft {
    pub id: Uuid,
    pub form: Uuid,
    pub token: Uuid,
    pub member: Option<MemberId>,
    pub values: Map<String, serde_json::Value>,
    pub at: Timestamp,
}

#[derive(FromQueryResult)]
struct FormRow {
    id: Uuid,
    address: String,
    body: String,
}

#[derive(FromQueryResult)]
struct CountRow {
    form_id: Uuid,
    answers: i64,
    fresh: i64,
}

#[derive(FromQueryResult)]
struct AnswerRow {
    id: Uuid,
    form_id: Uuid,
    member_id: Option<Uuid>,
    state: String,
    note: String,
    body: String,
    created: i64,
}

const FORM: &str = "SELECT id, address, body FROM forms WHERE organisation_id = $1";
const ANSWER: &str = "SELECT id, form_id, member_id, state, note, body, created FROM form_answers WHERE organisation_id = $1";

impl TryFrom<FormRow> for PlacedForm {
    type Error = StoreError;

    fn try_from(row: FormRow) -> Result<Self, StoreError> {
        Ok(Self { id: row.id, address: row.address, form: serde_json::from_str(&row.body)? })
    }
}

impl TryFrom<AnswerRow> for Answer {
    type Error = StoreError;

    fn try_from(row: AnswerRow) -> Result<Self, StoreError> {
        let state = AnswerState::parse(&row.state).ok_or_else(|| StoreError::Broken(format!("an answer in the state {}", row.state)))?;
        Ok(Self {
            id: row.id,
            form: row.form_id,
            member: row.member_id.map(MemberId),
            state,
            note: row.note,
            values: serde_json::from_str(&row.body)?,
            created: Timestamp::from_millis(row.created),
        })
    }
}

async fn one_form<C: sea_orm::ConnectionTrait>(
    sql: Sql<'_, C>,
    condition: &str,
    values: [Value; 2],
) -> Result<Option<PlacedForm>, StoreError> {
    let row: Option<FormRow> = sql.one(&format!("{FORM} AND {condition}"), values).await?;
    row.map(PlacedForm::try_from).transpose()
}

impl OrganisationStore {
    /// In the order in which they were made.
    pub async fn forms(&self) -> Result<Vec<ListedForm>, StoreError> {
        let rows: Vec<FormRow> = self.store.read().all(&format!("{FORM} ORDER BY id"), [self.id.0.into()]).await?;
        let count =
            "SELECT form_id, count(*) AS answers, CAST(coalesce(sum(CASE WHEN state = 'new' THEN 1 ELSE 0 END), 0) AS BIGINT) AS fresh
             FROM form_answers WHERE organisation_id = $1 GROUP BY form_id";
        let counts: Vec<CountRow> = self.store.read().all(count, [self.id.0.into()]).await?;
        let listed = |row: FormRow| {
            let counted = counts.iter().find(|count| count.form_id == row.id);
            let count = |of: fn(&CountRow) -> i64| counted.map_or(0, |count| of(count).unsigned_abs());
            let (answers, new) = (count(|row| row.answers), count(|row| row.fresh));
            Ok(ListedForm { form: PlacedForm::try_from(row)?, answers, new })
        };
        rows.into_iter().map(listed).collect()
    }

    pub async fn form(&self, id: Uuid) -> Result<Option<PlacedForm>, StoreError> {
        one_form(self.store.read(), "id = $2", [self.id.0.into(), id.into()]).await
    }

    pub async fn form_at(&self, address: &str) -> Result<Option<PlacedForm>, StoreError> {
        one_form(self.store.read(), "address = $2", [self.id.0.into(), address.into()]).await
    }

    /// Keeps an answer and what is to be mailed for it, once for each token: whether this was the first time.
    pub async fn add_answer(&self, draft: &AnswerDraft, mails: &[MailDraft]) -> Result<bool, StoreError> {
        let transaction = self.store.begin().await?;
        let sql = Sql::on(&transaction);
        let insert = "INSERT INTO form_answers (organisation_id, id, form_id, token, member_id, state, note, body, created, updated)
             VALUES ($1, $2, $3, $4, $5, 'new', '', $6, $7, $7) ON CONFLICT (organisation_id, token) DO NOTHING";
        let values: [Value; 7] = [
            self.id.0.into(),
            draft.id.into(),
            draft.form.into(),
            draft.token.into(),
            draft.member.map(|member| member.0).into(),
            serde_json::to_string(&draft.values)?.into(),
            draft.at.as_i64().into(),
        ];
        if sql.execute(insert, values).await? == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        for mail in mails {
            insert_mail(&sql, self.id, mail).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// The newest first, from before `before`.
    pub async fn answers(
        &self,
        form: Uuid,
        state: Option<AnswerState>,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Answer>, StoreError> {
        let mut sql = format!("{ANSWER} AND form_id = $2");
        let mut values: Vec<Value> = vec![self.id.0.into(), form.into()];
        if let Some(state) = state {
            values.push(state.as_str().into());
            sql.push_str(&format!(" AND state = ${}", values.len()));
        }
        if let Some(before) = before {
            values.push(before.into());
            sql.push_str(&format!(" AND id < ${}", values.len()));
        }
        sql.push_str(&format!(" ORDER BY id DESC LIMIT {limit}"));
        let rows: Vec<AnswerRow> = self.store.read().all(&sql, values).await?;
        rows.into_iter().map(Answer::try_from).collect()
    }

    pub async fn answer(&self, id: Uuid) -> Result<Option<Answer>, StoreError> {
        let row: Option<AnswerRow> = self.store.read().one(&format!("{ANSWER} AND id = $2"), [self.id.0.into(), id.into()]).await?;
        row.map(Answer::try_from).transpose()
    }

    /// What a member answered, or became a member by.
    pub async fn answers_of_member(&self, member: MemberId) -> Result<Vec<Answer>, StoreError> {
        let select = format!("{ANSWER} AND member_id = $2 ORDER BY id");
        let rows: Vec<AnswerRow> = self.store.read().all(&select, [self.id.0.into(), member.0.into()]).await?;
        rows.into_iter().map(Answer::try_from).collect()
    }

    /// Answers that nobody has dealt with.
    pub async fn count_new_answers(&self) -> Result<u64, StoreError> {
        #[derive(FromQueryResult)]
        struct NewRow {
            count: i64,
        }
        let select = "SELECT count(*) AS count FROM form_answers WHERE organisation_id = $1 AND state = 'new'";
        Ok(self.store.read().one::<NewRow>(select, [self.id.0.into()]).await?.map_or(0, |row| row.count.unsigned_abs()))
    }

    /// The number that comes last when they are ordered as numbers are: the longer one, then the higher.
    pub async fn last_member_number(&self) -> Result<Option<String>, StoreError> {
        crate::members::last_number(&self.store.read(), self.id.0).await
    }
}

impl ChangeTransaction {
    /// As it is within this transaction.
    pub async fn current_form(&self, id: Uuid) -> Result<Option<PlacedForm>, StoreError> {
        one_form(self.sql(), "id = $2", [self.organisation().0.into(), id.into()]).await
    }

    /// Makes it, or changes the one of its id. An address that another has is [`StoreError::Duplicate`].
    pub async fn set_form(&self, form: &PlacedForm) -> Result<(), StoreError> {
        let upsert = "INSERT INTO forms (organisation_id, id, address, body, created, updated) VALUES ($1, $2, $3, $4, $5, $5)
             ON CONFLICT (organisation_id, id) DO UPDATE SET address = excluded.address, body = excluded.body, updated = excluded.updated";
        let body = serde_json::to_string::<Form>(&form.form)?;
        let values: [Value; 5] =
            [self.organisation().0.into(), form.id.into(), form.address.as_str().into(), body.into(), self.at().as_i64().into()];
        self.sql().execute(upsert, values).await?;
        Ok(())
    }

    /// With all its answers.
    pub async fn delete_form(&self, id: Uuid) -> Result<(), StoreError> {
        let delete = "DELETE FROM forms WHERE organisation_id = $1 AND id = $2";
        self.sql().execute(delete, [self.organisation().0.into(), id.into()]).await?;
        Ok(())
    }

    /// Whether it was still in the state `from`.
    pub async fn move_answer(&self, id: Uuid, from: AnswerState, to: AnswerState, member: Option<MemberId>) -> Result<bool, StoreError> {
        let update = "UPDATE form_answers SET state = $4, member_id = coalesce($5, member_id), updated = $6
             WHERE organisation_id = $1 AND id = $2 AND state = $3";
        let values: [Value; 6] = [
            self.organisation().0.into(),
            id.into(),
            from.as_str().into(),
            to.as_str().into(),
            member.map(|member| member.0).into(),
            self.at().as_i64().into(),
        ];
        Ok(self.sql().execute(update, values).await? == 1)
    }

    pub async fn set_answer_note(&self, id: Uuid, note: &str) -> Result<(), StoreError> {
        let update = "UPDATE form_answers SET note = $3, updated = $4 WHERE organisation_id = $1 AND id = $2";
        self.sql().execute(update, [self.organisation().0.into(), id.into(), note.into(), self.at().as_i64().into()]).await?;
        Ok(())
    }

    pub async fn delete_answer(&self, id: Uuid) -> Result<bool, StoreError> {
        let delete = "DELETE FROM form_answers WHERE organisation_id = $1 AND id = $2";
        Ok(self.sql().execute(delete, [self.organisation().0.into(), id.into()]).await? == 1)
    }
}
