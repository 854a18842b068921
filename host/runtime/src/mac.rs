//! Keyed hashes (HMAC-SHA256), one derived key for each purpose.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A keyed hash for one purpose. The key is derived, so that what one purpose signs means nothing to another.
pub fn keyed(key: &[u8; 32], purpose: &str) -> Hmac<Sha256> {
    let mut derive = new(key);
    derive.update(b"tsudoi runtime: ");
    derive.update(purpose.as_bytes());
    new(&derive.finalize().into_bytes())
}

fn new(key: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length; the error exists for other algorithms of the trait.
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length")
}
