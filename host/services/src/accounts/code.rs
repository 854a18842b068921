//! Signing in by a mailed code. The mail has six digits to type where it was asked for, and a link to a page with a
//! button; the link itself changes nothing, since mail servers follow links too.

use super::limits::{Kind, client_key};
use super::password::normalised;
use super::{AccountsError, NextPath, SignIn};
use crate::mail::Letter;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::json;
use tsudoi_kernel::Email;
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_store::{Challenge, Purpose};
use uuid::Uuid;

/// How long a code works.
const CODE_SECONDS: i64 = 15 * 60;

/// How many codes may be tried for one challenge.
const MOST_TRIES: u32 = 5;

impl Services {
    /// Mails a code where somebody here has this address. The answer is the same where nobody has: a challenge that
    /// no code meets.
    pub async fn send_code(&self, visit: &Visit, email: &Email, next: &NextPath, client: &str) -> Result<Uuid, ServiceError> {
        let now = self.now();
        self.meter().count(Kind::MailsByClient, &client_key(client), now)?;
        self.meter().count(Kind::CodesByAddress, &format!("{} {email}", visit.organisation.id), now)?;
        let people = self.present(self.of(visit).people_by_email(email).await?);
        let (id, code) = (self.fresh_id(), self.six_digits());
        let challenge = Challenge {
            id,
            purpose: Purpose::Code,
            email: email.to_string(),
            data: "{}".to_owned(),
            code_hash: self.code_hash(id, &code),
            created: now,
            expires: now.plus_seconds(CODE_SECONDS),
        };
        let id_text = id.to_string();
        let mut query = vec![("challenge", id_text.as_str()), ("code", &code)];
        if !next.is_home() {
            query.push(("next", next.as_str()));
        }
        let link = self.link(&visit.organisation, "/sign-in/code/confirm", &query);
        let letter = Letter { kind: "code", to: email, arguments: json!({ "code": code, "link": link, "minutes": CODE_SECONDS / 60 }) };
        let mail = self.write_letter(&visit.organisation, visit.locale, letter);
        self.of(visit).add_challenges(&[challenge], Some(&mail).filter(|_| !people.is_empty())).await?;
        Ok(id)
    }

    /// The address that a code was asked for, while the code still works. The code itself is not looked at: a page that
    /// told right codes from wrong ones could be asked for all of them.
    pub async fn code_address(&self, visit: &Visit, challenge: &str) -> Result<String, AccountsError> {
        let id = parse_uuid(challenge).map_err(|_| AccountsError::Over)?;
        let challenge = self.of(visit).challenge(id, Purpose::Code, self.now()).await?.ok_or(AccountsError::Over)?;
        Ok(challenge.email)
    }

    /// Uses a code up.
    pub async fn sign_in_by_code(
        &self,
        visit: &Visit,
        challenge: &str,
        code: &str,
        client: &str,
        agent: &str,
    ) -> Result<SignIn, AccountsError> {
        let client = client_key(client);
        self.meter().count(Kind::AnswersByClient, &client, self.now())?;
        let (store, now) = (self.of(visit), self.now());
        let id = parse_uuid(challenge).map_err(|_| AccountsError::Over)?;
        let challenge = store.try_challenge(id, Purpose::Code, MOST_TRIES, now).await?.ok_or(AccountsError::Over)?;
        let code: String = normalised(code).chars().filter(char::is_ascii_digit).collect();
        if !self.is_code(&challenge, &code) {
            return Err(AccountsError::WrongCode);
        }
        let email: Email = challenge.email.parse().map_err(|_| AccountsError::Over)?;
        let people = self.present(store.people_by_email(&email).await?);
        if people.is_empty() {
            return Err(AccountsError::WrongCode);
        }
        if !store.consume_challenge(id, now).await? {
            return Err(AccountsError::Over);
        }
        self.meter().give_back(Kind::AnswersByClient, &client);
        self.settle(visit, people, agent).await
    }

    fn six_digits(&self) -> String {
        let mut bytes = [0u8; 8];
        self.random().fill(&mut bytes);
        // The remainder of 64 bits: no code is more likely than another by more than one in 10^13.
        format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000)
    }
}
