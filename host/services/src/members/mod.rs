//! Members of an organisation: entering and finding them, with their tiers and labels, what plugins added to their records,
//! and their data across all plugins.

mod edit;
mod kinds;
mod list;
mod periods;
mod personal;
mod values;

pub use edit::{EditedMember, MOST_CONTACTS, MemberInput};
pub(crate) use edit::{next_number, number_objection};
pub use kinds::{KindInput, KindList, Kinds};
pub use list::{FormAnswer, MemberFile, MemberLine, MemberList};
pub(crate) use periods::read_joining;
pub use periods::{Joining, PeriodInput};
pub use personal::{EraseError, Erased};
pub use values::{AddedValue, ValuesError};

use crate::accounts::{AccountsError, Password};
use crate::{ServiceError, Services};
use chrono::NaiveDate;
pub use tsudoi_kernel::contact::{Contact, ContactKind, Contacts, Place, PostalAddress};
pub use tsudoi_kernel::membership::{MemberType, MembershipStatus, Period};
use tsudoi_kernel::{AccountId, MemberId, OrganisationId};
use tsudoi_store::{ChangeTransaction, PeriodDraft, StoreError};
pub use tsudoi_store::{MemberDraft, Named, PeriodEntry};

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

    /// Enters members, all or none, each since the day on which they joined, or since today. A number that is taken is
    /// [`ServiceError::Invalid`].
    pub async fn add_members(&self, organisation: OrganisationId, drafts: &[MemberDraft]) -> Result<(), ServiceError> {
        let store = self.store().organisation(organisation);
        let today = self.day_of(&store.time_zone().await?);
        let with_period = |draft: &MemberDraft| {
            let begins = draft.joined_on.as_ref().and_then(|day| day.parse().ok()).unwrap_or(today);
            (draft.clone(), Period { id: self.fresh_id(), member_type: None, begins, ends: None, left: false })
        };
        self.enter_members(organisation, &drafts.iter().map(with_period).collect::<Vec<_>>()).await
    }

    /// Enters members with their first periods, all or none. A number that is taken is [`ServiceError::Invalid`].
    pub async fn enter_members(&self, organisation: OrganisationId, drafts: &[(MemberDraft, Period)]) -> Result<(), ServiceError> {
        let store = self.store().organisation(organisation);
        let today = self.day_of(&store.time_zone().await?);
        let mut change = store.begin_change(self.now()).await?;
        for (draft, period) in drafts {
            match self.enter_member(&mut change, draft, period, today, None).await {
                Err(StoreError::Duplicate(_)) => return Err(ServiceError::Invalid(vec![("number".into(), "error-number-taken")])),
                other => other?,
            }
        }
        change.commit().await?;
        Ok(())
    }

    /// Enters a member with a first period within a transaction, and tells plugins.
    pub(crate) async fn enter_member(
        &self,
        change: &mut ChangeTransaction,
        draft: &MemberDraft,
        period: &Period,
        today: NaiveDate,
        by: Option<AccountId>,
    ) -> Result<(), StoreError> {
        change.add_member(draft).await?;
        change.add_period(draft.id, &PeriodDraft { period: period.clone(), note: String::new(), by }).await?;
        let types = change.current_member_types().await?;
        change.refresh_standing(draft.id, today, &types).await?;
        let payload = serde_json::json!({ "member": draft.id });
        change.emit(None, &self.host_event("member.joined", draft.id.to_string(), payload)).await
    }

    /// Makes these the organisation's types of membership, in this order.
    pub async fn set_member_types(&self, organisation: OrganisationId, types: &[MemberType]) -> Result<(), ServiceError> {
        let mut change = self.store().organisation(organisation).begin_change(self.now()).await?;
        change.set_member_types(types).await?;
        change.commit().await?;
        Ok(())
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
