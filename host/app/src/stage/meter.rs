//! Between the services and the engine, and between the engine and its data: notes what each call cost and what each commit
//! left behind, and changes nothing.

use serde::Serialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tsudoi_kernel::background::{Delivery, Job, PluginWork};
use tsudoi_kernel::billing::{Charge, Checkout, GivingBack, PluginInvoice, Receivable, Saving, Settlement};
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId, PageRequest, Rendering, Reply};
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::files::StoredFile;
use tsudoi_kernel::form::PlacedForm;
use tsudoi_kernel::invoice::InvoiceSettings;
use tsudoi_kernel::ports::{
    At, AudienceKeys, Boxed, Changes, Commit, Committed, DataError, Keyed, MemberRecord, MemberValues, PluginCalls, PluginData, Scope,
    StoredDocument, Stretch,
};
use tsudoi_kernel::time::NaiveDate;
use tsudoi_kernel::webhooks::{WebhookAnswer, WebhookCall};
use tsudoi_kernel::{FileId, MemberId, OrganisationId};
use tsudoi_runtime::Engine;
use tsudoi_store::Store;
use uuid::Uuid;

/// One call. What it cost is known where it answered.
#[derive(Debug, Clone, Serialize)]
pub struct Metered {
    /// Such as `view greetings` or `job nightly`.
    pub call: String,
    pub microseconds: u64,
    pub host_calls: u32,
    /// Documents and stretches of indexes.
    pub reads: usize,
    pub writes: u32,
    pub reruns: u32,
    pub cached: bool,
    /// Why it did not answer.
    pub failed: Option<String>,
}

#[derive(Default)]
struct Noted {
    calls: Vec<Metered>,
    effects: Vec<Effect>,
}

#[derive(Default)]
pub struct Meter(Mutex<Noted>);

impl Meter {
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn calls(&self) -> Vec<Metered> {
        self.noted().calls.clone()
    }

    /// What commits of the plugin left behind besides documents, in their order; without the host's own marks.
    pub fn effects(&self) -> Vec<Value> {
        let is_mark = |effect: &&Effect| matches!(effect, Effect::Handled(_) | Effect::Done(_) | Effect::RememberWebhook(_));
        self.noted().effects.iter().filter(|effect| !is_mark(effect)).map(|effect| json!(effect)).collect()
    }

    pub fn over_calls(self: &Arc<Self>, engine: Arc<Engine>) -> MeteredCalls {
        MeteredCalls { meter: self.clone(), engine }
    }

    pub fn over_data(self: &Arc<Self>, store: Store) -> MeteredData {
        MeteredData { meter: self.clone(), store }
    }

    async fn measured<T>(&self, call: String, running: Boxed<'_, Result<Answered<T>, CallError>>) -> Result<Answered<T>, CallError> {
        let began = stopwatch();
        let outcome = running.await;
        let microseconds = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let metered = match &outcome {
            Ok(answered) => {
                let is_data = |read: &&Read| matches!(read, Read::Document { .. } | Read::Stretch { .. });
                let reads = answered.reads.iter().map(|(read, _)| read).filter(is_data).count();
                let Answered { host_calls, written: writes, reruns, cached, .. } = *answered;
                Metered { call, microseconds, host_calls, reads, writes, reruns, cached, failed: None }
            }
            Err(error) => {
                let failed = Some(error.to_string());
                Metered { call, microseconds, host_calls: 0, reads: 0, writes: 0, reruns: 0, cached: false, failed }
            }
        };
        self.noted().calls.push(metered);
        outcome
    }
}

#[expect(clippy::disallowed_methods, reason = "it measures what a call costs, and nothing is decided by it")]
fn stopwatch() -> Instant {
    Instant::now()
}

pub struct MeteredCalls {
    meter: Arc<Meter>,
    engine: Arc<Engine>,
}

impl PluginCalls for MeteredCalls {
    fn view(&self, context: CallContext, request: PageRequest) -> Boxed<'_, Result<Answered<Reply>, CallError>> {
        let name = format!("view {}", request.route);
        Box::pin(self.meter.measured(name, self.engine.view(context, request)))
    }

    fn submit(&self, context: CallContext, call_id: CallId, request: PageRequest) -> Boxed<'_, Result<Answered<Reply>, CallError>> {
        let name = format!("submit {}", request.route);
        Box::pin(self.meter.measured(name, self.engine.submit(context, call_id, request)))
    }

    fn block(&self, context: CallContext, name: String, parameters: Value) -> Boxed<'_, Result<Answered<Rendering>, CallError>> {
        let call = format!("block {name}");
        Box::pin(self.meter.measured(call, self.engine.block(context, name, parameters)))
    }

    fn rule(
        &self,
        context: CallContext,
        name: String,
        parameters: Value,
        members: Vec<MemberId>,
    ) -> Boxed<'_, Result<Answered<Vec<bool>>, CallError>> {
        let call = format!("rule {name}");
        Box::pin(self.meter.measured(call, self.engine.rule(context, name, parameters, members)))
    }

    fn begin_payment(&self, context: CallContext, call_id: CallId, charge: Charge) -> Boxed<'_, Result<Answered<Checkout>, CallError>> {
        Box::pin(self.meter.measured("begin a payment".to_owned(), self.engine.begin_payment(context, call_id, charge)))
    }

    fn give_back(&self, context: CallContext, call_id: CallId, wish: GivingBack) -> Boxed<'_, Result<Answered<Settlement>, CallError>> {
        Box::pin(self.meter.measured("give back".to_owned(), self.engine.give_back(context, call_id, wish)))
    }

    fn save_method(&self, context: CallContext, call_id: CallId, wish: Saving) -> Boxed<'_, Result<Answered<Checkout>, CallError>> {
        Box::pin(self.meter.measured("save a method".to_owned(), self.engine.save_method(context, call_id, wish)))
    }

    fn charge_saved(&self, context: CallContext, call_id: CallId, charge: Charge) -> Boxed<'_, Result<Answered<Settlement>, CallError>> {
        Box::pin(self.meter.measured("charge a saved method".to_owned(), self.engine.charge_saved(context, call_id, charge)))
    }

    fn forget_method(
        &self,
        context: CallContext,
        call_id: CallId,
        payer: MemberId,
        key: String,
    ) -> Boxed<'_, Result<Answered<()>, CallError>> {
        Box::pin(self.meter.measured("forget a method".to_owned(), self.engine.forget_method(context, call_id, payer, key)))
    }

    fn webhook(&self, context: CallContext, call_id: CallId, call: WebhookCall) -> Boxed<'_, Result<Answered<WebhookAnswer>, CallError>> {
        let name = format!("webhook {}", call.route);
        Box::pin(self.meter.measured(name, self.engine.webhook(context, call_id, call)))
    }
}

impl PluginWork for MeteredCalls {
    fn handle(&self, context: CallContext, delivery: Delivery) -> Boxed<'_, Result<Answered<()>, CallError>> {
        let name = format!("event {}", delivery.event.topic);
        Box::pin(self.meter.measured(name, self.engine.handle(context, delivery)))
    }

    fn run_job(&self, context: CallContext, job: Job) -> Boxed<'_, Result<Answered<()>, CallError>> {
        let name = format!("job {}", job.name);
        Box::pin(self.meter.measured(name, self.engine.run_job(context, job)))
    }
}

pub struct MeteredData {
    meter: Arc<Meter>,
    store: Store,
}

impl PluginData for MeteredData {
    fn documents(&self, scope: Scope, collection: String, ids: Vec<Uuid>) -> Boxed<'_, Result<At<Vec<Option<StoredDocument>>>, DataError>> {
        self.store.documents(scope, collection, ids)
    }

    fn scan(&self, scope: Scope, stretch: Stretch, descending: bool, limit: u32) -> Boxed<'_, Result<At<Vec<Keyed>>, DataError>> {
        self.store.scan(scope, stretch, descending, limit)
    }

    fn counts(&self, scope: Scope, stretches: Vec<Stretch>, at_most: u32) -> Boxed<'_, Result<At<Vec<u32>>, DataError>> {
        self.store.counts(scope, stretches, at_most)
    }

    fn members(&self, organisation: OrganisationId, ids: Vec<MemberId>) -> Boxed<'_, Result<At<Vec<Option<MemberRecord>>>, DataError>> {
        PluginData::members(&self.store, organisation, ids)
    }

    fn member_values(
        &self,
        organisation: OrganisationId,
        plugin: String,
        ids: Vec<MemberId>,
    ) -> Boxed<'_, Result<At<Vec<MemberValues>>, DataError>> {
        PluginData::member_values(&self.store, organisation, plugin, ids)
    }

    fn member_ids(
        &self,
        organisation: OrganisationId,
        after: Option<MemberId>,
        limit: u32,
    ) -> Boxed<'_, Result<At<Vec<MemberId>>, DataError>> {
        self.store.member_ids(organisation, after, limit)
    }

    fn audience_keys(&self, organisation: OrganisationId) -> Boxed<'_, Result<At<AudienceKeys>, DataError>> {
        self.store.audience_keys(organisation)
    }

    fn file(&self, scope: Scope, id: FileId) -> Boxed<'_, Result<At<Option<StoredFile>>, DataError>> {
        PluginData::file(&self.store, scope, id)
    }

    fn invoice(
        &self,
        organisation: OrganisationId,
        plugin: String,
        id: Uuid,
        any: bool,
    ) -> Boxed<'_, Result<At<Option<PluginInvoice>>, DataError>> {
        PluginData::invoice(&self.store, organisation, plugin, id, any)
    }

    fn receivables(
        &self,
        organisation: OrganisationId,
        plugin: String,
        after: Option<(NaiveDate, Uuid)>,
        limit: u32,
    ) -> Boxed<'_, Result<At<Vec<Receivable>>, DataError>> {
        PluginData::receivables(&self.store, organisation, plugin, after, limit)
    }

    fn forms(&self, organisation: OrganisationId) -> Boxed<'_, Result<At<Vec<PlacedForm>>, DataError>> {
        PluginData::forms(&self.store, organisation)
    }

    fn invoice_settings(&self, organisation: OrganisationId) -> Boxed<'_, Result<At<Option<InvoiceSettings>>, DataError>> {
        PluginData::invoice_settings(&self.store, organisation)
    }

    fn changes(&self, organisation: OrganisationId, after: u64, to: u64) -> Boxed<'_, Result<Option<Changes>, DataError>> {
        self.store.changes(organisation, after, to)
    }

    fn commit(&self, commit: Commit) -> Boxed<'_, Result<Committed, DataError>> {
        Box::pin(async move {
            let effects = commit.effects.clone();
            let committed = self.store.commit(commit).await?;
            if matches!(committed, Committed::Done(_)) {
                self.meter.noted().effects.extend(effects);
            }
            Ok(committed)
        })
    }

    fn answer_of(&self, scope: Scope, call_id: CallId) -> Boxed<'_, Result<Option<Value>, DataError>> {
        self.store.answer_of(scope, call_id)
    }
}
