//! Signing in and out. A person proves who they are by a password, or by reading a mail; what they then may be in this
//! organisation (one member or several, staff) is asked where there is more than one answer. Nothing that is said
//! before the proof tells whether an address is known here.

mod code;
pub(crate) mod limits;
mod next;
mod password;
mod profile;
mod reset;
mod sessions;
mod sign_in;
#[cfg(test)]
mod tests;

pub use limits::{Limit, Limits};
pub use next::NextPath;
pub use password::{Password, PasswordFault};
pub use profile::{AccountPage, TimelineLine};
pub use reset::{MailedLink, MailedPurpose};
pub use sign_in::{Attempt, Choice, SignIn};

pub(crate) use sessions::own;
pub(crate) use tsudoi_kernel::text::name_in_order;

use crate::{ServiceError, Services};
use limits::Meter;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tsudoi_store::StoreError;
use uuid::Uuid;

#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// No such address or number, or another password: which of them is not said.
    #[error("wrong password")]
    WrongPassword,
    #[error("wrong code")]
    WrongCode,
    /// The code or link ran out, was used, was tried too often, or never was.
    #[error("the code or link is over")]
    Over,
    #[error("password: {0:?}")]
    Password(PasswordFault),
    /// The account is used in other organisations, so its first password is set from a mailed link.
    #[error("the first password of this account is set by mail")]
    ByMailOnly,
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for AccountsError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<PasswordFault> for AccountsError {
    fn from(fault: PasswordFault) -> Self {
        Self::Password(fault)
    }
}

/// What this process remembers about tries, and how many passwords it checks at a time.
pub struct Sentry {
    meter: Meter,
    hashing: Semaphore,
}

/// One check takes 19 MiB and a core for some 20 ms.
const HASHES_AT_A_TIME: usize = 4;

impl Default for Sentry {
    fn default() -> Self {
        Self { meter: Meter::new(Limits::default()), hashing: Semaphore::new(HASHES_AT_A_TIME) }
    }
}

impl Services {
    pub(crate) fn meter(&self) -> &Meter {
        &self.sentry.meter
    }

    /// What is kept of a challenge's code: keyed, since six digits could be found from a plain hash by trying them all.
    pub(crate) fn code_hash(&self, challenge: Uuid, code: &str) -> Vec<u8> {
        self.sign("challenge", &[&challenge.to_string(), code]).into_bytes()
    }

    fn is_code(&self, challenge: &tsudoi_store::Challenge, code: &str) -> bool {
        self.code_hash(challenge.id, code).ct_eq(&challenge.code_hash).into()
    }

    /// Removes sessions and challenges that ran out, what the log of changes has that no call asks about any
    /// more, and answers to forms that nobody sends a second time.
    /// Called now and then by a background worker. Answers how many sessions and challenges.
    pub async fn forget_what_ran_out(&self) -> Result<u64, ServiceError> {
        let now = self.now();
        let sessions = self.store().remove_old_sessions_all_organisations(now).await?;
        // A day longer, so that whoever looks into a complaint still finds it.
        let yesterday = now.plus_seconds(-24 * 60 * 60);
        let challenges = self.store().remove_old_challenges_all_organisations(yesterday).await?;
        self.store().remove_old_changes_all_organisations(yesterday).await?;
        // A form sent again after a week counts as a new one.
        self.store().remove_old_imports_all_organisations(now.plus_seconds(-crate::imports::KEPT_DAYS * 24 * 60 * 60)).await?;
        self.store().remove_old_answers_all_organisations(now.plus_seconds(-7 * 24 * 60 * 60)).await?;
        Ok(sessions + challenges)
    }
}
