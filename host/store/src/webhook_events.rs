//! Events that webhooks have brought, with what was answered: kept as long as the organisation, since a provider's
//! signature does not age where it has no time in it.

use crate::sql::placeholders;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::webhooks::{RememberedWebhook, WebhookAnswer};

#[derive(FromQueryResult)]
struct AnswerRow {
    status: i64,
    answer: String,
}

impl OrganisationStore {
    /// What a plugin answered to an event that one of these keys recognises.
    pub async fn webhook_answer(&self, plugin: &str, keys: &[String]) -> Result<Option<WebhookAnswer>, StoreError> {
        if keys.is_empty() {
            return Ok(None);
        }
        let sql = format!(
            "SELECT status, answer FROM webhook_events WHERE organisation_id = $1 AND plugin_id = $2 AND key IN ({}) LIMIT 1",
            placeholders(2, keys.len())
        );
        let values = [Value::from(self.id.0), plugin.into()].into_iter().chain(keys.iter().map(|key| key.as_str().into()));
        let row: Option<AnswerRow> = self.store.read().one(&sql, values).await?;
        Ok(row.map(|row| WebhookAnswer { status: u16::try_from(row.status).unwrap_or(200), text: row.answer }))
    }
}

impl ChangeTransaction {
    /// [`StoreError::Duplicate`] where another call has brought the same event meanwhile.
    pub async fn remember_webhook(&self, event: &RememberedWebhook) -> Result<(), StoreError> {
        for key in &event.keys {
            self.sql()
                .execute(
                    "INSERT INTO webhook_events (organisation_id, plugin_id, key, status, answer, at) VALUES ($1, $2, $3, $4, $5, $6)",
                    [
                        self.organisation().0.into(),
                        event.plugin.as_str().into(),
                        key.as_str().into(),
                        i64::from(event.answer.status).into(),
                        event.answer.text.as_str().into(),
                        self.at().as_i64().into(),
                    ],
                )
                .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{each, organisation};
    use tsudoi_kernel::Timestamp;

    #[tokio::test]
    async fn an_event_is_recognised_by_any_of_its_keys_and_kept_once() {
        for database in each().await {
            let (club, other) = (organisation(&database.store, 1).await, organisation(&database.store, 2).await);
            let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
            let answer = WebhookAnswer { status: 202, text: "ok".into() };
            let event = |names: &[&str]| RememberedWebhook { plugin: "shop".into(), keys: keys(names), answer: answer.clone() };
            let change = club.begin_change(Timestamp::from_millis(1)).await.unwrap();
            change.remember_webhook(&event(&["id", "digest"])).await.unwrap();
            change.commit().await.unwrap();
            for known in [&["id"][..], &["other", "digest"]] {
                assert_eq!(club.webhook_answer("shop", &keys(known)).await.unwrap(), Some(answer.clone()), "{}", database.name);
            }
            assert_eq!(club.webhook_answer("shop", &keys(&["new"])).await.unwrap(), None);
            assert_eq!(club.webhook_answer("board", &keys(&["id"])).await.unwrap(), None);
            assert_eq!(other.webhook_answer("shop", &keys(&["id"])).await.unwrap(), None);
            let change = club.begin_change(Timestamp::from_millis(2)).await.unwrap();
            let again = change.remember_webhook(&event(&["new", "digest"])).await;
            assert!(matches!(again, Err(StoreError::Duplicate(_))), "{again:?}");
        }
    }
}
