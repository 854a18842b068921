//! What people type into forms, and what is wrong with it.

use super::*;
use serde_json::json;

fn form(fields: Value) -> Form {
    let form = json!({ "purpose": "answers", "name": { "ja": "お問い合わせ" }, "open": true, "reply": true, "fields": fields });
    serde_json::from_value(form).unwrap()
}

fn field(kind: &str, required: bool) -> Value {
    json!([{ "key": "f", "kind": kind, "label": { "ja": "欄" }, "required": required,
             "choices": [{ "ja": "朝", "en": "Morning" }, { "ja": "夜", "en": "Evening" }] }])
}

fn read(kind: &str, required: bool, typed: &[&'static str]) -> Result<Value, Misfit> {
    let form = form(field(kind, required));
    let values = form.read(Locale::Ja, |_| typed.to_vec());
    values.map(|values| values.get("f").cloned().unwrap_or(Value::Null)).map_err(|wrong| wrong[0].misfit)
}

#[test]
fn what_people_type_is_taken_as_it_is_meant() {
    for (kind, typed, value) in [
        ("email", "Ｔａｒｏ＠example.JP ", json!("taro@example.jp")),
        ("phone", "０９０－１２３４－５６７８", json!("090-1234-5678")),
        ("phone", "+81 (3) 1234 5678", json!("+81 (3) 1234 5678")),
        ("postal-code", "〒１００ー０００１", json!("100-0001")),
        ("postal-code", "1000001", json!("100-0001")),
        ("date", "２０２６年2月3日", json!("2026-02-03")),
        ("number", "１，２００", json!(1200)),
        ("lines", " 一行目\r\n二行目 ", json!("一行目\n二行目")),
        ("choice", "夜", json!("夜")),
        ("consent", "on", json!(true)),
    ] {
        assert_eq!(read(kind, true, &[typed]), Ok(value), "{kind}: {typed}");
    }
    assert_eq!(read("choices", false, &["朝", "夜"]), Ok(json!(["朝", "夜"])));
    assert_eq!(read("text", false, &["  "]), Ok(Value::Null), "what need not be there may be empty");
}

#[test]
fn what_is_wrong_is_named() {
    for (kind, typed, misfit) in [
        ("email", "taro", Misfit::Email),
        ("phone", "0120", Misfit::Phone),
        ("phone", "call me at 0312345678", Misfit::Phone),
        ("postal-code", "100-001", Misfit::PostalCode),
        ("date", "2026-02-30", Misfit::Date),
        ("date", "026-02-03", Misfit::Date),
        ("number", "many", Misfit::NotInteger),
        ("choice", "昼", Misfit::Choice),
        ("choices", "昼", Misfit::Choice),
        ("consent", "", Misfit::Empty),
        ("text", "a\u{7}", Misfit::Type),
        ("text", "two\nlines", Misfit::Type),
        ("lines", "turned \u{202E}around", Misfit::Type),
    ] {
        assert_eq!(read(kind, true, &[typed]), Err(misfit), "{kind}: {typed}");
    }
    let long: &'static str = Box::leak("あ".repeat(201).into_boxed_str());
    assert_eq!(read("text", true, &[long]), Err(Misfit::Longest(200)));
}

#[test]
fn a_name_has_its_reading_in_japanese_and_none_in_english() {
    let form = form(json!([{ "key": "who", "kind": "name", "label": { "ja": "お名前" }, "required": true }]));
    let typed = |input: &str| match input {
        "who-family" => vec!["　山田　"],
        "who-given" => vec!["花子"],
        "who-family-kana" => vec!["ﾔﾏﾀﾞ"],
        "who-given-kana" => vec!["はなこ"],
        _ => vec![],
    };
    let values = form.read(Locale::Ja, typed).unwrap();
    let expected = json!({ "family": "山田", "given": "花子", "family-kana": "ヤマダ", "given-kana": "ハナコ" });
    assert_eq!(values["who"], expected);
    assert_eq!(written_name(Locale::Ja, &values["who"]), "山田 花子");
    assert_eq!(form.read(Locale::En, typed).unwrap()["who"], json!({ "family": "山田", "given": "花子" }));
    let wrong = form.read(Locale::Ja, |input| if input == "who-family-kana" { vec!["山田"] } else { typed(input) }).unwrap_err();
    assert_eq!(wrong, [Wrong { field: "who".into(), part: "family-kana", misfit: Misfit::Kana }]);
    let missing = form.read(Locale::Ja, |input| if input == "who-given" { vec![] } else { typed(input) }).unwrap_err();
    assert_eq!(missing, [Wrong { field: "who".into(), part: "given", misfit: Misfit::Empty }]);
}

#[test]
fn a_field_that_is_retired_is_not_asked() {
    let form = form(json!([{ "key": "old", "kind": "text", "label": { "ja": "昔の欄" }, "required": true, "retired": true }]));
    assert_eq!(form.read(Locale::Ja, |_| vec!["x"]).unwrap(), Map::new());
}

#[test]
fn an_address_is_plain() {
    assert!(is_address("join") && is_address("summer-camp-2026"));
    for wrong in ["", "Join", "1st", "a--b", "a-", "会", "a/b", &"a".repeat(41)] {
        assert!(!is_address(wrong), "{wrong}");
    }
}

#[test]
fn what_a_form_is_filled_in_for_is_a_plugin_and_one_part_of_a_path() {
    let parsed = |text: &str| AnswerFor::parse(text).map(|answers| answers.to_string());
    for good in ["event-tasks:0197f3c0-0000-7000-8000-000000000001", "trips:a.b_c", "trips:7"] {
        assert_eq!(parsed(good).as_deref(), Some(good));
    }
    let long = format!("trips:{}", "k".repeat(101));
    for bad in ["", "trips", "trips:", ":k", "trips:..", "trips:.", "trips:a/b", "trips:a b", "trips:é", "Trips:a", "trips:a:b", &long] {
        assert_eq!(parsed(bad), None, "{bad}");
    }
}
