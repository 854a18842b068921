//! What every gateway has to do, of points: they are spent and booked in one commit.

mod office;

use office::{adjust, books_agree};
use std::cell::{Cell, RefCell};
use tsudoi_testkit::gateway::{Begun, Provider};
use tsudoi_testkit::{Opening, Sending, Site};

/// Members have as many points as they want to spend; each is worth one of the currency's smallest unit.
struct Purse {
    site: Site,
    sent: Cell<usize>,
    /// The forms by which points were spent.
    spent: RefCell<Vec<Sending>>,
}

impl Provider for Purse {
    type Notice = Sending;

    fn open(opening: Opening) -> Self {
        Self { site: opening.open(), sent: Cell::default(), spent: RefCell::default() }
    }

    fn site(&self) -> &Site {
        &self.site
    }

    fn asks(&self, begun: &Begun<'_>) -> i64 {
        let words = begun.shown().text();
        // 残額：3,000円, To be paid of invoice 2026-0001: $12.34
        let amount = words.split(['：', ':']).nth(1).map(|rest| rest.trim_start_matches([' ', '$', '¥', '￥']));
        let amount: Option<String> = amount.map(|rest| rest.chars().take_while(|c| c.is_ascii_digit() || ",.".contains(*c)).collect());
        let digits: String = amount.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap_or_else(|_| panic!("{words}"))
    }

    fn pay(&self, begun: &Begun<'_>, amount: i64) -> bool {
        let member = begun.member();
        adjust(&self.site, member, &[("points", &amount.to_string()), ("expires_on", "2027-12-31")]).is(303);
        let number = self.sent.replace(self.sent.get() + 1);
        let path = begun.page().location().trim_start_matches("/p/points").to_owned();
        let form = member.posting(&path, &[("points", &amount.to_string()), ("_call", &format!("{number:032x}"))]);
        let took = self.site.at_once(std::slice::from_ref(&form)).iter().all(|page| page.status() == 303);
        if took {
            self.spent.borrow_mut().push(form);
        }
        took
    }

    fn news(&self) -> Vec<Sending> {
        self.spent.take()
    }

    fn tell(&self, form: &Sending) {
        self.site.at_once(std::slice::from_ref(form));
    }

    /// By the points' own history.
    fn holds(&self) -> i64 {
        books_agree(&self.site);
        let entries = self.site.documents("entries");
        let of_invoices = entries.iter().filter(|entry| ["spent", "given-back"].iter().any(|kind| entry["kind"] == *kind));
        -of_invoices.filter_map(|entry| entry["points"].as_i64()).sum::<i64>()
    }
}

tsudoi_testkit::gateway_suite!(Purse: currencies, parts, refunds);
