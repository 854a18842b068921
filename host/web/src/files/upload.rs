//! A form with a file in it, read piece by piece: a file over the limit is never held in memory.

use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use tsudoi_kernel::Permission;

/// The fields of a multipart form by staff whose CSRF token came first and was right, and the file, where one was chosen.
pub struct Upload {
    pub fields: Fields,
    pub file: Option<UploadedFile>,
    /// A file was over the limit: its bytes were thrown away.
    pub too_large: bool,
}

pub struct UploadedFile {
    /// As the person's machine calls it.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Most bytes of a text field.
const TEXT_LIMIT: usize = 64 * 1024;
/// Most fields of a form.
const MOST_FIELDS: usize = 200;
/// How much of a file over the limit is read to its end, so that the browser can show the answer instead of a broken
/// connection.
const PATIENCE: u64 = 256 * 1024 * 1024;

impl FromRequest<AppState> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &AppState) -> Result<Self, Problem> {
        let visiting = request.extensions().get::<Visiting>().cloned();
        let Some(visiting) = visiting else { return Err(Problem::Broken("a form outside `enter`".into())) };
        // Asked before anything is read: nobody else can make this process take in files.
        visiting.require_staff(Permission::SITE)?;
        let limit = web.services.settings().upload_limit;
        let mut form = Multipart::from_request(request, web).await.map_err(|rejection| Problem::from_status(rejection.status()))?;
        let mut pairs: Vec<(String, String)> = Vec::new();
        let (mut file, mut too_large, mut checked) = (None, false, false);
        while let Some(field) = form.next_field().await.map_err(refused)? {
            let name = field.name().unwrap_or_default().to_owned();
            if !checked {
                // The token is the form's first field: nothing of anybody else's form is read any further.
                let token = text(field).await?;
                if name != "_csrf" || !visiting.is_csrf(&web.services, "host", &token) {
                    return Err(Problem::StaleForm);
                }
                checked = true;
            } else if let Some(given) = field.file_name().map(str::to_owned) {
                match bytes(field, limit).await? {
                    Some(bytes) if bytes.is_empty() && given.is_empty() => {}
                    Some(bytes) => file = Some(UploadedFile { name: given, bytes }),
                    None => too_large = true,
                }
            } else if pairs.len() < MOST_FIELDS {
                let value = text(field).await?;
                pairs.push((name, value));
            } else {
                return Err(Problem::BadRequest);
            }
        }
        if !checked {
            return Err(Problem::StaleForm);
        }
        Ok(Self { fields: Fields::new(pairs), file, too_large })
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
    String::from_utf8(bytes).map_err(|_| Problem::BadRequest)
}

/// `None` for a file over the limit.
async fn bytes(mut field: Field<'_>, limit: u64) -> Result<Option<Vec<u8>>, Problem> {
    let mut bytes = Vec::new();
    let mut read: u64 = 0;
    while let Some(chunk) = field.chunk().await.map_err(refused)? {
        read += chunk.len() as u64;
        if read > limit.max(PATIENCE) {
            return Err(Problem::TooLarge);
        }
        if read <= limit {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
    }
    Ok((read <= limit).then_some(bytes))
}
