//! Staff enter a member and change their record. What was typed is read here, by the same rules for a form and for a row of
//! an import.

use super::periods::{Joining, read_joining};
use crate::editor::Editor;
use crate::pages::Audience;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tsudoi_kernel::contact::{Contact, ContactKind, Contacts, Place, PostalAddress};
use tsudoi_kernel::text::{is_reading, katakana, name_in_order, one_width};
use tsudoi_kernel::{Email, Locale, MemberId, Timestamp, typed};
use tsudoi_store::{Member, MemberDraft, StoreError};

const LONGEST_NAME: usize = 100;
const LONGEST_NUMBER: usize = 30;
const LONGEST_PART: usize = 200;
const LONGEST_NOTE: usize = 5_000;
/// Phone numbers and further mail addresses together, and postal addresses, of one member.
pub const MOST_CONTACTS: usize = 20;

/// What is typed about a member.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MemberInput {
    pub number: String,
    pub family_name: String,
    pub given_name: String,
    pub family_kana: String,
    pub given_kana: String,
    /// Where it is empty, the name is shown.
    pub display_name: String,
    pub email: String,
    pub joined_on: String,
    pub born_on: String,
    /// A tier's key, or empty.
    pub tier: String,
    /// Labels' keys.
    pub labels: BTreeSet<String>,
    pub note: String,
    /// Rows without a value are nothing.
    pub contacts: Vec<Contact>,
    /// Rows with nothing in them are nothing.
    pub addresses: Vec<PostalAddress>,
}

/// By field what is wrong with it, as message keys. Fields of rows are named `contact-0`, `address-0-postal_code`.
pub type Wrong = Vec<(String, &'static str)>;

/// Whether an organisation may give this number to a member, as a message key where not.
pub(crate) fn number_objection(number: &str) -> Option<&'static str> {
    let is_odd = number.chars().count() > LONGEST_NUMBER || number.chars().any(|c| c.is_control() || c.is_whitespace());
    if number.is_empty() { Some("error-required") } else { is_odd.then_some("forms-number-wrong") }
}

impl MemberInput {
    pub fn of(member: &Member, contacts: Contacts) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            number: member.number.clone(),
            family_name: member.family_name.clone(),
            given_name: member.given_name.clone(),
            family_kana: member.family_kana.clone(),
            given_kana: member.given_kana.clone(),
            display_name: member.display_name.clone(),
            email: text(&member.email),
            joined_on: text(&member.joined_on),
            born_on: text(&member.born_on),
            tier: text(&member.tier),
            labels: member.labels.clone(),
            note: member.note.clone(),
            contacts: contacts.contacts,
            addresses: contacts.addresses,
        }
    }

    /// As it is kept, or all that is wrong with it.
    pub fn read(&self, id: MemberId, own: Locale, audience: &Audience) -> Result<MemberDraft, Wrong> {
        let mut reading = Reading::default();
        let number = one_width(&self.number).trim().to_owned();
        reading.objects("number", number_objection(&number));
        let family_name = reading.line("family_name", &self.family_name, LONGEST_NAME);
        let given_name = reading.line("given_name", &self.given_name, LONGEST_NAME);
        let family_kana = reading.kana("family_kana", &self.family_kana);
        let given_kana = reading.kana("given_kana", &self.given_kana);
        let mut display_name = reading.line("display_name", &self.display_name, LONGEST_NAME);
        if display_name.is_empty() {
            display_name = name_in_order(own, &family_name, &given_name).unwrap_or_default();
            reading.objects("family_name", display_name.is_empty().then_some("members-name-missing"));
        }
        let tier = Some(self.tier.trim().to_owned()).filter(|tier| !tier.is_empty());
        let is_tier = tier.as_ref().is_none_or(|key| audience.tiers.iter().any(|tier| tier.key == *key));
        reading.objects("tier", (!is_tier).then_some("misfit-choice"));
        let is_label = |key: &String| audience.labels.iter().any(|label| label.key == *key);
        reading.objects("labels", (!self.labels.iter().all(is_label)).then_some("misfit-choice"));
        let draft = MemberDraft {
            id,
            number,
            family_name,
            given_name,
            family_kana,
            given_kana,
            display_name,
            email: reading.email("email", &self.email),
            account: None,
            tier,
            labels: self.labels.clone(),
            joined_on: reading.date("joined_on", &self.joined_on),
            born_on: reading.date("born_on", &self.born_on),
            note: reading.lines("note", &self.note),
            contacts: Contacts { contacts: reading.contacts(&self.contacts), addresses: reading.addresses(own, &self.addresses) },
        };
        if reading.wrong.is_empty() { Ok(draft) } else { Err(reading.wrong) }
    }
}

/// Reads field by field, and collects what is wrong.
#[derive(Default)]
struct Reading {
    wrong: Wrong,
}

impl Reading {
    fn objects(&mut self, field: &str, objection: Option<&'static str>) {
        self.wrong.extend(objection.map(|message| (field.to_owned(), message)));
    }

    fn line(&mut self, field: &str, typed: &str, longest: usize) -> String {
        let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_odd = text.chars().count() > longest || text.chars().any(char::is_control);
        self.objects(field, is_odd.then_some("forms-text-too-long"));
        text
    }

    fn lines(&mut self, field: &str, typed: &str) -> String {
        let text = typed.replace("\r\n", "\n").trim().to_owned();
        self.objects(field, (text.chars().count() > LONGEST_NOTE).then_some("forms-text-too-long"));
        text
    }

    fn kana(&mut self, field: &str, typed: &str) -> String {
        let reading = self.line(field, &katakana(&one_width(typed)), LONGEST_NAME);
        self.objects(field, (!is_reading(&reading)).then_some("misfit-kana"));
        reading
    }

    fn email(&mut self, field: &str, typed: &str) -> Option<Email> {
        let text = one_width(typed).trim().to_owned();
        if text.is_empty() {
            return None;
        }
        let email = text.parse::<Email>().ok();
        self.objects(field, email.is_none().then_some("error-email"));
        email
    }

    fn date(&mut self, field: &str, typed: &str) -> Option<String> {
        match typed::date(typed) {
            Ok(date) => date.map(|date| date.to_string()),
            Err(_) => {
                self.objects(field, Some("misfit-date"));
                None
            }
        }
    }

    fn contacts(&mut self, typed: &[Contact]) -> Vec<Contact> {
        let mut read = Vec::new();
        for (number, contact) in typed.iter().enumerate().filter(|(_, contact)| !contact.value.trim().is_empty()) {
            let field = format!("contact-{number}");
            let value = match contact.kind {
                ContactKind::Email => self.email(&field, &contact.value).map(|email| email.to_string()),
                ContactKind::Phone => {
                    let phone = typed::phone(&contact.value);
                    self.objects(&field, phone.is_none().then_some("misfit-phone"));
                    phone
                }
            };
            let place = if contact.kind == ContactKind::Email && contact.place == Place::Mobile { Place::Home } else { contact.place };
            read.extend(value.map(|value| Contact { kind: contact.kind, place, value }));
        }
        self.objects("contacts", (read.len() > MOST_CONTACTS).then_some("members-too-many-contacts"));
        read
    }

    fn addresses(&mut self, own: Locale, typed: &[PostalAddress]) -> Vec<PostalAddress> {
        let mut read = Vec::new();
        for (number, address) in typed.iter().enumerate() {
            let field = |part: &str| format!("address-{number}-{part}");
            let country = one_width(&address.country).trim().to_uppercase();
            let is_country = country.is_empty() || (country.len() == 2 && country.bytes().all(|c| c.is_ascii_uppercase()));
            self.objects(&field("country"), (!is_country).then_some("members-country-wrong"));
            let is_japanese = if country.is_empty() { own == Locale::Ja } else { country == "JP" };
            let typed_code = one_width(&address.postal_code).trim().to_owned();
            let postal_code = match typed::postal_code(&typed_code) {
                Some(code) if is_japanese => code,
                None if is_japanese && !typed_code.is_empty() => {
                    self.objects(&field("postal_code"), Some("misfit-postal-code"));
                    typed_code
                }
                _ => self.line(&field("postal_code"), &typed_code, LONGEST_NUMBER),
            };
            let address = PostalAddress {
                place: if address.place == Place::Mobile { Place::Home } else { address.place },
                country,
                postal_code,
                region: self.line(&field("region"), &address.region, LONGEST_PART),
                locality: self.line(&field("locality"), &address.locality, LONGEST_PART),
                street: self.line(&field("street"), &address.street, LONGEST_PART),
                building: self.line(&field("building"), &address.building, LONGEST_PART),
            };
            read.extend(Some(address).filter(|address| !address.is_empty()));
        }
        self.objects("addresses", (read.len() > MOST_CONTACTS).then_some("members-too-many-contacts"));
        read
    }
}

/// A record with all that its form shows.
#[derive(Debug, Clone, PartialEq)]
pub struct EditedMember {
    pub id: MemberId,
    pub name: String,
    pub input: MemberInput,
    /// What [`Editor::change_member`] wants to hear again.
    pub seen: Timestamp,
}

impl Services {
    pub async fn edited_member(&self, visit: &Visit, id: MemberId) -> Result<EditedMember, ServiceError> {
        let store = self.of(visit);
        let member = store.member(id).await?.ok_or(ServiceError::NotFound)?;
        let name = name_in_order(visit.organisation.locale, &member.family_name, &member.given_name);
        let name = name.unwrap_or_else(|| member.display_name.clone());
        let input = MemberInput::of(&member, store.contacts(id).await?);
        Ok(EditedMember { id, name, input, seen: member.updated })
    }

    /// A number for the next member: the one after the last.
    pub async fn suggested_number(&self, visit: &Visit) -> Result<String, ServiceError> {
        Ok(self.of(visit).last_member_number().await?.map_or_else(|| "1".to_owned(), |last| next_number(&last)))
    }
}

/// The number after one: its last digits go up, and keep their width.
pub(crate) fn next_number(last: &str) -> String {
    let start = last.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + last[at..].chars().next().map_or(1, char::len_utf8));
    let (head, digits) = last.split_at(start);
    match digits.parse::<u64>().ok().and_then(|number| number.checked_add(1)) {
        Some(next) => format!("{head}{next:0width$}", width = digits.len()),
        None => format!("{last}1"),
    }
}

impl Editor {
    /// Enters a member with a first period. What is not in order is [`ServiceError::Invalid`].
    pub async fn create_member(&self, visit: &Visit, input: &MemberInput, joining: &Joining) -> Result<MemberId, ServiceError> {
        let audience = self.store.audience().await?;
        let draft = input.read(self.services.fresh_member_id(), visit.organisation.locale, &audience);
        let period = read_joining(joining, self.services.fresh_id(), &audience);
        let (draft, period) = match (draft, period) {
            (Ok(draft), Ok(period)) => (draft, period),
            (draft, period) => {
                let wrong = draft.err().into_iter().flatten().chain(period.err().into_iter().flatten());
                return Err(ServiceError::Invalid(wrong.collect()));
            }
        };
        let mut transaction = self.begin().await?;
        let today = self.services.today(visit);
        match self.services.enter_member(&mut transaction, &draft, &period, today, self.by).await {
            Err(StoreError::Duplicate(_)) => return Err(ServiceError::Invalid(vec![("number".into(), "error-number-taken")])),
            other => other?,
        }
        self.record(&transaction, "member-created", format!("member:{}", draft.id), &draft.number).await?;
        transaction.commit().await?;
        Ok(draft.id)
    }

    /// Changes a record that is as it was when `seen` was: else [`ServiceError::Changed`]. Answers whether it is another now.
    pub async fn change_member(&self, visit: &Visit, id: MemberId, seen: Timestamp, input: &MemberInput) -> Result<bool, ServiceError> {
        self.store.member(id).await?.ok_or(ServiceError::NotFound)?;
        let audience = self.store.audience().await?;
        let draft = input.read(id, visit.organisation.locale, &audience).map_err(ServiceError::Invalid)?;
        let mut transaction = self.begin().await?;
        let current = transaction.current_member(id).await?.ok_or(ServiceError::NotFound)?;
        let contacts = transaction.current_contacts(id).await?;
        if current.updated != seen {
            return Err(ServiceError::Changed);
        }
        if MemberInput::of(&current, contacts).read(id, visit.organisation.locale, &audience).as_ref() == Ok(&draft) {
            transaction.roll_back().await?;
            return Ok(false);
        }
        match transaction.change_member(&draft).await {
            Err(StoreError::Duplicate(_)) => return Err(ServiceError::Invalid(vec![("number".into(), "error-number-taken")])),
            other => other?,
        }
        self.record(&transaction, "member-changed", format!("member:{id}"), &draft.number).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
