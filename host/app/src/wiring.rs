//! Puts the parts together: database, runtime, services, look. The one place that knows them all.

use crate::bundled;
use crate::compiling::CompilerProcess;
use crate::config::{Config, Synchronous};
use crate::egress::{HttpEgress, SystemResolver};
use crate::ports::{SystemClock, SystemRandom};
use crate::stage::Meter;
use anyhow::{Context, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tsudoi_kernel::background::PluginWork;
use tsudoi_kernel::calls::Installation;
use tsudoi_kernel::manifest::MailDeclaration;
use tsudoi_kernel::ports::{Egress, PluginCalls, PluginData};
use tsudoi_kernel::{Clock, Locale, Organisation, Random};
use tsudoi_render::locales::Catalogue;
use tsudoi_render::themes::{Theme, read_directory};
use tsudoi_runtime::{Compiler, Engine, EngineConfig, InProcess, Letter, Outside, Translate};
use tsudoi_services::files::PluginFiles;
use tsudoi_services::mail::PluginWords;
use tsudoi_services::plugins::{PluginShelf, Vault};
use tsudoi_services::{Parts, Services, Settings};
use tsudoi_store::{Options, Store};
use tsudoi_web::Look;

/// How this process is used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mode {
    pub dev: bool,
    pub demo: bool,
}

pub struct House {
    pub services: Services,
    pub catalogue: Arc<Catalogue>,
    pub store: Store,
}

struct Translations(PluginWords);

impl Translate for Translations {
    fn translate(&self, package_hash: &str, locale: Locale, key: &str, args: &serde_json::Value) -> String {
        self.0.message(package_hash, locale, key, args)
    }

    fn letter(&self, organisation: &Organisation, installation: &Installation, mail: &MailDeclaration, data: serde_json::Value) -> Letter {
        let (subject, text) = self.0.letter(organisation, &installation.manifest, &installation.package_hash, mail, data);
        Letter { subject, text }
    }
}

/// The data folder exists and can be written.
pub fn prepare_folder(data: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(data).with_context(|| format!("the folder {} can't be made", data.display()))?;
    let probe = data.join(".writable");
    std::fs::write(&probe, b"").with_context(|| format!("the folder {} can't be written", data.display()))?;
    let _ = std::fs::remove_file(probe);
    Ok(())
}

pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    prepare_folder(&config.data)?;
    connect(config).await
}

/// Without making the data folder.
pub async fn connect(config: &Config) -> anyhow::Result<Store> {
    let synchronous = match config.database.synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    let options = Options { url: config.database_url(), synchronous: synchronous.into(), connections: config.database.connections };
    Store::connect(&options).await.context("the database does not open")
}

/// With the schema of this version: a database that is older is refused, since `tsudoi migrate` makes a backup first;
/// an empty one is set up.
pub async fn open_current_store(config: &Config) -> anyhow::Result<Store> {
    let store = open_store(config).await?;
    if store.is_empty().await? {
        store.migrate().await?;
    }
    match store.pending_migrations().await? {
        0 => Ok(store),
        n => bail!("the database is {n} migrations behind this version: run `tsudoi migrate`"),
    }
}

/// The key that signs sessions' forms, cursors and compiled plugins. Made at the first start.
pub fn secret_key(data: &Path) -> anyhow::Result<[u8; 32]> {
    let path = data.join("secret.key");
    if !path.exists() {
        let mut bytes = [0u8; 32];
        SystemRandom.fill(&mut bytes);
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match write_private(&path, &text) {
            // Two processes began at the same time: the key is the other's, which may still be writing it.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => std::thread::sleep(std::time::Duration::from_millis(200)),
            written => written.with_context(|| format!("{} can't be written", path.display()))?,
        }
    }
    let text = std::fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
    let text = text.trim();
    let byte = |n: usize| text.get(2 * n..2 * n + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
    let key = bytes.and_then(|bytes| bytes.try_into().ok());
    key.with_context(|| format!("{} is damaged: 64 hexadecimal digits are expected", path.display()))
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Packages are compiled by a process of their own: this program, called in another way. The tests of this crate are another
/// program.
fn compiler() -> Arc<dyn Compiler> {
    if cfg!(test) { Arc::new(InProcess) } else { Arc::new(CompilerProcess) }
}

/// Parts that are others than usual: the demo's story begins weeks ago, and on the stage for plugins' tests the outside is
/// made of canned answers and calls are metered.
pub struct Fittings {
    pub clock: Arc<dyn Clock>,
    /// Without one the real network.
    pub egress: Option<Arc<dyn Egress>>,
    pub meter: Option<Arc<Meter>>,
}

impl Default for Fittings {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), egress: None, meter: None }
    }
}

/// Everything but the web.
pub async fn house(config: &Config, mode: Mode) -> anyhow::Result<House> {
    house_with(config, mode, Fittings::default()).await
}

pub async fn house_with(config: &Config, mode: Mode, fittings: Fittings) -> anyhow::Result<House> {
    let Fittings { clock, egress, meter } = fittings;
    let store = open_current_store(config).await?;
    let key = secret_key(&config.data)?;
    let catalogue = Arc::new(tsudoi_web::texts::catalogue().map_err(|error| anyhow::anyhow!("the host's texts: {error}"))?);
    let shelf = Arc::new(PluginShelf::new(catalogue.clone()));
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let egress = match egress {
        Some(egress) => egress,
        None => Arc::new(HttpEgress::new(Arc::new(SystemResolver), config.egress.allow_private.clone(), config.egress.stand_ins.clone())?),
    };
    let vault = Vault::new(store.clone(), &key, clock.clone(), random.clone());
    let words = PluginWords { shelf: shelf.clone(), texts: catalogue.clone(), public_url: config.web.public_url.clone() };
    let data: Arc<dyn PluginData> = match &meter {
        Some(meter) => Arc::new(meter.over_data(store.clone())),
        None => Arc::new(store.clone()),
    };
    let engine = Engine::with_outside(
        EngineConfig {
            limits: config.limits.clone(),
            artefact_dir: config.artefacts(),
            key,
            quota: config.plugins.quota,
            policy: config.plugins.policy.clone(),
            compiler: compiler(),
        },
        data,
        clock.clone(),
        random.clone(),
        Arc::new(Translations(words)),
        tokio::runtime::Handle::current(),
        Outside { egress, vault: Arc::new(vault), files: Arc::new(PluginFiles::new(config.files())) },
    );
    let engine = Arc::new(engine.map_err(|error| anyhow::anyhow!("the plugin engine does not start: {error}"))?);
    store.observe(engine.clone());
    let settings = Settings {
        public_url: config.web.public_url.clone(),
        upload_limit: config.web.upload_limit_megabytes << 20,
        dev_inbox: mode.dev || mode.demo,
        demo: mode.demo,
        policy: config.plugins.policy.clone(),
        pause_after: config.plugins.pause_after,
        quota: config.plugins.quota,
    };
    let (calls, work): (Arc<dyn PluginCalls>, Arc<dyn PluginWork>) = match &meter {
        Some(meter) => (Arc::new(meter.over_calls(engine.clone())), Arc::new(meter.over_calls(engine.clone()))),
        None => (engine.clone(), engine.clone()),
    };
    let services = Services::new(Parts {
        store: store.clone(),
        clock,
        random,
        calls,
        packages: engine.clone(),
        work,
        upgrades: engine.clone(),
        texts: catalogue.clone(),
        shelf: shelf.clone(),
        files: config.files(),
        key,
        settings,
    });
    engine.ask_for_segments(services.segment_parts());
    Ok(House { services, catalogue, store })
}

/// Themes of the operator over those in the binary, and the host's own templates.
pub fn look(config: &Config, catalogue: &Arc<Catalogue>, watch: bool) -> anyhow::Result<Look> {
    let mut sources: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for folder in bundled::THEMES.dirs() {
        sources.insert(folder.path().to_string_lossy().into_owned(), bundled::files(folder));
    }
    let folder = config.themes.clone();
    if let Some(folder) = &folder {
        let entries = std::fs::read_dir(folder).with_context(|| format!("the themes in {} can't be read", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.join("theme.toml").exists() {
                let id = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                sources.insert(id, read_directory(&path)?);
            }
        }
    }
    let load = |(id, files): (String, _)| {
        Theme::load(id.clone(), files, catalogue.clone()).map_err(|error| anyhow::anyhow!("the theme {id}: {error}"))
    };
    let themes = sources.into_iter().map(load).collect::<anyhow::Result<Vec<_>>>()?;
    let host = tsudoi_web::texts::templates(catalogue.clone()).map_err(|error| anyhow::anyhow!("the host's templates: {error}"))?;
    Ok(Look::new(themes, folder.filter(|_| watch), host, catalogue.clone()))
}

/// The plugins in the binary are installed as packages, unless they are already. Answers which are there in the same
/// version with other contents, as happens while a plugin is worked on: those that are installed stay.
pub async fn install_bundled(services: &Services) -> anyhow::Result<Vec<&'static str>> {
    let mut differing = Vec::new();
    for (id, bytes) in bundled::PLUGINS {
        match services.install_package(bytes.to_vec()).await {
            Ok(_) => {}
            Err(tsudoi_services::plugins::InstallError::SameVersion { .. }) => differing.push(*id),
            Err(error) => bail!("the plugin {id} inside this binary: {error}"),
        }
    }
    if bundled::PLUGINS.is_empty() {
        tracing::warn!("this binary was built without plugins: run `cargo xtask plugins` and build it again");
    }
    Ok(differing)
}
