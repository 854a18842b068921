//! Events that are registered for by a form of the host's: members are led to it, and what they answered registers them.

use crate::mails;
use crate::model::{Answered, Cell, EVENTS, Event, EventState, REGISTRATIONS, WISHES, Wish};
use crate::taking_part::{self, Entry};
use tsudoi_plugin::forms::{self, Answer, Offered};
use tsudoi_plugin::{Document, Error, Failure, Id, Reply, context, members};

const PLUGIN: &str = "event-tasks";
/// Characters of one answer that lists keep; the host has all of it.
const LONGEST: usize = 1_000;

/// The forms that staff can choose; none where the permission was left out.
pub fn choices() -> Result<Vec<Offered>, Error> {
    match forms::offered() {
        Err(error) if error.is(Error::NOT_GRANTED) => Ok(Vec::new()),
        other => other,
    }
}

/// The form of an event, where it takes answers.
pub fn form_of(event: &Event) -> Result<Option<Offered>, Error> {
    let Some(id) = &event.form else { return Ok(None) };
    Ok(choices()?.into_iter().find(|form| form.id == *id && form.open))
}

pub fn wish_of(event: &Id, member: &Id) -> Result<Option<Document<Wish>>, Error> {
    Wish::ONCE_EACH.equal(event).equal(member).first()
}

/// Notes whom they bring along, and leads a member who may register to the form.
pub fn lead(event: &Document<Event>, member: Id, companions: u32) -> Result<Reply, Failure> {
    let form = form_of(&event.body)?.ok_or_else(|| Failure::conflict(context::translate("form-closed-note")))?;
    let id = wish_of(&event.id, &member)?.map_or_else(context::new_id, |found| found.id);
    WISHES.put(&id, &Wish { event: event.id.clone(), member, companions, refused: None })?;
    Ok(Reply::redirect(form.path(PLUGIN, event.id.as_str())))
}

/// The host tells what somebody answered. Who typed the form's address was not led there, and is not registered; nor is who answered a form
/// that the event does not have any more.
pub fn hear(event: &tsudoi_plugin::Event) -> Result<bool, Failure> {
    let Some(answer) = Answer::of(event)? else { return Ok(false) };
    let Ok(id) = Id::parse(&answer.key) else { return Ok(true) };
    let Some(event) = EVENTS.get(&id)?.filter(|event| event.body.form.as_ref() == Some(&answer.form)) else { return Ok(true) };
    let wish = wish_of(&event.id, &answer.member)?;
    if let Some(mut found) = taking_part::of_member(&event.id, &answer.member)?.filter(|found| found.body.is_active()) {
        // Staff were faster.
        found.body.answer = Some(kept(&answer)?);
        REGISTRATIONS.put(&found.id, &found.body)?;
        return forget(wish).map(|()| true);
    }
    let (Some(mut wish), Some(member)) = (wish, members::get(std::slice::from_ref(&answer.member))?.into_iter().flatten().next()) else {
        return Ok(true);
    };
    if let Some(reason) = refusal(&event.body, wish.body.companions) {
        wish.body.refused = Some(reason.to_owned());
        WISHES.put(&wish.id, &wish.body)?;
        mails::tell_why("not-registered", &event, &[answer.member], reason)?;
        return Ok(true);
    }
    let entry = Entry {
        member: answer.member.clone(),
        tier: member.tier,
        companions: wish.body.companions,
        beyond_capacity: false,
        answer: Some(kept(&answer)?),
    };
    taking_part::register(&event, entry)?;
    forget(Some(wish)).map(|()| true)
}

/// What changed since they were led to the form; the key of a message.
fn refusal(event: &Event, companions: u32) -> Option<&'static str> {
    match event.state {
        EventState::CalledOff => Some("called-off-note"),
        EventState::Draft => Some("draft-note"),
        EventState::Published if context::has_passed(event.starts_at) => Some("begun-note"),
        EventState::Published if context::has_passed(event.closes_at()) => Some("closed-note"),
        EventState::Published if event.capacity.is_some_and(|capacity| companions.saturating_add(1) > capacity) => {
            Some("more-than-capacity")
        }
        EventState::Published => None,
    }
}

fn forget(wish: Option<Document<Wish>>) -> Result<(), Failure> {
    wish.map_or(Ok(()), |wish| Ok(WISHES.delete(&wish.id)?))
}

fn kept(answer: &Answer) -> Result<Answered, Error> {
    let locale = context::organisation()?.locale;
    let cell = |field: &forms::Filled| Cell {
        key: field.key.clone(),
        label: forms::words(&field.label, &locale).to_owned(),
        text: field.text.chars().take(LONGEST).collect(),
    };
    Ok(Answered { form: answer.form.clone(), id: answer.id.clone(), fields: answer.fields.iter().map(cell).collect() })
}
