//! The books as staff read them: what stands on each account, and the journal as a file that other programs of accounting take.

use super::{Check, currency_of, day};
use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::json;
use tsudoi_kernel::ledger::Account;
use tsudoi_kernel::money::Money;
use tsudoi_store::LedgerEntry;

const BATCH: u32 = 1_000;

/// An account with what stands on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    pub account: Account,
    /// In the organisation's language.
    pub name: String,
    /// Above zero on the left (借方).
    pub amount: i64,
}

/// The form of a journal file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journal {
    /// The text that `hledger` and `ledger` read.
    Plain,
    /// RFC 4180, in UTF-8 with a mark at the beginning, by which spreadsheets know it.
    Csv,
}

impl Journal {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "journal" => Some(Self::Plain),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

impl Services {
    /// What an account is called.
    pub fn account_name(&self, visit: &Visit, account: &Account) -> String {
        let text = |key: &str, arguments| self.parts.texts.message(visit.locale, key, &arguments).unwrap_or_else(|| account.to_string());
        match account {
            Account::Clearing(way) if way == "other" => text("invoices-account-clearing-other", json!({})),
            Account::Clearing(way) => text("invoices-account-clearing", json!({ "way": way })),
            other => text(&format!("invoices-account-{}", other.to_string().replace(':', "-")), json!({})),
        }
    }

    /// Every account that has been used, assets first.
    pub async fn balances(&self, visit: &Visit) -> Result<Vec<AccountLine>, ServiceError> {
        let balances = self.of(visit).balances(None).await?;
        let line = |(account, amount)| AccountLine { name: self.account_name(visit, &account), account, amount };
        let mut lines: Vec<AccountLine> = balances.into_iter().map(line).collect();
        lines.sort_by(|one, other| one.account.cmp(&other.account));
        Ok(lines)
    }
}

impl Editor {
    /// The journal between two days (empty: from the first, to the last), in the order in which it was written. Recorded, since it
    /// takes data out.
    pub async fn export_journal(&self, visit: &Visit, form: Journal, from: &str, to: &str) -> Result<Vec<u8>, ServiceError> {
        let mut check = Check::default();
        let mut bound = |field: &str, typed: &str, open: &str| match typed.trim() {
            "" => open.to_owned(),
            typed => day(typed).map_or_else(
                || {
                    check.wrong(field, "invoices-date-wrong");
                    String::new()
                },
                |day| day.to_string(),
            ),
        };
        let (from, to) = (bound("from", from, "0000-01-01"), bound("to", to, "9999-12-31"));
        check.done()?;
        let mut writer = Writer::new(&self.services, visit, form)?;
        let mut after = None;
        loop {
            let entries = self.store.ledger_entries(after, (&from, &to), BATCH).await?;
            let Some(last) = entries.last() else { break };
            after = Some(last.id);
            for entry in &entries {
                writer.write(entry)?;
            }
        }
        let transaction = self.begin().await?;
        self.record(&transaction, "journal-exported", "ledger".into(), &format!("{from} – {to}")).await?;
        transaction.commit().await?;
        writer.done()
    }
}

/// Writes entries in one of the forms.
enum Writer<'a> {
    Plain { text: String, currency: tsudoi_kernel::money::Currency },
    Csv { writer: Box<csv::Writer<Vec<u8>>>, services: &'a Services, visit: &'a Visit, currency: tsudoi_kernel::money::Currency },
}

fn broken(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Broken(error.to_string())
}

impl<'a> Writer<'a> {
    fn new(services: &'a Services, visit: &'a Visit, form: Journal) -> Result<Self, ServiceError> {
        let currency = currency_of(&visit.organisation)?;
        match form {
            Journal::Plain => Ok(Self::Plain { text: format!("; {}\n", visit.organisation.name.replace('\n', " ")), currency }),
            Journal::Csv => {
                let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![0xEF, 0xBB, 0xBF]);
                let text = |key: &str| services.parts.texts.message(visit.locale, key, &json!({})).unwrap_or_else(|| key.to_owned());
                let heads = ["date", "number", "kind", "account", "account-name", "debit", "credit"];
                writer.write_record(heads.map(|head| text(&format!("invoices-journal-{head}")))).map_err(broken)?;
                Ok(Self::Csv { writer: Box::new(writer), services, visit, currency })
            }
        }
    }

    fn write(&mut self, entry: &LedgerEntry) -> Result<(), ServiceError> {
        match self {
            Self::Plain { text, currency } => {
                text.push_str(&format!("\n{} * ({}) {}\n", entry.date, entry.number, entry.kind.as_str()));
                for (account, amount) in &entry.lines {
                    let amount = Money::new(*amount, *currency).plain();
                    text.push_str(&format!("    {:<40}  {amount} {currency}\n", account.to_string()));
                }
            }
            Self::Csv { writer, services, visit, currency } => {
                let kind = format!("invoices-entry-{}", entry.kind.as_str());
                let kind = services.parts.texts.message(visit.locale, &kind, &json!({})).unwrap_or_default();
                for (account, amount) in &entry.lines {
                    let side = |is_mine: bool| if is_mine { Money::new(amount.abs(), *currency).plain() } else { String::new() };
                    let name = services.account_name(visit, account);
                    let cells = [
                        entry.date.clone(),
                        entry.number.clone(),
                        kind.clone(),
                        account.to_string(),
                        name,
                        side(*amount > 0),
                        side(*amount < 0),
                    ];
                    writer.write_record(cells).map_err(broken)?;
                }
            }
        }
        Ok(())
    }

    fn done(self) -> Result<Vec<u8>, ServiceError> {
        match self {
            Self::Plain { text, .. } => Ok(text.into_bytes()),
            Self::Csv { writer, .. } => writer.into_inner().map_err(broken),
        }
    }
}
