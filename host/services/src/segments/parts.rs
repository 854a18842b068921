//! Who is in a segment, for plugins that page through one: part by part, with everything that it depends on.

use super::{BATCH, those_in};
use crate::visits::OrganisationKey;
use crate::{ServiceError, Services};
use std::sync::Arc;
use tsudoi_kernel::Organisation;
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::ports::{Boxed, DataError, MemberRecord, PluginData, SegmentPart, SegmentParts, SegmentQuestion};
use tsudoi_kernel::visitor::MemberFacts;

/// Members who are looked at for one part: where few are in the segment it has few, and the next one goes on behind them.
const LOOKED_AT: usize = 1_000;

/// The services for the runtime, which they keep: so it does not keep them.
struct Answerer(Box<dyn Fn() -> Option<Services> + Send + Sync>);

impl SegmentParts for Answerer {
    fn part(&self, organisation: Arc<Organisation>, question: SegmentQuestion) -> Boxed<'_, Result<SegmentPart, DataError>> {
        Box::pin(async move {
            let services = (self.0)().ok_or_else(|| DataError::Unavailable("the host is shutting down".to_owned()))?;
            let part = services.segment_part(&organisation, question).await;
            part.map_err(|error| DataError::Unavailable(error.to_string()))
        })
    }
}

impl Services {
    /// For the runtime of these services.
    pub fn segment_parts(&self) -> Arc<dyn SegmentParts> {
        let parts = Arc::downgrade(&self.parts);
        let Self { sentry, recent, breaker, plugin_files, upgrades, .. } = self.clone();
        Arc::new(Answerer(Box::new(move || {
            Some(Self {
                parts: parts.upgrade()?,
                sentry: sentry.clone(),
                recent: recent.clone(),
                breaker: breaker.clone(),
                plugin_files: plugin_files.clone(),
                upgrades: upgrades.clone(),
            })
        })))
    }

    async fn segment_part(&self, organisation: &Organisation, question: SegmentQuestion) -> Result<SegmentPart, ServiceError> {
        let away = |error: DataError| ServiceError::Unavailable(error.to_string());
        // What another process changed counts at once.
        let visit = self.loaded_visit(&OrganisationKey::Slug(organisation.slug.clone())).await?.ok_or(ServiceError::NotFound)?;
        let mut part = SegmentPart::default();
        part.reads.add(Read::Fact("segments".to_owned()), visit.number);
        let segments = self.segments(&visit).await?;
        let Some(segment) = segments.iter().find(|segment| segment.key == question.segment) else { return Ok(part) };
        let (mut found, mut after, mut looked_at) = (Vec::new(), question.after, 0);
        while found.len() < question.most && looked_at < LOOKED_AT {
            let batch = (question.most - found.len()).min(BATCH as usize);
            // One more tells whether there are any behind these.
            let ids = self.store().member_ids(organisation.id, after, batch as u32 + 1).await.map_err(away)?;
            part.reads.add(Read::Members, ids.number);
            let mut ids = ids.value;
            let more = ids.len() > batch;
            ids.truncate(batch);
            let records = self.store().members(organisation.id, ids.clone()).await.map_err(away)?;
            ids.iter().for_each(|id| part.reads.add(Read::Member(*id), records.number));
            let members: Vec<MemberFacts> = records.value.into_iter().flatten().map(facts_of).collect();
            let answers = self.answers_about(&visit, &segment.rule, &members).await?;
            for (_, answer) in &answers {
                answer.reads.iter().for_each(|(read, number)| part.reads.add(read.clone(), number));
                part.until = [part.until, answer.until].into_iter().flatten().min();
            }
            found.extend(those_in(&segment.rule, members, &answers).map(|member| member.id));
            looked_at += ids.len();
            after = ids.last().copied().filter(|_| more);
            if !more {
                break;
            }
        }
        part.members = Some(found);
        part.next = after;
        Ok(part)
    }
}

fn facts_of(record: MemberRecord) -> MemberFacts {
    let MemberRecord { id, display_name, member_type, status, tier, labels, joined_on: _ } = record;
    MemberFacts { id, display_name, member_type, status, tier, labels: labels.into_iter().collect() }
}
