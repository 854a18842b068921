//! Workers and mails: outcomes are committed, and what goes out next is claimed in the same commit. Whoever waits for a code comes
//! before notices, and those before mailings; of either, organisations have their turns.

use crate::mail_wishes::Wish;
use crate::sql::{Sql, placeholders};
use crate::{Store, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::BTreeMap;
use tsudoi_kernel::{MemberId, OrganisationId, Timestamp};
use uuid::Uuid;

/// A mail that was claimed for sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMail {
    pub organisation: OrganisationId,
    pub organisation_slug: String,
    pub organisation_name: String,
    pub id: Uuid,
    pub recipient: String,
    pub subject: String,
    /// Plain text; empty for a mailing's.
    pub body: String,
    /// How many times it was tried, with this one.
    pub attempts: u32,
    pub mailing: Option<Uuid>,
    pub member: Option<MemberId>,
    /// What the member can refuse: a plugin or nothing, and the name of the mail or a topic's id.
    pub topic: Option<(String, String)>,
    /// Somebody waits for it.
    pub urgent: bool,
    pub created: Timestamp,
}

/// What became of a mail on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailEnd {
    Sent,
    /// In development: it is kept, to be read in the inbox.
    Kept {
        subject: String,
        body: String,
    },
    /// Given up.
    Failed {
        problem: String,
    },
    /// Its server says that there is no such mailbox: nothing but what somebody waits for goes there any more.
    Refused {
        problem: String,
    },
    /// The server may or may not have it.
    InDoubt {
        problem: String,
    },
    /// Tried again at `next`; `counts` as one of its attempts.
    Again {
        next: Timestamp,
        problem: String,
        counts: bool,
    },
}

/// An outcome that is to be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailOutcome {
    pub organisation: OrganisationId,
    pub id: Uuid,
    pub recipient: String,
    pub end: MailEnd,
}

/// How much a worker can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailAppetite {
    /// Mails of any kind.
    pub urgent: usize,
    /// Of these, at most so many notices and mailings.
    pub bulk: usize,
    /// Only mailings and tests of them: others stay where they are.
    pub mailings_only: bool,
    /// Whose turn was last.
    pub last: Option<OrganisationId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claimed {
    pub mails: Vec<ClaimedMail>,
    /// Those that were looked at and stay here, since something stands against them now.
    pub left_out: usize,
    pub last: Option<OrganisationId>,
}

#[derive(FromQueryResult)]
struct ClaimedRow {
    organisation_id: Uuid,
    organisation_slug: String,
    organisation_name: String,
    id: Uuid,
    recipient: String,
    subject: String,
    body: String,
    attempts: i64,
    mailing_id: Option<Uuid>,
    member_id: Option<Uuid>,
    topic_plugin: Option<String>,
    topic: Option<String>,
    priority: i64,
    created: i64,
    state: String,
}

#[derive(FromQueryResult)]
struct PlaceRow {
    organisation_id: Option<Uuid>,
}

/// Of a row of `mails`: a mailing goes to the address that its member has now. A test of one has no member.
const EMAIL: &str = "CASE WHEN mails.mailing_id IS NULL OR mails.member_id IS NULL THEN mails.recipient
    ELSE (SELECT m.email FROM members m WHERE m.organisation_id = mails.organisation_id AND m.id = mails.member_id) END";

const NOTICES: u8 = 1;
const MAILINGS: u8 = 2;

impl From<ClaimedRow> for ClaimedMail {
    fn from(row: ClaimedRow) -> Self {
        Self {
            organisation: OrganisationId(row.organisation_id),
            organisation_slug: row.organisation_slug,
            organisation_name: row.organisation_name,
            id: row.id,
            recipient: row.recipient,
            subject: row.subject,
            body: row.body,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            mailing: row.mailing_id,
            member: row.member_id.map(MemberId),
            topic: row.topic_plugin.zip(row.topic),
            urgent: row.priority == 0,
            created: Timestamp::from_millis(row.created),
        }
    }
}

impl Store {
    /// Whether a worker has anything to do. A look that locks nothing, since it is taken every few seconds.
    pub async fn is_mail_due_all_organisations(&self, now: Timestamp) -> Result<bool, StoreError> {
        #[derive(FromQueryResult)]
        struct CountRow {
            count: i64,
        }
        let sql = "SELECT count(*) AS count FROM (
                SELECT id FROM mails WHERE state IN ('waiting', 'sending') AND next_attempt <= $1 LIMIT 1) AS due";
        let row: Option<CountRow> = self.read().one(sql, [now.as_i64().into()]).await?;
        Ok(row.is_some_and(|row| row.count > 0))
    }

    /// Commits how mails fared and claims others, all in one transaction. If this process ends before it says how those fared, they
    /// count as in doubt from `lease` on.
    pub async fn exchange_mails_all_organisations(
        &self,
        outcomes: &[MailOutcome],
        appetite: MailAppetite,
        now: Timestamp,
        lease: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let transaction = self.begin().await?;
        let sql = Sql::on(&transaction);
        finish(&sql, outcomes, now).await?;
        let mut claim = Claim {
            sql: &sql,
            of_mailings: appetite.mailings_only,
            // SQLite has one writer, so nobody else can be claiming the same row.
            skip: if self.is_sqlite() { "" } else { "FOR UPDATE SKIP LOCKED" },
            now,
            lease,
            claimed: Claimed { last: appetite.last, ..Claimed::default() },
        };
        if appetite.urgent > 0 && !appetite.mailings_only {
            claim.take(0, None, appetite.urgent).await?;
        }
        let mut bulk = appetite.bulk.min(appetite.urgent.saturating_sub(claim.looked_at()));
        for priority in [NOTICES, MAILINGS] {
            if bulk > 0 {
                bulk = bulk.saturating_sub(claim.in_turn(priority, bulk).await?);
            }
        }
        let claimed = claim.claimed;
        transaction.commit().await?;
        Ok(claimed)
    }

    /// Marks those whose worker never said how they fared. Answers how many.
    pub async fn doubt_mails_all_organisations(&self, now: Timestamp) -> Result<u64, StoreError> {
        let update = "UPDATE mails SET state = 'in-doubt', body = '' WHERE state = 'sending' AND next_attempt <= $1";
        self.write().execute(update, [now.as_i64().into()]).await
    }

    /// On SQLite, where one process has the database: marks what was on the wire when the last one ended. Answers how many.
    pub async fn doubt_interrupted_mails_all_organisations(&self) -> Result<u64, StoreError> {
        if !self.is_sqlite() {
            return Ok(0);
        }
        self.write().execute("UPDATE mails SET state = 'in-doubt', body = '' WHERE state = 'sending'", []).await
    }
}

struct Claim<'a, C: ConnectionTrait> {
    sql: &'a Sql<'a, C>,
    of_mailings: bool,
    skip: &'static str,
    now: Timestamp,
    lease: Timestamp,
    claimed: Claimed,
}

impl<C: ConnectionTrait> Claim<'_, C> {
    fn looked_at(&self) -> usize {
        self.claimed.mails.len() + self.claimed.left_out
    }

    /// Those that are due longest, of one organisation or of any. What stands against a mail is asked again here.
    async fn take(&mut self, priority: u8, organisation: Option<OrganisationId>, most: usize) -> Result<usize, StoreError> {
        let wish = Wish {
            organisation: "mails.organisation_id",
            email: EMAIL,
            member: "mails.member_id",
            plugin: "mails.topic_plugin",
            topic: "mails.topic",
        };
        let barrier = wish.barrier();
        let mut values: Vec<Value> = vec![self.now.as_i64().into(), self.lease.as_i64().into(), i64::from(priority).into()];
        let of = match organisation {
            Some(organisation) => {
                values.push(organisation.0.into());
                "AND organisation_id = $4"
            }
            None => "",
        };
        let of_mailings = if self.of_mailings { "AND mailing_id IS NOT NULL" } else { "" };
        let text = format!(
            "WITH due AS MATERIALIZED (
                SELECT organisation_id, id FROM mails WHERE state = 'waiting' AND priority = $3 {of} {of_mailings} AND next_attempt <= $1
                ORDER BY next_attempt, id LIMIT {most} {skip})
             UPDATE mails SET state = CASE WHEN ({barrier}) IS NULL THEN 'sending' ELSE 'left-out' END, problem = ({barrier}),
                attempts = attempts + 1, next_attempt = $2, recipient = coalesce({EMAIL}, '')
             WHERE (organisation_id, id) IN (SELECT organisation_id, id FROM due)
             RETURNING organisation_id, id, recipient, subject, body, attempts, mailing_id, member_id, topic_plugin, topic, priority, created, state,
                (SELECT o.slug FROM organisations o WHERE o.id = mails.organisation_id) AS organisation_slug,
                (SELECT o.name FROM organisations o WHERE o.id = mails.organisation_id) AS organisation_name",
            skip = self.skip,
        );
        let mut rows: Vec<ClaimedRow> = self.sql.all(&text, values).await?;
        // Ids begin with the time at which they were made.
        rows.sort_by_key(|row| row.id);
        let taken = rows.len();
        for row in rows {
            if row.state == "sending" {
                self.claimed.mails.push(row.into());
            } else {
                self.claimed.left_out += 1;
            }
        }
        Ok(taken)
    }

    /// From one organisation after the other, beginning behind the one whose turn was last.
    async fn in_turn(&mut self, priority: u8, most: usize) -> Result<usize, StoreError> {
        let organisations = self.organisations(priority).await?;
        if organisations.is_empty() {
            return Ok(0);
        }
        let first = organisations.iter().position(|organisation| Some(*organisation) > self.claimed.last).unwrap_or(0);
        let share = most.div_ceil(organisations.len());
        let mut taken = 0;
        // A second round gives to others what one did not need.
        for organisation in organisations.iter().cycle().skip(first).take(2 * organisations.len()) {
            if taken == most {
                break;
            }
            let found = self.take(priority, Some(*organisation), share.min(most - taken)).await?;
            if found > 0 {
                self.claimed.last = Some(*organisation);
            }
            taken += found;
        }
        Ok(taken)
    }

    /// Those for which something of this kind waits, by id: from one to the next in the index, however much each has.
    async fn organisations(&self, priority: u8) -> Result<Vec<OrganisationId>, StoreError> {
        let next = "SELECT m.organisation_id FROM mails m WHERE m.state = 'waiting' AND m.priority = $1";
        let text = format!(
            "WITH RECURSIVE turn (organisation_id) AS (
                SELECT ({next} ORDER BY m.organisation_id LIMIT 1)
                UNION ALL
                SELECT ({next} AND m.organisation_id > turn.organisation_id ORDER BY m.organisation_id LIMIT 1)
                FROM turn WHERE turn.organisation_id IS NOT NULL)
             SELECT organisation_id FROM turn"
        );
        let rows: Vec<PlaceRow> = self.sql.all(&text, [i64::from(priority).into()]).await?;
        Ok(rows.into_iter().filter_map(|row| row.organisation_id).map(OrganisationId).collect())
    }
}

/// The mail is out, or given up: its text, which may hold a code, is not kept.
async fn finish<C: ConnectionTrait>(sql: &Sql<'_, C>, outcomes: &[MailOutcome], now: Timestamp) -> Result<(), StoreError> {
    let mut sent: BTreeMap<OrganisationId, Vec<Uuid>> = BTreeMap::new();
    for outcome in outcomes {
        let place: [Value; 2] = [outcome.organisation.0.into(), outcome.id.into()];
        let (set, values): (&str, Vec<Value>) = match &outcome.end {
            MailEnd::Sent => {
                sent.entry(outcome.organisation).or_default().push(outcome.id);
                continue;
            }
            MailEnd::Kept { subject, body } => {
                ("state = 'sent', problem = NULL, subject = $3, body = $4", vec![subject.as_str().into(), body.as_str().into()])
            }
            MailEnd::Failed { problem } | MailEnd::Refused { problem } => {
                ("state = 'failed', problem = $3, body = ''", vec![problem.as_str().into()])
            }
            MailEnd::InDoubt { problem } => ("state = 'in-doubt', problem = $3, body = ''", vec![problem.as_str().into()]),
            MailEnd::Again { next, problem, counts } => (
                "state = 'waiting', problem = $3, next_attempt = $4, attempts = attempts - $5",
                vec![problem.as_str().into(), next.as_i64().into(), i64::from(!counts).into()],
            ),
        };
        let update = format!("UPDATE mails SET {set} WHERE organisation_id = $1 AND id = $2 AND state = 'sending'");
        sql.execute(&update, place.into_iter().chain(values)).await?;
        if let MailEnd::Refused { problem } = &outcome.end {
            let insert = "INSERT INTO mail_suppressions (organisation_id, email, reason, created) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING";
            let values: [Value; 4] =
                [outcome.organisation.0.into(), outcome.recipient.as_str().into(), problem.as_str().into(), now.as_i64().into()];
            sql.execute(insert, values).await?;
        }
    }
    for (organisation, ids) in sent {
        let update = format!(
            "UPDATE mails SET state = 'sent', problem = NULL, body = '' WHERE organisation_id = $1 AND state = 'sending' AND id IN ({})",
            placeholders(1, ids.len())
        );
        let first: Value = organisation.0.into();
        sql.execute(&update, std::iter::once(first).chain(ids.into_iter().map(Value::from))).await?;
    }
    Ok(())
}
