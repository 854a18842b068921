//! Ways to reach a member beyond the mail address that they sign in with: phone numbers, more mail addresses, postal
//! addresses. Of each kind there may be several; the first is the main one.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Where a number or address belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    #[default]
    Home,
    /// Phones only.
    Mobile,
    Work,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    Phone,
    Email,
}

/// The text names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place of a number or an address")]
pub struct NotAPlace;

impl Place {
    pub const ALL: [Self; 4] = [Self::Home, Self::Mobile, Self::Work, Self::Other];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Mobile => "mobile",
            Self::Work => "work",
            Self::Other => "other",
        }
    }
}

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        Self::ALL.into_iter().find(|place| place.as_str() == text).ok_or(NotAPlace)
    }
}

impl ContactKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }
}

/// A phone number or a further mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub kind: ContactKind,
    pub place: Place,
    pub value: String,
}

impl Contact {
    /// As it is looked for: the digits of a phone number, an address in lower case.
    pub fn plain(&self) -> String {
        match self.kind {
            ContactKind::Phone => digits(&self.value),
            ContactKind::Email => self.value.to_lowercase(),
        }
    }
}

/// The digits of a phone number.
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A postal address, with the parts of vCard's ADR (RFC 6350, section 6.3.1).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PostalAddress {
    pub place: Place,
    /// ISO 3166-1 alpha-2; empty where it is the organisation's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub country: String,
    pub postal_code: String,
    /// Prefecture, state.
    pub region: String,
    /// City, ward, town.
    pub locality: String,
    /// Street and number.
    pub street: String,
    /// Building and room, company and department.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub building: String,
}

impl PostalAddress {
    /// Nothing was given but, perhaps, the place.
    pub fn is_empty(&self) -> bool {
        [&self.country, &self.postal_code, &self.region, &self.locality, &self.street, &self.building].into_iter().all(String::is_empty)
    }
}

/// All of a member's, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contacts {
    pub contacts: Vec<Contact>,
    pub addresses: Vec<PostalAddress>,
}

impl Contacts {
    pub fn of_kind(&self, kind: ContactKind) -> impl Iterator<Item = &Contact> {
        self.contacts.iter().filter(move |contact| contact.kind == kind)
    }
}
