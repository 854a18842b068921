//! What drafts and publishing of the site's frame promise, on both databases.

use super::*;
use crate::testing::{TestServices, services_on_each};

async fn name_seen(services: &TestServices) -> (String, String, String) {
    let visit = services.anonymous().await;
    (visit.frame.name.clone(), visit.organisation.name.clone(), visit.organisation.theme.clone())
}

fn frame(name: &str, theme: &str) -> SiteFrame {
    SiteFrame { name: name.into(), theme: theme.into(), ..SiteFrame::default() }
}

fn all(name: &str, theme: &str) -> (String, String, String) {
    (name.to_owned(), name.to_owned(), theme.to_owned())
}

#[tokio::test]
async fn a_new_name_is_seen_when_it_is_published_and_gone_when_it_is_taken_back() {
    for services in services_on_each().await {
        let editor = services.editor(&services.anonymous().await);
        let head = async || services.frame_draft(&services.anonymous().await).await.unwrap();
        editor.save_frame(None, &frame("星空会", "commons"), true).await.unwrap();
        let first = head().await;
        assert!(!first.can_undo && first.site.draft.is_none());
        editor.save_frame(first.site.head(), &frame("月の会", "lunar"), false).await.unwrap();
        assert_eq!(name_seen(&services).await, all("星空会", "commons"));
        editor.publish_frame(head().await.site.draft.unwrap()).await.unwrap();
        assert_eq!(name_seen(&services).await, all("月の会", "lunar"));
        assert!(head().await.can_undo);
        editor.undo_frame(head().await.site.published.unwrap()).await.unwrap();
        assert_eq!(name_seen(&services).await, all("星空会", "commons"));
        // The next change begins with what is published: saving it brings nothing back that was taken back.
        assert_eq!(head().await.frame.name, "星空会");
        assert!(head().await.site.draft.is_none());
        assert!(matches!(editor.undo_frame(head().await.site.published.unwrap()).await, Err(ServiceError::NotFound)));
    }
}

#[tokio::test]
async fn who_saves_the_frame_second_overwrites_nothing() {
    let services = crate::testing::services().await;
    let editor = services.editor(&services.anonymous().await);
    editor.save_frame(None, &frame("一", "commons"), true).await.unwrap();
    assert!(matches!(editor.save_frame(None, &frame("二", "commons"), true).await, Err(ServiceError::Changed)));
    assert_eq!(name_seen(&services).await, all("一", "commons"));
}
