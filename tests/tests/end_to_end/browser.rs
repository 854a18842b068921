//! The whole way through the house in Chromium: a visitor, two members and staff, each in a browser of their own.

mod forms;
mod live;
mod screenshots;
mod year;

use std::path::Path;
use tsudoi_tests::browser::{Driver, Window};
use tsudoi_tests::{CLUB, Database, PASSWORD, Server};

const TITLE: &str = "名古屋のあと、星を見に行きませんか🌌";
const BODY: &str = "終演後、東山の丘まで歩く予定です。**ご一緒できる方**はいますか？🔭";
const REPLY: &str = "行きたいです！手袋を忘れずに🧤";
const LEAD: &str = "凪ヶ丘天文台の公式ファンクラブです。";
const NEW_LEAD: &str = "凪ヶ丘天文台を応援する、わたしたちの公式ファンクラブです🎐";
const PICTURE: &str = "満天の星空の下、丘のふもとで光る野外ステージと、丘の上の小さな天文台";
const NEW_PICTURE: &str = "夜の海に広がる、光の波";

#[tokio::test(flavor = "multi_thread")]
async fn from_a_first_visit_to_a_changed_home_page() {
    let server = Server::start(Database::Sqlite).await;
    let driver = Driver::start().await;
    let first = driver.window(&server, CLUB, 1280).await;
    look_around(&first).await;
    sign_in_with_password(&first).await;
    let thread = start_a_thread(&first).await;

    let second = driver.window(&server, CLUB, 360).await;
    sign_in_with_a_mailed_code(&second).await;
    reply(&second, &thread).await;
    first.open(&thread).await;
    first.sees(REPLY).await;

    let staff = driver.window(&server, CLUB, 1280).await;
    hide_the_reply(&staff, &thread).await;
    for member in [&first, &second] {
        member.open(&thread).await;
        member.sees("この投稿は、事務局が非表示にしました。").await;
        assert!(!member.has(REPLY).await, "a hidden reply can't be read");
    }

    let editor = change_the_home_page(&staff).await;
    look_before_publishing(&staff).await;
    first.open("/").await;
    first.press("未ログイン").await;
    assert_home(&first, LEAD, PICTURE, NEW_LEAD, NEW_PICTURE).await;

    staff.open(&editor).await;
    staff.press("公開する").await;
    staff.sees_within("[role=status]", "公開しました。").await;
    first.open("/").await;
    assert_home(&first, NEW_LEAD, NEW_PICTURE, LEAD, PICTURE).await;

    staff.press("直前の公開を取り消す").await;
    staff.agree().await;
    staff.sees_within("[role=status]", "公開を取り消し、前の内容に戻しました。").await;
    first.open("/").await;
    assert_home(&first, LEAD, PICTURE, NEW_LEAD, NEW_PICTURE).await;

    for browser in [&first, &second, &staff] {
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    }
}

async fn assert_home(browser: &Window, words: &str, picture: &str, other_words: &str, other_picture: &str) {
    browser.sees_within(".site-tools", "ログイン").await;
    browser.sees(words).await;
    browser.sees_picture(picture).await;
    assert!(!browser.has(other_words).await && !browser.has(other_picture).await, "only one of two texts: {}", browser.words().await);
}

/// The public home page, and what a gated page says to strangers.
async fn look_around(visitor: &Window) {
    visitor.open("/").await;
    visitor.sees("今夜も、同じ空の下で。").await;
    assert_home(visitor, LEAD, PICTURE, NEW_LEAD, NEW_PICTURE).await;
    visitor.press("会員限定").await;
    visitor.sees("ミオの便り").await;
    visitor.sees("このページは会員の方がご覧いただけます").await;
    assert!(!visitor.has("おかえりなさい。").await, "a stranger reads the teaser alone");
}

async fn sign_in_with_password(visitor: &Window) {
    visitor.press_beside("このページは会員の方がご覧いただけます", "ログイン").await;
    visitor.fill("会員番号またはメールアドレス", "H-0012").await;
    visitor.fill("パスワード", PASSWORD).await;
    visitor.press_beside("パスワードをお忘れの方", "ログイン").await;
    visitor.sees("おかえりなさい。").await;
    assert_eq!(visitor.path().await, "/club", "signing in leads back");
    visitor.sees("みつき").await;
    visitor.sees_within("main section", "掲示板の新しい話題").await;
    visitor.sees_within("main section li", "はじめまして、ひなたです！").await;
}

/// Gives the thread's address.
async fn start_a_thread(member: &Window) -> String {
    member.press("掲示板を見る").await;
    member.sees_within("h1", "掲示板").await;
    let board = member.link("main .list a[href*='/boards/']").await;
    member.open(&board).await;
    member.sees_within(".site-nav [aria-current]", "掲示板").await;
    member.press("スレッドを立てる").await;
    member.fill("タイトル", TITLE).await;
    member.fill("本文", BODY).await;
    member.press("投稿する").await;
    member.sees_within("h1", TITLE).await;
    member.sees_within(".post strong", "ご一緒できる方").await;
    member.sees_within(".post", "🔭").await;
    let thread = member.path().await;
    member.open("/club").await;
    member.sees_within("main section li", TITLE).await;
    thread
}

/// The second member has no password; the number comes by mail, which development shows at `/inbox`.
async fn sign_in_with_a_mailed_code(visitor: &Window) {
    visitor.open("/sign-in").await;
    visitor.press("メールで番号を受け取る").await;
    visitor.fill("メールアドレス", "chinatsu.inoue@mail.example").await;
    visitor.press("番号を送る").await;
    visitor.sees("番号を入力してください").await;
    let code = visitor.mailed_code().await;
    visitor.fill("ログイン用の番号", &code).await;
    visitor.press_beside("ログイン用の番号", "ログイン").await;
    visitor.sees("今夜も、同じ空の下で。").await;
}

async fn reply(member: &Window, thread: &str) {
    member.open("/club").await;
    member.press(TITLE).await;
    member.sees("ご一緒できる方").await;
    assert_eq!(member.path().await, thread);
    member.fill("本文", REPLY).await;
    member.press("返信する").await;
    member.sees_within(".post", REPLY).await;
    member.sees_within(".post", "ちなつ").await;
}

async fn hide_the_reply(staff: &Window, thread: &str) {
    staff.open("/").await;
    staff.press("事務局").await;
    staff.sees("管理画面").await;
    staff.open(thread).await;
    staff.press_beside(REPLY, "非表示にする").await;
    staff.sees_within(".post-hidden", REPLY).await;
    staff.sees_within(".post-hidden", "表示に戻す").await;
}

/// Gives the editor's address. The changes are saved as a draft.
async fn change_the_home_page(staff: &Window) -> String {
    staff.open("/").await;
    staff.press("このページを編集").await;
    staff.sees("ページの編集").await;
    let editor = staff.path().await;
    staff.press("画像を入れる").await;
    staff.press("画像を追加する").await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/app/demo/lumen/files/waves.webp");
    staff.choose_file("ファイル", &file).await;
    staff.fill("画像の説明（日本語）", NEW_PICTURE).await;
    staff.fill("画像の説明（英語）", "Waves of light on a sea at night").await;
    staff.press_beside("画像の説明（日本語）", "ファイルを追加").await;
    staff.sees("「画像を入れる」から本文に入れられます。").await;
    assert_eq!(staff.path().await, editor, "adding a picture leads back to the page");

    staff.replace("本文", LEAD, NEW_LEAD).await;
    staff.sees_within("[data-preview-pane]", NEW_LEAD).await;
    let text = staff.value("本文").await;
    let old_picture = text.lines().find(|line| line.starts_with("![")).unwrap_or_else(|| panic!("a picture stands in {text}"));
    staff.press("画像を入れる").await;
    staff.mark("本文", old_picture).await;
    staff.press("本文に入れる: waves.webp").await;
    staff.sees_within("[data-preview-pane]", NEW_PICTURE).await;
    staff.press("下書きを保存").await;
    staff.sees_within("[role=status]", "下書きを保存しました。").await;
    staff.sees("未公開の変更あり").await;
    editor
}

/// As a visitor who is not signed in will see it.
async fn look_before_publishing(staff: &Window) {
    staff.press("ログインしていない方").await;
    staff.sees("ログインしていない方に見える画面です。").await;
    assert_eq!(staff.path().await, "/");
    assert_home(staff, NEW_LEAD, NEW_PICTURE, LEAD, PICTURE).await;
    staff.press("表示を終わる").await;
    staff.sees("サイトを見る").await;
}
