//! A list of members from a file, over HTTP as staff do it: guessed, tried out, mended, carried out in the background, and taken back.

use encoding_rs::SHIFT_JIS;
use reqwest::StatusCode;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tsudoi_tests::{Answer, Database, Served, Visitor};

const TITLES: &str = "会員番号,氏名,フリガナ,メールアドレス,電話番号,〒,住所,入会日,備考";
const GUESSED: [&str; 9] = ["number", "full-name", "full-kana", "email", "phone", "postal-code", "street", "joined-on", "note"];

/// Sends a file; answers with the page on which staff say what its columns hold.
async fn uploaded(staff: &Visitor, name: &str, bytes: &[u8]) -> Answer {
    let page = staff.get("/admin/members/imports").await;
    let sent = staff.send_file(&page, "form[enctype]", name, bytes).await;
    let plan = staff.follow(&sent).await;
    assert!(plan.has(name), "{}", plan.readable());
    plan
}

fn guessed(plan: &Answer) -> Vec<String> {
    plan.attributes("select[name^='column-'] option[selected]", "value")
}

/// Tries it out with what was guessed; answers where, and the page once it says this.
async fn tried(staff: &Visitor, plan: &Answer, fields: &[(&str, &str)], words: &str) -> (String, Answer) {
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("action", "check")]).collect();
    let checked = staff.submit(plan, "main form.stack", &fields).await;
    let import = checked.location();
    let page = staff.until_it_says(&import, words).await;
    (import, page)
}

/// Presses the button of what comes next, and waits until the page says this.
async fn goes_on(staff: &Visitor, page: &Answer, import: &str, words: &str) -> Answer {
    let sent = staff.submit(page, "section[aria-labelledby='next'] form", &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.readable());
    staff.until_it_says(import, words).await
}

async fn listed(staff: &Visitor) -> String {
    staff.get("/admin/members").await.texts("main").join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_shift_jis_is_tried_out_mended_carried_out_and_taken_back() {
    for database in Database::BOTH {
        let served = Served::start(database, "").await;
        let staff = served.staff("hoshi").await;
        let hanako = "A-001,佐藤 花子,ｻﾄｳ ﾊﾅｺ,hanako@sink.example,９０１２３４５６７８,600001,北海道札幌市,昭和63年4月1日,紹介: 髙橋さん";
        let broken = "A-002,山﨑 太郎,ヤマザキ タロウ,taro@,03-1234-5678,100-0001,東京都千代田区,H31.4.31,①\r\nA-001,鈴木 一郎,,,,,,,";
        let bytes = SHIFT_JIS.encode(&format!("{TITLES}\r\n{hanako}\r\n{broken}\r\n")).0.into_owned();
        let plan = uploaded(&staff, "名簿.csv", &bytes).await;
        assert_eq!(guessed(&plan), GUESSED, "{database:?}");
        assert_eq!(plan.attributes("select[name='encoding'] option[selected]", "value"), ["shift_jis"]);
        assert!(plan.has("髙橋さん") && plan.has("山﨑 太郎"), "letters that Windows alone has: {}", plan.readable());

        // What is wrong is named by row and column, and nothing comes in while it is.
        let (import, page) = tried(&staff, &plan, &[], "正しく読み取れない行が2行あるため").await;
        let rows = page.texts("section[aria-labelledby='rows'] li");
        assert!(rows[0].starts_with("3行目") && rows[1].starts_with("4行目"), "{rows:?}");
        for (row, said) in [(0, "D (メールアドレス) 「taro@」"), (0, "H (入会日) 「H31.4.31」"), (1, "A (会員番号) 「A-001」")]
        {
            assert!(rows[row].contains(said), "{said}: {rows:?}");
        }
        assert!(rows[1].contains("同じ会員番号が、前の行にもあります"), "{rows:?}");
        assert!(page.texts("section[aria-labelledby='next'] form").is_empty(), "there is no button for it");
        let saved = staff.submit(&page, "form[action$='/wrong.csv']", &[]).await;
        assert!(saved.has("taro@") && !saved.has("佐藤"), "the wrong rows as a file: {}", saved.text);
        assert!(!listed(&staff).await.contains("佐藤"), "nothing happened so far");

        // Mended, it is carried out while staff may do something else.
        let mended = broken.replace("taro@,", "taro@sink.example,").replace("H31.4.31", "H31.4.30").replace("A-001,鈴木", "A-003,鈴木");
        let bytes = SHIFT_JIS.encode(&format!("{TITLES}\r\n{hanako}\r\n{mended}\r\n")).0.into_owned();
        let plan = uploaded(&staff, "名簿2.csv", &bytes).await;
        let (mended, page) = tried(&staff, &plan, &[], "3人を追加し、0人の情報を更新します").await;
        let done = goes_on(&staff, &page, &mended, "取り込み済み").await;
        let found = listed(&staff).await;
        for name in ["佐藤 花子", "山﨑 太郎", "鈴木 一郎", "A-003"] {
            assert!(found.contains(name), "{name}: {found}");
        }
        let member =
            staff.get(&staff.get("/admin/members?q=A-001").await.attributes("main td a[href^='/admin/members/0']", "href")[0]).await;
        for part in ["サトウ", "hanako@sink.example", "09012345678", "060-0001", "紹介: 髙橋さん"] {
            assert!(member.has(part), "{part}: {}", member.readable());
        }
        assert!(!listed(&served.staff("tsuki").await).await.contains("佐藤"), "another organisation has none of it");

        goes_on(&staff, &done, &mended, "元に戻しました").await;
        let found = listed(&staff).await;
        assert!(!found.contains("佐藤") && !found.contains("山﨑"), "{found}");
        assert!(staff.get(&import).await.has("取り込み前"), "the first file waits as it was");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_changes_who_is_there_adds_the_good_ones_and_all_of_it_is_taken_back() {
    let served = Served::start(Database::Sqlite, "").await;
    let staff = served.staff("hoshi").await;
    let plan = uploaded(&staff, "前の名簿.csv", "会員番号,氏名,メール\n7,佐藤 花子,old@sink.example\n".as_bytes()).await;
    let (import, page) = tried(&staff, &plan, &[], "1人を追加").await;
    goes_on(&staff, &page, &import, "取り込み済み").await;

    let mut book = Workbook::new();
    book.add_worksheet().set_name("説明").expect("a name").write(0, 0, "この表は会員の名簿です").expect("a cell");
    let sheet = book.add_worksheet().set_name("名簿").expect("a name");
    let date = Format::new().set_num_format("yyyy/m/d");
    for (column, title) in ["No", "姓", "名", "メール", "生年月日", "旧姓"].into_iter().enumerate() {
        sheet.write(0, column as u16, title).expect("a cell");
    }
    let rows = [(7.0, "佐藤", "花子", "new@sink.example"), (8.0, "高橋", "三郎", "saburo@sink.example"), (9.0, "田中", "四郎", "四郎")];
    for (row, (number, family, given, email)) in (1..).zip(rows) {
        sheet.write(row, 0, number).expect("a cell");
        for (column, text) in (1..).zip([family, given, email]) {
            sheet.write(row, column, text).expect("a cell");
        }
        let born = ExcelDateTime::from_ymd(1990, 2, 3).expect("a date");
        sheet.write_with_format(row, 4, &born, &date).expect("a cell");
    }
    let plan = uploaded(&staff, "名簿.xlsx", &book.save_to_buffer().expect("a workbook")).await;
    assert_eq!(plan.texts("select[name='sheet'] option"), ["説明", "名簿"]);
    let again = staff.submit(&plan, "main form.cluster", &[("sheet", "名簿"), ("action", "reread")]).await;
    let plan = staff.follow(&again).await;
    assert_eq!(guessed(&plan), ["number", "family-name", "given-name", "email", "born-on"], "and nothing of what nobody knows");
    let (import, page) = tried(&staff, &plan, &[("existing", "change"), ("wrong", "good")], "1人を追加し、1人の情報を更新します").await;
    assert!(page.has("正しく読み取れない1行は取り込みません") && page.has("4行目") && page.has("四郎"), "{}", page.readable());
    let done = goes_on(&staff, &page, &import, "取り込み済み").await;
    let found = listed(&staff).await;
    assert!(found.contains("高橋 三郎") && !found.contains("田中"), "{found}");
    let hanako = staff.get("/admin/members?q=7").await.attributes("main td a[href^='/admin/members/0']", "href").remove(0);
    let shown = staff.get(&hanako).await;
    assert!(shown.has("new@sink.example") && shown.has("1990"), "{}", shown.readable());
    goes_on(&staff, &done, &import, "元に戻しました").await;
    let shown = staff.get(&hanako).await;
    assert!(shown.has("old@sink.example") && !shown.has("new@sink.example"), "she is what she was: {}", shown.readable());
    assert!(!listed(&staff).await.contains("高橋"));
}
