//! Blocks inside a page's text. One that fails leaves a note for staff and nothing for anybody else.

use crate::visiting::Visiting;
use crate::{Problem, Web};
use serde_json::json;
use tsudoi_kernel::time::random_hex;
use tsudoi_render::html::escape;
use tsudoi_render::markdown::{BlockCall, Part};
use tsudoi_services::plugins::BlockOutcome;

impl Web {
    /// A page's text as one piece of HTML, with its blocks filled in.
    pub async fn text_with_blocks(&self, visiting: &Visiting, parts: Vec<Part>) -> Result<String, Problem> {
        let wanted = parts.iter().filter_map(|part| match part {
            Part::Block(BlockCall { plugin, name, parameters, .. }) => Some((plugin.clone(), name.clone(), parameters.clone())),
            Part::Html(_) | Part::BlockError { .. } => None,
        });
        let outcomes = self.services.blocks(&visiting.visit, &visiting.request_id, wanted.collect()).await?;
        let mut outcomes = outcomes.into_iter();
        let mut html = String::new();
        for part in parts {
            match part {
                Part::Html(text) => html.push_str(&text),
                Part::Block(_) => {
                    if let Some(outcome) = outcomes.next() {
                        html.push_str(&self.block(visiting, outcome).await?);
                    }
                }
                Part::BlockError { line, message } => {
                    let (key, args) = message.message();
                    let fault = self.look.message(visiting.locale(), key, &args);
                    let text = self.look.message(visiting.locale(), "block-syntax", &json!({ "line": line, "fault": fault }));
                    html.push_str(&self.note_for_staff(visiting, &text));
                }
            }
        }
        Ok(html)
    }

    async fn block(&self, visiting: &Visiting, outcome: BlockOutcome) -> Result<String, Problem> {
        let block = match outcome {
            BlockOutcome::Rendered(block) => block,
            BlockOutcome::Absent { plugin, name, reason } => {
                let args = json!({ "block": format!("{plugin}/{name}"), "request": &*visiting.request_id });
                return Ok(self.note_for_staff(visiting, &self.look.message(visiting.locale(), &reason, &args)));
            }
        };
        let Some(theme) = self.look.theme(&visiting.organisation().theme) else { return Ok(String::new()) };
        let (loaded, rendering) = (&block.loaded, &block.answered.value);
        match self.html_of(visiting, theme, loaded, rendering, None, block.answered.kept).await {
            Ok(html) => {
                let mut html = self.with_tokens(visiting, &loaded.manifest.id, &html);
                if let Some(note) = self.cost_note(visiting, &block) {
                    html.push_str(&self.note_for_staff(visiting, &note));
                }
                Ok(html)
            }
            Err(error) => {
                let place = format!("template {}", rendering.template);
                self.services.note_failure(&visiting.visit, &loaded.manifest.id, &place, &visiting.request_id, &error).await?;
                let args = json!({ "block": loaded.manifest.id, "request": &*visiting.request_id });
                Ok(self.note_for_staff(visiting, &self.look.message(visiting.locale(), "block-failed", &args)))
            }
        }
    }

    /// Forms of plugins get the host's hidden fields after everything else is done to them.
    pub(super) fn with_tokens(&self, visiting: &Visiting, plugin: &str, html: &str) -> String {
        if !html.as_bytes().windows(5).any(|start| start.eq_ignore_ascii_case(b"<form")) {
            return html.to_owned();
        }
        let csrf = visiting.csrf(&self.services, &format!("plugin:{plugin}"));
        let nonce = random_hex::<16>(self.services.random());
        tsudoi_render::forms::insert_hidden(html, &[("_csrf", &csrf), ("_call", &nonce)])
    }

    fn note_for_staff(&self, visiting: &Visiting, text: &str) -> String {
        if visiting.visitor().is_staff() {
            format!("<p class=\"notice notice-staff\" role=\"note\">{}</p>", escape(text))
        } else {
            String::new()
        }
    }
}
