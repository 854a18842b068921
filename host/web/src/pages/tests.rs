//! Pages through the routes, as visitors and staff meet them.

use crate::testing::{Answer, Browser};
use axum::http::StatusCode;
use std::collections::BTreeSet;
use tsudoi_kernel::Gate;
use tsudoi_kernel::locale::Localised;
use tsudoi_services::members::{MemberDraft, Named};
use tsudoi_services::pages::{PageBody, PagePath};
use tsudoi_services::testing::{TestServices, services};

fn body(path: &str, text: &str) -> PageBody {
    PageBody {
        title: "会報".into(), path: PagePath::parse(path).unwrap(), text: text.into(), gate: Gate::Everyone, teaser: String::new()
    }
}

async fn with_page(body: &PageBody) -> (TestServices, String) {
    let house = services().await;
    let id = house.editor(&house.anonymous().await).create_page(body, true).await.unwrap();
    (house, format!("/admin/pages/{id}"))
}

/// Opens the editor and sends its form.
async fn save(staff: &mut Browser, address: &str, path: &str, text: &str, action: &str) -> Answer {
    let form = staff.get(address).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text);
    let revision = form.field("revision");
    let fields = [
        ("revision", revision.as_str()),
        ("title", "会報"),
        ("path", path),
        ("text", text),
        ("gate", "everyone"),
        ("teaser", ""),
        ("action", action),
    ];
    staff.post(address, &fields).await
}

#[tokio::test]
async fn a_visitor_reads_a_page_by_any_spelling_of_its_address() {
    let (house, _) = with_page(&body("/活動", "**はじめまして**")).await;
    let mut visitor = Browser::new(&house);
    let page = visitor.get("/%E6%B4%BB%E5%8B%95").await;
    assert!(page.status == StatusCode::OK && page.text.contains("<strong>はじめまして</strong>"), "{}", page.text);
    assert!(!page.text.contains("/admin/pages/"));
    let slash = visitor.get("/%E6%B4%BB%E5%8B%95/?a=1").await;
    assert_eq!((slash.status, slash.location()), (StatusCode::PERMANENT_REDIRECT, "/%E6%B4%BB%E5%8B%95?a=1"));
    for nowhere in ["/nowhere", "/%ff", "/..", "//evil.example/"] {
        assert_eq!(visitor.get(nowhere).await.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
}

#[tokio::test]
async fn who_may_not_enter_sees_the_teaser_and_how_to_get_in() {
    let gated = PageBody { gate: Gate::Members, teaser: "**会員だけ**の話です。".into(), ..body("/club", "ひみつ") };
    let (house, _) = with_page(&gated).await;
    let page = Browser::new(&house).get("/club?a=1").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("<strong>会員だけ</strong>") && page.text.contains("/sign-in?next=%2Fclub%3Fa%3D1"), "{}", page.text);
    assert!(!page.text.contains("ひみつ"));
}

#[tokio::test]
async fn staff_write_preview_publish_and_take_back() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    let mut visitor = Browser::new(&house);
    assert_eq!(staff.get("/admin/pages").await.status, StatusCode::OK);
    assert_eq!(staff.get("/admin/pages/new?path=/kaiho").await.field("path"), "/kaiho");

    let typed = [("title", "会報"), ("path", "/kaiho"), ("text", "一行目"), ("gate", "everyone"), ("teaser", ""), ("action", "preview")];
    let preview = staff.post("/admin/pages/new", &typed).await;
    assert!(preview.status == StatusCode::OK && preview.text.contains("<p>一行目</p>"), "{}", preview.text);
    let fragment = staff.post("/admin/pages/new/preview", &typed).await;
    assert_eq!(fragment.text.trim(), "<h1>会報</h1><p>一行目</p>");
    assert_eq!(visitor.get("/kaiho").await.status, StatusCode::NOT_FOUND);

    let made = staff.post("/admin/pages/new", &[&typed[..5], &[("action", "publish")]].concat()).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let address = made.location().to_owned();
    assert!(staff.get(&address).await.text.contains("公開しました。"));
    assert!(visitor.get("/kaiho").await.text.contains("<p>一行目</p>"));
    assert!(staff.get("/kaiho").await.text.contains(&address));

    house.clock.pass(60);
    assert_eq!(save(&mut staff, &address, "/kaiho", "二行目", "publish").await.status, StatusCode::SEE_OTHER);
    assert!(visitor.get("/kaiho").await.text.contains("二行目"));
    let published = staff.get(&address).await.field("published");
    assert_eq!(staff.post(&format!("{address}/undo"), &[("published", &published)]).await.status, StatusCode::SEE_OTHER);
    let page = visitor.get("/kaiho").await;
    assert!(page.text.contains("一行目") && !page.text.contains("二行目"));
    let history = staff.get(&format!("{address}/history")).await;
    assert!(history.status == StatusCode::OK && history.text.contains("この内容を下書きに戻す"), "{}", history.text);
    let first = history.text.rsplit(&format!("{address}/history/")).next().unwrap()[..36].to_owned();
    assert!(staff.get(&format!("{address}/history/{first}")).await.text.contains("一行目"));
}

#[tokio::test]
async fn a_form_with_mistakes_comes_back_with_what_was_typed() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    staff.get("/admin/pages/new").await;
    let typed = [("title", ""), ("path", "/admin/x"), ("text", "長い<文章>"), ("gate", "tiers"), ("teaser", "案内"), ("action", "publish")];
    let page = staff.post("/admin/pages/new", &typed).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for expected in
        ["タイトルを入力してください。", "システムが使っています", "会員ランクをひとつ以上", "長い&lt;文章&gt;", "案内", "/admin/x"]
    {
        assert!(page.text.contains(expected), "{expected} is missing in {}", page.text);
    }
}

#[tokio::test]
async fn who_saves_second_sees_both_texts_and_decides() {
    let (house, address) = with_page(&body("/kaiho", "はじめ")).await;
    let mut hanako = Browser::staff(&house, &["site"]).await;
    let began_with = hanako.get(&address).await.field("revision");
    assert_eq!(save(&mut hanako, &address, "/kaiho", "花子の文", "save").await.status, StatusCode::SEE_OTHER);
    hanako.get(&address).await;
    let mine = |revision: String| {
        vec![
            ("revision", revision),
            ("title", "会報".into()),
            ("path", "/kaiho".into()),
            ("text", "太郎の文".into()),
            ("gate", "everyone".into()),
            ("action", "save".into()),
        ]
    };
    let fields = mine(began_with);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = hanako.post(&address, &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(
        page.text.contains("花子の文") && page.text.contains("太郎の文") && page.text.contains("ほかの方が先に保存しました"),
        "{}",
        page.text
    );
    let fields = mine(page.field("revision"));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(hanako.post(&address, &fields).await.status, StatusCode::SEE_OTHER);
    assert!(hanako.get(&address).await.text.contains("太郎の文"));
}

#[tokio::test]
async fn looking_as_a_visitor_shows_drafts_and_changes_nothing() {
    let (house, address) = with_page(&body("/kaiho", "公開中")).await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    save(&mut staff, &address, "/kaiho", "下書き中", "save").await;
    let site = staff.get("/admin/site").await;
    let frame = [
        ("revision", site.field("revision")),
        ("name", "新しい名前".into()),
        ("accent", "#3b4fa3".into()),
        ("theme", "commons".into()),
        ("action", "save".into()),
    ];
    let frame: Vec<(&str, &str)> = frame.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(staff.post("/admin/site", &frame).await.status, StatusCode::SEE_OTHER);
    staff.get(&address).await;
    let seen = staff.post("/admin/see-as", &[("as", "visitor"), ("next", "/kaiho")]).await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/kaiho"));
    let page = staff.get("/kaiho").await;
    assert!(page.text.contains("下書き中") && page.text.contains("新しい名前") && page.text.contains("/admin/see-as/end"), "{}", page.text);
    assert!(!page.text.contains("/admin/pages/"), "a visitor sees no edit link");
    assert!(Browser::new(&house).get("/kaiho").await.text.contains("公開中"));
    assert_eq!(staff.get(&address).await.status, StatusCode::FORBIDDEN);
    assert_eq!(staff.post(&format!("{address}/publish"), &[("revision", "x")]).await.status, StatusCode::FORBIDDEN);
    staff.get("/kaiho").await;
    assert_eq!(staff.post("/admin/see-as/end", &[]).await.location(), "/admin");
    assert!(staff.get("/kaiho").await.text.contains("公開中"));
    assert_eq!(staff.get("/admin").await.status, StatusCode::OK);
}

#[tokio::test]
async fn staff_look_with_a_members_eyes_by_the_number_in_any_width_and_case() {
    let (house, _) = with_page(&body("/kaiho", "公開中")).await;
    house.member("H-0001", None, None).await;
    let mut staff = Browser::staff(&house, &["site", "members"]).await;
    for (number, leads_to) in [("H-0001", "/"), (" ｈ－０００１ ", "/"), ("H-0002", "/admin/pages")] {
        staff.get("/admin/pages").await;
        let seen = staff.post("/admin/see-as", &[("as", "member"), ("number", number), ("next", "/")]).await;
        assert_eq!(seen.location(), leads_to, "{number}");
        if leads_to == "/" {
            staff.get("/kaiho").await;
            assert_eq!(staff.post("/admin/see-as/end", &[]).await.location(), "/admin");
        }
    }
}

#[tokio::test]
async fn only_staff_with_the_permission_reach_the_editor() {
    let (house, address) = with_page(&body("/kaiho", "公開中")).await;
    let mut visitor = Browser::new(&house);
    let mut moderator = Browser::staff(&house, &["members"]).await;
    for path in ["/admin/pages", "/admin/pages/new", &address, &format!("{address}/history"), "/admin/site", "/admin/menu", "/admin/files"]
    {
        let page = visitor.get(path).await;
        assert_eq!((page.status, page.location().starts_with("/sign-in?next=")), (StatusCode::SEE_OTHER, true), "{path}");
        assert_eq!(moderator.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(moderator.get("/admin").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_deleted_page_is_gone_and_comes_back() {
    let (house, address) = with_page(&body("/kaiho", "公開中")).await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    let revision = staff.get(&address).await.field("revision");
    assert_eq!(staff.post(&format!("{address}/delete"), &[("revision", &revision)]).await.location(), "/admin/pages");
    assert_eq!(Browser::new(&house).get("/kaiho").await.status, StatusCode::NOT_FOUND);
    assert!(staff.get("/admin/pages").await.text.contains("削除したページ（1件）"));
    assert_eq!(staff.post(&format!("{address}/bring-back"), &[]).await.location(), address);
    assert_eq!(Browser::new(&house).get("/kaiho").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_is_not_signed_in_gets_a_kept_page_until_anything_changes_and_its_holes_are_their_own() {
    let (house, address) = with_page(&body("/kaiho", "一")).await;
    let mut staff = Browser::staff(&house, &["site"]).await;
    let (mut one, mut other) = (Browser::new(&house), Browser::new(&house));
    let first = one.get("/kaiho").await;
    let before = house.statements();
    let second = other.get("/kaiho").await;
    assert_eq!(house.statements(), before, "nothing was asked");
    let without_holes = |page: &Answer| page.text.replace(&page.field("_csrf"), "");
    assert_ne!(first.field("_csrf"), second.field("_csrf"));
    assert_eq!(without_holes(&first), without_holes(&second));

    assert!(staff.get("/kaiho").await.text.contains("/admin/pages/"), "staff see the way to the editor");
    assert!(!one.get("/kaiho").await.text.contains("/admin/pages/"), "and nobody else does");
    assert_eq!(save(&mut staff, &address, "/kaiho", "二", "publish").await.status, StatusCode::SEE_OTHER);
    assert!(one.get("/kaiho").await.text.contains("<p>二</p>"), "the very next visitor sees the change");
    assert!(other.get("/kaiho?lang=en").await.text.contains("<p>二</p>"));
}

/// Members with these tiers, signed in, in browsers of one process.
async fn signed_in(house: &TestServices, tiers: &[&str]) -> Vec<Browser> {
    let (first, organisation) = (Browser::new(house), house.organisation.id);
    let mut browsers = Vec::new();
    let named = |key: &&str| Named { key: (*key).to_owned(), name: Localised::default() };
    let known: BTreeSet<&str> = tiers.iter().copied().collect();
    house.set_tiers_and_labels(organisation, &known.iter().map(named).collect::<Vec<_>>(), &[]).await.unwrap();
    for (n, tier) in tiers.iter().enumerate() {
        let account = house.account(None).await;
        let draft = MemberDraft {
            family_name: "会員".into(),
            display_name: format!("会員<{n}>"),
            account: Some(account),
            tier: Some((*tier).to_owned()),
            ..MemberDraft::new(house.fresh_member_id(), n.to_string())
        };
        house.add_members(organisation, std::slice::from_ref(&draft)).await.unwrap();
        let token = house.start_session(organisation, account, Some(draft.id), "Firefox").await.unwrap();
        browsers.push(first.beside(&token));
    }
    browsers
}

#[tokio::test]
async fn members_of_one_tier_share_a_page_and_each_has_their_own_name_and_token() {
    let gated = PageBody { gate: Gate::Members, ..body("/club", "一") };
    let (house, address) = with_page(&gated).await;
    let mut members = signed_in(&house, &["gold", "gold", "silver"]).await;
    let for_gold = PageBody { gate: Gate::Tiers { tiers: ["gold".to_owned()].into() }, ..body("/gold", "金") };
    house.editor(&house.anonymous().await).create_page(&for_gold, true).await.unwrap();
    assert_eq!(members[0].get("/gold").await.status, StatusCode::OK);
    assert_eq!(members[2].get("/gold").await.status, StatusCode::FORBIDDEN, "what is kept for one tier is for no other");
    let mut pages = Vec::new();
    for member in &mut members {
        pages.push(member.get("/club").await);
    }
    for (n, page) in pages.iter().enumerate() {
        assert!(page.status == StatusCode::OK && page.text.contains(&format!("会員&lt;{n}&gt;</a>")), "{}", page.text);
        let others = (0..3).filter(|other| *other != n);
        others.for_each(|other| assert!(!page.text.contains(&format!("会員&lt;{other}&gt;")), "{}", page.text));
    }
    assert_ne!(pages[0].field("_csrf"), pages[1].field("_csrf"));
    let before = house.statements();
    members[1].get("/club").await;
    assert_eq!(house.statements() - before, 1, "the session, and nothing else");
    // Everybody sees at once what is new.
    let mut staff = Browser::staff(&house, &["site"]).await;
    assert_eq!(save(&mut staff, &address, "/club", "二", "publish").await.status, StatusCode::SEE_OTHER);
    for member in &mut members {
        assert!(member.get("/club").await.text.contains("<p>二</p>"));
    }
}

#[tokio::test]
async fn a_page_that_is_kept_for_those_in_a_segment_is_for_nobody_else_of_their_tier() {
    let house = services().await;
    house.parrot_with_rules("parrot", &["named"]).await;
    let mut members = signed_in(&house, &["gold", "gold"]).await;
    let visit = house.anonymous().await;
    let list = house.member_list(&visit, "", None, "").await.unwrap().members;
    let rule = serde_json::json!({ "meets": "all", "conditions": [
        { "kind": "rule", "plugin": "parrot", "rule": "named", "parameters": { "members": [list[0].id] } },
    ]});
    let rule = serde_json::from_value(rule).unwrap();
    let key = house.editor(&visit).save_segment(&visit, None, "", ["常連さん", ""], rule).await.unwrap();
    let gated = PageBody { gate: Gate::Segments { segments: [key].into() }, ..body("/regulars", "ひみつ") };
    house.editor(&house.anonymous().await).create_page(&gated, true).await.unwrap();
    assert_eq!(members[0].get("/regulars").await.status, StatusCode::OK);
    let refused = members[1].get("/regulars").await;
    assert!(refused.status == StatusCode::FORBIDDEN && refused.text.contains("「常連さん」"), "{}", refused.text);
    assert!(!refused.text.contains("ひみつ"));
    assert_eq!(members[0].get("/regulars").await.status, StatusCode::OK, "and it is kept for those who are");
}

#[tokio::test]
async fn a_page_with_a_block_about_the_member_is_nobody_elses() {
    let house = services().await;
    house.parrot_with_blocks("parrot", &["own", "same"]).await;
    let editor = house.editor(&house.anonymous().await);
    let page = |path: &str, block: &str| PageBody { gate: Gate::Members, ..body(path, &format!("::parrot/{block}{{}}")) };
    editor.create_page(&page("/own", "own"), true).await.unwrap();
    editor.create_page(&page("/same", "same"), true).await.unwrap();
    let mut members = signed_in(&house, &["gold", "gold"]).await;
    for path in ["/own", "/same"] {
        let mut shown = Vec::new();
        for member in &mut members {
            let text = member.get(path).await.text;
            shown.push(text.split("<p>").nth(1).and_then(|rest| rest.split("</p>").next()).unwrap_or_default().to_owned());
        }
        assert!(shown[0].starts_with(&path[1..]), "{shown:?}");
        assert_eq!(shown[0] == shown[1], path == "/same", "{shown:?}");
    }
}

#[tokio::test]
async fn a_page_that_many_want_at_once_is_put_together_once() {
    let (house, _) = with_page(&body("/kaiho", "一")).await;
    let before = house.statements();
    assert_eq!(Browser::new(&house).get("/kaiho").await.status, StatusCode::OK);
    let alone = house.statements() - before;
    assert!(alone > 0, "it is asked for");
    // Another process, in which nothing is kept yet.
    let first = Browser::new(&house);
    let mut many: Vec<Browser> = (0..12).map(|_| first.beside("")).collect();
    let before = house.statements();
    let pages = futures::future::join_all(many.iter_mut().map(|browser| browser.get("/kaiho"))).await;
    assert!(pages.iter().all(|page| page.status == StatusCode::OK));
    assert!(house.statements() - before <= alone, "{} statements for all, {alone} for one", house.statements() - before);
}
