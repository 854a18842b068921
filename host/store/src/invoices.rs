//! Invoices and credit notes. Issued ones never change, but for the sums of what was paid and credited.

use crate::member_list::anywhere;
use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use tsudoi_kernel::changes::{Change, INVOICE_SETTINGS, RECEIVABLES, invoice_fact};
use tsudoi_kernel::invoice::{InvoiceDraft, InvoiceSettings, Paper, Settled, Standing};
use tsudoi_kernel::time::NaiveDate;
use tsudoi_kernel::{MemberId, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub enum InvoiceBody {
    Draft(InvoiceDraft),
    Issued(Box<Paper>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceRecord {
    pub id: Uuid,
    /// Whose it is, while they are a member.
    pub member: Option<MemberId>,
    pub body: InvoiceBody,
    pub settled: Settled,
    pub created: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreditNote {
    pub id: Uuid,
    pub invoice: Uuid,
    pub paper: Paper,
}

/// Which invoices a list shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InvoiceFilter {
    /// Where they stand on the day.
    pub standing: Option<Standing>,
    /// All that is to be paid, due or not.
    pub unpaid: bool,
    pub member: Option<MemberId>,
    /// Folded words, all of which are found.
    pub words: Vec<String>,
    /// Dates of issue, `2026-11-22`.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Totals.
    pub least: Option<i64>,
    pub most: Option<i64>,
}

#[derive(FromQueryResult)]
struct InvoiceRow {
    id: Uuid,
    member_id: Option<Uuid>,
    number: Option<String>,
    body: String,
    total: i64,
    credited: i64,
    paid: i64,
    created: i64,
}

#[derive(FromQueryResult)]
struct NoteRow {
    id: Uuid,
    invoice_id: Uuid,
    body: String,
}

#[derive(FromQueryResult)]
struct BodyRow {
    body: String,
}

const INVOICE: &str = "SELECT id, member_id, number, body, total, credited, paid, created FROM invoices WHERE organisation_id = $1";
const NOTE: &str = "SELECT id, invoice_id, body FROM credit_notes WHERE organisation_id = $1";
/// As the index has it.
const TO_BE_PAID: &str = "number IS NOT NULL AND total - credited - paid > 0";

impl InvoiceRecord {
    /// The document, once it is issued.
    pub fn paper(&self) -> Option<&Paper> {
        match &self.body {
            InvoiceBody::Issued(paper) => Some(paper),
            InvoiceBody::Draft(_) => None,
        }
    }

    pub fn draft(&self) -> Option<&InvoiceDraft> {
        match &self.body {
            InvoiceBody::Draft(draft) => Some(draft),
            InvoiceBody::Issued(_) => None,
        }
    }

    pub fn standing(&self, today: NaiveDate) -> Standing {
        match &self.body {
            InvoiceBody::Draft(_) => Standing::Draft,
            InvoiceBody::Issued(paper) => self.settled.standing(paper.due_on.unwrap_or(paper.issued_on), today),
        }
    }
}

impl TryFrom<InvoiceRow> for InvoiceRecord {
    type Error = StoreError;

    fn try_from(row: InvoiceRow) -> Result<Self, StoreError> {
        let body = match row.number {
            Some(_) => InvoiceBody::Issued(serde_json::from_str(&row.body)?),
            None => InvoiceBody::Draft(serde_json::from_str(&row.body)?),
        };
        Ok(Self {
            id: row.id,
            member: row.member_id.map(MemberId),
            body,
            settled: Settled { total: row.total, credited: row.credited, paid: row.paid },
            created: Timestamp::from_millis(row.created),
        })
    }
}

impl TryFrom<NoteRow> for CreditNote {
    type Error = StoreError;

    fn try_from(row: NoteRow) -> Result<Self, StoreError> {
        Ok(Self { id: row.id, invoice: row.invoice_id, paper: serde_json::from_str(&row.body)? })
    }
}

async fn settings<C: ConnectionTrait>(sql: Sql<'_, C>, organisation: Uuid) -> Result<Option<InvoiceSettings>, StoreError> {
    let row: Option<BodyRow> = sql.one("SELECT body FROM invoice_settings WHERE organisation_id = $1", [organisation.into()]).await?;
    Ok(row.map(|row| serde_json::from_str(&row.body)).transpose()?)
}

async fn invoice<C: ConnectionTrait>(sql: Sql<'_, C>, organisation: Uuid, id: Uuid) -> Result<Option<InvoiceRecord>, StoreError> {
    let row: Option<InvoiceRow> = sql.one(&format!("{INVOICE} AND id = $2"), [organisation.into(), id.into()]).await?;
    row.map(InvoiceRecord::try_from).transpose()
}

async fn notes_of<C: ConnectionTrait>(sql: Sql<'_, C>, organisation: Uuid, invoice: Uuid) -> Result<Vec<CreditNote>, StoreError> {
    let rows: Vec<NoteRow> = sql.all(&format!("{NOTE} AND invoice_id = $2 ORDER BY id"), [organisation.into(), invoice.into()]).await?;
    rows.into_iter().map(CreditNote::try_from).collect()
}

impl OrganisationStore {
    pub async fn invoice_settings(&self) -> Result<Option<InvoiceSettings>, StoreError> {
        settings(self.store.read(), self.id.0).await
    }

    pub async fn invoice(&self, id: Uuid) -> Result<Option<InvoiceRecord>, StoreError> {
        invoice(self.store.read(), self.id.0, id).await
    }

    /// The latest first, from before `before`. `today`: where they stand depends on it.
    pub async fn invoices(
        &self,
        filter: &InvoiceFilter,
        today: &str,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<InvoiceRecord>, StoreError> {
        let (mut sql, mut values): (String, Vec<Value>) = (INVOICE.to_owned(), vec![self.id.0.into()]);
        let mut and = |condition: &str, value: Value| {
            values.push(value);
            sql.push_str(&format!(" AND {}", condition.replace('?', &format!("${}", values.len()))));
        };
        for word in &filter.words {
            and("search LIKE ? ESCAPE '\\'", anywhere(word).into());
        }
        let bounds = [("issued_on >= ?", &filter.from), ("issued_on <= ?", &filter.to)];
        bounds.into_iter().filter_map(|(sql, date)| Some((sql, date.as_ref()?))).for_each(|(sql, date)| and(sql, date.as_str().into()));
        let amounts = [("total >= ?", filter.least), ("total <= ?", filter.most)];
        amounts.into_iter().filter_map(|(sql, amount)| Some((sql, amount?))).for_each(|(sql, amount)| and(sql, amount.into()));
        if let Some(member) = filter.member {
            and("member_id = ?", member.0.into());
        }
        if let Some(before) = before {
            and("id < ?", before.into());
        }
        match filter.standing {
            Some(Standing::Overdue) => and("due_on < ?", today.into()),
            Some(Standing::Open) => and("due_on >= ? AND paid = 0", today.into()),
            Some(Standing::PartlyPaid) => and("due_on >= ? AND paid > 0", today.into()),
            _ => {}
        }
        match filter.standing {
            Some(Standing::Draft) => sql.push_str(" AND number IS NULL"),
            Some(Standing::Void) => sql.push_str(" AND number IS NOT NULL AND credited = total"),
            Some(Standing::Paid) => sql.push_str(" AND number IS NOT NULL AND total - credited - paid = 0 AND credited < total"),
            Some(Standing::Overdue | Standing::Open | Standing::PartlyPaid) => sql.push_str(&format!(" AND {TO_BE_PAID}")),
            None if filter.unpaid => sql.push_str(&format!(" AND {TO_BE_PAID}")),
            None => {}
        }
        sql.push_str(&format!(" ORDER BY id DESC LIMIT {limit}"));
        let rows: Vec<InvoiceRow> = self.store.read().all(&sql, values).await?;
        rows.into_iter().map(InvoiceRecord::try_from).collect()
    }

    /// What is to be paid, the longest due first, after that of `after` (its due date and id).
    pub async fn invoices_to_be_paid(&self, after: Option<(&str, Uuid)>, limit: u32) -> Result<Vec<InvoiceRecord>, StoreError> {
        let (due, id) = after.unwrap_or(("", Uuid::nil()));
        let sql = format!("{INVOICE} AND {TO_BE_PAID} AND (due_on > $2 OR due_on = $2 AND id > $3) ORDER BY due_on, id LIMIT {limit}");
        let rows: Vec<InvoiceRow> = self.store.read().all(&sql, [self.id.0.into(), due.into(), id.into()]).await?;
        rows.into_iter().map(InvoiceRecord::try_from).collect()
    }

    /// How many are to be paid and how much, of those that were due before each of `days`, latest day first: each invoice counts in
    /// the first of them that it fits.
    pub async fn ageing(&self, days: &[String]) -> Result<Vec<(u64, i64)>, StoreError> {
        #[derive(FromQueryResult)]
        struct AgeRow {
            place: i64,
            count: i64,
            amount: i64,
        }
        let (mut cases, mut values): (String, Vec<Value>) = (String::new(), vec![self.id.0.into()]);
        for (place, day) in days.iter().enumerate() {
            values.push(day.as_str().into());
            cases.push_str(&format!(" WHEN due_on >= ${} THEN {place}", values.len()));
        }
        let sql = format!(
            "SELECT CAST(place AS BIGINT) AS place, count(*) AS count, CAST(sum(amount) AS BIGINT) AS amount FROM (
                 SELECT CASE {cases} ELSE {} END AS place, total - credited - paid AS amount FROM invoices
                 WHERE organisation_id = $1 AND {TO_BE_PAID}) ages GROUP BY place",
            days.len()
        );
        let mut sums = vec![(0, 0); days.len() + 1];
        for row in self.store.read().all::<AgeRow>(&sql, values).await? {
            if let Some(sum) = usize::try_from(row.place).ok().and_then(|place| sums.get_mut(place)) {
                *sum = (row.count.unsigned_abs(), row.amount);
            }
        }
        Ok(sums)
    }

    pub async fn credit_note(&self, id: Uuid) -> Result<Option<CreditNote>, StoreError> {
        let row: Option<NoteRow> = self.store.read().one(&format!("{NOTE} AND id = $2"), [self.id.0.into(), id.into()]).await?;
        row.map(CreditNote::try_from).transpose()
    }

    pub async fn credit_notes_of(&self, invoice: Uuid) -> Result<Vec<CreditNote>, StoreError> {
        notes_of(self.store.read(), self.id.0, invoice).await
    }
}

impl ChangeTransaction {
    pub async fn set_invoice_settings(&mut self, settings: &InvoiceSettings) -> Result<(), StoreError> {
        let upsert = "INSERT INTO invoice_settings (organisation_id, body, updated) VALUES ($1, $2, $3)
             ON CONFLICT (organisation_id) DO UPDATE SET body = excluded.body, updated = excluded.updated";
        self.sql()
            .execute(upsert, [self.organisation().0.into(), serde_json::to_string(settings)?.into(), self.at().as_i64().into()])
            .await?;
        self.touch(Change::fact(INVOICE_SETTINGS));
        Ok(())
    }

    pub async fn current_invoice_settings(&self) -> Result<Option<InvoiceSettings>, StoreError> {
        settings(self.sql(), self.organisation().0).await
    }

    /// That an invoice has changed: for plugins that have seen it.
    pub(crate) fn touch_invoice(&mut self, id: Uuid) {
        self.touch(Change { facts: [invoice_fact(id), RECEIVABLES.to_owned()].into(), ..Change::default() });
    }

    /// What the plugin calls it that issued it, where one did.
    pub(crate) async fn current_invoice_origin(&self, id: Uuid) -> Result<Option<String>, StoreError> {
        #[derive(FromQueryResult)]
        struct OriginRow {
            reference: Option<String>,
        }
        let select = "SELECT reference FROM invoices WHERE organisation_id = $1 AND id = $2";
        let row: Option<OriginRow> = self.sql().one(select, [self.organisation().0.into(), id.into()]).await?;
        Ok(row.and_then(|row| row.reference))
    }

    pub(crate) async fn set_invoice_origin(&self, id: Uuid, plugin: &str, reference: &str) -> Result<(), StoreError> {
        let update = "UPDATE invoices SET plugin_id = $3, reference = $4 WHERE organisation_id = $1 AND id = $2";
        self.sql().execute(update, [self.organisation().0.into(), id.into(), plugin.into(), reference.into()]).await?;
        Ok(())
    }

    /// The next number of a series: given back where this transaction is not committed, so that there is no gap.
    pub async fn next_number(&self, series: &str, year: i32) -> Result<i64, StoreError> {
        #[derive(FromQueryResult)]
        struct LastRow {
            last: i64,
        }
        let next = "INSERT INTO number_series (organisation_id, series, year, last) VALUES ($1, $2, $3, 1)
             ON CONFLICT (organisation_id, series, year) DO UPDATE SET last = number_series.last + 1 RETURNING last";
        let row: Option<LastRow> = self.sql().one(next, [self.organisation().0.into(), series.into(), i64::from(year).into()]).await?;
        row.map(|row| row.last).ok_or_else(|| StoreError::Broken("a series without a number".into()))
    }

    /// As it is within this transaction.
    pub async fn current_invoice(&self, id: Uuid) -> Result<Option<InvoiceRecord>, StoreError> {
        invoice(self.sql(), self.organisation().0, id).await
    }

    pub async fn current_credit_notes(&self, invoice: Uuid) -> Result<Vec<CreditNote>, StoreError> {
        notes_of(self.sql(), self.organisation().0, invoice).await
    }

    /// Makes a draft, or changes it; one that was issued stays as it is. `total`: what it comes to so far.
    pub async fn set_invoice_draft(
        &self,
        id: Uuid,
        member: Option<MemberId>,
        draft: &InvoiceDraft,
        total: i64,
        search: &str,
    ) -> Result<(), StoreError> {
        let upsert = "INSERT INTO invoices (organisation_id, id, member_id, search, body, total, credited, paid, created, updated)
             VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $7)
             ON CONFLICT (organisation_id, id) DO UPDATE SET search = excluded.search, body = excluded.body, total = excluded.total,
                 updated = excluded.updated WHERE invoices.number IS NULL";
        let values: [Value; 7] = [
            self.organisation().0.into(),
            id.into(),
            member.map(|member| member.0).into(),
            search.into(),
            serde_json::to_string(draft)?.into(),
            total.into(),
            self.at().as_i64().into(),
        ];
        self.sql().execute(upsert, values).await?;
        Ok(())
    }

    /// Only a draft.
    pub async fn delete_invoice_draft(&self, id: Uuid) -> Result<bool, StoreError> {
        let delete = "DELETE FROM invoices WHERE organisation_id = $1 AND id = $2 AND number IS NULL";
        Ok(self.sql().execute(delete, [self.organisation().0.into(), id.into()]).await? == 1)
    }

    /// Makes a draft the document, for good. Whether it was a draft.
    pub(crate) async fn issue_invoice(
        &mut self,
        id: Uuid,
        paper: &Paper,
        year: i32,
        sequence: i64,
        search: &str,
    ) -> Result<bool, StoreError> {
        let update = "UPDATE invoices SET number = $3, year = $4, sequence = $5, search = $6, body = $7, total = $8, issued_on = $9,
             due_on = $10, updated = $11 WHERE organisation_id = $1 AND id = $2 AND number IS NULL";
        let values: [Value; 11] = [
            self.organisation().0.into(),
            id.into(),
            paper.number.as_str().into(),
            i64::from(year).into(),
            sequence.into(),
            search.into(),
            serde_json::to_string(paper)?.into(),
            paper.total().into(),
            paper.issued_on.to_string().into(),
            paper.due_on.unwrap_or(paper.issued_on).to_string().into(),
            self.at().as_i64().into(),
        ];
        self.touch_invoice(id);
        Ok(self.sql().execute(update, values).await? == 1)
    }

    /// Keeps a credit note, once for each token, and counts it on its invoice: whether this was the first time.
    pub(crate) async fn add_credit_note(&mut self, note: &CreditNote, year: i32, sequence: i64, token: Uuid) -> Result<bool, StoreError> {
        let insert =
            "INSERT INTO credit_notes (organisation_id, id, invoice_id, number, year, sequence, token, body, total, issued_on, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (organisation_id, token) DO NOTHING";
        let values: [Value; 11] = [
            self.organisation().0.into(),
            note.id.into(),
            note.invoice.into(),
            note.paper.number.as_str().into(),
            i64::from(year).into(),
            sequence.into(),
            token.into(),
            serde_json::to_string(&note.paper)?.into(),
            note.paper.total().into(),
            note.paper.issued_on.to_string().into(),
            self.at().as_i64().into(),
        ];
        if self.sql().execute(insert, values).await? == 0 {
            return Ok(false);
        }
        let update =
            "UPDATE invoices SET credited = credited + $3 WHERE organisation_id = $1 AND id = $2 AND credited + paid + $3 <= total";
        let counted = self.sql().execute(update, [self.organisation().0.into(), note.invoice.into(), note.paper.total().into()]).await?;
        self.touch_invoice(note.invoice);
        if counted == 1 { Ok(true) } else { Err(StoreError::Broken(format!("more is credited than {} has left", note.invoice))) }
    }
}
