//! How an organisation invoices: who issues, where to transfer to, and how taxes are rounded.

use super::{Check, LONGEST_NAME, LONGEST_TEXT};
use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::invoice::{InvoiceSettings, Issuer};
use tsudoi_kernel::tax::{Rates, Rounding, TaxRule, check_digit_fits, rate_text, registration_number};
use tsudoi_kernel::text::one_width;

/// Settings as staff typed them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingsInput {
    pub name: String,
    pub address: String,
    pub registration: String,
    pub bank: String,
    pub inclusive: bool,
    pub rounding: String,
    /// Percent.
    pub standard: String,
    pub reduced: String,
    pub prefix: String,
    pub due_days: String,
    pub note: String,
}

/// What became of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsSaved {
    Saved,
    /// Kept, though the registration number's check digit is not a corporation's.
    OddRegistration,
}

const MOST_DAYS: u16 = 365;
const LONGEST_PREFIX: usize = 10;

impl SettingsInput {
    pub fn of(settings: &InvoiceSettings) -> Self {
        Self {
            name: settings.issuer.name.clone(),
            address: settings.issuer.address.clone(),
            registration: settings.issuer.registration.clone().unwrap_or_default(),
            bank: settings.issuer.bank.clone(),
            inclusive: settings.rule.inclusive,
            rounding: settings.rule.rounding.as_str().to_owned(),
            standard: rate_text(settings.rule.rates.standard),
            reduced: rate_text(settings.rule.rates.reduced),
            prefix: settings.prefix.clone(),
            due_days: settings.due_days.to_string(),
            note: settings.note.clone(),
        }
    }

    fn check(&self) -> Result<InvoiceSettings, ServiceError> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, LONGEST_NAME, true, false);
        let address = check.text("address", &self.address, LONGEST_TEXT, true, true);
        let bank = check.text("bank", &self.bank, LONGEST_TEXT, false, true);
        let note = check.text("note", &self.note, LONGEST_TEXT, false, true);
        let registration = match self.registration.trim() {
            "" => None,
            typed => registration_number(typed).map_err(|_| check.wrong("registration", "invoices-registration-wrong")).ok(),
        };
        let prefix = one_width(&self.prefix).trim().to_owned();
        if prefix.len() > LONGEST_PREFIX || !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            check.wrong("prefix", "invoices-prefix-wrong");
        }
        let mut rate = |field: &str, typed: &str| {
            rate(typed).unwrap_or_else(|| {
                check.wrong(field, "invoices-rate-wrong");
                0
            })
        };
        let rates = Rates { standard: rate("standard", &self.standard), reduced: rate("reduced", &self.reduced) };
        let due_days = one_width(&self.due_days).trim().parse().ok().filter(|days| *days <= MOST_DAYS);
        if due_days.is_none() {
            check.wrong("due_days", "invoices-due-days-wrong");
        }
        let rounding = Rounding::parse(&self.rounding).unwrap_or_else(|| {
            check.wrong("rounding", "error-required");
            Rounding::Down
        });
        check.done()?;
        Ok(InvoiceSettings {
            issuer: Issuer { name, address, registration, bank },
            rule: TaxRule { inclusive: self.inclusive, rounding, rates },
            prefix,
            due_days: due_days.unwrap_or_default(),
            note,
        })
    }
}

/// A percentage with at most two digits behind the point, in hundredths of a percent.
fn rate(typed: &str) -> Option<u32> {
    let text = one_width(typed);
    let text = text.trim().trim_end_matches('%').trim_end();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 2 || fraction.len() > 2 || !digits(whole) || !digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<2}").parse().ok()
}

impl Services {
    /// For staff; what a new organisation begins with where nothing was saved.
    pub async fn invoice_settings(&self, visit: &Visit) -> Result<InvoiceSettings, ServiceError> {
        Ok(self.of(visit).invoice_settings().await?.unwrap_or_else(|| {
            let issuer = Issuer { name: visit.organisation.name.clone(), ..Issuer::default() };
            InvoiceSettings { issuer, ..InvoiceSettings::default() }
        }))
    }

    /// Names what settings are now: the page says which state it began with.
    pub fn invoice_settings_state(&self, settings: &InvoiceSettings) -> Result<String, ServiceError> {
        Ok(self.sign("invoice-settings", &[&serde_json::to_string(settings)?]))
    }
}

impl Editor {
    /// Saves settings, where they are as they were when `seen` was made. Documents that were issued stay as they are.
    pub async fn save_invoice_settings(&self, visit: &Visit, seen: &str, input: &SettingsInput) -> Result<SettingsSaved, ServiceError> {
        let settings = input.check()?;
        let before = self.store.invoice_settings().await?;
        if self.services.invoice_settings_state(&self.services.invoice_settings(visit).await?)? != seen {
            return Err(ServiceError::Changed);
        }
        let mut transaction = self.begin().await?;
        if transaction.current_invoice_settings().await? != before {
            return Err(ServiceError::Changed);
        }
        transaction.set_invoice_settings(&settings).await?;
        self.record(&transaction, "invoice-settings-changed", "invoice-settings".into(), &settings.issuer.name).await?;
        transaction.commit().await?;
        let is_odd = settings.issuer.registration.is_some_and(|number| !check_digit_fits(&number));
        Ok(if is_odd { SettingsSaved::OddRegistration } else { SettingsSaved::Saved })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_percentages() {
        assert_eq!(["10", "８", "7.7%", "6.25", "0"].map(rate), [Some(1000), Some(800), Some(770), Some(625), Some(0)]);
        assert_eq!(["", "100", "-1", "1.234", "ten"].map(rate), [None; 5]);
    }
}
