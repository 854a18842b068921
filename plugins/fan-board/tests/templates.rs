//! Every template with data as the plugin gives it, in both languages.

mod samples;

use tsudoi_testkit::{Site, json};

tsudoi_testkit::template_suite!(samples::all);

#[test]
fn a_form_that_was_wrong_keeps_what_was_typed() {
    let site = Site::new();
    let mut data = samples::new_thread();
    data["form"] = json!({ "values": { "title": "", "body": "こんにちは<b>" }, "errors": { "title": "タイトルを入力してください。" } });
    let html = site.rendered("new-thread.html", "ja", &data);
    assert!(html.contains("こんにちは&lt;b&gt;</textarea>"), "{html}");
    assert!(html.contains("id=\"title-error\">タイトルを入力してください。"), "{html}");
}

#[test]
fn an_overtaken_edit_shows_both_texts_and_goes_on_from_the_newer_one() {
    let site = Site::new();
    let mut data = samples::edit(true);
    data["form"] = json!({
        "values": { "title": "わたしの題", "body": "わたしの文", "revision": "old" },
        "errors": { "revision": "更新されました" },
    });
    let html = site.rendered("edit-post.html", "ja", &data);
    assert!(html.contains("わたしの文</textarea>") && html.contains("value=\"わたしの題\""), "{html}");
    assert!(html.contains("<div class=\"prose\"><p>新しい文</p>"), "{html}");
    assert!(html.contains("name=\"revision\" value=\"r2\""), "{html}");
}

#[test]
fn a_reply_to_a_thread_that_closed_meanwhile_is_not_lost() {
    let site = Site::new();
    let mut data = samples::thread(false);
    data["may_reply"] = json!(false);
    data["thread"]["closed"] = json!(true);
    data["form"] = json!({ "values": { "body": "長い返信" }, "errors": { "body": "受付が終了しました" } });
    let html = site.rendered("thread.html", "ja", &data);
    assert!(html.contains("readonly>長い返信</textarea>"), "{html}");
}

#[test]
fn what_staff_hide_is_a_note_to_others() {
    let site = Site::new();
    let html = site.rendered("thread.html", "ja", &samples::thread(false));
    assert!(html.contains("事務局が非表示にしました") && !html.contains("宣伝です"));
    let html = site.rendered("thread.html", "ja", &samples::thread(true));
    assert!(html.contains("宣伝です") && html.contains("value=\"restore\""));
}
