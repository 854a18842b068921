//! Forms: staff say what is asked, visitors answer, staff read the answers and make members of those who ask to join.

mod answer;
mod edit;
mod export;
mod plugins;
mod review;
#[cfg(test)]
mod tests;

pub use answer::{Sent, Typed};
pub use edit::{FieldInput, FormInput};
pub use plugins::Errand;
pub use review::{Approval, ReadAnswer, Reading};
pub use tsudoi_kernel::form::{AnswerFor, AnswerState, Field, FieldKind, Form, PlacedForm, Purpose, Wrong, plain};
pub use tsudoi_store::{Answer, ListedForm};

use crate::pages::Audience;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::Gate;

/// Forms of an organisation.
pub const MOST_FORMS: usize = 200;

/// What is at a form's address, for somebody.
#[derive(Debug, Clone, PartialEq)]
pub enum FormView {
    Nothing,
    /// With what it is filled in for, where a plugin led the member here. A form for plugins without that is shown to staff only.
    Open(PlacedForm, Option<Errand>),
    /// It takes no answers.
    Closed(PlacedForm),
    /// Those who may answer are others.
    Denied(PlacedForm, Gate, Audience),
    /// It is for members whom a plugin leads here.
    Elsewhere(PlacedForm),
    /// This member has answered it for the same already.
    Answered(PlacedForm, Errand),
}

impl Services {
    /// All forms, for staff.
    pub async fn forms(&self, visit: &Visit) -> Result<Vec<ListedForm>, ServiceError> {
        Ok(self.of(visit).forms().await?)
    }

    /// Answers of all forms that nobody has dealt with.
    pub async fn new_answers(&self, visit: &Visit) -> Result<u64, ServiceError> {
        Ok(self.of(visit).count_new_answers().await?)
    }

    /// `answers`: what its address says it is filled in for.
    pub async fn form_at(&self, visit: &Visit, address: &str, answers: Option<&AnswerFor>) -> Result<FormView, ServiceError> {
        let Some(form) = self.of(visit).form_at(address).await? else { return Ok(FormView::Nothing) };
        let denied = async |form: PlacedForm, gate: Gate| Ok(FormView::Denied(form, gate, self.of(visit).audience().await?));
        if !form.form.gate.admits(&visit.visitor) {
            let gate = form.form.gate.clone();
            return denied(form, gate).await;
        }
        // Staff look at what they are making.
        let is_open = form.form.open || visit.visitor.is_staff();
        if form.form.purpose != Purpose::Plugin {
            return Ok(if is_open { FormView::Open(form, None) } else { FormView::Closed(form) });
        }
        let errand = match answers {
            Some(answers) => self.errand(visit, answers).await?,
            None => None,
        };
        let Some(errand) = errand.filter(|_| visit.visitor.member.is_some() || !visit.visitor.is_staff()) else {
            return Ok(if visit.visitor.is_staff() { FormView::Open(form, None) } else { FormView::Elsewhere(form) });
        };
        let Some(member) = &visit.visitor.member else { return denied(form, Gate::Members).await };
        if self.of(visit).has_answered(form.id, member.id, &errand.answers).await? {
            return Ok(FormView::Answered(form, errand));
        }
        Ok(if is_open { FormView::Open(form, Some(errand)) } else { FormView::Closed(form) })
    }
}
