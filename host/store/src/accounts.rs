//! Accounts: ways to sign in. An account belongs to a person, not to an organisation, so its rows are reached by its id
//! across organisations; who may reach it is decided by the member or staff row that led there.

use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::{AccountId, MemberId, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// A PHC string. `None`: this account signs in by mailed code only.
    pub password_hash: Option<String>,
    /// Made for the demo, and worth nothing outside it.
    pub demo: bool,
}

#[derive(FromQueryResult)]
struct AccountRow {
    id: Uuid,
    password_hash: Option<String>,
    demo: bool,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self { id: AccountId(row.id), password_hash: row.password_hash, demo: row.demo }
    }
}

#[derive(FromQueryResult)]
struct AccountIdRow {
    account_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct MemberIdRow {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

impl Store {
    pub async fn create_account_all_organisations(&self, account: &Account, at: Timestamp) -> Result<(), StoreError> {
        insert_account(&self.write(), account, at).await
    }

    pub async fn account_all_organisations(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row: Option<AccountRow> = self.read().one("SELECT id, password_hash, demo FROM accounts WHERE id = $1", [id.0.into()]).await?;
        Ok(row.map(Into::into))
    }

    /// Sets the password and ends the account's sessions in every organisation, but for `keep`.
    pub async fn set_password_all_organisations(&self, id: AccountId, hash: &str, keep: Option<Uuid>) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let sql = Sql::on(&transaction);
        sql.execute("UPDATE accounts SET password_hash = $2 WHERE id = $1", [id.0.into(), hash.into()]).await?;
        crate::sessions::end_all(&sql, id, keep).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The same password under a stronger hash; nothing happens where the password was changed meanwhile.
    pub async fn upgrade_password_hash_all_organisations(&self, id: AccountId, old: &str, new: &str) -> Result<(), StoreError> {
        let sql = "UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
        self.write().execute(sql, [id.0.into(), old.into(), new.into()]).await?;
        Ok(())
    }
}

pub(crate) async fn insert_account<C: sea_orm::ConnectionTrait>(
    sql: &Sql<'_, C>,
    account: &Account,
    at: Timestamp,
) -> Result<(), StoreError> {
    sql.execute(
        "INSERT INTO accounts (id, password_hash, demo, created) VALUES ($1, $2, $3, $4)",
        [account.id.0.into(), account.password_hash.clone().into(), account.demo.into(), at.as_i64().into()],
    )
    .await?;
    Ok(())
}

impl OrganisationStore {
    /// Makes `fresh` the account of a member who has none, and answers with the member's account: the one that
    /// somebody was faster with, where there is one by now. `None` where there is no such member.
    pub async fn give_account(&self, member: MemberId, fresh: &Account, at: Timestamp) -> Result<Option<AccountId>, StoreError> {
        let transaction = self.store.begin().await?;
        let sql = Sql::on(&transaction);
        insert_account(&sql, fresh, at).await?;
        let update = "UPDATE members SET account_id = $3 WHERE organisation_id = $1 AND id = $2 AND account_id IS NULL";
        if sql.execute(update, [self.id.0.into(), member.0.into(), fresh.id.0.into()]).await? == 1 {
            transaction.commit().await?;
            return Ok(Some(fresh.id));
        }
        transaction.rollback().await?;
        let select = "SELECT account_id FROM members WHERE organisation_id = $1 AND id = $2";
        let row: Option<AccountIdRow> = self.store.read().one(select, [self.id.0.into(), member.0.into()]).await?;
        Ok(row.and_then(|row| row.account_id).map(AccountId))
    }

    /// Whether everything that the account opens, here and in other organisations, is under this address. Where it is
    /// not, whoever holds the address may not change the account for the rest.
    pub async fn is_account_of_address_only_all_organisations(&self, account: AccountId, email: &str) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) AS count FROM (
                SELECT 1 AS one FROM members WHERE account_id = $1 AND (email IS NULL OR email <> $2)
                UNION ALL SELECT 1 FROM staff WHERE account_id = $1 AND email <> $2) AS others";
        let row: Option<CountRow> = self.store.read().one(sql, [account.0.into(), email.into()]).await?;
        Ok(row.is_some_and(|row| row.count == 0))
    }

    /// Whether the account opens something in another organisation too.
    pub async fn is_account_known_elsewhere_all_organisations(&self, account: AccountId) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) AS count FROM (
                SELECT 1 AS one FROM members WHERE account_id = $1 AND organisation_id <> $2
                UNION ALL SELECT 1 FROM staff WHERE account_id = $1 AND organisation_id <> $2) AS others";
        let row: Option<CountRow> = self.store.read().one(sql, [account.0.into(), self.id.0.into()]).await?;
        Ok(row.is_some_and(|row| row.count > 0))
    }

    /// Makes `fresh` the account of what `account` opens in this organisation under `email`, and leaves the rest as it is.
    /// Who somebody is here changes by it, and calls of plugins depend on that.
    pub async fn part_account(&self, account: AccountId, email: &str, fresh: &Account, at: Timestamp) -> Result<(), StoreError> {
        let mut change = self.begin_change(at).await?;
        insert_account(&change.sql(), fresh, at).await?;
        let update = "UPDATE members SET account_id = $4 WHERE organisation_id = $1 AND account_id = $2 AND email = $3 RETURNING id";
        let values = || -> [sea_orm::Value; 4] { [self.id.0.into(), account.0.into(), email.into(), fresh.id.0.into()] };
        let members: Vec<MemberIdRow> = change.sql().all(update, values()).await?;
        let update = "UPDATE staff SET account_id = $4 WHERE organisation_id = $1 AND account_id = $2 AND email = $3";
        change.sql().execute(update, values()).await?;
        let end = "DELETE FROM sessions WHERE organisation_id = $1 AND account_id = $2";
        change.sql().execute(end, [self.id.0.into(), account.0.into()]).await?;
        for member in members {
            change.touch(Change::member(MemberId(member.id)));
        }
        change.touch(crate::staff::fact(account));
        change.commit().await?;
        Ok(())
    }
}

impl ChangeTransaction {
    pub async fn add_account(&mut self, account: &Account) -> Result<(), StoreError> {
        insert_account(&self.sql(), account, self.at()).await
    }

    /// Sets the password of an account that exists and ends its sessions in every organisation.
    pub async fn reset_password_all_organisations(&mut self, id: AccountId, hash: &str) -> Result<(), StoreError> {
        self.sql().execute("UPDATE accounts SET password_hash = $2 WHERE id = $1", [id.0.into(), hash.into()]).await?;
        crate::sessions::end_all(&self.sql(), id, None).await
    }
}
