//! Ids: UUIDv7 in their canonical text form, one type for each thing, so that one can't be passed for another.

use crate::time::{Random, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The text is not a UUID in canonical form (lower case, hyphens).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

/// A fresh UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits.
pub fn fresh_uuid(now: Timestamp, random: &dyn Random) -> Uuid {
    let mut tail = [0u8; 10];
    random.fill(&mut tail);
    uuid::Builder::from_unix_timestamp_millis(now.millis(), &tail).into_uuid()
}

/// Parses the canonical form only: what a person or a plugin sends has one spelling, or it is not found.
pub fn parse_uuid(text: &str) -> Result<Uuid, NotAnId> {
    let id = Uuid::try_parse(text).map_err(|_| NotAnId)?;
    let mut buffer = [0u8; 36];
    if id.hyphenated().encode_lower(&mut buffer) == text { Ok(id) } else { Err(NotAnId) }
}

macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            pub fn fresh(now: Timestamp, random: &dyn Random) -> Self {
                Self(fresh_uuid(now, random))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse_uuid(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

id! {
    /// One of the organisations that this process serves.
    OrganisationId,
    /// A way to sign in; a person. May be a member, or staff, of several organisations.
    AccountId,
    /// A member of one organisation. Need not have an account.
    MemberId,
    /// A page of an organisation's site.
    PageId,
    /// An uploaded file.
    FileId,
    /// One installation of a plugin in one organisation; a new id for each install and each upgrade copy.
    InstallationId,
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zeros;
    impl Random for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let earlier = MemberId::fresh(Timestamp::from_millis(1_000), &Zeros);
        let later = MemberId::fresh(Timestamp::from_millis(2_000), &Zeros);
        assert!(earlier < later);
        assert_eq!(earlier.0.get_version_num(), 7);
    }

    #[test]
    fn an_id_has_one_spelling() {
        let text = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(text.parse::<MemberId>().map(|id| id.to_string()), Ok(text.to_owned()));
        for other in
            ["01890A5D-AC96-774B-BCCE-B302099A8057", "01890a5dac96774bbcceb302099a8057", "{01890a5d-ac96-774b-bcce-b302099a8057}", ""]
        {
            assert_eq!(other.parse::<MemberId>(), Err(NotAnId), "{other}");
        }
    }
}
