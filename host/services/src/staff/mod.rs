//! Staff of an organisation: inviting, listing, removing. Nobody can give a permission that they don't hold, and an
//! organisation always keeps an owner.

#[cfg(test)]
mod tests;

use crate::mail::Letter;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use tsudoi_kernel::{AccountId, Email, Organisation, OrganisationId, Permission, Timestamp};
use tsudoi_store::{AuditEntry, Challenge, Purpose, StoreError};
pub use tsudoi_store::{StaffDraft, StaffMember};
use uuid::Uuid;

#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// The organisation would be left without an owner.
    #[error("the last owner stays")]
    LastOwner,
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for StaffError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// What an invitation keeps until it is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InviteData {
    pub display_name: String,
    pub permissions: BTreeSet<Permission>,
}

/// An invitation that nobody has accepted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
    pub permissions: BTreeSet<Permission>,
    pub expires: Timestamp,
}

/// How long an invitation stands.
const INVITE_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Most characters of a display name.
const LONGEST_NAME: usize = 60;

impl Services {
    /// Makes an account staff at once, without asking: for the command line and for loading.
    pub async fn add_staff(&self, organisation: OrganisationId, draft: &StaffDraft) -> Result<(), ServiceError> {
        let mut change = self.store().organisation(organisation).begin_change(self.now()).await?;
        match change.add_staff(draft).await {
            Err(StoreError::Duplicate(_)) => return Err(ServiceError::Invalid(vec![("email".into(), "error-already-staff")])),
            other => other?,
        }
        change.commit().await?;
        Ok(())
    }

    pub async fn staff(&self, visit: &Visit) -> Result<Vec<StaffMember>, ServiceError> {
        Ok(self.of(visit).staff().await?)
    }

    /// Mails a link by which somebody sets a password and becomes staff, in the organisation's language. Answers the link,
    /// for operators only. Fields that are not in order are [`ServiceError::Invalid`]: `email`, `display_name`,
    /// `permissions`.
    pub async fn invite_staff(
        &self,
        organisation: &Organisation,
        email: &str,
        display_name: &str,
        permissions: BTreeSet<Permission>,
    ) -> Result<String, ServiceError> {
        let store = self.store().organisation(organisation.id);
        let address = email.parse::<Email>().ok();
        let mut faults = Vec::new();
        match &address {
            None => faults.push(("email".to_owned(), "error-email")),
            Some(address) if store.staff().await?.iter().any(|staff| staff.email == address.as_str()) => {
                faults.push(("email".to_owned(), "error-already-staff"));
            }
            Some(_) => {}
        }
        let display_name = display_name.trim();
        match display_name.chars().count() {
            0 => faults.push(("display_name".to_owned(), "error-required")),
            1..=LONGEST_NAME => {}
            _ => faults.push(("display_name".to_owned(), "error-too-long")),
        }
        if permissions.is_empty() {
            faults.push(("permissions".to_owned(), "error-no-permission"));
        }
        let Some(address) = address.filter(|_| faults.is_empty()) else { return Err(ServiceError::Invalid(faults)) };
        let (id, token, now) = (self.fresh_id(), self.fresh_token(), self.now());
        let link = self.link(organisation, "/password/reset", &[("challenge", &id.to_string()), ("code", &token)]);
        let challenge = Challenge {
            id,
            purpose: Purpose::Invite,
            email: address.to_string(),
            data: serde_json::to_string(&InviteData { display_name: display_name.to_owned(), permissions })?,
            code_hash: self.code_hash(id, &token),
            created: now,
            expires: now.plus_seconds(INVITE_SECONDS),
        };
        let arguments = json!({ "name": display_name, "link": &link, "days": INVITE_SECONDS / (24 * 60 * 60) });
        let mail = self.write_letter(organisation, organisation.locale, Letter { kind: "invite", to: &address, arguments });
        store.add_challenges(&[challenge], Some(&mail)).await?;
        Ok(link)
    }

    /// [`Services::invite_staff`] by a visitor, who can give only what they hold.
    pub async fn invite_staff_as(
        &self,
        visit: &Visit,
        email: &str,
        display_name: &str,
        permissions: BTreeSet<Permission>,
    ) -> Result<(), ServiceError> {
        if !visit.visitor.may(Permission::STAFF) || !permissions.iter().all(|permission| visit.visitor.may(permission.as_str())) {
            return Err(ServiceError::Forbidden);
        }
        self.invite_staff(&visit.organisation, email, display_name, permissions).await?;
        Ok(())
    }

    /// Invitations that stand, the newest first.
    pub async fn invitations(&self, visit: &Visit) -> Result<Vec<Invitation>, ServiceError> {
        let open = self.of(visit).open_challenges(Purpose::Invite, self.now()).await?;
        let invitation = |challenge: Challenge| {
            let data: InviteData = serde_json::from_str(&challenge.data)?;
            Ok(Invitation {
                id: challenge.id,
                email: challenge.email,
                display_name: data.display_name,
                permissions: data.permissions,
                expires: challenge.expires,
            })
        };
        open.into_iter().map(invitation).collect()
    }

    /// Takes an invitation back: its link stops working.
    pub async fn withdraw_invitation(&self, visit: &Visit, id: Uuid) -> Result<(), ServiceError> {
        if !visit.visitor.may(Permission::STAFF) {
            return Err(ServiceError::Forbidden);
        }
        let store = self.of(visit);
        store.challenge(id, Purpose::Invite, self.now()).await?.ok_or(ServiceError::NotFound)?;
        store.consume_challenge(id, self.now()).await?;
        Ok(())
    }

    /// Removes staff and ends their sessions here. Only owners remove owners.
    pub async fn remove_staff(&self, visit: &Visit, account: AccountId) -> Result<(), StaffError> {
        if !visit.visitor.may(Permission::STAFF) {
            return Err(ServiceError::Forbidden.into());
        }
        // Under the organisation's clock, so that two owners can't remove each other at the same moment.
        let mut change = self.of(visit).begin_change(self.now()).await?;
        let all = change.staff().await?;
        let staff = all.iter().find(|staff| staff.account == account).ok_or(ServiceError::NotFound)?;
        if staff.is_owner() {
            if !visit.visitor.may(Permission::OWNER) {
                return Err(ServiceError::Forbidden.into());
            }
            if all.iter().filter(|staff| staff.is_owner()).count() == 1 {
                return Err(StaffError::LastOwner);
            }
        }
        change.remove_staff(account).await?;
        let entry = AuditEntry {
            id: self.fresh_id(),
            by: visit.session.as_ref().map(|session| session.account),
            action: "staff-removed".into(),
            subject: format!("staff:{account}"),
            detail: staff.display_name.clone(),
        };
        change.record(&entry).await?;
        change.commit().await?;
        Ok(())
    }
}
