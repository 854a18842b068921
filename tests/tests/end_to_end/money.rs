//! What leaves the house about money, read by programs of others: documents by `pdftotext`, the journal by `hledger`.

use std::io::Write;
use std::process::{Command, Stdio};
use tsudoi_tests::{CLUB, Database, SOCIETY, Server, Visitor};

/// What a program of the distribution's says of this input.
fn said(program: &str, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
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
    said("pdftotext", &["-layout", "-enc", "UTF-8", "-", "-"], &bytes)
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
    for words in ["領収書", "白石", "様", "11,000円", "年会費（プレミアム会員）", "不課税", "銀行振込", "領収日"]
    {
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
