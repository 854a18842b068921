//! Who reaches a plugin's routes, and which tokens open them.

use crate::testing::Browser;
use axum::http::StatusCode;
use serde_json::json;
use tsudoi_kernel::Gate;
use tsudoi_services::pages::{PageBody, PagePath};
use tsudoi_services::plugins::Consent;
use tsudoi_services::testing::{TestServices, services};

async fn with_parrots() -> TestServices {
    let house = services().await;
    let members = json!({ "kind": "members" });
    let routes = json!([
        { "name": "home", "method": "GET", "path": "/", "area": "site" },
        { "name": "club", "method": "GET", "path": "/club", "area": "site", "gate": members },
        { "name": "write", "method": "POST", "path": "/write", "area": "site" },
        { "name": "write-in-club", "method": "POST", "path": "/club", "area": "site", "gate": members },
        { "name": "desk", "method": "GET", "path": "/desk", "area": "admin", "permission": "moderate" },
    ]);
    house.parrot("parrot", routes.clone()).await;
    house.parrot("cockatoo", routes).await;
    house
}

#[tokio::test]
async fn a_route_is_open_to_whom_its_gate_admits() {
    let house = with_parrots().await;
    let mut visitor = Browser::new(&house);
    let home = visitor.get("/p/parrot/").await;
    assert!(home.status == StatusCode::OK && home.text.contains("<p>home</p>"), "{}", home.text);
    let token = home.field("_csrf");
    for answer in [visitor.get("/p/parrot/club").await, visitor.post("/p/parrot/club", &[("_csrf", &token)]).await] {
        assert!(answer.status == StatusCode::SEE_OTHER && answer.location().starts_with("/sign-in"), "{}", answer.location());
    }
    assert!(visitor.get("/admin/p/parrot/desk").await.location().starts_with("/sign-in"));
    let mut staff = Browser::staff(&house, &["site"]).await;
    assert_eq!(staff.get("/admin/p/parrot/desk").await.status, StatusCode::FORBIDDEN);
    assert!(staff.get("/p/parrot/club").await.text.contains("<p>club</p>"));
    let house = with_parrots().await;
    let mut moderator = Browser::staff(&house, &["parrot:moderate"]).await;
    assert!(moderator.get("/admin/p/parrot/desk").await.text.contains("<p>desk</p>"));
    assert_eq!(moderator.get("/admin/p/cockatoo/desk").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_no_plugin_is_called_costs_no_question() {
    let house = with_parrots().await;
    let mut visitor = Browser::new(&house);
    let statements = |answer: &crate::testing::Answer| answer.headers["x-tsudoi-statements"].to_str().unwrap().parse::<u32>().unwrap();
    visitor.get("/p/parrot/nowhere").await;
    let (odd, absent) = (visitor.get("/p/par%00rot/").await, visitor.get("/p/nobody/").await);
    assert_eq!((odd.status, absent.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!((statements(&odd), statements(&absent)), (0, 0), "those that there are are known");
}

#[tokio::test]
async fn a_token_opens_the_paths_of_its_own_plugin_alone() {
    let house = with_parrots().await;
    let mut visitor = Browser::new(&house);
    let hosts = visitor.get("/sign-in").await.field("_csrf");
    let parrots = visitor.get("/p/parrot/").await.field("_csrf");
    let sent = visitor.post("/p/parrot/write", &[("_csrf", &parrots)]).await;
    assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, "/p/parrot/thanks"));
    for (path, token) in [("/p/parrot/write", ""), ("/p/parrot/write", &*hosts), ("/p/cockatoo/write", &*parrots), ("/sign-in", &*parrots)]
    {
        let refused = visitor.post(path, &[("_csrf", token), ("identifier", "H-0001"), ("password", "x")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} with {token:?}");
    }
    // Nor does it open anything for somebody else.
    let refused = Browser::new(&house).post("/p/parrot/write", &[("_csrf", &parrots)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn staff_who_ask_see_what_the_blocks_of_a_page_cost_and_nobody_else_does() {
    let house = services().await;
    let package = house
        .parrot_package("parrot", "1.0.0", json!({ "blocks": [{ "name": "latest", "label": { "ja": "新着", "en": "Latest" } }] }))
        .await;
    let editor = house.editor_of(house.organisation.id, None);
    editor.enable_plugin("parrot", &Consent::to_all(&package)).await.unwrap();
    let body = PageBody {
        title: "会報".into(),
        path: PagePath::parse("/kaiho").unwrap(),
        text: "::parrot/latest".into(),
        gate: Gate::Everyone,
        teaser: String::new(),
    };
    house.editor(&house.anonymous().await).create_page(&body, true).await.unwrap();
    let mut staff = Browser::staff(&house, &["site"]).await;
    let note = "パーツ「parrot/latest」: 新しく作りました";
    assert!(staff.get("/kaiho?parts").await.text.contains(note));
    assert!(!staff.get("/kaiho").await.text.contains(note));
    let visitor = Browser::new(&house).get("/kaiho?parts").await;
    assert!(visitor.text.contains("<p>latest</p>") && !visitor.text.contains("パーツ「"), "{}", visitor.text);
}

fn with_settings() -> serde_json::Value {
    let label = |ja: &str, en: &str| json!({ "ja": ja, "en": en });
    let choice = |value: &str| json!({ "const": value, "title": label(value, value) });
    json!({ "settings": {
        "greeting": { "type": "string", "label": label("あいさつ", "Greeting"), "default": "こんにちは", "max-length": 10 },
        "limit": { "type": "integer", "label": label("件数", "Limit"), "default": 5, "minimum": 1, "maximum": 20 },
        "open": { "type": "boolean", "label": label("受付中", "Open"), "default": true },
        "order": { "type": "string", "label": label("順", "Order"), "default": "new", "one-of": [choice("new"), choice("old")] },
        "words": { "type": "array", "label": label("禁止語", "Words"), "default": [] },
        "who": { "type": "object", "format": "gate", "label": label("だれが", "Who"), "default": { "kind": "members" } },
    }})
}

/// The fields of the form as a browser would send them unchanged, but for those given.
fn settings_form<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("action", "save"),
        ("setting-greeting", "こんにちは"),
        ("setting-limit", "5"),
        ("setting-open", "on"),
        ("setting-order", "new"),
        ("setting-words", ""),
        ("setting-who-gate", "members"),
    ];
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

#[tokio::test]
async fn the_form_of_settings_keeps_what_was_typed_and_says_what_is_wrong_with_it() {
    let house = services().await;
    let package = house.parrot_package("parrot", "1.0.0", with_settings()).await;
    house.editor_of(house.organisation.id, None).enable_plugin("parrot", &Consent::to_all(&package)).await.unwrap();
    let mut staff = Browser::staff(&house, &["plugins"]).await;
    let path = "/admin/plugins/parrot/settings";
    let form = staff.get(path).await;
    let (token, state) = (form.field("_csrf"), form.field("state"));
    let began = [("_csrf", &*token), ("state", &*state)];
    let wrong = settings_form(&[("setting-limit", "21"), ("setting-greeting", "長いあいさつの文章です"), ("setting-words", "あ\r\nい")]);
    let refused = staff.post(path, &[&began[..], &wrong].concat()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for shown in ["20 以下", "10 文字以内", r#"value="21""#, "長いあいさつの文章です", "あ\r\nい"] {
        assert!(refused.text.contains(shown), "{shown}: {}", refused.text);
    }
    let good = settings_form(&[("setting-limit", "7"), ("setting-words", "あ\r\nい"), ("setting-who-gate", "staff")]);
    let saved = staff.post(path, &[&began[..], &good].concat()).await;
    assert_eq!((saved.status, saved.location()), (StatusCode::SEE_OTHER, path));
    // Somebody who had opened the form before is told, and keeps what they typed.
    let late = staff.post(path, &[&began[..], &settings_form(&[("setting-limit", "9")])].concat()).await;
    assert!(late.status == StatusCode::CONFLICT && late.text.contains(r#"value="9""#), "{}", late.text);
    let now = house.services.editor_of(house.organisation.id, None).plugin_settings("parrot").await.unwrap();
    let chosen = |key: &str| now.settings.iter().find(|setting| setting.key == key).unwrap().value.clone();
    assert_eq!((chosen("limit"), chosen("words"), chosen("who")), (json!(7), json!(["あ", "い"]), json!({ "kind": "staff" })));
    assert!(staff.get("/admin/plugin-history").await.text.contains("limit, who, words"));
    let state = staff.get(path).await.field("state");
    staff.post(path, &[("_csrf", &*token), ("state", &*state), ("action", "defaults")]).await;
    let now = house.services.editor_of(house.organisation.id, None).plugin_settings("parrot").await.unwrap();
    assert!(now.settings.iter().all(|setting| setting.is_default));
}

#[tokio::test]
async fn cards_stand_where_the_manifest_says_and_for_those_who_may_see_them() {
    let house = services().await;
    let name = |name: &str| json!({ "ja": name, "en": name });
    let package = house
        .parrot_package(
            "parrot",
            "1.0.0",
            json!({
                "staff-permissions": [{ "name": "moderate", "label": name("moderate") }],
                "blocks": [{ "name": "for-staff", "label": name("a") }, { "name": "for-moderators", "label": name("b") }, { "name": "own", "label": name("c") }],
                "cards": [
                    { "place": "dashboard", "block": "for-staff" },
                    { "place": "dashboard", "block": "for-moderators", "permission": "moderate" },
                    { "place": "my-page", "block": "own" },
                ],
            }),
        )
        .await;
    house.editor_of(house.organisation.id, None).enable_plugin("parrot", &Consent::to_all(&package)).await.unwrap();
    let mut staff = Browser::staff(&house, &["site"]).await;
    let dashboard = staff.get("/admin").await.text;
    assert!(
        dashboard.contains("<p>for-staff</p>") && !dashboard.contains("for-moderators") && !dashboard.contains("<p>own</p>"),
        "{dashboard}"
    );
    let own = staff.get("/account").await.text;
    assert!(own.contains("<p>own</p>") && !own.contains("for-staff"), "{own}");
    house.editor_of(house.organisation.id, None).disable_plugin("parrot").await.unwrap();
    assert!(!staff.get("/account").await.text.contains("<p>own</p>"), "a plugin that is off shows none");
}
