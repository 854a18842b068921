//! Pictures of the pages that people see most, in both languages, wide and narrow: nothing may stick out at the side, and
//! the browser may have nothing to complain of. They are in `target/screenshots`, to be looked at.

use crate::hostile::{pause, troubled};
use tsudoi_tests::browser::{Driver, Window};
use tsudoi_tests::{CLUB, Database, SOCIETY, Server, Visitor};

/// Who looks, the picture's name, and the page.
const PAGES: [(&str, &str, &str); 54] = [
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
    ("staff", "points-members", "/admin/p/points/"),
    ("staff", "points-ranks", "/admin/p/points/ranks"),
    ("staff", "points-settings", "/admin/plugins/points/settings"),
    ("staff", "events-past", "/admin/p/event-tasks/?past=1"),
    ("staff", "event-rates", "/admin/p/event-tasks/rates"),
];

/// Pages whose addresses have ids: the picture's name, who looks, where the way begins, and the links on it.
const WAYS: [(&str, &str, &str, &[&str]); 22] = [
    ("member", "event", "/p/event-tasks/", &["main a[href*='/events/']"]),
    ("member", "event-withdraw", "/p/event-tasks/", &["main a[href*='/events/']", "main a[href$='/withdraw']"]),
    ("staff", "invoice", "/admin/invoices?state=overdue", &["main table a[href*='/admin/invoices/0']"]),
    ("staff", "invoice-paid", "/admin/invoices?state=paid", &["main table a[href*='/admin/invoices/0']"]),
    ("staff", "invoice-credit", "/admin/invoices?state=overdue", &["main table a[href*='/admin/invoices/0']", "main a[href$='/credit']"]),
    ("staff", "payment", "/admin/payments", &["main table a[href*='/admin/payments/0']"]),
    ("staff", "dues-planned", "/admin/dues", &["main a[href*='/admin/dues/0']"]),
    ("staff", "dues-asked", "/admin/dues", &["main li:last-child a[href*='/admin/dues/0']"]),
    (
        "staff",
        "mailing",
        "/admin/mailings",
        &["main li:last-child a[href*='/admin/mailings/0'], main tr:last-child a[href*='/admin/mailings/0']"],
    ),
    ("staff", "member", "/admin/members", &["main table a[href*='/admin/members/']"]),
    ("staff", "points-member", "/admin/p/points/", &["main a[href*='/members/']"]),
    ("staff", "points-adjust", "/admin/p/points/", &["main a[href*='/members/']", "main a[href$='/adjust']"]),
    ("staff", "points-counter", "/admin/p/points/", &["main a[href*='/members/']", "main a[href$='/spend']"]),
    ("staff", "points-try", "/admin/p/points/rules", &["main a[href$='/try']"]),
    ("staff", "event-edit", "/admin/p/event-tasks/", &["main a[href$='/edit']"]),
    ("staff", "event-participants", "/admin/p/event-tasks/?past=1", &["main a[href$='/participants']"]),
    ("staff", "event-attendance", "/admin/p/event-tasks/?past=1", &["main a[href$='/participants']", "main a[href$='/attendance']"]),
    ("staff", "event-add-participant", "/admin/p/event-tasks/", &["main a[href$='/participants']", "main a[href$='/participants/new']"]),
    ("staff", "event-timetable", "/p/event-tasks/", &["main a[href*='/events/']", "main a[href$='/timetable']"]),
    ("staff", "event-call-off", "/p/event-tasks/", &["main a[href*='/events/']", "main a[href$='/call-off']"]),
    ("staff", "task-board", "/p/event-tasks/tasks", &["main a[href*='/tasks/of/']"]),
    ("staff", "task-list", "/admin/p/event-tasks/lists", &["main a[href*='/lists/']"]),
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
                // The society has no Japanese bank.
                let is_there = |path: &str| place.number == CLUB || !path.contains("/bank-transfer/");
                for (_, name, path) in PAGES.iter().filter(|(who, _, path)| *who == role && is_there(path)) {
                    let path = if path.is_empty() { place.gated } else { path };
                    look_at(&browser, place, width, name, path).await;
                }
                for (_, name, from, links) in WAYS.iter().filter(|(who, ..)| *who == role) {
                    let mut path = (*from).to_owned();
                    for css in *links {
                        browser.open(&path).await;
                        path = browser.link(css).await;
                    }
                    look_at(&browser, place, width, name, &path).await;
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
    look_at_what_is_open(browser, place, width, name).await;
}

async fn look_at_what_is_open(browser: &Window, place: &Place, width: u32, name: &str) {
    let (name, path) = (format!("{}-{name}-{width}", place.name), browser.path().await);
    browser.picture(&name).await;
    assert!(browser.sticks_out().await <= 0, "{name}: {path} is {} px too wide", browser.sticks_out().await);
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "{name}: {path}");
}

/// Invoices of the demo's member, by what becomes of them when the gateway of `tests/plugins/crossroads` is pressed.
const OWED: [(&str, &str); 4] = [("told", "600"), ("away", "700"), ("failed", "900"), ("disputed", "950")];

/// What a payer and staff see of a payment that goes elsewhere, fails or is disputed, and of money that a gateway is asked to give back.
#[tokio::test(flavor = "multi_thread")]
async fn pages_of_payments_that_went_otherwise_fit_too() {
    let server = Server::start(Database::Sqlite).await;
    server.enable_test_plugin("crossroads");
    let driver = Driver::start().await;
    let (staff, member) = (Visitor::in_role(&server, CLUB, "staff").await, Visitor::in_role(&server, CLUB, "member").await);
    let found = staff.get("/admin/invoices/new?q=H-0012").await;
    let blank = found.attributes("main a[href*='/admin/invoices/new?member=']", "href").remove(0);
    let mut invoices = Vec::new();
    for (name, owed) in OWED {
        let line = [("line-0-name", name), ("line-0-price", owed), ("line-0-kind", "out-of-scope"), ("action", "save")];
        let written = staff.submit(&staff.get(&blank).await, "form[action='/admin/invoices/new']:has(input[name='member'])", &line).await;
        let draft = written.location();
        let issued = staff.submit(&staff.get(&draft).await, "form:has(input[value='issue'])", &[]).await;
        assert!(issued.status.is_redirection(), "{}", issued.readable());
        invoices.push((name, draft));
    }
    let place = &PLACES[CLUB];
    for width in [1280, 360] {
        let browser = driver.window(&server, CLUB, width).await;
        browser.open("/").await;
        browser.press("会員").await;
        browser.sees_within(".demo-bar [aria-current]", "会員").await;
        for (name, words) in [("told", "窓口へ"), ("away", "api.example.com")] {
            browser.open("/account/payments").await;
            browser.press_beside(name, "小銭で支払う").await;
            browser.sees(words).await;
            look_at_what_is_open(&browser, place, width, &format!("payment-{name}")).await;
        }
    }
    for (name, invoice) in invoices.iter().filter(|(name, _)| ["failed", "disputed"].contains(name)) {
        let action = invoice.replace("/admin/", "/account/");
        let page = member.get("/account/payments").await;
        let paid = member.submit(&page, &format!("form[action='{action}/pay']"), &[("gateway", "crossroads")]).await;
        assert_eq!(paid.location(), "/account/payments", "{name}: {}", paid.readable());
    }
    for width in [1280, 360] {
        let browser = driver.window(&server, CLUB, width).await;
        browser.open("/").await;
        browser.press("会員").await;
        browser.sees_within(".demo-bar [aria-current]", "会員").await;
        look_at(&browser, place, width, "bills-otherwise", "/account/payments").await;
        // By its name, and not by the id that programs know it by.
        browser.sees("950円 四つ辻").await;
        browser.press("事務局").await;
        browser.sees_within(".demo-bar [aria-current]", "事務局").await;
        for (name, invoice) in &invoices {
            look_at(&browser, place, width, &format!("invoice-{name}"), invoice).await;
        }
    }
}
