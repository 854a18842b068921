//! Members of an organisation: entering and finding them, with their tiers and labels, what plugins added to their records,
//! and their data across all plugins.

mod list;
mod personal;

mod values;

pub use list::{FormAnswer, MemberFile, MemberLine, MemberList};
pub use personal::{EraseError, Erased};
pub use values::{AddedValue, ValuesError};

use crate::accounts::{AccountsError, Password};
use crate::{ServiceError, Services};
use tsudoi_kernel::{AccountId, MemberId, OrganisationId};
use tsudoi_store::{ChangeTransaction, StoreError};
pub use tsudoi_store::{MemberDraft, Named};

impl Services {
    /// An account with a password, or without one: then it signs in by mailed code. `identifiers`: the addresses and
    /// numbers by which its owner signs in, which the password may not be. Made while the demo runs, it belongs to the
    /// demo.
    pub async fn create_account(&self, password: Option<&str>, identifiers: &[&str]) -> Result<AccountId, AccountsError> {
        let hash = match password {
            Some(password) => Some(self.hash_password(&Password::new(password, identifiers.iter().copied())?).await?),
            None => None,
        };
        let account = self.fresh_account(hash);
        self.store().create_account_all_organisations(&account, self.now()).await?;
        Ok(account.id)
    }

    pub fn fresh_member_id(&self) -> MemberId {
        MemberId(self.fresh_id())
    }

    /// Enters members, all or none. A number that is taken is [`ServiceError::Invalid`].
    pub async fn add_members(&self, organisation: OrganisationId, drafts: &[MemberDraft]) -> Result<(), ServiceError> {
        let mut change = self.store().organisation(organisation).begin_change(self.now()).await?;
        for draft in drafts {
            match self.enter_member(&mut change, draft).await {
                Err(StoreError::Duplicate(_)) => return Err(ServiceError::Invalid(vec![("number".into(), "error-number-taken")])),
                other => other?,
            }
        }
        change.commit().await?;
        Ok(())
    }

    /// Enters a member within a transaction, and tells plugins.
    pub(crate) async fn enter_member(&self, change: &mut ChangeTransaction, draft: &MemberDraft) -> Result<(), StoreError> {
        change.add_member(draft).await?;
        let payload = serde_json::json!({ "member": draft.id });
        change.emit(None, &self.host_event("member.joined", draft.id.to_string(), payload)).await
    }

    /// Makes these the organisation's tiers (lowest first) and labels.
    pub async fn set_tiers_and_labels(&self, organisation: OrganisationId, tiers: &[Named], labels: &[Named]) -> Result<(), ServiceError> {
        let mut change = self.store().organisation(organisation).begin_change(self.now()).await?;
        change.set_tiers(tiers).await?;
        change.set_labels(labels).await?;
        change.commit().await?;
        Ok(())
    }
}
