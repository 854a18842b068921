//! Switching plugins on and off for one organisation, and what the site's editor can take from them.

use crate::visits::Visit;
use crate::{ServiceError, Services};
use std::collections::BTreeSet;
use std::sync::Arc;
use tsudoi_kernel::InstallationId;
use tsudoi_kernel::calls::{Installation, plugin_path};
use tsudoi_kernel::manifest::{Area, Index, Manifest, Method};
use tsudoi_store::{OrganisationStore, PluginFailure, Usage};

/// An installation with the newest package of its plugin that the operator has.
pub struct InstallationSummary {
    pub manifest: Arc<Manifest>,
    /// Of the newest package.
    pub package_hash: String,
    /// `None`: never enabled here.
    pub installed: Option<(Installation, Usage)>,
}

/// A block that an editor can put into a page.
pub struct BlockChoice {
    pub label: String,
    /// The line to write: `::fan-board/latest-threads{limit=5}`.
    pub directive: String,
}

/// A page of a plugin in the admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginMenuEntry {
    pub plugin: String,
    pub label: String,
    pub url: String,
}

impl Services {
    /// Every plugin that the operator installed, and how this organisation has it.
    pub async fn plugin_switchboard(&self, organisation: &OrganisationStore) -> Result<Vec<InstallationSummary>, ServiceError> {
        let mut installed = organisation.installations().await?;
        let mut seen = BTreeSet::new();
        let mut summaries = Vec::new();
        for package in self.packages().await? {
            if !seen.insert(package.manifest.id.clone()) {
                continue;
            }
            let position = installed.iter().position(|(installation, _)| installation.manifest.id == package.manifest.id);
            let installed = position.map(|position| installed.swap_remove(position));
            summaries.push(InstallationSummary { manifest: package.manifest, package_hash: package.hash, installed });
        }
        summaries.sort_by(|a, b| a.manifest.id.cmp(&b.manifest.id));
        Ok(summaries)
    }

    /// Enables the newest package of a plugin with everything that its manifest asks for. `consented` is what staff
    /// were shown and agreed to; where the package asks for something else by now, nothing is enabled. A version with
    /// other indexes is [`ServiceError::Invalid`] where there are documents: they would not be found in them.
    pub async fn enable_plugin(
        &self,
        organisation: &OrganisationStore,
        plugin: &str,
        consented: &BTreeSet<String>,
    ) -> Result<InstallationId, ServiceError> {
        let package = self.packages().await?.into_iter().find(|package| package.manifest.id == plugin).ok_or(ServiceError::NotFound)?;
        if requested(&package.manifest) != *consented {
            return Err(ServiceError::Changed);
        }
        let installed = organisation.installations().await?.into_iter().find(|(installation, _)| installation.manifest.id == plugin);
        if let Some((installation, usage)) = installed
            && usage.documents > 0
            && wants_other_indexes(&installation.manifest, &package.manifest)
        {
            return Err(ServiceError::Invalid(vec![("plugin".into(), "plugin-upgrade-indexes")]));
        }
        self.loaded_plugin(&package.hash).await?;
        let mut transaction = organisation.begin_change(self.now()).await?;
        let fresh = InstallationId(self.fresh_id());
        let installation = transaction.enable_plugin(fresh, &package.manifest, &package.hash, consented).await?;
        transaction.commit().await?;
        Ok(installation)
    }

    pub async fn disable_plugin(&self, organisation: &OrganisationStore, plugin: &str) -> Result<(), ServiceError> {
        organisation.installation(plugin).await?.ok_or(ServiceError::NotFound)?;
        let mut transaction = organisation.begin_change(self.now()).await?;
        transaction.disable_plugin(plugin).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The pages of enabled plugins that this member of staff may open, for the admin's navigation.
    pub async fn plugin_menu(&self, visit: &Visit) -> Result<Vec<PluginMenuEntry>, ServiceError> {
        let mut entries = Vec::new();
        for (installation, _) in self.of(visit).installations().await? {
            let manifest = &installation.manifest;
            let open = manifest.menu.iter().filter(|entry| entry.area == Area::Admin && installation.enabled).filter(|entry| {
                let route = manifest.route(Area::Admin, Method::Get, &entry.path);
                route.is_some_and(|(route, _)| super::calls::admits(&visit.visitor, &manifest.id, route))
            });
            entries.extend(open.map(|entry| PluginMenuEntry {
                plugin: manifest.id.clone(),
                label: entry.label.get(visit.locale).to_owned(),
                url: plugin_path(Area::Admin, &manifest.id, &entry.path),
            }));
        }
        Ok(entries)
    }

    /// The newest first.
    pub async fn recent_plugin_failures(&self, visit: &Visit) -> Result<Vec<PluginFailure>, ServiceError> {
        Ok(self.of(visit).recent_plugin_failures(20).await?)
    }

    /// The blocks of enabled plugins, each with the line that puts it into a page.
    pub async fn block_choices(&self, visit: &Visit) -> Result<Vec<BlockChoice>, ServiceError> {
        let mut choices = Vec::new();
        for (installation, _) in self.of(visit).installations().await? {
            if !installation.enabled {
                continue;
            }
            let manifest = &installation.manifest;
            for block in &manifest.blocks {
                let defaults = block.parameters.iter().filter_map(|(name, parameter)| {
                    let value = parameter.default.as_ref()?;
                    let text = format!("{name}={value}");
                    (value.as_str() != Some("")).then_some(text)
                });
                let defaults: Vec<String> = defaults.collect();
                let parameters = if defaults.is_empty() { String::new() } else { format!("{{{}}}", defaults.join(" ")) };
                choices.push(BlockChoice {
                    label: format!("{} – {}", manifest.name.get(visit.locale), block.label.get(visit.locale)),
                    directive: format!("::{}/{}{parameters}", manifest.id, block.name),
                });
            }
        }
        Ok(choices)
    }
}

/// The interfaces that a manifest asks for: what consent is about.
pub fn requested(manifest: &Manifest) -> BTreeSet<String> {
    manifest.permissions.iter().map(|request| request.interface.clone()).collect()
}

/// Whether a version has an index that the documents of the one before do not stand in.
fn wants_other_indexes(before: &Manifest, after: &Manifest) -> bool {
    let known = |collection: &str, name: &str, index: &Index| before.index(collection, name) == Some(index);
    after.collections.iter().any(|(collection, wanted)| wanted.indexes.iter().any(|(name, index)| !known(collection, name, index)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(indexes: &[(&str, &[&str])]) -> Manifest {
        let indexes: serde_json::Map<_, _> =
            indexes.iter().map(|(name, fields)| ((*name).to_owned(), serde_json::json!({ "fields": fields }))).collect();
        let manifest = serde_json::json!({
            "id": "notes", "version": "1.0.0", "contract": "0.1", "name": { "ja": "メモ" }, "collections": { "notes": { "indexes": indexes } },
        });
        serde_json::from_value(manifest).unwrap()
    }

    #[test]
    fn a_version_may_leave_an_index_out_and_bring_none() {
        let before = manifest(&[("latest", &["at"]), ("by-title", &["title"])]);
        assert!(!wants_other_indexes(&before, &before));
        assert!(!wants_other_indexes(&before, &manifest(&[("latest", &["at"])])));
        assert!(wants_other_indexes(&before, &manifest(&[("latest", &["at", "id"])])));
        assert!(wants_other_indexes(&before, &manifest(&[("latest", &["at"]), ("by-author", &["author"])])));
    }
}
