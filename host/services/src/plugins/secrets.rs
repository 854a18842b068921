//! Staff give secrets to the host, replace them and take them away; nobody is ever shown one.

use super::vault::{Seal, sealed};
use crate::ServiceError;
use crate::editor::Editor;
use tsudoi_kernel::Timestamp;
use tsudoi_kernel::manifest::outside::SecretDeclaration;

/// Fewer letters could be guessed from what comes back; more no service gives out.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=4_096;

/// A secret that a plugin wants, and since when it is there.
#[derive(Debug, Clone)]
pub struct SecretState {
    pub declaration: SecretDeclaration,
    pub set_at: Option<Timestamp>,
}

impl Editor {
    /// The secrets of an enabled plugin, in the manifest's order.
    pub async fn plugin_secrets(&self, plugin: &str) -> Result<Vec<SecretState>, ServiceError> {
        let installation = self.installed(plugin).await?;
        let notes = self.store.plugin_secret_notes(plugin).await?;
        let set_at = |name: &str| notes.iter().find(|note| note.name == name).map(|note| note.set_at);
        let declared = installation.manifest.secrets.iter();
        Ok(declared.map(|secret| SecretState { declaration: secret.clone(), set_at: set_at(&secret.name) }).collect())
    }

    /// Sets or replaces one. It is one line of 8 to 4,096 characters of ASCII, as services hand them out.
    pub async fn set_plugin_secret(&self, plugin: &str, name: &str, value: &str) -> Result<(), ServiceError> {
        let installation = self.installed(plugin).await?;
        let declared = installation.manifest.secret(name).ok_or(ServiceError::NotFound)?;
        let value = value.trim();
        if !LENGTH.contains(&value.len()) || !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(ServiceError::Invalid(vec![("secret".to_owned(), "plugin-secret-invalid")]));
        }
        let parts = &self.services.parts;
        let secret = sealed(Seal::new(&parts.key).close(self.store.id(), plugin, &declared.name, value, self.services.random()))?;
        let mut transaction = self.begin().await?;
        transaction.set_plugin_secret(plugin, &declared.name, &secret, self.by).await?;
        self.record(&transaction, "plugin-secret-set", format!("plugin:{plugin}"), &format!("{plugin}: {name}")).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Also one that no version wants any more.
    pub async fn remove_plugin_secret(&self, plugin: &str, name: &str) -> Result<(), ServiceError> {
        self.installed(plugin).await?;
        let mut transaction = self.begin().await?;
        transaction.remove_plugin_secret(plugin, name).await?;
        self.record(&transaction, "plugin-secret-removed", format!("plugin:{plugin}"), &format!("{plugin}: {name}")).await?;
        transaction.commit().await?;
        Ok(())
    }
}
