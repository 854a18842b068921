//! Transactions that take the organisation's clock: whatever changes what a plugin can read goes through here.

use crate::background::Subscriber;
use crate::sql::Sql;
use crate::{OrganisationStore, Store, StoreError};
use sea_orm::{DatabaseTransaction, FromQueryResult};
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::{OrganisationId, Timestamp};

/// A write transaction that holds the organisation's clock: commits of one organisation come one after another.
/// Dropping it without [`ChangeTransaction::commit`] rolls everything back, the clock too.
pub struct ChangeTransaction {
    pub(crate) transaction: DatabaseTransaction,
    pub(crate) store: Store,
    organisation: OrganisationId,
    number: u64,
    at: Timestamp,
    change: Change,
    /// How many events it has told.
    pub(crate) emitted: u32,
    /// Who listens in this organisation, once it was asked.
    pub(crate) subscribers: Option<Vec<Subscriber>>,
}

#[derive(FromQueryResult)]
struct ClockRow {
    clock: i64,
}

impl OrganisationStore {
    /// Begins a transaction and takes the clock first, so that whatever it reads can't change under it.
    pub async fn begin_change(&self, at: Timestamp) -> Result<ChangeTransaction, StoreError> {
        let transaction = self.store.begin().await?;
        let row: Option<ClockRow> = Sql::on(&transaction)
            .one("UPDATE organisations SET clock = clock + 1 WHERE id = $1 RETURNING clock", [self.id.0.into()])
            .await?;
        let Some(row) = row else { return Err(StoreError::Broken(format!("there is no organisation {}", self.id))) };
        let number = row.clock.unsigned_abs();
        Ok(ChangeTransaction {
            transaction,
            store: self.store.clone(),
            organisation: self.id,
            number,
            at,
            change: Change::default(),
            emitted: 0,
            subscribers: None,
        })
    }
}

impl Store {
    /// Removes what changed before `before`: no call has read so long ago, and one that had would be told to begin anew.
    /// Answers how many.
    pub async fn remove_old_changes_all_organisations(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write().execute("DELETE FROM changes WHERE at < $1", [before.as_i64().into()]).await
    }
}

impl ChangeTransaction {
    pub(crate) fn sql(&self) -> Sql<'_, DatabaseTransaction> {
        Sql::on(&self.transaction)
    }

    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// The number that this transaction has on the organisation's clock.
    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Says what this transaction touches; everything said is written in one row of `changes`.
    pub fn touch(&mut self, change: Change) {
        self.change.documents.extend(change.documents);
        self.change.members.extend(change.members);
        self.change.facts.extend(change.facts);
        self.change.installations.extend(change.installations);
        self.change.all_members |= change.all_members;
        self.change.leaves_work |= change.leaves_work;
    }

    /// Writes the `changes` row and commits. Answers the clock's number.
    pub async fn commit(self) -> Result<u64, StoreError> {
        let body = serde_json::to_string(&self.change)?;
        self.sql()
            .execute(
                "INSERT INTO changes (organisation_id, number, body, at) VALUES ($1, $2, $3, $4)",
                [self.organisation.0.into(), (self.number as i64).into(), body.into(), self.at.as_i64().into()],
            )
            .await?;
        self.transaction.commit().await?;
        self.store.tell_observers(self.organisation, self.number, self.change);
        Ok(self.number)
    }

    /// Takes everything back.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        self.transaction.rollback().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{each, organisation};
    use tsudoi_kernel::ports::PluginData;

    #[tokio::test]
    async fn old_changes_are_forgotten_and_those_since_still_count() {
        for database in each().await {
            let store = &database.store;
            let club = organisation(store, 1).await;
            for at in [1, 2, 3] {
                let mut change = club.begin_change(Timestamp::from_millis(at)).await.unwrap();
                change.touch(Change::fact("organisation"));
                change.commit().await.unwrap();
            }
            assert_eq!(store.remove_old_changes_all_organisations(Timestamp::from_millis(3)).await.unwrap(), 2, "{}", database.name);
            assert_eq!(store.changes(club.id(), 0, 3).await.unwrap(), None, "the log does not reach back that far");
            assert_eq!(store.changes(club.id(), 2, 3).await.unwrap().map(|changes| changes.len()), Some(1));
        }
    }
}
