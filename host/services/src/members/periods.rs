//! Periods of membership: joining, renewing, leaving, and putting right what was entered wrongly. The status beside each
//! member follows, in the same transaction and on the day that it names.

use crate::editor::Editor;
use crate::pages::Audience;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use chrono::NaiveDate;
use tsudoi_kernel::membership::{MemberType, Period};
use tsudoi_kernel::{MemberId, typed};
use tsudoi_store::{ChangeTransaction, Member, PeriodDraft, PeriodEntry};
use uuid::Uuid;

const LONGEST_NOTE: usize = 500;
/// Members whose status is looked at anew in one transaction.
const TURNED_AT_ONCE: u32 = 200;

/// The first period of somebody who joins, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Joining {
    /// A type's key, or empty.
    pub member_type: String,
    pub begins: String,
    /// The last day; empty where it is open.
    pub ends: String,
}

/// A period as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeriodInput {
    pub joining: Joining,
    /// It ends because the member leaves.
    pub left: bool,
    pub note: String,
}

impl PeriodInput {
    pub fn of(entry: &PeriodEntry) -> Self {
        let period = &entry.period;
        let joining = Joining {
            member_type: period.member_type.clone().unwrap_or_default(),
            begins: period.begins.to_string(),
            ends: period.ends.map(|ends| ends.to_string()).unwrap_or_default(),
        };
        Self { joining, left: period.left, note: entry.note.clone() }
    }

    fn read(&self, id: Uuid, audience: &Audience) -> Result<Period, ServiceError> {
        let mut wrong = Vec::new();
        let period = read_joining(&self.joining, id, audience).map_err(|found| wrong.extend(found));
        if self.note.chars().count() > LONGEST_NOTE {
            wrong.push(("note".to_owned(), "forms-text-too-long"));
        }
        match period {
            Ok(period) if self.left && period.ends.is_none() => wrong.push(("ends".to_owned(), "error-required")),
            Ok(period) if wrong.is_empty() => return Ok(Period { left: self.left, ..period }),
            _ => {}
        }
        Err(ServiceError::Invalid(wrong))
    }
}

/// The period, or what is wrong with it by field: `member_type`, `begins`, `ends`.
pub(crate) fn read_joining(joining: &Joining, id: Uuid, audience: &Audience) -> Result<Period, super::edit::Wrong> {
    let mut wrong = Vec::new();
    let mut date = |field: &str, text: &str| {
        typed::date(text).unwrap_or_else(|_| {
            wrong.push((field.to_owned(), "misfit-date"));
            None
        })
    };
    let (begins, ends) = (date("begins", &joining.begins), date("ends", &joining.ends));
    if begins.is_none() && wrong.iter().all(|(field, _)| field != "begins") {
        wrong.push(("begins".to_owned(), "error-required"));
    }
    if let (Some(begins), Some(ends)) = (begins, ends)
        && ends < begins
    {
        wrong.push(("ends".to_owned(), "members-period-backwards"));
    }
    let member_type = Some(joining.member_type.clone()).filter(|key| !key.is_empty());
    if member_type.as_ref().is_some_and(|key| !audience.types.iter().any(|known| known.key == *key)) {
        wrong.push(("member_type".to_owned(), "misfit-choice"));
    }
    match begins {
        Some(begins) if wrong.is_empty() => Ok(Period { id, member_type, begins, ends, left: false }),
        _ => Err(wrong),
    }
}

impl Services {
    /// The day that it is in a time zone.
    pub(crate) fn day_of(&self, time_zone: &str) -> NaiveDate {
        let zone: chrono_tz::Tz = time_zone.parse().unwrap_or(chrono_tz::UTC);
        self.now().to_utc().with_timezone(&zone).date_naive()
    }

    /// The day that it is where the organisation is.
    pub fn today(&self, visit: &Visit) -> NaiveDate {
        self.day_of(&visit.organisation.time_zone)
    }

    /// All periods that were ever entered, the latest first.
    pub async fn period_entries(&self, visit: &Visit, member: MemberId) -> Result<Vec<PeriodEntry>, ServiceError> {
        Ok(self.of(visit).period_entries(member).await?)
    }

    pub async fn member_types(&self, visit: &Visit) -> Result<Vec<MemberType>, ServiceError> {
        Ok(self.of(visit).member_types().await?)
    }

    /// Looks anew at members whose status ends with yesterday, where that is where their organisation is. Called by a
    /// background worker. Answers how many were looked at.
    pub async fn turn_memberships(&self) -> Result<u64, ServiceError> {
        let mut turned = 0;
        // The first zone of all to see a new day.
        let latest = self.day_of("Pacific/Kiritimati");
        for (organisation, time_zone) in self.store().turning_all_organisations(latest).await? {
            let (store, today) = (self.store().organisation(organisation), self.day_of(&time_zone));
            loop {
                let members = store.members_turning(today, TURNED_AT_ONCE).await?;
                if members.is_empty() {
                    break;
                }
                let mut transaction = store.begin_change(self.now()).await?;
                let types = transaction.current_member_types().await?;
                for member in &members {
                    transaction.refresh_standing(*member, today, &types).await?;
                }
                transaction.commit().await?;
                turned += members.len() as u64;
            }
        }
        Ok(turned)
    }
}

/// What a member's form of periods does.
enum Deed<'a> {
    Add(&'a PeriodInput),
    /// One stands in the place of another.
    Correct(Uuid, &'a PeriodInput),
    Withdraw(Uuid),
}

impl Editor {
    /// Enters another period, for joining again, renewing, or changing the type. Periods of one member share no day.
    pub async fn add_period(&self, visit: &Visit, member: MemberId, input: &PeriodInput) -> Result<(), ServiceError> {
        self.change_periods(visit, member, Deed::Add(input)).await
    }

    /// Lets another period stand in the place of one that was wrong. [`ServiceError::Changed`] where it stands no more.
    pub async fn correct_period(&self, visit: &Visit, member: MemberId, id: Uuid, input: &PeriodInput) -> Result<(), ServiceError> {
        self.change_periods(visit, member, Deed::Correct(id, input)).await
    }

    /// Lets a period that never was stand no more.
    pub async fn withdraw_period(&self, visit: &Visit, member: MemberId, id: Uuid) -> Result<(), ServiceError> {
        self.change_periods(visit, member, Deed::Withdraw(id)).await
    }

    async fn change_periods(&self, visit: &Visit, member: MemberId, deed: Deed<'_>) -> Result<(), ServiceError> {
        let record = self.store.member(member).await?.ok_or(ServiceError::NotFound)?;
        let audience = self.store.audience().await?;
        let (old, input, action) = match deed {
            Deed::Add(input) => (None, Some(input), "period-added"),
            Deed::Correct(id, input) => (Some(id), Some(input), "period-corrected"),
            Deed::Withdraw(id) => (Some(id), None, "period-withdrawn"),
        };
        let mut transaction = self.begin().await?;
        let standing = transaction.periods(member).await?;
        let replaced = match old {
            Some(id) => Some(standing.iter().find(|period| period.id == id).ok_or(ServiceError::Changed)?),
            None => None,
        };
        let new = input.map(|input| input.read(self.services.fresh_id(), &audience)).transpose()?;
        if let Some(new) = &new {
            let others = standing.iter().filter(|period| Some(period.id) != old);
            if others.into_iter().any(|other| other.overlaps(new)) {
                return Err(ServiceError::Invalid(vec![("begins".to_owned(), "members-period-overlaps")]));
            }
        }
        if let Some(id) = old {
            transaction.replace_period(member, id, new.as_ref().map(|new| new.id)).await?;
        }
        if let (Some(new), Some(input)) = (&new, input) {
            let draft = PeriodDraft { period: new.clone(), note: input.note.trim().to_owned(), by: self.by };
            transaction.add_period(member, &draft).await?;
        }
        let named = new.as_ref().or(replaced).map(|period| in_words(&record, period)).unwrap_or_default();
        self.finish_periods(visit, transaction, member, action, &named).await
    }

    /// Ends the membership with a last day: the period that holds it ends then, and those that were to come are withdrawn. Where
    /// no period holds it, the last one before is marked.
    pub async fn end_membership(&self, visit: &Visit, member: MemberId, last_day: &str, note: &str) -> Result<(), ServiceError> {
        let record = self.store.member(member).await?.ok_or(ServiceError::NotFound)?;
        let invalid = |field: &str, message| Err(ServiceError::Invalid(vec![(field.to_owned(), message)]));
        let last_day = match typed::date(last_day) {
            Ok(Some(day)) => day,
            Ok(None) => return invalid("last_day", "error-required"),
            Err(_) => return invalid("last_day", "misfit-date"),
        };
        if note.chars().count() > LONGEST_NOTE {
            return invalid("leave_note", "forms-text-too-long");
        }
        let mut transaction = self.begin().await?;
        let standing = transaction.periods(member).await?;
        let Some(last) = standing.iter().filter(|period| period.begins <= last_day).max_by_key(|period| period.begins) else {
            return invalid("last_day", "members-leave-before-joining");
        };
        for later in standing.iter().filter(|period| period.begins > last_day) {
            transaction.replace_period(member, later.id, None).await?;
        }
        let ends = last.ends.map_or(last_day, |ends| ends.min(last_day));
        let period = Period { id: self.services.fresh_id(), ends: Some(ends), left: true, ..last.clone() };
        transaction.replace_period(member, last.id, Some(period.id)).await?;
        let draft = PeriodDraft { period: period.clone(), note: note.trim().to_owned(), by: self.by };
        transaction.add_period(member, &draft).await?;
        self.finish_periods(visit, transaction, member, "membership-ended", &in_words(&record, &period)).await
    }

    async fn finish_periods(
        &self,
        visit: &Visit,
        mut transaction: ChangeTransaction,
        member: MemberId,
        action: &str,
        detail: &str,
    ) -> Result<(), ServiceError> {
        let types = transaction.current_member_types().await?;
        transaction.refresh_standing(member, self.services.today(visit), &types).await?;
        self.record(&transaction, action, format!("member:{member}"), detail).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// For the record of what staff did: `H-0001 2026-04-01/2027-03-31`, an interval as ISO 8601 writes it.
fn in_words(member: &Member, period: &Period) -> String {
    let ends = period.ends.map_or_else(|| "..".to_owned(), |ends| ends.to_string());
    format!("{} {}/{ends}", member.number, period.begins)
}

#[cfg(test)]
#[path = "periods_tests.rs"]
mod tests;
