//! A member's own pages: the history, and the block with the balance.

use crate::book::{self, Balance};
use crate::dates::Date;
use crate::model::{ACCOUNTS, Entry, Kind};
use crate::paging::{PER_PAGE, unless_cursor};
use serde::Serialize;
use serde_json::json;
use tsudoi_plugin::{Document, Failure, Id, Page, Reply, Request, Timestamp, View, context};

/// A line of a history, for members and for staff.
#[derive(Debug, Serialize)]
pub struct Line {
    id: Id,
    kind: Kind,
    points: i64,
    balance: i64,
    reason: Option<String>,
    at: Timestamp,
    until: Option<Date>,
    lost: i64,
    is_paid: bool,
    /// Spent at the counter, so that staff can give it back; what paid an invoice comes back with the payment.
    is_counter: bool,
}

impl From<Document<Entry>> for Line {
    fn from(entry: Document<Entry>) -> Self {
        let Document { id, body, .. } = entry;
        let Entry { kind, points, balance, reason, at, until, lost, paid, invoice, .. } = body;
        let is_counter = kind == Kind::Spent && invoice.is_none();
        Self { id, kind, points, balance, reason, at, until, lost, is_paid: paid != 0, is_counter }
    }
}

/// A page of a member's history, the newest first.
pub fn lines(member: &Id, request: &Request) -> Result<Page<Entry>, Failure> {
    let query = Entry::OF_MEMBER.equal(member).descending().limit(PER_PAGE).cursor(request.query("cursor"));
    query.page().map_err(|error| unless_cursor(request, error))
}

/// What a member has, and none where nothing was granted yet.
pub fn balance_of(member: &Id) -> Result<Balance, Failure> {
    ACCOUNTS.get(member)?.map_or_else(|| Ok(Balance::default()), |account| book::balance(&account.body))
}

pub fn show(request: &Request) -> Result<Reply, Failure> {
    // Staff who are no members have no points.
    let Some(member) = context::visitor().member() else {
        return Ok(View::new("no-member.html", &json!({}))?.titled(context::translate("history-title")).into());
    };
    let page = lines(&member, request)?;
    let data = json!({
        "balance": balance_of(&member)?,
        "expiries": book::expiries(&member)?,
        "entries": page.documents.into_iter().map(Line::from).collect::<Vec<_>>(),
        "next": page.next,
        "is_first_page": request.query("cursor").is_none(),
    });
    Ok(View::new("history.html", &data)?.titled(context::translate("history-title")).into())
}

/// The card on a member's own page, and the block for others: nothing for who is no member.
pub fn block() -> Result<View, Failure> {
    let member = context::visitor().member().ok_or(Failure::NotFound)?;
    let all = book::expiries(&member)?;
    let on = all.first().map(|expiry| expiry.on);
    let points: i64 = all.iter().filter(|expiry| Some(expiry.on) == on).map(|expiry| expiry.points).sum();
    let first = on.map(|on| json!({ "on": on, "points": points }));
    View::new("balance.html", &json!({ "balance": balance_of(&member)?, "first": first }))
}
