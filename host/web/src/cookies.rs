//! Cookies: reading them from a request, and writing them with the attributes that all of ours have.

use axum::http::{HeaderMap, HeaderValue, header};
use tsudoi_kernel::Organisation;

/// The session of one organisation: browsers share cookies between the ports of a machine, so the name tells them apart.
pub fn session_name(organisation: &Organisation) -> String {
    format!("tsudoi_session_{}", organisation.slug)
}

/// Random; CSRF tokens are made from it.
pub const SEED: &str = "tsudoi_seed";
pub const LOCALE: &str = "tsudoi_locale";
/// The key of a message to show once.
pub const FLASH: &str = "tsudoi_flash";

/// The value of a cookie. Where there are several of one name, the first.
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// How long a cookie lasts.
pub enum Life {
    /// Until the browser closes.
    Browser,
    Seconds(u64),
    /// Gone now.
    Over,
}

/// A `Set-Cookie` value: for the whole site, not for scripts, not sent along by other sites' forms; over HTTPS only
/// where the site is served so. `value` must be of cookie characters (hexadecimal, base64url, a message key).
pub fn set(name: &str, value: &str, life: Life, secure: bool) -> Option<HeaderValue> {
    let life = match life {
        Life::Browser => String::new(),
        Life::Seconds(seconds) => format!("; Max-Age={seconds}"),
        Life::Over => "; Max-Age=0".to_owned(),
    };
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{life}{secure}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; tsudoi_session_club=abc=; b=2"));
        assert_eq!(get(&headers, "tsudoi_session_club"), Some("abc="));
        assert_eq!(get(&headers, "c"), None);
    }
}
