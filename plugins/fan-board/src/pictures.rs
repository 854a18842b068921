//! Pictures of posts: how they come with a form, who sees them, and how they go.

use tsudoi_plugin::{Error, Failure, FieldErrors, Id, Request, Upload, context, files};

/// Of one post.
pub const MOST: usize = 4;

/// Whether staff let posts have pictures. Those that there are stay.
pub fn are_welcome() -> Result<bool, Failure> {
    Ok(context::setting("pictures")?)
}

/// What came with the form, beside `kept` that the post has already.
pub fn received(request: &Request, kept: usize) -> Result<Vec<Id>, Failure> {
    let sent: Vec<Upload> = request.uploads("pictures").collect();
    if sent.is_empty() {
        return Ok(Vec::new());
    }
    if !are_welcome()? {
        return Err(FieldErrors::one("pictures", "pictures-not-welcome").into());
    }
    if kept + sent.len() > MOST {
        return Err(FieldErrors::one("pictures", "pictures-too-many").into());
    }
    Ok(sent.into_iter().map(|upload| upload.id).collect())
}

/// For good.
pub fn forget(pictures: &[Id]) -> Result<(), Failure> {
    for picture in pictures {
        match files::delete(picture) {
            Err(error) if error.is(Error::NOT_FOUND) => {}
            gone => gone?,
        }
    }
    Ok(())
}
