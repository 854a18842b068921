//! The real binary, showing the demo on ports and data of its own.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::OnceCell;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite = 0,
    Postgres = 1,
}

impl Database {
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// A running server. Dropping it kills the process.
pub struct Server {
    child: Option<Child>,
    pub port: u16,
    data: Arc<TempDir>,
    database_url: Option<String>,
    /// When it begins, if not now.
    begins: Option<String>,
}

/// The binary under test.
pub fn binary() -> PathBuf {
    let named = std::env::var_os("TSUDOI_TEST_BINARY").map(PathBuf::from);
    let path = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/tsudoi"));
    assert!(path.exists(), "{} is missing: run the tests with `cargo xtask test`, which builds it", path.display());
    path
}

/// A command of the binary without any configuration of this machine.
pub fn command(data: &Path) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TSUDOI_")) {
        command.env_remove(name);
    }
    command.env("TSUDOI_DATA", data).current_dir(data);
    command
}

/// Two free ports in a row, different in each test of this process.
pub fn free_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 20_000 + (std::process::id() % 2_000) as u16 * 20;
    for _ in 0..500 {
        let port = base.wrapping_add(NEXT.fetch_add(2, Ordering::Relaxed)) | 0x4000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
    panic!("no free ports");
}

/// The address of a new database on the test server, empty or a copy of `template`.
pub fn new_postgres_database(template: Option<&str>) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("TSUDOI_TEST_POSTGRES").expect("TSUDOI_TEST_POSTGRES names a PostgreSQL server: run `cargo xtask test`");
    let name = format!("e2e_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let status = Command::new("psql")
        .args([&server, "-q", "-c", &format!("CREATE DATABASE {name} TEMPLATE {}", template.unwrap_or("template1"))])
        .status()
        .expect("psql runs");
    assert!(status.success(), "the test database {name} is made");
    let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base);
    format!("{base}/{name}")
}

/// The demo, made once for all tests of this process, and copied for each.
static PREPARED: [OnceCell<Server>; 2] = [const { OnceCell::const_new() }; 2];

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the prepared data") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

impl Server {
    /// A demo on a database of its own, ready to answer.
    pub async fn start(database: Database) -> Self {
        Self::configured(database, "").await
    }

    /// The same with a configuration.
    pub async fn configured(database: Database, config: &str) -> Self {
        let prepared = PREPARED[database as usize].get_or_init(|| Self::prepare(database)).await;
        let data = tempfile::tempdir().expect("a temporary folder");
        copy_folder(prepared.data(), data.path());
        std::fs::write(data.path().join("tsudoi.toml"), config).expect("the configuration is written");
        let database_url = prepared.database_url().map(|template| new_postgres_database(template.rsplit('/').next()));
        let mut server = Self { child: None, port: free_ports(), data: Arc::new(data), database_url, begins: None };
        server.launch().await;
        server
    }

    /// A demo that is made as if it were this time (RFC 3339), and goes on from there.
    pub async fn beginning(at: &str) -> Self {
        let data = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        let mut server = Self { child: None, port: free_ports(), data, database_url: None, begins: Some(at.to_owned()) };
        server.launch().await;
        server
    }

    async fn prepare(database: Database) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let database_url = (database == Database::Postgres).then(|| new_postgres_database(None));
        let mut server = Self { child: None, port: free_ports(), data: Arc::new(data), database_url, begins: None };
        server.launch().await;
        server.stop();
        server
    }

    /// Ends the process as an operator would, so that its database is at rest.
    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
            assert!(status.is_ok_and(|status| status.success()), "the process can be told to stop");
            child.wait().expect("the process ends");
        }
    }

    /// Starts the process again on the same data, as after a crash.
    pub async fn launch(&mut self) {
        let log = File::create(self.log_file()).expect("a log file");
        let mut command = command(self.data.path());
        if let Some(url) = &self.database_url {
            command.env("TSUDOI_DATABASE_URL", url);
        }
        command.args(["demo", "--dev", "--port", &self.port.to_string()]);
        if let Some(at) = &self.begins {
            command.args(["--begins", at]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut child = command.spawn().expect("the binary starts");
        let client = reqwest::Client::new();
        for _ in 0..1200 {
            if let Some(status) = child.try_wait().expect("the process can be asked") {
                panic!("the server ended with {status}:\n{}", self.log());
            }
            if client.get(self.url(1, "/")).send().await.is_ok() {
                self.child = Some(child);
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let _ = child.kill();
        panic!("the server does not answer:\n{}", self.log());
    }

    /// What the process wrote.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.data.path().join(format!("log-{}", self.port))
    }

    /// One more process on the same data, at addresses of its own.
    pub async fn beside(&self) -> Self {
        let mut other = Self {
            child: None,
            port: free_ports(),
            data: self.data.clone(),
            database_url: self.database_url.clone(),
            begins: self.begins.clone(),
        };
        other.launch().await;
        other
    }

    /// Installs a plugin that only tests need (`tests/plugins/<id>`) and switches it on for the club, while it is served.
    pub fn enable_test_plugin(&self, id: &str) {
        self.enable("test-plugins", id);
    }

    /// The same with a plugin that the demo does without (`plugins/<id>`).
    pub fn enable_plugin(&self, id: &str) {
        self.enable("plugins", id);
    }

    fn enable(&self, folder: &str, id: &str) {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../target/{folder}/{id}.wasm"));
        assert!(package.exists(), "{} is missing: run the tests with `cargo xtask test`, which builds it", package.display());
        let package = package.display().to_string();
        for arguments in [&["plugin", "install", &package][..], &["plugin", "enable", id, "--organisation", "hoshizora", "--yes"]] {
            let output = self.command().args(arguments).output().expect("the binary starts");
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }

    /// Ends the process at once, as a power cut would (`kill -9`).
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("the process can be killed");
            child.wait().expect("the process ends");
        }
    }

    /// An address of one of the demo's organisations.
    pub fn url(&self, place: usize, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port + place as u16)
    }

    pub fn data(&self) -> &Path {
        self.data.path()
    }

    pub fn database_url(&self) -> Option<&str> {
        self.database_url.as_deref()
    }

    /// A command of the binary on this server's data: the demo keeps its own below the data folder.
    pub fn command(&self) -> Command {
        let mut command = command(&self.data.path().join("demo"));
        if let Some(url) = &self.database_url {
            command.env("TSUDOI_DATABASE_URL", url);
        }
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
