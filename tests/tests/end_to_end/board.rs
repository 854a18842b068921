//! The board: the real component, its own data, and what the contract promises of calls.

use reqwest::StatusCode;
use tsudoi_tests::{Answer, CLUB, Database, Server, Visitor};

/// The first board that a member may write in, and the page with its form.
pub async fn new_thread_form(visitor: &Visitor) -> Answer {
    let boards = visitor.get("/p/fan-board/").await;
    assert_eq!(boards.status, StatusCode::OK, "{}", boards.readable());
    let board = boards.attributes("main a[href*='/p/fan-board/boards/']", "href").into_iter().next().expect("a board");
    let form = visitor.get(&format!("{board}/new")).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.readable());
    form
}

pub const NEW_THREAD: &str = "main form[action$='/new']";

#[tokio::test(flavor = "multi_thread")]
async fn a_member_starts_a_thread_and_another_replies() {
    for database in Database::BOTH {
        let server = Server::start(database).await;
        let member = Visitor::in_role(&server, CLUB, "member").await;
        let form = new_thread_form(&member).await;
        let fields =
            [("title", "来月の遠征について🚄"), ("body", "新幹線で行かれる方はいますか？ **楽しみ** です🎉\n\n<script>alert(1)</script>")];
        let answer = member.submit(&form, NEW_THREAD, &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.readable());
        let thread = member.follow(&answer).await;
        assert!(thread.has("来月の遠征について🚄") && thread.has("<strong>楽しみ</strong>"), "{}", thread.readable());
        assert!(!thread.has("<script>alert"), "members' text is sanitised");
        let staff = Visitor::in_role(&server, CLUB, "staff").await;
        let seen = staff.get(thread.path.split('#').next().unwrap_or_default()).await;
        let reply = staff.submit(&seen, "main form:has(textarea[name=body])", &[("body", "いってらっしゃい！")]).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.readable());
        assert!(member.follow(&reply).await.has("いってらっしゃい！"));
    }
}

/// Starts a thread as the member and replies as staff.
async fn thread_with_reply(member: &Visitor, staff: &Visitor, title: &str) {
    let form = new_thread_form(member).await;
    let started = member.submit(&form, NEW_THREAD, &[("title", title), ("body", "どなたか")]).await;
    let seen = staff.get(started.location().split('#').next().unwrap_or_default()).await;
    let reply = staff.submit(&seen, "main form:has(textarea[name=body])", &[("body", "はい")]).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.readable());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_started_a_thread_has_mail_of_a_reply_unless_they_do_not_want_it() {
    for database in Database::BOTH {
        let server = Server::start(database).await;
        let member = Visitor::in_role(&server, CLUB, "member").await;
        let staff = Visitor::in_role(&server, CLUB, "staff").await;
        thread_with_reply(&member, &staff, "鉄道の時間").await;
        let inbox = staff.get("/inbox").await;
        assert!(inbox.has("「鉄道の時間」に返信がありました") && inbox.has("/account#mails"), "{}", inbox.readable());
        assert!(inbox.text.contains("/p/fan-board/posts/"), "the mail leads to the post: {}", inbox.text);
        let account = member.get("/account").await;
        assert!(account.has("スレッド「鉄道の時間」を立てました"), "it is on the member's timeline: {}", account.readable());
        assert!(account.has("掲示板の新しい話題"), "the board has a card there: {}", account.readable());
        assert!(account.has("自分が立てたスレッドに返信があったとき"), "{}", account.readable());
        let (action, fields) = account.form("form[action='/account/mails']", &[]);
        let none: Vec<_> = fields.into_iter().filter(|(name, _)| name != "mail").collect();
        let chosen = member.post(&action, &none).await;
        assert!(chosen.location().starts_with("/account"), "{}", chosen.readable());
        thread_with_reply(&member, &staff, "宿の相談").await;
        assert!(!staff.get("/inbox").await.has("宿の相談"), "it was not wanted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_writes_one_thread() {
    let server = Server::start(Database::Sqlite).await;
    let member = Visitor::in_role(&server, CLUB, "member").await;
    let form = new_thread_form(&member).await;
    let (action, fields) = form.form(NEW_THREAD, &[("title", "二重投稿の試験"), ("body", "一度だけ")]);
    let (first, second) = tokio::join!(member.post(&action, &fields), member.post(&action, &fields));
    assert_eq!(first.location(), second.location(), "both clicks lead to the same thread");
    let board = member.get(action.trim_end_matches("/new")).await;
    assert_eq!(board.texts("main a").iter().filter(|text| text.contains("二重投稿の試験")).count(), 1);
    // The same page sent again with another text is another thread.
    let (action, fields) = form.form(NEW_THREAD, &[("title", "二つ目"), ("body", "別の話")]);
    assert_ne!(member.post(&action, &fields).await.location(), first.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_someone_else_overtook_is_not_lost() {
    let server = Server::start(Database::Sqlite).await;
    let member = Visitor::in_role(&server, CLUB, "member").await;
    let form = new_thread_form(&member).await;
    let answer = member.submit(&form, NEW_THREAD, &[("title", "持ち物リスト"), ("body", "最初の文")]).await;
    let thread = member.follow(&answer).await;
    let edit = thread.attributes("main a[href$='/edit']", "href").into_iter().next().expect("a link to edit");
    let (one, two) = (member.get(&edit).await, member.get(&edit).await);
    let saved = member.submit(&one, "main form[action$='/edit']", &[("body", "先に保存した文")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.readable());
    let overtaken = member.submit(&two, "main form[action$='/edit']", &[("body", "あとから送った文")]).await;
    assert_eq!(overtaken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(overtaken.has("あとから送った文") && overtaken.has("先に保存した文"), "{}", overtaken.readable());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugins_form_with_a_wrong_field_comes_back_filled_in() {
    let server = Server::start(Database::Sqlite).await;
    let member = Visitor::in_role(&server, CLUB, "member").await;
    let form = new_thread_form(&member).await;
    let answer = member.submit(&form, NEW_THREAD, &[("title", ""), ("body", "題名を忘れた本文")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.texts("textarea[name=body]").concat().contains("題名を忘れた本文"), "{}", answer.text);
    assert!(!answer.texts(".field-error").is_empty(), "a message stands beside the field");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_the_plugins_own_token_is_refused() {
    let server = Server::start(Database::Sqlite).await;
    let member = Visitor::in_role(&server, CLUB, "member").await;
    let form = new_thread_form(&member).await;
    let (action, mut fields) = form.form(NEW_THREAD, &[("title", "偽の投稿"), ("body", "本文")]);
    // The host's own token opens no path of a plugin.
    let host = form.form("form[action='/demo/role']", &[]).1;
    let host_token = host.iter().find(|(name, _)| name == "_csrf").map(|(_, value)| value.clone()).expect("a token");
    for token in [String::new(), host_token] {
        fields.retain(|(name, _)| name != "_csrf");
        fields.push(("_csrf".into(), token));
        assert_eq!(member.post(&action, &fields).await.status, StatusCode::FORBIDDEN);
    }
    assert!(!member.get(action.trim_end_matches("/new")).await.has("偽の投稿"));
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_at_the_same_moment_are_all_counted() {
    for database in Database::BOTH {
        let server = Server::start(database).await;
        let member = Visitor::in_role(&server, CLUB, "member").await;
        let form = new_thread_form(&member).await;
        let answer = member.submit(&form, NEW_THREAD, &[("title", "同時に返信"), ("body", "どうぞ")]).await;
        let thread = member.follow(&answer).await;
        let sends = (0..12).map(|n| {
            let (action, fields) = thread.form("main form:has(textarea[name=body])", &[("body", &format!("返信その{n}"))]);
            let member = &member;
            async move { member.post(&action, &fields).await }
        });
        let answers = futures::future::join_all(sends).await;
        assert!(
            answers.iter().all(|answer| answer.status == StatusCode::SEE_OTHER),
            "{database:?}: {:?}",
            answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
        );
        let page = member.get(thread.path.split('#').next().unwrap_or_default()).await;
        for n in 0..12 {
            assert!(page.has(&format!("返信その{n}")), "{database:?}: reply {n} is there");
        }
    }
}
