//! Files for forms.

use serde_json::{Value, json};

/// A file that somebody chose in a field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    field: String,
    name: String,
    bytes: Vec<u8>,
}

/// One pixel.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\
    \x00\x00\x00\x0cIDATx\x9cc\xb0\xca[\n\x00\x023\x01N\xa67\x068\x00\x00\x00\x00IEND\xaeB`\x82";

impl Attachment {
    /// `name`: as the person's machine calls it.
    pub fn new(field: &str, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { field: field.to_owned(), name: name.to_owned(), bytes: bytes.into() }
    }

    /// A small picture (PNG).
    pub fn picture(field: &str, name: &str) -> Self {
        Self::new(field, name, PICTURE)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn as_json(&self) -> Value {
        let bytes: String = self.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({ "field": self.field, "name": self.name, "bytes": bytes })
    }
}
