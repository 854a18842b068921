//! Data as the plugin gives it to its templates.

use serde_json::{Value, json};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

fn balance(all: i64, limited: i64, paid: i64) -> Value {
    json!({ "all": all, "limited": limited, "paid": paid })
}

fn member() -> Value {
    json!({ "id": ID, "name": "とても長い表示名の会員" })
}

fn entry(kind: &str, points: i64) -> Value {
    json!({
        "id": ID, "kind": kind, "points": points, "balance": 1_200, "reason": (kind != "expired").then_some("入会特典"), "at": 1,
        "until": (kind == "granted" || kind == "expired").then_some("2026-12-31"),
        "lost": if kind.ends_with("back") { 5 } else { 0 }, "is_paid": kind == "adjusted", "is_counter": kind == "spent",
    })
}

fn entries() -> Value {
    json!([
        entry("granted", 500),
        entry("spent", -100),
        entry("expired", -50),
        entry("adjusted", 30),
        entry("given-back", 10),
        entry("taken-back", -10),
    ])
}

fn history(is_first_page: bool) -> Value {
    json!({
        "balance": balance(1_234, 100, 50),
        "expiries": [{ "on": "2026-12-31", "points": 100, "limited": true }, { "on": "2027-03-31", "points": 50, "limited": false }],
        "entries": entries(), "next": "abc", "is_first_page": is_first_page,
    })
}

fn no_history() -> Value {
    json!({ "balance": balance(0, 0, 0), "expiries": [], "entries": [], "next": null, "is_first_page": true })
}

fn with(mut data: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        data[name] = value.clone();
    }
    data
}

pub fn adjustment() -> Value {
    json!({
        "member": member(), "balance": balance(100, 0, 0), "seen": 3, "paid_until": "2027-05-21", "is_paid_declared": false,
        "today": "2026-11-22",
    })
}

fn counter(is_done: bool) -> Value {
    json!({ "member": member(), "balance": balance(100, 0, 0), "is_done": is_done })
}

fn checkout(open: i64, most: i64) -> Value {
    json!({
        "invoice": ID, "number": "2026-0001", "open": open, "currency": "JPY", "value": 1, "balance": balance(most, 0, 0), "most": most,
        "back": "/account/payments",
    })
}

fn give_back(open: i64, late_days: u32) -> Value {
    json!({ "member": member(), "entry": entry("spent", -100), "open": open, "late_days": late_days })
}

fn known() -> Value {
    json!({
        "revision": "r1", "name": "入会特典", "occasion": "joined", "points": "500", "per": "", "per_day": "1", "per_member": "",
        "validity": "months", "valid_for": "12", "valid_until": "", "limited": true, "tiers": "gold, silver", "from": "", "until": "",
        "times": "1.5", "cap": "10000",
    })
}

pub fn rule() -> Value {
    json!({ "path": "/rules/new", "known": known(), "currency": "JPY" })
}

fn campaign() -> Value {
    let rules = json!([{ "id": ID, "name": "入会特典", "is_chosen": true }, { "id": OTHER, "name": "投稿", "is_chosen": false }]);
    json!({ "path": "/campaigns/new", "known": known(), "rules": rules })
}

fn wrong(fields: &[&str]) -> Value {
    let errors: serde_json::Map<String, Value> = fields.iter().map(|field| ((*field).to_owned(), json!("x"))).collect();
    json!({ "form": { "values": { "name": "" }, "errors": errors } })
}

fn document(id: &str, body: Value) -> Value {
    json!({ "id": id, "revision": "r1", "created": 1, "updated": 1, "body": body })
}

fn listed_rule(occasion: &str, on: bool) -> Value {
    let paid = occasion == "paid";
    document(
        ID,
        json!({
            "name": "特典", "occasion": occasion, "points": 5, "per": paid.then_some(100), "per_day": on.then_some(3), "per_member": on.then_some(1),
            "limited": on, "on": on,
        }),
    )
}

fn listed_campaign(state: &str) -> Value {
    let is = json!({
        "name": "年末", "from": "2026-12-01", "until": "2026-12-31", "cap": (state == "on").then_some(10_000), "limited": true,
        "on": state != "off",
    });
    json!({ "id": OTHER, "is": is, "times": "2", "state": state, "granted": 500 })
}

fn rules(is_full: bool) -> Value {
    let rules = [("joined", true), ("paid", false), ("attended", true), ("posted", false)].map(|(occasion, on)| listed_rule(occasion, on));
    let campaigns = ["on", "off", "coming", "over"].map(listed_campaign);
    json!({ "here": "rules", "rules": rules, "campaigns": campaigns, "is_full": is_full })
}

fn trial(on: bool, occasions: u32) -> Value {
    json!({
        "kind": "rules", "id": ID, "revision": "r1", "name": "特典", "on": on, "is_all": on, "days": 30,
        "trial": { "occasions": occasions, "grants": 3, "members": 2, "points": 1_500, "is_capped": !on },
    })
}

fn statement(is_running: bool) -> Value {
    let line = |title: &str, is_balance: bool| json!({ "title": title, "free": 100, "paid": -20, "all": 80, "is_balance": is_balance });
    json!({
        "here": "statement", "month": "2026-11", "from": "2026-11-01", "until": "2026-11-30", "lines": [line("付与", false), line("残高", true)],
        "is_partial": is_running, "is_running": is_running, "previous": "2026-10", "next": (!is_running).then_some("2026-12"),
    })
}

fn ranks(falling: bool, next: Option<&str>) -> Value {
    let member = json!({ "id": ID, "name": "花子", "earned": 500, "from": "gold", "to": { "tier": "silver", "points": 300 } });
    let falling = if falling { json!([member]) } else { json!([]) };
    json!({
        "here": "ranks", "ladder": [{ "tier": "silver", "points": 300 }, { "tier": "gold", "points": 1_000 }], "falling": falling,
        "next": next, "is_first_page": next.is_none(),
    })
}

/// Each template with all that it can be given.
pub fn all() -> Vec<(&'static str, Value)> {
    let terms = ["name", "tiers", "from", "until", "validity", "valid_for", "valid_until", "revision"];
    let of_rule = [&terms[..], &["occasion", "points", "per", "per_day", "per_member"]].concat();
    let of_campaign = [&terms[..], &["times", "cap"]].concat();
    let member_page = json!({ "here": "members", "member": member(), "may_adjust": true });
    let listed = |balance: Value, tier: Option<&str>| json!({ "id": ID, "name": "花子", "tier": tier, "balance": balance });
    vec![
        ("balance.html", json!({ "balance": balance(1_234, 100, 0), "first": { "on": "2026-12-31", "points": 100, "limited": true } })),
        ("balance.html", json!({ "balance": balance(0, 0, 0), "first": null })),
        ("no-member.html", json!({})),
        ("standing.html", history(true)),
        ("entry.html", json!({ "entry": entry("granted", 5) })),
        ("history.html", history(true)),
        ("history.html", history(false)),
        ("history.html", no_history()),
        ("checkout.html", checkout(5_000, 300)),
        ("checkout.html", with(checkout(5_000, 300), wrong(&["points"]))),
        ("checkout.html", with(checkout(5_000, 0), wrong(&["points"]))),
        ("checkout.html", checkout(0, 0)),
        ("counter.html", counter(true)),
        ("counter.html", with(counter(false), wrong(&["points", "reason"]))),
        ("amount.html", json!({})),
        ("reason.html", json!({})),
        ("admin-nav.html", json!({ "here": "statement" })),
        (
            "admin-members.html",
            json!({
                "here": "members", "members": [listed(balance(10, 5, 5), Some("gold")), listed(balance(0, 0, 0), None)], "next": "abc",
                "is_first_page": false,
            }),
        ),
        ("admin-members.html", json!({ "here": "members", "members": [], "next": null, "is_first_page": true })),
        ("admin-member.html", with(history(false), member_page.clone())),
        ("admin-member.html", with(no_history(), with(member_page, json!({ "may_adjust": false })))),
        ("admin-adjust.html", adjustment()),
        ("admin-adjust.html", with(adjustment(), json!({ "is_paid_declared": true }))),
        ("admin-adjust.html", with(adjustment(), wrong(&["seen", "direction", "points", "reason", "expires_on"]))),
        ("admin-give-back.html", give_back(100, 30)),
        ("admin-give-back.html", with(give_back(100, 0), wrong(&["points", "reason"]))),
        ("admin-give-back.html", with(give_back(0, 0), wrong(&["points"]))),
        ("admin-statement.html", statement(true)),
        ("admin-statement.html", statement(false)),
        ("admin-ranks.html", ranks(true, None)),
        ("admin-ranks.html", ranks(false, None)),
        ("admin-ranks.html", ranks(false, Some("abc"))),
        ("admin-ranks.html", json!({ "here": "ranks", "ladder": [], "falling": [], "next": null, "is_first_page": true })),
        ("admin-rules.html", rules(false)),
        ("admin-rules.html", json!({ "here": "rules", "rules": [], "campaigns": [], "is_full": false })),
        ("admin-rules.html", rules(true)),
        ("admin-rule.html", rule()),
        ("admin-rule.html", with(rule(), wrong(&of_rule))),
        ("admin-campaign.html", campaign()),
        ("admin-campaign.html", with(campaign(), wrong(&of_campaign))),
        ("admin-try.html", trial(true, 5)),
        ("admin-try.html", trial(false, 0)),
        ("rule-form.html", rule()),
        ("name-field.html", json!({ "v": { "name": "" } })),
        ("terms.html", json!({ "v": known() })),
        ("period.html", json!({ "v": { "from": "", "until": "" } })),
    ]
}
