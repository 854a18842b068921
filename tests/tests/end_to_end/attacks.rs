//! The hostile suite: `tests/hostile/menace` tries, one after the other, what docs/security.md counts, on the real host and both
//! databases, while a neighbour goes on. Of each attack it asserts what came of it, that staff are told where the plugin
//! failed, that its places are free again, and that no request of another organisation was answered otherwise than before. The
//! table of the last run is `target/hostile-<database>.md`.

#![allow(clippy::disallowed_methods, reason = "how long attacks and answers take is measured in real time")]

mod attempts;
mod neighbour;

use neighbour::Neighbour;
use reqwest::StatusCode;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tsudoi_tests::{Answer, CLUB, Database, Server, Visitor};

const ID: &str = "menace";

/// Small quotas, so that they are reached; and no pause after failures, which are what is asked for here.
const CONFIG: &str = "[limits]\nguest-ms = 500\n[plugins]\npause-after = 0\n[plugins.quota]\nbytes = 2_000_000\nmails-per-day = 20\n";

/// No call takes longer, however busy the machine is.
const LONGEST: Duration = Duration::from_secs(15);

/// What has to come of an attack.
enum Expected<'a> {
    /// An error page of the theme with a number, under which staff find it.
    Failed,
    /// This status, with these words.
    Says(u16, &'a str),
}

struct Suite {
    server: Server,
    visitor: Visitor,
    member: Visitor,
    staff: Visitor,
    neighbour: Neighbour,
    rows: Vec<String>,
}

impl Suite {
    async fn begin(database: Database) -> Self {
        let server = Server::configured(database, CONFIG).await;
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/hostile-plugins/menace.wasm");
        assert!(package.exists(), "{} is missing: run the tests with `cargo xtask test`, which builds it", package.display());
        for arguments in
            [&["plugin", "install", &package.to_string_lossy()][..], &["plugin", "enable", ID, "--organisation", "hoshizora", "--yes"]]
        {
            let (succeeded, text) = run(&server, arguments);
            assert!(succeeded, "{arguments:?}: {text}");
        }
        let staff = Visitor::in_role(&server, CLUB, "staff").await;
        let shown = staff.get("/admin/plugins/menace").await;
        let (action, fields) = shown.form("form[action$='/grant']", &[]);
        let kept: Vec<_> = fields.into_iter().filter(|(_, value)| value != "activities").collect();
        let granted = staff.post(&action, &kept).await;
        assert_eq!(granted.status, StatusCode::SEE_OTHER, "{}", granted.readable());
        let member = Visitor::in_role(&server, CLUB, "member").await;
        let neighbour = Neighbour::begin(&server).await;
        Self { visitor: Visitor::new(&server, CLUB), member, staff, neighbour, server, rows: Vec::new() }
    }

    /// Measures one attack and writes its row.
    async fn row(&mut self, number: &str, attack: &str, what: impl Future<Output = String>) {
        let (before, began) = (self.neighbour.begin_lap(), Instant::now());
        let happened = what.await;
        self.note(number, attack, &happened, began.elapsed(), before).await;
    }

    async fn note(&mut self, number: &str, attack: &str, happened: &str, took: Duration, before: usize) {
        let lap = self.neighbour.end_lap(before).await;
        self.rows.push(format!("| {number} | {attack} | {happened} | {} | {lap} |", took.as_millis()));
    }

    async fn is_fine(&self) {
        let fine = self.visitor.get("/p/menace/ask/fine").await;
        assert!(fine.has("\"fine\":true"), "its places are free again: {} {}", fine.status, fine.readable());
    }

    async fn check(&self, answer: &Answer, attack: &str, expected: &Expected<'_>) -> String {
        let told = match expected {
            Expected::Failed => {
                assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{attack}: {}", answer.readable());
                let id = answer.headers["x-request-id"].to_str().unwrap_or_default();
                assert!(answer.has("ほしぞら会") && answer.has(id), "{attack} is an error page with a number: {}", answer.text);
                assert!(self.staff.get("/admin/plugins").await.has(id), "{attack}: staff are told");
                "stopped; an error page with a number, which staff find".to_owned()
            }
            Expected::Says(status, words) => {
                assert_eq!(answer.status.as_u16(), *status, "{attack}: {}", answer.readable());
                assert!(answer.has(words), "{attack}: {}", answer.readable());
                if words.is_empty() { format!("{status}") } else { format!("{status}: `{words}`") }
            }
        };
        self.is_fine().await;
        told
    }

    /// A query.
    async fn ask(&mut self, number: &str, what: &str, attack: &str, expected: Expected<'_>) {
        let (before, began) = (self.neighbour.begin_lap(), Instant::now());
        let answer = self.visitor.get(&format!("/p/menace/ask/{attack}")).await;
        let took = began.elapsed();
        assert!(took < LONGEST, "{attack} took {took:?}");
        let told = self.check(&answer, attack, &expected).await;
        self.note(number, what, &told, took, before).await;
    }

    /// A command, by the plugin's own form.
    async fn attempt(&mut self, number: &str, what: &str, attack: &str, expected: Expected<'_>) {
        let page = self.member.get("/p/menace/").await;
        let (before, began) = (self.neighbour.begin_lap(), Instant::now());
        let answer = self.member.submit(&page, &format!("form#{attack}"), &[]).await;
        let took = began.elapsed();
        assert!(took < LONGEST, "{attack} took {took:?}");
        let told = self.check(&answer, attack, &expected).await;
        self.note(number, what, &told, took, before).await;
    }

    /// An action that asks for an address outside.
    async fn fetch(&mut self, number: &str, what: &str, url: &str, headers: &[(&str, &str)], refused: &str) {
        let (before, began) = (self.neighbour.begin_lap(), Instant::now());
        let body = serde_json::json!({ "url": url, "headers": headers });
        let address = self.server.url(CLUB, "/hooks/menace/act");
        let answer = self.visitor.client.post(address).json(&body).send().await.expect("an answer");
        let (took, status) = (began.elapsed(), answer.status());
        let text = answer.text().await.unwrap_or_default();
        assert!(took < LONGEST, "{url} took {took:?}");
        assert!(status == StatusCode::OK && text.contains(&format!("\"refused\":\"{refused}\"")), "{url}: {status} {text}");
        self.note(number, what, &format!("refused: `{refused}`"), took, before).await;
    }

    /// A package that no host may take.
    async fn install(&mut self, number: &str, what: &str, bytes: Vec<u8>, words: &str) {
        let file: PathBuf = self.server.data().join("attack.wasm");
        std::fs::write(&file, bytes).expect("the package is written");
        let (before, began) = (self.neighbour.begin_lap(), Instant::now());
        let config = self.server.data().join("install.toml");
        std::fs::write(&config, "[limits]\ncompile-ms = 5_000\n").expect("the configuration is written");
        let arguments = ["--config", &config.to_string_lossy(), "plugin", "install", &file.to_string_lossy()];
        let (succeeded, text) = run(&self.server, &arguments);
        let took = began.elapsed();
        assert!(!succeeded && text.contains(words) && !text.contains("panicked"), "{what}: {text}");
        assert!(took < Duration::from_secs(30), "{what} took {took:?}");
        self.note(number, what, &format!("refused, with `{words}`"), took, before).await;
    }

    /// Writes the table, once the neighbour has been asked for the last time.
    async fn end(self, database: Database) {
        let whole = self.neighbour.end().await;
        let mut table = String::from("| | attack | what happened | ms | the neighbour meanwhile |\n|---|---|---|---|---|\n");
        self.rows.iter().for_each(|row| table.push_str(&format!("{row}\n")));
        table.push_str(&format!("\n{} attacks; {whole}\n", self.rows.len()));
        let name = format!("hostile-{}.md", format!("{database:?}").to_lowercase());
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("../target").join(name), &table).expect("the table is written");
        println!("{table}");
    }
}

fn run(server: &Server, arguments: &[&str]) -> (bool, String) {
    let output = server.command().args(arguments).output().expect("the binary runs");
    (output.status.success(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn attacks_come_to_nothing_and_the_neighbour_goes_on_on_sqlite() {
    attempts::all(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attacks_come_to_nothing_and_the_neighbour_goes_on_on_postgresql() {
    attempts::all(Database::Postgres).await;
}
