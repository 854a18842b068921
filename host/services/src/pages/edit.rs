//! Changing pages. Every change is a new revision, and each method says which one it began with: where somebody else
//! was faster, nothing is written and the answer is [`ServiceError::Changed`].

use super::body::PageBody;
use crate::ServiceError;
use crate::editor::Editor;
use tsudoi_kernel::PageId;
use tsudoi_kernel::changes::Change;
use tsudoi_store::{ChangeTransaction, PageRecord, Subject};
use uuid::Uuid;

/// What an undo led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageUndo {
    /// The text before is published again.
    Replaced,
    /// There was none before: the page can't be seen any more.
    Unpublished,
}

impl Editor {
    /// [`ServiceError::Invalid`] where the path is taken.
    pub async fn create_page(&self, body: &PageBody, publish: bool) -> Result<PageId, ServiceError> {
        let mut transaction = self.begin().await?;
        let id = PageId(self.services.fresh_id());
        let revision = self.insert(&transaction, id, body).await?;
        self.free_path(&transaction, id, body).await?;
        let mut page = PageRecord {
            id,
            path: Some(body.path.as_str().to_owned()),
            draft_path: None,
            draft: Some(revision),
            published: None,
            created: transaction.at(),
            deleted: None,
        };
        transaction.insert_page(&page).await?;
        if publish {
            self.publish(&mut transaction, &mut page, body).await?;
        }
        transaction.commit().await?;
        Ok(id)
    }

    /// Saves a draft, and publishes it where asked. `began_with` is the revision that the editor was shown.
    pub async fn save_page(&self, id: PageId, began_with: Uuid, body: &PageBody, publish: bool) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        let mut page = self.unchanged(&transaction, id, began_with).await?;
        let before = self.body(&transaction, id, began_with).await?;
        if before.path.is_home() && !body.path.is_home() {
            return Err(ServiceError::Invalid(vec![("path".to_owned(), "pages-path-home-stays")]));
        }
        // Saving what is there already makes no revision.
        if before != *body {
            self.free_path(&transaction, id, body).await?;
            page.draft = Some(self.insert(&transaction, id, body).await?);
            self.place(&mut page, body);
            transaction.update_page(&page).await?;
        }
        if publish && page.draft.is_some() {
            self.publish(&mut transaction, &mut page, body).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Publishes the draft that the editor was shown.
    pub async fn publish_page(&self, id: PageId, began_with: Uuid) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        let mut page = self.unchanged(&transaction, id, began_with).await?;
        if page.draft != Some(began_with) {
            return Ok(());
        }
        let body = self.body(&transaction, id, began_with).await?;
        self.publish(&mut transaction, &mut page, &body).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes back the last publication: what was published before is published again. The text that was taken back
    /// stays as the draft, unless a newer draft is there. [`ServiceError::Forbidden`] for the home page's first.
    pub async fn undo_page(&self, id: PageId, published: Uuid) -> Result<PageUndo, ServiceError> {
        let mut transaction = self.begin().await?;
        let mut page = self.living(&transaction, id).await?;
        if page.published != Some(published) {
            return Err(ServiceError::Changed);
        }
        let taken_back = transaction.revision(Subject::Page(id), published).await?.ok_or(ServiceError::NotFound)?;
        page.draft = page.draft.or(Some(published));
        page.published = taken_back.replaced;
        let draft = self.body(&transaction, id, page.draft.unwrap_or(published)).await?;
        if draft.path.is_home() && taken_back.replaced.is_none() {
            return Err(ServiceError::Forbidden);
        }
        if let Some(replaced) = taken_back.replaced {
            let body = self.body(&transaction, id, replaced).await?;
            self.free_path(&transaction, id, &body).await?;
            page.path = Some(body.path.into());
        }
        self.place(&mut page, &draft);
        transaction.update_page(&page).await?;
        transaction.touch(Change::fact("pages"));
        self.record(&transaction, "page-undone", format!("page:{id}"), &draft.title).await?;
        transaction.commit().await?;
        Ok(if page.published.is_some() { PageUndo::Replaced } else { PageUndo::Unpublished })
    }

    /// Forgets the draft. A page that was never published has nothing else and keeps it.
    pub async fn discard_draft(&self, id: PageId, began_with: Uuid) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        let mut page = self.unchanged(&transaction, id, began_with).await?;
        if page.published.is_none() {
            return Err(ServiceError::Changed);
        }
        page.draft = None;
        page.draft_path = None;
        transaction.update_page(&page).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes what an old revision says the draft.
    pub async fn restore_page(&self, id: PageId, began_with: Uuid, revision: Uuid) -> Result<(), ServiceError> {
        let body = {
            let old = self.store.revision(Subject::Page(id), revision).await?.ok_or(ServiceError::NotFound)?;
            serde_json::from_str::<PageBody>(&old.body)?
        };
        self.save_page(id, began_with, &body, false).await
    }

    /// The page is gone for visitors and its path is free; nothing of it is lost.
    pub async fn delete_page(&self, id: PageId, began_with: Uuid) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        let mut page = self.unchanged(&transaction, id, began_with).await?;
        let body = self.body(&transaction, id, began_with).await?;
        if body.path.is_home() {
            return Err(ServiceError::Forbidden);
        }
        page.path = None;
        page.draft_path = None;
        page.deleted = Some(transaction.at());
        transaction.update_page(&page).await?;
        transaction.touch(Change::fact("pages"));
        self.record(&transaction, "page-deleted", format!("page:{id}"), &body.title).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Puts a deleted page back as it was. [`ServiceError::Invalid`] where another page has its path by now.
    pub async fn bring_page_back(&self, id: PageId) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        let mut page = transaction.page(id).await?.filter(|page| page.deleted.is_some()).ok_or(ServiceError::NotFound)?;
        let head = page.head().ok_or(ServiceError::NotFound)?;
        let draft = self.body(&transaction, id, head).await?;
        let shown = match page.published {
            Some(published) => self.body(&transaction, id, published).await?,
            None => draft.clone(),
        };
        self.free_path(&transaction, id, &shown).await?;
        self.free_path(&transaction, id, &draft).await?;
        page.path = Some(shown.path.as_str().to_owned());
        page.deleted = None;
        self.place(&mut page, &draft);
        transaction.update_page(&page).await?;
        transaction.touch(Change::fact("pages"));
        self.record(&transaction, "page-brought-back", format!("page:{id}"), &draft.title).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The page where nobody else has saved since.
    async fn unchanged(&self, transaction: &ChangeTransaction, id: PageId, began_with: Uuid) -> Result<PageRecord, ServiceError> {
        let page = self.living(transaction, id).await?;
        if page.head() == Some(began_with) { Ok(page) } else { Err(ServiceError::Changed) }
    }

    async fn living(&self, transaction: &ChangeTransaction, id: PageId) -> Result<PageRecord, ServiceError> {
        transaction.page(id).await?.filter(|page| page.deleted.is_none()).ok_or(ServiceError::NotFound)
    }

    async fn body(&self, transaction: &ChangeTransaction, id: PageId, revision: Uuid) -> Result<PageBody, ServiceError> {
        let revision = transaction.revision(Subject::Page(id), revision).await?.ok_or(ServiceError::NotFound)?;
        Ok(serde_json::from_str(&revision.body)?)
    }

    async fn insert(&self, transaction: &ChangeTransaction, id: PageId, body: &PageBody) -> Result<Uuid, ServiceError> {
        let revision = self.services.fresh_id();
        transaction.insert_revision(Subject::Page(id), revision, &serde_json::to_string(body)?, self.by).await?;
        Ok(revision)
    }

    async fn free_path(&self, transaction: &ChangeTransaction, id: PageId, body: &PageBody) -> Result<(), ServiceError> {
        if transaction.path_is_taken(body.path.as_str(), id).await? {
            return Err(ServiceError::Invalid(vec![("path".to_owned(), "pages-path-taken")]));
        }
        Ok(())
    }

    /// A page that nobody sees yet moves at once; a published one when its draft is published.
    fn place(&self, page: &mut PageRecord, draft: &PageBody) {
        let path = Some(draft.path.as_str().to_owned());
        if page.published.is_none() {
            page.path = path;
            page.draft_path = None;
        } else {
            page.draft_path = path.filter(|path| page.path.as_ref() != Some(path));
        }
    }

    async fn publish(&self, transaction: &mut ChangeTransaction, page: &mut PageRecord, body: &PageBody) -> Result<(), ServiceError> {
        let Some(draft) = page.draft.take() else { return Ok(()) };
        transaction.mark_published(draft, page.published).await?;
        page.published = Some(draft);
        page.path = Some(body.path.as_str().to_owned());
        page.draft_path = None;
        transaction.update_page(page).await?;
        transaction.touch(Change::fact("pages"));
        let payload = serde_json::json!({ "page": page.id, "path": body.path.as_str() });
        transaction.emit(None, &self.services.host_event("page.published", page.id.to_string(), payload)).await?;
        self.record(transaction, "page-published", format!("page:{}", page.id), &body.title).await
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
