//! Tokens that leave the house: what is kept of them, and what is signed with the key of this installation.

use crate::Services;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tsudoi_kernel::time::random_hex;

/// What is stored of a random token: whoever reads the database can't use it.
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

impl Services {
    /// 32 random bytes in hexadecimal: a session's token, a mailed link's secret.
    pub fn fresh_token(&self) -> String {
        random_hex::<32>(self.random())
    }

    /// HMAC-SHA256 over `purpose` and `parts`, in URL-safe base64. The purpose keeps a signature for one thing from
    /// being used for another; lengths are signed too, so parts can't flow into each other.
    pub fn sign(&self, purpose: &str, parts: &[&str]) -> String {
        // An HMAC takes a key of any length, so this can't fail; without it nothing may be signed.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.parts.key) else { unreachable!("HMAC takes any key length") };
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// Whether `signature` is what [`Services::sign`] gives, compared in constant time.
    pub fn is_signed(&self, purpose: &str, parts: &[&str], signature: &str) -> bool {
        self.sign(purpose, parts).as_bytes().ct_eq(signature.as_bytes()).into()
    }
}
