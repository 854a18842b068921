//! The task board on the real host: lists, moving, being late, and who may see it.

mod common;

use common::{draft, link, mails, published, with};
use std::time::Duration;
use tsudoi_testkit::{Person, Site, json};

/// A list of three tasks: fourteen days before, seven days after, and on no day.
fn list(office: &Person<'_>) -> String {
    let page = office.get_admin("/lists").submit("/lists", &[("title", "講演会")]).is(303).follow();
    let list = common::path_of(&page);
    let items = format!("{list}/items");
    for (item, days, owner) in [("会場の予約", "14", "佐藤"), ("お礼状", "-7", "鈴木"), ("名札", "", "")] {
        let fields = [("item", item), ("days_before", days), ("owner", owner), ("note", "")];
        office.get_admin(&list).submit(&items, &fields).is(303);
    }
    list
}

fn board(event: &str) -> String {
    event.replace("/events/", "/tasks/of/")
}

#[test]
fn the_tasks_of_a_kind_come_with_an_event_and_never_twice() {
    let site = Site::new();
    let office = site.staff("事務局");
    let list = list(&office);
    let id = list.trim_start_matches("/lists/");
    let event = draft(&office, &[("kind", id)]);
    let board = board(&event);
    office.get(&board).shows("3件中 0件完了").shows("期限 2026年11月28日").shows("期限 2026年12月19日").shows("佐藤");
    let again = office.get(&board).submit(&format!("{board}/apply"), &[("list", id)]).is(303).follow();
    again.shows("すべてこのボードに入っています").shows("3件中 0件完了");
    office.get_admin(&list).submit(&format!("{list}/items"), &[("item", "看板"), ("days_before", "")]).is(303);
    let more = office.get(&board).submit(&format!("{board}/apply"), &[("list", id)]).is(303).follow();
    more.shows("1件のタスクを追加しました").shows("4件中 0件完了");
    // They move with the event.
    let edit = format!("{event}/edit");
    office.get_admin(&edit).submit(&edit, &with(&[("starts_at", "2026-12-20T18:00"), ("ends_at", ""), ("kind", id)])).is(303);
    office.get(&board).shows("期限 2026年12月6日").lacks("期限 2026年11月28日");
    assert!(site.failures().is_empty());
}

#[test]
fn a_task_is_added_in_one_line_moved_changed_and_talked_about() {
    let site = Site::new();
    let office = site.staff("事務局");
    let board = board(&published(&office, &[]));
    let fields = [("title", "雨のときの連絡"), ("owner", "佐藤"), ("due_on", "2026-11-24"), ("tell", "1")];
    let page = office.get(&board).submit(&board, &fields).is(303).follow().shows("雨のときの連絡").shows("追加");
    assert_eq!(mails(&site, "急ぎのタスク：雨のときの連絡").len(), 1);
    let task = link(&page, "", "/tasks/", "\"");
    page.submit(&format!("{task}/move"), &[("state", "doing")]).is(303);
    office.get(&board).submit(&format!("{task}/move"), &[("state", "done")]).is(303).follow().shows("1件中 1件完了");
    let said = office.get(&task).submit(&format!("{task}/comment"), &[("comment", "一斉メールで**送りました**"), ("by", "佐藤")]);
    let page = said.is(303).follow().shows("佐藤").shows("送りました");
    // Somebody else has changed it meanwhile: nothing typed is lost, and the second try counts.
    office.post(&format!("{task}/move"), &[("state", "todo")]).is(303);
    let filled =
        [("title", "雨天時の連絡"), ("state", "doing"), ("owner", "鈴木"), ("due_kind", "before"), ("days_before", "10"), ("note", "")];
    let refused = page.submit(&task, &filled).refuses("ほかの人が内容を更新しました");
    assert!(refused.body().contains("雨天時の連絡"));
    refused.submit(&task, &filled).is(303).follow().shows("雨天時の連絡").shows("鈴木").shows("期限 2026年12月2日").shows("コメント 1件");
    let wrong = office.get(&task).submit(&task, &[("title", "雨天時の連絡"), ("state", "todo"), ("due_kind", "on"), ("due_on", "あした")]);
    wrong.refuses("日付を入力してください");
    assert!(site.failures().is_empty());
}

#[test]
fn what_is_late_is_seen_at_a_glance_and_told_once_a_day() {
    let site = Site::new();
    let office = site.staff("事務局");
    let id = list(&office);
    let event = published(&office, &[("kind", id.trim_start_matches("/lists/"))]);
    office.block("overdue-tasks", &json!({})).lacks("会場の予約");
    site.pass_until("2026-11-28T23:59:00+09:00");
    office.get("/tasks").shows("3件中 0件完了").lacks("期限切れ 1件");
    site.pass_until("2026-11-29T08:00:00+09:00");
    office.get("/tasks").shows("期限切れ 1件").shows("佐藤 1 1").shows("鈴木 1 0");
    office.block("overdue-tasks", &json!({})).shows("会場の予約").shows("忘年会");
    assert_eq!(mails(&site, "期限を過ぎた準備タスクが1件").len(), 1);
    site.pass(Duration::from_secs(23 * 60 * 60));
    assert_eq!(mails(&site, "期限を過ぎた準備タスク").len(), 1, "once a day");
    site.pass(Duration::from_secs(2 * 60 * 60));
    assert_eq!(mails(&site, "期限を過ぎた準備タスク").len(), 2);
    let page = office.get(&board(&event));
    page.submit(&format!("{}/move", link(&page, "", "/tasks/", "\"")), &[("state", "dropped")]).is(303);
    office.get("/tasks").lacks("期限切れ 1件").shows("2件中 0件完了");
    site.pass(Duration::from_secs(24 * 60 * 60));
    assert_eq!(mails(&site, "期限を過ぎた準備タスク").len(), 2);
    assert!(site.failures().is_empty());
}

#[test]
fn the_board_is_for_those_who_work_on_it() {
    let site = Site::new();
    let (office, door, hanako) = (site.staff("事務局"), site.staff_with("受付", &["registrations"]), site.member("花子"));
    let board = board(&published(&office, &[]));
    for path in ["/tasks", board.as_str()] {
        door.get(path).is(403);
        hanako.get(path).is(403);
    }
    door.post(&board, &[("title", "いたずら")]).is(403);
    hanako.post(&board, &[("title", "いたずら")]).is(403);
    door.get_admin("/lists").is(403);
    door.block("overdue-tasks", &json!({})).lacks("期限");
    door.get_admin("/events/new").is(403);
}

#[test]
fn a_name_of_a_list_is_taken_once_and_a_list_can_go_without_its_tasks() {
    let site = Site::new();
    let office = site.staff("事務局");
    let list = list(&office);
    office.get_admin("/lists").submit("/lists", &[("title", "講演会")]).refuses("同じ名前のひな型");
    let event = draft(&office, &[("kind", list.trim_start_matches("/lists/"))]);
    let delete = format!("{list}/delete");
    office.get_admin(&delete).submit(&delete, &[]).is(303).follow().shows("まだひな型がありません");
    office.get(&board(&event)).shows("会場の予約");
    let delete = format!("{event}/delete");
    office.get_admin(&delete).submit(&delete, &[]).is(303);
    office.get(&event).is(404);
    assert!(site.documents("tasks").is_empty());
}
