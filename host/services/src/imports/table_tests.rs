//! Tables of every kind that staff have, and files that are none.

use super::*;
use rust_xlsxwriter::{ExcelDateTime as Moment, Format, Formula, Workbook};
use std::io::Write as _;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn cells(table: &Table) -> Vec<Vec<&str>> {
    table.rows.iter().map(|row| row.cells.iter().map(String::as_str).collect()).collect()
}

fn numbers(table: &Table) -> Vec<u32> {
    table.rows.iter().map(|row| row.number).collect()
}

fn read_text(text: &str) -> Result<Table, TableError> {
    read(text.as_bytes(), "members.csv")
}

/// Bytes of a text in an encoding.
fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    let units = text.encode_utf16();
    match encoding {
        Encoding::Utf16Le => units.flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => units.flat_map(u16::to_be_bytes).collect(),
        other => {
            let (bytes, _, has_lost) = other.decoder().encoding().encode(text);
            assert!(!has_lost, "{text:?} in {}", other.as_str());
            bytes.into_owned()
        }
    }
}

/// A spreadsheet whose first sheet is filled by the caller.
fn spreadsheet(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

/// The parts of a zip file.
fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let count = archive.len();
    let part = |index| {
        let mut part = archive.by_index(index).unwrap();
        let mut bytes = vec![];
        part.read_to_end(&mut bytes).unwrap();
        (part.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(part).collect()
}

fn zipped<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>, method: CompressionMethod) -> Vec<u8> {
    let mut to = ZipWriter::new(Cursor::new(vec![]));
    for (name, bytes) in parts {
        to.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        to.write_all(bytes).unwrap();
    }
    to.finish().unwrap().into_inner()
}

fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    zipped(parts.iter().copied(), CompressionMethod::Deflated)
}

/// A zip file with one of its parts changed.
fn changed(bytes: &[u8], name: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut parts = parts(bytes);
    let (_, part) = parts.iter_mut().find(|(part, _)| part == name).unwrap();
    *part = change(std::str::from_utf8(part).unwrap()).into_bytes();
    zipped(parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())), CompressionMethod::Stored)
}

const LEDGER: &str = "会員番号,氏名,フリガナ,備考\r\n1,髙橋　﨑子,ﾀｶﾊｼ ｻｷｺ,①ＡＢＣ～\r\n2,山田　花子,ﾔﾏﾀﾞ ﾊﾅｺ,こんにちは\r\n";

#[test]
fn the_encoding_of_a_ledger_is_found() {
    for encoding in [Encoding::Utf8, Encoding::ShiftJis, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::EucJp, Encoding::Iso2022Jp] {
        // A mail's encoding has no half-width kana.
        let ledger = if encoding == Encoding::Iso2022Jp {
            LEDGER.replace("ﾀｶﾊｼ ｻｷｺ", "タカハシ").replace("ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ")
        } else {
            LEDGER.to_owned()
        };
        let table = read(&encoded(&ledger, encoding), "members.csv").unwrap();
        assert_eq!(table.encoding, Some(encoding));
        assert_eq!(table.rows[1].cells[1], "髙橋　﨑子", "{encoding:?}");
        assert_eq!(table.rows[1].cells[3], "①ＡＢＣ～", "{encoding:?}");
        assert_eq!(numbers(&table), [1, 2, 3]);
        assert_eq!(read_as(&encoded(&ledger, encoding), encoding).unwrap(), table);
    }
}

#[test]
fn a_mark_in_front_is_no_part_of_the_first_name() {
    for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be] {
        let table = read(&encoded("\u{feff}氏名,住所\n〜,港区\n", encoding), "").unwrap();
        assert_eq!((table.encoding, cells(&table)), (Some(encoding), vec![vec!["氏名", "住所"], vec!["〜", "港区"]]));
    }
}

#[test]
fn another_encoding_can_be_chosen() {
    let bytes = encoded("name,city\r\nJosé,Köln\r\n", Encoding::Windows1252);
    assert_eq!(read(&bytes, ""), Err(TableError::Encoding { line: 2 }));
    assert_eq!(read_as(&bytes, Encoding::Windows1252).unwrap().rows[1].cells, ["José", "Köln"]);
    for encoding in Encoding::ALL {
        assert_eq!(encoding.as_str().parse(), Ok(encoding));
    }
    assert_eq!("latin".parse::<Encoding>(), Err(NotAnEncoding));
}

#[test]
fn a_byte_that_cannot_be_decoded_is_named_by_its_line() {
    let mut bytes = LEDGER.repeat(3).into_bytes();
    bytes.extend(b"9,\xff\r\n");
    bytes.extend(LEDGER.as_bytes());
    assert_eq!(read(&bytes, ""), Err(TableError::Encoding { line: 10 }));
    let mut bytes = encoded(LEDGER, Encoding::ShiftJis);
    bytes.extend(b"9,\xfd\xfe\xff\r\n");
    assert_eq!(read(&bytes, ""), Err(TableError::Encoding { line: 4 }));
    assert_eq!(read_as(LEDGER.as_bytes(), Encoding::EucJp), Err(TableError::Encoding { line: 1 }));
    assert_eq!(read_as(b"a\rb\rc\x81 \r", Encoding::ShiftJis), Err(TableError::Encoding { line: 3 }));
}

#[test]
fn cells_are_parted_by_commas_tabs_or_semicolons() {
    let expected = vec![vec!["氏名", "住所"], vec!["山田", "港区1,2; 3"]];
    for text in ["氏名,住所\n山田,\"港区1,2; 3\"\n", "氏名\t住所\n山田\t港区1,2; 3\n", "氏名;住所\n山田;\"港区1,2; 3\"\n"]
    {
        assert_eq!(cells(&read_text(text).unwrap()), expected, "{text}");
    }
    assert_eq!(cells(&read_text("a;b;c\n1;1,5;2\n3;2,5;4\n").unwrap())[1], ["1", "1,5", "2"]);
    assert_eq!(cells(&read_text("会員名簿\n\n氏名\t住所\t電話\n山田\t港区\t03\n").unwrap())[1], ["氏名", "住所", "電話"]);
    assert_eq!(cells(&read_text("taro@example.jp").unwrap()), [["taro@example.jp"]]);
}

#[test]
fn lines_end_in_any_way_and_break_within_quotes() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["名,記", "", "山田,\"1行目", "2行目 \"\"引用\"\"\"", ",,", "佐藤,x", "", ""].join(end);
        let table = read_text(&text).unwrap();
        assert_eq!(cells(&table), [["名", "記"], ["山田", "1行目\n2行目 \"引用\""], ["佐藤", "x"]]);
        // As a spreadsheet shows them: the cell of two lines is one row, the two empty rows are counted.
        assert_eq!(numbers(&table), [1, 3, 5]);
    }
}

#[test]
fn a_quotation_mark_that_stays_open_is_named_by_its_row() {
    assert_eq!(read_text("a,b\n\n1,\"2\n3,4\n5,6\n"), Err(TableError::OpenQuote { row: 3 }));
    assert_eq!(read_text("a,b\n1,\"2\"\""), Err(TableError::OpenQuote { row: 2 }));
    assert_eq!(read_text("a,\"b\nc\"\n1,\"2\"\""), Err(TableError::OpenQuote { row: 2 }));
    assert_eq!(cells(&read_text("a,b\n1,\"2\n\"").unwrap())[1], ["1", "2"]);
    assert_eq!(cells(&read_text("a,b\n1,5\" pipe\n").unwrap())[1], ["1", "5\" pipe"]);
}

#[test]
fn rows_are_of_one_width_and_without_what_is_empty() {
    let table = read_text("a,b,,\n\n1\n , \u{3000},\n1,2,3,\n").unwrap();
    assert_eq!(cells(&table), [["a", "b", ""], ["1", "", ""], ["1", "2", "3"]]);
    assert_eq!(numbers(&table), [1, 3, 5]);
}

#[test]
fn cells_have_no_white_space_around_and_no_control_characters() {
    let table = read_text("\u{3000}名前 \u{3000},\"a\tb\u{7}\",\u{200b}c\u{1a}\n\u{1a}").unwrap();
    assert_eq!(cells(&table), [["名前", "a b", "c"]]);
}

#[test]
fn what_guards_a_text_from_a_spreadsheet_is_left_out() {
    let table = read_text("=\"0312\",\"=\"\"007\"\"\",'=A1,'+81,'90,O'Neil,=A1\n").unwrap();
    assert_eq!(cells(&table), [["0312", "007", "=A1", "+81", "'90", "O'Neil", "=A1"]]);
}

#[test]
fn a_header_alone_or_with_one_name_twice_is_a_table() {
    assert_eq!(cells(&read_text("氏名,電話,電話").unwrap()), [["氏名", "電話", "電話"]]);
}

#[test]
fn nothing_is_no_table() {
    for text in ["", "\n\n", ",,\n , \n", "\u{feff}", "\"\""] {
        assert_eq!(read_text(text), Err(TableError::Empty), "{text:?}");
    }
    assert_eq!(read(&spreadsheet(|_| {}), ""), Err(TableError::Empty));
}

#[test]
fn what_is_no_table_is_told_from_what_could_be_saved_as_one() {
    let compound = |name: &str| [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), encoded(name, Encoding::Utf16Le)].concat();
    let odf = b"application/vnd.oasis.opendocument.spreadsheet";
    for (bytes, name, error) in [
        (b"%PDF-1.7\n".to_vec(), "a.csv", TableError::Kind),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "a.csv", TableError::Kind),
        (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0".to_vec(), "a.csv", TableError::Kind),
        (b"\0\0\0\x18ftypheic".to_vec(), "a.csv", TableError::Kind),
        (vec![1, 2, 3, 4, 5], "a.csv", TableError::Kind),
        (b"<html><table>".to_vec(), "a.html", TableError::Kind),
        (b"\r\n<HTML><table>".to_vec(), "a.XLS", TableError::OtherSpreadsheet),
        (compound("Workbook"), "a.xlsx", TableError::OtherSpreadsheet),
        (compound("EncryptedPackage"), "a.xlsx", TableError::Protected),
        (compound("WordDocument"), "a.doc", TableError::Kind),
        (packed(&[("mimetype", odf), ("content.xml", b"")]), "a.xlsx", TableError::OtherSpreadsheet),
        (packed(&[("[Content_Types].xml", b""), ("xl/workbook.bin", b"")]), "a.xlsx", TableError::OtherSpreadsheet),
        (packed(&[("Index/Document.iwa", b"")]), "a.xlsx", TableError::OtherSpreadsheet),
        (packed(&[("[Content_Types].xml", b""), ("word/document.xml", b"")]), "a.xlsx", TableError::Kind),
        (packed(&[("members.csv", b"a,b")]), "a.xlsx", TableError::Kind),
        (packed(&[]), "a.xlsx", TableError::Kind),
    ] {
        assert_eq!(read(&bytes, name), Err(error), "{name} {bytes:?}");
    }
}

#[test]
fn values_of_a_spreadsheet_become_what_it_shows() {
    let bytes = spreadsheet(|sheet| {
        let format = |code: &str| Format::new().set_num_format(code);
        let day = Moment::from_ymd(2026, 4, 1).unwrap();
        let values =
            ["text", "phone", "long", "part", "sum", "zeros", "truth", "formula", "error", "day", "era", "time", "clock", "span", "rich"];
        for (column, name) in values.into_iter().enumerate() {
            sheet.write(1, column as u16, name).unwrap();
        }
        sheet.write(2, 0, " 髙橋　①\r\n﨑 ").unwrap();
        sheet.write(2, 1, 9_012_345_678_u64).unwrap();
        sheet.write(2, 2, 1_234_567_890_123_456_u64).unwrap();
        sheet.write(2, 3, -12.5).unwrap();
        sheet.write(2, 4, 0.1 + 0.2).unwrap();
        sheet.write_with_format(2, 5, 42, &format("00000")).unwrap();
        sheet.write(2, 6, true).unwrap();
        sheet.write(2, 7, Formula::new("=A1&\"x\"").set_result("様")).unwrap();
        sheet.write(2, 8, Formula::new("=NA()").set_result("#N/A")).unwrap();
        sheet.write_with_format(2, 9, &day, &format("yyyy/m/d")).unwrap();
        sheet.write_with_format(2, 10, &day, &format("[$-411]ggge\"年\"m\"月\"d\"日\"")).unwrap();
        sheet.write_with_format(2, 11, Moment::parse_from_str("2026-04-01T09:30:00").unwrap(), &format("yyyy/m/d h:mm")).unwrap();
        sheet.write_with_format(2, 12, 0.5, &format("h:mm")).unwrap();
        sheet.write_with_format(2, 13, 1.25, &format("[h]:mm")).unwrap();
        sheet.write_rich_string(2, 14, &[(&Format::new().set_bold(), "太"), (&Format::new(), "字")]).unwrap();
    });
    let table = read(&bytes, "members.csv").unwrap();
    assert_eq!((table.sheet.as_deref(), table.encoding, numbers(&table)), (Some("Sheet1"), None, vec![2, 3]));
    assert_eq!(
        table.rows[1].cells,
        [
            "髙橋　①\n﨑",
            "9012345678",
            "1234567890123456",
            "-12.5",
            "0.3",
            "00042",
            "TRUE",
            "様",
            "#N/A",
            "2026-04-01",
            "2026-04-01",
            "2026-04-01 09:30:00",
            "12:00:00",
            "30:00:00",
            "太字"
        ]
    );
}

#[test]
fn numbers_are_written_without_an_exponent() {
    for (number, text) in [(1e21, "1000000000000000000000"), (-0.0, "0"), (1e-7, "0.0000001"), (0.07, "0.07"), (123_456.789, "123456.789")]
    {
        assert_eq!(written_number(number), text);
    }
}

#[test]
fn days_are_counted_from_1904_where_the_spreadsheet_does() {
    let bytes = spreadsheet(|sheet| {
        sheet.write_with_format(0, 0, 36_526, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    });
    let other = changed(&bytes, "xl/workbook.xml", |xml| xml.replace("<workbookPr", "<workbookPr date1904=\"1\""));
    assert_eq!([cells(&read(&bytes, "").unwrap()), cells(&read(&other, "").unwrap())], [[["2000-01-01"]], [["2004-01-02"]]]);
}

#[test]
fn readings_above_names_are_no_part_of_them() {
    let bytes = spreadsheet(|sheet| {
        sheet.write(0, 0, "山田").unwrap();
    });
    let bytes = changed(&bytes, "xl/sharedStrings.xml", |xml| xml.replace("</si>", "<rPh sb=\"0\" eb=\"2\"><t>ヤマダ</t></rPh></si>"));
    assert_eq!(cells(&read(&bytes, "").unwrap()), [["山田"]]);
}

#[test]
fn the_first_sheet_that_holds_anything_is_read_or_the_one_that_is_asked_for() {
    let mut book = Workbook::new();
    for (name, text) in [("表紙", " "), ("会員", "山田"), ("裏", "secret"), ("退会者", "佐藤")] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write(0, 0, text).unwrap();
        sheet.set_hidden(name == "裏");
    }
    let bytes = book.save_to_buffer().unwrap();
    let table = read(&bytes, "").unwrap();
    assert_eq!((table.sheet.as_deref(), cells(&table)), (Some("会員"), vec![vec!["山田"]]));
    assert_eq!(table.sheets, ["表紙", "会員", "退会者"]);
    assert_eq!(cells(&read_sheet(&bytes, "退会者").unwrap()), [["佐藤"]]);
    assert_eq!(read_sheet(&bytes, "表紙"), Err(TableError::Empty));
    for sheet in ["会", "裏", ""] {
        assert_eq!(read_sheet(&bytes, sheet), Err(TableError::NoSheet));
    }
    assert_eq!(read_sheet(b"a,b", "会員"), Err(TableError::NoSheet));
    assert_eq!(read_as(&bytes, Encoding::ShiftJis).unwrap(), table);
}

#[test]
fn limits_are_kept() {
    assert_eq!(read(&vec![b'a'; MAX_BYTES + 1], ""), Err(TableError::TooLarge));
    assert_eq!(read_text(&"a\n".repeat(MAX_ROWS)).unwrap().rows.len(), MAX_ROWS);
    assert_eq!(read_text(&"a\n".repeat(MAX_ROWS + 1)), Err(TableError::TooManyRows));
    assert_eq!(read_text(&format!("{}x,,,", ",".repeat(MAX_COLUMNS - 1))).unwrap().rows[0].cells.len(), MAX_COLUMNS);
    assert_eq!(read_text(&format!("{}x", ",".repeat(MAX_COLUMNS))), Err(TableError::TooManyColumns));
    assert_eq!(read_text(&format!("a\n{}", "髙".repeat(MAX_CELL))).unwrap().rows.len(), 2);
    assert_eq!(read_text(&format!("a\n{}", "髙".repeat(MAX_CELL + 1))), Err(TableError::CellTooLong { row: 2 }));
    // One wide row would make all others as wide.
    let wide = format!("{}x\n{}", ",".repeat(MAX_COLUMNS - 1), "a\n".repeat(MAX_CELLS / MAX_COLUMNS));
    assert_eq!(read_text(&wide), Err(TableError::TooLarge));
    let sheet = spreadsheet(|sheet| {
        sheet.write(0, 0, "a").unwrap();
        sheet.write(1_048_575, MAX_COLUMNS as u16 - 1, "z").unwrap();
    });
    assert_eq!(numbers(&read(&sheet, "").unwrap()), [1, 1_048_576]);
    let sheet = spreadsheet(|sheet| {
        sheet.write(0, MAX_COLUMNS as u16, "z").unwrap();
    });
    assert_eq!(read(&sheet, ""), Err(TableError::TooManyColumns));
}

#[test]
fn many_rows_are_read() {
    let bytes = encoded("1,髙橋　﨑子,ﾀｶﾊｼ ｻｷｺ,taro@example.jp,09012345678\r\n", Encoding::ShiftJis).repeat(100_000);
    let table = read(&bytes, "").unwrap();
    assert_eq!((table.rows.len(), table.rows[99_999].number), (100_000, 100_000));
    let bytes = spreadsheet(|sheet| {
        for row in 0..30_000 {
            sheet.write(row, 0, row).unwrap();
        }
    });
    let table = read(&bytes, "").unwrap();
    assert_eq!(table.rows[29_999], Row { number: 30_000, cells: vec!["29999".to_owned()] });
}

#[test]
fn what_unpacks_to_far_more_than_it_seems_is_refused() {
    let zeros = vec![b' '; 12 * 1024 * 1024];
    assert_eq!(read(&packed(&[("[Content_Types].xml", &zeros)]), ""), Err(TableError::TooLarge));
    let texts = |texts: &str| inspect_part(&mut texts.as_bytes(), 5);
    assert_eq!([texts(&"<si/>".repeat(5)), texts(&"<si/>".repeat(6))], [Ok(()), Err(TableError::TooLarge)]);
}

#[test]
fn hostile_numbers_are_refused() {
    let bytes = spreadsheet(|sheet| {
        sheet.write(0, 0, "山田").unwrap();
        sheet.write_with_format(1, 0, 1, &Format::new().set_num_format("[[0")).unwrap();
    });
    let is_refused = |bytes: Vec<u8>| assert!(matches!(read(&bytes, ""), Err(TableError::Unreadable { .. })));
    for count in ["99999999999999", " 1", "1e9", "00000000000000000000000000000000000000000000000000000000000000000099999999"] {
        let said = |xml: &str| xml.replace("uniqueCount=\"1\"", &format!("uniqueCount =\n'{count}'"));
        is_refused(changed(&bytes, "xl/sharedStrings.xml", said));
    }
    let far =
        |xml: &str| xml.replace("uniqueCount=\"1\"", &format!("{}uniqueCount{}=\"99999999999999\"", " ".repeat(65_400), " ".repeat(99)));
    is_refused(changed(&bytes, "xl/sharedStrings.xml", far));
    for cell in ["ZZZZZZZZZZZZZ1", "A99999999999999", "A0", "A", "1"] {
        let broken = changed(&bytes, "xl/worksheets/sheet1.xml", |xml| xml.replace("r=\"A1\"", &format!("r=\"{cell}\"")));
        assert!(read(&broken, "").is_err(), "{cell}");
    }
    // A panic where overflows are checked, and a number where they aren't.
    let brackets = |xml: &str| xml.replace("[[0", &"[".repeat(300));
    assert!(matches!(read(&changed(&bytes, "xl/styles.xml", brackets), ""), Err(TableError::Unreadable { .. }) | Ok(_)));
    is_refused(changed(&bytes, "xl/worksheets/sheet1.xml", |xml| xml.replace("r=\"1\"", "r=\"7\"").replace("r=\"A1\"", "r=\"A7\"")));
}

/// The same numbers on every run (xorshift, Marsaglia 2003).
struct Noise(u64);

impl Iterator for Noise {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Some(self.0)
    }
}

/// Each beginning of a file, and the file with some of its bits changed.
fn garbled(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut noise = Noise(20_260_401);
    let flipped = std::iter::repeat_with(move || {
        let mut bytes = bytes.to_vec();
        for _ in 0..=noise.next().unwrap_or_default() % 4 {
            let at = noise.next().unwrap_or_default() as usize % bytes.len();
            bytes[at] ^= 1 << (noise.next().unwrap_or_default() % 8);
        }
        bytes
    });
    let step = (bytes.len() / 200).max(1);
    (0..bytes.len()).step_by(step).map(|length| bytes[..length].to_vec()).chain(flipped.take(300))
}

#[test]
fn garbled_files_give_tables_or_errors_but_never_a_panic() {
    let sheet = spreadsheet(|sheet| {
        for row in 0..20 {
            sheet.write(row, 0, "髙橋").unwrap().write(row, 1, row).unwrap();
            sheet.write_with_format(row, 2, 36_526 + row, &Format::new().set_num_format("yyyy/m/d")).unwrap();
        }
    });
    let mut texts: Vec<Vec<u8>> =
        Encoding::ALL[..6].iter().map(|encoding| encoded("氏名,メモ\r\n髙橋,\"①\r\n②\"\r\n", *encoding)).collect();
    texts.push(sheet.clone());
    for bytes in texts.iter().flat_map(|bytes| garbled(bytes)) {
        if let Ok(table) = read(&bytes, "members.xlsx") {
            assert!(table.rows.iter().all(|row| row.cells.len() == table.rows[0].cells.len()));
        }
        let _ = read_as(&bytes, Encoding::Utf16Be);
    }
    // Bits in the packed parts are caught by their checksums; here are the parts themselves.
    let mut parts = parts(&sheet);
    let mut noise = Noise(7);
    for index in (0..parts.len()).filter(|index| !parts[*index].0.contains("theme")).collect::<Vec<_>>() {
        for _ in 0..50 {
            let whole = parts[index].1.clone();
            let at = noise.next().unwrap_or_default() as usize % whole.len();
            parts[index].1[at] = b"<>\"/&=90ZA \xff"[noise.next().unwrap_or_default() as usize % 12];
            let broken = zipped(parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())), CompressionMethod::Stored);
            assert!(read(&broken, "").map_or(true, |table| !table.rows.is_empty()));
            parts[index].1 = whole;
        }
    }
}
