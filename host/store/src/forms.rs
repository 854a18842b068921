//! Forms and what was answered. Plugins don't read answers, so most are kept without the organisation's clock; one that a plugin is told
//! of is kept with that event, under the clock.

use crate::mails::insert_mail;
use crate::sql::Sql;
use crate::{ChangeTransaction, MailDraft, OrganisationStore, Store, StoreError};
use sea_orm::{FromQueryResult, Value};
use serde_json::Map;
use tsudoi_kernel::background::Emitted;
use tsudoi_kernel::changes::{Change, FORMS};
use tsudoi_kernel::form::{AnswerFor, AnswerState, Form, PlacedForm, Purpose};
use tsudoi_kernel::ports::At;
use tsudoi_kernel::{MemberId, OrganisationId, Timestamp};
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
    /// Where a plugin led the member to the form.
    pub answers: Option<AnswerFor>,
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

/// What became of an answer for a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptForPlugin {
    First,
    /// The same one had been kept before.
    Again,
    /// The member answered this form under this key before.
    Answered,
    /// The plugin is not switched on, or may not hear of it.
    Unheard,
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
    plugin_id: Option<String>,
    plugin_key: Option<String>,
    state: String,
    note: String,
    body: String,
    created: i64,
}

const FORM: &str = "SELECT id, address, body FROM forms WHERE organisation_id = $1";
const ANSWER: &str =
    "SELECT id, form_id, member_id, plugin_id, plugin_key, state, note, body, created FROM form_answers WHERE organisation_id = $1";

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
            answers: row.plugin_id.zip(row.plugin_key).map(|(plugin, key)| AnswerFor { plugin, key }),
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

/// `false` where it, or one like it that there can be once, is there already.
async fn insert_answer<C: sea_orm::ConnectionTrait>(
    sql: &Sql<'_, C>,
    organisation: OrganisationId,
    draft: &AnswerDraft,
    answers: Option<&AnswerFor>,
) -> Result<bool, StoreError> {
    let insert =
        "INSERT INTO form_answers (organisation_id, id, form_id, token, member_id, plugin_id, plugin_key, state, note, body, created, updated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'new', '', $8, $9, $9) ON CONFLICT DO NOTHING";
    let values: [Value; 9] = [
        organisation.0.into(),
        draft.id.into(),
        draft.form.into(),
        draft.token.into(),
        draft.member.map(|member| member.0).into(),
        answers.map(|answers| answers.plugin.clone()).into(),
        answers.map(|answers| answers.key.clone()).into(),
        serde_json::to_string(&draft.values)?.into(),
        draft.at.as_i64().into(),
    ];
    Ok(sql.execute(insert, values).await? == 1)
}

impl Store {
    /// The forms that staff made for plugins, in the order in which they were made, with the clock.
    pub(crate) async fn forms_for_plugins(&self, organisation: OrganisationId) -> Result<At<Vec<PlacedForm>>, StoreError> {
        #[derive(FromQueryResult)]
        struct ClockedRow {
            clock: i64,
            id: Option<Uuid>,
            address: Option<String>,
            body: Option<String>,
        }
        // One statement, so that the clock belongs to the rows; a row of its own where there are none.
        let select = "SELECT o.clock, f.id, f.address, f.body FROM organisations o LEFT JOIN forms f ON f.organisation_id = o.id
             WHERE o.id = $1 ORDER BY f.id";
        let rows: Vec<ClockedRow> = self.read().all(select, [organisation.0.into()]).await?;
        let clock = rows.first().map(|row| row.clock.unsigned_abs());
        let number = clock.ok_or_else(|| StoreError::Broken(format!("there is no organisation {organisation}")))?;
        let placed = |row: ClockedRow| Some(PlacedForm::try_from(FormRow { id: row.id?, address: row.address?, body: row.body? }));
        let mut value = rows.into_iter().filter_map(placed).collect::<Result<Vec<_>, _>>()?;
        value.retain(|form| form.form.purpose == Purpose::Plugin);
        Ok(At { number, value })
    }
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
        if !insert_answer(&sql, self.id, draft, None).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        for mail in mails {
            insert_mail(&sql, self.id, mail).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Whether a member answered a form for a plugin under this key.
    pub async fn has_answered(&self, form: Uuid, member: MemberId, answers: &AnswerFor) -> Result<bool, StoreError> {
        let select = format!("{ANSWER} AND form_id = $2 AND member_id = $3 AND plugin_id = $4 AND plugin_key = $5");
        let values: [Value; 5] =
            [self.id.0.into(), form.into(), member.0.into(), answers.plugin.as_str().into(), answers.key.as_str().into()];
        Ok(self.store.read().one::<AnswerRow>(&select, values).await?.is_some())
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
    /// Keeps an answer for a plugin with what it is told and what is to be mailed. Only [`KeptForPlugin::First`] is to be committed.
    pub async fn add_answer_for_plugin(
        &mut self,
        draft: &AnswerDraft,
        answers: &AnswerFor,
        told: &Emitted,
        mails: &[MailDraft],
    ) -> Result<KeptForPlugin, StoreError> {
        if !insert_answer(&self.sql(), self.organisation(), draft, Some(answers)).await? {
            let same = format!("{ANSWER} AND token = $2");
            let same: Option<AnswerRow> = self.sql().one(&same, [self.organisation().0.into(), draft.token.into()]).await?;
            return Ok(if same.is_some() { KeptForPlugin::Again } else { KeptForPlugin::Answered });
        }
        if !self.emit_to(&answers.plugin, told).await? {
            return Ok(KeptForPlugin::Unheard);
        }
        for mail in mails {
            insert_mail(&self.sql(), self.organisation(), mail).await?;
        }
        Ok(KeptForPlugin::First)
    }

    /// What plugins were told of a member's answers and have not handled yet goes. An answer's event has its id.
    pub(crate) async fn forget_told_answers(&self, member: MemberId) -> Result<(), StoreError> {
        for (table, column) in [("deliveries", "event_id"), ("events", "id")] {
            let delete = format!(
                "DELETE FROM {table} WHERE organisation_id = $1
                 AND {column} IN (SELECT id FROM form_answers WHERE organisation_id = $1 AND member_id = $2)"
            );
            self.sql().execute(&delete, [self.organisation().0.into(), member.0.into()]).await?;
        }
        Ok(())
    }

    /// As it is within this transaction.
    pub async fn current_form(&self, id: Uuid) -> Result<Option<PlacedForm>, StoreError> {
        one_form(self.sql(), "id = $2", [self.organisation().0.into(), id.into()]).await
    }

    /// Makes it, or changes the one of its id. An address that another has is [`StoreError::Duplicate`].
    pub async fn set_form(&mut self, form: &PlacedForm) -> Result<(), StoreError> {
        let upsert = "INSERT INTO forms (organisation_id, id, address, body, created, updated) VALUES ($1, $2, $3, $4, $5, $5)
             ON CONFLICT (organisation_id, id) DO UPDATE SET address = excluded.address, body = excluded.body, updated = excluded.updated";
        let body = serde_json::to_string::<Form>(&form.form)?;
        let values: [Value; 5] =
            [self.organisation().0.into(), form.id.into(), form.address.as_str().into(), body.into(), self.at().as_i64().into()];
        self.sql().execute(upsert, values).await?;
        self.touch(Change::fact(FORMS));
        Ok(())
    }

    /// With all its answers.
    pub async fn delete_form(&mut self, id: Uuid) -> Result<(), StoreError> {
        let delete = "DELETE FROM forms WHERE organisation_id = $1 AND id = $2";
        self.sql().execute(delete, [self.organisation().0.into(), id.into()]).await?;
        self.touch(Change::fact(FORMS));
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
