//! What happens to a member's points, as plain rules over an account and its lots. Nothing here asks the host: `book` brings
//! the lots that an operation may need, and keeps what changed.
//!
//! After every operation the account's balance is the sum of its open lots and the sum of its entries, and no lot is below zero.

use crate::dates::{Date, days_after, paid_until, ranks_since};
use crate::model::{Account, Entry, Kind, Lot, Source, Touch};
use std::collections::BTreeMap;
use tsudoi_plugin::{Id, Timestamp};

/// When it happens.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub at: Timestamp,
    pub on: Date,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub id: Id,
    pub lot: Lot,
    pub changed: bool,
}

/// An account with lots of its member's: those that are open in the order in which they are spent, from the first on, as
/// far as the operation needs.
#[derive(Debug, Clone)]
pub struct Purse {
    pub account: Account,
    pub held: Vec<Held>,
    /// New ones.
    pub entries: Vec<(Id, Entry)>,
    moment: Moment,
}

/// Points that a member is given.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    pub points: i64,
    pub paid: bool,
    pub limited: bool,
    pub reason: String,
    pub expires_on: Option<Date>,
    pub source: Source,
    /// By staff; such points don't count for ranks.
    pub by_staff: bool,
}

/// What stands in an entry besides the points.
#[derive(Debug, Clone, Default)]
pub struct Note {
    pub reason: Option<String>,
    pub until: Option<Date>,
    pub lost: i64,
    pub once: Option<String>,
    pub gives_back: Option<Id>,
    pub invoice: Option<Id>,
    pub worth: Option<i64>,
}

/// What becomes of points whose last day has passed when they come back.
#[derive(Debug, Clone, Copy)]
pub struct Late {
    /// They are good for so many days, today included; 0: they are lost.
    pub days: u32,
    /// Points that were paid for may be valid for longer than the law lets others.
    pub is_paid_declared: bool,
}

impl Late {
    /// The new last day of such a lot, where there is one.
    fn last_day(self, lot: &Lot, today: Date) -> Option<Date> {
        let last = days_after(today, self.days.checked_sub(1)?);
        let last = if lot.paid && !self.is_paid_declared { last.min(paid_until(lot.granted_on)) } else { last };
        (last >= today).then_some(last)
    }
}

/// There are only so many points, fewer than were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short(pub i64);

impl Purse {
    pub fn new(account: Account, held: Vec<Held>, moment: Moment) -> Self {
        Self { account, held, entries: Vec::new(), moment }
    }

    /// Points whose last day has passed go, with an entry for each such day. Comes before anything else.
    pub fn lapse(&mut self, fresh: &mut impl FnMut() -> Id) {
        let mut over: BTreeMap<Option<Date>, Vec<Touch>> = BTreeMap::new();
        for held in self.held.iter_mut().filter(|held| held.lot.left > 0 && held.lot.is_over(self.moment.on)) {
            over.entry(held.lot.expires_on).or_default().push(held.change(-held.lot.left));
        }
        for (until, lots) in over {
            self.enter(fresh(), Kind::Expired, lots, Note { until, ..Note::default() });
        }
    }

    pub fn grant(&mut self, fresh: &mut impl FnMut() -> Id, grant: Grant) {
        let Grant { points, paid, limited, reason, expires_on, source, by_staff } = grant;
        let lot = Lot {
            member: Some(self.account.member.clone()),
            amount: points,
            left: 0,
            paid,
            limited,
            reason: Some(reason.clone()),
            source,
            granted_at: self.moment.at,
            granted_on: self.moment.on,
            expires_on,
            open_until: None,
            unwarned_until: None,
        };
        let mut held = Held::new(fresh(), lot);
        let touch = held.change(points);
        held.lot.unwarned_until = expires_on;
        self.account.next_expiry = sooner(self.account.next_expiry, expires_on);
        self.held.push(held);
        let kind = if by_staff { Kind::Adjusted } else { Kind::Granted };
        self.enter(fresh(), kind, vec![touch], Note { reason: Some(reason), until: expires_on, ..Note::default() });
    }

    /// Takes points, those that expire first before others: all that are asked for, or none.
    pub fn take(&mut self, fresh: &mut impl FnMut() -> Id, kind: Kind, points: i64, note: Note) -> Result<Id, Short> {
        let there = self.held.iter().map(|held| held.lot.left).sum();
        if points > there {
            return Err(Short(there));
        }
        let lots = self.drain(points);
        let entry = fresh();
        self.enter(entry.clone(), kind, lots, note);
        Ok(entry)
    }

    /// Takes back up to so many points of each of these lots; what is not left in them comes from others, as far as there are any.
    pub fn take_back(&mut self, fresh: &mut impl FnMut() -> Id, wanted: &[(Id, i64)], note: Note) {
        let mut lots = Vec::new();
        let mut open: i64 = wanted.iter().map(|(_, points)| points).sum();
        // Too little was refunded for a whole point.
        if open == 0 {
            return;
        }
        for (id, points) in wanted {
            if let Some(held) = self.held.iter_mut().find(|held| held.id == *id && held.lot.left > 0) {
                let points = held.lot.left.min(*points);
                open -= points;
                lots.push(held.change(-points));
            }
        }
        let others = self.drain(open);
        let lost = open + others.iter().map(|touch| touch.points).sum::<i64>();
        lots.extend(others);
        self.enter(fresh(), Kind::TakenBack, joined(lots), Note { lost, ..note });
    }

    /// Spent points come back into the lots that they were taken from, those with the latest last day first, and keep that day.
    pub fn give_back(&mut self, fresh: &mut impl FnMut() -> Id, open: &[Touch], points: i64, late: Late, note: Note) -> Id {
        let mut rest = points;
        let mut lost = 0;
        let mut lots = Vec::new();
        for touch in open.iter().rev() {
            let points = rest.min(touch.points);
            let Some(held) = self.held.iter_mut().find(|held| held.id == touch.lot).filter(|_| points > 0) else { continue };
            rest -= points;
            if held.lot.is_over(self.moment.on) {
                let Some(last) = late.last_day(&held.lot, self.moment.on) else {
                    lost += points;
                    continue;
                };
                held.lot.expires_on = Some(last);
            }
            if held.lot.left == 0 {
                held.lot.unwarned_until = held.lot.expires_on;
            }
            lots.push(held.change(points));
            self.account.next_expiry = sooner(self.account.next_expiry, held.lot.expires_on);
        }
        // Points of a lot that is there no more can't come back either.
        lost += rest;
        let entry = fresh();
        self.enter(entry.clone(), Kind::GivenBack, lots, Note { lost, ..note });
        entry
    }

    /// What was earned in the last twelve months.
    pub fn earned(&self) -> i64 {
        earned(&self.account, self.moment.on)
    }

    /// The open lots, in the order in which they are spent.
    fn drain(&mut self, points: i64) -> Vec<Touch> {
        self.held.sort_by(|one, other| one.rank().cmp(&other.rank()));
        let mut rest = points;
        let mut lots = Vec::new();
        for held in self.held.iter_mut().filter(|held| held.lot.left > 0) {
            if rest == 0 {
                break;
            }
            let points = held.lot.left.min(rest);
            rest -= points;
            lots.push(held.change(-points));
        }
        lots
    }

    fn enter(&mut self, id: Id, kind: Kind, lots: Vec<Touch>, note: Note) {
        let sum = |of: fn(&Touch) -> bool| lots.iter().filter(|touch| of(touch)).map(|touch| touch.points).sum::<i64>();
        let (points, paid) = (sum(|_| true), sum(|touch| touch.paid));
        let account = &mut self.account;
        account.balance += points;
        account.paid += paid;
        account.limited += sum(|touch| touch.limited);
        account.entries += 1;
        if matches!(kind, Kind::Granted | Kind::TakenBack) {
            *account.earned.entry(self.moment.on).or_default() += points;
            account.earned = account.earned.split_off(&ranks_since(self.moment.on));
        }
        let Note { reason, until, lost, once, gives_back, invoice, worth } = note;
        let (number, balance, Moment { at, on }) = (account.entries, account.balance, self.moment);
        let member = Some(account.member.clone());
        let entry =
            Entry { member, number, kind, points, paid, balance, reason, lots, at, on, until, lost, once, gives_back, invoice, worth };
        self.entries.push((id, entry));
    }
}

impl Held {
    pub fn new(id: Id, lot: Lot) -> Self {
        Self { id, lot, changed: false }
    }

    fn change(&mut self, points: i64) -> Touch {
        self.lot.left += points;
        self.lot.refresh();
        self.changed = true;
        Touch { lot: self.id.clone(), points, paid: self.lot.paid, limited: self.lot.limited }
    }

    /// As the index `open` of `plugin.toml` sorts them.
    fn rank(&self) -> (Option<&str>, bool, Timestamp, &Id) {
        (self.lot.open_until.as_deref(), self.lot.paid, self.lot.granted_at, &self.id)
    }
}

pub fn earned(account: &Account, today: Date) -> i64 {
    let since = ranks_since(today);
    account.earned.iter().filter(|(day, _)| **day > since).map(|(_, points)| points).sum()
}

fn sooner(one: Option<Date>, other: Option<Date>) -> Option<Date> {
    one.into_iter().chain(other).min()
}

/// Where a lot was touched twice, once.
fn joined(lots: Vec<Touch>) -> Vec<Touch> {
    let mut all: Vec<Touch> = Vec::new();
    for touch in lots {
        match all.iter_mut().find(|known| known.lot == touch.lot) {
            Some(known) => known.points += touch.points,
            None => all.push(touch),
        }
    }
    all
}

/// What is still to come back of what was spent, lot by lot, after entries that gave some of it back.
pub fn still_open(spent: &Entry, given_back: &[Entry]) -> Vec<Touch> {
    let mut open: Vec<Touch> = spent.lots.iter().map(|touch| Touch { points: -touch.points, ..touch.clone() }).collect();
    for touch in given_back.iter().flat_map(|entry| &entry.lots) {
        if let Some(known) = open.iter_mut().find(|known| known.lot == touch.lot) {
            known.points -= touch.points;
        }
    }
    // What was lost earlier does not come back by asking again.
    let mut lost: i64 = given_back.iter().map(|entry| entry.lost).sum();
    for touch in open.iter_mut().rev() {
        let gone = touch.points.min(lost);
        touch.points -= gone;
        lost -= gone;
    }
    open.retain(|touch| touch.points > 0);
    open
}

/// Points of a lot that are to be taken back now that so much of its payment was refunded: in all as large a part of the lot.
pub fn due_back(lot: &Lot, refunded: i64) -> i64 {
    let Some(bill) = lot.source.bill.filter(|bill| bill.total > 0) else { return 0 };
    let refunded = i128::from((bill.refunded + refunded).clamp(0, bill.total));
    let due = i128::from(lot.amount) * refunded / i128::from(bill.total);
    (i64::try_from(due).unwrap_or(lot.amount) - bill.taken).max(0)
}
