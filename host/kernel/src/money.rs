//! Money: whole numbers of a currency's smallest unit, never a fraction, and how it is typed and shown.

use crate::locale::Locale;
use crate::text::one_width;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A currency by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Currencies whose smallest unit is not a hundredth, with the digits behind the point (ISO 4217, list one, column "minor
/// unit"). All others have two.
const EXPONENTS: [(&str, u32); 26] = [
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

impl Currency {
    pub const JPY: Self = Self(*b"JPY");

    /// Three capital letters.
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits behind the point.
    pub fn exponent(self) -> u32 {
        EXPONENTS.iter().find(|(code, _)| *code == self.code()).map_or(2, |(_, exponent)| *exponent)
    }

    /// Smallest units in one.
    fn units(self) -> i64 {
        10i64.pow(self.exponent())
    }
}

impl TryFrom<String> for Currency {
    type Error = &'static str;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::parse(&code).ok_or("a currency is three capital letters")
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount, at most [`Money::MOST`] of the smallest unit in either direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// Why two amounts do not make a third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("amounts of two currencies")]
    Currencies,
    #[error("more money than there is room for")]
    TooMuch,
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotMoney {
    #[error("nothing was typed")]
    Empty,
    #[error("not a number")]
    NotANumber,
    /// More digits behind the point than the currency has.
    #[error("too many digits behind the point")]
    TooFine,
    #[error("too large")]
    TooLarge,
}

impl Money {
    /// The largest amount: a whole number that JSON's readers keep exactly (RFC 8259, section 6), with room for sums.
    pub const MOST: i64 = 999_999_999_999_999;

    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    fn within(minor: Option<i64>, currency: Currency) -> Result<Self, MoneyError> {
        match minor {
            Some(minor) if (-Self::MOST..=Self::MOST).contains(&minor) => Ok(Self { minor, currency }),
            _ => Err(MoneyError::TooMuch),
        }
    }

    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Currencies);
        }
        Self::within(self.minor.checked_add(other.minor), self.currency)
    }

    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(Self { minor: -other.minor, ..other })
    }

    pub fn times(self, count: i64) -> Result<Self, MoneyError> {
        Self::within(self.minor.checked_mul(count), self.currency)
    }

    /// As a person types it: full-width digits, commas between groups, a sign or the name of the currency around it.
    pub fn typed(text: &str, currency: Currency) -> Result<Self, NotMoney> {
        let text = one_width(text).replace(['−', '‐', '–', '▲', '△'], "-");
        let text = text.replace(['¥', '￥', '円', '$', '€', '£', ',', '、', ' '], "").replace(currency.code(), "");
        let (sign, digits) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if digits.is_empty() {
            return Err(if sign < 0 { NotMoney::NotANumber } else { NotMoney::Empty });
        }
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) || (fraction.is_empty() && digits.contains('.')) {
            return Err(NotMoney::NotANumber);
        }
        let places = currency.exponent() as usize;
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > places {
            return Err(NotMoney::TooFine);
        }
        let minor = format!("{whole}{fraction:0<places$}").parse::<i64>().map_err(|_| NotMoney::TooLarge)?;
        Self::within(Some(sign * minor), currency).map_err(|_| NotMoney::TooLarge)
    }

    /// Digits and the point, as in a field and in a file: `1234.50`.
    pub fn plain(self) -> String {
        let (sign, minor) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        let units = self.currency.units().unsigned_abs();
        match self.currency.exponent() as usize {
            0 => format!("{sign}{minor}"),
            places => format!("{sign}{}.{:0places$}", minor / units, minor % units),
        }
    }

    /// With commas between groups of three digits: `1,234.50`.
    pub fn grouped(self) -> String {
        let plain = self.plain();
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
        let (whole, fraction) = digits.find('.').map_or((digits, ""), |at| digits.split_at(at));
        let mut text = String::from(sign);
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text + fraction
    }

    /// As people read it: `1,234円`, `¥1,234`, `1,234.50 USD`.
    pub fn shown(self, locale: Locale) -> String {
        let text = self.grouped();
        let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
        match (self.currency.code(), locale) {
            ("JPY", Locale::Ja) => format!("{text}円"),
            ("JPY", Locale::En) => format!("{sign}¥{digits}"),
            ("USD", Locale::En) => format!("{sign}${digits}"),
            ("EUR", Locale::En) => format!("{sign}€{digits}"),
            ("GBP", Locale::En) => format!("{sign}£{digits}"),
            (code, Locale::Ja) => format!("{text} {code}"),
            (code, Locale::En) => format!("{sign}{code} {digits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn currencies_have_the_digits_that_iso_4217_says() {
        for (code, exponent) in [("JPY", 0), ("KRW", 0), ("USD", 2), ("EUR", 2), ("KWD", 3), ("CLF", 4)] {
            assert_eq!(currency(code).exponent(), exponent, "{code}");
        }
        for not in ["jpy", "YEN!", "", "円"] {
            assert_eq!(Currency::parse(not), None, "{not}");
        }
    }

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let yen = |text| Money::typed(text, Currency::JPY).map(|money| money.minor);
        for text in ["12000", "12,000", "１２，０００", "¥12,000", "￥１２０００", "12,000円", " 12 000 ", "12000.00", "JPY 12000"]
        {
            assert_eq!(yen(text), Ok(12_000), "{text}");
        }
        for text in ["-500", "−500", "▲500", "－５００円"] {
            assert_eq!(yen(text), Ok(-500), "{text}");
        }
        let dollars = |text| Money::typed(text, currency("USD")).map(|money| money.minor);
        assert_eq!((dollars("12.5"), dollars("$1,234.56"), dollars("0.05")), (Ok(1250), Ok(123_456), Ok(5)));
        assert_eq!(Money::typed("1.234", currency("KWD")).unwrap().minor, 1234);
        assert_eq!((yen(""), yen("円"), yen("-")), (Err(NotMoney::Empty), Err(NotMoney::Empty), Err(NotMoney::NotANumber)));
        for text in ["1万", "1e5", ".5", "5.", "1.2.3", "--1", "0x10"] {
            assert_eq!(yen(text), Err(NotMoney::NotANumber), "{text}");
        }
        assert_eq!((yen("100.5"), dollars("1.005")), (Err(NotMoney::TooFine), Err(NotMoney::TooFine)));
        assert_eq!((yen("1000000000000000"), yen("99999999999999999999999")), (Err(NotMoney::TooLarge), Err(NotMoney::TooLarge)));
    }

    #[test]
    fn amounts_are_shown_as_each_language_writes_them() {
        let shown = |minor, code| Locale::ALL.map(|locale| Money::new(minor, currency(code)).shown(locale));
        assert_eq!(shown(1_234_567, "JPY"), ["1,234,567円", "¥1,234,567"]);
        assert_eq!(shown(-500, "JPY"), ["-500円", "-¥500"]);
        assert_eq!(shown(123_456, "USD"), ["1,234.56 USD", "$1,234.56"]);
        assert_eq!(shown(-5, "EUR"), ["-0.05 EUR", "-€0.05"]);
        assert_eq!(shown(1_234_500, "KWD"), ["1,234.500 KWD", "KWD 1,234.500"]);
    }

    #[test]
    fn sums_end_where_there_is_no_room_and_never_mix_currencies() {
        let most = Money::new(Money::MOST, Currency::JPY);
        assert_eq!(most.plus(Money::new(1, Currency::JPY)), Err(MoneyError::TooMuch));
        assert_eq!(most.times(i64::MAX), Err(MoneyError::TooMuch));
        assert_eq!(most.minus(most), Ok(Money::zero(Currency::JPY)));
        assert_eq!(most.plus(Money::new(1, currency("USD"))), Err(MoneyError::Currencies));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_as_the_same_amount(minor in -Money::MOST..=Money::MOST, code in "JPY|USD|KWD|CLF|EUR") {
            let money = Money::new(minor, currency(&code));
            prop_assert_eq!(Money::typed(&money.plain(), money.currency), Ok(money));
            for locale in Locale::ALL {
                prop_assert_eq!(Money::typed(&money.shown(locale), money.currency), Ok(money));
            }
        }
    }
}
