//! Files that the plugin keeps: pictures (PNG, JPEG, GIF, WebP), PDF documents and plain texts. Needs the permission `files`.
//! A route with `uploads` takes files with its form ([`Request::uploads`](crate::Request::uploads)); a route answers with
//! one by [`Reply::file`](crate::Reply::file), where the host asks the file's gate too. What is saved or deleted here takes
//! effect when the call succeeds.
//!
//! ```
//! use tsudoi_plugin::{Failure, Gate, Id, Reply, Request, files};
//!
//! fn minutes_of(meeting: &str) -> Result<Id, Failure> {
//!     Ok(files::save("minutes.txt", "text/plain", &Gate::members(), meeting.as_bytes())?)
//! }
//!
//! fn picture(request: &Request) -> Result<Reply, Failure> {
//!     Ok(Reply::file(&request.id("picture")?))
//! }
//! ```

use crate::bindings::imports::tsudoi::plugin::files;
use crate::bindings::pages::exports::tsudoi::plugin::pages;
use crate::failure::Error;
use crate::gate::Gate;
use crate::id::Id;

/// Keeps a file for whoever passes `gate`. What a picture says about where and how it was made is taken out. `media_type` is
/// believed of `text/plain`, `text/csv`, `text/calendar` and `application/json`; other files are what their content says.
///
/// # Errors
/// `malformed` for a content that is none of these, or a name with a slash; `not-granted`; `read-only` in a query.
pub fn save(name: &str, media_type: &str, gate: &Gate, bytes: &[u8]) -> Result<Id, Error> {
    files::save(name, media_type, &gate.as_json(), bytes).map(Id::known)
}

/// # Errors
/// `not-found`; `too-large` for more than a call may take in.
pub fn read(file: &Id) -> Result<Vec<u8>, Error> {
    files::read(file.as_str())
}

/// # Errors
/// `not-found`, also for one that was deleted already.
pub fn delete(file: &Id) -> Result<(), Error> {
    files::delete(file.as_str())
}

/// A file that came with a form, behind the gate of the form's route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: Id,
    /// Safe in an address, with the ending that fits the content.
    pub name: String,
    /// As its content says: `image/jpeg`.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
}

impl Upload {
    pub(crate) fn from_contract(upload: &pages::Upload) -> Option<Self> {
        let pages::Upload { file, name, media_type, size, .. } = upload;
        let id = Id::parse(file).ok()?;
        Some(Self { id, name: name.clone(), media_type: media_type.clone(), size: *size })
    }

    pub fn is_picture(&self) -> bool {
        self.media_type.starts_with("image/")
    }

    /// The plugin does not want it.
    pub fn delete(&self) -> Result<(), Error> {
        delete(&self.id)
    }
}
