//! Packages that this process has opened: their templates, texts and assets, by the package's hash.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use tsudoi_kernel::Locale;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::ports::InspectedPackage;
use tsudoi_render::locales::Catalogue;
use tsudoi_render::plugins::PluginTemplates;

/// What a package holds besides code.
pub struct LoadedPlugin {
    pub hash: String,
    pub manifest: Arc<Manifest>,
    pub templates: PluginTemplates,
    /// By path below `assets/`.
    pub assets: BTreeMap<String, Vec<u8>>,
}

/// Shared by the services, which fill it, and the runtime, which translates from it.
pub struct PluginShelf {
    common: Arc<Catalogue>,
    loaded: RwLock<HashMap<String, Arc<LoadedPlugin>>>,
}

impl PluginShelf {
    /// `common`: the host's texts that plugins may use, `common-*`.
    pub fn new(common: Arc<Catalogue>) -> Self {
        Self { common, loaded: RwLock::default() }
    }

    pub fn get(&self, hash: &str) -> Option<Arc<LoadedPlugin>> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    /// Opens a package. The text says which template or message file is wrong and where.
    pub fn open(&self, package: &InspectedPackage) -> Result<Arc<LoadedPlugin>, String> {
        let templates =
            PluginTemplates::load(&package.manifest.id, &package.files, self.common.clone()).map_err(|error| error.to_string())?;
        let assets = package.files.iter().filter_map(|(path, bytes)| Some((path.strip_prefix("assets/")?.to_owned(), bytes.clone())));
        let plugin = Arc::new(LoadedPlugin {
            hash: package.hash.clone(),
            manifest: Arc::new(package.manifest.clone()),
            templates,
            assets: assets.collect(),
        });
        self.loaded.write().unwrap_or_else(PoisonError::into_inner).insert(package.hash.clone(), plugin.clone());
        Ok(plugin)
    }

    /// A message of a plugin's own files; the key itself where it has none.
    pub fn translate(&self, hash: &str, locale: Locale, key: &str, args: &serde_json::Value) -> String {
        self.get(hash).and_then(|plugin| plugin.templates.message(locale, key, args)).unwrap_or_else(|| key.to_owned())
    }
}
