//! A dry run: what a version of a plugin would change in an organisation, said before anything is done.

use super::InstallationSummary;
use tsudoi_kernel::Locale;
use tsudoi_kernel::calls::plugin_path;
use tsudoi_kernel::manifest::wider::Wider;
use tsudoi_kernel::manifest::{Index, Manifest, Method};

/// What comes and what goes, in the words of the page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    pub added: Vec<String>,
    pub removed: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DryRun {
    pub menu: Difference,
    /// Addresses.
    pub pages: Difference,
    pub blocks: Difference,
    /// What segments can ask it about members.
    pub rules: Difference,
    /// What it adds to members' records.
    pub fields: Difference,
    /// What it asks for beyond the version that is used: staff have to agree to it.
    pub wider: Wider,
    /// Documents that are copied into the new version.
    pub documents: u64,
    /// Indexes that the documents are put into anew.
    pub indexes: usize,
}

impl Difference {
    fn between(before: Vec<String>, after: Vec<String>) -> Self {
        let missing = |from: &[String], of: &[String]| of.iter().filter(|name| !from.contains(name)).cloned().collect();
        Self { added: missing(&before, &after), removed: missing(&after, &before) }
    }

    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl DryRun {
    /// What enabling or updating to the newest version would change.
    pub fn of(summary: &InstallationSummary, locale: Locale) -> Self {
        let after = &*summary.manifest;
        // What is switched off shows nothing: all of it comes.
        let shown =
            summary.installed.as_ref().filter(|(installation, _)| installation.enabled).map(|(installation, _)| &*installation.manifest);
        let difference = |words: &dyn Fn(&Manifest) -> Vec<String>| Difference::between(shown.map(words).unwrap_or_default(), words(after));
        let changing = summary.installed.as_ref().filter(|(installation, _)| installation.package_hash != summary.package_hash);
        Self {
            menu: difference(&|manifest| manifest.menu.iter().map(|entry| entry.label.get(locale).to_owned()).collect()),
            pages: difference(&|manifest| {
                let pages = manifest.routes.iter().filter(|route| route.method == Method::Get);
                pages.map(|route| plugin_path(route.area, &manifest.id, &route.path)).collect()
            }),
            blocks: difference(&|manifest| manifest.blocks.iter().map(|block| block.label.get(locale).to_owned()).collect()),
            fields: difference(&|manifest| manifest.added_fields.values().map(|field| field.value.label.get(locale).to_owned()).collect()),
            rules: difference(&|manifest| manifest.rules.iter().map(|rule| rule.label.get(locale).to_owned()).collect()),
            wider: changing.map(|(installation, _)| Wider::between(&installation.manifest, after)).unwrap_or_default(),
            documents: changing.map_or(0, |(_, usage)| usage.documents),
            indexes: changing
                .filter(|(_, usage)| usage.documents > 0)
                .map_or(0, |(installation, _)| new_indexes(&installation.manifest, after)),
        }
    }
}

/// How many indexes a version has that the documents of the one before do not stand in.
fn new_indexes(before: &Manifest, after: &Manifest) -> usize {
    let known = |collection: &str, name: &str, index: &Index| before.index(collection, name) == Some(index);
    let of_all =
        after.collections.iter().flat_map(|(collection, wanted)| wanted.indexes.iter().map(move |(name, index)| (collection, name, index)));
    of_all.filter(|(collection, name, index)| !known(collection, name, index)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;
    use tsudoi_kernel::InstallationId;
    use tsudoi_kernel::calls::Installation;
    use tsudoi_store::Usage;

    fn manifest(version: &str, fields: &[&str], page: &str) -> Arc<Manifest> {
        let text = serde_json::json!({ "ja": "メモ", "en": page });
        let manifest = serde_json::json!({
            "id": "notes", "version": version, "contract": "0.1", "name": text,
            "collections": { "notes": { "indexes": { "latest": { "fields": fields } } } },
            "routes": [{ "name": "home", "method": "GET", "path": format!("/{page}"), "area": "site" }],
            "menu": [{ "area": "site", "label": text, "path": format!("/{page}") }],
        });
        Arc::new(serde_json::from_value(manifest).unwrap())
    }

    #[test]
    fn a_dry_run_names_pages_that_come_and_go_and_what_is_copied() {
        let installation = Installation {
            id: InstallationId(uuid::Uuid::nil()),
            manifest: manifest("1.0.0", &["at"], "old"),
            package_hash: "a".into(),
            granted: BTreeSet::new(),
            member_fields: BTreeSet::new(),
            enabled: true,
            upgrading: false,
            pause: None,
            settings: BTreeMap::new(),
        };
        let usage = Usage { documents: 7, bytes: 70 };
        let summary = InstallationSummary {
            manifest: manifest("2.0.0", &["at", "id"], "new"),
            package_hash: "b".into(),
            installed: Some((installation, usage)),
            upgrade: None,
        };
        let report = DryRun::of(&summary, Locale::En);
        assert_eq!(report.pages, Difference { added: vec!["/p/notes/new".into()], removed: vec!["/p/notes/old".into()] });
        assert_eq!(report.menu, Difference { added: vec!["new".into()], removed: vec!["old".into()] });
        assert_eq!((report.documents, report.indexes), (7, 1));
        let fresh = InstallationSummary { installed: None, ..summary };
        let report = DryRun::of(&fresh, Locale::En);
        assert_eq!((report.pages.added.len(), report.documents, report.indexes), (1, 0, 0));
    }
}
