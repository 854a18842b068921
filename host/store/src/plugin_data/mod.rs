//! What plugins read and write: the port `PluginData` on the database. Each read is one statement that also returns
//! the organisation's clock, so what it read and the number agree; each commit is one transaction that takes the clock
//! first.

mod commit;
mod effects;
mod reads;

#[cfg(test)]
mod tests;

pub(crate) use commit::write_documents;

use crate::{Store, StoreError};
use serde_json::Value;
use tsudoi_kernel::billing::{PluginInvoice, Receivable};
use tsudoi_kernel::calls::CallId;
use tsudoi_kernel::files::StoredFile;
use tsudoi_kernel::form::PlacedForm;
use tsudoi_kernel::invoice::InvoiceSettings;
use tsudoi_kernel::ports::{
    At, AudienceKeys, Boxed, Changes, Commit, Committed, DataError, Keyed, MemberRecord, MemberValues, PluginData, Scope, StoredDocument,
    Stretch,
};
use tsudoi_kernel::time::NaiveDate;
use tsudoi_kernel::{FileId, MemberId, OrganisationId};
use uuid::Uuid;

fn boxed<'a, T: Send + 'a>(future: impl Future<Output = Result<T, StoreError>> + Send + 'a) -> Boxed<'a, Result<T, DataError>> {
    Box::pin(async move { future.await.map_err(DataError::from) })
}

impl PluginData for Store {
    fn documents(&self, scope: Scope, collection: String, ids: Vec<Uuid>) -> Boxed<'_, Result<At<Vec<Option<StoredDocument>>>, DataError>> {
        boxed(self.plugin_documents(scope, collection, ids))
    }

    fn scan(&self, scope: Scope, stretch: Stretch, descending: bool, limit: u32) -> Boxed<'_, Result<At<Vec<Keyed>>, DataError>> {
        boxed(self.plugin_scan(scope, stretch, descending, limit))
    }

    fn counts(&self, scope: Scope, stretches: Vec<Stretch>, at_most: u32) -> Boxed<'_, Result<At<Vec<u32>>, DataError>> {
        boxed(self.plugin_counts(scope, stretches, at_most))
    }

    fn members(&self, organisation: OrganisationId, ids: Vec<MemberId>) -> Boxed<'_, Result<At<Vec<Option<MemberRecord>>>, DataError>> {
        boxed(self.plugin_members(organisation, ids))
    }

    fn member_values(
        &self,
        organisation: OrganisationId,
        plugin: String,
        ids: Vec<MemberId>,
    ) -> Boxed<'_, Result<At<Vec<MemberValues>>, DataError>> {
        boxed(self.plugin_member_values(organisation, plugin, ids))
    }

    fn member_ids(
        &self,
        organisation: OrganisationId,
        after: Option<MemberId>,
        limit: u32,
    ) -> Boxed<'_, Result<At<Vec<MemberId>>, DataError>> {
        boxed(self.plugin_member_ids(organisation, after, limit))
    }

    fn audience_keys(&self, organisation: OrganisationId) -> Boxed<'_, Result<At<AudienceKeys>, DataError>> {
        boxed(self.plugin_audience_keys(organisation))
    }

    fn file(&self, scope: Scope, id: FileId) -> Boxed<'_, Result<At<Option<StoredFile>>, DataError>> {
        boxed(self.plugin_file(scope, id))
    }

    fn invoice(
        &self,
        organisation: OrganisationId,
        plugin: String,
        id: Uuid,
        any: bool,
    ) -> Boxed<'_, Result<At<Option<PluginInvoice>>, DataError>> {
        boxed(async move { self.plugin_invoice(organisation, &plugin, id, any).await })
    }

    fn receivables(
        &self,
        organisation: OrganisationId,
        plugin: String,
        after: Option<(NaiveDate, Uuid)>,
        limit: u32,
    ) -> Boxed<'_, Result<At<Vec<Receivable>>, DataError>> {
        boxed(async move { self.plugin_receivables(organisation, &plugin, after, limit).await })
    }

    fn forms(&self, organisation: OrganisationId) -> Boxed<'_, Result<At<Vec<PlacedForm>>, DataError>> {
        boxed(self.forms_for_plugins(organisation))
    }

    fn invoice_settings(&self, organisation: OrganisationId) -> Boxed<'_, Result<At<Option<InvoiceSettings>>, DataError>> {
        boxed(self.invoice_terms(organisation))
    }

    fn changes(&self, organisation: OrganisationId, after: u64, to: u64) -> Boxed<'_, Result<Option<Changes>, DataError>> {
        boxed(async move { commit::changes_between(&self.read(), organisation, after, to).await })
    }

    fn commit(&self, commit: Commit) -> Boxed<'_, Result<Committed, DataError>> {
        boxed(self.commit_plugin_call(commit))
    }

    fn answer_of(&self, scope: Scope, call_id: CallId) -> Boxed<'_, Result<Option<Value>, DataError>> {
        boxed(async move { commit::answer_of(&self.read(), scope, &call_id).await })
    }
}
