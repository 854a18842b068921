//! Lines of plain text, ended where a person would end them: between Japanese characters, but not before a comma or a closing
//! bracket; at spaces, but never within a word or an address.

use unicode_width::UnicodeWidthChar;

/// Columns: a Japanese character takes two.
const WIDTH: usize = 72;

/// These don't begin a line.
const CLOSING: [char; 42] = [
    '、', '。', '，', '．', '・', '：', '；', '？', '！', '）', '］', '｝', '」', '』', '】', '〉', '》', '〕', 'ー', '々', 'ぁ', 'ぃ',
    'ぅ', 'ぇ', 'ぉ', 'っ', 'ゃ', 'ゅ', 'ょ', 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ッ', 'ャ', 'ュ', 'ョ', '…', '‥', '%', '％',
];
/// These don't end one.
const OPENING: [char; 9] = ['（', '［', '｛', '「', '『', '【', '〈', '《', '〔'];

/// Each line of `text` in lines that are not too long. What comes below keeps the place of a list's mark or a quote's.
pub fn wrapped(text: &str) -> String {
    let mut whole = String::with_capacity(text.len() + text.len() / 40);
    for line in text.lines() {
        wrap(line, &mut whole);
        whole.push('\n');
    }
    whole
}

fn width(text: &str) -> usize {
    text.chars().map(|character| character.width().unwrap_or(0)).sum()
}

/// A quote's marks, spaces, and a list's mark.
fn lead(line: &str) -> (usize, String) {
    let quote = line.len() - line.trim_start_matches(['>', ' ']).len();
    let rest = &line[quote..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let mark = if rest.starts_with("- ") {
        2
    } else if digits > 0 && rest[digits..].starts_with(". ") {
        digits + 2
    } else {
        0
    };
    (quote + mark, format!("{}{}", &line[..quote], " ".repeat(mark)))
}

/// Where a line may end: words, and single characters of those that take two columns.
fn atoms(text: &str) -> Vec<&str> {
    let mut atoms: Vec<&str> = Vec::new();
    let mut start = 0;
    let mut previous: Option<char> = None;
    for (at, character) in text.char_indices() {
        let is_wide = |c: char| c.width() == Some(2);
        let may_end = previous.is_some_and(|previous| {
            !OPENING.contains(&previous)
                && !CLOSING.contains(&character)
                && (previous == ' ' || ((is_wide(previous) || is_wide(character)) && character != ' '))
        });
        if may_end && at > start {
            atoms.push(&text[start..at]);
            start = at;
        }
        previous = Some(character);
    }
    atoms.push(&text[start..]);
    atoms
}

fn wrap(line: &str, whole: &mut String) {
    let (lead, indent) = lead(line);
    let begun = width(&line[..lead]);
    whole.push_str(&line[..lead]);
    let mut column = begun;
    for atom in atoms(&line[lead..]) {
        if column > begun && column + width(atom.trim_end()) > WIDTH {
            let end = whole.trim_end_matches(' ').len();
            whole.truncate(end);
            whole.push('\n');
            whole.push_str(&indent);
            column = begun;
        }
        whole.push_str(atom);
        column += width(atom);
    }
    let end = whole.trim_end_matches(' ').len();
    whole.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_ends_anywhere_but_before_what_closes_and_words_stay_whole() {
        let text = format!("{}、{}「星」", "あ".repeat(36), "い".repeat(34));
        let lines: Vec<String> = wrapped(&text).lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "あ".repeat(35));
        assert!(
            lines[1].starts_with("あ、い") && lines.iter().all(|line| width(line) <= WIDTH && !line.starts_with(['、', '」'])),
            "{lines:?}"
        );
        let address = format!("https://club.example/{}", "a".repeat(90));
        let text =
            format!("くわしくは {address} をご覧ください。Tsudoi members meet every week, and everybody is welcome to join us there.");
        let lines: Vec<String> = wrapped(&text).lines().map(str::to_owned).collect();
        assert!(lines.contains(&address), "{lines:?}");
        assert!(lines.iter().all(|line| line == &address || width(line) <= WIDTH), "{lines:?}");
        assert_eq!(
            lines.join(" ").replace("。Tsudoi", "。 Tsudoi").split_whitespace().count(),
            text.replace("。", "。 ").split_whitespace().count()
        );
    }

    #[test]
    fn a_list_and_a_quote_keep_their_place() {
        let text = format!("  - {}\n> {}", "word ".repeat(30).trim(), "語".repeat(50));
        let wrapped = wrapped(&text);
        let lines: Vec<&str> = wrapped.lines().collect();
        assert!(lines[1].starts_with("    word") && lines.last().unwrap().starts_with("> 語"), "{wrapped}");
    }
}
