//! An installation as operators have it: `tsudoi serve` with a configuration, organisations made by commands, and staff who were
//! invited. Unlike the demo it sends mail.

use crate::server::{Database, command, copy_folder, free_ports, new_postgres_database};
use crate::sink::{Sink, until};
use crate::{PASSWORD, Visitor};
use reqwest::StatusCode;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The organisations of each: one for what a test does, and one that must notice nothing.
pub const ORGANISATIONS: [(&str, &str); 2] = [("hoshi", "星の会"), ("tsuki", "月の会")];
const STAFF: &str = "office@sink.example";

/// A running server. Dropping it kills the process.
pub struct Served {
    child: Option<Child>,
    port: u16,
    data: TempDir,
    database_url: Option<String>,
}

/// Made once for all tests of this process, and copied for each.
static PREPARED: [OnceCell<Served>; 2] = [const { OnceCell::const_new() }; 2];

impl Served {
    /// An installation of its own, with this configuration.
    pub async fn start(database: Database, config: &str) -> Self {
        let prepared = PREPARED[database as usize].get_or_init(|| Self::prepare(database)).await;
        let database_url = prepared.database_url.as_ref().map(|template| new_postgres_database(template.rsplit('/').next()));
        let served = Self { child: None, port: free_ports(), data: tempfile::tempdir().expect("a temporary folder"), database_url };
        copy_folder(prepared.data.path(), served.data.path());
        served.launched(config).await
    }

    /// The same data with another configuration, as after a restart by the operator.
    pub async fn restarted(mut self, config: &str) -> Self {
        self.stop();
        self.launched(config).await
    }

    async fn launched(mut self, config: &str) -> Self {
        std::fs::write(self.data.path().join("tsudoi.toml"), config).expect("the configuration is written");
        self.launch().await;
        self
    }

    async fn prepare(database: Database) -> Self {
        let database_url = (database == Database::Postgres).then(|| new_postgres_database(None));
        let data = tempfile::tempdir().expect("a temporary folder");
        let served = Self { child: None, port: free_ports(), data, database_url };
        let mut links = Vec::new();
        for (slug, name) in ORGANISATIONS {
            served.told(&["organisation", "create", "--slug", slug, "--name", name, "--locale", "ja"]);
            let invited = served.told(&["staff", "invite", "--organisation", slug, "--email", STAFF, "--name", "事務局"]);
            let link = invited.lines().find(|line| line.starts_with("http")).expect("a link").to_owned();
            links.push((slug, link));
        }
        // The invitations are mails, too, and wait for a server: they go to one that nobody looks at.
        let sink = Sink::open(&[]);
        let mut served = served.launched(&format!("[mail]\nsmtp = \"{}\"\nfrom = \"{STAFF}\"\n", sink.url())).await;
        until("the invitations", || sink.count("taken") == links.len()).await;
        for (slug, link) in links {
            let staff = served.visitor(slug);
            let page = staff.get(&link[link.find("/password").expect("a page to set a password")..]).await;
            let set = staff.submit(&page, "main form", &[("password", PASSWORD)]).await;
            assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.readable());
        }
        served.stop();
        served
    }

    /// What a command of the binary on this installation prints.
    pub fn told(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output().expect("the binary starts");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// A command of the binary on this installation.
    pub fn command(&self) -> Command {
        let mut command = command(self.data.path());
        command.env("TSUDOI_PUBLIC_URL", format!("http://{{slug}}.localhost:{}", self.port));
        command.env("TSUDOI_LISTEN", format!("127.0.0.1:{}", self.port));
        if let Some(url) = &self.database_url {
            command.env("TSUDOI_DATABASE_URL", url);
        }
        command
    }

    /// Starts the process again on the same data, as after a crash.
    pub async fn launch(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log file");
        let mut command = self.command();
        let mut child = command.arg("serve").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("the binary starts");
        for _ in 0..1200 {
            if let Some(status) = child.try_wait().expect("the process can be asked") {
                panic!("the server ended with {status}:\n{}", self.log());
            }
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                self.child = Some(child);
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let _ = child.kill();
        panic!("the server does not answer:\n{}", self.log());
    }

    /// Ends the process at once, as a power cut would (`kill -9`).
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("the process can be killed");
            child.wait().expect("the process ends");
        }
    }

    /// Ends the process as an operator does.
    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
            assert!(status.is_ok_and(|status| status.success()), "the process can be told to stop");
            child.wait().expect("the process ends");
        }
    }

    /// What the process wrote, over all of its starts.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.data.path().join("log")
    }

    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Somebody who has not been at this organisation's site before.
    pub fn visitor(&self, slug: &str) -> Visitor {
        Visitor::of(slug, self.port)
    }

    /// An owner of the organisation, signed in.
    pub async fn staff(&self, slug: &str) -> Visitor {
        let staff = self.visitor(slug);
        staff.sign_in(STAFF).await;
        staff
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}
