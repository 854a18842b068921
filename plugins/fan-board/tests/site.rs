//! The board on the real host: who sees what, what happens at the same moment, and what time does.

use std::time::Duration;
use tsudoi_testkit::{Attachment, Page, Person, Site, json};

/// A board that these may enter.
fn board(site: &Site, slug: &str, gate: &str, keys: &str) {
    let office = site.staff("事務局");
    let fields = [("slug", slug), ("title", "遠征の相談"), ("description", ""), ("gate_kind", gate), ("gate_keys", keys)];
    office.get_admin("/boards/new").submit("/boards/new", &fields).is(303);
}

/// The page of a new thread.
fn thread<'site>(author: &Person<'site>, board: &str, title: &str) -> Page<'site> {
    let path = format!("/boards/{board}/new");
    author.get(&path).submit(&path, &[("title", title), ("body", "どなたか行かれますか")]).follow().shows(title)
}

/// The path of a thread's page, as in plugin.toml.
fn path_of(page: &Page<'_>) -> String {
    let path = page.path().trim_start_matches("/p/fan-board");
    path.split(['#', '?']).next().unwrap_or_default().to_owned()
}

#[test]
fn a_gated_board_shows_itself_to_those_whom_it_is_for_only() {
    let site = Site::new();
    board(&site, "gold", "tiers", "gold");
    let hanako = site.new_member("花子").tier("gold").join();
    let taro = site.member("太郎");
    let path = path_of(&thread(&hanako, "gold", "前泊の宿"));
    for page in [taro.get("/boards/gold").is(403), taro.get(&path).is(403), taro.get("/").is(200)] {
        page.lacks("前泊の宿");
    }
    taro.block("latest-threads", &json!({})).lacks("前泊の宿");
    hanako.block("latest-threads", &json!({})).shows("前泊の宿");
    site.anyone().get(&path).lacks("前泊の宿");
}

#[test]
fn replies_at_the_same_moment_are_all_counted() {
    let site = Site::new();
    board(&site, "live", "members", "");
    let hanako = site.member("花子");
    let path = path_of(&thread(&hanako, "live", "同時に返信"));
    let replies: Vec<_> = (0..6).map(|n| hanako.posting(&path, &[("body", &format!("返信その{n}"))])).collect();
    for page in site.at_once(&replies) {
        page.is(303);
    }
    hanako.get("/boards/live").shows("返信 6件");
    let told = site.events();
    assert!(told.len() == 7 && told.iter().all(|event| event.topic == "fan-board.posted" && event.key == hanako.id()), "{told:?}");
    assert!(site.failures().is_empty());
}

#[test]
fn of_many_replies_within_an_hour_one_mail_is_sent() {
    let site = Site::new();
    board(&site, "live", "members", "");
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    let path = path_of(&thread(&hanako, "live", "宿の相談"));
    let mails = || site.mails().iter().filter(|mail| mail.subject.contains("宿の相談")).count();
    taro.get(&path).submit(&path, &[("body", "駅前はどうでしょう")]).is(303);
    taro.get(&path).submit(&path, &[("body", "空きがありました")]).is(303);
    assert_eq!(mails(), 1);
    site.pass(Duration::from_secs(61 * 60));
    taro.get(&path).submit(&path, &[("body", "取れました")]).is(303);
    assert_eq!(mails(), 2);
    hanako.get(&path).submit(&path, &[("body", "ありがとう")]).is(303);
    assert_eq!(mails(), 2, "nobody has mail of what they wrote themselves");
}

#[test]
fn what_an_erased_member_wrote_stays_without_their_name() {
    let site = Site::new();
    board(&site, "live", "everyone", "");
    let hanako = site.member("星野花子");
    let path = path_of(&thread(&hanako, "live", "写真の整理"));
    site.anyone().get(&path).shows("星野花子");
    hanako.erase();
    site.anyone().get(&path).shows("写真の整理").shows("退会した会員").lacks("星野花子");
}

#[test]
fn without_the_power_to_send_mail_the_board_does_without() {
    let site = Site::opening().without("notify").open();
    board(&site, "live", "members", "");
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    let path = path_of(&thread(&hanako, "live", "宿の相談"));
    taro.get(&path).submit(&path, &[("body", "駅前はどうでしょう")]).is(303);
    assert!(site.mails().is_empty());
}

/// The addresses of the pictures on a page.
fn pictures(page: &Page<'_>) -> Vec<String> {
    let sources = page.body().split("<img src=\"/p/fan-board").skip(1);
    sources.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn pictures_of_a_post_are_for_those_who_may_read_it_and_go_with_it() {
    let site = Site::new();
    board(&site, "gold", "tiers", "gold");
    board(&site, "open", "everyone", "");
    let hanako = site.new_member("花子").tier("gold").join();
    let taro = site.member("太郎");
    let two = ["a.png", "b.png"].map(|name| Attachment::picture("pictures", name));
    let write = |slug: &str| {
        let path = format!("/boards/{slug}/new");
        hanako.get(&path).submit_files(&path, &[("title", "桜"), ("body", "満開です")], &two).follow()
    };
    let (gated, open) = (pictures(&write("gold")), pictures(&write("open")));
    assert_eq!((gated.len(), open.len()), (2, 2));
    assert_eq!(hanako.get(&gated[0]).is(200).bytes(), two[0].bytes());
    taro.get(&gated[0]).is(403);
    site.anyone().get(&open[0]).is(200);
    // A picture of one post is not found under another.
    let (post, _) = open[0].split_once("/pictures/").unwrap();
    let (_, foreign) = gated[0].split_once("/pictures/").unwrap();
    hanako.get(&format!("{post}/pictures/{foreign}")).is(404);
    // Hidden by staff it is for moderators; one taken out by its author is gone.
    let office = site.staff("事務局");
    office.post(&format!("{post}/moderate"), &[("action", "hide")]).is(303);
    site.anyone().get(&open[0]).is(404);
    office.get(&open[0]).is(200);
    office.post(&format!("{post}/moderate"), &[("action", "restore")]).is(303);
    let edit = format!("{post}/edit");
    let (_, first) = open[0].split_once("/pictures/").unwrap();
    let remove = format!("remove-{first}");
    let form = [("title", "桜"), ("body", "満開です"), (remove.as_str(), "yes")];
    let three = ["c.png", "d.png", "e.png"].map(|name| Attachment::picture("pictures", name));
    let left = pictures(&hanako.get(&edit).submit_files(&edit, &form, &three).follow());
    assert!(left.len() == 4 && !left.contains(&open[0]) && left.contains(&open[1]), "{left:?}");
    let one_more = hanako.get(&edit).submit_files(&edit, &form[..2], &three[..1]);
    one_more.refuses("写真は合わせて4枚までです");
    hanako.get(&open[0]).is(404);
    hanako.erase();
    site.anyone().get(&open[1]).is(404);
}

#[test]
fn staff_may_do_without_pictures() {
    let site = Site::new();
    board(&site, "live", "members", "");
    let hanako = site.member("花子");
    site.set("pictures", &json!(false));
    hanako.get("/boards/live/new").lacks("写真");
    let sent = [("title", "桜"), ("body", "満開です")];
    hanako.post_files("/boards/live/new", &sent, &[Attachment::picture("pictures", "a.png")]).is(422);
    hanako.get("/boards/live/new").submit("/boards/live/new", &sent).follow().shows("桜");
}

#[test]
fn a_page_can_be_for_those_who_write_and_what_was_deleted_does_not_count() {
    let site = Site::new();
    board(&site, "trips", "everyone", "");
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    let once = json!({ "posts": 1 });
    let page = thread(&hanako, "trips", "夜行バス");
    assert!(hanako.meets("has-posted", &once) && !taro.meets("has-posted", &once));
    assert!(!hanako.meets("has-posted", &json!({ "posts": 2 })));
    let delete = page.body().split("/p/fan-board").find(|link| link.starts_with("/posts/") && link.contains("/delete\"")).unwrap();
    let delete = delete.split('"').next().unwrap();
    hanako.get(delete).submit(delete, &[]).is(303);
    assert!(!hanako.meets("has-posted", &once));
}

#[test]
fn a_board_can_be_for_a_segment_alone() {
    let site = Site::new();
    board(&site, "open", "everyone", "");
    let (hanako, taro) = (site.member("花子"), site.member("太郎"));
    let once = json!({ "posts": 1 });
    assert!(!hanako.meets("has-posted", &once), "so there is a segment of those who do");
    let segment = site.segment("has-posted", &once);
    board(&site, "regulars", "segments", &segment);
    hanako.get("/boards/regulars").is(403);
    thread(&hanako, "open", "はじめまして");
    hanako.get("/boards/regulars").is(200);
    taro.get("/boards/regulars").is(403);
}
