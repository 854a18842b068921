//! Staff's pages about members: all with their balances, one with the history, adjusting, spending at the counter, giving back.

use crate::book;
use crate::dates::{self, Date};
use crate::history::{self, Line};
use crate::model::{ACCOUNTS, Entry, Kind};
use crate::paging::unless_cursor;
use crate::purse::{Grant, Note, Short};
use crate::spending::{self, Purpose, Refusal};
use crate::words;
use serde_json::{Value, json};
use tsudoi_plugin::{Document, Failure, FieldErrors, Id, Member, Reply, Request, View, context, members};

const MEMBERS_PER_PAGE: u32 = 50;

pub fn list(request: &Request) -> Result<Reply, Failure> {
    let page = members::all(MEMBERS_PER_PAGE, request.query("cursor")).map_err(|error| unless_cursor(request, error))?;
    let ids: Vec<Id> = page.members.iter().map(|member| member.id.clone()).collect();
    let accounts = ACCOUNTS.get_many(&ids)?;
    let line = |(member, account): (Member, Option<Document<_>>)| {
        let balance = account.map_or_else(|| Ok(book::Balance::default()), |account| book::balance(&account.body))?;
        Ok(json!({ "id": member.id, "name": name(member.display_name), "tier": member.tier, "balance": balance }))
    };
    let lines: Vec<Value> = page.members.into_iter().zip(accounts).map(line).collect::<Result<_, Failure>>()?;
    let is_first_page = request.query("cursor").is_none();
    let data = json!({ "here": "members", "members": lines, "next": page.next, "is_first_page": is_first_page });
    Ok(View::new("admin-members.html", &data)?.titled(context::translate("members-title")).into())
}

fn name(display_name: Option<String>) -> String {
    display_name.filter(|name| !name.is_empty()).unwrap_or_else(|| context::translate("nameless"))
}

/// The member of a path: id and name.
struct Whom {
    id: Id,
    name: String,
}

impl Whom {
    fn of(request: &Request) -> Result<Self, Failure> {
        Self::known(request.id("member")?)
    }

    fn known(id: Id) -> Result<Self, Failure> {
        let found = members::get(std::slice::from_ref(&id))?.into_iter().flatten().next().ok_or(Failure::NotFound)?;
        Ok(Self { id, name: name(found.display_name) })
    }

    fn path(&self) -> String {
        format!("/admin/p/points/members/{}", self.id)
    }

    fn data(&self) -> Value {
        json!({ "id": self.id, "name": self.name })
    }
}

pub fn show(request: &Request) -> Result<Reply, Failure> {
    let whom = Whom::of(request)?;
    let page = history::lines(&whom.id, request)?;
    let data = json!({
        "here": "members",
        "member": whom.data(),
        "balance": history::balance_of(&whom.id)?,
        "expiries": book::expiries(&whom.id)?,
        "entries": page.documents.into_iter().map(Line::from).collect::<Vec<_>>(),
        "next": page.next,
        "is_first_page": request.query("cursor").is_none(),
        "may_adjust": context::visitor().may("adjust"),
    });
    Ok(View::new("admin-member.html", &data)?.titled(whom.name).into())
}

/// The form, with the balance that it is about. An account is named by the number of its newest entry.
pub fn adjustment(request: &Request) -> Result<Reply, Failure> {
    let whom = Whom::of(request)?;
    let account = ACCOUNTS.get(&whom.id)?;
    let today = dates::today()?;
    let data = json!({
        "member": whom.data(),
        "balance": history::balance_of(&whom.id)?,
        "seen": account.map_or(0, |account| account.body.entries),
        "paid_until": dates::paid_until(today),
        "is_paid_declared": context::setting::<bool>("paid-declared")?,
        "today": today,
    });
    Ok(View::new("admin-adjust.html", &data)?.titled(context::translate("adjust-title")).into())
}

/// What the form says.
#[derive(Debug, PartialEq)]
struct Adjustment {
    adds: bool,
    points: i64,
    reason: String,
    expires_on: Option<Date>,
    paid: bool,
    limited: bool,
}

impl Adjustment {
    /// `paid_until`: the last day for points that were paid for, where there is one.
    fn read(request: &Request, today: Date, paid_until: Option<Date>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let adds = errors.take(
            "direction",
            match request.field("direction") {
                "add" => Ok(true),
                "remove" => Ok(false),
                _ => Err("direction-missing"),
            },
        );
        let points = errors.take("points", words::points(request.field("points")));
        let reason = errors.take("reason", words::line(request.field("reason")));
        let paid = request.is_checked("paid");
        let expires_on = errors.take(
            "expires_on",
            words::date(request.field("expires_on")).and_then(|date| match (date, paid_until) {
                // What is taken away has no date.
                _ if adds == Some(false) => Ok(None),
                (Some(date), _) if date < today => Err("date-passed"),
                (date, Some(last)) if paid && date.is_none_or(|date| date > last) => Err("paid-too-long"),
                (date, _) => Ok(date),
            }),
        );
        match (adds, points, reason, expires_on) {
            (Some(adds), Some(points), Some(reason), Some(expires_on)) => {
                Ok(Self { adds, points, reason, expires_on, paid: adds && paid, limited: adds && request.is_checked("limited") })
            }
            _ => Err(errors),
        }
    }
}

pub fn adjust(request: &Request) -> Result<Reply, Failure> {
    let whom = Whom::of(request)?;
    let today = dates::today()?;
    let paid_until = (!context::setting::<bool>("paid-declared")?).then(|| dates::paid_until(today));
    let Adjustment { adds, points, reason, expires_on, paid, limited } = Adjustment::read(request, today, paid_until)?;
    // Somebody else may just have made up for the same thing.
    let seen = ACCOUNTS.get(&whom.id)?.map_or(0, |account| account.body.entries);
    if request.field("seen") != seen.to_string() {
        return Err(FieldErrors::one("seen", "adjust-overtaken").into());
    }
    let mut purse = book::open(&whom.id, if adds { 0 } else { points })?;
    if adds {
        purse.grant(&mut context::new_id, Grant { points, paid, limited, reason, expires_on, by_staff: true, ..Grant::default() });
    } else {
        let taken = purse.take(&mut context::new_id, Kind::Adjusted, points, Note { reason: Some(reason), ..Note::default() });
        if let Err(Short(there)) = taken {
            let refusal = if there < purse.account.balance { Refusal::Pieces(there) } else { Refusal::Short(there) };
            return Err(refused("points", refusal));
        }
    }
    book::keep(purse)?;
    Ok(Reply::redirect(whom.path()))
}

/// Says beside a field why points can't go, or come back.
pub fn refused(field: &str, refusal: Refusal) -> Failure {
    let (key, points) = match refusal {
        Refusal::Short(there) => ("refused-short", there),
        Refusal::Pieces(there) => ("refused-pieces", there),
        Refusal::Taken => ("refused-taken", 0),
        Refusal::TooMuch(there) => ("refused-too-much", there),
    };
    FieldErrors::one(field, &context::translate_with(key, &json!({ "points": points }))).into()
}

/// Who stands at the counter: the page is one of the site, for staff.
fn may_adjust() -> Result<(), Failure> {
    if context::visitor().may("adjust") { Ok(()) } else { Err(Failure::Forbidden) }
}

pub fn counter(request: &Request) -> Result<Reply, Failure> {
    may_adjust()?;
    let whom = Whom::of(request)?;
    let data = json!({
        "member": whom.data(), "balance": history::balance_of(&whom.id)?, "is_done": request.query("done").is_some(),
    });
    Ok(View::new("counter.html", &data)?.titled(context::translate("counter-title")).into())
}

pub fn spend(request: &Request) -> Result<Reply, Failure> {
    may_adjust()?;
    let whom = Whom::of(request)?;
    let mut errors = FieldErrors::default();
    let points = errors.take("points", words::points(request.field("points")));
    let reason = errors.take("reason", words::line(request.field("reason")));
    let (Some(points), Some(reason)) = (points, reason) else { return Err(errors.into()) };
    let purpose = Purpose { reference: format!("counter:{}", context::new_id()), reason, invoice: None };
    match spending::spend(&whom.id, points, purpose)? {
        Ok(_) => Ok(Reply::redirect(format!("/p/points/members/{}/spend?done=1", whom.id))),
        Err(refusal) => Err(refused("points", refusal)),
    }
}

/// A spending at the counter, by its path, with its member and what can come back of it.
struct Spent {
    entry: Document<Entry>,
    whom: Whom,
    open: i64,
}

impl Spent {
    fn of(request: &Request) -> Result<Self, Failure> {
        let entry = spending::entry(&request.id("entry")?)?;
        let is_counter = entry.body.kind == Kind::Spent && entry.body.invoice.is_none();
        let member = entry.body.member.clone().filter(|_| is_counter).ok_or(Failure::NotFound)?;
        let open = spending::open_part(&entry)?;
        Ok(Self { whom: Whom::known(member)?, open, entry })
    }
}

pub fn confirm_give_back(request: &Request) -> Result<Reply, Failure> {
    let Spent { entry, whom, open } = Spent::of(request)?;
    let late_days: u32 = context::setting("late-days")?;
    let data = json!({ "member": whom.data(), "entry": Line::from(entry), "open": open, "late_days": late_days });
    Ok(View::new("admin-give-back.html", &data)?.titled(context::translate("give-back-title")).into())
}

pub fn give_back(request: &Request) -> Result<Reply, Failure> {
    let Spent { entry, whom, .. } = Spent::of(request)?;
    let mut errors = FieldErrors::default();
    let points = errors.take("points", words::points(request.field("points")));
    let reason = errors.take("reason", words::line(request.field("reason")));
    let (Some(points), Some(reason)) = (points, reason) else { return Err(errors.into()) };
    let key = format!("counter:{}", context::new_id());
    match spending::give_back(&entry, points, &key, reason)? {
        Ok(_) => Ok(Reply::redirect(whom.path())),
        Err(refusal) => Err(refused("points", refusal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        dates::parse(text).unwrap()
    }

    fn read(changes: &[(&str, &str)]) -> Result<Adjustment, Vec<(String, String)>> {
        let mut form = vec![("direction", "add"), ("points", "100"), ("reason", "大会入賞"), ("expires_on", "")];
        for change in changes {
            form.retain(|(field, _)| *field != change.0);
            form.push(*change);
        }
        let request = Request::post("adjust", &[], &form);
        let today = date("2026-11-22");
        Adjustment::read(&request, today, Some(dates::paid_until(today))).map_err(|errors| match Failure::from(errors) {
            Failure::Invalid(errors) => errors.into_iter().map(|error| (error.field, error.message)).collect(),
            other => panic!("{other:?}"),
        })
    }

    fn wrong(field: &str, message: &str) -> Vec<(String, String)> {
        vec![(field.to_owned(), message.to_owned())]
    }

    #[test]
    fn an_adjustment_needs_a_reason_and_points() {
        assert_eq!(read(&[("points", ""), ("reason", " ")]).unwrap_err().len(), 2);
        assert!(read(&[]).is_ok_and(|adjustment| adjustment.expires_on.is_none()));
    }

    #[test]
    fn paid_points_end_within_six_months() {
        assert_eq!(read(&[("paid", "1")]), Err(wrong("expires_on", "paid-too-long")));
        assert_eq!(read(&[("paid", "1"), ("expires_on", "2027-05-22")]), Err(wrong("expires_on", "paid-too-long")));
        assert!(read(&[("paid", "1"), ("expires_on", "2027-05-21")]).is_ok_and(|adjustment| adjustment.paid));
    }

    #[test]
    fn what_is_taken_away_has_no_date_and_no_kind() {
        let adjustment = read(&[("direction", "remove"), ("paid", "1"), ("expires_on", "2026-01-01")]).unwrap();
        assert_eq!((adjustment.expires_on, adjustment.paid), (None, false));
        assert_eq!(read(&[("expires_on", "2026-11-21")]), Err(wrong("expires_on", "date-passed")));
    }
}
