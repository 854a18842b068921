//! What staff agree to when they enable a plugin, and what becomes of it: the grant.

use super::InstallationSummary;
use super::switchboard::{Rank, newest};
use crate::editor::Editor;
use crate::{ServiceError, Services};
use std::collections::BTreeSet;
use tsudoi_kernel::InstallationId;
use tsudoi_kernel::calls::Installation;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_store::{ChangeTransaction, PackageSummary, StoreError};

/// What staff agreed to, of what they were shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Consent {
    /// The package that they were shown.
    pub package_hash: String,
    pub interfaces: BTreeSet<String>,
    pub member_fields: BTreeSet<String>,
    /// What was kept of an earlier use, where staff chose to go on with it.
    pub take_up: Option<InstallationId>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enabled {
    On,
    /// The older version runs on until its documents are copied.
    Upgrading,
}

/// Why a plugin was not enabled, or its grant not changed.
#[derive(Debug, thiserror::Error)]
pub enum EnableError {
    /// Another version than the one that staff were shown is the newest by now, or it asks for something else.
    #[error("what it asks for has changed")]
    Changed,
    /// A lower version than the one that is used: only rolling back leads there.
    #[error("version {offered} is lower than {used}, which is used")]
    Downgrade { used: String, offered: String },
    /// The plugin needs what was left out, by the names of interfaces.
    #[error("it needs what was left out: {0:?}")]
    Needed(Vec<String>),
    /// The operator's policy does not permit it.
    #[error("the operator of this server does not permit this plugin, or something that it needs")]
    Forbidden,
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for EnableError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl Consent {
    /// To everything that a package asks for.
    pub fn to_all(package: &PackageSummary) -> Self {
        Self {
            package_hash: package.hash.clone(),
            interfaces: package.manifest.permissions.iter().map(|request| request.interface.clone()).collect(),
            member_fields: package.manifest.member_fields.iter().cloned().collect(),
            take_up: None,
        }
    }

    /// What is granted now, of what the newest version still asks for.
    pub fn as_granted(installation: &Installation, summary: &InstallationSummary) -> Self {
        let (manifest, package_hash) = (&summary.manifest, summary.package_hash.clone());
        let interfaces = manifest.permissions.iter().map(|request| &request.interface);
        Self {
            package_hash,
            interfaces: interfaces.filter(|interface| installation.granted.contains(*interface)).cloned().collect(),
            member_fields: manifest.member_fields.iter().filter(|field| installation.member_fields.contains(*field)).cloned().collect(),
            take_up: None,
        }
    }

    /// Not more than is asked for, and all of it that is needed.
    fn check(&self, manifest: &Manifest) -> Result<(), EnableError> {
        let asked = |interface: &String| manifest.permissions.iter().any(|request| request.interface == *interface);
        let known = self.interfaces.iter().all(asked) && self.member_fields.iter().all(|field| manifest.member_fields.contains(field));
        if !known {
            return Err(EnableError::Changed);
        }
        let missing = manifest.permissions.iter().filter(|request| !request.optional && !self.interfaces.contains(&request.interface));
        let missing: Vec<String> = missing.map(|request| request.interface.clone()).collect();
        if missing.is_empty() { Ok(()) } else { Err(EnableError::Needed(missing)) }
    }
}

impl Services {
    /// The highest version of a plugin that the operator installed.
    pub async fn newest_package(&self, plugin: &str) -> Result<Option<PackageSummary>, ServiceError> {
        Ok(newest(self.packages().await?, |_| false).into_iter().find(|package| package.manifest.id == plugin))
    }

    pub async fn package(&self, hash: &str) -> Result<Option<PackageSummary>, ServiceError> {
        Ok(self.packages().await?.into_iter().find(|package| package.hash == hash))
    }

    /// Whether the operator lets a package have all that it can't do without.
    pub fn is_permitted(&self, manifest: &Manifest) -> bool {
        let policy = &self.parts.settings.policy;
        let needed = manifest.permissions.iter().filter(|request| !request.optional);
        policy.permits_plugin(&manifest.id) && needed.into_iter().all(|request| policy.permits(&manifest.id, &request.interface))
    }
}

impl Editor {
    /// Enables the newest package of a plugin, or a build of `tsudoi plugin dev`, with what staff agreed to, once they have seen all
    /// that it asks for. Where an older version is used, an upgrade begins: it goes on in the background, and the older one runs on.
    pub async fn enable_plugin(&self, plugin: &str, consent: &Consent) -> Result<Enabled, EnableError> {
        let services = &self.services;
        let newest = services.newest_package(plugin).await?;
        let agreed = services.package(&consent.package_hash).await?.filter(|package| package.manifest.id == plugin);
        let package = match (agreed, newest) {
            (Some(agreed), _) if Rank::of(&agreed.manifest).is_dev_build() => agreed,
            (_, Some(newest)) if newest.hash == consent.package_hash => newest,
            (_, Some(_)) => return Err(EnableError::Changed),
            (_, None) => return Err(ServiceError::NotFound.into()),
        };
        let manifest = &package.manifest;
        consent.check(manifest)?;
        if !services.is_permitted(manifest) {
            return Err(EnableError::Forbidden);
        }
        services.loaded_plugin(&package.hash).await?;
        let present = self.store.installation(plugin).await?;
        let kept = match (&present, consent.take_up) {
            (None, Some(kept)) => Some(self.kept(plugin, kept).await?),
            _ => None,
        };
        if let Some(used) = present.as_ref().or(kept.as_ref()).map(|installation| &installation.manifest)
            && Rank::of(manifest).leads_back_from(&Rank::of(used))
        {
            return Err(EnableError::Downgrade { used: used.version.clone(), offered: manifest.version.clone() });
        }
        let present = match kept {
            Some(kept) => Some(self.take_up(plugin, kept).await?),
            None => present,
        };
        match present {
            Some(installed) if installed.package_hash != package.hash => {
                self.begin_upgrade(&installed, &package, consent).await?;
                Ok(Enabled::Upgrading)
            }
            _ => {
                let mut transaction = self.begin().await?;
                let fresh = InstallationId(services.fresh_id());
                let granted = manifest.granted_by(&consent.interfaces);
                let installation = transaction.enable_plugin(fresh, manifest, &package.hash, &granted).await?;
                transaction.set_grant(installation, &granted, &consent.member_fields).await?;
                self.note(&transaction, "plugin-enabled", manifest).await?;
                transaction.commit().await?;
                Ok(Enabled::On)
            }
        }
    }

    /// Its pages and blocks are gone at once; its documents stay. An upgrade that is under way is stopped.
    pub async fn disable_plugin(&self, plugin: &str) -> Result<(), ServiceError> {
        let installed = self.installed(plugin).await?;
        self.stop_upgrade(plugin).await?;
        let mut transaction = self.begin().await?;
        transaction.disable_plugin(plugin).await?;
        self.note(&transaction, "plugin-disabled", &installed.manifest).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Gives a plugin more or less of what its version asks for; it holds from the next call on.
    pub async fn change_grant(&self, plugin: &str, consent: &Consent) -> Result<(), EnableError> {
        let installed = self.installed(plugin).await?;
        if installed.package_hash != consent.package_hash {
            return Err(EnableError::Changed);
        }
        consent.check(&installed.manifest)?;
        let mut transaction = self.begin().await?;
        let granted = installed.manifest.granted_by(&consent.interfaces);
        transaction.set_grant(installed.id, &granted, &consent.member_fields).await?;
        self.note(&transaction, "plugin-grant-changed", &installed.manifest).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub(crate) async fn installed(&self, plugin: &str) -> Result<Installation, ServiceError> {
        self.store.installation(plugin).await?.ok_or(ServiceError::NotFound)
    }

    /// An entry of the audit about a plugin, with its id and version.
    pub(super) async fn note(&self, transaction: &ChangeTransaction, action: &str, manifest: &Manifest) -> Result<(), ServiceError> {
        let detail = format!("{} {}", manifest.id, manifest.version);
        self.record(transaction, action, format!("plugin:{}", manifest.id), &detail).await
    }
}

#[cfg(test)]
#[path = "consent_tests.rs"]
mod tests;
