//! What a request got, and what is asserted of it.

use crate::attachment::Attachment;
use crate::html;
use crate::people::{Person, Sending};
use crate::site::Site;
use serde_json::Value;

/// An answer of the host's.
#[derive(Clone)]
pub struct Page<'site> {
    site: &'site Site,
    person: Option<usize>,
    path: String,
    status: u16,
    headers: Value,
    body: String,
    /// Where they are no text.
    bytes: Option<Vec<u8>>,
}

impl<'site> Page<'site> {
    pub(crate) fn new(site: &'site Site, sending: &Sending, mut answer: Value) -> Self {
        let body = match answer["body"].take() {
            Value::String(body) => body,
            _ => String::new(),
        };
        let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
        let (path, person) = (sending.path().to_owned(), sending.person());
        let bytes = answer["bytes"].as_str().map(unhex);
        Self { site, person, path, status, headers: answer["headers"].take(), body, bytes }
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    /// The path that was asked for, as one of the site.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// As it was sent.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The same where it need not be text.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or(self.body.as_bytes())
    }

    /// The words of its main part, each space one.
    pub fn text(&self) -> String {
        html::words(&self.body)
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.told()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers[name].as_str()
    }

    /// For messages of failed tests.
    fn told(&self) -> String {
        let mut told = format!("{} answered {} with: {}", self.path, self.status, self.text());
        if let Some(target) = self.header("location") {
            told.push_str(&format!("a redirect to {target}"));
        }
        if self.status >= 500 {
            told.push_str(&format!("\n{}", self.site.failures().join("\n")));
        }
        told
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.told());
        self
    }

    /// A page (not an error, not a redirect) with these words.
    #[track_caller]
    pub fn shows(self, words: &str) -> Self {
        assert!(self.status == 200 || self.status == 422, "{}", self.told());
        assert!(self.text().contains(words), "`{words}` is not there; {}", self.told());
        self
    }

    #[track_caller]
    pub fn lacks(self, words: &str) -> Self {
        assert!(!self.text().contains(words), "`{words}` is there; {}", self.told());
        self
    }

    /// A form was refused, with these words beside a field.
    #[track_caller]
    pub fn refuses(self, words: &str) -> Self {
        self.is(422).shows(words)
    }

    /// A redirect to this path of the plugin's.
    #[track_caller]
    pub fn leads_to(self, path: &str) -> Self {
        let (to, plugin) = (self.location(), self.site.plugin());
        assert!(to == format!("/p/{plugin}{path}") || to == format!("/admin/p/{plugin}{path}"), "it leads to {to}");
        self
    }

    /// Where a redirect leads, as a path of the site.
    #[track_caller]
    pub fn location(&self) -> String {
        assert!((300..400).contains(&self.status), "this is no redirect: {}", self.told());
        self.header("location").unwrap_or_default().to_owned()
    }

    /// Goes where a redirect leads.
    #[track_caller]
    pub fn follow(&self) -> Self {
        Person::numbered(self.site, self.person).open(&self.location())
    }

    /// Sends the form of this page that goes to `action`, a path of the plugin or one of the host's such as `/account/details`: its hidden
    /// fields, and these.
    #[track_caller]
    pub fn submit(&self, action: &str, fields: &[(&str, &str)]) -> Self {
        self.submit_files(action, fields, &[])
    }

    /// The same, with files.
    #[track_caller]
    pub fn submit_files(&self, action: &str, fields: &[(&str, &str)], files: &[Attachment]) -> Self {
        let plugin = self.site.plugin();
        let actions = [format!("/p/{plugin}{action}"), format!("/admin/p/{plugin}{action}"), action.to_owned()];
        let form = actions.iter().find_map(|action| Some((action, html::form(&self.body, action)?)));
        let Some((action, hidden)) = form else { panic!("there is no form that goes to {action}; {}", self.told()) };
        // Tokens and nonce are made anew, as on a page that was loaded again.
        let hidden = hidden.iter().filter(|(name, _)| name != "_csrf" && name != "_call");
        let hidden = hidden.map(|(name, value)| (name.as_str(), value.as_str()));
        let hidden = hidden.filter(|(name, _)| fields.iter().all(|(given, _)| given != name));
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        let sending = Sending::form(self.person, action.clone(), &all);
        let sending = if files.is_empty() { sending } else { sending.with_files(files) };
        Person::numbered(self.site, self.person).sent(sending)
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().map(|digit| char::from(digit).to_digit(16).unwrap_or_default() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or_default()).collect()
}
