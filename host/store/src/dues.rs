//! Dues, whom they were asked of, and the periods that having paid gives.

use crate::billing::Billing;
use crate::memberships::status_of;
use crate::sql::placeholders;
use crate::{ChangeTransaction, OrganisationStore, PeriodDraft, Store, StoreError};
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::dues::{Dues, DuesState};
use tsudoi_kernel::membership::MembershipStatus;
use tsudoi_kernel::{AccountId, MemberId, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct DuesRecord {
    pub id: Uuid,
    pub dues: Dues,
    pub state: DuesState,
    /// The member behind whom a run goes on.
    pub reached: Option<MemberId>,
    /// Who began the run.
    pub by: Option<AccountId>,
    pub updated: Timestamp,
}

/// A member as far as dues ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuesMember {
    pub id: MemberId,
    pub number: String,
    pub family_name: String,
    pub given_name: String,
    pub display_name: String,
    pub email: Option<String>,
    pub member_type: Option<String>,
    pub tier: Option<String>,
    pub status: MembershipStatus,
    /// They were asked, or had nothing to pay.
    pub is_done: bool,
    /// A period that ends holds the term's first day.
    pub is_covered: bool,
    /// The method that they saved last: with which plugin, and what they know it by.
    pub method: Option<(String, String)>,
}

/// Whom dues were asked of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub member: MemberId,
    /// Without one they had nothing to pay.
    pub invoice: Option<Uuid>,
    pub member_type: Option<String>,
}

/// What has come of dues so far. Amounts are in the currency's smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromQueryResult)]
pub struct DuesSums {
    /// Members who had nothing to pay.
    pub free: i64,
    pub invoices: i64,
    pub total: i64,
    /// Invoices of which nothing is to be paid any more.
    pub settled: i64,
    pub paid: i64,
    /// What is to be paid still.
    pub open: i64,
}

#[derive(FromQueryResult)]
struct DuesRow {
    id: Uuid,
    body: String,
    state: String,
    reached: Option<Uuid>,
    account_id: Option<Uuid>,
    updated: i64,
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: Uuid,
    number: String,
    family_name: String,
    given_name: String,
    display_name: String,
    email: Option<String>,
    member_type: Option<String>,
    tier: Option<String>,
    status: String,
    is_done: i64,
    is_covered: i64,
    method_plugin: Option<String>,
    method_label: Option<String>,
}

#[derive(FromQueryResult)]
struct PaidRow {
    dues_id: Uuid,
    member_id: Uuid,
    member_type: Option<String>,
    period_id: Option<Uuid>,
    body: String,
}

impl TryFrom<DuesRow> for DuesRecord {
    type Error = StoreError;

    fn try_from(row: DuesRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            dues: serde_json::from_str(&row.body)?,
            state: DuesState::parse(&row.state).ok_or_else(|| StoreError::Broken(format!("dues in the state {}", row.state)))?,
            reached: row.reached.map(MemberId),
            by: row.account_id.map(AccountId),
            updated: Timestamp::from_millis(row.updated),
        })
    }
}

impl TryFrom<MemberRow> for DuesMember {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: MemberId(row.id),
            status: status_of(&row.status)?,
            number: row.number,
            family_name: row.family_name,
            given_name: row.given_name,
            display_name: row.display_name,
            email: row.email,
            member_type: row.member_type,
            tier: row.tier,
            is_done: row.is_done != 0,
            is_covered: row.is_covered != 0,
            method: row.method_plugin.zip(row.method_label),
        })
    }
}

const DUES: &str = "SELECT id, body, state, reached, account_id, updated FROM dues WHERE organisation_id = $1";
const MEMBERS: &str = "SELECT m.id, m.number, m.family_name, m.given_name, m.display_name, m.email, m.member_type, m.tier, m.status,
     CAST(CASE WHEN EXISTS (SELECT 1 FROM dues_members d WHERE d.organisation_id = m.organisation_id AND d.dues_id = $2 AND d.member_id = m.id)
          THEN 1 ELSE 0 END AS BIGINT) AS is_done,
     CAST(CASE WHEN EXISTS (SELECT 1 FROM membership_periods p WHERE p.organisation_id = m.organisation_id AND p.member_id = m.id
                       AND p.replaced IS NULL AND p.begins <= $3 AND p.ends >= $3) THEN 1 ELSE 0 END AS BIGINT) AS is_covered,
     s.plugin_id AS method_plugin, s.label AS method_label
     FROM members m LEFT JOIN saved_methods s ON s.organisation_id = m.organisation_id AND s.member_id = m.id AND NOT EXISTS
         (SELECT 1 FROM saved_methods later WHERE later.organisation_id = s.organisation_id AND later.member_id = s.member_id
              AND (later.at > s.at OR later.at = s.at AND later.plugin_id > s.plugin_id))
     WHERE m.organisation_id = $1 AND m.id > $4 ORDER BY m.id LIMIT";

fn members_after(organisation: Uuid, id: Uuid, dues: &Dues, after: Option<MemberId>) -> [Value; 4] {
    [organisation.into(), id.into(), dues.begins.to_string().into(), after.map_or(Uuid::nil(), |after| after.0).into()]
}

impl OrganisationStore {
    /// The latest term first.
    pub async fn all_dues(&self) -> Result<Vec<DuesRecord>, StoreError> {
        let rows: Vec<DuesRow> = self.store.read().all(&format!("{DUES} ORDER BY begins DESC, id DESC"), [self.id.0.into()]).await?;
        rows.into_iter().map(DuesRecord::try_from).collect()
    }

    pub async fn dues(&self, id: Uuid) -> Result<Option<DuesRecord>, StoreError> {
        let row: Option<DuesRow> = self.store.read().one(&format!("{DUES} AND id = $2"), [self.id.0.into(), id.into()]).await?;
        row.map(DuesRecord::try_from).transpose()
    }

    /// Members as far as dues ask, by their ids, after `after`.
    pub async fn dues_members(&self, id: Uuid, dues: &Dues, after: Option<MemberId>, limit: u32) -> Result<Vec<DuesMember>, StoreError> {
        let values = members_after(self.id.0, id, dues, after);
        let rows: Vec<MemberRow> = self.store.read().all(&format!("{MEMBERS} {limit}"), values).await?;
        rows.into_iter().map(DuesMember::try_from).collect()
    }

    pub async fn dues_sums(&self, id: Uuid) -> Result<DuesSums, StoreError> {
        let sums = "SELECT CAST(coalesce(sum(CASE WHEN d.invoice_id IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS free,
                 count(i.id) AS invoices, CAST(coalesce(sum(i.total - i.credited), 0) AS BIGINT) AS total,
                 CAST(coalesce(sum(CASE WHEN i.total - i.credited - i.paid = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS settled,
                 CAST(coalesce(sum(i.paid), 0) AS BIGINT) AS paid,
                 CAST(coalesce(sum(i.total - i.credited - i.paid), 0) AS BIGINT) AS open
             FROM dues_members d LEFT JOIN invoices i ON i.organisation_id = d.organisation_id AND i.id = d.invoice_id
             WHERE d.organisation_id = $1 AND d.dues_id = $2";
        let row: Option<DuesSums> = self.store.read().one(sums, [self.id.0.into(), id.into()]).await?;
        Ok(row.unwrap_or_default())
    }
}

impl Store {
    /// Dues whose invoices are being issued, with the slug of their organisation.
    pub async fn dues_at_work_all_organisations(&self) -> Result<Vec<(String, Uuid)>, StoreError> {
        #[derive(FromQueryResult)]
        struct WorkRow {
            slug: String,
            id: Uuid,
        }
        let select = "SELECT o.slug, d.id FROM dues d JOIN organisations o ON o.id = d.organisation_id WHERE d.state = 'running'";
        Ok(self.read().all::<WorkRow>(select, []).await?.into_iter().map(|row| (row.slug, row.id)).collect())
    }
}

impl ChangeTransaction {
    /// As they are within this transaction.
    pub async fn current_dues(&self, id: Uuid) -> Result<Option<DuesRecord>, StoreError> {
        let row: Option<DuesRow> = self.sql().one(&format!("{DUES} AND id = $2"), [self.organisation().0.into(), id.into()]).await?;
        row.map(DuesRecord::try_from).transpose()
    }

    pub async fn set_dues(&self, id: Uuid, dues: &Dues) -> Result<(), StoreError> {
        let upsert = "INSERT INTO dues (organisation_id, id, begins, body, state, created, updated) VALUES ($1, $2, $3, $4, 'idle', $5, $5)
             ON CONFLICT (organisation_id, id) DO UPDATE SET begins = excluded.begins, body = excluded.body, updated = excluded.updated";
        let values: [Value; 5] = [
            self.organisation().0.into(),
            id.into(),
            dues.begins.to_string().into(),
            serde_json::to_string(dues)?.into(),
            self.at().as_i64().into(),
        ];
        self.sql().execute(upsert, values).await?;
        Ok(())
    }

    /// Only those of which nobody was asked yet.
    pub async fn delete_dues(&self, id: Uuid) -> Result<bool, StoreError> {
        let delete = "DELETE FROM dues WHERE organisation_id = $1 AND id = $2 AND state = 'idle'
             AND NOT EXISTS (SELECT 1 FROM dues_members d WHERE d.organisation_id = $1 AND d.dues_id = $2)";
        Ok(self.sql().execute(delete, [self.organisation().0.into(), id.into()]).await? == 1)
    }

    /// Begins a run, lets it go on behind a member, or ends it.
    pub async fn move_dues(&self, id: Uuid, state: DuesState, reached: Option<MemberId>, by: Option<AccountId>) -> Result<(), StoreError> {
        let update = "UPDATE dues SET state = $3, reached = $4, account_id = $5, updated = $6 WHERE organisation_id = $1 AND id = $2";
        let values: [Value; 6] = [
            self.organisation().0.into(),
            id.into(),
            state.as_str().into(),
            reached.map(|member| member.0).into(),
            by.map(|by| by.0).into(),
            self.at().as_i64().into(),
        ];
        self.sql().execute(update, values).await?;
        Ok(())
    }

    pub async fn current_dues_members(&self, record: &DuesRecord, limit: u32) -> Result<Vec<DuesMember>, StoreError> {
        let values = members_after(self.organisation().0, record.id, &record.dues, record.reached);
        let rows: Vec<MemberRow> = self.sql().all(&format!("{MEMBERS} {limit}"), values).await?;
        rows.into_iter().map(DuesMember::try_from).collect()
    }

    /// Says whom dues were asked of: each member once, which the key sees to.
    pub async fn add_asked(&self, id: Uuid, asked: &[Asked]) -> Result<(), StoreError> {
        for some in asked.chunks(100) {
            let (mut rows, mut values): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
            for one in some {
                rows.push(format!("({})", placeholders(values.len(), 6)));
                values.extend([
                    self.organisation().0.into(),
                    id.into(),
                    one.member.0.into(),
                    one.invoice.into(),
                    one.member_type.clone().into(),
                    Value::from(self.at().as_i64()),
                ]);
            }
            let insert = format!(
                "INSERT INTO dues_members (organisation_id, dues_id, member_id, invoice_id, member_type, at) VALUES {}",
                rows.join(", ")
            );
            self.sql().execute(&insert, values).await?;
        }
        Ok(())
    }

    async fn set_given_period(&self, dues: Uuid, member: MemberId, period: Option<Uuid>) -> Result<(), StoreError> {
        let update = "UPDATE dues_members SET period_id = $4 WHERE organisation_id = $1 AND dues_id = $2 AND member_id = $3";
        self.sql().execute(update, [self.organisation().0.into(), dues.into(), member.0.into(), period.into()]).await?;
        Ok(())
    }
}

impl Billing<'_> {
    /// Who has paid their dues is a member in the term: an invoice of dues that is settled enters the period, and takes it away again
    /// where what was paid is given back or the invoice is taken back.
    pub(crate) async fn settle_dues(&mut self, invoice: Uuid) -> Result<(), StoreError> {
        let select = "SELECT d.dues_id, d.member_id, d.member_type, d.period_id, u.body FROM dues_members d
             JOIN dues u ON u.organisation_id = d.organisation_id AND u.id = d.dues_id WHERE d.organisation_id = $1 AND d.invoice_id = $2";
        let organisation = self.transaction.organisation();
        let row: Option<PaidRow> = self.transaction.sql().one(select, [organisation.0.into(), invoice.into()]).await?;
        let Some(row) = row else { return Ok(()) };
        let Some(record) = self.transaction.current_invoice(invoice).await? else { return Ok(()) };
        let is_paid = record.settled.open() == 0 && record.settled.credited < record.settled.total;
        let member = MemberId(row.member_id);
        match (is_paid, row.period_id) {
            (true, None) => self.give_period(row.dues_id, member, row.member_type, &serde_json::from_str(&row.body)?).await,
            (false, Some(period)) => {
                self.transaction.set_given_period(row.dues_id, member, None).await?;
                self.transaction.replace_period(member, period, None).await?;
                self.refresh(member).await
            }
            (true, Some(_)) | (false, _) => Ok(()),
        }
    }

    /// Enters the term as a period of the member's, as far as its days are not taken.
    pub async fn give_period(&mut self, id: Uuid, member: MemberId, member_type: Option<String>, dues: &Dues) -> Result<(), StoreError> {
        let standing = self.transaction.periods(member).await?;
        let Some(period) = dues.period(self.fresh_id(), member_type, &standing) else { return Ok(()) };
        let draft = PeriodDraft { period: period.clone(), note: dues.name.clone(), by: self.account() };
        self.transaction.add_period(member, &draft).await?;
        self.transaction.set_given_period(id, member, Some(period.id)).await?;
        self.refresh(member).await
    }

    async fn refresh(&mut self, member: MemberId) -> Result<(), StoreError> {
        let types = self.transaction.current_member_types().await?;
        self.transaction.refresh_standing(member, self.today, &types).await?;
        Ok(())
    }
}
