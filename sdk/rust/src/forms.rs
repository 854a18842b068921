//! Forms of the host's that members answer for a plugin. Needs the permission `forms`, and `[forms]` and a subscription to `form.answered` in
//! the manifest.

use crate::bindings::imports::tsudoi::plugin::forms;
use crate::events::Event;
use crate::failure::{Error, Failure};
use crate::id::Id;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The topic of what is told about answers.
pub const ANSWERED: &str = "form.answered";

/// A text by language: `ja`, `en`.
pub type Words = BTreeMap<String, String>;

/// A form that staff made for plugins.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Offered {
    pub id: Id,
    /// Its page is `/forms/<address>`.
    pub address: String,
    pub title: Words,
    /// It takes answers.
    pub open: bool,
    pub fields: Vec<Asked>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Asked {
    pub key: String,
    /// `text`, `choice` and so on.
    pub kind: String,
    pub label: Words,
}

/// What a member answered.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Answer {
    /// The id of the answer: staff read it at `/admin/forms/<form>/answers/<answer>`.
    #[serde(rename = "answer")]
    pub id: Id,
    pub form: Id,
    pub member: Id,
    /// As it stood in the address. Anybody could type it there: check what it stands for.
    pub key: String,
    /// What was filled in, in the form's order.
    pub fields: Vec<Filled>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Filled {
    pub key: String,
    pub kind: String,
    pub label: Words,
    /// A text, a number, `true`, a list of texts, or the parts of a name.
    pub value: Value,
    /// The same in words, in the organisation's language.
    pub text: String,
}

/// Those of the organisation, in the order in which they were made.
///
/// ```no_run
/// use tsudoi_plugin::{Error, forms};
///
/// fn choices() -> Result<Vec<(String, String)>, Error> {
///     let open = forms::offered()?.into_iter().filter(|form| form.open);
///     Ok(open.map(|form| (form.id.to_string(), forms::words(&form.title, "ja").to_owned())).collect())
/// }
/// ```
pub fn offered() -> Result<Vec<Offered>, Error> {
    let shown = forms::offered()?;
    Ok(shown.iter().map(|form| serde_json::from_str(form)).collect::<Result<_, _>>()?)
}

impl Offered {
    /// Where to lead a member, so that the answer comes back to the plugin `plugin` under `key`: 1 to 100 letters, digits, `-`, `_` and
    /// `.`, with a letter or a digit first.
    pub fn path(&self, plugin: &str, key: &str) -> String {
        format!("/forms/{}?for={plugin}:{key}", self.address)
    }
}

/// In this language, or in whichever there is.
pub fn words<'a>(words: &'a Words, locale: &str) -> &'a str {
    words.get(locale).or_else(|| words.values().next()).map_or("", String::as_str)
}

impl Answer {
    /// `None` where the event is of another topic.
    pub fn of(event: &Event) -> Result<Option<Self>, Failure> {
        if event.topic == ANSWERED { event.read().map(Some) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    #[test]
    fn a_form_says_where_it_is_and_what_it_asks() {
        let shown = serde_json::json!({
            "id": ID, "address": "trip", "title": { "ja": "遠足" }, "open": true,
            "fields": [{ "key": "f-1", "kind": "text", "label": { "en": "Allergies" } }],
        });
        let form: Offered = serde_json::from_value(shown).unwrap();
        assert_eq!(form.path("event-tasks", "e1"), "/forms/trip?for=event-tasks:e1");
        assert_eq!((words(&form.title, "ja"), words(&form.fields[0].label, "ja")), ("遠足", "Allergies"));
    }

    #[test]
    fn an_answer_is_read_from_its_event_and_from_no_other() {
        let payload = serde_json::json!({
            "form": ID, "answer": ID, "member": ID, "key": "e1",
            "fields": [{ "key": "f-1", "kind": "number", "label": {}, "value": 3, "text": "3" }],
        });
        let event = |topic: &str| Event { id: Id::known(ID.to_owned()), topic: topic.to_owned(), occurred: 0, payload: payload.clone() };
        let answer = Answer::of(&event(ANSWERED)).unwrap().unwrap();
        assert_eq!((answer.key.as_str(), answer.fields[0].text.as_str()), ("e1", "3"));
        assert!(Answer::of(&event("member.joined")).unwrap().is_none());
    }
}
