//! Pages for those who are not signed in, who all see the same: kept until the organisation's clock goes on, since nothing
//! that such a page is made of changes without it, or until an instant that one of its blocks asked about.

use crate::Web;
use crate::framed::Framed;
use crate::plugins::Lasts;
use crate::visiting::Visiting;
use moka::sync::Cache;
use std::sync::Arc;
use tsudoi_kernel::{Locale, OrganisationId, Timestamp};
use tsudoi_render::themes::Theme;

const MOST_BYTES: u64 = 32 * 1024 * 1024;

type Asked = (OrganisationId, Locale, Arc<str>);

#[derive(Clone)]
struct Whole {
    number: u64,
    until: Option<Timestamp>,
    /// In development it is replaced without the clock.
    theme: Arc<Theme>,
    framed: Framed,
}

pub struct WholePages(Cache<Asked, Whole>);

impl Default for WholePages {
    fn default() -> Self {
        let weigh = |(_, _, path): &Asked, whole: &Whole| u32::try_from(path.len() + whole.framed.len() + 300).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weigh).max_capacity(MOST_BYTES).build())
    }
}

impl Web {
    /// What was kept of the page at the visit's address, if it is still what this visitor would be shown.
    pub(super) fn whole_page(&self, visiting: &Visiting) -> Option<Framed> {
        let asked = seen_by_everybody(visiting)?;
        let whole = self.look.whole_pages().0.get(&asked)?;
        let lasts = whole.until.is_none_or(|until| self.services.now() < until);
        let theme = self.sound_theme(visiting)?;
        (lasts && whole.number == visiting.visit.number && Arc::ptr_eq(&whole.theme, &theme)).then_some(whole.framed)
    }

    pub(super) fn keep_whole_page(&self, visiting: &Visiting, framed: Framed, lasts: Lasts) {
        if let (Some(asked), Some(theme), Lasts::Until(until)) = (seen_by_everybody(visiting), self.sound_theme(visiting), lasts) {
            self.look.whole_pages().0.insert(asked, Whole { number: visiting.visit.number, until, theme, framed });
        }
    }

    fn sound_theme(&self, visiting: &Visiting) -> Option<Arc<Theme>> {
        let id = &visiting.organisation().theme;
        if self.look.fault(id).is_some() { None } else { self.look.theme(id) }
    }
}

/// The address, where nothing else decides what is shown there. With a query it could be another each time.
fn seen_by_everybody(visiting: &Visiting) -> Option<Asked> {
    let visit = &visiting.visit;
    let nobody = visit.session.is_none() && visit.see_as.is_none() && visiting.flash.is_none();
    (nobody && visiting.target == visiting.path).then(|| (visit.organisation.id, visit.locale, visiting.path.clone()))
}
