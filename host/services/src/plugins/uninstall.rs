//! Uninstalling: the documents are kept for later or erased, and before that they can be written out whole.

use crate::editor::Editor;
use crate::{ServiceError, Services};
use futures::Stream;
use serde_json::{Value, json};
use tsudoi_kernel::calls::Installation;
use tsudoi_kernel::{FileId, InstallationId, OrganisationId};
use tsudoi_store::KeptInstallation;
use uuid::Uuid;

/// Documents that are read at a time.
const BATCH: u32 = 100;

/// Where an export is: the collections that are left, and the last document of the first of them.
struct Place {
    services: Services,
    organisation: OrganisationId,
    installation: InstallationId,
    collections: std::vec::IntoIter<String>,
    current: Option<(String, Option<Uuid>)>,
}

impl Services {
    /// All documents of an installation as NDJSON, in parts that are read when they are asked for: a line about the plugin,
    /// then one for each document, `{"collection", "id", "created", "updated", "body"}`, and one for each file,
    /// `{"file": {"id", "name", "media-type", "size", "sha256", "base64"}}`.
    pub async fn export_documents(
        &self,
        organisation: OrganisationId,
        installation: &Installation,
    ) -> Result<impl Stream<Item = Result<String, ServiceError>> + use<>, ServiceError> {
        let collections = self.store().organisation(organisation).collections_of(installation.id).await?;
        let manifest = &installation.manifest;
        let head = json!({ "plugin": manifest.id, "version": manifest.version, "exported": self.now() });
        let place = Place {
            services: self.clone(),
            organisation,
            installation: installation.id,
            collections: collections.into_iter(),
            current: None,
        };
        let head = futures::stream::iter([Ok(format!("{head}\n"))]);
        let files = futures::stream::try_unfold((self.clone(), organisation, installation.id, None), next_file);
        let documents = futures::stream::try_unfold(place, next_part);
        Ok(futures::StreamExt::chain(futures::StreamExt::chain(head, documents), files))
    }
}

/// Where the files are: after this one.
type FilePlace = (Services, OrganisationId, InstallationId, Option<FileId>);

async fn next_file(place: FilePlace) -> Result<Option<(String, FilePlace)>, ServiceError> {
    let (services, organisation, installation, after) = place;
    let mut found = services.store().organisation(organisation).plugin_files_after(installation, after, 1).await?;
    let Some(file) = found.pop() else { return Ok(None) };
    let line = json!({ "file": services.written_out(organisation, &file).await? });
    Ok(Some((format!("{line}\n"), (services, organisation, installation, Some(file.id)))))
}

async fn next_part(mut place: Place) -> Result<Option<(String, Place)>, ServiceError> {
    loop {
        let Some((collection, after)) = place.current.take().or_else(|| place.collections.next().map(|name| (name, None))) else {
            return Ok(None);
        };
        let store = place.services.store().organisation(place.organisation);
        let documents = store.documents_after(place.installation, &collection, after, BATCH).await?;
        let Some(last) = documents.last().map(|document| document.id) else { continue };
        let mut text = String::new();
        for document in documents {
            let body: Value = serde_json::from_str(&document.body).unwrap_or(Value::String(document.body));
            let line = json!({
                "collection": collection, "id": document.id, "created": document.created, "updated": document.updated, "body": body,
            });
            text.push_str(&line.to_string());
            text.push('\n');
        }
        place.current = Some((collection, Some(last)));
        return Ok(Some((text, place)));
    }
}

impl Editor {
    /// What was kept of a plugin that is not installed at the moment.
    pub async fn kept_installation(&self, plugin: &str) -> Result<Option<KeptInstallation>, ServiceError> {
        Ok(self.store.kept_installation(plugin).await?)
    }

    /// The present installation, or what was kept of an earlier one.
    pub async fn exportable(&self, plugin: &str) -> Result<Installation, ServiceError> {
        match self.store.installation(plugin).await? {
            Some(installation) => Ok(installation),
            None => Ok(self.store.kept_installation(plugin).await?.ok_or(ServiceError::NotFound)?.installation),
        }
    }

    /// Written before the documents go out.
    pub async fn note_export(&self, installation: &Installation) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        self.note(&transaction, "plugin-exported", &installation.manifest).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The plugin is gone from this organisation; its documents stay, and come back where staff choose so when they
    /// install it again.
    pub async fn uninstall_and_keep(&self, plugin: &str) -> Result<(), ServiceError> {
        let installed = self.installed(plugin).await?;
        self.stop_upgrade(plugin).await?;
        let mut transaction = self.begin().await?;
        transaction.keep_uninstalled(installed.id, plugin).await?;
        self.note(&transaction, "plugin-uninstalled-kept", &installed.manifest).await?;
        transaction.commit().await?;
        self.services.upgrades.notify_one();
        Ok(())
    }

    /// The plugin is gone at once with everything that it kept here, earlier uses included; the rows go in the background.
    pub async fn uninstall_and_erase(&self, plugin: &str) -> Result<(), ServiceError> {
        let installation = self.exportable(plugin).await?;
        self.stop_upgrade(plugin).await?;
        let mut transaction = self.begin().await?;
        transaction.erase_uninstalled(plugin).await?;
        self.note(&transaction, "plugin-uninstalled-erased", &installation.manifest).await?;
        transaction.commit().await?;
        self.services.upgrades.notify_one();
        Ok(())
    }

    /// What was kept, where it is still the one that staff were shown.
    pub(super) async fn kept(&self, plugin: &str, id: InstallationId) -> Result<Installation, ServiceError> {
        let found = self.store.kept_installation(plugin).await?.filter(|found| found.installation.id == id);
        Ok(found.ok_or(ServiceError::Changed)?.installation)
    }

    /// Makes what was kept the present installation again.
    pub(super) async fn take_up(&self, plugin: &str, kept: Installation) -> Result<Installation, ServiceError> {
        let mut transaction = self.begin().await?;
        transaction.take_up_kept(kept.id, plugin).await?;
        self.note(&transaction, "plugin-taken-up", &kept.manifest).await?;
        transaction.commit().await?;
        self.installed(plugin).await
    }
}

#[cfg(test)]
#[path = "uninstall_tests.rs"]
mod tests;
