//! Mailings: what staff wrote, and what became of it for each member.

use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::{FromQueryResult, Value};
use std::collections::BTreeMap;
use tsudoi_kernel::mailing::{Mailing, MailingState};
use tsudoi_kernel::{AccountId, MemberId, OrganisationId, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct MailingRecord {
    pub id: Uuid,
    pub mailing: Mailing,
    pub state: MailingState,
    /// The last member who was looked at.
    pub cursor: Uuid,
    /// Once it is over: how many there are of each outcome.
    pub counts: Option<MailCounts>,
    pub scheduled: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// Who saved it last.
    pub by: Option<AccountId>,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// Mails of a mailing by their state, and by the reason where they were left out: `sent`, `left-out unsubscribed`.
pub type MailCounts = BTreeMap<String, u64>;

/// A member whose turn it is when a mailing is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    pub member: MemberId,
    pub number: String,
    pub family_name: String,
    pub given_name: String,
    pub display_name: String,
    pub email: String,
    pub state: String,
    /// What the server said, or why it was left out.
    pub problem: Option<String>,
    pub attempts: u32,
}

#[derive(FromQueryResult)]
struct MailingRow {
    id: Uuid,
    body: String,
    state: String,
    cursor: Uuid,
    counts: Option<String>,
    scheduled: Option<i64>,
    started: Option<i64>,
    ended: Option<i64>,
    account_id: Option<Uuid>,
    created: i64,
    updated: i64,
}

#[derive(FromQueryResult)]
struct RecipientRow {
    member_id: Uuid,
    number: String,
    family_name: String,
    given_name: String,
    display_name: String,
    recipient: String,
    state: String,
    problem: Option<String>,
    attempts: i64,
}

#[derive(FromQueryResult)]
struct CountRow {
    name: String,
    count: i64,
}

#[derive(FromQueryResult)]
struct PlaceRow {
    organisation_id: Uuid,
    slug: String,
    id: Uuid,
}

const MAILING: &str = "SELECT id, body, state, cursor, counts, scheduled, started, ended, account_id, created, updated FROM mailings
     WHERE organisation_id = $1";

impl TryFrom<MailingRow> for MailingRecord {
    type Error = StoreError;

    fn try_from(row: MailingRow) -> Result<Self, StoreError> {
        let state = MailingState::parse(&row.state).ok_or_else(|| StoreError::Broken(format!("a mailing in the state {}", row.state)))?;
        Ok(Self {
            id: row.id,
            mailing: serde_json::from_str(&row.body)?,
            state,
            cursor: row.cursor,
            counts: row.counts.as_deref().map(serde_json::from_str).transpose()?,
            scheduled: row.scheduled.map(Timestamp::from_millis),
            started: row.started.map(Timestamp::from_millis),
            ended: row.ended.map(Timestamp::from_millis),
            by: row.account_id.map(AccountId),
            created: Timestamp::from_millis(row.created),
            updated: Timestamp::from_millis(row.updated),
        })
    }
}

impl OrganisationStore {
    /// The newest first, from before `before`.
    pub async fn mailings(&self, before: Option<Uuid>, limit: u32) -> Result<Vec<MailingRecord>, StoreError> {
        let mut values: Vec<Value> = vec![self.id.0.into()];
        let earlier = match before {
            Some(before) => {
                values.push(before.into());
                "AND id < $2"
            }
            None => "",
        };
        let select = format!("{MAILING} {earlier} ORDER BY id DESC LIMIT {limit}");
        let rows: Vec<MailingRow> = self.store.read().all(&select, values).await?;
        rows.into_iter().map(MailingRecord::try_from).collect()
    }

    pub async fn mailing(&self, id: Uuid) -> Result<Option<MailingRecord>, StoreError> {
        let row: Option<MailingRow> = self.store.read().one(&format!("{MAILING} AND id = $2"), [self.id.0.into(), id.into()]).await?;
        row.map(MailingRecord::try_from).transpose()
    }

    /// Those that are not over.
    pub async fn open_mailings(&self) -> Result<Vec<MailingRecord>, StoreError> {
        let select = format!("{MAILING} AND state NOT IN ('sent', 'stopped') ORDER BY id");
        let rows: Vec<MailingRow> = self.store.read().all(&select, [self.id.0.into()]).await?;
        rows.into_iter().map(MailingRecord::try_from).collect()
    }

    /// As it is at this moment.
    pub async fn mail_counts(&self, mailing: Uuid) -> Result<MailCounts, StoreError> {
        let place: [Value; 2] = [self.id.0.into(), mailing.into()];
        let states = "SELECT state AS name, count(*) AS count FROM mails WHERE organisation_id = $1 AND mailing_id = $2
            AND member_id IS NOT NULL AND state <> 'left-out' GROUP BY state";
        let reasons = "SELECT 'left-out ' || coalesce(problem, '') AS name, count(*) AS count FROM mails
            WHERE organisation_id = $1 AND mailing_id = $2 AND state = 'left-out' GROUP BY problem";
        let mut rows: Vec<CountRow> = self.store.read().all(states, place.clone()).await?;
        rows.extend(self.store.read().all::<CountRow>(reasons, place).await?);
        Ok(rows.into_iter().map(|row| (row.name, row.count.unsigned_abs())).collect())
    }

    /// In the order in which members were entered, after `after`; of one state where one is given.
    pub async fn recipients(
        &self,
        mailing: Uuid,
        state: Option<&str>,
        after: Option<MemberId>,
        limit: u32,
    ) -> Result<Vec<Recipient>, StoreError> {
        let mut values: Vec<Value> = vec![self.id.0.into(), mailing.into(), after.map_or(Uuid::nil(), |member| member.0).into()];
        let of = match state {
            Some(state) => {
                values.push(state.into());
                "AND w.state = $4"
            }
            None => "",
        };
        let select = format!(
            "SELECT w.member_id, m.number, m.family_name, m.given_name, m.display_name, w.recipient, w.state, w.problem, w.attempts
             FROM mails w JOIN members m ON m.organisation_id = w.organisation_id AND m.id = w.member_id
             WHERE w.organisation_id = $1 AND w.mailing_id = $2 AND w.member_id > $3 {of} ORDER BY w.member_id LIMIT {limit}"
        );
        let rows: Vec<RecipientRow> = self.store.read().all(&select, values).await?;
        let recipient = |row: RecipientRow| Recipient {
            member: MemberId(row.member_id),
            number: row.number,
            family_name: row.family_name,
            given_name: row.given_name,
            display_name: row.display_name,
            email: row.recipient,
            state: row.state,
            problem: row.problem,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        };
        Ok(rows.into_iter().map(recipient).collect())
    }

    /// Its time has come: whether it was this call that took it up.
    pub async fn begin_mailing(&self, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
        let update = "UPDATE mailings SET state = 'planning', started = $3, updated = $3
            WHERE organisation_id = $1 AND id = $2 AND state = 'scheduled' AND scheduled <= $3";
        Ok(self.store.write().execute(update, [self.id.0.into(), id.into(), now.as_i64().into()]).await? == 1)
    }

    /// It is over once nothing of it waits or is on the wire: whether that is so.
    pub async fn end_mailing(&self, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
        if self.is_mailing_on_its_way(id).await? {
            return Ok(false);
        }
        let counts = self.mail_counts(id).await?;
        let update = "UPDATE mailings SET state = 'sent', ended = $3, updated = $3, counts = $4
            WHERE organisation_id = $1 AND id = $2 AND state = 'sending'";
        let values: [Value; 4] = [self.id.0.into(), id.into(), now.as_i64().into(), serde_json::to_string(&counts)?.into()];
        Ok(self.store.write().execute(update, values).await? == 1)
    }

    /// How a mailing that was stopped ended, once the last of it came off the wire.
    pub async fn keep_counts(&self, id: Uuid) -> Result<(), StoreError> {
        if self.is_mailing_on_its_way(id).await? {
            return Ok(());
        }
        let counts = self.mail_counts(id).await?;
        let update = "UPDATE mailings SET counts = $3 WHERE organisation_id = $1 AND id = $2 AND counts IS NULL";
        self.store.write().execute(update, [self.id.0.into(), id.into(), serde_json::to_string(&counts)?.into()]).await?;
        Ok(())
    }

    /// Whether something of it waits or is on the wire.
    async fn is_mailing_on_its_way(&self, id: Uuid) -> Result<bool, StoreError> {
        let select =
            "SELECT 'on' AS name, count(*) AS count FROM (SELECT 1 AS found FROM mails WHERE organisation_id = $1 AND mailing_id = $2
                AND state IN ('waiting', 'sending') AND member_id IS NOT NULL LIMIT 1) AS mails";
        let row: Option<CountRow> = self.store.read().one(select, [self.id.0.into(), id.into()]).await?;
        Ok(row.is_some_and(|row| row.count > 0))
    }
}

/// A mailing that something is to be done about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OngoingMailing {
    pub organisation: OrganisationId,
    pub slug: String,
    pub id: Uuid,
}

impl Store {
    /// Those whose time has come, that are under way, or that were stopped and are not counted yet.
    pub async fn ongoing_mailings_all_organisations(&self, now: Timestamp) -> Result<Vec<OngoingMailing>, StoreError> {
        let select = "SELECT w.organisation_id, o.slug, w.id FROM mailings w JOIN organisations o ON o.id = w.organisation_id
            WHERE w.state IN ('planning', 'sending') OR (w.state = 'scheduled' AND w.scheduled <= $1)
                OR (w.state = 'stopped' AND w.counts IS NULL)
            ORDER BY w.id";
        let rows: Vec<PlaceRow> = self.read().all(select, [now.as_i64().into()]).await?;
        let ongoing = |row: PlaceRow| OngoingMailing { organisation: OrganisationId(row.organisation_id), slug: row.slug, id: row.id };
        Ok(rows.into_iter().map(ongoing).collect())
    }
}

impl ChangeTransaction {
    /// As it is within this transaction.
    pub async fn current_mailing(&self, id: Uuid) -> Result<Option<MailingRecord>, StoreError> {
        let row: Option<MailingRow> = self.sql().one(&format!("{MAILING} AND id = $2"), [self.organisation().0.into(), id.into()]).await?;
        row.map(MailingRecord::try_from).transpose()
    }

    /// Makes it, or changes texts, audience, state and time of the one of its id.
    pub async fn set_mailing(&self, record: &MailingRecord) -> Result<(), StoreError> {
        let upsert = "INSERT INTO mailings (organisation_id, id, body, state, cursor, scheduled, account_id, created, updated)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
             ON CONFLICT (organisation_id, id) DO UPDATE SET body = excluded.body, state = excluded.state, scheduled = excluded.scheduled,
                 account_id = excluded.account_id, updated = excluded.updated";
        let values: [Value; 8] = [
            self.organisation().0.into(),
            record.id.into(),
            serde_json::to_string(&record.mailing)?.into(),
            record.state.as_str().into(),
            record.cursor.into(),
            record.scheduled.map(Timestamp::as_i64).into(),
            record.by.map(|by| by.0).into(),
            self.at().as_i64().into(),
        ];
        self.sql().execute(upsert, values).await?;
        Ok(())
    }

    /// What waits of it stays here. What is on the wire can't be called back.
    pub async fn stop_mailing(&self, id: Uuid) -> Result<bool, StoreError> {
        let place: [Value; 3] = [self.organisation().0.into(), id.into(), self.at().as_i64().into()];
        let stop = "UPDATE mailings SET state = 'stopped', ended = $3, updated = $3
            WHERE organisation_id = $1 AND id = $2 AND state IN ('planning', 'sending')";
        if self.sql().execute(stop, place.clone()).await? == 0 {
            return Ok(false);
        }
        let hold =
            "UPDATE mails SET state = 'stopped', next_attempt = $3 WHERE organisation_id = $1 AND mailing_id = $2 AND state = 'waiting'";
        self.sql().execute(hold, place).await?;
        Ok(true)
    }

    pub async fn delete_mailing(&self, id: Uuid) -> Result<(), StoreError> {
        let delete = "DELETE FROM mailings WHERE organisation_id = $1 AND id = $2";
        self.sql().execute(delete, [self.organisation().0.into(), id.into()]).await?;
        Ok(())
    }
}
