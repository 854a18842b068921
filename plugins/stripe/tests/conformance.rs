//! What every gateway has to do, of Stripe: members pay on its page, and its signed events tell what came of it.

mod shop;

use shop::Shop;
use std::cell::Cell;
use tsudoi_stripe_stand_in::{Card, Stripe, Trouble};
use tsudoi_testkit::gateway::{Begun, Declines, Outages, Provider, Returns, Saves};
use tsudoi_testkit::{Opening, Person, Site, Value, json};

struct Account {
    shop: Shop,
    /// Events that were sent so far.
    sent: Cell<usize>,
}

/// The text of what has this id on a page of Stripe's.
fn on_page(page: &str, id: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!(" id=\"{id}\">"))?;
    rest.split('<').next().map(str::to_owned)
}

impl Account {
    /// Stripe, its clock showing what the site's shows.
    fn stripe(&self) -> &Stripe {
        self.shop.stripe.set_time(self.shop.site.now() / 1_000);
        &self.shop.stripe
    }

    /// The session whose page the payer sees, and that page.
    #[track_caller]
    fn page(&self, begun: &Begun<'_>) -> (String, String) {
        let session = shop::session(begun.page());
        let page = self.stripe().page(&session).unwrap_or_else(|| panic!("Stripe has no page {session}"));
        (session, page)
    }

    /// What was paid where this payer began.
    #[track_caller]
    fn intent(&self, begun: &Begun<'_>) -> String {
        let session = self.stripe().object(&shop::session(begun.page()));
        session["payment_intent"].as_str().unwrap_or_else(|| panic!("nothing was paid: {session}")).to_owned()
    }
}

impl Provider for Account {
    /// An event.
    type Notice = Value;

    fn open(opening: Opening) -> Self {
        Self { shop: Shop::opened(opening), sent: Cell::default() }
    }

    fn site(&self) -> &Site {
        &self.shop.site
    }

    fn asks(&self, begun: &Begun<'_>) -> i64 {
        let (_, page) = self.page(begun);
        let amount = on_page(&page, "amount").unwrap_or_default();
        amount.split(' ').next().and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("{page}"))
    }

    /// Stripe's page has a button for what it asks for, until it is over.
    fn pay(&self, begun: &Begun<'_>, amount: i64) -> bool {
        let (session, page) = self.page(begun);
        if !page.contains(" id=\"pay\"") {
            return false;
        }
        assert_eq!(self.asks(begun), amount, "Stripe takes what its page asks for");
        self.stripe().pay(&session, Card::Good);
        true
    }

    fn news(&self) -> Vec<Value> {
        self.stripe().take_events()
    }

    fn tell(&self, event: &Value) {
        // Each telling is an event of its own: that these say the same is for the gateway to know.
        let number = self.sent.replace(self.sent.get() + 1);
        let mut event = event.clone();
        event["id"] = json!(format!("evt_told_{number}"));
        self.stripe();
        self.shop.hear(&event).is(200);
    }

    fn holds(&self) -> i64 {
        let stripe = self.stripe();
        let sum = |kind: &str, state: &str, of: &dyn Fn(&Value) -> i64| -> i64 {
            let objects = stripe.ids(kind).into_iter().map(|id| stripe.object(&id));
            objects.filter(|object| object["status"] == state).map(|object| of(&object)).sum()
        };
        let number = |value: &Value| value.as_i64().unwrap_or_default();
        let paid = sum("charge", "succeeded", &|charge| number(&charge["amount"]));
        paid - sum("refund", "succeeded", &|refund| number(&refund["amount"]))
    }
}

impl Declines for Account {
    fn decline(&self, begun: &Begun<'_>) {
        self.stripe().pay(&shop::session(begun.page()), Card::Declined);
    }
}

impl Returns for Account {
    /// Somebody gives it back at Stripe's dashboard.
    fn send_back(&self, begun: &Begun<'_>, amount: i64) {
        self.stripe().refund(&self.intent(begun), amount);
    }
}

impl Saves for Account {
    fn save(&self, member: &Person<'_>) {
        let session = shop::session(&member.save_method());
        self.stripe().pay(&session, Card::Good);
    }
}

impl Outages for Account {
    fn goes_away(&self) {
        self.stripe().set_outage(Some(Trouble::Unheard));
    }

    fn loses_answers(&self) {
        self.stripe().set_outage(Some(Trouble::LostAnswer));
    }

    fn comes_back(&self) {
        self.stripe().set_outage(None);
    }
}

tsudoi_testkit::gateway_suite!(
    Account: currencies, refunds, declines, returns, part_returns, returns_first, saves, saves_outside, outages, begins_outside
);
