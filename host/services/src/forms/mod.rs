//! Forms: staff say what is asked, visitors answer, staff read the answers and make members of those who ask to join.

mod answer;
mod edit;
mod export;
mod review;
#[cfg(test)]
mod tests;

pub use answer::Sent;
pub use edit::{FieldInput, FormInput};
pub use review::{Approval, ReadAnswer, Reading};
pub use tsudoi_kernel::form::{AnswerState, Field, FieldKind, Form, PlacedForm, Purpose, Wrong, plain};
pub use tsudoi_store::{Answer, ListedForm};

use crate::pages::Audience;
use crate::visits::Visit;
use crate::{ServiceError, Services};

/// Forms of an organisation.
pub const MOST_FORMS: usize = 200;

/// What is at a form's address, for somebody.
#[derive(Debug, Clone, PartialEq)]
pub enum FormView {
    Nothing,
    Open(PlacedForm),
    /// It takes no answers.
    Closed(PlacedForm),
    /// Those who may answer are others.
    Denied(PlacedForm, Audience),
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

    pub async fn form_at(&self, visit: &Visit, address: &str) -> Result<FormView, ServiceError> {
        let Some(form) = self.of(visit).form_at(address).await? else { return Ok(FormView::Nothing) };
        if !form.form.gate.admits(&visit.visitor) {
            return Ok(FormView::Denied(form, self.of(visit).audience().await?));
        }
        // Staff look at what they are making.
        let is_open = form.form.open || visit.visitor.is_staff();
        Ok(if is_open { FormView::Open(form) } else { FormView::Closed(form) })
    }
}
