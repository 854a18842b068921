//! Dues from the form to an invoice on a member's page.

use crate::testing::Browser;
use axum::http::StatusCode;
use tsudoi_services::invoices::SettingsInput;
use tsudoi_services::testing::{TestServices, services};

/// Staff of an organisation that can issue invoices.
async fn staff(house: &TestServices) -> Browser {
    let visit = house.anonymous().await;
    let settings = house.invoice_settings(&visit).await.unwrap();
    let seen = house.invoice_settings_state(&settings).unwrap();
    let input = SettingsInput { name: "ほしぞら会".into(), address: "千代田区".into(), ..SettingsInput::of(&settings) };
    house.editor(&visit).save_invoice_settings(&visit, &seen, &input).await.unwrap();
    Browser::staff(house, &["money"]).await
}

#[tokio::test]
async fn staff_see_what_a_run_would_do_before_anybody_is_asked() {
    let house = services().await;
    let member = house.member("A-1", Some("hanako@example.jp"), None).await;
    let mut staff = staff(&house).await;
    assert!(staff.get("/admin/dues").await.text.contains("会費の請求はまだありません"));
    let form = staff.get("/admin/dues/new").await;
    assert!(form.status == StatusCode::OK && form.text.contains("2027年度 年会費") && form.text.contains("すべての会員"), "{}", form.text);
    let typed = |price: &'static str| {
        [
            ("name", "2027年度 年会費"),
            ("begins", "2027-04-01"),
            ("ends", "2028-03-31"),
            ("due_on", "2027-05-31"),
            ("type-0", ""),
            ("price-0", price),
            ("tax_kind", "out-of-scope"),
        ]
    };
    let wrong = staff.post("/admin/dues/new", &typed("五千円")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("value=\"五千円\"") && wrong.text.contains("value=\"2027年度 年会費\""), "{}", wrong.text);
    let made = staff.post("/admin/dues/new", &typed("５，０００")).await;
    let place = made.location().to_owned();
    let page = staff.get(&place).await;
    assert!(page.text.contains("1 人に請求する") && page.text.contains("5,000円"), "{}", page.text);
    assert_eq!(house.invoices_of(&house.anonymous().await, member).await.unwrap().len(), 0);
    let state = page.field("state");
    assert_eq!(staff.post(&place, &[("action", "run"), ("state", &state)]).await.location(), place);
    assert!(staff.get(&place).await.text.contains("請求書を発行しています"));
    house.work_on_dues().await.unwrap();
    let after = staff.get(&place).await;
    assert!(after.text.contains("1 件") && after.text.contains("二重に請求しません"), "{}", after.text);
    assert_eq!(house.invoices_of(&house.anonymous().await, member).await.unwrap().len(), 1);
    // The form that somebody opened before says so, and keeps what they typed.
    let again = staff.post(&format!("{place}/edit"), &[&typed("6000")[..], &[("state", "stale")]].concat()).await;
    assert!(again.status == StatusCode::CONFLICT && again.text.contains("value=\"6000\""), "{}", again.text);
    let deleted = staff.post(&place, &[("action", "delete")]).await;
    assert_eq!(deleted.location(), place, "somebody was asked");
}
