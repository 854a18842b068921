//! The manifest's text, and on which line of it a thing stands.

use super::refused;
use toml::de::{DeTable, DeValue};
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::ports::PackageRefused;

/// A step on the way to a value: into a table by key, or into a list by position.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

impl<'a> From<&'a str> for Step<'a> {
    fn from(key: &'a str) -> Self {
        Self::Key(key)
    }
}

impl<'a> From<&'a String> for Step<'a> {
    fn from(key: &'a String) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Step<'_> {
    fn from(item: usize) -> Self {
        Self::Item(item)
    }
}

/// `steps![a, 0, "b"]`: the way to a value of the manifest.
macro_rules! steps {
    ($($step:expr),+ $(,)?) => { &[$($crate::package::manifest::Step::from($step)),+] };
}
pub(super) use steps;

pub struct Source<'a> {
    text: &'a str,
    table: DeTable<'a>,
}

impl<'a> Source<'a> {
    pub fn parse(text: &'a str) -> Result<Self, PackageRefused> {
        let table = DeTable::parse(text).map_err(|error| wrong(text, &error))?.into_inner();
        Ok(Self { text, table })
    }

    pub fn manifest(&self) -> Result<Manifest, PackageRefused> {
        toml::from_str(self.text).map_err(|error| wrong(self.text, &error))
    }

    /// A refusal at the line of the value that `path` leads to, or of the last step that is there.
    pub fn refuse(&self, path: &[Step<'_>], reason: impl Into<String>) -> PackageRefused {
        let place = match self.offset(path) {
            Some(offset) => format!("plugin.toml:{}", line(self.text, offset)),
            None => "plugin.toml".to_owned(),
        };
        refused(place, reason)
    }

    fn offset(&self, path: &[Step<'_>]) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let Step::Key(key) = first else { return None };
        let (key, mut value) = self.table.get_key_value(*key)?;
        let mut offset = key.span().start;
        for step in rest {
            match (step, value.get_ref()) {
                (Step::Key(key), DeValue::Table(table)) => match table.get_key_value(*key) {
                    Some((key, next)) => (offset, value) = (key.span().start, next),
                    None => break,
                },
                (Step::Item(item), DeValue::Array(list)) => match list.get(*item) {
                    Some(next) => (offset, value) = (next.span().start, next),
                    None => break,
                },
                _ => break,
            }
        }
        Some(offset)
    }
}

fn wrong(text: &str, error: &toml::de::Error) -> PackageRefused {
    let place = match error.span() {
        Some(span) => format!("plugin.toml:{}", line(text, span.start)),
        None => "plugin.toml".to_owned(),
    };
    refused(place, crate::loggable(error.message(), 400))
}

fn line(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}
