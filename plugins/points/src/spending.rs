//! Spending for a reference, such as an invoice, and giving back by it: each once, however often it is asked for.

use crate::book;
use crate::model::{ENTRIES, Entry, Kind};
use crate::paging;
use crate::purse::{self, Late, Note, Short};
use tsudoi_plugin::{Document, Failure, Id, context};

/// Why points were not spent or given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// So many are there.
    Short(i64),
    /// So many can be spent at once, in a member's many small lots; there are more.
    Pieces(i64),
    /// The reference stands for something else already.
    Taken,
    /// Less of it is left to give back.
    TooMuch(i64),
}

/// What points are spent for.
pub struct Purpose {
    pub reference: String,
    pub reason: String,
    /// An invoice, and what of it the points are worth.
    pub invoice: Option<(Id, i64)>,
}

/// Takes points from a member for a reference, or answers the entry by which that was done before.
pub fn spend(member: &Id, points: i64, purpose: Purpose) -> Result<Result<Id, Refusal>, Failure> {
    let once = once(&purpose.reference);
    if let Some(earlier) = Entry::ONCE.equal(&once).first()? {
        return Ok(repeated(earlier, member, -points));
    }
    let mut purse = book::open(member, points)?;
    let (invoice, worth) = purpose.invoice.unzip();
    let note = Note { reason: Some(purpose.reason), once: Some(once), invoice, worth, ..Note::default() };
    let taken = purse.take(&mut context::new_id, Kind::Spent, points, note);
    let balance = purse.account.balance;
    match taken {
        Ok(entry) => {
            book::keep(purse)?;
            Ok(Ok(entry))
        }
        Err(Short(there)) if there < balance => Ok(Err(Refusal::Pieces(there))),
        Err(Short(there)) => Ok(Err(Refusal::Short(there))),
    }
}

/// The same asked for again is done already; something else under its name is not.
fn repeated(earlier: Document<Entry>, member: &Id, points: i64) -> Result<Id, Refusal> {
    let is_same = earlier.body.member.as_ref() == Some(member) && earlier.body.points == points;
    if is_same { Ok(earlier.id) } else { Err(Refusal::Taken) }
}

/// What of a spending can still be given back.
pub fn open_part(spent: &Document<Entry>) -> Result<i64, Failure> {
    Ok(purse::still_open(&spent.body, &given_back(&spent.id)?).iter().map(|touch| touch.points).sum())
}

fn given_back(spent: &Id) -> Result<Vec<Entry>, Failure> {
    Ok(paging::all(&Entry::GIVING_BACK.equal(spent))?.into_iter().map(|entry| entry.body).collect())
}

/// Gives back so many points of what an entry spent; `key` names this one giving back.
pub fn give_back(spent: &Document<Entry>, points: i64, key: &str, reason: String) -> Result<Result<Id, Refusal>, Failure> {
    let Some(member) = spent.body.member.clone().filter(|_| spent.body.kind == Kind::Spent) else { return Err(Failure::NotFound) };
    let once = format!("give-back:{key}");
    if let Some(earlier) = Entry::ONCE.equal(&once).first()? {
        return Ok(if earlier.body.gives_back.as_ref() == Some(&spent.id) { Ok(earlier.id) } else { Err(Refusal::Taken) });
    }
    let open = purse::still_open(&spent.body, &given_back(&spent.id)?);
    let there: i64 = open.iter().map(|touch| touch.points).sum();
    if points > there || points < 1 {
        return Ok(Err(Refusal::TooMuch(there)));
    }
    let late = Late { days: context::setting("late-days")?, is_paid_declared: context::setting("paid-declared")? };
    let mut purse = book::open(&member, 0)?;
    let lots: Vec<Id> = open.iter().map(|touch| touch.lot.clone()).collect();
    book::bring(&mut purse, &lots)?;
    let note = Note { reason: Some(reason), once: Some(once), gives_back: Some(spent.id.clone()), ..Note::default() };
    let entry = purse.give_back(&mut context::new_id, &open, points, late, note);
    book::keep(purse)?;
    Ok(Ok(entry))
}

fn once(reference: &str) -> String {
    format!("spend:{reference}")
}

/// The entry by which points were spent for a reference.
pub fn of_reference(reference: &str) -> Result<Option<Document<Entry>>, Failure> {
    Ok(Entry::ONCE.equal(once(reference)).first()?)
}

/// What of an invoice was paid with points, in the currency's smallest unit.
pub fn paid_of(invoice: &Id) -> Result<i64, Failure> {
    Ok(paging::all(&Entry::FOR_INVOICE.equal(invoice))?.iter().filter_map(|entry| entry.body.worth).sum())
}

/// The entry of a path.
pub fn entry(id: &Id) -> Result<Document<Entry>, Failure> {
    ENTRIES.require(id)
}
