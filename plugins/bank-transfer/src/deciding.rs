//! One line, and what staff decide about it: an invoice, set aside with a reason, or back to those that wait.

use crate::gateway::CURRENCY;
use crate::kana;
use crate::lines::Row;
use crate::matching::{Doubt, Fit, NameFit, Open, Rule, Transfer};
use crate::model::{Fate, Line};
use crate::routes::Show;
use crate::unpaid::{self, Unpaid};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use tsudoi_plugin::payments::{self, Outcome};
use tsudoi_plugin::receivables::Receivable;
use tsudoi_plugin::{Document, Error, Failure, FieldErrors, Id, Money, Reply, Request, Routes, View, context, invoices};

/// Invoices that a line's page shows.
const MOST_SHOWN: usize = 20;

/// Letters of a reason.
const MOST_REASON: usize = 200;

/// An invoice that the line may be for.
#[derive(Serialize)]
struct Candidate<'a> {
    invoice: &'a Id,
    number: &'a str,
    amount: i64,
    due_on: Option<&'a str>,
    name: Option<&'a str>,
    reading: Option<&'a str>,
    member_number: Option<&'a str>,
    fits_number: bool,
    name_fit: NameFit,
    /// What the line has more than the invoice; below zero what it lacks.
    over: i64,
}

impl<'a> Candidate<'a> {
    fn new(line: &Line, one: &'a Receivable, fit: Fit) -> Self {
        let payer = one.payer.as_ref();
        Self {
            invoice: &one.invoice.id,
            number: &one.invoice.number,
            amount: one.invoice.open,
            due_on: one.invoice.due_on.as_deref(),
            name: payer.map(|payer| payer.name.as_str()),
            reading: payer.map(|payer| payer.reading.as_str()).filter(|reading| !reading.is_empty()),
            member_number: payer.map(|payer| payer.number.as_str()),
            fits_number: fit.number,
            name_fit: fit.name,
            over: line.amount - one.invoice.open,
        }
    }
}

/// Those that fit best, or those that staff look for.
fn candidates<'a>(line: &Line, unpaid: &'a Unpaid, sought: Option<&str>) -> Result<Vec<Candidate<'a>>, Error> {
    let transfer = Transfer::new(line.amount, line.payer.as_deref().unwrap_or_default(), line.cancels);
    let by_code = unpaid::by_code([&transfer])?;
    let sought = sought.map(Sought::new).transpose()?;
    let mut ranked: Vec<(u32, Candidate<'a>)> = unpaid
        .all
        .iter()
        .map(|one| (one, unpaid::open(one)))
        .map(|(one, open)| (Fit::of(&transfer, &open, &by_code), one, open))
        .filter(|(fit, one, open)| sought.as_ref().map_or(fit.score() > 0, |sought| sought.is(one, open)))
        .map(|(fit, one, _)| (fit.score(), Candidate::new(line, one, fit)))
        .collect();
    // Stable: among equals the one that is due longest stays first.
    ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    Ok(ranked.into_iter().take(MOST_SHOWN).map(|(_, candidate)| candidate).collect())
}

/// What staff type: a part of a name or its reading, the number of an invoice or a member, or one for transfers.
struct Sought {
    text: String,
    name: String,
    by_code: BTreeMap<String, Id>,
}

impl Sought {
    fn new(text: &str) -> Result<Self, Error> {
        let by_code = unpaid::by_code([&Transfer::new(0, text, false)])?;
        Ok(Self { text: kana::plain(text).to_lowercase(), name: kana::name(text), by_code })
    }

    fn is(&self, one: &Receivable, open: &Open) -> bool {
        let numbers = [Some(&one.invoice.number), one.payer.as_ref().map(|payer| &payer.number)];
        let has_number = numbers.into_iter().flatten().any(|number| number.to_lowercase().contains(&self.text));
        has_number
            || self.by_code.values().any(|invoice| *invoice == open.invoice)
            || !self.name.is_empty() && open.names.iter().any(|name| name.contains(&self.name))
    }
}

pub fn show(request: &Request, id: &Id) -> Result<Reply, Failure> {
    let line = Line::COLLECTION.require(id)?;
    let sought = request.query("q");
    let may_book = matches!(line.body.fate, Fate::Waiting { .. }) && !line.body.cancels;
    let unpaid = if may_book { Unpaid::load()? } else { Unpaid { all: Vec::new(), is_complete: true } };
    let found = if may_book { candidates(&line.body, &unpaid, sought)? } else { Vec::new() };
    let data = json!({
        "here": "",
        "line": Row::of(&line),
        "may_book": may_book,
        "candidates": found,
        "q": sought.unwrap_or_default(),
        "is_complete": unpaid.is_complete,
    });
    Ok(View::new("admin-line.html", &data)?.titled(context::translate("admin-title")).into())
}

/// A line that still waits; somebody else may have decided meanwhile.
fn waiting(id: &Id) -> Result<Document<Line>, Failure> {
    let line = Line::COLLECTION.require(id)?;
    if matches!(line.body.fate, Fate::Waiting { .. }) { Ok(line) } else { Err(Failure::conflict("decided-meanwhile")) }
}

fn money(line: &Line) -> Money {
    Money::new(line.amount, CURRENCY)
}

fn back_to_lines() -> Reply {
    Reply::redirect(Show::Lines.path())
}

/// What is more than the invoice needs becomes the member's credit, what is less a part of it.
pub fn book(request: &Request, id: &Id) -> Result<Reply, Failure> {
    let Document { mut body, .. } = waiting(id)?;
    let invoice = invoices::get(&Id::parse(request.field("invoice"))?)?.ok_or(Failure::NotFound)?;
    if body.cancels || invoice.open <= 0 || invoice.currency != CURRENCY {
        return Err(Failure::conflict("not-to-be-paid"));
    }
    payments::report(&invoice.id, &body.reference(id), money(&body), Outcome::Paid)?;
    body.fate = Fate::Booked { invoice: invoice.id, number: invoice.number, by: Rule::Staff, member: invoice.member };
    Line::COLLECTION.put(id, &body)?;
    Ok(back_to_lines())
}

pub fn set_aside(request: &Request, id: &Id) -> Result<Reply, Failure> {
    let Document { mut body, .. } = waiting(id)?;
    let reason = request.field("reason");
    let wrong = match reason.chars().count() {
        0 => Some("reason-missing"),
        1..=MOST_REASON => None,
        _ => Some("reason-too-long"),
    };
    if let Some(message) = wrong {
        return Err(FieldErrors::one("reason", message).into());
    }
    body.fate = Fate::Aside { reason: reason.to_owned() };
    Line::COLLECTION.put(id, &body)?;
    Ok(back_to_lines())
}

/// The line waits again. A payment that it was is given back in the books; the next one is another.
pub fn take_back(id: &Id) -> Result<Reply, Failure> {
    let Document { mut body, .. } = Line::COLLECTION.require(id)?;
    match &body.fate {
        Fate::Waiting { .. } => return Err(Failure::conflict("decided-meanwhile")),
        Fate::Aside { .. } => {}
        Fate::Booked { invoice, .. } => {
            payments::report(invoice, &body.reference(id), money(&body), Outcome::Refunded)?;
            body.taken_back += 1;
        }
    }
    body.fate = Fate::Waiting { doubt: if body.cancels { Doubt::Cancels } else { Doubt::TakenBack } };
    Line::COLLECTION.put(id, &body)?;
    Ok(Reply::redirect(Show::Line { line: id.clone() }.path()))
}
