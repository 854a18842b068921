//! From the contract's range (leading fields equal, then between two bounds) to a stretch of an index's bytes, and the
//! cursors that go on in one.
//!
//! A cursor is the last key that was shown, sealed: it can't be read, forged, or used for another range, direction,
//! installation or organisation. Sealing is deterministic, as a query's answer must be: the tag, an HMAC-SHA256 over
//! the range and the key, cut to 16 bytes, also seeds the key stream (the construction of RFC 5297, with HMAC in both
//! places). The text form is unpadded URL-safe base64.

use crate::bindings::store::{Bound, Range};
use crate::keys::{self, KeyError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tsudoi_kernel::manifest::Index;
use tsudoi_kernel::ports::{Scope, Stretch};

const TAG: usize = 16;

/// Why a range or a cursor makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    #[error("a bound or an equal value is not JSON")]
    NotJson,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("more values than the index has fields")]
    TooManyValues,
    #[error("the cursor was not made for this range")]
    Cursor,
}

/// The stretch that `range` names in `index`.
pub fn stretch(range: &Range, index: &Index) -> Result<Stretch, RangeError> {
    let mut prefix = Vec::new();
    for value in &range.equal {
        keys::encode(&mut prefix, &parse(value)?, index.fold)?;
    }
    let bounded = !matches!((&range.lower, &range.upper), (Bound::Unbounded, Bound::Unbounded));
    if range.equal.len() + usize::from(bounded) > index.fields.len() {
        return Err(RangeError::TooManyValues);
    }
    let bound = |value: &str| -> Result<Vec<u8>, RangeError> {
        let mut key = prefix.clone();
        keys::encode(&mut key, &parse(value)?, index.fold)?;
        Ok(key)
    };
    let from = match &range.lower {
        Bound::Unbounded => prefix.clone(),
        Bound::Included(value) => bound(value)?,
        Bound::Excluded(value) => keys::after_prefix(&bound(value)?),
    };
    let to = match &range.upper {
        Bound::Unbounded => keys::after_prefix(&prefix),
        Bound::Included(value) => keys::after_prefix(&bound(value)?),
        Bound::Excluded(value) => bound(value)?,
    };
    Ok(Stretch { collection: range.collection.clone(), index: range.index.clone(), from, to })
}

fn parse(value: &str) -> Result<Value, RangeError> {
    serde_json::from_str(value).map_err(|_| RangeError::NotJson)
}

/// Seals and opens cursors; made from the key that the engine was given.
#[derive(Clone)]
pub struct Cursors {
    tags: Hmac<Sha256>,
    streams: Hmac<Sha256>,
}

impl Cursors {
    pub fn new(key: &[u8; 32]) -> Self {
        Self { tags: crate::mac::keyed(key, "cursor tag"), streams: crate::mac::keyed(key, "cursor stream") }
    }

    pub fn seal(&self, scope: Scope, stretch: &Stretch, descending: bool, last: &[u8]) -> String {
        let tag = self.tag(scope, stretch, descending, last);
        let mut sealed = tag.to_vec();
        sealed.extend_from_slice(last);
        self.stream(&tag, &mut sealed[TAG..]);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The last key shown.
    pub fn open(&self, scope: Scope, stretch: &Stretch, descending: bool, cursor: &str) -> Result<Vec<u8>, RangeError> {
        // Half as much again as the longest key in base64: nothing longer was made here.
        if cursor.len() > keys::MAX_KEY * 3 / 2 {
            return Err(RangeError::Cursor);
        }
        let sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| RangeError::Cursor)?;
        let (tag, sealed) = sealed.split_first_chunk::<TAG>().ok_or(RangeError::Cursor)?;
        let mut last = sealed.to_vec();
        self.stream(tag, &mut last);
        let expected = self.tag(scope, stretch, descending, &last);
        if bool::from(expected.ct_eq(tag)) { Ok(last) } else { Err(RangeError::Cursor) }
    }

    fn tag(&self, scope: Scope, stretch: &Stretch, descending: bool, last: &[u8]) -> [u8; TAG] {
        let mut mac = self.tags.clone();
        mac.update(scope.organisation.0.as_bytes());
        mac.update(scope.installation.0.as_bytes());
        mac.update(&[u8::from(descending)]);
        for part in [stretch.collection.as_bytes(), stretch.index.as_bytes(), &stretch.from, &stretch.to, last] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let mut tag = [0; TAG];
        tag.copy_from_slice(&mac.finalize().into_bytes()[..TAG]);
        tag
    }

    fn stream(&self, tag: &[u8; TAG], bytes: &mut [u8]) {
        for (number, block) in bytes.chunks_mut(32).enumerate() {
            let mut mac = self.streams.clone();
            mac.update(tag);
            mac.update(&(number as u64).to_be_bytes());
            for (byte, mask) in block.iter_mut().zip(mac.finalize().into_bytes()) {
                *byte ^= mask;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tsudoi_kernel::{InstallationId, OrganisationId};
    use uuid::Uuid;

    fn index() -> Index {
        Index { fields: vec!["board".into(), "posted".into()], unique: false, fold: None }
    }

    fn range(equal: &[Value], lower: Bound, upper: Bound) -> Range {
        Range {
            collection: "threads".into(),
            index: "latest".into(),
            equal: equal.iter().map(Value::to_string).collect(),
            lower,
            upper,
            descending: false,
        }
    }

    fn holds(range: &Range, board: &str, posted: i64) -> bool {
        let stretch = stretch(range, &index()).unwrap();
        let body = json!({"board": board, "posted": posted});
        let key = keys::document_key(&index(), body.as_object().unwrap(), Uuid::max()).unwrap().unwrap();
        key >= stretch.from && key < stretch.to
    }

    fn scope(organisation: u128) -> Scope {
        Scope { organisation: OrganisationId(Uuid::from_u128(organisation)), installation: InstallationId(Uuid::from_u128(2)) }
    }

    #[test]
    fn bounds_hold_what_they_include_and_not_what_they_exclude() {
        let number = |n: i64| n.to_string();
        let news = [json!("news")];
        let closed = range(&news, Bound::Included(number(3)), Bound::Included(number(5)));
        assert_eq!([2, 3, 4, 5, 6].map(|n| holds(&closed, "news", n)), [false, true, true, true, false]);
        let open = range(&news, Bound::Excluded(number(3)), Bound::Excluded(number(5)));
        assert_eq!([2, 3, 4, 5, 6].map(|n| holds(&open, "news", n)), [false, false, true, false, false]);
        assert!(!holds(&closed, "newsletter", 4));
        let all = range(&[], Bound::Unbounded, Bound::Unbounded);
        assert!(holds(&all, "", -9) && holds(&all, "\u{10FFFF}", 9));
    }

    #[test]
    fn a_range_with_more_values_than_fields_is_refused() {
        let full = range(&[json!("news"), json!(1)], Bound::Unbounded, Bound::Unbounded);
        assert!(stretch(&full, &index()).is_ok_and(|found| found.from < found.to));
        let over = range(&[json!("news"), json!(1)], Bound::Included("2".into()), Bound::Unbounded);
        assert_eq!(stretch(&over, &index()), Err(RangeError::TooManyValues));
        let wild = Range { equal: vec!["{".into()], ..full };
        assert_eq!(stretch(&wild, &index()), Err(RangeError::NotJson));
    }

    #[test]
    fn a_cursor_serves_its_own_range_only() {
        let cursors = Cursors::new(&[7; 32]);
        let stretch = stretch(&range(&[json!("news")], Bound::Unbounded, Bound::Unbounded), &index()).unwrap();
        let cursor = cursors.seal(scope(1), &stretch, true, b"last key");
        assert_eq!(cursors.open(scope(1), &stretch, true, &cursor), Ok(b"last key".to_vec()));
        assert_eq!(cursors.open(scope(2), &stretch, true, &cursor), Err(RangeError::Cursor));
        assert_eq!(cursors.open(scope(1), &stretch, false, &cursor), Err(RangeError::Cursor));
        let elsewhere = Stretch { index: "pinned".into(), ..stretch.clone() };
        assert_eq!(cursors.open(scope(1), &elsewhere, true, &cursor), Err(RangeError::Cursor));
        assert_eq!(Cursors::new(&[8; 32]).open(scope(1), &stretch, true, &cursor), Err(RangeError::Cursor));
        for forged in ["", "AAAA", "not base64!", &cursor[1..]] {
            assert_eq!(cursors.open(scope(1), &stretch, true, forged), Err(RangeError::Cursor), "{forged}");
        }
    }

    #[test]
    fn a_cursor_reveals_nothing_of_the_key() {
        let cursors = Cursors::new(&[7; 32]);
        let stretch = stretch(&range(&[], Bound::Unbounded, Bound::Unbounded), &index()).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(cursors.seal(scope(1), &stretch, false, b"secret secret secret")).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
    }
}
