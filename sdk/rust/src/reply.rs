//! What a plugin answers with. The host renders: a plugin names a template of its package and gives it data.

use crate::bindings::imports::tsudoi::plugin::replies::{self, Download, Rendering};
use crate::failure::Failure;
use crate::id::Id;
use serde::Serialize;

/// A template with its data.
///
/// ```
/// # use tsudoi_plugin::{Failure, Reply, View};
/// # fn answer() -> Result<Reply, Failure> {
/// let view = View::new("thread.html", &serde_json::json!({ "subject": "ようこそ" }))?;
/// Ok(view.titled("ようこそ").into())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct View(Rendering);

impl View {
    /// `template` is the path below `templates/`; `data` has to serialise as an object.
    pub fn new(template: &str, data: &impl Serialize) -> Result<Self, Failure> {
        let data = serde_json::to_string(data)?;
        Ok(Self(Rendering { template: template.to_owned(), data, title: None }))
    }

    /// The title of the page; without one it is the plugin's name.
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.0.title = Some(title.into());
        self
    }

    pub(crate) fn into_contract(self) -> Rendering {
        self.0
    }
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Reply(replies::Reply);

impl Reply {
    /// To a path of the site, such as `/p/fan-board/threads/…`. After a form post the answer should be one of these.
    pub fn redirect(path: impl Into<String>) -> Self {
        Self(replies::Reply::Redirect(path.into()))
    }

    pub fn json(value: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self(replies::Reply::Json(serde_json::to_string(value)?)))
    }

    /// Always sent as an attachment.
    pub fn download(name: impl Into<String>, media_type: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self(replies::Reply::Download(Download { name: name.into(), media_type: media_type.into(), bytes }))
    }

    /// A file that the plugin keeps: pictures are shown, others are sent as an attachment, to whoever passes the file's gate.
    pub fn file(id: &Id) -> Self {
        Self(replies::Reply::StoredFile(id.to_string()))
    }

    pub(crate) fn into_contract(self) -> replies::Reply {
        self.0
    }
}

impl From<View> for Reply {
    fn from(view: View) -> Self {
        Self(replies::Reply::View(view.into_contract()))
    }
}
