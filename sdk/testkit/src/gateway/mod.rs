//! What every gateway has to do, whatever it is: a suite of tests that each of them runs. How money moves where it comes from, the
//! gateway's own tests say by a [`Provider`]; the suite says what happens, and holds what the books have against what the provider has.
//! The rules are those of docs/contract.md, and a test that fails names the one that was broken.
//!
//! ```no_run
//! use std::cell::{Cell, RefCell};
//! use tsudoi_testkit::gateway::{Begun, Provider};
//! use tsudoi_testkit::{Opening, Site, json};
//!
//! /// A provider that sends payers to a page of its own and tells by a webhook what came of it.
//! struct Cards {
//!     site: Site,
//!     held: Cell<i64>,
//!     untold: RefCell<Vec<String>>,
//! }
//!
//! impl Provider for Cards {
//!     type Notice = String;
//!
//!     fn open(opening: Opening) -> Self {
//!         let site = opening.open();
//!         site.set_secret("key", "sk_test_0123456789");
//!         Self { site, held: Cell::new(0), untold: RefCell::default() }
//!     }
//!
//!     fn site(&self) -> &Site {
//!         &self.site
//!     }
//!
//!     fn asks(&self, begun: &Begun<'_>) -> i64 {
//!         let address = begun.outside().unwrap_or_else(|| panic!("{}", begun.page().text()));
//!         address.rsplit("amount=").next().and_then(|amount| amount.parse().ok()).unwrap_or_default()
//!     }
//!
//!     fn pay(&self, begun: &Begun<'_>, amount: i64) -> bool {
//!         self.held.set(self.held.get() + amount);
//!         let paid = json!({ "payment": format!("pay-{}", begun.invoice()), "amount": amount, "for": begun.invoice() });
//!         self.untold.borrow_mut().push(paid.to_string());
//!         true
//!     }
//!
//!     fn news(&self) -> Vec<String> {
//!         self.untold.take()
//!     }
//!
//!     fn tell(&self, notice: &String) {
//!         self.site.webhook("paid", &[], notice).is(200);
//!     }
//!
//!     fn holds(&self) -> i64 {
//!         self.held.get()
//!     }
//! }
//!
//! tsudoi_testkit::gateway_suite!(Cards: one_currency);
//! # fn main() {}
//! ```
//!
//! Words after the provider say what else the gateway does. Each brings tests of its own, and some ask for a trait:
//!
//! | word | the gateway | trait |
//! |---|---|---|
//! | `one_currency` or `currencies` | takes [`Provider::CURRENCY`] alone, or yen and dollars (so any number of digits behind the point); one of the two is there | |
//! | `parts` | takes a part of what is to be paid | |
//! | `more` | takes more than is to be paid | |
//! | `refunds` | gives back when staff ask it to: where plugin.toml says `refunds = true`, and only there | |
//! | `declines` | hears of payments that came to nothing | [`Declines`] |
//! | `returns` | hears of what was given back without staff asking for it here | [`Returns`] |
//! | `part_returns` | … also of a part | [`Returns`] |
//! | `returns_first` | … also before it hears of the payment | [`Returns`] |
//! | `saves` | charges methods that members saved: where plugin.toml says `saved-methods = true`, and only there | [`Saves`] |
//! | `saves_outside` | … over a network | [`Saves`], [`Outages`] |
//! | `outages` | asks its provider to give back, over a network | [`Outages`] |
//! | `begins_outside` | asks its provider when a payer begins, over a network | [`Outages`] |

mod books;
pub mod cases;
mod rules;
mod suite;

use crate::page::Page;
use crate::people::Person;
use crate::site::{Opening, Site};

/// How money moves where a gateway gets it from. It keeps an account of its own, apart from what the plugin and the site say.
///
/// One value has one site; tests that compare sites open several. Methods take `&self`, so what changes is in a `Cell` or `RefCell`.
pub trait Provider: Sized {
    /// What the provider tells of what has happened: a webhook's body, a line of a statement, the request that paid. Telling it again
    /// tells the same.
    type Notice: Clone;

    /// The currency that the gateway takes, where it takes one.
    const CURRENCY: &'static str = "JPY";

    /// A site where members can pay by this gateway: settings and secrets are set, in Latin letters.
    fn open(opening: Opening) -> Self;

    fn site(&self) -> &Site;

    /// How much the payer is asked for, in the currency's smallest unit: read off the page that they see, here or at the provider.
    fn asks(&self, begun: &Begun<'_>) -> i64;

    /// The payer pays so much, going by what they see alone. The gateway does not hear of it before [`Provider::tell`]; one that
    /// hears of it in the same moment has heard of it. `false`: it takes no such payment, and nothing has moved.
    fn pay(&self, begun: &Begun<'_>, amount: i64) -> bool;

    /// What there is to tell since this was asked last, the oldest first. Also what came of giving back.
    fn news(&self) -> Vec<Self::Notice>;

    /// The gateway hears this.
    fn tell(&self, notice: &Self::Notice);

    /// What the provider has got for invoices of this site, less what it gave back, by its own account.
    fn holds(&self) -> i64;
}

/// A provider that can turn a payer down.
pub trait Declines: Provider {
    /// The payer tries, and is turned down.
    fn decline(&self, begun: &Begun<'_>);
}

/// A provider that gives back without being asked by the gateway.
pub trait Returns: Provider {
    /// So much goes back of what was paid where this payer began.
    fn send_back(&self, begun: &Begun<'_>, amount: i64);
}

/// A provider that keeps a method of paying for later.
pub trait Saves: Provider {
    /// The member presses the button for saving a method, and goes through what it leads to.
    fn save(&self, member: &Person<'_>);
}

/// A provider that is reached over a network, which fails.
pub trait Outages: Provider {
    /// Requests don't arrive from now on.
    fn goes_away(&self);

    /// Requests arrive and are carried out, and the answers are lost.
    fn loses_answers(&self);

    /// All is well again.
    fn comes_back(&self);
}

/// A member has pressed the button beside an invoice of theirs.
#[derive(Clone)]
pub struct Begun<'site> {
    member: Person<'site>,
    invoice: String,
    amount: i64,
    page: Page<'site>,
}

impl<'site> Begun<'site> {
    #[track_caller]
    fn new(member: &Person<'site>, invoice: &str) -> Self {
        let amount = books::open_part(member.site(), invoice);
        Self { member: member.clone(), invoice: invoice.to_owned(), amount, page: member.pay(invoice) }
    }

    pub fn member(&self) -> &Person<'site> {
        &self.member
    }

    /// Its id.
    pub fn invoice(&self) -> &str {
        &self.invoice
    }

    /// What was to be paid of the invoice then.
    pub fn amount(&self) -> i64 {
        self.amount
    }

    /// What pressing the button answered.
    pub fn page(&self) -> &Page<'site> {
        &self.page
    }

    /// The address outside that it leads to.
    pub fn outside(&self) -> Option<&str> {
        self.page.header("refresh").and_then(|refresh| refresh.split_once("url=")).map(|(_, address)| address)
    }

    /// What the payer sees on this site: the page that it leads to, or shows.
    #[track_caller]
    pub fn shown(&self) -> Page<'site> {
        if (300..400).contains(&self.page.status()) { self.page.follow() } else { self.page.clone() }
    }

    /// Where it leads: an address outside, a path of the site, or nowhere else.
    fn leads_to(&self) -> String {
        self.outside().or(self.page.header("location")).unwrap_or_default().to_owned()
    }
}
