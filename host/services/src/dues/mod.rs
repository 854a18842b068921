//! Dues for a term of membership: what they are, whom they would ask, and the run that issues the invoices, each member's once.

mod run;
#[cfg(test)]
mod tests;

pub use tsudoi_kernel::dues::{Dues, DuesState, Prices};
pub use tsudoi_store::{DuesMember, DuesRecord, DuesSums};

use crate::editor::Editor;
use crate::invoices::{Check, LONGEST_NAME, currency_of, day};
use crate::pages::Audience;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use chrono::{Datelike, Days, Months};
use serde_json::json;
use std::collections::BTreeMap;
use tsudoi_kernel::membership::MembershipStatus;
use tsudoi_kernel::money::{Currency, Money};
use tsudoi_kernel::tax::TaxKind;
use tsudoi_kernel::time::NaiveDate;
use tsudoi_kernel::{Locale, MemberId};
use uuid::Uuid;

/// Members that are looked at in one statement.
const AT_ONCE: u32 = 1_000;
/// Members without a price who are named.
const NAMED: usize = 20;
/// The longest term, in days: ten years.
const LONGEST_TERM: i64 = 3_653;

const MOST_PRICE: i64 = 1_000_000_000_000;

/// Dues as they are typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DuesInput {
    pub name: String,
    pub begins: String,
    pub ends: String,
    pub due_on: String,
    /// A tax kind's word.
    pub tax_kind: String,
    pub prices: Vec<PriceInput>,
    pub with_lapsed: bool,
    pub by_mail: bool,
    /// Empty: nobody is charged.
    pub charge_on: String,
}

/// What one type of members pays. Fields are called `price-0`, and `price-0-1` for the second tier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PriceInput {
    /// Empty: members without a type.
    pub member_type: String,
    pub usual: String,
    /// A tier's key and what its members pay instead.
    pub tiers: Vec<(String, String)>,
}

/// What becomes of a member in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pays(i64),
    /// There is nothing to pay, and the term is theirs at once.
    Free,
    /// They were asked before.
    Done,
    /// A period of theirs that ends holds the term's first day.
    Covered,
    /// Nobody has said what they pay.
    Unpriced,
    /// No member at the moment.
    LeftOut,
}

pub(crate) fn verdict(dues: &Dues, member: &DuesMember) -> Verdict {
    let is_asked = member.status.is_active() || dues.with_lapsed && member.status == MembershipStatus::Lapsed;
    match dues.price(member.member_type.as_deref(), member.tier.as_deref()) {
        _ if member.is_done => Verdict::Done,
        _ if !is_asked => Verdict::LeftOut,
        _ if member.is_covered => Verdict::Covered,
        None => Verdict::Unpriced,
        Some(0) => Verdict::Free,
        Some(amount) => Verdict::Pays(amount),
    }
}

/// Members who would pay the same for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Keys; the tier only where it has a price of its own.
    pub member_type: Option<String>,
    pub tier: Option<String>,
    pub price: i64,
    pub members: u64,
}

/// What a run would do now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forecast {
    /// Those who have nothing to pay stand here too, with the price 0.
    pub shares: Vec<Share>,
    /// Members who would get an invoice, and what all of these come to.
    pub invoices: u64,
    pub total: i64,
    /// Those who have saved a method by which they can be charged.
    pub charged: u64,
    pub free: u64,
    pub done: u64,
    pub covered: u64,
    pub left_out: u64,
    pub unpriced: u64,
    /// Some of them: id, number, name.
    pub unpriced_members: Vec<(MemberId, String, String)>,
}

/// Dues with what has come of them and what would.
#[derive(Debug, Clone, PartialEq)]
pub struct DuesFile {
    pub record: DuesRecord,
    pub sums: DuesSums,
    pub forecast: Forecast,
    /// What buttons say they have seen.
    pub state: String,
    /// Who issues invoices was said.
    pub may_issue: bool,
}

impl DuesInput {
    /// With a row for each type of members, and a field for each tier.
    fn laid_out(self, audience: &Audience) -> Self {
        let mut keys: Vec<String> = audience.types.iter().map(|known| known.key.clone()).collect();
        // Who has no type pays as one of the others, where there are types; a row that says something stays.
        if keys.is_empty() || self.prices.iter().any(|row| row.member_type.is_empty() && !row.is_blank()) {
            keys.push(String::new());
        }
        let row = |key: String| {
            let known = self.prices.iter().find(|row| row.member_type == key);
            let typed = |tier: &str| known.and_then(|row| row.tiers.iter().find(|(key, _)| key == tier)).map(|(_, price)| price.clone());
            PriceInput {
                usual: known.map(|row| row.usual.clone()).unwrap_or_default(),
                tiers: audience.tiers.iter().map(|tier| (tier.key.clone(), typed(&tier.key).unwrap_or_default())).collect(),
                member_type: key,
            }
        };
        Self { prices: keys.into_iter().map(row).collect(), ..self }
    }

    fn of(dues: &Dues, currency: Currency) -> Self {
        let plain = |amount: i64| Money::new(amount, currency).plain();
        let row = |(key, prices): (&String, &Prices)| PriceInput {
            member_type: key.clone(),
            usual: prices.usual.map(plain).unwrap_or_default(),
            tiers: prices.tiers.iter().map(|(tier, price)| (tier.clone(), plain(*price))).collect(),
        };
        Self {
            name: dues.name.clone(),
            begins: dues.begins.to_string(),
            ends: dues.ends.to_string(),
            due_on: dues.due_on.to_string(),
            tax_kind: dues.tax_kind.as_str().to_owned(),
            prices: dues.prices.iter().map(row).collect(),
            with_lapsed: dues.with_lapsed,
            by_mail: dues.by_mail,
            charge_on: dues.charge_on.map(|day| day.to_string()).unwrap_or_default(),
        }
    }

    fn check(&self, audience: &Audience, currency: Currency) -> Result<Dues, ServiceError> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, LONGEST_NAME, true, false);
        let mut date = |field: &str, typed: &str| {
            let read = day(typed);
            if read.is_none() {
                check.wrong(field, if typed.trim().is_empty() { "error-required" } else { "invoices-date-wrong" });
            }
            read.unwrap_or_default()
        };
        let (begins, ends, due_on) = (date("begins", &self.begins), date("ends", &self.ends), date("due_on", &self.due_on));
        if ends < begins {
            check.wrong("ends", "members-period-backwards");
        } else if (ends - begins).num_days() > LONGEST_TERM {
            check.wrong("ends", "dues-term-too-long");
        }
        let charge_on = day(&self.charge_on);
        if charge_on.is_none() && !self.charge_on.trim().is_empty() {
            check.wrong("charge_on", "invoices-date-wrong");
        }
        let tax_kind = TaxKind::parse(&self.tax_kind).unwrap_or(TaxKind::OutOfScope);
        let mut prices = BTreeMap::new();
        for (number, row) in self.prices.iter().enumerate() {
            let known = row.member_type.is_empty() || audience.types.iter().any(|known| known.key == row.member_type);
            if !known || row.is_blank() {
                continue;
            }
            let mut price = |field: String, typed: &str| {
                let typed = typed.trim();
                let read = (!typed.is_empty()).then(|| check.money(&field, typed, currency)).flatten();
                match read {
                    Some(price) if price < 0 => check.wrong(field, "dues-price-negative"),
                    Some(price) if price > MOST_PRICE => check.wrong(field, "invoices-amount-too-large"),
                    _ => {}
                }
                read
            };
            let usual = price(format!("price-{number}"), &row.usual);
            let mut tiers = BTreeMap::new();
            for (place, (tier, typed)) in row.tiers.iter().enumerate() {
                let read = price(format!("price-{number}-{place}"), typed);
                if let Some(read) = read.filter(|_| audience.tiers.iter().any(|known| known.key == *tier)) {
                    tiers.insert(tier.clone(), read);
                }
            }
            prices.insert(row.member_type.clone(), Prices { usual, tiers });
        }
        if prices.is_empty() && check.is_empty() {
            check.wrong("prices", "dues-no-prices");
        }
        check.done()?;
        Ok(Dues { name, begins, ends, due_on, tax_kind, prices, with_lapsed: self.with_lapsed, by_mail: self.by_mail, charge_on })
    }
}

impl PriceInput {
    fn is_blank(&self) -> bool {
        self.usual.trim().is_empty() && self.tiers.iter().all(|(_, price)| price.trim().is_empty())
    }
}

impl Services {
    /// The latest term first, with what has come of them.
    pub async fn all_dues(&self, visit: &Visit) -> Result<Vec<(DuesRecord, DuesSums)>, ServiceError> {
        let store = self.of(visit);
        let mut all = Vec::new();
        for record in store.all_dues().await? {
            let sums = store.dues_sums(record.id).await?;
            all.push((record, sums));
        }
        Ok(all)
    }

    /// What new dues begin with: the latest ones a year later, or a year that begins in April, as fiscal years do in Japan.
    pub async fn new_dues(&self, visit: &Visit) -> Result<DuesInput, ServiceError> {
        let store = self.of(visit);
        let (today, currency, audience) = (self.today_of(visit), currency_of(&visit.organisation)?, store.audience().await?);
        let own = visit.organisation.locale;
        let named = |begins: NaiveDate| {
            let arguments = json!({ "year": begins.year().to_string() });
            self.parts.texts.message(own, "dues-proposed-name", &arguments).unwrap_or_default()
        };
        let year = Months::new(12);
        let later = |day: NaiveDate| day.checked_add_months(year).unwrap_or(day);
        let input = match store.all_dues().await?.first() {
            Some(latest) => {
                let dues = &latest.dues;
                let begins = dues.ends.succ_opt().unwrap_or(dues.begins);
                let (ends, due_on, charge_on) = (later(dues.ends), later(dues.due_on), dues.charge_on.map(later));
                let moved = Dues { name: named(begins), begins, ends, due_on, charge_on, ..dues.clone() };
                DuesInput::of(&moved, currency)
            }
            None => {
                let april = |year: i32| NaiveDate::from_ymd_opt(year, 4, 1).unwrap_or(today);
                let begins = if today.month() < 4 { april(today.year()) } else { april(today.year() + 1) };
                let begins = if own == Locale::Ja { begins } else { NaiveDate::from_ymd_opt(today.year() + 1, 1, 1).unwrap_or(today) };
                let ends = later(begins).checked_sub_days(Days::new(1)).unwrap_or(begins);
                let due_on = begins.checked_add_months(Months::new(1)).and_then(|day| day.pred_opt()).unwrap_or(begins);
                DuesInput {
                    name: named(begins),
                    begins: begins.to_string(),
                    ends: ends.to_string(),
                    due_on: due_on.to_string(),
                    tax_kind: TaxKind::OutOfScope.as_str().to_owned(),
                    by_mail: true,
                    ..DuesInput::default()
                }
            }
        };
        Ok(input.laid_out(&audience))
    }

    /// Dues as their form has them, with what it says it has seen.
    pub async fn dues_input(&self, visit: &Visit, id: Uuid) -> Result<(DuesInput, String), ServiceError> {
        let store = self.of(visit);
        let record = store.dues(id).await?.ok_or(ServiceError::NotFound)?;
        let input = DuesInput::of(&record.dues, currency_of(&visit.organisation)?);
        Ok((input.laid_out(&store.audience().await?), self.dues_state(&record)?))
    }

    /// What was typed, with a field for each type and tier that there is now.
    pub async fn laid_out_dues(&self, visit: &Visit, input: DuesInput) -> Result<DuesInput, ServiceError> {
        Ok(input.laid_out(&self.of(visit).audience().await?))
    }

    fn dues_state(&self, record: &DuesRecord) -> Result<String, ServiceError> {
        Ok(self.sign("dues", &[&record.id.to_string(), &serde_json::to_string(&record.dues)?]))
    }

    pub async fn dues_file(&self, visit: &Visit, id: Uuid) -> Result<DuesFile, ServiceError> {
        let store = self.of(visit);
        let record = store.dues(id).await?.ok_or(ServiceError::NotFound)?;
        let may_issue = store.invoice_settings().await?.is_some_and(|settings| !settings.issuer.name.is_empty());
        let forecast = match record.state {
            DuesState::Idle => self.forecast(visit, &record).await?,
            DuesState::Running => Forecast::default(),
        };
        Ok(DuesFile { sums: store.dues_sums(id).await?, state: self.dues_state(&record)?, forecast, may_issue, record })
    }

    /// Looks at every member and changes nothing.
    async fn forecast(&self, visit: &Visit, record: &DuesRecord) -> Result<Forecast, ServiceError> {
        let (store, dues) = (self.of(visit), &record.dues);
        let savers = self.savers(&store).await?;
        let mut forecast = Forecast::default();
        let mut shares: BTreeMap<(Option<String>, Option<String>, i64), u64> = BTreeMap::new();
        let mut after = None;
        loop {
            let members = store.dues_members(record.id, dues, after, AT_ONCE).await?;
            let Some(last) = members.last() else { break };
            after = Some(last.id);
            for member in members {
                let price = match verdict(dues, &member) {
                    Verdict::Pays(price) => {
                        forecast.invoices += 1;
                        forecast.total = forecast.total.saturating_add(price);
                        forecast.charged += u64::from(member.method.is_some_and(|(plugin, _)| savers.contains(&plugin)));
                        price
                    }
                    Verdict::Free => {
                        forecast.free += 1;
                        0
                    }
                    Verdict::Done => {
                        forecast.done += 1;
                        continue;
                    }
                    Verdict::Covered => {
                        forecast.covered += 1;
                        continue;
                    }
                    Verdict::LeftOut => {
                        forecast.left_out += 1;
                        continue;
                    }
                    Verdict::Unpriced => {
                        forecast.unpriced += 1;
                        if forecast.unpriced_members.len() < NAMED {
                            forecast.unpriced_members.push((member.id, member.number, member.display_name));
                        }
                        continue;
                    }
                };
                let own = dues.prices.get(member.member_type.as_deref().unwrap_or_default()).map(|prices| &prices.tiers);
                let tier = member.tier.filter(|tier| own.is_some_and(|tiers| tiers.contains_key(tier)));
                *shares.entry((member.member_type, tier, price)).or_default() += 1;
            }
        }
        let share = |((member_type, tier, price), members)| Share { member_type, tier, price, members };
        forecast.shares = shares.into_iter().map(share).collect();
        Ok(forecast)
    }
}

impl Editor {
    /// Makes dues, or changes them where they are as they were when `seen` was made. Invoices that were issued stay as they are.
    pub async fn save_dues(&self, visit: &Visit, id: Option<Uuid>, seen: &str, input: &DuesInput) -> Result<Uuid, ServiceError> {
        let dues = input.check(&self.store.audience().await?, currency_of(&visit.organisation)?)?;
        let transaction = self.begin().await?;
        if let Some(id) = id {
            let record = transaction.current_dues(id).await?.ok_or(ServiceError::NotFound)?;
            if record.state == DuesState::Running || self.services.dues_state(&record)? != seen {
                return Err(ServiceError::Changed);
            }
        }
        let id = id.unwrap_or_else(|| self.services.fresh_id());
        transaction.set_dues(id, &dues).await?;
        self.record(&transaction, "dues-saved", format!("dues:{id}"), &dues.name).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Only those of which nobody was asked.
    pub async fn delete_dues(&self, id: Uuid) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        let record = transaction.current_dues(id).await?.ok_or(ServiceError::NotFound)?;
        if !transaction.delete_dues(id).await? {
            return Err(ServiceError::Changed);
        }
        self.record(&transaction, "dues-deleted", format!("dues:{id}"), &record.dues.name).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Begins to issue invoices, in the background, for dues as they were when `seen` was made. Whoever was asked before is not asked
    /// again.
    pub async fn run_dues(&self, id: Uuid, seen: &str) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        let record = transaction.current_dues(id).await?.ok_or(ServiceError::NotFound)?;
        if record.state == DuesState::Running {
            return Ok(());
        }
        if self.services.dues_state(&record)? != seen {
            return Err(ServiceError::Changed);
        }
        let settings = transaction.current_invoice_settings().await?;
        if settings.is_none_or(|settings| settings.issuer.name.is_empty()) {
            return Err(ServiceError::Invalid(vec![("issuer".into(), "invoices-no-issuer")]));
        }
        transaction.move_dues(id, DuesState::Running, None, self.by).await?;
        self.record(&transaction, "dues-run", format!("dues:{id}"), &record.dues.name).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends a run after the members that are being asked now.
    pub async fn stop_dues(&self, id: Uuid) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        let record = transaction.current_dues(id).await?.ok_or(ServiceError::NotFound)?;
        if record.state == DuesState::Running {
            transaction.move_dues(id, DuesState::Idle, None, None).await?;
            self.record(&transaction, "dues-stopped", format!("dues:{id}"), &record.dues.name).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}
