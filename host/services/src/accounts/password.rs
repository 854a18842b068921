//! Passwords: which are taken, and how they are kept. Argon2id with the parameters that OWASP's password storage sheet
//! names (19 MiB, two passes, one lane); a hash made with others is replaced when its password is next seen.

use crate::{ServiceError, Services};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use unicode_normalization::UnicodeNormalization;

/// A password that may be set: normalised (NFKC, so that full-width letters count as the others), of 10 to 200
/// characters, and not an address or number by which its owner signs in.
#[derive(Clone)]
pub struct Password(String);

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFault {
    TooShort,
    TooLong,
    /// It is the mail address or the member number.
    IsIdentifier,
}

impl PasswordFault {
    /// The message's key in the locale files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::TooShort => "error-password-short",
            Self::TooLong => "error-password-long",
            Self::IsIdentifier => "error-password-identifier",
        }
    }
}

const SHORTEST: usize = 10;
const LONGEST: usize = 200;

impl Password {
    /// `identifiers`: by what its owner signs in.
    pub fn new<'a>(text: &str, identifiers: impl IntoIterator<Item = &'a str>) -> Result<Self, PasswordFault> {
        let text = normalised(text);
        match text.chars().count() {
            ..SHORTEST => return Err(PasswordFault::TooShort),
            SHORTEST..=LONGEST => {}
            _ => return Err(PasswordFault::TooLong),
        }
        let folded = text.to_lowercase();
        if identifiers.into_iter().any(|identifier| normalised(identifier).to_lowercase() == folded) {
            return Err(PasswordFault::IsIdentifier);
        }
        Ok(Self(text))
    }
}

/// As passwords are hashed. What is longer than any password is cut: it is wrong in any case.
pub(super) fn normalised(text: &str) -> String {
    text.nfkc().take(LONGEST + 1).collect()
}

/// How a password compares with a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Wrong,
    Right,
    /// Right, and kept with parameters that are not today's.
    RightButOld,
}

/// Nobody's hash: checked where there is none, so that an unknown address takes as long as a known one.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

fn hash(password: &str, salt: &[u8]) -> Result<String, ServiceError> {
    let hash: Result<PasswordHash, _> = argon2().hash_password_with_salt(password.as_bytes(), salt);
    hash.map(|hash| hash.to_string()).map_err(|error| ServiceError::Broken(format!("a password could not be hashed: {error}")))
}

fn verdict(password: &str, hash: &str) -> Verdict {
    let Ok(parsed) = PasswordHash::new(hash) else {
        tracing::error!("an account's password hash does not parse");
        return Verdict::Wrong;
    };
    if argon2().verify_password(password.as_bytes(), &parsed).is_err() {
        return Verdict::Wrong;
    }
    let is_todays = parsed.algorithm.as_str() == "argon2id"
        && parsed.version == Some(Version::V0x13 as u32)
        && Params::try_from(&parsed).is_ok_and(|params| {
            let ours = Params::DEFAULT;
            (params.m_cost(), params.t_cost(), params.p_cost()) == (ours.m_cost(), ours.t_cost(), ours.p_cost())
        });
    if is_todays { Verdict::Right } else { Verdict::RightButOld }
}

impl Services {
    /// The PHC string of a password, with a fresh salt.
    pub(crate) async fn hash_password(&self, password: &Password) -> Result<String, ServiceError> {
        self.hash_normalised(password.0.clone()).await
    }

    pub(super) async fn hash_normalised(&self, password: String) -> Result<String, ServiceError> {
        let mut salt = [0u8; 16];
        self.random().fill(&mut salt);
        self.at_work(move || hash(&password, &salt)).await?
    }

    /// Compares a normalised password with a hash, or with nobody's.
    pub(super) async fn check_password(&self, password: &str, hash: Option<&str>) -> Result<Verdict, ServiceError> {
        let (password, hash) = (password.to_owned(), hash.unwrap_or(NOBODYS).to_owned());
        self.at_work(move || verdict(&password, &hash)).await
    }

    /// Off the threads that serve requests, a few at a time.
    async fn at_work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServiceError> {
        let permit = self.sentry.hashing.acquire().await;
        let _permit = permit.map_err(|_| ServiceError::Unavailable("password checks have ended".into()))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| ServiceError::Broken(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_enough_and_not_how_one_signs_in() {
        let fault = |text: &str| Password::new(text, ["hanako@example.jp", "H-00000001"]).err();
        assert_eq!(fault("123456789"), Some(PasswordFault::TooShort));
        assert_eq!(fault("ああああああああああ"), None);
        assert_eq!(fault(&"a".repeat(200)), None);
        assert_eq!(fault(&"a".repeat(201)), Some(PasswordFault::TooLong));
        assert_eq!(fault("Hanako@Example.JP"), Some(PasswordFault::IsIdentifier));
        assert_eq!(fault("ｈ－０００００００１"), Some(PasswordFault::IsIdentifier));
    }

    #[test]
    fn full_width_letters_are_the_same_password() {
        let kept = hash(&normalised("ｐａｓｓｗｏｒｄ１２"), b"a salt of 16 byt").unwrap();
        assert_eq!(verdict(&normalised("password12"), &kept), Verdict::Right);
        assert_eq!(verdict(&normalised("password13"), &kept), Verdict::Wrong);
    }

    #[test]
    fn a_hash_with_other_parameters_is_recognised_as_old() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let kept: PasswordHash = weak.hash_password_with_salt(b"password12", b"a salt of 16 byt").unwrap();
        assert_eq!(verdict("password12", &kept.to_string()), Verdict::RightButOld);
        assert_eq!(verdict("password13", &kept.to_string()), Verdict::Wrong);
    }

    #[test]
    fn nobodys_hash_has_todays_parameters_and_no_password() {
        let parsed = PasswordHash::new(NOBODYS).unwrap();
        assert_eq!(Params::try_from(&parsed).unwrap().m_cost(), Params::DEFAULT.m_cost());
        assert_eq!(verdict("", NOBODYS), Verdict::Wrong);
    }
}
