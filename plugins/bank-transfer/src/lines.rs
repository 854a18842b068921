//! Lists of lines: those that wait, those that are booked, and those set aside; and the card for staff.

use crate::matching::{Doubt, Rule};
use crate::model::{Fate, Line};
use serde::Serialize;
use serde_json::json;
use tsudoi_plugin::{Document, Error, Failure, Id, Reply, Request, View, VisitorKind, context};

pub const PER_PAGE: u32 = 30;

/// Most lines that the card counts.
const MOST_COUNTED: u32 = 99;

/// A line as lists show it.
#[derive(Debug, Serialize)]
pub struct Row<'a> {
    id: &'a Id,
    date: &'a str,
    amount: i64,
    payer: Option<&'a str>,
    note: Option<&'a str>,
    account: &'a str,
    state: &'static str,
    /// The key of why it waits, or by what it was matched.
    why: Option<&'static str>,
    /// Of the invoice.
    number: Option<&'a str>,
    invoice: Option<&'a Id>,
    reason: Option<&'a str>,
}

impl<'a> Row<'a> {
    pub fn of(line: &'a Document<Line>) -> Self {
        let Document { id, body, .. } = line;
        let row = Self {
            id,
            date: &body.date,
            amount: body.amount,
            payer: body.payer.as_deref().filter(|payer| !payer.is_empty()),
            note: body.note.as_deref().filter(|note| !note.is_empty()),
            account: &body.account,
            state: "waiting",
            why: None,
            number: None,
            invoice: None,
            reason: None,
        };
        match &body.fate {
            Fate::Waiting { doubt } => Self { why: Some(doubt_key(*doubt)), ..row },
            Fate::Booked { invoice, number, by, .. } => {
                Self { state: "booked", why: Some(rule_key(*by)), number: Some(number), invoice: Some(invoice), ..row }
            }
            Fate::Aside { reason } => Self { state: "aside", reason: Some(reason), ..row },
        }
    }
}

const fn doubt_key(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Cancels => "doubt-cancels",
        Doubt::SeveralNumbers => "doubt-several-numbers",
        Doubt::OtherAmount => "doubt-other-amount",
        Doubt::NothingOpen => "doubt-nothing-open",
        Doubt::Several => "doubt-several",
        Doubt::OtherName => "doubt-other-name",
        Doubt::Nobody => "doubt-nobody",
        Doubt::TooManyOpen => "doubt-too-many-open",
        Doubt::TakenBack => "doubt-taken-back",
    }
}

const fn rule_key(rule: Rule) -> &'static str {
    match rule {
        Rule::Number => "rule-number",
        Rule::Name => "rule-name",
        Rule::Staff => "rule-staff",
    }
}

/// An address with an old cursor leads nowhere.
pub fn unless_cursor(request: &Request, error: Error) -> Failure {
    if request.query("cursor").is_some() && error.is(Error::MALFORMED) { Failure::NotFound } else { error.into() }
}

/// The oldest first where something is to be done, else the newest.
pub fn list(request: &Request) -> Result<Reply, Failure> {
    let state = match request.query("state") {
        Some("booked") => "booked",
        Some("aside") => "aside",
        _ => "waiting",
    };
    let query = Line::BY_STATE.equal(state).limit(PER_PAGE).cursor(request.query("cursor"));
    let query = if state == "waiting" { query } else { query.descending() };
    let page = query.page().map_err(|error| unless_cursor(request, error))?;
    let rows: Vec<Row<'_>> = page.documents.iter().map(Row::of).collect();
    let data = json!({ "here": state, "lines": rows, "next": page.next });
    Ok(View::new("admin-lines.html", &data)?.titled(context::translate("admin-title")).into())
}

/// The card that tells staff how many lines wait; nothing where there are none, and for nobody else.
pub fn waiting() -> Result<View, Failure> {
    let visitor = context::visitor();
    let may = visitor.kind() == VisitorKind::Staff && visitor.may("match");
    let count = if may { Line::BY_STATE.equal("waiting").count(MOST_COUNTED)? } else { 0 };
    match count {
        0 => Err(Failure::NotFound),
        count => View::new("waiting.html", &json!({ "count": count, "full": count >= MOST_COUNTED })),
    }
}
