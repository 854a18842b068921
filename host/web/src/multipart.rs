//! Forms with files in them, read piece by piece. Their first field is the token: nothing of anybody else's form is read any
//! further.

use crate::fields::readable;
use crate::{AppState, Problem};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use std::borrow::Cow;

/// Most bytes of a text field, and of all of them together.
const TEXT_LIMIT: usize = 64 * 1024;
const TEXTS_LIMIT: usize = 1024 * 1024;
/// Most fields of a form.
const MOST_FIELDS: usize = 200;
/// How much of a file over the limit is read to its end, so that the browser can show the answer instead of a broken
/// connection.
const PATIENCE: u64 = 256 * 1024 * 1024;

pub(crate) fn is_multipart(request: &Request) -> bool {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

/// A form whose token was right.
pub(crate) struct SentForm {
    form: Multipart,
    fields: usize,
    bytes: usize,
}

pub(crate) enum Part<'a> {
    Text(String, String),
    File(Box<SentFile<'a>>),
}

/// A file of the form.
pub(crate) struct SentFile<'a> {
    pub field: String,
    /// As the person's machine calls it. Empty where none was chosen.
    pub name: String,
    content: Field<'a>,
    pub size: u64,
}

impl SentForm {
    /// Reads the first field: it has to be a token that `is_token` knows.
    pub async fn open(request: Request, web: &AppState, is_token: impl Fn(&str) -> bool) -> Result<Self, Problem> {
        let mut form = Multipart::from_request(request, web).await.map_err(|rejection| Problem::from_status(rejection.status()))?;
        let first = form.next_field().await.map_err(refused)?.filter(|field| field.name() == Some("_csrf"));
        let token = text(first.ok_or(Problem::StaleForm)?).await?;
        if !is_token(&token) {
            return Err(Problem::StaleForm);
        }
        Ok(Self { form, fields: 0, bytes: 0 })
    }

    pub async fn next(&mut self) -> Result<Option<Part<'_>>, Problem> {
        let Some(field) = self.form.next_field().await.map_err(refused)? else { return Ok(None) };
        self.fields += 1;
        if self.fields > MOST_FIELDS {
            return Err(Problem::BadRequest);
        }
        let name = readable(Cow::Borrowed(field.name().unwrap_or_default()));
        if let Some(given) = field.file_name().map(|given| readable(Cow::Borrowed(given))) {
            let file = SentFile { field: name, name: given, content: field, size: 0 };
            return Ok(Some(Part::File(Box::new(file))));
        }
        let value = text(field).await?;
        self.bytes += name.len() + value.len();
        if self.bytes > TEXTS_LIMIT {
            return Err(Problem::TooLarge);
        }
        Ok(Some(Part::Text(name, value)))
    }
}

impl SentFile<'_> {
    /// The next bytes, while there are no more than `limit`. What is beyond is read and thrown away, up to where patience
    /// ends. `size` is how much there was.
    pub async fn next(&mut self, limit: u64) -> Result<Option<impl AsRef<[u8]> + use<>>, Problem> {
        while let Some(chunk) = self.content.chunk().await.map_err(refused)? {
            self.size += chunk.len() as u64;
            if self.size > limit.max(PATIENCE) {
                return Err(Problem::TooLarge);
            }
            if self.size <= limit {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }
}

fn refused(error: MultipartError) -> Problem {
    Problem::from_status(error.status())
}

async fn text(mut field: Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(refused)? {
        if bytes.len() + chunk.len() > TEXT_LIMIT {
            return Err(Problem::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes).map_err(|_| Problem::BadRequest)?;
    Ok(readable(Cow::Owned(text)))
}
