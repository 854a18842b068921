//! From an audience to mails: page by page, each committed with the place where the next one begins.

use crate::visits::{OrganisationKey, Visit};
use crate::{ServiceError, Services};
use std::collections::BTreeMap;
use tsudoi_kernel::Gate;
use tsudoi_kernel::mailing::{Mailing, MailingState};
use tsudoi_kernel::visitor::MemberFacts;
use tsudoi_store::{Addressee, DeliveryDraft, OngoingMailing, PlanPage};
use uuid::Uuid;

/// Members of one page.
const PAGE: u32 = 1_000;

/// Members who are looked through to say how many a mailing would reach; fewer where plugins' rules decide.
const MOST_COUNTED: u64 = 200_000;
const MOST_ASKED: u64 = 5_000;

/// How many a mailing would go to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    pub goes: u64,
    /// How many it is for and would not get it, by the reason.
    pub left_out: BTreeMap<String, u64>,
    pub looked_at: u64,
    /// There are more members than were looked at.
    pub more: bool,
}

impl Reach {
    pub fn all_left_out(&self) -> u64 {
        self.left_out.values().sum()
    }
}

impl Services {
    /// Takes up mailings whose time has come, plans one page of each that is being planned, and ends those that are over. Answers how
    /// many pages it planned: as long as there are some, there may be more.
    pub async fn carry_on_mailings(&self) -> Result<usize, ServiceError> {
        let mut pages = 0;
        for ongoing in self.store().ongoing_mailings_all_organisations(self.now()).await? {
            // One that can't go on keeps no other.
            match self.carry_mailing_on(&ongoing).await {
                Ok(planned) => pages += usize::from(planned),
                Err(error) => tracing::warn!(organisation = %ongoing.organisation, mailing = %ongoing.id, %error, "a mailing waits"),
            }
        }
        Ok(pages)
    }

    /// Whether a page was planned.
    async fn carry_mailing_on(&self, ongoing: &OngoingMailing) -> Result<bool, ServiceError> {
        let store = self.store().organisation(ongoing.organisation);
        store.begin_mailing(ongoing.id, self.now()).await?;
        let Some(record) = store.mailing(ongoing.id).await? else { return Ok(false) };
        match record.state {
            MailingState::Planning => {}
            MailingState::Sending => {
                store.end_mailing(ongoing.id, self.now()).await?;
                return Ok(false);
            }
            MailingState::Stopped => {
                store.keep_counts(ongoing.id).await?;
                return Ok(false);
            }
            _ => return Ok(false),
        }
        let key = OrganisationKey::Slug(ongoing.slug.clone());
        let visit = self.loaded_visit(&key).await?.ok_or(ServiceError::NotFound)?;
        let (from, topic) = (record.cursor, record.mailing.topic);
        let members = store.addressees(topic, from, PAGE).await?;
        let page = PlanPage {
            mailing: ongoing.id,
            topic,
            from,
            to: members.last().map_or(from, |last| last.facts.id.0),
            is_last: members.len() < PAGE as usize,
            deliveries: self.deliveries(&visit, &record.mailing, members).await?,
        };
        Ok(store.plan_mailing(&page, self.now()).await?)
    }

    async fn deliveries(&self, visit: &Visit, mailing: &Mailing, members: Vec<Addressee>) -> Result<Vec<DeliveryDraft>, ServiceError> {
        let facts: Vec<MemberFacts> = members.iter().map(|member| member.facts.clone()).collect();
        let admitted = self.admitted(visit, &mailing.gate, facts).await?;
        let delivery = |addressee: Addressee| DeliveryDraft {
            id: self.fresh_id(),
            member: addressee.facts.id,
            email: addressee.email.unwrap_or_default(),
            barrier: addressee.barrier,
        };
        Ok(members.into_iter().zip(admitted).filter(|(_, admitted)| *admitted).map(|(member, _)| delivery(member)).collect())
    }

    /// How many a mailing would go to now.
    pub async fn mailing_reach(&self, visit: &Visit, mailing: &Mailing) -> Result<Reach, ServiceError> {
        let (mut reach, mut after) = (Reach::default(), Uuid::nil());
        let most = if matches!(mailing.gate, Gate::Segments { .. }) { MOST_ASKED } else { MOST_COUNTED };
        loop {
            let members = self.of(visit).addressees(mailing.topic, after, PAGE).await?;
            let Some(last) = members.last() else { return Ok(reach) };
            after = last.facts.id.0;
            if reach.looked_at >= most {
                reach.more = true;
                return Ok(reach);
            }
            reach.looked_at += members.len() as u64;
            for delivery in self.deliveries(visit, mailing, members).await? {
                match delivery.barrier {
                    None => reach.goes += 1,
                    Some(reason) => *reach.left_out.entry(reason).or_default() += 1,
                }
            }
        }
    }
}
