//! Index keys: an encoding of JSON values whose bytes sort as the values do, after the model of FoundationDB's tuple
//! layer (its `design/tuple.md`).
//!
//! A key is the encoded values of the index's fields in their order; in an index that is not unique the document's id
//! (16 bytes) follows. Each encoded value is self-delimiting, and none is the beginning of another:
//!
//! | value | bytes |
//! |---|---|
//! | `null` | `01` |
//! | `false`, `true` | `02`, `03` |
//! | integer, absolute value below 2^53 | `10`, then the number plus 2^53, 7 bytes, big endian |
//! | string | `20`, then its NFC as UTF-8 with each `00` as `00 FF`, then `00 01` |
//!
//! Dates are strings (`2026-11-22` sorts as a date does). Floats, lists and objects have no place in an index. A field
//! that is absent keeps the document out of the index.

use serde_json::{Map, Value};
use tsudoi_kernel::manifest::{Fold, Index};
use tsudoi_kernel::ports::IndexKey;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

/// An encoded key, the document's id included, is at most this long.
pub const MAX_KEY: usize = 1_024;
/// Integers are below this, as JSON numbers are in most languages.
const MAX_INTEGER: i64 = 1 << 53;

const NULL: u8 = 0x01;
const FALSE: u8 = 0x02;
const TRUE: u8 = 0x03;
const INTEGER: u8 = 0x10;
const STRING: u8 = 0x20;
/// Above every tag: the end of a whole index.
const END: u8 = 0xFF;

/// Why a value can't be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("a {0} can't be indexed: only null, booleans, integers and strings can")]
    Kind(&'static str),
    #[error("an indexed integer must lie between -2^53 and 2^53")]
    Integer,
    #[error("an index key may have {MAX_KEY} bytes")]
    TooLong,
}

/// Appends `value` to `key`.
pub fn encode(key: &mut Vec<u8>, value: &Value, fold: Option<Fold>) -> Result<(), KeyError> {
    match value {
        Value::Null => key.push(NULL),
        Value::Bool(false) => key.push(FALSE),
        Value::Bool(true) => key.push(TRUE),
        Value::Number(number) => {
            let number = match (number.as_i64(), number.is_u64()) {
                (Some(number), _) => number,
                (None, true) => return Err(KeyError::Integer),
                (None, false) => return Err(KeyError::Kind("fraction")),
            };
            if number.unsigned_abs() >= MAX_INTEGER.unsigned_abs() {
                return Err(KeyError::Integer);
            }
            key.push(INTEGER);
            key.extend_from_slice(&(number + MAX_INTEGER).to_be_bytes()[1..]);
        }
        Value::String(text) => {
            key.push(STRING);
            match fold {
                None => push_text(key, text.nfc()),
                Some(Fold::Kana) => push_text(key, fold_kana(text).chars()),
            }
        }
        Value::Array(_) => return Err(KeyError::Kind("list")),
        Value::Object(_) => return Err(KeyError::Kind("object")),
    }
    if key.len() > MAX_KEY { Err(KeyError::TooLong) } else { Ok(()) }
}

fn push_text(key: &mut Vec<u8>, text: impl Iterator<Item = char>) {
    let mut buffer = [0; 4];
    for character in text {
        // Past the limit the key is refused anyway: no need to keep what follows.
        if key.len() > MAX_KEY {
            return;
        }
        match character {
            '\0' => key.extend_from_slice(&[0x00, 0xFF]),
            _ => key.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes()),
        }
    }
    key.extend_from_slice(&[0x00, 0x01]);
}

/// What `fold = "kana"` compares: NFKC (so that full and half width are alike), lower case, katakana as hiragana.
pub fn fold_kana(text: &str) -> String {
    let lower = text.nfkc().flat_map(char::to_lowercase).collect::<String>();
    lower.nfkc().map(hiragana).collect()
}

/// Katakana and hiragana stand in the same order, 0x60 apart; ヷ to ヺ have no hiragana and stay.
fn hiragana(character: char) -> char {
    match character {
        'ァ'..='ヶ' | 'ヽ' | 'ヾ' => char::from_u32(u32::from(character) - 0x60).unwrap_or(character),
        _ => character,
    }
}

/// The key under which a document stands in `index`; `None` where a field is absent.
pub fn document_key(index: &Index, body: &Map<String, Value>, id: Uuid) -> Result<Option<Vec<u8>>, KeyError> {
    let mut key = Vec::with_capacity(64);
    for field in &index.fields {
        match body.get(field) {
            None => return Ok(None),
            Some(value) => encode(&mut key, value, index.fold)?,
        }
    }
    if !index.unique {
        key.extend_from_slice(id.as_bytes());
    }
    if key.len() > MAX_KEY { Err(KeyError::TooLong) } else { Ok(Some(key)) }
}

/// All keys of a document, with the index's name where one can't be made.
pub fn document_keys<'a>(
    indexes: impl Iterator<Item = (&'a String, &'a Index)>,
    body: &Map<String, Value>,
    id: Uuid,
) -> Result<Vec<IndexKey>, (String, KeyError)> {
    let mut keys = Vec::new();
    for (name, index) in indexes {
        match document_key(index, body, id) {
            Ok(Some(key)) => keys.push(IndexKey { index: name.clone(), key }),
            Ok(None) => {}
            Err(error) => return Err((name.clone(), error)),
        }
    }
    Ok(keys)
}

/// The first key after every key that begins with `prefix`.
pub fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.last_mut() {
        if *last < 0xFF {
            *last += 1;
            return next;
        }
        next.pop();
    }
    vec![END]
}

/// The first key after `key`.
pub fn after(key: &[u8]) -> Vec<u8> {
    let mut next = Vec::with_capacity(key.len() + 1);
    next.extend_from_slice(key);
    next.push(0);
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::cmp::Ordering;

    fn encoded(value: &Value) -> Vec<u8> {
        let mut key = Vec::new();
        encode(&mut key, value, None).unwrap();
        key
    }

    fn folded(text: &str) -> Vec<u8> {
        let mut key = Vec::new();
        encode(&mut key, &json!(text), Some(Fold::Kana)).unwrap();
        key
    }

    /// xorshift64*, seeded, so that a failure comes back.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: u64) -> u64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % sides
        }

        fn value(&mut self) -> Value {
            match self.roll(8) {
                0 => Value::Null,
                1 => json!(self.roll(2) == 1),
                2 => json!(self.roll(7) as i64 - 3),
                3 => json!((self.roll(1 << 53) as i64) * if self.roll(2) == 0 { 1 } else { -1 }),
                _ => {
                    let letters = ['\0', '\u{1}', 'a', 'b', 'あ', 'ン', '漢', '\u{FFFD}', '😀', '\u{10FFFF}'];
                    let length = self.roll(5);
                    json!((0..length).map(|_| letters[self.roll(letters.len() as u64) as usize]).collect::<String>())
                }
            }
        }
    }

    /// The order that the contract promises, said in another way than by bytes.
    fn model(left: &Value, right: &Value) -> Ordering {
        fn rank(value: &Value) -> u8 {
            match value {
                Value::Null => 0,
                Value::Bool(false) => 1,
                Value::Bool(true) => 2,
                Value::Number(_) => 3,
                _ => 4,
            }
        }
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => left.as_i64().cmp(&right.as_i64()),
            (Value::String(left), Value::String(right)) => left.nfc().collect::<String>().cmp(&right.nfc().collect()),
            _ => rank(left).cmp(&rank(right)),
        }
    }

    #[test]
    fn encoded_values_sort_as_the_values_do() {
        let mut dice = Dice(20_261_122);
        for _ in 0..20_000 {
            let (left, right) = (dice.value(), dice.value());
            assert_eq!(encoded(&left).cmp(&encoded(&right)), model(&left, &right), "{left} and {right}");
        }
    }

    #[test]
    fn encoded_tuples_sort_by_their_first_difference() {
        let mut dice = Dice(7);
        for _ in 0..20_000 {
            let tuples = [0, 1].map(|_| (dice.value(), dice.value()));
            let [left, right] = &tuples;
            let keys = tuples.each_ref().map(|(first, second)| [encoded(first), encoded(second)].concat());
            let expected = model(&left.0, &right.0).then(model(&left.1, &right.1));
            assert_eq!(keys[0].cmp(&keys[1]), expected, "{left:?} and {right:?}");
        }
    }

    #[test]
    fn no_encoded_value_is_the_beginning_of_another() {
        let mut dice = Dice(99);
        for _ in 0..20_000 {
            let (left, right) = (dice.value(), dice.value());
            if model(&left, &right) != Ordering::Equal {
                assert!(!encoded(&left).starts_with(&encoded(&right)), "{right} begins {left}");
            }
        }
    }

    #[test]
    fn everything_with_a_prefix_lies_before_its_end() {
        let mut dice = Dice(5);
        for _ in 0..5_000 {
            let (prefix, other) = (encoded(&dice.value()), encoded(&dice.value()));
            let end = after_prefix(&prefix);
            let key = [prefix.clone(), other.clone()].concat();
            assert!(key >= prefix && key < end);
            assert_eq!(other >= prefix && other < end, other.starts_with(&prefix));
        }
        assert_eq!(after_prefix(&[]), [0xFF]);
        assert_eq!(after_prefix(&[7, 0xFF, 0xFF]), [8]);
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_key() {
        assert_eq!(encoded(&json!("がく")), encoded(&json!("か\u{3099}く")));
    }

    #[test]
    fn readings_are_alike_in_every_width_case_and_kana() {
        assert_eq!(folded("ハナコ"), folded("はなこ"));
        assert_eq!(folded("ﾊﾅｺ"), folded("はなこ"));
        assert_eq!(folded("ヴァイオリン"), folded("ゔぁいおりん"));
        assert_eq!(folded("ＡＢＣ"), folded("abc"));
        assert!(folded("アオキ") < folded("いとう"));
    }

    #[test]
    fn fractions_lists_objects_and_huge_integers_are_refused() {
        let mut key = Vec::new();
        assert_eq!(encode(&mut key, &json!(1.5), None), Err(KeyError::Kind("fraction")));
        assert_eq!(encode(&mut key, &json!([1]), None), Err(KeyError::Kind("list")));
        assert_eq!(encode(&mut key, &json!({}), None), Err(KeyError::Kind("object")));
        assert_eq!(encode(&mut key, &json!(1_i64 << 53), None), Err(KeyError::Integer));
        assert_eq!(encode(&mut key, &json!(-(1_i64 << 53)), None), Err(KeyError::Integer));
        assert_eq!(encode(&mut key, &json!(u64::MAX), None), Err(KeyError::Integer));
        assert_eq!(encode(&mut key, &json!("x".repeat(2_000)), None), Err(KeyError::TooLong));
    }

    #[test]
    fn a_document_without_an_indexed_field_is_not_in_the_index() {
        let index = Index { fields: vec!["board".into(), "posted".into()], unique: false, fold: None };
        let id = Uuid::from_u128(7);
        let body = json!({"board": "news"});
        assert_eq!(document_key(&index, body.as_object().unwrap(), id), Ok(None));
        let body = json!({"board": "news", "posted": null});
        let key = document_key(&index, body.as_object().unwrap(), id).unwrap().unwrap();
        assert!(key.ends_with(id.as_bytes()));
        let unique = Index { unique: true, ..index };
        assert!(!document_key(&unique, body.as_object().unwrap(), id).unwrap().unwrap().ends_with(id.as_bytes()));
    }
}
