//! The same plugin against somebody else's idea of Stripe: localstripe (PyPI, <https://github.com/adrienverge/localstripe>), which has
//! customers, cards, payments, refunds and signed events, and no Checkout Sessions.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tsudoi_testkit::{Person, Site, Value, json};

const SECRET: &str = "whsec_localstripe";
const KEY: &str = "sk_test_0123456789";

/// localstripe, which refuses parameters that it does not know: of those of a payment it is made to read past two.
const PROGRAM: &str = "
import sys
from localstripe import resources, server
known = resources.PaymentIntent._api_create.__func__
def create(cls, description=None, statement_descriptor_suffix=None, **given):
    return known(cls, **given)
resources.PaymentIntent._api_create = classmethod(create)
sys.argv = ['localstripe', '--port', sys.argv[1], '--from-scratch']
server.start()
";

struct LocalStripe {
    child: Child,
    port: u16,
}

impl LocalStripe {
    fn start() -> Self {
        let python = std::env::var_os("TSUDOI_TEST_PYTHON");
        let python = python
            .expect("TSUDOI_TEST_PYTHON is not set: `cargo xtask setup` makes a Python with what tests/python/requirements.txt names");
        // Free a moment ago; somebody else who takes it first fails the test with a clear word.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(python);
        command.args(["-c", PROGRAM, &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("localstripe does not start: {error}"));
        let mut started = Self { child, port };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return started;
            }
            assert!(started.child.try_wait().unwrap().is_none(), "localstripe has ended: is it installed for TSUDOI_TEST_PYTHON?");
            std::thread::park_timeout(Duration::from_millis(100));
        }
        panic!("localstripe does not answer");
    }

    /// A request of the test's own.
    fn post(&self, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {KEY}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let (head, body) = message(&mut stream);
        assert!(head.contains(" 200 "), "{head}\n\n{body}");
        serde_json::from_str(&body).unwrap_or_default()
    }
}

impl Drop for LocalStripe {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let of = |line: &str| line.split_once(':').filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned());
    head.lines().find_map(of)
}

/// A request or an answer: its head, and a body that is as long as the head says. However the connection ends after it.
fn message(stream: &mut TcpStream) -> (String, String) {
    let (mut got, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(at) = got.windows(4).position(|four| four == b"\r\n\r\n") {
            let (head, body) = (String::from_utf8_lossy(&got[..at]), &got[at + 4..]);
            let length: usize = header(&head, "content-length").unwrap().parse().unwrap();
            if body.len() >= length {
                return (head.into_owned(), String::from_utf8_lossy(body).into_owned());
            }
        }
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "it ended early: {}", String::from_utf8_lossy(&got));
        got.extend_from_slice(&piece[..count]);
    }
}

/// Takes what localstripe sends.
struct Post(TcpListener);

impl Post {
    fn open() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn address(&self) -> String {
        format!("http://{}/", self.0.local_addr().unwrap())
    }

    /// The next event: its signature and its body.
    fn next(&self) -> (String, String) {
        let (mut stream, _) = self.0.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let (head, body) = message(&mut stream);
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        (header(&head, "stripe-signature").unwrap(), body)
    }
}

/// A payment of an invoice with a card, as one is made there without Checkout; then its signed event.
fn pay(stripe: &LocalStripe, post: &Post, site: &Site, hanako: &Person<'_>, amount: i64) -> (String, String) {
    let invoice = site.invoice(hanako, "会費", amount);
    // localstripe has no Checkout Sessions; pressing gives the invoice to the plugin all the same.
    hanako.pay(&invoice).is(503);
    let body = format!("amount={amount}&currency=jpy&payment_method=pm_card_visa&confirm=true&metadata[tsudoi_invoice]={invoice}");
    let intent = stripe.post("/v1/payment_intents", &body)["id"].as_str().unwrap().to_owned();
    let (signature, body) = post.next();
    assert!(body.contains("payment_intent.succeeded"), "{body}");
    site.webhook("events", &[("stripe-signature", &signature)], &body.replace("5000", "1")).is(401);
    site.webhook("events", &[("stripe-signature", &signature)], &body).is(200);
    site.webhook("events", &[("stripe-signature", &signature)], &body).is(200);
    (invoice, intent)
}

/// localstripe goes by this machine's clock.
fn now(format: &str) -> String {
    let output = Command::new("date").args(["-u", format]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn site(stripe: &LocalStripe, post: &Post) -> Site {
    let body = format!("url={}&secret={SECRET}&events[]=payment_intent.succeeded&events[]=payment_intent.payment_failed", post.address());
    stripe.post("/_config/webhooks/tests", &body);
    let site = Site::opening().at(&now("+%Y-%m-%dT%H:%M:%S+00:00")).open();
    site.outside_goes_to("https://api.stripe.com", &format!("http://127.0.0.1:{}", stripe.port));
    site.set_secret("secret-key", KEY);
    site.set_secret("webhook-secret", SECRET);
    site
}

#[test]
fn what_localstripe_signs_is_booked_and_what_it_refunds_goes_back() {
    let (stripe, post) = (LocalStripe::start(), Post::open());
    let site = site(&stripe, &post);
    let hanako = site.member("花子");
    let (invoice, intent) = pay(&stripe, &post, &site, &hanako, 5_000);
    assert_eq!(site.invoices()[0].state, "paid");
    let payments = site.payments();
    assert_eq!((payments.len(), payments[0].reference.as_str(), payments[0].amount), (1, intent.as_str(), 5_000));
    site.credit(&invoice);
    assert_eq!(site.give_back(&payments[0].id, 2_000), "done");
    assert_eq!(site.payments()[0].refunded, 2_000);
    // Somebody refunds there; localstripe tells nobody, so that the notice is the test's.
    stripe.post("/v1/refunds", &format!("payment_intent={intent}&amount=500"));
    let notice = json!({ "id": "evt_1", "type": "charge.refunded", "livemode": false,
        "data": { "object": { "object": "charge", "payment_intent": intent } } });
    tell(&site, &notice);
    assert_eq!(site.payments()[0].refunded, 2_500);
    assert_eq!(site.failures(), Vec::<String>::new());
    // The customer that it was asked to make is there.
    let customer = site.sent().into_iter().find(|sent| sent["url"].as_str().is_some_and(|url| url.ends_with("/v1/customers")));
    assert!(customer.is_some());
}

/// A card that a member saved: its numbers never come here. localstripe has no page for it, so that its answer about one is the test's.
fn save_card(stripe: &LocalStripe, site: &Site, hanako: &Person<'_>, number: &str) -> String {
    let session = json!({ "id": "cs_test_1", "object": "checkout.session", "url": "https://checkout.stripe.com/c/pay/cs_test_1",
        "livemode": false });
    site.outside_answers("POST", "https://api.stripe.com/v1/checkout/sessions", 200, &session.to_string());
    assert_eq!(hanako.save_method().status(), 200);
    let customer = site.documents("customers")[0]["customer"].as_str().unwrap().to_owned();
    let card = format!("type=card&card[number]={number}&card[exp_month]=12&card[exp_year]=2034&card[cvc]=123");
    let method = stripe.post("/v1/payment_methods", &card)["id"].as_str().unwrap().to_owned();
    stripe.post(&format!("/v1/payment_methods/{method}/attach"), &format!("customer={customer}"));
    let setup = stripe.post("/v1/setup_intents", &format!("customer={customer}"))["id"].as_str().unwrap().to_owned();
    stripe.post(&format!("/v1/setup_intents/{setup}/confirm"), &format!("payment_method={method}"));
    let completed = json!({ "id": format!("evt_{setup}"), "type": "checkout.session.completed", "livemode": false, "data": { "object": {
        "id": "cs_test_1", "object": "checkout.session", "mode": "setup", "setup_intent": setup, "customer": customer,
        "metadata": { "tsudoi_member": hanako.id() } } } });
    tell(site, &completed);
    method
}

/// An event that localstripe does not send.
fn tell(site: &Site, event: &Value) {
    let signature = tsudoi_stripe_stand_in::sign(&[SECRET], now("+%s").parse().unwrap(), &event.to_string());
    site.webhook("events", &[("stripe-signature", &signature)], &event.to_string()).is(200);
    site.run_due();
}

#[test]
fn a_card_that_was_saved_there_is_charged_there() {
    let (stripe, post) = (LocalStripe::start(), Post::open());
    let site = site(&stripe, &post);
    let hanako = site.member("花子");
    save_card(&stripe, &site, &hanako, "4242424242424242");
    hanako.open("/account/payments").shows("Visa •••• 4242");
    let invoice = site.invoice(&hanako, "会費", 5_000);
    assert_eq!(site.charge_saved(&invoice), "done");
    let (signature, body) = post.next();
    site.webhook("events", &[("stripe-signature", &signature)], &body).is(200);
    assert_eq!((site.payments().len(), site.invoices()[0].state.as_str()), (1, "paid"));
    // One that is declined when it is charged, and one whose bank wants its owner to be there.
    for number in ["4000000000000341", "4000002760003184"] {
        save_card(&stripe, &site, &hanako, number);
        let invoice = site.invoice(&hanako, "夏合宿", 3_000);
        assert_eq!(site.charge_saved(&invoice), "failed", "{number}");
        assert_eq!(site.invoices().pop().unwrap().paid, 0);
    }
    hanako.forget_method().is(303);
    hanako.open("/account/payments").lacks("••••");
    assert_eq!(site.failures(), Vec::<String>::new());
}
