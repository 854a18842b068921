//! A command's commit: the clock first, then the check of what the call read, then its writes, its `changes` row and
//! its call id, all in one transaction.

use super::effects;
use crate::sql::Sql;
use crate::{Store, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;
use tsudoi_kernel::OrganisationId;
use tsudoi_kernel::calls::CallId;
use tsudoi_kernel::changes::{Change, DocumentChange, ReadSet};
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::ports::{Changes, Commit, Committed, Scope, Write};
use uuid::Uuid;

/// Index keys that one statement writes.
const KEYS_AT_ONCE: usize = 100;

#[derive(FromQueryResult)]
struct ChangeRow {
    number: i64,
    body: String,
}

#[derive(FromQueryResult)]
struct AnswerRow {
    answer: String,
}

#[derive(FromQueryResult)]
struct OldKeyRow {
    index_name: String,
    key: Vec<u8>,
}

#[derive(FromQueryResult)]
struct SizeRow {
    size: i64,
}

#[derive(FromQueryResult)]
struct UsageRow {
    documents: i64,
    bytes: i64,
}

/// The changes with numbers in (after, to]. `None` where the log was trimmed beyond `after`: every number has a row,
/// so a gap at the start tells.
pub(super) async fn changes_between<C: ConnectionTrait>(
    sql: &Sql<'_, C>,
    organisation: OrganisationId,
    after: u64,
    to: u64,
) -> Result<Option<Changes>, StoreError> {
    if after >= to {
        return Ok(Some(Vec::new()));
    }
    let rows: Vec<ChangeRow> = sql
        .all(
            "SELECT number, body FROM changes WHERE organisation_id = $1 AND number > $2 AND number <= $3 ORDER BY number",
            [organisation.0.into(), (after as i64).into(), (to as i64).into()],
        )
        .await?;
    if rows.first().map(|row| row.number.unsigned_abs()) != Some(after + 1) || rows.len() as u64 != to - after {
        return Ok(None);
    }
    let parse = |row: ChangeRow| Ok((row.number.unsigned_abs(), serde_json::from_str(&row.body)?));
    rows.into_iter().map(parse).collect::<Result<_, StoreError>>().map(Some)
}

pub(super) async fn answer_of<C: ConnectionTrait>(sql: &Sql<'_, C>, scope: Scope, call_id: &CallId) -> Result<Option<Value>, StoreError> {
    let row: Option<AnswerRow> = sql
        .one(
            "SELECT answer FROM command_calls WHERE organisation_id = $1 AND installation_id = $2 AND call_id = $3",
            [scope.organisation.0.into(), scope.installation.0.into(), call_id.0.as_str().into()],
        )
        .await?;
    Ok(row.map(|row| serde_json::from_str(&row.answer)).transpose()?)
}

impl Store {
    pub(super) async fn commit_plugin_call(&self, commit: Commit) -> Result<Committed, StoreError> {
        let scope = commit.scope;
        let mut transaction = self.organisation(scope.organisation).begin_change(commit.at).await?;
        if let Some(answer) = answer_of(&transaction.sql(), scope, &commit.call_id).await? {
            transaction.roll_back().await?;
            return Ok(Committed::Already(answer));
        }
        // Commits of one organisation come one after another, so nothing can slip in between this check and the writes.
        let before = transaction.number() - 1;
        if !still_stands(&transaction.sql(), scope.organisation, &commit.reads, before).await? {
            transaction.roll_back().await?;
            return Ok(Committed::Conflict);
        }
        for effect in &commit.effects {
            if !effects::finish(&mut transaction, scope, effect).await? {
                transaction.roll_back().await?;
                return Ok(Committed::Already(commit.answer));
            }
        }
        let mut usage = Usage::default();
        let mut documents = Vec::new();
        // Old keys go before new ones come, so that a document may take a unique key that another one leaves.
        for write in &commit.writes {
            documents.push(leave_old_keys(&transaction.sql(), scope, write, &mut usage).await?);
        }
        for (write, change) in commit.writes.iter().zip(&mut documents) {
            match apply(&transaction.sql(), scope, write, change, &mut usage).await {
                // The call saw the key free, so another commit has taken it: its read set would say so on the next run.
                Err(StoreError::Duplicate(_)) => {
                    transaction.roll_back().await?;
                    return Ok(Committed::Conflict);
                }
                other => other?,
            }
        }
        if usage != Usage::default() {
            let total = usage.count(&transaction.sql(), scope).await?;
            let grows = usage.documents > 0 || usage.bytes > 0;
            if grows && (total.documents.unsigned_abs() > commit.quota.documents || total.bytes.unsigned_abs() > commit.quota.bytes) {
                transaction.roll_back().await?;
                return Ok(Committed::OverQuota);
            }
        }
        for effect in &commit.effects {
            effects::apply(&mut transaction, scope, effect).await?;
        }
        let mails = commit.effects.iter().any(|effect| matches!(effect, Effect::Notify(_)));
        let files = commit.effects.iter().any(|effect| matches!(effect, Effect::SaveFile(_)));
        let within = transaction.is_queue_within_quota(scope.installation, &commit.effects, commit.quota).await?
            && (!mails || transaction.is_mail_within_quota(scope, commit.quota.mails_per_day).await?)
            && (!files || transaction.bytes_of_plugin_files(scope).await? <= commit.quota.file_bytes);
        if !within {
            transaction.roll_back().await?;
            return Ok(Committed::OverQuota);
        }
        let number = transaction.number();
        transaction
            .sql()
            .execute(
                "INSERT INTO command_calls (organisation_id, installation_id, call_id, number, answer, at) VALUES ($1, $2, $3, $4, $5, $6)",
                [
                    scope.organisation.0.into(),
                    scope.installation.0.into(),
                    commit.call_id.0.as_str().into(),
                    (number as i64).into(),
                    serde_json::to_string(&commit.answer)?.into(),
                    commit.at.as_i64().into(),
                ],
            )
            .await?;
        transaction.touch(Change { documents, ..Change::default() });
        Ok(Committed::Done(transaction.commit().await?))
    }
}

/// Writes of the host itself: without a read set, and without a quota, since they never add documents.
pub(crate) async fn write_documents<C: ConnectionTrait>(
    sql: &Sql<'_, C>,
    scope: Scope,
    writes: &[Write],
) -> Result<Vec<DocumentChange>, StoreError> {
    let mut usage = Usage::default();
    let mut documents = Vec::new();
    for write in writes {
        documents.push(leave_old_keys(sql, scope, write, &mut usage).await?);
    }
    for (write, change) in writes.iter().zip(&mut documents) {
        apply(sql, scope, write, change, &mut usage).await?;
    }
    if usage != Usage::default() {
        usage.count(sql, scope).await?;
    }
    Ok(documents)
}

/// Whether no change since a read touches what it read.
async fn still_stands<C: ConnectionTrait>(
    sql: &Sql<'_, C>,
    organisation: OrganisationId,
    reads: &ReadSet,
    before: u64,
) -> Result<bool, StoreError> {
    let Some((earliest, _)) = reads.numbers() else { return Ok(true) };
    let Some(changes) = changes_between(sql, organisation, earliest, before).await? else { return Ok(false) };
    Ok(!changes.iter().any(|(number, change)| reads.is_touched_by(*number, change)))
}

/// How much an installation's documents grow or shrink.
#[derive(Default, PartialEq, Eq)]
struct Usage {
    documents: i64,
    bytes: i64,
}

impl Usage {
    /// Adds to the installation's counters and answers what they are now.
    async fn count<C: ConnectionTrait>(&self, sql: &Sql<'_, C>, scope: Scope) -> Result<UsageRow, StoreError> {
        let row: Option<UsageRow> = sql
            .one(
                "UPDATE installations SET documents = documents + $3, bytes = bytes + $4
                 WHERE organisation_id = $1 AND id = $2 RETURNING documents, bytes",
                [scope.organisation.0.into(), scope.installation.0.into(), self.documents.into(), self.bytes.into()],
            )
            .await?;
        row.ok_or_else(|| StoreError::Broken("the installation is gone".into()))
    }
}

fn parts(write: &Write) -> (&str, Uuid) {
    match write {
        Write::Put { collection, document, .. } => (collection, document.id),
        Write::Delete { collection, id } => (collection, *id),
    }
}

/// Takes the document out of its indexes, counts what it took up, and says which keys it left.
async fn leave_old_keys<C: ConnectionTrait>(
    sql: &Sql<'_, C>,
    scope: Scope,
    write: &Write,
    usage: &mut Usage,
) -> Result<DocumentChange, StoreError> {
    let (collection, id) = parts(write);
    let place = || -> [sea_orm::Value; 4] { [scope.organisation.0.into(), scope.installation.0.into(), collection.into(), id.into()] };
    let old: Option<SizeRow> = sql
        .one(
            "SELECT size FROM plugin_documents WHERE organisation_id = $1 AND installation_id = $2 AND collection = $3 AND id = $4",
            place(),
        )
        .await?;
    let mut keys = Vec::new();
    if let Some(old) = old {
        usage.documents -= 1;
        usage.bytes -= old.size;
        let rows: Vec<OldKeyRow> = sql
            .all(
                "DELETE FROM plugin_index WHERE organisation_id = $1 AND installation_id = $2 AND collection = $3 AND document_id = $4
                 RETURNING index_name, key",
                place(),
            )
            .await?;
        keys.extend(rows.into_iter().map(|row| (row.index_name, row.key)));
    }
    Ok(DocumentChange { installation: scope.installation, collection: collection.to_owned(), id, keys })
}

async fn apply<C: ConnectionTrait>(
    sql: &Sql<'_, C>,
    scope: Scope,
    write: &Write,
    change: &mut DocumentChange,
    usage: &mut Usage,
) -> Result<(), StoreError> {
    let (organisation, installation) = (scope.organisation.0, scope.installation.0);
    match write {
        Write::Delete { collection, id } => {
            sql.execute(
                "DELETE FROM plugin_documents WHERE organisation_id = $1 AND installation_id = $2 AND collection = $3 AND id = $4",
                [organisation.into(), installation.into(), collection.as_str().into(), (*id).into()],
            )
            .await?;
        }
        Write::Put { collection, document, keys } => {
            let size = document.body.len() as i64;
            usage.documents += 1;
            usage.bytes += size;
            sql.execute(
                "INSERT INTO plugin_documents (organisation_id, installation_id, collection, id, revision, body, size, created, updated)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 ON CONFLICT (organisation_id, installation_id, collection, id)
                 DO UPDATE SET revision = excluded.revision, body = excluded.body, size = excluded.size, updated = excluded.updated",
                [
                    organisation.into(),
                    installation.into(),
                    collection.as_str().into(),
                    document.id.into(),
                    document.revision.as_str().into(),
                    document.body.as_str().into(),
                    size.into(),
                    document.created.as_i64().into(),
                    document.updated.as_i64().into(),
                ],
            )
            .await?;
            for some in keys.chunks(KEYS_AT_ONCE) {
                let rows: Vec<String> = (0..some.len()).map(|n| format!("($1, $2, $3, $4, ${}, ${})", 5 + 2 * n, 6 + 2 * n)).collect();
                let place: [sea_orm::Value; 4] = [organisation.into(), installation.into(), collection.as_str().into(), document.id.into()];
                let keys = some.iter().flat_map(|key| [sea_orm::Value::from(key.index.as_str()), key.key.clone().into()]);
                sql.execute(
                    &format!(
                        "INSERT INTO plugin_index (organisation_id, installation_id, collection, document_id, index_name, key)
                         VALUES {}",
                        rows.join(", ")
                    ),
                    place.into_iter().chain(keys),
                )
                .await?;
            }
            for key in keys {
                if !change.keys.iter().any(|(index, old)| *index == key.index && *old == key.key) {
                    change.keys.push((key.index.clone(), key.key.clone()));
                }
            }
        }
    }
    Ok(())
}
