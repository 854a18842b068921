//! What the plugin does by itself: points expire, members are warned, days are summed up, ranks are looked at.
//! Work for many members is done in steps, each a job of its own, so that none of them keeps others waiting.

use crate::book;
use crate::dates::{self, Date};
use crate::model::{ENTRIES, Entry, Kind, LOTS, Lot, Touch};
use crate::{days, earning, ranks};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use tsudoi_plugin::{Document, Error, Failure, Id, Job, When, context, jobs, notify};

/// Where a step goes on; a scheduled job begins at the beginning.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Step {
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    part: Option<days::Part>,
}

/// Lots that a step looks at; and lots after which it takes no further member, who may have [`book::MOST_OVERDUE`].
const STEP: u32 = 100;
const FULL: usize = 500;

/// How long what was heard is kept, in milliseconds.
const HEARD_FOR: u64 = 90 * 24 * 60 * 60 * 1_000;

pub fn run(job: &Job) -> Result<(), Failure> {
    let Step { cursor, part } = job.read()?;
    let again = match job.name.as_str() {
        "expire" => expire()?.then(Step::default),
        "warn" => warn()?.then(Step::default),
        "close-days" => match days::close(part)? {
            days::Next::Done => None,
            days::Next::Day => Some(Step::default()),
            days::Next::Part(part) => Some(Step { part: Some(*part), ..Step::default() }),
        },
        "tidy" => earning::forget(context::now().saturating_sub(HEARD_FOR))?.then(Step::default),
        "lower-ranks" => ranks::lower_some(cursor.as_deref())?.map(|next| Step { cursor: Some(next), ..Step::default() }),
        _ => return Err(Failure::NotFound),
    };
    if let Some(step) = again {
        jobs::enqueue(&job.name, &step, When::now().keyed("next"))?;
    }
    Ok(())
}

/// Enters what has expired, for the members of some lots; whether there is more.
fn expire() -> Result<bool, Failure> {
    let today = dates::today()?;
    let page = Lot::DUE.query().before(today).limit(STEP).page()?;
    let mut members: BTreeSet<Id> = page.documents.into_iter().filter_map(|lot| lot.body.member).collect();
    let mut lots = 0;
    while let Some(member) = members.pop_first().filter(|_| lots < FULL) {
        let purse = book::open(&member, 0)?;
        lots += purse.held.len();
        book::keep(purse)?;
    }
    // A step that found nothing to do is the last, whatever is wrong.
    let is_more = lots > 0 && (page.next.is_some() || lots >= FULL);
    Ok(forfeit(today)? || is_more)
}

/// What members who were erased had left goes, so that sums stay those of entries. Whether there is more.
fn forfeit(today: Date) -> Result<bool, Failure> {
    let page = Lot::OPEN.equal(None::<Id>).limit(STEP).page()?;
    if page.documents.is_empty() {
        return Ok(false);
    }
    let mut lots = Vec::new();
    for Document { id, body: mut lot, .. } in page.documents {
        lots.push(Touch { lot: id.clone(), points: -lot.left, paid: lot.paid, limited: lot.limited });
        lot.left = 0;
        lot.refresh();
        LOTS.put(&id, &lot)?;
    }
    let sum = |paid: bool| lots.iter().filter(|touch| touch.paid || !paid).map(|touch| touch.points).sum::<i64>();
    ENTRIES.insert(&Entry {
        member: None,
        number: 0,
        kind: Kind::Expired,
        points: sum(false),
        paid: sum(true),
        balance: 0,
        reason: None,
        lots,
        at: context::now(),
        on: today,
        until: None,
        lost: 0,
        once: None,
        gives_back: None,
        invoice: None,
        worth: None,
    })?;
    Ok(page.next.is_some())
}

/// Warns the members of some lots; whether there are more. A lot is told of once.
fn warn() -> Result<bool, Failure> {
    let days: u32 = context::setting("warn-days")?;
    if days == 0 {
        return Ok(false);
    }
    let today = dates::today()?;
    let last = dates::days_after(today, days);
    let page = Lot::UNWARNED.query().from(today).up_to(last).limit(STEP).page()?;
    let mut members: BTreeSet<Id> = page.documents.into_iter().filter_map(|lot| lot.body.member).collect();
    let mut lots = 0;
    while let Some(member) = members.pop_first().filter(|_| lots < FULL) {
        match warn_member(&member, today, last)? {
            Some(warned) => lots += warned,
            None => return Ok(false),
        }
    }
    Ok(lots > 0 && (page.next.is_some() || lots >= FULL))
}

/// One mail for all that expires by `last`; how many lots it is about, or `None` where mail is not allowed.
fn warn_member(member: &Id, today: Date, last: Date) -> Result<Option<usize>, Failure> {
    let unwarned = Lot::UNWARNED_OF.equal(member).from(today).up_to(last).limit(book::MOST_OVERDUE).page()?.documents;
    let points: i64 = unwarned.iter().map(|lot| lot.body.left).sum();
    let Some(first) = unwarned.iter().filter_map(|lot| lot.body.expires_on).min() else { return Ok(Some(0)) };
    match notify::members(std::slice::from_ref(member), "expiring", &json!({ "points": points, "first": first, "last": last })) {
        Err(error) if error.is(Error::NOT_GRANTED) => return Ok(None),
        sent => sent?,
    }
    let warned = unwarned.len();
    for Document { id, body: mut lot, .. } in unwarned {
        lot.unwarned_until = None;
        LOTS.put(&id, &lot)?;
    }
    Ok(Some(warned))
}
