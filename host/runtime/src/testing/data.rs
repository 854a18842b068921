//! Plugin data in memory, with the clock and the checks that the contract asks of a store, and with switches for what
//! can go wrong.

use crate::keys;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use tsudoi_kernel::billing::{Payer, PluginInvoice, Receivable};
use tsudoi_kernel::calls::CallId;
use tsudoi_kernel::changes::{Change, DocumentChange};
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::files::StoredFile;
use tsudoi_kernel::form::PlacedForm;
use tsudoi_kernel::invoice::{InvoiceDraft, InvoiceLine, InvoiceSettings, Recipient, Settled};
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::money::Currency;
use tsudoi_kernel::ports::{
    At, AudienceKeys, Boxed, Changes, Commit, Committed, DataError, IndexKey, Keyed, MemberRecord, MemberValues, PluginData, Scope,
    StoredDocument, Stretch, Write,
};
use tsudoi_kernel::tax::TaxKind;
use tsudoi_kernel::time::NaiveDate;
use tsudoi_kernel::{FileId, Gate, Locale, MemberId, OrganisationId, Timestamp};
use uuid::Uuid;

type Row = (StoredDocument, Vec<IndexKey>);
type Event = Box<dyn FnOnce(&MemoryData) + Send>;

#[derive(Default)]
struct Inside {
    number: u64,
    documents: BTreeMap<(String, Uuid), Row>,
    members: Vec<MemberRecord>,
    files: BTreeMap<FileId, StoredFile>,
    invoices: BTreeMap<Uuid, PluginInvoice>,
    unpaid: BTreeMap<Uuid, PluginInvoice>,
    invoice_settings: Option<InvoiceSettings>,
    forms: Vec<PlacedForm>,
    changes: Vec<(u64, Change)>,
    answers: Vec<(CallId, serde_json::Value)>,
    effects: Vec<Effect>,
    questions: u32,
    most_at_once: AtomicUsize,
    failing: bool,
    lose_the_answer_of_a_commit: bool,
    hanging: bool,
    after_read: Option<Event>,
    before_commits: Vec<Event>,
}

#[derive(Default)]
pub struct MemoryData(Mutex<Inside>);

impl MemoryData {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    /// What was to happen with the commits so far.
    pub fn effects(&self) -> Vec<Effect> {
        self.inside().effects.clone()
    }

    pub fn number(&self) -> u64 {
        self.inside().number
    }

    /// How often anything was asked.
    pub fn questions(&self) -> u32 {
        self.inside().questions
    }

    /// The most documents that any one question was answered with.
    pub fn most_at_once(&self) -> usize {
        self.inside().most_at_once.load(Ordering::Relaxed)
    }

    pub fn fail(&self, failing: bool) {
        self.inside().failing = failing;
    }

    /// From now on no read ever answers.
    pub fn hang(&self, hanging: bool) {
        self.inside().hanging = hanging;
    }

    /// The next commit takes effect, but whoever made it sees an error.
    pub fn lose_the_answer_of_a_commit(&self) {
        self.inside().lose_the_answer_of_a_commit = true;
    }

    /// Happens once, right after the next read.
    pub fn after_read(&self, event: impl FnOnce(&Self) + Send + 'static) {
        self.inside().after_read = Some(Box::new(event));
    }

    /// Happens once, right before the next commit that has none before it.
    pub fn before_commit(&self, event: impl FnOnce(&Self) + Send + 'static) {
        self.inside().before_commits.push(Box::new(event));
    }

    pub fn add_member(&self, id: u128, name: &str, tier: Option<&str>) {
        let id = MemberId(Uuid::from_u128(id));
        let record = MemberRecord {
            id,
            display_name: name.into(),
            tier: tier.map(Into::into),
            labels: vec![],
            joined_on: None,
            member_type: None,
            status: Default::default(),
        };
        self.inside().members.push(record);
    }

    /// One that the plugin may see.
    pub fn add_invoice(&self, id: u128, total: i64) {
        let invoice = Self::made_invoice(id, total);
        self.inside().invoices.insert(invoice.id, invoice);
    }

    /// One of the organisation's that is to be paid.
    /// One that is made for plugins, with a field that is asked and one that is retired.
    pub fn add_form(&self, id: u128, address: &str) {
        let field = |key: &str, retired| serde_json::json!({ "key": key, "kind": "text", "label": { "ja": "食べられないもの" }, "retired": retired });
        let form = serde_json::json!({
            "purpose": "plugin", "name": { "ja": "申し込み" }, "open": true, "reply": false, "fields": [field("f", false), field("g", true)],
        });
        let form = PlacedForm { id: Uuid::from_u128(id), address: address.to_owned(), form: serde_json::from_value(form).unwrap() };
        self.inside().forms.push(form);
    }

    pub fn add_unpaid(&self, id: u128, total: i64) {
        let invoice = Self::made_invoice(id, total);
        self.inside().unpaid.insert(invoice.id, invoice);
    }

    fn made_invoice(id: u128, total: i64) -> PluginInvoice {
        let settled = Settled { total, ..Settled::default() };
        let paper = InvoiceDraft {
            locale: Locale::Ja,
            recipient: Recipient::default(),
            lines: vec![InvoiceLine { name: "会費".into(), quantity: 1, unit: String::new(), price: total, kind: TaxKind::OutOfScope }],
            period: String::new(),
            note: String::new(),
            due_on: None,
        };
        let paper = paper.paper(&InvoiceSettings::default(), Currency::JPY, "1".into(), NaiveDate::default()).unwrap();
        PluginInvoice { id: Uuid::from_u128(id), member: None, reference: None, paper, settled }
    }

    pub fn set_invoice_settings(&self, settings: InvoiceSettings) {
        self.inside().invoice_settings = Some(settings);
    }

    pub fn add_file(&self, id: FileId, name: &str) {
        let (media_type, sha256) = ("text/plain".to_owned(), "00".repeat(32));
        let file = StoredFile { id, name: name.into(), media_type, size: 5, sha256, gate: Gate::Members };
        self.inside().files.insert(id, file);
    }

    /// Someone else's commit.
    pub fn touch(&self, change: Change) {
        let mut inside = self.inside();
        inside.number += 1;
        let number = inside.number;
        inside.changes.push((number, change));
    }

    /// Someone else's commit of one document; answers its revision.
    pub fn store(&self, collection: &str, id: Uuid, body: &str, manifest: &Manifest) -> String {
        let fields = serde_json::from_str(body).unwrap();
        let keys = keys::document_keys(manifest.collections[collection].indexes.iter(), &fields, id).unwrap();
        let revision = format!("stored at {}", self.number() + 1);
        let at = Timestamp::from_millis(1);
        let document = StoredDocument { id, revision: revision.clone(), body: body.into(), created: at, updated: at };
        let change = self.inside().apply(vec![Write::Put { collection: collection.into(), document, keys }]);
        self.touch(change);
        revision
    }

    pub fn body(&self, collection: &str, id: Uuid) -> Option<String> {
        self.inside().documents.get(&(collection.to_owned(), id)).map(|(document, _)| document.body.clone())
    }

    async fn answer<T>(&self, question: impl FnOnce(&Inside) -> T) -> Result<At<T>, DataError> {
        let hanging = self.inside().hanging;
        if hanging {
            std::future::pending::<()>().await;
        }
        let (answer, event) = {
            let mut inside = self.inside();
            inside.questions += 1;
            if inside.failing {
                return Err(DataError::Unavailable("the test says so".into()));
            }
            (At { number: inside.number, value: question(&inside) }, inside.after_read.take())
        };
        if let Some(event) = event {
            event(self);
        }
        Ok(answer)
    }
}

impl Inside {
    fn rows(&self, stretch: &Stretch) -> BTreeMap<Vec<u8>, StoredDocument> {
        let of_collection = self.documents.iter().filter(|((collection, _), _)| *collection == stretch.collection);
        let keyed = of_collection.flat_map(|(_, (document, keys))| keys.iter().map(move |key| (key, document)));
        let all = keyed.filter(|(key, _)| key.index == stretch.index).map(|(key, document)| (key.key.clone(), document.clone()));
        let all = all.collect::<BTreeMap<_, _>>();
        all.range((Bound::Included(stretch.from.clone()), Bound::Excluded(stretch.to.clone())))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    }

    fn apply(&mut self, writes: Vec<Write>) -> Change {
        let mut change = Change::default();
        for write in writes {
            let (collection, id, row) = match write {
                Write::Put { collection, document, keys } => (collection, document.id, Some((document, keys))),
                Write::Delete { collection, id } => (collection, id, None),
            };
            let place = (collection.clone(), id);
            let old = self.documents.remove(&place);
            let keys = old.iter().chain(&row).flat_map(|(_, keys)| keys).map(|key| (key.index.clone(), key.key.clone())).collect();
            if let Some(row) = row {
                self.documents.insert(place, row);
            }
            let installation = super::Bench::installation();
            change.documents.push(DocumentChange { installation, collection, id, keys });
        }
        change
    }
}

impl PluginData for MemoryData {
    fn documents(&self, _: Scope, collection: String, ids: Vec<Uuid>) -> Boxed<'_, Result<At<Vec<Option<StoredDocument>>>, DataError>> {
        Box::pin(self.answer(move |inside| {
            let find = |id: &Uuid| inside.documents.get(&(collection.clone(), *id)).map(|(document, _)| document.clone());
            inside.most_at_once.fetch_max(ids.len(), Ordering::Relaxed);
            ids.iter().map(find).collect()
        }))
    }

    fn scan(&self, _: Scope, stretch: Stretch, descending: bool, limit: u32) -> Boxed<'_, Result<At<Vec<Keyed>>, DataError>> {
        Box::pin(self.answer(move |inside| {
            let rows = inside.rows(&stretch).into_iter();
            let found: Vec<_> = if descending { rows.rev().take(limit as usize).collect() } else { rows.take(limit as usize).collect() };
            inside.most_at_once.fetch_max(found.len(), Ordering::Relaxed);
            found
        }))
    }

    fn counts(&self, _: Scope, stretches: Vec<Stretch>, at_most: u32) -> Boxed<'_, Result<At<Vec<u32>>, DataError>> {
        Box::pin(self.answer(move |inside| stretches.iter().map(|stretch| (inside.rows(stretch).len() as u32).min(at_most)).collect()))
    }

    fn members(&self, _: OrganisationId, ids: Vec<MemberId>) -> Boxed<'_, Result<At<Vec<Option<MemberRecord>>>, DataError>> {
        Box::pin(self.answer(move |inside| ids.iter().map(|id| inside.members.iter().find(|record| record.id == *id).cloned()).collect()))
    }

    /// All of them empty.
    fn member_values(&self, _: OrganisationId, _: String, ids: Vec<MemberId>) -> Boxed<'_, Result<At<Vec<MemberValues>>, DataError>> {
        Box::pin(self.answer(move |_| vec![MemberValues::new(); ids.len()]))
    }

    fn member_ids(&self, _: OrganisationId, after: Option<MemberId>, limit: u32) -> Boxed<'_, Result<At<Vec<MemberId>>, DataError>> {
        Box::pin(self.answer(move |inside| {
            let mut ids: Vec<MemberId> = inside.members.iter().map(|record| record.id).filter(|id| Some(*id) > after).collect();
            ids.sort_unstable();
            ids.truncate(limit as usize);
            ids
        }))
    }

    /// The tier `gold` and the label `press`.
    fn audience_keys(&self, _: OrganisationId) -> Boxed<'_, Result<At<AudienceKeys>, DataError>> {
        Box::pin(self.answer(|_| AudienceKeys { tiers: ["gold".to_owned()].into(), labels: ["press".to_owned()].into() }))
    }

    fn file(&self, _: Scope, id: FileId) -> Boxed<'_, Result<At<Option<StoredFile>>, DataError>> {
        Box::pin(self.answer(move |inside| inside.files.get(&id).cloned()))
    }

    fn invoice(&self, _: OrganisationId, _: String, id: Uuid, any: bool) -> Boxed<'_, Result<At<Option<PluginInvoice>>, DataError>> {
        Box::pin(self.answer(move |inside| inside.invoices.get(&id).or(inside.unpaid.get(&id).filter(|_| any)).cloned()))
    }

    fn receivables(
        &self,
        _: OrganisationId,
        _: String,
        after: Option<(NaiveDate, Uuid)>,
        limit: u32,
    ) -> Boxed<'_, Result<At<Vec<Receivable>>, DataError>> {
        Box::pin(self.answer(move |inside| {
            let payer = Payer { name: "山田 花子".into(), reading: "ヤマダ ハナコ".into(), number: "1".into() };
            let behind = inside.unpaid.iter().filter(|(id, _)| after.is_none_or(|(_, after)| **id > after));
            behind.take(limit as usize).map(|(_, invoice)| Receivable { invoice: invoice.clone(), payer: Some(payer.clone()) }).collect()
        }))
    }

    fn forms(&self, _: OrganisationId) -> Boxed<'_, Result<At<Vec<PlacedForm>>, DataError>> {
        Box::pin(self.answer(|inside| inside.forms.clone()))
    }

    fn invoice_settings(&self, _: OrganisationId) -> Boxed<'_, Result<At<Option<InvoiceSettings>>, DataError>> {
        Box::pin(self.answer(|inside| inside.invoice_settings.clone()))
    }

    fn changes(&self, _: OrganisationId, after: u64, to: u64) -> Boxed<'_, Result<Option<Changes>, DataError>> {
        let inside = self.inside();
        let found = inside.changes.iter().filter(|(number, _)| *number > after && *number <= to).cloned().collect::<Vec<_>>();
        // Every number has a row: where some are missing, the log does not reach that far.
        let complete = found.len() as u64 == to.saturating_sub(after);
        Box::pin(async move { Ok(complete.then_some(found)) })
    }

    fn commit(&self, commit: Commit) -> Boxed<'_, Result<Committed, DataError>> {
        let event = self.inside().before_commits.pop();
        if let Some(event) = event {
            event(self);
        }
        let mut inside = self.inside();
        let answer = if inside.failing {
            Err(DataError::Unavailable("the test says so".into()))
        } else if let Some((_, answer)) = inside.answers.iter().find(|(id, _)| *id == commit.call_id) {
            Ok(Committed::Already(answer.clone()))
        } else if inside.changes.iter().any(|(number, change)| commit.reads.is_touched_by(*number, change)) {
            Ok(Committed::Conflict)
        } else if inside.documents.len() as u64 + commit.writes.len() as u64 > commit.quota.documents {
            Ok(Committed::OverQuota)
        } else {
            inside.number += 1;
            let number = inside.number;
            let change = inside.apply(commit.writes);
            inside.changes.push((number, change));
            inside.answers.push((commit.call_id, commit.answer));
            inside.effects.extend(commit.effects);
            if std::mem::take(&mut inside.lose_the_answer_of_a_commit) {
                Err(DataError::Unavailable("the connection was lost".into()))
            } else {
                Ok(Committed::Done(number))
            }
        };
        Box::pin(async move { answer })
    }

    fn answer_of(&self, _: Scope, call_id: CallId) -> Boxed<'_, Result<Option<serde_json::Value>, DataError>> {
        let inside = self.inside();
        let answer = match inside.failing {
            true => Err(DataError::Unavailable("the test says so".into())),
            false => Ok(inside.answers.iter().find(|(id, _)| *id == call_id).map(|(_, answer)| answer.clone())),
        };
        Box::pin(async move { answer })
    }
}
