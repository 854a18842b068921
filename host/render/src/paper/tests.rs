//! Documents are set within their pages.

use super::*;

fn sheet(rows: usize) -> Sheet {
    let long =
        "第12回 天文講演会「小さな望遠鏡で見る冬の星雲」参加費（会報別冊・送料を含む）およびプラネタリウム特別投影会の座席料".to_owned();
    Sheet {
        title: "請求書".into(),
        facts: vec![("番号".into(), "2026-0001".into())],
        recipient: vec!["𠮷田 髙子 様".into()],
        issuer: vec!["ほしぞら会".into(), "登録番号 T7000012050002".into()],
        lead: "下記のとおりご請求申し上げます。".into(),
        sum: ("ご請求金額".into(), "7,100円".into()),
        heads: ["品名", "数量", "単価", "金額"].map(Into::into),
        rows: vec![[long, "1".into(), "100円".into(), "100円".into()]; rows],
        totals: vec![("合計".into(), "7,100円".into())],
        ..Sheet::default()
    }
}

fn texts(marks: &[Mark]) -> Vec<&str> {
    marks.iter().filter_map(|mark| if let Mark::Text { text, .. } = mark { Some(text.as_str()) } else { None }).collect()
}

#[test]
fn a_document_is_a_pdf_with_the_glyphs_that_it_shows() {
    let bytes = sheet(1).pdf().unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7"), "{:?}", &bytes[..8]);
    assert!(bytes.len() < 100_000, "{} bytes: not the whole font", bytes.len());
}

#[test]
fn many_lines_go_on_over_pages_with_the_columns_named_again_and_nothing_outside() {
    let font = font::font().unwrap();
    let pages = layout::pages(&sheet(80), font);
    assert!(pages.len() >= 4, "{}", pages.len());
    assert_eq!(pages.iter().flat_map(|page| texts(page)).filter(|text| text.starts_with("第12回")).count(), 80);
    for (place, page) in pages.iter().enumerate() {
        assert!(texts(page).contains(&format!("2026-0001  {} / {}", place + 1, pages.len()).as_str()));
        for mark in page {
            let Mark::Text { x, y, size, text, .. } = mark else { continue };
            assert!(*x >= 49.0 && x + font.width(text, *size) <= WIDTH - 49.0 && *y < HEIGHT - 30.0, "{text} at {x}, {y}");
        }
    }
    assert!(pages[..pages.len() - 1].iter().all(|page| texts(page).contains(&"品名")));
}

#[test]
fn lines_end_where_they_may() {
    let font = font::font().unwrap();
    let lines = font.lines("「星空の会」、そして宇宙。", 10.0, 62.0);
    assert_eq!(lines, ["「星空の", "会」、そして", "宇宙。"]);
    assert_eq!(font.lines("The night sky society", 10.0, 60.0), ["The night", "sky society"]);
    let word = font.lines(&"a".repeat(40), 10.0, 60.0);
    assert!(word.len() > 2 && word.concat() == "a".repeat(40), "{word:?}");
    assert_eq!(font.glyphs("😀𠮷\u{7}").0, "〓𠮷", "what the font has not is marked, control characters are left out");
}
