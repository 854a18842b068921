//! Random histories of one member: grants, spendings, givings back, adjustments, refunds, and days that pass.

use crate::dates::{Date, days_after, paid_until, parse};
use crate::model::{Account, Entry, Kind, Lot, NEVER, Touch};
use crate::purse::{Grant, Held, Late, Moment, Note, Purse, Short, due_back, still_open};
use std::collections::BTreeMap;
use tsudoi_plugin::Id;

fn id(n: u64) -> Id {
    Id::parse(&format!("01890a5d-ac96-774b-bcce-{n:012x}")).unwrap_or_else(|_| panic!("an id"))
}

/// xorshift64*
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % sides
    }

    fn points(&mut self, most: u64) -> i64 {
        i64::try_from(self.roll(most)).unwrap() + 1
    }
}

/// What the host keeps.
struct World {
    dice: Dice,
    today: Date,
    at: u64,
    next_id: u64,
    account: Account,
    lots: BTreeMap<Id, Lot>,
    entries: Vec<(Id, Entry)>,
    late_days: u32,
    is_paid_declared: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let today = parse("2026-11-22").unwrap();
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let late_days = u32::try_from(dice.roll(3)).unwrap() * 10;
        let is_paid_declared = dice.roll(2) == 0;
        let account = Account::of(id(0));
        Self { dice, today, at: 0, next_id: 1, account, lots: BTreeMap::new(), entries: vec![], late_days, is_paid_declared }
    }

    /// As `book::open` and `book::keep` do it: what expired first, then as many open lots as are needed.
    fn act<T>(&mut self, need: i64, bring: &[Id], act: impl FnOnce(&mut Purse, &mut dyn FnMut() -> Id) -> T) -> T {
        self.at += 1;
        let mut next_id = self.next_id;
        let mut fresh = || {
            next_id += 1;
            id(next_id)
        };
        let mut open: Vec<_> =
            self.lots.iter().filter(|(_, lot)| lot.left > 0).map(|(id, lot)| Held::new(id.clone(), lot.clone())).collect();
        open.sort_by_key(|held| (held.lot.open_until.clone(), held.lot.paid, held.lot.granted_at, held.id.clone()));
        let (over, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|held| held.lot.is_over(self.today));
        let mut purse = Purse::new(self.account.clone(), over, Moment { at: self.at, on: self.today });
        purse.lapse(&mut fresh);
        let mut there = 0;
        for held in open {
            if there < need {
                there += held.lot.left;
                purse.held.push(held);
            }
        }
        for id in bring {
            if purse.held.iter().all(|held| held.id != *id) {
                purse.held.push(Held::new(id.clone(), self.lots[id].clone()));
            }
        }
        let outcome = act(&mut purse, &mut fresh);
        for held in purse.held.into_iter().filter(|held| held.changed) {
            self.lots.insert(held.id, held.lot);
        }
        self.entries.extend(purse.entries);
        self.account = purse.account;
        self.next_id = next_id;
        outcome
    }

    fn spend(&mut self, points: i64) {
        let before = self.visible();
        let expected = self.soonest(points);
        let taken = self.act(points, &[], |purse, mut fresh| purse.take(&mut fresh, Kind::Spent, points, Note::default()));
        match taken {
            Ok(entry) => {
                let entry = &self.entries.iter().find(|(id, _)| *id == entry).unwrap().1;
                assert!(points <= before);
                assert_eq!(entry.points, -points);
                assert_eq!(entry.lots, expected, "those that expire first go first");
            }
            Err(Short(there)) => assert!(there == before && points > before, "{there} of {before}"),
        }
    }

    /// What a spending has to take, found another way: point by point from the lot that expires first.
    fn soonest(&self, points: i64) -> Vec<Touch> {
        let mut open: Vec<_> = self.lots.iter().filter(|(_, lot)| lot.left > 0 && !lot.is_over(self.today)).collect();
        open.sort_by_key(|(id, lot)| (lot.expires_on.is_none(), lot.expires_on, lot.paid, lot.granted_at, (*id).clone()));
        let mut rest = points;
        let mut touches = vec![];
        for (id, lot) in open {
            let points = rest.min(lot.left);
            rest -= points;
            if points > 0 {
                touches.push(Touch { lot: id.clone(), points: -points, paid: lot.paid, limited: lot.limited });
            }
        }
        touches
    }

    fn visible(&self) -> i64 {
        self.lots.values().filter(|lot| !lot.is_over(self.today)).map(|lot| lot.left).sum()
    }

    fn some_spending(&mut self) -> Option<(Id, Entry)> {
        let all: Vec<_> = self.entries.iter().filter(|(_, entry)| entry.kind == Kind::Spent).cloned().collect();
        if all.is_empty() { None } else { Some(all[usize::try_from(self.dice.roll(all.len() as u64)).unwrap()].clone()) }
    }

    fn give_back(&mut self) {
        let Some((spent, entry)) = self.some_spending() else { return };
        let earlier: Vec<Entry> =
            self.entries.iter().filter(|(_, entry)| entry.gives_back.as_ref() == Some(&spent)).map(|(_, entry)| entry.clone()).collect();
        let open = still_open(&entry, &earlier);
        let there: i64 = open.iter().map(|touch| touch.points).sum();
        let returned: i64 = earlier.iter().map(|entry| entry.points + entry.lost).sum();
        assert_eq!(there, -entry.points - returned, "what was spent is open or came back");
        if there == 0 {
            return;
        }
        let points = if self.dice.roll(2) == 0 { there } else { self.dice.points(there.unsigned_abs()) };
        let lots: Vec<Id> = open.iter().map(|touch| touch.lot.clone()).collect();
        let before: BTreeMap<Id, Lot> = self.lots.clone();
        let (today, late_days) = (self.today, self.late_days);
        let late = Late { days: late_days, is_paid_declared: self.is_paid_declared };
        let note = Note { gives_back: Some(spent), ..Note::default() };
        let back = self.act(0, &lots, |purse, mut fresh| purse.give_back(&mut fresh, &open, points, late, note));
        let back = &self.entries.iter().find(|(id, _)| *id == back).unwrap().1;
        assert_eq!(back.points + back.lost, points);
        let is_bound = |touch: &Touch| touch.paid && !self.is_paid_declared;
        assert!(back.lost == 0 || late_days == 0 || open.iter().any(is_bound));
        for touch in &back.lots {
            let (was, is) = (&before[&touch.lot], &self.lots[&touch.lot]);
            assert!(open.iter().any(|open| open.lot == touch.lot && open.points >= touch.points), "no lot gets more than it gave");
            if was.is_over(today) && is_bound(touch) {
                assert!(is.expires_on.is_some_and(|last| last >= today && last <= paid_until(was.granted_on)), "{is:?}");
            } else if was.is_over(today) {
                assert_eq!(is.expires_on, Some(days_after(today, late_days - 1)));
            } else {
                assert_eq!(is.expires_on, was.expires_on, "the last day stays");
            }
        }
    }

    fn refund(&mut self) {
        let Some((lot, amount)) =
            self.lots.iter().find(|(_, lot)| lot.left > 0 && !lot.is_over(self.today)).map(|(id, lot)| (id.clone(), lot.amount))
        else {
            return;
        };
        let wanted = self.dice.points(amount.unsigned_abs());
        let before = self.visible();
        let lots = [(lot.clone(), wanted)];
        self.act(wanted, &[lot], |purse, mut fresh| purse.take_back(&mut fresh, &lots, Note::default()));
        let entry = &self.entries.last().unwrap().1;
        assert_eq!(-entry.points, wanted.min(before), "as far as there are any");
        assert_eq!(entry.lost, wanted + entry.points);
    }

    fn step(&mut self) {
        match self.dice.roll(10) {
            0..=3 => {
                let days = u32::try_from(self.dice.roll(40)).unwrap();
                let expires_on = (days > 4).then(|| days_after(self.today, days - 5));
                let (points, paid, limited) = (self.dice.points(100), self.dice.roll(4) == 0, self.dice.roll(3) == 0);
                let by_staff = self.dice.roll(3) == 0;
                let grant = Grant { points, paid, limited, expires_on, by_staff, reason: "特典".into(), ..Grant::default() };
                self.act(0, &[], |purse, mut fresh| purse.grant(&mut fresh, grant));
            }
            4 | 5 => {
                let points = self.dice.points(150);
                self.spend(points);
            }
            6 => {
                let points = self.dice.points(60);
                let _ = self.act(points, &[], |purse, mut fresh| purse.take(&mut fresh, Kind::Adjusted, points, Note::default()));
            }
            7 => self.give_back(),
            8 => self.refund(),
            _ => self.today = days_after(self.today, u32::try_from(self.dice.roll(15)).unwrap()),
        }
    }

    fn check(&self) {
        let account = &self.account;
        let sum = |of: &dyn Fn(&Lot) -> bool| self.lots.values().filter(|lot| of(lot)).map(|lot| lot.left).sum::<i64>();
        assert_eq!(account.balance, sum(&|_| true), "the balance is the sum of the lots");
        assert_eq!(account.paid, sum(&|lot| lot.paid));
        assert_eq!(account.limited, sum(&|lot| lot.limited));
        assert_eq!(account.balance, self.entries.iter().map(|(_, entry)| entry.points).sum::<i64>(), "and that of the entries");
        assert_eq!(account.paid, self.entries.iter().map(|(_, entry)| entry.paid).sum::<i64>());
        let mut balance = 0;
        for (number, (_, entry)) in (1..).zip(&self.entries) {
            balance += entry.points;
            assert_eq!((entry.number, entry.balance), (number, balance));
            assert!(entry.balance >= 0);
            assert_eq!(entry.points, entry.lots.iter().map(|touch| touch.points).sum::<i64>());
        }
        for lot in self.lots.values() {
            assert!(lot.left >= 0 && lot.left <= lot.amount, "{lot:?}");
            let until = lot.expires_on.map_or_else(|| NEVER.to_owned(), |last| last.to_string());
            assert_eq!(lot.open_until, (lot.left > 0).then_some(until));
        }
        let first = self.lots.values().filter(|lot| lot.left > 0).filter_map(|lot| lot.expires_on).min();
        assert!(first.is_none() || account.next_expiry.is_some_and(|next| Some(next) <= first), "an expiry is never overlooked");
    }
}

#[test]
fn sums_agree_and_nothing_is_below_zero_in_any_history() {
    let mut kinds: BTreeMap<Kind, u32> = BTreeMap::new();
    for seed in 1..=400 {
        let mut world = World::new(seed);
        for _ in 0..80 {
            world.step();
            world.check();
        }
        for (_, entry) in &world.entries {
            *kinds.entry(entry.kind).or_default() += 1;
        }
        // Once all that can expire has, an entry for each of it is there.
        world.today = days_after(world.today, 400);
        world.act(0, &[], |_, _| ());
        world.check();
        assert_eq!(world.account.balance, world.visible(), "seed {seed}");
    }
    assert!(kinds.len() == 6 && kinds.values().all(|count| *count > 300), "{kinds:?}");
}

/// A member who spent all of these lots (points, last day, paid for), and what gives back so many of the points on a later day.
fn given_back(lots: &[(i64, &str, bool)], points: i64, on: &str, late: Late) -> Vec<(i64, Option<Date>)> {
    let mut world = World::new(1);
    for (points, last, paid) in lots {
        let grant = Grant { points: *points, paid: *paid, expires_on: parse(last), ..Grant::default() };
        world.act(0, &[], |purse, mut fresh| purse.grant(&mut fresh, grant));
    }
    let all = lots.iter().map(|(points, _, _)| points).sum();
    world.act(all, &[], |purse, mut fresh| purse.take(&mut fresh, Kind::Spent, all, Note::default())).unwrap();
    let open = still_open(&world.entries.last().unwrap().1, &[]);
    let ids: Vec<Id> = open.iter().map(|touch| touch.lot.clone()).collect();
    world.today = parse(on).unwrap();
    world.act(0, &ids, |purse, mut fresh| purse.give_back(&mut fresh, &open, points, late, Note::default()));
    world.check();
    ids.iter().map(|id| (world.lots[id].left, world.lots[id].expires_on)).collect()
}

#[test]
fn points_that_are_good_for_longer_come_back_first() {
    let late = Late { days: 0, is_paid_declared: false };
    let lots = [(50, "2026-12-31", false), (50, "2027-03-31", false)];
    let back = given_back(&lots, 60, "2026-12-31", late);
    assert_eq!(back, [(10, parse("2026-12-31")), (50, parse("2027-03-31"))]);
}

#[test]
fn paid_points_never_come_back_for_longer_than_half_a_year_from_their_issue() {
    let lots = [(50, "2027-05-10", true)];
    let late = |is_paid_declared| Late { days: 30, is_paid_declared };
    assert_eq!(given_back(&lots, 50, "2027-05-15", late(false)), [(50, parse("2027-05-21"))]);
    assert_eq!(given_back(&lots, 50, "2027-05-15", late(true)), [(50, parse("2027-06-13"))]);
    assert_eq!(given_back(&lots, 50, "2027-05-22", late(false)), [(0, parse("2027-05-10"))], "lost");
}

#[test]
fn a_refund_in_parts_takes_back_the_same_as_one_of_the_whole() {
    let mut world = World::new(1);
    let bill = crate::model::Bill { total: 1_000, refunded: 0, taken: 0 };
    let source = crate::model::Source { bill: Some(bill), ..Default::default() };
    world.act(0, &[], |purse, mut fresh| purse.grant(&mut fresh, Grant { points: 7, source, ..Grant::default() }));
    let mut lot = world.lots.values().next().unwrap().clone();
    let mut taken = 0;
    for part in [333, 333, 334] {
        let due = due_back(&lot, part);
        taken += due;
        let bill = lot.source.bill.as_mut().unwrap();
        bill.refunded += part;
        bill.taken += due;
    }
    assert_eq!(taken, 7);
    assert_eq!(due_back(&lot, 500), 0, "more than all is not taken");
}

#[test]
fn points_of_the_last_twelve_months_count_for_ranks() {
    let mut world = World::new(1);
    let grant = |points, by_staff| Grant { points, by_staff, ..Grant::default() };
    world.act(0, &[], |purse, mut fresh| purse.grant(&mut fresh, grant(100, false)));
    world.act(0, &[], |purse, mut fresh| purse.grant(&mut fresh, grant(1_000, true)));
    world.today = parse("2027-11-21").unwrap();
    let earned = world.act(0, &[], |purse, mut fresh| {
        purse.grant(&mut fresh, grant(10, false));
        purse.earned()
    });
    assert_eq!(earned, 110, "a day less than a year later; what staff gave does not count");
    world.today = parse("2027-11-22").unwrap();
    assert_eq!(world.act(0, &[], |purse, _| purse.earned()), 10);
}
