//! What staff do with answers: read them, mark them, and make members of those who ask to join.

use crate::accounts::name_in_order;
use crate::editor::Editor;
use crate::mail::Letter;
use crate::members::{Joining, number_objection, read_joining};
use crate::visits::Visit;
use crate::{ServiceError, Services};

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tsudoi_kernel::contact::{Contact, ContactKind, Contacts, Place, PostalAddress};
use tsudoi_kernel::form::{AnswerState, Field, FieldKind, Form, PlacedForm, Purpose, written_name};
use tsudoi_kernel::text::one_width;
use tsudoi_kernel::{Email, MemberId};
use tsudoi_store::{Answer, MemberDraft, StoreError};
use uuid::Uuid;

/// Answers on one page of the list.
const LINES: u32 = 50;
const LONGEST_NOTE: usize = 5_000;

/// One page of a form's answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub form: PlacedForm,
    pub answers: Vec<Answer>,
    /// Where the next page begins.
    pub next: Option<Uuid>,
}

/// One answer, with what staff want to know beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadAnswer {
    pub form: PlacedForm,
    pub answer: Answer,
    /// Id, number and name of who answered, or became a member by it.
    pub member: Option<(MemberId, String, String)>,
    /// The name of the plugin that it was answered for, and its page about that.
    pub led_by: Option<(String, Option<String>)>,
    /// Members who have the same address already: number and name.
    pub alike: Vec<(MemberId, String)>,
    /// For who asks to join and is no member yet.
    pub approval: Option<Approval>,
}

/// What becomes of who asked to join, as staff typed it or as it is suggested.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Approval {
    pub number: String,
    pub display_name: String,
    /// A tier's key, or empty.
    pub tier: String,
    /// Its first day is the one on which they join.
    pub joining: Joining,
}

impl Services {
    pub async fn form_answers(
        &self,
        visit: &Visit,
        form: Uuid,
        state: Option<AnswerState>,
        before: Option<Uuid>,
    ) -> Result<Reading, ServiceError> {
        let form = self.form(visit, form).await?;
        let mut answers = self.of(visit).answers(form.id, state, before, LINES + 1).await?;
        let more = answers.len() > LINES as usize;
        answers.truncate(LINES as usize);
        let next = answers.last().filter(|_| more).map(|answer| answer.id);
        Ok(Reading { form, answers, next })
    }

    pub async fn form_answer(&self, visit: &Visit, form: Uuid, id: Uuid) -> Result<ReadAnswer, ServiceError> {
        let (store, own) = (self.of(visit), visit.organisation.locale);
        let form = self.form(visit, form).await?;
        let answer = store.answer(id).await?.filter(|answer| answer.form == form.id).ok_or(ServiceError::NotFound)?;
        let mut read = ReadAnswer { form, answer, member: None, led_by: None, alike: Vec::new(), approval: None };
        if let Some(member) = read.answer.member
            && let Some(member) = store.member(member).await?
        {
            let name = name_in_order(own, &member.family_name, &member.given_name).unwrap_or(member.display_name);
            read.member = Some((member.id, member.number, name));
        }
        if let Some(answers) = &read.answer.answers {
            read.led_by = Some(self.led_by(visit, answers).await?);
        }
        if read.form.form.purpose == Purpose::Join && read.answer.state == AnswerState::New {
            if let Some(email) = read.form.form.email_in(&read.answer.values) {
                let people = store.people_by_email(&email).await?;
                let named = |person: tsudoi_store::Person| {
                    let name = name_in_order(own, &person.family_name, &person.given_name).unwrap_or(person.display_name);
                    Some((person.member?, format!("{} {name}", person.number)))
                };
                read.alike = people.into_iter().filter_map(named).collect();
            }
            let name = read.form.form.first(FieldKind::Name).and_then(|field| read.answer.values.get(&field.key));
            read.approval = Some(Approval {
                number: self.suggested_number(visit).await?,
                display_name: name.map(|name| written_name(own, name)).unwrap_or_default(),
                tier: String::new(),
                joining: Joining { begins: self.today(visit).to_string(), ..Joining::default() },
            });
        }
        Ok(read)
    }
}

impl Editor {
    /// Marks an answer. [`ServiceError::Changed`] where somebody else has, meanwhile.
    pub async fn mark_answer(&self, visit: &Visit, form: Uuid, id: Uuid, from: AnswerState, to: AnswerState) -> Result<(), ServiceError> {
        let (form, _) = self.found(form, id).await?;
        let allowed = match form.form.purpose {
            Purpose::Answers | Purpose::Plugin => {
                matches!((from, to), (AnswerState::New, AnswerState::Done) | (AnswerState::Done, AnswerState::New))
            }
            Purpose::Join => matches!((from, to), (AnswerState::New, AnswerState::Declined) | (AnswerState::Declined, AnswerState::New)),
        };
        if !allowed {
            return Err(ServiceError::NotFound);
        }
        let transaction = self.begin().await?;
        if !transaction.move_answer(id, from, to, None).await? {
            return Err(ServiceError::Changed);
        }
        let action = format!("answer-{}", to.as_str());
        self.record(&transaction, &action, format!("answer:{id}"), form.form.name.get(visit.organisation.locale)).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub async fn note_on_answer(&self, form: Uuid, id: Uuid, note: &str) -> Result<(), ServiceError> {
        self.found(form, id).await?;
        let note = note.replace("\r\n", "\n").trim().to_owned();
        if note.chars().count() > LONGEST_NOTE {
            return Err(ServiceError::Invalid(vec![("note".into(), "forms-text-too-long")]));
        }
        let transaction = self.begin().await?;
        transaction.set_answer_note(id, &note).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub async fn delete_answer(&self, visit: &Visit, form: Uuid, id: Uuid) -> Result<(), ServiceError> {
        let (form, _) = self.found(form, id).await?;
        let transaction = self.begin().await?;
        if !transaction.delete_answer(id).await? {
            return Err(ServiceError::NotFound);
        }
        self.record(&transaction, "answer-deleted", format!("answer:{id}"), form.form.name.get(visit.organisation.locale)).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes a member of who asked to join, once, and writes to them. [`ServiceError::Changed`] where somebody else has decided.
    pub async fn approve_answer(&self, visit: &Visit, form: Uuid, id: Uuid, typed: &Approval) -> Result<MemberId, ServiceError> {
        let (form, answer) = self.found(form, id).await?;
        if form.form.purpose != Purpose::Join {
            return Err(ServiceError::NotFound);
        }
        if answer.state != AnswerState::New {
            return Err(ServiceError::Changed);
        }
        let audience = self.store.audience().await?;
        let number = one_width(&typed.number).trim().to_owned();
        let mut errors = Vec::new();
        errors.extend(number_objection(&number).map(|message| ("number".to_owned(), message)));
        if typed.display_name.trim().is_empty() {
            errors.push(("display_name".to_owned(), "error-required"));
        } else if typed.display_name.chars().count() > 100 || typed.display_name.chars().any(char::is_control) {
            errors.push(("display_name".to_owned(), "forms-text-too-long"));
        }
        if !typed.tier.is_empty() && !audience.tiers.iter().any(|tier| tier.key == typed.tier) {
            errors.push(("tier".to_owned(), "misfit-choice"));
        }
        let period = match read_joining(&typed.joining, self.services.fresh_id(), &audience) {
            Ok(period) if errors.is_empty() => period,
            period => {
                errors.extend(period.err().into_iter().flatten());
                return Err(ServiceError::Invalid(errors));
            }
        };
        let name = form.form.first(FieldKind::Name).and_then(|field| answer.values.get(&field.key)).cloned().unwrap_or(Value::Null);
        let part = |part: &str| name.get(part).and_then(Value::as_str).unwrap_or_default().to_owned();
        let email: Option<Email> = form.form.email_in(&answer.values);
        let draft = MemberDraft {
            id: self.services.fresh_member_id(),
            number,
            family_name: part("family"),
            given_name: part("given"),
            family_kana: part("family-kana"),
            given_kana: part("given-kana"),
            display_name: typed.display_name.trim().to_owned(),
            email: email.clone(),
            account: None,
            tier: Some(typed.tier.clone()).filter(|tier| !tier.is_empty()),
            labels: BTreeSet::new(),
            joined_on: Some(period.begins.to_string()),
            born_on: None,
            note: String::new(),
            contacts: contacts_in(&form.form, &answer.values),
        };
        let mut transaction = self.begin().await?;
        let today = self.services.today(visit);
        match self.services.enter_member(&mut transaction, &draft, &period, today, self.by).await {
            Err(StoreError::Duplicate(_)) => return Err(ServiceError::Invalid(vec![("number".into(), "error-number-taken")])),
            other => other?,
        }
        if !transaction.move_answer(id, AnswerState::New, AnswerState::Approved, Some(draft.id)).await? {
            return Err(ServiceError::Changed);
        }
        if let Some(to) = &email {
            let organisation = &visit.organisation;
            let name = written_name(organisation.locale, &name);
            let link = format!("{}/sign-in/code", self.services.public_url(organisation));
            let arguments = json!({ "name": name, "number": draft.number, "email": to.as_str(), "link": link });
            let letter = Letter { kind: "form-approved", to, arguments };
            transaction.add_mail(&self.services.write_letter(organisation, organisation.locale, letter)).await?;
        }
        self.record(&transaction, "answer-approved", format!("member:{}", draft.id), &draft.number).await?;
        transaction.commit().await?;
        Ok(draft.id)
    }

    async fn found(&self, form: Uuid, id: Uuid) -> Result<(PlacedForm, Answer), ServiceError> {
        let form = self.store.form(form).await?.ok_or(ServiceError::NotFound)?;
        let answer = self.store.answer(id).await?.filter(|answer| answer.form == form.id).ok_or(ServiceError::NotFound)?;
        Ok((form, answer))
    }
}

/// What was answered about phone and address, as far as its kind of field says so.
fn contacts_in(form: &Form, values: &Map<String, Value>) -> Contacts {
    let text = |field: &Field| values.get(&field.key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let of_kind = |kind: FieldKind| form.fields.iter().filter(move |field| field.kind == kind).filter_map(text);
    let phone = |value| Contact { kind: ContactKind::Phone, place: Place::Home, value };
    let address = |postal_code| PostalAddress { postal_code, ..PostalAddress::default() };
    Contacts { contacts: of_kind(FieldKind::Phone).map(phone).collect(), addresses: of_kind(FieldKind::PostalCode).map(address).collect() }
}

#[cfg(test)]
mod tests {
    use crate::members::next_number;

    #[test]
    fn a_number_goes_up_and_keeps_its_width() {
        for (last, next) in [("H-0099", "H-0100"), ("9", "10"), ("会員7", "会員8"), ("A", "A1"), ("0999", "1000")] {
            assert_eq!(next_number(last), next);
        }
        assert_eq!(next_number("99999999999999999999"), "999999999999999999991");
    }
}
