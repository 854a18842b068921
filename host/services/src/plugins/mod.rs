//! Plugins as an organisation has them: packages that the operator installed, installations with what staff granted,
//! and calls of their pages and blocks.

mod breaker;
mod calls;
mod consent;
mod packages;
mod report;
mod secrets;
mod settings;
mod shelf;
mod switchboard;
mod uninstall;
mod upgrade;
mod vault;
mod webhooks;

pub use breaker::PAUSE_WINDOW_SECONDS;
pub(crate) use breaker::{Breaker, Went};
pub use calls::{BlockOutcome, PluginAnswer, PluginPage, PluginVisit, ShownBlock, UploadRules};
pub(crate) use calls::{is_fault, is_sound};
pub use consent::{Consent, EnableError, Enabled};
pub use packages::InstallError;
pub use report::{Difference, DryRun};
pub use secrets::SecretState;
pub use settings::{PluginSettings, SettingState, SettingsError};
pub use shelf::{LoadedPlugin, PluginShelf};
pub use switchboard::{BlockChoice, DEV_BUILD, InstallationSummary, PluginMenuEntry};
pub use tsudoi_store::{FormerInstallation, KeptInstallation, Phase, PluginFailure, Upgrade, Usage};
pub use upgrade::FORMER_FOR;
pub use vault::Vault;
pub use webhooks::{IncomingWebhook, WebhookOutcome};
