//! Forms from making one to a member, on both databases.

use super::*;
use crate::members::Joining;
use crate::pages::GateInput;
use crate::testing::{TestServices, services_on_each};
use serde_json::{Map, Value, json};
use tsudoi_kernel::Gate;
use uuid::Uuid;

fn field(kind: FieldKind, label: &str, required: bool) -> FieldInput {
    FieldInput { label: [label.to_owned(), String::new()], required, ..FieldInput::new(kind) }
}

fn input(purpose: Purpose) -> FormInput {
    FormInput {
        address: "join".into(),
        purpose,
        name: ["入会のお申し込み".into(), "Join us".into()],
        open: true,
        reply: true,
        notify: "office@example.jp\n".into(),
        gate: GateInput { kind: "everyone".into(), ..GateInput::default() },
        fields: vec![
            field(FieldKind::Name, "お名前", true),
            field(FieldKind::Email, "メール", true),
            field(FieldKind::Lines, "ひとこと", false),
        ],
        ..FormInput::default()
    }
}

async fn made(house: &TestServices, input: &FormInput) -> PlacedForm {
    let visit = house.anonymous().await;
    let id = house.editor(&visit).save_form(&visit, None, "", input).await.unwrap();
    house.form(&visit, id).await.unwrap()
}

fn hanako(form: &PlacedForm) -> Map<String, Value> {
    let key = |kind| form.form.first(kind).unwrap().key.clone();
    let name = json!({ "family": "山田", "given": "花子", "family-kana": "ヤマダ", "given-kana": "ハナコ" });
    Map::from_iter([
        (key(FieldKind::Name), name),
        (key(FieldKind::Email), json!("hanako@example.jp")),
        (key(FieldKind::Lines), json!("=cmd\n星が好きです")),
    ])
}

async fn send(house: &TestServices, form: &PlacedForm, token: u128, client: &str) -> Result<Sent, ServiceError> {
    let shown = house.form_shown(form);
    house.clock.pass(5);
    let visit = house.anonymous().await;
    let typed = Typed { values: hanako(form), token: Uuid::from_u128(token), shown: &shown, client };
    house.answer_form(&visit, form, None, typed).await
}

async fn answers(house: &TestServices, form: &PlacedForm) -> Vec<Answer> {
    house.form_answers(&house.anonymous().await, form.id, None, None).await.unwrap().answers
}

#[tokio::test]
async fn an_answer_is_kept_once_and_tells_staff_and_whoever_answered() {
    for house in services_on_each().await {
        let form = made(&house, &input(Purpose::Answers)).await;
        assert_eq!(send(&house, &form, 1, "192.0.2.1").await.unwrap(), Sent::Kept);
        assert_eq!(send(&house, &form, 1, "192.0.2.1").await.unwrap(), Sent::Again, "{}", house.database.name);
        assert_eq!(answers(&house, &form).await.len(), 1);
        let [reply] = &house.mails_to("hanako@example.jp").await[..] else { panic!("one reply") };
        assert!(!reply.contains("星が好き"), "nothing that was typed goes to an address that was typed: {reply}");
        let [notice] = &house.mails_to("office@example.jp").await[..] else { panic!("one notice") };
        assert!(notice.contains("星が好きです") && notice.contains("山田 花子（ヤマダ ハナコ）"), "{notice}");
        let listed = house.forms(&house.anonymous().await).await.unwrap();
        assert_eq!((listed[0].answers, listed[0].new, house.new_answers(&house.anonymous().await).await.unwrap()), (1, 1, 1));
    }
}

#[tokio::test]
async fn robots_are_slowed_and_an_address_is_not_flooded() {
    for house in services_on_each().await {
        let form = made(&house, &input(Purpose::Answers)).await;
        let visit = house.anonymous().await;
        for shown in [house.form_shown(&form), "1.forged".to_owned(), String::new()] {
            let typed = Typed { values: hanako(&form), token: Uuid::from_u128(1), shown: &shown, client: "192.0.2.1" };
            let sent = house.answer_form(&visit, &form, None, typed).await;
            assert_eq!(sent.unwrap(), Sent::TooSoon);
        }
        assert!(answers(&house, &form).await.is_empty());
        for n in 0..4 {
            assert_eq!(send(&house, &form, n, "192.0.2.1").await.unwrap(), Sent::Kept);
        }
        assert_eq!(house.mails_to("hanako@example.jp").await.len(), 3, "further answers are kept without a reply");
        let mut refused = false;
        for n in 10..60 {
            refused |= matches!(send(&house, &form, n, "192.0.2.7").await, Err(ServiceError::TooMany { .. }));
        }
        assert!(refused, "one client can not send without end");
    }
}

#[tokio::test]
async fn whoever_asks_to_join_becomes_a_member_once() {
    for house in services_on_each().await {
        house.member("H-0041", Some("hanako@example.jp"), None).await;
        let form = made(&house, &input(Purpose::Join)).await;
        send(&house, &form, 1, "192.0.2.1").await.unwrap();
        let visit = house.anonymous().await;
        let id = answers(&house, &form).await[0].id;
        let read = house.form_answer(&visit, form.id, id).await.unwrap();
        assert_eq!(read.alike.len(), 1, "somebody has this address already");
        let suggested = read.approval.unwrap();
        assert_eq!((suggested.number.as_str(), suggested.display_name.as_str()), ("H-0042", "山田 花子"));
        let editor = house.editor(&visit);
        let taken = Approval { number: "H-0041".into(), ..suggested.clone() };
        let refused = editor.approve_answer(&visit, form.id, id, &taken).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(errors)) if errors == [("number".to_owned(), "error-number-taken")]));
        let wrong = Approval {
            tier: "diamond".into(),
            joining: Joining { begins: "2026-02-30".into(), ..suggested.joining.clone() },
            ..suggested.clone()
        };
        let refused = editor.approve_answer(&visit, form.id, id, &wrong).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(errors)) if errors.len() == 2));

        let member = editor.approve_answer(&visit, form.id, id, &suggested).await.unwrap();
        let file = house.member_file(&visit, member).await.unwrap();
        assert_eq!((file.member.family_kana.as_str(), file.member.email.as_deref()), ("ヤマダ", Some("hanako@example.jp")));
        assert!(matches!(editor.approve_answer(&visit, form.id, id, &suggested).await, Err(ServiceError::Changed)), "a double click");
        let seen = house.form_state(&form).unwrap();
        let changed = FormInput { purpose: Purpose::Answers, ..FormInput::of(&form, visit.organisation.locale) };
        let refused = editor.save_form(&visit, Some(form.id), &seen, &changed).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(errors)) if errors == [("purpose".to_owned(), "forms-purpose-answered")]));
        let again = Approval { number: "H-0043".into(), ..suggested };
        assert!(matches!(editor.approve_answer(&visit, form.id, id, &again).await, Err(ServiceError::Changed)));
        assert!(house.member_list(&visit, "H-0043", None, "").await.unwrap().members.is_empty(), "nobody is entered twice");
        let mails = house.mails_to("hanako@example.jp").await;
        assert!(mails.iter().any(|mail| mail.contains("H-0042") && mail.contains("/sign-in/code")), "{mails:?}");
        let data = editor.export_member_data(member).await.unwrap();
        assert_eq!(data["forms"][0]["form"]["ja"], "入会のお申し込み", "what they wrote is among their data");
        editor.erase_member_data(member).await.unwrap();
        assert!(answers(&house, &form).await.is_empty(), "and goes with them");
    }
}

#[tokio::test]
async fn a_field_with_answers_is_retired_and_stays_in_the_file() {
    for house in services_on_each().await {
        let form = made(&house, &input(Purpose::Answers)).await;
        send(&house, &form, 1, "192.0.2.1").await.unwrap();
        let visit = house.anonymous().await;
        let editor = house.editor(&visit);
        let mut changed = FormInput::of(&form, visit.organisation.locale);
        changed.fields.pop();
        changed.fields.push(FieldInput { choices: "朝 | Morning\n夜".into(), ..field(FieldKind::Choice, "時間", false) });
        // A key that was made up.
        changed.fields[2].key = form.form.fields[2].key.clone();
        assert!(matches!(editor.save_form(&visit, Some(form.id), "old", &changed).await, Err(ServiceError::Changed)));
        let seen = house.form_state(&form).unwrap();
        editor.save_form(&visit, Some(form.id), &seen, &changed).await.unwrap();
        let now = house.form(&visit, form.id).await.unwrap().form;
        assert_eq!(now.asked().map(|field| field.kind).collect::<Vec<_>>(), [FieldKind::Name, FieldKind::Email, FieldKind::Choice]);
        assert!(now.fields[3].retired && now.fields[3].key == form.form.fields[2].key && now.fields[2].key != now.fields[3].key);
        let file = String::from_utf8(editor.export_answers(&visit, form.id).await.unwrap()).unwrap();
        let lines: Vec<&str> = file.splitn(3, "\r\n").collect();
        let heads =
            "\u{FEFF}受付日時,対応の状況,メモ,お名前 姓,お名前 名,お名前 セイ,お名前 メイ,メール,時間,ひとこと（いまは使っていない欄）";
        assert_eq!(lines[0], heads);
        assert!(lines[1].contains(",山田,花子,ヤマダ,ハナコ,hanako@example.jp,,\"'=cmd\n星が好きです\""), "no formula: {file}");
    }
}

#[tokio::test]
async fn what_makes_no_form_is_said_beside_its_field() {
    let house = crate::testing::services().await;
    let visit = house.anonymous().await;
    let refused = async |input: FormInput| match house.editor(&visit).save_form(&visit, None, "", &input).await {
        Err(ServiceError::Invalid(errors)) => errors,
        other => panic!("{other:?}"),
    };
    let wrong = |field: &str, message| vec![(field.to_owned(), message)];
    assert_eq!(refused(FormInput { address: "Join us".into(), ..input(Purpose::Answers) }).await, wrong("address", "forms-address-wrong"));
    assert_eq!(refused(FormInput { notify: "nobody".into(), ..input(Purpose::Answers) }).await, wrong("notify", "forms-notify-address"));
    assert_eq!(refused(FormInput { fields: vec![], ..input(Purpose::Answers) }).await, wrong("fields", "forms-no-fields"));
    let only_name = vec![field(FieldKind::Name, "お名前", true)];
    assert_eq!(refused(FormInput { fields: only_name.clone(), ..input(Purpose::Join) }).await, wrong("fields", "forms-join-needs"));
    assert_eq!(refused(FormInput { fields: only_name, ..input(Purpose::Answers) }).await, wrong("fields", "forms-reply-needs"));
    let nameless = FormInput { name: [String::new(), "Join".into()], ..input(Purpose::Answers) };
    assert_eq!(refused(nameless).await, wrong("name_ja", "error-required"));
    let mut choices = input(Purpose::Answers);
    choices.fields.push(field(FieldKind::Choices, "時間", false));
    assert_eq!(refused(choices).await, wrong("field-3-choices", "forms-no-choices"));
    made(&house, &input(Purpose::Answers)).await;
    assert_eq!(refused(input(Purpose::Answers)).await, wrong("address", "forms-address-taken"));
}

#[tokio::test]
async fn a_form_is_for_those_whom_its_gate_names_and_of_one_organisation() {
    let house = crate::testing::services().await;
    let members = GateInput { kind: "members".into(), ..GateInput::default() };
    let form = made(&house, &FormInput { gate: members, ..input(Purpose::Answers) }).await;
    let visit = house.anonymous().await;
    assert!(matches!(house.form_at(&visit, "join", None).await.unwrap(), FormView::Denied(..)));
    assert_eq!(house.form_at(&visit, "leave", None).await.unwrap(), FormView::Nothing);
    house.add_organisation("other").await;
    let other = house.anonymous_at("other").await;
    assert_eq!(house.form_at(&other, "join", None).await.unwrap(), FormView::Nothing);
    assert!(matches!(house.form(&other, form.id).await, Err(ServiceError::NotFound)));
    assert!(matches!(house.form_answers(&other, form.id, None, None).await, Err(ServiceError::NotFound)));
    let closed = made(&house, &FormInput { open: false, address: "closed".into(), ..input(Purpose::Answers) }).await;
    assert_eq!(house.form_at(&visit, "closed", None).await.unwrap(), FormView::Closed(closed));
}

/// The plugin `trips`, which leads members to forms and comes back to `/p/trips/<key>`.
async fn with_trips(house: &TestServices, permissions: &[&str]) {
    let asked: Vec<Value> =
        permissions.iter().map(|name| json!({ "interface": name, "why": { "ja": "申し込み", "en": "Trips" } })).collect();
    let package = house
        .parrot_package(
            "trips",
            "1.0.0",
            json!({
                "permissions": asked, "subscriptions": [{ "topic": "form.answered" }], "forms": { "back": "trip" },
                "routes": [{ "name": "trip", "method": "GET", "path": "/{trip}", "area": "site" }],
            }),
        )
        .await;
    house.editor_of(house.organisation.id, None).enable_plugin("trips", &crate::plugins::Consent::to_all(&package)).await.unwrap();
}

const LEADS: [&str; 2] = ["forms", "event:form.answered"];

fn for_plugins() -> FormInput {
    let gate = GateInput { kind: "members".into(), ..GateInput::default() };
    FormInput { gate, address: "trip".into(), ..input(Purpose::Plugin) }
}

fn spring() -> AnswerFor {
    AnswerFor::parse("trips:spring-1").unwrap()
}

#[tokio::test]
async fn a_plugin_hears_once_what_a_member_answered_whom_it_led_to_a_form() {
    for house in services_on_each().await {
        with_trips(&house, &LEADS).await;
        let form = made(&house, &for_plugins()).await;
        let (hanako_id, visit) = house.visiting_member("H-1").await;
        let FormView::Open(_, Some(errand)) = house.form_at(&visit, "trip", Some(&spring())).await.unwrap() else { panic!("open") };
        assert_eq!(errand.back, "/p/trips/spring-1");
        let shown = house.form_shown(&form);
        house.clock.pass(5);
        let send = async |token| {
            let typed = Typed { values: hanako(&form), token: Uuid::from_u128(token), shown: &shown, client: "192.0.2.1" };
            house.answer_form(&visit, &form, Some(&errand), typed).await.unwrap()
        };
        assert_eq!((send(1).await, send(1).await, send(2).await), (Sent::Kept, Sent::Again, Sent::Answered), "{}", house.database.name);
        let kept = answers(&house, &form).await;
        assert_eq!((kept.len(), kept[0].answers.clone(), kept[0].member), (1, Some(spring()), Some(hanako_id)));
        assert!(matches!(house.form_at(&visit, "trip", Some(&spring())).await.unwrap(), FormView::Answered(..)));
        let read = house.form_answer(&house.anonymous().await, form.id, kept[0].id).await.unwrap();
        assert_eq!(read.led_by.unwrap().1.as_deref(), Some("/p/trips/spring-1"));
        house.do_all_due_work().await.unwrap();
        let told = house.worklog.take();
        assert_eq!(told.len(), 1, "{told:?}");
        let payload: Value = serde_json::from_str(told[0].split_once("form.answered ").unwrap().1).unwrap();
        let expected = [json!(form.id), json!(kept[0].id), json!(hanako_id), json!("spring-1")];
        assert_eq!(["form", "answer", "member", "key"].map(|key| payload[key].clone()), expected);
        assert_eq!(
            (&payload["fields"][0]["text"], &payload["fields"][1]["label"]["ja"]),
            (&json!("山田 花子（ヤマダ ハナコ）"), &json!("メール"))
        );
    }
}

#[tokio::test]
async fn what_was_told_of_an_answer_goes_with_its_member() {
    for house in services_on_each().await {
        with_trips(&house, &LEADS).await;
        let form = made(&house, &for_plugins()).await;
        let (member, visit) = house.visiting_member("H-1").await;
        let FormView::Open(_, errand) = house.form_at(&visit, "trip", Some(&spring())).await.unwrap() else { panic!("open") };
        let shown = house.form_shown(&form);
        house.clock.pass(5);
        let typed = Typed { values: hanako(&form), token: Uuid::from_u128(1), shown: &shown, client: "192.0.2.1" };
        assert_eq!(house.answer_form(&visit, &form, errand.as_ref(), typed).await.unwrap(), Sent::Kept);
        house.editor(&visit).erase_member_data(member).await.unwrap();
        assert!(answers(&house, &form).await.is_empty());
        house.do_all_due_work().await.unwrap();
        assert_eq!(house.worklog.take(), [""; 0], "nobody hears any more what {} answered", house.database.name);
    }
}

#[tokio::test]
async fn a_form_for_plugins_opens_for_members_whom_one_leads_there() {
    let house = crate::testing::services().await;
    let form = made(&house, &for_plugins()).await;
    let (_, visit) = house.visiting_member("H-1").await;
    let seen = async |visit, asked: Option<&str>| {
        house.form_at(visit, "trip", asked.map(|asked| AnswerFor::parse(asked).unwrap()).as_ref()).await.unwrap()
    };
    assert_eq!(seen(&visit, Some("trips:spring-1")).await, FormView::Elsewhere(form.clone()), "there is no such plugin");
    with_trips(&house, &LEADS).await;
    let (_, visit) = house.visiting_member("H-2").await;
    assert!(matches!(seen(&visit, Some("trips:spring-1")).await, FormView::Open(_, Some(_))));
    assert_eq!(seen(&visit, None).await, FormView::Elsewhere(form.clone()));
    assert_eq!(seen(&visit, Some("boats:spring-1")).await, FormView::Elsewhere(form.clone()));
    let stranger = house.anonymous().await;
    assert!(matches!(seen(&stranger, Some("trips:spring-1")).await, FormView::Denied(..)));
    let seen_state = house.form_state(&form).unwrap();
    let everyone = FormInput { gate: GateInput { kind: "everyone".into(), ..GateInput::default() }, ..for_plugins() };
    house.editor(&stranger).save_form(&stranger, Some(form.id), &seen_state, &everyone).await.unwrap();
    assert!(matches!(seen(&stranger, Some("trips:spring-1")).await, FormView::Denied(_, Gate::Members, _)), "somebody is to have answered");
    // Nobody led them here, and what was sent is not taken for anything else.
    let shown = house.form_shown(&form);
    house.clock.pass(5);
    let typed = Typed { values: hanako(&form), token: Uuid::from_u128(1), shown: &shown, client: "192.0.2.1" };
    assert_eq!(house.answer_form(&visit, &form, None, typed).await.unwrap(), Sent::Unheard);
    house.editor(&visit).disable_plugin("trips").await.unwrap();
    let errand = Errand { answers: spring(), back: "/p/trips/spring-1".into() };
    let typed = Typed { values: hanako(&form), token: Uuid::from_u128(1), shown: &shown, client: "192.0.2.1" };
    assert_eq!(house.answer_form(&visit, &form, Some(&errand), typed).await.unwrap(), Sent::Unheard, "it was switched off meanwhile");
    assert!(answers(&house, &form).await.is_empty());
}

#[tokio::test]
async fn a_plugin_that_may_not_hear_of_answers_leads_nobody_to_a_form() {
    for missing in LEADS {
        let house = crate::testing::services().await;
        let rest: Vec<&str> = LEADS.into_iter().filter(|name| *name != missing).collect();
        with_trips(&house, &rest).await;
        made(&house, &for_plugins()).await;
        let (_, visit) = house.visiting_member("H-1").await;
        assert!(matches!(house.form_at(&visit, "trip", Some(&spring())).await.unwrap(), FormView::Elsewhere(_)), "without {missing}");
    }
}

#[tokio::test]
async fn a_segment_that_a_form_is_for_stays() {
    let house = crate::testing::services().await;
    let visit = house.anonymous().await;
    let gold = crate::members::Named { key: "gold".into(), name: Default::default() };
    house.set_tiers_and_labels(house.organisation.id, &[gold], &[]).await.unwrap();
    let rule = json!({ "meets": "all", "conditions": [{ "kind": "tiers", "tiers": ["gold"] }] });
    let editor = house.editor(&visit);
    let key = editor.save_segment(&visit, None, "", ["金", ""], serde_json::from_value(rule).unwrap()).await.unwrap();
    let gate = GateInput { kind: "segments".into(), segments: [key.clone()].into(), ..GateInput::default() };
    let form = made(&house, &FormInput { gate, ..input(Purpose::Answers) }).await;
    assert_eq!(house.segment_uses(&visit, &key).await.unwrap().forms, ["入会のお申し込み"]);
    assert!(matches!(editor.delete_segment(&visit, &key).await, Err(ServiceError::Invalid(_))));
    editor.delete_form(&visit, form.id).await.unwrap();
    editor.delete_segment(&visit, &key).await.unwrap();
}
