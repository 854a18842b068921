//! Changing the site's frame. As with pages, each method says which revision it began with, and answers
//! [`ServiceError::Changed`] where somebody else was faster.

use super::SiteFrame;
use crate::editor::Editor;
use crate::pages::RevisionSummary;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_store::{ChangeTransaction, Revision, SiteRecord, Subject};
use uuid::Uuid;

/// What an editor begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameDraft {
    pub site: SiteRecord,
    /// `None` before anything was saved.
    pub revision: Option<Revision>,
    pub frame: SiteFrame,
    /// Whether the last publication can be taken back.
    pub can_undo: bool,
}

impl Services {
    /// The draft, else what is published, else what a new organisation starts with.
    pub async fn frame_draft(&self, visit: &Visit) -> Result<FrameDraft, ServiceError> {
        let store = self.of(visit);
        let site = store.site().await?;
        let revision = match site.head() {
            Some(head) => store.revision(Subject::Site, head).await?,
            None => None,
        };
        let published = match site.published {
            Some(id) if revision.as_ref().is_none_or(|revision| revision.id != id) => store.revision(Subject::Site, id).await?,
            Some(_) => revision.clone(),
            None => None,
        };
        let mut frame = match &revision {
            Some(revision) => serde_json::from_str(&revision.body)?,
            None => SiteFrame::of(&visit.organisation),
        };
        if frame.theme.is_empty() {
            frame.theme = visit.organisation.theme.clone();
        }
        let can_undo = published.is_some_and(|published| published.replaced.is_some());
        Ok(FrameDraft { site, revision, frame, can_undo })
    }

    /// The latest first, at most `limit`, those before the revision `before`.
    pub async fn frame_history(
        &self,
        visit: &Visit,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<RevisionSummary<SiteFrame>>, ServiceError> {
        let revisions = self.of(visit).revisions(Subject::Site, before, limit).await?;
        let summary = |revision: Revision| Ok(RevisionSummary { body: serde_json::from_str(&revision.body)?, revision });
        revisions.into_iter().map(summary).collect()
    }
}

impl Editor {
    /// Saves a draft, and publishes it where asked. `began_with` is the revision that the editor was shown, `None` for
    /// the first.
    pub async fn save_frame(&self, began_with: Option<Uuid>, frame: &SiteFrame, publish: bool) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        let mut site = Self::unchanged_site(&transaction, began_with).await?;
        let before = match began_with {
            Some(id) => Some(Self::frame(&transaction, id).await?),
            None => None,
        };
        // Saving what is there already makes no revision.
        if before.as_ref() != Some(frame) {
            let revision = self.services.fresh_id();
            transaction.insert_revision(Subject::Site, revision, &serde_json::to_string(frame)?, self.by).await?;
            site.draft = Some(revision);
            transaction.update_site(site).await?;
        }
        if publish {
            self.publish_site(&mut transaction, site, frame).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Publishes the draft that the editor was shown: name and theme of the organisation follow.
    pub async fn publish_frame(&self, began_with: Uuid) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        let site = Self::unchanged_site(&transaction, Some(began_with)).await?;
        let frame = Self::frame(&transaction, began_with).await?;
        self.publish_site(&mut transaction, site, &frame).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes back the last publication. What was taken back is in the history and not in the draft: settings and menus
    /// share one, so the next change of a menu would publish it again.
    /// [`ServiceError::NotFound`] for the first publication: a site is never without a frame.
    pub async fn undo_frame(&self, published: Uuid) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        let mut site = transaction.site().await?;
        if site.published != Some(published) {
            return Err(ServiceError::Changed);
        }
        let taken_back = transaction.revision(Subject::Site, published).await?.ok_or(ServiceError::NotFound)?;
        let replaced = taken_back.replaced.ok_or(ServiceError::NotFound)?;
        let frame = Self::frame(&transaction, replaced).await?;
        site.published = Some(replaced);
        transaction.update_site(site).await?;
        Self::name_organisation(&mut transaction, &frame).await?;
        self.record(&transaction, "site-undone", "site".to_owned(), &frame.name).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Forgets the draft; what was never published stays.
    pub async fn discard_frame(&self, began_with: Uuid) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        let mut site = Self::unchanged_site(&transaction, Some(began_with)).await?;
        if site.published.is_none() {
            return Err(ServiceError::Changed);
        }
        site.draft = None;
        transaction.update_site(site).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes what an old revision says the draft.
    pub async fn restore_frame(&self, began_with: Option<Uuid>, revision: Uuid) -> Result<(), ServiceError> {
        let old = self.store.revision(Subject::Site, revision).await?.ok_or(ServiceError::NotFound)?;
        self.save_frame(began_with, &serde_json::from_str(&old.body)?, false).await
    }

    async fn unchanged_site(transaction: &ChangeTransaction, began_with: Option<Uuid>) -> Result<SiteRecord, ServiceError> {
        let site = transaction.site().await?;
        if site.head() == began_with { Ok(site) } else { Err(ServiceError::Changed) }
    }

    async fn frame(transaction: &ChangeTransaction, revision: Uuid) -> Result<SiteFrame, ServiceError> {
        let revision = transaction.revision(Subject::Site, revision).await?.ok_or(ServiceError::NotFound)?;
        Ok(serde_json::from_str(&revision.body)?)
    }

    async fn publish_site(&self, transaction: &mut ChangeTransaction, mut site: SiteRecord, frame: &SiteFrame) -> Result<(), ServiceError> {
        let Some(draft) = site.draft.take() else { return Ok(()) };
        transaction.mark_published(draft, site.published).await?;
        site.published = Some(draft);
        transaction.update_site(site).await?;
        Self::name_organisation(transaction, frame).await?;
        self.record(transaction, "site-published", "site".to_owned(), &frame.name).await
    }

    async fn name_organisation(transaction: &mut ChangeTransaction, frame: &SiteFrame) -> Result<(), ServiceError> {
        transaction.rename_organisation(&frame.name).await?;
        if !frame.theme.is_empty() {
            transaction.choose_theme(&frame.theme).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
