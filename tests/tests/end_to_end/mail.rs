//! Mail from the real binary to the real servers of others, which fail, stall and refuse: what they got, and what staff see of it.

mod kills;
mod postfix;
mod signing;
mod trouble;

use reqwest::StatusCode;
use std::collections::BTreeMap;
use tsudoi_tests::{Served, Visitor};

/// A configuration with times that a test can wait for; `more` are keys of `[mail]`, or further tables.
fn config(smtp: &str, more: &str) -> String {
    format!(
        "[mail]\nsmtp = \"{smtp}\"\nfrom = \"office@sink.example\"\ncommand_seconds = 5\nmessage_seconds = 6\nretry_seconds = [1, 1, 1]\n\
         away_seconds = 2\n{more}\n"
    )
}

/// Members from a file, with these addresses.
async fn add_members(staff: &Visitor, addresses: &[String]) {
    let rows: String = addresses.iter().enumerate().map(|(n, address)| format!("{},会員 {n}番,{address}\n", n + 1)).collect();
    let page = staff.get("/admin/members/imports").await;
    let file = format!("会員番号,氏名,メールアドレス\n{rows}");
    let sent = staff.send_file(&page, "form[enctype]", "名簿.csv", file.as_bytes()).await;
    let plan = staff.follow(&sent).await;
    let checked = staff.submit(&plan, "main form.stack", &[("action", "check")]).await;
    let import = checked.location();
    let ready = staff.until_it_says(&import, &format!("{}人を追加", addresses.len())).await;
    let run = staff.submit(&ready, "section[aria-labelledby='next'] form", &[]).await;
    assert_eq!(run.status, StatusCode::SEE_OTHER, "{}", run.readable());
    staff.until_it_says(&import, "取り込み済み").await;
}

fn addresses(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{name}@sink.example")).collect()
}

/// Writes a mailing to all members and sends it at once. Answers where staff see what becomes of it.
async fn send_mailing(staff: &Visitor, subject: &str) -> String {
    let page = staff.get("/admin/mailings/new").await;
    let text = "# ご案内\n\n{{name}}様\n\n今夜は**晴れ**です。";
    let typed = [("subject_ja", subject), ("text_ja", text), ("action", "send")];
    let saved = staff.submit(&page, "main form.stack", &typed).await;
    let asked = staff.follow(&saved).await;
    let sent = staff.submit(&asked, "form[aria-labelledby='when']", &[("when", "now")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.readable());
    sent.location()
}

/// Waits until a mailing is over.
async fn over(staff: &Visitor, mailing: &str) {
    staff.until_it_says(mailing, "終了:").await;
}

/// What staff see of a mailing: for each address of the first page the state in words, and what the server said.
async fn recipients(staff: &Visitor, mailing: &str) -> BTreeMap<String, String> {
    let page = staff.get(mailing).await;
    let column = |number: usize| page.texts(&format!("main tbody td:nth-child({number})"));
    column(2).into_iter().zip(column(3)).collect()
}

/// The summary of a mailing: how many members there are of each state, in words.
async fn counts(staff: &Visitor, mailing: &str) -> BTreeMap<String, usize> {
    let lines = staff.get(mailing).await.texts("section[aria-labelledby='state'] li");
    let count = |line: &String| -> Option<(String, usize)> {
        let (state, people) = line.split_once(": ")?;
        Some((state.to_owned(), people.trim_end_matches('人').replace(',', "").parse().ok()?))
    };
    lines.iter().map(|line| count(line).unwrap_or_else(|| panic!("{line} is no count"))).collect()
}

/// A member of the organisation asks for a number to sign in with.
async fn ask_for_code(served: &Served, slug: &str, address: &str) {
    let visitor = served.visitor(slug);
    let page = visitor.get("/sign-in/code").await;
    let sent = visitor.submit(&page, "form[action='/sign-in/code']", &[("email", address)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.readable());
}
