//! Who is in a segment, and what becomes of it when a rule fails.

use super::*;
use crate::ServiceError;
use crate::pages::{PageBody, PagePath, PageView};
use crate::testing::{TestServices, services, services_on_each};
use serde_json::json;
use tsudoi_kernel::ports::SegmentQuestion;
use tsudoi_kernel::{Gate, Locale, Organisation};

fn rule(json: Value) -> SegmentRule {
    serde_json::from_value(json).unwrap()
}

fn named(rule_name: &str, members: &[MemberId]) -> SegmentRule {
    let condition = json!({ "kind": "rule", "plugin": "parrot", "rule": rule_name, "parameters": { "members": members } });
    rule(json!({ "meets": "all", "conditions": [condition] }))
}

async fn made(house: &TestServices, name: &str, rule: SegmentRule) -> String {
    let visit = house.anonymous().await;
    house.editor(&visit).save_segment(&visit, None, "", [name, ""], rule).await.unwrap()
}

async fn gated_page(house: &TestServices, segment: &str) -> PagePath {
    let path = PagePath::parse("/regulars").unwrap();
    let gate = Gate::Segments { segments: [segment.to_owned()].into() };
    let body = PageBody { title: "常連".into(), path: path.clone(), text: "ひみつ".into(), gate, teaser: String::new() };
    house.editor(&house.anonymous().await).create_page(&body, true).await.unwrap();
    path
}

/// What the member of this token finds: the page, or that it is closed.
async fn opens(house: &TestServices, token: &str, path: &PagePath) -> bool {
    matches!(house.page_at(&house.recognised(token).await, path).await.unwrap(), PageView::Open(_))
}

/// A member who is signed in.
async fn member(house: &TestServices, number: &str) -> (MemberId, String) {
    let account = house.account(None).await;
    let id = house.member(number, None, Some(account)).await;
    (id, house.start_session(house.organisation.id, account, Some(id), "").await.unwrap())
}

#[tokio::test]
async fn a_page_for_a_segment_opens_for_whom_the_plugins_rule_meets() {
    for house in services_on_each().await {
        house.parrot_with_rules("parrot", &["named"]).await;
        let (hanako, her) = member(&house, "H-0001").await;
        let (_, him) = member(&house, "H-0002").await;
        let key = made(&house, "常連", named("named", &[hanako])).await;
        let path = gated_page(&house, &key).await;
        assert!(opens(&house, &her, &path).await, "{}", house.database.name);
        assert!(!opens(&house, &him, &path).await);
        assert!(matches!(house.page_at(&house.anonymous().await, &path).await.unwrap(), PageView::Denied { .. }));
        // Off with the plugin nobody meets its rules.
        house.editor(&house.anonymous().await).disable_plugin("parrot").await.unwrap();
        assert!(!opens(&house, &her, &path).await);
    }
}

#[tokio::test]
async fn what_a_visit_was_told_of_segments_depends_on_what_the_rule_read() {
    let house = services().await;
    house.parrot_with_rules("parrot", &["named"]).await;
    let (hanako, her) = member(&house, "H-0001").await;
    let key = made(&house, "常連", named("named", &[hanako])).await;
    let visit = house.recognised(&her).await;
    let reads: Vec<Read> = visit.visitor.segments.reads(&[key].into()).map(|(read, _)| read.clone()).collect();
    assert!(reads.contains(&Read::Fact("segments".into())) && reads.contains(&Read::Member(hanako)), "{reads:?}");
    assert!(reads.iter().any(|read| matches!(read, Read::Fact(fact) if fact.starts_with("installation:"))), "{reads:?}");
}

#[tokio::test]
async fn a_rule_that_fails_admits_nobody_and_staff_hear_of_it_and_a_busy_one_turns_nobody_away() {
    let house = services().await;
    house.parrot_with_rules("parrot", &["broken", "busy"]).await;
    let (hanako, her) = member(&house, "H-0001").await;
    let key = made(&house, "常連", named("broken", &[hanako])).await;
    let path = gated_page(&house, &key).await;
    assert!(!opens(&house, &her, &path).await);
    let failures = house.recent_plugin_failures(&house.anonymous().await).await.unwrap();
    assert_eq!(failures[0].place, "rule broken");
    made(&house, "混雑", named("busy", &[hanako])).await;
    let mut visit = house.anonymous().await;
    let outcome = house.recognise(&mut visit, &her).await;
    assert!(matches!(outcome, Err(ServiceError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_segment_names_what_there_is_and_says_who_is_in_it() {
    let house = services().await;
    house.parrot_with_rules("parrot", &["named"]).await;
    let (hanako, _) = member(&house, "H-0001").await;
    let (taro, _) = member(&house, "H-0002").await;
    let visit = house.anonymous().await;
    let editor = house.editor(&visit);
    let refused = async |name: &str, rule: SegmentRule| match editor.save_segment(&visit, None, "", [name, ""], rule).await {
        Err(ServiceError::Invalid(errors)) => errors.into_iter().map(|(field, message)| format!("{field} {message}")).collect(),
        other => vec![format!("{other:?}")],
    };
    assert_eq!(
        refused(" ", rule(json!({ "meets": "all", "conditions": [] }))).await,
        ["name_ja error-required", "conditions segments-no-condition"]
    );
    let platinum = rule(json!({ "meets": "all", "conditions": [{ "kind": "tiers", "tiers": ["platinum"] }] }));
    assert_eq!(refused("金", platinum).await, ["conditions segments-no-tier"]);
    assert_eq!(refused("謎", named("unknown", &[])).await, ["conditions segments-no-rule"]);
    let mut abroad = visit.clone();
    abroad.organisation = Arc::new(Organisation { locale: Locale::En, ..(*visit.organisation).clone() });
    let japanese_only = editor.save_segment(&abroad, None, "", ["常連", ""], named("named", &[])).await;
    let Err(ServiceError::Invalid(errors)) = japanese_only else { panic!("{japanese_only:?}") };
    assert_eq!(errors, [("name_en".to_owned(), "error-required")], "a name in the organisation's own language");
    editor.save_segment(&abroad, None, "", ["", "Regulars"], named("named", &[])).await.unwrap();
    assert_eq!(house.segments(&house.anonymous().await).await.unwrap()[0].name.get(Locale::Ja), "Regulars");
    let mut not = named("named", &[hanako]);
    not.conditions[0].not = true;
    let page = house.segment_page(&visit, &not, 10, 1_000).await.unwrap();
    assert_eq!((page.count, page.looked_at, page.more, page.members[0].id), (1, 2, false, taro));
}

#[tokio::test]
async fn of_two_who_change_a_segment_the_second_is_told_and_one_in_use_stays() {
    let house = services().await;
    house.parrot_with_rules("parrot", &["named"]).await;
    let key = made(&house, "常連", named("named", &[])).await;
    let visit = house.anonymous().await;
    let editor = house.editor(&visit);
    let state = house.segment_state(&house.segments(&visit).await.unwrap()[0]).unwrap();
    editor.save_segment(&visit, Some(&key), &state, ["常連さん", "Regulars"], named("named", &[])).await.unwrap();
    let second = editor.save_segment(&visit, Some(&key), &state, ["古参", ""], named("named", &[])).await;
    assert!(matches!(second, Err(ServiceError::Changed)), "{second:?}");
    gated_page(&house, &key).await;
    assert!(matches!(editor.delete_segment(&house.anonymous().await, &key).await, Err(ServiceError::Invalid(_))));
    let other = made(&house, "別", named("named", &[])).await;
    editor.delete_segment(&house.anonymous().await, &other).await.unwrap();
    assert_eq!(house.segments(&house.anonymous().await).await.unwrap().len(), 1);
}

#[tokio::test]
async fn plugins_page_through_a_segment_with_all_that_this_depends_on() {
    for house in services_on_each().await {
        house.parrot_with_rules("parrot", &["named"]).await;
        let mut members = Vec::new();
        for number in ["H-0001", "H-0002", "H-0003", "H-0004"] {
            members.push(house.member(number, None, None).await);
        }
        members.sort();
        let key = made(&house, "常連", named("named", &[members[1], members[3]])).await;
        let parts = house.segment_parts();
        let organisation = house.anonymous().await.organisation;
        let ask = async |segment: &str, after, most| {
            let question = SegmentQuestion { segment: segment.to_owned(), after, most };
            parts.part(organisation.clone(), question).await.unwrap()
        };
        let all = ask(&key, None, 100).await;
        assert_eq!((all.members, all.next), (Some(vec![members[1], members[3]]), None), "{}", house.database.name);
        for read in members.iter().map(|id| Read::Member(*id)).chain([Read::Members, Read::Fact("segments".into())]) {
            assert!(all.reads.iter().any(|(known, _)| *known == read), "{read:?}");
        }
        let first = ask(&key, None, 1).await;
        assert_eq!((first.members, first.next), (Some(vec![members[1]]), Some(members[1])));
        let second = ask(&key, first.next, 1).await;
        assert_eq!((second.members, second.next), (Some(vec![members[3]]), None));
        let gone = ask("list-gone", None, 1).await;
        assert!(gone.members.is_none() && gone.reads.len() == 1, "it depends on which segments there are");
        // Off with the plugin nobody meets its rules, and switching it on again makes that another answer.
        house.editor(&house.anonymous().await).disable_plugin("parrot").await.unwrap();
        let off = ask(&key, None, 100).await;
        assert_eq!(off.members, Some(Vec::new()));
        assert!(off.reads.iter().any(|(read, _)| matches!(read, Read::Fact(fact) if fact.starts_with("installation:"))), "{off:?}");
    }
}
