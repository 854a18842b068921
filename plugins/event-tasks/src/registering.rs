//! What members do about an event: register for it, and cancel.

use crate::asker::Asker;
use crate::catalogue::Period;
use crate::clock::Clock;
use crate::model::RegistrationState;
use crate::taking_part::{self, Entry};
use crate::{answering, paths, show, words};
use tsudoi_plugin::{Failure, FieldErrors, Reply, Request, View, context};

pub fn register(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let (event, mine) = show::entered(asker, request)?;
    if let Some(obstacle) = show::obstacle(asker, &event.body) {
        return Err(Failure::conflict(context::translate(obstacle)));
    }
    let member = asker.member().ok_or(Failure::Forbidden)?;
    let companions = words::companions(request.field("companions")).map_err(|message| FieldErrors::one("companions", message))?;
    if companions > event.body.companions {
        return Err(FieldErrors::one("companions", "companions-too-many").into());
    }
    let tier = if event.body.price.tiers.is_empty() { None } else { asker.tier() };
    // Who cancelled and comes again has answered.
    let has_answered = mine.as_ref().is_some_and(|mine| show::has_answered(&event.body, &mine.body));
    let is_active = mine.is_some_and(|mine| mine.body.is_active());
    if event.body.form.is_some() && !has_answered && !is_active {
        if event.body.capacity.is_some_and(|capacity| companions.saturating_add(1) > capacity) {
            return Err(FieldErrors::one("companions", "more-than-capacity").into());
        }
        return answering::lead(&event, member, companions);
    }
    taking_part::register(&event, Entry { member, tier, companions, beyond_capacity: false, answer: None })?;
    Ok(Reply::redirect(paths::event(&event.id)))
}

/// Asks before it is done.
pub fn confirm_withdraw(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let (event, mine) = show::entered(asker, request)?;
    let mine = mine.filter(|mine| mine.body.is_active()).ok_or(Failure::NotFound)?;
    let clock = Clock::of_organisation()?;
    let data = serde_json::json!({
        "event": { "id": event.id, "title": event.body.title, "period": Period::new(event.body.starts_at, event.body.ends_at, &clock) },
        "waits": mine.body.state == RegistrationState::Waiting,
        "payment": mine.body.payment,
        "may_withdraw": show::may_withdraw(&event.body, &mine.body),
    });
    Ok(View::new("withdraw.html", &data)?.titled(context::translate("withdraw-title")).into())
}

pub fn withdraw(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let (event, mine) = show::entered(asker, request)?;
    if let Some(mine) = mine.filter(|mine| mine.body.is_active()) {
        if !show::may_withdraw(&event.body, &mine.body) {
            return Err(Failure::conflict(context::translate("withdrawal-closed")));
        }
        taking_part::leave(&event, mine)?;
    }
    Ok(Reply::redirect(paths::event(&event.id)))
}
