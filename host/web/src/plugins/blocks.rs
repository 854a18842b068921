//! Blocks inside a page's text. One that fails leaves a note for staff and nothing for anybody else.

use crate::live::block_name;
use crate::visiting::Visiting;
use crate::{Problem, Web};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::sync::Arc;
use tsudoi_kernel::Timestamp;
use tsudoi_kernel::manifest::CardPlace;
use tsudoi_kernel::time::random_hex;
use tsudoi_render::html::escape;
use tsudoi_render::markdown::{BlockCall, Part};
use tsudoi_services::plugins::BlockOutcome;

/// A page's text as one piece of HTML, with its blocks.
pub(crate) struct Composed {
    pub html: String,
    pub lasts: Lasts,
}

/// How long all who see the page alike may be given the same, if the organisation's clock does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasts {
    ForThisRequest,
    Until(Option<Timestamp>),
}

impl Lasts {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Until(one), Self::Until(other)) => Self::Until([one, other].into_iter().flatten().min()),
            _ => Self::ForThisRequest,
        }
    }
}

impl Web {
    /// A page's text with its blocks filled in.
    pub(crate) async fn text_with_blocks(&self, visiting: &Visiting, parts: &[Part]) -> Result<Composed, Problem> {
        let wanted = parts.iter().filter_map(|part| match part {
            Part::Block(BlockCall { plugin, name, parameters, .. }) => Some((plugin.clone(), name.clone(), parameters.clone())),
            Part::Html(_) | Part::Form { .. } | Part::BlockError { .. } => None,
        });
        let outcomes = self.services.blocks(&visiting.visit, &visiting.request_id, wanted.collect()).await?;
        let mut outcomes = outcomes.into_iter().enumerate();
        let mut html = String::new();
        let mut lasts = Lasts::Until(None);
        for part in parts {
            match part {
                Part::Html(text) => html.push_str(text),
                Part::Block(call) => {
                    if let Some((at, outcome)) = outcomes.next() {
                        let block = self.block(visiting, &block_name(at, call), outcome).await?;
                        html.push_str(&block.html);
                        lasts = lasts.and(block.lasts);
                    }
                }
                Part::Form { address } => {
                    lasts = Lasts::ForThisRequest;
                    match self.form_block(visiting, address).await? {
                        Ok(form) => html.push_str(&form),
                        Err(why) => {
                            let note = self.look.message(visiting.locale(), why, &json!({ "address": address }));
                            html.push_str(&self.note_for_staff(visiting, &note));
                        }
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
        Ok(Composed { html, lasts })
    }

    async fn block(&self, visiting: &Visiting, region: &str, outcome: BlockOutcome) -> Result<Composed, Problem> {
        let passing = |html: String| Composed { html, lasts: Lasts::ForThisRequest };
        let block = match outcome {
            BlockOutcome::Rendered(block) => block,
            BlockOutcome::Absent { plugin, name, reason, parameter } => {
                let args = json!({ "parameter": parameter, "block": format!("{plugin}/{name}"), "request": &*visiting.request_id });
                return Ok(passing(self.note_for_staff(visiting, &self.look.message(visiting.locale(), &reason, &args))));
            }
        };
        let Some(theme) = self.look.theme(&visiting.organisation().theme) else { return Ok(passing(String::new())) };
        let (loaded, rendering) = (&block.loaded, &block.answered.value);
        match self.html_of(visiting, theme, loaded, rendering, None, block.answered.kept).await {
            Ok(bare) => {
                let with_tokens = self.with_tokens(visiting, &loaded.manifest.id, &bare);
                let is_somebodys_own = block.answered.of_member && visiting.visitor().member.is_some();
                let is_the_same_again = block.answered.kept.is_some() && !is_somebodys_own && matches!(with_tokens, Cow::Borrowed(_));
                let mut html = with_tokens.into_owned();
                // What staff look at before it is published is no page of the site.
                if !visiting.path.starts_with("/admin/") {
                    html = self.region(visiting, region, &bare, &html);
                }
                if let Some(note) = self.cost_note(visiting, &block) {
                    html.push_str(&self.note_for_staff(visiting, &note));
                }
                let lasts = if is_the_same_again { Lasts::Until(block.answered.until) } else { Lasts::ForThisRequest };
                Ok(Composed { html, lasts })
            }
            Err(error) => {
                let (plugin, template) = (&loaded.manifest.id, &rendering.template);
                self.services.note_template_failure(&visiting.visit, plugin, template, &visiting.request_id, &error).await?;
                let args = json!({ "block": loaded.manifest.id, "request": &*visiting.request_id });
                Ok(passing(self.note_for_staff(visiting, &self.look.message(visiting.locale(), "block-failed", &args))))
            }
        }
    }

    /// Blocks that are on a page already, in their order, as they are now and without the tokens of their forms. One that has
    /// nothing to show is empty.
    pub(crate) async fn blocks_again(
        &self,
        visiting: &Visiting,
        wanted: Vec<(String, String, Map<String, Value>)>,
    ) -> Result<Vec<Arc<str>>, Problem> {
        let Some(theme) = self.look.theme(&visiting.organisation().theme) else { return Ok(Vec::new()) };
        let mut shown = Vec::new();
        for outcome in self.services.blocks(&visiting.visit, &visiting.request_id, wanted).await? {
            shown.push(match outcome {
                BlockOutcome::Rendered(block) => {
                    let answered = &block.answered;
                    self.html_of(visiting, theme.clone(), &block.loaded, &answered.value, None, answered.kept).await.unwrap_or_default()
                }
                BlockOutcome::Absent { .. } => Arc::default(),
            });
        }
        Ok(shown)
    }

    /// What plugins have to show in a place of the host's. One that fails, or has nothing to show, is left out.
    pub(crate) async fn cards(&self, visiting: &Visiting, place: CardPlace) -> Result<Vec<String>, Problem> {
        let cards = self.services.cards(&visiting.visit, place).await?;
        let wanted = cards.iter().map(|(plugin, block)| (plugin.clone(), block.clone(), Map::new())).collect();
        let shown = self.blocks_again(visiting, wanted).await?;
        let filled = cards.iter().zip(&shown).filter(|(_, html)| !html.trim().is_empty());
        Ok(filled.map(|((plugin, _), html)| self.with_tokens(visiting, plugin, html).into_owned()).collect())
    }

    /// Forms of plugins get the host's hidden fields after everything else is done to them.
    pub(crate) fn with_tokens<'a>(&self, visiting: &Visiting, plugin: &str, html: &'a str) -> Cow<'a, str> {
        let is_form = |(at, _)| html.as_bytes()[at..].get(..5).is_some_and(|start: &[u8]| start.eq_ignore_ascii_case(b"<form"));
        if !html.match_indices('<').any(is_form) {
            return Cow::Borrowed(html);
        }
        let csrf = visiting.csrf(&self.services, &format!("plugin:{plugin}"));
        let nonce = random_hex::<16>(self.services.random());
        Cow::Owned(tsudoi_render::forms::insert_hidden(html, &[("_csrf", &csrf), ("_call", &nonce)]))
    }

    fn note_for_staff(&self, visiting: &Visiting, text: &str) -> String {
        if visiting.visitor().is_staff() {
            format!("<p class=\"notice notice-staff\" role=\"note\">{}</p>", escape(text))
        } else {
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lasts_as_long_as_each_of_its_blocks() {
        let at = |millis| Lasts::Until(Some(Timestamp::from_millis(millis)));
        assert_eq!(Lasts::Until(None).and(at(7)).and(at(5)).and(Lasts::Until(None)), at(5));
        assert_eq!(at(5).and(Lasts::ForThisRequest), Lasts::ForThisRequest);
    }
}
