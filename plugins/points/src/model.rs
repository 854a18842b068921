//! What the plugin keeps: the documents of each collection that `plugin.toml` declares.

use crate::dates::{Date, Validity};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use tsudoi_plugin::{Collection, Id, Timestamp};

pub const ACCOUNTS: Collection<Account> = Account::COLLECTION;
pub const LOTS: Collection<Lot> = Lot::COLLECTION;
pub const ENTRIES: Collection<Entry> = Entry::COLLECTION;
pub const RULES: Collection<Rule> = Rule::COLLECTION;
pub const CAMPAIGNS: Collection<Campaign> = Campaign::COLLECTION;
pub const TALLIES: Collection<Tally> = Tally::COLLECTION;
pub const CREDITS: Collection<Credit> = Credit::COLLECTION;
pub const HEARD: Collection<Heard> = Heard::COLLECTION;
pub const DAYS: Collection<Day> = Day::COLLECTION;

/// Where points never expire, the lot is open until this: it sorts behind every date.
pub const NEVER: &str = "never";

/// A member's account. Its sums are those of the member's open lots and, by another way, of the member's entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("accounts")]
pub struct Account {
    pub member: Id,
    pub balance: i64,
    /// What of it is limited-time.
    pub limited: i64,
    /// What of it was paid for.
    pub paid: i64,
    /// How many entries there are; the next one gets the number behind.
    pub entries: u32,
    /// The last day of the open lot that expires first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_expiry: Option<Date>,
    /// Points earned on each of the last days that count for ranks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub earned: BTreeMap<Date, i64>,
}

impl Account {
    pub fn of(member: Id) -> Self {
        Self { member, balance: 0, limited: 0, paid: 0, entries: 0, next_expiry: None, earned: BTreeMap::new() }
    }

    /// Whether something in it has expired that no entry tells of yet.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.next_expiry.is_some_and(|last| last < today)
    }
}

/// Points that were granted together, and what is left of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("lots")]
pub struct Lot {
    #[serde(default, deserialize_with = "id")]
    pub member: Option<Id>,
    pub amount: i64,
    pub left: i64,
    pub paid: bool,
    pub limited: bool,
    /// The name of the rule or campaign, or what staff wrote.
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(flatten)]
    pub source: Source,
    pub granted_at: Timestamp,
    pub granted_on: Date,
    /// Valid through this day; `None`: for ever.
    pub expires_on: Option<Date>,
    /// `expires_on` or [`NEVER`], while something is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_until: Option<String>,
    /// `expires_on`, until the member was warned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unwarned_until: Option<Date>,
}

impl Lot {
    /// Keeps what the indexes stand on in step with what is left.
    pub fn refresh(&mut self) {
        self.open_until = (self.left > 0).then(|| self.expires_on.map_or_else(|| NEVER.to_owned(), |last| last.to_string()));
        if self.left == 0 {
            self.unwarned_until = None;
        }
    }

    pub fn is_over(&self, today: Date) -> bool {
        self.expires_on.is_some_and(|last| last < today)
    }
}

/// Why a lot was granted by itself; empty where staff granted it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The rule, or the campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Id>,
    /// The topic, and the id of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Id>,
    /// Rule and occasion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<String>,
    /// The invoice that was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill: Option<Bill>,
}

/// What became of the payment that a lot was granted for, in the currency's smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    pub total: i64,
    pub refunded: i64,
    /// Points of the lot that were taken back for it.
    pub taken: i64,
}

/// One line of a member's history. Entries are never changed; one of a member who was erased names nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("entries")]
pub struct Entry {
    #[serde(default, deserialize_with = "id")]
    pub member: Option<Id>,
    /// Counts up from 1 for each member.
    pub number: u32,
    pub kind: Kind,
    /// Below zero where points went.
    pub points: i64,
    /// The part that was paid for.
    pub paid: i64,
    /// Afterwards.
    pub balance: i64,
    #[serde(default)]
    pub reason: Option<String>,
    pub lots: Vec<Touch>,
    pub at: Timestamp,
    pub on: Date,
    /// The last day of what expired, or of what was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What can't come back, or be taken back, of what should.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost: i64,
    /// What it was for: no two entries have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<String>,
    /// The entry by which the points were spent that come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gives_back: Option<Id>,
    /// The invoice that was paid with points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Id>,
    /// What the points were worth then, in the currency's smallest unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Granted,
    Spent,
    Expired,
    /// By staff.
    Adjusted,
    /// Spent points that came back.
    GivenBack,
    /// Granted points that were taken back with the payment that they were for.
    TakenBack,
}

/// What an entry changed in one lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    pub lot: Id,
    pub points: i64,
    pub paid: bool,
    pub limited: bool,
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Occasion {
    Joined,
    Paid,
    Attended,
    Posted,
}

/// Who is given points, when and how many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("rules")]
pub struct Rule {
    /// Members read it in their history.
    pub name: String,
    pub occasion: Occasion,
    pub points: i64,
    /// For each of these amounts of currency that were paid, in the unit that people say prices in; `None`: for the occasion.
    pub per: Option<i64>,
    pub per_day: Option<u32>,
    pub per_member: Option<u32>,
    pub validity: Validity,
    pub limited: bool,
    /// Empty: all.
    pub tiers: Vec<String>,
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub on: bool,
    pub made_at: Timestamp,
}

/// More of what rules grant, for some time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("campaigns")]
pub struct Campaign {
    pub name: String,
    /// Empty: all.
    pub rules: Vec<Id>,
    pub tiers: Vec<String>,
    pub from: Date,
    pub until: Date,
    /// Tenths: 20 is twice the points.
    pub times: i64,
    /// Points that it grants at most, to all together.
    pub cap: Option<i64>,
    pub validity: Validity,
    pub limited: bool,
    pub on: bool,
    pub made_at: Timestamp,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Collection)]
#[collection("tallies")]
pub struct Tally {
    pub granted: i64,
}

/// What was taken back of an invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("credits")]
pub struct Credit {
    pub member: Id,
    /// In the currency's smallest unit.
    pub amount: i64,
    /// The credit notes that it was taken back by.
    pub notes: Vec<Id>,
}

/// Something that happened, whether or not a rule was there for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("heard")]
pub struct Heard {
    pub member: Id,
    pub occasion: Occasion,
    /// Of an invoice, in the currency's smallest unit.
    pub total: Option<i64>,
    /// So many of those are one of the unit that people say prices in: 1 of the yen, 100 of most.
    pub unit: i64,
    /// The member's then.
    pub tier: Option<String>,
    pub on: Date,
    pub at: Timestamp,
}

/// The sums of one day, and what was outstanding at its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("days")]
pub struct Day {
    pub on: Date,
    pub free: Sums,
    pub paid: Sums,
    pub free_outstanding: i64,
    pub paid_outstanding: i64,
}

/// How points moved; those that went are below zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    pub granted: i64,
    pub given_back: i64,
    pub added: i64,
    pub removed: i64,
    pub spent: i64,
    pub taken_back: i64,
    pub expired: i64,
}

impl Sums {
    pub fn all(self) -> i64 {
        self.granted + self.given_back + self.added + self.removed + self.spent + self.taken_back + self.expired
    }

    pub fn add(&mut self, kind: Kind, points: i64) {
        *match kind {
            Kind::Granted => &mut self.granted,
            Kind::GivenBack => &mut self.given_back,
            Kind::Adjusted if points > 0 => &mut self.added,
            Kind::Adjusted => &mut self.removed,
            Kind::Spent => &mut self.spent,
            Kind::TakenBack => &mut self.taken_back,
            Kind::Expired => &mut self.expired,
        } += points;
    }

    pub fn merge(&mut self, other: Self) {
        self.granted += other.granted;
        self.given_back += other.given_back;
        self.added += other.added;
        self.removed += other.removed;
        self.spent += other.spent;
        self.taken_back += other.taken_back;
        self.expired += other.expired;
    }
}

impl Day {
    /// A day on which nothing happened yet, behind one with this much outstanding.
    pub fn after(before: Option<&Self>, on: Date) -> Self {
        let outstanding = |of: fn(&Self) -> i64| before.map_or(0, of);
        Self {
            on,
            free: Sums::default(),
            paid: Sums::default(),
            free_outstanding: outstanding(|day| day.free_outstanding),
            paid_outstanding: outstanding(|day| day.paid_outstanding),
        }
    }

    pub fn add(&mut self, entry: &Entry) {
        let free = entry.points - entry.paid;
        self.free.add(entry.kind, free);
        self.paid.add(entry.kind, entry.paid);
        self.free_outstanding += free;
        self.paid_outstanding += entry.paid;
    }
}

/// An emptied field names nobody.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Id>, D::Error> {
    let id = Option::<Id>::deserialize(deserializer)?;
    Ok(id.filter(|id| !id.as_str().is_empty()))
}
