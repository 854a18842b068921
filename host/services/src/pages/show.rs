//! Reading pages: one for a visitor, and lists and histories for staff.

use super::body::PageBody;
use super::edit::PageUndo;
use super::path::PagePath;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use std::sync::Arc;
use tsudoi_kernel::{Gate, PageId, Timestamp};
use tsudoi_store::{Audience, ListedPage, PageRecord, Revision, Subject};
use uuid::Uuid;

/// What a visitor finds at a path.
#[derive(Debug, Clone, PartialEq)]
pub enum PageView {
    Open(Arc<OpenedPage>),
    /// The visitor may not enter; the text stays here. The audience names what the gate names.
    Denied {
        body: PageBody,
        audience: Box<Audience>,
    },
    Nothing,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OpenedPage {
    pub id: PageId,
    /// Never changes what it says, so it can be a cache's key.
    pub revision: Uuid,
    pub body: PageBody,
}

/// A page in the staff's list.
#[derive(Debug, Clone, PartialEq)]
pub struct PageSummary {
    pub page: PageRecord,
    pub body: PageBody,
    pub saved: Timestamp,
    pub by: Option<String>,
}

/// What an editor begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct PageDraft {
    pub page: PageRecord,
    /// The draft, else what is published.
    pub revision: Revision,
    pub body: PageBody,
    /// What taking back the last publication would lead to, where it can be taken back.
    pub undo: Option<PageUndo>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RevisionSummary<T> {
    pub revision: Revision,
    pub body: T,
}

impl Services {
    /// The page at `path`, gate asked. Staff who look as somebody else see drafts as published.
    pub async fn page_at(&self, visit: &Visit, path: &PagePath) -> Result<PageView, ServiceError> {
        let page = if visit.see_as.is_some() {
            let Some(found) = self.of(visit).shown_page(path.as_str(), true).await? else { return Ok(PageView::Nothing) };
            Arc::new(OpenedPage { id: found.id, revision: found.revision, body: serde_json::from_str(&found.body)? })
        } else {
            let Some(page) = self.published_page(visit, path.as_str()).await? else { return Ok(PageView::Nothing) };
            page
        };
        if page.body.gate.admits(&visit.visitor) {
            return Ok(PageView::Open(page));
        }
        let body = page.body.clone();
        let audience = match body.gate {
            Gate::Tiers { .. } | Gate::Labels { .. } | Gate::Segments { .. } => self.of(visit).audience().await?,
            Gate::Everyone | Gate::Members | Gate::Staff => Audience::default(),
        };
        Ok(PageView::Denied { body, audience: Box::new(audience) })
    }

    /// Tiers and labels, for gates.
    pub async fn audience(&self, visit: &Visit) -> Result<Audience, ServiceError> {
        Ok(self.of(visit).audience().await?)
    }

    /// By path, those that were deleted last.
    pub async fn pages(&self, visit: &Visit) -> Result<Vec<PageSummary>, ServiceError> {
        let summary = |listed: ListedPage| {
            Ok(PageSummary { body: serde_json::from_str(&listed.body)?, page: listed.page, saved: listed.saved, by: listed.by })
        };
        self.of(visit).pages().await?.into_iter().map(summary).collect()
    }

    /// [`ServiceError::NotFound`] also for one that was deleted.
    pub async fn page_draft(&self, visit: &Visit, id: PageId) -> Result<PageDraft, ServiceError> {
        let store = self.of(visit);
        let page = store.page(id).await?.filter(|page| page.deleted.is_none()).ok_or(ServiceError::NotFound)?;
        let head = page.head().ok_or(ServiceError::NotFound)?;
        let revision = store.revision(Subject::Page(id), head).await?.ok_or(ServiceError::NotFound)?;
        let body: PageBody = serde_json::from_str(&revision.body)?;
        let published = match page.published {
            Some(id) if id != head => store.revision(Subject::Page(page.id), id).await?,
            Some(_) => Some(revision.clone()),
            None => None,
        };
        let undo = match published.map(|published| published.replaced) {
            Some(Some(_)) => Some(PageUndo::Replaced),
            // A site is never without a home page.
            Some(None) if !body.path.is_home() => Some(PageUndo::Unpublished),
            Some(None) | None => None,
        };
        Ok(PageDraft { page, revision, body, undo })
    }

    pub async fn page_revision(&self, visit: &Visit, id: PageId, revision: Uuid) -> Result<RevisionSummary<PageBody>, ServiceError> {
        let revision = self.of(visit).revision(Subject::Page(id), revision).await?.ok_or(ServiceError::NotFound)?;
        Ok(RevisionSummary { body: serde_json::from_str(&revision.body)?, revision })
    }

    /// The latest first, at most `limit`, those before the revision `before`.
    pub async fn page_history(
        &self,
        visit: &Visit,
        id: PageId,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<RevisionSummary<PageBody>>, ServiceError> {
        let revisions = self.of(visit).revisions(Subject::Page(id), before, limit).await?;
        let summary = |revision: Revision| Ok(RevisionSummary { body: serde_json::from_str(&revision.body)?, revision });
        revisions.into_iter().map(summary).collect()
    }
}
