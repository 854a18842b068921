//! Answering a form: kept once, with the mails that it causes, and held against robots without a puzzle for people.

use super::{Errand, plain};
use crate::accounts::limits::{Kind, client_key};
use crate::mail::Letter;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::{Map, Value, json};
use tsudoi_kernel::form::{FieldKind, PlacedForm, Purpose};
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_store::{AnswerDraft, MailDraft};
use uuid::Uuid;

/// Nobody reads a form and fills it in faster.
const FASTEST_SECONDS: i64 = 2;

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    Kept,
    /// The same one had been kept before.
    Again,
    /// It came so soon that a robot may have written it.
    TooSoon,
    /// For a plugin: the member has answered before.
    Answered,
    /// For a plugin that nobody led here for, or that can't hear of it.
    Unheard,
}

/// What was typed, and how it came.
#[derive(Debug, Clone)]
pub struct Typed<'a> {
    pub values: Map<String, Value>,
    /// Names the answer: sent twice, it is kept once.
    pub token: Uuid,
    /// What [`Services::form_shown`] made.
    pub shown: &'a str,
    /// For limits.
    pub client: &'a str,
}

impl Services {
    /// Says when a form was shown.
    pub fn form_shown(&self, form: &PlacedForm) -> String {
        let at = self.now().as_i64().to_string();
        format!("{at}.{}", self.sign("form-shown", &[&form.id.to_string(), &at]))
    }

    /// Whether a person may have filled it in since `shown`, which [`Services::form_shown`] made.
    fn had_time(&self, form: &PlacedForm, shown: &str) -> bool {
        let Some((at, signature)) = shown.split_once('.') else { return false };
        let then = at.parse().ok().filter(|_| self.is_signed("form-shown", &[&form.id.to_string(), at], signature));
        then.is_some_and(|then: i64| self.now().as_i64() - then >= FASTEST_SECONDS * 1000)
    }

    /// Names one answer to a form, as its confirmation page sends it back.
    pub fn form_token(&self, form: &PlacedForm) -> String {
        let token = self.fresh_id().to_string();
        format!("{token}.{}", self.sign("form-token", &[&form.id.to_string(), &token]))
    }

    /// The token within what [`Services::form_token`] made for this form.
    pub fn form_token_of(&self, form: &PlacedForm, sent: &str) -> Option<Uuid> {
        let (token, signature) = sent.split_once('.')?;
        let is_ours = self.is_signed("form-token", &[&form.id.to_string(), token], signature);
        parse_uuid(token).ok().filter(|_| is_ours)
    }

    /// What a form asks for and is known of the member who fills it in, by input.
    pub async fn known_for_form(&self, visit: &Visit, placed: &PlacedForm) -> Result<Vec<(String, String)>, ServiceError> {
        let Some(member) = visit.visitor.member.as_ref().filter(|_| visit.see_as.is_none()) else { return Ok(Vec::new()) };
        let Some(member) = self.of(visit).member(member.id).await? else { return Ok(Vec::new()) };
        let mut known = Vec::new();
        for field in [FieldKind::Name, FieldKind::Email].into_iter().filter_map(|kind| placed.form.first(kind)) {
            for (input, part) in field.inputs(visit.organisation.locale) {
                let text = match part {
                    "family" => member.family_name.as_str(),
                    "given" => &member.given_name,
                    "family-kana" => &member.family_kana,
                    "given-kana" => &member.given_kana,
                    _ => member.email.as_deref().unwrap_or_default(),
                };
                known.push((input, text.to_owned()));
            }
        }
        Ok(known)
    }

    /// Keeps an answer, and writes to whoever answered and to staff. `errand`: the plugin that it is for, which is told.
    pub async fn answer_form(
        &self,
        visit: &Visit,
        placed: &PlacedForm,
        errand: Option<&Errand>,
        typed: Typed<'_>,
    ) -> Result<Sent, ServiceError> {
        if !self.had_time(placed, typed.shown) {
            return Ok(Sent::TooSoon);
        }
        let now = self.now();
        self.meter().count(Kind::FormsByClient, &client_key(typed.client), now)?;
        self.meter().count(Kind::FormsOfOrganisation, &visit.organisation.id.to_string(), now)?;
        let draft = AnswerDraft {
            id: self.fresh_id(),
            form: placed.id,
            token: typed.token,
            member: visit.visitor.member.as_ref().map(|member| member.id),
            values: typed.values,
            at: now,
        };
        let mails = self.mails_for(visit, placed, &draft);
        if placed.form.purpose == Purpose::Plugin {
            let (Some(errand), Some(member)) = (errand, draft.member) else { return Ok(Sent::Unheard) };
            return self.keep_for_plugin(visit, placed, errand, &draft, member, &mails).await;
        }
        let is_first = self.of(visit).add_answer(&draft, &mails).await?;
        Ok(if is_first { Sent::Kept } else { Sent::Again })
    }

    fn mails_for(&self, visit: &Visit, placed: &PlacedForm, draft: &AnswerDraft) -> Vec<MailDraft> {
        let (organisation, form) = (&*visit.organisation, &placed.form);
        let own = organisation.locale;
        let mut mails = Vec::new();
        // Nothing that was typed goes into it: anybody may have entered anybody's address.
        if let Some(to) = form.email_in(&draft.values).filter(|_| form.reply)
            && self.meter().count(Kind::RepliesByAddress, &format!("{} {to}", organisation.id), self.now()).is_ok()
        {
            let thanks = form.thanks.get(visit.locale);
            let arguments = json!({ "form": form.name.get(visit.locale), "thanks": thanks });
            let kind = if thanks.is_empty() { "form-reply" } else { "form-reply-thanks" };
            mails.push(self.write_letter(organisation, visit.locale, Letter { kind, to: &to, arguments }));
        }
        let yes = self.parts.texts.message(own, "parameter-yes", &json!({})).unwrap_or_default();
        let line = |field: &tsudoi_kernel::form::Field| {
            let value = draft.values.get(&field.key).map(|value| plain(value, own, &yes)).unwrap_or_default();
            format!("■ {}\n{value}", field.label.get(own))
        };
        let answers: Vec<String> = form.asked().map(line).collect();
        let link = format!("{}/admin/forms/{}/answers/{}", self.public_url(organisation), placed.id, draft.id);
        for to in &form.notify {
            let arguments = json!({ "form": form.name.get(own), "answers": answers.join("\n\n"), "link": link });
            mails.push(self.write_letter(organisation, own, Letter { kind: "form-notice", to, arguments }));
        }
        mails
    }
}
