//! Words of plugins: messages of their own files, and their mails with what the host says at the end of each.

use super::footed;
use crate::plugins::PluginShelf;
use serde_json::{Value, json};
use std::sync::Arc;
use tsudoi_kernel::calls::plugin_path;
use tsudoi_kernel::manifest::{Area, MailDeclaration, MailTo, Manifest};
use tsudoi_kernel::{Locale, Organisation};
use tsudoi_render::locales::Catalogue;

/// Shared with the runtime.
pub struct PluginWords {
    pub shelf: Arc<PluginShelf>,
    /// The host's texts.
    pub texts: Arc<Catalogue>,
    /// As in the settings, with `{slug}` for the organisation's.
    pub public_url: String,
}

impl PluginWords {
    pub fn message(&self, package_hash: &str, locale: Locale, key: &str, args: &Value) -> String {
        self.shelf.translate(package_hash, locale, key, args)
    }

    /// Subject and text of a mail in the organisation's language. Beside `data` the plugin's texts may use `organisation`,
    /// `base` and `admin_base`: its name, and the addresses that the plugin's pages begin with.
    pub fn letter(
        &self,
        organisation: &Organisation,
        manifest: &Manifest,
        package_hash: &str,
        mail: &MailDeclaration,
        mut data: Value,
    ) -> (String, String) {
        let site = super::public_url(&self.public_url, &organisation.slug);
        data["organisation"] = organisation.name.as_str().into();
        data["base"] = format!("{site}{}", plugin_path(Area::Site, &manifest.id, "")).into();
        data["admin_base"] = format!("{site}{}", plugin_path(Area::Admin, &manifest.id, "")).into();
        let locale = organisation.locale;
        let own = |key: &str| self.message(package_hash, locale, key, &data);
        let mut text = own(&mail.text_key());
        if mail.to == MailTo::Members {
            let choose = json!({ "link": format!("{site}/account#mails") });
            text = format!("{text}\n\n{}", self.texts.message(locale, "mail-choose", &choose).unwrap_or_default());
        }
        let arguments = json!({ "organisation": organisation.name, "site": site });
        (own(&mail.subject_key()), footed(&text, &self.texts.message(locale, "mail-plugin-footer", &arguments).unwrap_or_default()))
    }
}
