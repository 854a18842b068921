//! Events and who takes part in them: the documents of the collections `events`, `seats` and `registrations`.

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use tsudoi_plugin::{Collection, Gate, Id, Timestamp};

pub const EVENTS: Collection<Event> = Event::COLLECTION;
pub const SEATS: Collection<Seats> = Seats::COLLECTION;
pub const WISHES: Collection<Wish> = Wish::COLLECTION;
pub const REGISTRATIONS: Collection<Registration> = Registration::COLLECTION;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Collection)]
#[collection("events")]
pub struct Event {
    pub title: String,
    /// Markdown.
    pub description: String,
    /// A place, or the link of an online event.
    pub place: String,
    /// Only those who are registered see the place.
    pub place_is_private: bool,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub timetable: Vec<Session>,
    /// The number that the newest session got; numbers are never given twice.
    pub last_session: u32,
    /// People, companions included; `None` is no limit.
    pub capacity: Option<u32>,
    /// How many people a member may bring along.
    pub companions: u32,
    /// Who may register.
    pub gate: Gate,
    /// Others see the event too.
    pub is_public: bool,
    pub price: Price,
    /// Until the event begins where there is none.
    pub register_until: Option<Timestamp>,
    pub withdraw_until: Option<Timestamp>,
    /// The list of tasks for events of its kind.
    pub kind: Option<Id>,
    /// The host's form that members answer to register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Id>,
    pub state: EventState,
    /// Grows with each change that a calendar has to take over (RFC 5545, section 3.8.7.4).
    pub sequence: u32,
    /// `starts_at`, absent from a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventState {
    #[default]
    Draft,
    Published,
    CalledOff,
}

/// A part of the timetable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub number: u32,
    pub title: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub place: String,
    pub for_staff: bool,
}

/// For one person, in whole units of the organisation's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub usual: u64,
    /// By the tier's key.
    pub tiers: BTreeMap<String, u64>,
}

impl Price {
    pub fn of(&self, tier: Option<&str>) -> u64 {
        tier.and_then(|tier| self.tiers.get(tier)).copied().unwrap_or(self.usual)
    }

    pub fn is_free(&self) -> bool {
        self.usual == 0 && self.tiers.values().all(|price| *price == 0)
    }
}

impl Event {
    pub fn has_calendar_news(&self, before: &Self) -> bool {
        let told = |event: &Self| {
            let Self { title, description, place, place_is_private, starts_at, ends_at, state, .. } = event.clone();
            (title, description, place, place_is_private, starts_at, ends_at, state)
        };
        told(self) != told(before)
    }

    pub fn set_state(&mut self, state: EventState) {
        self.state = state;
        self.listed_at = (state != EventState::Draft).then_some(self.starts_at);
    }

    /// Until when members register.
    pub fn closes_at(&self) -> Timestamp {
        self.register_until.unwrap_or(self.starts_at).min(self.starts_at)
    }

    /// Until when members cancel by themselves.
    pub fn withdrawal_ends_at(&self) -> Timestamp {
        self.withdraw_until.unwrap_or(self.starts_at).min(self.starts_at)
    }
}

/// How full an event with a capacity is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Collection)]
#[collection("seats")]
pub struct Seats {
    /// People, companions included.
    pub taken: u32,
    /// Registrations.
    pub waiting: u32,
}

/// One for each member and event. Who cancels and comes again has the same one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("registrations")]
pub struct Registration {
    pub event: Id,
    #[serde(default, deserialize_with = "member", skip_serializing_if = "Option::is_none")]
    pub member: Option<Id>,
    pub companions: u32,
    pub state: RegistrationState,
    /// When it came into this state by the member's wish: those who wait are served in this order.
    pub at: Timestamp,
    /// The event's.
    pub starts_at: Timestamp,
    /// For one person.
    pub price: u64,
    pub invoice: Option<Id>,
    pub payment: Payment,
    /// The reminder was sent, which happens once.
    pub reminded: bool,
    /// `true`, absent when there is nobody to remind any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_remind: Option<bool>,
    /// Whether they came; absent until staff have said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attended: Option<bool>,
    /// Others were told that they came, which is not taken back.
    pub attendance_told: bool,
    /// What they answered to the event's form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answered>,
}

/// An answer to a form of the host's, as far as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    pub form: Id,
    pub id: Id,
    pub fields: Vec<Cell>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub key: String,
    pub label: String,
    pub text: String,
}

/// A member was led to the event's form, past the gate, and is not registered yet. One for each member and event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Collection)]
#[collection("wishes")]
pub struct Wish {
    pub event: Id,
    pub member: Id,
    pub companions: u32,
    /// The key of a message: why the answer that came made no registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Registration {
    pub fn people(&self) -> u32 {
        self.companions.saturating_add(1)
    }

    pub fn total(&self) -> u64 {
        self.price.saturating_mul(u64::from(self.people()))
    }

    /// Has a place, and shall be reminded of it unless that has been done.
    pub fn set_registered(&mut self) {
        self.state = RegistrationState::Registered;
        self.to_remind = (!self.reminded).then_some(true);
    }

    pub fn is_active(&self) -> bool {
        self.state != RegistrationState::Cancelled
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationState {
    Registered,
    Waiting,
    Cancelled,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payment {
    /// Nothing is billed: the event is free, or paid at the door.
    #[default]
    None,
    Billed,
    Paid,
    /// Cancelled after money had come: staff take the invoice back and give the money back.
    ToRefund,
    /// The invoice was taken back.
    TakenBack,
}

/// An emptied field names nobody.
fn member<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Id>, D::Error> {
    let id = Option::<Id>::deserialize(deserializer)?;
    Ok(id.filter(|id| !id.as_str().is_empty()))
}

/// A registration for tests.
#[cfg(test)]
pub fn sample(state: RegistrationState) -> Registration {
    let event = Id::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap_or_else(|_| panic!("an id"));
    Registration {
        event,
        member: None,
        companions: 0,
        state,
        at: 0,
        starts_at: 0,
        price: 0,
        invoice: None,
        payment: Payment::None,
        reminded: false,
        to_remind: None,
        attended: None,
        attendance_told: false,
        answer: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_has_its_own_price_or_the_usual_one() {
        let price = Price { usual: 3_000, tiers: BTreeMap::from([("gold".to_owned(), 0)]) };
        assert_eq!((price.of(Some("gold")), price.of(Some("silver")), price.of(None)), (0, 3_000, 3_000));
        assert!(!price.is_free() && Price::default().is_free());
    }

    #[test]
    fn a_draft_is_in_no_list_and_a_deadline_after_the_start_is_the_start() {
        let mut event = Event { starts_at: 100, register_until: Some(200), ..Event::default() };
        assert!(!serde_json::to_string(&event).unwrap().contains("listed_at"));
        event.set_state(EventState::Published);
        assert_eq!((event.listed_at, event.closes_at(), event.withdrawal_ends_at()), (Some(100), 100, 100));
    }

    #[test]
    fn who_was_reminded_is_not_reminded_again() {
        let mut registration = sample(RegistrationState::Waiting);
        registration.set_registered();
        assert_eq!(registration.to_remind, Some(true));
        registration.reminded = true;
        registration.set_registered();
        assert_eq!((registration.state, registration.to_remind), (RegistrationState::Registered, None));
    }

    #[test]
    fn calendars_take_over_another_time_and_not_another_price() {
        let before = Event { starts_at: 100, ..Event::default() };
        assert!(Event { starts_at: 200, ..before.clone() }.has_calendar_news(&before));
        assert!(!Event { companions: 2, ..before.clone() }.has_calendar_news(&before));
    }
}
