//! A form by staff with a file in it.

use crate::fields::Fields;
use crate::multipart::{Part, SentForm};
use crate::visiting::Visiting;
use crate::{AppState, Problem};
use axum::extract::{FromRequest, Request};
use tsudoi_kernel::Permission;

/// The fields of a form by staff whose token was right, and the file, where one was chosen.
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

/// The same, by staff who may see members.
pub struct MembersUpload(pub Upload);

impl FromRequest<AppState> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &AppState) -> Result<Self, Problem> {
        Self::by_staff(request, web, Permission::SITE).await
    }
}

impl FromRequest<AppState> for MembersUpload {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &AppState) -> Result<Self, Problem> {
        Ok(Self(Upload::by_staff(request, web, Permission::MEMBERS).await?))
    }
}

impl Upload {
    async fn by_staff(request: Request, web: &AppState, permission: &str) -> Result<Self, Problem> {
        let visiting = request.extensions().get::<Visiting>().cloned();
        let Some(visiting) = visiting else { return Err(Problem::Broken("a form outside `enter`".into())) };
        // Asked before anything is read: nobody else can make this process take in files.
        visiting.require_staff(permission)?;
        let limit = web.services.settings().upload_limit;
        let mut form = SentForm::open(request, web, |token| visiting.is_csrf(&web.services, "host", token)).await?;
        let mut pairs = Vec::new();
        let (mut file, mut too_large) = (None, false);
        while let Some(part) = form.next().await? {
            let mut sent = match part {
                Part::Text(name, value) => {
                    pairs.push((name, value));
                    continue;
                }
                Part::File(sent) => sent,
            };
            let mut bytes = Vec::new();
            while let Some(more) = sent.next(limit).await? {
                bytes.extend_from_slice(more.as_ref());
            }
            if sent.size > limit {
                too_large = true;
            } else if sent.size > 0 || !sent.name.is_empty() {
                file = Some(UploadedFile { name: sent.name, bytes });
            }
        }
        Ok(Self { fields: Fields::new(pairs), file, too_large })
    }
}
