//! Errors beside the fields of a form.

use crate::failure::{Failure, FieldError};

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

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<FieldErrors> for Failure {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors.0)
    }
}
