//! Who is in a segment, for a call that pages through one. Plugins' rules decide about that, and calls never nest: so the run is
//! stopped where it asks, its place is free while the rules are asked, and another run has the answer from the beginning.

use crate::call::unavailable;
use crate::engine::Inner;
use std::sync::{Arc, OnceLock};
use tsudoi_kernel::calls::{CallContext, CallError};
use tsudoi_kernel::ports::{SegmentPart, SegmentParts, SegmentQuestion};

/// Questions of one call. Each costs another run of what came before it.
pub const MOST_QUESTIONS: usize = 20;

/// Who answers, once the services are there.
pub type Answerer = OnceLock<Arc<dyn SegmentParts>>;

/// What was asked and answered so far, for one call.
#[derive(Clone, Default)]
pub struct KnownParts(Vec<(SegmentQuestion, Arc<SegmentPart>)>);

impl KnownParts {
    pub fn get(&self, question: &SegmentQuestion) -> Option<Arc<SegmentPart>> {
        self.0.iter().find(|(known, _)| known == question).map(|(_, part)| part.clone())
    }

    pub fn are_all(&self) -> bool {
        self.0.len() >= MOST_QUESTIONS
    }

    pub fn add(&mut self, question: SegmentQuestion, part: SegmentPart) {
        self.0.push((question, Arc::new(part)));
    }
}

impl Inner {
    /// Asked while the call that wants to know has no place.
    pub async fn part_of_segment(&self, context: &CallContext, question: SegmentQuestion) -> Result<SegmentPart, CallError> {
        let Some(answerer) = self.ports.segments.get() else {
            return Err(CallError::Unavailable("this host has no segments".to_owned()));
        };
        answerer.part(context.organisation.clone(), question).await.map_err(unavailable)
    }
}
