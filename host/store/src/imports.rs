//! Imports of members: the file, its rows, what was found about each, and what members were like before. Plugins do not read
//! them, so they need no clock; what an import does to members takes it.

use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::{FromQueryResult, Value};
use std::collections::{BTreeMap, HashMap};
use tsudoi_kernel::{AccountId, MemberId, Timestamp};
use uuid::Uuid;

/// An import as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRecord {
    pub id: Uuid,
    /// The file's.
    pub name: String,
    pub state: String,
    /// JSON: what staff chose.
    pub plan: String,
    /// The name of the staff who began it.
    pub by: Option<String>,
    pub account: Option<AccountId>,
    pub created: Timestamp,
    pub updated: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// In the file.
    pub number: u32,
    pub cells: Vec<String>,
    pub state: String,
    /// JSON.
    pub problems: String,
    pub member: Option<MemberId>,
    /// JSON.
    pub before: Option<String>,
}

/// What was found about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub number: u32,
    pub state: &'static str,
    pub problems: String,
    pub member: Option<MemberId>,
}

/// Rows written by one statement.
const AT_ONCE: usize = 50;

#[derive(FromQueryResult)]
struct ImportRowOf {
    id: Uuid,
    name: String,
    state: String,
    plan: String,
    by_name: Option<String>,
    account_id: Option<Uuid>,
    created: i64,
    updated: i64,
}

#[derive(FromQueryResult)]
struct RowRow {
    number: i64,
    cells: String,
    state: String,
    problems: String,
    member_id: Option<Uuid>,
    before: Option<String>,
}

#[derive(FromQueryResult)]
struct CountRow {
    state: String,
    count: i64,
}

#[derive(FromQueryResult)]
struct WorkRow {
    slug: String,
    id: Uuid,
}

#[derive(FromQueryResult)]
struct FileRow {
    file: Option<Vec<u8>>,
}

#[derive(FromQueryResult)]
struct NumberRow {
    id: Uuid,
    number: String,
}

impl From<ImportRowOf> for ImportRecord {
    fn from(row: ImportRowOf) -> Self {
        Self {
            id: row.id,
            name: row.name,
            state: row.state,
            plan: row.plan,
            by: row.by_name,
            account: row.account_id.map(AccountId),
            created: Timestamp::from_millis(row.created),
            updated: Timestamp::from_millis(row.updated),
        }
    }
}

impl TryFrom<RowRow> for ImportRow {
    type Error = StoreError;

    fn try_from(row: RowRow) -> Result<Self, StoreError> {
        Ok(Self {
            number: u32::try_from(row.number).unwrap_or_default(),
            cells: serde_json::from_str(&row.cells)?,
            state: row.state,
            problems: row.problems,
            member: row.member_id.map(MemberId),
            before: row.before,
        })
    }
}

const IMPORT: &str = "SELECT i.id, i.name, i.state, i.plan, f.display_name AS by_name, i.account_id, i.created, i.updated
     FROM member_imports i LEFT JOIN staff f ON f.organisation_id = i.organisation_id AND f.account_id = i.account_id";
const ROW: &str = "number, cells, state, problems, member_id, before";

impl OrganisationStore {
    /// The latest first.
    pub async fn imports(&self, limit: u32) -> Result<Vec<ImportRecord>, StoreError> {
        let select = format!("{IMPORT} WHERE i.organisation_id = $1 ORDER BY i.created DESC, i.id DESC LIMIT {limit}");
        let rows: Vec<ImportRowOf> = self.store.read().all(&select, [self.id.0.into()]).await?;
        Ok(rows.into_iter().map(ImportRecord::from).collect())
    }

    pub async fn import(&self, id: Uuid) -> Result<Option<ImportRecord>, StoreError> {
        let select = format!("{IMPORT} WHERE i.organisation_id = $1 AND i.id = $2");
        let row: Option<ImportRowOf> = self.store.read().one(&select, [self.id.0.into(), id.into()]).await?;
        Ok(row.map(ImportRecord::from))
    }

    /// The bytes that were uploaded, until the import is done.
    pub async fn import_file(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let select = "SELECT file FROM member_imports WHERE organisation_id = $1 AND id = $2";
        Ok(self.store.read().one::<FileRow>(select, [self.id.0.into(), id.into()]).await?.and_then(|row| row.file))
    }

    /// How many rows there are in each state.
    pub async fn import_tally(&self, id: Uuid) -> Result<BTreeMap<String, u64>, StoreError> {
        let select = "SELECT state, count(*) AS count FROM member_import_rows WHERE organisation_id = $1 AND import_id = $2 GROUP BY state";
        let rows: Vec<CountRow> = self.store.read().all(select, [self.id.0.into(), id.into()]).await?;
        Ok(rows.into_iter().map(|row| (row.state, row.count.unsigned_abs())).collect())
    }

    /// Rows after a number, in a state where one is given.
    pub async fn import_rows(&self, id: Uuid, state: Option<&str>, after: u32, limit: u32) -> Result<Vec<ImportRow>, StoreError> {
        let mut values: Vec<Value> = vec![self.id.0.into(), id.into(), i64::from(after).into()];
        let condition = match state {
            Some(state) => {
                values.push(state.into());
                "AND state = $4"
            }
            None => "",
        };
        let select = format!(
            "SELECT {ROW} FROM member_import_rows WHERE organisation_id = $1 AND import_id = $2 AND number > $3 {condition}
             ORDER BY number LIMIT {limit}"
        );
        let rows: Vec<RowRow> = self.store.read().all(&select, values).await?;
        rows.into_iter().map(ImportRow::try_from).collect()
    }

    /// Keeps a file with its rows.
    pub async fn add_import(&self, record: &ImportRecord, file: &[u8], rows: &[(u32, Vec<String>)]) -> Result<(), StoreError> {
        let transaction = self.store.begin().await?;
        let insert = "INSERT INTO member_imports (organisation_id, id, name, state, plan, file, account_id, created, updated)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
        let values: [Value; 8] = [
            self.id.0.into(),
            record.id.into(),
            record.name.as_str().into(),
            record.state.as_str().into(),
            record.plan.as_str().into(),
            file.to_vec().into(),
            record.account.map(|account| account.0).into(),
            record.created.as_i64().into(),
        ];
        let sql = crate::sql::Sql::on(&transaction);
        sql.execute(insert, values).await?;
        self.insert_rows(&sql, record.id, rows).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The rows of the same file, read another way.
    pub async fn replace_import_rows(&self, id: Uuid, rows: &[(u32, Vec<String>)]) -> Result<(), StoreError> {
        let transaction = self.store.begin().await?;
        let sql = crate::sql::Sql::on(&transaction);
        let delete = "DELETE FROM member_import_rows WHERE organisation_id = $1 AND import_id = $2";
        sql.execute(delete, [self.id.0.into(), id.into()]).await?;
        self.insert_rows(&sql, id, rows).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn insert_rows<C: sea_orm::ConnectionTrait>(
        &self,
        sql: &crate::sql::Sql<'_, C>,
        id: Uuid,
        rows: &[(u32, Vec<String>)],
    ) -> Result<(), StoreError> {
        for some in rows.chunks(AT_ONCE) {
            let tuples: Vec<String> = (0..some.len()).map(|n| format!("($1, $2, ${}, ${}, 'new', '[]')", 2 * n + 3, 2 * n + 4)).collect();
            let insert = format!(
                "INSERT INTO member_import_rows (organisation_id, import_id, number, cells, state, problems) VALUES {}",
                tuples.join(", ")
            );
            let mut values: Vec<Value> = vec![self.id.0.into(), id.into()];
            for (number, cells) in some {
                values.push(i64::from(*number).into());
                values.push(serde_json::to_string(cells)?.into());
            }
            sql.execute(&insert, values).await?;
        }
        Ok(())
    }

    /// Moves an import from one of some states to another, with another plan where one is given. Answers whether it was in one
    /// of them.
    pub async fn move_import(&self, id: Uuid, from: &[&str], to: &str, plan: Option<&str>, at: Timestamp) -> Result<bool, StoreError> {
        // A file that is done with is not kept.
        let file = if matches!(to, "done" | "undone") { ", file = NULL" } else { "" };
        let states: Vec<String> = (0..from.len()).map(|n| format!("${}", n + 6)).collect();
        let update = format!(
            "UPDATE member_imports SET state = $3, plan = COALESCE($4, plan), updated = $5{file}
             WHERE organisation_id = $1 AND id = $2 AND state IN ({})",
            states.join(", ")
        );
        let values: [Value; 5] = [self.id.0.into(), id.into(), to.into(), plan.map(str::to_owned).into(), at.as_i64().into()];
        let from = from.iter().map(|state| Value::from(*state));
        Ok(self.store.write().execute(&update, values.into_iter().chain(from)).await? > 0)
    }

    pub async fn delete_import(&self, id: Uuid, states: &[&str]) -> Result<bool, StoreError> {
        let named: Vec<String> = (0..states.len()).map(|n| format!("${}", n + 3)).collect();
        let delete = format!("DELETE FROM member_imports WHERE organisation_id = $1 AND id = $2 AND state IN ({})", named.join(", "));
        let values: [Value; 2] = [self.id.0.into(), id.into()];
        let states = states.iter().map(|state| Value::from(*state));
        Ok(self.store.write().execute(&delete, values.into_iter().chain(states)).await? > 0)
    }

    /// Writes down what was found, all in one transaction.
    pub async fn keep_findings(&self, id: Uuid, findings: &[Finding]) -> Result<(), StoreError> {
        let transaction = self.store.begin().await?;
        let sql = crate::sql::Sql::on(&transaction);
        for finding in findings {
            let update = "UPDATE member_import_rows SET state = $4, problems = $5, member_id = $6, before = NULL
                 WHERE organisation_id = $1 AND import_id = $2 AND number = $3";
            let values: [Value; 6] = [
                self.id.0.into(),
                id.into(),
                i64::from(finding.number).into(),
                finding.state.into(),
                finding.problems.as_str().into(),
                finding.member.map(|member| member.0).into(),
            ];
            sql.execute(update, values).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Which of these numbers members have.
    pub async fn members_by_numbers(&self, numbers: &[String]) -> Result<HashMap<String, MemberId>, StoreError> {
        if numbers.is_empty() {
            return Ok(HashMap::new());
        }
        let named = crate::sql::placeholders(1, numbers.len());
        let select = format!("SELECT id, number FROM members WHERE organisation_id = $1 AND number IN ({named})");
        let values = std::iter::once(self.id.0.into()).chain(numbers.iter().map(|number| Value::from(number.as_str())));
        let rows: Vec<NumberRow> = self.store.read().all(&select, values).await?;
        Ok(rows.into_iter().map(|row| (row.number, MemberId(row.id))).collect())
    }
}

impl Store {
    /// Imports that wait for a worker, with the organisations' slugs.
    pub async fn imports_at_work_all_organisations(&self) -> Result<Vec<(String, Uuid)>, StoreError> {
        let select = "SELECT o.slug, i.id FROM member_imports i JOIN organisations o ON o.id = i.organisation_id
             WHERE i.state IN ('checking', 'running', 'undoing') ORDER BY i.updated";
        let rows: Vec<WorkRow> = self.read().all(select, []).await?;
        Ok(rows.into_iter().map(|row| (row.slug, row.id)).collect())
    }

    /// Removes imports that nobody touched since `before`, with what their files said. Answers how many.
    pub async fn remove_old_imports_all_organisations(&self, before: Timestamp) -> Result<u64, StoreError> {
        let delete = "DELETE FROM member_imports WHERE updated < $1 AND state NOT IN ('checking', 'running', 'undoing')";
        self.write().execute(delete, [before.as_i64().into()]).await
    }
}

impl ChangeTransaction {
    /// Rows in a state as they are within this transaction.
    pub async fn current_import_rows(&self, id: Uuid, states: [&str; 2], limit: u32) -> Result<Vec<ImportRow>, StoreError> {
        let select = format!(
            "SELECT {ROW} FROM member_import_rows WHERE organisation_id = $1 AND import_id = $2 AND state IN ($3, $4)
             ORDER BY number LIMIT {limit}"
        );
        let values: [Value; 4] = [self.organisation().0.into(), id.into(), states[0].into(), states[1].into()];
        let rows: Vec<RowRow> = self.sql().all(&select, values).await?;
        rows.into_iter().map(ImportRow::try_from).collect()
    }

    /// Says what became of a row. `before`: for undoing.
    pub async fn finish_import_row(
        &self,
        id: Uuid,
        number: u32,
        state: &str,
        problems: &str,
        member: Option<MemberId>,
        before: Option<&str>,
    ) -> Result<(), StoreError> {
        let update = "UPDATE member_import_rows SET state = $4, problems = $5, member_id = $6, before = $7
             WHERE organisation_id = $1 AND import_id = $2 AND number = $3";
        let values: [Value; 7] = [
            self.organisation().0.into(),
            id.into(),
            i64::from(number).into(),
            state.into(),
            problems.into(),
            member.map(|member| member.0).into(),
            before.map(str::to_owned).into(),
        ];
        self.sql().execute(update, values).await?;
        Ok(())
    }

    /// The state in which the import is within this transaction.
    pub async fn import_state(&self, id: Uuid) -> Result<Option<String>, StoreError> {
        #[derive(FromQueryResult)]
        struct StateRow {
            state: String,
        }
        let select = "SELECT state FROM member_imports WHERE organisation_id = $1 AND id = $2";
        let row: Option<StateRow> = self.sql().one(select, [self.organisation().0.into(), id.into()]).await?;
        Ok(row.map(|row| row.state))
    }

    /// As it is within this transaction.
    pub async fn current_last_number(&self) -> Result<Option<String>, StoreError> {
        crate::members::last_number(&self.sql(), self.organisation().0).await
    }

    /// Empties what files said about a member; how many rows there were stays true.
    pub async fn forget_import_rows(&self, member: MemberId) -> Result<(), StoreError> {
        let update =
            "UPDATE member_import_rows SET cells = '[]', before = NULL, member_id = NULL WHERE organisation_id = $1 AND member_id = $2";
        self.sql().execute(update, [self.organisation().0.into(), member.0.into()]).await?;
        Ok(())
    }

    /// Whether anything stands in the database about a member beyond the record with its first period: an account, answers to
    /// forms, sessions, invoices and payments, what plugins noted.
    pub async fn member_is_used(&self, member: MemberId) -> Result<bool, StoreError> {
        #[derive(FromQueryResult)]
        struct CountRow {
            count: i64,
        }
        let select = "SELECT (SELECT count(*) FROM members WHERE organisation_id = $1 AND id = $2 AND account_id IS NOT NULL)
            + (SELECT count(*) FROM form_answers WHERE organisation_id = $1 AND member_id = $2)
            + (SELECT count(*) FROM sessions WHERE organisation_id = $1 AND member_id = $2)
            + (SELECT count(*) FROM invoices WHERE organisation_id = $1 AND member_id = $2)
            + (SELECT count(*) FROM payments WHERE organisation_id = $1 AND member_id = $2)
            + (SELECT count(*) FROM activities WHERE organisation_id = $1 AND member_id = $2)
            + (SELECT count(*) FROM member_values WHERE organisation_id = $1 AND member_id = $2)
            + (SELECT count(*) FROM membership_periods WHERE organisation_id = $1 AND member_id = $2) - 1 AS count";
        let row: Option<CountRow> = self.sql().one(select, [self.organisation().0.into(), member.0.into()]).await?;
        Ok(row.is_none_or(|row| row.count != 0))
    }
}
