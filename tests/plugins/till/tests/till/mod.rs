//! A provider with a page of its own, signed notices, and refunds under idempotency keys.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::marker::PhantomData;
use tsudoi_testkit::gateway::{Begun, Declines, Outages, Provider, Returns};
use tsudoi_testkit::{Opening, Site, Value, json};

const REFUNDS: &str = "https://pay.example.com/refunds";
const HOOK_KEY: &str = "whsec_0123456789abcdef";

/// Which rule the gateway breaks.
pub trait Fault {
    const NAME: &'static str;
}

pub struct Sound;

impl Fault for Sound {
    const NAME: &'static str = "none";
}

pub struct Till<F> {
    site: Site,
    payments: RefCell<Vec<Payment>>,
    /// Notices, and how many of them were told.
    notices: RefCell<Vec<Value>>,
    told: Cell<usize>,
    events: Cell<usize>,
    /// Keys of refunds that were carried out, and how many requests were looked at.
    keys: RefCell<BTreeSet<String>>,
    looked_at: Cell<usize>,
    is_away: Cell<bool>,
    fault: PhantomData<F>,
}

struct Payment {
    invoice: String,
    amount: i64,
    returned: i64,
    currency: String,
}

fn query<'a>(begun: &'a Begun<'_>, name: &str) -> &'a str {
    let address = begun.outside().unwrap_or_else(|| panic!("{}", begun.page().text()));
    let value = address.split(['?', '&']).find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("{address}"))
}

impl<F: Fault> Till<F> {
    fn notice(&self, what: &str, payment: usize, invoice: &str, [amount, part]: [i64; 2], currency: &str) {
        let mut notices = self.notices.borrow_mut();
        let notice = json!({
            "what": what, "payment": format!("payment-{payment}"), "invoice": invoice, "amount": amount, "part": part,
            "currency": currency,
        });
        notices.push(notice);
    }

    fn give_back(&self, number: usize, part: i64) {
        let (invoice, returned, currency) = {
            let mut payments = self.payments.borrow_mut();
            let payment = payments.get_mut(number).unwrap_or_else(|| panic!("there is no payment {number}"));
            payment.returned += part;
            (payment.invoice.clone(), payment.returned, payment.currency.clone())
        };
        self.notice("returned", number, &invoice, [returned, part], &currency);
    }

    /// Carries out what has arrived since this was done last: each key once.
    fn look(&self) {
        let sent = self.site.sent();
        let new = sent.iter().skip(self.looked_at.replace(sent.len()));
        for request in new.filter(|_| !self.is_away.get()) {
            let header = |name: &str| request["headers"].as_array().into_iter().flatten().find(|header| header[0] == name)?[1].as_str();
            assert_eq!(header("authorization"), Some("Bearer sk_till_0123456789"));
            let key = header("idempotency-key").unwrap_or_else(|| panic!("{request}")).to_owned();
            if self.keys.borrow_mut().insert(key) {
                let body: Value = request["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
                let number = body["payment"].as_str().and_then(|name| name.strip_prefix("payment-")?.parse().ok());
                self.give_back(number.unwrap_or_else(|| panic!("{request}")), body["amount"].as_i64().unwrap_or_default());
            }
        }
    }

    fn answers(&self) {
        self.site.outside_answers("POST", REFUNDS, 200, "{}");
    }
}

impl<F: Fault> Provider for Till<F> {
    type Notice = Value;

    fn open(opening: Opening) -> Self {
        let site = opening.open();
        site.set_secret("api-key", "sk_till_0123456789");
        site.set_secret("hook-key", HOOK_KEY);
        site.set("fault", &json!(F::NAME));
        let till = Self {
            site,
            payments: RefCell::default(),
            notices: RefCell::default(),
            told: Cell::default(),
            events: Cell::default(),
            keys: RefCell::default(),
            looked_at: Cell::default(),
            is_away: Cell::default(),
            fault: PhantomData,
        };
        till.answers();
        till
    }

    fn site(&self) -> &Site {
        &self.site
    }

    fn asks(&self, begun: &Begun<'_>) -> i64 {
        query(begun, "amount").parse().unwrap_or_default()
    }

    fn pay(&self, begun: &Begun<'_>, amount: i64) -> bool {
        let (invoice, currency) = (query(begun, "for").to_owned(), query(begun, "currency").to_owned());
        let number = self.payments.borrow().len();
        self.payments.borrow_mut().push(Payment { invoice: invoice.clone(), amount, returned: 0, currency: currency.clone() });
        self.notice("begun", number, &invoice, [amount, 0], &currency);
        self.notice("paid", number, &invoice, [amount, 0], &currency);
        true
    }

    fn news(&self) -> Vec<Value> {
        self.look();
        let notices = self.notices.borrow();
        notices.iter().skip(self.told.replace(notices.len())).cloned().collect()
    }

    fn tell(&self, notice: &Value) {
        // Each telling is an event of its own: that these say the same is for the gateway to know.
        let event = self.events.replace(self.events.get() + 1);
        let mut notice = notice.clone();
        notice["id"] = json!(format!("event-{event}"));
        let body = notice.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(HOOK_KEY.as_bytes()).unwrap_or_else(|_| panic!("any key will do"));
        mac.update(body.as_bytes());
        let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        self.site.webhook("told", &[("x-signature", &signature)], &body);
    }

    fn holds(&self) -> i64 {
        self.look();
        self.payments.borrow().iter().map(|payment| payment.amount - payment.returned).sum()
    }
}

impl<F: Fault> Declines for Till<F> {
    fn decline(&self, begun: &Begun<'_>) {
        let number = self.payments.borrow().len();
        let (invoice, currency) = (query(begun, "for").to_owned(), query(begun, "currency").to_owned());
        self.payments.borrow_mut().push(Payment { invoice: invoice.clone(), amount: 0, returned: 0, currency: currency.clone() });
        self.notice("declined", number, &invoice, [begun.amount(), 0], &currency);
    }
}

impl<F: Fault> Returns for Till<F> {
    fn send_back(&self, begun: &Begun<'_>, amount: i64) {
        let number = self.payments.borrow().iter().position(|payment| payment.invoice == begun.invoice() && payment.amount > 0);
        self.give_back(number.unwrap_or_else(|| panic!("nothing was paid of {}", begun.invoice())), amount);
    }
}

impl<F: Fault> Outages for Till<F> {
    fn goes_away(&self) {
        self.look();
        self.is_away.set(true);
        self.site.outside_is_away("POST", REFUNDS);
    }

    fn loses_answers(&self) {
        self.look();
        self.site.outside_is_away("POST", REFUNDS);
    }

    fn comes_back(&self) {
        self.look();
        self.is_away.set(false);
        self.answers();
    }
}
