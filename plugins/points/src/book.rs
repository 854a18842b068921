//! Members' purses as the host keeps them: what an operation needs is read, and what it changed is written, told to others
//! and counted for ranks, all in one call.

use crate::dates;
use crate::model::{ACCOUNTS, Account, ENTRIES, Entry, Kind, LOTS, Lot, NEVER};
use crate::purse::{Held, Moment, Purse};
use crate::{paging, ranks};
use serde_json::json;
use tsudoi_plugin::{Document, Error, Failure, Id, context, events};

/// Open lots that one operation can change, and lots that have expired by then: a call writes a thousand documents at most.
pub const MOST_LOTS: usize = 500;
pub const MOST_OVERDUE: u32 = 400;

const AT_ONCE: u32 = 100;

pub fn moment() -> Result<Moment, Failure> {
    Ok(Moment { at: context::now(), on: dates::today()? })
}

/// The member's purse, with as many open lots as hold `need` points. What has expired is entered first.
pub fn open(member: &Id, need: i64) -> Result<Purse, Failure> {
    let moment = moment()?;
    let account = ACCOUNTS.get(member)?.map_or_else(|| Account::of(member.clone()), |found| found.body);
    let mut held = Vec::new();
    if account.is_overdue(moment.on) {
        held = Lot::OPEN.equal(member).before(moment.on).limit(MOST_OVERDUE).page()?.documents.into_iter().map(held_of).collect();
    }
    let mut purse = Purse::new(account, held, moment);
    purse.lapse(&mut context::new_id);
    purse.held.extend(open_lots(member, &moment, need)?);
    Ok(purse)
}

fn open_lots(member: &Id, moment: &Moment, need: i64) -> Result<Vec<Held>, Failure> {
    let (mut lots, mut there, mut cursor) = (Vec::new(), 0, None::<String>);
    while there < need && lots.len() < MOST_LOTS {
        let page = Lot::OPEN.equal(member).from(moment.on).limit(AT_ONCE).cursor(cursor.as_deref()).page()?;
        there += page.documents.iter().map(|lot| lot.body.left).sum::<i64>();
        lots.extend(page.documents.into_iter().map(held_of));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(lots)
}

/// Brings these lots too, open or not, where they are the member's and not there yet.
pub fn bring(purse: &mut Purse, ids: &[Id]) -> Result<(), Failure> {
    let missing: Vec<Id> = ids.iter().filter(|id| purse.held.iter().all(|held| held.id != **id)).cloned().collect();
    let found = LOTS.get_many(&missing)?.into_iter().flatten();
    let member = purse.account.member.clone();
    purse.held.extend(found.filter(|lot| lot.body.member.as_ref() == Some(&member)).map(held_of));
    Ok(())
}

fn held_of(lot: Document<Lot>) -> Held {
    Held::new(lot.id, lot.body)
}

/// Keeps what changed, and tells of it.
pub fn keep(mut purse: Purse) -> Result<(), Failure> {
    for held in purse.held.iter().filter(|held| held.changed) {
        LOTS.put(&held.id, &held.lot)?;
    }
    if purse.entries.is_empty() {
        return Ok(());
    }
    for (id, entry) in &purse.entries {
        ENTRIES.put(id, entry)?;
        tell(id, entry)?;
    }
    if purse.held.iter().any(|held| held.changed && held.lot.left == 0) {
        let first = Lot::OPEN.equal(&purse.account.member).first()?;
        purse.account.next_expiry = first.and_then(|lot| lot.body.expires_on);
    }
    ACCOUNTS.put(&purse.account.member, &purse.account)?;
    if purse.entries.iter().any(|(_, entry)| entry.kind == Kind::Granted) {
        ranks::raise(&purse.account.member, purse.earned())?;
    }
    Ok(())
}

fn tell(id: &Id, entry: &Entry) -> Result<(), Failure> {
    let topic = match entry.kind {
        Kind::Granted => "granted",
        Kind::Spent => "spent",
        Kind::Expired => "expired",
        Kind::Adjusted | Kind::GivenBack | Kind::TakenBack => return Ok(()),
    };
    let Some(member) = &entry.member else { return Ok(()) };
    let payload = json!({
        "member": member, "points": entry.points.abs(), "balance": entry.balance, "reason": entry.reason, "entry": id,
    });
    unless_left_out(events::emit(topic, member.as_str(), &payload))
}

/// What staff did not allow is done without.
pub fn unless_left_out(outcome: Result<(), Error>) -> Result<(), Failure> {
    match outcome {
        Err(error) if error.is(Error::NOT_GRANTED) => Ok(()),
        other => Ok(other?),
    }
}

/// What a member has today. Points that expired since the last entry are left out, in queries too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Balance {
    pub all: i64,
    pub limited: i64,
    pub paid: i64,
}

pub fn balance(account: &Account) -> Result<Balance, Failure> {
    let mut balance = Balance { all: account.balance, limited: account.limited, paid: account.paid };
    let today = dates::today()?;
    if account.is_overdue(today) {
        for lot in paging::all(&Lot::OPEN.equal(&account.member).before(today))? {
            balance.all -= lot.body.left;
            balance.limited -= if lot.body.limited { lot.body.left } else { 0 };
            balance.paid -= if lot.body.paid { lot.body.left } else { 0 };
        }
    }
    Ok(balance)
}

/// Lots that are read at once for what expires next.
const LOTS_AHEAD: u32 = 30;

/// Points of a member that expire together.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub struct Expiry {
    pub on: dates::Date,
    pub points: i64,
    /// All of them limited-time.
    pub limited: bool,
}

/// What expires next, by day and kind, as far as one look goes: but all of the first day.
pub fn expiries(member: &Id) -> Result<Vec<Expiry>, Failure> {
    let query = Lot::OPEN.equal(member).from(dates::today()?).before(NEVER).limit(LOTS_AHEAD);
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = query.clone().cursor(cursor.as_deref()).page()?;
        page.documents.into_iter().for_each(|lot| add(&mut all, &lot.body));
        cursor = page.next;
        let last = all.last().map(|expiry| expiry.on);
        if cursor.is_none() {
            return Ok(all);
        }
        if all.first().map(|expiry| expiry.on) != last {
            // There may be more of the last day.
            all.retain(|expiry| Some(expiry.on) != last);
            return Ok(all);
        }
    }
}

fn add(all: &mut Vec<Expiry>, lot: &Lot) {
    let Some(on) = lot.expires_on else { return };
    match all.iter_mut().find(|known| known.on == on && known.limited == lot.limited) {
        Some(known) => known.points += lot.left,
        None => all.push(Expiry { on, points: lot.left, limited: lot.limited }),
    }
}
