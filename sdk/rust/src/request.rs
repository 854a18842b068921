//! A request to one of the plugin's routes.

use crate::bindings::pages::exports::tsudoi::plugin::pages::{self, Parameter};
use crate::failure::Failure;
use crate::files::Upload;
use crate::form::Form;
use crate::id::Id;
use crate::routes::Routes;
use serde::de::DeserializeOwned;

/// The host has matched the route, asked its gate and checked that the request is not forged.
#[derive(Debug, Clone)]
pub struct Request(pages::Request);

impl Request {
    pub(crate) fn from_contract(request: pages::Request) -> Self {
        Self(request)
    }

    /// The name of the matched route in the manifest.
    pub fn route(&self) -> &str {
        &self.0.route
    }

    /// The matched route as one of the plugin's own, with the parameters of its path.
    ///
    /// # Errors
    /// [`Failure::NotFound`] where a part of the path can't be what its field is.
    pub fn matched<R: Routes>(&self) -> Result<R, Failure> {
        R::matched(self)
    }

    /// The form that was sent, or [`Failure::Invalid`] with all that is wrong with it.
    pub fn form<F: Form>(&self) -> Result<F, Failure> {
        Ok(F::read(self)?)
    }

    /// A part in braces of the route's path; empty where the route has none of this name.
    pub fn parameter(&self, name: &str) -> &str {
        value(&self.0.parameters, name).unwrap_or_default()
    }

    /// A part of the path that names a document. Anything that can't be an id is [`Failure::NotFound`].
    pub fn id(&self, name: &str) -> Result<Id, Failure> {
        Id::parse(self.parameter(name))
    }

    /// A value after the `?`; `None` where it is missing or empty.
    pub fn query(&self, name: &str) -> Option<&str> {
        value(&self.0.query, name).filter(|value| !value.is_empty())
    }

    /// A field of the form without white space at its ends; empty where it is missing.
    pub fn field(&self, name: &str) -> &str {
        value(&self.0.form, name).unwrap_or_default().trim()
    }

    /// A field of several lines: trimmed, and with `\n` at line ends, whatever the browser sent.
    pub fn text(&self, name: &str) -> String {
        self.field(name).replace("\r\n", "\n").replace('\r', "\n")
    }

    /// Whether a check box was ticked.
    pub fn is_checked(&self, name: &str) -> bool {
        value(&self.0.form, name).is_some()
    }

    /// The files of a field of the form. They are the plugin's once this call has succeeded; what it does not want it
    /// deletes ([`Upload::delete`]).
    pub fn uploads(&self, field: &str) -> impl Iterator<Item = Upload> {
        self.0.uploads.iter().filter(move |upload| upload.field == field).filter_map(Upload::from_contract)
    }

    /// The JSON body, where there is one.
    pub fn body<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        Ok(self.0.body.as_deref().map(serde_json::from_str).transpose()?)
    }
}

fn value<'a>(parameters: &'a [Parameter], name: &str) -> Option<&'a str> {
    parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.value.as_str())
}

/// Requests for tests of a plugin's own code.
impl Request {
    /// A form post to `route`.
    ///
    /// ```
    /// use tsudoi_plugin::Request;
    /// let request = Request::post("reply", &[("thread", "01890a5d-ac96-774b-bcce-b302099a8057")], &[("body", " やあ\r\n ")]);
    /// assert_eq!(request.text("body"), "やあ");
    /// assert!(request.id("thread").is_ok());
    /// ```
    pub fn post(route: &str, parameters: &[(&str, &str)], form: &[(&str, &str)]) -> Self {
        Self::with(route, parameters, &[], form)
    }

    /// A page that is asked for, with what stands after the `?`.
    pub fn get(route: &str, parameters: &[(&str, &str)], query: &[(&str, &str)]) -> Self {
        Self::with(route, parameters, query, &[])
    }

    fn with(route: &str, parameters: &[(&str, &str)], query: &[(&str, &str)], form: &[(&str, &str)]) -> Self {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| Parameter { name: (*name).to_owned(), value: (*value).to_owned() }).collect()
        };
        Self(pages::Request {
            route: route.to_owned(),
            parameters: pairs(parameters),
            query: pairs(query),
            form: pairs(form),
            uploads: Vec::new(),
            body: None,
        })
    }
}
