//! Segments: who is in one. A member is looked for in all of an organisation's when a visit is made, since plugins' rules
//! decide about some, and calls never nest.

mod edit;
mod parts;
#[cfg(test)]
mod tests;

pub use edit::{RuleChoice, SegmentChoices, SegmentUses};

use crate::plugins::{is_fault, is_sound};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::Value;
use std::sync::Arc;
use tsudoi_kernel::calls::{CallContext, CallError, Installation};
use tsudoi_kernel::changes::{Read, ReadSet};
pub use tsudoi_kernel::segment::{Condition, Meets, RuleUse, Segment, SegmentRule, Test};
use tsudoi_kernel::visitor::{MemberFacts, Segments};
use tsudoi_kernel::{Gate, MemberId, Timestamp, Visitor};

/// Segments of an organisation: each of them is asked about at every visit of a member.
pub const MOST_SEGMENTS: usize = 50;
/// Members that a rule is asked about at once: as many as `store.counts` counts ranges.
const BATCH: u32 = 100;

/// What a rule answered about some members, and what that depends on.
struct RuleAnswer {
    met: Vec<bool>,
    reads: ReadSet,
    /// How long it stays right, where it depends on time.
    until: Option<Timestamp>,
}

/// Some of the members of a segment, in the order in which they were entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentPage {
    pub members: Vec<MemberFacts>,
    /// How many are in it, of those that were looked at.
    pub count: usize,
    pub looked_at: usize,
    /// There are more members than were looked at.
    pub more: bool,
}

impl Services {
    /// In which of the organisation's segments a member is.
    pub(crate) async fn segments_of(&self, visit: &Visit, member: &MemberFacts) -> Result<Segments, ServiceError> {
        let segments = self.segments(visit).await?;
        let mut answers: Vec<(&RuleUse, RuleAnswer)> = Vec::new();
        for rule in segments.iter().flat_map(|segment| segment.rule.rules()) {
            if !answers.iter().any(|(known, _)| *known == rule) {
                answers.push((rule, self.ask_rule(visit, rule, &[member.id]).await?));
            }
        }
        let answer = |rule: &RuleUse| answers.iter().find(|(known, _)| *known == rule).map(|(_, answer)| answer);
        let found = segments.iter().map(|segment| {
            let mut reads = ReadSet::default();
            reads.add(Read::Fact("segments".to_owned()), visit.number);
            for (read, number) in segment.rule.rules().filter_map(answer).flat_map(|answer| answer.reads.iter()) {
                reads.add(read.clone(), number);
            }
            let is_in = segment.rule.holds(member, |rule| answer(rule).is_some_and(|answer| answer.met[0]));
            (segment.key.clone(), is_in, reads)
        });
        Ok(found.collect())
    }

    /// Who is in a segment: the first `shown` of them, of the first `most` members of the organisation.
    pub async fn segment_page(&self, visit: &Visit, rule: &SegmentRule, shown: usize, most: usize) -> Result<SegmentPage, ServiceError> {
        let mut page = SegmentPage { members: Vec::new(), count: 0, looked_at: 0, more: false };
        let mut after = None;
        loop {
            let members = self.of(visit).members_facts(after, BATCH).await?;
            let Some(last) = members.last() else { return Ok(page) };
            after = Some(last.id);
            if page.looked_at + members.len() > most {
                page.more = true;
                return Ok(page);
            }
            page.looked_at += members.len();
            let answers = self.answers_about(visit, rule, &members).await?;
            for member in those_in(rule, members, &answers) {
                page.count += 1;
                if page.members.len() < shown {
                    page.members.push(member);
                }
            }
        }
    }

    /// Which of these members a gate admits, in their order.
    pub(crate) async fn admitted(&self, visit: &Visit, gate: &Gate, members: Vec<MemberFacts>) -> Result<Vec<bool>, ServiceError> {
        let Gate::Segments { segments: named } = gate else {
            let admits = |member| gate.admits(&Visitor { member: Some(member), ..Visitor::default() });
            return Ok(members.into_iter().map(admits).collect());
        };
        let segments = self.segments(visit).await?;
        let mut admitted = Vec::with_capacity(members.len());
        for batch in members.chunks(BATCH as usize) {
            let mut answered = Vec::new();
            for segment in segments.iter().filter(|segment| named.contains(&segment.key)) {
                answered.push((segment, self.answers_about(visit, &segment.rule, batch).await?));
            }
            for (number, member) in batch.iter().enumerate() {
                let found = answered.iter().map(|(segment, answers)| {
                    let met = |rule: &RuleUse| answers.iter().any(|(asked, answer)| *asked == rule && answer.met[number]);
                    (segment.key.clone(), segment.rule.holds(member, met), ReadSet::default())
                });
                let visitor = Visitor { member: Some(member.clone()), segments: found.collect(), ..Visitor::default() };
                admitted.push(gate.admits(&visitor));
            }
        }
        Ok(admitted)
    }

    /// What the rules of a segment answer about up to [`BATCH`] members.
    async fn answers_about<'a>(
        &self,
        visit: &Visit,
        rule: &'a SegmentRule,
        members: &[MemberFacts],
    ) -> Result<Vec<(&'a RuleUse, RuleAnswer)>, ServiceError> {
        let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
        let mut answers = Vec::new();
        for asked in rule.rules() {
            answers.push((asked, self.ask_rule(visit, asked, &ids).await?));
        }
        Ok(answers)
    }

    /// Asks a plugin's rule about members. Nobody meets one of a plugin that is off, pauses or fails.
    async fn ask_rule(&self, visit: &Visit, rule: &RuleUse, members: &[MemberId]) -> Result<RuleAnswer, ServiceError> {
        let nobody = |reads, until| RuleAnswer { met: vec![false; members.len()], reads, until };
        let installations = self.installations(visit).await?;
        let found = installations.iter().find(|(installation, _)| installation.manifest.id == rule.plugin);
        let Some((installation, _)) = found else { return Ok(nobody(ReadSet::default(), None)) };
        let mut reads = ReadSet::default();
        reads.add(Read::installation(installation.id), visit.number);
        let pause = installation.paused_until(self.now());
        if !self.is_on(installation) || pause.is_some() {
            return Ok(nobody(reads, pause));
        }
        let Some(parameters) = rule.complete(&installation.manifest) else { return Ok(nobody(reads, None)) };
        let context = rule_context(visit, installation);
        let outcome = self.parts.calls.rule(context, rule.rule.clone(), Value::Object(parameters), members.to_vec()).await;
        if is_sound(&outcome) {
            self.note_success(installation);
        }
        match outcome {
            Ok(answered) => {
                // What was read earlier and kept was still so at the number that the answer is true for.
                answered.reads.iter().for_each(|(read, _)| reads.add(read.clone(), answered.number));
                Ok(RuleAnswer { met: answered.value, reads, until: answered.until })
            }
            // To turn members away for that would be wrong.
            Err(CallError::Busy) => Err(ServiceError::Unavailable(format!("the rule {} is busy", rule.rule))),
            Err(CallError::Unavailable(cause)) => Err(ServiceError::Unavailable(cause)),
            Err(error) => {
                if is_fault(&error) {
                    self.note_failure(visit, &rule.plugin, &format!("rule {}", rule.rule), "", &error.to_string()).await?;
                }
                // It may be well again the next time.
                Ok(nobody(reads, Some(self.now())))
            }
        }
    }
}

/// Those of the members who are in a segment, by what its rules answered about them.
fn those_in<'a>(
    rule: &'a SegmentRule,
    members: Vec<MemberFacts>,
    answers: &'a [(&RuleUse, RuleAnswer)],
) -> impl Iterator<Item = MemberFacts> + 'a {
    let met = |number: usize, rule: &RuleUse| answers.iter().any(|(asked, answer)| *asked == rule && answer.met[number]);
    let all = members.into_iter().enumerate();
    all.filter(move |(number, member)| rule.holds(member, |rule| met(*number, rule))).map(|(_, member)| member)
}

/// For nobody in particular, so that an answer counts for whoever asks.
fn rule_context(visit: &Visit, installation: &Arc<Installation>) -> CallContext {
    CallContext {
        organisation: visit.organisation.clone(),
        installation: installation.clone(),
        visitor: Arc::new(Visitor::system()),
        locale: visit.organisation.locale,
        number: visit.number,
        request_id: String::new(),
    }
}
