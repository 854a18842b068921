//! Amounts of money.

use crate::bindings::imports::tsudoi::plugin::types;
use serde::{Deserialize, Serialize};

/// An amount in the currency's smallest unit: yen, cents.
///
/// ```
/// use tsudoi_plugin::Money;
///
/// let fee = Money::new(5_000, "JPY");
/// assert_eq!((fee.minor, fee.currency.as_str()), (5_000, "JPY"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}

impl Money {
    pub fn new(minor: i64, currency: impl Into<String>) -> Self {
        Self { minor, currency: currency.into() }
    }

    pub(crate) fn into_contract(self) -> types::Money {
        types::Money { minor: self.minor, currency: self.currency }
    }

    pub(crate) fn from_contract(money: types::Money) -> Self {
        Self { minor: money.minor, currency: money.currency }
    }
}
