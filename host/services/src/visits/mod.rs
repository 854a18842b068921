//! A visit: which organisation a request is for, who is looking, and in which language.

mod recent;
mod see_as;

pub(crate) use recent::Recent;
pub use see_as::{NotSeen, SeeAs};

use crate::site::SiteFrame;
use crate::tokens::token_hash;
use crate::{ServiceError, Services};
use std::collections::BTreeSet;
use std::sync::Arc;
use tsudoi_kernel::{Locale, Organisation, Visitor};
pub use tsudoi_store::OrganisationKey;
use tsudoi_store::{OrganisationStore, SessionVisit};
use uuid::Uuid;

/// What is known at the beginning of a request.
#[derive(Debug, Clone)]
pub struct Visit {
    pub organisation: Arc<Organisation>,
    pub frame: Arc<SiteFrame>,
    /// Names the published frame: part of the address of the generated stylesheet.
    pub frame_revision: Option<Uuid>,
    /// Ids of the plugins that are enabled here.
    pub enabled_plugins: Arc<BTreeSet<String>>,
    /// The organisation's clock when this was loaded.
    pub number: u64,
    /// Who gates are asked for: with `see_as`, whom staff chose to look as.
    pub visitor: Arc<Visitor>,
    pub session: Option<Arc<SessionVisit>>,
    /// Staff look as somebody else, at drafts; such a visit may read and nothing else.
    pub see_as: Option<SeeAs>,
    pub locale: Locale,
}

impl Services {
    /// From the database.
    pub(crate) async fn loaded_visit(&self, key: &OrganisationKey) -> Result<Option<Visit>, ServiceError> {
        let Some(found) = self.store().visit_all_organisations(key).await? else { return Ok(None) };
        let (frame, frame_revision) = match &found.site {
            Some((id, body)) => (serde_json::from_str(body)?, Some(*id)),
            None => (SiteFrame::of(&found.organisation), None),
        };
        let locale = found.organisation.locale;
        Ok(Some(Visit {
            organisation: Arc::new(found.organisation),
            frame: Arc::new(frame),
            frame_revision,
            enabled_plugins: Arc::new(found.enabled_plugins),
            number: found.number,
            visitor: Arc::new(Visitor::anonymous()),
            session: None,
            see_as: None,
            locale,
        }))
    }

    /// Adds whom the session's token belongs to, where it is one of this organisation that has not run out.
    pub async fn recognise(&self, visit: &mut Visit, token: &str) -> Result<(), ServiceError> {
        self.recognise_quietly(visit, token).await?;
        match &visit.session {
            Some(session) => self.keep_session(visit.organisation.id, session).await,
            None => Ok(()),
        }
    }

    /// The same for a page that lies open: that nobody does anything must not keep a session alive.
    pub async fn recognise_quietly(&self, visit: &mut Visit, token: &str) -> Result<(), ServiceError> {
        let store = self.of(visit);
        let Some(session) = store.session_visit(&token_hash(token), self.now()).await? else { return Ok(()) };
        // An account of the demo opens nothing where the demo is not running.
        if session.demo && !self.settings().demo {
            return Ok(());
        }
        // The member left, or staff were removed: the account is nobody here any more.
        if session.member.is_none() && session.staff.is_none() {
            return Ok(());
        }
        // What was loaded before may be older than what this visitor has done elsewhere; the session says how old.
        if self.recent.still_stands(visit.organisation.id, visit.number, session.number) {
            visit.number = visit.number.max(session.number);
        } else if let Some(loaded) = self.loaded_visit(&OrganisationKey::Slug(visit.organisation.slug.clone())).await? {
            *visit = Visit { locale: visit.locale, ..loaded };
            visit.number = session.number;
        }
        let mut visitor = Visitor { member: session.member.clone(), staff: session.staff.clone(), ..Visitor::default() };
        // Staff pass every gate.
        if let (Some(member), None) = (&session.member, &session.staff) {
            visitor.segments = self.segments_of(visit, member).await?;
        }
        visit.visitor = Arc::new(visitor);
        if session.staff.is_some()
            && let Some(see_as) = session.see_as.as_deref().and_then(|text| serde_json::from_str(text).ok())
        {
            self.look_as(visit, see_as).await?;
        }
        visit.session = Some(Arc::new(session));
        Ok(())
    }

    /// The rows of the organisation that a visit is in.
    pub fn of(&self, visit: &Visit) -> OrganisationStore {
        self.store().organisation(visit.organisation.id)
    }
}
