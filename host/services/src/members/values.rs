//! What plugins added to members' records, as people see and change it.

use crate::accounts::own;
use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::Value;
use std::collections::BTreeMap;
use tsudoi_kernel::MemberId;
use tsudoi_kernel::manifest::{AddedField, ChangedBy, Misfit, ShownTo};

/// A field with what it holds for one member.
#[derive(Debug, Clone, PartialEq)]
pub struct AddedValue {
    pub plugin: String,
    pub plugin_name: String,
    pub key: String,
    pub field: AddedField,
    pub value: Option<Value>,
    /// Whoever asked may change it.
    pub may_change: bool,
}

/// Why values were not saved: by field, what is wrong with each.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    #[error("values that are not in order: {0:?}")]
    Invalid(Vec<(String, Misfit)>),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Services {
    /// Of the visitor's own record, what they may see.
    pub async fn own_values(&self, visit: &Visit) -> Result<Vec<AddedValue>, ServiceError> {
        let Some(member) = &own(visit)?.member else { return Ok(Vec::new()) };
        let mut values = self.values_of(visit, member.id).await?;
        values.retain(|value| value.field.shown_to == ShownTo::Member);
        for value in &mut values {
            value.may_change = value.field.changed_by == ChangedBy::Member;
        }
        Ok(values)
    }

    /// Of a member's record, for staff: by plugin and field.
    pub async fn values_of(&self, visit: &Visit, member: MemberId) -> Result<Vec<AddedValue>, ServiceError> {
        let installations = self.installations(visit).await?;
        let adding =
            installations.iter().filter(|(installation, _)| self.is_on(installation) && !installation.manifest.added_fields.is_empty());
        let manifests: Vec<_> = adding.map(|(installation, _)| installation.manifest.clone()).collect();
        if manifests.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.of(visit).member_values(member).await?;
        let mut values = Vec::new();
        for manifest in manifests {
            for (key, field) in &manifest.added_fields {
                let held = stored.iter().find(|(plugin, name, _)| *plugin == manifest.id && name == key);
                values.push(AddedValue {
                    plugin: manifest.id.clone(),
                    plugin_name: manifest.name.get(visit.locale).to_owned(),
                    key: key.clone(),
                    value: field.held(held.map(|(_, _, value)| value.clone())),
                    may_change: field.changed_by != ChangedBy::Plugin,
                    field: field.clone(),
                });
            }
        }
        Ok(values)
    }

    /// Changes what the visitor may change of their own record in one plugin's fields. `sent` reads what a form brought for
    /// each. Answers whether anything is different now.
    pub async fn set_own_values(
        &self,
        visit: &Visit,
        plugin: &str,
        sent: impl Fn(&AddedValue) -> Result<Value, Misfit>,
    ) -> Result<bool, ValuesError> {
        let Some(member) = own(visit)?.member.as_ref().map(|member| member.id) else { return Err(ServiceError::Forbidden.into()) };
        let values = self.own_values(visit).await?;
        self.editor(visit).set_values(member, plugin, &values, sent).await
    }
}

impl Editor {
    /// The same for staff, of any member.
    pub async fn set_member_values(
        &self,
        visit: &Visit,
        member: MemberId,
        plugin: &str,
        sent: impl Fn(&AddedValue) -> Result<Value, Misfit>,
    ) -> Result<bool, ValuesError> {
        self.store.member(member).await.map_err(ServiceError::from)?.ok_or(ServiceError::NotFound)?;
        let values = self.services.values_of(visit, member).await?;
        self.set_values(member, plugin, &values, sent).await
    }

    async fn set_values(
        &self,
        member: MemberId,
        plugin: &str,
        values: &[AddedValue],
        sent: impl Fn(&AddedValue) -> Result<Value, Misfit>,
    ) -> Result<bool, ValuesError> {
        let (mut changed, mut wrong) = (BTreeMap::new(), Vec::new());
        for value in values.iter().filter(|value| value.plugin == plugin && value.may_change) {
            match sent(value) {
                Ok(new) if Some(&new) != value.value.as_ref() => drop(changed.insert(value.key.as_str(), new)),
                Ok(_) => {}
                Err(misfit) => wrong.push((value.key.clone(), misfit)),
            }
        }
        if !wrong.is_empty() {
            return Err(ValuesError::Invalid(wrong));
        }
        if changed.is_empty() {
            return Ok(false);
        }
        let mut transaction = self.begin().await?;
        for (field, value) in &changed {
            transaction.set_member_value(member, plugin, field, value).await.map_err(ServiceError::from)?;
        }
        let fields = changed.keys().copied().collect::<Vec<_>>().join(", ");
        self.record(&transaction, "member-values-changed", format!("member:{member}"), &format!("{plugin}: {fields}")).await?;
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

    /// A member who is signed in, and the token.
    async fn hanako(house: &TestServices) -> (MemberId, String) {
        let text = |label: &str| json!({ "type": "string", "label": { "ja": label, "en": label }, "max-length": 10 });
        let fields = json!({
            "favourite": { "value": text("推し"), "shown-to": "member", "changed-by": "member" },
            "rank": { "value": text("順位"), "shown-to": "member" },
            "remark": { "value": text("備考"), "changed-by": "staff" },
        });
        let package = house.parrot_package("parrot", "1.0.0", json!({ "added-fields": fields })).await;
        house.editor_of(house.organisation.id, None).enable_plugin("parrot", &Consent::to_all(&package)).await.unwrap();
        let account = house.account(None).await;
        let id = house.member("H-0001", None, Some(account)).await;
        (id, house.start_session(house.organisation.id, account, Some(id), "").await.unwrap())
    }

    fn all(text: &'static str) -> impl Fn(&AddedValue) -> Result<Value, Misfit> {
        move |value| value.field.value.read(&[text])
    }

    fn seen(values: &[AddedValue]) -> Vec<String> {
        values.iter().map(|value| format!("{} {}", value.key, value.value.as_ref().map(Value::to_string).unwrap_or_default())).collect()
    }

    #[tokio::test]
    async fn members_change_what_is_theirs_and_see_nothing_that_is_for_staff() {
        for house in services_on_each().await {
            let (hanako, token) = hanako(&house).await;
            let visit = house.recognised(&token).await;
            assert_eq!(seen(&house.own_values(&visit).await.unwrap()), ["favourite ", "rank "], "{}", house.database.name);
            assert!(house.set_own_values(&visit, "parrot", all("ミオ")).await.unwrap());
            let visit = house.recognised(&token).await;
            assert_eq!(seen(&house.own_values(&visit).await.unwrap()), [r#"favourite "ミオ""#, "rank "], "the rank is the plugin's");
            assert!(!house.set_own_values(&visit, "parrot", all("ミオ")).await.unwrap(), "it is what it was");
            let editor = house.editor_of(house.organisation.id, None);
            editor.set_member_values(&visit, hanako, "parrot", all("要確認")).await.unwrap();
            let expected = [r#"favourite "要確認""#, "rank ", r#"remark "要確認""#];
            assert_eq!(seen(&house.values_of(&visit, hanako).await.unwrap()), expected);
        }
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_and_what_was_kept_goes_with_the_member_and_with_the_plugin() {
        for house in services_on_each().await {
            let (hanako, token) = hanako(&house).await;
            let visit = house.recognised(&token).await;
            let refused = house.set_own_values(&visit, "parrot", all("とても長い名前なので入りません")).await;
            assert!(
                matches!(&refused, Err(ValuesError::Invalid(wrong)) if wrong == &[("favourite".to_owned(), Misfit::Longest(10))]),
                "{refused:?}"
            );
            house.set_own_values(&visit, "parrot", all("ミオ")).await.unwrap();
            let editor = house.editor_of(house.organisation.id, None);
            let exported = editor.export_member_data(hanako).await.unwrap();
            assert_eq!(exported["added"], json!([{ "plugin": "parrot", "field": "favourite", "value": "ミオ" }]));
            editor.erase_member_data(hanako).await.unwrap();
            assert_eq!(house.of(&visit).member_values(hanako).await.unwrap(), []);
        }
    }
}
