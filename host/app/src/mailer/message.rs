//! A mail as RFC 5322 has it: in plain text, or in plain text and HTML, with the headers that end mails of its kind (RFC 8058).

use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use tsudoi_kernel::ports::OutgoingMail;

/// What all mails have in common.
pub struct Letterhead {
    pub from: Address,
}

/// An address that people have. Where the part before the `@` breaks the rules about dots, as old Japanese ones do, it is quoted
/// (RFC 5321, section 4.1.2): `"taro.."@docomo.example`.
fn address(text: &str) -> anyhow::Result<Address> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (local, domain) = text.rsplit_once('@').ok_or_else(|| anyhow::anyhow!("{text} is not a mail address"))?;
    anyhow::ensure!(!local.contains(['"', '\\']) && !local.chars().any(char::is_control), "{text} is not a mail address");
    Address::new(format!("\"{local}\""), domain).map_err(|error| anyhow::anyhow!("{text} is not a mail address: {error}"))
}

/// As it is: an address has nothing that a header would encode, and must not be folded in the middle.
fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

impl Letterhead {
    pub fn message(&self, mail: &OutgoingMail) -> anyhow::Result<Message> {
        let from = Mailbox::new(Some(mail.from_name.clone()), self.from.clone());
        let id = format!("<{}@{}>", mail.id, self.from.domain());
        let to = address(&mail.to)?;
        // Left to itself, the library would read the address out of the header again, and does not know those that are quoted.
        let envelope = Envelope::new(Some(self.from.clone()), vec![to.clone()])?;
        let to = Mailbox::new(None, to);
        let mut message = Message::builder().from(from).to(to).subject(&mail.subject).message_id(Some(id)).envelope(envelope);
        // One that is no address keeps no mail.
        if let Some(reply_to) = mail.reply_to.as_deref().and_then(|text| address(text).ok()) {
            message = message.reply_to(Mailbox::new(None, reply_to));
        }
        if let Some(url) = mail.unsubscribe.as_ref().filter(|url| url.is_ascii() && !url.contains(char::is_whitespace)) {
            message = message
                .raw_header(header("List-Unsubscribe", format!("<{url}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        Ok(match &mail.html {
            None => message.header(ContentType::TEXT_PLAIN).body(mail.text.clone())?,
            // The last part is what programs prefer.
            Some(html) => message.multipart(
                MultiPart::alternative().singlepart(SinglePart::plain(mail.text.clone())).singlepart(SinglePart::html(html.clone())),
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> OutgoingMail {
        OutgoingMail {
            from_name: "星空会".into(),
            reply_to: Some("office@club.example".into()),
            to: "hanako@example.jp".into(),
            subject: "12月の観望会のご案内 ― 双子座流星群を見る夜".into(),
            text: "こんばんは。\n".into(),
            html: Some("<p>こんばんは。</p>".into()),
            unsubscribe: Some(format!("https://club.example/mail/stop?sign={}", "a".repeat(200))),
            id: uuid::Uuid::from_u128(7),
        }
    }

    fn written(mail: &OutgoingMail) -> String {
        let letterhead = Letterhead { from: "noreply@tsudoi.example".parse().unwrap() };
        String::from_utf8(letterhead.message(mail).unwrap().formatted()).unwrap()
    }

    #[test]
    fn a_mail_has_both_forms_and_the_headers_that_end_its_kind() {
        let text = written(&mail());
        assert!(text.is_ascii(), "nothing needs a server that takes more: {text}");
        assert!(text.contains("Content-Type: multipart/alternative") && text.contains("text/plain; charset=utf-8"), "{text}");
        assert!(text.find("text/plain") < text.find("text/html; charset=utf-8"));
        assert!(text.contains(&format!("\r\nList-Unsubscribe: <{}>\r\n", mail().unsubscribe.unwrap())), "{text}");
        assert!(text.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{text}");
        assert!(text.contains("\r\nMessage-ID: <00000000-0000-0000-0000-000000000007@tsudoi.example>\r\n"), "{text}");
        assert!(text.contains("Subject: =?utf-8?b?") && text.contains("Reply-To: office@club.example"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 998), "{text}");
        let plain = written(&OutgoingMail { html: None, unsubscribe: None, ..mail() });
        assert!(!plain.contains("multipart") && !plain.contains("List-Unsubscribe"), "{plain}");
    }

    #[test]
    fn an_address_that_breaks_the_rules_about_dots_is_quoted() {
        for (typed, expected) in [
            ("hanako@example.jp", "hanako@example.jp"),
            ("taro..@docomo.example", "\"taro..\"@docomo.example"),
            (".taro@ezweb.example", "\".taro\"@ezweb.example"),
        ] {
            assert_eq!(address(typed).unwrap().to_string(), expected);
            assert!(written(&OutgoingMail { to: typed.into(), ..mail() }).contains(&format!("\r\nTo: {expected}\r\n")), "{typed}");
        }
        assert!(address("\"x\r\nBcc: y\"@example.jp").is_err());
    }
}
