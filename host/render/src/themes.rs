//! Themes: `theme.toml`, `templates/*.html`, `templates/plugins/<plugin id>/<template>`, `assets/**` and
//! `locales/{ja,en}.ftl`. The operator installs them, so their templates are trusted.

use crate::locales::Catalogue;
use crate::scene::Scene;
pub use crate::source::SourceError as ThemeError;
use crate::templates::{RenderError, Templates};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tsudoi_kernel::Locale;
use tsudoi_kernel::locale::Localised;

/// A theme, ready to render.
pub struct Theme {
    id: String,
    about: About,
    version: String,
    templates: Templates,
    own: Arc<Catalogue>,
    assets: BTreeMap<String, Vec<u8>>,
    only_prints_texts: bool,
    only_prints_names: bool,
}

/// `theme.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    pub name: Localised,
    pub version: String,
    pub author: String,
    #[serde(default)]
    pub licence: String,
    pub description: Localised,
    /// Below `assets/`, in the order in which pages load them.
    #[serde(default)]
    pub stylesheets: Vec<String>,
    #[serde(default)]
    pub scripts: Vec<String>,
}

/// A file of a theme that visitors load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset<'a> {
    pub bytes: &'a [u8],
    pub media_type: &'static str,
}

impl Theme {
    /// From files by path. `host_catalogue` has the messages that the theme does not bring.
    ///
    /// # Errors
    /// The first mistake in a file, with line and column.
    pub fn load(id: impl Into<String>, files: BTreeMap<String, Vec<u8>>, host_catalogue: Arc<Catalogue>) -> Result<Self, ThemeError> {
        let about = about(&files)?;
        let own = Arc::new(locale_files(&files)?);
        let version = version(&files);
        let catalogue = Arc::new(Catalogue::layered(vec![own.clone(), host_catalogue]));
        let templates = Templates::load(&files, catalogue)?;
        let own_templates = || files.iter().filter(|(path, _)| is_own_template(path)).map(|(_, bytes)| bytes);
        let only_prints_texts = own_templates().all(|bytes| only_prints_text(bytes));
        let only_prints_names = own_templates().all(|bytes| only_prints_name(bytes));
        let assets = files.into_iter().filter_map(|(path, bytes)| Some((path.strip_prefix("assets/")?.to_owned(), bytes))).collect();
        Ok(Self { id: id.into(), about, version, templates, own, assets, only_prints_texts, only_prints_names })
    }

    /// The name of its folder.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn stylesheets(&self) -> &[String] {
        &self.about.stylesheets
    }

    pub fn scripts(&self) -> &[String] {
        &self.about.scripts
    }

    pub fn about(&self) -> &About {
        &self.about
    }

    /// Changes when any file does: the first 8 hexadecimal digits of their SHA-256. For addresses of assets.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// A file below `assets/`.
    pub fn asset(&self, path: &str) -> Option<Asset<'_>> {
        self.assets.get_key_value(path).map(|(path, bytes)| Asset { bytes, media_type: media_type(path) })
    }

    /// The paths of all assets.
    pub fn assets(&self) -> impl Iterator<Item = &str> {
        self.assets.keys().map(String::as_str)
    }

    /// Its messages, before the host's.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        self.templates.catalogue()
    }

    pub fn templates(&self) -> &Templates {
        &self.templates
    }

    /// Whether its templates do nothing with a page's text (`page.html`) but print it, so that a page rendered with another text
    /// differs in that alone.
    pub fn only_prints_texts(&self) -> bool {
        self.only_prints_texts
    }

    /// Whether they do nothing with the visitor's name but print it, or hand it to a message.
    pub fn only_prints_names(&self) -> bool {
        self.only_prints_names
    }

    /// Renders one of its templates, such as `page.html`.
    ///
    /// # Errors
    /// A mistake in a template, with file and line.
    pub fn render(&self, template: &str, locale: Locale, zone: Tz, context: &Value) -> Result<String, RenderError> {
        self.templates.render(template, locale, zone, context)
    }

    /// The template that it has in place of a plugin's.
    pub fn override_of(&self, plugin: &str, template: &str) -> Option<String> {
        Some(format!("plugins/{plugin}/{template}")).filter(|name| self.templates.contains(name))
    }

    /// Renders what [`Self::override_of`] gave. Messages: the theme's own, then the plugin's.
    pub(crate) fn render_override(
        &self,
        template: &str,
        plugin: &Arc<Catalogue>,
        locale: Locale,
        zone: Tz,
        data: &Value,
    ) -> Result<String, RenderError> {
        let catalogues = vec![self.own.clone(), plugin.clone(), self.templates.catalogue().clone()];
        self.templates.render_in(Scene { locale, zone, catalogues, budget: None }, template, data)
    }
}

/// All files below `path`, by their paths with `/`. Hidden files and symbolic links are left out.
///
/// # Errors
/// What reading the directory gives.
pub fn read_directory(path: impl AsRef<Path>) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    read_below(path.as_ref(), "", &mut files)?;
    Ok(files)
}

fn read_below(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            read_below(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if kind.is_file() {
            files.insert(format!("{prefix}{name}"), std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// The catalogue in `locales/ja.ftl` and `locales/en.ftl`, as themes and plugins have it.
///
/// # Errors
/// A mistake in one of them.
pub fn locale_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Catalogue, ThemeError> {
    let mut sources = Vec::new();
    for locale in Locale::ALL {
        let path = format!("locales/{}.ftl", locale.tag());
        if let Some(bytes) = files.get(&path) {
            let text = std::str::from_utf8(bytes).map_err(|_| ThemeError::new(&path, "", 1, 1, "the file is not UTF-8"))?;
            sources.push((locale, path, text));
        }
    }
    Catalogue::new(sources.iter().map(|(locale, path, text)| (*locale, path.as_str(), *text)))
}

fn about(files: &BTreeMap<String, Vec<u8>>) -> Result<About, ThemeError> {
    let file = "theme.toml";
    let bytes = files.get(file).ok_or_else(|| ThemeError::new(file, "", 1, 1, "the file is missing"))?;
    let text = std::str::from_utf8(bytes).map_err(|_| ThemeError::new(file, "", 1, 1, "the file is not UTF-8"))?;
    toml::from_str(text).map_err(|error| ThemeError::at_offset(file, text, error.span().map_or(0, |span| span.start), error.message()))
}

fn is_own_template(path: &str) -> bool {
    path.strip_prefix("templates/").is_some_and(|name| !name.starts_with("plugins/"))
}

/// Looks at every word `page` of a template. Wherever it is in doubt, the answer is no, which only costs time.
fn only_prints_text(template: &[u8]) -> bool {
    let Ok(template) = std::str::from_utf8(template) else { return false };
    let is_part_of_word = |character: char| character.is_alphanumeric() || "_./\"'".contains(character);
    let harmless = |at: usize| {
        let (before, after) = (&template[..at], &template[at + "page".len()..]);
        let goes_on = after.strip_prefix('-').unwrap_or(after);
        if before.ends_with(is_part_of_word) || goes_on.starts_with(|next: char| next.is_alphanumeric() || "_/\"'".contains(next)) {
            return true;
        }
        let Some(field) = after.strip_prefix('.') else { return false };
        let end = field.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(field.len());
        match &field[..end] {
            "title" | "path" | "edit_url" | "teaser_html" | "has_heading" => true,
            "html" => {
                let filter = field[end..].trim_start().strip_prefix('|').map(str::trim_start);
                let rest = filter.and_then(|filter| filter.strip_prefix("safe")).map(str::trim_start);
                rest.is_some_and(|rest| rest.starts_with("}}") || rest.starts_with("-}}"))
            }
            _ => false,
        }
    };
    !template.contains("__tera_context") && template.match_indices("page").all(|(at, _)| harmless(at))
}

/// The same of the word `visitor` and the name below it.
fn only_prints_name(template: &[u8]) -> bool {
    let Ok(template) = std::str::from_utf8(template) else { return false };
    let is_part_of_word = |character: char| character.is_alphanumeric() || "_-./\"'".contains(character);
    let harmless = |at: usize| {
        let (before, after) = (&template[..at], &template[at + "visitor".len()..]);
        if before.ends_with(is_part_of_word) || after.starts_with(|next: char| next.is_alphanumeric() || "_-/\"'".contains(next)) {
            return true;
        }
        let Some(field) = after.strip_prefix('.') else { return false };
        let end = field.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(field.len());
        let (before, after) = (before.trim_end(), field[end..].trim_start());
        let is_printed = before.ends_with("{{") || before.ends_with("{{-");
        let goes_into_message = before.strip_suffix('=').is_some_and(|before| {
            let (call, within) = before.rsplit_once('(').unwrap_or_default();
            let function = call.rsplit(|character: char| !character.is_alphanumeric() && character != '_').next();
            function == Some("t") && !within.contains(')')
        });
        match &field[..end] {
            "kind" | "is_member" | "is_staff" => true,
            "name" => {
                is_printed && (after.starts_with("}}") || after.starts_with("-}}")) || goes_into_message && after.starts_with([',', ')'])
            }
            _ => false,
        }
    };
    !template.contains("__tera_context") && template.match_indices("visitor").all(|(at, _)| harmless(at))
}

fn version(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update((path.len() as u64).to_be_bytes());
        hash.update(path);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// The media type of an asset by the ending of its name; what is not known is offered as a download by browsers.
pub fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
#[path = "themes_tests.rs"]
mod tests;
