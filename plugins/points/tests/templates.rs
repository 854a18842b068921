//! Every template with data as the plugin gives it, in both languages.

mod samples;

use serde_json::Map;
use tsudoi_testkit::{Site, Value, json};

tsudoi_testkit::template_suite!(samples::all);

#[test]
fn a_form_that_was_wrong_keeps_what_was_typed() {
    let site = Site::new();
    let mut data = samples::adjustment();
    data["form"] = json!({
        "values": { "direction": "remove", "points": "9,999", "reason": "重複<b>", "seen": "3" },
        "errors": { "points": "ポイントが足りません。残高は100ポイントです。" },
    });
    let html = site.rendered("admin-adjust.html", "ja", &data);
    assert!(html.contains("value=\"9,999\"") && html.contains("value=\"重複&lt;b&gt;\""), "{html}");
    assert!(html.contains("value=\"remove\" selected"), "{html}");
    assert!(html.contains("id=\"points-error\">ポイントが足りません。"), "{html}");
}

#[test]
fn an_overtaken_adjustment_goes_on_from_the_newer_balance() {
    let site = Site::new();
    let mut data = samples::adjustment();
    data["form"] = json!({ "values": { "points": "5", "reason": "x", "seen": "2" }, "errors": { "seen": "変わりました" } });
    let html = site.rendered("admin-adjust.html", "ja", &data);
    assert!(html.contains("name=\"seen\" value=\"3\"") && html.contains("変わりました"), "{html}");
}

#[test]
fn a_rule_that_was_wrong_keeps_every_field() {
    let site = Site::new();
    let mut data = samples::rule();
    let typed = [("name", "特典A"), ("occasion", "paid"), ("points", "x"), ("per", "1000"), ("per_day", "3"), ("per_member", "7")];
    let more = [("validity", "until"), ("valid_until", "2027-03-31"), ("tiers", "gold"), ("from", "2026-12-01"), ("limited", "1")];
    let values: Map<String, Value> = typed.iter().chain(&more).map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    data["form"] = json!({ "values": values, "errors": { "points": "x" } });
    let html = site.rendered("admin-rule.html", "ja", &data);
    for (name, value) in typed.iter().chain(&more).filter(|(name, _)| !["occasion", "validity", "limited"].contains(name)) {
        let field = html.split("<input").find(|field| field.contains(&format!("name=\"{name}\""))).unwrap();
        assert!(field.contains(&format!("value=\"{value}\"")), "{name}: {field}");
    }
    assert!(html.contains("value=\"paid\" selected") && html.contains("value=\"until\" selected") && html.contains(" checked"), "{html}");
}
