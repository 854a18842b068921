//! An invoice from a draft to a receipt, as people do it, page by page.

use crate::testing::{Answer, Browser};
use axum::http::{StatusCode, header};
use tsudoi_services::testing::{TestServices, services};

const SETTINGS: [(&str, &str); 9] = [
    ("name", "ほしぞら会"),
    ("address", "〒100-0001\n東京都千代田区千代田1-1"),
    ("registration", "Ｔ7000012050002"),
    ("bank", "星空銀行 本店 普通 1234567"),
    ("prices", "inclusive"),
    ("rounding", "down"),
    ("standard", "10"),
    ("reduced", "8"),
    ("due_days", "30"),
];

const LINES: [(&str, &str); 11] = [
    ("name", "会員A-1 花子 様"),
    ("locale", "ja"),
    ("line-0-name", "講演会 参加費"),
    ("line-0-price", "１，１００"),
    ("line-0-quantity", "2"),
    ("line-0-unit", "名"),
    ("line-0-kind", "standard"),
    ("line-1-name", "年会費"),
    ("line-1-price", "5000"),
    ("line-1-quantity", "1"),
    ("line-1-kind", "out-of-scope"),
];

async fn staff(house: &TestServices) -> Browser {
    let mut staff = Browser::staff(house, &["money", "members"]).await;
    let page = staff.get("/admin/invoices/settings").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let state = page.field("state");
    let saved = staff.post("/admin/invoices/settings", &[&SETTINGS[..], &[("state", &state)]].concat()).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    staff
}

/// A draft for the member, as it is shown before it is issued.
async fn drafted(staff: &mut Browser, member: &str) -> (String, Answer) {
    let new = staff.get(&format!("/admin/invoices/new?member={member}")).await;
    assert!(new.status == StatusCode::OK && new.text.contains("value=\"会員A-1 花子 様\""), "{}", new.text);
    let made = staff.post("/admin/invoices/new", &[&LINES[..], &[("member", member), ("action", "save")]].concat()).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let place = made.location().to_owned();
    let shown = staff.get(&place).await;
    (place, shown)
}

async fn issued(staff: &mut Browser, member: &str) -> String {
    let (place, shown) = drafted(staff, member).await;
    let state = shown.field("state");
    assert_eq!(staff.post(&place, &[("action", "issue"), ("state", &state)]).await.location(), place);
    place
}

#[tokio::test]
async fn an_invoice_is_written_issued_paid_and_taken_back() {
    let house = services().await;
    let member = house.member("A-1", None, None).await.to_string();
    let mut staff = staff(&house).await;
    assert!(staff.get("/admin/invoices").await.text.contains("未払いの請求書はありません"));
    assert!(staff.get("/admin/invoices/new?q=A-1").await.text.contains("会員A-1 花子"));
    // Wrong input comes back with what was typed.
    let wrong = [("name", ""), ("line-0-name", "会費"), ("line-0-price", "千円"), ("line-0-quantity", "0"), ("line-0-kind", "exempt")];
    let refused = staff.post("/admin/invoices/new", &[&wrong[..], &[("member", &*member), ("action", "save")]].concat()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["value=\"千円\"", "数字で入力してください", "1以上の整数", "3か所に入力の誤り"] {
        assert!(refused.text.contains(words), "{words}: {}", refused.text);
    }
    let more = staff.post("/admin/invoices/new", &[&LINES[..], &[("member", &*member), ("action", "add")]].concat()).await;
    assert!(more.status == StatusCode::OK && more.text.contains("line-2-name"), "{}", more.text);
    let (place, shown) = drafted(&mut staff, &member).await;
    for words in ["この内容で発行する", "7,200円", "課税 10%", "200円", "T7000012050002"] {
        assert!(shown.text.contains(words), "{words}: {}", shown.text);
    }
    let stale = staff.post(&place, &[("action", "issue"), ("state", "old")]).await;
    assert_eq!(stale.location(), place);
    assert!(staff.get(&place).await.text.contains("この内容で発行する"), "what was not seen is not issued");
    let state = shown.field("state");
    staff.post(&place, &[("action", "issue"), ("state", &state)]).await;
    let page = staff.get(&place).await;
    assert!(page.text.contains("請求書 2027-0001") && page.text.contains("お支払い待ち"), "{}", page.text);
    assert_eq!(staff.get(&format!("{place}/edit")).await.location(), place, "an issued invoice is not edited");

    // A part, the same form twice, and more than is open.
    let token = page.field("token");
    let part = [("token", token.as_str()), ("method", "bank"), ("amount", "3,000"), ("received_on", "2027-01-15"), ("reference", "B-1")];
    for _ in 0..2 {
        assert_eq!(staff.post(&format!("{place}/payments"), &part).await.location(), place);
    }
    let page = staff.get(&place).await;
    assert!(page.text.contains("4,200円") && page.text.contains("一部入金"), "{}", page.text);
    let token = page.field("token");
    let again = [("token", token.as_str()), ("method", "bank"), ("amount", "千"), ("received_on", "2199-01-01"), ("reference", "B-1")];
    let refused = staff.post(&format!("{place}/payments"), &again).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains("まだ来ていない日付"), "{}", refused.text);
    let over = [("token", token.as_str()), ("method", "cash"), ("amount", "5000"), ("received_on", "2027-01-15")];
    assert_eq!(staff.post(&format!("{place}/payments"), &over).await.status, StatusCode::SEE_OTHER);
    let page = staff.get(&place).await;
    assert!(page.text.contains("支払い済み") && !page.text.contains("入金を記録する</button>"), "{}", page.text);
    let payments = staff.get("/admin/payments?rest=yes").await;
    assert!(payments.text.contains("残り 800円") && !payments.text.contains("B-1"), "{}", payments.text);

    // Taken back in part, and what was paid given back.
    let credit = staff.get(&format!("{place}/credit")).await;
    let token = credit.field("token");
    let sent = [("token", token.as_str()), ("amount-standard", "1100"), ("amount-out-of-scope", ""), ("reason", "1名欠席のため")];
    assert_eq!(staff.post(&format!("{place}/credit"), &sent).await.location(), place);
    let page = staff.get(&place).await;
    assert!(page.text.contains("返還請求書 C2027-0001") && page.text.contains("1名欠席のため"), "{}", page.text);
    let at = page.text.find("/admin/payments/").unwrap();
    let payment = page.text[at..at + 52].to_owned();
    let ledger = staff.get("/admin/ledger").await;
    assert!(ledger.text.contains("仮受消費税（標準税率）") && ledger.text.contains("8,000円"), "{}", ledger.text);
    let journal = staff.post("/admin/ledger/journal", &[("form", "journal")]).await;
    assert!(journal.text.contains("assets:receivable") && journal.header(header::CONTENT_DISPOSITION).contains("journal"));
    let receipt = staff.get(&format!("{payment}/pdf")).await;
    assert!(receipt.bytes.starts_with(b"%PDF") && receipt.header(header::CACHE_CONTROL).contains("no-store"));
    for address in [format!("{place}/pdf"), format!("{place}/pdf?lang=en")] {
        assert!(staff.get(&address).await.bytes.starts_with(b"%PDF"), "{address}");
    }
}

#[tokio::test]
async fn what_is_left_of_a_payment_is_refunded_or_used() {
    let house = services().await;
    let member = house.member("A-1", None, None).await.to_string();
    let mut staff = staff(&house).await;
    let first = issued(&mut staff, &member).await;
    let token = staff.get(&first).await.field("token");
    let over = [("token", token.as_str()), ("method", "other"), ("amount", "9,000"), ("received_on", "2027-01-15")];
    staff.post(&format!("{first}/payments"), &over).await;
    let second = issued(&mut staff, &member).await;
    assert!(staff.get(&second).await.text.contains("使われていない入金が1,800円"));
    assert_eq!(staff.post(&second, &[("action", "use-credit")]).await.location(), second);
    assert!(staff.get(&second).await.text.contains("5,400円"));
    // Nothing is left, so nothing can be given back.
    let list = staff.get("/admin/payments").await.text;
    let at = list.find("/admin/payments/").unwrap();
    let payment = list[at..at + 52].to_owned();
    let token = staff.get(&first).await.text.len().to_string();
    assert_eq!(staff.post(&format!("{payment}/refund"), &[("token", &token)]).await.status, StatusCode::BAD_REQUEST);
    let refused = [("token", "0197f3c0-0000-7000-8000-000000000001"), ("method", "bank"), ("amount", "1"), ("refunded_on", "2027-01-15")];
    let refused = staff.post(&format!("{payment}/refund"), &refused).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert!(staff.get("/admin/invoices/unpaid").await.text.contains("5,400円"));
    let page = staff.get(&format!("/admin/members/{member}")).await;
    assert!(page.text.contains(&first) && page.text.contains(&second), "{}", page.text);
}

#[tokio::test]
async fn a_member_sees_what_is_due_and_has_their_own_documents_alone() {
    let house = services().await;
    let account = house.account(Some("stars over the bay")).await;
    let member = house.member("A-1", Some("hanako@example.jp"), Some(account)).await;
    let other = house.member("B-2", None, None).await;
    let mut staff = staff(&house).await;
    let place = issued(&mut staff, &member.to_string()).await;
    let token = staff.get(&place).await.field("token");
    let part = [("token", token.as_str()), ("method", "bank"), ("amount", "200"), ("received_on", "2027-01-15")];
    staff.post(&format!("{place}/payments"), &part).await;
    let theirs = {
        let visit = house.anonymous().await;
        let (_, mut input) = house.new_invoice(&visit, other).await.unwrap();
        input.lines[0].name = "会費".into();
        input.lines[0].price = "1".into();
        let id = house.editor(&visit).create_invoice(&visit, other, &input).await.unwrap();
        let state = house.invoice_file(&visit, id).await.unwrap().state;
        house.editor(&visit).issue_invoice(&visit, id, &state).await.unwrap();
        id
    };
    let session = house.start_session(house.organisation.id, account, Some(member), "browser").await.unwrap();
    let mut own = staff.beside(&session);
    let page = own.get("/account/payments").await;
    for words in ["お支払いいただく合計: 7,000円", "星空銀行 本店", "2027-0001", "領収書（PDF）"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(own.get("/account").await.text.contains("お支払い方法を見る"));
    let id = &place["/admin/invoices/".len()..];
    assert!(own.get(&format!("/account/invoices/{id}/pdf")).await.bytes.starts_with(b"%PDF"));
    let at = page.text.find("/account/payments/").unwrap();
    assert!(own.get(&page.text[at..at + 58]).await.bytes.starts_with(b"%PDF"), "{}", &page.text[at..at + 58]);
    assert_eq!(own.get(&format!("/account/invoices/{theirs}/pdf")).await.status, StatusCode::NOT_FOUND);
    house.clock.pass(40 * 24 * 3600);
    let session = house.start_session(house.organisation.id, account, Some(member), "browser").await.unwrap();
    assert!(staff.beside(&session).get("/account/payments").await.text.contains("期限を過ぎています"));
}

#[tokio::test]
async fn money_is_for_staff_who_may_see_it() {
    let house = services().await;
    let mut editor = Browser::staff(&house, &["members", "site"]).await;
    for path in ["/admin/invoices", "/admin/invoices/unpaid", "/admin/payments", "/admin/ledger", "/admin/invoices/settings"] {
        assert_eq!(editor.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let member = house.member("A-1", None, None).await;
    for path in ["/admin".to_owned(), format!("/admin/members/{member}")] {
        let page = editor.get(&path).await;
        assert!(page.status == StatusCode::OK && !page.text.contains("/admin/invoices"), "{path}");
    }
}
