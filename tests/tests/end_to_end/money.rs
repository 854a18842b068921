//! What leaves the house about money, read by programs of others: documents by `pdftotext`, the journal by `hledger`.

use std::io::Write;
use std::process::{Command, Stdio};
use tsudoi_tests::{CLUB, Database, SOCIETY, Server, Visitor};

/// What a program of the distribution's says of this input.
/// What a program answers to this input.
pub fn said(program: &str, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        // hledger reads the names of the journal as the locale says.
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}, which `cargo xtask test` installs: {error}"));
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it was written").expect("it was read");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The text of a document, in the order in which it stands on the page.
async fn read_back(visitor: &Visitor, path: &str) -> String {
    let response = visitor.open(path, &[]).await;
    assert_eq!(response.headers()["content-type"], "application/pdf", "{path}");
    let bytes = response.bytes().await.expect("the whole document");
    assert!(bytes.len() < 200_000, "{path} has {} bytes: the glyphs that it shows, not the font", bytes.len());
    read_pdf(&bytes)
}

/// The text of a PDF, in the order in which it stands on the page.
pub fn read_pdf(bytes: &[u8]) -> String {
    said("pdftotext", &["-layout", "-enc", "UTF-8", "-", "-"], bytes)
}

/// The first link that the text of a row leads to.
async fn linked(staff: &Visitor, page: &str, words: &str) -> String {
    let answer = staff.get(page).await;
    let row = answer.text.split("<tr>").find(|row| row.contains(words)).unwrap_or_else(|| panic!("{words}: {}", answer.readable()));
    row.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_and_a_receipt_have_what_a_qualified_invoice_has_in_both_languages() {
    let server = Server::start(Database::Sqlite).await;
    let staff = Visitor::in_role(&server, CLUB, "staff").await;
    let invoice = linked(&staff, "/admin/invoices?state=", "秋の星空コンサート").await;
    let text = read_back(&staff, &format!("{invoice}/pdf")).await;
    for words in [
        "請求書",
        "井上",
        "ほしぞら会 事務局",
        "登録番号 T7000012050002",
        "発行日",
        "秋の星空コンサート 会員席",
        "会場のお弁当 ※",
        "10%対象",
        "13,200円",
        "1,200円",
        "8%対象（軽減税率 ※）",
        "2,160円",
        "160円",
        "15,360円",
        "※は軽減税率の対象です。",
        "みそら銀行 松本支店 普通 1234567",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let english = read_back(&staff, &format!("{invoice}/pdf?lang=en")).await;
    for words in ["Invoice", "Registration number T7000012050002", "10%", "8% (reduced rate *)", "¥15,360", "井上"] {
        assert!(english.contains(words), "{words}: {english}");
    }
    let payment = linked(&staff, "/admin/payments?q=MSR", "MSR-20260826-001").await;
    let receipt = read_back(&staff, &format!("{payment}/pdf")).await;
    for words in ["領収書", "白石", "様", "11,000円", "年会費", "不課税", "銀行振込", "領収日"] {
        assert!(receipt.contains(words), "{words}: {receipt}");
    }
    // The member has the same document, and only their own.
    let member = Visitor::in_role(&server, CLUB, "member").await;
    let page = member.get("/account/payments").await;
    let own = page.attributes("main a[href*='/account/invoices/']", "href");
    let text = read_back(&member, own.first().expect("an invoice of their own")).await;
    assert!(text.contains("請求書") && text.contains("ほしぞら会 事務局"), "{text}");
    let theirs = invoice.replace("/admin/", "/account/");
    assert!(own.iter().any(|path| path.starts_with(&theirs)) || member.get(&format!("{theirs}/pdf")).await.status == 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_balances_in_another_program() {
    for database in Database::BOTH {
        let server = Server::start(database).await;
        for (place, account) in [(CLUB, "assets:bank"), (SOCIETY, "assets:receivable")] {
            let staff = Visitor::in_role(&server, place, "staff").await;
            let ledger = staff.get("/admin/ledger").await;
            let journal = staff.submit(&ledger, "form[action='/admin/ledger/journal']", &[("form", "journal")]).await;
            // `check` refuses a journal with an entry that does not add up.
            said("hledger", &["-f", "-", "check"], journal.text.as_bytes());
            let balance = said("hledger", &["-f", "-", "balance", "--flat", "-N", account], journal.text.as_bytes());
            let shown = ledger.texts("main table").join(" ");
            let digits = |text: &str| text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect::<String>();
            let amount = digits(balance.split_whitespace().next().expect("a balance"));
            assert!(!amount.is_empty() && shown.replace(',', "").contains(amount.trim_end_matches(".0")), "{amount}: {shown}");
        }
    }
}

/// The part of a list that these words stand in.
fn item<'a>(page: &'a str, words: &str) -> &'a str {
    page.split("<li").find(|item| item.contains(words)).unwrap_or_else(|| panic!("{words}: {page}"))
}

fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).and_then(|(_, rest)| rest.split('"').next()).unwrap_or_else(|| panic!("{mark}: {text}"))
}

/// Asks for a page until it says this: what happens in the background takes a moment.
async fn until_it_says(visitor: &Visitor, path: &str, words: &str) -> String {
    let said = tokio::time::timeout(std::time::Duration::from_secs(60), async {
        loop {
            let page = visitor.get(path).await;
            if page.has(words) {
                return page.text;
            }
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
    });
    said.await.unwrap_or_else(|_| panic!("{words} never came on {path}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn dues_are_asked_once_paid_in_part_with_points_and_the_books_balance() {
    let server = Server::start(Database::Sqlite).await;
    let staff = Visitor::in_role(&server, CLUB, "staff").await;
    let member = Visitor::in_role(&server, CLUB, "member").await;
    let place = staff.get("/admin/dues").await.attributes("main a[href^='/admin/dues/0']", "href").remove(0);
    let forecast = staff.get(&place).await;
    let name = forecast.texts("h1").join("");
    let run = staff.submit(&forecast, "section[aria-labelledby='forecast'] form", &[]).await;
    assert_eq!(run.location(), place, "{}", run.readable());
    until_it_says(&staff, &place, "二重に請求しません").await;
    // A part with points: all that there are.
    let bills = member.get("/account/payments").await;
    let bill = item(&bills.text, &name);
    let action = after(bill, "action=\"").to_owned();
    assert!(bill.contains("6,600円") && action.ends_with("/pay"), "{bill}");
    let led = member.submit(&bills, &format!("form[action='{action}']"), &[("gateway", "points")]).await;
    let checkout = member.follow(&led).await;
    let paid = member.submit(&checkout, "main form", &[("points", "44")]).await;
    assert_eq!(paid.location(), "/account/payments", "{}", paid.readable());
    let bills = member.get("/account/payments").await;
    assert!(item(&bills.text, &name).contains("6,556円"), "{}", bills.readable());
    // The rest came by bank.
    let invoice = action.replace("/account/", "/admin/").replace("/pay", "");
    let page = staff.get(&invoice).await;
    let booked = staff.submit(&page, "section[aria-labelledby='pay'] form", &[]).await;
    assert_eq!(booked.location(), invoice, "{}", booked.readable());
    let bills = member.get("/account/payments").await;
    assert!(bills.has("支払い済み") && !bills.has("お支払いいただく合計: 6,556円"), "{}", bills.readable());
    let receipt = bills.attributes("main a[href*='/account/payments/']", "href").remove(0);
    let receipt = read_back(&member, &receipt).await;
    assert!(receipt.contains("領収書") && receipt.contains("6,556円"), "{receipt}");
    // What was paid in money earns points, what was paid with points does not.
    until_it_says(&member, "/p/points/", "+65").await;
    let ledger = staff.get("/admin/ledger").await;
    let journal = staff.submit(&ledger, "form[action='/admin/ledger/journal']", &[("form", "journal")]).await;
    said("hledger", &["-f", "-", "check"], journal.text.as_bytes());
    let balance = said("hledger", &["-f", "-", "balance", "--flat", "-N", "assets:clearing:points"], journal.text.as_bytes());
    assert!(balance.contains("44 JPY"), "{balance}");
}
