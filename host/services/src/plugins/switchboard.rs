//! The plugins that one organisation can have, and what the site's editor can take from them.

use crate::visits::Visit;
use crate::{ServiceError, Services};
use std::collections::BTreeMap;
use std::sync::Arc;
use tsudoi_kernel::Permission;
use tsudoi_kernel::calls::{Installation, plugin_path};
use tsudoi_kernel::manifest::{Area, CardPlace, Manifest, Method};
use tsudoi_store::{OrganisationStore, PackageSummary, PluginFailure, Upgrade, Usage};

/// An installation with the newest package of its plugin that the operator has.
pub struct InstallationSummary {
    pub manifest: Arc<Manifest>,
    /// Of the newest package.
    pub package_hash: String,
    /// `None`: never enabled here.
    pub installed: Option<(Installation, Usage)>,
    /// Under way, or the last one that failed.
    pub upgrade: Option<Upgrade>,
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
        let mut upgrades = organisation.upgrades().await?;
        let mut summaries = Vec::new();
        for package in newest(self.packages().await?) {
            if !self.parts.settings.policy.permits_plugin(&package.manifest.id) {
                continue;
            }
            let position = installed.iter().position(|(installation, _)| installation.manifest.id == package.manifest.id);
            let installed = position.map(|position| installed.swap_remove(position));
            let position = upgrades.iter().position(|upgrade| upgrade.plugin == package.manifest.id);
            let upgrade = position.map(|position| upgrades.swap_remove(position));
            summaries.push(InstallationSummary { manifest: package.manifest, package_hash: package.hash, installed, upgrade });
        }
        Ok(summaries)
    }

    /// Whether its pages and blocks are there: staff switched it on, and the operator permits it.
    pub(crate) fn is_on(&self, installation: &Installation) -> bool {
        installation.enabled && self.parts.settings.policy.permits_plugin(&installation.manifest.id)
    }

    /// The pages of enabled plugins that this member of staff may open, for the admin's navigation.
    pub async fn plugin_menu(&self, visit: &Visit) -> Result<Vec<PluginMenuEntry>, ServiceError> {
        let mut entries = Vec::new();
        for (installation, _) in self.installations(visit).await?.iter() {
            let manifest = &installation.manifest;
            let open = manifest.menu.iter().filter(|entry| entry.area == Area::Admin && self.is_on(installation)).filter(|entry| {
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

    /// How much of what it may an installation uses: each limit by its name, with what is used and what there is.
    pub async fn limits_in_use(
        &self,
        visit: &Visit,
        installation: &Installation,
        usage: Usage,
    ) -> Result<[(&'static str, u64, u64); 6], ServiceError> {
        let quota = self.settings().quota;
        let ongoing = self.of(visit).ongoing(installation.id, self.now().plus_seconds(-24 * 60 * 60)).await?;
        Ok([
            ("documents", usage.documents, quota.documents),
            ("bytes", usage.bytes, quota.bytes),
            ("files", self.of(visit).bytes_of_plugin_files(installation.id).await?, quota.file_bytes),
            ("mails", ongoing.mails, quota.mails_per_day),
            ("jobs", ongoing.jobs, quota.jobs.into()),
            ("events", ongoing.events, quota.events.into()),
        ])
    }

    /// The blocks that enabled plugins have in a place of the host's, as plugin and block, for this visitor: by plugin, in the
    /// manifest's order.
    pub async fn cards(&self, visit: &Visit, place: CardPlace) -> Result<Vec<(String, String)>, ServiceError> {
        let mut cards = Vec::new();
        for (installation, _) in self.installations(visit).await?.iter().filter(|(installation, _)| self.is_on(installation)) {
            let manifest = &installation.manifest;
            let may = |permission: &String| visit.visitor.may(Permission::of_plugin(&manifest.id, permission).as_str());
            let shown = manifest.cards.iter().filter(|card| card.place == place && card.permission.as_ref().is_none_or(may));
            cards.extend(shown.map(|card| (manifest.id.clone(), card.block.clone())));
        }
        Ok(cards)
    }

    /// The newest first.
    pub async fn recent_plugin_failures(&self, visit: &Visit) -> Result<Vec<PluginFailure>, ServiceError> {
        Ok(self.of(visit).recent_plugin_failures(20).await?)
    }

    /// The blocks of enabled plugins, each with the line that puts it into a page.
    pub async fn block_choices(&self, visit: &Visit) -> Result<Vec<BlockChoice>, ServiceError> {
        let mut choices = Vec::new();
        for (installation, _) in self.of(visit).installations().await? {
            if !self.is_on(&installation) {
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

/// The version of a package. What was installed was checked, so that none is left out.
pub(super) fn version(manifest: &Manifest) -> semver::Version {
    semver::Version::parse(&manifest.version).unwrap_or_else(|_| semver::Version::new(0, 0, 0))
}

/// Of each plugin the highest version, whenever it was installed; by plugin id.
pub(super) fn newest(packages: Vec<PackageSummary>) -> Vec<PackageSummary> {
    let mut found: BTreeMap<String, PackageSummary> = BTreeMap::new();
    for package in packages {
        let known = found.get(&package.manifest.id);
        if known.is_none_or(|known| version(&known.manifest) < version(&package.manifest)) {
            found.insert(package.manifest.id.clone(), package);
        }
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsudoi_kernel::Timestamp;

    fn package(id: &str, version: &str) -> PackageSummary {
        let manifest = serde_json::json!({ "id": id, "version": version, "contract": "0.1", "name": { "ja": "メモ" } });
        let manifest = Arc::new(serde_json::from_value(manifest).unwrap());
        PackageSummary { hash: version.to_owned(), manifest, created: Timestamp::from_millis(0) }
    }

    #[test]
    fn the_newest_is_the_highest_version_whenever_it_was_installed() {
        let found = newest(vec![
            package("notes", "0.9.0"),
            package("shop", "1.0.0-beta.2"),
            package("notes", "0.10.0"),
            package("notes", "0.2.11"),
            package("shop", "1.0.0"),
        ]);
        let found: Vec<_> = found.iter().map(|package| (package.manifest.id.as_str(), package.hash.as_str())).collect();
        assert_eq!(found, [("notes", "0.10.0"), ("shop", "1.0.0")]);
    }
}
