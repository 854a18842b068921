//! `store`: the plugin's own documents. Reads go into the read set and see this call's own writes; writes wait in
//! [`Pending`](crate::pending::Pending) until the call has ended well.

use crate::bindings::store::{Document, Host, Page, Range};
use crate::bindings::types;
use crate::keys;
use crate::ranges;
use crate::state::{CallState, Refusal, answered, refusal};
use serde_json::{Map, Value};
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::ids::{fresh_uuid, parse_uuid};
use tsudoi_kernel::manifest::Index;
use tsudoi_kernel::ports::{IndexKey, StoredDocument, Stretch};
use uuid::Uuid;

const INTERFACE: &str = "store";
/// Documents of one answer, ids and ranges of one question, and how far a count goes.
const MAX_AT_ONCE: u32 = 1_000;
const MAX_RANGES: usize = 100;
/// Documents that are asked for in one question: so many of the largest are in memory before anybody looks at how much
/// they are together.
const BATCH: usize = 128;

impl Host for CallState {
    async fn get(&mut self, collection: String, ids: Vec<String>) -> wasmtime::Result<Result<Vec<Option<Document>>, types::Error>> {
        self.enter(collection.len() + ids.iter().map(String::len).sum::<usize>())?;
        answered(self.documents(&collection, ids).await)
    }

    async fn scan(&mut self, range: Range, limit: u32, cursor: Option<String>) -> wasmtime::Result<Result<Page, types::Error>> {
        self.enter(size_of_range(&range) + cursor.as_ref().map_or(0, String::len))?;
        answered(self.scanned(range, limit, cursor).await)
    }

    async fn counts(&mut self, ranges: Vec<Range>, at_most: u32) -> wasmtime::Result<Result<Vec<u32>, types::Error>> {
        self.enter(ranges.iter().map(size_of_range).sum())?;
        answered(self.counted(ranges, at_most).await)
    }

    async fn insert(&mut self, collection: String, body: String) -> wasmtime::Result<Result<String, types::Error>> {
        self.enter(collection.len() + body.len())?;
        answered(self.inserted(&collection, body).await)
    }

    async fn put(&mut self, collection: String, id: String, body: String) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(collection.len() + id.len() + body.len())?;
        answered(self.written(&collection, &id, body, None).await)
    }

    async fn replace(
        &mut self,
        collection: String,
        id: String,
        body: String,
        expected: String,
    ) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(collection.len() + id.len() + body.len() + expected.len())?;
        answered(self.written(&collection, &id, body, Some(expected)).await)
    }

    async fn delete(&mut self, collection: String, id: String) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(collection.len() + id.len())?;
        answered(self.deleted(&collection, &id).await)
    }
}

fn size_of_range(range: &Range) -> usize {
    range.collection.len() + range.index.len() + range.equal.iter().map(String::len).sum::<usize>()
}

/// As the guest sees it.
fn shown(document: &StoredDocument) -> Document {
    Document {
        id: document.id.to_string(),
        revision: document.revision.clone(),
        body: document.body.clone(),
        created: document.created.millis(),
        updated: document.updated.millis(),
    }
}

fn malformed(error: impl std::fmt::Display) -> Refusal {
    refusal("malformed", error.to_string())
}

impl CallState {
    fn declared(&self, collection: &str) -> Result<(), Refusal> {
        if self.context.installation.manifest.collections.contains_key(collection) {
            Ok(())
        } else {
            Err(refusal("undeclared", "the manifest declares no such collection"))
        }
    }

    fn may_write(&self, collection: &str) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        self.declared(collection)
    }

    fn stretch(&self, range: &Range) -> Result<Stretch, Refusal> {
        self.declared(&range.collection)?;
        let index = self.context.installation.manifest.index(&range.collection, &range.index);
        let index = index.ok_or_else(|| refusal("undeclared", "the manifest declares no such index"))?;
        ranges::stretch(range, index).map_err(malformed)
    }

    async fn documents(&mut self, collection: &str, ids: Vec<String>) -> Result<Vec<Option<Document>>, Refusal> {
        self.may_use(INTERFACE)?;
        self.declared(collection)?;
        if ids.len() > MAX_AT_ONCE as usize {
            return Err(refusal("too-large", format!("at most {MAX_AT_ONCE} ids at once")));
        }
        // What is not an id has no document.
        let ids = ids.iter().map(|id| parse_uuid(id).ok()).collect::<Vec<_>>();
        let stored = ids.iter().flatten().copied().filter(|id| !self.pending.is_touched(collection, *id)).collect();
        let stored = self.load(collection, stored).await?;
        let mut answer = Vec::with_capacity(ids.len());
        for id in ids {
            let document = id.and_then(|id| match self.pending.get(collection, id) {
                Some(pended) => pended.map(shown),
                None => stored.iter().find(|document| document.id == id).map(shown),
            });
            self.carry(document.as_ref().map_or(0, |document| document.body.len() + 100))?;
            answer.push(document);
        }
        Ok(answer)
    }

    /// The stored documents among `ids`, as others left them, each once.
    async fn load(&mut self, collection: &str, mut ids: Vec<Uuid>) -> Result<Vec<StoredDocument>, Refusal> {
        self.count_read(ids.len())?;
        ids.sort_unstable();
        ids.dedup();
        let mut documents = Vec::with_capacity(ids.len());
        let mut held = 0;
        for batch in ids.chunks(BATCH) {
            let (scope, name, asked) = (self.scope(), collection.to_owned(), batch.to_vec());
            let found = self.ask(move |data| async move { data.documents(scope, name, asked).await }).await?;
            for id in batch {
                let read = Read::Document { installation: scope.installation, collection: collection.to_owned(), id: *id };
                self.read(read, found.number);
            }
            self.hold(&mut held, found.value.iter().flatten())?;
            documents.extend(found.value.into_iter().flatten());
        }
        Ok(documents)
    }

    /// Ends the call where what one question holds in memory is more than could ever be answered.
    fn hold<'a>(&mut self, held: &mut usize, documents: impl Iterator<Item = &'a StoredDocument>) -> Result<(), Refusal> {
        *held += documents.map(|document| document.body.len()).sum::<usize>();
        let most = self.ports.limits.boundary_bytes;
        if *held > most { Err(self.refuse(format!("more than {most} bytes of documents at once")).into()) } else { Ok(()) }
    }

    async fn scanned(&mut self, range: Range, limit: u32, cursor: Option<String>) -> Result<Page, Refusal> {
        self.may_use(INTERFACE)?;
        let whole = self.stretch(&range)?;
        if limit == 0 {
            return Err(malformed("a limit of 0 documents"));
        }
        let limit = limit.min(MAX_AT_ONCE) as usize;
        let (scope, descending) = (self.scope(), range.descending);
        let mut rest = whole.clone();
        if let Some(cursor) = cursor {
            let last = self.ports.cursors.open(scope, &whole, descending, &cursor).map_err(malformed)?;
            if descending {
                rest.to = last;
            } else {
                rest.from = keys::after(&last);
            }
        }
        if rest.from >= rest.to {
            return Ok(Page { documents: Vec::new(), next: None });
        }

        let stored = self.load_stretch(&rest, descending, limit + 1, true).await?;
        let mut rows =
            stored.iter().map(|(key, document)| (key.as_slice(), document)).chain(self.pending.within(&rest)).collect::<Vec<_>>();
        rows.sort_by(|(left, _), (right, _)| if descending { right.cmp(left) } else { left.cmp(right) });
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|(last, _)| self.ports.cursors.seal(scope, &whole, descending, last));
        let documents = rows.into_iter().map(|(_, document)| shown(document)).collect::<Vec<_>>();
        self.carry(documents.iter().map(|document| document.body.len() + 100).sum())?;
        Ok(Page { documents, next })
    }

    /// The first documents of a stretch that this call has not touched itself: `wanted` of them, or all there are;
    /// without `bodies` only what stands where. What was seen of the stretch goes into the read set: up to the last
    /// document fetched, or to its bound, each batch at the number at which it was read.
    async fn load_stretch(
        &mut self,
        stretch: &Stretch,
        descending: bool,
        wanted: usize,
        bodies: bool,
    ) -> Result<Vec<(Vec<u8>, StoredDocument)>, Refusal> {
        // Those that it touched may stand under old keys among the rows.
        let wanted = wanted + self.pending.touched(&stretch.collection);
        let (mut rest, mut rows, mut held) = (stretch.clone(), Vec::new(), 0);
        while rows.len() < wanted && rest.from < rest.to {
            let batch = (wanted - rows.len()).min(BATCH);
            let (scope, asked, limit) = (self.scope(), rest.clone(), u32::try_from(batch).unwrap_or(u32::MAX));
            let found = self.ask(move |data| async move { data.scan(scope, asked, descending, limit).await }).await?;
            let last = found.value.last().filter(|_| found.value.len() >= batch).map(|(key, _)| key.clone());
            let mut seen = rest.clone();
            match &last {
                Some(last) if descending => seen.from.clone_from(last),
                Some(last) => seen.to = keys::after(last),
                None => {}
            }
            self.read_stretch(&seen, found.number);
            self.count_read(found.value.len())?;
            for (key, mut document) in found.value {
                if !bodies {
                    document.body = String::new();
                }
                self.hold(&mut held, std::iter::once(&document))?;
                rows.push((key, document));
            }
            match last {
                Some(last) if descending => rest.to = last,
                Some(last) => rest.from = keys::after(&last),
                None => break,
            }
        }
        rows.retain(|(_, document)| !self.pending.is_touched(&stretch.collection, document.id));
        Ok(rows)
    }

    fn read_stretch(&mut self, stretch: &Stretch, number: u64) {
        let read = Read::Stretch {
            installation: self.context.installation.id,
            collection: stretch.collection.clone(),
            index: stretch.index.clone(),
            from: stretch.from.clone(),
            to: stretch.to.clone(),
        };
        self.read(read, number);
    }

    async fn counted(&mut self, ranges: Vec<Range>, at_most: u32) -> Result<Vec<u32>, Refusal> {
        self.may_use(INTERFACE)?;
        if ranges.len() > MAX_RANGES {
            return Err(refusal("too-large", format!("at most {MAX_RANGES} ranges at once")));
        }
        let at_most = at_most.min(MAX_AT_ONCE);
        let stretches = ranges.iter().map(|range| self.stretch(range)).collect::<Result<Vec<_>, _>>()?;
        let mut counts = vec![0; stretches.len()];
        let mut asked = Vec::new();
        for (place, stretch) in stretches.into_iter().enumerate() {
            if stretch.from >= stretch.to || at_most == 0 {
                continue;
            }
            if self.pending.touched(&stretch.collection) == 0 {
                asked.push((place, stretch));
            } else {
                // Which of the stored rows this call has moved can't be told from their number.
                let stored = self.load_stretch(&stretch, false, at_most as usize, false).await?;
                let own = self.pending.within(&stretch).count();
                counts[place] = u32::try_from(stored.len() + own).unwrap_or(u32::MAX).min(at_most);
            }
        }
        if !asked.is_empty() {
            let (scope, stretches) = (self.scope(), asked.iter().map(|(_, stretch)| stretch.clone()).collect::<Vec<_>>());
            let found = self.ask(move |data| async move { data.counts(scope, stretches, at_most).await }).await?;
            for ((place, stretch), count) in asked.into_iter().zip(found.value) {
                self.read_stretch(&stretch, found.number);
                // Keys are cheaper than documents.
                self.count_read(1 + count as usize / 100)?;
                counts[place] = count;
            }
        }
        Ok(counts)
    }

    async fn inserted(&mut self, collection: &str, body: String) -> Result<String, Refusal> {
        self.may_write(collection)?;
        let id = fresh_uuid(self.now, self.ports.random.as_ref());
        self.write(collection, id, body, None).await?;
        Ok(id.to_string())
    }

    async fn written(&mut self, collection: &str, id: &str, body: String, expected: Option<String>) -> Result<(), Refusal> {
        self.may_write(collection)?;
        let replaces = expected.is_some();
        let id = parse_uuid(id).map_err(|_| if replaces { refusal("not-found", "no such document") } else { malformed("not an id") })?;
        let previous = self.current(collection, id).await?;
        if let Some(expected) = expected {
            let Some(previous) = &previous else { return Err(refusal("not-found", "no such document")) };
            if previous.revision != expected {
                return Err(refusal("changed", "someone else has written this document since"));
            }
        }
        self.write(collection, id, body, previous).await
    }

    async fn deleted(&mut self, collection: &str, id: &str) -> Result<(), Refusal> {
        self.may_write(collection)?;
        let id = parse_uuid(id).map_err(|_| refusal("not-found", "no such document"))?;
        if self.current(collection, id).await?.is_none() {
            return Err(refusal("not-found", "no such document"));
        }
        self.count_written()?;
        self.pending.delete(collection, true, id);
        Ok(())
    }

    /// The document as this call sees it.
    async fn current(&mut self, collection: &str, id: Uuid) -> Result<Option<StoredDocument>, Refusal> {
        if let Some(pended) = self.pending.get(collection, id) {
            return Ok(pended.cloned());
        }
        Ok(self.load(collection, vec![id]).await?.pop())
    }

    async fn write(&mut self, collection: &str, id: Uuid, body: String, previous: Option<StoredDocument>) -> Result<(), Refusal> {
        let most = self.ports.limits.document_bytes;
        if body.len() > most {
            return Err(refusal("too-large", format!("a document has at most {most} bytes")));
        }
        let fields = serde_json::from_str::<Map<String, Value>>(&body).map_err(|_| malformed("a document is a JSON object"))?;
        let keys = self.keys(collection, &fields, id)?;
        self.count_written()?;
        // What stands under the document's own old keys is the document itself.
        let old = match previous.as_ref().and_then(|previous| serde_json::from_str::<Map<String, Value>>(&previous.body).ok()) {
            Some(fields) => self.keys(collection, &fields, id).unwrap_or_default(),
            None => Vec::new(),
        };
        for key in keys.iter().filter(|key| !old.contains(key)) {
            self.check_unique(collection, id, key).await?;
        }
        let revision = fresh_uuid(self.now, self.ports.random.as_ref()).to_string();
        let created = previous.as_ref().map_or(self.now, |previous| previous.created);
        let document = StoredDocument { id, revision, body, created, updated: self.now };
        self.pending.put(collection, previous.is_some(), document, keys);
        Ok(())
    }

    fn keys(&self, collection: &str, fields: &Map<String, Value>, id: Uuid) -> Result<Vec<IndexKey>, Refusal> {
        let collections = &self.context.installation.manifest.collections;
        let indexes = collections.get(collection).into_iter().flat_map(|collection| &collection.indexes);
        keys::document_keys(indexes, fields, id).map_err(|(index, error)| {
            let code = if error == keys::KeyError::TooLong { "too-large" } else { "malformed" };
            refusal(code, format!("index `{index}`: {error}"))
        })
    }

    /// That no other document stands under a key of a unique index; that it was absent goes into the read set.
    async fn check_unique(&mut self, collection: &str, id: Uuid, key: &IndexKey) -> Result<(), Refusal> {
        let index = self.context.installation.manifest.index(collection, &key.index);
        if !index.is_some_and(|index: &Index| index.unique) {
            return Ok(());
        }
        let stretch =
            Stretch { collection: collection.to_owned(), index: key.index.clone(), from: key.key.clone(), to: keys::after(&key.key) };
        let own = self.pending.within(&stretch).any(|(_, document)| document.id != id);
        let others = self.load_stretch(&stretch, false, 1, false).await?;
        if own || others.iter().any(|(_, document)| document.id != id) {
            return Err(refusal("duplicate", format!("index `{}` has this key already", key.index)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
