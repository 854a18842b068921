//! A mail server that fails as it is told (`tests/python/smtp_sink.py`, on aiosmtpd), and what somebody else's programs read in a mail.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How long a test waits for something to happen.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(50);

/// A script of `tests/python`, with what `tests/python/requirements.txt` names. It leaves nothing behind in the repository.
pub fn python(script: &str) -> Command {
    let python = std::env::var_os("TSUDOI_TEST_PYTHON").expect("TSUDOI_TEST_PYTHON names an interpreter: run `cargo xtask test`");
    let mut command = Command::new(python);
    command.arg("-B").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script));
    command
}

/// Listens as long as this lives.
pub struct Sink {
    child: Child,
    orders: ChildStdin,
    record: TempDir,
    pub port: u16,
}

/// A mail that the server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub to: String,
    /// Its Message-ID.
    pub id: String,
    pub message: Vec<u8>,
}

/// A mail as a mail program reads it.
#[derive(Debug, Clone)]
pub struct Read {
    headers: Value,
    /// Such as `multipart/alternative`.
    pub kind: String,
    pub plain: String,
    pub html: String,
    /// Whether it has a signature that is valid.
    pub signed: bool,
}

impl Sink {
    /// With options of the script's.
    pub fn open(options: &[&str]) -> Self {
        let record = tempfile::tempdir().expect("a temporary folder");
        let mut command = python("smtp_sink.py");
        command.arg("--record").arg(record.path().join("events")).args(options);
        let log = std::fs::File::create(record.path().join("log")).expect("a log file");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().expect("Python starts");
        let orders = child.stdin.take().expect("its input");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("it says that it is ready");
        let port = line.trim().strip_prefix("ready ").and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("it listens: {}", std::fs::read_to_string(record.path().join("log")).unwrap_or_default()));
        Self { child, orders, record, port }
    }

    /// For `mail.smtp`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The next `times` connections get no answer at this place: `banner` or `mail`.
    pub fn stall(&mut self, place: &str, times: u32) {
        writeln!(self.orders, "stall {place} {times}").expect("it listens to orders");
    }

    /// What happened until now, the oldest first.
    pub fn events(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.record.path().join("events")).expect("the record");
        // The last line may be half-written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
    }

    /// How many events of one kind there are; quicker than to read them.
    pub fn count(&self, kind: &str) -> usize {
        let text = std::fs::read_to_string(self.record.path().join("events")).expect("the record");
        text.matches(&format!("{{\"event\": \"{kind}\",")).count()
    }

    /// Of these events, those of one kind.
    pub fn events_of(&self, kind: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["event"] == kind).collect()
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.events_of("taken").iter().map(taken).collect()
    }

    /// The addresses of all that was taken, sorted; one that got two mails is there twice.
    pub fn recipients(&self) -> Vec<String> {
        let mut recipients: Vec<String> = self.taken().into_iter().map(|mail| mail.to).collect();
        recipients.sort();
        recipients
    }

    /// Waits until a mail to this address was taken that `wanted` accepts; answers it.
    pub async fn mail_to(&self, address: &str, wanted: impl Fn(&Read) -> bool) -> Taken {
        let mut found = None;
        until(&format!("a mail to {address}"), || {
            found = self.taken().into_iter().find(|mail| mail.to == address && wanted(&read(&mail.message, &[])));
            found.is_some()
        })
        .await;
        found.expect("it was found")
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn taken(event: &Value) -> Taken {
    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    // Each character stands for a byte.
    let message = text("message").chars().map(|c| u8::try_from(u32::from(c)).expect("a byte")).collect();
    Taken { to: text("to"), id: text("id"), message }
}

/// Asks until it is so, for a minute at most.
pub async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let asked = tokio::time::timeout(PATIENCE, async {
        while !is() {
            tokio::time::sleep(GLANCE).await;
        }
    });
    asked.await.unwrap_or_else(|_| panic!("{what} did not come about"));
}

/// Reads a mail by Python's library, and looks at its signature by dkimpy. `records` are what DNS has: names and values.
pub fn read(message: &[u8], records: &[(String, String)]) -> Read {
    let mut command = python("read_mail.py");
    for (name, value) in records {
        command.args(["--txt", name, value]);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("Python starts");
    let mut input = child.stdin.take().expect("its input");
    let bytes = message.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it was written").expect("it was read");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    Read { headers: said["headers"].clone(), kind: text("type"), plain: text("plain"), html: text("html"), signed: said["signed"] == true }
}

impl Read {
    /// The only header of this name; empty where there is none or several.
    pub fn header(&self, name: &str) -> &str {
        match self.headers[name].as_array().map(Vec::as_slice) {
            Some([value]) => value.as_str().unwrap_or_default(),
            _ => "",
        }
    }

    pub fn has_header(&self, name: &str) -> bool {
        self.headers.get(name).is_some()
    }
}
