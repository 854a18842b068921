//! What becomes of uploaded files, on both databases.

use super::*;
use crate::testing::{TestServices, services, services_on_each};
use crate::visits::Visit;
use std::sync::LazyLock;
use tsudoi_kernel::Visitor;

static PNG: LazyLock<Vec<u8>> = LazyLock::new(|| crate::testing::picture(b"one"));
static OTHER_PNG: LazyLock<Vec<u8>> = LazyLock::new(|| crate::testing::picture(b"two, longer"));

fn picture(gate: Gate) -> FileDraft {
    let details = FileDetails { alt_ja: "丘の上の天文台".into(), alt_en: String::new(), gate };
    FileDraft { name: "丘.PNG".into(), bytes: PNG.to_vec(), details }
}

async fn editor(services: &TestServices) -> Editor {
    services.editor(&services.anonymous().await)
}

fn invalid<T>(outcome: Result<T, ServiceError>) -> Vec<(String, &'static str)> {
    match outcome {
        Err(ServiceError::Invalid(errors)) => errors,
        _ => panic!("it was accepted"),
    }
}

#[tokio::test]
async fn an_uploaded_picture_comes_back_with_what_its_content_says() {
    for services in services_on_each().await {
        let id = editor(&services).await.add_file(picture(Gate::Everyone), Locale::Ja).await.unwrap();
        let opened = services.open_file(&services.anonymous().await, id).await.unwrap().unwrap();
        assert_eq!((opened.bytes.as_slice(), opened.record.media_type.as_str()), (PNG.as_slice(), "image/png"));
        assert_eq!(opened.record.name, "丘.png");
        assert_eq!(alternative_text(&opened.record, Locale::En), "丘の上の天文台");
    }
}

#[tokio::test]
async fn who_may_not_see_a_file_finds_nothing_there() {
    let services = services().await;
    let id = editor(&services).await.add_file(picture(Gate::Members), Locale::Ja).await.unwrap();
    let visit = services.anonymous().await;
    assert_eq!(services.open_file(&visit, id).await.unwrap(), None);
    assert_eq!(services.open_file(&visit, FileId(uuid::Uuid::nil())).await.unwrap(), None);
    let insider = Visit { visitor: Visitor::system().into(), ..visit };
    assert!(services.open_file(&insider, id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_picture_without_words_and_a_file_that_could_run_are_refused() {
    let services = services().await;
    let editor = editor(&services).await;
    let silent = FileDraft { details: FileDetails::default(), ..picture(Gate::Everyone) };
    assert_eq!(invalid(editor.add_file(silent, Locale::Ja).await), [("alt_ja".to_owned(), "files-alt-missing")]);
    let svg = FileDraft { bytes: b"<svg/>".to_vec(), ..picture(Gate::Everyone) };
    assert_eq!(invalid(editor.add_file(svg, Locale::Ja).await), [("file".to_owned(), "files-markup")]);
    let large = FileDraft { bytes: vec![0; 1024 * 1024 + 1], ..picture(Gate::Everyone) };
    assert_eq!(invalid(editor.add_file(large, Locale::Ja).await), [("file".to_owned(), "files-too-large")]);
}

#[tokio::test]
async fn a_replaced_picture_keeps_its_address_and_a_deleted_one_leaves_nothing_on_the_disk() {
    let services = services().await;
    let editor = editor(&services).await;
    let id = editor.add_file(picture(Gate::Everyone), Locale::Ja).await.unwrap();
    let details = picture(Gate::Everyone).details;
    editor.change_file(id, details.clone(), Some(OTHER_PNG.to_vec()), Locale::Ja).await.unwrap();
    let opened = services.open_file(&services.anonymous().await, id).await.unwrap().unwrap();
    assert_eq!(opened.bytes, *OTHER_PNG);
    let folder = services.parts.files.join(services.anonymous().await.organisation.id.to_string()).join(id.to_string());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    assert_eq!(
        invalid(editor.change_file(id, details, Some(b"%PDF-1.7 %%EOF".to_vec()), Locale::Ja).await),
        [("file".to_owned(), "files-other-kind")]
    );
    editor.delete_file(id).await.unwrap();
    assert_eq!(services.open_file(&services.anonymous().await, id).await.unwrap(), None);
    assert!(!folder.exists());
}

#[tokio::test]
async fn the_pages_that_show_a_file_are_named() {
    use crate::pages::{PageBody, PagePath};
    let services = services().await;
    let editor = editor(&services).await;
    let id = editor.add_file(picture(Gate::Everyone), Locale::Ja).await.unwrap();
    let body = PageBody {
        title: "活動".into(),
        path: PagePath::parse("/活動").unwrap(),
        text: format!("![丘](/files/{id}/oka.png)"),
        gate: Gate::Everyone,
        teaser: String::new(),
    };
    editor.create_page(&body, false).await.unwrap();
    let (_, uses) = services.file_with_uses(&services.anonymous().await, id).await.unwrap();
    assert_eq!(uses.iter().map(|used| used.path.as_str()).collect::<Vec<_>>(), ["/活動"]);
}

#[tokio::test]
async fn a_photo_of_staff_tells_nobody_where_it_was_taken() {
    use img_parts::ImageEXIF;
    let services = services().await;
    let mut photo = img_parts::png::Png::from_bytes(PNG.clone().into()).unwrap();
    photo.set_exif(Some(b"MM\0\x2a\0\0\0\x08\0\0 35.6586N".to_vec().into()));
    let draft = FileDraft { bytes: photo.encoder().bytes().to_vec(), ..picture(Gate::Everyone) };
    let id = editor(&services).await.add_file(draft, Locale::Ja).await.unwrap();
    assert_eq!(services.open_file(&services.anonymous().await, id).await.unwrap().unwrap().bytes, *PNG);
}
