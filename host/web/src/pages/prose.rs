//! A page's Markdown as HTML.

use super::decoded;
use crate::plugins::Composed;
use crate::visiting::Visiting;
use crate::{Problem, Web};
use moka::sync::Cache;
use serde_json::json;
use std::sync::Arc;
use tsudoi_kernel::Locale;
use tsudoi_render::markdown::{self, Options, Part};
use tsudoi_services::pages::{PagePath, PageView};
use uuid::Uuid;

/// Parts by revision, which never changes what it says, and by language, which names the links of footnotes. Bounded by
/// bytes.
pub struct Rendered(Cache<(Uuid, Locale), Arc<Vec<Part>>>);

impl Default for Rendered {
    fn default() -> Self {
        let size = |part: &Part| match part {
            Part::Html(html) => html.len(),
            Part::Block(_) | Part::Form { .. } | Part::BlockError { .. } => 200,
        };
        let weigh =
            move |_: &(Uuid, Locale), parts: &Arc<Vec<Part>>| u32::try_from(parts.iter().map(size).sum::<usize>()).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weigh).max_capacity(16 * 1024 * 1024).build())
    }
}

impl Web {
    /// What a published or drafted revision says.
    pub(super) async fn revision_html(&self, visiting: &Visiting, revision: Uuid, text: &str) -> Result<Composed, Problem> {
        let parts = self.look.rendered().0.get_with((revision, visiting.locale()), || Arc::new(self.parts(visiting, text)));
        self.text_with_blocks(visiting, &parts).await
    }

    /// The parts of the page at the visit's address; `None` where there is none that this visitor may enter.
    pub(crate) async fn parts_at(&self, visiting: &Visiting) -> Result<Option<Arc<Vec<Part>>>, Problem> {
        let path = decoded(&visiting.path).and_then(|path| PagePath::parse(&path).ok());
        let Some(path) = path else { return Ok(None) };
        let PageView::Open(page) = self.services.page_at(&visiting.visit, &path).await? else { return Ok(None) };
        Ok(Some(self.look.rendered().0.get_with((page.revision, visiting.locale()), || Arc::new(self.parts(visiting, &page.body.text)))))
    }

    /// What was typed just now.
    pub(super) async fn typed_html(&self, visiting: &Visiting, text: &str) -> Result<String, Problem> {
        Ok(self.text_with_blocks(visiting, &self.parts(visiting, text)).await?.html)
    }

    /// A text without blocks: a teaser, what stands above a form.
    pub(crate) fn plain_html(&self, visiting: &Visiting, text: &str) -> String {
        let html = |part| match part {
            Part::Html(html) => Some(html),
            Part::Block(_) | Part::Form { .. } | Part::BlockError { .. } => None,
        };
        self.parts(visiting, text).into_iter().filter_map(html).collect()
    }

    fn parts(&self, visiting: &Visiting, text: &str) -> Vec<Part> {
        let footnote_back = self.look.message(visiting.locale(), "pages-footnote-back", &json!({}));
        markdown::render(text, Options { footnote_back })
    }
}
