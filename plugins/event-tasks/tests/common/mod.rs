//! What the tests of this plugin share.
#![allow(dead_code)]

use tsudoi_testkit::{Page, Person, Site};

/// The form of an event on Saturday 12 December 2026 at six in the evening, three weeks after a site of tests begins.
pub const EVENT: [(&str, &str); 6] = [
    ("title", "忘年会"),
    ("starts_at", "2026-12-12T18:00"),
    ("ends_at", "2026-12-12T20:30"),
    ("place", "公民館 2階"),
    ("gate_kind", "members"),
    ("is_public", "1"),
];

/// The form with other values, and fields of one's own.
pub fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<_> = EVENT.into_iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name)).collect();
    // An empty mark is a check box that is not ticked.
    fields.extend(changes.iter().filter(|(name, value)| !(value.is_empty() && *name == "is_public")));
    fields
}

/// The path of a draft's page, as in plugin.toml.
pub fn draft(office: &Person<'_>, changes: &[(&str, &str)]) -> String {
    let page = office.get_admin("/events/new").submit("/events/new", &with(changes)).is(303).follow();
    path_of(&page)
}

/// The same of an event that is published.
pub fn published(office: &Person<'_>, changes: &[(&str, &str)]) -> String {
    let path = draft(office, changes);
    office.get(&path).submit(&format!("{path}/publish"), &[]).is(303);
    path
}

pub fn path_of(page: &Page<'_>) -> String {
    let path = page.path().trim_start_matches("/admin").trim_start_matches("/p/event-tasks");
    path.split(['#', '?']).next().unwrap_or_default().to_owned()
}

pub fn register<'site>(person: &Person<'site>, event: &str) -> Page<'site> {
    person.get(event).submit(&format!("{event}/register"), &[]).is(303).follow()
}

pub fn withdraw<'site>(person: &Person<'site>, event: &str) -> Page<'site> {
    let path = format!("{event}/withdraw");
    person.get(&path).submit(&path, &[]).is(303).follow()
}

/// Subjects of the mails that tell of this.
pub fn mails(site: &Site, words: &str) -> Vec<String> {
    let mails = site.mails().into_iter().filter(|mail| mail.subject.contains(words));
    mails.map(|mail| mail.to).collect()
}

/// The first address on the page that begins so and goes on with an id, as in plugin.toml, and what follows the id.
pub fn link(page: &Page<'_>, area: &str, start: &str, end: &str) -> String {
    let start = format!("{area}/p/event-tasks{start}");
    let mut rest = page.body().match_indices(&start).map(|(at, _)| &page.body()[at + start.len()..]);
    let found = rest.find_map(|rest| {
        let id = rest.get(..36)?;
        let is_id = id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
        (is_id && rest[36..].starts_with(end)).then(|| id.to_owned())
    });
    match found {
        Some(id) => format!("{}{id}{}", start.trim_start_matches("/admin").trim_start_matches("/p/event-tasks"), end.trim_end_matches('"')),
        None => panic!("no {start}…{end} on {}", page.text()),
    }
}
