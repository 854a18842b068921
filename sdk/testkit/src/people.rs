//! Whoever visits the site.

use crate::attachment::Attachment;
use crate::page::Page;
use crate::site::Site;
use serde_json::{Value, json};

/// A visitor: a member, somebody of the staff, or anyone. Paths are those of plugin.toml.
#[derive(Clone)]
pub struct Person<'site> {
    site: &'site Site,
    /// By the order in which they came.
    number: Option<usize>,
    id: String,
}

/// A member who is about to join.
pub struct NewMember<'site> {
    site: &'site Site,
    name: String,
    reading: String,
    tier: Option<String>,
    labels: Vec<String>,
}

/// A request that is not sent yet, for [`Site::at_once`].
#[derive(Debug, Clone)]
pub struct Sending {
    request: Value,
    /// Where it goes, and whose it is.
    path: String,
    person: Option<usize>,
}

impl<'site> NewMember<'site> {
    pub(crate) fn new(site: &'site Site, name: &str) -> Self {
        Self { site, name: name.to_owned(), reading: String::new(), tier: None, labels: Vec::new() }
    }

    /// How the name is read, in katakana: family name, a space, given name.
    pub fn reading(mut self, reading: &str) -> Self {
        self.reading = reading.to_owned();
        self
    }

    /// By its key; the tier is there from now on.
    pub fn tier(mut self, key: &str) -> Self {
        self.tier = Some(key.to_owned());
        self
    }

    pub fn label(mut self, key: &str) -> Self {
        self.labels.push(key.to_owned());
        self
    }

    /// The host tells `member.joined`.
    #[track_caller]
    pub fn join(self) -> Person<'site> {
        let made = self
            .site
            .stage()
            .tell(&json!({ "do": "member", "name": self.name, "reading": self.reading, "tier": self.tier, "labels": self.labels }));
        Person::made(self.site, &made)
    }
}

impl<'site> Person<'site> {
    pub(crate) fn anyone(site: &'site Site) -> Self {
        Self { site, number: None, id: String::new() }
    }

    fn made(site: &'site Site, made: &Value) -> Self {
        Self { site, number: Some(site.next_person()), id: made["id"].as_str().unwrap_or_default().to_owned() }
    }

    #[track_caller]
    pub(crate) fn staff(site: &'site Site, name: &str, permissions: Option<&[&str]>) -> Self {
        let made = site.stage().tell(&json!({ "do": "staff", "name": name, "permissions": permissions }));
        Self::made(site, &made)
    }

    #[track_caller]
    pub(crate) fn treasurer(site: &'site Site, name: &str) -> Self {
        let made = site.stage().tell(&json!({ "do": "staff", "name": name, "host": ["money"] }));
        Self::made(site, &made)
    }

    pub(crate) fn numbered(site: &'site Site, number: Option<usize>) -> Self {
        Self { site, number, id: String::new() }
    }

    pub(crate) fn site(&self) -> &'site Site {
        self.site
    }

    pub(crate) fn number(&self) -> Option<usize> {
        self.number
    }

    /// The member's id, as the plugin sees it; of staff their account's.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Opens a page of the plugin on the site.
    #[track_caller]
    pub fn get(&self, path: &str) -> Page<'site> {
        self.open(&format!("/p/{}{path}", self.site.plugin()))
    }

    /// Opens a page of the plugin in the staff's area.
    #[track_caller]
    pub fn get_admin(&self, path: &str) -> Page<'site> {
        self.open(&format!("/admin/p/{}{path}", self.site.plugin()))
    }

    /// Opens any page of the site, such as `/account`.
    #[track_caller]
    pub fn open(&self, path: &str) -> Page<'site> {
        self.sent(Sending::new(self.number, path.to_owned(), json!({ "method": "GET" })))
    }

    /// Sends a form to a path of the plugin, whichever page it may have stood on. [`Page::submit`] fills in the form of a page.
    #[track_caller]
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page<'site> {
        self.sent(self.posting(path, fields))
    }

    /// The same, with files.
    #[track_caller]
    pub fn post_files(&self, path: &str, fields: &[(&str, &str)], files: &[Attachment]) -> Page<'site> {
        self.sent(self.posting(path, fields).with_files(files))
    }

    #[track_caller]
    pub fn post_admin(&self, path: &str, fields: &[(&str, &str)]) -> Page<'site> {
        self.sent(self.posting_admin(path, fields))
    }

    /// The same as [`Person::post`], not sent yet.
    pub fn posting(&self, path: &str, fields: &[(&str, &str)]) -> Sending {
        Sending::form(self.number, format!("/p/{}{path}", self.site.plugin()), fields)
    }

    /// The same as [`Person::post_admin`], not sent yet.
    pub fn posting_admin(&self, path: &str, fields: &[(&str, &str)]) -> Sending {
        Sending::form(self.number, format!("/admin/p/{}{path}", self.site.plugin()), fields)
    }

    /// Looks at a page that has nothing but this block.
    #[track_caller]
    pub fn block(&self, name: &str, parameters: &Value) -> Page<'site> {
        let step = json!({ "do": "block", "person": self.number, "name": name, "parameters": parameters });
        let answer = self.site.stage().tell(&step);
        Page::new(self.site, &Sending::new(self.number, format!("block {name}"), json!({})), answer)
    }

    /// Whether they meet one of the plugin's rules: a page for a segment of those who do opens for them.
    #[track_caller]
    pub fn meets(&self, rule: &str, parameters: &Value) -> bool {
        let step = json!({ "do": "meets", "person": self.number, "rule": rule, "parameters": parameters });
        self.site.stage().tell(&step) == Value::Bool(true)
    }

    /// The member's record is erased, and what plugins keep about them as their manifests say.
    #[track_caller]
    pub fn erase(self) {
        self.site.stage().tell(&json!({ "do": "erase", "member": self.number }));
    }

    #[track_caller]
    pub(crate) fn sent(&self, sending: Sending) -> Page<'site> {
        let page = self.site.at_once(&[sending]).pop();
        page.unwrap_or_else(|| panic!("the host did not answer"))
    }
}

impl Sending {
    fn new(person: Option<usize>, path: String, mut request: Value) -> Self {
        request["person"] = json!(person);
        request["path"] = json!(path);
        Self { request, path, person }
    }

    pub(crate) fn form(person: Option<usize>, path: String, fields: &[(&str, &str)]) -> Self {
        Self::new(person, path, json!({ "method": "POST", "fields": fields }))
    }

    /// Files that go with the form.
    pub fn with_files(mut self, files: &[Attachment]) -> Self {
        self.request["files"] = files.iter().map(Attachment::as_json).collect();
        self
    }

    pub(crate) fn webhook(site: &Site, name: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let request = json!({ "method": "POST", "headers": headers, "body": body });
        Self::new(None, format!("/hooks/{}/{name}", site.plugin()), request)
    }

    pub(crate) fn request(&self) -> &Value {
        &self.request
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn person(&self) -> Option<usize> {
        self.person
    }
}
