//! Real exchanges with a stand-in for the world on this machine.

use super::*;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers each question with the next list of addresses, the last one for ever.
struct Scripted(Vec<Vec<&'static str>>, AtomicU32);

impl Resolver for Scripted {
    fn addresses(&self, _: String, _: u16) -> Boxed<'_, std::io::Result<Vec<IpAddr>>> {
        let asked = self.1.fetch_add(1, Ordering::SeqCst) as usize;
        let addresses = self.0[asked.min(self.0.len() - 1)].iter().map(|text| text.parse().unwrap()).collect();
        Box::pin(async { Ok(addresses) })
    }
}

fn scripted(answers: &[&[&'static str]]) -> Arc<Scripted> {
    Arc::new(Scripted(answers.iter().map(|answer| answer.to_vec()).collect(), AtomicU32::new(0)))
}

/// A server that reads one request, writes `pieces` and waits for ever if `stays`; answers its port, and what it read.
async fn server(pieces: Vec<Vec<u8>>, stays: bool) -> (u16, tokio::sync::oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heard, hears) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        let mut piece = [0; 4096];
        loop {
            let count = stream.read(&mut piece).await.unwrap_or(0);
            read.extend_from_slice(&piece[..count]);
            let text = String::from_utf8_lossy(&read);
            let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                body.len() >= length.map_or(0, |length| length.parse().unwrap())
            });
            // A greeting of TLS is answered at once, in the clear.
            if whole || count == 0 || read.first() == Some(&0x16) {
                break;
            }
        }
        let _ = heard.send(String::from_utf8_lossy(&read).into_owned());
        for piece in pieces {
            if stream.write_all(&piece).await.is_err() {
                return;
            }
        }
        if stays {
            std::future::pending::<()>().await;
        }
    });
    (port, hears)
}

fn outgoing(origin: &str) -> Outgoing {
    Outgoing {
        method: "POST".into(),
        origin: origin.parse().unwrap(),
        target: "/v1?a=1".into(),
        headers: vec![("x-key".into(), "k".into())],
        body: b"hello".to_vec(),
        most_bytes: 1 << 20,
        most_ms: 5_000,
    }
}

fn opened(port: u16, resolver: Arc<dyn Resolver>) -> HttpEgress {
    HttpEgress::new(resolver, vec![format!("api.test:{port}")], BTreeMap::new()).unwrap()
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked_and_the_name_stays() {
    let (port, heard) = server(vec![b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\nx-a: 1\r\n\r\nok".to_vec()], false).await;
    // Whoever asked a second time would be led elsewhere.
    let resolver = scripted(&[&["127.0.0.1"], &["192.0.2.1"]]);
    let answer = opened(port, resolver.clone()).exchange(outgoing(&format!("http://api.test:{port}"))).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (201, b"ok".as_slice()));
    assert!(answer.headers.contains(&("x-a".into(), "1".into())));
    assert_eq!(resolver.1.load(Ordering::SeqCst), 1, "the name was asked for once");
    let heard = heard.await.unwrap();
    assert!(heard.starts_with("POST /v1?a=1 HTTP/1.1\r\n") && heard.ends_with("\r\n\r\nhello"), "{heard}");
    assert!(heard.contains(&format!("host: api.test:{port}\r\n")) && heard.contains("x-key: k\r\n"), "{heard}");
}

#[tokio::test]
async fn a_stand_in_answers_for_a_host_outside_and_for_no_other() {
    let (port, heard) = server(vec![b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok".to_vec()], false).await;
    let stand_ins = BTreeMap::from([("api.test:443".to_owned(), format!("127.0.0.1:{port}"))]);
    let egress = HttpEgress::new(scripted(&[&["127.0.0.1"]]), Vec::new(), stand_ins).unwrap();
    let other = egress.exchange(outgoing("https://other.test")).await;
    assert!(matches!(other, Err(EgressError::Forbidden(_))), "{other:?}");
    assert_eq!(egress.exchange(outgoing("https://api.test")).await.unwrap().status, 201);
    assert!(heard.await.unwrap().contains("host: api.test\r\n"));
}

#[tokio::test]
async fn a_name_with_any_private_address_is_refused_before_a_connection_is_made() {
    for addresses in [&["127.0.0.1"][..], &["1.1.1.1", "10.0.0.1"], &["::ffff:127.0.0.1"], &["169.254.169.254"], &["fd00:ec2::254"]] {
        let egress = HttpEgress::new(scripted(&[addresses]), Vec::new(), BTreeMap::new()).unwrap();
        let refused = egress.exchange(outgoing("https://api.test")).await;
        assert!(matches!(refused, Err(EgressError::Forbidden(_))), "{addresses:?}: {refused:?}");
    }
    // The opening of one port opens no other.
    let refused = opened(1, scripted(&[&["127.0.0.1"]])).exchange(outgoing("https://api.test:2")).await;
    assert!(matches!(refused, Err(EgressError::Forbidden(_))), "{refused:?}");
}

#[tokio::test]
async fn without_encryption_nothing_leaves() {
    let resolver = scripted(&[&["1.1.1.1"]]);
    let egress = HttpEgress::new(resolver.clone(), Vec::new(), BTreeMap::new()).unwrap();
    assert!(matches!(egress.exchange(outgoing("http://api.test")).await, Err(EgressError::Forbidden(_))));
    assert_eq!(resolver.1.load(Ordering::SeqCst), 0);
    // Nor to a server that can't prove its name.
    let (port, heard) = server(vec![b"HTTP/1.1 200 OK\r\n\r\n".to_vec()], false).await;
    let refused = opened(port, scripted(&[&["127.0.0.1"]])).exchange(outgoing(&format!("https://api.test:{port}"))).await;
    assert!(matches!(refused, Err(EgressError::Unreachable(_))), "{refused:?}");
    drop(heard);
}

#[tokio::test]
async fn endless_slow_and_exploding_answers_are_cut_off() {
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![0; 8 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    let head = |headers: &str| format!("HTTP/1.1 200 OK\r\n{headers}\r\n").into_bytes();
    let many_headers: String = (0..150).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long_header = format!("x-long: {}\r\n", "x".repeat(64 << 10));
    for (what, pieces) in [
        ("a bomb", vec![head(&format!("content-encoding: gzip\r\ncontent-length: {}\r\n", bomb.len())), bomb]),
        ("an endless body", std::iter::once(head("")).chain(std::iter::repeat_n(vec![0; 64 << 10], 40)).collect()),
        ("many headers", vec![head(&many_headers)]),
        ("a long header", vec![head(&long_header)]),
    ] {
        let (port, _heard) = server(pieces, true).await;
        let refused = opened(port, scripted(&[&["127.0.0.1"]])).exchange(outgoing(&format!("http://api.test:{port}"))).await;
        assert!(matches!(refused, Err(EgressError::TooLarge(_))), "{what}: {refused:?}");
    }
    // It begins to answer, and never ends.
    let (port, _heard) = server(vec![head("content-length: 100\r\n"), b"drip".to_vec()], true).await;
    let slow = Outgoing { most_ms: 200, ..outgoing(&format!("http://api.test:{port}")) };
    assert_eq!(opened(port, scripted(&[&["127.0.0.1"]])).exchange(slow).await, Err(EgressError::TimedOut));
    // What is no HTTP, and a body that ends early.
    for pieces in [vec![b"SSH-2.0-x\r\n\r\n".to_vec()], vec![head("content-length: 100\r\n"), b"short".to_vec()]] {
        let (port, _heard) = server(pieces, false).await;
        let refused = opened(port, scripted(&[&["127.0.0.1"]])).exchange(outgoing(&format!("http://api.test:{port}"))).await;
        assert!(matches!(refused, Err(EgressError::Malformed(_))), "{refused:?}");
    }
}
