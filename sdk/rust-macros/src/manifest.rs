//! The manifest of the plugin that is being compiled.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::path::PathBuf;
use syn::{Error, LitStr};
use toml::{Table, Value};

pub struct Manifest {
    table: Table,
    path: PathBuf,
}

impl Manifest {
    /// `plugin.toml` beside `Cargo.toml`, or the file that the attribute names.
    pub fn read(named: Option<&LitStr>) -> Result<Self, Error> {
        let span = named.map_or_else(Span::call_site, LitStr::span);
        let wrong = |reason: String| Error::new(span, reason);
        let folder = std::env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| wrong("cargo did not say where the plugin is".to_owned()))?;
        let path = PathBuf::from(folder).join(named.map_or_else(|| "plugin.toml".to_owned(), LitStr::value));
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(format!("{} can't be read: {error}", path.display())))?;
        let table = text.parse().map_err(|error: toml::de::Error| wrong(format!("{}: {}", path.display(), error.message())))?;
        Ok(Self { table, path })
    }

    /// Makes the compiler look again whenever the manifest has changed.
    pub fn watched(&self) -> TokenStream {
        let path = self.path.to_string_lossy();
        quote! { const _: &str = ::core::include_str!(#path); }
    }

    pub fn id(&self) -> &str {
        text(&self.table, "id")
    }

    /// The indexes of a collection with their fields, or the names of the collections that there are.
    pub fn indexes(&self, collection: &str) -> Result<Vec<(&str, Vec<&str>)>, Vec<&str>> {
        let collections = self.table.get("collections").and_then(Value::as_table);
        let Some(found) = collections.and_then(|all| all.get(collection)) else {
            return Err(collections.into_iter().flat_map(Table::keys).map(String::as_str).collect());
        };
        let indexes = found.get("indexes").and_then(Value::as_table).into_iter().flatten();
        Ok(indexes.map(|(name, index)| (name.as_str(), texts(index.get("fields")))).collect())
    }

    /// The fields by which a collection belongs to a member, each with the key that names it.
    pub fn linked(&self, collection: &str) -> Vec<(&'static str, &str)> {
        let found = self.table.get("collections").and_then(|all| all.get(collection)?.get("member"));
        let of = |key| found.and_then(|link| link.get(key));
        let lists = ["anonymise", "files"].into_iter().flat_map(|key| texts(of(key)).into_iter().map(move |field| (key, field)));
        of("field").and_then(Value::as_str).map(|field| ("field", field)).into_iter().chain(lists).collect()
    }

    /// The routes of one method: name and whole path on the site.
    pub fn routes(&self, method: &str) -> Vec<(&str, String)> {
        let routes = self.table.get("routes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
        let whole = |route: &Table| {
            let prefix = if text(route, "area") == "admin" { "/admin/p/" } else { "/p/" };
            format!("{prefix}{}{}", self.id(), text(route, "path"))
        };
        routes.filter(|route| text(route, "method") == method).map(|route| (text(route, "name"), whole(route))).collect()
    }
}

fn texts(list: Option<&Value>) -> Vec<&str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// What an error says there is: "`a`, `b`", or "none".
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
