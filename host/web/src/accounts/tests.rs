//! Signing in through the routes, as a browser does it.

use crate::testing::{Browser, value_after};
use axum::http::{StatusCode, header};
use tsudoi_services::testing::{TestServices, services};

const PASSWORD: &str = "stars over the bay";

async fn club_with_hanako() -> TestServices {
    let house = services().await;
    let account = house.account(Some(PASSWORD)).await;
    house.member("H-0001", Some("hanako@example.jp"), Some(account)).await;
    house
}

/// The path and query of the link in the newest mail to an address.
async fn mailed_link(house: &TestServices, email: &str) -> String {
    let mail = house.mails_to(email).await.into_iter().next().expect("a mail");
    let link = mail.lines().find_map(|line| line.strip_prefix("https://club.example")).filter(|path| path.contains('?'));
    link.expect("a link").to_owned()
}

#[tokio::test]
async fn a_member_signs_in_lands_where_they_wanted_and_signs_out() {
    let house = club_with_hanako().await;
    let mut browser = Browser::new(&house);
    let page = browser.get("/account").await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/sign-in?next=%2Faccount"));
    let page = browser.get("/sign-in?next=%2Faccount").await;
    assert_eq!(page.status, StatusCode::OK);
    let next = page.field("next");
    let page = browser.post("/sign-in", &[("identifier", "H-0001"), ("password", PASSWORD), ("next", &next)]).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/account"));
    let cookie = page.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Secure"), "{cookie}");
    let page = browser.get("/account").await;
    assert!(page.text.contains("会員H-0001 花子") && page.text.contains("hanako@example.jp"), "{}", page.text);
    let page = browser.post("/sign-out", &[]).await;
    assert_eq!((page.status, browser.session()), (StatusCode::SEE_OTHER, None));
    assert!(browser.get("/sign-in").await.text.contains("ログアウトしました"));
}

#[tokio::test]
async fn a_wrong_password_keeps_the_name_and_forgets_the_password() {
    let house = club_with_hanako().await;
    let mut browser = Browser::new(&house);
    browser.get("/sign-in").await;
    for identifier in ["hanako@example.jp", "nobody@example.jp"] {
        let page = browser.post("/sign-in", &[("identifier", identifier), ("password", "a wrong password"), ("next", "/")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains(identifier) && page.text.contains("パスワードが違います"), "{}", page.text);
        assert!(!page.text.contains("a wrong password"));
    }
    let page = browser.post("/sign-in", &[("identifier", ""), ("password", PASSWORD), ("next", "/")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.session(), None);
}

#[tokio::test]
async fn too_many_tries_are_told_to_wait_with_the_form_still_filled_in() {
    let house = club_with_hanako().await;
    let mut browser = Browser::new(&house);
    browser.get("/password/forgotten").await;
    for _ in 0..3 {
        assert_eq!(browser.post("/password/forgotten", &[("email", "hanako@example.jp")]).await.status, StatusCode::OK);
    }
    let page = browser.post("/password/forgotten", &[("email", "hanako@example.jp")]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(page.headers.get(header::RETRY_AFTER).unwrap(), "900");
    assert!(page.text.contains("hanako@example.jp") && page.text.contains("15分"), "{}", page.text);
}

#[tokio::test]
async fn a_form_without_its_token_is_refused() {
    let house = club_with_hanako().await;
    let mut browser = Browser::new(&house);
    let page = browser.post("/sign-in", &[("identifier", "H-0001"), ("password", PASSWORD)]).await;
    assert_eq!((page.status, browser.session()), (StatusCode::FORBIDDEN, None));
}

#[tokio::test]
async fn following_the_mailed_link_signs_nobody_in_until_the_button_is_pressed() {
    let house = club_with_hanako().await;
    let mut browser = Browser::new(&house);
    browser.get("/sign-in/code").await;
    let sent = browser.post("/sign-in/code", &[("email", "Hanako@example.jp"), ("next", "/account")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let page = browser.get(sent.location()).await;
    assert!(page.text.contains("hanako@example.jp"), "{}", page.text);

    let link = mailed_link(&house, "hanako@example.jp").await;
    let mut elsewhere = Browser::new(&house);
    for _ in 0..10 {
        let page = elsewhere.get(&link).await;
        assert_eq!((page.status, elsewhere.session()), (StatusCode::OK, None));
    }
    let page = elsewhere.get(&link).await;
    let fields = ["challenge", "code", "next"].map(|name| (name, page.field(name)));
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let page = elsewhere.post("/sign-in/code/verify", &fields).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/account"));
    assert!(elsewhere.session().is_some());
    assert_eq!(elsewhere.get(&link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_wrong_code_can_be_mended_on_the_same_page() {
    let house = services().await;
    house.member("H-0004", Some("family@example.jp"), None).await;
    house.member("H-0005", Some("family@example.jp"), None).await;
    let mut browser = Browser::new(&house);
    browser.get("/sign-in/code").await;
    let sent = browser.post("/sign-in/code", &[("email", "family@example.jp"), ("next", "/")]).await;
    let challenge = browser.get(sent.location()).await.field("challenge");
    let page = browser.post("/sign-in/code/verify", &[("challenge", &challenge), ("code", "12"), ("next", "/")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("番号が違います") && page.text.contains("family@example.jp"), "{}", page.text);

    let mail = house.mails_to("family@example.jp").await.remove(0);
    let code = mail.lines().find_map(|line| line.strip_prefix("番号: ")).unwrap().to_owned();
    let page = browser.post("/sign-in/code/verify", &[("challenge", &challenge), ("code", &code), ("next", "/")]).await;
    assert!(page.text.contains("会員H-0004 花子") && page.text.contains("会員H-0005 花子"), "{}", page.text);
    let ticket = page.field("challenge");
    let second = value_after(&page.text[page.text.find("会員H-0004").unwrap()..], "name=\"member\"").unwrap();
    let page = browser.post("/sign-in/choose", &[("challenge", &ticket), ("member", &second), ("next", "/account")]).await;
    assert_eq!(page.location(), "/account");
    assert!(browser.get("/account").await.text.contains("会員H-0005"));
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_through_the_mailed_page() {
    let house = club_with_hanako().await;
    let mut browser = Browser::new(&house);
    browser.get("/password/forgotten").await;
    browser.post("/password/forgotten", &[("email", "hanako@example.jp")]).await;
    let link = mailed_link(&house, "hanako@example.jp").await;
    let page = browser.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    let (challenge, code) = (page.field("challenge"), page.field("code"));
    let page = browser.post("/password/reset", &[("challenge", &challenge), ("code", &code), ("password", "short")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("10文字以上にしてください") && !page.text.contains("value=\"short\""), "{}", page.text);
    let page = browser.post("/password/reset", &[("challenge", &challenge), ("code", &code), ("password", "a quite new one")]).await;
    assert_eq!(page.location(), "/sign-in");
    assert_eq!(browser.get(&link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn the_language_is_kept_and_leads_nowhere_else() {
    let house = services().await;
    let mut browser = Browser::new(&house);
    browser.get("/sign-in").await;
    let page = browser.post("/language", &[("tag", "en"), ("next", "//evil.example/")]).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/"));
    assert!(browser.get("/sign-in").await.text.contains("lang=\"en\""));
    let page = browser.post("/language", &[("tag", "tlh"), ("next", "/")]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn staff_invite_and_remove_through_their_pages() {
    let house = services().await;
    let account = house.account(Some(PASSWORD)).await;
    house.staff("owner@example.jp", account, &["owner"]).await;
    let mut browser = Browser::new(&house);
    browser.get("/sign-in").await;
    browser.post("/sign-in", &[("identifier", "owner@example.jp"), ("password", PASSWORD), ("next", "/admin/staff")]).await;
    let page = browser.get("/admin/staff").await;
    assert!(page.text.contains("owner@example.jp"), "{}", page.text);
    let page = browser.post("/admin/staff/invite", &[("email", "nobody"), ("display_name", "新人"), ("permissions", "site")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("メールアドレスの形") && page.text.contains("新人"), "{}", page.text);
    let page = browser.post("/admin/staff/invite", &[("email", "new@example.jp"), ("display_name", "新人"), ("permissions", "site")]).await;
    assert_eq!(page.location(), "/admin/staff");
    assert!(browser.get("/admin/staff").await.text.contains("new@example.jp"));

    let page = browser.post(&format!("/admin/staff/{account}/remove"), &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("最後の責任者"), "{}", page.text);

    let mut invited = Browser::new(&house);
    let page = invited.get(&mailed_link(&house, "new@example.jp").await).await;
    let (challenge, code) = (page.field("challenge"), page.field("code"));
    invited.post("/password/reset", &[("challenge", &challenge), ("code", &code), ("password", PASSWORD)]).await;
    invited.get("/sign-in").await;
    invited.post("/sign-in", &[("identifier", "new@example.jp"), ("password", PASSWORD), ("next", "/")]).await;
    assert_eq!(invited.get("/admin/staff").await.status, StatusCode::FORBIDDEN);
}
