//! Whoever changes the site: which organisation's, and in whose name. What an editor can do is in `pages`, `site` and
//! `files`.

use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::{AccountId, OrganisationId};
use tsudoi_store::{AuditEntry, ChangeTransaction, OrganisationStore};

pub struct Editor {
    pub(crate) services: Services,
    pub(crate) store: OrganisationStore,
    pub(crate) by: Option<AccountId>,
}

impl Services {
    /// Whoever is visiting; whether they may, `web` has asked.
    pub fn editor(&self, visit: &Visit) -> Editor {
        let by = visit.session.as_ref().map(|session| session.account);
        self.editor_of(visit.organisation.id, by)
    }

    /// For the command line and the demo: in nobody's name, or in that of an account.
    pub fn editor_of(&self, organisation: OrganisationId, by: Option<AccountId>) -> Editor {
        Editor { services: self.clone(), store: self.store().organisation(organisation), by }
    }
}

impl Editor {
    pub(crate) async fn begin(&self) -> Result<ChangeTransaction, ServiceError> {
        Ok(self.store.begin_change(self.services.now()).await?)
    }

    pub(crate) async fn record(
        &self,
        transaction: &ChangeTransaction,
        action: &str,
        subject: String,
        detail: &str,
    ) -> Result<(), ServiceError> {
        let entry = AuditEntry { id: self.services.fresh_id(), by: self.by, action: action.to_owned(), subject, detail: detail.to_owned() };
        Ok(transaction.record(&entry).await?)
    }
}
