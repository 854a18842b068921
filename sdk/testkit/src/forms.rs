//! Forms of the host's, which members answer for the plugin.

use crate::page::Page;
use crate::people::Person;
use crate::site::Site;
use serde_json::json;
use std::time::Duration;

/// A form that staff made for plugins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub id: String,
    /// Its page is `/forms/<address>`.
    pub address: String,
    keys: Vec<String>,
    labels: Vec<String>,
}

impl Site {
    /// Staff make a form for plugins, which members may answer. It asks for these, each in one line.
    #[track_caller]
    pub fn form(&self, address: &str, labels: &[&str]) -> Form {
        let made = self.stage().tell(&json!({ "do": "form", "address": address, "labels": labels, "open": true }));
        let keys = made["keys"].as_array().into_iter().flatten().filter_map(|key| key.as_str().map(str::to_owned)).collect();
        let id = made["id"].as_str().unwrap_or_default().to_owned();
        Form { id, address: address.to_owned(), keys, labels: labels.iter().map(|label| (*label).to_owned()).collect() }
    }

    /// Staff say that a form takes no answers from now on.
    #[track_caller]
    pub fn close_form(&self, form: &Form) {
        self.stage().tell(&json!({ "do": "form", "address": form.address, "labels": form.labels, "open": false }));
    }
}

impl Form {
    /// Where a page of the plugin leads for it: `path` is the page's, as in plugin.toml, and ends in the key.
    pub fn path(&self, site: &Site, path: &str) -> String {
        let key = path.rsplit('/').next().unwrap_or_default();
        format!("/forms/{}?for={}:{key}", self.address, site.plugin())
    }
}

impl<'site> Person<'site> {
    /// Fills in the form that is open at `path`, where a page of the plugin led, confirms and sends it. Some seconds pass. The plugin
    /// hears of it with [`Site::run_due`].
    #[track_caller]
    pub fn answers(&self, path: &str, form: &Form, typed: &[&str]) -> Page<'site> {
        let action = format!("/forms/{}", form.address);
        let fields = form.keys.iter().map(String::as_str).zip(typed.iter().copied());
        let checked: Vec<(&str, &str)> = fields.chain([("step", "check")]).collect();
        let confirm = self.open(path).is(200).submit(&action, &checked).is(200);
        self.site().pass(Duration::from_secs(5));
        confirm.submit(&action, &[("step", "send")])
    }
}
