//! What requests begin with, kept in memory by the organisation's clock: the organisation with its site, its
//! installations, segments and published pages. All of it is under the clock, so nothing of it is older than the visit's number. Commits
//! of this process that only wrote documents of plugins make none of it anew.
//!
//! The number itself comes with the session. Who is not signed in may be shown what another process changed up to a second
//! later; this process's own commits count at once.

use super::{OrganisationKey, Visit};
use crate::pages::OpenedPage;
use crate::{ServiceError, Services};
use moka::sync::Cache;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tsudoi_kernel::calls::Installation;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::ports::CommitObserver;
use tsudoi_kernel::segment::Segment;
use tsudoi_kernel::{OrganisationId, Timestamp};
use tsudoi_store::Usage;

/// How long an anonymous visit may be served from what was loaded before.
const SECONDS: i64 = 1;
/// Bytes of pages, and installations, of all organisations together.
const MOST_PAGE_BYTES: u64 = 32 * 1024 * 1024;
const MOST_INSTALLATIONS: u64 = 4_000;
const MOST_SEGMENT_LISTS: u64 = 4_000;

type Installations = Arc<Vec<(Arc<Installation>, Usage)>>;

pub struct Recent {
    /// Only of organisations that there are, so there are no more of them than names and domains.
    visits: RwLock<HashMap<OrganisationKey, (Visit, Timestamp)>>,
    /// The newest commits of this process in each organisation.
    told: RwLock<HashMap<OrganisationId, Told>>,
    installations: Cache<OrganisationId, (u64, Installations)>,
    pages: Cache<(OrganisationId, String), (u64, Arc<OpenedPage>)>,
    segments: Cache<OrganisationId, (u64, Arc<Vec<Segment>>)>,
}

/// The newest commit that this process has made; and those up to it, one after another, that changed nothing of what is kept
/// here.
#[derive(Default, Clone, Copy)]
struct Told {
    newest: u64,
    /// Exclusive: what was loaded at this number or later is still so at `quiet_to`.
    quiet_from: u64,
    quiet_to: u64,
}

impl Told {
    fn hear(&mut self, number: u64, is_quiet: bool) {
        self.newest = self.newest.max(number);
        if is_quiet && number == self.quiet_to + 1 {
            self.quiet_to = number;
        } else if number > self.quiet_to {
            // What lies between was another process's, or is told later. This one may have changed something itself.
            self.quiet_from = if is_quiet { number - 1 } else { number };
            self.quiet_to = number;
        } else if !is_quiet {
            self.quiet_from = self.quiet_from.max(number);
        }
    }

    /// Whether what was loaded at `loaded` is still so at `number`.
    fn still_stands(self, loaded: u64, number: u64) -> bool {
        number <= loaded || (loaded >= self.quiet_from && number <= self.quiet_to)
    }
}

/// Documents of plugins are no part of what is kept here. A change that names none may be of anything.
fn is_quiet(change: &Change) -> bool {
    !change.documents.is_empty() && change.facts.is_empty() && change.installations.is_empty()
}

impl Default for Recent {
    fn default() -> Self {
        let weigh = |_: &OrganisationId, (_, list): &(u64, Installations)| u32::try_from(list.len() + 1).unwrap_or(u32::MAX);
        let size = |(_, path): &(OrganisationId, String), (_, page): &(u64, Arc<OpenedPage>)| {
            u32::try_from(path.len() + page.body.text.len() + page.body.teaser.len() + 500).unwrap_or(u32::MAX)
        };
        Self {
            visits: RwLock::default(),
            told: RwLock::default(),
            installations: Cache::builder().weigher(weigh).max_capacity(MOST_INSTALLATIONS).build(),
            pages: Cache::builder().weigher(size).max_capacity(MOST_PAGE_BYTES).build(),
            segments: Cache::new(MOST_SEGMENT_LISTS),
        }
    }
}

impl CommitObserver for Recent {
    fn committed(&self, organisation: OrganisationId, number: u64, change: &Arc<Change>) {
        let mut told = self.told.write().unwrap_or_else(PoisonError::into_inner);
        told.entry(organisation).or_default().hear(number, is_quiet(change));
    }
}

impl Recent {
    fn visit(&self, key: &OrganisationKey, now: Timestamp) -> Option<Visit> {
        let visits = self.visits.read().unwrap_or_else(PoisonError::into_inner);
        let (visit, loaded) = visits.get(key)?;
        let told = self.told(visit.organisation.id);
        let number = told.newest.max(visit.number);
        let is_newest = told.still_stands(visit.number, number);
        (is_newest && now < loaded.plus_seconds(SECONDS)).then(|| Visit { number, ..visit.clone() })
    }

    fn told(&self, organisation: OrganisationId) -> Told {
        self.told.read().unwrap_or_else(PoisonError::into_inner).get(&organisation).copied().unwrap_or_default()
    }

    /// Whether what was loaded at `loaded` is still so at `number`, but for documents.
    pub(super) fn still_stands(&self, organisation: OrganisationId, loaded: u64, number: u64) -> bool {
        self.told(organisation).still_stands(loaded, number)
    }

    fn keep_visit(&self, key: &OrganisationKey, visit: &Visit, loaded: Timestamp) {
        let mut visits = self.visits.write().unwrap_or_else(PoisonError::into_inner);
        visits.insert(key.clone(), (visit.clone(), loaded));
    }
}

impl Services {
    /// The organisation and its site's frame, for an anonymous visitor. `None` where nobody is served under this key.
    pub async fn visit(&self, key: &OrganisationKey) -> Result<Option<Visit>, ServiceError> {
        // The time before the question: what is loaded is not older.
        let now = self.now();
        if let Some(visit) = self.recent.visit(key, now) {
            return Ok(Some(visit));
        }
        let loaded = self.loaded_visit(key).await?;
        if let Some(visit) = &loaded {
            self.recent.keep_visit(key, visit, now);
        }
        Ok(loaded)
    }

    /// What a visit that was served from memory would begin with now, where that is newer: another process has changed
    /// something. The visits of those who are signed in are as new as can be.
    pub(crate) async fn newer(&self, visit: &Visit) -> Result<Option<Visit>, ServiceError> {
        if visit.session.is_some() || visit.see_as.is_some() {
            return Ok(None);
        }
        let (key, now) = (OrganisationKey::Slug(visit.organisation.slug.clone()), self.now());
        let Some(loaded) = self.loaded_visit(&key).await?.filter(|loaded| loaded.number > visit.number) else { return Ok(None) };
        self.recent.keep_visit(&key, &loaded, now);
        Ok(Some(Visit { visitor: visit.visitor.clone(), locale: visit.locale, ..loaded }))
    }

    pub(crate) async fn recent_segments(&self, visit: &Visit) -> Result<Arc<Vec<Segment>>, ServiceError> {
        let organisation = visit.organisation.id;
        if let Some((number, known)) = self.recent.segments.get(&organisation)
            && self.recent.still_stands(organisation, number, visit.number)
        {
            return Ok(known);
        }
        let loaded = Arc::new(self.of(visit).segments().await?);
        self.recent.segments.insert(organisation, (visit.number, loaded.clone()));
        Ok(loaded)
    }

    /// All of the organisation's installations, by plugin id, as they were at the visit's number or later.
    pub(crate) async fn installations(&self, visit: &Visit) -> Result<Installations, ServiceError> {
        let organisation = visit.organisation.id;
        if let Some((number, known)) = self.recent.installations.get(&organisation)
            && self.recent.still_stands(organisation, number, visit.number)
        {
            return Ok(known);
        }
        let rows = self.of(visit).installations().await?;
        let loaded = Arc::new(rows.into_iter().map(|(installation, usage)| (Arc::new(installation), usage)).collect::<Vec<_>>());
        self.recent.installations.insert(organisation, (visit.number, loaded.clone()));
        Ok(loaded)
    }

    /// The published page at a path, as it was at the visit's number or later.
    pub(crate) async fn published_page(&self, visit: &Visit, path: &str) -> Result<Option<Arc<OpenedPage>>, ServiceError> {
        let key = (visit.organisation.id, path.to_owned());
        if let Some((number, page)) = self.recent.pages.get(&key)
            && self.recent.still_stands(visit.organisation.id, number, visit.number)
        {
            return Ok(Some(page));
        }
        let Some(found) = self.of(visit).shown_page(path, false).await? else { return Ok(None) };
        let page = Arc::new(OpenedPage { id: found.id, revision: found.revision, body: serde_json::from_str(&found.body)? });
        self.recent.pages.insert(key, (visit.number, page.clone()));
        Ok(Some(page))
    }
}

#[cfg(test)]
mod tests {
    use super::Told;
    use crate::pages::{PageBody, PagePath, PageView};
    use crate::plugins::Consent;
    use crate::testing::plugins::write;
    use crate::testing::services_on_each;
    use tsudoi_kernel::Gate;

    fn page(text: &str) -> PageBody {
        PageBody {
            title: "会報".into(),
            path: PagePath::parse("/kaiho").unwrap(),
            text: text.into(),
            gate: Gate::Everyone,
            teaser: String::new(),
        }
    }

    #[tokio::test]
    async fn a_document_that_is_written_makes_nothing_be_loaded_anew() {
        for house in services_on_each().await {
            let collections = serde_json::json!({ "collections": { "notes": { "indexes": { "latest": { "fields": ["at"] } } } } });
            let package = house.parrot_package("notes", "1.0.0", collections).await;
            let editor = house.editor_of(house.organisation.id, None);
            editor.enable_plugin("notes", &Consent::to_all(&package)).await.unwrap();
            let installation = editor.installed("notes").await.unwrap();
            let visit = house.anonymous().await;
            house.installations(&visit).await.unwrap();
            write(&house, &installation, 1, serde_json::json!({ "at": 1 })).await.unwrap();
            let before = house.statements();
            let next = house.anonymous().await;
            house.installations(&next).await.unwrap();
            assert_eq!(house.statements(), before, "{}", house.database.name);
            assert_eq!(next.number, visit.number + 1, "and it is as new as can be");
            editor.disable_plugin("notes").await.unwrap();
            assert!(!house.anonymous().await.enabled_plugins.contains("notes"));
        }
    }

    #[test]
    fn what_was_loaded_stands_while_only_documents_are_written() {
        let told = |commits: &[(u64, bool)]| {
            let mut told = Told::default();
            commits.iter().for_each(|(number, quiet)| told.hear(*number, *quiet));
            told
        };
        let quiet = told(&[(5, false), (6, true), (7, true)]);
        assert!(quiet.still_stands(5, 7) && quiet.still_stands(6, 7) && !quiet.still_stands(4, 7));
        assert!(!quiet.still_stands(5, 8), "another process may have changed something");
        // One that is not quiet; a gap; and one that is told late.
        assert!(!told(&[(5, false), (6, true), (7, false)]).still_stands(6, 7));
        assert!(!told(&[(5, false), (7, true)]).still_stands(5, 7));
        assert!(told(&[(5, false), (7, true), (8, true)]).still_stands(6, 8));
        assert!(!told(&[(5, true), (7, true), (6, false), (8, true)]).still_stands(5, 8));
        assert!(!told(&[(5, true), (6, true), (7, true), (6, false)]).still_stands(5, 7));
        assert!(told(&[]).still_stands(5, 5) && !told(&[]).still_stands(5, 6));
    }

    #[tokio::test]
    async fn the_next_visitor_costs_no_question_and_sees_every_change_of_this_process() {
        for house in services_on_each().await {
            let path = PagePath::parse("/kaiho").unwrap();
            house.editor(&house.anonymous().await).create_page(&page("一"), true).await.unwrap();
            house.page_at(&house.anonymous().await, &path).await.unwrap();
            let before = house.statements();
            let PageView::Open(open) = house.page_at(&house.anonymous().await, &path).await.unwrap() else { panic!("it is open") };
            assert_eq!((open.body.text.as_str(), house.statements()), ("一", before));
            house.editor(&house.anonymous().await).begin().await.unwrap().commit().await.unwrap();
            assert!(house.anonymous().await.number > 1, "the clock has gone on");
            assert!(house.statements() > before, "and so everything is asked again");
        }
    }

    #[tokio::test]
    async fn what_another_process_changed_is_seen_within_a_second_and_at_once_by_who_is_signed_in() {
        for house in services_on_each().await {
            let account = house.account(None).await;
            let member = house.member("H-0001", None, Some(account)).await;
            let token = house.start_session(house.organisation.id, account, Some(member), "").await.unwrap();
            let seen = house.recognised(&token).await.number;
            let elsewhere = house.database.from_elsewhere().await.organisation(house.organisation.id);
            let mut change = elsewhere.begin_change(house.now()).await.unwrap();
            change.rename_organisation("明星会").await.unwrap();
            change.commit().await.unwrap();
            assert_eq!(house.anonymous().await.number, seen, "up to a second later");
            let visit = house.recognised(&token).await;
            assert_eq!((visit.number, visit.organisation.name.as_str()), (seen + 1, "明星会"));
            house.clock.pass(1);
            assert_eq!(house.anonymous().await.organisation.name, "明星会");
        }
    }
}
