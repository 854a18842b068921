//! Plugins without code: each shows one template that names the route, and answers every form by leading to `thanks`.

use super::TestServices;
use crate::plugins::Consent;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tsudoi_kernel::billing::{Charge, Checkout, GivingBack, Outcome, Saving, Settlement};
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId, Failure, PageRequest, Rendering, Reply};
use tsudoi_kernel::changes::{Read, ReadSet};
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::ports::{
    Boxed, IndexKey, InspectedPackage, PackageRefused, PluginCalls, PluginPackages, PluginUpgrades, UnindexedDocument,
};
use tsudoi_kernel::webhooks::{RememberedWebhook, WebhookAnswer, WebhookCall};
use tsudoi_kernel::{Locale, MemberId};
use tsudoi_store::PackageSummary;
use uuid::Uuid;

const TEMPLATE: &str = r#"<p>{{ route }}</p><form method="post" action="{{ plugin.base }}/write"><button>送る</button></form>"#;

/// Stands in for the runtime.
#[derive(Default)]
pub struct Parrot {
    /// Keys and amounts that its gateway was asked to give back.
    pub asked_back: Mutex<Vec<(String, i64)>>,
    /// Keys and amounts that it was asked to charge by saved methods.
    pub charged: Mutex<Vec<(String, i64)>>,
    /// So many times its gateway says that it can't just now.
    pub declines: AtomicU32,
    /// How its gateway's refunds and charges end, where not well.
    pub settles_as: Mutex<Option<Outcome>>,
}

fn answered<T: Send + 'static>(value: T) -> Boxed<'static, Result<Answered<T>, CallError>> {
    Box::pin(async { Ok(Answered::of(value, 0)) })
}

fn rendering(template: &str, route: &str) -> Rendering {
    Rendering { template: template.into(), data: json!({ "route": route }).into(), title: None }
}

fn refused<T>() -> Result<T, PackageRefused> {
    Err(PackageRefused { place: "test".into(), reason: "no package is opened in this test".into() })
}

impl PluginCalls for Parrot {
    fn view(&self, _: CallContext, request: PageRequest) -> Boxed<'_, Result<Answered<Reply>, CallError>> {
        answered(Reply::View(rendering("page.html", &request.route)))
    }
    fn submit(&self, _: CallContext, _: CallId, _: PageRequest) -> Boxed<'_, Result<Answered<Reply>, CallError>> {
        answered(Reply::Redirect("thanks".into()))
    }
    /// The block `own` shows whom it is for; others are the same for all.
    fn block(&self, context: CallContext, name: String, _: Value) -> Boxed<'_, Result<Answered<Rendering>, CallError>> {
        let member = context.visitor.member.as_ref().filter(|_| name == "own");
        let text = member.map_or_else(|| name.clone(), |member| format!("{name} {}", member.id));
        // The same name, the same answer.
        let named = Sha256::digest(&text).iter().take(8).fold(0, |named, byte| named << 8 | u64::from(*byte));
        let answer =
            Answered { of_member: name == "own", kept: Some(named), ..Answered::of(rendering("block.html", &text), context.number) };
        Box::pin(async { Ok(answer) })
    }
    /// Members whose ids stand in the parameter `members` meet every rule; `broken` traps and `busy` is that.
    fn rule(
        &self,
        context: CallContext,
        name: String,
        parameters: Value,
        members: Vec<MemberId>,
    ) -> Boxed<'_, Result<Answered<Vec<bool>>, CallError>> {
        let named = parameters["members"].as_array().cloned().unwrap_or_default();
        let met = members.iter().map(|id| named.contains(&json!(id))).collect();
        let mut reads = ReadSet::default();
        members.iter().for_each(|id| reads.add(Read::Member(*id), context.number));
        let answer = match name.as_str() {
            "broken" => Err(CallError::Trapped("the rule trapped".into())),
            "busy" => Err(CallError::Busy),
            _ => Ok(Answered { reads: Arc::new(reads), ..Answered::of(met, context.number) }),
        };
        Box::pin(async { answer })
    }
    fn begin_payment(&self, _: CallContext, _: CallId, charge: Charge) -> Boxed<'_, Result<Answered<Checkout>, CallError>> {
        answered(Checkout::Path(format!("pay/{}/{}", charge.invoice, charge.amount.minor)))
    }
    fn save_method(&self, _: CallContext, _: CallId, wish: Saving) -> Boxed<'_, Result<Answered<Checkout>, CallError>> {
        answered(Checkout::Path(format!("save/{}", wish.payer)))
    }
    fn charge_saved(&self, _: CallContext, _: CallId, charge: Charge) -> Boxed<'_, Result<Answered<Settlement>, CallError>> {
        self.charged.lock().unwrap().push((charge.key.clone(), charge.amount.minor));
        match self.declines.load(Ordering::SeqCst) {
            0 => {
                let outcome = self.settles_as.lock().unwrap().unwrap_or(Outcome::Paid);
                answered(Settlement { reference: format!("ch_{}", charge.key), outcome })
            }
            _ => {
                self.declines.fetch_sub(1, Ordering::SeqCst);
                Box::pin(async { Err(CallError::Declined(Failure::Unavailable("it is night".into()))) })
            }
        }
    }
    fn forget_method(&self, _: CallContext, _: CallId, _: MemberId, _: String) -> Boxed<'_, Result<Answered<()>, CallError>> {
        answered(())
    }
    fn give_back(&self, _: CallContext, _: CallId, wish: GivingBack) -> Boxed<'_, Result<Answered<Settlement>, CallError>> {
        self.asked_back.lock().unwrap().push((wish.key, wish.amount.minor));
        match self.declines.load(Ordering::SeqCst) {
            0 => {
                let outcome = self.settles_as.lock().unwrap().unwrap_or(Outcome::Refunded);
                answered(Settlement { reference: wish.reference, outcome })
            }
            _ => {
                self.declines.fetch_sub(1, Ordering::SeqCst);
                Box::pin(async { Err(CallError::Declined(Failure::Unavailable("it is night".into()))) })
            }
        }
    }
    fn webhook(&self, _: CallContext, _: CallId, call: WebhookCall) -> Boxed<'_, Result<Answered<WebhookAnswer>, CallError>> {
        answered(WebhookAnswer { status: 200, text: call.route })
    }
}

impl PluginPackages for Parrot {
    fn inspect(&self, _: &[u8]) -> Result<InspectedPackage, PackageRefused> {
        refused()
    }
    fn prepare(&self, _: String, _: Vec<u8>) -> Boxed<'_, Result<(), PackageRefused>> {
        Box::pin(async { refused() })
    }
}

/// Documents stand in each index under the JSON of the indexed fields, and a number that is no integer can't. A step
/// answers the next number up to the `steps` of the description, and declines at the number `fails`.
impl PluginUpgrades for Parrot {
    fn step(
        &self,
        context: CallContext,
        _: CallId,
        _: String,
        cursor: Option<String>,
    ) -> Boxed<'_, Result<Answered<Option<String>>, CallError>> {
        let script = context.installation.manifest.description.get(Locale::En).to_owned();
        let place: u32 = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        match script.split_once(' ') {
            Some(("steps", number)) if place < number.parse().unwrap_or(0) => answered(Some((place + 1).to_string())),
            Some(("endless", _)) => answered(Some(String::new())),
            Some(("fails", number)) if place == number.parse().unwrap_or(0) => {
                Box::pin(async { Err(CallError::Trapped("the step trapped".into())) })
            }
            Some(("fails", _)) => answered(Some((place + 1).to_string())),
            Some(("away", _)) => Box::pin(async { Err(CallError::Busy) }),
            _ => answered(None),
        }
    }

    fn index_keys(&self, manifest: &Manifest, collection: &str, id: Uuid, body: &str) -> Result<Vec<IndexKey>, UnindexedDocument> {
        let body: Value = serde_json::from_str(body).expect("a document is JSON");
        let mut keys = Vec::new();
        for (name, index) in manifest.collections.get(collection).iter().flat_map(|collection| &collection.indexes) {
            let values: Option<Vec<&Value>> = index.fields.iter().map(|field| body.get(field)).collect();
            let Some(values) = values else { continue };
            if values.iter().any(|value| value.is_f64()) {
                return Err(UnindexedDocument { index: name.clone(), reason: "a fraction can't be indexed".into(), keys });
            }
            let mut key = json!(values).to_string().into_bytes();
            if !index.unique {
                key.extend_from_slice(id.as_bytes());
            }
            keys.push(IndexKey { index: name.clone(), key });
        }
        Ok(keys)
    }
}

impl TestServices {
    /// A package without code, as the operator would have installed it. `more` goes over a manifest that asks for nothing.
    pub async fn parrot_package(&self, id: &str, version: &str, more: Value) -> PackageSummary {
        let name = json!({ "ja": "オウム", "en": "Parrot" });
        let mut manifest = json!({ "id": id, "version": version, "contract": "0.1", "name": name });
        for (key, value) in more.as_object().into_iter().flatten() {
            manifest[key] = value.clone();
        }
        let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
        let package = InspectedPackage {
            manifest: serde_json::from_value(manifest).expect("a manifest"),
            hash: Sha256::digest(format!("{id} {version}")).iter().map(|byte| format!("{byte:02x}")).collect(),
            size: 0,
            imports: Vec::new(),
            exports: Vec::new(),
            files: BTreeMap::from([
                file("templates/page.html", TEMPLATE),
                file("templates/block.html", "<p>{{ route }}</p>"),
                file("locales/ja.ftl", ""),
                file("locales/en.ftl", ""),
            ]),
        };
        self.services.parts.shelf.open(&package).expect("the template parses");
        let (store, now) = (self.services.store(), self.services.now());
        store.add_package_all_organisations(&package.hash, &package.manifest, b"", now).await.expect("a new package");
        PackageSummary { hash: package.hash, manifest: Arc::new(package.manifest), created: now }
    }

    /// A plugin with these routes (as in a manifest), enabled in `club`.
    pub async fn parrot(&self, id: &str, routes: Value) {
        self.parrot_with(id, json!({ "routes": routes })).await;
    }

    /// A plugin with these blocks, enabled in `club`.
    pub async fn parrot_with_blocks(&self, id: &str, blocks: &[&str]) {
        let block = |name: &&str| json!({ "name": name, "label": { "ja": "部品", "en": "Block" } });
        self.parrot_with(id, json!({ "blocks": blocks.iter().map(block).collect::<Vec<_>>() })).await;
    }

    /// A plugin with these rules, each with a list `members` for its parameter, enabled in `club`.
    pub async fn parrot_with_rules(&self, id: &str, rules: &[&str]) {
        let members = json!({ "type": "array", "label": { "ja": "会員", "en": "Members" }, "default": [] });
        let rule = |name: &&str| {
            let label = json!({ "ja": "名前がある", "en": "Is named" });
            json!({ "name": name, "label": label, "parameters": { "members": members } })
        };
        self.parrot_with(id, json!({ "rules": rules.iter().map(rule).collect::<Vec<_>>() })).await;
    }

    /// A plugin that takes these webhooks (as in a manifest) and has a secret `key`, enabled in `club`.
    pub async fn parrot_with_webhooks(&self, id: &str, webhooks: Value) {
        let secret = json!({ "name": "key", "label": { "ja": "鍵", "en": "Key" } });
        self.parrot_with(id, json!({ "webhooks": webhooks, "secrets": [secret] })).await;
    }

    /// What the runtime's commit of a call from outside leaves behind.
    pub async fn remember_webhook(&self, plugin: &str, keys: Vec<String>, answer: WebhookAnswer) {
        let organisation = self.services.store().organisation(self.organisation.id);
        let change = organisation.begin_change(self.services.now()).await.expect("a transaction");
        let event = RememberedWebhook { plugin: plugin.to_owned(), keys, answer };
        change.remember_webhook(&event).await.expect("a new event");
        change.commit().await.expect("a commit");
    }

    /// A plugin with this much of a manifest, enabled in `club`.
    pub async fn parrot_with(&self, id: &str, more: Value) {
        let package = self.parrot_package(id, "1.0.0", more).await;
        let editor = self.services.editor_of(self.organisation.id, None);
        editor.enable_plugin(id, &Consent::to_all(&package)).await.expect("the plugin is enabled");
    }
}
