//! Data as the plugin gives it to its templates.

use serde_json::{Value, json};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

fn period(one_day: bool) -> Value {
    json!({
        "starts_at": 1, "ends_at": 2, "weekday": 6, "from": "18:00", "until": "20:30", "last_weekday": (!one_day).then_some(7),
    })
}

fn line(state: &str, free: Value) -> Value {
    json!({
        "id": ID, "title": "忘年会", "period": period(state != "called-off"), "place": (state == "published").then_some("公民館"),
        "state": state, "free": free, "price": (state == "published").then_some("3,000円"),
    })
}

fn lines() -> Value {
    json!([
        line("published", json!(3)),
        line("published", json!(0)),
        line("published", Value::Null),
        line("called-off", json!(1)),
        line("draft", json!(1))
    ])
}

fn session(day: bool, for_staff: bool) -> Value {
    json!({
        "title": "受付", "starts_at": 1, "day": day.then_some(1), "weekday": 7, "from": "17:30", "until": if day { "17:30" } else { "18:00" },
        "place": (!day).then_some("ロビー"), "for_staff": for_staff,
    })
}

fn may(may: bool) -> Value {
    json!({ "events": may, "registrations": may, "tasks": may })
}

/// Without a place it is one that is told later.
pub fn event(state: &str, place: &str) -> Value {
    let is_full = state == "published";
    json!({
        "event": {
            "id": ID, "title": "忘年会", "description": if is_full { "どうぞ" } else { "" }, "period": period(is_full), "place": place,
            "place_is_link": place.starts_with("https:"), "place_comes_later": place.is_empty(), "state": state,
            "capacity": if is_full { json!(10) } else { Value::Null }, "free": if is_full { json!(0) } else { Value::Null }, "waiting": 2,
            "companions": if is_full { 2 } else { 0 }, "price": is_full.then_some("3,000円"), "has_price": is_full,
            "register_until": if is_full { json!(1) } else { Value::Null }, "withdraw_until": if is_full { json!(1) } else { Value::Null },
            "sessions": if is_full { json!([session(false, true), session(true, false)]) } else { json!([]) },
        },
        "own": null, "obstacle": null, "asked_by": null, "may_register": state == "published", "signs_in": false, "may": may(true),
    })
}

fn own(state: &str, payment: &str, may_withdraw: bool) -> Value {
    let mut data = event("published", "公民館");
    data["own"] = json!({
        "state": state, "companions": 1, "queue": if state == "waiting" { json!(3) } else { Value::Null }, "total": "6,000円",
        "payment": payment, "may_withdraw": may_withdraw,
    });
    data["may_register"] = json!(false);
    data["may"] = may(false);
    data
}

fn obstacle(signs_in: bool) -> Value {
    let mut data = event("published", "");
    data["event"]["free"] = json!(4);
    data["obstacle"] = json!("申し込むにはログインしてください。");
    data["signs_in"] = json!(signs_in);
    data["may_register"] = json!(false);
    data
}

fn with_form_of_the_host(is_open: bool, is_answered: bool, is_begun: bool, refused: Option<&str>) -> Value {
    let mut data = event("published", "");
    data["asked_by"] =
        json!({ "title": "申し込み", "is_open": is_open, "is_answered": is_answered, "is_begun": is_begun, "refused": refused });
    data
}

fn wrong_companions() -> Value {
    let mut data = event("published", "");
    data["form"] = json!({ "values": { "companions": "9" }, "errors": { "companions": "多すぎます" } });
    data
}

fn withdraw(payment: &str, waits: bool, may_withdraw: bool) -> Value {
    json!({
        "event": { "id": ID, "title": "忘年会", "period": period(true) }, "waits": waits, "payment": payment, "may_withdraw": may_withdraw,
    })
}

fn mine(registered: u32) -> Value {
    let line = |state: &str, called_off: bool| json!({ "id": ID, "title": "忘年会", "period": period(true), "state": state, "called_off": called_off });
    let rate = json!({ "registered": registered, "attended": 1, "percent": 50 });
    let events = [line("registered", false), line("waiting", false), line("registered", true)];
    json!({ "events": if registered > 0 { json!(events) } else { json!([]) }, "this_year": rate, "last_year": rate })
}

fn attendance(attended: Value) -> Value {
    json!({
        "event": { "id": ID, "title": "忘年会" },
        "participants": [
            { "id": ID, "name": "花子", "companions": 2, "attended": attended }, { "id": OTHER, "name": "太郎", "companions": 0, "attended": false },
        ],
        "counts": { "registered": 2, "came": 1, "stayed_away": 1 }, "cursor": null, "next": "abc",
    })
}

fn late() -> Value {
    json!([
        { "id": ID, "title": "会場の予約", "owner": "佐藤", "due_on": "2026-11-20", "event": "忘年会" },
        { "id": OTHER, "title": "名札", "owner": "", "due_on": "2026-11-21", "event": null },
    ])
}

fn overview(some: bool) -> Value {
    let event = |all: u32, state: &str| {
        json!({
            "id": ID, "title": "忘年会", "period": period(true), "is_draft": state == "draft", "called_off": state == "called-off", "done": 1,
            "all": all, "overdue": all,
        })
    };
    json!({
        "events": if some { json!([event(2, "draft"), event(0, "called-off")]) } else { json!([]) }, "next": some.then_some("abc"),
        "load": if some { json!([{ "owner": "佐藤", "open": 3, "overdue": 1 }]) } else { json!([]) },
        "late": if some { late() } else { json!([]) }, "more_late": some,
    })
}

fn board(new: Value, some: bool) -> Value {
    let card = |id: &str, is_overdue: bool| {
        json!({
            "id": id, "title": "会場の予約", "owner": if is_overdue { "佐藤" } else { "" }, "due_on": is_overdue.then_some("2026-11-20"),
            "is_overdue": is_overdue, "is_unplanned": is_overdue, "comments": u32::from(is_overdue),
            "moves": ["todo", "doing", "done", "dropped"],
        })
    };
    let column = |state: &str, cards: Value| json!({ "state": state, "cards": cards });
    let first = if some { json!([card(ID, true), card(OTHER, false)]) } else { json!([]) };
    json!({
        "event": { "id": ID, "title": "忘年会", "period": period(true) },
        "columns": [column("todo", first), column("doing", json!([])), column("done", json!([])), column("dropped", json!([]))],
        "done": 0, "all": if some { 2 } else { 0 }, "owners": ["佐藤"],
        "lists": if some { json!([{ "id": ID, "name": "講演会" }]) } else { json!([]) }, "kind": some.then_some(ID), "new": new,
    })
}

fn task(due_kind: &str, by: &str) -> Value {
    json!({
        "event": { "id": ID, "title": "忘年会" },
        "task": {
            "id": ID, "revision": "r2", "title": "会場の予約", "due_on": null, "comments": [{ "by": by, "text": "電話しました", "at": 1 }],
        },
        "filled": {
            "title": "会場の予約", "note": "", "owner": "佐藤", "state": "doing", "due_kind": due_kind, "due_on": "", "days_before": "14",
        },
        "states": ["todo", "doing", "done", "dropped"], "owners": ["佐藤"],
    })
}

fn wrong_task() -> Value {
    let mut data = task("before", "");
    data["form"] = json!({
        "values": { "title": "", "note": "", "owner": "", "state": "", "due_kind": "on" },
        "errors": { "title": "x", "note": "x", "owner": "x", "state": "x", "due_on": "x", "days_before": "x", "revision": "x", "comment": "x", "by": "x" },
    });
    data
}

pub fn event_form(is_new: bool) -> Value {
    let filled = if is_new {
        json!({ "title": "", "gate_kind": "members", "companions": "0", "price": "0", "is_public": "1" })
    } else {
        json!({
            "title": "忘年会", "description": "", "place": "", "starts_at": "2026-12-12T18:00", "ends_at": "2026-12-12T20:30", "capacity": "10",
            "companions": "0", "gate_kind": "tiers", "gate_keys": "gold", "price": "3000", "tier_prices": "gold=0", "register_until": "",
            "withdraw_until": "", "kind": ID, "form": ID,
        })
    };
    json!({
        "path": if is_new { "/events/new" } else { "/events/x/edit" }, "filled": filled, "revision": (!is_new).then_some("r1"),
        "is_draft": is_new, "event": (!is_new).then_some(ID), "kinds": [{ "id": ID, "name": "講演会" }],
        "forms": [{ "id": ID, "name": "申し込み", "is_open": is_new }], "currency": "JPY",
        "time_zone": "Asia/Tokyo",
    })
}

fn wrong_event() -> Value {
    let mut data = event_form(false);
    let fields = [
        "title",
        "starts_at",
        "ends_at",
        "place",
        "description",
        "gate_kind",
        "gate_keys",
        "capacity",
        "companions",
        "register_until",
        "withdraw_until",
        "price",
        "tier_prices",
        "revision",
    ];
    let errors: serde_json::Map<String, Value> = fields.into_iter().map(|field| (field.to_owned(), json!("x"))).collect();
    data["form"] = json!({ "values": { "title": "", "gate_kind": "segments" }, "errors": errors });
    data
}

fn managed_events(past: bool, some: bool) -> Value {
    let line = |state: &str, capacity: Value| {
        json!({
            "id": ID, "title": "忘年会", "period": period(true), "state": state, "capacity": capacity, "registered": 2, "waiting": 1,
            "attended": 1, "percent": 50,
        })
    };
    let lines = json!([line("draft", Value::Null), line("published", json!(10)), line("called-off", Value::Null)]);
    json!({ "events": if some { lines } else { json!([]) }, "next": some.then_some("abc"), "past": past, "may": may(some) })
}

fn asked(people: u32) -> Value {
    json!({ "event": { "id": ID, "title": "忘年会", "state": "published" }, "people": people })
}

fn timetable(some: bool) -> Value {
    let session = |for_staff: bool| {
        let mut session = json!({
            "number": 1, "title": "受付", "starts_at": "2026-12-12T17:30", "ends_at": "2026-12-12T18:00", "begins": 1, "until": for_staff.then_some("18:00"),
            "place": if for_staff { "ロビー" } else { "" },
        });
        if for_staff {
            session["for_staff"] = json!("1");
        }
        session
    };
    json!({
        "event": { "id": ID, "title": "忘年会" }, "sessions": if some { json!([session(true), session(false)]) } else { json!([]) },
        "filled": { "title": "", "starts_at": "2026-12-12T18:00", "ends_at": "", "place": "" }, "is_full": some,
        "number": 1,
    })
}

fn wrong_session() -> Value {
    let mut data = timetable(false);
    data["form"] = json!({
        "values": { "title": "", "starts_at": "x", "for_staff": "1" }, "errors": { "title": "x", "starts_at": "x", "ends_at": "x", "place": "x" },
    });
    data
}

fn participants(state: &str) -> Value {
    let person = |payment: &str, attended: Value, is_active: bool| {
        json!({
            "id": ID, "name": "花子", "companions": 1, "at": 1, "total": (payment != "none").then_some("3,000円"), "payment": payment,
            "attended": attended, "visits": is_active.then(|| json!({ "came": 1, "of": 2 })), "is_active": is_active,
            "answer": is_active.then(|| format!("/admin/forms/{ID}/answers/{ID}")),
        })
    };
    let all = json!([
        person("none", Value::Null, true),
        person("billed", json!(true), true),
        person("paid", json!(false), true),
        person("to-refund", Value::Null, false),
        person("taken-back", Value::Null, false),
    ]);
    json!({
        "event": {
            "id": ID, "title": "忘年会", "capacity": (state == "registered").then_some(10), "taken": 4, "state": "published",
            "has_price": state != "waiting", "has_form": state != "waiting",
        },
        "state": state, "counts": { "registered": 2, "waiting": 0, "cancelled": 1, "attended": u32::from(state == "registered") },
        "participants": if state == "waiting" { json!([]) } else { all }, "next": (state == "registered").then_some("abc"),
    })
}

fn rates() -> Value {
    let line = |name: Option<&str>| json!({ "name": name, "rate": { "events": 2, "registered": 10, "attended": 8 }, "percent": 80 });
    json!({ "years": [{ "year": "2026", "kinds": [line(Some("講演会")), line(None)], "all": line(None) }] })
}

fn found(name: &str, capacity: Value, some: bool) -> Value {
    json!({
        "event": { "id": ID, "title": "忘年会", "capacity": capacity }, "name": name,
        "members": if some { json!([{ "id": ID, "name": "花子" }]) } else { json!([]) }, "has_more": some,
    })
}

fn list(some: bool) -> Value {
    let item = |days: Value| json!({ "number": 1, "title": "会場の予約", "note": if days.is_null() { "" } else { "電話で" }, "owner": if days.is_null() { "" } else { "佐藤" }, "days_before": days });
    json!({
        "list": { "id": ID, "name": "講演会" }, "items": if some { json!([item(json!(14)), item(json!(-7)), item(Value::Null)]) } else { json!([]) },
        "owners": ["佐藤"], "is_full": some,
    })
}

fn wrong_list() -> Value {
    let mut data = list(false);
    data["form"] = json!({
        "values": { "item": "", "title": "" }, "errors": { "item": "x", "title": "x", "note": "x", "owner": "x", "days_before": "x" },
    });
    data
}

fn with_form(mut data: Value, errors: Value) -> Value {
    data["form"] = json!({ "values": { "title": "" }, "errors": errors });
    data
}

/// Each template with all that it can be given.
pub fn all() -> Vec<(&'static str, Value)> {
    let anonymous = json!({ "kind": "anonymous", "is_member": false, "is_staff": false });
    let events = |events: Value, past: bool| json!({ "events": events, "next": (!past).then_some("abc"), "past": past, "is_first_page": true, "manages": past, "visitor": anonymous });
    vec![
        ("events.html", events(lines(), false)),
        ("events.html", events(json!([]), true)),
        ("upcoming.html", json!({ "events": lines() })),
        ("my-events.html", mine(2)),
        ("my-events.html", mine(0)),
        ("event.html", event("published", "https://example.com/live")),
        ("event.html", event("draft", "公民館")),
        ("event.html", event("called-off", "")),
        ("event.html", own("registered", "paid", true)),
        ("event.html", own("registered", "billed", false)),
        ("event.html", own("registered", "none", true)),
        ("event.html", own("waiting", "none", true)),
        ("event.html", obstacle(true)),
        ("event.html", obstacle(false)),
        ("event.html", wrong_companions()),
        ("event.html", with_form_of_the_host(true, false, false, None)),
        ("event.html", with_form_of_the_host(true, false, true, None)),
        ("event.html", with_form_of_the_host(true, true, false, None)),
        ("event.html", with_form_of_the_host(false, false, false, Some("申し込みは締め切りました。"))),
        ("withdraw.html", withdraw("paid", false, true)),
        ("withdraw.html", withdraw("billed", false, true)),
        ("withdraw.html", withdraw("none", false, true)),
        ("withdraw.html", withdraw("none", true, false)),
        ("attendance.html", attendance(Value::Null)),
        ("attendance.html", attendance(json!(true))),
        (
            "attendance.html",
            json!({ "event": { "id": ID, "title": "x" }, "participants": [], "counts": { "registered": 0, "came": 0, "stayed_away": 0 }, "cursor": null, "next": null }),
        ),
        ("overview.html", overview(true)),
        ("overview.html", overview(false)),
        ("overdue-tasks.html", json!({ "late": late(), "more": true })),
        ("overdue-tasks.html", json!({ "late": late(), "more": false })),
        ("board.html", board(json!(0), true)),
        ("board.html", board(json!(3), true)),
        ("board.html", board(Value::Null, false)),
        ("board.html", with_form(board(Value::Null, true), json!({ "title": "x", "owner": "x", "due_on": "x" }))),
        ("task.html", task("before", "佐藤")),
        ("task.html", task("none", "")),
        ("task.html", wrong_task()),
        ("admin-events.html", managed_events(false, true)),
        ("admin-events.html", managed_events(true, true)),
        ("admin-events.html", managed_events(true, false)),
        ("admin-events.html", managed_events(false, false)),
        ("admin-event.html", event_form(true)),
        ("admin-event.html", event_form(false)),
        ("admin-event.html", wrong_event()),
        ("admin-call-off.html", asked(3)),
        ("admin-call-off.html", asked(0)),
        ("admin-delete.html", asked(0)),
        ("admin-timetable.html", timetable(true)),
        ("admin-timetable.html", timetable(false)),
        ("admin-timetable.html", wrong_session()),
        ("admin-session.html", timetable(false)),
        ("admin-session.html", wrong_session()),
        ("session-fields.html", json!({ "v": { "title": "受付" } })),
        ("admin-participants.html", participants("registered")),
        ("admin-participants.html", participants("waiting")),
        ("admin-participants.html", participants("cancelled")),
        ("admin-find-member.html", found("はな", json!(10), true)),
        ("admin-find-member.html", found("はな", Value::Null, false)),
        ("admin-find-member.html", with_form(found("", Value::Null, false), json!({ "companions": "x" }))),
        ("admin-rates.html", rates()),
        ("admin-rates.html", json!({ "years": [] })),
        ("admin-lists.html", json!({ "lists": [{ "id": ID, "name": "講演会", "count": 2 }], "is_full": false })),
        ("admin-lists.html", json!({ "lists": [], "is_full": true })),
        ("admin-lists.html", with_form(json!({ "lists": [], "is_full": false }), json!({ "title": "x" }))),
        ("admin-list.html", list(true)),
        ("admin-list.html", list(false)),
        ("admin-list.html", wrong_list()),
        ("admin-delete-list.html", list(false)),
    ]
}
