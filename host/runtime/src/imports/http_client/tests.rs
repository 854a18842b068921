//! What an action may ask of the network, against a stage that plays the world.

use super::*;
use crate::limits::Limits;
use crate::testing::Bench;
use crate::testing::outside::Stage;

const API: &str = "https://api.example.com";

fn bench(stage: &Stage) -> Bench {
    Bench::new().outside(stage).host(API).permit("http-client")
}

fn get(url: &str, headers: &[(&str, &str)]) -> Outgoing {
    let headers = headers.iter().map(|(name, value)| Header { name: (*name).into(), value: (*value).into() }).collect();
    Outgoing { method: "GET".into(), url: url.into(), headers, body: None }
}

async fn fetch(state: &mut CallState, request: Outgoing) -> Result<Incoming, String> {
    state.fetch(request).await.unwrap().map_err(|error| error.code)
}

#[tokio::test]
async fn an_action_fetches_from_a_granted_host() {
    let stage = Stage::default().answers(200, &[("content-type", "text/plain"), ("connection", "close")], "やあ");
    let mut state = bench(&stage).state(Kind::Action);
    let answer = fetch(&mut state, get("https://api.example.com/v1?a=1#part", &[("Accept", "text/plain")])).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, "やあ".as_bytes()));
    assert_eq!(answer.headers.len(), 1, "headers about the connection are the host's");
    let asked = &stage.asked()[0];
    assert_eq!((asked.origin.to_string().as_str(), asked.target.as_str()), (API, "/v1?a=1"));
    assert_eq!(asked.headers, [("accept".to_owned(), "text/plain".to_owned())]);
}

#[tokio::test]
async fn queries_and_commands_and_whoever_has_no_grant_have_no_network() {
    let stage = Stage::default();
    for kind in [Kind::Query, Kind::Command] {
        assert_eq!(fetch(&mut bench(&stage).state(kind), get(API, &[])).await.unwrap_err(), "action-only");
    }
    let mut state = Bench::new().outside(&stage).host(API).state(Kind::Action);
    assert_eq!(fetch(&mut state, get(API, &[])).await.unwrap_err(), "not-granted");
    // Declared and not granted, and granted and not declared.
    let mut state = bench(&stage).grant(&["http-client"]).state(Kind::Action);
    assert_eq!(fetch(&mut state, get(API, &[])).await.unwrap_err(), "not-granted");
    let mut state =
        Bench::new().outside(&stage).permit("http-client").grant(&["http-client", "host:https://api.example.com"]).state(Kind::Action);
    assert_eq!(fetch(&mut state, get(API, &[])).await.unwrap_err(), "not-granted");
    assert!(stage.asked().is_empty());
}

#[tokio::test]
async fn scheme_host_and_port_are_those_that_were_granted() {
    let stage = Stage::default();
    for url in [
        "http://api.example.com/",
        "https://api.example.com:8443/",
        "https://www.api.example.com/",
        "https://api.example.com./",
        "https://api.example.com.evil.example/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
    ] {
        let refused = fetch(&mut bench(&stage).state(Kind::Action), get(url, &[])).await;
        assert_eq!(refused.unwrap_err(), "not-granted", "{url}");
    }
    for url in ["https://user:pass@api.example.com/", "file:///etc/passwd", "https://api.example.com/a\r\nHost: evil", "/v1", "https://"] {
        let refused = fetch(&mut bench(&stage).state(Kind::Action), get(url, &[])).await;
        assert_eq!(refused.unwrap_err(), "malformed", "{url}");
    }
    assert!(stage.asked().is_empty());
}

#[tokio::test]
async fn headers_can_neither_end_a_line_nor_take_the_hosts_place() {
    let stage = Stage::default();
    for (name, value) in [
        ("x-a", "1\r\nx-b: 2"),
        ("x-a", "1\n"),
        ("x-a", "\u{0}"),
        ("x-a", "会"),
        ("x-a\r\nx-b", "1"),
        ("x a", "1"),
        ("", "1"),
        ("Host", "evil.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "x-a"),
        ("accept-encoding", "br"),
        ("Proxy-Authorization", "Basic x"),
    ] {
        let refused = fetch(&mut bench(&stage).state(Kind::Action), get(API, &[(name, value)])).await;
        assert_eq!(refused.unwrap_err(), "malformed", "{name}: {value}");
    }
    let many = vec![("x-a", "1"); 65];
    assert_eq!(fetch(&mut bench(&stage).state(Kind::Action), get(API, &many)).await.unwrap_err(), "too-large");
    let connect = Outgoing { method: "CONNECT".into(), ..get(API, &[]) };
    assert_eq!(fetch(&mut bench(&stage).state(Kind::Action), connect).await.unwrap_err(), "malformed");
    assert!(stage.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_is_followed_to_granted_hosts_and_takes_no_credentials_along() {
    let stage = Stage::default().secret("sample", "key", "the-secret").answers(302, &[("location", "https://cdn.example.com/file")], "");
    let bench = bench(&stage).host("https://cdn.example.com").secret("key", &[API]);
    let headers = [("authorization", "Bearer {{secret:key}}"), ("x-key", "{{secret:key}}"), ("x-plain", "1"), ("cookie", "a=1")];
    let answer = fetch(&mut bench.state(Kind::Action), get("https://api.example.com/file", &headers)).await.unwrap();
    assert_eq!(answer.status, 200);
    let asked = stage.asked();
    assert_eq!(asked[0].headers[0], ("authorization".into(), "Bearer the-secret".into()));
    assert_eq!(asked[1].origin.to_string(), "https://cdn.example.com");
    assert_eq!(asked[1].headers, [("x-plain".to_owned(), "1".to_owned())]);
}

#[tokio::test]
async fn a_redirect_elsewhere_or_to_http_or_without_end_is_refused() {
    for to in ["https://evil.example/", "http://169.254.169.254/", "http://127.0.0.1:8080/", "//evil.example/", "http://api.example.com/"] {
        let stage = Stage::default().answers(302, &[("location", to)], "");
        let refused = fetch(&mut bench(&stage).host("http://api.example.com").state(Kind::Action), get(API, &[])).await;
        assert_eq!((refused.unwrap_err().as_str(), stage.asked().len()), ("not-granted", 1), "{to}");
    }
    let mut stage = Stage::default();
    for _ in 0..6 {
        stage = stage.answers(301, &[("location", "/again")], "");
    }
    assert_eq!(fetch(&mut bench(&stage).state(Kind::Action), get(API, &[])).await.unwrap_err(), "unavailable");
    assert_eq!(stage.asked().len(), 6);
    // A body is not sent twice: the plugin sees where it was to go.
    let stage = Stage::default().answers(307, &[("location", "/again")], "");
    let post = Outgoing { method: "POST".into(), body: Some(b"1".to_vec()), ..get(API, &[]) };
    assert_eq!(fetch(&mut bench(&stage).state(Kind::Action), post).await.unwrap().status, 307);
}

#[tokio::test]
async fn a_secret_goes_to_its_own_host_and_its_echo_is_redacted() {
    let echo = "{\"you sent\":\"Bearer the-secret\",\"basic\":\"c2hvcDp0aGUtc2VjcmV0\"}";
    let stage = Stage::default().secret("sample", "key", "the-secret").answers(200, &[("x-echo", "the-secret")], echo);
    let bench = bench(&stage).secret("key", &[API]);
    let mut state = bench.state(Kind::Action);
    let headers =
        [("authorization", "Bearer {{secret:key}}"), ("x-basic", "Basic {{basic:shop:key}}"), ("content-type", "application/json")];
    let post = Outgoing {
        method: "POST".into(),
        body: Some(br#"{"key":"{{secret:key}}","note":"{{secret:key}}"}"#.to_vec()),
        ..get(API, &headers)
    };
    let answer = fetch(&mut state, post).await.unwrap();
    let asked = &stage.asked()[0];
    assert_eq!(asked.headers[0].1, "Bearer the-secret");
    assert_eq!(asked.headers[1].1, "Basic c2hvcDp0aGUtc2VjcmV0");
    assert_eq!(asked.body, br#"{"key":"the-secret","note":"{{secret:key}}"}"#, "declared fields only");
    let seen = format!("{:?} {}", answer.headers, String::from_utf8(answer.body).unwrap());
    assert!(!seen.contains("the-secret") && !seen.contains("c2hvcDp0aGUtc2VjcmV0"), "{seen}");
    assert_eq!(seen.matches("[redacted]").count(), 3, "{seen}");
}

#[tokio::test]
async fn a_secret_for_one_host_is_refused_to_another_and_staff_learn_of_it() {
    let stage = Stage::default().secret("sample", "key", "the-secret");
    let bench = bench(&stage).host("https://other.example.com").secret("key", &["https://other.example.com"]);
    let refused = fetch(&mut bench.state(Kind::Action), get(API, &[("x-key", "{{secret:key}}")])).await;
    assert_eq!(refused.unwrap_err(), "not-granted");
    assert!(stage.asked().is_empty());
    assert_eq!(stage.refused(), ["key -> https://api.example.com"]);
    // The manifest of a newer version says so, but nobody agreed to it.
    let bench = bench.grant(&["http-client", "host:https://other.example.com"]);
    let refused = fetch(&mut bench.state(Kind::Action), get("https://other.example.com", &[("x-key", "{{secret:key}}")])).await;
    assert_eq!(refused.unwrap_err(), "not-granted");
    assert!(stage.asked().is_empty());
}

#[tokio::test]
async fn requests_are_limited_in_number_and_size() {
    let stage = Stage::default();
    let limits = Limits { fetches: 2, request_bytes: 10, ..Limits::default() };
    let mut state = bench(&stage).limits(limits).state(Kind::Action);
    let large = Outgoing { method: "POST".into(), body: Some(vec![0; 11]), ..get(API, &[]) };
    assert_eq!(fetch(&mut state, large).await.unwrap_err(), "too-large");
    assert!(fetch(&mut state, get(API, &[])).await.is_ok() && fetch(&mut state, get(API, &[])).await.is_ok());
    let ended = state.fetch(get(API, &[])).await.unwrap_err().to_string();
    assert_eq!(ended, "more than 2 requests to the outside");

    let limits = Limits { fetches_per_minute: 1, ..Limits::default() };
    let mut state = bench(&stage).limits(limits).state(Kind::Action);
    assert!(fetch(&mut state, get(API, &[])).await.is_ok());
    assert_eq!(fetch(&mut state, get(API, &[])).await.unwrap_err(), "quota");
}

#[tokio::test]
async fn what_goes_wrong_outside_has_a_code() {
    for (error, code) in [
        (EgressError::Forbidden("a private address".into()), "not-granted"),
        (EgressError::TimedOut, "unavailable"),
        (EgressError::Unreachable("no such host".into()), "unavailable"),
        (EgressError::TooLarge("4 MiB".into()), "too-large"),
    ] {
        let stage = Stage::default().fails(error);
        assert_eq!(fetch(&mut bench(&stage).state(Kind::Action), get(API, &[])).await.unwrap_err(), code);
    }
}

#[tokio::test]
async fn before_its_first_request_an_action_notices_that_it_was_overtaken() {
    let stage = Stage::default();
    let bench = bench(&stage);
    bench.data.add_member(1, "花子", None);
    let mut state = bench.state(Kind::Action);
    let member = tsudoi_kernel::MemberId(uuid::Uuid::from_u128(1));
    state.known_member(&member.to_string()).await.map_err(|_| ()).unwrap();
    bench.data.touch(tsudoi_kernel::changes::Change { members: [member].into(), ..Default::default() });
    assert!(state.fetch(get(API, &[])).await.is_err(), "the run ends");
    assert!(stage.asked().is_empty(), "nothing has left");
    assert_eq!(state.latest, bench.data.number(), "so that the run is found to be torn");
}
