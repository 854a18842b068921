//! Staff of an organisation and what they may do.

use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::FromQueryResult;
use std::collections::BTreeSet;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::{AccountId, Email, Permission, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffDraft {
    pub account: AccountId,
    pub display_name: String,
    pub email: Email,
    pub permissions: BTreeSet<Permission>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    pub account: AccountId,
    pub display_name: String,
    pub email: String,
    pub permissions: BTreeSet<Permission>,
    pub created: Timestamp,
}

impl StaffMember {
    pub fn is_owner(&self) -> bool {
        self.permissions.contains(&Permission::new(Permission::OWNER))
    }
}

#[derive(FromQueryResult)]
struct StaffRow {
    account_id: Uuid,
    display_name: String,
    email: String,
    permissions: String,
    created: i64,
}

impl TryFrom<StaffRow> for StaffMember {
    type Error = StoreError;

    fn try_from(row: StaffRow) -> Result<Self, StoreError> {
        Ok(Self {
            account: AccountId(row.account_id),
            display_name: row.display_name,
            email: row.email,
            permissions: serde_json::from_str(&row.permissions)?,
            created: Timestamp::from_millis(row.created),
        })
    }
}

const ALL: &str =
    "SELECT account_id, display_name, email, permissions, created FROM staff WHERE organisation_id = $1 ORDER BY created, account_id";

impl OrganisationStore {
    /// In the order in which they came.
    pub async fn staff(&self) -> Result<Vec<StaffMember>, StoreError> {
        let rows: Vec<StaffRow> = self.store.read().all(ALL, [self.id.0.into()]).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The one account of a member with this address whose every membership has this address too.
    pub async fn account_to_share(&self, email: &Email) -> Result<Option<AccountId>, StoreError> {
        let people = self.people_by_email(email).await?;
        let accounts: BTreeSet<AccountId> = people.iter().filter_map(|person| person.account).collect();
        match accounts.first() {
            Some(account) if accounts.len() == 1 && self.is_account_of_address_only_all_organisations(*account, email.as_str()).await? => {
                Ok(Some(*account))
            }
            _ => Ok(None),
        }
    }
}

impl ChangeTransaction {
    /// [`StoreError::Duplicate`] where the account is staff already.
    pub async fn add_staff(&mut self, draft: &StaffDraft) -> Result<(), StoreError> {
        let permissions = serde_json::to_string(&draft.permissions)?;
        let insert = "INSERT INTO staff (organisation_id, account_id, display_name, email, permissions, created)
            VALUES ($1, $2, $3, $4, $5, $6)";
        let values = [
            self.organisation().0.into(),
            draft.account.0.into(),
            draft.display_name.as_str().into(),
            draft.email.as_str().into(),
            permissions.into(),
            self.at().as_i64().into(),
        ];
        self.sql().execute(insert, values).await?;
        self.touch(fact(draft.account));
        Ok(())
    }

    /// All staff, as they are while this transaction holds the organisation's clock.
    pub async fn staff(&self) -> Result<Vec<StaffMember>, StoreError> {
        let rows: Vec<StaffRow> = self.sql().all(ALL, [self.organisation().0.into()]).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Removes staff and ends their sessions in this organisation.
    pub async fn remove_staff(&mut self, account: AccountId) -> Result<(), StoreError> {
        for table in ["staff", "sessions"] {
            let delete = format!("DELETE FROM {table} WHERE organisation_id = $1 AND account_id = $2");
            self.sql().execute(&delete, [self.organisation().0.into(), account.0.into()]).await?;
        }
        self.touch(fact(account));
        Ok(())
    }
}

/// Part of who is looking.
pub(crate) fn fact(account: AccountId) -> Change {
    Change::fact(format!("staff:{account}"))
}
