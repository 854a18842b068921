//! The plugin on the real host. `tsudoi plugin test` builds it, runs these, and shows what each call cost.

use tsudoi_testkit::{Site, json};

#[test]
fn a_member_leaves_a_line_and_everybody_reads_it() {
    let site = Site::new();
    let hanako = site.member("花子");
    hanako.get("/").submit("/", &[("text", "はじめまして")]).leads_to("/").follow().shows("はじめまして").shows("花子");
    site.anyone().get("/").shows("はじめまして").lacks("残す");
    site.anyone().block("latest", &json!({ "limit": 1 })).shows("はじめまして");
}

#[test]
fn a_line_without_text_comes_back_with_what_to_do() {
    let site = Site::new();
    site.member("花子").get("/").submit("/", &[("text", " ")]).refuses("ひとことを入力してください。");
    assert!(site.documents("greetings").is_empty());
}

#[test]
fn lines_left_at_the_same_moment_all_stay() {
    let site = Site::new();
    let names = ["花子", "太郎", "次郎", "三郎"];
    let lines: Vec<_> = names.iter().map(|name| site.member(name).posting("/", &[("text", name)])).collect();
    for page in site.at_once(&lines) {
        page.leads_to("/");
    }
    assert_eq!(site.documents("greetings").len(), names.len());
}

#[test]
fn only_who_left_a_line_takes_it_away_and_it_goes_with_its_member() {
    let site = Site::new();
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    hanako.post("/", &[("text", "わたしのひとこと")]);
    taro.get("/").shows("わたしのひとこと").lacks("削除");
    hanako.get("/").shows("削除");
    hanako.erase();
    taro.get("/").lacks("わたしのひとこと");
}
