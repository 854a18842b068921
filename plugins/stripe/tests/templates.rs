//! Every template with data as the plugin gives it, in both languages.

mod samples;

use tsudoi_testkit::Site;

tsudoi_testkit::template_suite!(samples::all);

#[test]
fn what_is_wrong_is_said_and_told_apart() {
    let html = Site::new().rendered("admin-connection.html", "ja", &samples::in_trouble());
    for words in ["1時間以上", "モードが違います", "返金が失敗しました", "支払いが認められました", "団体の通貨と違う通貨", "re_1&lt;b&gt;"]
    {
        assert!(html.contains(words), "{words}: {html}");
    }
}
