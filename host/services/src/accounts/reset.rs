//! Setting a password from a mailed link: a forgotten one, or the first one of new staff.

use super::limits::{Kind, client_key};
use super::name_in_order;
use super::{AccountsError, Password};
use crate::mail::Letter;
use crate::staff::InviteData;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_kernel::{AccountId, Email, MemberId};
use tsudoi_store::{Challenge, Person, Purpose, StaffDraft, StoreError};

/// How long a link for a new password works.
const RESET_SECONDS: i64 = 60 * 60;

/// More links than this are not put into one mail.
const MOST_LINKS: usize = 10;

/// Whose password is set: an account's, or the first one of a member who has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ResetData {
    account: Option<AccountId>,
    member: Option<MemberId>,
}

/// What a mailed link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailedPurpose {
    Reset,
    Invite,
}

impl MailedPurpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Invite => "invite",
        }
    }
}

/// A link that still works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailedLink {
    pub purpose: MailedPurpose,
    pub email: String,
}

impl Services {
    /// Mails links where somebody here has this address: one for each account, since a family may have several. Nothing
    /// shows whether there was anybody.
    pub async fn send_reset(&self, visit: &Visit, email: &Email, client: &str) -> Result<(), ServiceError> {
        let now = self.now();
        self.meter().count(Kind::MailsByClient, &client_key(client), now)?;
        self.meter().count(Kind::ResetsByAddress, &format!("{} {email}", visit.organisation.id), now)?;
        let people = self.present(self.of(visit).people_by_email(email).await?);
        let mut targets = targets(visit, people);
        let is_known = !targets.is_empty();
        if !is_known {
            // Nobody gets to know this one; it is there so that the work is the same.
            targets.push((ResetData { account: None, member: None }, String::new()));
        }
        let mut challenges = Vec::new();
        let mut links = Vec::new();
        for (data, name) in targets {
            let (id, token) = (self.fresh_id(), self.fresh_token());
            let link = self.link(&visit.organisation, "/password/reset", &[("challenge", &id.to_string()), ("code", &token)]);
            links.push(format!("{name}\n{link}"));
            challenges.push(Challenge {
                id,
                purpose: Purpose::Reset,
                email: email.to_string(),
                data: serde_json::to_string(&data)?,
                code_hash: self.code_hash(id, &token),
                created: now,
                expires: now.plus_seconds(RESET_SECONDS),
            });
        }
        let arguments = json!({ "links": links.join("\n\n"), "minutes": RESET_SECONDS / 60 });
        let mail = self.write_letter(&visit.organisation, visit.locale, Letter { kind: "reset", to: email, arguments });
        self.of(visit).add_challenges(&challenges, Some(&mail).filter(|_| is_known)).await?;
        Ok(())
    }

    /// What a mailed link is for, while it works. Looking changes nothing.
    pub async fn mailed_link(&self, visit: &Visit, challenge: &str, code: &str) -> Result<MailedLink, AccountsError> {
        let challenge = self.link_challenge(visit, challenge, code).await?;
        let purpose = if challenge.purpose == Purpose::Invite { MailedPurpose::Invite } else { MailedPurpose::Reset };
        Ok(MailedLink { purpose, email: challenge.email })
    }

    async fn link_challenge(&self, visit: &Visit, challenge: &str, code: &str) -> Result<Challenge, AccountsError> {
        let id = parse_uuid(challenge).map_err(|_| AccountsError::Over)?;
        for purpose in [Purpose::Reset, Purpose::Invite] {
            let found = self.of(visit).challenge(id, purpose, self.now()).await?;
            // The code has 256 random bits, so tries need not be counted.
            if let Some(challenge) = found.filter(|challenge| self.is_code(challenge, code)) {
                return Ok(challenge);
            }
        }
        Err(AccountsError::Over)
    }

    /// Uses a mailed link up: sets the password and ends all sessions of the account. An invitation makes its holder
    /// staff. A password that is not taken leaves the link as it was.
    pub async fn set_password_by_link(
        &self,
        visit: &Visit,
        challenge: &str,
        code: &str,
        password: &str,
    ) -> Result<MailedPurpose, AccountsError> {
        let challenge = self.link_challenge(visit, challenge, code).await?;
        let email: Email = challenge.email.parse().map_err(|_| AccountsError::Over)?;
        let people = self.of(visit).people_by_email(&email).await?;
        let numbers = people.iter().map(|person| person.number.as_str());
        let password = Password::new(password, numbers.chain([email.as_str()]))?;
        let hash = self.hash_password(&password).await?;
        if challenge.purpose == Purpose::Invite {
            self.accept_invitation(visit, &challenge, email, hash).await?;
            return Ok(MailedPurpose::Invite);
        }
        self.reset_password(visit, &challenge, &email, hash).await?;
        Ok(MailedPurpose::Reset)
    }

    async fn reset_password(&self, visit: &Visit, challenge: &Challenge, email: &Email, hash: String) -> Result<(), AccountsError> {
        let data: ResetData = serde_json::from_str(&challenge.data).map_err(ServiceError::from)?;
        let (store, now) = (self.of(visit), self.now());
        if !store.consume_challenge(challenge.id, now).await? {
            return Err(AccountsError::Over);
        }
        match (data.account, data.member) {
            (Some(account), _) if store.is_account_of_address_only_all_organisations(account, email.as_str()).await? => {
                self.store().set_password_all_organisations(account, &hash, None).await?;
            }
            // The account opens things under other addresses too, perhaps in other organisations. Who holds this address
            // gets what is under it here, with an account of its own, and no more.
            (Some(account), _) => store.part_account(account, email.as_str(), &self.fresh_account(Some(hash)), now).await?,
            (None, Some(member)) => {
                let fresh = self.fresh_account(Some(hash));
                if store.give_account(member, &fresh, now).await? != Some(fresh.id) {
                    return Err(AccountsError::Over);
                }
            }
            (None, None) => return Err(AccountsError::Over),
        }
        Ok(())
    }

    /// The person may be a member here already: then they get one account for both, if everything that the member's
    /// account opens is under this address.
    async fn accept_invitation(&self, visit: &Visit, challenge: &Challenge, email: Email, hash: String) -> Result<(), AccountsError> {
        let data: InviteData = serde_json::from_str(&challenge.data).map_err(ServiceError::from)?;
        let store = self.of(visit);
        let shared = store.account_to_share(&email).await?;
        let mut change = store.begin_change(self.now()).await?;
        if !change.consume_challenge(challenge.id).await? {
            return Err(AccountsError::Over);
        }
        let account = match shared {
            Some(account) => {
                change.reset_password_all_organisations(account, &hash).await?;
                account
            }
            None => {
                let fresh = self.fresh_account(Some(hash));
                change.add_account(&fresh).await?;
                fresh.id
            }
        };
        let draft = StaffDraft { account, display_name: data.display_name, email, permissions: data.permissions };
        match change.add_staff(&draft).await {
            Ok(()) => {}
            Err(StoreError::Duplicate(_)) => return Err(AccountsError::Over),
            Err(error) => return Err(error.into()),
        }
        change.commit().await?;
        Ok(())
    }
}

/// Each account once, with the names of those whom it signs in, and each member without one.
fn targets(visit: &Visit, people: Vec<Person>) -> Vec<(ResetData, String)> {
    let mut targets: Vec<(ResetData, String)> = Vec::new();
    for person in people {
        let own = name_in_order(visit.organisation.locale, &person.family_name, &person.given_name).unwrap_or(person.display_name);
        let name = if person.number.is_empty() { own } else { format!("{own} ({})", person.number) };
        let same = targets.iter_mut().find(|(data, _)| data.account.is_some() && data.account == person.account);
        match same {
            Some((_, names)) => *names = format!("{names}, {name}"),
            None => targets.push((ResetData { account: person.account, member: person.member }, name)),
        }
    }
    targets.truncate(MOST_LINKS);
    targets
}
