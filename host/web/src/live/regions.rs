//! What a region is called, and the proof that this host showed it to this visitor.

use crate::Web;
use crate::pages::decoded;
use crate::visiting::Visiting;
use crate::{Problem, plugins};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tsudoi_render::html::escape;
use tsudoi_render::markdown::{BlockCall, Part};

/// The region of a plugin's own page.
pub(crate) const VIEW: &str = "view";

/// A region as a browser names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub name: String,
    /// Of what the browser shows, without the tokens of forms.
    pub digest: String,
}

/// What a region looks like now.
pub(super) struct Looks {
    pub digest: String,
    /// With tokens for this visitor's forms.
    pub html: String,
}

impl Web {
    /// `html` in the element that makes it live. `bare` is the same without the tokens of forms. The proof is a hole, which the
    /// frame of the page fills.
    pub(crate) fn region(&self, visiting: &Visiting, name: &str, bare: &str, html: &str) -> String {
        let token = format!("{name}.{}.{}", digest(bare), self.live_mark());
        let news = self.look.message(visiting.locale(), "live-new", &json!({}));
        format!("<div class=\"live\" data-live=\"{token}\" data-live-new=\"{}\">{html}</div>", escape(&news))
    }

    /// Names the region for this session, address and organisation, so that nobody can ask for what they were not shown.
    pub(super) fn region_token(&self, visiting: &Visiting, name: &str, digest: &str) -> String {
        format!("{name}.{digest}.{}", visiting.live_proof(&self.services))
    }

    /// `None` for a token that this host did not give to this visitor for this address.
    pub(super) fn region_of(&self, visiting: &Visiting, token: &str) -> Option<Region> {
        let mut parts = token.splitn(3, '.');
        let (name, digest, proof) = (parts.next()?, parts.next()?, parts.next()?);
        let is_ours = visiting.is_live_proof(&self.services, proof);
        is_ours.then(|| Region { name: name.to_owned(), digest: digest.to_owned() })
    }

    /// What the regions with these names look like now, in their order; `None` for one that is not there any more, or that
    /// this visitor may not see any more.
    pub(super) async fn looks(&self, visiting: &Visiting, names: &[&str]) -> Result<Vec<Option<Looks>>, Problem> {
        if names == [VIEW] {
            let found = plugins::view_again(self, visiting).await?;
            return Ok(vec![found.map(|(plugin, bare)| self.dressed(visiting, &plugin, &bare))]);
        }
        let parts = self.parts_at(visiting).await?;
        let calls = parts.iter().flat_map(|parts| parts.iter()).filter_map(|part| match part {
            Part::Block(call) => Some(call),
            Part::Html(_) | Part::Form { .. } | Part::BlockError { .. } => None,
        });
        let calls: Vec<(String, &BlockCall)> = calls.enumerate().map(|(at, call)| (block_name(at, call), call)).collect();
        let wanted: Vec<_> = names.iter().map(|name| calls.iter().find(|(known, _)| known == name).map(|(_, call)| *call)).collect();
        let asked = wanted.iter().flatten().map(|call| (call.plugin.clone(), call.name.clone(), call.parameters.clone()));
        let mut shown = self.blocks_again(visiting, asked.collect()).await?.into_iter();
        let looks = wanted.iter().map(|call| {
            let call = call.as_ref()?;
            let bare = shown.next()?;
            Some(self.dressed(visiting, &call.plugin, &bare))
        });
        Ok(looks.collect())
    }

    fn dressed(&self, visiting: &Visiting, plugin: &str, bare: &str) -> Looks {
        Looks { digest: digest(bare), html: self.with_tokens(visiting, plugin, bare).into_owned() }
    }
}

/// Its place among the blocks of the page, with what it is: a page that was edited has other regions.
pub(crate) fn block_name(at: usize, call: &BlockCall) -> String {
    let parameters: Map<String, Value> = call.parameters.clone();
    let what = digest(&json!([call.plugin, call.name, parameters]).to_string());
    format!("block-{at}-{what}")
}

/// The plugin and its path in the address of one of its pages on the site.
pub(crate) fn plugin_address(path: &str) -> Option<(String, String)> {
    let path = decoded(path)?;
    let rest = path.strip_prefix("/p/")?;
    let (plugin, below) = rest.split_once('/').unwrap_or((rest, ""));
    Some((plugin.to_owned(), below.to_owned()))
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
