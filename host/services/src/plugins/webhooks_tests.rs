//! Forged, late and repeated calls from outside; the plugin behind them repeats the webhook's name.

use super::*;
use crate::testing::{TestServices, services_on_each};
use serde_json::json;

const SECRET: &str = "whsec-0123456789";

/// `club` with a plugin that takes signed calls, and with its secret.
async fn shop(house: &TestServices) -> Visit {
    house.parrot_with_webhooks("shop", json!([{
        "name": "paid",
        "signature": { "header": "x-signature", "secret": "key", "prefix": "sha256=", "timestamp-header": "x-time", "tolerance-seconds": 300 },
        "event-id": { "header": "x-event" },
    }]))
    .await;
    house.services.editor_of(house.organisation.id, None).set_plugin_secret("shop", "key", SECRET).await.unwrap();
    house.anonymous().await
}

fn signed(house: &TestServices, event: &str, body: &str, key: &str) -> IncomingWebhook {
    let time = (house.services.now().millis() / 1_000).to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    let signature = format!("sha256={}", hex(&mac.finalize().into_bytes()));
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    IncomingWebhook {
        route: "paid".into(),
        headers: vec![header("x-signature", &signature), header("x-time", &time), header("x-event", event), header("cookie", "a=1")],
        query: vec![],
        body: body.into(),
    }
}

async fn sent(house: &TestServices, visit: &Visit, incoming: IncomingWebhook) -> WebhookOutcome {
    house.services.take_webhook(visit, "shop", "r".into(), incoming).await.unwrap()
}

fn heard() -> WebhookOutcome {
    WebhookOutcome::Answered(WebhookAnswer { status: 200, text: "paid".into() })
}

#[tokio::test]
async fn a_call_with_the_right_signature_is_heard_and_a_forged_one_is_not() {
    for house in services_on_each().await {
        let visit = shop(&house).await;
        assert_eq!(sent(&house, &visit, signed(&house, "1", "{}", SECRET)).await, heard(), "{}", house.database.name);
        assert_eq!(sent(&house, &visit, signed(&house, "2", "{}", "another-key")).await, WebhookOutcome::Forged);
        let changed = IncomingWebhook { body: "{\"n\":2}".into(), ..signed(&house, "3", "{\"n\":1}", SECRET) };
        assert_eq!(sent(&house, &visit, changed).await, WebhookOutcome::Forged);
        for missing in ["x-signature", "x-time"] {
            let mut call = signed(&house, "4", "{}", SECRET);
            call.headers.retain(|(name, _)| name != missing);
            assert_eq!(sent(&house, &visit, call).await, WebhookOutcome::Forged, "{missing}");
        }
        let elsewhere = IncomingWebhook { route: "other".into(), ..signed(&house, "5", "{}", SECRET) };
        assert_eq!(sent(&house, &visit, elsewhere).await, WebhookOutcome::NotFound);
    }
}

/// A call whose time and signatures stand in one header, made with each of these keys.
fn signed_in_parts(house: &TestServices, body: &str, keys: &[&str]) -> IncomingWebhook {
    let time = house.services.now().millis() / 1_000;
    let signature = |key: &&str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(format!("{time}.{body}").as_bytes());
        format!(",v1={}", hex(&mac.finalize().into_bytes()))
    };
    let header = format!("t={time},v0=00{}", keys.iter().map(signature).collect::<String>());
    IncomingWebhook { route: "events".into(), headers: vec![("x-signature".into(), header)], query: vec![], body: body.into() }
}

#[tokio::test]
async fn time_and_signatures_can_stand_in_one_header() {
    let house = crate::testing::services().await;
    house
        .parrot_with_webhooks(
            "shop",
            json!([{
                "name": "events",
                "signature": { "header": "x-signature", "secret": "key", "parts": { "timestamp": "t", "signature": "v1" } },
            }]),
        )
        .await;
    house.services.editor_of(house.organisation.id, None).set_plugin_secret("shop", "key", SECRET).await.unwrap();
    let visit = house.anonymous().await;
    let is_heard = |outcome| matches!(outcome, WebhookOutcome::Answered(_));
    assert!(is_heard(sent(&house, &visit, signed_in_parts(&house, "{\"n\":1}", &[SECRET])).await));
    // While one secret takes the place of another, calls are signed with both.
    assert!(is_heard(sent(&house, &visit, signed_in_parts(&house, "{\"n\":2}", &["older", SECRET])).await));
    assert_eq!(sent(&house, &visit, signed_in_parts(&house, "{\"n\":3}", &["older"])).await, WebhookOutcome::Forged);
    assert_eq!(sent(&house, &visit, signed_in_parts(&house, "{\"n\":4}", &[])).await, WebhookOutcome::Forged);
    // A second time beside the one that was signed leaves open which of them counts.
    for change in [",t=1", ",t="] {
        let mut twice = signed_in_parts(&house, "{\"n\":5}", &[SECRET]);
        twice.headers[0].1.push_str(change);
        assert_eq!(sent(&house, &visit, twice).await, WebhookOutcome::Forged, "{change}");
    }
    let mut timeless = signed_in_parts(&house, "{\"n\":6}", &[SECRET]);
    timeless.headers[0].1 = timeless.headers[0].1.replacen("t=", "s=", 1);
    assert_eq!(sent(&house, &visit, timeless).await, WebhookOutcome::Forged);
    let late = signed_in_parts(&house, "{\"n\":7}", &[SECRET]);
    house.clock.pass(301);
    assert_eq!(sent(&house, &visit, late).await, WebhookOutcome::Late);
}

#[tokio::test]
async fn a_call_is_heard_within_its_time_only() {
    let house = crate::testing::services().await;
    let visit = shop(&house).await;
    let (late, early) = (signed(&house, "1", "{}", SECRET), signed(&house, "2", "{ }", SECRET));
    house.clock.pass(301);
    assert_eq!(sent(&house, &visit, late).await, WebhookOutcome::Late);
    house.clock.pass(-602);
    assert_eq!(sent(&house, &visit, early).await, WebhookOutcome::Late);
    house.clock.pass(301);
    assert_eq!(sent(&house, &visit, signed(&house, "3", "{}", SECRET)).await, heard());
}

#[tokio::test]
async fn a_repeat_is_recognised_by_its_event_and_by_what_was_signed() {
    for house in services_on_each().await {
        let visit = shop(&house).await;
        let remember = |keys: Vec<String>| async {
            // As the runtime's commit does.
            let answer = WebhookAnswer { status: 202, text: "first".into() };
            house.remember_webhook("shop", keys, answer).await;
        };
        let first = signed(&house, "evt-1", "{}", SECRET);
        remember(keys_of(&first)).await;
        let repeated = WebhookOutcome::Answered(WebhookAnswer { status: 202, text: "first".into() });
        assert_eq!(sent(&house, &visit, first.clone()).await, repeated, "{}", house.database.name);
        // The provider sends the event once more, signed anew.
        house.clock.pass(60);
        assert_eq!(sent(&house, &visit, signed(&house, "evt-1", "{\"again\":1}", SECRET)).await, repeated);
        // Somebody else sends what they overheard, under another id that nobody signed.
        let mut overheard = first;
        overheard.headers.iter_mut().filter(|(name, _)| name == "x-event").for_each(|(_, id)| *id = "evt-2".into());
        assert_eq!(sent(&house, &visit, overheard).await, repeated);
        assert_eq!(sent(&house, &visit, signed(&house, "evt-3", "{}", SECRET)).await, heard());
    }
}

/// The keys that the call of `incoming` is remembered under.
fn keys_of(incoming: &IncomingWebhook) -> Vec<String> {
    let time = incoming.header("x-time").unwrap();
    let signed = [time.as_bytes(), b".", &incoming.body].concat();
    let event = incoming.header("x-event").unwrap();
    vec![format!("paid:event:{}", hex(&Sha256::digest(event))), format!("paid:signed:{}", hex(&Sha256::digest(signed)))]
}

#[tokio::test]
async fn without_the_secret_nothing_is_heard_and_the_sender_comes_again() {
    let house = crate::testing::services().await;
    let visit = shop(&house).await;
    house.services.editor_of(house.organisation.id, None).remove_plugin_secret("shop", "key").await.unwrap();
    assert_eq!(sent(&house, &visit, signed(&house, "1", "{}", SECRET)).await, WebhookOutcome::Busy);
}

#[tokio::test]
async fn a_plugin_sees_what_senders_made_up_and_no_cookies() {
    let house = crate::testing::services().await;
    let mut call = signed(&house, "1", "{}", SECRET);
    for name in ["authorization", "x-forwarded-for", "x-real-ip", "host", "x-topic", "content-type"] {
        call.headers.push((name.to_owned(), "1".to_owned()));
    }
    let webhook = WebhookDeclaration { name: "paid".into(), signature: None, event_id: None };
    let shown: Vec<String> = call.shown(&webhook).into_iter().map(|(name, _)| name).collect();
    assert_eq!(shown, ["x-signature", "x-time", "x-event", "x-topic", "content-type"]);
}
