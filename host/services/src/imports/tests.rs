//! Imports from a file to members and back, on both databases.

use super::*;
use crate::invoices::{InvoiceInput, LineInput, TaxKind};
use crate::members::{KindInput, KindList, MemberInput, MembershipStatus};
use crate::testing::{TestServices, services_on_each};
use encoding_rs::SHIFT_JIS;

const LEDGER: &str = "会員番号,氏名,フリガナ,メールアドレス,電話番号,〒,住所,入会日,備考\r\n\
    A-001,佐藤 花子,さとう はなこ,hanako@example.jp,９０１２３４５６７８,600001,北海道札幌市,昭和63年4月1日,紹介: 髙橋さん\r\n\
    A-002,山﨑 太郎,ヤマザキ タロウ,taro@example.jp,03-1234-5678,100-0001,東京都千代田区,H31.4.1,\r\n";

async fn begun(house: &TestServices, bytes: Vec<u8>) -> Import {
    let visit = house.anonymous().await;
    let id = house.editor(&visit).begin_import("名簿.csv", bytes).await.unwrap();
    house.import(&visit, id).await.unwrap()
}

/// Tries it out with a plan.
async fn tried(house: &TestServices, import: &Import, change: impl FnOnce(&mut Plan)) -> Import {
    let visit = house.anonymous().await;
    let mut plan = import.plan.clone();
    change(&mut plan);
    house.editor(&visit).plan_import(&visit, import.id, &plan).await.unwrap();
    house.work_on_imports().await.unwrap();
    house.import(&visit, import.id).await.unwrap()
}

async fn carried_out(house: &TestServices, import: &Import) -> Import {
    let visit = house.anonymous().await;
    house.editor(&visit).run_import(&visit, import.id).await.unwrap();
    house.work_on_imports().await.unwrap();
    house.import(&visit, import.id).await.unwrap()
}

async fn taken_back(house: &TestServices, import: &Import) -> Import {
    let visit = house.anonymous().await;
    house.editor(&visit).undo_import(&visit, import.id).await.unwrap();
    house.work_on_imports().await.unwrap();
    house.import(&visit, import.id).await.unwrap()
}

async fn numbers(house: &TestServices) -> Vec<String> {
    let list = house.member_list(&house.anonymous().await, "", None, "").await.unwrap();
    list.members.into_iter().map(|member| member.number).collect()
}

#[tokio::test]
async fn a_ledger_from_a_spreadsheet_becomes_members_and_goes_again() {
    for house in services_on_each().await {
        let import = begun(&house, SHIFT_JIS.encode(LEDGER).0.into_owned()).await;
        assert_eq!(
            (import.state, import.plan.encoding.as_deref(), import.plan.has_titles),
            (ImportState::Uploaded, Some("shift_jis"), true)
        );
        assert!(import.plan.columns.iter().all(Option::is_some), "{:?}", import.plan.columns);
        let import = tried(&house, &import, |_| ()).await;
        assert_eq!((import.state, import.count(RowState::Adds), import.all()), (ImportState::Checked, 2, 2), "{}", house.database.name);
        assert_eq!(numbers(&house).await, Vec::<String>::new(), "nothing happened so far");
        let import = carried_out(&house, &import).await;
        assert_eq!((import.state, import.count(RowState::Added)), (ImportState::Done, 2));
        assert_eq!(numbers(&house).await, ["A-001", "A-002"]);
        let visit = house.anonymous().await;
        let hanako = house.member_list(&visit, "佐藤花子", None, "").await.unwrap().members.remove(0);
        let file = house.member_file(&visit, hanako.id).await.unwrap();
        assert_eq!((file.member.family_kana.as_str(), file.member.joined_on.as_deref()), ("サトウ", Some("1988-04-01")));
        assert_eq!(
            (file.contacts.contacts[0].value.as_str(), file.contacts.addresses[0].postal_code.as_str()),
            ("09012345678", "060-0001")
        );
        assert_eq!((file.member.note.as_str(), file.member.status), ("紹介: 髙橋さん", MembershipStatus::Current));
        assert_eq!(file.periods[0].period.begins.to_string(), "1988-04-01");
        assert_eq!(taken_back(&house, &import).await.count(RowState::Undone), 2);
        assert_eq!(numbers(&house).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_by_row_and_column_and_none_or_the_good_ones_come_in() {
    for house in services_on_each().await {
        let text = "番号,姓,名,メール,生年月日,種別,タグ\n\
            1,佐藤,花子,hanako@example.jp,1990/1/1,,\n\
            2,鈴木,一郎,ichiro,1990/13/1,幻会員,\n\
            1,高橋,三郎,,,,幻タグ\n\
            3,,,,,,\n";
        let import = begun(&house, text.into()).await;
        let import = tried(&house, &import, |_| ()).await;
        assert_eq!((import.count(RowState::Adds), import.count(RowState::Wrong)), (1, 3), "{}", house.database.name);
        assert!(!import.may_run());
        let visit = house.anonymous().await;
        assert!(matches!(house.editor(&visit).run_import(&visit, import.id).await, Err(ServiceError::Changed)), "none where one is wrong");
        let rows = house.import_rows(&visit, import.id, Some(RowState::Wrong), 0).await.unwrap();
        let said = |row: &ImportRow| -> Vec<(String, String)> {
            let problems: Vec<RowProblem> = serde_json::from_str(&row.problems).unwrap();
            problems.into_iter().map(|problem| (problem.column.map(letters).unwrap_or_default(), problem.message)).collect()
        };
        let expect = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(column, message)| ((*column).to_owned(), (*message).to_owned())).collect()
        };
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 4, 5], "as the spreadsheet counts");
        let mut second = said(&rows[0]);
        second.sort();
        assert_eq!(second, expect(&[("D", "error-email"), ("E", "misfit-date"), ("F", "imports-no-type")]));
        assert_eq!(said(&rows[1]), expect(&[("A", "imports-number-twice")]));
        assert_eq!(said(&rows[2]), expect(&[("", "members-name-missing")]));
        let import = tried(&house, &import, |plan| plan.take_the_good = true).await;
        let import = carried_out(&house, &import).await;
        assert_eq!((import.count(RowState::Added), import.count(RowState::Wrong)), (1, 3));
        assert_eq!(numbers(&house).await, ["1"]);
    }
}

#[tokio::test]
async fn members_that_are_there_stay_or_are_changed_and_become_what_they_were() {
    for house in services_on_each().await {
        let visit = house.anonymous().await;
        let id = house.member("A-001", Some("old@example.jp"), None).await;
        let used = house.member("A-002", Some("used@example.jp"), None).await;
        let text = "会員番号,メールアドレス,携帯電話,備考\nA-001,new@example.jp,090-1234-5678,\nA-002,other@example.jp,,書き足し\n";
        let import = begun(&house, text.into()).await;
        let import = tried(&house, &import, |plan| plan.existing = Existing::Change).await;
        assert_eq!(import.count(RowState::Changes), 2, "{}", house.database.name);
        let import = carried_out(&house, &import).await;
        assert_eq!(import.count(RowState::Changed), 2);
        let email = async |id| house.edited_member(&visit, id).await.unwrap().input.email;
        assert_eq!((email(id).await, email(used).await), ("new@example.jp".to_owned(), "other@example.jp".to_owned()));
        house.clock.pass(60);
        // Somebody goes on from there.
        let edited = house.edited_member(&visit, used).await.unwrap();
        let mine = MemberInput { note: "あとから".into(), ..edited.input };
        house.editor(&visit).change_member(&visit, used, edited.seen, &mine).await.unwrap();
        let import = taken_back(&house, &import).await;
        assert_eq!((import.count(RowState::Undone), import.count(RowState::Kept)), (1, 1));
        assert_eq!((email(id).await, email(used).await), ("old@example.jp".to_owned(), "other@example.jp".to_owned()));
        assert!(house.member_file(&visit, id).await.unwrap().contacts.contacts.is_empty());
    }
}

#[tokio::test]
async fn rows_without_numbers_get_the_next_ones_and_defaults() {
    for house in services_on_each().await {
        let visit = house.anonymous().await;
        house.member("M-0098", None, None).await;
        let state = house.kinds(&visit, KindList::Types).await.unwrap().state;
        let student = KindInput { name: ["学生会員".into(), "Student".into()], grace_days: "10".into(), ..KindInput::default() };
        house.editor(&visit).save_kinds(&visit, KindList::Types, &state, &[student]).await.unwrap();
        let import = begun(&house, "佐藤 花子,学生会員\n鈴木 一郎,student\n".into()).await;
        assert!(!import.plan.has_titles, "nothing is known of the first row");
        let import = tried(&house, &import, |plan| {
            plan.columns = vec![Some(Target::FullName), Some(Target::MemberType)];
            plan.begins = "2026-04-01".into();
        })
        .await;
        let import = carried_out(&house, &import).await;
        assert_eq!(import.count(RowState::Added), 2, "{}", house.database.name);
        assert_eq!(numbers(&house).await, ["M-0098", "M-0099", "M-0100"]);
        let list = house.member_list(&visit, "鈴木", None, "").await.unwrap();
        assert_eq!(list.members[0].member_type, "学生会員");
        // Who has been sent an invoice since stays.
        let invoiced = list.members[0].id;
        let (_, input) = house.new_invoice(&visit, invoiced).await.unwrap();
        let dues = LineInput { name: "年会費".into(), price: "5000".into(), ..LineInput::new(TaxKind::OutOfScope) };
        house.editor(&visit).create_invoice(&visit, invoiced, &InvoiceInput { lines: vec![dues], ..input }).await.unwrap();
        let import = taken_back(&house, &import).await;
        assert_eq!((import.count(RowState::Undone), import.count(RowState::Kept)), (1, 1));
        assert_eq!(numbers(&house).await, ["M-0098", "M-0100"]);
        // Of whoever is erased nothing stays that the file said.
        house.editor(&visit).erase_member_data(invoiced).await.unwrap();
        let rows = house.import_rows(&visit, import.id, None, 0).await.unwrap();
        assert_eq!(rows.iter().filter(|row| row.cells.is_empty()).count(), 1, "{rows:?}");
    }
}

#[tokio::test]
async fn an_import_that_was_cut_off_goes_on_behind_its_last_row() {
    for house in services_on_each().await {
        let lines: String = (1..=250).map(|n| format!("N-{n:04},会員 {n}\n")).collect();
        let import = begun(&house, format!("会員番号,氏名\n{lines}").into_bytes()).await;
        let import = tried(&house, &import, |_| ()).await;
        let visit = house.anonymous().await;
        house.editor(&visit).run_import(&visit, import.id).await.unwrap();
        // One step, as a process that ends after it.
        house.step_of_import("club", import.id).await.unwrap();
        let halfway = house.import(&visit, import.id).await.unwrap();
        assert_eq!((halfway.state, halfway.count(RowState::Added)), (ImportState::Running, 100), "{}", house.database.name);
        // Two processes at once do nothing twice.
        let other = house.reopened(|_| ());
        let (first, second) = tokio::join!(house.work_on_imports(), other.work_on_imports());
        first.unwrap();
        second.unwrap();
        let done = house.import(&visit, import.id).await.unwrap();
        assert_eq!((done.state, done.count(RowState::Added)), (ImportState::Done, 250));
        let counts = house.member_list(&visit, "", None, "").await.unwrap().counts;
        assert_eq!(counts[&MembershipStatus::Current], 250);
    }
}

#[tokio::test]
async fn another_organisation_has_no_import_and_an_old_one_is_forgotten() {
    for house in services_on_each().await {
        let import = begun(&house, LEDGER.into()).await;
        house.add_organisation("other").await;
        let other = house.anonymous_at("other").await;
        assert!(matches!(house.import(&other, import.id).await, Err(ServiceError::NotFound)), "{}", house.database.name);
        assert!(matches!(house.editor(&other).delete_import(&other, import.id).await, Err(ServiceError::NotFound)));
        house.clock.pass((KEPT_DAYS + 1) * 24 * 60 * 60);
        house.forget_what_ran_out().await.unwrap();
        let visit = house.anonymous().await;
        assert!(house.imports(&visit).await.unwrap().is_empty(), "what a file said is not kept for ever");
    }
}
