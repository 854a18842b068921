//! What staff and members do in these tests, and what has to be true whatever they did.
#![allow(dead_code, reason = "not every file of tests has use for all of it")]

use std::time::Duration;
use tsudoi_testkit::{Page, Person, Site};

pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A rule with these fields on top of the usual ones, tried out and switched on.
pub fn rule(site: &Site, fields: &[(&str, &str)]) {
    let office = site.staff("事務局");
    let usual = [("name", "入会特典"), ("occasion", "joined"), ("points", "500"), ("validity", "months"), ("valid_for", "12")];
    switch_on(&office.get_admin("/rules/new").submit("/rules/new", &over(&usual, fields)).follow());
}

pub fn campaign(site: &Site, fields: &[(&str, &str)]) {
    let office = site.staff("事務局");
    let usual = [
        ("name", "年末2倍"),
        ("times", "2"),
        ("from", "2026-11-22"),
        ("until", "2026-12-31"),
        ("validity", "until"),
        ("valid_until", "2027-01-31"),
        ("limited", "1"),
    ];
    switch_on(&office.get_admin("/campaigns/new").submit("/campaigns/new", &over(&usual, fields)).follow());
}

pub fn over<'a>(usual: &[(&'a str, &'a str)], fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = usual.iter().filter(|(name, _)| fields.iter().all(|(given, _)| given != name));
    kept.chain(fields).copied().collect()
}

pub fn switch_on(page: &Page<'_>) {
    let path = page.path().trim_start_matches("/admin/p/points").replace("/try", "/switch");
    page.submit(&path, &[("to", "on")]).leads_to("/rules");
}

/// Staff give points, or take them.
pub fn adjust<'site>(site: &'site Site, member: &Person<'_>, fields: &[(&str, &str)]) -> Page<'site> {
    let path = format!("/members/{}/adjust", member.id());
    let usual = [("direction", "add"), ("points", "100"), ("reason", "大会入賞")];
    site.staff("事務局").get_admin(&path).submit(&path, &over(&usual, fields))
}

pub fn spend<'site>(office: &Person<'site>, member: &Person<'_>, points: &str) -> Page<'site> {
    office.post(&format!("/members/{}/spend", member.id()), &[("points", points), ("reason", "売店")])
}

/// Whatever happened, sums agree: of lots, of entries, and of accounts.
pub fn books_agree(site: &Site) {
    let sum =
        |collection: &str, field: &str| site.documents(collection).iter().filter_map(|document| document[field].as_i64()).sum::<i64>();
    assert_eq!(sum("lots", "left"), sum("entries", "points"));
    assert_eq!(sum("accounts", "balance"), sum("entries", "points"));
    assert!(site.documents("lots").iter().all(|lot| lot["left"].as_i64().is_some_and(|left| left >= 0)));
    assert_eq!(site.failures(), Vec::<String>::new());
    assert!(site.set_aside().is_empty());
}
