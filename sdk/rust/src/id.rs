//! Ids of documents, members and everything else that the host keeps.

use crate::failure::Failure;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A UUIDv7 in its canonical text form: later ids sort after earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(String);

impl Id {
    /// An id that came from the host.
    pub(crate) fn known(text: String) -> Self {
        Self(text)
    }

    /// From a path or a form. Anything but the canonical form (lower case, with hyphens) names nothing, so it is
    /// [`Failure::NotFound`].
    ///
    /// ```
    /// use tsudoi_plugin::Id;
    /// assert!(Id::parse("01890a5d-ac96-774b-bcce-b302099a8057").is_ok());
    /// assert!(Id::parse("../etc/passwd").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let canonical = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            });
        if canonical { Ok(Self(text.to_owned())) } else { Err(Failure::NotFound) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_an_id() {
        for wrong in
            ["", "01890A5D-AC96-774B-BCCE-B302099A8057", "01890a5dac96774bbcceb302099a8057", "01890a5d-ac96-774b-bcce-b302099a805g"]
        {
            assert!(Id::parse(wrong).is_err(), "{wrong}");
        }
    }
}
