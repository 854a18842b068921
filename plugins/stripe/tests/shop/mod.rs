//! A site whose requests to Stripe go to the stand-in, and what people do there.
#![allow(dead_code, reason = "not every file of tests has use for all of it")]

use std::time::Duration;
use tsudoi_stripe_stand_in::{Stripe, TEST_KEY};
use tsudoi_testkit::{Opening, Page, Person, Site, Value};

pub const WEBHOOK_SECRET: &str = "whsec_0123456789";
/// When a site begins, in seconds since 1970.
const NOW: u64 = 1_795_305_600;
const PAGES: &str = "https://checkout.stripe.com";

pub struct Shop {
    pub site: Site,
    pub stripe: Stripe,
    now: std::cell::Cell<u64>,
}

impl Shop {
    /// Staff have entered both secrets.
    #[track_caller]
    pub fn open() -> Self {
        Self::opened(Site::opening())
    }

    #[track_caller]
    pub fn opened(opening: Opening) -> Self {
        let shop = Self::without_secrets(opening);
        shop.site.set_secret("secret-key", TEST_KEY);
        shop.site.set_secret("webhook-secret", WEBHOOK_SECRET);
        shop
    }

    #[track_caller]
    pub fn without_secrets(opening: Opening) -> Self {
        let (site, stripe) = (opening.open(), Stripe::start(NOW));
        stripe.set_pages(PAGES);
        site.outside_goes_to("https://api.stripe.com", &stripe.origin());
        Self { site, stripe, now: NOW.into() }
    }

    /// Both clocks go on.
    #[track_caller]
    pub fn pass(&self, seconds: u64) {
        self.now.set(self.now.get() + seconds);
        self.stripe.set_time(self.now.get());
        self.site.pass(Duration::from_secs(seconds));
    }

    /// Presses the button beside an invoice. Answers the session that it leads to.
    #[track_caller]
    pub fn press(&self, member: &Person<'_>, invoice: &str) -> String {
        session(&member.pay(invoice))
    }

    /// Stripe sends an event.
    #[track_caller]
    pub fn hear(&self, event: &Value) -> Page<'_> {
        let signed = self.stripe.signed(event, &[WEBHOOK_SECRET]);
        self.send(&signed.signature, &signed.body)
    }

    #[track_caller]
    pub fn send(&self, signature: &str, body: &str) -> Page<'_> {
        self.site.webhook("events", &[("stripe-signature", signature), ("content-type", "application/json")], body)
    }

    /// Stripe sends all that has happened, and jobs are done.
    #[track_caller]
    pub fn hear_all(&self) {
        for event in self.stripe.take_events() {
            self.hear(&event).is(200);
        }
        self.site.run_due();
    }

    /// State, and what was paid, of the newest invoice.
    #[track_caller]
    pub fn standing(&self) -> (String, i64) {
        let newest = self.site.invoices().pop().map(|invoice| invoice.id);
        newest.map(|invoice| self.standing_of(&invoice)).unwrap_or_default()
    }

    #[track_caller]
    pub fn standing_of(&self, invoice: &str) -> (String, i64) {
        let found = self.site.invoices().into_iter().find(|found| found.id == invoice);
        found.map(|invoice| (invoice.state, invoice.paid)).unwrap_or_default()
    }

    /// Nothing went wrong, and the books add up: all that is at Stripe is what was paid less what was given back.
    #[track_caller]
    pub fn is_sound(&self) {
        assert_eq!(self.site.failures(), Vec::<String>::new());
        assert!(self.site.set_aside().is_empty(), "{:?}", self.site.set_aside());
        let here: i64 = self.site.payments().iter().map(|payment| payment.amount - payment.refunded).sum();
        assert_eq!(self.site.balances().get("assets:clearing:stripe").copied().unwrap_or_default(), here);
    }
}

/// The session of the page that a payer is sent to.
#[track_caller]
pub fn session(page: &Page<'_>) -> String {
    assert_eq!(page.status(), 200, "{} {}", page.text(), page.body());
    let to = page.header("refresh").and_then(|refresh| refresh.split_once("url=")).map(|(_, to)| to).unwrap_or_default();
    to.strip_prefix(&format!("{PAGES}/c/pay/")).unwrap_or_else(|| panic!("it leads to {to}")).to_owned()
}
