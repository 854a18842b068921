//! Mail by SMTP, with lettre.

use anyhow::Context;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tsudoi_kernel::ports::{Boxed, MailError, Mailer, OutgoingMail};

pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: lettre::Address,
}

impl SmtpMailer {
    /// `url`: `smtp://user:password@host:587` or `smtps://…`.
    pub fn new(url: &str, from: &str) -> anyhow::Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).context("mail.smtp is not an SMTP address")?.build();
        let from = from.parse().context("mail.from is not a mail address")?;
        Ok(Self { transport, from })
    }

    /// Whether the server answers.
    pub async fn is_reachable(&self) -> anyhow::Result<bool> {
        Ok(self.transport.test_connection().await?)
    }

    fn message(&self, mail: &OutgoingMail) -> Result<Message, MailError> {
        let permanent = |error: &dyn std::fmt::Display| MailError::Permanent(error.to_string());
        let to = mail.to.parse::<Mailbox>().map_err(|error| permanent(&error))?;
        let from = Mailbox::new(Some(mail.from_name.clone()), self.from.clone());
        let id = format!("<{}@{}>", mail.id, self.from.domain());
        let message = Message::builder().from(from).to(to).subject(&mail.subject).message_id(Some(id));
        message.header(lettre::message::header::ContentType::TEXT_PLAIN).body(mail.text.clone()).map_err(|error| permanent(&error))
    }
}

impl Mailer for SmtpMailer {
    fn send(&self, mail: OutgoingMail) -> Boxed<'_, Result<(), MailError>> {
        Box::pin(async move {
            let message = self.message(&mail)?;
            match self.transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(MailError::Permanent(error.to_string())),
                Err(error) => Err(MailError::Temporary(error.to_string())),
            }
        })
    }
}
