//! Every template with data as the plugin gives it, in both languages.

mod samples;

use tsudoi_testkit::{Site, json};

tsudoi_testkit::template_suite!(samples::all);

#[test]
fn a_statement_that_was_wrong_stays_in_the_form() {
    let site = Site::new();
    let mut data = samples::imports();
    data["form"] = json!({
        "values": { "statement": "日付,<b>", "account": "ゆうちょ", "date_column": "x", "payer_column": "3" },
        "errors": { "statement": "列の見出し", "date_column": "1から100まで" },
    });
    let html = site.rendered("admin-imports.html", "ja", &data);
    assert!(html.contains("日付,&lt;b&gt;</textarea>") && html.contains("id=\"statement-error\">列の見出し"), "{html}");
    assert!(html.contains("value=\"ゆうちょ\" selected") && html.contains("value=\"x\"") && html.contains("value=\"3\""), "{html}");
}

#[test]
fn what_fits_and_what_does_not_is_said_beside_each_invoice() {
    let html = Site::new().rendered("admin-line.html", "ja", &samples::waiting_line());
    for words in ["振込番号が一致", "名前が一致", "名前が似ている", "500円足りません", "200円多いです"] {
        assert!(html.contains(words), "{words}: {html}");
    }
}
