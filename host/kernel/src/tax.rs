//! Consumption tax: what is taxed at which rate, and the tax of an invoice, rounded once for each rate.
//!
//! An invoice states for each rate the sum and the tax, and the tax is rounded once for each rate and invoice, never for
//! each line (消費税法施行令 第70条の10, 消費税法基本通達 1-8-15; National Tax Agency, タックスアンサー No.6625). Which way
//! is rounded is the issuer's to choose.

use crate::text::one_width;
use serde::{Deserialize, Serialize};

/// How consumption tax looks at what is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaxKind {
    /// 課税, at the standard rate.
    Standard,
    /// 課税 at the reduced rate: food and subscribed newspapers.
    Reduced,
    /// 非課税: taxable in kind, and left out by the law.
    Exempt,
    /// 不課税: no consideration for anything, as ordinary dues.
    OutOfScope,
    /// 免税: exports.
    ZeroRated,
}

/// Which way a tax that is no whole number goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// 切り捨て: towards zero.
    #[default]
    Down,
    /// 四捨五入: a half away from zero.
    HalfUp,
    /// 切り上げ: away from zero.
    Up,
}

/// Hundredths of a percent: 1,000 is 10%.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    pub standard: u32,
    pub reduced: u32,
}

/// 10% and 8%, of Japan since 1 October 2019 (消費税法 第29条 with 地方税法 第72条の83).
impl Default for Rates {
    fn default() -> Self {
        Self { standard: 1000, reduced: 800 }
    }
}

/// How a document makes taxes of prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRule {
    /// Prices have their tax in them.
    pub inclusive: bool,
    pub rounding: Rounding,
    pub rates: Rates,
}

/// All of one kind on a document, in the currency's smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxGroup {
    pub kind: TaxKind,
    /// Hundredths of a percent.
    pub rate: u32,
    pub net: i64,
    pub tax: i64,
}

impl TaxKind {
    pub const ALL: [Self; 5] = [Self::Standard, Self::Reduced, Self::Exempt, Self::OutOfScope, Self::ZeroRated];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Reduced => "reduced",
            Self::Exempt => "exempt",
            Self::OutOfScope => "out-of-scope",
            Self::ZeroRated => "zero-rated",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn is_taxed(self) -> bool {
        matches!(self, Self::Standard | Self::Reduced)
    }
}

impl Rounding {
    pub const ALL: [Self; 3] = [Self::Down, Self::HalfUp, Self::Up];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::HalfUp => "half-up",
            Self::Up => "up",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rounding| rounding.as_str() == text)
    }

    /// `amount` × `part` / `whole`, rounded: of what is below zero it is the same as of what is above it.
    fn share(self, amount: i64, part: u32, whole: u32) -> i64 {
        let (product, whole) = (i128::from(amount.unsigned_abs()) * i128::from(part), i128::from(whole));
        let (quotient, rest) = (product / whole, product % whole);
        let up = match self {
            Self::Down => false,
            Self::HalfUp => rest * 2 >= whole,
            Self::Up => rest > 0,
        };
        let share = i64::try_from(quotient + i128::from(up)).unwrap_or(i64::MAX);
        if amount < 0 { -share } else { share }
    }
}

impl Rates {
    pub fn of(self, kind: TaxKind) -> u32 {
        match kind {
            TaxKind::Standard => self.standard,
            TaxKind::Reduced => self.reduced,
            TaxKind::Exempt | TaxKind::OutOfScope | TaxKind::ZeroRated => 0,
        }
    }
}

impl TaxGroup {
    pub fn gross(&self) -> i64 {
        self.net.saturating_add(self.tax)
    }
}

impl TaxRule {
    /// The groups of a document's lines, each a kind with its amount as it is priced. One for each kind that is there, in
    /// the order of [`TaxKind::ALL`].
    pub fn groups(self, lines: impl IntoIterator<Item = (TaxKind, i64)> + Clone) -> Vec<TaxGroup> {
        let group = |kind: TaxKind| {
            let amounts: Vec<i64> = lines.clone().into_iter().filter(|(other, _)| *other == kind).map(|(_, amount)| amount).collect();
            let amount: i64 = amounts.iter().fold(0, |sum, amount| sum.saturating_add(*amount));
            (!amounts.is_empty()).then(|| self.group(kind, amount))
        };
        TaxKind::ALL.into_iter().filter_map(group).collect()
    }

    /// One kind's sum, taxed once.
    pub fn group(self, kind: TaxKind, amount: i64) -> TaxGroup {
        let rate = self.rates.of(kind);
        if self.inclusive {
            let tax = self.rounding.share(amount, rate, 10_000 + rate);
            TaxGroup { kind, rate, net: amount - tax, tax }
        } else {
            TaxGroup { kind, rate, net: amount, tax: self.rounding.share(amount, rate, 10_000) }
        }
    }
}

/// A rate as it is shown: `10`, `8`, `7.7`.
pub fn rate_text(rate: u32) -> String {
    let text = format!("{}.{:02}", rate / 100, rate % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What is wrong with a registration number of an issuer of qualified invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationFault {
    /// Not `T` and thirteen digits.
    Shape,
    /// The digit in front does not fit the others, as it does for every corporation.
    CheckDigit,
}

/// A registration number (登録番号) in its one spelling, `T` and thirteen digits.
///
/// # Errors
/// [`RegistrationFault::Shape`]; for the other fault see [`check_digit_fits`], which is a reason to look again and not to
/// refuse: the numbers of sole traders are not those of corporations.
pub fn registration_number(typed: &str) -> Result<String, RegistrationFault> {
    let text: String = one_width(typed).chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '−' | 'ー')).collect();
    let text = text.to_ascii_uppercase();
    let digits = text.strip_prefix('T').unwrap_or(&text);
    let is_sound = digits.len() == 13 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_sound { Ok(format!("T{digits}")) } else { Err(RegistrationFault::Shape) }
}

/// Whether the first of the thirteen digits is the check digit of a corporate number (法人番号の指定等に関する省令 第2条):
/// 9 − (Σ Pₙ × Qₙ mod 9), Pₙ the n-th of the other twelve from the right, Qₙ 1 where n is odd and else 2.
pub fn check_digit_fits(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    let Some((check, rest)) = digits.split_first().filter(|(_, rest)| rest.len() == 12) else { return false };
    let sum: u32 = rest.iter().rev().enumerate().map(|(index, digit)| digit * if index % 2 == 0 { 1 } else { 2 }).sum();
    *check == 9 - sum % 9
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(inclusive: bool, rounding: Rounding) -> TaxRule {
        TaxRule { inclusive, rounding, rates: Rates::default() }
    }

    #[test]
    fn tax_is_rounded_once_for_each_rate_and_not_for_each_line() {
        // Three lines of 105 yen: 8.4 yen each at 8%. By line it would be 24, by invoice it is 25 (25.2).
        let lines = [(TaxKind::Reduced, 105), (TaxKind::Reduced, 105), (TaxKind::Reduced, 105), (TaxKind::Standard, 999)];
        let groups = rule(false, Rounding::Down).groups(lines);
        assert_eq!(groups.iter().map(|group| (group.net, group.tax)).collect::<Vec<_>>(), [(999, 99), (315, 25)]);
        assert_eq!(rule(false, Rounding::HalfUp).groups(lines).iter().map(|group| group.tax).collect::<Vec<_>>(), [100, 25]);
        assert_eq!(rule(false, Rounding::Up).groups(lines).iter().map(|group| group.tax).collect::<Vec<_>>(), [100, 26]);
    }

    #[test]
    fn prices_with_their_tax_in_them_stay_what_they_are() {
        let group = rule(true, Rounding::Down).group(TaxKind::Standard, 1000);
        assert_eq!((group.net, group.tax, group.gross()), (910, 90, 1000), "90.9 yen of tax");
        let group = rule(true, Rounding::HalfUp).group(TaxKind::Reduced, 1000);
        assert_eq!((group.net, group.tax), (926, 74), "74.07 yen of tax");
        let dues = rule(true, Rounding::Up).group(TaxKind::OutOfScope, 5000);
        assert_eq!((dues.rate, dues.net, dues.tax), (0, 5000, 0));
    }

    #[test]
    fn registration_numbers_have_one_spelling_and_a_check_digit() {
        for typed in ["T7000012050002", "t7000012050002", "Ｔ７００００１２０５０００２", "7000012050002", "T 7000-0120-50002"]
        {
            assert_eq!(registration_number(typed).as_deref(), Ok("T7000012050002"), "{typed}");
        }
        for typed in ["", "T700001205000", "T70000120500021", "X7000012050002", "T70000120500O2"] {
            assert_eq!(registration_number(typed), Err(RegistrationFault::Shape), "{typed}");
        }
        // The National Tax Agency's own corporate number, and one with two digits swapped.
        assert!(check_digit_fits("T7000012050002"));
        assert!(!check_digit_fits("T7000012050020"));
    }

    #[test]
    fn rates_are_shown_without_needless_digits() {
        assert_eq!([1000, 800, 770, 625].map(rate_text), ["10", "8", "7.7", "6.25"]);
    }

    proptest! {
        #[test]
        fn a_group_adds_up_and_its_tax_is_within_one_of_the_exact(
            amount in -9_999_999_999i64..=9_999_999_999, inclusive: bool, rounding in 0usize..3, reduced: bool,
        ) {
            let rule = rule(inclusive, Rounding::ALL[rounding]);
            let kind = if reduced { TaxKind::Reduced } else { TaxKind::Standard };
            let group = rule.group(kind, amount);
            prop_assert_eq!(if inclusive { group.gross() } else { group.net }, amount);
            let whole = if inclusive { 10_000 + i128::from(group.rate) } else { 10_000 };
            let exact = i128::from(amount) * i128::from(group.rate);
            prop_assert!((i128::from(group.tax) * whole - exact).abs() < whole);
            let mirrored = rule.group(kind, -amount);
            prop_assert_eq!((mirrored.net, mirrored.tax), (-group.net, -group.tax));
        }
    }
}
