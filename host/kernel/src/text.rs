//! Texts about people: what is typed in more than one width or script, made one, and names in their order.

use crate::locale::Locale;
use unicode_normalization::UnicodeNormalization;

/// Letters, digits and signs of one width (Unicode's form NFKC): full-width ASCII becomes ASCII, half-width katakana
/// with its voice marks becomes full-width.
pub fn one_width(text: &str) -> String {
    text.nfkc().collect()
}

/// Hiragana as katakana, as readings of names are kept.
pub fn katakana(text: &str) -> String {
    let kana = |c: char| match c {
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        other => other,
    };
    text.chars().map(kana).collect()
}

/// Whether it can be the reading of a name: katakana, or letters where the name has no other reading.
pub fn is_reading(text: &str) -> bool {
    text.chars().all(|c| matches!(c, 'ァ'..='ヺ' | 'ー' | '・' | '゠' | ' ' | '-') || c.is_ascii_alphabetic())
}

/// Family name first in Japanese. `None` where both are empty.
pub fn name_in_order(locale: Locale, family: &str, given: &str) -> Option<String> {
    let name = match locale {
        Locale::Ja => format!("{family} {given}"),
        Locale::En => format!("{given} {family}"),
    };
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// How somebody is addressed on a document.
pub fn addressed(locale: Locale, name: &str) -> String {
    match locale {
        Locale::Ja => format!("{name} {}", '様'),
        Locale::En => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_becomes_alike() {
        assert_eq!(one_width("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ　０９０－１"), "taro@example.jp 090-1");
        assert_eq!(katakana(&one_width("さとう ハナこ ﾔﾏﾀﾞ ｳﾞｨｵﾗ ﾊﾟﾘ･ｶｰﾄﾞ")), "サトウ ハナコ ヤマダ ヴィオラ パリ・カード");
    }
}
