//! Periods of membership, types of membership, and the status that is kept beside each member. Periods are never
//! overwritten: one that was wrong ceases to stand, and stays.

use crate::audience::localised;
use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::membership::{MemberType, MembershipStatus, Period, Standing};
use tsudoi_kernel::{AccountId, Locale, MemberId, OrganisationId, Timestamp};
use uuid::Uuid;

/// A period that is being entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodDraft {
    pub period: Period,
    /// Why it is so, for staff.
    pub note: String,
    pub by: Option<AccountId>,
}

/// A period as it was entered, with what became of the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodEntry {
    pub period: Period,
    pub note: String,
    /// The name of the staff who entered it.
    pub by: Option<String>,
    pub created: Timestamp,
    /// When it ceased to stand.
    pub replaced: Option<Timestamp>,
    /// Another stands in its place.
    pub has_successor: bool,
}

#[derive(FromQueryResult)]
struct PeriodRow {
    id: Uuid,
    member_type: Option<String>,
    begins: String,
    ends: Option<String>,
    has_left: bool,
}

#[derive(FromQueryResult)]
struct EntryRow {
    note: String,
    by_name: Option<String>,
    created: i64,
    replaced: Option<i64>,
    replaced_by: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct TypeRow {
    key: String,
    name_ja: String,
    name_en: String,
    grace_days: i64,
}

#[derive(FromQueryResult)]
struct TurningRow {
    organisation_id: Uuid,
    time_zone: String,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

/// A status as it stands in a column.
pub(crate) fn status_of(text: &str) -> Result<MembershipStatus, StoreError> {
    text.parse().map_err(|_| StoreError::Broken(format!("{text} is no status of membership")))
}

fn day(text: &str) -> Result<NaiveDate, StoreError> {
    text.parse().map_err(|_| StoreError::Broken(format!("{text} is no date")))
}

impl TryFrom<PeriodRow> for Period {
    type Error = StoreError;

    fn try_from(row: PeriodRow) -> Result<Self, StoreError> {
        let ends = row.ends.as_deref().map(day).transpose()?;
        Ok(Self { id: row.id, member_type: row.member_type, begins: day(&row.begins)?, ends, left: row.has_left })
    }
}

const PERIOD: &str = "p.id, p.member_type, p.begins, p.ends, p.has_left";
const TYPES: &str = "SELECT key, name_ja, name_en, grace_days FROM member_types WHERE organisation_id = $1 ORDER BY position, key";

async fn types<C: sea_orm::ConnectionTrait>(sql: &Sql<'_, C>, organisation: Uuid) -> Result<Vec<MemberType>, StoreError> {
    let rows: Vec<TypeRow> = sql.all(TYPES, [organisation.into()]).await?;
    let read = |row: TypeRow| MemberType {
        key: row.key,
        name: localised(row.name_ja, row.name_en),
        grace_days: u32::try_from(row.grace_days).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(read).collect())
}

impl OrganisationStore {
    /// In their order.
    pub async fn member_types(&self) -> Result<Vec<MemberType>, StoreError> {
        types(&self.store.read(), self.id.0).await
    }

    /// All that were ever entered for a member: the latest period first, and of those that begin on the same day the entry that
    /// stands.
    pub async fn period_entries(&self, member: MemberId) -> Result<Vec<PeriodEntry>, StoreError> {
        struct Row(PeriodRow, EntryRow);
        impl FromQueryResult for Row {
            fn from_query_result(row: &sea_orm::QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
                Ok(Self(PeriodRow::from_query_result(row, prefix)?, EntryRow::from_query_result(row, prefix)?))
            }
        }
        let select = format!(
            "SELECT {PERIOD}, p.note, f.display_name AS by_name, p.created, p.replaced, p.replaced_by FROM membership_periods p
             LEFT JOIN staff f ON f.organisation_id = p.organisation_id AND f.account_id = p.account_id
             WHERE p.organisation_id = $1 AND p.member_id = $2
             ORDER BY p.begins DESC, CASE WHEN p.replaced IS NULL THEN 0 ELSE 1 END, p.created DESC, p.id DESC"
        );
        let rows: Vec<Row> = self.store.read().all(&select, [self.id.0.into(), member.0.into()]).await?;
        let entry = |Row(period, entry): Row| {
            Ok(PeriodEntry {
                period: period.try_into()?,
                note: entry.note,
                by: entry.by_name,
                created: Timestamp::from_millis(entry.created),
                replaced: entry.replaced.map(Timestamp::from_millis),
                has_successor: entry.replaced_by.is_some(),
            })
        };
        rows.into_iter().map(entry).collect()
    }

    /// Members whose status is not known beyond the day before `today`, at most `limit`.
    pub async fn members_turning(&self, today: NaiveDate, limit: u32) -> Result<Vec<MemberId>, StoreError> {
        let select = "SELECT id FROM members WHERE organisation_id = $1 AND status_until <= $2 ORDER BY status_until, id LIMIT $3 + 0";
        let values = [self.id.0.into(), today.to_string().into(), i64::from(limit).into()];
        Ok(self.store.read().all::<IdRow>(select, values).await?.into_iter().map(|row| MemberId(row.id)).collect())
    }

    /// IANA name of the zone in which its days begin.
    pub async fn time_zone(&self) -> Result<String, StoreError> {
        #[derive(FromQueryResult)]
        struct ZoneRow {
            time_zone: String,
        }
        let row: Option<ZoneRow> = self.store.read().one("SELECT time_zone FROM organisations WHERE id = $1", [self.id.0.into()]).await?;
        row.map(|row| row.time_zone).ok_or_else(|| StoreError::Broken(format!("there is no organisation {}", self.id)))
    }
}

impl Store {
    /// Organisations with members whose status may change on `day` or before, with their time zones. `day` is the latest that
    /// it is anywhere.
    pub async fn turning_all_organisations(&self, day: NaiveDate) -> Result<Vec<(OrganisationId, String)>, StoreError> {
        let select = "SELECT o.id AS organisation_id, o.time_zone FROM organisations o
             WHERE o.id IN (SELECT organisation_id FROM members WHERE status_until <= $1)";
        let rows: Vec<TurningRow> = self.read().all(select, [day.to_string().into()]).await?;
        Ok(rows.into_iter().map(|row| (OrganisationId(row.organisation_id), row.time_zone)).collect())
    }
}

impl ChangeTransaction {
    /// A member's periods that stand, as they are within this transaction.
    pub async fn periods(&self, member: MemberId) -> Result<Vec<Period>, StoreError> {
        let select = format!(
            "SELECT {PERIOD} FROM membership_periods p WHERE p.organisation_id = $1 AND p.member_id = $2 AND p.replaced IS NULL
             ORDER BY p.begins"
        );
        let rows: Vec<PeriodRow> = self.sql().all(&select, [self.organisation().0.into(), member.0.into()]).await?;
        rows.into_iter().map(Period::try_from).collect()
    }

    /// [`ChangeTransaction::refresh_standing`] must follow.
    pub async fn add_period(&mut self, member: MemberId, draft: &PeriodDraft) -> Result<(), StoreError> {
        let insert = "INSERT INTO membership_periods
                (organisation_id, id, member_id, member_type, begins, ends, has_left, note, account_id, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let period = &draft.period;
        let values: [Value; 10] = [
            self.organisation().0.into(),
            period.id.into(),
            member.0.into(),
            period.member_type.clone().into(),
            period.begins.to_string().into(),
            period.ends.map(|ends| ends.to_string()).into(),
            period.left.into(),
            draft.note.as_str().into(),
            draft.by.map(|account| account.0).into(),
            self.at().as_i64().into(),
        ];
        self.sql().execute(insert, values).await?;
        Ok(())
    }

    /// Lets a period that stands stand no more; `by` is the one in its place, entered after this. Answers whether it stood.
    pub async fn replace_period(&mut self, member: MemberId, id: Uuid, by: Option<Uuid>) -> Result<bool, StoreError> {
        let update = "UPDATE membership_periods SET replaced = $4, replaced_by = $5
             WHERE organisation_id = $1 AND member_id = $2 AND id = $3 AND replaced IS NULL";
        let values = [self.organisation().0.into(), member.0.into(), id.into(), self.at().as_i64().into(), by.into()];
        Ok(self.sql().execute(update, values).await? > 0)
    }

    /// Keeps beside the member what the periods say about `today`.
    pub async fn refresh_standing(&mut self, member: MemberId, today: NaiveDate, types: &[MemberType]) -> Result<Standing, StoreError> {
        let standing = Standing::on(today, &self.periods(member).await?, types);
        let update = "UPDATE members SET member_type = $3, status = $4, status_until = $5 WHERE organisation_id = $1 AND id = $2";
        let values = [
            self.organisation().0.into(),
            member.0.into(),
            standing.member_type.clone().into(),
            standing.status.as_str().into(),
            standing.changes_on.map(|day| day.to_string()).into(),
        ];
        self.sql().execute(update, values).await?;
        self.touch(Change::member(member));
        Ok(standing)
    }

    /// As they are within this transaction.
    pub async fn current_member_types(&self) -> Result<Vec<MemberType>, StoreError> {
        types(&self.sql(), self.organisation().0).await
    }

    /// Makes these the organisation's types of membership, in this order. Members' statuses are looked at again at the next
    /// look, since days of grace may be others.
    pub async fn set_member_types(&mut self, types: &[MemberType]) -> Result<(), StoreError> {
        let organisation = self.organisation().0;
        self.sql().execute("DELETE FROM member_types WHERE organisation_id = $1", [organisation.into()]).await?;
        for (known, position) in types.iter().zip(0_i64..) {
            let insert = "INSERT INTO member_types (organisation_id, key, name_ja, name_en, grace_days, position)
                 VALUES ($1, $2, $3, $4, $5, $6)";
            let name = |locale| Value::from(known.name.0.get(&locale).cloned().unwrap_or_default());
            let (ja, en, grace) = (name(Locale::Ja), name(Locale::En), i64::from(known.grace_days));
            self.sql().execute(insert, [organisation.into(), known.key.as_str().into(), ja, en, grace.into(), position.into()]).await?;
        }
        // Only what grace has a part in: everything else stays as it is.
        let update = "UPDATE members SET status_until = '' WHERE organisation_id = $1 AND status IN ('grace', 'lapsed')";
        self.sql().execute(update, [organisation.into()]).await?;
        self.touch(Change::fact("member-types"));
        Ok(())
    }
}
