//! The attacks, with their numbers in docs/security.md.

use super::Expected::{Failed, Says};
use super::{ID, LONGEST, Suite, run};
use reqwest::StatusCode;
use std::path::Path;
use std::time::{Duration, Instant};
use tsudoi_tests::troublemaker::{package_that_takes_long, package_with};
use tsudoi_tests::{CLUB, Database, SOCIETY, Visitor};

pub async fn all(database: Database) {
    let mut suite = Suite::begin(database).await;
    time_and_memory(&mut suite).await;
    loading(&mut suite).await;
    tenancy(&mut suite).await;
    data(&mut suite).await;
    network(&mut suite).await;
    people(&mut suite).await;
    schedules(&mut suite).await;
    rules(&mut suite).await;
    life(&mut suite).await;
    suite.end(database).await;
}

/// Looks at a page until these words are there.
async fn until(what: &str, visitor: &Visitor, path: &str, words: &str) {
    for _ in 0..150 {
        if visitor.get(path).await.has(words) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: {}", visitor.get(path).await.readable());
}

async fn time_and_memory(suite: &mut Suite) {
    suite.ask("1", "an endless loop", "spin", Failed).await;
    suite.ask("3", "filling 32 MiB again and again", "memory-fill", Failed).await;
    suite.ask("4", "unbounded recursion", "recursion", Failed).await;
    suite.ask("5", "host calls without end", "host-calls", Failed).await;
    let visitors: Vec<Visitor> = (0..32).map(|_| Visitor::new(&suite.server, CLUB)).collect();
    suite
        .row("7", "32 endless loops at the same time", async {
            let spins = visitors.iter().map(|visitor| visitor.get("/p/menace/ask/spin"));
            let answers = futures::future::join_all(spins).await;
            let of = |status: StatusCode| answers.iter().filter(|answer| answer.status == status).count();
            let (stopped, busy) = (of(StatusCode::INTERNAL_SERVER_ERROR), of(StatusCode::SERVICE_UNAVAILABLE));
            assert_eq!(stopped + busy, answers.len(), "each is stopped, or told that too much is going on");
            format!("{stopped} stopped, {busy} told to come back later")
        })
        .await;
    suite.is_fine().await;
    suite.ask("8", "memory without end", "eat", Failed).await;
    suite.attempt("8", "3 GiB at once", "grow", Failed).await;
    suite.ask("13", "an answer of 9 MiB", "huge-answer", Failed).await;
    suite.ask("13", "an answer that nests a hundred lists", "deep-answer", Says(200, "form")).await;
    suite.ask("14", "1,000 log lines of 5 KB", "logs", Says(200, "logged")).await;
    let log = suite.server.log();
    assert!(log.contains("further lines of this call are dropped") && !log.contains("line 200 "), "the flood is cut off");
    suite.ask("15", "random bytes in a query", "random", Failed).await;
    suite.attempt("15", "4 GiB of random bytes", "random", Failed).await;
    let address = suite.server.url(CLUB, "/p/menace/ask/spin");
    let client = suite.visitor.client.clone();
    suite
        .row("25", "40 visitors who go away in the middle", async {
            let impatient = (0..40).map(|_| client.get(&address).timeout(Duration::from_millis(30)).send());
            let answers = futures::future::join_all(impatient).await;
            format!("{} were gone before the answer", answers.iter().filter(|answer| answer.is_err()).count())
        })
        .await;
    suite.is_fine().await;
}

async fn loading(suite: &mut Suite) {
    let whole = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/hostile-plugins/menace.wasm")).expect("the package");
    let with = |name: &str, bytes: &[u8]| {
        let mut package = whole.clone();
        wasm_encoder::ComponentSection::append_to_component(
            &wasm_encoder::CustomSection { name: name.into(), data: bytes.into() },
            &mut package,
        );
        package
    };
    let replaced = |from: &str, to: &str| {
        let mut bytes = whole.clone();
        let places: Vec<usize> =
            bytes.windows(from.len()).enumerate().filter(|(_, window)| *window == from.as_bytes()).map(|(at, _)| at).collect();
        assert!(!places.is_empty() && from.len() == to.len(), "{from} is there");
        places.into_iter().for_each(|at| bytes[at..at + to.len()].copy_from_slice(to.as_bytes()));
        bytes
    };
    suite.install("10", "a memory of 320 MiB to begin with", package_with(5_000, ""), "memory").await;
    suite.install("16", "code that takes for ever to compile", package_that_takes_long(), "compile-ms").await;
    suite.install("17", "half a package", whole[..whole.len() / 2].to_vec(), "byte").await;
    suite.install("17", "no package at all", b"<!doctype html>".to_vec(), "byte 0").await;
    suite.install("18", "a file called ../../secret.key", with("tsudoi:file/../../secret.key", b"x"), "secret.key").await;
    suite.install("18", "a script among the assets", with("tsudoi:file/assets/a.js", b"x"), "a.js").await;
    suite.install("18", "two manifests", with("tsudoi:manifest", b"id = \"menace\""), "manifest").await;
    suite
        .install(
            "20",
            "an import that there is not",
            replaced("tsudoi:plugin/members-read@0.1.0", "tsudoi:plugin/weather-data@0.1.0"),
            "weather-data",
        )
        .await;
    suite
        .install("20", "a power that it does not ask for", replaced("interface = \"notify\"", "interface = \"nobody\""), "plugin.toml")
        .await;
    suite.install("21", "a module instead of a component", b"\0asm\x01\0\0\0".to_vec(), "component").await;
}

async fn tenancy(suite: &mut Suite) {
    suite.attempt("27", "leaving a document", "hide", Says(303, "")).await;
    let (succeeded, text) = run(&suite.server, &["plugin", "enable", ID, "--organisation", "lumen", "--yes"]);
    assert!(succeeded, "{text}");
    let there = "/p/menace/ask/foreign?id=00000000-0000-7000-8000-00000000aaaa";
    let (own, other) = (Visitor::new(&suite.server, CLUB), Visitor::new(&suite.server, SOCIETY));
    // The command was another process: who is not signed in sees it within a second.
    while other.get(there).await.status == StatusCode::NOT_FOUND {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    suite
        .row("27", "the id of another organisation's document", async {
            assert!(own.get(there).await.has("\"found\":true"));
            let answer = other.get(there).await;
            assert!(answer.has("\"found\":false"), "{} {}", answer.status, answer.readable());
            "not there, as if it never was".to_owned()
        })
        .await;
    let (succeeded, text) = run(&suite.server, &["plugin", "disable", ID, "--organisation", "lumen"]);
    assert!(succeeded, "{text}");
    for odd in ["%2e%2e%2f%2e%2e", "..%2f..%2fsecret.key", "%00", "fine%2f", "ｆｉｎｅ"] {
        suite.ask("28", &format!("the path `{odd}`"), odd, Says(404, "")).await;
    }
    suite.ask("32", "members' fields that were not asked for", "members", Says(200, "\"tiers\":0")).await;
    suite.ask("20", "a power that is linked and was not granted", "ungranted", Says(200, "not-granted")).await;
    suite.ask("33", "the time before and after much work", "clock", Says(200, "\"same\":true")).await;
}

async fn data(suite: &mut Suite) {
    suite.ask("—", "a write in a query", "write", Failed).await;
    suite.attempt("34", "a document of 300 KB", "fill", Failed).await;
    suite.attempt("34", "2,000 documents in one call", "documents", Failed).await;
    suite.attempt("34", "more than the quota", "disk", Failed).await;
    suite.ask("35", "reading everything again and again", "scan", Failed).await;
    let member = Visitor::in_role(&suite.server, CLUB, "member").await;
    let (action, fields) = member.get("/p/menace/").await.form("form#count", &[]);
    suite
        .row("36", "twelve who count at the same moment", async {
            let counts = (0..12).map(|n| {
                let fields: Vec<_> = fields.iter().cloned().chain([("n".to_owned(), n.to_string())]).collect();
                let (member, action) = (&member, &action);
                async move { member.post(action, &fields).await }
            });
            let answers = futures::future::join_all(counts).await;
            let counted = answers.iter().filter(|answer| answer.status == StatusCode::SEE_OTHER).count();
            assert_eq!(counted, 12, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
            let tally = member.get("/p/menace/ask/tally").await;
            assert_eq!(tally.text, "12");
            "12 counted, the sum is 12".to_owned()
        })
        .await;
    suite.attempt("38", "an event that sets itself off", "loop", Says(303, "")).await;
    let staff = Visitor::in_role(&suite.server, CLUB, "staff").await;
    suite
        .row("38", "the end of its chain", async {
            until("it is set aside", &staff, "/admin/undelivered", "menace.ping").await;
            "set aside for staff, eight events deep".to_owned()
        })
        .await;
    suite.attempt("40", "a document as an older version left it", "old", Says(303, "")).await;
    suite.ask("40", "reading it as the new version does", "old", Failed).await;
}

async fn network(suite: &mut Suite) {
    suite.ask("—", "the network in a query", "network", Says(200, "action-only")).await;
    for (what, url) in [("this machine", "https://127.0.0.1/"), ("this machine by name", "https://localhost/")] {
        suite.fetch("42", what, url, &[], "not-granted").await;
    }
    for (what, url) in [
        ("without encryption", "http://metadata.example/"),
        ("a host that was not granted", "https://evil.example/"),
        ("an address in another spelling", "https://0x7f000001/"),
        ("an address as one number", "https://2130706433/"),
        ("IPv6 around IPv4", "https://[::ffff:127.0.0.1]/"),
        ("another port", "https://metadata.example:8443/"),
    ] {
        suite.fetch("42", what, url, &[], "not-granted").await;
    }
    suite.fetch("42", "a granted name in front of another host", "https://metadata.example@evil.example/", &[], "malformed").await;
}

async fn people(suite: &mut Suite) {
    suite.ask("51", "a redirect to another site", "off-site", Failed).await;
    suite.ask("51", "a redirect behind a backslash", "out-of-line", Failed).await;
    let forged = [("_csrf".to_owned(), "forged".to_owned()), ("_call".to_owned(), "1".to_owned())];
    let member = Visitor::in_role(&suite.server, CLUB, "member").await;
    suite
        .row("53", "a form that was sent from elsewhere", async {
            let answer = member.post("/p/menace/try/hide", &forged).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.readable());
            "403".to_owned()
        })
        .await;
    suite.ask("54", "a log line that looks like another", "forged-line", Says(200, "logged")).await;
    let log = suite.server.log();
    assert!(log.contains("ok\\n2026") && !log.lines().any(|line| line.starts_with("2026-11-22T00:00:00Z ERROR forged")), "one line is one");
    suite.attempt("54", "a mail whose subject has two lines", "line", Says(303, "")).await;
    let staff = Visitor::in_role(&suite.server, CLUB, "staff").await;
    until("the mail", &staff, "/inbox", "Bcc: victim@example.com").await;
    assert!(staff.get("/inbox").await.has("一行目  Bcc: victim@example.com"), "its subject is one line");
    suite.attempt("58", "a hundred mails in one call", "spam", Failed).await;
    assert!(!staff.get("/inbox").await.has("当選のお知らせ"), "none of them is written");
    let secret = [("authorization", "Bearer {{secret:key}}")];
    suite.fetch("47", "a secret that staff have not set", "https://metadata.example/", &secret, "not-set").await;
    let address = suite.server.url(CLUB, "/hooks/menace/signed");
    let client = suite.visitor.client.clone();
    suite
        .row("48", "a webhook with a forged signature", async {
            let answer = client.post(&address).header("x-signature", "00").body("{}").send().await.expect("an answer");
            assert!(matches!(answer.status().as_u16(), 401 | 503), "{}", answer.status());
            answer.status().as_u16().to_string()
        })
        .await;
}

async fn schedules(suite: &mut Suite) {
    suite.attempt("55", "1,100 jobs in one call", "breed", Failed).await;
    suite.attempt("56", "a job that always fails, before an honest one", "poison", Says(303, "")).await;
    let staff = Visitor::in_role(&suite.server, CLUB, "staff").await;
    suite
        .row("56", "the honest job behind it", async {
            until("the failing job is tried", &staff, "/admin/plugins", "job poison").await;
            until("the honest job is done", &staff, "/p/menace/ask/honest", "\"done\":1").await;
            "done, while the other one waits for its next try".to_owned()
        })
        .await;
}

/// Rules are asked whenever a member comes by, whatever page it is.
async fn rules(suite: &mut Suite) {
    for (number, what, rule, is_told) in [
        ("1", "an endless loop in a rule, at each visit of a member", "endless", true),
        ("13", "a rule that answers about nobody it was asked for", "miscount", true),
        ("4", "a rule that asks who is in a segment of its own", "crowd", false),
    ] {
        let staff = Visitor::in_role(&suite.server, CLUB, "staff").await;
        let form = staff.get("/admin/segments/new").await;
        let kind = format!("{ID}/{rule}");
        let fields = [("name_ja", rule), ("condition-0-kind", kind.as_str()), ("action", "save")];
        let saved = staff.submit(&form, "form[action='/admin/segments/new']", &fields).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.readable());
        let member = Visitor::in_role(&suite.server, CLUB, "member").await;
        suite
            .row(number, what, async {
                let began = Instant::now();
                let home = member.get("/").await;
                assert!(home.status == StatusCode::OK && began.elapsed() < LONGEST, "{}: {}", home.status, home.readable());
                let place = format!("rule {rule}");
                assert_eq!(staff.get("/admin/plugins").await.has(&place), is_told, "whether staff are told of {place}");
                "nobody is in that segment; the page is there".to_owned()
            })
            .await;
        let segment = staff.follow(&saved).await;
        let delete = format!("form[action='{}/delete']", saved.location());
        assert_eq!(staff.submit(&segment, &delete, &[]).await.status, StatusCode::SEE_OTHER);
    }
    suite.is_fine().await;
}

async fn life(suite: &mut Suite) {
    let own = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/hostile-plugins/menace.wasm")).expect("the package");
    let mut other = own.clone();
    wasm_encoder::ComponentSection::append_to_component(
        &wasm_encoder::CustomSection { name: "remark".into(), data: b"other bytes".as_slice().into() },
        &mut other,
    );
    suite.install("60", "other bytes under the same version", other, "0.1.0").await;
    let arguments = ["plugin", "uninstall", ID, "--organisation", "hoshizora", "--erase", "--yes"];
    let (succeeded, text) = run(&suite.server, &arguments);
    assert!(succeeded, "{text}");
    let (succeeded, text) = run(&suite.server, &["plugin", "enable", ID, "--organisation", "hoshizora", "--yes"]);
    assert!(succeeded, "{text}");
    let member = Visitor::in_role(&suite.server, CLUB, "member").await;
    suite
        .row("62", "coming back after having been uninstalled", async {
            let tally = member.get("/p/menace/ask/tally").await;
            assert_eq!((tally.status, tally.text.as_str()), (StatusCode::OK, "0"));
            "nothing of before is there".to_owned()
        })
        .await;
}
