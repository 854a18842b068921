//! Translations: Fluent files in layers. A message is looked up in the language that is asked for, from the front
//! layer to the last; only where no layer has it, in any other language that does.

use crate::source::SourceError;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use tsudoi_kernel::Locale;
use unic_langid::LanguageIdentifier;

/// The locale files of this crate, for the host's catalogue: what [`crate::markdown::BlockSyntaxError::message`] names.
pub const FILES: [(Locale, &str, &str); 2] = [
    (Locale::Ja, "host/render/locales/ja.ftl", include_str!("../locales/ja.ftl")),
    (Locale::En, "host/render/locales/en.ftl", include_str!("../locales/en.ftl")),
];

/// Messages in each language, in front of those of other catalogues.
#[derive(Default)]
pub struct Catalogue {
    own: BTreeMap<Locale, Language>,
    behind: Vec<Arc<Catalogue>>,
    /// Only keys with this beginning are looked up in `behind`.
    only: Option<String>,
}

struct Language {
    bundle: FluentBundle<FluentResource>,
    keys: BTreeSet<String>,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: usize = self.own.values().map(|language| language.keys.len()).sum();
        f.debug_struct("Catalogue").field("messages", &keys).field("behind", &self.behind).finish()
    }
}

impl Catalogue {
    /// From locale files: language, name of the file (for messages about mistakes) and its text.
    ///
    /// # Errors
    /// What is not Fluent syntax, and a message that is there twice, with file and line.
    pub fn new<'a>(files: impl IntoIterator<Item = (Locale, &'a str, &'a str)>) -> Result<Self, SourceError> {
        let mut catalogue = Self::default();
        for (locale, file, text) in files {
            catalogue.own.entry(locale).or_insert_with(|| Language::new(locale)).add(file, text)?;
        }
        Ok(catalogue)
    }

    /// The first catalogue that has a message wins.
    pub fn layered(catalogues: Vec<Arc<Catalogue>>) -> Self {
        Self { behind: catalogues, ..Self::default() }
    }

    /// This one first, then `fallback`.
    #[must_use]
    pub fn with_fallback(mut self, fallback: Arc<Catalogue>) -> Self {
        self.behind.push(fallback);
        self
    }

    /// Of `catalogue` only the messages whose keys begin with `prefix`.
    pub fn only(prefix: &str, catalogue: Arc<Catalogue>) -> Self {
        Self { own: BTreeMap::new(), behind: vec![catalogue], only: Some(prefix.to_owned()) }
    }

    /// The text of `key` (`message` or `message.attribute`), in `locale` if any layer has it, else in another
    /// language; `None` if there is no such message. `arguments` is an object, or null for none; what the message wants
    /// and the object lacks shows as its name in braces.
    pub fn message(&self, locale: Locale, key: &str, arguments: &Value) -> Option<String> {
        std::iter::once(locale)
            .chain(Locale::ALL.into_iter().filter(|other| *other != locale))
            .find_map(|locale| self.lookup(locale, key, arguments))
    }

    /// [`Self::message`], but in no other language.
    pub fn message_in(&self, locale: Locale, key: &str, arguments: &Value) -> Option<String> {
        self.lookup(locale, key, arguments)
    }

    /// [`Self::message`] without arguments.
    pub fn text(&self, locale: Locale, key: &str) -> Option<String> {
        self.message(locale, key, &Value::Null)
    }

    /// Whether any language has it.
    pub fn contains(&self, key: &str) -> bool {
        let name = key.split('.').next().unwrap_or(key);
        self.own.values().any(|language| language.keys.contains(name))
            || (self.passes(key) && self.behind.iter().any(|catalogue| catalogue.contains(key)))
    }

    /// All keys of a language, in every layer.
    pub fn keys(&self, locale: Locale) -> BTreeSet<String> {
        let mut keys = self.own.get(&locale).map(|language| language.keys.clone()).unwrap_or_default();
        for catalogue in &self.behind {
            keys.extend(catalogue.keys(locale).into_iter().filter(|key| self.passes(key)));
        }
        keys
    }

    /// The keys that one language has and another lacks, with the language that lacks them. Empty when complete.
    pub fn missing(&self) -> Vec<(Locale, String)> {
        let all: BTreeSet<String> = Locale::ALL.iter().flat_map(|locale| self.keys(*locale)).collect();
        let lacks = |locale: Locale| {
            let has = self.keys(locale);
            all.iter().filter(move |key| !has.contains(*key)).map(move |key| (locale, key.clone())).collect::<Vec<_>>()
        };
        Locale::ALL.into_iter().flat_map(lacks).collect()
    }

    fn passes(&self, key: &str) -> bool {
        self.only.as_ref().is_none_or(|prefix| key.starts_with(prefix))
    }

    fn lookup(&self, locale: Locale, key: &str, arguments: &Value) -> Option<String> {
        let own = self.own.get(&locale).and_then(|language| language.format(key, arguments));
        if own.is_some() || !self.passes(key) {
            return own;
        }
        self.behind.iter().find_map(|catalogue| catalogue.lookup(locale, key, arguments))
    }
}

impl Language {
    fn new(locale: Locale) -> Self {
        // The tags of `Locale` are language identifiers, so the default is never taken.
        let language: LanguageIdentifier = locale.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The isolating marks are for mixed writing directions; neither language needs them, and they break searching
        // and copying.
        bundle.set_use_isolating(false);
        Self { bundle, keys: BTreeSet::new() }
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), SourceError> {
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| {
            let (offset, message) =
                errors.first().map_or((0, "not Fluent syntax".to_owned()), |error| (error.pos.start, error.kind.to_string()));
            SourceError::at_offset(file, text, offset, message)
        })?;
        let keys: Vec<String> = resource
            .entries()
            .filter_map(|entry| match entry {
                fluent_syntax::ast::Entry::Message(message) => Some(message.id.name.to_owned()),
                _ => None,
            })
            .collect();
        self.bundle.add_resource(resource).map_err(|errors| {
            let name = errors.iter().find_map(|error| match error {
                FluentError::Overriding { id, .. } => Some(id.clone()),
                _ => None,
            });
            let name = name.unwrap_or_default();
            SourceError::at_offset(file, text, last_definition(text, &name), format!("`{name}` is defined twice"))
        })?;
        self.keys.extend(keys);
        Ok(())
    }

    fn format(&self, key: &str, arguments: &Value) -> Option<String> {
        let (name, attribute) = key.split_once('.').map_or((key, None), |(name, attribute)| (name, Some(attribute)));
        let message = self.bundle.get_message(name)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        let arguments: FluentArgs<'_> =
            arguments.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), fluent_value(value))).collect();
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned())
    }
}

fn fluent_value(value: &Value) -> FluentValue<'_> {
    match value {
        Value::String(text) => FluentValue::from(text.as_str()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => FluentValue::from(whole),
            None => FluentValue::from(number.as_f64().unwrap_or_default()),
        },
        Value::Null => FluentValue::from(""),
        other => FluentValue::from(other.to_string()),
    }
}

/// Where the last `name =` at the beginning of a line is.
fn last_definition(text: &str, name: &str) -> usize {
    let mut at = 0;
    let mut found = 0;
    for line in text.split_inclusive('\n') {
        if line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('=')) {
            found = at;
        }
        at += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn catalogue(files: &[(Locale, &str)]) -> Catalogue {
        Catalogue::new(files.iter().map(|(locale, text)| (*locale, "locales/x.ftl", *text))).unwrap()
    }

    #[test]
    fn the_front_layer_wins_and_the_language_asked_for_comes_before_the_layer() {
        let host =
            Arc::new(catalogue(&[(Locale::Ja, "welcome = ようこそ\nleave = 退会"), (Locale::En, "welcome = Welcome\nleave = Leave")]));
        let theme = catalogue(&[(Locale::Ja, "welcome = いらっしゃい"), (Locale::En, "only-here = Here")]).with_fallback(host);
        assert_eq!(theme.text(Locale::Ja, "welcome").as_deref(), Some("いらっしゃい"));
        assert_eq!(theme.text(Locale::Ja, "leave").as_deref(), Some("退会"));
        assert_eq!(theme.text(Locale::En, "welcome").as_deref(), Some("Welcome"));
        assert_eq!(theme.text(Locale::Ja, "only-here").as_deref(), Some("Here"));
        assert_eq!(theme.text(Locale::Ja, "nowhere"), None);
    }

    #[test]
    fn arguments_plurals_and_attributes_are_filled_in_without_invisible_marks() {
        let catalogue = catalogue(&[(
            Locale::En,
            "posts = { $count ->\n    [one] One post by { $name }\n   *[other] { $count } posts by { $name }\n}\nname = Name\n    .hint = As on your card\n",
        )]);
        let text = |count: i64| catalogue.message(Locale::En, "posts", &json!({"count": count, "name": "花子"}));
        assert_eq!(text(1).as_deref(), Some("One post by 花子"));
        assert_eq!(text(1200).as_deref(), Some("1200 posts by 花子"));
        assert_eq!(catalogue.text(Locale::En, "name.hint").as_deref(), Some("As on your card"));
        assert_eq!(catalogue.text(Locale::En, "name.other"), None);
    }

    #[test]
    fn a_missing_argument_shows_its_name_instead_of_breaking_the_page() {
        let catalogue = catalogue(&[(Locale::En, "hello = Hello { $name }")]);
        assert_eq!(catalogue.text(Locale::En, "hello").as_deref(), Some("Hello {$name}"));
    }

    #[test]
    fn mistakes_name_file_and_line() {
        let error = Catalogue::new([(Locale::Ja, "locales/ja.ftl", "a = あ\n\nb い\n")]).unwrap_err();
        assert_eq!((error.file.as_str(), error.line), ("locales/ja.ftl", 3));
        let error = Catalogue::new([(Locale::Ja, "locales/ja.ftl", "a = あ\nb = い\na = う\n")]).unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (3, "`a` is defined twice"));
    }

    #[test]
    fn keys_that_one_language_lacks_are_listed() {
        let catalogue = catalogue(&[(Locale::Ja, "a = あ\nb = い"), (Locale::En, "a = A\nc = C")]);
        assert_eq!(catalogue.missing(), [(Locale::Ja, "c".to_owned()), (Locale::En, "b".to_owned())]);
    }

    #[test]
    fn a_narrowed_catalogue_gives_nothing_else() {
        let host = Arc::new(catalogue(&[(Locale::En, "common-save = Save\nsecret = Secret")]));
        let narrow = Catalogue::only("common-", host);
        assert_eq!(narrow.text(Locale::En, "common-save").as_deref(), Some("Save"));
        assert_eq!(narrow.text(Locale::En, "secret"), None);
        assert!(!narrow.contains("secret") && narrow.contains("common-save"));
        assert_eq!(narrow.keys(Locale::En).len(), 1);
    }
}
