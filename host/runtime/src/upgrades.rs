//! What upgrades need of the engine: the new version's own steps, and the keys of documents in its indexes.

use crate::attempt::Step;
use crate::engine::Engine;
use crate::keys::document_key;
use serde_json::{Map, Value};
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId};
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::ports::{Boxed, IndexKey, PluginUpgrades, UnindexedDocument};
use uuid::Uuid;

impl PluginUpgrades for Engine {
    fn step(
        &self,
        context: CallContext,
        call_id: CallId,
        from_version: String,
        cursor: Option<String>,
    ) -> Boxed<'_, Result<Answered<Option<String>>, CallError>> {
        Box::pin(async move {
            let prepared = self.inner.prepared(&context.installation.package_hash).await?;
            if prepared.upgrade.is_none() {
                let number = context.number;
                return Ok(Answered::of(None, number));
            }
            self.inner.command(context, call_id, Step { from_version, cursor }).await
        })
    }

    fn index_keys(&self, manifest: &Manifest, collection: &str, id: Uuid, body: &str) -> Result<Vec<IndexKey>, UnindexedDocument> {
        let Some(declared) = manifest.collections.get(collection) else { return Ok(Vec::new()) };
        let body: Map<String, Value> = serde_json::from_str(body).map_err(|error| UnindexedDocument {
            index: String::new(),
            reason: error.to_string(),
            keys: Vec::new(),
        })?;
        let mut keys = Vec::new();
        let mut refused = None;
        for (name, index) in &declared.indexes {
            match document_key(index, &body, id) {
                Ok(key) => keys.extend(key.map(|key| IndexKey { index: name.clone(), key })),
                Err(error) => refused = Some((name.clone(), error.to_string())),
            }
        }
        match refused {
            None => Ok(keys),
            Some((index, reason)) => Err(UnindexedDocument { index, reason, keys }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::tests::{Site, document, site_of, site_with};
    use crate::testing::{Bench, guests};
    use tsudoi_kernel::ports::PluginCalls;

    async fn step(site: &Site, call_id: &str, cursor: Option<&str>) -> Result<Option<String>, CallError> {
        let context = site.bench.context(&site.hash);
        let step = site.engine.step(context, CallId(call_id.into()), "0.0.9".into(), cursor.map(Into::into)).await;
        step.map(|answered| answered.value)
    }

    #[tokio::test]
    async fn a_step_writes_once_and_says_where_to_go_on() {
        let component = guests::component_with_step(guests::SHOW, guests::HELLO, guests::STEP_ADDS_ONE);
        let site = site_of(Bench::new(), component).await;
        site.store(0);
        assert_eq!(step(&site, "upgrade:0", None).await.unwrap().as_deref(), Some("{}"));
        // After a stop in between the same step is asked for again, and has been done.
        assert_eq!(step(&site, "upgrade:0", None).await.unwrap().as_deref(), Some("{}"));
        assert_eq!(site.bench.data.body("threads", document()).as_deref(), Some(r#"{"n":1}"#));
        assert_eq!(step(&site, "upgrade:1", Some("{}")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_package_without_steps_has_none_to_do() {
        let site = site_with(Bench::new(), guests::SHOW, guests::HELLO).await;
        assert_eq!(step(&site, "upgrade:0", None).await.unwrap(), None);
    }

    #[tokio::test]
    async fn while_documents_are_copied_commands_wait_and_queries_go_on() {
        let mut bench = Bench::new();
        bench.upgrading = true;
        let site = site_with(bench, guests::SHOW, guests::ADD_ONE).await;
        site.store(0);
        assert_eq!(site.submit("form:1").await.unwrap_err(), CallError::Busy);
        assert_eq!(site.bench.data.body("threads", document()).as_deref(), Some(r#"{"n":0}"#));
        assert!(site.engine.view(site.bench.context(&site.hash), Default::default()).await.is_ok());
    }

    #[test]
    fn a_document_that_one_index_can_not_take_keeps_its_keys_in_the_others() {
        let bench = Bench::new();
        let dir = tempfile::tempdir().unwrap();
        let engine = crate::call::tests::engine(&bench, &dir);
        let keys = |collection: &str, body: &str| engine.index_keys(&bench.manifest, collection, Uuid::from_u128(1), body);
        assert_eq!(keys("threads", r#"{"board":"a","posted":1}"#).unwrap().len(), 1);
        assert_eq!(keys("undeclared", "{}"), Ok(Vec::new()));
        let refused = keys("threads", r#"{"board":"a","posted":1.5}"#).unwrap_err();
        assert_eq!((refused.index.as_str(), refused.keys.len()), ("latest", 0));
        assert!(refused.reason.contains("fraction"), "{refused}");
    }
}
