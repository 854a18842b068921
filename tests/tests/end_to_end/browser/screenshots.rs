//! Pictures of the pages that people see most, in both languages, wide and narrow: nothing may stick out at the side, and
//! the browser may have nothing to complain of. They are in `target/screenshots`, to be looked at.

use crate::hostile::{pause, troubled};
use tsudoi_tests::browser::{Driver, Window};
use tsudoi_tests::{CLUB, Database, SOCIETY, Visitor};

/// Who looks, the picture's name, and the page.
const PAGES: [(&str, &str, &str); 49] = [
    ("visitor", "home", "/"),
    ("visitor", "teaser", ""),
    ("visitor", "sign-in", "/sign-in"),
    ("visitor", "sign-in-code", "/sign-in/code"),
    ("visitor", "not-found", "/no-such-page"),
    ("visitor", "form", "/forms/join"),
    ("visitor", "form-in-page", "/contact"),
    ("member", "gated", ""),
    ("member", "boards", "/p/fan-board/"),
    ("member", "account", "/account"),
    ("member", "bills", "/account/payments"),
    ("member", "points", "/p/points/"),
    ("member", "events", "/p/event-tasks/"),
    ("staff", "moderation", "/admin/p/fan-board/"),
    ("staff", "overview", "/admin"),
    ("staff", "forms", "/admin/forms"),
    ("staff", "form-new", "/admin/forms/new?for=join"),
    ("staff", "pages", "/admin/pages"),
    ("staff", "site", "/admin/site"),
    ("staff", "menu", "/admin/menu"),
    ("staff", "plugins", "/admin/plugins"),
    ("staff", "plugin", "/admin/plugins/fan-board"),
    ("staff", "plugin-settings", "/admin/plugins/fan-board/settings"),
    ("staff", "plugin-paused", "/admin/plugins/troublemaker"),
    ("staff", "plugin-history", "/admin/plugin-history"),
    ("staff", "undelivered", "/admin/undelivered"),
    ("staff", "staff", "/admin/staff"),
    ("staff", "files", "/admin/files"),
    ("staff", "members", "/admin/members"),
    ("staff", "member-new", "/admin/members/new"),
    ("staff", "kinds", "/admin/members/kinds"),
    ("staff", "imports", "/admin/members/imports"),
    ("staff", "mailings", "/admin/mailings"),
    ("staff", "mailing-new", "/admin/mailings/new"),
    ("staff", "invoices", "/admin/invoices"),
    ("staff", "unpaid", "/admin/invoices/unpaid"),
    ("staff", "payments", "/admin/payments"),
    ("staff", "ledger", "/admin/ledger"),
    ("staff", "invoice-settings", "/admin/invoices/settings"),
    ("staff", "dues", "/admin/dues"),
    ("staff", "dues-new", "/admin/dues/new"),
    ("staff", "points-rules", "/admin/p/points/rules"),
    ("staff", "points-statement", "/admin/p/points/statement"),
    ("staff", "points-rule-new", "/admin/p/points/rules/new"),
    ("staff", "event-new", "/admin/p/event-tasks/events/new"),
    ("staff", "tasks", "/p/event-tasks/tasks"),
    ("staff", "task-lists", "/admin/p/event-tasks/lists"),
    ("staff", "transfers", "/admin/p/bank-transfer/"),
    ("staff", "transfers-import", "/admin/p/bank-transfer/imports"),
];

/// One of the demo's organisations, in its own language.
struct Place {
    number: usize,
    name: &'static str,
    gated: &'static str,
    roles: [(&'static str, &'static str); 3],
}

const PLACES: [Place; 2] = [
    Place {
        number: CLUB, name: "club", gated: "/club", roles: [("visitor", "未ログイン"), ("member", "会員"), ("staff", "事務局")]
    },
    Place {
        number: SOCIETY,
        name: "society",
        gated: "/proceedings",
        roles: [("visitor", "Signed out"), ("member", "Member"), ("staff", "Staff")],
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn no_page_sticks_out_or_is_refused_anything_by_the_content_policy() {
    let server = troubled(Database::Sqlite).await;
    pause(&Visitor::new(&server, CLUB)).await;
    let driver = Driver::start().await;
    for place in &PLACES {
        for width in [1280, 360] {
            let browser = driver.window(&server, place.number, width).await;
            for (role, button) in place.roles {
                browser.open("/").await;
                browser.press(button).await;
                browser.sees_within(".demo-bar [aria-current]", button).await;
                for (_, name, path) in PAGES.iter().filter(|(who, _, _)| *who == role) {
                    let path = if path.is_empty() { place.gated } else { path };
                    look_at(&browser, place, width, name, path).await;
                }
            }
            look_at_what_is_found_by_links(&browser, place, width, "").await;
            browser.prefer_scheme("dark").await;
            look_at(&browser, place, width, "home-dark", "/").await;
            look_at_what_is_found_by_links(&browser, place, width, "-dark").await;
        }
    }
}

/// A board, a thread, and the editor of a page: their addresses have ids. As staff.
async fn look_at_what_is_found_by_links(browser: &Window, place: &Place, width: u32, scheme: &str) {
    browser.open("/p/fan-board/").await;
    let board = browser.link("main .list a[href*='/boards/']").await;
    look_at(browser, place, width, &format!("board{scheme}"), &board).await;
    let thread = browser.link("main .list li:nth-child(2) a[href*='/threads/']").await;
    look_at(browser, place, width, &format!("thread{scheme}"), &thread).await;
    browser.open("/admin/forms").await;
    let form = browser.link("main table a[href*='/answers']").await;
    look_at(browser, place, width, &format!("form-answers{scheme}"), &form).await;
    let answer = browser.link("main table a[href*='/answers/']").await;
    look_at(browser, place, width, &format!("form-answer{scheme}"), &answer).await;
    browser.open("/admin/pages").await;
    let page = browser.link("main table a[href*='/admin/pages/']").await;
    look_at(browser, place, width, &format!("page-editing{scheme}"), &page).await;
}

async fn look_at(browser: &Window, place: &Place, width: u32, name: &str, path: &str) {
    browser.open(path).await;
    let name = format!("{}-{name}-{width}", place.name);
    browser.picture(&name).await;
    assert!(browser.sticks_out().await <= 0, "{name}: {path} is {} px too wide", browser.sticks_out().await);
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "{name}: {path}");
}
