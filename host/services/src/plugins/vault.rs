//! Where plugins' secrets are kept: sealed with a key of this installation (AES-256-GCM), and bound to organisation,
//! plugin and name, so that a row that was copied elsewhere opens for nobody.

use crate::error::ServiceError;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::sync::Arc;
use tsudoi_kernel::ids::fresh_uuid;
use tsudoi_kernel::ports::{At, Boxed, DataError, SecretValue, SecretVault};
use tsudoi_kernel::{Clock, OrganisationId, Random};
use tsudoi_store::{AuditEntry, SealedSecret, Store, StoreError};

const NONCE: usize = 12;

/// Seals and opens.
pub struct Seal {
    cipher: Aes256Gcm,
    key_id: String,
}

impl Seal {
    /// `key`: the installation's own, of which this purpose has a key apart.
    pub fn new(key: &[u8; 32]) -> Self {
        let derived = |purpose: &str| {
            // An HMAC takes a key of any length, so this can't fail.
            let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else { unreachable!("HMAC takes any key length") };
            mac.update(purpose.as_bytes());
            mac.finalize().into_bytes()
        };
        let id = derived("plugin secrets, id of the key");
        let key_id = id[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { cipher: Aes256Gcm::new(&derived("plugin secrets, key")), key_id }
    }

    pub fn close(&self, organisation: OrganisationId, plugin: &str, name: &str, value: &str, random: &dyn Random) -> Option<SealedSecret> {
        let mut nonce = [0u8; NONCE];
        random.fill(&mut nonce);
        let about = about(organisation, plugin, name);
        let closed = self.cipher.encrypt(&Nonce::from(nonce), Payload { msg: value.as_bytes(), aad: &about }).ok()?;
        Some(SealedSecret { key_id: self.key_id.clone(), sealed: [&nonce[..], &closed].concat() })
    }

    /// `None` where it was sealed with another key or for something else, or is damaged.
    pub fn open(&self, organisation: OrganisationId, plugin: &str, name: &str, secret: &SealedSecret) -> Option<SecretValue> {
        let (nonce, closed) = secret.sealed.split_first_chunk::<NONCE>()?;
        let about = about(organisation, plugin, name);
        let opened = self.cipher.decrypt(&Nonce::from(*nonce), Payload { msg: closed, aad: &about }).ok()?;
        if secret.key_id != self.key_id {
            return None;
        }
        String::from_utf8(opened).ok().map(SecretValue)
    }
}

/// What a secret is bound to. Lengths keep the parts apart.
fn about(organisation: OrganisationId, plugin: &str, name: &str) -> Vec<u8> {
    let mut about = organisation.0.as_bytes().to_vec();
    for part in [plugin, name] {
        about.extend_from_slice(&(part.len() as u64).to_be_bytes());
        about.extend_from_slice(part.as_bytes());
    }
    about
}

/// The port over the database.
pub struct Vault {
    store: Store,
    seal: Seal,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Vault {
    pub fn new(store: Store, key: &[u8; 32], clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { store, seal: Seal::new(key), clock, random }
    }

    async fn revealed(&self, organisation: OrganisationId, plugin: &str, name: &str) -> Result<At<Option<SecretValue>>, DataError> {
        let kept = self.store.organisation(organisation).plugin_secret(plugin, name).await?;
        let open = |secret: SealedSecret| {
            let opened = self.seal.open(organisation, plugin, name, &secret);
            opened
                .ok_or_else(|| DataError::Broken(format!("the secret {name} of {plugin} can't be opened: it was sealed with another key")))
        };
        Ok(At { number: kept.number, value: kept.value.map(open).transpose()? })
    }

    async fn noted(&self, organisation: OrganisationId, plugin: String, name: String, to: String) -> Result<(), StoreError> {
        tracing::warn!(%organisation, plugin, secret = name, to, "a plugin wanted to send a secret where it may not go");
        let now = self.clock.now();
        let id = fresh_uuid(now, self.random.as_ref());
        let detail = format!("{name} → {to}");
        let entry = AuditEntry { id, by: None, action: "plugin-secret-refused".into(), subject: format!("plugin:{plugin}"), detail };
        let transaction = self.store.organisation(organisation).begin_change(now).await?;
        transaction.record(&entry).await?;
        transaction.commit().await?;
        Ok(())
    }
}

impl SecretVault for Vault {
    fn reveal(&self, organisation: OrganisationId, plugin: String, name: String) -> Boxed<'_, Result<At<Option<SecretValue>>, DataError>> {
        Box::pin(async move { self.revealed(organisation, &plugin, &name).await })
    }

    fn note_refusal(&self, organisation: OrganisationId, plugin: String, name: String, to: String) -> Boxed<'_, Result<(), DataError>> {
        Box::pin(async move { self.noted(organisation, plugin, name, to).await.map_err(DataError::from) })
    }
}

/// For those who set secrets.
pub(super) fn sealed(seal: Option<SealedSecret>) -> Result<SealedSecret, ServiceError> {
    seal.ok_or_else(|| ServiceError::Broken("a secret can't be sealed".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRandom;
    use uuid::Uuid;

    #[test]
    fn a_secret_opens_where_it_was_sealed_and_nowhere_else() {
        let (seal, random) = (Seal::new(&[1; 32]), SeededRandom::default());
        let (club, other) = (OrganisationId(Uuid::from_u128(1)), OrganisationId(Uuid::from_u128(2)));
        let kept = seal.close(club, "shop", "key", "sk-一二三", &random).unwrap();
        assert!(!kept.sealed.windows(3).any(|window| window == b"sk-"), "nothing of it can be read");
        assert_eq!(seal.open(club, "shop", "key", &kept), Some(SecretValue("sk-一二三".into())));
        assert_eq!(seal.open(other, "shop", "key", &kept), None, "another organisation's");
        assert_eq!(seal.open(club, "board", "key", &kept), None, "another plugin's");
        assert_eq!(seal.open(club, "shop", "other", &kept), None, "under another name");
        assert_eq!(Seal::new(&[2; 32]).open(club, "shop", "key", &kept), None, "with another key");
        let damaged = SealedSecret { sealed: kept.sealed.iter().rev().copied().collect(), ..kept.clone() };
        assert_eq!(seal.open(club, "shop", "key", &damaged), None);
        let again = seal.close(club, "shop", "key", "sk-一二三", &random).unwrap();
        assert_ne!(again.sealed, kept.sealed, "the same secret never looks the same");
    }
}
