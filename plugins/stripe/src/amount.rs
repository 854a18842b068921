//! Amounts as Stripe wants them: in the currency's smallest unit, which is not always that of ISO 4217
//! (<https://docs.stripe.com/currencies>, *Zero-decimal currencies*, *Three-decimal currencies*, *Special cases*).

use tsudoi_plugin::Money;

/// Without decimals today, but with two in requests, as they were once: an amount in whole units is sent times 100.
const IN_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];
/// With decimals by ISO 4217 and without in requests.
const IN_WHOLE_UNITS: [&str; 1] = ["MGA"];
/// Three decimals, of which the last has to be 0.
const LAST_IS_ZERO: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// Decimals of which Stripe's documentation says nothing.
const UNKNOWN: [&str; 5] = ["CLF", "IQD", "LYD", "UYI", "UYW"];

/// Why an amount can't be paid at Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpayable {
    Currency,
    /// It is finer than what Stripe takes of this currency.
    TooFine,
}

impl Unpayable {
    /// The key of what a person is told.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Currency => "currency-unknown",
            Self::TooFine => "amount-too-fine",
        }
    }
}

/// Stripe's `amount`. HUF and TWD have two decimals when they are charged, as in ISO 4217; that they are paid out in whole units is
/// between the organisation's account and its bank.
pub fn to_stripe(money: &Money) -> Result<i64, Unpayable> {
    let code = money.currency.as_str();
    let divided = |by: i64| if money.minor % by == 0 { Ok(money.minor / by) } else { Err(Unpayable::TooFine) };
    if UNKNOWN.contains(&code) {
        Err(Unpayable::Currency)
    } else if IN_HUNDREDTHS.contains(&code) {
        money.minor.checked_mul(100).ok_or(Unpayable::TooFine)
    } else if IN_WHOLE_UNITS.contains(&code) {
        divided(100)
    } else if LAST_IS_ZERO.contains(&code) {
        divided(10).map(|tenths| tenths * 10)
    } else {
        Ok(money.minor)
    }
}

/// What an `amount` of Stripe's is, or `None` where it is no whole number of the currency's smallest unit.
pub fn from_stripe(amount: i64, currency: &str) -> Option<Money> {
    let code = currency.to_ascii_uppercase();
    let minor = match code.as_str() {
        code if UNKNOWN.contains(&code) => return None,
        code if IN_HUNDREDTHS.contains(&code) => Some(amount / 100).filter(|_| amount % 100 == 0)?,
        code if IN_WHOLE_UNITS.contains(&code) => amount.checked_mul(100)?,
        _ => amount,
    };
    Some(Money::new(minor, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_unit_is_stripes() {
        for (minor, currency, expected) in [
            (5_000, "JPY", Ok(5_000)),
            (5_000, "KRW", Ok(5_000)),
            (1_999, "USD", Ok(1_999)),
            (5, "ISK", Ok(500)),
            (5, "UGX", Ok(500)),
            (10_050, "HUF", Ok(10_050)),
            (80_045, "TWD", Ok(80_045)),
            (300, "MGA", Ok(3)),
            (320, "MGA", Err(Unpayable::TooFine)),
            (5_120, "KWD", Ok(5_120)),
            (5_124, "KWD", Err(Unpayable::TooFine)),
            (1_000, "LYD", Err(Unpayable::Currency)),
        ] {
            assert_eq!(to_stripe(&Money::new(minor, currency)), expected, "{minor} {currency}");
        }
    }

    #[test]
    fn what_was_sent_comes_back_the_same() {
        for currency in ["JPY", "USD", "EUR", "ISK", "UGX", "HUF", "TWD", "MGA", "KWD", "TND", "VND", "XOF"] {
            for minor in [1, 9, 10, 99, 100, 1_000, 12_340, 99_999_900] {
                let money = Money::new(minor, currency);
                if let Ok(amount) = to_stripe(&money) {
                    assert_eq!(from_stripe(amount, &currency.to_ascii_lowercase()), Some(money), "{minor} {currency}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_amount_of_a_currency_is_none() {
        assert_eq!(from_stripe(150, "isk"), None);
        assert_eq!(from_stripe(100, "lyd"), None);
    }
}
