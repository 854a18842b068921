//! What staff see: how the connection with Stripe stands, how to set it up, and what they have to see to.

use crate::model::{Heard, Matter, Session};
use crate::routes::Show;
use serde_json::{Value, json};
use tsudoi_plugin::{Document, Failure, Id, Reply, Routes, View, VisitorKind, context};

const MOST_MATTERS: u32 = 50;
const MOST_COUNTED: u32 = 99;

/// What the webhook is to be told of, as Stripe lists it.
const EVENTS: [&str; 14] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "charge.refunded",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
    "payment_method.detached",
    "customer.deleted",
];

pub fn show() -> Result<Reply, Failure> {
    let heard = Heard::COLLECTION.get(&Heard::place())?.map(|heard| heard.body);
    let session = Session::LATEST.query().descending().first()?.map(|session| session.body);
    let differ = heard.as_ref().zip(session.as_ref()).is_some_and(|(heard, session)| heard.livemode != session.livemode);
    // Somebody began to pay an hour ago or longer, and nothing was heard since.
    let is_silent = session.as_ref().is_some_and(|session| {
        let is_later = heard.as_ref().is_none_or(|heard| heard.at < session.made_at);
        is_later && context::has_passed(session.made_at + crate::checkout::LOOK_AFTER_MILLIS)
    });
    let matters = Matter::LATEST.query().descending().limit(MOST_MATTERS).page()?.documents;
    let data = json!({
        "heard": heard, "session": session, "differ": differ, "is_silent": is_silent, "events": EVENTS,
        "matters": matters.iter().map(row).collect::<Vec<_>>(),
    });
    Ok(View::new("admin-connection.html", &data)?.titled(context::translate("admin-title")).into())
}

fn row(matter: &Document<Matter>) -> Value {
    json!({ "id": matter.id, "at": matter.body.at, "message": matter.body.kind.message(), "reference": matter.body.reference })
}

/// Staff have seen to it.
pub fn settle(matter: &Id) -> Result<Reply, Failure> {
    Matter::COLLECTION.require(matter)?;
    Matter::COLLECTION.delete(matter)?;
    Ok(Reply::redirect(Show::Connection.path()))
}

/// The card on the staff's first page; nothing where there is nothing to do, and for nobody else.
pub fn card() -> Result<View, Failure> {
    let visitor = context::visitor();
    let may = visitor.kind() == VisitorKind::Staff && visitor.may("look-after");
    match if may { Matter::LATEST.query().count(MOST_COUNTED)? } else { 0 } {
        0 => Err(Failure::NotFound),
        count => View::new("matters.html", &json!({ "count": count })),
    }
}
