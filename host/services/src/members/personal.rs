//! One member's data across all plugins, from the manifests alone: a collection says which field holds the member whom a
//! document is about, and what becomes of it when that member is erased. No plugin is called.

use crate::editor::Editor;
use crate::{ServiceError, Services};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tsudoi_kernel::calls::Installation;
use tsudoi_kernel::manifest::{Collection, MemberLink, OnErase};
use tsudoi_kernel::ports::{StoredDocument, Write};
use tsudoi_kernel::{FileId, MemberId};
use tsudoi_store::StoreError;
use uuid::Uuid;

/// Documents that are looked through at a time.
const BATCH: u32 = 200;
/// How often everything is looked through before it is said that somebody keeps writing.
const PASSES: u32 = 5;

/// What was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    pub deleted: u64,
    pub anonymised: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error("a plugin is being updated here: try again when that is over")]
    Upgrading,
    #[error("documents about this member keep being written: switch off what writes them, and try again")]
    Restless,
    #[error("the document {document} of {plugin} can't be anonymised: {reason}")]
    Unindexed { plugin: String, document: Uuid, reason: String },
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for EraseError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl Editor {
    /// Everything that is kept here about a member, as JSON: the record, answers to forms, invoices and payments, the timeline, and documents of plugins, of those
    /// that are off or uninstalled too.
    pub async fn export_member_data(&self, member: MemberId) -> Result<Value, ServiceError> {
        let record = self.store.member(member).await?.ok_or(ServiceError::NotFound)?;
        let installations = self.store.installations_of_any_state().await?;
        let mut plugins = Vec::new();
        for (state, installation) in &installations {
            // A copy of what the current one has had.
            if !matches!(state.as_str(), "current" | "kept") {
                continue;
            }
            let (mut collections, mut files) = (Map::new(), Vec::new());
            for (name, collection) in &installation.manifest.collections {
                let Some(link) = &collection.member else { continue };
                let mut shown = Vec::new();
                for document in self.linked(installation, name, link, member).await? {
                    let body: Map<String, Value> = serde_json::from_str(&document.body)?;
                    for file in link.files_of(&body) {
                        files.extend(self.written_out(installation, file).await?);
                    }
                    shown.push(json!({ "id": document.id, "created": document.created, "updated": document.updated, "body": body }));
                }
                if !shown.is_empty() {
                    collections.insert(name.clone(), shown.into());
                }
            }
            if !collections.is_empty() {
                let manifest = &installation.manifest;
                plugins.push(
                    json!({ "plugin": manifest.id, "version": manifest.version, "state": state, "documents": collections, "files": files }),
                );
            }
        }
        let plugin_of = |id| {
            installations.iter().find(|(_, installation)| installation.id == id).map(|(_, installation)| installation.manifest.id.clone())
        };
        let line = |entry: tsudoi_store::TimelineEntry| {
            let data: Value = serde_json::from_str(&entry.data).unwrap_or(Value::Null);
            json!({ "plugin": plugin_of(entry.installation), "kind": entry.kind, "summary": entry.summary, "data": data, "at": entry.at })
        };
        let timeline: Vec<Value> = self.store.timeline(member, None).await?.into_iter().rev().map(line).collect();
        let added = self.store.member_values(member).await?.into_iter();
        let added: Vec<Value> = added.map(|(plugin, field, value)| json!({ "plugin": plugin, "field": field, "value": value })).collect();
        let forms = self.store.forms().await?;
        let answered = |answer: tsudoi_store::Answer| {
            let form = forms.iter().find(|listed| listed.form.id == answer.form).map(|listed| &listed.form.form);
            let label = |key: &String| form.and_then(|form| form.fields.iter().find(|field| field.key == *key)).map(|field| &field.label);
            let values: Vec<Value> = answer.values.iter().map(|(key, value)| json!({ "field": label(key), "value": value })).collect();
            json!({ "form": form.map(|form| &form.name), "answered": answer.created, "state": answer.state, "values": values })
        };
        let answers: Vec<Value> = self.store.answers_of_member(member).await?.into_iter().map(answered).collect();
        let contacts = self.store.contacts(member).await?;
        let period = |entry: tsudoi_store::PeriodEntry| {
            let period = entry.period;
            json!({
                "type": period.member_type, "begins": period.begins, "ends": period.ends, "left": period.left, "note": entry.note,
                "entered": entry.created, "replaced": entry.replaced,
            })
        };
        let periods: Vec<Value> = self.store.period_entries(member).await?.into_iter().rev().map(period).collect();
        let money = self.services.money_of_member(&self.store, member).await?;
        let transaction = self.begin().await?;
        self.record(&transaction, "member-exported", format!("member:{member}"), &record.number).await?;
        transaction.commit().await?;
        Ok(json!({
            "exported": self.services.now(),
            "member": {
                "id": record.id, "number": record.number, "family-name": record.family_name, "given-name": record.given_name,
                "family-kana": record.family_kana, "given-kana": record.given_kana, "display-name": record.display_name,
                "email": record.email, "tier": record.tier, "labels": record.labels, "joined-on": record.joined_on,
                "born-on": record.born_on, "type": record.member_type, "status": record.status, "note": record.note,
                "contacts": contacts.contacts, "addresses": contacts.addresses, "periods": periods,
            },
            "added": added,
            "forms": answers,
            "money": money,
            "timeline": timeline,
            "plugins": plugins,
        }))
    }

    /// Takes a member out of everything that is kept here: documents of all plugins, of those that are off, uninstalled or
    /// replaced too, and then the member's own record with the account, where it opens nothing else.
    pub async fn erase_member_data(&self, member: MemberId) -> Result<Erased, EraseError> {
        let record = self.store.member(member).await?.ok_or(ServiceError::NotFound)?;
        let (mut erased, mut files) = (Erased::default(), Vec::new());
        for pass in 0.. {
            // What is copied meanwhile would bring documents back.
            if self.store.upgrades().await?.iter().any(tsudoi_store::Upgrade::is_running) {
                return Err(EraseError::Upgrading);
            }
            let found = self.erase_documents(member, &mut files).await?;
            if found == Erased::default() {
                break;
            }
            if pass >= PASSES {
                return Err(EraseError::Restless);
            }
            erased.deleted += found.deleted;
            erased.anonymised += found.anonymised;
        }
        let mut transaction = self.begin().await?;
        transaction.forget_import_rows(member).await?;
        transaction.erase_member(member).await?;
        self.record(&transaction, "member-erased", format!("member:{member}"), &record.number).await?;
        transaction.commit().await?;
        // What a command that was under way has written up to that commit; later ones find no such member.
        let late = self.erase_documents(member, &mut files).await?;
        // Of what they sent nothing stays, not even until the next sweep.
        self.services.forget_unnamed_files(self.store.id(), &files).await?;
        Ok(Erased { deleted: erased.deleted + late.deleted, anonymised: erased.anonymised + late.anonymised })
    }

    async fn erase_documents(&self, member: MemberId, files: &mut Vec<FileId>) -> Result<Erased, EraseError> {
        let mut erased = Erased::default();
        for (_, installation) in self.store.installations_of_any_state().await? {
            for (name, collection) in &installation.manifest.collections {
                let Some(link) = &collection.member else { continue };
                let mut after = None;
                while let Some((last, found)) = self.next_linked(&installation, name, link, member, after).await? {
                    after = Some(last);
                    let (count, sent) = self.erase_batch(&installation, name, collection, link, member, &found).await?;
                    files.extend(sent);
                    match link.on_erase {
                        OnErase::Delete => erased.deleted += count,
                        OnErase::Anonymise => erased.anonymised += count,
                    }
                }
            }
        }
        Ok(erased)
    }

    /// One commit for the documents of a batch that are about the member, as they are under the clock. Answers how many they
    /// were, and their files.
    async fn erase_batch(
        &self,
        installation: &Installation,
        name: &str,
        collection: &Collection,
        link: &MemberLink,
        member: MemberId,
        found: &[StoredDocument],
    ) -> Result<(u64, Vec<FileId>), EraseError> {
        if found.is_empty() {
            return Ok((0, Vec::new()));
        }
        let ids: Vec<Uuid> = found.iter().map(|document| document.id).collect();
        let mut transaction = self.begin().await?;
        let (mut writes, mut files) = (Vec::new(), Vec::new());
        for document in transaction.documents_now(installation.id, name, &ids).await? {
            let Some(body) = about(&document, link, member) else { continue };
            let sent = link.files_of(&body);
            transaction.delete_plugin_files(installation.id, &sent).await?;
            files.extend(sent);
            writes.push(match link.on_erase {
                OnErase::Delete => Write::Delete { collection: name.to_owned(), id: document.id },
                OnErase::Anonymise => self.anonymised(installation, name, collection, link, document, body)?,
            });
        }
        transaction.write_documents(installation.id, &writes).await?;
        transaction.commit().await?;
        Ok((writes.len() as u64, files))
    }

    fn anonymised(
        &self,
        installation: &Installation,
        name: &str,
        collection: &Collection,
        link: &MemberLink,
        document: StoredDocument,
        mut body: Map<String, Value>,
    ) -> Result<Write, EraseError> {
        // Of two documents that were emptied a unique index could hold only one: there the field is left out.
        let unique: BTreeSet<&String> = collection.indexes.values().filter(|index| index.unique).flat_map(|index| &index.fields).collect();
        for field in link.anonymise.iter().chain(&link.files).chain([&link.field]) {
            match body.contains_key(field) {
                true if unique.contains(field) => drop(body.remove(field)),
                true => drop(body.insert(field.clone(), Value::Null)),
                false => {}
            }
        }
        let body = Value::Object(body).to_string();
        let keys = self.services.parts.upgrades.index_keys(&installation.manifest, name, document.id, &body);
        let keys = keys.map_err(|unindexed| EraseError::Unindexed {
            plugin: installation.manifest.id.clone(),
            document: document.id,
            reason: unindexed.to_string(),
        })?;
        let document = StoredDocument { revision: self.services.fresh_id().to_string(), body, updated: self.services.now(), ..document };
        Ok(Write::Put { collection: name.to_owned(), document, keys })
    }

    /// A file with its bytes in base64, where the plugin has it.
    async fn written_out(&self, installation: &Installation, id: FileId) -> Result<Option<Value>, ServiceError> {
        match self.store.plugin_file(installation.id, id).await? {
            Some(file) => Ok(Some(self.services.written_out(self.store.id(), &file).await?)),
            None => Ok(None),
        }
    }

    /// All documents of a collection that are about the member.
    async fn linked(
        &self,
        installation: &Installation,
        collection: &str,
        link: &MemberLink,
        member: MemberId,
    ) -> Result<Vec<StoredDocument>, ServiceError> {
        let (mut after, mut all) = (None, Vec::new());
        while let Some((last, found)) = self.next_linked(installation, collection, link, member, after).await? {
            after = Some(last);
            all.extend(found);
        }
        Ok(all)
    }

    /// Looks through the next batch of a collection, whether the link is indexed or not: the last document looked at, and
    /// those about the member.
    async fn next_linked(
        &self,
        installation: &Installation,
        collection: &str,
        link: &MemberLink,
        member: MemberId,
        after: Option<Uuid>,
    ) -> Result<Option<(Uuid, Vec<StoredDocument>)>, ServiceError> {
        let documents = self.store.documents_after(installation.id, collection, after, BATCH).await?;
        let Some(last) = documents.last().map(|document| document.id) else { return Ok(None) };
        Ok(Some((last, documents.into_iter().filter(|document| about(document, link, member).is_some()).collect())))
    }
}

/// The document's body where it is about the member.
fn about(document: &StoredDocument, link: &MemberLink, member: MemberId) -> Option<Map<String, Value>> {
    let body: Map<String, Value> = serde_json::from_str(&document.body).ok()?;
    let linked: MemberId = body.get(&link.field)?.as_str()?.parse().ok()?;
    (linked == member).then_some(body)
}

impl Services {
    /// The member with this number.
    pub async fn member_by_number(&self, editor: &Editor, number: &str) -> Result<Option<MemberId>, ServiceError> {
        Ok(editor.store.member_by_number(number).await?.map(|member| member.id))
    }
}

#[cfg(test)]
#[path = "personal_tests.rs"]
mod tests;
