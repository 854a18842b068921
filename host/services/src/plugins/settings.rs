//! What an organisation chose for a plugin, in the form that the host draws from the manifest.

use crate::editor::Editor;
use crate::pages::Audience;
use crate::{ServiceError, Services};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_kernel::Gate;
use tsudoi_kernel::calls::Installation;
use tsudoi_kernel::manifest::{Format, Misfit, Parameter};

/// A setting as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingState {
    pub key: String,
    pub declaration: Parameter,
    pub value: Value,
    pub is_default: bool,
}

/// The settings as staff are shown them.
#[derive(Debug, Clone)]
pub struct PluginSettings {
    pub installation: Installation,
    pub settings: Vec<SettingState>,
    pub audience: Audience,
    /// Names what they are now: a form says which state it began with.
    pub state: String,
}

/// Why settings were not saved.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("settings that are not in order: {0:?}")]
    Invalid(Vec<(String, Misfit)>),
    /// Somebody else was faster.
    #[error("the settings have changed since")]
    Changed,
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl PluginSettings {
    /// What a form sent for each setting, or every one that is not in order.
    pub fn read(&self, sent: impl Fn(&SettingState) -> Result<Value, Misfit>) -> Result<BTreeMap<String, Value>, Vec<(String, Misfit)>> {
        let mut values = BTreeMap::new();
        let mut wrong = Vec::new();
        for setting in &self.settings {
            match sent(setting).and_then(|value| self.known(setting, value)) {
                Ok(value) => drop(values.insert(setting.key.clone(), value)),
                Err(misfit) => wrong.push((setting.key.clone(), misfit)),
            }
        }
        if wrong.is_empty() { Ok(values) } else { Err(wrong) }
    }

    /// The organisation has the tiers and labels that it names; one that is empty names none.
    fn known(&self, setting: &SettingState, value: Value) -> Result<Value, Misfit> {
        let tier = |key: &str| self.audience.tiers.iter().any(|named| named.key == key);
        let label = |key: &str| self.audience.labels.iter().any(|named| named.key == key);
        let segment = |key: &str| self.audience.segments.iter().any(|named| named.key == key);
        let texts = || value.as_str().into_iter().chain(value.as_array().into_iter().flatten().filter_map(Value::as_str));
        let all = |known: &dyn Fn(&str) -> bool| texts().all(|key| key.is_empty() || known(key));
        let known = match setting.declaration.format {
            Some(Format::Tier) => all(&tier),
            Some(Format::Label) => all(&label),
            Some(Format::Gate) => match serde_json::from_value::<Gate>(value.clone()) {
                Ok(Gate::Tiers { tiers }) => !tiers.is_empty() && tiers.iter().all(|key| tier(key)),
                Ok(Gate::Labels { labels }) => !labels.is_empty() && labels.iter().all(|key| label(key)),
                Ok(Gate::Segments { segments }) => !segments.is_empty() && segments.iter().all(|key| segment(key)),
                Ok(Gate::Everyone | Gate::Members | Gate::Staff) => true,
                Err(_) => false,
            },
            _ => true,
        };
        if known { Ok(value) } else { Err(Misfit::Choice) }
    }
}

impl Services {
    fn settings_state(&self, installation: &Installation) -> String {
        let chosen: Vec<String> = installation.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
        self.sign("plugin-settings", &[&installation.id.to_string(), &installation.package_hash, &chosen.join("\n")])
    }
}

impl Editor {
    /// The settings of a plugin that is installed, by key.
    pub async fn plugin_settings(&self, plugin: &str) -> Result<PluginSettings, ServiceError> {
        let installation = self.installed(plugin).await?;
        let declared = installation.manifest.settings.iter();
        let settings = declared.map(|(key, declaration)| {
            let value = installation.setting(key, declaration).clone();
            let is_default = declaration.default.as_ref() == Some(&value);
            SettingState { key: key.clone(), declaration: declaration.clone(), value, is_default }
        });
        let settings = settings.collect();
        let audience = self.store.audience().await?;
        Ok(PluginSettings { settings, audience, state: self.services.settings_state(&installation), installation })
    }

    /// Saves what staff chose, where nobody else has changed it since they were shown the state `seen`. What equals its
    /// default is not kept, so that a new version's default takes its place. Answers whether anything is different now.
    pub async fn set_plugin_settings(&self, plugin: &str, seen: &str, values: &BTreeMap<String, Value>) -> Result<bool, SettingsError> {
        let mut transaction = self.begin().await?;
        let installation = transaction.current_installation(plugin).await.map_err(ServiceError::from)?;
        let installation = installation.ok_or(ServiceError::NotFound)?;
        if self.services.settings_state(&installation) != seen {
            return Err(SettingsError::Changed);
        }
        let declared = &installation.manifest.settings;
        let chosen: BTreeMap<String, Value> = values
            .iter()
            .filter(|(key, value)| declared.get(*key).is_some_and(|declaration| declaration.default.as_ref() != Some(value)))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let now = |key: &String| chosen.get(key).or(declared[key].default.as_ref());
        let changed: BTreeSet<String> = declared
            .iter()
            .filter(|(key, declaration)| now(key) != Some(installation.setting(key, declaration)))
            .map(|(key, _)| key.clone())
            .collect();
        if changed.is_empty() {
            return Ok(false);
        }
        transaction.set_plugin_settings(installation.id, &chosen, &changed).await.map_err(ServiceError::from)?;
        let detail = format!("{plugin}: {}", changed.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
        self.record(&transaction, "plugin-settings-changed", format!("plugin:{plugin}"), &detail).await?;
        transaction.commit().await.map_err(ServiceError::from)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::Consent;
    use crate::testing::{TestServices, services_on_each};
    use serde_json::json;

    async fn parrot(house: &TestServices, version: &str, settings: Value) -> Editor {
        let package = house.parrot_package("parrot", version, json!({ "settings": settings })).await;
        let editor = house.editor_of(house.organisation.id, None);
        editor.enable_plugin("parrot", &Consent::to_all(&package)).await.unwrap();
        house.carry_on_upgrades().await.unwrap();
        editor
    }

    fn limit(default: i64) -> Value {
        json!({ "limit": { "type": "integer", "label": { "ja": "件数", "en": "Limit" }, "default": default, "minimum": 1, "maximum": 50 } })
    }

    async fn now(editor: &Editor) -> Value {
        editor.plugin_settings("parrot").await.unwrap().settings[0].value.clone()
    }

    #[tokio::test]
    async fn what_staff_choose_holds_through_upgrades_and_what_they_left_alone_follows_the_default() {
        for house in services_on_each().await {
            let editor = parrot(&house, "1.0.0", limit(5)).await;
            let seen = editor.plugin_settings("parrot").await.unwrap();
            let five = BTreeMap::from([("limit".to_owned(), json!(5))]);
            assert!(!editor.set_plugin_settings("parrot", &seen.state, &five).await.unwrap(), "it is what it was");
            let editor = parrot(&house, "1.1.0", limit(7)).await;
            assert_eq!(now(&editor).await, json!(7), "{}", house.database.name);
            let seen = editor.plugin_settings("parrot").await.unwrap();
            let nine = BTreeMap::from([("limit".to_owned(), json!(9))]);
            assert!(editor.set_plugin_settings("parrot", &seen.state, &nine).await.unwrap());
            let editor = parrot(&house, "1.2.0", limit(8)).await;
            assert_eq!(now(&editor).await, json!(9));
            // A version for which it is no value any more goes by its default.
            let editor =
                parrot(&house, "1.3.0", json!({ "limit": { "type": "boolean", "label": { "ja": "件数" }, "default": true } })).await;
            assert_eq!(now(&editor).await, json!(true));
        }
    }

    #[tokio::test]
    async fn of_two_who_change_settings_at_once_the_second_is_told() {
        let house = crate::testing::services().await;
        let editor = parrot(&house, "1.0.0", limit(5)).await;
        let seen = editor.plugin_settings("parrot").await.unwrap();
        let value = |n: i64| BTreeMap::from([("limit".to_owned(), json!(n))]);
        editor.set_plugin_settings("parrot", &seen.state, &value(6)).await.unwrap();
        let refused = editor.set_plugin_settings("parrot", &seen.state, &value(7)).await.unwrap_err();
        assert!(matches!(refused, SettingsError::Changed), "{refused}");
        assert_eq!(now(&editor).await, json!(6));
    }

    #[tokio::test]
    async fn a_setting_can_only_name_tiers_that_there_are() {
        let house = crate::testing::services().await;
        let gate =
            json!({ "who": { "type": "object", "format": "gate", "label": { "ja": "公開範囲" }, "default": { "kind": "everyone" } } });
        let editor = parrot(&house, "1.0.0", gate).await;
        let settings = editor.plugin_settings("parrot").await.unwrap();
        let read = |gate: Value| settings.read(|setting| setting.declaration.check(&gate).map(|()| gate.clone()));
        assert!(read(json!({ "kind": "members" })).is_ok());
        let wrong = read(json!({ "kind": "tiers", "tiers": ["platinum-that-is-not"] })).unwrap_err();
        assert_eq!(wrong, [("who".to_owned(), Misfit::Choice)]);
    }
}
