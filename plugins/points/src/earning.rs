//! What others tell: each occasion is noted, and granted for by every rule that is on. A refund takes points back.

use crate::book;
use crate::model::{Bill, CREDITS, Campaign, Credit, HEARD, Heard, Lot, Occasion, Rule, Source, TALLIES, Tally};
use crate::purse::{Grant, Moment, Note, Purse, due_back};
use crate::rules::unit_of;
use crate::spending;
use serde::Deserialize;
use tsudoi_plugin::{Document, Error, Event, Failure, Id, Query, Timestamp, context, members};

/// More rules than these would be a science of their own.
pub const MOST_RULES: u32 = 50;

/// What an event says, as far as rules ask.
struct Told {
    member: Id,
    occasion: Occasion,
    /// What can be granted for once: the event, or what it is about.
    subject: String,
    invoice: Option<Invoice>,
}

#[derive(Debug, Clone, Deserialize)]
struct Invoice {
    invoice: Id,
    /// Nobody, where the member was erased.
    member: Option<Id>,
    total: i64,
    currency: String,
}

#[derive(Deserialize)]
struct Refund {
    invoice: Id,
    member: Option<Id>,
    #[serde(rename = "credit-note")]
    credit_note: Id,
    amount: i64,
}

/// Who it was, by the word of whoever tells.
#[derive(Deserialize)]
struct Who {
    #[serde(alias = "author")]
    member: Option<Id>,
}

pub fn hear(event: &Event) -> Result<(), Failure> {
    match event.topic.as_str() {
        "invoice.refunded" => take_back(&event.read()?),
        "invoice.paid" => {
            let mut invoice: Invoice = event.read()?;
            let Some(member) = invoice.member.clone() else { return Ok(()) };
            let subject = invoice.invoice.to_string();
            // What was taken back before was never paid.
            invoice.total -= CREDITS.get(&invoice.invoice)?.map_or(0, |credit| credit.body.amount);
            note_and_grant(event, Told { member, occasion: Occasion::Paid, subject, invoice: Some(invoice) })
        }
        "member.joined" => by_somebody(event, Occasion::Joined),
        "event-tasks.attended" => by_somebody(event, Occasion::Attended),
        "fan-board.posted" => by_somebody(event, Occasion::Posted),
        _ => Ok(()),
    }
}

/// Nothing where staff who are no members did it.
fn by_somebody(event: &Event, occasion: Occasion) -> Result<(), Failure> {
    let Who { member: Some(member) } = event.read()? else { return Ok(()) };
    let subject = if occasion == Occasion::Joined { member.to_string() } else { event.id.to_string() };
    note_and_grant(event, Told { member, occasion, subject, invoice: None })
}

fn note_and_grant(event: &Event, told: Told) -> Result<(), Failure> {
    let Some(member) = members::get(std::slice::from_ref(&told.member))?.into_iter().flatten().next() else { return Ok(()) };
    let Moment { at, on } = book::moment()?;
    let unit = told.invoice.as_ref().map_or(1, |invoice| unit_of(&invoice.currency));
    // What was paid with points earns none.
    let cash = |invoice: &Invoice| Ok::<_, Failure>(invoice.total - spending::paid_of(&invoice.invoice)?);
    let total = told.invoice.as_ref().map(cash).transpose()?;
    let heard = Heard { member: member.id, occasion: told.occasion, total, unit, tier: member.tier, on, at };
    HEARD.insert(&heard)?;

    let mut grants = Vec::new();
    for rule in Rule::LISTENING.equal(told.occasion).equal(true).limit(MOST_RULES).page()?.documents {
        let counts = rule.body.is_in_time(on) && !rule.body.validity.is_over(on);
        let award = if counts { rule.body.award(&heard) } else { 0 };
        let once = format!("{}:{}:{}", rule.id, event.topic, told.subject);
        if award == 0 || Lot::ONCE.equal(&once).first()?.is_some() || is_full(&rule, &heard)? {
            continue;
        }
        grants.extend(campaign_grants(event, &told, &rule.id, award, &heard)?);
        grants.push(Grant {
            points: award,
            limited: rule.body.limited,
            reason: rule.body.name,
            expires_on: rule.body.validity.last_day(on),
            source: source(event, &told, rule.id, once),
            ..Grant::default()
        });
    }
    if grants.is_empty() {
        return Ok(());
    }
    let mut purse = book::open(&heard.member, 0)?;
    for grant in grants.into_iter().rev() {
        purse.grant(&mut context::new_id, grant);
    }
    book::keep(purse)
}

/// Whether the rule has granted to this member as often as it may.
fn is_full(rule: &Document<Rule>, heard: &Heard) -> Result<bool, Error> {
    let granted = Lot::COUNTED.equal(&rule.id).equal(&heard.member);
    let reached = |query: Query<Lot>, most: Option<u32>| match most {
        Some(most) => Ok::<_, Error>(query.count(most)? >= most),
        None => Ok(false),
    };
    Ok(reached(granted.clone().equal(heard.on), rule.body.per_day)? || reached(granted, rule.body.per_member)?)
}

fn source(event: &Event, told: &Told, rule: Id, once: String) -> Source {
    Source {
        rule: Some(rule),
        topic: Some(event.topic.clone()),
        event: Some(event.id.clone()),
        once: Some(once),
        about: told.invoice.as_ref().map(|invoice| invoice.invoice.to_string()),
        bill: told.invoice.as_ref().map(|invoice| Bill { total: invoice.total, refunded: 0, taken: 0 }),
    }
}

/// What campaigns that run today put on top, each within its cap.
fn campaign_grants(event: &Event, told: &Told, rule: &Id, award: i64, heard: &Heard) -> Result<Vec<Grant>, Failure> {
    let mut grants = Vec::new();
    for Document { id, body: campaign, .. } in Campaign::RUNNING.equal(true).from(heard.on).limit(MOST_RULES).page()?.documents {
        let counts = campaign.is_in_time(heard.on) && !campaign.validity.is_over(heard.on);
        let extra = if counts { campaign.extra(rule, award, heard) } else { 0 };
        let points = within_cap(&id, &campaign, extra)?;
        if points > 0 {
            let once = format!("{id}:{rule}:{}:{}", event.topic, told.subject);
            let expires_on = campaign.validity.last_day(heard.on);
            let source = source(event, told, id, once);
            grants.push(Grant { points, limited: campaign.limited, reason: campaign.name, expires_on, source, ..Grant::default() });
        }
    }
    Ok(grants)
}

fn within_cap(id: &Id, campaign: &Campaign, points: i64) -> Result<i64, Failure> {
    let Some(cap) = campaign.cap.filter(|_| points > 0) else { return Ok(points) };
    let granted = TALLIES.get(id)?.map_or(0, |tally| tally.body.granted);
    let points = points.min(cap - granted).max(0);
    if points > 0 {
        TALLIES.put(id, &Tally { granted: granted + points })?;
    }
    Ok(points)
}

/// Points for a payment go as far as the payment was refunded.
fn take_back(refund: &Refund) -> Result<(), Failure> {
    let Some(member) = &refund.member else { return Ok(()) };
    if !note_credit(member, refund)? || !context::setting::<bool>("take-back")? {
        return Ok(());
    }
    let lots = Lot::ABOUT.equal(&refund.invoice).limit(MOST_RULES * 2).page()?.documents;
    let lots: Vec<_> = lots.into_iter().filter(|lot| lot.body.member.as_ref() == Some(member)).collect();
    let Some(reason) = lots.first().and_then(|lot| lot.body.reason.clone()) else { return Ok(()) };
    let wanted: Vec<(Id, i64)> = lots.iter().map(|lot| (lot.id.clone(), due_back(&lot.body, refund.amount))).collect();
    let all = wanted.iter().map(|(_, points)| points).sum();
    let mut purse = book::open(member, all)?;
    book::bring(&mut purse, &lots.into_iter().map(|lot| lot.id).collect::<Vec<_>>())?;
    note_refund(&mut purse, refund, &wanted);
    purse.take_back(&mut context::new_id, &wanted, Note { reason: Some(reason), ..Note::default() });
    book::keep(purse)
}

/// Whether the credit note is one that was not heard of before.
fn note_credit(member: &Id, refund: &Refund) -> Result<bool, Failure> {
    let known = CREDITS.get(&refund.invoice)?.map(|credit| credit.body);
    let mut credit = known.unwrap_or_else(|| Credit { member: member.clone(), amount: 0, notes: Vec::new() });
    if credit.notes.contains(&refund.credit_note) {
        return Ok(false);
    }
    credit.amount += refund.amount;
    credit.notes.push(refund.credit_note.clone());
    CREDITS.put(&refund.invoice, &credit)?;
    Ok(true)
}

fn note_refund(purse: &mut Purse, refund: &Refund, wanted: &[(Id, i64)]) {
    for held in &mut purse.held {
        let taken = wanted.iter().find(|(id, _)| *id == held.id).map(|(_, points)| *points);
        if let (Some(taken), Some(bill)) = (taken, &mut held.lot.source.bill) {
            bill.refunded += refund.amount;
            bill.taken += taken;
            held.changed = true;
        }
    }
}

/// Forgets what is too old for trying rules out; whether there is more.
pub fn forget(before: Timestamp) -> Result<bool, Failure> {
    let page = Heard::BY_AGE.query().before(before).limit(500).page()?;
    for heard in &page.documents {
        HEARD.delete(&heard.id)?;
    }
    Ok(page.next.is_some())
}
