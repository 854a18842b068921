//! What the reference says, asked over HTTP.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use tsudoi_stripe_stand_in::{Card, Stripe, TEST_KEY, Trouble};

const NOW: u64 = 1_795_305_600;

struct Answer {
    status: u16,
    head: String,
    body: Value,
}

/// `None` where no answer arrives.
fn send(stripe: &Stripe, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(stripe.origin().trim_start_matches("http://")).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: x\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().unwrap();
    Some(Answer { status, head: head.to_owned(), body: serde_json::from_str(body).unwrap_or_default() })
}

fn post(stripe: &Stripe, path: &str, key: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {TEST_KEY}");
    send(stripe, "POST", path, &[("authorization", &bearer), ("idempotency-key", key)], body).unwrap()
}

fn get(stripe: &Stripe, path: &str) -> Answer {
    send(stripe, "GET", path, &[("authorization", &format!("Bearer {TEST_KEY}"))], "").unwrap()
}

const SESSION: &str = "mode=payment&success_url=https://club.example/ok&cancel_url=https://club.example/no\
    &line_items[0][quantity]=1&line_items[0][price_data][currency]=jpy&line_items[0][price_data][unit_amount]=5000\
    &line_items[0][price_data][product_data][name]=Dues&payment_intent_data[metadata][a]=b";

#[test]
fn who_has_no_key_gets_nothing() {
    let stripe = Stripe::start(NOW);
    for headers in [vec![], vec![("authorization", "Bearer sk_test_x")], vec![("authorization", "Basic c2tfdGVzdF94Og==")]] {
        let answer = send(&stripe, "GET", "/v1/customers/cus_1", &headers, "").unwrap();
        assert_eq!((answer.status, &answer.body["error"]["type"]), (401, &Value::from("invalid_request_error")));
    }
    // `sk_test_0123456789abcdef:` in base64.
    let basic = "Basic c2tfdGVzdF8wMTIzNDU2Nzg5YWJjZGVmOg==";
    assert_eq!(send(&stripe, "GET", "/v1/customers/cus_1", &[("authorization", basic)], "").unwrap().status, 404);
    let bearer = format!("Bearer {TEST_KEY}");
    let version = [("authorization", bearer.as_str()), ("stripe-version", "newest")];
    assert_eq!(send(&stripe, "GET", "/v1/customers/cus_1", &version, "").unwrap().status, 400);
}

#[test]
fn a_key_stands_for_one_request_and_its_answer() {
    let stripe = Stripe::start(NOW);
    let first = post(&stripe, "/v1/customers", "k1", "email=a@example.com");
    let again = post(&stripe, "/v1/customers", "k1", "email=a@example.com");
    assert_eq!(first.body, again.body);
    assert!(again.head.contains("idempotent-replayed: true") && !first.head.contains("replayed"));
    let other = post(&stripe, "/v1/customers", "k1", "email=b@example.com");
    assert_eq!((other.status, &other.body["error"]["type"]), (400, &Value::from("idempotency_error")));
    // Where the request itself was wrong nothing was begun, and the key is free.
    assert_eq!(post(&stripe, "/v1/customers", "k2", "colour=red").body["error"]["code"], "parameter_unknown");
    assert_eq!(post(&stripe, "/v1/customers", "k2", "name=A").status, 200);
    // What was done though its answer was lost is not done twice.
    stripe.fail_next(1, Trouble::LostAnswer);
    let bearer = format!("Bearer {TEST_KEY}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k3")];
    assert!(send(&stripe, "POST", "/v1/customers", &headers, "name=B").is_none());
    assert!(post(&stripe, "/v1/customers", "k3", "name=B").head.contains("idempotent-replayed: true"));
    assert_eq!(stripe.ids("customer").len(), 3);
}

#[test]
fn the_same_request_at_the_same_time_is_in_progress() {
    let stripe = Stripe::start(NOW);
    stripe.fail_next(1, Trouble::Held);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| post(&stripe, "/v1/customers", "k", "name=A").status);
        while stripe.held() == 0 {
            std::thread::yield_now();
        }
        let second = post(&stripe, "/v1/customers", "k", "name=A");
        assert_eq!((second.status, &second.body["error"]["code"]), (409, &Value::from("idempotency_key_in_use")));
        stripe.release();
        assert_eq!(first.join().unwrap(), 200);
    });
    assert_eq!(stripe.ids("customer").len(), 1);
}

#[test]
fn an_outage_lasts_until_it_is_over() {
    let stripe = Stripe::start(NOW);
    let bearer = format!("Bearer {TEST_KEY}");
    let lost =
        |key: &str| send(&stripe, "POST", "/v1/customers", &[("authorization", &bearer), ("idempotency-key", key)], "name=A").is_none();
    stripe.set_outage(Some(Trouble::Unheard));
    assert!(lost("k1") && lost("k1") && stripe.asked().is_empty() && stripe.ids("customer").is_empty());
    stripe.set_outage(Some(Trouble::LostAnswer));
    assert!(lost("k2") && lost("k2"));
    assert_eq!(stripe.ids("customer").len(), 1);
    stripe.set_outage(None);
    assert!(post(&stripe, "/v1/customers", "k2", "name=A").head.contains("idempotent-replayed: true"));
}

#[test]
fn a_session_whose_time_is_over_says_so_by_itself() {
    let stripe = Stripe::start(NOW);
    let id = post(&stripe, "/v1/checkout/sessions", "k", SESSION).body["id"].as_str().unwrap().to_owned();
    let pay = "id=\"pay\"";
    stripe.set_time(NOW + 24 * 60 * 60 - 1);
    assert!(stripe.take_events().is_empty() && stripe.page(&id).unwrap().contains(pay));
    stripe.set_time(NOW + 24 * 60 * 60);
    let told: Vec<Value> = stripe.take_events().into_iter().map(|event| event["type"].clone()).collect();
    assert_eq!(told, ["checkout.session.expired"]);
    assert!(!stripe.page(&id).unwrap().contains(pay));
    assert_eq!(stripe.page("cs_test_none"), None);
}

#[test]
fn a_session_is_paid_on_its_page() {
    let stripe = Stripe::start(NOW);
    let made = post(&stripe, "/v1/checkout/sessions", "k", SESSION).body;
    assert_eq!((&made["status"], &made["amount_total"], &made["payment_intent"]), (&"open".into(), &5_000.into(), &Value::Null));
    let path = made["url"].as_str().unwrap().trim_start_matches(&stripe.origin()).to_owned();
    let page = send(&stripe, "GET", &path, &[], "").unwrap();
    assert!(page.status == 200 && page.head.contains("text/html"));
    let press = |button: &str| send(&stripe, "POST", &path, &[], &format!("button={button}")).unwrap();
    assert!(press("cancel").head.contains("location: https://club.example/no"));
    assert_eq!(press("decline").status, 200);
    assert!(press("pay").head.contains("location: https://club.example/ok"));
    let id = made["id"].as_str().unwrap();
    let after = get(&stripe, &format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge")).body;
    assert_eq!((&after["status"], &after["payment_status"]), (&"complete".into(), &"paid".into()));
    let intent = &after["payment_intent"];
    assert_eq!(
        (&intent["status"], &intent["metadata"]["a"], &intent["latest_charge"]["paid"]),
        (&"succeeded".into(), &"b".into(), &true.into())
    );
    let kinds: Vec<String> = stripe.take_events().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    let expected = [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(post(&stripe, &format!("/v1/checkout/sessions/{id}/expire"), "e", "").status, 400);
}

#[test]
fn a_session_ends_after_a_day() {
    let stripe = Stripe::start(NOW);
    let id = post(&stripe, "/v1/checkout/sessions", "k", SESSION).body["id"].as_str().unwrap().to_owned();
    stripe.set_time(NOW + 24 * 60 * 60);
    assert_eq!(get(&stripe, &format!("/v1/checkout/sessions/{id}")).body["status"], "expired");
    assert_eq!(stripe.take_events()[0]["type"], "checkout.session.expired");
}

#[test]
fn cards_do_what_their_numbers_stand_for() {
    let stripe = Stripe::start(NOW);
    let customer = post(&stripe, "/v1/customers", "c", "name=A").body["id"].as_str().unwrap().to_owned();
    for (card, status, code) in [
        (Card::Good, 200, Value::Null),
        (Card::DeclinedLater, 402, "card_declined".into()),
        (Card::NeedsAuthentication, 402, "authentication_required".into()),
    ] {
        let session = format!("mode=setup&currency=jpy&customer={customer}&success_url=https://a.example/");
        let session = post(&stripe, "/v1/checkout/sessions", &format!("s{card:?}"), &session).body["id"].as_str().unwrap().to_owned();
        stripe.pay(&session, card);
        let method = stripe.ids("payment_method").pop().unwrap();
        let intent = format!("amount=700&currency=jpy&customer={customer}&payment_method={method}&off_session=true&confirm=true");
        let answer = post(&stripe, "/v1/payment_intents", &format!("p{card:?}"), &intent);
        assert_eq!((answer.status, &answer.body["error"]["code"]), (status, &code), "{card:?}");
        let again = post(&stripe, "/v1/payment_intents", &format!("p{card:?}"), &intent);
        assert_eq!((again.status, again.body), (answer.status, answer.body));
    }
}

#[test]
fn refunds_are_within_what_was_paid() {
    let stripe = Stripe::start(NOW);
    let session = post(&stripe, "/v1/checkout/sessions", "k", SESSION).body["id"].as_str().unwrap().to_owned();
    stripe.pay(&session, Card::Good);
    let intent = stripe.ids("payment_intent").pop().unwrap();
    assert_eq!(post(&stripe, "/v1/refunds", "r1", &format!("payment_intent={intent}&amount=5001")).status, 400);
    assert_eq!(post(&stripe, "/v1/refunds", "r2", &format!("payment_intent={intent}&amount=2000")).body["status"], "succeeded");
    assert_eq!(post(&stripe, "/v1/refunds", "r3", &format!("payment_intent={intent}")).body["amount"], 3_000);
    let over = post(&stripe, "/v1/refunds", "r4", &format!("payment_intent={intent}&amount=1"));
    assert_eq!(over.body["error"]["code"], "charge_already_refunded");
    let all = get(&stripe, &format!("/v1/refunds?payment_intent={intent}&limit=100")).body;
    assert_eq!(all["data"].as_array().map(Vec::len), Some(2));
}
