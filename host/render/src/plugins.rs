//! What plugins show: their own templates (hostile: bounded and sanitised), or what a theme has in their place.

use crate::html::SafeHtml;
use crate::locales::Catalogue;
use crate::sanitise;
use crate::scene::Scene;
use crate::source::SourceError;
use crate::templates::{Author, RenderError, Templates, hostile_budget};
use crate::themes::{Theme, locale_files};
use chrono_tz::Tz;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tsudoi_kernel::Locale;

/// The beginning of the host's messages that a plugin's templates may use.
pub const COMMON_PREFIX: &str = "common-";

/// The templates and messages of one version of a plugin.
pub struct PluginTemplates {
    id: String,
    templates: Templates,
}

impl PluginTemplates {
    /// From the files of its package, `templates/*.html` and `locales/{ja,en}.ftl`. Of `common` the messages that
    /// begin with [`COMMON_PREFIX`] are there too.
    ///
    /// # Errors
    /// The first mistake, with file and line: also of what templates of plugins may not contain.
    pub fn load(plugin_id: impl Into<String>, files: &BTreeMap<String, Vec<u8>>, common: Arc<Catalogue>) -> Result<Self, SourceError> {
        let catalogue = Arc::new(locale_files(files)?.with_fallback(Arc::new(Catalogue::only(COMMON_PREFIX, common))));
        let templates = files.iter().filter(|(path, _)| path.starts_with("templates/")).map(|(path, bytes)| (path.clone(), bytes.clone()));
        let templates = Templates::load_by(Author::Hostile, &templates.collect(), catalogue)?;
        Ok(Self { id: plugin_id.into(), templates })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn templates(&self) -> &Templates {
        &self.templates
    }

    /// Its messages, before the host's common ones.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        self.templates.catalogue()
    }

    /// The text of a message, such as one that the plugin named beside a field.
    pub fn message(&self, locale: Locale, key: &str, arguments: &Value) -> Option<String> {
        self.catalogue().message(locale, key, arguments)
    }
}

/// Renders a template that a plugin named, on the caller's thread: at most 2 MiB, within two seconds. Where the theme
/// has one of that name for the plugin, that is taken, as it is; otherwise the plugin's own, sanitised.
///
/// # Errors
/// A mistake in a template with file and line, or a template that gives or does too much.
pub fn render(
    theme: &Theme,
    plugin: &PluginTemplates,
    template: &str,
    locale: Locale,
    zone: Tz,
    data: &Value,
) -> Result<SafeHtml, RenderError> {
    if let Some(own) = theme.override_of(&plugin.id, template) {
        return theme.render_override(&own, plugin.catalogue(), locale, zone, data).map(SafeHtml::trusted);
    }
    let scene = Scene { locale, zone, catalogues: vec![plugin.catalogue().clone()], budget: hostile_budget() };
    let html = plugin.templates.render_in(scene, template, data)?;
    Ok(SafeHtml::trusted(sanitise::plugin_html(&html, &plugin.id)))
}

#[cfg(test)]
#[path = "plugins_tests.rs"]
mod tests;
