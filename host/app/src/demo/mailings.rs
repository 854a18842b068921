//! The demo's mailings: those that went out, each at its time, and those that are going to.

use super::content::{Content, MailingEntry};
use super::dates;
use crate::ports::ManualClock;
use anyhow::{Context, bail};
use chrono::{Days, NaiveDate};
use tsudoi_kernel::{Locale, Timestamp};
use tsudoi_services::Services;
use tsudoi_services::mail::{MailPace, Outlet};
use tsudoi_services::mailings::{MailingInput, When};
use tsudoi_services::pages::GateInput;
use tsudoi_services::visits::Visit;

pub async fn tell(
    services: &Services,
    clock: &ManualClock,
    content: &Content,
    visit: &Visit,
    now: Timestamp,
    today: NaiveDate,
) -> anyhow::Result<()> {
    for entry in &content.mailings {
        one(services, clock, entry, visit, now, today).await.with_context(|| entry.subject.get(visit.locale).to_owned())?;
    }
    clock.set(now);
    Ok(())
}

async fn one(
    services: &Services,
    clock: &ManualClock,
    entry: &MailingEntry,
    visit: &Visit,
    now: Timestamp,
    today: NaiveDate,
) -> anyhow::Result<()> {
    let mut input = MailingInput { gate: GateInput::from(&entry.gate), ..MailingInput::begun() };
    for (at, locale) in Locale::ALL.into_iter().enumerate() {
        input.subject[at] = entry.subject.0.get(&locale).cloned().unwrap_or_default();
        input.text[at] = dates::fill(entry.text.0.get(&locale).map_or("", String::as_str), today, locale)?;
    }
    let (day, is_over) = match (entry.days_ago, entry.in_days) {
        (Some(days), None) => (today.checked_sub_days(Days::new(u64::from(days))), true),
        (None, Some(days)) => (today.checked_add_days(Days::new(u64::from(days))), false),
        _ => bail!("one of days_ago and in_days is needed"),
    };
    let date = day.context("too far away")?.to_string();
    let zone = &visit.organisation.time_zone;
    let at = tsudoi_kernel::time::local_instant(&date, &entry.at, zone).with_context(|| format!("{date} {}", entry.at))?;
    // Written the day before, or just now.
    clock.set(if is_over { at.plus_seconds(-24 * 60 * 60) } else { now });
    let editor = services.editor_of(visit.organisation.id, None);
    let id = editor.save_mailing(visit, None, "", &input).await?;
    let seen = services.mailing_state(&services.mailing(visit, id).await?)?;
    editor.schedule_mailing(visit, id, &seen, &When::At { date, time: entry.at.clone() }).await?;
    if is_over {
        clock.set(at);
        while services.carry_on_mailings().await? > 0 {}
        clock.set(at.plus_seconds(60));
        services.deliver_mails(Outlet::Inbox, MailPace { at_once: 8, per_second: 0 }).await?;
        services.carry_on_mailings().await?;
    }
    Ok(())
}
