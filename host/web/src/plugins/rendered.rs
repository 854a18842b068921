//! HTML that was made from kept answers of plugins. Rendering is pure: the same answer in the same theme, language and
//! zone, for the same kind of visitor, gives the same HTML. Tokens of forms are put in afterwards.

use super::template_data;
use crate::visiting::Visiting;
use crate::{Web, look};
use chrono_tz::Tz;
use moka::sync::Cache;
use serde_json::Value;
use std::sync::Arc;
use tsudoi_kernel::Locale;
use tsudoi_kernel::calls::Rendering;
use tsudoi_render::themes::Theme;
use tsudoi_services::plugins::LoadedPlugin;

const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Everything that a template can see besides the answer, which its name stands for.
#[derive(PartialEq, Eq, Hash)]
struct Scene {
    answer: u64,
    theme: (String, String),
    locale: Locale,
    zone: Tz,
    kind: &'static str,
    is_member: bool,
    organisation: String,
}

pub struct RenderedAnswers(Cache<Scene, Arc<str>>);

impl Default for RenderedAnswers {
    fn default() -> Self {
        let weigh = |scene: &Scene, html: &Arc<str>| u32::try_from(html.len() + scene.organisation.len() + 200).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weigh).max_capacity(MOST_BYTES).build())
    }
}

impl Web {
    /// The HTML of what a plugin answered, without the tokens of its forms. `kept` names the answer where it is one that
    /// is kept; `form` is given where somebody sent one that goes back to them.
    pub(super) async fn html_of(
        &self,
        visiting: &Visiting,
        theme: Arc<Theme>,
        loaded: &Arc<LoadedPlugin>,
        rendering: &Rendering,
        form: Option<Value>,
        kept: Option<u64>,
    ) -> Result<Arc<str>, String> {
        let scene = kept.filter(|_| form.is_none()).map(|answer| Scene {
            answer,
            theme: (theme.id().to_owned(), theme.version().to_owned()),
            locale: visiting.locale(),
            zone: look::zone(visiting),
            kind: visiting.visitor().kind(),
            is_member: visiting.visitor().member.is_some(),
            organisation: visiting.visit.frame.name.clone(),
        });
        let cache = &self.look.rendered_answers().0;
        if let Some(html) = scene.as_ref().and_then(|scene| cache.get(scene)) {
            return Ok(html);
        }
        let form = form.unwrap_or_else(|| serde_json::json!({ "values": {}, "errors": {} }));
        let data = template_data(visiting, &loaded.manifest, &loaded.hash, &rendering.data, form);
        let html: Arc<str> = self.rendered(visiting, theme, loaded.clone(), rendering.template.clone(), data).await?.as_str().into();
        if let Some(scene) = scene {
            cache.insert(scene, html.clone());
        }
        Ok(html)
    }
}
