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
        let on_dev_build = |id: &str| {
            installed.iter().any(|(installation, _)| installation.manifest.id == id && Rank::of(&installation.manifest).is_dev_build())
        };
        for package in newest(self.packages().await?, on_dev_build) {
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

/// What `tsudoi plugin dev` adds to the version of a build, followed by a number.
pub const DEV_BUILD: &str = "dev.";

/// How packages of one plugin follow each other: by version, and builds of `tsudoi plugin dev` before the release that they lead
/// to.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    version: semver::Version,
    is_release: bool,
    build: semver::BuildMetadata,
}

impl Rank {
    /// What was installed was checked, so that none is left out.
    pub(super) fn of(manifest: &Manifest) -> Self {
        let mut version = semver::Version::parse(&manifest.version).unwrap_or_else(|_| semver::Version::new(0, 0, 0));
        let build = std::mem::take(&mut version.build);
        Self { version, is_release: !build.starts_with(DEV_BUILD), build }
    }

    /// Such a build is for the organisation in which its author works.
    pub(super) fn is_dev_build(&self) -> bool {
        !self.is_release
    }

    /// Its version is lower, whatever builds they are.
    pub(super) fn leads_back_from(&self, used: &Self) -> bool {
        self.version < used.version
    }
}

/// Of each plugin the highest version, whenever it was installed; by plugin id. Builds of `tsudoi plugin dev` count where
/// `on_dev_build` says that one is used.
pub(super) fn newest(packages: Vec<PackageSummary>, on_dev_build: impl Fn(&str) -> bool) -> Vec<PackageSummary> {
    let mut found: BTreeMap<String, PackageSummary> = BTreeMap::new();
    for package in packages {
        let (id, rank) = (&package.manifest.id, Rank::of(&package.manifest));
        if rank.is_dev_build() && !on_dev_build(id) {
            continue;
        }
        if found.get(id).is_none_or(|known| Rank::of(&known.manifest) < rank) {
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
        let found = newest(
            vec![
                package("notes", "0.9.0"),
                package("shop", "1.0.0-beta.2"),
                package("notes", "0.10.0"),
                package("notes", "0.2.11"),
                package("shop", "1.0.0"),
            ],
            |_| false,
        );
        let found: Vec<_> = found.iter().map(|package| (package.manifest.id.as_str(), package.hash.as_str())).collect();
        assert_eq!(found, [("notes", "0.10.0"), ("shop", "1.0.0")]);
    }

    #[test]
    fn a_build_in_the_making_is_offered_where_one_is_used_and_the_release_comes_after_it() {
        let all = ["0.1.0", "0.2.0+dev.2", "0.2.0+dev.1", "0.1.0+dev.9"].map(|version| package("notes", version));
        let newest_of = |all: &[PackageSummary], on_dev_build| newest(all.to_vec(), |_| on_dev_build)[0].hash.clone();
        assert_eq!((newest_of(&all, false).as_str(), newest_of(&all, true).as_str()), ("0.1.0", "0.2.0+dev.2"));
        let released = [&all[..], &[package("notes", "0.2.0")]].concat();
        assert_eq!(newest_of(&released, true), "0.2.0");
        assert!(newest(all[3..].to_vec(), |_| false).is_empty());
    }
}
