//! Staff look at the site as somebody else before they publish: with that visitor's eyes, and with every draft shown
//! as if it were published. Such a visit may look and nothing else.

use super::Visit;
use crate::editor::Editor;
use crate::{ServiceError, Services};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use tsudoi_kernel::changes::ReadSet;
use tsudoi_kernel::membership::MembershipStatus;
use tsudoi_kernel::visitor::{MemberFacts, Segments};
use tsudoi_kernel::{MemberId, Organisation, Permission, Visitor};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum SeeAs {
    /// Who is not signed in.
    Visitor,
    /// An invented member of this tier.
    Tier { tier: String },
    /// An invented member who is in this segment.
    Segment { segment: String },
    /// A member as they are.
    Member { id: MemberId },
}

/// Why staff can't look so.
#[derive(Debug, thiserror::Error)]
pub enum NotSeen {
    #[error("there is no such tier or segment")]
    NoTier,
    #[error("there is no member with this number")]
    NoMember,
    /// What one member sees may be private: it takes the permission to see members' records.
    #[error("not allowed")]
    Forbidden,
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// A member whom there is not.
fn invented(display_name: &str) -> MemberFacts {
    let (id, display_name) = (MemberId(Uuid::nil()), display_name.to_owned());
    MemberFacts { id, display_name, member_type: None, status: MembershipStatus::Current, tier: None, labels: BTreeSet::new() }
}

impl Services {
    /// Begins to look as `choice` says: `visitor`, `tier:<key>`, `segment:<key>`, or `member` with the member's number.
    pub async fn begin_see_as(&self, visit: &Visit, choice: &str, member_number: &str) -> Result<(), NotSeen> {
        let Some(session) = visit.session.as_ref().filter(|session| session.staff.is_some()) else { return Err(NotSeen::Forbidden) };
        let store = self.of(visit);
        let see_as = match choice.split_once(':').unwrap_or((choice, "")) {
            ("visitor", _) => SeeAs::Visitor,
            ("tier", key) => {
                let audience = store.audience().await.map_err(ServiceError::from)?;
                let tier = audience.tiers.into_iter().find(|tier| tier.key == key).ok_or(NotSeen::NoTier)?;
                SeeAs::Tier { tier: tier.key }
            }
            ("segment", key) => {
                let segments = self.segments(visit).await?;
                let segment = segments.iter().find(|segment| segment.key == key).ok_or(NotSeen::NoTier)?;
                SeeAs::Segment { segment: segment.key.clone() }
            }
            ("member", _) => {
                if !visit.visitor.may(Permission::MEMBERS) {
                    return Err(NotSeen::Forbidden);
                }
                let member = self.member_with_number(visit, member_number).await?.ok_or(NotSeen::NoMember)?;
                self.note_look(&self.editor(visit), &member).await?;
                SeeAs::Member { id: member.id }
            }
            _ => return Err(NotSeen::NoTier),
        };
        let text = serde_json::to_string(&see_as).map_err(ServiceError::from)?;
        store.set_see_as(session.id, Some(text)).await.map_err(ServiceError::from)?;
        Ok(())
    }

    /// As it was typed, or in upper or lower case; full-width characters count as the usual ones, as in signing in.
    async fn member_with_number(&self, visit: &Visit, number: &str) -> Result<Option<MemberFacts>, ServiceError> {
        let typed: String = number.trim().nfkc().collect();
        for spelling in [typed.to_uppercase(), typed.to_lowercase(), typed] {
            if let Some(member) = self.of(visit).member_facts_by_number(&spelling).await? {
                return Ok(Some(member));
            }
        }
        Ok(None)
    }

    pub async fn end_see_as(&self, visit: &Visit) -> Result<(), ServiceError> {
        if let Some(session) = &visit.session {
            self.of(visit).set_see_as(session.id, None).await?;
        }
        Ok(())
    }

    /// Puts the visitor and the drafts of the frame in. A member or tier that is gone ends it.
    pub(super) async fn look_as(&self, visit: &mut Visit, see_as: SeeAs) -> Result<(), ServiceError> {
        let store = self.of(visit);
        let member = match &see_as {
            SeeAs::Visitor => None,
            SeeAs::Tier { tier } => {
                let audience = store.audience().await?;
                Some(MemberFacts { tier: Some(tier.clone()), ..invented(audience.tier(tier, visit.locale)) })
            }
            SeeAs::Segment { segment } => {
                let audience = store.audience().await?;
                Some(invented(audience.segment(segment, visit.locale)))
            }
            SeeAs::Member { id } => match store.member_facts(*id).await? {
                Some(member) => Some(member),
                None => return Ok(()),
            },
        };
        let segments = match (&see_as, &member) {
            (SeeAs::Segment { segment }, _) => [(segment.clone(), true, ReadSet::default())].into_iter().collect(),
            (_, Some(member)) => self.segments_of(visit, member).await?,
            (_, None) => Segments::default(),
        };
        visit.visitor = Arc::new(Visitor { member, segments, ..Visitor::default() });
        visit.see_as = Some(see_as);
        if let Some((revision, body)) = store.site_head().await? {
            let frame: crate::site::SiteFrame = serde_json::from_str(&body)?;
            if !frame.theme.is_empty() {
                visit.organisation = Arc::new(Organisation { theme: frame.theme.clone(), ..Organisation::clone(&visit.organisation) });
            }
            visit.frame = Arc::new(frame);
            visit.frame_revision = Some(revision);
        }
        Ok(())
    }

    async fn note_look(&self, editor: &Editor, member: &MemberFacts) -> Result<(), ServiceError> {
        let transaction = editor.begin().await?;
        editor.record(&transaction, "seen-as-member", format!("member:{}", member.id), &member.display_name).await?;
        transaction.commit().await?;
        Ok(())
    }
}
