//! Every template with data as the plugin gives it, in both languages.

mod samples;

use tsudoi_testkit::{Site, json};

tsudoi_testkit::template_suite!(samples::all);

#[test]
fn a_form_that_was_wrong_keeps_what_was_typed() {
    let site = Site::new();
    let mut data = samples::event_form(true);
    data["form"] = json!({
        "values": { "title": "", "place": "公民館<b>", "starts_at": "来週", "gate_kind": "labels", "place_is_private": "1" },
        "errors": { "title": "入力してください。", "starts_at": "日付と時刻を入力してください。" },
    });
    let html = site.rendered("admin-event.html", "ja", &data);
    assert!(html.contains("value=\"公民館&lt;b&gt;\"") && html.contains("value=\"来週\""), "{html}");
    assert!(html.contains("id=\"starts_at-error\">日付と時刻を入力してください。"), "{html}");
    assert!(html.contains("name=\"place_is_private\" type=\"checkbox\" value=\"1\" checked"), "{html}");
    assert!(html.contains("name=\"is_public\" type=\"checkbox\" value=\"1\">"), "a box that was cleared stays so: {html}");
}

#[test]
fn a_place_that_is_a_link_leads_there_and_one_that_is_not_told_is_not_there() {
    let site = Site::new();
    let html = site.rendered("event.html", "en", &samples::event("published", "https://example.com/live"));
    assert!(html.contains("<a href=\"https://example.com/live\">"), "{html}");
    let html = site.rendered("event.html", "en", &samples::event("published", ""));
    assert!(html.contains("Told to those who are registered"), "{html}");
}
