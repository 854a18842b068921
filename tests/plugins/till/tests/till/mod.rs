//! A provider with a page of its own, signed notices, and refunds under idempotency keys.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::marker::PhantomData;
use tsudoi_testkit::gateway::{Begun, Declines, Outages, Provider, Returns, Saves};
use tsudoi_testkit::{Opening, Person, Site, Value, json};

/// Where the provider is asked to do something.
const ASKED: [&str; 2] = ["https://pay.example.com/refunds", "https://pay.example.com/charges"];
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
    /// The ids of members who have saved a method.
    saved: RefCell<BTreeSet<String>>,
    /// Keys of what was carried out, and how many requests were looked at.
    keys: RefCell<BTreeSet<String>>,
    looked_at: Cell<usize>,
    is_away: Cell<bool>,
    fault: PhantomData<F>,
}

struct Payment {
    name: String,
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
    /// A payment with the provider's name for it, or the next one.
    fn payment(&self, name: Option<&str>, invoice: &str, amount: i64, currency: &str) -> usize {
        let mut payments = self.payments.borrow_mut();
        let name = name.map_or_else(|| format!("payment-{}", payments.len()), str::to_owned);
        payments.push(Payment { name, invoice: invoice.to_owned(), amount, returned: 0, currency: currency.to_owned() });
        payments.len() - 1
    }

    fn notice(&self, what: &str, number: usize, [amount, part]: [i64; 2]) {
        let payments = self.payments.borrow();
        let Payment { name, invoice, currency, .. } = &payments[number];
        let notice = json!({
            "what": what, "payment": name, "invoice": invoice, "amount": amount, "part": part, "currency": currency,
        });
        self.notices.borrow_mut().push(notice);
    }

    fn give_back(&self, number: usize, part: i64) {
        self.payments.borrow_mut()[number].returned += part;
        let returned = self.payments.borrow()[number].returned;
        self.notice("returned", number, [returned, part]);
    }

    /// Carries out what has arrived since this was done last: each key once.
    fn look(&self) {
        let sent = self.site.sent();
        let new = sent.iter().skip(self.looked_at.replace(sent.len()));
        for request in new.filter(|_| !self.is_away.get()) {
            let header = |name: &str| request["headers"].as_array().into_iter().flatten().find(|header| header[0] == name)?[1].as_str();
            assert_eq!(header("authorization"), Some("Bearer sk_till_0123456789"));
            let key = header("idempotency-key").unwrap_or_else(|| panic!("{request}")).to_owned();
            if self.keys.borrow_mut().insert(key.clone()) {
                let body: Value = request["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
                let (amount, text) = (body["amount"].as_i64().unwrap_or_default(), |field: &str| body[field].as_str().unwrap_or_default());
                if request["url"] == ASKED[0] {
                    let number = self.payments.borrow().iter().position(|payment| payment.name == text("payment"));
                    self.give_back(number.unwrap_or_else(|| panic!("{request}")), amount);
                } else {
                    assert!(self.saved.borrow().contains(text("payer")), "{request}");
                    let number = self.payment(Some(&key), text("invoice"), amount, text("currency"));
                    self.notice("paid", number, [amount, 0]);
                }
            }
        }
    }

    fn answers(&self) {
        ASKED.iter().for_each(|url| self.site.outside_answers("POST", url, 200, "{}"));
    }

    fn stops_answering(&self) {
        ASKED.iter().for_each(|url| self.site.outside_is_away("POST", url));
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
            saved: RefCell::default(),
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
        let number = self.payment(None, query(begun, "for"), amount, query(begun, "currency"));
        self.notice("begun", number, [amount, 0]);
        self.notice("paid", number, [amount, 0]);
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
        let number = self.payment(None, query(begun, "for"), 0, query(begun, "currency"));
        self.notice("declined", number, [begun.amount(), 0]);
    }
}

impl<F: Fault> Saves for Till<F> {
    fn save(&self, member: &Person<'_>) {
        let page = member.save_method();
        assert!(page.header("refresh").is_some_and(|refresh| refresh.contains(member.id())), "{}", page.text());
        self.saved.borrow_mut().insert(member.id().to_owned());
        self.notices.borrow_mut().push(json!({ "what": "saved", "payer": member.id(), "label": "Purse" }));
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
        self.stops_answering();
    }

    fn loses_answers(&self) {
        self.look();
        self.stops_answering();
    }

    fn comes_back(&self) {
        self.look();
        self.is_away.set(false);
        self.answers();
    }
}
