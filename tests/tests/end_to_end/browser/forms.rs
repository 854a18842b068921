//! A stranger joins by the form on a narrow screen, staff approve, and the new member signs in with a mailed code.

use tsudoi_tests::browser::Driver;
use tsudoi_tests::{CLUB, Database, Server};

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_joins_by_a_form_and_signs_in() {
    let server = Server::start(Database::Sqlite).await;
    let driver = Driver::start().await;
    let stranger = driver.window(&server, CLUB, 360).await;
    stranger.open("/join").await;
    stranger.press("入会フォーム").await;
    stranger.sees_within("h1", "入会のお申し込み").await;
    stranger.press("入力内容を確認する").await;
    stranger.sees_within("[role=alert]", "7か所に入力の誤りや漏れがあります").await;
    let complaints = stranger.complaints().await;
    assert!(complaints.iter().all(|words| words.contains("422")), "{complaints:?}");
    for (label, text) in [
        ("姓", "天野"),
        ("名", "こずえ"),
        ("セイ", "あまの"),
        ("メイ", "こずえ"),
        ("メールアドレス 必須", "ａｍａｎｏ@mail.example"),
        ("郵便番号 任意", "１０００００１"),
    ] {
        stranger.fill(label, text).await;
    }
    for label in ["シルバー会員（6,600円）", "ラジオ", "会員規約とプライバシーポリシーに同意します 必須"]
    {
        stranger.tick(label).await;
    }
    assert!(stranger.sticks_out().await <= 0, "the form is too wide");
    stranger.press("入力内容を確認する").await;
    stranger.sees("天野 こずえ（アマノ コズエ）").await;
    stranger.sees("100-0001").await;
    // Back, and nothing is lost.
    stranger.press("入力画面に戻って直す").await;
    stranger.sees("入力内容を確認する").await;
    assert_eq!(stranger.value("姓").await, "天野");
    stranger.fill("名", "梢").await;
    stranger.press("入力内容を確認する").await;
    stranger.sees("天野 梢（アマノ コズエ）").await;
    // A person takes longer than the two seconds that robots are held to.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    stranger.press("この内容で送信する").await;
    stranger.sees("送信しました").await;

    let staff = driver.window(&server, CLUB, 1280).await;
    staff.open("/").await;
    staff.press("事務局").await;
    staff.sees_within(".demo-bar [aria-current]", "事務局").await;
    staff.open("/admin").await;
    staff.press("まだ対応していない回答が4件あります").await;
    staff.press_beside("入会のお申し込み", "4件").await;
    staff.sees("天野 梢").await;
    let answer = staff.link("main table a[href*='/answers/']").await;
    staff.open(&answer).await;
    let number = staff.value("会員番号").await;
    staff.press("承認して会員にする").await;
    staff.sees_within("[role=status]", "承認しました").await;
    staff.sees_within("h1", "天野 梢").await;

    let mails = stranger.read_elsewhere("/inbox").await;
    assert!(mails.contains("お申し込みありがとうございます") && mails.contains(&format!("会員番号: {number}")), "{mails}");
    stranger.open("/sign-in/code").await;
    stranger.fill("メールアドレス", "amano@mail.example").await;
    stranger.press("番号を送る").await;
    stranger.sees("番号を入力してください").await;
    let code = stranger.mailed_code().await;
    stranger.fill("ログイン用の番号", &code).await;
    stranger.press_beside("ログイン用の番号", "ログイン").await;
    stranger.until_page("/account", &number).await;
    for window in [&stranger, &staff] {
        assert_eq!(window.complaints().await, Vec::<String>::new());
    }
}
