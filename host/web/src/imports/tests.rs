//! An import through the routes, as staff meet it.

use crate::testing::Browser;
use axum::http::StatusCode;
use tsudoi_services::testing::services;

#[tokio::test]
async fn staff_read_a_file_see_what_would_happen_import_it_and_take_it_back() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["members"]).await;
    staff.get("/admin/members/imports").await;
    let ledger = "会員番号,氏名,メールアドレス\nA-1,佐藤 花子,hanako@example.jp\nA-2,鈴木 一郎,いちろう\nA-3,=1+1,\n";
    let sent = staff.upload("/admin/members/imports", &[], ("名簿.csv", ledger.as_bytes())).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let plan = sent.location().to_owned();
    let page = staff.get(&plan).await;
    for expected in ["ファイルを読み込みました", "名簿.csv", "C · メールアドレス", "佐藤 花子", "value=\"full-name\" selected"]
    {
        assert!(page.text.contains(expected), "{expected} is missing in {}", page.text);
    }
    let columns = [("column-0", "number"), ("column-1", "full-name"), ("column-2", "email"), ("titles", "yes"), ("action", "check")];
    let twice = [("column-0", "number"), ("column-1", "number"), ("column-2", "email"), ("begins", "いつか"), ("action", "check")];
    let refused = staff.post(&plan, &twice).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("2つの列に") && refused.text.contains("いつか"), "{}", refused.text);
    let checking = staff.post(&plan, &columns).await;
    let here = checking.location().to_owned();
    assert!(staff.get(&here).await.text.contains("http-equiv=\"refresh\""), "it is at work, and the page says so");
    house.work_on_imports().await.unwrap();
    let page = staff.get(&here).await;
    for expected in ["2人を追加", "1行あるため", "3行目", "C (メールアドレス)", "いちろう"] {
        assert!(page.text.contains(expected), "{expected} is missing in {}", page.text);
    }
    let file = staff.post(&format!("{here}/wrong.csv"), &[]).await;
    assert!(file.text.contains("いちろう") && file.text.contains("メールアドレス"), "{}", file.text);
    assert_eq!(staff.post(&here, &[("action", "run")]).await.status, StatusCode::SEE_OTHER);
    assert!(staff.get(&here).await.text.contains("次の段階"), "nothing runs while a row is wrong");
    let good: Vec<(&str, &str)> = columns.iter().copied().chain([("wrong", "good")]).collect();
    staff.post(&plan, &good).await;
    house.work_on_imports().await.unwrap();
    staff.post(&here, &[("action", "run")]).await;
    house.work_on_imports().await.unwrap();
    let done = staff.get(&here).await;
    assert!(done.text.contains("取り込み済み") && done.text.contains("追加した 2"), "{}", done.text);
    assert!(staff.get("/admin/members").await.text.contains("佐藤 花子"));
    staff.post(&here, &[("action", "undo")]).await;
    house.work_on_imports().await.unwrap();
    assert!(!staff.get("/admin/members").await.text.contains("佐藤 花子"));
    assert_eq!(staff.post(&here, &[("action", "delete")]).await.location(), "/admin/members/imports");
    assert_eq!(staff.get(&here).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_that_is_no_table_is_refused_with_what_to_do() {
    let house = services().await;
    let mut staff = Browser::staff(&house, &["members"]).await;
    staff.get("/admin/members/imports").await;
    for (name, bytes, expected) in [
        ("photo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), "表として読み取れません"),
        ("empty.csv", b"".as_slice(), "何も書かれていません"),
        ("quote.csv", "番号,名前\n1,\"佐藤\n2,鈴木\n".as_bytes(), "引用符"),
    ] {
        let refused = staff.upload("/admin/members/imports", &[], (name, bytes)).await;
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains(expected), "{name}: {}", refused.text);
    }
    let mut editor = Browser::new(&house);
    assert_eq!(editor.get("/admin/members/imports").await.status, StatusCode::SEE_OTHER, "nobody else gets there");
}
