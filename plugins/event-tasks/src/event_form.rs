//! The form of an event: what it says, and how an event fills it in.

use crate::clock::{Clock, MINUTE};
use crate::model::{Event, Price};
use crate::words;
use serde_json::{Value, json};
use tsudoi_plugin::{FieldErrors, Gate, Id, Request, Timestamp};

#[derive(Debug, PartialEq)]
pub struct Filled {
    title: String,
    description: String,
    place: String,
    place_is_private: bool,
    starts_at: Timestamp,
    ends_at: Timestamp,
    capacity: Option<u32>,
    companions: u32,
    gate: Gate,
    is_public: bool,
    price: Price,
    register_until: Option<Timestamp>,
    withdraw_until: Option<Timestamp>,
    kind: Option<Id>,
    form: Option<Id>,
}

impl Filled {
    pub fn read(request: &Request, clock: &Clock) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let title = errors.take("title", words::title(request.field("title")));
        let description = errors.take("description", words::description(request.text("description")));
        let place = errors.take("place", words::place(request.field("place")));
        let starts_at = errors.take("starts_at", clock.instant(request.field("starts_at")));
        let ends_at = errors.take("ends_at", end(request.field("ends_at"), starts_at, clock));
        let capacity = errors.take("capacity", words::capacity(request.field("capacity")));
        let companions = errors.take("companions", words::companions(request.field("companions")));
        let gate = words::gate(request.field("gate_kind"), request.field("gate_keys"));
        let gate = gate.map_err(|(field, message)| errors.add(field, message)).ok();
        let price = words::price(request.field("price"), &request.text("tier_prices"));
        let price = price.map_err(|(field, message)| errors.add(field, message)).ok();
        let register_until = errors.take("register_until", deadline(request.field("register_until"), starts_at, clock));
        let withdraw_until = errors.take("withdraw_until", deadline(request.field("withdraw_until"), starts_at, clock));
        match (title, description, place, starts_at, ends_at, capacity, companions, gate, price, register_until, withdraw_until) {
            (
                Some(title),
                Some(description),
                Some(place),
                Some(starts_at),
                Some(ends_at),
                Some(capacity),
                Some(companions),
                Some(gate),
                Some(price),
                Some(register_until),
                Some(withdraw_until),
            ) => Ok(Self {
                title,
                description,
                place,
                place_is_private: request.is_checked("place_is_private"),
                starts_at,
                ends_at,
                capacity,
                companions,
                gate,
                is_public: request.is_checked("is_public"),
                price,
                register_until,
                withdraw_until,
                kind: Id::parse(request.field("kind")).ok(),
                form: Id::parse(request.field("form")).ok(),
            }),
            _ => Err(errors),
        }
    }

    pub fn apply(self, event: &mut Event) {
        event.title = self.title;
        event.description = self.description;
        event.place = self.place;
        event.place_is_private = self.place_is_private;
        event.starts_at = self.starts_at;
        event.ends_at = self.ends_at;
        event.capacity = self.capacity;
        event.companions = self.companions;
        event.gate = self.gate;
        event.is_public = self.is_public;
        event.price = self.price;
        event.register_until = self.register_until;
        event.withdraw_until = self.withdraw_until;
        event.kind = self.kind;
        event.form = self.form;
    }
}

/// Nothing typed: two hours.
fn end(typed: &str, starts_at: Option<Timestamp>, clock: &Clock) -> Result<Timestamp, &'static str> {
    if typed.is_empty() {
        return Ok(starts_at.unwrap_or_default() + 120 * MINUTE);
    }
    let ends_at = clock.instant(typed)?;
    if starts_at.is_none_or(|starts_at| ends_at > starts_at) { Ok(ends_at) } else { Err("end-before-start") }
}

/// Nothing typed: until the event begins.
fn deadline(typed: &str, starts_at: Option<Timestamp>, clock: &Clock) -> Result<Option<Timestamp>, &'static str> {
    if typed.is_empty() {
        return Ok(None);
    }
    let until = clock.instant(typed)?;
    if starts_at.is_none_or(|starts_at| until <= starts_at) { Ok(Some(until)) } else { Err("deadline-after-start") }
}

/// As the form names its fields; a check box that is not ticked is absent.
pub fn filled(event: &Event, clock: &Clock) -> Value {
    let tiers: Vec<String> = event.price.tiers.iter().map(|(tier, price)| format!("{tier}={price}")).collect();
    let time = |instant: Option<Timestamp>| instant.map(|instant| clock.typed(instant)).unwrap_or_default();
    let mut filled = json!({
        "title": event.title,
        "description": event.description,
        "place": event.place,
        "starts_at": clock.typed(event.starts_at),
        "ends_at": clock.typed(event.ends_at),
        "capacity": event.capacity.map(|capacity| capacity.to_string()).unwrap_or_default(),
        "companions": event.companions.to_string(),
        "gate_kind": event.gate.kind(),
        "gate_keys": event.gate.keys().join(", "),
        "price": event.price.usual.to_string(),
        "tier_prices": tiers.join("\n"),
        "register_until": time(event.register_until),
        "withdraw_until": time(event.withdraw_until),
        "kind": event.kind.as_ref().map(Id::as_str).unwrap_or_default(),
        "form": event.form.as_ref().map(Id::as_str).unwrap_or_default(),
    });
    for (name, is_ticked) in [("place_is_private", event.place_is_private), ("is_public", event.is_public)] {
        if is_ticked {
            filled[name] = json!("1");
        }
    }
    filled
}

/// The form of a new event.
pub fn empty() -> Value {
    json!({ "title": "", "gate_kind": "members", "companions": "0", "price": "0", "is_public": "1" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsudoi_plugin::Failure;

    fn read(changes: &[(&str, &str)]) -> Result<Filled, FieldErrors> {
        let mut form = vec![("title", "新年会"), ("starts_at", "2027-01-09T18:00"), ("gate_kind", "members"), ("companions", "1")];
        for change in changes {
            form.retain(|(field, _)| *field != change.0);
            form.push(*change);
        }
        Filled::read(&Request::post("create-event", &[], &form), &Clock::of_zone("Asia/Tokyo"))
    }

    fn wrong(changes: &[(&str, &str)]) -> Vec<(String, String)> {
        match read(changes).map_err(Failure::from) {
            Err(Failure::Invalid(errors)) => errors.into_iter().map(|error| (error.field, error.message)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_event_survives_its_own_form() {
        let form = [("ends_at", "2027-01-09T21:00"), ("capacity", "30"), ("price", "3000"), ("tier_prices", "gold=0"), ("is_public", "1")];
        let mut event = Event::default();
        read(&form).unwrap().apply(&mut event);
        let filled = filled(&event, &Clock::of_zone("Asia/Tokyo"));
        let fields: Vec<(&str, &str)> =
            filled.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        let mut again = Event::default();
        read(&fields).unwrap().apply(&mut again);
        assert_eq!(again, event);
        assert!(event.is_public && !event.place_is_private);
    }

    #[test]
    fn an_event_without_an_end_takes_two_hours() {
        let filled = read(&[]).unwrap();
        assert_eq!(filled.ends_at - filled.starts_at, 120 * MINUTE);
    }

    #[test]
    fn times_follow_one_another() {
        let late = "2027-01-09T18:01";
        let told = wrong(&[("ends_at", "2027-01-09T18:00"), ("register_until", late), ("withdraw_until", late)]);
        let told: Vec<_> = told.iter().map(|(field, message)| (field.as_str(), message.as_str())).collect();
        let expected =
            [("ends_at", "end-before-start"), ("register_until", "deadline-after-start"), ("withdraw_until", "deadline-after-start")];
        assert_eq!(told, expected);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let form = [("title", ""), ("starts_at", "soon"), ("capacity", "many"), ("price", "x"), ("gate_kind", "tiers")];
        let fields: Vec<_> = wrong(&form).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["title", "starts_at", "capacity", "gate_keys", "price"]);
    }
}
