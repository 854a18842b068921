//! An event as a calendar takes it over: iCalendar (RFC 5545), with the methods of RFC 5546.

use crate::model::{Event, EventState};
use tsudoi_plugin::{Document, Id, Timestamp};

pub struct Publisher<'a> {
    pub organisation: &'a Id,
    pub name: &'a str,
}

/// `place`: as far as whoever asks may know it.
pub fn file(event: &Document<Event>, place: Option<&str>, publisher: &Publisher<'_>) -> Vec<u8> {
    let Document { id, body, updated, .. } = event;
    let is_off = body.state == EventState::CalledOff;
    let mut lines = Lines::default();
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add("PRODID", "-//Tsudoi//event-tasks//EN");
    lines.add("METHOD", if is_off { "CANCEL" } else { "PUBLISH" });
    lines.add("BEGIN", "VEVENT");
    lines.add("UID", &format!("{id}@{}", publisher.organisation));
    // With a method DTSTAMP is when this text was made; the last change stands for it, so that the same event is the same file.
    lines.add("DTSTAMP", &utc(*updated));
    lines.add("LAST-MODIFIED", &utc(*updated));
    lines.add("SEQUENCE", &body.sequence.to_string());
    lines.add("DTSTART", &utc(body.starts_at));
    lines.add("DTEND", &utc(body.ends_at));
    lines.add("SUMMARY", &text(&body.title));
    if !body.description.is_empty() {
        lines.add("DESCRIPTION", &text(&body.description));
    }
    if let Some(place) = place.filter(|place| !place.is_empty()) {
        lines.add("LOCATION", &text(place));
    }
    lines.add("STATUS", if is_off { "CANCELLED" } else { "CONFIRMED" });
    // Both methods ask for an organiser. No address is known here, and any URI may stand for one.
    lines.add(&format!("ORGANIZER;CN=\"{}\"", quoted(publisher.name)), &format!("urn:uuid:{}", publisher.organisation));
    lines.add("END", "VEVENT");
    lines.add("END", "VCALENDAR");
    lines.0.into_bytes()
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Folded after at most 75 octets, never within a character (section 3.1).
    fn add(&mut self, name: &str, value: &str) {
        let mut length = 0;
        for letter in name.chars().chain([':']).chain(value.chars()) {
            if length + letter.len_utf8() > 75 {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(letter);
            length += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// Section 3.3.11.
fn text(value: &str) -> String {
    let mut escaped = String::new();
    for letter in value.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// A parameter's value has neither quotation marks nor controls (section 3.2).
fn quoted(value: &str) -> String {
    value.chars().filter(|letter| *letter != '"' && !letter.is_control()).collect()
}

/// `20261224T090000Z`.
fn utc(instant: Timestamp) -> String {
    let instant = i64::try_from(instant).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    instant.unwrap_or(jiff::Timestamp::UNIX_EPOCH).strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(title: &str, description: &str) -> Document<Event> {
        let body = Event {
            title: title.to_owned(),
            description: description.to_owned(),
            place: "公民館; 2階, 会議室".into(),
            starts_at: 1_798_102_800_000,
            ends_at: 1_798_110_000_000,
            sequence: 3,
            state: EventState::Published,
            ..Event::default()
        };
        Document { id: id(), revision: String::new(), body, created: 0, updated: 1_798_000_000_000 }
    }

    fn id() -> Id {
        Id::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap_or_else(|_| panic!("an id"))
    }

    fn shown(event: &Document<Event>, place: Option<&str>) -> String {
        String::from_utf8(file(event, place, &Publisher { organisation: &id(), name: "凪\"天\"" })).unwrap()
    }

    fn unfolded(text: &str) -> String {
        text.replace("\r\n ", "")
    }

    #[test]
    fn an_event_is_as_the_standard_writes_it() {
        let event = event("新年会", "持ち物:\n・箸");
        let text = unfolded(&shown(&event, Some(&event.body.place)));
        for line in [
            "METHOD:PUBLISH",
            "UID:01890a5d-ac96-774b-bcce-b302099a8057@01890a5d-ac96-774b-bcce-b302099a8057",
            "SEQUENCE:3",
            "DTSTART:20261224T090000Z",
            "DTEND:20261224T110000Z",
            "DESCRIPTION:持ち物:\\n・箸",
            "LOCATION:公民館\\; 2階\\, 会議室",
            "STATUS:CONFIRMED",
            "ORGANIZER;CN=\"凪天\":urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line} in {text}");
        }
        assert!(!shown(&event, None).contains("LOCATION"));
    }

    #[test]
    fn an_event_that_was_called_off_is_cancelled_in_calendars_too() {
        let mut event = event("新年会", "");
        event.body.state = EventState::CalledOff;
        let text = shown(&event, None);
        assert!(text.contains("METHOD:CANCEL\r\n") && text.contains("STATUS:CANCELLED\r\n"), "{text}");
    }

    #[test]
    fn long_lines_are_folded_and_nothing_is_lost() {
        for length in 0..200 {
            let title = "会a🌟".chars().cycle().take(length).collect::<String>();
            let text = shown(&event(&title, ""), None);
            assert!(text.ends_with("END:VCALENDAR\r\n"));
            assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
            assert!(unfolded(&text).contains(&format!("SUMMARY:{title}\r\n")), "{text}");
        }
    }
}
