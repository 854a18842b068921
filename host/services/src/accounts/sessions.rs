//! Sessions: thirty days from the last visit. The browser holds a random token, the database its hash.

use crate::tokens::token_hash;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::{AccountId, MemberId, OrganisationId};
use tsudoi_store::{SessionDraft, SessionSummary, SessionVisit};
use uuid::Uuid;

/// How long a session lasts after the last visit.
pub const SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// A session that was seen less than this ago is not written again.
const SEEN_EVERY_SECONDS: i64 = 60 * 60;

/// Most characters that are kept of what a browser calls itself.
const AGENT_LENGTH: usize = 200;

impl Services {
    /// Signs an account in, as one of its members here or as staff alone. Answers with the token for the cookie
    /// `cookies::SESSION`: always a fresh one, so nobody can have planted it.
    pub async fn start_session(
        &self,
        organisation: OrganisationId,
        account: AccountId,
        member: Option<MemberId>,
        agent: &str,
    ) -> Result<String, ServiceError> {
        let (token, now) = (self.fresh_token(), self.now());
        let session = SessionDraft {
            id: self.fresh_id(),
            token_hash: token_hash(&token),
            account,
            member,
            at: now,
            expires: now.plus_seconds(SESSION_SECONDS),
            agent: agent.chars().filter(|character| !character.is_control()).take(AGENT_LENGTH).collect(),
        };
        self.store().organisation(organisation).begin_session(&session).await?;
        Ok(token)
    }

    /// Notes that a session is in use, at most once an hour.
    pub(crate) async fn keep_session(&self, organisation: OrganisationId, session: &SessionVisit) -> Result<(), ServiceError> {
        let now = self.now();
        if now >= session.last_seen.plus_seconds(SEEN_EVERY_SECONDS) {
            let expires = now.plus_seconds(SESSION_SECONDS);
            self.store().organisation(organisation).extend_session(session.id, now, expires).await?;
        }
        Ok(())
    }

    /// The sessions of the visitor's account in this organisation, the one seen last first.
    pub async fn own_sessions(&self, visit: &Visit) -> Result<Vec<SessionSummary>, ServiceError> {
        let session = own(visit)?;
        Ok(self.of(visit).sessions_of(session.account, self.now()).await?)
    }

    /// Ends one of the visitor's own sessions.
    pub async fn end_own_session(&self, visit: &Visit, id: Uuid) -> Result<(), ServiceError> {
        let session = own(visit)?;
        if self.of(visit).end_session(session.account, id).await? { Ok(()) } else { Err(ServiceError::NotFound) }
    }

    /// Ends the session of this visit, if it has one.
    pub async fn sign_out(&self, visit: &Visit) -> Result<(), ServiceError> {
        if let Some(session) = &visit.session {
            self.of(visit).end_session(session.account, session.id).await?;
        }
        Ok(())
    }

    /// Ends all sessions of the visitor's account, in every organisation.
    pub async fn sign_out_everywhere(&self, visit: &Visit) -> Result<(), ServiceError> {
        let session = own(visit)?;
        Ok(self.store().end_sessions_all_organisations(session.account).await?)
    }
}

/// The visit's session; without one there is nothing of one's own to see.
pub(crate) fn own(visit: &Visit) -> Result<&SessionVisit, ServiceError> {
    visit.session.as_deref().ok_or(ServiceError::Forbidden)
}
