//! Packages: the operator installs them for the whole process, organisations enable them.

use super::LoadedPlugin;
use crate::{ServiceError, Services};
use std::sync::Arc;
use tsudoi_kernel::ports::{InspectedPackage, PackageRefused};
use tsudoi_store::{PackageSummary, StoreError};

/// Why a package was not installed. The text is for the operator and says where the fault is.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error(transparent)]
    Refused(#[from] PackageRefused),
    /// A template or a message file that does not parse.
    #[error("{0}")]
    Contents(String),
    #[error("{id} {version} is installed already, with other contents: give the new package a higher version")]
    SameVersion { id: String, version: String },
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Services {
    /// Checks a package from outside to inside, compiles it and keeps it. Running sites go on meanwhile, and after a
    /// refusal.
    pub async fn install_package(&self, bytes: Vec<u8>) -> Result<InspectedPackage, InstallError> {
        let package = self.parts.packages.inspect(&bytes)?;
        self.parts.shelf.open(&package).map_err(InstallError::Contents)?;
        self.parts.packages.prepare(package.hash.clone(), bytes.clone()).await?;
        match self.store().add_package_all_organisations(&package.hash, &package.manifest, &bytes, self.now()).await {
            Ok(()) => Ok(package),
            Err(StoreError::Duplicate(_)) => {
                Err(InstallError::SameVersion { id: package.manifest.id.clone(), version: package.manifest.version.clone() })
            }
            Err(error) => Err(ServiceError::from(error).into()),
        }
    }

    /// The newest first.
    pub async fn packages(&self) -> Result<Vec<PackageSummary>, ServiceError> {
        Ok(self.store().packages_all_organisations().await?)
    }

    /// What a package holds, and its code ready to run: from memory, or opened and compiled now.
    pub async fn loaded_plugin(&self, hash: &str) -> Result<Arc<LoadedPlugin>, ServiceError> {
        if let Some(plugin) = self.parts.shelf.get(hash) {
            return Ok(plugin);
        }
        let bytes = self.store().package_bytes_all_organisations(hash).await?;
        let bytes = bytes.ok_or_else(|| ServiceError::Broken(format!("the package {hash} is missing")))?;
        let package = self.parts.packages.inspect(&bytes).map_err(|refused| ServiceError::Broken(refused.to_string()))?;
        self.parts.packages.prepare(hash.to_owned(), bytes).await.map_err(|refused| ServiceError::Broken(refused.to_string()))?;
        self.parts.shelf.open(&package).map_err(ServiceError::Broken)
    }
}
