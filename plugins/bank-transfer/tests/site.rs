//! Bank transfers on the real host: the page with the number, statements, matching, and what staff decide.

use tsudoi_testkit::{Page, Person, Site, json};

/// The account is set, so members find the way to pay.
fn site() -> Site {
    let site = Site::opening().at("2026-11-30T09:00:00+09:00").open();
    for (key, value) in [("bank", "ほしぞら銀行"), ("branch", "本店（123）"), ("number", "1234567"), ("holder", "ホシゾラクラブ")]
    {
        site.set(key, &json!(value));
    }
    site
}

fn hanako(site: &Site) -> Person<'_> {
    site.new_member("山田 花子").reading("ヤマダ ハナコ").join()
}

/// The number that a member is shown for an invoice.
fn code(member: &Person<'_>, invoice: &str) -> String {
    let page = member.pay(invoice).is(303);
    let page = page.follow().shows("銀行振込のご案内");
    let words = page.text();
    let code = words.split(|letter: char| !letter.is_ascii_digit()).find(|run| run.len() == 7 && *run != "1234567");
    code.unwrap_or_else(|| panic!("{words}")).to_owned()
}

/// Rows as online banks give them out.
fn table(rows: &[(&str, i64, &str)]) -> String {
    let rows = rows.iter().map(|(date, amount, payer)| format!("{date},,\"{amount}\",{payer},9999\n"));
    format!("年月日,お引出し,お預入れ,お取り扱い内容,残高\n{}", rows.collect::<String>())
}

fn import<'site>(office: &Person<'site>, statement: &str) -> Page<'site> {
    office.get_admin("/imports").submit("/imports", &[("statement", statement)])
}

fn states(site: &Site) -> Vec<String> {
    site.documents("lines").iter().map(|line| line["state"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The page of the only line that waits.
fn waiting<'site>(office: &Person<'site>) -> Page<'site> {
    let list = office.get_admin("/");
    let path = list.body().split("/admin/p/bank-transfer").find(|part| part.starts_with("/lines/"));
    let path = path.and_then(|path| path.split('"').next()).unwrap_or_else(|| panic!("nothing waits: {}", list.text()));
    office.get_admin(path)
}

/// The path of one of a line's forms.
fn action(line: &Page<'_>, what: &str) -> String {
    format!("{}/{what}", line.path().trim_start_matches("/admin/p/bank-transfer").split('?').next().unwrap_or_default())
}

fn assert_sound(site: &Site) {
    assert!(site.failures().is_empty(), "{:?}", site.failures());
}

#[test]
fn a_member_sees_where_to_transfer_and_the_number_to_put_before_the_name() {
    let site = site();
    let hanako = hanako(&site);
    let invoice = site.invoice(&hanako, "会費", 3_000);
    hanako.open("/account/payments").shows("銀行振込で支払う");
    let page =
        hanako.pay(&invoice).follow().shows("ほしぞら銀行").shows("本店（123）").shows("3,000円").shows("ホシゾラクラブ").shows("普通");
    let number = code(&hanako, &invoice);
    assert!(page.text().contains(&number), "an invoice keeps its number");
    let other = site.invoice(&hanako, "合宿", 3_000);
    assert_ne!(code(&hanako, &other), number);
    let path = format!("/transfers/{invoice}");
    site.member("太郎").get(&path).is(404);
    site.anyone().get(&path).is(303);
    assert!(site.payments().is_empty());
    assert_sound(&site);
}

#[test]
fn nobody_is_sent_to_an_account_that_is_not_set() {
    let site = Site::new();
    let hanako = site.member("花子");
    let invoice = site.invoice(&hanako, "会費", 3_000);
    let page = hanako.pay(&invoice);
    assert!(page.status() >= 400 && page.text().contains("事務局にお問い合わせください"), "{} {}", page.status(), page.text());
    site.staff("事務局").get_admin("/imports").shows("振込先の口座がまだ設定されていません");
    assert_sound(&site);
}

#[test]
fn a_transfer_with_its_number_is_booked_once_though_it_is_imported_twice() {
    let site = site();
    let (hanako, office) = (hanako(&site), site.staff("事務局"));
    let invoice = site.invoice(&hanako, "会費", 3_000);
    let statement = table(&[("2026/11/22", 3_000, &format!("振込 {} ﾀﾅｶ ﾀﾛｳ", code(&hanako, &invoice)))]);
    import(&office, &statement).is(303).follow().shows("自動で反映した入金 1件").shows("振込番号が一致したため");
    let again = import(&office, &statement).is(303).follow();
    again.shows("取込済みだった入金 1件").shows("新しい入金はありませんでした");
    let payments = site.payments();
    let [paid] = &payments[..] else { panic!("{payments:?}") };
    assert_eq!((paid.method.as_str(), paid.amount, paid.used), ("gateway:bank-transfer", 3_000, 3_000));
    assert_eq!(site.invoices()[0].state, "paid");
    assert_eq!(site.balances()["assets:clearing:bank-transfer"], 3_000);
    hanako.get(&format!("/transfers/{invoice}")).shows("お支払いは済んでいます");
    office.get_admin("/?state=booked").shows(&format!("請求書 {} に反映済み", site.invoices()[0].number));
    assert_sound(&site);
}

#[test]
fn whoever_wrote_the_number_comes_before_whoever_has_the_name_alone() {
    let site = site();
    let (hanako, office) = (hanako(&site), site.staff("事務局"));
    let invoice = site.invoice(&hanako, "会費", 3_000);
    let number = format!("{} ﾔﾏﾀﾞ ﾊﾅｺ", code(&hanako, &invoice));
    import(&office, &table(&[("2026/11/22", 3_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), ("2026/11/23", 3_000, &number)])).is(303);
    office.get_admin("/?state=booked").shows(&number).shows("振込番号が一致したため");
    waiting(&office).lacks(&number).shows("金額や名前が合う請求書がありません");
    assert_eq!(site.payments().len(), 1);
    assert_sound(&site);
}

#[test]
fn a_statement_is_kept_as_a_whole_or_not_at_all() {
    let site = site();
    let office = site.staff("事務局");
    let rows = |count: usize| {
        let rows: Vec<_> = (0..count).map(|n| format!("ﾌﾘｺﾐﾆﾝ {n}")).collect();
        table(&rows.iter().map(|payer| ("2026/11/22", 100, payer.as_str())).collect::<Vec<_>>())
    };
    import(&office, &rows(401)).refuses("新しい入金 400件");
    assert!(states(&site).is_empty());
    import(&office, &rows(400)).is(303).follow().shows("確認待ちにした入金 400件");
    // What is known already does not count.
    import(&office, &rows(401)).is(303).follow().shows("確認待ちにした入金 1件").shows("取込済みだった入金 400件");
    office.block("waiting", &json!({})).shows("確認を待っている入金が99件以上あります");
    let next = office.get_admin("/");
    let cursor = next.body().split("cursor=").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    office.get_admin(&format!("/?state=waiting&cursor={cursor}")).shows("ﾌﾘｺﾐﾆﾝ 30");
    office.get_admin("/?cursor=abc").is(404);
    assert_sound(&site);
}

#[test]
fn a_transfer_without_a_number_is_known_by_amount_and_name() {
    let site = site();
    let (hanako, office) = (hanako(&site), site.staff("事務局"));
    let company = site.new_member("星空商事").reading("カブシキガイシャ ホシゾラショウジ").join();
    site.invoice(&hanako, "会費", 3_000);
    site.invoice(&company, "会費", 3_000);
    site.invoice(&hanako, "合宿", 12_000);
    import(&office, &table(&[("2026/11/22", 3_000, "ﾔﾏﾀﾞﾊﾅｺ"), ("2026/11/22", 3_000, "ｶ)ﾎｼｿﾞﾗｼﾖｳｼﾞ")]))
        .is(303)
        .follow()
        .shows("自動で反映した入金 2件")
        .shows("金額と名前が一致したため");
    let open: Vec<_> = site.invoices().into_iter().filter(|invoice| invoice.state != "paid").map(|invoice| invoice.name).collect();
    assert_eq!(open, ["合宿"]);
    assert_sound(&site);
}

#[test]
fn of_two_members_of_the_same_name_staff_choose_one() {
    let site = site();
    let (one, other, office) = (hanako(&site), hanako(&site), site.staff("事務局"));
    site.invoice(&one, "会費", 3_000);
    let invoice = site.invoice(&other, "会費", 3_000);
    import(&office, &table(&[("2026/11/22", 3_000, "ﾔﾏﾀﾞ ﾊﾅｺ")])).is(303).follow().shows("確認待ちにした入金 1件");
    assert!(site.payments().is_empty());
    office.block("waiting", &json!({})).shows("確認を待っている入金が1件あります");
    office.open("/admin").shows("確認を待っている入金が1件あります");
    site.staff_with("別の担当", &[]).block("waiting", &json!({})).lacks("確認を待っている入金");
    let line = waiting(&office).shows("金額と名前が同じ請求書が2つ以上あります").shows("金額が一致").shows("名前が一致");
    let book = action(&line, "book");
    office.post_admin(&book, &[("invoice", &invoice)]).leads_to("/").follow().shows("確認を待っている入金はありません");
    let paid = site.invoices().into_iter().find(|one| one.id == invoice).unwrap();
    assert_eq!((paid.state.as_str(), paid.paid), ("paid", 3_000));
    let late = office.post_admin(&book, &[("invoice", &invoice)]).is(409);
    assert!(late.text().contains("ほかの人がすでに処理しました"), "{}", late.text());
    office.get_admin("/?state=booked").shows("事務局が請求書を選びました");
    assert_eq!(site.payments().len(), 1);
    assert_sound(&site);
}

#[test]
fn another_amount_is_a_part_or_more_than_is_needed() {
    let site = site();
    let (hanako, office) = (hanako(&site), site.staff("事務局"));
    let invoice = site.invoice(&hanako, "会費", 3_000);
    let number = code(&hanako, &invoice);
    import(&office, &table(&[("2026/11/22", 1_000, &format!("{number} ﾔﾏﾀﾞ ﾊﾅｺ"))])).is(303);
    let line = waiting(&office).shows("請求書の残額と金額が異なります").shows("振込番号が一致").shows("2,000円足りません");
    line.submit(&action(&line, "book"), &[]).is(303);
    assert_eq!((site.invoices()[0].state.as_str(), site.invoices()[0].paid), ("partly-paid", 1_000));
    hanako.get(&format!("/transfers/{invoice}")).shows("2,000円");
    import(&office, &table(&[("2026/11/25", 2_500, "ﾔﾏﾀﾞ ﾊﾅｺ")])).is(303);
    let line = waiting(&office).shows("500円多いです");
    line.submit(&action(&line, "book"), &[]).is(303);
    assert_eq!(site.invoices()[0].state, "paid");
    assert_eq!(site.balances()["liabilities:member-credit"], -500);
    assert_sound(&site);
}

#[test]
fn what_is_no_payment_is_set_aside_and_comes_back() {
    let site = site();
    let office = site.staff("事務局");
    import(&office, &table(&[("2026/11/22", 12, "ﾘｿｸ")])).is(303);
    let line = waiting(&office).shows("金額や名前が合う請求書がありません");
    line.submit(&action(&line, "aside"), &[("reason", "")]).refuses("理由を入力してください");
    line.submit(&action(&line, "aside"), &[("reason", "普通預金の利息")]).leads_to("/");
    assert_eq!(states(&site), ["aside"]);
    office.get_admin("/?state=aside").shows("普通預金の利息");
    let line = office.open(line.path());
    line.submit(&action(&line, "back"), &[]).is(303).follow().shows("確認待ちに戻したものです");
    assert_eq!(states(&site), ["waiting"]);
    assert_sound(&site);
}

#[test]
fn a_wrong_match_is_taken_back_and_booked_for_another_invoice() {
    let site = site();
    let (hanako, office) = (hanako(&site), site.staff("事務局"));
    let wrong = site.invoice(&hanako, "会費", 3_000);
    import(&office, &table(&[("2026/11/22", 3_000, "ﾔﾏﾀﾞ ﾊﾅｺ")])).is(303);
    let right = site.invoice(&site.new_member("田中").reading("タナカ タロウ").join(), "会費", 3_000);
    let booked = office.get_admin("/?state=booked");
    let path =
        booked.body().split("/admin/p/bank-transfer").find(|part| part.starts_with("/lines/")).and_then(|path| path.split('"').next());
    let line = office.get_admin(path.unwrap());
    line.submit(&action(&line, "back"), &[]).is(303);
    let state = |id: &str| site.invoices().into_iter().find(|invoice| invoice.id == id).map(|invoice| invoice.state).unwrap_or_default();
    assert_eq!((state(&wrong).as_str(), site.balances()["assets:clearing:bank-transfer"]), ("open", 0));
    // Importing the statement again does not book it again: staff have it in hand.
    import(&office, &table(&[("2026/11/22", 3_000, "ﾔﾏﾀﾞ ﾊﾅｺ")])).is(303);
    office.post_admin(&action(&line, "book"), &[("invoice", &right)]).is(303);
    assert_eq!((state(&wrong).as_str(), state(&right).as_str()), ("open", "paid"));
    assert_eq!(site.balances()["assets:clearing:bank-transfer"], 3_000);
    assert_sound(&site);
}

#[test]
fn staff_find_an_invoice_by_name_or_number() {
    let site = site();
    let (hanako, office) = (hanako(&site), site.staff("事務局"));
    let invoice = site.invoice(&hanako, "会費", 8_000);
    let code = code(&hanako, &invoice);
    import(&office, &table(&[("2026/11/22", 3_000, "ｽｽﾞｷ ｼﾞﾛｳ")])).is(303);
    let line = waiting(&office).shows("候補の請求書がありません");
    let number = site.invoices()[0].number.clone();
    for sought in ["花子", "やまだ", "ﾔﾏﾀﾞ", &number, &code] {
        let sought: String = sought.bytes().map(|byte| format!("%{byte:02X}")).collect();
        office.open(&format!("{}?q={sought}", line.path())).shows("山田 花子").shows(&number);
    }
    office.open(&format!("{}?q=xyz", line.path())).shows("見つかりませんでした");
    assert_sound(&site);
}

/// A notice of transfers in the Zengin format, without line ends.
fn notice(lines: &[(&str, i64, &str)]) -> String {
    let record = |text: String| format!("{text:<200}");
    let (bank, branch) = (format!("{:<15}", "ﾎｼｿﾞﾗ"), format!("{:<15}", "ﾎﾝﾃﾝ"));
    let mut file = record(format!("1010081130081101081130{}{bank}123{branch}11234567", "0005"));
    for (date, amount, payer) in lines {
        file.push_str(&record(format!("2000001{date}{date}{amount:010}{:010}{:010}{payer:<48}{bank}{branch} ", 0, 0)));
    }
    let sum: i64 = lines.iter().map(|(_, amount, _)| amount).sum();
    file.push_str(&record(format!("8{:06}{sum:012}{:06}{:012}", lines.len(), 0, 0)));
    file.push_str(&record("9".to_owned()));
    file
}

#[test]
fn a_zengin_file_is_read_and_a_broken_one_keeps_nothing() {
    let site = site();
    let (hanako, office) = (hanako(&site), site.staff("事務局"));
    site.invoice(&hanako, "会費", 3_000);
    let good = notice(&[("081122", 3_000, "ﾔﾏﾀﾞ ﾊﾅｺ"), ("081123", 500, "ﾀﾅｶ ﾀﾛｳ")]);
    for (broken, words) in [
        (good.replace("0000003000", "0000003O00"), "2行目：金額が数字ではありません"),
        (good.replacen("081122", "081322", 1), "2行目：日付を読み取れません"),
        (good.replace("000000003500", "000000003600"), "4行目：件数か金額の合計が明細と合いません"),
        (good.chars().take(600).collect(), "全銀形式の行の並びが正しくないか、途中で切れています"),
        ("年月日,お預入れ,摘要\n2026/11/22,3000,ﾔﾏﾀﾞ ﾊﾅｺ\n2026/11/22,三千,ﾀﾅｶ".to_owned(), "3行目：金額が数字ではありません"),
        ("いつ,いくら,だれ\n2026/11/22,3000,ﾔﾏﾀﾞ".to_owned(), "列の見出しから"),
    ] {
        let page = import(&office, &broken).refuses(words).shows("何も取り込んでいません");
        assert!(page.body().contains("ﾔﾏﾀﾞ"), "what was pasted is still there");
        assert!(site.documents("lines").is_empty() && site.payments().is_empty());
    }
    import(&office, &good)
        .is(303)
        .follow()
        .shows("全銀形式（振込入金通知）")
        .shows("自動で反映した入金 1件")
        .shows("確認待ちにした入金 1件");
    let lines = site.documents("lines");
    assert!(lines.iter().any(|line| line["date"] == "2026-11-22" && line["account"] == "0005-123-1-1234567"), "{lines:?}");
    assert_eq!(site.invoices()[0].state, "paid");
    assert_sound(&site);
}

#[test]
fn staff_say_which_column_is_what_and_which_account_it_is() {
    let site = site();
    site.set("accounts", &json!(["ほしぞら", "ゆうちょ"]));
    let (hanako, office) = (hanako(&site), site.staff("事務局"));
    site.invoice(&hanako, "会費", 3_000);
    let statement = "いつ;だれ;いくら\n2026.11.22;ﾔﾏﾀﾞ ﾊﾅｺ;3000";
    let columns = [("statement", statement), ("date_column", "1"), ("amount_column", "3"), ("payer_column", "2")];
    let form = office.get_admin("/imports");
    form.submit("/imports", &columns).refuses("どの口座の明細かを選んでください");
    form.submit("/imports", &[("statement", statement), ("account", "ゆうちょ"), ("date_column", "いち")]).refuses("1から100までの数字");
    form.submit("/imports", &[&columns[..], &[("account", "ゆうちょ")]].concat()).is(303).follow().shows("自動で反映した入金 1件");
    assert_eq!(site.documents("lines")[0]["account"], "ゆうちょ");
    assert_sound(&site);
}

#[test]
fn whoever_may_not_match_sees_nothing_of_statements() {
    let site = site();
    let other = site.staff_with("別の担当", &[]);
    other.get_admin("/").is(403);
    other.post_admin("/imports", &[("statement", "x")]).is(403);
    site.member("花子").get_admin("/").lacks("確認待ち");
}

#[test]
fn a_line_keeps_no_name_of_a_member_who_was_erased() {
    let site = site();
    let (hanako, office) = (hanako(&site), site.staff("事務局"));
    let invoice = site.invoice(&hanako, "会費", 3_000);
    code(&hanako, &invoice);
    let statement = table(&[("2026/11/22", 3_000, "ﾔﾏﾀﾞ ﾊﾅｺ")]);
    import(&office, &statement).is(303);
    hanako.erase();
    assert!(site.documents("references").is_empty());
    let lines = site.documents("lines");
    assert!(!lines[0].to_string().contains("ﾔﾏﾀﾞ") && lines[0]["amount"] == 3_000, "{lines:?}");
    office.get_admin("/?state=booked").shows("振込人の名前なし");
    import(&office, &statement).is(303).follow().shows("取込済みだった入金 1件");
    assert_eq!(site.payments().len(), 1);
    assert_sound(&site);
}
