//! `tsudoi doctor`: looks at everything that a running site stands on, and says what to do about each fault. It changes
//! nothing.

mod contents;
#[cfg(test)]
mod tests;

use crate::commands::backup::sqlite_path;
use crate::config::Config;
use crate::mailer::{Signer, SmtpMailer};
use crate::ports::SystemClock;
use crate::wiring;
use std::fmt::Display;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;
use tsudoi_store::{Store, StoreError};

/// What was looked at, in order: a line each.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    faults: usize,
}

impl Report {
    fn ok(&mut self, what: &str, found: impl Display) {
        self.lines.push(format!("ok     {what}: {found}"));
    }

    /// `remedy`: what to do about it.
    fn fault(&mut self, what: &str, found: impl Display, remedy: impl Display) {
        self.lines.push(format!("fault  {what}: {found}. {remedy}"));
        self.faults += 1;
    }
}

pub async fn run(config: anyhow::Result<Config>) -> anyhow::Result<ExitCode> {
    let report = look(config).await;
    for line in &report.lines {
        println!("{line}");
    }
    Ok(if report.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn look(config: anyhow::Result<Config>) -> Report {
    let mut report = Report::default();
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            report.fault("configuration", format!("{error:#}"), "Correct it; docs/operating.md lists every key");
            return report;
        }
    };
    report.ok("configuration", "it can be read");
    let is_there = data_folder(&mut report, &config);
    let store = if is_there { database(&mut report, &config).await } else { None };
    secret_key(&mut report, &config, store.is_some());
    folder(&mut report, "files folder", &config.files());
    folder(&mut report, "compiled plugins", &config.artefacts());
    themes(&mut report, &config);
    let organisations = match &store {
        Some(store) => contents::look(&mut report, &config, store).await,
        None => 0,
    };
    public_url(&mut report, &config, organisations);
    mail(&mut report, &config).await;
    report
}

/// Whether it is there.
fn data_folder(report: &mut Report, config: &Config) -> bool {
    let shown = config.data.display();
    if !config.data.exists() {
        report.ok("data folder", format!("{shown} will be made at the first start"));
        return sqlite_path(&config.database_url()).is_none();
    }
    match wiring::prepare_folder(&config.data) {
        Ok(()) => report.ok("data folder", format!("{shown} can be written")),
        Err(error) => report.fault("data folder", format!("{error:#}"), "Give the user that runs tsudoi the right to write there"),
    }
    if let Some(free) = free_megabytes(&config.data) {
        if free < 500 {
            report.fault("disk", format!("{free} MB are free"), "Make room, or move `data` to a larger disk");
        } else {
            report.ok("disk", format!("{free} MB are free"));
        }
    }
    true
}

/// As `df` says it; where there is no `df`, nobody knows.
fn free_megabytes(folder: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(folder).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let kilobytes: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// The database, where it can be looked into.
async fn database(report: &mut Report, config: &Config) -> Option<Store> {
    const WHAT: &str = "database";
    let url = config.database_url();
    if let Some(path) = sqlite_path(&url).filter(|path| !path.exists()) {
        report.ok(WHAT, format!("{} will be made at the first start", path.display()));
        return None;
    }
    let opened = match wiring::connect(config).await {
        Ok(store) => store.ping().await.map(|()| store).map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    let store = match opened {
        Ok(store) => store,
        Err(error) => {
            report.fault(WHAT, format!("{error:#}"), "Check that it runs, and that `database.url` and its password are right");
            return None;
        }
    };
    match is_current(&store).await {
        Ok(Some(0)) => report.ok(WHAT, "it answers and is at this version"),
        Ok(Some(pending)) => {
            report.fault(
                WHAT,
                format!("it is {pending} migrations behind this version"),
                "Run `tsudoi migrate`, which makes a backup first",
            );
            return None;
        }
        Ok(None) => {
            report.ok(WHAT, "it answers and is empty; it will be set up at the first start");
            return None;
        }
        Err(error @ StoreError::Newer) => {
            report.fault(WHAT, error, "Install the newer version again, or restore a backup from before it");
            return None;
        }
        Err(error) => {
            report.fault(WHAT, error, "Restore the last backup into an empty place if it stays so");
            return None;
        }
    }
    match store.damage_all_organisations().await {
        Ok(None) => {}
        Ok(Some(damage)) => report.fault(WHAT, format!("it is damaged: {damage}"), "Stop serving and restore the last backup"),
        Err(error) => report.fault(WHAT, error, "Stop serving and restore the last backup"),
    }
    Some(store)
}

/// How many migrations are waiting; `None` for an empty database.
async fn is_current(store: &Store) -> Result<Option<usize>, StoreError> {
    if store.is_empty().await? { Ok(None) } else { Ok(Some(store.pending_migrations().await?)) }
}

/// Without the one that belongs to the data, everybody's links and forms stop working.
fn secret_key(report: &mut Report, config: &Config, has_data: bool) {
    const WHAT: &str = "secret key";
    let path = config.data.join("secret.key");
    if !path.exists() {
        match has_data {
            true => report.fault(
                WHAT,
                format!("{} is missing", path.display()),
                "Take it from the last backup; without it a new one is made at the next start, and mailed links stop working",
            ),
            false => report.ok(WHAT, "it will be made at the first start"),
        }
        return;
    }
    if let Err(error) = wiring::secret_key(&config.data) {
        report.fault(WHAT, format!("{error:#}"), "Take it from the last backup");
        return;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if std::fs::metadata(&path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0) {
            report.fault(WHAT, "other users of this machine can read it", format!("Run `chmod 600 {}`", path.display()));
            return;
        }
    }
    report.ok(WHAT, "it is there, and only this user can read it");
}

fn folder(report: &mut Report, what: &str, path: &Path) {
    let shown = path.display();
    if !path.exists() {
        report.ok(what, format!("{shown} will be made when it is needed"));
        return;
    }
    match wiring::prepare_folder(path) {
        Ok(()) => report.ok(what, format!("{shown} can be written")),
        Err(error) => report.fault(what, format!("{error:#}"), "Give the user that runs tsudoi the right to write there"),
    }
}

fn themes(report: &mut Report, config: &Config) {
    let looked = tsudoi_web::texts::catalogue()
        .map_err(|error| anyhow::anyhow!("{error}"))
        .and_then(|catalogue| wiring::look(config, &std::sync::Arc::new(catalogue), false));
    match looked {
        Ok(_) => report.ok("themes", "all of them can be used"),
        Err(error) => report.fault("themes", one_line(&format!("{error:#}")), "Correct the theme, or take it out of the folder"),
    }
}

/// Links in mail begin with it.
fn public_url(report: &mut Report, config: &Config, organisations: usize) {
    const WHAT: &str = "public address";
    let url = &config.web.public_url;
    if organisations > 1 && !url.contains("{slug}") {
        let found = format!("{url} is the same for all {organisations} organisations");
        return report.fault(WHAT, found, "Put {slug} into `web.public_url`, such as https://{slug}.example.jp");
    }
    if url.starts_with("http://") && !is_local(config) {
        return report.fault(
            WHAT,
            format!("{url} is not encrypted"),
            "Put a proxy with TLS in front and let `web.public_url` begin with https://",
        );
    }
    report.ok(WHAT, url);
}

/// Whether the sites are for this machine only.
fn is_local(config: &Config) -> bool {
    let host = host_of(&config.web.public_url);
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1"
}

/// Between scheme and port or path.
fn host_of(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', ':']).next().unwrap_or_default()
}

async fn mail(report: &mut Report, config: &Config) {
    const WHAT: &str = "mail";
    match (&config.mail.smtp, &config.mail.from) {
        (Some(_), Some(_)) => {}
        (None, None) if is_local(config) => {
            return report.ok(WHAT, "it is not configured; with `tsudoi serve --dev` it goes to /inbox");
        }
        (None, _) => {
            return report.fault(
                WHAT,
                "no server is configured, so nothing is sent",
                "Set `mail.smtp`, such as smtps://user:password@host:465",
            );
        }
        (_, None) => {
            return report.fault(WHAT, "no sender is configured, so nothing is sent", "Set `mail.from`, the address that mails come from");
        }
    }
    let mailer = match SmtpMailer::new(&config.mail, Arc::new(SystemClock)) {
        Ok(Some(mailer)) => mailer,
        Ok(None) => return,
        Err(error) => return report.fault(WHAT, format!("{error:#}"), "Correct `mail.smtp`, `mail.from` and `mail.dkim`"),
    };
    dkim(report, config);
    match tokio::time::timeout(Duration::from_secs(15), mailer.is_reachable()).await {
        Ok(Ok(true)) => report.ok(WHAT, "the server answers"),
        Ok(Ok(false)) => report.fault(WHAT, "the server answers, but takes no mail", "Ask whoever runs it"),
        Ok(Err(error)) => report.fault(WHAT, one_line(&format!("{error:#}")), "Check host, port, user and password in `mail.smtp`"),
        Err(_) => {
            report.fault(WHAT, "the server does not answer within 15 seconds", "Check host and port in `mail.smtp`, and the firewall")
        }
    }
}

/// The record that has to be published; whether it is there is not looked at.
fn dkim(report: &mut Report, config: &Config) {
    const WHAT: &str = "signature of mails";
    let Some(dkim) = &config.mail.dkim else {
        return report.ok(WHAT, "mails are not signed here (mail.dkim); the mail server may do that");
    };
    let sender = config.mail.from.as_deref().and_then(|from| from.rsplit_once('@')).map_or("", |(_, domain)| domain);
    if sender != dkim.domain && !sender.ends_with(&format!(".{}", dkim.domain)) {
        let found = format!("mails come from {sender} and are signed for {}", dkim.domain);
        return report.fault(
            WHAT,
            found,
            "Let `mail.dkim.domain` be the domain of `mail.from`, or others take the signature for a stranger's",
        );
    }
    match Signer::new(dkim) {
        Ok(signer) => {
            let (name, value) = signer.record();
            report.ok(WHAT, format!("the key can be used; publish {name} TXT \"{value}\""));
        }
        Err(error) => report.fault(WHAT, format!("{error:#}"), "Correct `mail.dkim`"),
    }
}

fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
