//! Whom a mailing is for: members page by page, each with what stands against it, and the mails that come of that. A page is
//! committed with the place where the next one begins, so a process that ends in the middle leaves nothing out and nothing twice.

use crate::mail_wishes::Wish;
use crate::memberships::status_of;
use crate::sql::{Sql, placeholders};
use crate::{OrganisationStore, StoreError};
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::visitor::MemberFacts;
use tsudoi_kernel::{Locale, MemberId, Timestamp};
use uuid::Uuid;

/// SQL for the members `m` to whom mailings go at all: those whose membership is on, or in its days of grace.
const ADDRESSED: &str = "m.status IN ('current', 'grace')";

/// Rows of one statement.
const ROWS: usize = 500;

/// A member to whom a mailing may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    pub facts: MemberFacts,
    pub email: Option<String>,
    /// What stands against it.
    pub barrier: Option<String>,
}

/// A mail of a mailing, before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryDraft {
    pub id: Uuid,
    pub member: MemberId,
    pub email: String,
    /// Why it is left out.
    pub barrier: Option<String>,
}

/// One page of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPage {
    pub mailing: Uuid,
    pub topic: Uuid,
    /// Where it began, and the last member on it.
    pub from: Uuid,
    pub to: Uuid,
    pub is_last: bool,
    pub deliveries: Vec<DeliveryDraft>,
}

/// What of a member is filled into a mailing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    pub id: MemberId,
    pub number: String,
    pub family_name: String,
    pub given_name: String,
    pub display_name: String,
    pub tier: Option<String>,
    /// The language that they chose for mails.
    pub locale: Option<Locale>,
}

#[derive(FromQueryResult)]
struct AddresseeRow {
    id: Uuid,
    display_name: String,
    member_type: Option<String>,
    status: String,
    tier: Option<String>,
    email: Option<String>,
    barrier: Option<String>,
    label: Option<String>,
}

#[derive(FromQueryResult)]
struct ReaderRow {
    id: Uuid,
    number: String,
    family_name: String,
    given_name: String,
    display_name: String,
    tier: Option<String>,
    mail_locale: Option<String>,
}

impl OrganisationStore {
    /// Members above `after` in the order of their ids, for a mailing about `topic`.
    pub async fn addressees(&self, topic: Uuid, after: Uuid, limit: u32) -> Result<Vec<Addressee>, StoreError> {
        let wish = Wish { organisation: "m.organisation_id", email: "m.email", member: "m.id", plugin: "''", topic: "$3" };
        let select = format!(
            "SELECT m.id, m.display_name, m.member_type, m.status, m.tier, m.email, {barrier} AS barrier, l.label FROM members m
             LEFT JOIN member_labels l ON l.organisation_id = m.organisation_id AND l.member_id = m.id
             WHERE m.organisation_id = $1 AND m.id IN (SELECT m.id FROM members m WHERE m.organisation_id = $1 AND m.id > $2 AND {ADDRESSED}
                 ORDER BY m.id LIMIT {limit})
             ORDER BY m.id",
            barrier = wish.barrier(),
        );
        let values: [Value; 3] = [self.id.0.into(), after.into(), topic.to_string().into()];
        let rows: Vec<AddresseeRow> = self.store.read().all(&select, values).await?;
        let mut addressees: Vec<Addressee> = Vec::with_capacity(rows.len());
        for row in rows {
            match addressees.last_mut().filter(|last| last.facts.id.0 == row.id) {
                // One row for each label.
                Some(last) => last.facts.labels.extend(row.label),
                None => addressees.push(Addressee {
                    facts: MemberFacts {
                        id: MemberId(row.id),
                        display_name: row.display_name,
                        member_type: row.member_type,
                        status: status_of(&row.status)?,
                        tier: row.tier,
                        labels: row.label.into_iter().collect(),
                    },
                    email: row.email,
                    barrier: row.barrier,
                }),
            }
        }
        Ok(addressees)
    }

    /// Writes one page and where the next one begins. Answers whether it was still to be written: somebody else may have, or staff
    /// stopped the mailing.
    pub async fn plan_mailing(&self, page: &PlanPage, now: Timestamp) -> Result<bool, StoreError> {
        let transaction = self.store.begin().await?;
        let sql = Sql::on(&transaction);
        let update = "UPDATE mailings SET cursor = $4, state = $5, updated = $6
            WHERE organisation_id = $1 AND id = $2 AND state = 'planning' AND cursor = $3";
        let state = if page.is_last { "sending" } else { "planning" };
        let values: [Value; 6] =
            [self.id.0.into(), page.mailing.into(), page.from.into(), page.to.into(), state.into(), now.as_i64().into()];
        if sql.execute(update, values).await? == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        for deliveries in page.deliveries.chunks(ROWS) {
            let mut values: Vec<Value> = vec![self.id.0.into(), page.mailing.into(), now.as_i64().into(), page.topic.to_string().into()];
            let mut rows = Vec::with_capacity(deliveries.len());
            for delivery in deliveries {
                let n = values.len();
                rows.push(format!("($1, ${}, ${}, '', '', ${}, $3, ${}, $3, 2, $2, ${}, '', $4)", n + 1, n + 2, n + 3, n + 4, n + 5));
                let state = if delivery.barrier.is_some() { "left-out" } else { "waiting" };
                values.extend([
                    delivery.id.into(),
                    delivery.email.as_str().into(),
                    state.into(),
                    delivery.barrier.clone().into(),
                    delivery.member.0.into(),
                ]);
            }
            let insert = format!(
                "INSERT INTO mails (organisation_id, id, recipient, subject, body, state, next_attempt, problem, created, priority,
                     mailing_id, member_id, topic_plugin, topic)
                 VALUES {} ON CONFLICT DO NOTHING",
                rows.join(", ")
            );
            sql.execute(&insert, values).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// What of these members goes into a text.
    pub async fn readers(&self, members: &[MemberId]) -> Result<Vec<Reader>, StoreError> {
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let select = format!(
            "SELECT id, number, family_name, given_name, display_name, tier, mail_locale FROM members
             WHERE organisation_id = $1 AND id IN ({})",
            placeholders(1, members.len())
        );
        let first: Value = self.id.0.into();
        let rows: Vec<ReaderRow> =
            self.store.read().all(&select, std::iter::once(first).chain(members.iter().map(|member| member.0.into()))).await?;
        let reader = |row: ReaderRow| Reader {
            id: MemberId(row.id),
            number: row.number,
            family_name: row.family_name,
            given_name: row.given_name,
            display_name: row.display_name,
            tier: row.tier,
            locale: row.mail_locale.and_then(|tag| Locale::from_tag(&tag)),
        };
        Ok(rows.into_iter().map(reader).collect())
    }
}
