//! The books: entries are added with the document that makes them, and nothing here changes or removes one.

use crate::sql::placeholders;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::ledger::{Account, EntryKind, Lines};
use uuid::Uuid;

/// What an entry is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryDraft {
    pub id: Uuid,
    pub kind: EntryKind,
    pub document: Uuid,
    /// The document's.
    pub number: String,
    /// A date, `2026-11-22`.
    pub date: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    pub id: Uuid,
    pub kind: EntryKind,
    pub document: Uuid,
    pub number: String,
    pub date: String,
    pub lines: Vec<(Account, i64)>,
}

#[derive(FromQueryResult)]
struct LineRow {
    id: Uuid,
    kind: String,
    document_id: Uuid,
    number: String,
    date: String,
    account: String,
    amount: i64,
}

#[derive(FromQueryResult)]
struct SumRow {
    account: String,
    amount: i64,
}

impl SumRow {
    fn read(self) -> Result<(Account, i64), StoreError> {
        Ok((account(&self.account)?, self.amount))
    }
}

fn account(text: &str) -> Result<Account, StoreError> {
    Account::parse(text).ok_or_else(|| StoreError::Broken(format!("an account called {text}")))
}

impl OrganisationStore {
    /// What stands on each account at the end of the month `until` (`2026-11`), or now.
    pub async fn balances(&self, until: Option<&str>) -> Result<Vec<(Account, i64)>, StoreError> {
        let select = "SELECT account, CAST(sum(amount) AS BIGINT) AS amount FROM ledger_balances
             WHERE organisation_id = $1 AND month <= $2 GROUP BY account ORDER BY account";
        let until = until.unwrap_or("9999-12");
        let rows: Vec<SumRow> = self.store.read().all(select, [self.id.0.into(), until.into()]).await?;
        rows.into_iter().map(SumRow::read).collect()
    }

    /// The same from the lines themselves: slow, and what balances are held against.
    pub async fn sums_of_lines(&self) -> Result<Vec<(Account, i64)>, StoreError> {
        let select = "SELECT account, CAST(sum(amount) AS BIGINT) AS amount FROM ledger_lines
             WHERE organisation_id = $1 GROUP BY account ORDER BY account";
        let rows: Vec<SumRow> = self.store.read().all(select, [self.id.0.into()]).await?;
        rows.into_iter().map(SumRow::read).collect()
    }

    /// Entries of the days between two, both included, in the order in which they were made, after the one of `after`, at most
    /// `limit`.
    pub async fn ledger_entries(&self, after: Option<Uuid>, (from, to): (&str, &str), limit: u32) -> Result<Vec<LedgerEntry>, StoreError> {
        let select = format!(
            "SELECT e.id, e.kind, e.document_id, e.number, e.date, l.account, l.amount
             FROM (SELECT * FROM ledger_entries WHERE organisation_id = $1 AND id > $2 AND date >= $3 AND date <= $4
                   ORDER BY id LIMIT {limit}) e
             JOIN ledger_lines l ON l.organisation_id = e.organisation_id AND l.entry_id = e.id ORDER BY e.id, l.place"
        );
        let after = after.unwrap_or(Uuid::nil());
        let rows: Vec<LineRow> = self.store.read().all(&select, [self.id.0.into(), after.into(), from.into(), to.into()]).await?;
        let mut entries: Vec<LedgerEntry> = Vec::new();
        for row in rows {
            let line = (account(&row.account)?, row.amount);
            match entries.last_mut().filter(|entry| entry.id == row.id) {
                Some(entry) => entry.lines.push(line),
                None => entries.push(LedgerEntry {
                    id: row.id,
                    kind: EntryKind::parse(&row.kind).ok_or_else(|| StoreError::Broken(format!("an entry of the kind {}", row.kind)))?,
                    document: row.document_id,
                    number: row.number,
                    date: row.date,
                    lines: vec![line],
                }),
            }
        }
        Ok(entries)
    }
}

impl ChangeTransaction {
    /// Books an entry with the document that is written in this transaction.
    pub async fn post(&self, entry: &EntryDraft, lines: &Lines) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        let organisation = self.organisation().0;
        let insert =
            "INSERT INTO ledger_entries (organisation_id, id, kind, document_id, number, date, at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values: [Value; 7] = [
            organisation.into(),
            entry.id.into(),
            entry.kind.as_str().into(),
            entry.document.into(),
            entry.number.as_str().into(),
            entry.date.as_str().into(),
            self.at().as_i64().into(),
        ];
        self.sql().execute(insert, values).await?;
        let (mut rows, mut values): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
        for (place, (account, amount)) in lines.iter().enumerate() {
            rows.push(format!("({})", placeholders(values.len(), 5)));
            values.extend([organisation.into(), entry.id.into(), (place as i64).into(), account.to_string().into(), (*amount).into()]);
        }
        let insert = format!("INSERT INTO ledger_lines (organisation_id, entry_id, place, account, amount) VALUES {}", rows.join(", "));
        self.sql().execute(&insert, values).await?;
        let month = entry.date.get(..7).ok_or_else(|| StoreError::Broken(format!("an entry of the date {}", entry.date)))?;
        let add = "INSERT INTO ledger_balances (organisation_id, account, month, amount) VALUES ($1, $2, $3, $4)
             ON CONFLICT (organisation_id, account, month) DO UPDATE SET amount = ledger_balances.amount + excluded.amount";
        for (account, amount) in lines.iter() {
            self.sql().execute(add, [organisation.into(), account.to_string().into(), month.into(), (*amount).into()]).await?;
        }
        Ok(())
    }
}
