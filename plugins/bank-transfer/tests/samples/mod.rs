//! Data as the plugin gives it to its templates.

use serde_json::{Value, json};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn transfer(amount: i64, due_on: Option<&str>, is_set_up: bool) -> Value {
    let account =
        json!({ "bank": "ほしぞら銀行", "branch": "本店（123）", "kind": "kind-current", "number": "1234567", "holder": "ホシゾラクラブ" });
    json!({
        "code": "1234567", "number": "2026-0001", "amount": amount, "due_on": due_on, "account": if is_set_up { account } else { Value::Null },
        "note": if due_on.is_some() { "手数料はご負担ください。" } else { "" }, "back": "/account/payments",
    })
}

fn line(state: &str) -> Value {
    let why = match state {
        "waiting" => json!("doubt-several"),
        "booked" => json!("rule-number"),
        _ => Value::Null,
    };
    json!({
        "id": ID, "date": "2026-11-22", "amount": 3000, "payer": (state != "aside").then_some("ﾔﾏﾀﾞ ﾊﾅｺ"), "note": (state != "aside").then_some("ﾐﾅﾄ"),
        "account": if state == "booked" { "0005-123-1-1234567" } else { "" }, "state": state, "why": why,
        "number": (state == "booked").then_some("2026-0001"), "invoice": (state == "booked").then_some(ID),
        "reason": (state == "aside").then_some("利息"),
    })
}

fn lines(here: &str, next: Option<&str>) -> Value {
    let lines = if next.is_some() { vec![line(here)] } else { vec![] };
    json!({ "here": here, "lines": lines, "next": next })
}

fn candidate(over: i64, name_fit: &str) -> Value {
    json!({
        "invoice": ID, "number": "2026-0001", "amount": 3000 - over, "due_on": (over == 0).then_some("2026-12-22"), "name": (over != 0).then_some("山田 花子"),
        "reading": (over > 0).then_some("ヤマダ ハナコ"), "member_number": (over != 0).then_some("A-1"), "fits_number": over == 0, "name_fit": name_fit, "over": over,
    })
}

fn one_line(state: &str, candidates: &[Value]) -> Value {
    let may_book = state == "waiting" && !candidates.is_empty();
    json!({ "here": "", "line": line(state), "may_book": may_book, "candidates": candidates, "q": "", "is_complete": false })
}

pub fn waiting_line() -> Value {
    one_line("waiting", &[candidate(0, "same"), candidate(200, "alike"), candidate(-500, "other")])
}

fn import(format: &str) -> Value {
    json!({ "id": ID, "revision": "r", "created": 1, "updated": 1, "body": { "at": 1, "format": format, "lines": 3, "new": 2, "booked": 1, "waiting": 1 } })
}

pub fn imports() -> Value {
    json!({ "here": "imports", "latest": [import("format-notice"), import("format-table")], "accounts": ["ゆうちょ", "ほしぞら"], "is_set_up": false })
}

pub fn all() -> Vec<(&'static str, Value)> {
    let mut nothing_found = one_line("waiting", &[]);
    nothing_found["may_book"] = json!(true);
    let mut sought = nothing_found.clone();
    sought["q"] = json!("花子");
    let mut none_new = json!({ "here": "imports", "import": import("format-account"), "known": 3, "lines": [], "next": null });
    none_new["import"]["body"]["waiting"] = json!(0);
    vec![
        ("transfer.html", transfer(3_000, Some("2026-12-22"), true)),
        ("transfer.html", transfer(3_000, None, true)),
        ("transfer.html", transfer(3_000, None, false)),
        ("transfer.html", transfer(0, None, true)),
        ("admin-nav.html", json!({ "here": "waiting" })),
        ("rows.html", json!({ "lines": [line("waiting"), line("booked"), line("aside")] })),
        ("admin-lines.html", lines("waiting", None)),
        ("admin-lines.html", lines("waiting", Some("abc"))),
        ("admin-lines.html", lines("booked", None)),
        ("admin-lines.html", lines("booked", Some("abc"))),
        ("admin-lines.html", lines("aside", None)),
        ("admin-lines.html", lines("aside", Some("abc"))),
        ("admin-line.html", waiting_line()),
        ("admin-line.html", one_line("waiting", &[])),
        ("admin-line.html", nothing_found),
        ("admin-line.html", sought),
        ("admin-line.html", one_line("booked", &[])),
        ("admin-line.html", one_line("aside", &[])),
        ("admin-imports.html", imports()),
        ("admin-imports.html", json!({ "here": "imports", "latest": [], "accounts": [], "is_set_up": true })),
        ("admin-imported.html", none_new),
        (
            "admin-imported.html",
            json!({ "here": "imports", "import": import("format-table"), "known": 1, "lines": [line("waiting"), line("booked")], "next": "abc" }),
        ),
        ("waiting.html", json!({ "count": 2, "full": false })),
        ("waiting.html", json!({ "count": 99, "full": true })),
    ]
}
