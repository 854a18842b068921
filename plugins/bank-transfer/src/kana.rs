//! Names as banks write them and as members' readings have them, folded so that the same name is the same text. Banks know
//! half-width capitals only: no small kana everywhere, a hyphen for a long vowel, a letter and a bracket for a legal form.

use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// What statements put before the name of whoever paid: `furikomi` in kanji and in kana.
const TRANSFER: [&str; 2] = ["\u{632F}\u{8FBC}", "\u{30D5}\u{30EA}\u{30B3}\u{30DF}"];

/// Width and compatibility forms are one, and each white space is one space.
pub fn plain(text: &str) -> String {
    let text: String = text.nfkc().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The key under which a name is compared: katakana and capitals without digits, marks, spaces and legal forms.
pub fn name(text: &str) -> String {
    let text: String = plain(text).to_uppercase().chars().map(large).collect();
    let text = TRANSFER.iter().fold(text.as_str(), |text, word| text.strip_prefix(word).unwrap_or(text));
    let text: String = text.chars().filter(|letter| is_of_name(*letter) || "()".contains(*letter)).collect();
    let text = without_legal_form(&text);
    text.chars().filter(|letter| is_of_name(*letter)).collect()
}

/// Small kana are large, hiragana katakana, and kana that sound the same the one that banks take.
fn large(letter: char) -> char {
    let letter = match letter {
        '\u{3041}'..='\u{3096}' => char::from_u32(u32::from(letter) + 0x60).unwrap_or(letter),
        other => other,
    };
    match letter {
        '\u{30A1}' | '\u{30A3}' | '\u{30A5}' | '\u{30A7}' | '\u{30A9}' | '\u{30C3}' | '\u{30E3}' | '\u{30E5}' | '\u{30E7}' | '\u{30EE}' => {
            char::from_u32(u32::from(letter) + 1).unwrap_or(letter)
        }
        '\u{30F5}' => '\u{30AB}',
        '\u{30F6}' => '\u{30B1}',
        // wi, we and wo
        '\u{30F0}' => '\u{30A4}',
        '\u{30F1}' => '\u{30A8}',
        '\u{30F2}' => '\u{30AA}',
        other => other,
    }
}

/// The mark of a long vowel counts as a letter for Unicode, and is a hyphen for banks.
fn is_of_name(letter: char) -> bool {
    letter.is_alphabetic() && letter != '\u{30FC}'
}

/// How a legal form stands in a name: the letters with a bracket, and the whole word.
struct LegalForm {
    /// `カ)`, `(カ`, `(カ)`
    short: [String; 3],
    whole: &'static str,
}

static LEGAL_FORMS: LazyLock<Vec<LegalForm>> = LazyLock::new(|| {
    let lines = include_str!("legal-forms.txt").lines().filter(|line| !line.starts_with('#'));
    let form = |(short, whole): (&str, &'static str)| {
        let short = [format!("{short})"), format!("({short}"), format!("({short})")];
        LegalForm { short, whole }
    };
    lines.filter_map(|line| line.split_once('\t')).map(form).collect()
});

/// `カ)ホシゾラ`, `ホシゾラ(カ`, `ホシゾラ(カ)トウキヨウ` and the whole word at either end.
fn without_legal_form(text: &str) -> String {
    let mut text = text.to_owned();
    let has_bracket = text.contains(['(', ')']);
    for LegalForm { short: [before, behind, between], whole } in LEGAL_FORMS.iter() {
        if has_bracket {
            text = text.replace(between, "");
        }
        for (start, end) in [(before.as_str(), behind.as_str()), (whole, whole)] {
            let rest = text.strip_prefix(start).unwrap_or(&text);
            let rest = rest.strip_suffix(end).unwrap_or(rest);
            if rest.len() < text.len() {
                text = rest.to_owned();
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_the_same_however_it_is_written() {
        for (bank, reading) in [
            ("ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ ハナコ"),
            ("1234567ﾔﾏﾀﾞﾊﾅｺ", "やまだ　はなこ"),
            ("ﾎﾂﾀ ｼﾖｳﾀ", "ホッタ ショウタ"),
            ("ｵ-ﾉ ﾕ-ｺ", "オーノ ユーコ"),
            ("振込　ヤマダ　ハナコ", "ヤマダ ハナコ"),
            ("振込＊ヤマダ ハナコ", "ヤマダ ハナコ"),
            ("ﾌﾘｺﾐ ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ ハナコ"),
            ("smith john", "SMITH ＪＯＨＮ"),
            ("ｶﾅｳ ﾐｦ", "カナウ ミオ"),
        ] {
            assert_eq!(name(bank), name(reading), "{bank}");
            assert!(!name(bank).is_empty());
        }
        assert_ne!(name("ﾔﾏﾀﾞ ﾊﾅｺ"), name("ヤマタ ハナコ"), "a voiced sound is another sound");
    }

    #[test]
    fn legal_forms_do_not_count() {
        for bank in ["ｶ)ﾎｼｿﾞﾗ", "ﾎｼｿﾞﾗ(ｶ", "ﾎｼｿﾞﾗ(ｶ)", "カ）ホシゾラ"] {
            assert_eq!(name(bank), name("カブシキガイシャ ホシゾラ"), "{bank}");
            assert_eq!(name(bank), name("ホシゾラ"), "{bank}");
        }
        assert_eq!(name("ｼﾔ)ﾎｼｿﾞﾗｸﾗﾌﾞ"), name("いっぱんしゃだんほうじん ほしぞらクラブ"));
        assert_eq!(name("ﾄｸﾋ)ﾓﾘﾉｶｲ"), name("モリノカイ"));
        // A name that begins with these letters keeps them.
        assert_eq!(name("ｶﾄｳ ｲﾁﾛｳ"), "カトウイチロウ");
    }

    #[test]
    fn nothing_but_digits_and_marks_is_no_name() {
        assert_eq!(name("1234567 ()-"), "");
    }
}
