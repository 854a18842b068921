//! The language of the pages, kept in a cookie.

use super::redirect;
use crate::cookies::{self, Life};
use crate::fields::Fields;
use crate::visiting::{append_cookie, is_secure};
use crate::{AppState, Problem};
use axum::extract::State;
use axum::response::Response;
use tsudoi_kernel::Locale;
use tsudoi_services::accounts::NextPath;

const A_YEAR: u64 = 365 * 24 * 60 * 60;

pub async fn choose(State(web): State<AppState>, fields: Fields) -> Result<Response, Problem> {
    let locale = Locale::from_tag(fields.get("tag")).ok_or(Problem::BadRequest)?;
    let mut response = redirect(&web, NextPath::parse(fields.get("next")).as_str(), None);
    append_cookie(&mut response, cookies::set(cookies::LOCALE, locale.tag(), Life::Seconds(A_YEAR), is_secure(&web.services)));
    Ok(response)
}
