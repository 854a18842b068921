//! Signing in with an address or a member number and a password, and choosing who to be.

use super::AccountsError;
use super::limits::{Kind, client_key};
use super::password::{Verdict, normalised};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_kernel::text::name_in_order;
use tsudoi_kernel::{AccountId, Email, MemberId, Organisation};
use tsudoi_store::{Account, Challenge, Person, Purpose};

/// What somebody typed, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// A mail address or a member number.
    pub identifier: &'a str,
    pub password: &'a str,
    /// The network address.
    pub client: &'a str,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// Where a proof leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// The new session's token.
    Done(String),
    /// Several people fit: the browser gets this ticket, and comes back with one of them.
    Choose { ticket: String, choices: Vec<Choice> },
}

/// Somebody that the visitor may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// `None` for a member who never signed in: the account is made when they are chosen.
    account: Option<AccountId>,
    /// `None` for staff who are no member.
    member: Option<MemberId>,
    pub name: String,
    /// Empty for staff.
    pub number: String,
}

impl Choice {
    /// Names the choice in a form.
    pub fn id(&self) -> String {
        let member = self.member.map(|member| member.to_string());
        member.or_else(|| self.account.map(|account| account.to_string())).unwrap_or_default()
    }
}

/// More accounts than this under one address are not tried.
const MOST_ACCOUNTS: usize = 10;

/// How long a visitor may think about who to be.
const CHOICE_SECONDS: i64 = 15 * 60;

impl Services {
    /// Whatever is wrong, the answer is [`AccountsError::WrongPassword`], after about the same work.
    pub async fn sign_in(&self, visit: &Visit, attempt: Attempt<'_>) -> Result<SignIn, AccountsError> {
        let identifier = normalised(attempt.identifier).trim().to_lowercase();
        let limits = [
            (Kind::PasswordsByClient, client_key(attempt.client)),
            // Numbers are looked up in capitals too, and some small letters share theirs (ı and i, ß and ss).
            (Kind::PasswordsByIdentifier, format!("{} {}", visit.organisation.id, identifier.to_uppercase())),
        ];
        for (kind, key) in &limits {
            self.meter().count(*kind, key, self.now())?;
        }
        let email = identifier.parse::<Email>().ok();
        let people = match &email {
            Some(email) => self.of(visit).people_by_email(email).await?,
            None => self.of(visit).people_by_numbers(&spellings(attempt.identifier)).await?,
        };
        let people = self.present(people);
        let proven = self.proven_accounts(&people, &normalised(attempt.password)).await?;
        if proven.is_empty() {
            return Err(AccountsError::WrongPassword);
        }
        for (kind, key) in &limits {
            self.meter().give_back(*kind, key);
        }
        let mut found = Vec::new();
        if email.is_some() {
            for account in proven {
                found.extend(self.of(visit).people_of_account(account).await?);
            }
        } else {
            found.extend(people.into_iter().filter(|person| person.account.is_some_and(|account| proven.contains(&account))));
        }
        self.settle(visit, found, attempt.agent).await
    }

    /// Those among the people's accounts that have this password.
    async fn proven_accounts(&self, people: &[Person], password: &str) -> Result<BTreeSet<AccountId>, ServiceError> {
        let with_password = |person: &Person| Some((person.account?, person.password_hash.clone()?));
        let accounts: BTreeMap<AccountId, String> = people.iter().filter_map(with_password).take(MOST_ACCOUNTS).collect();
        if accounts.is_empty() {
            self.check_password(password, None).await?;
        }
        let mut proven = BTreeSet::new();
        for (account, hash) in accounts {
            let verdict = self.check_password(password, Some(&hash)).await?;
            if verdict == Verdict::RightButOld {
                let upgraded = self.hash_normalised(password.to_owned()).await?;
                self.store().upgrade_password_hash_all_organisations(account, &hash, &upgraded).await?;
            }
            if verdict != Verdict::Wrong {
                proven.insert(account);
            }
        }
        Ok(proven)
    }

    /// Without the demo's accounts where the demo is not running.
    pub(super) fn present(&self, mut people: Vec<Person>) -> Vec<Person> {
        people.retain(|person| !person.demo || self.settings().demo);
        people
    }

    /// Signs the only one in, or asks which of several. Empty: the proof fits nobody any more.
    pub(super) async fn settle(&self, visit: &Visit, people: Vec<Person>, agent: &str) -> Result<SignIn, AccountsError> {
        let choices = choices(&visit.organisation, people);
        match choices.as_slice() {
            [] => Err(AccountsError::WrongPassword),
            [choice] => Ok(SignIn::Done(self.be(visit, choice, agent).await?)),
            _ => Ok(SignIn::Choose { ticket: self.ticket(visit, &choices).await?, choices }),
        }
    }

    /// A fresh challenge that only this browser gets to know, apart from the mailed one: whoever asked for the mail
    /// knows that one's id.
    async fn ticket(&self, visit: &Visit, choices: &[Choice]) -> Result<String, ServiceError> {
        let (id, token, now) = (self.fresh_id(), self.fresh_token(), self.now());
        let challenge = Challenge {
            id,
            purpose: Purpose::Choose,
            email: String::new(),
            data: serde_json::to_string(choices)?,
            code_hash: self.code_hash(id, &token),
            created: now,
            expires: now.plus_seconds(CHOICE_SECONDS),
        };
        self.of(visit).add_challenges(&[challenge], None).await?;
        Ok(format!("{id}.{token}"))
    }

    /// Whom the holder of a ticket may choose among.
    pub async fn choices(&self, visit: &Visit, ticket: &str) -> Result<Vec<Choice>, AccountsError> {
        Ok(self.ticket_choices(visit, ticket).await?.1)
    }

    async fn ticket_choices(&self, visit: &Visit, ticket: &str) -> Result<(Challenge, Vec<Choice>), AccountsError> {
        let (id, token) = ticket.split_once('.').ok_or(AccountsError::Over)?;
        let id = parse_uuid(id).map_err(|_| AccountsError::Over)?;
        let challenge = self.of(visit).challenge(id, Purpose::Choose, self.now()).await?.ok_or(AccountsError::Over)?;
        if !self.is_code(&challenge, token) {
            return Err(AccountsError::Over);
        }
        let choices = serde_json::from_str(&challenge.data).map_err(ServiceError::from)?;
        Ok((challenge, choices))
    }

    /// Signs in as one of a ticket's choices. [`ServiceError::NotFound`] for somebody who is not among them; the
    /// ticket then still holds.
    pub async fn choose(&self, visit: &Visit, ticket: &str, id: &str, agent: &str) -> Result<String, AccountsError> {
        let (challenge, choices) = self.ticket_choices(visit, ticket).await?;
        let choice = choices.iter().find(|choice| choice.id() == id).ok_or(ServiceError::NotFound)?;
        if !self.of(visit).consume_challenge(challenge.id, self.now()).await? {
            return Err(AccountsError::Over);
        }
        Ok(self.be(visit, choice, agent).await?)
    }

    /// Begins the session of a choice, with a new account where the member has none.
    async fn be(&self, visit: &Visit, choice: &Choice, agent: &str) -> Result<String, ServiceError> {
        let account = match (choice.account, choice.member) {
            (Some(account), _) => account,
            (None, Some(member)) => {
                let fresh = self.fresh_account(None);
                self.of(visit).give_account(member, &fresh, self.now()).await?.ok_or(ServiceError::NotFound)?
            }
            (None, None) => return Err(ServiceError::NotFound),
        };
        self.start_session(visit.organisation.id, account, choice.member, agent).await
    }

    /// An account that is not stored yet. One that is made while the demo runs belongs to the demo.
    pub(crate) fn fresh_account(&self, password_hash: Option<String>) -> Account {
        Account { id: AccountId(self.fresh_id()), password_hash, demo: self.settings().demo }
    }
}

/// Each member once; staff on their own only where their account is no member.
fn choices(organisation: &Organisation, people: Vec<Person>) -> Vec<Choice> {
    let members: BTreeSet<AccountId> = people.iter().filter(|person| person.member.is_some()).filter_map(|person| person.account).collect();
    let mut choices: Vec<Choice> = Vec::new();
    for person in people {
        let is_also_member = person.member.is_none() && person.account.is_some_and(|account| members.contains(&account));
        let choice =
            Choice { account: person.account, member: person.member, name: full_name(organisation, &person), number: person.number };
        if !is_also_member && !choices.iter().any(|other| other.id() == choice.id()) {
            choices.push(choice);
        }
    }
    choices
}

/// In the order of the organisation's language; the display name where there is no other.
fn full_name(organisation: &Organisation, person: &Person) -> String {
    name_in_order(organisation.locale, &person.family_name, &person.given_name).unwrap_or_else(|| person.display_name.clone())
}

/// A member number as typed (without full-width characters), in upper and in lower case.
fn spellings(number: &str) -> [String; 3] {
    let typed = normalised(number).trim().to_owned();
    [typed.to_uppercase(), typed.to_lowercase(), typed]
}
