//! Whole pages, for all who see the same: those who are not signed in, and members of the same tier with the same labels, in
//! the same segments, whose names are holes. Kept until the organisation's clock goes on, since nothing that such a page is made of changes without it,
//! or until an instant that one of its blocks asked about. A block that asked which member is looking makes a page of its own.

use crate::Web;
use crate::framed::Framed;
use crate::plugins::Lasts;
use crate::visiting::Visiting;
use moka::sync::Cache;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tsudoi_kernel::{Locale, OrganisationId, Timestamp};
use tsudoi_render::themes::Theme;

const MOST_BYTES: u64 = 32 * 1024 * 1024;

type Asked = (OrganisationId, Locale, Arc<str>, Seen);

/// Who sees the same: gates and plugins ask nothing else about a member than what stands here, and who it is.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Seen {
    ByNobody,
    ByMember { active: bool, tier: Option<String>, labels: BTreeSet<String>, segments: BTreeSet<String>, name: Option<String> },
}

#[derive(Clone)]
struct Whole {
    number: u64,
    until: Option<Timestamp>,
    /// In development it is replaced without the clock.
    theme: Arc<Theme>,
    framed: Framed,
}

pub struct WholePages {
    kept: Cache<Asked, Whole>,
    compositions: Cache<Asked, Arc<Composition>>,
}

/// Putting a page together, which one does for all who come at the same time.
#[derive(Default)]
struct Composition {
    turn: Arc<Mutex<()>>,
    /// The last one could not be kept, so nobody waits for the next.
    fleeting: AtomicBool,
}

/// Held by whoever puts a page together.
pub(super) struct Turn {
    composition: Arc<Composition>,
    _turn: Option<OwnedMutexGuard<()>>,
}

/// A page that takes longer is put together by each who wants it.
const PATIENCE: Duration = Duration::from_millis(250);
const MOST_COMPOSITIONS: u64 = 10_000;

impl Default for WholePages {
    fn default() -> Self {
        let weigh = |(_, _, path, _): &Asked, whole: &Whole| u32::try_from(path.len() + whole.framed.len() + 300).unwrap_or(u32::MAX);
        let kept = Cache::builder().weigher(weigh).max_capacity(MOST_BYTES).build();
        Self { kept, compositions: Cache::new(MOST_COMPOSITIONS) }
    }
}

impl Web {
    /// What was kept of the page at the visit's address, if it is still what this visitor would be shown.
    pub(super) fn whole_page(&self, visiting: &Visiting) -> Option<Framed> {
        let asked = self.asked(visiting)?;
        let whole = self.look.whole_pages().kept.get(&asked)?;
        let lasts = whole.until.is_none_or(|until| self.services.now() < until);
        let theme = self.sound_theme(visiting)?;
        (lasts && whole.number == visiting.visit.number && Arc::ptr_eq(&whole.theme, &theme)).then_some(whole.framed)
    }

    /// The turn to put the page at the visit's address together. Whoever waited for it looks first whether it is there now.
    pub(super) async fn turn_at(&self, visiting: &Visiting) -> Option<Turn> {
        let composition = self.look.whole_pages().compositions.get_with(self.asked(visiting)?, Arc::default);
        if composition.fleeting.load(Ordering::Relaxed) {
            return Some(Turn { composition, _turn: None });
        }
        let turn = tokio::time::timeout(PATIENCE, composition.turn.clone().lock_owned()).await.ok();
        Some(Turn { composition, _turn: turn })
    }

    pub(super) fn keep_whole_page(&self, visiting: &Visiting, framed: Framed, lasts: Lasts, turn: Option<&Turn>) {
        let until = if let Lasts::Until(until) = lasts { Some(until) } else { None };
        if let Some(turn) = turn {
            turn.composition.fleeting.store(until.is_none(), Ordering::Relaxed);
        }
        if let (Some(asked), Some(theme), Some(until)) = (self.asked(visiting), self.sound_theme(visiting), until) {
            self.look.whole_pages().kept.insert(asked, Whole { number: visiting.visit.number, until, theme, framed });
        }
    }

    fn sound_theme(&self, visiting: &Visiting) -> Option<Arc<Theme>> {
        let id = &visiting.organisation().theme;
        if self.look.fault(id).is_some() { None } else { self.look.theme(id) }
    }

    /// The address, and who sees the same there. With a query it could be another each time.
    fn asked(&self, visiting: &Visiting) -> Option<Asked> {
        let visit = &visiting.visit;
        if visit.see_as.is_some() || visiting.flash.is_some() || visiting.target != visiting.path {
            return None;
        }
        let seen = match (&visit.session, &visit.visitor.member, &visit.visitor.staff) {
            (None, None, None) => Seen::ByNobody,
            (Some(_), Some(member), None) => {
                // A theme that does more with the name than print it makes another page of each.
                let is_hole = self.sound_theme(visiting)?.only_prints_names();
                let name = (!is_hole).then(|| member.display_name.clone());
                let segments = visit.visitor.segments.keys().map(str::to_owned).collect();
                Seen::ByMember {
                    active: member.status.is_active(),
                    tier: member.tier.clone(),
                    labels: member.labels.clone(),
                    segments,
                    name,
                }
            }
            _ => return None,
        };
        Some((visit.organisation.id, visit.locale, visiting.path.clone(), seen))
    }
}
