//! What drafts, publishing and taking back promise, on both databases.

use super::*;
use crate::pages::{PagePath, PageView};
use crate::testing::{TestServices, services, services_on_each};
use crate::visits::SeeAs;
use tsudoi_kernel::{Gate, Visitor};

fn body(path: &str, text: &str) -> PageBody {
    PageBody {
        title: "会報".into(), path: PagePath::parse(path).unwrap(), text: text.into(), gate: Gate::Everyone, teaser: String::new()
    }
}

async fn editor(services: &TestServices) -> Editor {
    services.editor(&services.anonymous().await)
}

/// The text that an anonymous visitor finds.
async fn seen(services: &TestServices, path: &str) -> Option<String> {
    let visit = services.anonymous().await;
    match services.page_at(&visit, &PagePath::parse(path).unwrap()).await.unwrap() {
        PageView::Open(page) => Some(page.body.text.clone()),
        PageView::Denied { body, .. } => Some(format!("denied: {}", body.teaser)),
        PageView::Nothing => None,
    }
}

/// Later, so that what comes has a younger id.
fn later(services: &TestServices) {
    services.clock.pass(60);
}

async fn head(services: &TestServices, id: PageId) -> Uuid {
    services.page_draft(&services.anonymous().await, id).await.unwrap().revision.id
}

async fn published(services: &TestServices, id: PageId) -> Uuid {
    services.page_draft(&services.anonymous().await, id).await.unwrap().page.published.unwrap()
}

#[tokio::test]
async fn a_draft_is_seen_by_nobody_until_it_is_published_and_an_undo_takes_it_back() {
    for services in services_on_each().await {
        let editor = editor(&services).await;
        let id = editor.create_page(&body("/kaiho", "一"), false).await.unwrap();
        assert_eq!(seen(&services, "/kaiho").await, None);
        editor.publish_page(id, head(&services, id).await).await.unwrap();
        assert_eq!(seen(&services, "/kaiho").await.as_deref(), Some("一"));

        editor.save_page(id, head(&services, id).await, &body("/kaiho", "二"), false).await.unwrap();
        assert_eq!(seen(&services, "/kaiho").await.as_deref(), Some("一"));
        editor.publish_page(id, head(&services, id).await).await.unwrap();
        assert_eq!(seen(&services, "/kaiho").await.as_deref(), Some("二"));

        assert_eq!(editor.undo_page(id, published(&services, id).await).await.unwrap(), PageUndo::Replaced);
        assert_eq!(seen(&services, "/kaiho").await.as_deref(), Some("一"));
        // What was taken back is the draft, so publishing does it again.
        editor.publish_page(id, head(&services, id).await).await.unwrap();
        assert_eq!(seen(&services, "/kaiho").await.as_deref(), Some("二"));

        editor.undo_page(id, published(&services, id).await).await.unwrap();
        assert_eq!(editor.undo_page(id, published(&services, id).await).await.unwrap(), PageUndo::Unpublished);
        assert_eq!(seen(&services, "/kaiho").await, None);
    }
}

#[tokio::test]
async fn who_saves_second_overwrites_nothing() {
    let services = services().await;
    let editor = editor(&services).await;
    let id = editor.create_page(&body("/kaiho", "はじめ"), true).await.unwrap();
    let both_began_with = head(&services, id).await;
    editor.save_page(id, both_began_with, &body("/kaiho", "花子の文"), false).await.unwrap();
    let second = editor.save_page(id, both_began_with, &body("/kaiho", "太郎の文"), true).await;
    assert!(matches!(second, Err(ServiceError::Changed)));
    let draft = services.page_draft(&services.anonymous().await, id).await.unwrap();
    assert_eq!(draft.body.text, "花子の文");
    assert!(matches!(editor.undo_page(id, draft.revision.id).await, Err(ServiceError::Changed)));
}

#[tokio::test]
async fn saving_without_a_change_makes_no_revision() {
    let services = services().await;
    let editor = editor(&services).await;
    let id = editor.create_page(&body("/kaiho", "同じ"), true).await.unwrap();
    let before = head(&services, id).await;
    editor.save_page(id, before, &body("/kaiho", "同じ"), true).await.unwrap();
    assert_eq!(head(&services, id).await, before);
}

#[tokio::test]
async fn a_path_is_taken_by_the_page_that_is_there_and_by_the_draft_that_will_be() {
    let services = services().await;
    let editor = editor(&services).await;
    let id = editor.create_page(&body("/a", "あ"), true).await.unwrap();
    editor.save_page(id, head(&services, id).await, &body("/b", "あ"), false).await.unwrap();
    for path in ["/a", "/b"] {
        let Err(ServiceError::Invalid(errors)) = editor.create_page(&body(path, "い"), false).await else {
            panic!("{path} was given twice")
        };
        assert_eq!(errors, [("path".to_owned(), "pages-path-taken")]);
    }
    assert_eq!(seen(&services, "/a").await.as_deref(), Some("あ"));
    editor.publish_page(id, head(&services, id).await).await.unwrap();
    assert_eq!((seen(&services, "/a").await, seen(&services, "/b").await.as_deref()), (None, Some("あ")));
    editor.undo_page(id, published(&services, id).await).await.unwrap();
    assert_eq!((seen(&services, "/a").await.as_deref(), seen(&services, "/b").await), (Some("あ"), None));
}

#[tokio::test]
async fn a_deleted_page_frees_its_path_and_comes_back_as_it_was() {
    let services = services().await;
    let editor = editor(&services).await;
    let id = editor.create_page(&body("/kaiho", "一"), true).await.unwrap();
    editor.save_page(id, head(&services, id).await, &body("/kaiho", "二"), false).await.unwrap();
    editor.delete_page(id, head(&services, id).await).await.unwrap();
    assert_eq!(seen(&services, "/kaiho").await, None);
    let other = editor.create_page(&body("/kaiho", "別"), true).await.unwrap();
    assert!(matches!(editor.bring_page_back(id).await, Err(ServiceError::Invalid(_))));
    editor.delete_page(other, head(&services, other).await).await.unwrap();
    editor.bring_page_back(id).await.unwrap();
    assert_eq!(seen(&services, "/kaiho").await.as_deref(), Some("一"));
    let draft = services.page_draft(&services.anonymous().await, id).await.unwrap();
    assert_eq!(draft.body.text, "二");
}

#[tokio::test]
async fn the_home_page_stays_where_it_is() {
    let services = services().await;
    let editor = editor(&services).await;
    let id = editor.create_page(&body("/", "ようこそ"), true).await.unwrap();
    let began_with = head(&services, id).await;
    assert!(matches!(editor.delete_page(id, began_with).await, Err(ServiceError::Forbidden)));
    assert!(matches!(editor.undo_page(id, began_with).await, Err(ServiceError::Forbidden)));
    assert_eq!(services.page_draft(&services.anonymous().await, id).await.unwrap().undo, None);
    assert!(matches!(editor.save_page(id, began_with, &body("/welcome", "ようこそ"), true).await, Err(ServiceError::Invalid(_))));
}

#[tokio::test]
async fn an_old_revision_can_be_made_the_draft_and_a_draft_can_be_forgotten() {
    let services = services().await;
    let editor = editor(&services).await;
    let id = editor.create_page(&body("/kaiho", "一"), true).await.unwrap();
    let first = head(&services, id).await;
    later(&services);
    editor.save_page(id, first, &body("/kaiho", "二"), true).await.unwrap();
    later(&services);
    editor.restore_page(id, head(&services, id).await, first).await.unwrap();
    let visit = services.anonymous().await;
    assert_eq!(services.page_draft(&visit, id).await.unwrap().body.text, "一");
    assert_eq!(seen(&services, "/kaiho").await.as_deref(), Some("二"));
    editor.discard_draft(id, head(&services, id).await).await.unwrap();
    assert_eq!(services.page_draft(&visit, id).await.unwrap().body.text, "二");
    let history = services.page_history(&visit, id, None, 10).await.unwrap();
    assert_eq!(history.iter().map(|entry| entry.body.text.as_str()).collect::<Vec<_>>(), ["一", "二", "一"]);
    let older = services.page_history(&visit, id, Some(history[1].revision.id), 10).await.unwrap();
    assert_eq!(older.len(), 1);
}

#[tokio::test]
async fn whom_the_gate_keeps_out_gets_the_teaser_and_no_word_of_the_text() {
    let services = services().await;
    let gated = PageBody { gate: Gate::Members, teaser: "会員の方へ".into(), ..body("/club", "ひみつ") };
    editor(&services).await.create_page(&gated, true).await.unwrap();
    assert_eq!(seen(&services, "/club").await.as_deref(), Some("denied: 会員の方へ"));
    let visit = crate::visits::Visit { visitor: Visitor::system().into(), ..services.anonymous().await };
    let path = PagePath::parse("/club").unwrap();
    assert!(matches!(services.page_at(&visit, &path).await.unwrap(), PageView::Open(_)));
}

#[tokio::test]
async fn who_looks_as_a_visitor_sees_drafts_as_if_they_were_published() {
    let services = services().await;
    let editor = editor(&services).await;
    let id = editor.create_page(&body("/kaiho", "一"), true).await.unwrap();
    editor.save_page(id, head(&services, id).await, &body("/report", "二"), false).await.unwrap();
    let visit = crate::visits::Visit { see_as: Some(SeeAs::Visitor), ..services.anonymous().await };
    let at = async |path: &str| services.page_at(&visit, &PagePath::parse(path).unwrap()).await.unwrap();
    assert!(matches!(at("/report").await, PageView::Open(page) if page.body.text == "二"));
    assert_eq!(at("/kaiho").await, PageView::Nothing);
}

#[tokio::test]
async fn another_organisation_s_page_is_not_found() {
    let services = services().await;
    let id = editor(&services).await.create_page(&body("/kaiho", "一"), true).await.unwrap();
    let other = crate::testing::services().await;
    assert!(matches!(editor(&other).await.publish_page(id, Uuid::nil()).await, Err(ServiceError::NotFound)));
    let elsewhere = services.editor_of(tsudoi_kernel::OrganisationId(Uuid::from_u128(9)), None);
    assert!(elsewhere.delete_page(id, Uuid::nil()).await.is_err());
}
