//! What the product does: use cases, with their jobs and their tests. One folder for each feature; each adds its use
//! cases to [`Services`]. No SQL and no HTTP here: rows come from `store`, requests from `web`.

pub mod accounts;
pub mod activity;
pub mod background;
pub mod dues;
pub mod editor;
pub mod error;
pub mod files;
pub mod forms;
pub mod imports;
pub mod invoices;
pub mod mail;
pub mod mailings;
pub mod members;
pub mod organisations;
pub mod pages;
pub mod plugins;
pub mod segments;
pub mod site;
pub mod spreadsheet;
pub mod staff;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tokens;
pub mod visits;

pub use error::ServiceError;

use std::path::PathBuf;
use std::sync::Arc;
use tsudoi_kernel::background::PluginWork;
use tsudoi_kernel::policy::Policy;
use tsudoi_kernel::ports::{PluginCalls, PluginPackages, PluginUpgrades, Quota};
use tsudoi_kernel::{Clock, Random, Timestamp};
use tsudoi_render::locales::Catalogue;
use tsudoi_store::Store;

/// What the services are made of. `app` fills this in, and so do tests.
pub struct Parts {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub calls: Arc<dyn PluginCalls>,
    pub packages: Arc<dyn PluginPackages>,
    pub work: Arc<dyn PluginWork>,
    pub upgrades: Arc<dyn PluginUpgrades>,
    /// The host's texts: what mails say.
    pub texts: Arc<Catalogue>,
    /// Templates and texts of packages, shared with the runtime.
    pub shelf: Arc<plugins::PluginShelf>,
    /// Where uploaded files are kept.
    pub files: PathBuf,
    /// Signs what leaves the house and must come back unchanged. Kept with the data, never logged.
    pub key: [u8; 32],
    pub settings: Settings,
}

/// What an operator chooses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `{slug}` is replaced: how links in mail begin, such as `https://{slug}.example.jp`. Never taken from a request.
    pub public_url: String,
    /// Most bytes of an uploaded file.
    pub upload_limit: u64,
    /// Mail goes to an inbox page on this machine instead of the wire.
    pub dev_inbox: bool,
    /// This process was started to show the demo: its accounts and its bar exist.
    pub demo: bool,
    /// What plugins may do at all.
    pub policy: Policy,
    /// So many failures within [`plugins::PAUSE_WINDOW_SECONDS`] pause a plugin; 0: none do.
    pub pause_after: u32,
    /// What an installation of a plugin may keep.
    pub quota: Quota,
}

/// Everything that the product does. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    parts: Arc<Parts>,
    sentry: Arc<accounts::Sentry>,
    recent: Arc<visits::Recent>,
    breaker: Arc<plugins::Breaker>,
    plugin_files: files::PluginFiles,
    /// Wakes whoever carries upgrades on.
    pub upgrades: Arc<tokio::sync::Notify>,
}

impl Services {
    pub fn new(parts: Parts) -> Self {
        let recent: Arc<visits::Recent> = Arc::default();
        parts.store.observe(recent.clone());
        let plugin_files = files::PluginFiles::new(parts.files.clone());
        Self { parts: Arc::new(parts), sentry: Arc::default(), recent, breaker: Arc::default(), plugin_files, upgrades: Arc::default() }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.parts.store
    }

    /// How many SQL statements this process has run.
    pub fn statements(&self) -> u64 {
        self.parts.store.statements()
    }

    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub fn random(&self) -> &dyn Random {
        &*self.parts.random
    }

    /// A UUIDv7 of this moment.
    pub fn fresh_id(&self) -> uuid::Uuid {
        tsudoi_kernel::ids::fresh_uuid(self.now(), self.random())
    }
}
