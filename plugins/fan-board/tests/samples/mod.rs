//! Data as the plugin gives it to its templates.

use serde_json::{Value, json};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

fn board(closed: bool) -> Value {
    json!({ "slug": "live", "title": "ライブ", "description": "感想をどうぞ", "closed": closed })
}

fn by(name: &str) -> Value {
    json!({ "name": name, "office": false })
}

fn line(pinned: bool, hidden: bool) -> Value {
    json!({
        "id": ID, "title": "初日の感想", "by": by("はな"), "replies": 3, "started_at": 1, "last_at": 2,
        "pinned": pinned, "closed": pinned, "hidden": hidden, "board": "ライブ",
    })
}

fn boards() -> Value {
    let with = |last: Value, closed: bool| {
        let mut board = board(closed);
        board["threads"] = json!(2);
        board["last"] = last;
        board
    };
    let last = json!({ "id": ID, "title": "初日の感想", "at": 5 });
    json!({ "boards": [with(last, false), with(Value::Null, true)], "moderates": true })
}

fn threads(signed_in: bool, next: Option<&str>) -> Value {
    json!({
        "board": board(false), "threads": [line(true, false), line(false, true)], "next": next,
        "is_first_page": next.is_none(), "may_write": signed_in, "signed_in": signed_in, "moderates": signed_in,
    })
}

fn post(id: &str, number: u32, state: &str, body: Option<&str>) -> Value {
    json!({
        "id": id, "number": number, "by": { "name": "白石", "office": true }, "body": body, "state": state, "posted_at": 1,
        "edited_at": (number == 1).then_some(2), "pictures": if number == 1 { json!([ID, OTHER]) } else { json!([]) }, "own": number == 1, "may_change": number == 1, "may_report": number == 2,
    })
}

/// With a post that staff hide.
pub fn thread(moderates: bool) -> Value {
    let hidden = moderates.then_some("宣伝です");
    json!({
        "board": board(false),
        "thread": { "id": ID, "title": "初日の感想", "pinned": true, "closed": false, "hidden": false, "replies": 2 },
        "posts": [post(ID, 1, "shown", Some("最高でした")), post(OTHER, 2, "hidden", hidden), post("x", 3, "deleted", None)],
        "paging": { "current": 2, "last": 3, "previous": 1, "next": 3 },
        "signed_in": true, "may_reply": true, "may_add_pictures": true, "moderates": moderates, "just_reported": !moderates,
    })
}

fn thread_without_reply(signed_in: bool, closed: bool) -> Value {
    let mut data = thread(false);
    data["thread"]["closed"] = json!(closed);
    data["board"]["closed"] = json!(!closed && signed_in);
    data["signed_in"] = json!(signed_in);
    data["may_reply"] = json!(false);
    data["paging"] = json!({ "current": 1, "last": 1, "previous": null, "next": null });
    data
}

pub fn new_thread() -> Value {
    json!({ "board": board(false), "guidelines": "", "may_add_pictures": true })
}

pub fn edit(opens_thread: bool) -> Value {
    json!({
        "board": board(false), "thread": { "id": ID, "title": "初日の感想" }, "path": "/p/fan-board/threads/x#post-y",
        "may_add_pictures": !opens_thread,
        "post": { "id": ID, "body": "新しい文", "pictures": if opens_thread { json!([ID]) } else { json!([]) }, "revision": "r2", "posted_at": 1, "opens_thread": opens_thread, "by": by("はな") },
    })
}

fn reports(settled: bool) -> Value {
    let report = |outcome: Option<&str>| json!({ "by": by("ゆう"), "reason": "宣伝です", "at": 3, "outcome": outcome });
    let item = |state: &str, outcome: Option<&str>| {
        json!({
            "post": ID, "text": "買ってください", "state": state, "by": by("はな"), "posted_at": 1,
            "thread": { "title": "初日の感想", "closed": settled }, "reports": [report(outcome), report(outcome)],
        })
    };
    let gone = json!({
        "post": OTHER, "text": null, "state": null, "by": null, "posted_at": null, "thread": null, "reports": [report(Some("deleted"))],
    });
    let outcome = |name| settled.then_some(name);
    let posts = [item("shown", outcome("dismissed")), item("hidden", outcome("hidden")), gone];
    json!({ "posts": posts, "settled": settled, "next": "abc" })
}

fn managed(gate_kind: &str, gate_keys: &str) -> Value {
    let mut board = board(gate_kind == "staff");
    board["id"] = json!(ID);
    board["gate_kind"] = json!(gate_kind);
    board["gate_keys"] = json!(gate_keys);
    board["threads"] = json!(1);
    board
}

fn managed_boards() -> Value {
    let kinds = [("everyone", ""), ("members", ""), ("tiers", "gold"), ("labels", "a, b"), ("segments", "list-1"), ("staff", "")];
    let boards = kinds.map(|(kind, keys)| managed(kind, keys));
    json!({ "boards": boards, "is_full": false })
}

/// Each template with all that it can be given.
pub fn all() -> Vec<(&'static str, Value)> {
    let wrong_board = json!({
        "board": managed("tiers", "gold"), "path": "/boards/x/edit",
        "form": {
            "values": { "slug": "L", "title": "", "description": "", "gate_kind": "tiers", "gate_keys": "" },
            "errors": { "slug": "x", "title": "x", "description": "x", "gate_kind": "x", "gate_keys": "x" },
        },
    });
    let mut wrong_edit = edit(true);
    wrong_edit["form"] = json!({ "values": { "title": "", "body": "", "revision": "r1" }, "errors": { "title": "x", "body": "x" } });
    vec![
        ("boards.html", boards()),
        ("boards.html", json!({ "boards": [], "moderates": false })),
        (
            "boards.html",
            json!({ "boards": [], "moderates": false, "visitor": { "kind": "anonymous", "is_member": false, "is_staff": false } }),
        ),
        ("board.html", threads(true, None)),
        ("board.html", threads(false, Some("abc"))),
        (
            "board.html",
            json!({
                "board": board(true), "threads": [], "next": null, "is_first_page": false, "may_write": false, "signed_in": true,
                "moderates": false,
            }),
        ),
        ("thread.html", thread(true)),
        ("thread.html", thread(false)),
        ("thread.html", thread_without_reply(false, false)),
        ("thread.html", thread_without_reply(true, false)),
        ("thread.html", thread_without_reply(true, true)),
        ("thread-hidden.html", json!({ "board": board(false) })),
        ("new-thread.html", new_thread()),
        ("pictures-field.html", json!({})),
        ("pictures-field.html", json!({ "form": { "values": {}, "errors": { "pictures": "x" } } })),
        ("edit-post.html", edit(true)),
        ("edit-post.html", edit(false)),
        ("edit-post.html", wrong_edit),
        ("delete-post.html", edit(true)),
        ("delete-post.html", edit(false)),
        ("report.html", edit(false)),
        ("latest-threads.html", json!({ "threads": [line(false, false)], "slug": null })),
        ("latest-threads.html", json!({ "threads": [], "slug": "live" })),
        ("open-reports.html", json!({ "count": 1, "full": false })),
        ("open-reports.html", json!({ "count": 99, "full": true })),
        ("admin-reports.html", reports(false)),
        ("admin-reports.html", reports(true)),
        ("admin-reports.html", json!({ "posts": [], "settled": false, "next": null })),
        ("admin-reports.html", json!({ "posts": [], "settled": true, "next": null })),
        ("admin-boards.html", managed_boards()),
        ("admin-boards.html", json!({ "boards": [], "is_full": true })),
        ("admin-board.html", json!({ "board": null, "path": "/boards/new" })),
        ("admin-board.html", json!({ "board": managed("labels", "a"), "path": "/boards/x/edit" })),
        ("admin-board.html", wrong_board),
        ("admin-remove-board.html", json!({ "board": managed("members", ""), "is_empty": true })),
        ("admin-remove-board.html", json!({ "board": managed("members", ""), "is_empty": false })),
    ]
}
