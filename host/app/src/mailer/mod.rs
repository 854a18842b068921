//! Mail by SMTP, with lettre: messages, connections that are kept, what a server's answer means, and signatures.

mod connections;
mod dkim;
mod message;
#[cfg(test)]
mod sink;
#[cfg(test)]
mod tests;

pub use dkim::Signer;

use crate::config::Mail;
use anyhow::Context;
use connections::{Connections, HandOver};
use message::Letterhead;
use std::sync::Arc;
use tsudoi_kernel::Clock;
use tsudoi_kernel::ports::{Boxed, MailError, Mailer, OutgoingMail};

pub struct SmtpMailer {
    connections: Connections,
    letterhead: Letterhead,
    signer: Option<Signer>,
    clock: Arc<dyn Clock>,
}

impl SmtpMailer {
    /// `None` where no server or no sender is configured.
    pub fn new(config: &Mail, clock: Arc<dyn Clock>) -> anyhow::Result<Option<Self>> {
        let (Some(smtp), Some(from)) = (&config.smtp, &config.from) else { return Ok(None) };
        let from = from.parse().context("mail.from is not a mail address")?;
        Ok(Some(Self {
            connections: Connections::new(smtp, config)?,
            letterhead: Letterhead { from },
            signer: config.dkim.as_ref().map(Signer::new).transpose()?,
            clock,
        }))
    }

    /// Whether the server answers.
    pub async fn is_reachable(&self) -> anyhow::Result<bool> {
        self.connections.is_reachable().await
    }
}

impl Mailer for SmtpMailer {
    fn send(&self, mail: OutgoingMail) -> Boxed<'_, Result<(), MailError>> {
        Box::pin(async move {
            let message = self.letterhead.message(&mail).map_err(|error| MailError::Permanent(error.to_string()))?;
            let mut bytes = message.formatted();
            if let Some(signer) = &self.signer {
                let signature = signer.sign(&bytes, self.clock.now()).map_err(|error| MailError::Permanent(error.to_string()))?;
                bytes.splice(0..0, signature.into_bytes());
            }
            self.connections.send(&HandOver { envelope: message.envelope(), bytes: &bytes }).await
        })
    }
}
