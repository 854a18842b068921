//! Forms that members fill in for a plugin: it leads them here, hears what they answered, and gets them back.

use super::answer::Sent;
use super::plain;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::{Value, json};
use tsudoi_kernel::background::{Emitted, permission_of};
use tsudoi_kernel::form::{ANSWERED, AnswerFor, Field, PlacedForm};
use tsudoi_kernel::{Locale, MemberId};
use tsudoi_store::{AnswerDraft, KeptForPlugin, MailDraft};

/// What a member fills a form in for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    pub answers: AnswerFor,
    /// The plugin's page to which they are led afterwards.
    pub back: String,
}

impl Services {
    /// What an address names, where the plugin is on, leads members to forms and may hear what they answer.
    pub(crate) async fn errand(&self, visit: &Visit, answers: &AnswerFor) -> Result<Option<Errand>, ServiceError> {
        let installations = self.installations(visit).await?;
        let found = installations.iter().map(|(installation, _)| installation).find(|found| found.manifest.id == answers.plugin);
        let is_served = |permission: &str| found.is_some_and(|found| found.may_use(&self.settings().policy, permission));
        let Some(installation) = found.filter(|found| self.is_on(found)) else { return Ok(None) };
        if !is_served("forms") || !is_served(&permission_of(ANSWERED)) {
            return Ok(None);
        }
        let back = installation.manifest.after_answering(&answers.key);
        Ok(back.map(|back| Errand { answers: answers.clone(), back }))
    }

    /// The name of the plugin and its page that an answer is for, as far as it is still there.
    pub(crate) async fn led_by(&self, visit: &Visit, answers: &AnswerFor) -> Result<(String, Option<String>), ServiceError> {
        let installations = self.installations(visit).await?;
        let found = installations.iter().find(|(installation, _)| installation.manifest.id == answers.plugin);
        let name = found.map(|(found, _)| found.manifest.name.get(visit.locale).to_owned());
        let page = found.filter(|(found, _)| self.is_on(found)).and_then(|(found, _)| found.manifest.after_answering(&answers.key));
        Ok((name.unwrap_or_else(|| answers.plugin.clone()), page))
    }

    /// One transaction: the answer, what the plugin is told, and the mails.
    pub(super) async fn keep_for_plugin(
        &self,
        visit: &Visit,
        placed: &PlacedForm,
        errand: &Errand,
        draft: &AnswerDraft,
        member: MemberId,
        mails: &[MailDraft],
    ) -> Result<Sent, ServiceError> {
        let told = self.answer_told(visit, placed, &errand.answers, draft, member);
        let mut change = self.of(visit).begin_change(draft.at).await?;
        Ok(match change.add_answer_for_plugin(draft, &errand.answers, &told, mails).await? {
            KeptForPlugin::First => {
                change.commit().await?;
                Sent::Kept
            }
            KeptForPlugin::Again => Sent::Again,
            KeptForPlugin::Answered => Sent::Answered,
            KeptForPlugin::Unheard => Sent::Unheard,
        })
    }

    fn answer_told(&self, visit: &Visit, placed: &PlacedForm, answers: &AnswerFor, draft: &AnswerDraft, member: MemberId) -> Emitted {
        let own: Locale = visit.organisation.locale;
        let yes = self.parts.texts.message(own, "parameter-yes", &json!({})).unwrap_or_default();
        let filled = |field: &Field| -> Option<Value> {
            let value = draft.values.get(&field.key)?;
            let text = plain(value, own, &yes);
            Some(json!({ "key": field.key, "kind": field.kind, "label": field.label, "value": value, "text": text }))
        };
        let payload = json!({
            "form": placed.id, "answer": draft.id, "member": member, "key": answers.key,
            "fields": placed.form.asked().filter_map(filled).collect::<Vec<_>>(),
        });
        // Its id is the answer's: what was told goes with the answer of a member who is erased.
        Emitted { id: draft.id, topic: ANSWERED.to_owned(), order_key: answers.key.clone(), payload, depth: 1 }
    }
}
