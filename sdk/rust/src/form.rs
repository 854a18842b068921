//! Errors beside the fields of a form.

use crate::failure::{Failure, FieldError};
use crate::id::Id;
use crate::request::Request;

/// Collects what is wrong with a form, so that a person sees all of it at once. As a [`Failure`] it shows the form
/// again, filled in, with the messages beside their fields (HTTP 422). A message is a key of the plugin's locale files.
///
/// ```
/// use tsudoi_plugin::{Failure, FieldErrors};
///
/// fn age(text: &str) -> Result<u8, &'static str> {
///     text.parse().map_err(|_| "age-not-a-number")
/// }
///
/// fn read(age_text: &str, name: &str) -> Result<(u8, String), Failure> {
///     let mut errors = FieldErrors::default();
///     let age = errors.take("age", age(age_text));
///     let name = errors.take("name", if name.is_empty() { Err("name-required") } else { Ok(name.to_owned()) });
///     match (age, name) {
///         (Some(age), Some(name)) => Ok((age, name)),
///         _ => Err(errors.into()),
///     }
/// }
///
/// assert!(read("12", "Hana").is_ok());
/// assert!(matches!(read("x", ""), Err(Failure::Invalid(errors)) if errors.len() == 2));
/// ```
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// A form with one thing wrong.
    pub fn one(field: &str, message: &str) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    pub fn add(&mut self, field: &str, message: &str) {
        self.0.push(FieldError { field: field.to_owned(), message: message.to_owned() });
    }

    /// The value, or `None` with its message kept.
    pub fn take<T>(&mut self, field: &str, value: Result<T, &str>) -> Option<T> {
        value.map_err(|message| self.add(field, message)).ok()
    }

    /// A field as its type reads it, or `None` with the message `<field>-missing` or `<field>-malformed` kept.
    pub fn take_field<T: FormField>(&mut self, field: &str, request: &Request) -> Option<T> {
        let given = request.is_checked(field).then(|| request.text(field));
        T::read(given.as_deref())
            .map_err(|wrong| {
                let ending = match wrong {
                    Wrong::Missing => "missing",
                    Wrong::Malformed => "malformed",
                };
                self.add(field, &format!("{}-{ending}", field.replace('_', "-")));
            })
            .ok()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<FieldErrors> for Failure {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors.0)
    }
}

/// What `#[derive(Form)]` makes of a struct: its fields are those of a form, trimmed. All that is wrong is said at once.
///
/// ```
/// use tsudoi_plugin::{Form, Request};
///
/// #[derive(Form)]
/// struct NewThread {
///     #[form(read = title)]
///     title: String,
///     body: String,
///     /// A check box.
///     pinned: bool,
///     /// May be left empty.
///     limit: Option<u32>,
/// }
///
/// fn title(text: &str) -> Result<String, &'static str> {
///     if text.chars().count() > 80 { Err("title-too-long") } else { Ok(text.to_owned()) }
/// }
///
/// let request = Request::post("start", &[], &[("title", " Hello "), ("body", "Hi"), ("limit", "")]);
/// let thread = request.form::<NewThread>().unwrap_or_else(|_| panic!("a form without mistakes"));
/// assert_eq!((thread.title.as_str(), thread.body.as_str(), thread.pinned, thread.limit), ("Hello", "Hi", false, None));
/// ```
pub trait Form: Sized {
    /// # Errors
    /// Each field that is wrong, with the key of its message.
    fn read(request: &Request) -> Result<Self, FieldErrors>;
}

/// Why a field can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Missing,
    Malformed,
}

/// What a field of a form can be.
pub trait FormField: Sized {
    /// `None` where the form has no such field, as with a check box that was not ticked.
    ///
    /// # Errors
    /// Which of the two messages of the field is shown.
    fn read(text: Option<&str>) -> Result<Self, Wrong>;
}

impl FormField for String {
    fn read(text: Option<&str>) -> Result<Self, Wrong> {
        text.filter(|text| !text.is_empty()).map(str::to_owned).ok_or(Wrong::Missing)
    }
}

impl FormField for bool {
    fn read(text: Option<&str>) -> Result<Self, Wrong> {
        Ok(text.is_some())
    }
}

impl FormField for Id {
    fn read(text: Option<&str>) -> Result<Self, Wrong> {
        Self::parse(&String::read(text)?).map_err(|_| Wrong::Malformed)
    }
}

impl<T: FormField> FormField for Option<T> {
    fn read(text: Option<&str>) -> Result<Self, Wrong> {
        text.filter(|text| !text.is_empty()).map(|text| T::read(Some(text))).transpose()
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl FormField for $number {
            fn read(text: Option<&str>) -> Result<Self, Wrong> {
                String::read(text)?.parse().map_err(|_| Wrong::Malformed)
            }
        })+
    };
}

numbers!(u32, u64, i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_is_missing_and_a_word_no_number() {
        let request = Request::post("order", &[], &[("name", "  "), ("how_many", "three"), ("gift", "on")]);
        let mut errors = FieldErrors::default();
        assert_eq!(errors.take_field::<String>("name", &request), None);
        assert_eq!(errors.take_field::<u32>("how_many", &request), None);
        assert_eq!(errors.take_field::<bool>("gift", &request), Some(true));
        assert_eq!(errors.take_field::<Option<u32>>("name", &request), Some(None));
        let told: Vec<_> = errors.0.iter().map(|error| (error.field.as_str(), error.message.as_str())).collect();
        assert_eq!(told, [("name", "name-missing"), ("how_many", "how-many-malformed")]);
    }
}
