//! Mails from Markdown: HTML in a simple frame that needs no picture and no script, and plain text that reads as if somebody had
//! typed it. Words in double braces pass through both; they are filled in afterwards.

mod plain;
mod wrap;

pub use wrap::wrapped;

use crate::sanitise;
use plain::Plain;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};
use serde_json::Value;
use std::sync::LazyLock;
use tera::{Context, Tera};

/// A text in both of its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailBody {
    /// Sanitised, without a frame.
    pub html: String,
    /// Paragraphs in one line each: see [`wrapped`].
    pub text: String,
}

static FRAME: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::default();
    if let Err(error) = tera.add_raw_template("mail.html", include_str!("../templates/mail.html.tera")) {
        unreachable!("the frame of mails is part of this program: {error}");
    }
    tera
});

/// `site`: what paths in links and pictures begin with. Lines end where they were ended, as people who write mails expect.
pub fn body(markdown: &str, site: &str) -> MailBody {
    let extensions = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<Event<'_>> = Parser::new_ext(markdown, extensions).map(|event| placed(event, site)).collect();
    let mut text = Plain::default();
    events.iter().for_each(|event| text.take(event));
    let mut written = String::new();
    html::push_html(&mut written, events.into_iter());
    MailBody { html: sanitise::page_html(&written), text: text.finish() }
}

/// What a mail is shown as around its text: `context` has what templates/mail.html.tera names.
pub fn framed(context: &Value) -> Result<String, tera::Error> {
    FRAME.render("mail.html", &Context::from_serialize(context)?)
}

fn placed<'a>(event: Event<'a>, site: &str) -> Event<'a> {
    let whole = |url: CowStr<'a>| if url.starts_with('/') && !url.starts_with("//") { format!("{site}{url}").into() } else { url };
    match event {
        Event::SoftBreak => Event::HardBreak,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: whole(dest_url), title, id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Image { link_type, dest_url: whole(dest_url), title, id })
        }
        // HTML is for pages: a mail in plain text has nothing for it.
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_becomes_html_and_plain_text() {
        let markdown = "# 観望会のご案内\n\n{{name}}様\n次の**観望会**は[こちら](/events/7)です。\n\n- 望遠鏡\n- 防寒具\n  1. 手袋\n  2. 帽子\n\n> 雨なら中止\n\nくわしくは <https://example.jp/a> へ。\n";
        let MailBody { html, text } = body(markdown, "https://club.example");
        assert!(html.contains("<h1>観望会のご案内</h1>") && html.contains("href=\"https://club.example/events/7\""), "{html}");
        assert!(html.contains("{{name}}様<br"), "{html}");
        let expected = "■ 観望会のご案内\n\n{{name}}様\n次の観望会はこちら <https://club.example/events/7> です。\n\n- 望遠鏡\n- 防寒具\n  1. 手袋\n  2. 帽子\n\n> 雨なら中止\n\nくわしくは https://example.jp/a へ。\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn nothing_that_runs_comes_into_a_mail() {
        let MailBody { html, .. } = body("<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![図](/a.png)", "https://club.example");
        assert!(!html.contains("<script") && !html.contains("javascript:"), "{html}");
        let context = json!({
            "locale": "ja", "subject": "<b>", "accent": "#2f5d8a", "sender": "星空会 & 友", "body": html, "lines": ["〒100"], "contact": "",
            "contact_label": "", "site": "https://club.example", "stop": "https://club.example/s", "stop_label": "配信停止", "why": "会員",
        });
        let framed = framed(&context).unwrap();
        assert!(
            framed.contains("<title>&lt;b&gt;</title>") && framed.contains("星空会 &amp; 友") && !framed.contains("mailto"),
            "{framed}"
        );
        assert!(framed.contains("prefers-color-scheme: dark") && !framed.contains("<table"), "{framed}");
    }
}
