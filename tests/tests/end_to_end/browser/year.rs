//! A year of a club in one story: a stranger joins on a narrow screen, pays dues by card, earns points, pays for an event with points and by
//! card, sees it called off, and gets both back; and the books balance.

use crate::money::{read_pdf, said};
use tsudoi_stripe_stand_in::{Stripe, TEST_KEY};
use tsudoi_tests::browser::{Driver, Window};
use tsudoi_tests::{CLUB, Database, Server, Visitor};

const WEBHOOK_SECRET: &str = "whsec_0123456789abcdef";
/// A person takes longer than the two seconds that robots are held to.
const READING: std::time::Duration = std::time::Duration::from_secs(2);

/// The club's account with Stripe: a stand-in, and where it sends what happened.
struct Account {
    stripe: Stripe,
    hook: String,
}

impl Account {
    /// Each event is sent twice, the newest first: neither order nor number may matter.
    fn deliver(&self) {
        let events = self.stripe.take_events();
        for event in events.iter().rev().chain(&events) {
            let status = self.stripe.deliver(event, &self.hook, &[WEBHOOK_SECRET]).expect("the site answers");
            assert_eq!(status, 200, "{event}");
        }
    }
}

async fn set_up(server: &Server, stripe: Stripe) -> Account {
    server.enable_plugin("stripe");
    let staff = Visitor::in_role(server, CLUB, "staff").await;
    for (name, secret) in [("secret-key", TEST_KEY), ("webhook-secret", WEBHOOK_SECRET)] {
        let page = staff.get("/admin/plugins/stripe/secrets").await;
        let set = staff.submit(&page, &format!("form[action='/admin/plugins/stripe/secrets/{name}']"), &[("secret", secret)]).await;
        assert_eq!(set.status, 303, "{}", set.readable());
    }
    Account { stripe, hook: server.url(CLUB, "/hooks/stripe/events") }
}

/// A new member, who is signed in. Answers their number.
async fn joins(stranger: &Window, staff: &Window) -> String {
    stranger.open("/forms/join").await;
    for (label, text) in
        [("姓", "天野"), ("名", "梢"), ("セイ", "アマノ"), ("メイ", "コズエ"), ("メールアドレス 必須", "amano@mail.example")]
    {
        stranger.fill(label, text).await;
    }
    for label in ["シルバー会員（6,600円）", "会員規約とプライバシーポリシーに同意します 必須"] {
        stranger.tick(label).await;
    }
    stranger.press("入力内容を確認する").await;
    stranger.sees("天野 梢（アマノ コズエ）").await;
    tokio::time::sleep(READING).await;
    stranger.press("この内容で送信する").await;
    stranger.sees("送信しました").await;

    staff.open("/").await;
    staff.press("事務局").await;
    staff.sees_within(".demo-bar [aria-current]", "事務局").await;
    staff.open("/admin/forms").await;
    staff.press_beside("入会のお申し込み", "4件").await;
    staff.sees("天野 梢").await;
    let answer = staff.link("main table a[href*='/answers/']").await;
    staff.open(&answer).await;
    let number = staff.value("会員番号").await;
    staff.choose("会員種別", "個人会員").await;
    staff.choose("会員ランク", "シルバー会員").await;
    staff.press("承認して会員にする").await;
    staff.sees_within("[role=status]", "承認しました").await;

    stranger.open("/sign-in/code").await;
    stranger.fill("メールアドレス", "amano@mail.example").await;
    stranger.press("番号を送る").await;
    stranger.sees("番号を入力してください").await;
    let code = stranger.mailed_code().await;
    stranger.fill("ログイン用の番号", &code).await;
    stranger.press_beside("ログイン用の番号", "ログイン").await;
    stranger.until_page("/account", &number).await;
    number
}

const EVENT: &str = "春の天体写真教室";
const TASK: &str = "三脚を10本借りる";

/// Staff announce an event for 1,500 yen, with a task.
async fn announces(server: &Server) {
    let staff = Visitor::in_role(server, CLUB, "staff").await;
    let blank = staff.get("/admin/p/event-tasks/events/new").await;
    let fields = [("title", EVENT), ("starts_at", "2199-04-05T14:00"), ("place", "凪ヶ丘天文台"), ("capacity", "10"), ("price", "1500")];
    let made = staff.submit(&blank, "main form:has(input[name=title])", &fields).await;
    let event = staff.follow(&made).await;
    let published = staff.submit(&event, "main form[action$='/publish']", &[]).await;
    assert_eq!(published.status, 303, "{}", published.readable());
    let board = staff.get(&event.path.replace("/events/", "/tasks/of/")).await;
    let added = staff.submit(&board, "main form:has(input[name=title])", &[("title", TASK)]).await;
    assert_eq!(added.status, 303, "{}", added.readable());
}

/// Pays what is due by card, on Stripe's page.
async fn pays_by_card(member: &Window, account: &Account, bill: &str, amount: &str) {
    member.open("/account/payments").await;
    member.sees(bill).await;
    member.press_beside(bill, "クレジットカードなどで支払う").await;
    // The page in between leads on by itself.
    member.sees_within("h1", "Stand-in for Stripe Checkout").await;
    member.sees(amount).await;
    member.press("Pay").await;
    member.sees("お支払いの履歴").await;
    account.deliver();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_joins_pays_earns_points_and_gets_all_back_for_an_event_that_is_called_off() {
    #[expect(clippy::disallowed_methods, reason = "the host under test has the machine's clock, too")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    let stripe = Stripe::start(now);
    let pages = stripe.serve_pages_over_tls();
    let stand_in = stripe.origin().replace("http://", "");
    let config = format!("[egress.stand_ins]\n\"api.stripe.com:443\" = \"{stand_in}\"\n");
    let server = Server::configured(Database::Sqlite, &config).await;
    let account = set_up(&server, stripe).await;
    let driver = Driver::start().await;
    let arguments =
        [format!("--host-resolver-rules=MAP checkout.stripe.com 127.0.0.1:{}", pages.port()), "--ignore-certificate-errors".into()];
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Stripe leads people back to the site by its name.
    let member = driver.window_with(&server, CLUB, 360, &arguments).await.by_name(&server, "hoshizora");
    let staff = driver.window(&server, CLUB, 1280).await;
    let number = joins(&member, &staff).await;

    // Dues are asked of all who are to pay them, and of the new member with them.
    staff.open("/admin/dues").await;
    let dues = staff.link("main a[href^='/admin/dues/0']").await;
    staff.open(&dues).await;
    staff.press_like("人に請求する").await;
    staff.agree().await;
    staff.sees("二重に請求しません").await;
    let name = staff.text("h1").await;
    pays_by_card(&member, &account, &name, "6600 JPY").await;
    member.open("/account/payments").await;
    member.sees_within("section[aria-labelledby=paid-heading]", "6,600円").await;
    assert!(member.sticks_out().await <= 0, "the bills are too wide");
    let receipt = member.link("main a[href*='/account/payments/']").await;
    let receipt = read_pdf(&member.download(&receipt).await);
    for words in ["領収書", "天野", "6,600円", &name] {
        assert!(receipt.contains(words), "{words}: {receipt}");
    }

    // Joining and paying earned points.
    member.until_page("/p/points/", "+66").await;
    member.sees("+300").await;

    // An event for 1,500 yen: a part with points, the rest by card.
    announces(&server).await;
    member.open("/p/event-tasks/").await;
    member.press(EVENT).await;
    member.press("申し込む").await;
    member.sees("参加が確定しています").await;
    let event = member.path().await;
    member.open("/account/payments").await;
    member.press_beside(EVENT, "ポイントで支払う").await;
    member.fill("使うポイント", "300").await;
    member.press("このポイントで支払う").await;
    member.sees("1,200円").await;
    pays_by_card(&member, &account, EVENT, "1200 JPY").await;
    member.until_page(&event, "支払い済み").await;

    // Two of the staff watch the tasks.
    let other = driver.window(&server, CLUB, 1280).await;
    other.open("/").await;
    other.press("事務局").await;
    other.sees_within(".demo-bar [aria-current]", "事務局").await;
    let board = event.replace("/events/", "/tasks/of/");
    for window in [&staff, &other] {
        window.open(&board).await;
        window.sees_within("section[aria-labelledby=column-todo]", TASK).await;
    }
    staff.press_beside(TASK, "完了へ").await;
    other.sees_within("section[aria-labelledby=column-done]", TASK).await;

    // It is called off, and what was paid goes back the ways it came.
    staff.open(&event).await;
    staff.press("中止にする").await;
    staff.press_within("main form[action$='/call-off']").await;
    staff.sees("中止").await;
    let participants = format!("/admin{event}/participants?state=cancelled");
    staff.until_page(&participants, "要返金").await;
    staff.press("支払い済みの人の請求をまとめて取り消す").await;
    staff.agree().await;
    staff.sees("請求を取り消しています").await;
    staff.until_page("/admin/payments?rest=yes", "天野").await;
    staff.press("選んだ入金を返金する").await;
    staff.agree().await;
    staff.sees_within("[role=status]", "返金を依頼しました").await;
    staff.until_page_lacks("/admin/payments?rest=yes", "天野").await;
    account.deliver();
    member.open("/account/payments").await;
    member.sees("返金 1,200円").await;
    member.sees("返金 300円").await;
    member.open("/p/points/").await;
    member.sees("366").await;
    assert_eq!(account.stripe.count("POST /v1/refunds"), 1);

    // The books balance, in another program too.
    let office = Visitor::in_role(&server, CLUB, "staff").await;
    let ledger = office.get("/admin/ledger").await;
    let journal = office.submit(&ledger, "form[action='/admin/ledger/journal']", &[("form", "journal")]).await;
    said("hledger", &["-f", "-", "check"], journal.text.as_bytes());
    let clearing = said("hledger", &["-f", "-", "balance", "--flat", "-N", "assets:clearing"], journal.text.as_bytes());
    assert!(clearing.contains("6600 JPY  assets:clearing:stripe") && !clearing.contains("assets:clearing:points"), "{clearing}");
    assert!(!number.is_empty());
    for window in [&member, &staff, &other] {
        assert_eq!(window.complaints().await, Vec::<String>::new());
    }
}
