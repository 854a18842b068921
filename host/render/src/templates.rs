//! A set of templates (Tera 2) with the host's functions and filters.
//!
//! In every template, beside Tera's own:
//! - `t(key="sign-in-title", name=visitor.name)`: a message of the locale files; further arguments are the message's.
//!   A key written out must exist when the templates are loaded. For a composed key, `default="…"` is what shows where
//!   there is no such message; without it that is an error.
//! - `x | date`, `x | datetime`, `x | iso`: milliseconds since 1970, or a date `2026-11-22`, in the organisation's zone
//!   and the visitor's language; `iso` for the `datetime` attribute of `<time>`.
//! - `x | number`: `1,234`. `x | money(currency="JPY")`: an amount in the currency's smallest unit, as the visitor's language writes it.
//!   `x | urlencode`: for one segment of a path or one value of a query.
//! - `x | markdown`: text by members, as [`crate::markdown::member_text`] renders it; needs no `safe`.
//! - `x | safe`: HTML of the host's in fields whose names end in `html` (not there for templates of plugins).
//!
//! Undefined variables are errors in Tera 2. What may be absent is written `{{ name or "" }}` (for a variable or the
//! last part of a path), `{{ thread?.author?.name or "" }}` (where also what leads to it may be absent), or
//! `{% if name is defined %}`. A condition on an undefined variable, `{% if name %}`, is false.

use crate::functions::{self, is_out_of_budget};
use crate::locales::Catalogue;
use crate::restricted::{self, Counted};
use crate::scene::{self, Budget, Scene};
use crate::source::{self, SourceError};
use crate::syntax::literal_keys;
use chrono_tz::Tz;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use tera::{Context, ErrorKind, Tera};
use tsudoi_kernel::Locale;

/// Why a template gave no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    #[error("{0}")]
    Template(SourceError),
    #[error("there is no template `{0}`")]
    Unknown(String),
    #[error("template `{template}` gave more than {limit} bytes")]
    TooLarge { template: String, limit: usize },
    #[error("template `{0}` does more than one rendering may")]
    TooMuch(String),
}

impl RenderError {
    /// The file with the mistake, where it is in a file.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::Template(error) => Some(&error.file),
            _ => None,
        }
    }

    /// Counted from 1.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Template(error) => Some(error.line),
            _ => None,
        }
    }
}

/// Templates that belong together: they can extend and include one another, and nothing else.
pub struct Templates {
    tera: Tera,
    files: BTreeMap<String, File>,
    catalogue: Arc<Catalogue>,
}

/// Who wrote the templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    /// The host or a theme.
    Trusted,
    Hostile,
}

struct File {
    /// As its author knows it.
    path: String,
    source: String,
    counted: Option<Counted>,
}

/// Bytes that a trusted template may give.
const LARGEST_PAGE: usize = 16 * 1024 * 1024;
/// Bytes that a plugin's template may give.
pub(crate) const LARGEST_VIEW: usize = 2 * 1024 * 1024;
/// Bytes of one template file.
const LARGEST_FILE: usize = 256 * 1024;

impl Templates {
    /// From files: all that end in `.html`, `.txt` or `.xml`. A template is named by its path without a leading
    /// `templates/`. HTML and XML escape what they show.
    ///
    /// # Errors
    /// The first mistake: of syntax, of something unknown (function, filter, included file), or of a message that
    /// `catalogue` does not have.
    pub fn load(files: &BTreeMap<String, Vec<u8>>, catalogue: Arc<Catalogue>) -> Result<Self, SourceError> {
        Self::load_by(Author::Trusted, files, catalogue)
    }

    pub(crate) fn load_by(author: Author, files: &BTreeMap<String, Vec<u8>>, catalogue: Arc<Catalogue>) -> Result<Self, SourceError> {
        let mut tera = Tera::default();
        functions::register(&mut tera);
        if author == Author::Hostile {
            functions::restrict(&mut tera);
        }
        let mut loaded = BTreeMap::new();
        for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".html") || path.ends_with(".txt") || path.ends_with(".xml")) {
            let file = File::read(author, path, bytes)?;
            // What a theme writes for a plugin speaks with the plugin's messages, which are not known here.
            let name = path.strip_prefix("templates/").unwrap_or(path);
            if !name.starts_with("plugins/") {
                file.check_keys(&catalogue)?;
            }
            loaded.insert(name.to_owned(), file);
        }
        let mut templates = Self { tera, files: loaded, catalogue };
        let sources: Vec<_> = templates.files.iter().map(|(name, file)| (name.clone(), file.given().to_owned())).collect();
        if author == Author::Hostile {
            let sources: Vec<_> = sources.iter().map(|(name, source)| (name.as_str(), source.as_str())).collect();
            if let Some(name) = restricted::too_deep(&sources) {
                return Err(templates.at(name, 1, 1, "the files that this one includes or extends go too deep, or in a circle"));
            }
        }
        let result = templates.tera.add_raw_templates(sources);
        result.map_err(|error| templates.place(&error, ""))?;
        Ok(templates)
    }

    /// Whether there is a template of that name.
    pub fn contains(&self, template: &str) -> bool {
        self.files.contains_key(template)
    }

    /// The names of all templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Where `t` looks.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Renders `template`. `context` is an object; its fields are the template's variables.
    ///
    /// # Errors
    /// See [`RenderError`]; a mistake in a template comes with file and line.
    pub fn render(&self, template: &str, locale: Locale, zone: Tz, context: &Value) -> Result<String, RenderError> {
        let scene = Scene { locale, zone, catalogues: vec![self.catalogue.clone()], budget: None };
        self.render_in(scene, template, context)
    }

    pub(crate) fn render_in(&self, scene: Scene, template: &str, context: &Value) -> Result<String, RenderError> {
        if !self.contains(template) {
            return Err(RenderError::Unknown(template.to_owned()));
        }
        let limit = if scene.budget.is_some() { LARGEST_VIEW } else { LARGEST_PAGE };
        let context = match context {
            Value::Object(_) => Context::from_serialize(context),
            other => Context::from_serialize(&serde_json::json!({ "data": other })),
        };
        let context = context.map_err(|error| RenderError::Template(self.place(&error, template)))?;
        let mut output = Bounded { bytes: Vec::new(), limit, overflowed: false };
        let result = scene::play(scene, || self.tera.render_to(template, &context, &mut output));
        match result {
            Ok(()) => Ok(String::from_utf8_lossy(&output.bytes).into_owned()),
            Err(_) if output.overflowed => Err(RenderError::TooLarge { template: template.to_owned(), limit }),
            Err(error) if is_out_of_budget(&error) => Err(RenderError::TooMuch(template.to_owned())),
            Err(error) => Err(RenderError::Template(self.place(&error, template))),
        }
    }

    /// Tera's error with the place in the file as its author wrote it.
    fn place(&self, error: &tera::Error, template: &str) -> SourceError {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                self.at(report.filename(), report.span().start_line, report.span().start_col + 1, report.message())
            }
            ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => self.at(tpl, 1, 1, &error.to_string()),
            ErrorKind::MissingParent { current, .. } => self.at(current, 1, 1, &error.to_string()),
            other => match reported(&other.to_string()) {
                Some((message, name, line, column)) => self.at(name, line, column, message),
                None => self.at(template, 1, 1, &other.to_string()),
            },
        }
    }

    fn at(&self, name: &str, line: usize, column: usize, message: &str) -> SourceError {
        let Some(file) = self.files.get(name) else { return SourceError::new(name, "", line, column, message) };
        match &file.counted {
            Some(counted) => {
                let offset = counted.original(source::offset(&counted.source, line, column));
                SourceError::at_offset(&file.path, &file.source, offset, message)
            }
            None => SourceError::new(&file.path, &file.source, line, column, message),
        }
    }
}

impl File {
    fn read(author: Author, path: &str, bytes: &[u8]) -> Result<Self, SourceError> {
        if bytes.len() > LARGEST_FILE {
            return Err(SourceError::new(path, "", 1, 1, format!("a template may have up to {LARGEST_FILE} bytes")));
        }
        let source = match std::str::from_utf8(bytes) {
            Ok(source) => source.to_owned(),
            Err(error) => {
                let readable = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
                return Err(SourceError::at_offset(path, &readable, readable.len(), "the file is not UTF-8 from here on"));
            }
        };
        let counted = match author {
            Author::Trusted => None,
            Author::Hostile => {
                Some(restricted::count(&source).map_err(|refused| SourceError::at_offset(path, &source, refused.offset, refused.message))?)
            }
        };
        Ok(Self { path: path.to_owned(), source, counted })
    }

    /// What Tera is given.
    fn given(&self) -> &str {
        self.counted.as_ref().map_or(&self.source, |counted| &counted.source)
    }

    /// Names the first message that is not there, and how many more are not.
    fn check_keys(&self, catalogue: &Catalogue) -> Result<(), SourceError> {
        let missing: Vec<_> = literal_keys(&self.source).into_iter().filter(|(_, key)| !catalogue.contains(key)).collect();
        let Some((offset, key)) = missing.first() else { return Ok(()) };
        let others: Vec<_> = missing[1..].iter().map(|(_, key)| format!("`{key}`")).collect();
        let others = if others.is_empty() { String::new() } else { format!(", nor {}", others.join(", ")) };
        Err(SourceError::at_offset(&self.path, &self.source, *offset, format!("no locale file has the message `{key}`{others}")))
    }
}

/// The first report within an error's text: message, template, line and column (Tera keeps only the text of errors
/// about several templates).
fn reported(text: &str) -> Option<(&str, &str, usize, usize)> {
    let (message, rest) = text.strip_prefix("error: ")?.split_once('\n')?;
    let place = rest.trim_start().strip_prefix("--> ")?.lines().next()?;
    let mut parts = place.rsplitn(3, ':');
    let (column, line, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some((message, name, line.parse().ok()?, column.parse().ok()?))
}

/// Refuses to grow beyond its limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    overflowed: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.overflowed = true;
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The budget of one hostile rendering.
pub(crate) fn hostile_budget() -> Option<Budget> {
    Some(Budget::start())
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
