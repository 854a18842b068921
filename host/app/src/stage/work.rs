//! Time that passes on the stage, what becomes due in it, and what can be looked at afterwards.

use super::Stage;
use super::script::Event;
use anyhow::{Context, bail};
use futures::TryStreamExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tsudoi_kernel::Timestamp;
use tsudoi_kernel::background::Emitted;
use tsudoi_services::visits::{OrganisationKey, Visit};

/// Turns the clock to `until`, and stops on the way at each instant at which something is due. Answers how many events were
/// handled and jobs were run.
pub async fn pass(stage: &Stage, until: Timestamp) -> anyhow::Result<usize> {
    if until < stage.now() {
        bail!("the clock goes forward only");
    }
    let services = &stage.house.services;
    let mut done = 0;
    loop {
        services.make_scheduled_jobs().await?;
        done += services.do_all_due_work().await? + services.ask_gateways().await?;
        let now = stage.now();
        if now >= until {
            return Ok(done);
        }
        let next = stage.house.store.next_work_all_organisations(now).await?;
        stage.clock.set(next.unwrap_or(until).min(until));
    }
}

/// Told by whoever the topic belongs to; handled when the clock goes on, by `pass`.
pub async fn tell(stage: &Stage, event: Event) -> anyhow::Result<Value> {
    let emitted =
        Emitted { id: stage.house.services.fresh_id(), topic: event.topic, order_key: event.key, payload: event.payload, depth: 1 };
    let mut change = stage.house.store.organisation(stage.organisation.id).begin_change(stage.now()).await?;
    change.emit(None, &emitted).await?;
    change.commit().await?;
    Ok(Value::Null)
}

/// As staff would by the form.
pub async fn set(stage: &Stage, key: String, value: Value) -> anyhow::Result<Value> {
    let editor = stage.editor();
    let settings = editor.plugin_settings(&stage.plugin).await?;
    let declared = settings.settings.iter().find(|setting| setting.key == key);
    let declared = declared.with_context(|| format!("{} declares no setting {key}", stage.plugin))?;
    declared.declaration.check(&value).map_err(|error| anyhow::anyhow!("{key}: {error:?}"))?;
    let kept = settings.settings.iter().map(|setting| (setting.key.clone(), setting.value.clone()));
    let mut values: BTreeMap<String, Value> = kept.collect();
    values.insert(key, value);
    editor.set_plugin_settings(&stage.plugin, &settings.state, &values).await?;
    Ok(Value::Null)
}

async fn visit(stage: &Stage) -> anyhow::Result<Visit> {
    stage.house.services.visit(&OrganisationKey::Slug(super::SLUG.into())).await?.context("the organisation is gone")
}

/// The oldest first.
pub async fn mails(stage: &Stage) -> anyhow::Result<Value> {
    let mails = stage.house.services.inbox(&visit(stage).await?).await?;
    Ok(mails.iter().rev().map(|mail| json!({ "to": mail.recipient, "subject": mail.subject, "text": mail.body })).collect())
}

/// Events and jobs that failed too often.
pub async fn set_aside(stage: &Stage) -> anyhow::Result<Value> {
    let aside = stage.house.services.work_set_aside(&visit(stage).await?).await?;
    Ok(aside.iter().map(|aside| json!({ "what": aside.item.name, "reason": aside.item.reason, "detail": aside.item.detail })).collect())
}

/// Bodies with `_id`, in the order of their ids.
pub async fn documents(stage: &Stage, collection: &str) -> anyhow::Result<Value> {
    let installation = stage.editor().exportable(&stage.plugin).await?;
    if !installation.manifest.collections.contains_key(collection) {
        bail!("{} declares no collection {collection}", stage.plugin);
    }
    let export = stage.house.services.export_documents(stage.organisation.id, &installation).await?;
    futures::pin_mut!(export);
    let mut documents = Vec::new();
    while let Some(part) = export.try_next().await? {
        for line in part.lines() {
            let document: Value = serde_json::from_str(line)?;
            if document["collection"] == collection {
                documents.push(json!({ "id": document["id"], "body": document["body"] }));
            }
        }
    }
    Ok(documents.into())
}

/// What staff would be told about, the oldest first.
pub async fn failures(stage: &Stage) -> anyhow::Result<Value> {
    let failures = stage.house.services.recent_plugin_failures(&visit(stage).await?).await?;
    Ok(failures.iter().rev().map(|failure| json!({ "place": failure.place, "detail": failure.detail })).collect())
}
