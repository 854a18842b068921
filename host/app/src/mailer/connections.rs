//! Connections to the mail server: kept and used again, and what an answer means. A mail is handed over in two steps: up to the word
//! DATA nothing was given away, so whatever goes wrong is tried again; from the first byte of the message on, only an answer tells
//! whether the server has it. That is why lettre's own pool is not used: it does not say in which step a connection was lost.

use crate::config::Mail as Config;
use anyhow::{Context, bail};
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tsudoi_kernel::ports::MailError;

/// Connections that wait for the next mail. Servers end those that wait too long; that is noticed when one is used again.
const MOST_IDLE: usize = 32;

enum Tls {
    None,
    /// STARTTLS, or nothing where `required` is false and the server has none.
    Upgraded {
        required: bool,
    },
    Wrapped,
}

/// A server's address, as it is configured.
struct Place {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
}

pub struct Connections {
    place: Place,
    /// Authorities that are trusted beside the public ones.
    authorities: Option<Certificate>,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
    /// For a command, and for a message.
    patience: [Duration; 2],
}

pub struct HandOver<'a> {
    pub envelope: &'a Envelope,
    pub bytes: &'a [u8],
}

/// How far a conversation came.
enum Fault {
    /// Nothing was given away, and no answer says that the mail is wrong.
    Lost(String),
    Answered(MailError),
}

fn decoded(text: &str) -> String {
    // User and password are percent-encoded in the address; a plus sign stays one.
    url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes()).next().map(|(text, _)| text.into_owned()).unwrap_or_default()
}

impl Place {
    /// `url`: `smtp://user:password@host:587` (with `?tls=required` or `?tls=opportunistic`) or `smtps://…`.
    fn parse(url: &str) -> anyhow::Result<Self> {
        let url = url::Url::parse(url)?;
        let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let (tls, port) = match (url.scheme(), tls.as_deref()) {
            ("smtps", _) => (Tls::Wrapped, 465),
            ("smtp", None) => (Tls::None, 25),
            ("smtp", Some("required")) => (Tls::Upgraded { required: true }, 587),
            ("smtp", Some("opportunistic")) => (Tls::Upgraded { required: false }, 587),
            _ => bail!("its scheme is neither smtp nor smtps, or `tls` neither required nor opportunistic"),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).context("it has no host")?.to_owned();
        let password = url.password().map(decoded);
        let credentials = password.map(|password| Credentials::new(decoded(url.username()), password));
        Ok(Self { host, port: url.port().unwrap_or(port), tls, credentials })
    }
}

/// Refuses a file without any certificate, which would be trusted to mean something.
fn authorities(file: &Path) -> anyhow::Result<Certificate> {
    let pem = std::fs::read(file).context("it can't be read")?;
    anyhow::ensure!(pem.windows(27).any(|bytes| bytes == b"-----BEGIN CERTIFICATE-----"), "it has no certificate in PEM");
    Ok(Certificate::from_pem(&pem)?)
}

impl Connections {
    /// `url` is `mail.smtp`.
    pub fn new(url: &str, config: &Config) -> anyhow::Result<Self> {
        let place = Place::parse(url).context("mail.smtp is not an SMTP address")?;
        let authority = |file: &PathBuf| authorities(file).with_context(|| format!("mail.authority, {}", file.display()));
        let patience = [config.command_seconds, config.message_seconds].map(Duration::from_secs);
        Ok(Self { place, authorities: config.authority.as_ref().map(authority).transpose()?, idle: Mutex::default(), patience })
    }

    #[cfg(test)]
    pub fn patience(&mut self, patience: Duration) {
        self.patience = [patience; 2];
    }

    pub async fn is_reachable(&self) -> anyhow::Result<bool> {
        let mut connection = self.connect().await?;
        let answers = connection.test_connected().await;
        let _ = connection.quit().await;
        Ok(answers)
    }

    async fn connect(&self) -> anyhow::Result<AsyncSmtpConnection> {
        let ([command, _], Place { host, port, tls, credentials }) = (self.patience, &self.place);
        let hello = ClientId::default();
        let wrapped = if matches!(tls, Tls::Wrapped) { Some(self.encryption()?) } else { None };
        let opened = AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), Some(command), &hello, wrapped, None);
        let mut connection = within(command, opened).await.map_err(anyhow::Error::msg)??;
        if let Tls::Upgraded { required } = tls
            && (*required || connection.can_starttls())
        {
            within(command, connection.starttls(self.encryption()?, &hello)).await.map_err(anyhow::Error::msg)??;
        }
        if let Some(credentials) = credentials {
            within(command, connection.auth(DEFAULT_MECHANISMS, credentials)).await.map_err(anyhow::Error::msg)??;
        }
        Ok(connection)
    }

    fn encryption(&self) -> Result<TlsParameters, Error> {
        let mut parameters = TlsParameters::builder(self.place.host.clone());
        if let Some(authorities) = &self.authorities {
            parameters = parameters.add_root_certificate(authorities.clone());
        }
        parameters.build()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<AsyncSmtpConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub async fn send(&self, mail: &HandOver<'_>) -> Result<(), MailError> {
        // One that was kept may have been ended by the server since: then a new one gets its chance.
        let kept = self.idle().pop();
        if let Some(connection) = kept {
            match self.converse(connection, mail).await {
                Err(Fault::Lost(_)) => {}
                Err(Fault::Answered(error)) => return Err(error),
                Ok(()) => return Ok(()),
            }
        }
        let connection = self.connect().await.map_err(|error| MailError::Unreachable(format!("{error:#}")))?;
        self.converse(connection, mail).await.map_err(|fault| match fault {
            Fault::Lost(problem) => MailError::Temporary(problem),
            Fault::Answered(error) => error,
        })
    }

    async fn converse(&self, mut connection: AsyncSmtpConnection, mail: &HandOver<'_>) -> Result<(), Fault> {
        let [command, message] = self.patience;
        if let Err(fault) = announced(&mut connection, mail.envelope, command).await {
            // After a refusal the server is ready for another.
            if let Fault::Answered(error) = &fault
                && !matches!(error, MailError::Unreachable(_))
                && matches!(within(command, connection.command(Rset)).await, Ok(Ok(_)))
            {
                self.keep(connection);
            }
            return Err(fault);
        }
        match within(message, connection.message(mail.bytes)).await {
            Ok(Ok(_)) => {
                self.keep(connection);
                Ok(())
            }
            Ok(Err(error)) => {
                let answered = refusal(&error);
                if answered.as_ref().is_some_and(|error| !matches!(error, MailError::Unreachable(_))) {
                    self.keep(connection);
                }
                Err(Fault::Answered(answered.unwrap_or_else(|| MailError::Unanswered(error.to_string()))))
            }
            Err(slow) => Err(Fault::Answered(MailError::Unanswered(slow))),
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle();
        if idle.len() < MOST_IDLE && !connection.has_broken() {
            idle.push(connection);
        }
    }
}

async fn within<T>(most: Duration, answer: impl Future<Output = T>) -> Result<T, String> {
    tokio::time::timeout(most, answer).await.map_err(|_| "the mail server does not answer".to_owned())
}

/// Sender, recipient, and that a message comes.
async fn announced(connection: &mut AsyncSmtpConnection, envelope: &Envelope, patience: Duration) -> Result<(), Fault> {
    let mut parameters = Vec::new();
    let addresses = envelope.from().into_iter().chain(envelope.to());
    if addresses.into_iter().any(|address| !address.to_string().is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(Fault::Answered(MailError::Permanent("the mail server takes no addresses beyond ASCII".to_owned())));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    step(patience, connection.command(Mail::new(envelope.from().cloned(), parameters))).await?;
    for to in envelope.to() {
        step(patience, connection.command(Rcpt::new(to.clone(), Vec::new()))).await?;
    }
    step(patience, connection.command(Data)).await
}

async fn step<T>(patience: Duration, command: impl Future<Output = Result<T, Error>>) -> Result<(), Fault> {
    match within(patience, command).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(refusal(&error).map_or_else(|| Fault::Lost(error.to_string()), Fault::Answered)),
        Err(slow) => Err(Fault::Lost(slow)),
    }
}

/// What an answer means; `None` where there was none.
fn refusal(error: &Error) -> Option<MailError> {
    let code: u16 = error.status()?.into();
    let text: String = error.to_string().chars().take(500).collect();
    Some(meaning(code, text))
}

/// By the reply code, and by the enhanced status code (RFC 3463) where there is one. 421 says that the server closes.
fn meaning(code: u16, text: String) -> MailError {
    let enhanced = text.split(|c: char| c.is_whitespace() || matches!(c, ':' | '(' | ')')).find(|word| is_enhanced(word));
    match (code, enhanced) {
        (421, _) => MailError::Unreachable(text),
        (400..=499, _) => MailError::Temporary(text),
        // The mailbox, or its domain, does not exist, or was closed.
        (_, Some("5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10" | "5.2.1")) => MailError::Refused(text),
        (_, Some(_)) => MailError::Permanent(text),
        (550 | 551 | 553, None) if !is_about_content(&text) => MailError::Refused(text),
        _ => MailError::Permanent(text),
    }
}

fn is_enhanced(word: &str) -> bool {
    let mut parts = word.split('.');
    let is_number = |part: Option<&str>| part.is_some_and(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    matches!(parts.next(), Some("4" | "5")) && is_number(parts.next()) && is_number(parts.next()) && parts.next().is_none()
}

/// Servers without enhanced codes say 550 to what they take for unwanted, too: that is no fault of the mailbox.
fn is_about_content(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["spam", "policy", "blocked", "blacklist", "blocklist", "reputation", "dmarc", "spf", "dkim", "content", "virus", "relay"]
        .iter()
        .any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_whether_to_try_again_and_whether_there_is_a_mailbox() {
        let of = |code, text: &str| match meaning(code, text.to_owned()) {
            MailError::Unreachable(_) => "unreachable",
            MailError::Temporary(_) => "later",
            MailError::Permanent(_) => "never",
            MailError::Refused(_) => "no mailbox",
            MailError::Unanswered(_) => "unanswered",
        };
        assert_eq!(of(421, "transient error (421): 4.3.2 closing"), "unreachable");
        assert_eq!(of(451, "transient error (451): greylisted"), "later");
        assert_eq!(of(550, "permanent error (550): 5.1.1 <x@example.jp>: unknown"), "no mailbox");
        assert_eq!(of(550, "permanent error (550): no such user"), "no mailbox");
        assert_eq!(of(550, "permanent error (550): 5.7.1 rejected"), "never");
        assert_eq!(of(550, "permanent error (550): blocked for spam"), "never");
        assert_eq!(of(552, "permanent error (552): 5.2.2 mailbox full"), "never");
        assert_eq!(of(554, "permanent error (554): transaction failed"), "never");
    }

    #[test]
    fn an_address_of_a_server_is_read() {
        let place = Place::parse("smtps://user%40club:p%2Fa+s@mail.example.jp").unwrap();
        assert!(place.port == 465 && matches!(place.tls, Tls::Wrapped) && place.credentials.is_some());
        assert_eq!(decoded("p%2Fa+s"), "p/a+s");
        let place = Place::parse("smtp://mail.example.jp:2525?tls=opportunistic").unwrap();
        assert!(place.port == 2525 && matches!(place.tls, Tls::Upgraded { required: false }) && place.credentials.is_none());
        assert!(Place::parse("http://mail.example.jp").is_err() && Place::parse("smtp://mail.example.jp?tls=perhaps").is_err());
    }
}
