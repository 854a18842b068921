//! Packages that are wrong are refused with the reason and its place, and the host serves on.

#![allow(clippy::disallowed_methods, reason = "it measures how long a refusal takes")]

use std::path::PathBuf;
use std::time::{Duration, Instant};
use tsudoi_tests::troublemaker::package_that_takes_long;
use tsudoi_tests::{CLUB, Database, Server, Visitor};

/// The packed plugin that the binary carries too.
fn package() -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/plugins/fan-board.wasm");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask plugins` makes it", path.display()))
}

/// The same bytes with another text in place of `from`, of the same length.
fn replaced(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = package();
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, window)| *window == from.as_bytes()).map(|(n, _)| n).collect();
    assert!(!places.is_empty(), "{from} is in the package");
    for place in places {
        bytes[place..place + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_is_wrong_is_refused_with_reason_and_place() {
    let server = Server::start(Database::Sqlite).await;
    let whole = package();
    let cases: [(&str, Vec<u8>, &[&str]); 7] = [
        ("truncated", whole[..whole.len() / 2].to_vec(), &["byte"]),
        ("empty", Vec::new(), &["byte 0"]),
        ("not-wasm", b"<!doctype html><title>no</title>".to_vec(), &["byte 0"]),
        ("core-module", b"\0asm\x01\0\0\0".to_vec(), &["component"]),
        ("oversized", vec![0; 17 << 20], &["large", "byte"]),
        ("unknown-import", replaced("tsudoi:plugin/members-read@0.1.0", "tsudoi:plugin/weather-data@0.1.0"), &["weather-data"]),
        ("manifest", replaced("contract = \"0.1\"", "contrakt = \"0.1\""), &["plugin.toml:3", "contrakt"]),
    ];
    for (name, bytes, expected) in cases {
        let file = server.data().join(format!("{name}.wasm"));
        std::fs::write(&file, bytes).unwrap();
        let output = server.command().args(["plugin", "install"]).arg(&file).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success(), "{name} is refused: {text}");
        assert!(expected.iter().any(|word| text.contains(word)), "{name}: {text}");
        assert!(!text.contains("panicked"), "{name}: {text}");
    }
    let visitor = Visitor::new(&server, CLUB);
    assert!(visitor.get("/p/fan-board/").await.status.is_success(), "the board goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_takes_too_long_or_too_much_memory_to_compile_is_stopped() {
    let server = Server::start(Database::Sqlite).await;
    let package = server.data().join("bomb.wasm");
    std::fs::write(&package, package_that_takes_long()).unwrap();
    let config = server.data().join("limits.toml");
    for (limits, expected) in [("compile-ms = 10", "compile-ms"), ("compile-bytes = 50_000_000", "compil")] {
        std::fs::write(&config, format!("[limits]\n{limits}\n")).unwrap();
        let began = Instant::now();
        let output = server.command().arg("--config").arg(&config).args(["plugin", "install"]).arg(&package).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success() && text.contains(expected) && !text.contains("panicked"), "{limits}: {text}");
        assert!(began.elapsed() < Duration::from_secs(30), "{limits}: it was stopped after {:?}", began.elapsed());
    }
    assert!(Visitor::new(&server, CLUB).get("/p/fan-board/").await.status.is_success(), "the board goes on");
    let listed = server.command().args(["plugin", "list"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&listed.stdout).contains("troublemaker"), "nothing of it is installed");
}
