//! The demo's forms, what strangers sent, and what staff made of it.

use super::content::AnswerEntry;
use super::story::Teller;
use super::year::Told;
use anyhow::Context;
use std::collections::HashMap;
use std::sync::Arc;
use tsudoi_kernel::Visitor;
use tsudoi_kernel::form::Form;
use tsudoi_kernel::visitor::MemberFacts;
use tsudoi_services::forms::{AnswerState, Approval, FormInput, PlacedForm, Typed};
use tsudoi_services::members::MembershipStatus;
use tsudoi_services::visits::Visit;

impl<'a> Teller<'a> {
    pub(super) async fn make_forms(&self, visit: &Visit) -> anyhow::Result<HashMap<&'a str, (PlacedForm, &'a Form)>> {
        let (editor, own) = (self.services.editor_of(visit.organisation.id, None), visit.organisation.locale);
        let mut made = HashMap::new();
        for entry in &self.content.forms.forms {
            let placed = PlacedForm { id: self.services.fresh_id(), address: entry.address.clone(), form: entry.form.clone() };
            let id = editor.save_form(visit, None, "", &FormInput::of(&placed, own)).await.with_context(|| entry.address.clone())?;
            made.insert(entry.address.as_str(), (self.services.form(visit, id).await?, &entry.form));
        }
        Ok(made)
    }

    pub(super) async fn answer(&self, visit: &Visit, told: &mut Told<'a>, answer: &AnswerEntry) -> anyhow::Result<()> {
        let (placed, file) = told.forms.get(answer.form.as_str()).context("there is no such form")?;
        let own = visit.organisation.locale;
        let typed = |input: &str| answer.typed.get(input).map(String::as_str).into_iter().collect();
        let by_file = file.read(own, typed).map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
        // The host gave the fields keys of its own.
        let keys: HashMap<&String, &String> =
            file.fields.iter().map(|field| &field.key).zip(placed.form.fields.iter().map(|field| &field.key)).collect();
        let values = by_file.into_iter().map(|(key, value)| (keys[&key].clone(), value)).collect();
        let at = self.ago(answer.days_ago);
        self.clock.set(at.plus_seconds(-60));
        let shown = self.services.form_shown(placed);
        self.clock.set(at);
        let typed = Typed { values, token: self.services.fresh_id(), shown: &shown, client: "demo" };
        self.services.answer_form(visit, placed, None, typed).await?;
        let answers = self.services.form_answers(visit, placed.id, None, None).await?.answers;
        let newest = answers.first().context("the answer is gone")?;
        if answer.done {
            let editor = self.services.editor_of(visit.organisation.id, None);
            editor.mark_answer(visit, placed.id, newest.id, AnswerState::New, AnswerState::Done).await?;
        }
        told.answers.insert((answer.form.clone(), answer.typed.get("email").cloned().unwrap_or_default()), newest.id);
        Ok(())
    }

    /// Whoever asked to join becomes a member.
    pub(super) async fn approve(&self, visit: &Visit, told: &mut Told<'a>, answer: &AnswerEntry) -> anyhow::Result<()> {
        let entry = answer.approved.as_ref().context("nobody approved it")?;
        let (placed, _) = told.forms.get(answer.form.as_str()).context("there is no such form")?;
        let email = answer.typed.get("email").cloned().unwrap_or_default();
        let id = *told.answers.get(&(answer.form.clone(), email)).context("the answer comes later")?;
        let suggested = self.services.form_answer(visit, placed.id, id).await?.approval.context("nobody asks to join")?;
        let mut joining = suggested.joining;
        if joining.member_type.is_empty() {
            joining.member_type = self.content.organisation.types.first().map(|first| first.key.clone()).unwrap_or_default();
        }
        let typed = Approval { number: entry.number.clone(), display_name: entry.display_name.clone(), tier: entry.tier.clone(), joining };
        let member_type = Some(typed.joining.member_type.clone()).filter(|key| !key.is_empty());
        let member = self.services.editor_of(visit.organisation.id, None).approve_answer(visit, placed.id, id, &typed).await?;
        let facts = MemberFacts {
            id: member,
            display_name: typed.display_name,
            member_type,
            status: MembershipStatus::Current,
            tier: Some(typed.tier),
            labels: Default::default(),
        };
        told.joined.insert(entry.number.clone(), Arc::new(Visitor { member: Some(facts), ..Visitor::default() }));
        Ok(())
    }
}
