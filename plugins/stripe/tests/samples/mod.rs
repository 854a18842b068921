//! Sample data for every template: what the plugin gives it, with nothing there and with everything.

use serde_json::{Value, json};

pub fn all() -> Vec<(&'static str, Value)> {
    vec![("matters.html", json!({ "count": 1 })), ("admin-connection.html", nothing_yet()), ("admin-connection.html", in_trouble())]
}

fn nothing_yet() -> Value {
    json!({ "heard": null, "session": null, "differ": false, "is_silent": false, "events": ["refund.failed"], "matters": [] })
}

pub fn in_trouble() -> Value {
    let matter = |id: &str, message: &str, reference: &str| json!({ "id": id, "at": 1_795_305_600_000_u64, "message": message, "reference": reference });
    json!({
        "heard": { "at": 1_795_305_600_000_u64, "kind": "refund.failed", "livemode": true },
        "session": { "member": "m", "session": "cs_test_1", "amount": 5000, "livemode": false, "made_at": 1_795_305_600_000_u64 },
        "differ": true,
        "is_silent": true,
        "events": ["refund.failed", "charge.refunded"],
        "matters": [
            matter("1", "matter-refund-failed", "re_1<b>"),
            matter("2", "matter-dispute-won", "du_1"),
            matter("3", "matter-other-currency", "pi_1"),
        ],
    })
}
