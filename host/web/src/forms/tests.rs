//! A form is made, answered by a stranger, and its answer becomes a member: as people do it, page by page.

use crate::testing::{Answer, Browser, value_after};
use axum::http::{StatusCode, header};
use tsudoi_services::testing::{TestServices, services};

/// The form for joining as it is suggested, saved by staff.
async fn with_form(house: &TestServices) -> (Browser, String) {
    let mut staff = Browser::staff(house, &["members", "site"]).await;
    assert!(staff.get("/admin/forms").await.text.contains("まだフォームがありません"));
    let blank = staff.get("/admin/forms/new?for=join").await;
    let fields = inputs(&blank.text);
    let saved = staff.post("/admin/forms/new", &borrowed(&fields, &[("action", "save")])).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let place = saved.location().to_owned();
    (staff, place)
}

/// What a browser would send of the page's main form: inputs with their values, ticked boxes, texts.
fn inputs(page: &str) -> Vec<(String, String)> {
    let main = &page[page.find("<main").unwrap()..];
    let mut found = Vec::new();
    for tag in main.split("<input ").skip(1) {
        let tag = &tag[..tag.find('>').unwrap()];
        let name = attribute(tag, "name").unwrap_or_default();
        let ticks = tag.contains("type=\"checkbox\"") || tag.contains("type=\"radio\"");
        if name != "_csrf" && name != "website" && (!ticks || tag.contains(" checked")) {
            found.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    for area in main.split("<textarea ").skip(1) {
        let name = attribute(area, "name").unwrap();
        found.push((name, area[area.find(">\n").unwrap() + 2..area.find("</textarea>").unwrap()].to_owned()));
    }
    found
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!("{name}=\""))?;
    let rest = &tag[at + name.len() + 2..];
    Some(rest[..rest.find('"')?].to_owned())
}

fn borrowed<'a>(fields: &'a [(String, String)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(more.iter().copied()).collect()
}

/// Hanako's answer to the form on this page.
fn answered(page: &str) -> Vec<(String, String)> {
    let mut fields = inputs(page);
    for (name, value) in &mut fields {
        let typed = match name.rsplit_once('-').map(|(_, last)| last) {
            _ if name.ends_with("-family-kana") => "やまだ",
            _ if name.ends_with("-given-kana") => "ﾊﾅｺ",
            Some("family") => "山田",
            Some("given") => "花子",
            _ => continue,
        };
        typed.clone_into(value);
    }
    let email = value_after_name(page, "type=\"email\"");
    fields.iter_mut().filter(|(name, _)| *name == email).for_each(|(_, value)| "hanako@example.jp".clone_into(value));
    fields.push((consent(page), "on".into()));
    fields
}

/// The name of the input of which the tag says `mark`.
fn value_after_name(page: &str, mark: &str) -> String {
    let tag = page.split("<input ").find(|tag| tag[..tag.find('>').unwrap()].contains(mark)).unwrap();
    attribute(tag, "name").unwrap()
}

fn consent(page: &str) -> String {
    let main = &page[page.find("form-consent").unwrap()..];
    value_after_name(main, "type=\"checkbox\"")
}

async fn confirmed(house: &TestServices, stranger: &mut Browser) -> Answer {
    let page = stranger.get("/forms/join").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    house.clock.pass(20);
    stranger.post("/forms/join", &borrowed(&answered(&page.text), &[("step", "check")])).await
}

#[tokio::test]
async fn a_stranger_joins_by_a_form_and_staff_approve() {
    let house = services().await;
    let (mut staff, form) = with_form(&house).await;
    let mut stranger = Browser::new(&house);
    let page = stranger.get("/forms/join").await;
    assert!(page.text.contains("入会のお申し込み") && !page.text.contains("/admin/"), "{}", page.text);
    // Half of it: what is missing is said, and nothing typed is lost.
    let mut half = answered(&page.text);
    half.retain(|(name, _)| *name != consent(&page.text));
    half.iter_mut().filter(|(name, _)| name.ends_with("-family-kana")).for_each(|(_, value)| *value = "山田".into());
    let refused = stranger.post("/forms/join", &borrowed(&half, &[("step", "check")])).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in
        ["2か所に入力の誤り", "カタカナで入力してください", "チェックを入れてください", "value=\"hanako@example.jp\"", "value=\"花子\""]
    {
        assert!(refused.text.contains(words), "{words}: {}", refused.text);
    }
    let confirm = confirmed(&house, &mut stranger).await;
    assert_eq!(confirm.status, StatusCode::OK);
    assert!(confirm.text.contains("山田 花子（ヤマダ ハナコ）") && confirm.text.contains("まだ送信していません"), "{}", confirm.text);
    let typed = inputs(&confirm.text);
    let back = stranger.post("/forms/join", &borrowed(&typed, &[("step", "edit")])).await;
    assert!(back.status == StatusCode::OK && back.text.contains("value=\"やまだ\""), "{}", back.text);
    for _ in 0..2 {
        let sent = stranger.post("/forms/join", &borrowed(&typed, &[("step", "send")])).await;
        assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, "/forms/join/sent"), "{}", sent.text);
    }
    assert!(stranger.get("/forms/join/sent").await.text.contains("送信しました"));

    let list = staff.get(&format!("{form}/answers")).await;
    assert_eq!(list.text.matches("山田 花子").count(), 1, "sent twice, kept once: {}", list.text);
    let id = list.text.split(&format!("{form}/answers/")).nth(1).unwrap();
    let answer = format!("{form}/answers/{}", &id[..36]);
    let shown = staff.get(&answer).await;
    assert!(shown.text.contains("承認して会員にする") && shown.text.contains("value=\"山田 花子\""), "{}", shown.text);
    let date = value_after(&shown.text, "name=\"begins\"").unwrap();
    let approve = |number: &'static str| {
        [("action", "approve".to_owned()), ("number", number.into()), ("display_name", "はなこ".into()), ("begins", date.clone())]
    };
    let nobody = staff.post(&answer, &approve("").each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert!(nobody.status == StatusCode::UNPROCESSABLE_ENTITY && nobody.text.contains("value=\"はなこ\""), "{}", nobody.text);
    let approved = staff.post(&answer, &approve("H-7").each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.text);
    let member = staff.get(approved.location()).await;
    assert!(member.text.contains("hanako@example.jp") && member.text.contains(&answer), "with their application: {}", member.text);
    let again = staff.post(&answer, &approve("H-8").each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert_eq!(again.location(), answer, "somebody decided already");
    let file = staff.post(&format!("{form}/answers.csv"), &[]).await;
    assert!(file.header(header::CONTENT_DISPOSITION).contains("join.csv") && file.text.contains("承認済み"), "{}", file.text);
}

#[tokio::test]
async fn a_robot_gets_no_further_and_a_person_loses_nothing() {
    let house = services().await;
    with_form(&house).await;
    let mut robot = Browser::new(&house);
    let page = robot.get("/forms/join").await;
    let fields = answered(&page.text);
    let trapped = robot.post("/forms/join", &borrowed(&fields, &[("step", "check"), ("website", "https://spam.example")])).await;
    assert!(trapped.status == StatusCode::UNPROCESSABLE_ENTITY && trapped.text.contains("value=\"花子\""), "{}", trapped.text);
    // Without a token of this form's, or with one that was made up, it is only shown once more.
    for token in ["", "0197f3c0-0000-7000-8000-000000000001", "0197f3c0-0000-7000-8000-000000000001.forged"] {
        let again = robot.post("/forms/join", &borrowed(&fields, &[("step", "send"), ("_token", token)])).await;
        assert!(again.status == StatusCode::OK && again.text.contains("まだ送信していません"), "{}", again.text);
    }
    let confirm = robot.post("/forms/join", &borrowed(&fields, &[("step", "check")])).await;
    let soon = robot.post("/forms/join", &borrowed(&inputs(&confirm.text), &[("step", "send")])).await;
    assert!(soon.status == StatusCode::UNPROCESSABLE_ENTITY && soon.text.contains("自動送信を防ぐため"), "{}", soon.text);
    assert_eq!(robot.get("/forms/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_stands_in_a_page_for_those_who_may_answer() {
    let house = services().await;
    let (mut staff, form) = with_form(&house).await;
    let page = [("title", "入会案内"), ("path", "/welcome"), ("text", "ようこそ\n\n::form/join\n\n::form/leave\n"), ("gate", "everyone")];
    let new = staff.get("/admin/pages/new").await;
    assert!(new.status == StatusCode::OK && new.text.contains("data-insert=\"\\n\\n::form/join\\n\\n\""), "{}", new.text);
    let made = staff.post("/admin/pages/new", &[&page[..], &[("action", "publish")]].concat()).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let mut stranger = Browser::new(&house);
    for _ in 0..2 {
        let shown = stranger.get("/welcome").await;
        assert!(shown.text.contains("action=\"/forms/join\"") && !shown.text.contains("leave"), "{}", shown.text);
        house.clock.pass(20);
        // Straight from the page, with the token that stands there.
        let checked = stranger.post("/forms/join", &borrowed(&answered(&shown.text), &[("step", "check")])).await;
        assert!(checked.status == StatusCode::OK && checked.text.contains("まだ送信していません"), "{}", checked.text);
    }
    assert!(staff.get("/welcome").await.text.contains("フォーム「leave」は見つかりません"));
    staff.get(&form).await;
    assert_eq!(staff.post(&format!("{form}/delete"), &[]).await.location(), "/admin/forms");
    assert!(!stranger.get("/welcome").await.text.contains("/forms/join"));
}

#[tokio::test]
async fn forms_are_for_staff_who_may_see_members() {
    let house = services().await;
    let mut editor = Browser::staff(&house, &["site"]).await;
    for path in ["/admin/forms", "/admin/forms/new", "/admin/forms/0197f3c0-0000-7000-8000-000000000001/answers"] {
        assert_eq!(editor.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}
