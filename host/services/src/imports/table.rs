//! The table in a file that staff upload: a spreadsheet (XLSX) or text with separators (CSV, TSV), told apart by what is
//! in the file. Bytes in, rows of text out; which column is what, and whether the first row names them, others decide.

use calamine::{Data, DataRef, ExcelDateTime, Reader as _, Sheet, SheetType, SheetVisible, Style, Xlsx};
use std::io::{Cursor, Read};
use std::str::FromStr;
use zip::ZipArchive;

/// Bytes of a file.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Rows that hold something.
pub const MAX_ROWS: usize = 200_000;
/// Columns, up to the last that holds something.
pub const MAX_COLUMNS: usize = 200;
/// Rows times columns: what a table takes in memory even where most of its cells are empty.
pub const MAX_CELLS: usize = 5_000_000;
/// Characters of a cell.
pub const MAX_CELL: usize = 10_000;
/// Bytes of a spreadsheet once it is unpacked.
pub const MAX_UNPACKED: u64 = 300 * 1024 * 1024;
/// How many times its size a spreadsheet may unpack to, from [`SMALL_UNPACKED`] on. Excel's own files stay below 50.
pub const MAX_RATIO: u64 = 200;
const SMALL_UNPACKED: u64 = 10 * 1024 * 1024;
/// Elements in the table of texts of a spreadsheet, and in each other part that is held in memory as a whole.
const MAX_TEXT_ELEMENTS: u64 = 10_000_000;
const MAX_ELEMENTS: u64 = 500_000;

/// What a file held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The sheet that was read, where the file is a spreadsheet.
    pub sheet: Option<String>,
    /// All sheets that a person sees in the spreadsheet, in their order.
    pub sheets: Vec<String>,
    /// How the text was read, where the file is text.
    pub encoding: Option<Encoding>,
    /// At least one. All have as many cells as the widest; none is empty.
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The number that a spreadsheet shows beside the row, from 1; empty rows have one too.
    pub number: u32,
    /// Without white space around, without control characters other than line breaks (`\n`).
    pub cells: Vec<String>,
}

/// Why there is no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The file, the sheet or all of its cells are empty.
    #[error("nothing in it")]
    Empty,
    /// More than [`MAX_BYTES`], [`MAX_UNPACKED`] or [`MAX_CELLS`].
    #[error("larger than {} MB, or than {MAX_CELLS} cells", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// More than [`MAX_ROWS`].
    #[error("more than {MAX_ROWS} rows")]
    TooManyRows,
    /// Something stands beyond [`MAX_COLUMNS`].
    #[error("more than {MAX_COLUMNS} columns")]
    TooManyColumns,
    /// A cell in this row has more than [`MAX_CELL`] characters.
    #[error("a cell in row {row} has more than {MAX_CELL} characters")]
    CellTooLong { row: u32 },
    /// A quotation mark that opens in this row is never closed, so that the rest of the file would be one cell.
    #[error("a quotation mark in row {row} is not closed")]
    OpenQuote { row: u32 },
    /// This line, from 1, has a byte that no encoding or not the chosen one has.
    #[error("line {line} cannot be decoded")]
    Encoding { line: u32 },
    /// The spreadsheet has no sheet of that name.
    #[error("no such sheet")]
    NoSheet,
    /// A spreadsheet with a password.
    #[error("needs a password")]
    Protected,
    /// A spreadsheet, but none that is read here (old Excel, OpenDocument, Numbers, a page of HTML called .xls): it can
    /// be saved as XLSX or CSV.
    #[error("a spreadsheet of another kind")]
    OtherSpreadsheet,
    /// No table at all: a PDF, an image, a program.
    #[error("not a table")]
    Kind,
    /// A spreadsheet that is broken, or made to do harm.
    #[error("unreadable: {what}")]
    Unreadable {
        /// For the log, in English.
        what: String,
    },
}

/// How characters became bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// As Windows has it, with 髙 and ①.
    ShiftJis,
    EucJp,
    Iso2022Jp,
    /// Western Europe, as Windows has it. Never found by looking, for every file could be that.
    Windows1252,
}

/// The text names no encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an encoding")]
pub struct NotAnEncoding;

impl Encoding {
    pub const ALL: [Self; 7] = [Self::Utf8, Self::ShiftJis, Self::EucJp, Self::Iso2022Jp, Self::Utf16Le, Self::Utf16Be, Self::Windows1252];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::ShiftJis => "shift_jis",
            Self::EucJp => "euc-jp",
            Self::Iso2022Jp => "iso-2022-jp",
            Self::Windows1252 => "windows-1252",
        }
    }

    fn decoder(self) -> encoding_rs::Decoder {
        let encoding = match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::ShiftJis => encoding_rs::SHIFT_JIS,
            Self::EucJp => encoding_rs::EUC_JP,
            Self::Iso2022Jp => encoding_rs::ISO_2022_JP,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
        };
        encoding.new_decoder_with_bom_removal()
    }
}

impl FromStr for Encoding {
    type Err = NotAnEncoding;

    fn from_str(text: &str) -> Result<Self, NotAnEncoding> {
        Self::ALL.into_iter().find(|encoding| encoding.as_str() == text).ok_or(NotAnEncoding)
    }
}

/// The table in a file: of a spreadsheet the first sheet that holds anything, of a text in the encoding that it seems to
/// have. The name only tells what else a file that is no table may be.
///
/// # Errors
/// [`TableError`] where there is no table, or one beyond the limits above.
pub fn read(bytes: &[u8], name: &str) -> Result<Table, TableError> {
    if is_workbook(bytes)? {
        return workbook(bytes, None);
    }
    if is_markup(bytes) {
        let is_called_excel = name.rsplit_once('.').is_some_and(|(_, ending)| ending.to_ascii_lowercase().starts_with("xls"));
        return Err(if is_called_excel { TableError::OtherSpreadsheet } else { TableError::Kind });
    }
    let (encoding, text) = decoded(bytes)?;
    text_table(text, encoding)
}

/// One sheet of a spreadsheet; a text has no sheets.
///
/// # Errors
/// [`TableError`], as [`read`] has it, and where there is no such sheet.
pub fn read_sheet(bytes: &[u8], sheet: &str) -> Result<Table, TableError> {
    if is_workbook(bytes)? { workbook(bytes, Some(sheet)) } else { Err(TableError::NoSheet) }
}

/// The table in a text whose encoding somebody chose. A spreadsheet is read as ever: it has none to choose.
///
/// # Errors
/// [`TableError`], as [`read`] has it.
pub fn read_as(bytes: &[u8], encoding: Encoding) -> Result<Table, TableError> {
    if is_workbook(bytes)? {
        return workbook(bytes, None);
    }
    let text = decode(bytes, encoding).map_err(|undecodable| TableError::Encoding { line: undecodable.line })?;
    text_table(text, encoding)
}

/// What files begin with that people take for a table, or upload by mistake.
const OTHER_FILES: [&[u8]; 11] =
    [b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"PK\x05\x06"];

/// Whether it is a zip file, as XLSX is, and no text. Fails for what is neither.
fn is_workbook(bytes: &[u8]) -> Result<bool, TableError> {
    if bytes.len() > MAX_BYTES {
        return Err(TableError::TooLarge);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(true);
    }
    // Compound files: what Excel wrote until 2003, and what it puts a spreadsheet with a password into. The directory
    // in them has names in UTF-16.
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        let has = |name: &str| {
            let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            bytes.windows(name.len()).any(|part| part == name)
        };
        return Err(match (has("EncryptedPackage"), has("Workbook") || has("Book\0")) {
            (true, _) => TableError::Protected,
            (_, true) => TableError::OtherSpreadsheet,
            _ => TableError::Kind,
        });
    }
    if OTHER_FILES.iter().any(|start| bytes.starts_with(start)) || bytes.get(4..8) == Some(b"ftyp") {
        return Err(TableError::Kind);
    }
    Ok(false)
}

/// Pages and XML, which old systems call `.xls` so that Excel opens them.
fn is_markup(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let starts = |with: &[u8]| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    [b"<!doctype".as_slice(), b"<html", b"<?xml", b"<table"].into_iter().any(starts)
}

/// Rows as they are read: empty cells and rows are left out, and the limits are kept.
#[derive(Default)]
struct Rows {
    rows: Vec<Row>,
    cells: usize,
}

impl Rows {
    /// Rows come in their order.
    fn put(&mut self, number: u32, column: usize, text: &str) -> Result<(), TableError> {
        let text = tidied(text);
        if text.is_empty() {
            return Ok(());
        }
        if column >= MAX_COLUMNS {
            return Err(TableError::TooManyColumns);
        }
        if text.len() > MAX_CELL && text.chars().count() > MAX_CELL {
            return Err(TableError::CellTooLong { row: number });
        }
        match self.rows.last().map(|row| row.number) {
            Some(last) if last == number => {}
            Some(last) if last > number => return Err(unreadable("rows out of their order")),
            _ if self.rows.len() == MAX_ROWS => return Err(TableError::TooManyRows),
            _ => self.rows.push(Row { number, cells: vec![] }),
        }
        if let Some(Row { cells, .. }) = self.rows.last_mut() {
            if cells.len() <= column {
                self.cells += column + 1 - cells.len();
                cells.resize(column + 1, String::new());
            }
            cells[column] = text;
        }
        if self.cells > MAX_CELLS { Err(TableError::TooLarge) } else { Ok(()) }
    }

    fn finish(mut self) -> Result<Vec<Row>, TableError> {
        let width = self.rows.iter().map(|row| row.cells.len()).max().ok_or(TableError::Empty)?;
        if width * self.rows.len() > MAX_CELLS {
            return Err(TableError::TooLarge);
        }
        for row in &mut self.rows {
            row.cells.resize(width, String::new());
        }
        Ok(self.rows)
    }
}

fn tidied(text: &str) -> String {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'));
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    lines.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

fn unreadable(what: impl ToString) -> TableError {
    TableError::Unreadable { what: what.to_string() }
}

/// Where decoding stopped.
struct Undecodable {
    byte: usize,
    line: u32,
}

fn decode(bytes: &[u8], encoding: Encoding) -> Result<String, Undecodable> {
    let mut decoder = encoding.decoder();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or_default());
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (encoding_rs::DecoderResult::InputEmpty, _) => Ok(text),
        (_, byte) => {
            let breaks = text.replace("\r\n", "\n").matches(['\n', '\r']).count();
            Err(Undecodable { byte, line: u32::try_from(breaks + 1).unwrap_or(u32::MAX) })
        }
    }
}

/// The text in the encoding that it seems to have.
fn decoded(bytes: &[u8]) -> Result<(Encoding, String), TableError> {
    let wrong = |undecodable: Undecodable| TableError::Encoding { line: undecodable.line };
    let marked = [(b"\xef\xbb\xbf".as_slice(), Encoding::Utf8), (b"\xff\xfe", Encoding::Utf16Le), (b"\xfe\xff", Encoding::Utf16Be)];
    if let Some((_, encoding)) = marked.into_iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Ok((encoding, decode(bytes, encoding).map_err(wrong)?));
    }
    if let Some(encoding) = utf16_by_zeros(bytes) {
        let text = decode(bytes, encoding).ok().filter(|text| !text.contains('\0')).ok_or(TableError::Kind)?;
        return Ok((encoding, text));
    }
    let sample = &bytes[..bytes.len().min(8192)];
    // A few may have got into a text; they are left out of its cells.
    if sample.iter().filter(|byte| matches!(byte, 0..=8 | 14..=25 | 28..=31)).count() > 3 + sample.len() / 100 {
        return Err(TableError::Kind);
    }
    let has_escapes = bytes.is_ascii() && bytes.windows(2).any(|pair| pair == b"\x1b$" || pair == b"\x1b(");
    if has_escapes && let Ok(text) = decode(bytes, Encoding::Iso2022Jp) {
        return Ok((Encoding::Iso2022Jp, text));
    }
    let not_utf8 = match decode(bytes, Encoding::Utf8) {
        Ok(text) => return Ok((Encoding::Utf8, text)),
        // Japanese in UTF-8 is often valid Shift_JIS, of other characters: a slip in a long text must not turn it into that.
        Err(undecodable) if is_nearly_utf8(bytes) => return Err(wrong(undecodable)),
        Err(undecodable) => undecodable,
    };
    match (decode(bytes, Encoding::ShiftJis), decode(bytes, Encoding::EucJp)) {
        (Ok(other), Ok(text)) if is_mostly_narrow(&other) => Ok((Encoding::EucJp, text)),
        (Ok(text), _) => Ok((Encoding::ShiftJis, text)),
        (_, Ok(text)) => Ok((Encoding::EucJp, text)),
        (Err(one), Err(other)) => {
            let furthest = [not_utf8, one, other].into_iter().max_by_key(|undecodable| undecodable.byte);
            Err(furthest.map_or(TableError::Kind, wrong))
        }
    }
}

/// UTF-16 without a mark: separators, digits and line breaks have a byte of zero in each pair, always on the same side.
fn utf16_by_zeros(bytes: &[u8]) -> Option<Encoding> {
    let zeros = |side: usize| bytes.iter().take(8192).skip(side).step_by(2).filter(|byte| **byte == 0).count();
    match (zeros(0), zeros(1)) {
        (high, low) if high > low && high * 100 > bytes.len().min(8192) => Some(Encoding::Utf16Be),
        (high, low) if low > high && low * 100 > bytes.len().min(8192) => Some(Encoding::Utf16Le),
        _ => None,
    }
}

fn is_nearly_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken * 20 < sound
}

/// Whether it is no Shift_JIS but EUC-JP, where it could be both: most of it would be half-width katakana.
fn is_mostly_narrow(text: &str) -> bool {
    let narrow = text.chars().filter(|c| matches!(c, '\u{ff61}'..='\u{ff9f}')).count();
    narrow * 2 > text.chars().filter(|c| !c.is_ascii()).count()
}

/// Rows of a text, numbered as a spreadsheet numbers them: line breaks within quotes don't count.
fn text_table(text: String, encoding: Encoding) -> Result<Table, TableError> {
    let text = with_plain_breaks(text);
    let mut rows = Rows::default();
    let mut reader = csv_reader(&text, separator(&text));
    let mut record = csv::StringRecord::new();
    // Line breaks within cells so far, and the line that follows the last record.
    let (mut within, mut next) = (0, 1);
    while reader.read_record(&mut record).map_err(unreadable)? {
        let own = record.as_slice().matches('\n').count() as u64;
        let end = reader.position().line();
        let start = end.saturating_sub(1 + own);
        let is_last = reader.position().byte() == text.len() as u64;
        let is_open = start < next || (is_last && record.as_slice().ends_with('\n') && !text.trim_end().ends_with('"'));
        let number = u32::try_from(start + u64::from(is_open) - within).map_err(unreadable)?;
        if is_open {
            return Err(TableError::OpenQuote { row: number });
        }
        for (column, cell) in record.iter().enumerate() {
            rows.put(number, column, without_guard(cell))?;
        }
        (within, next) = (within + own, end);
    }
    Ok(Table { sheet: None, sheets: vec![], encoding: Some(encoding), rows: rows.finish()? })
}

/// What keeps spreadsheets from taking a text for a number or a formula is no part of it: `="0312"`, `'=1+1`.
fn without_guard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start().starts_with(['=', '+', '-', '@']) => rest,
        _ => cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell),
    }
}

fn csv_reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes())
}

/// Each line ends with `\n`, the last one too: csv counts no others.
fn with_plain_breaks(mut text: String) -> String {
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// The sign between cells: the one by which most of the first rows have the same number of cells, and the most of them.
fn separator(text: &str) -> u8 {
    let score = |separator: &u8| {
        let first = csv_reader(text, *separator).into_records().map_while(Result::ok).take(20);
        let widths: Vec<usize> = first.map(|row| row.len()).filter(|width| *width > 1).collect();
        let alike = |width: usize| widths.iter().filter(|other| **other == width).count();
        widths.iter().map(|width| (alike(*width), *width)).max().unwrap_or_default()
    };
    // The last of equals is taken, so the comma stands last.
    [b';', b'\t', b','].into_iter().max_by_key(score).unwrap_or(b',')
}

/// A sheet of a spreadsheet.
fn workbook(bytes: &[u8], wanted: Option<&str>) -> Result<Table, TableError> {
    // calamine adds up cell references and formats of numbers unchecked, which panics on hostile ones where overflows are
    // checked, and reserves memory by what a file says of itself: see `hostile_numbers_are_refused` among the tests.
    std::panic::catch_unwind(|| sheet_of_workbook(bytes, wanted)).unwrap_or_else(|_| Err(unreadable("the reader of spreadsheets gave up")))
}

fn sheet_of_workbook(bytes: &[u8], wanted: Option<&str>) -> Result<Table, TableError> {
    inspect(bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let of_cells = || book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let is_seen = |sheet: &&Sheet| sheet.visible == SheetVisible::Visible;
    let mut sheets: Vec<String> = of_cells().filter(is_seen).map(|sheet| sheet.name.clone()).collect();
    if sheets.is_empty() {
        sheets = of_cells().map(|sheet| sheet.name.clone()).collect();
    }
    if wanted.is_some_and(|wanted| !sheets.iter().any(|sheet| sheet == wanted)) {
        return Err(TableError::NoSheet);
    }
    for sheet in sheets.iter().filter(|sheet| wanted.is_none_or(|wanted| wanted == *sheet)) {
        match rows_of_sheet(&mut book, sheet) {
            Err(TableError::Empty) => {}
            rows => return Ok(Table { rows: rows?, sheet: Some(sheet.clone()), encoding: None, sheets }),
        }
    }
    Err(TableError::Empty)
}

fn rows_of_sheet(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Vec<Row>, TableError> {
    let mut cells = book.worksheet_cells_reader(sheet).map_err(unreadable)?;
    let mut rows = Rows::default();
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let (number, column) = (row.saturating_add(1), column as usize);
        match cell.get_value() {
            DataRef::Empty => {}
            DataRef::String(text) => rows.put(number, column, text)?,
            DataRef::SharedString(text) => rows.put(number, column, text)?,
            value => rows.put(number, column, &written(value, cells.styles().get(style)))?,
        }
    }
    rows.finish()
}

/// A value that is no text, as text.
fn written(value: &DataRef<'_>, style: Option<&Style>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => with_zeros(written_number(*number), style),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(moment) => written_moment(moment),
        DataRef::DateTimeIso(moment) => match moment.split_once('T') {
            Some((date, time)) if time.chars().all(|c| matches!(c, '0' | ':' | '.' | 'Z')) => date.to_owned(),
            Some((date, time)) => format!("{date} {time}"),
            None => moment.clone(),
        },
        // An error stays to be seen: an empty cell would mean that nothing was there.
        other => Data::from(other.clone()).to_string(),
    }
}

/// Without an exponent, and with the 15 digits that a spreadsheet shows: 0.1 + 0.2 is 0.3.
fn written_number(number: f64) -> String {
    if number.fract() == 0.0 || !number.is_finite() {
        // Minus nought becomes nought.
        return (number + 0.0).to_string();
    }
    format!("{number:.14e}").parse::<f64>().unwrap_or(number).to_string()
}

/// Numbers that the spreadsheet shows with zeros in front, because their format is `00000`: numbers of members.
fn with_zeros(number: String, style: Option<&Style>) -> String {
    let format = style.and_then(|style| style.number_format.as_ref()).map_or("", |format| &format.format_code);
    let is_zeros = format.len() <= 30 && format.bytes().all(|byte| byte == b'0') && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_zeros { format!("{number:0>width$}", width = format.len()) } else { number }
}

/// `2026-04-01`, `2026-04-01 09:30:00`, `09:30:00`; a span of time is in hours, `30:15:00`.
fn written_moment(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if !(0.0..2_958_466.0).contains(&days) {
        return written_number(days);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if moment.is_duration() {
        return format!("{}:{minute:02}:{second:02}", days.trunc() * 24.0 + f64::from(hour));
    }
    match format!("{hour:02}:{minute:02}:{second:02}") {
        time if days < 1.0 => time,
        time if time == "00:00:00" => date,
        time => format!("{date} {time}"),
    }
}

/// Looks at a zip file before it is unpacked and read. Its directory bounds what unpacks: zip stops at the size that is
/// written there.
fn inspect(bytes: &[u8]) -> Result<(), TableError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut unpacked = 0_u64;
    let mut is_office = false;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(unreadable)?;
        let name = part.name().map_err(unreadable)?.replace('\\', "/").to_ascii_lowercase();
        unpacked = unpacked.saturating_add(part.size());
        if unpacked > MAX_UNPACKED || (unpacked > SMALL_UNPACKED && unpacked / MAX_RATIO > bytes.len() as u64) {
            return Err(TableError::TooLarge);
        }
        match name.as_str() {
            "[content_types].xml" => is_office = true,
            "xl/workbook.bin" => return Err(TableError::OtherSpreadsheet),
            "mimetype" => {
                let mut kind = String::new();
                part.take(100).read_to_string(&mut kind).map_err(unreadable)?;
                return Err(if kind.contains("spreadsheet") { TableError::OtherSpreadsheet } else { TableError::Kind });
            }
            // Numbers; Pages and Keynote too.
            name if name.ends_with(".iwa") => return Err(TableError::OtherSpreadsheet),
            name if name.starts_with("word/") || name.starts_with("ppt/") => return Err(TableError::Kind),
            name if name.ends_with("sharedstrings.xml") => inspect_part(&mut part, MAX_TEXT_ELEMENTS)?,
            // What else calamine holds in memory. Sheets it reads cell by cell.
            name if ["styles.xml", "workbook.xml", "theme1.xml", ".rels"].iter().any(|end| name.ends_with(end)) => {
                inspect_part(&mut part, MAX_ELEMENTS)?;
            }
            _ => {}
        }
    }
    if is_office { Ok(()) } else { Err(TableError::Kind) }
}

/// Counts elements, since a small one becomes something larger in memory, and looks for the number of texts that a table
/// of texts says to have: calamine reserves memory for so many, and a process does not survive where there is not as much.
fn inspect_part(part: &mut impl Read, most: u64) -> Result<(), TableError> {
    const NUMBER: &[u8] = b"uniqueCount";
    /// `uniqueCount = "1234567"` and some white space.
    const LONGEST: usize = 64;
    let mut elements = 0;
    let mut window: Vec<u8> = vec![];
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let length = part.read(&mut chunk).map_err(unreadable)?;
        elements += chunk[..length].iter().filter(|byte| **byte == b'<').count() as u64;
        if elements > most {
            return Err(TableError::TooLarge);
        }
        // In UTF-16 there would be zeros between the letters.
        window.extend(chunk[..length].iter().filter(|byte| **byte != 0));
        let mut from = 0;
        while let Some(at) = window[from..].windows(NUMBER.len()).position(|letters| letters == NUMBER) {
            let rest = &window[from + at + NUMBER.len()..];
            if rest.len() < LONGEST && length > 0 {
                break;
            }
            let value = rest.trim_ascii_start().strip_prefix(b"=").map_or(&[][..], <[u8]>::trim_ascii_start);
            let quoted = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or_default();
            let (digits, end) = quoted.split_at(quoted.iter().take_while(|byte| byte.is_ascii_digit()).count());
            let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u64>().ok());
            if number.is_none_or(|number| number > MAX_TEXT_ELEMENTS) || !end.starts_with(&value[..1]) {
                return Err(unreadable("a number of texts that cannot be"));
            }
            from += at + NUMBER.len();
        }
        if length == 0 {
            return Ok(());
        }
        window.drain(..window.len().saturating_sub(NUMBER.len() + LONGEST).max(from));
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
