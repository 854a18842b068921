//! The plugin's routes as an enum, checked against its manifest while it is compiled.

use crate::failure::Failure;
use crate::id::Id;
use crate::request::Request;

/// What `#[derive(Routes)]` makes of an enum: one variant for each GET (or POST) route of `plugin.toml`, with the
/// parameters of its path as fields. A route that is missing, misspelt or has other parameters does not compile.
///
/// ```
/// use tsudoi_plugin::{Failure, Id, Request, Routes};
///
/// #[derive(Routes)]
/// #[routes(GET)]
/// enum Show {
///     Greetings,
///     Greeting { greeting: Id },
/// }
///
/// fn title(request: &Request) -> Result<String, Failure> {
///     Ok(match request.matched()? {
///         Show::Greetings => "all of them".to_owned(),
///         Show::Greeting { greeting } => format!("number {greeting}"),
///     })
/// }
/// # let id = "01890a5d-ac96-774b-bcce-b302099a8057";
/// # let request = Request::get("greeting", &[("greeting", id)], &[]);
/// # assert!(title(&request).is_ok_and(|title| title.ends_with(id)));
///
/// assert_eq!(Show::Greetings.path(), "/p/guest-book/");
/// ```
///
/// A parameter that the path does not have:
///
/// ```compile_fail
/// # use tsudoi_plugin::{Id, Routes};
/// #[derive(Routes)]
/// #[routes(GET)]
/// enum Show {
///     Greetings,
///     Greeting { greting: Id },
/// }
/// ```
///
/// A route that is left out:
///
/// ```compile_fail
/// # use tsudoi_plugin::Routes;
/// #[derive(Routes)]
/// #[routes(GET)]
/// enum Show {
///     Greetings,
/// }
/// ```
pub trait Routes: Sized {
    /// # Errors
    /// [`Failure::NotFound`] where a part of the path can't be what its field is.
    fn matched(request: &Request) -> Result<Self, Failure>;
    /// Where the route is on the site, for redirects and links.
    fn path(&self) -> String;
}

/// What a part in braces of a path can be.
pub trait PathPart: Sized {
    /// # Errors
    /// [`Failure::NotFound`]: such a path leads nowhere.
    fn read(text: &str) -> Result<Self, Failure>;
    /// Adds it to a path, with what may not stand there escaped.
    fn write(&self, path: &mut String);
}

impl PathPart for Id {
    fn read(text: &str) -> Result<Self, Failure> {
        Self::parse(text)
    }

    fn write(&self, path: &mut String) {
        path.push_str(self.as_str());
    }
}

impl PathPart for String {
    fn read(text: &str) -> Result<Self, Failure> {
        Ok(text.to_owned())
    }

    fn write(&self, path: &mut String) {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        for byte in self.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                path.push(char::from(byte));
            } else {
                path.push('%');
                path.push(char::from(HEX[usize::from(byte >> 4)]));
                path.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl PathPart for $number {
            fn read(text: &str) -> Result<Self, Failure> {
                text.parse().map_err(|_| Failure::NotFound)
            }

            fn write(&self, path: &mut String) {
                path.push_str(&self.to_string());
            }
        })+
    };
}

numbers!(u32, u64, i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_typed_stays_one_part_of_a_path() {
        let mut path = String::from("/p/x/");
        "a/../b?c#はな".to_owned().write(&mut path);
        assert_eq!(path, "/p/x/a%2F..%2Fb%3Fc%23%E3%81%AF%E3%81%AA");
    }

    #[test]
    fn a_part_that_is_no_number_leads_nowhere() {
        assert!(matches!(u32::read("-1"), Err(Failure::NotFound)));
        assert!(matches!(u32::read("7"), Ok(7)));
    }
}
