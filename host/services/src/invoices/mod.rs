//! Invoices and payments: staff write invoices and issue them, payments are booked once, what was too much is the member's
//! credit, and every document makes an entry in the books in its own transaction.

mod books;
mod credit;
mod draft;
mod gateways;
#[cfg(test)]
pub(crate) mod gateways_tests;
mod issue;
mod lists;
mod pay;
mod saved;
#[cfg(test)]
pub(crate) mod saved_tests;
mod settings;
mod sheet;
#[cfg(test)]
pub(crate) mod tests;

pub use books::{AccountLine, Journal};
pub use credit::CreditInput;
pub use draft::{InvoiceInput, LineInput};
pub use gateways::{PaymentStart, WayToPay};
pub use lists::{InvoiceFile, InvoiceList, InvoiceSearch, Late, OwnBills, PaymentFile, PaymentList, Unpaid};
pub use pay::{PaymentInput, RefundInput};
pub use saved::SavingWay;
pub use settings::{SettingsInput, SettingsSaved};
pub use sheet::PaperFile;
pub use tsudoi_kernel::billing::Outcome;
pub use tsudoi_kernel::invoice::{
    InvoiceDraft, InvoiceLine, InvoiceSettings, Issuer, Paper, PaperKind, Recipient, Settled, Standing, left_of, tax, total,
};
pub use tsudoi_kernel::ledger::{Account, EntryKind, Method};
pub use tsudoi_kernel::money::{Currency, Money, NotMoney};
pub use tsudoi_kernel::tax::{Rates, Rounding, TaxGroup, TaxKind, TaxRule, check_digit_fits, rate_text};
pub use tsudoi_kernel::time::NaiveDate;
pub use tsudoi_store::{
    Allocation, Booked, Booking, CreditNote, GatewayCharge, GatewayRefund, GatewayReport, InvoiceBody, InvoiceRecord, Payment, Refund,
    WishState,
};

use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::Organisation;
use tsudoi_kernel::text::one_width;

pub(crate) const LONGEST_NAME: usize = 200;
const LONGEST_TEXT: usize = 1_000;

pub(crate) fn currency_of(organisation: &Organisation) -> Result<Currency, ServiceError> {
    Currency::parse(&organisation.currency).ok_or_else(|| ServiceError::Broken(format!("a currency called {}", organisation.currency)))
}

impl Services {
    /// Today, where the organisation is.
    pub fn today_of(&self, visit: &Visit) -> NaiveDate {
        visit.organisation.day(self.now())
    }

    pub fn currency(&self, visit: &Visit) -> Result<Currency, ServiceError> {
        currency_of(&visit.organisation)
    }
}

/// A date as browsers send it or people type it, near enough to be meant.
pub(crate) fn day(typed: &str) -> Option<NaiveDate> {
    let text = one_width(typed).replace(['/', '.', '年', '月'], "-").replace('日', "");
    let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()?;
    (1900..=2200).contains(&chrono::Datelike::year(&day)).then_some(day)
}

/// Gathers what is wrong, by field.
#[derive(Default)]
pub(crate) struct Check(Vec<(String, &'static str)>);

impl Check {
    pub(crate) fn wrong(&mut self, field: impl Into<String>, message: &'static str) {
        self.0.push((field.into(), message));
    }

    /// One line, or several where `lines`.
    pub(crate) fn text(&mut self, field: &str, typed: &str, longest: usize, required: bool, lines: bool) -> String {
        let text = typed.replace("\r\n", "\n").trim().to_owned();
        // Nothing that turns around what stands beside it, for whoever reads the document.
        let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        let odd = |c: char| turns(c) || c.is_control() && !(lines && c == '\n');
        if text.is_empty() && required {
            self.wrong(field, "error-required");
        } else if text.chars().count() > longest || text.chars().any(odd) {
            self.wrong(field, "invoices-text-too-long");
        }
        text
    }

    pub(crate) fn money(&mut self, field: &str, typed: &str, currency: Currency) -> Option<i64> {
        let message = match Money::typed(typed, currency) {
            Ok(money) => return Some(money.minor),
            Err(NotMoney::Empty) => "error-required",
            Err(NotMoney::NotANumber) => "invoices-amount-not-a-number",
            Err(NotMoney::TooFine) => "invoices-amount-too-fine",
            Err(NotMoney::TooLarge) => "invoices-amount-too-large",
        };
        self.wrong(field, message);
        None
    }

    /// An amount above zero.
    fn positive(&mut self, field: &str, typed: &str, currency: Currency) -> i64 {
        match self.money(field, typed, currency) {
            Some(amount) if amount > 0 => amount,
            Some(_) => {
                self.wrong(field, "invoices-amount-not-positive");
                0
            }
            None => 0,
        }
    }

    /// A day that is not to come.
    fn past_day(&mut self, field: &str, typed: &str, today: NaiveDate) -> NaiveDate {
        match day(typed) {
            Some(day) if day <= today => day,
            Some(_) => {
                self.wrong(field, "invoices-date-to-come");
                today
            }
            None => {
                self.wrong(field, "invoices-date-wrong");
                today
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn done(self) -> Result<(), ServiceError> {
        if self.0.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(self.0)) }
    }
}

/// A number with commas between groups of three digits.
fn grouped(number: i64) -> String {
    Money::new(number, Currency::JPY).grouped()
}
