//! Who takes part, as staff see it: the list by state, its file, and what staff do by hand.

use crate::clock::Clock;
use crate::model::{Answered, EVENTS, Payment, REGISTRATIONS, Registration, RegistrationState};
use crate::taking_part::{self, Entry};
use crate::{billing, paging, paths, seats, words};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use tsudoi_plugin::{Document, Error, Failure, FieldErrors, Id, Member, Reply, Request, Timestamp, View, context, members, store};

const PER_PAGE: u32 = 50;
/// Rows of a file: what one call may read, each with its member.
const MOST_ROWS: usize = 4_000;
/// Members that a search looks through, and shows.
const MOST_PAGES: usize = 8;
const MOST_FOUND: usize = 20;

/// Members by id, for a whole page at once, and what those are called who are gone.
pub struct Names {
    members: BTreeMap<Id, Member>,
    former: String,
}

impl Names {
    pub fn of(registrations: &[Document<Registration>]) -> Result<Self, Error> {
        let ids: Vec<Id> = registrations.iter().filter_map(|found| found.body.member.clone()).collect();
        let members = members::get(&ids)?.into_iter().flatten().map(|member| (member.id.clone(), member)).collect();
        Ok(Self { members, former: context::translate("former-member") })
    }

    fn member(&self, registration: &Registration) -> Option<&Member> {
        registration.member.as_ref().and_then(|member| self.members.get(member))
    }

    pub fn name(&self, registration: &Registration) -> String {
        let name = self.member(registration).and_then(|member| member.display_name.clone());
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| self.former.clone())
    }
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a Id,
    name: String,
    companions: u32,
    at: Timestamp,
    total: Option<String>,
    payment: Payment,
    attended: Option<bool>,
    /// `None` where nothing was marked yet.
    visits: Option<Visits>,
    is_active: bool,
    /// Where staff who may see forms read the whole answer.
    answer: Option<String>,
}

/// How often somebody came, of the events for which staff marked it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Visits {
    came: u32,
    of: u32,
}

/// Of all members of a page at once: two ranges each.
fn visits(registrations: &[Document<Registration>]) -> Result<BTreeMap<&Id, Visits>, Error> {
    let members: Vec<&Id> = registrations.iter().filter_map(|found| found.body.member.as_ref()).collect();
    if members.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ranges: Vec<_> =
        members.iter().flat_map(|member| [true, false].map(|came| Registration::VISITS.equal(member).equal(came))).collect();
    let counts = store::counts(&ranges, 1_000)?;
    let visits = counts.chunks(2).map(|counts| Visits { came: counts.first().copied().unwrap_or_default(), of: counts.iter().sum() });
    Ok(members.into_iter().zip(visits).filter(|(_, visits)| visits.of > 0).collect())
}

fn state_of(request: &Request) -> RegistrationState {
    match request.query("state") {
        Some("waiting") => RegistrationState::Waiting,
        Some("cancelled") => RegistrationState::Cancelled,
        _ => RegistrationState::Registered,
    }
}

pub fn list(request: &Request) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    let state = state_of(request);
    let in_state = |state| Registration::IN_EVENT.equal(&event.id).equal(state);
    let page = paging::page(in_state(state).limit(PER_PAGE), request)?;
    let names = Names::of(&page.documents)?;
    let visits = visits(&page.documents)?;
    let line = |found: &'_ Document<Registration>| -> Result<_, Error> {
        let Document { id, body, .. } = found;
        Ok(json!(Line {
            id,
            name: names.name(body),
            companions: body.companions,
            at: body.at,
            total: if body.total() == 0 { None } else { Some(billing::shown(body.total())?) },
            payment: body.payment,
            attended: body.attended,
            visits: body.member.as_ref().and_then(|member| visits.get(member)).copied(),
            is_active: body.is_active(),
            answer: body.answer.as_ref().map(paths::answer),
        }))
    };
    let states = [RegistrationState::Registered, RegistrationState::Waiting, RegistrationState::Cancelled];
    let came = Registration::ATTENDANCE.equal(&event.id).equal(true);
    let counts = store::counts(&[in_state(states[0]), in_state(states[1]), in_state(states[2]), came], 1_000)?;
    let count = |at: usize| counts.get(at).copied().unwrap_or_default();
    let seats = seats::of(&event)?;
    let data = json!({
        "event": {
            "id": event.id, "title": event.body.title, "capacity": event.body.capacity, "state": event.body.state,
            "taken": seats.map(|seats| seats.taken), "has_price": !event.body.price.is_free(), "has_form": event.body.form.is_some(),
        },
        "state": state,
        "counts": { "registered": count(0), "waiting": count(1), "cancelled": count(2), "attended": count(3) },
        "participants": page.documents.iter().map(line).collect::<Result<Vec<_>, _>>()?,
        "begun": request.query("begun").is_some(),
        "to_refund": page.documents.iter().any(|found| found.body.payment == Payment::ToRefund),
        "next": page.next,
    });
    Ok(View::new("admin-participants.html", &data)?.titled(context::translate("participants-title")).into())
}

pub fn cancel(request: &Request) -> Result<Reply, Failure> {
    let registration = REGISTRATIONS.require(&request.id("registration")?)?;
    let event = EVENTS.require(&registration.body.event)?;
    if registration.body.is_active() {
        let member = registration.body.member.clone();
        taking_part::leave(&event, registration)?;
        crate::mails::tell("cancelled", &event, member.as_slice())?;
    }
    Ok(Reply::redirect(paths::managed(&event.id, "participants")))
}

pub fn take_back(request: &Request) -> Result<Reply, Failure> {
    let mut registration = REGISTRATIONS.require(&request.id("registration")?)?;
    billing::take_back(&mut registration)?;
    Ok(Reply::redirect(format!("{}?state=cancelled", paths::managed(&registration.body.event, "participants"))))
}

/// The invoices of all who cancelled after they had paid, or whose event was called off: a job works through them.
pub fn take_all_back(request: &Request) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    crate::reminders::again("take-back", &event.id, None)?;
    Ok(Reply::redirect(format!("{}?state=cancelled&begun=1", paths::managed(&event.id, "participants"))))
}

/// Members whose names contain what was typed.
pub fn find(request: &Request) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    let typed = request.query("name").unwrap_or_default();
    let (found, has_more) = if typed.trim().is_empty() { (Vec::new(), false) } else { named(typed)? };
    let data = json!({
        "event": { "id": event.id, "title": event.body.title, "capacity": event.body.capacity },
        "name": typed,
        "members": found.iter().map(|member| json!({ "id": member.id, "name": member.display_name })).collect::<Vec<_>>(),
        "has_more": has_more,
    });
    Ok(View::new("admin-find-member.html", &data)?.titled(context::translate("add-participant")).into())
}

fn named(typed: &str) -> Result<(Vec<Member>, bool), Error> {
    let wanted = folded(typed);
    let (mut found, mut cursor) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let page = members::all(1_000, cursor.as_deref())?;
        found.extend(
            page.members.into_iter().filter(|member| member.display_name.as_deref().is_some_and(|name| folded(name).contains(&wanted))),
        );
        if found.len() > MOST_FOUND {
            found.truncate(MOST_FOUND);
            return Ok((found, true));
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok((found, false));
        }
    }
    Ok((found, true))
}

/// Katakana as hiragana, small letters, no blanks.
fn folded(name: &str) -> String {
    let fold = |letter: char| match letter {
        'ァ'..='ヶ' => char::from_u32(u32::from(letter) - 0x60).unwrap_or(letter),
        other => other,
    };
    name.chars().filter(|letter| !letter.is_whitespace()).map(fold).collect::<String>().to_lowercase()
}

/// Staff put somebody in: deadlines and gates are for members, the capacity holds unless staff say otherwise.
pub fn add(request: &Request) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    let member = Id::parse(request.field("member"))?;
    let member = members::get(&[member])?.into_iter().flatten().next().ok_or(Failure::NotFound)?;
    let companions = words::companions(request.field("companions")).map_err(|message| FieldErrors::one("companions", message))?;
    if event.body.state != crate::model::EventState::Published {
        return Err(Failure::conflict(context::translate("not-published")));
    }
    let beyond_capacity = request.is_checked("beyond_capacity");
    let state = taking_part::register(&event, Entry { member: member.id, tier: member.tier, companions, beyond_capacity, answer: None })?;
    let page = paths::managed(&event.id, "participants");
    Ok(Reply::redirect(if state == RegistrationState::Waiting { format!("{page}?state=waiting") } else { page }))
}

/// Each word is asked for once: a long file has more rows than a call may ask questions.
#[derive(Default)]
struct Words(BTreeMap<&'static str, String>);

impl Words {
    fn word(&mut self, key: &'static str) -> String {
        self.0.entry(key).or_insert_with(|| context::translate(key)).clone()
    }
}

/// All of them, as a file that spreadsheets open.
pub fn export(request: &Request) -> Result<Reply, Failure> {
    let event = EVENTS.require(&request.id("event")?)?;
    let clock = Clock::of_organisation()?;
    let heads = ["csv-name", "csv-tier", "csv-state", "csv-companions", "csv-at", "csv-attended", "csv-total", "csv-payment"];
    let mut rows = vec![heads.map(context::translate).to_vec()];
    let (mut words, mut asked, mut cursor) = (Words::default(), Asked::default(), None);
    loop {
        let page = Registration::IN_EVENT.equal(&event.id).limit(1_000).cursor(cursor.as_deref()).page()?;
        let names = Names::of(&page.documents)?;
        rows.extend(page.documents.iter().map(|found| {
            let mut cells = row(&found.body, &names, &clock, &mut words);
            cells.extend(asked.cells(found.body.answer.as_ref()));
            cells
        }));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
        if rows.len() >= MOST_ROWS {
            rows.push(vec![context::translate("csv-cut")]);
            break;
        }
    }
    rows.first_mut().into_iter().for_each(|heads| heads.append(&mut asked.labels));
    Ok(Reply::download(format!("participants-{}.csv", clock.day(event.body.starts_at)), "text/csv", csv(&rows)))
}

/// What forms asked, each with a column of its own, in the order in which it is met.
#[derive(Default)]
struct Asked {
    keys: Vec<String>,
    labels: Vec<String>,
}

impl Asked {
    fn cells(&mut self, answer: Option<&Answered>) -> Vec<String> {
        let mut cells = vec![String::new(); self.keys.len()];
        for cell in answer.into_iter().flat_map(|answer| &answer.fields) {
            let at = self.keys.iter().position(|key| *key == cell.key).unwrap_or_else(|| {
                self.keys.push(cell.key.clone());
                self.labels.push(cell.label.clone());
                cells.push(String::new());
                self.keys.len() - 1
            });
            if let Some(there) = cells.get_mut(at) {
                there.clone_from(&cell.text);
            }
        }
        cells
    }
}

fn row(registration: &Registration, names: &Names, clock: &Clock, words: &mut Words) -> Vec<String> {
    let state = match registration.state {
        RegistrationState::Registered => "state-registered",
        RegistrationState::Waiting => "state-waiting",
        RegistrationState::Cancelled => "state-cancelled",
    };
    let attended = registration.attended.map(|came| words.word(if came { "came" } else { "stayed-away" }));
    let payment = match registration.payment {
        Payment::None => None,
        Payment::Billed => Some("payment-billed"),
        Payment::Paid => Some("payment-paid"),
        Payment::ToRefund => Some("payment-to-refund"),
        Payment::TakenBack => Some("payment-taken-back"),
    };
    vec![
        names.name(registration),
        names.member(registration).and_then(|member| member.tier.clone()).unwrap_or_default(),
        words.word(state),
        registration.companions.to_string(),
        clock.day_and_time(registration.at),
        attended.unwrap_or_default(),
        registration.total().to_string(),
        payment.map(|payment| words.word(payment)).unwrap_or_default(),
    ]
}

/// RFC 4180, with the mark by which spreadsheets know UTF-8.
fn csv(rows: &[Vec<String>]) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| format!("\"{}\"", inert(cell).replace('"', "\"\""))).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// A name that begins like a formula is none.
fn inert(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cell;

    #[test]
    fn a_name_that_begins_like_a_formula_is_text() {
        let file = String::from_utf8(csv(&[vec!["=1+1".into(), "星 \"花\" 子".into()]])).unwrap();
        assert_eq!(file, "\u{feff}\"'=1+1\",\"星 \"\"花\"\" 子\"\r\n");
    }

    #[test]
    fn what_was_answered_stands_under_what_was_asked() {
        let id = || Id::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap_or_else(|_| panic!("an id"));
        let cell = |key: &str, text: &str| Cell { key: key.into(), label: format!("欄{key}"), text: text.into() };
        let answer = |fields: Vec<Cell>| Answered { form: id(), id: id(), fields };
        let mut asked = Asked::default();
        assert_eq!(asked.cells(Some(&answer(vec![cell("a", "卵")]))), ["卵"]);
        assert_eq!(asked.cells(None), [""]);
        assert_eq!(asked.cells(Some(&answer(vec![cell("b", "夜"), cell("a", "蕎麦")]))), ["蕎麦", "夜"]);
        assert_eq!(asked.labels, ["欄a", "欄b"]);
    }

    #[test]
    fn names_are_found_in_either_kana_and_without_blanks() {
        assert!(folded("ヤマダ ハナコ").contains(&folded("だ　はな")));
        assert!(folded("Hana Ito").contains(&folded("hanai")));
    }
}
