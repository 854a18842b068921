//! What is kept, for whom and until when; and calls through the whole engine with another process beside it.

use super::*;
use crate::engine::{Engine, EngineConfig};
use crate::limits::Limits;
use crate::package;
use crate::testing::guests::{self, DOCUMENT};
use crate::testing::{Bench, Counting, Echo, main_runtime, member, staff};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tsudoi_kernel::calls::{Installation, PageRequest, Reply};
use tsudoi_kernel::changes::{DocumentChange, installation_fact};
use tsudoi_kernel::ports::{CommitObserver, PluginCalls, PluginPackages, Quota};
use tsudoi_kernel::visitor::Segments;
use tsudoi_kernel::{Clock, Gate, Locale, MemberId, Visitor};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn base() -> Key {
    Fingerprint::of("one call").finish()
}

fn context(visitor: Visitor, number: u64) -> CallContext {
    CallContext { number, ..Bench::new().visitor(visitor).context("some package") }
}

/// An answer that read `reads` at `number`.
fn fresh(value: &str, facts: &[Fact], reads: &[Read], number: u64) -> Fresh<String> {
    let mut set = ReadSet::default();
    set.add(Read::installation(Bench::installation()), number);
    reads.iter().for_each(|read| set.add(read.clone(), number));
    Fresh { value: Ok(value.into()), facts: facts.to_vec(), reads: Arc::new(set), until: None, number, host_calls: 3, size: 100 }
}

fn cache() -> Cache {
    Cache::new(1 << 20)
}

fn keep(cache: &Cache, context: &CallContext, fresh: Fresh<String>) -> bool {
    // As a call does before it: the log begins with the first look.
    cache.look::<String>(base(), context, NOW);
    cache.keep(base(), context, NOW, fresh).is_some()
}

fn found(cache: &Cache, context: &CallContext) -> Option<String> {
    found_at(cache, context, NOW)
}

fn found_at(cache: &Cache, context: &CallContext, now: Timestamp) -> Option<String> {
    match cache.look::<String>(base(), context, now) {
        Look::Found(answer) => Some(answer.unwrap().value),
        Look::Behind(_) | Look::Nothing(_) => None,
    }
}

fn document(id: u128) -> Read {
    Read::Document { installation: Bench::installation(), collection: "threads".into(), id: Uuid::from_u128(id) }
}

fn stretch(from: &[u8], to: &[u8]) -> Read {
    let (collection, index) = ("threads".into(), "latest".into());
    Read::Stretch { installation: Bench::installation(), collection, index, from: from.into(), to: to.into() }
}

fn written(id: u128, keys: &[&[u8]]) -> Change {
    let keys = keys.iter().map(|key| ("latest".to_owned(), key.to_vec())).collect();
    let document = DocumentChange { installation: Bench::installation(), collection: "threads".into(), id: Uuid::from_u128(id), keys };
    Change { documents: vec![document], ..Change::default() }
}

fn labelled(id: u128, tier: &str, labels: &[&str]) -> Visitor {
    let mut visitor = member(id, Some(tier));
    if let Some(facts) = &mut visitor.member {
        facts.labels = labels.iter().map(|label| (*label).to_owned()).collect();
    }
    visitor
}

#[test]
fn an_answer_says_whether_it_is_one_members_own() {
    for (facts, own) in [(vec![Fact::Member], true), (vec![Fact::Tier, Fact::Kind, Fact::Label("press".into())], false)] {
        let cache = cache();
        let hana = context(member(7, Some("gold")), 5);
        assert!(keep(&cache, &hana, fresh("hello", &facts, &[], 5)));
        let Look::Found(answer) = cache.look::<String>(base(), &hana, NOW) else { panic!("it is kept") };
        assert_eq!(answer.unwrap().of_member, own, "{facts:?}");
    }
}

#[test]
fn an_answer_that_never_asked_who_is_looking_is_shared_by_all() {
    let cache = cache();
    assert!(keep(&cache, &context(member(1, Some("gold")), 5), fresh("hello", &[], &[], 5)));
    for visitor in [Visitor::anonymous(), member(2, None), staff(&["owner"])] {
        assert_eq!(found(&cache, &context(visitor, 5)).as_deref(), Some("hello"));
    }
}

#[test]
fn an_answer_reaches_those_only_whose_answers_to_its_questions_are_the_same() {
    let gold = || Gate::Tiers { tiers: BTreeSet::from(["gold".to_owned()]) };
    let regulars = || Gate::Segments { segments: BTreeSet::from(["regulars".to_owned()]) };
    let regular = |id, tier, is_in| Visitor { segments: in_regulars(is_in, &[]), ..labelled(id, tier, &["press"]) };
    let one = || regular(1, "gold", true);
    let table: [(Fact, Visitor, Visitor); 7] = [
        (Fact::Kind, labelled(2, "silver", &[]), Visitor::anonymous()),
        (Fact::Member, labelled(1, "silver", &[]), labelled(2, "gold", &["press"])),
        (Fact::Tier, labelled(2, "gold", &[]), labelled(1, "silver", &["press"])),
        (Fact::Label("press".into()), labelled(2, "silver", &["press", "jury"]), labelled(1, "gold", &["jury"])),
        (Fact::Enters(Some(gold())), labelled(2, "gold", &[]), labelled(1, "silver", &["press"])),
        (Fact::Enters(Some(regulars())), regular(2, "silver", true), regular(1, "gold", false)),
        (Fact::May("moderate".into()), staff(&["site"]), staff(&["sample:moderate"])),
    ];
    for (fact, alike, unlike) in table {
        let cache = cache();
        assert!(keep(&cache, &context(one(), 5), fresh("one's", std::slice::from_ref(&fact), &[], 5)));
        assert_eq!(found(&cache, &context(one(), 5)).as_deref(), Some("one's"), "{fact:?}");
        assert_eq!(found(&cache, &context(alike, 5)).as_deref(), Some("one's"), "{fact:?}");
        assert_eq!(found(&cache, &context(unlike, 5)), None, "{fact:?}");
    }
    let cache = cache();
    keep(&cache, &context(one(), 5), fresh("日本語", &[Fact::Locale], &[], 5));
    assert_eq!(found(&cache, &CallContext { locale: Locale::En, ..context(one(), 5) }), None);
}

/// Whether a member is in the segment `regulars`, and what that depends on.
fn in_regulars(is_in: bool, reads: &[(Read, u64)]) -> Segments {
    let mut set = ReadSet::default();
    reads.iter().for_each(|(read, number)| set.add(read.clone(), *number));
    [("regulars".to_owned(), is_in, set)].into_iter().collect()
}

#[test]
fn whoever_was_in_a_segment_when_the_visit_began_gets_nothing_once_what_that_depends_on_has_changed() {
    let fact = Fact::Enters(Some(Gate::Segments { segments: BTreeSet::from(["regulars".to_owned()]) }));
    let visit = |number| context(Visitor { segments: in_regulars(true, &[(document(7), number)]), ..member(1, None) }, number);
    let cache = cache();
    assert!(keep(&cache, &visit(5), fresh("welcome", std::slice::from_ref(&fact), &[], 5)));
    cache.committed(visit(5).organisation.id, 6, &Arc::new(written(8, &[])));
    assert_eq!(found(&cache, &visit(5)).as_deref(), Some("welcome"));
    cache.committed(visit(5).organisation.id, 7, &Arc::new(written(7, &[])));
    assert_eq!(found(&cache, &visit(5)), None, "the rule may answer otherwise now");
    assert_eq!(found(&cache, &visit(7)).as_deref(), Some("welcome"), "it was asked again, and the answer is the same");
}

#[test]
fn nobody_without_a_tier_passes_for_one_whose_tier_has_no_name() {
    let cache = cache();
    keep(&cache, &context(member(1, Some("")), 5), fresh("nameless", &[Fact::Tier], &[], 5));
    assert_eq!(found(&cache, &context(member(1, None), 5)), None);
}

#[test]
fn runs_that_asked_different_questions_are_kept_side_by_side() {
    let cache = cache();
    keep(&cache, &context(Visitor::anonymous(), 5), fresh("nobody's", &[Fact::Kind], &[], 5));
    keep(&cache, &context(member(1, Some("gold")), 5), fresh("gold's", &[Fact::Kind, Fact::Tier], &[], 5));
    assert_eq!(found(&cache, &context(Visitor::anonymous(), 5)).as_deref(), Some("nobody's"));
    assert_eq!(found(&cache, &context(member(2, Some("gold")), 5)).as_deref(), Some("gold's"));
    assert_eq!(found(&cache, &context(member(2, Some("silver")), 5)), None);
}

#[test]
fn a_change_takes_away_what_it_touches_and_nothing_else() {
    let fact = |name: &str| Read::Fact(name.to_owned());
    let installation = installation_fact(Bench::installation());
    let setting = format!("setting:{}:open", Bench::installation());
    let table = [
        (document(7), written(7, &[]), written(8, &[])),
        (stretch(b"b", b"d"), written(8, &[b"c"]), written(8, &[b"d"])),
        // A document that moves away touches what it leaves.
        (stretch(b"b", b"c"), written(8, &[b"b", b"z"]), written(8, &[b"y", b"z"])),
        (Read::Member(MemberId(Uuid::from_u128(3))), Change::member(MemberId(Uuid::from_u128(3))), Change::member(MemberId(Uuid::nil()))),
        (Read::Member(MemberId(Uuid::from_u128(3))), Change::every_member(), Change::fact("tiers")),
        (fact(&setting), Change::fact(setting.clone()), Change::fact("site")),
        (fact("organisation"), Change::fact("organisation"), Change::fact("pages")),
        // Enablement, version and grant are in every read set.
        (fact("organisation"), Change::fact(installation), Change::fact("installation:another")),
    ];
    for (read, touching, elsewhere) in table {
        let cache = cache();
        let visit = context(Visitor::anonymous(), 5);
        keep(&cache, &visit, fresh("old", &[], std::slice::from_ref(&read), 5));
        cache.committed(visit.organisation.id, 6, &Arc::new(elsewhere));
        assert_eq!(found(&cache, &context(Visitor::anonymous(), 6)).as_deref(), Some("old"), "{read:?}");
        cache.committed(visit.organisation.id, 7, &Arc::new(touching));
        assert_eq!(found(&cache, &context(Visitor::anonymous(), 6)), None, "also for a visit that began before: {read:?}");
    }
}

#[test]
fn a_change_of_one_organisation_leaves_the_others_alone() {
    let cache = cache();
    let visit = context(Visitor::anonymous(), 5);
    keep(&cache, &visit, fresh("old", &[], &[document(7)], 5));
    cache.committed(OrganisationId(Uuid::nil()), 6, &Arc::new(written(7, &[])));
    assert_eq!(found(&cache, &visit).as_deref(), Some("old"));
}

#[test]
fn an_answer_that_a_newer_change_touches_or_that_is_older_than_the_log_is_refused() {
    let cache = cache();
    let visit = context(Visitor::anonymous(), 5);
    cache.look::<String>(base(), &visit, NOW);
    cache.committed(visit.organisation.id, 6, &Arc::new(written(7, &[])));
    assert!(!keep(&cache, &visit, fresh("overtaken", &[], &[document(7)], 5)));
    assert!(keep(&cache, &visit, fresh("not touched", &[], &[document(8)], 5)));
    assert!(!keep(&cache, &visit, fresh("too old", &[], &[document(8)], 4)), "who knows what was changed by the fifth");
    assert!(!keep(&cache, &visit, fresh("too new", &[], &[document(8)], 9)), "the log has not come so far");
}

#[test]
fn nothing_is_given_before_the_log_has_caught_up_with_the_visit() {
    let cache = cache();
    let visit = context(Visitor::anonymous(), 5);
    keep(&cache, &visit, fresh("old", &[], &[document(7)], 5));
    let later = context(Visitor::anonymous(), 7);
    assert!(matches!(cache.look::<String>(base(), &later, NOW), Look::Behind(5)));
    cache.caught_up(visit.organisation.id, 7, Some(vec![(6, Change::fact("site")), (7, Change::fact("pages"))]));
    assert_eq!(found(&cache, &later).as_deref(), Some("old"));
    // The changes up to 9 are lost: nobody knows what is still true.
    cache.caught_up(visit.organisation.id, 9, None);
    assert_eq!(found(&cache, &context(Visitor::anonymous(), 9)), None);
}

#[test]
fn a_visitor_who_was_changed_since_the_visit_gets_nothing_that_is_newer() {
    let cache = cache();
    let gold = |number| context(member(1, Some("gold")), number);
    keep(&cache, &gold(5), fresh("gold's", &[Fact::Tier], &[], 5));
    cache.committed(gold(5).organisation.id, 6, &Arc::new(Change::member(MemberId(Uuid::from_u128(1)))));
    assert_eq!(found(&cache, &gold(5)), None, "their tier may be another one by now");
    assert_eq!(found(&cache, &context(member(2, Some("gold")), 5)).as_deref(), Some("gold's"));
    assert_eq!(found(&cache, &gold(6)).as_deref(), Some("gold's"), "it was loaded again and they still are");
}

#[test]
fn an_answer_about_time_is_given_until_then() {
    let cache = cache();
    let visit = context(Visitor::anonymous(), 5);
    let until = |until| Fresh { until: Some(until), ..fresh("not yet", &[], &[], 5) };
    assert!(!keep(&cache, &visit, until(NOW)), "true for this instant only");
    assert!(keep(&cache, &visit, until(NOW.plus_seconds(60))));
    assert_eq!(found_at(&cache, &visit, NOW.plus_seconds(59)).as_deref(), Some("not yet"));
    assert_eq!(found_at(&cache, &visit, NOW.plus_seconds(60)), None);
}

#[test]
fn it_keeps_no_more_bytes_than_it_may_and_forgets_what_they_read() {
    let cache = Cache::new(20_000);
    let visit = context(Visitor::anonymous(), 5);
    cache.look::<String>(base(), &visit, NOW);
    for number in 0..200u64 {
        let mut key = Fingerprint::of("many");
        key.number(number);
        cache.keep(key.finish(), &visit, NOW, fresh("x", &[], &[document(number.into())], 5));
        cache.kept.run_pending_tasks();
    }
    assert!(cache.kept.weighted_size() <= 20_000 && cache.kept.entry_count() > 5, "{}", cache.kept.entry_count());
    cache.make_room_in_indexes();
    let log = cache.known_log(visit.organisation.id).unwrap();
    assert_eq!(lock(&log).index().len() as u64, cache.kept.entry_count());
    assert!(!keep(&cache, &visit, Fresh { size: 10_000, ..fresh("large", &[], &[], 5) }), "none takes the room of all");
}

/// A process: an engine with one package over data that others use too.
struct Process {
    bench: Arc<Bench>,
    engine: Engine,
    hash: String,
    _dir: tempfile::TempDir,
}

async fn process(bench: &Arc<Bench>, view: &str) -> Process {
    let dir = tempfile::tempdir().unwrap();
    let quota = Quota { documents: 5, bytes: 1 << 20, mails_per_day: 20, ..Quota::default() };
    let config = EngineConfig {
        limits: bench.limits.clone(),
        artefact_dir: dir.path().to_owned(),
        key: [1; 32],
        quota,
        policy: bench.policy.clone(),
        compiler: Arc::new(crate::InProcess),
    };
    let (random, translate) = (Arc::new(Counting::default()), Arc::new(Echo));
    let engine = Engine::new(config, bench.data.clone(), bench.clock.clone(), random, translate, main_runtime()).unwrap();
    let component = guests::component(view, guests::ADD_ONE);
    let hash = package::hash_of(&component);
    engine.prepare(hash.clone(), component).await.unwrap();
    Process { bench: bench.clone(), engine, hash, _dir: dir }
}

impl Process {
    async fn view(&self) -> Answered<Reply> {
        self.view_as(Visitor::anonymous()).await.unwrap()
    }

    async fn view_as(&self, visitor: Visitor) -> Result<Answered<Reply>, CallError> {
        let context = CallContext { visitor: Arc::new(visitor), ..self.bench.context(&self.hash) };
        self.engine.view(context, PageRequest::default()).await
    }

    fn store(&self, n: u32) {
        self.bench.data.store("threads", DOCUMENT.parse().unwrap(), &json!({ "n": n }).to_string(), &self.bench.manifest);
    }
}

fn shown(answer: &Answered<Reply>) -> &Value {
    match &answer.value {
        Reply::Json(value) => value,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_second_visitor_gets_what_the_first_one_got_and_nobody_gets_it_once_it_is_old() {
    let bench = Arc::new(Bench::new());
    let (here, there) = (process(&bench, guests::SHOW).await, process(&bench, guests::SHOW).await);
    here.store(1);
    let (first, second) = (here.view().await, here.view().await);
    assert_eq!((first.cached, second.cached), (false, true));
    assert_eq!((shown(&second), second.kept, second.reads == first.reads), (&json!({ "n": 1 }), first.kept, true));
    assert!(there.view().await.kept.is_some());
    // Somebody else's commit, of which no process is told: the visit's clock alone says that there is one.
    here.store(2);
    for process in [&here, &there] {
        let answer = process.view().await;
        assert_eq!((answer.cached, shown(&answer)), (false, &json!({ "n": 2 })));
    }
    bench.data.touch(Change::fact("site"));
    let answer = there.view().await;
    assert_eq!((answer.cached, answer.number), (true, 3), "it is known to be true now");
}

#[tokio::test]
async fn a_commit_that_is_told_takes_effect_for_visits_that_began_before_it() {
    let bench = Arc::new(Bench::new());
    let process = process(&bench, guests::SHOW).await;
    process.store(1);
    process.view().await;
    let began_before = bench.context(&process.hash);
    process.store(2);
    let change = Change { installations: BTreeSet::from([Bench::installation()]), ..Change::default() };
    process.engine.committed(began_before.organisation.id, 2, &Arc::new(change));
    let answer = process.engine.view(began_before, PageRequest::default()).await.unwrap();
    assert_eq!(shown(&answer), &json!({ "n": 2 }));
}

#[tokio::test]
async fn a_tier_never_sees_what_was_made_for_another() {
    let bench = Arc::new(Bench::new());
    let process = process(&bench, guests::TIER).await;
    for round in 0..3 {
        for tier in ["gold", "silver"] {
            let answer = process.view_as(member(round, Some(tier))).await.unwrap();
            assert_eq!((shown(&answer), answer.cached), (&json!(tier), round > 0));
            assert_eq!(answer.visitor_reads, [Read::Member(MemberId(Uuid::from_u128(round)))]);
            assert!(!answer.reads.iter().any(|(read, _)| matches!(read, Read::Member(_))), "it is not about the first one");
        }
        let none = process.view_as(Visitor::anonymous()).await;
        assert_eq!(none, Err(CallError::Declined(Failure::NotFound)), "also when it comes from memory");
    }
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_runs() {
    let bench = Arc::new(Bench::new());
    let process = process(&bench, guests::SHOW).await;
    process.store(1);
    let answers = futures::future::join_all((0..20).map(|_| process.view())).await;
    assert!(answers.iter().all(|answer| shown(answer) == &json!({ "n": 1 })));
    assert_eq!(bench.data.questions(), 1);
}

#[tokio::test]
async fn who_waited_for_one_that_went_away_runs_too() {
    let bench = Arc::new(Bench::new());
    let process = process(&bench, guests::SHOW).await;
    process.store(1);
    bench.data.hang(true);
    let mut first = Box::pin(process.view());
    assert!(futures::poll!(first.as_mut()).is_pending());
    let mut second = Box::pin(process.view());
    assert!(futures::poll!(second.as_mut()).is_pending());
    bench.data.hang(false);
    drop(first);
    assert_eq!(shown(&second.await), &json!({ "n": 1 }));
}

#[tokio::test]
async fn what_asked_for_the_time_and_what_failed_is_run_each_time() {
    let bench = Arc::new(Bench::new());
    let clock = process(&bench, guests::NOW).await;
    assert!(bench.clock.now() > Timestamp::from_millis(0));
    for _ in 0..2 {
        let answer = clock.view().await;
        assert_eq!((answer.cached, answer.kept), (false, None));
    }
    let broken = process(&bench, guests::TRAP).await;
    for _ in 0..2 {
        let ended = broken.view_as(Visitor::anonymous()).await;
        assert!(matches!(ended, Err(CallError::Trapped(_))), "{ended:?}");
    }
}

#[tokio::test]
async fn another_grant_or_another_package_is_another_call() {
    let bench = Arc::new(Bench::new());
    let process = process(&bench, guests::SHOW).await;
    process.store(1);
    process.view().await;
    let mut ungranted = bench.context(&process.hash);
    ungranted.installation = Arc::new(Installation { granted: BTreeSet::new(), ..Installation::clone(&ungranted.installation) });
    let refused = process.engine.view(ungranted, PageRequest::default()).await;
    assert_eq!(refused, Err(CallError::Declined(Failure::NotFound)), "the guest says so when the store is closed to it");
    let other = process.engine.view(bench.context(&"0".repeat(64)), PageRequest::default()).await;
    assert!(matches!(other, Err(CallError::NotLoadable(_))));
}

#[tokio::test]
async fn with_no_room_at_all_every_call_is_run() {
    let limits = Limits { cache_bytes: 0, ..Limits::default() };
    let bench = Arc::new(Bench::new().limits(limits));
    let process = process(&bench, guests::SHOW).await;
    process.store(1);
    for _ in 0..2 {
        assert!(!process.view().await.cached);
    }
}
