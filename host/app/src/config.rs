//! Configuration: a TOML file, then `TSUDOI_…` variables over it. A wrong key or value is an error that names the
//! file, the line and what is allowed. With nothing configured: SQLite and files under `./data`, on 127.0.0.1:8080.

#[cfg(test)]
mod operating;

use anyhow::{Context, bail};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use tsudoi_kernel::policy::Policy;
use tsudoi_kernel::ports::Quota;
use tsudoi_runtime::Limits;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where SQLite, files, keys and compiled plugins are kept.
    pub data: PathBuf,
    pub database: Database,
    pub web: Web,
    pub mail: Mail,
    pub log: Log,
    /// Themes of the operator: each folder below is one. Those inside the binary are always there.
    pub themes: Option<PathBuf>,
    /// What each plugin call may use.
    pub limits: Limits,
    pub plugins: Plugins,
    pub egress: Egress,
}

/// The way out of plugins.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Egress {
    /// `host:port` of services at private addresses, or without encryption, that plugins may talk to all the same where
    /// organisations granted it.
    pub allow_private: Vec<String>,
    /// `host:port` outside to `host:port` that answers in its stead, without TLS: for development and tests.
    pub stand_ins: BTreeMap<String, String>,
}

/// What organisations can do with plugins.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Plugins {
    /// Updates that ask for nothing beyond what is allowed already begin by themselves.
    pub automatic_updates: bool,
    pub policy: Policy,
    /// So many failures in five minutes pause a plugin in an organisation; 0: none do.
    pub pause_after: u32,
    /// What an installation may keep, and how many mails it may cause.
    pub quota: Quota,
}

impl Default for Plugins {
    fn default() -> Self {
        Self { automatic_updates: false, policy: Policy::default(), pause_after: 20, quota: Quota::default() }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://user:password@host/database`; without it SQLite in the data folder.
    #[serde(deserialize_with = "database_url")]
    pub url: Option<String>,
    /// SQLite: `full` loses nothing that was acknowledged; `normal` is faster and may, in a power cut.
    pub synchronous: Synchronous,
    pub connections: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    Full,
    Normal,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    /// How links in mail begin; `{slug}` is replaced by the organisation's.
    #[serde(deserialize_with = "public_url")]
    pub public_url: String,
    pub upload_limit_megabytes: u64,
    /// Addresses of proxies in front: the last entry of their `X-Forwarded-For` counts as the visitor's address.
    pub trusted_proxies: Vec<IpAddr>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// `smtp://user:password@host:587` or `smtps://…:465`; without it mail can't be sent.
    #[serde(deserialize_with = "smtp")]
    pub smtp: Option<String>,
    /// The address that mails come from.
    pub from: Option<String>,
    /// Conversations with the server at the same time. One in four is for what somebody waits for.
    pub connections: usize,
    /// Most mails in a second; 0: as fast as the server takes them.
    pub per_second: u32,
    /// Signs mails, so that other servers believe that they are from here.
    pub dkim: Option<Dkim>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dkim {
    pub domain: String,
    pub selector: String,
    /// A file with a private key in PEM, RSA or Ed25519.
    pub key: PathBuf,
}

impl Default for Mail {
    fn default() -> Self {
        Self { smtp: None, from: None, connections: 4, per_second: 0, dkim: None }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    /// Such as `info` or `warn,tsudoi_runtime=debug`.
    pub level: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: "data".into(),
            database: Database::default(),
            web: Web::default(),
            mail: Mail::default(),
            log: Log::default(),
            themes: None,
            limits: Limits::default(),
            plugins: Plugins::default(),
            egress: Egress::default(),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: None, synchronous: Synchronous::Full, connections: 8 }
    }
}

impl Default for Web {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        Self { listen, public_url: "http://{slug}.localhost:8080".into(), upload_limit_megabytes: 20, trusted_proxies: Vec::new() }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".into() }
    }
}

impl Config {
    pub fn database_url(&self) -> String {
        self.database.url.clone().unwrap_or_else(|| format!("sqlite:{}", self.data.join("tsudoi.db").display()))
    }

    pub fn files(&self) -> PathBuf {
        self.data.join("files")
    }

    pub fn artefacts(&self) -> PathBuf {
        self.data.join("compiled")
    }
}

/// What `web.listen` may be.
const LISTEN: &str = "an address with a port, such as 127.0.0.1:8080";

fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let value = String::deserialize(deserializer)?;
    value.parse().map_err(|_| D::Error::custom(format!("web.listen is `{value}`; allowed: {LISTEN}")))
}

/// What `database.url`, `web.public_url` and `mail.smtp` may be. A refusal doesn't repeat them: they hold passwords.
const DATABASE_URL: &str = "sqlite:PATH or postgres://user:password@host/database";
const PUBLIC_URL: &str = "an address that begins with http:// or https://";
const SMTP: &str = "smtp://user:password@host:587 or smtps://user:password@host:465";

fn is_database_url(url: &str) -> bool {
    ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme))
}

fn is_public_url(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

fn is_smtp(url: &str) -> bool {
    url.starts_with("smtp://") || url.starts_with("smtps://")
}

fn checked<'de, D: Deserializer<'de>>(deserializer: D, key: &str, is: fn(&str) -> bool, allowed: &str) -> Result<String, D::Error> {
    let value = String::deserialize(deserializer)?;
    if is(&value) { Ok(value) } else { Err(D::Error::custom(format!("{key} is something else; allowed: {allowed}"))) }
}

fn database_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    checked(deserializer, "database.url", is_database_url, DATABASE_URL).map(Some)
}

fn public_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, "web.public_url", is_public_url, PUBLIC_URL)
}

fn smtp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    checked(deserializer, "mail.smtp", is_smtp, SMTP).map(Some)
}

/// The file, then the variables.
pub fn load(path: Option<&Path>) -> anyhow::Result<Config> {
    let default = Path::new("tsudoi.toml");
    let path = path.or_else(|| default.exists().then_some(default));
    let config = match path {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("the configuration {} can't be read", path.display()))?;
            parse(&text, &path.display().to_string())?
        }
        None => Config::default(),
    };
    with_variables(config, std::env::vars())
}

/// Names file and line of the first mistake.
fn parse(text: &str, file: &str) -> anyhow::Result<Config> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        anyhow::anyhow!("{file}:{line}: {}", error.message())
    })
}

const VARIABLES: [&str; 11] = [
    "TSUDOI_CONFIG",
    "TSUDOI_DATA",
    "TSUDOI_DATABASE_URL",
    "TSUDOI_DATABASE_SYNCHRONOUS",
    "TSUDOI_LISTEN",
    "TSUDOI_PUBLIC_URL",
    "TSUDOI_MAIL_SMTP",
    "TSUDOI_MAIL_FROM",
    "TSUDOI_LOG_LEVEL",
    "TSUDOI_LOG_FORMAT",
    "TSUDOI_THEMES",
];

fn with_variables(mut config: Config, variables: impl Iterator<Item = (String, String)>) -> anyhow::Result<Config> {
    // The tests' own variables are not for this program.
    for (name, value) in variables.filter(|(name, _)| name.starts_with("TSUDOI_") && !name.starts_with("TSUDOI_TEST_")) {
        let wrong = |allowed: &str| anyhow::anyhow!("the variable {name} is `{value}`; allowed: {allowed}");
        let secret = |is: fn(&str) -> bool, allowed: &str| match is(&value) {
            true => Ok(value.clone()),
            false => Err(anyhow::anyhow!("the variable {name} is something else; allowed: {allowed}")),
        };
        match name.as_str() {
            "TSUDOI_CONFIG" => {}
            "TSUDOI_DATA" => config.data = value.into(),
            "TSUDOI_DATABASE_URL" => config.database.url = Some(secret(is_database_url, DATABASE_URL)?),
            "TSUDOI_DATABASE_SYNCHRONOUS" => {
                config.database.synchronous = match value.as_str() {
                    "full" => Synchronous::Full,
                    "normal" => Synchronous::Normal,
                    _ => return Err(wrong("full, normal")),
                }
            }
            "TSUDOI_LISTEN" => config.web.listen = value.parse().map_err(|_| wrong(LISTEN))?,
            "TSUDOI_PUBLIC_URL" => config.web.public_url = secret(is_public_url, PUBLIC_URL)?,
            "TSUDOI_MAIL_SMTP" => config.mail.smtp = Some(secret(is_smtp, SMTP)?),
            "TSUDOI_MAIL_FROM" => config.mail.from = Some(value),
            "TSUDOI_LOG_LEVEL" => config.log.level = value,
            "TSUDOI_LOG_FORMAT" => {
                config.log.format = match value.as_str() {
                    "text" => LogFormat::Text,
                    "json" => LogFormat::Json,
                    _ => return Err(wrong("text, json")),
                }
            }
            "TSUDOI_THEMES" => config.themes = Some(value.into()),
            _ => bail!("there is no variable {name}; allowed: {}", VARIABLES.join(", ")),
        }
    }
    check(&config)?;
    Ok(config)
}

fn check(config: &Config) -> anyhow::Result<()> {
    let is_place = |text: &String| text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if let Some(wrong) = config.egress.allow_private.iter().find(|text| !is_place(text)) {
        bail!("egress.allow_private has `{wrong}`; allowed: a host and a port, such as 127.0.0.1:9000");
    }
    if let Some((wrong, _)) = config.egress.stand_ins.iter().find(|(host, instead)| !is_place(host) || !is_place(instead)) {
        bail!(
            "egress.stand_ins has `{wrong}`; allowed: a host and a port for a host and a port, such as \"api.example.com:443\" = \"127.0.0.1:9000\""
        );
    }
    if !(1..=64).contains(&config.mail.connections) {
        bail!("mail.connections is {}; allowed: 1 to 64", config.mail.connections);
    }
    if let Some(dkim) = &config.mail.dkim
        && [&dkim.domain, &dkim.selector].into_iter().any(|name| !is_domain_name(name))
    {
        bail!("mail.dkim has the domain `{}` and the selector `{}`; allowed: names as in DNS", dkim.domain, dkim.selector);
    }
    Ok(())
}

fn is_domain_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_names_its_file_its_line_and_what_is_allowed() {
        let error = parse("data = \"x\"\n\n[web]\nlistne = \"127.0.0.1:1\"\n", "tsudoi.toml").unwrap_err().to_string();
        assert!(error.starts_with("tsudoi.toml:4: "), "{error}");
        assert!(error.contains("listne") && error.contains("listen"), "{error}");
    }

    #[test]
    fn a_wrong_value_names_its_line_and_what_is_allowed() {
        let error = parse("[database]\nsynchronous = \"off\"\n", "tsudoi.toml").unwrap_err().to_string();
        assert!(error.starts_with("tsudoi.toml:2: ") && error.contains("full") && error.contains("normal"), "{error}");
        for (text, allowed) in [
            ("[database]\nurl = \"mysql://u:geheim@x\"\n", "sqlite:PATH"),
            ("[web]\npublic_url = \"geheim\"\n", "https://"),
            ("[mail]\nsmtp = \"mail://geheim\"\n", "smtps://"),
        ] {
            let error = parse(text, "tsudoi.toml").unwrap_err().to_string();
            assert!(error.starts_with("tsudoi.toml:2: ") && error.contains(allowed) && !error.contains("geheim"), "{error}");
        }
        let error = parse("[web]\nlisten = \"here\"\n", "tsudoi.toml").unwrap_err().to_string();
        assert!(error.starts_with("tsudoi.toml:2: ") && error.contains("127.0.0.1:8080"), "{error}");
    }

    #[test]
    fn variables_win_and_a_mistyped_one_is_named() {
        let one = |name: &str, value: &str| with_variables(Config::default(), std::iter::once((name.to_owned(), value.to_owned())));
        assert_eq!(one("TSUDOI_DATA", "/srv/tsudoi").unwrap().database_url(), "sqlite:/srv/tsudoi/tsudoi.db");
        let error = one("TSUDOI_LISTN", "x").unwrap_err().to_string();
        assert!(error.contains("TSUDOI_LISTN") && error.contains("TSUDOI_LISTEN"), "{error}");
        assert!(one("TSUDOI_LISTEN", "nowhere").unwrap_err().to_string().contains("127.0.0.1:8080"));
        assert!(one("TSUDOI_DATABASE_URL", "mysql://x").is_err());
    }
}
