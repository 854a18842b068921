//! Calls from end to end: real components, real threads, plugin data in memory.

use crate::engine::{Engine, EngineConfig};
use crate::limits::Limits;
use crate::package;
use crate::testing::guests::{self, DOCUMENT};
use crate::testing::{Bench, Counting, Echo, main_runtime, member, packages};
use serde_json::{Value, json};
use std::sync::Arc;
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId, Failure, PageRequest, Reply};
use tsudoi_kernel::changes::{Change, installation_fact};
use tsudoi_kernel::ports::{PluginCalls, PluginPackages, Quota};
use tsudoi_kernel::{Organisation, OrganisationId};
use uuid::Uuid;

/// An engine over a bench's data, with one package.
pub struct Site {
    pub bench: Bench,
    pub engine: Arc<Engine>,
    pub hash: String,
    dir: tempfile::TempDir,
}

pub fn engine(bench: &Bench, dir: &tempfile::TempDir) -> Arc<Engine> {
    engine_with(bench, dir, crate::outside::Outside::closed())
}

fn engine_with(bench: &Bench, dir: &tempfile::TempDir, outside: crate::outside::Outside) -> Arc<Engine> {
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
    Arc::new(Engine::with_outside(config, bench.data.clone(), bench.clock.clone(), random, translate, main_runtime(), outside).unwrap())
}

pub async fn site_with(bench: Bench, view: &str, submit: &str) -> Site {
    site_of(bench, guests::component(view, submit)).await
}

pub async fn site_of(bench: Bench, component: Vec<u8>) -> Site {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(&bench, &dir);
    let hash = package::hash_of(&component);
    engine.prepare(hash.clone(), component).await.unwrap();
    Site { bench, engine, hash, dir }
}

async fn site(view: &str, submit: &str) -> Site {
    let limits = Limits { guest_ms: 100, wall_ms: 2_000, wait_ms: 100, ..Limits::default() };
    site_with(Bench::new().limits(limits), view, submit).await
}

pub fn document() -> Uuid {
    DOCUMENT.parse().unwrap()
}

impl Site {
    async fn view(&self) -> Result<Answered<Reply>, CallError> {
        self.engine.view(self.bench.context(&self.hash), PageRequest::default()).await
    }

    pub async fn submit(&self, call_id: &str) -> Result<Answered<Reply>, CallError> {
        self.engine.submit(self.bench.context(&self.hash), CallId(call_id.into()), PageRequest::default()).await
    }

    pub fn store(&self, n: u32) {
        self.bench.data.store("threads", document(), &json!({"n": n}).to_string(), &self.bench.manifest);
    }

    fn stored(&self) -> Option<String> {
        self.bench.data.body("threads", document())
    }
}

fn shown(answer: Result<Answered<Reply>, CallError>) -> Value {
    match answer.unwrap().value {
        Reply::Json(value) => value,
        other => panic!("{other:?}"),
    }
}

fn trapped(answer: Result<Answered<Reply>, CallError>) -> String {
    match answer.unwrap_err() {
        CallError::Trapped(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_page_and_a_block_are_answered() {
    let site = site(guests::HELLO, guests::TRAP).await;
    assert_eq!(shown(site.view().await), json!({}));
    let block = site.engine.block(site.bench.context(&site.hash), "latest".into(), json!({"limit": 5})).await.unwrap();
    assert_eq!((block.value.template.as_str(), &*block.value.data), ("a.html", &json!({})));
}

#[tokio::test]
async fn a_component_of_a_real_toolchain_passes_inspection() {
    let site = site(guests::SHOW, guests::HELLO).await;
    let package = packages::good().around(guests::component(guests::SHOW, guests::HELLO));
    let found = site.engine.inspect(&package).unwrap();
    assert_eq!((found.imports, found.exports), (vec!["context".to_owned(), "store".into()], vec!["blocks".to_owned(), "pages".into()]));
}

#[tokio::test]
async fn a_plugin_that_breaks_its_limits_is_stopped_and_others_go_on() {
    let endless = site(guests::ENDLESS, guests::GREEDY).await;
    assert_eq!(endless.view().await, Err(CallError::TimedOut));
    let greedy = trapped(endless.submit("a").await);
    assert!(greedy.starts_with("it wanted more memory than it may have; ") && greedy.contains("unreachable"), "{greedy}");
    assert_eq!(shown(site(guests::HELLO, guests::HELLO).await.view().await), json!({}));

    let chatter = site(guests::CHATTER, guests::TRAP).await;
    assert_eq!(trapped(chatter.view().await), "more than 10000 host calls");
    assert!(trapped(chatter.submit("a").await).contains("unreachable"));
}

#[tokio::test]
async fn guest_time_ends_long_before_the_wall_does() {
    let limits = Limits { guest_ms: 50, wall_ms: 3_600_000, ..Limits::default() };
    let site = site_with(Bench::new().limits(limits), guests::ENDLESS, guests::HELLO).await;
    let ended = tokio::time::timeout(std::time::Duration::from_secs(30), site.view()).await;
    assert_eq!(ended.expect("it is stopped"), Err(CallError::TimedOut));
}

#[tokio::test]
async fn one_thread_serves_a_quick_call_beside_an_endless_one() {
    let limits = Limits { guest_ms: 1_000, guest_threads: 1, ..Limits::default() };
    let site = site_with(Bench::new().limits(limits), guests::ENDLESS, guests::HELLO).await;
    let (endless, quick) = tokio::join!(biased; site.view(), site.submit("quick"));
    assert_eq!(endless, Err(CallError::TimedOut));
    assert_eq!(shown(quick), json!({}));
}

#[tokio::test]
async fn what_makes_no_sense_is_the_plugins_failure() {
    let site = site(guests::NONSENSE, guests::HELLO).await;
    assert!(trapped(site.view().await).starts_with("it answered with data that is not JSON"));
}

#[tokio::test]
async fn a_query_can_neither_write_nor_make_ids() {
    let writes = site(guests::INSERT, guests::HELLO).await;
    match writes.view().await {
        Err(CallError::Declined(Failure::Other { code, .. })) => assert_eq!(code, "read-only"),
        other => panic!("{other:?}"),
    }
    let ids = site(guests::NEW_ID, guests::NEW_ID).await;
    assert!(trapped(ids.view().await).contains("`new-id` was called in a query"));
    assert_eq!(shown(ids.submit("a").await), json!({}));
}

#[tokio::test]
async fn what_was_not_granted_is_refused_though_it_is_linked() {
    let site = site_with(Bench::new().grant(&[]), guests::SHOW, guests::INSERT).await;
    match site.submit("a").await {
        Err(CallError::Declined(Failure::Other { code, .. })) => assert_eq!(code, "not-granted"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_not_the_plugins_failure() {
    let site = site(guests::SHOW, guests::ADD_ONE).await;
    site.store(1);
    site.bench.data.fail(true);
    assert!(matches!(site.view().await, Err(CallError::Unavailable(_))));
    assert!(matches!(site.submit("a").await, Err(CallError::Unavailable(_))));
    site.bench.data.fail(false);
    assert_eq!(shown(site.view().await), json!({"n": 1}));
}

#[tokio::test]
async fn a_call_that_waits_too_long_or_finds_no_place_ends() {
    let limits = Limits { wall_ms: 300, wait_ms: 20, concurrent_calls: 1, ..Limits::default() };
    let site = site_with(Bench::new().limits(limits), guests::SHOW, guests::HELLO).await;
    site.bench.data.hang(true);
    let (waits, finds_no_place) = tokio::join!(biased; site.view(), site.view());
    assert_eq!(waits, Err(CallError::TimedOut));
    assert_eq!(finds_no_place, Err(CallError::Busy));
    site.bench.data.hang(false);
    site.store(4);
    assert_eq!(shown(site.view().await), json!({"n": 4}), "the place is free again");
}

#[tokio::test]
async fn a_reader_never_sees_half_of_a_change() {
    let site = site(guests::SHOW_TWICE, guests::HELLO).await;
    site.store(1);
    let manifest = site.bench.manifest.clone();
    site.bench.data.after_read(move |data| {
        data.store("threads", document(), r#"{"n":2}"#, &manifest);
    });
    let answer = site.view().await.unwrap();
    assert_eq!((answer.reruns, answer.number), (1, 2));
    assert_eq!(shown(Ok(answer)), json!({"n": 2}));
}

#[tokio::test]
async fn a_change_elsewhere_does_not_make_a_reader_run_again() {
    let site = site(guests::SHOW_TWICE, guests::HELLO).await;
    site.store(1);
    site.bench.data.after_read(|data| data.touch(Change::fact("menu")));
    let answer = site.view().await.unwrap();
    assert_eq!((answer.reruns, answer.number), (0, 2));
}

#[tokio::test]
async fn a_commit_in_between_makes_a_command_run_again_and_both_effects_stand() {
    let site = site(guests::SHOW, guests::ADD_ONE).await;
    site.store(0);
    let manifest = site.bench.manifest.clone();
    site.bench.data.before_commit(move |data| {
        data.store("threads", document(), r#"{"n":5}"#, &manifest);
    });
    let answer = site.submit("a").await.unwrap();
    assert_eq!(answer.reruns, 1);
    assert_eq!(shown(Ok(answer)), json!({"n": 6}));
    assert_eq!(site.stored().as_deref(), Some(r#"{"n":6}"#));
}

#[tokio::test]
async fn eight_at_once_each_count_once() {
    let site = site_with(Bench::new(), guests::SHOW, guests::ADD_ONE).await;
    site.store(0);
    let names = (0..8).map(|number| format!("call {number}")).collect::<Vec<_>>();
    let answers = futures::future::join_all(names.iter().map(|name| site.submit(name))).await;
    let mut seen = answers.into_iter().map(|answer| shown(answer)["n"].as_u64().unwrap()).collect::<Vec<_>>();
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(site.stored().as_deref(), Some(r#"{"n":8}"#));
}

#[tokio::test]
async fn a_double_click_gets_the_first_answer() {
    let site = site(guests::SHOW, guests::ADD_ONE).await;
    site.store(0);
    assert_eq!(shown(site.submit("same").await), json!({"n": 1}));
    let again = site.submit("same").await.unwrap();
    assert_eq!(again.host_calls, 0, "it did not run again");
    assert_eq!(shown(Ok(again)), json!({"n": 1}));
    assert_eq!(site.stored().as_deref(), Some(r#"{"n":1}"#));
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found_again() {
    let site = site(guests::SHOW, guests::ADD_ONE).await;
    site.store(0);
    site.bench.data.lose_the_answer_of_a_commit();
    assert_eq!(shown(site.submit("a").await), json!({"n": 1}));
    assert_eq!(site.stored().as_deref(), Some(r#"{"n":1}"#));
}

#[tokio::test]
async fn what_was_declined_leaves_nothing_behind() {
    let site = site(guests::SHOW, guests::INSERT_AND_DECLINE).await;
    assert_eq!(site.submit("a").await, Err(CallError::Declined(Failure::NotFound)));
    assert_eq!(site.bench.data.number(), 0);
}

#[tokio::test]
async fn a_full_store_declines_with_its_own_code() {
    let site = site(guests::SHOW, guests::INSERT).await;
    for number in 0..5 {
        site.submit(&number.to_string()).await.unwrap();
    }
    match site.submit("one too many").await {
        Err(CallError::Declined(Failure::Other { code, .. })) => assert_eq!(code, "quota"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_caller_with_an_outdated_visitor_is_told_at_once() {
    let site = site_with(Bench::new().visitor(member(1, Some("gold"))), guests::SHOW, guests::ADD_ONE).await;
    site.store(0);
    let context = site.bench.context(&site.hash);
    let installation = installation_fact(context.installation.id);
    site.bench.data.touch(Change::fact(installation));
    let submitted = site.engine.submit(context.clone(), CallId("a".into()), PageRequest::default()).await;
    assert_eq!(submitted, Err(CallError::Busy));
    assert_eq!(site.engine.view(context, PageRequest::default()).await, Err(CallError::Busy));
    assert_eq!(site.stored().as_deref(), Some(r#"{"n":0}"#));
    assert_eq!(shown(site.view().await), json!({"n": 0}));

    let nothing_read = site_with(Bench::new(), guests::SHOW, guests::INSERT).await;
    let context = nothing_read.bench.context(&nothing_read.hash);
    nothing_read.bench.data.touch(Change::fact(installation_fact(context.installation.id)));
    let submitted = nothing_read.engine.submit(context, CallId("a".into()), PageRequest::default()).await;
    assert_eq!(submitted, Err(CallError::Busy));
    assert_eq!(nothing_read.bench.data.number(), 1, "nothing was written");
}

#[tokio::test]
async fn compiled_packages_outlive_the_process() {
    let site = site(guests::HELLO, guests::HELLO).await;
    let restarted = engine(&site.bench, &site.dir);
    let answer = restarted.view(site.bench.context(&site.hash), PageRequest::default()).await;
    assert_eq!(shown(answer), json!({}));
    let unknown = restarted.view(site.bench.context(&"0".repeat(64)), PageRequest::default()).await;
    assert!(matches!(unknown, Err(CallError::NotLoadable(_))));
    let wrong = restarted.prepare("0".repeat(64), guests::component(guests::HELLO, guests::HELLO)).await.unwrap_err();
    assert_eq!(wrong.to_string(), "package: its bytes do not have the hash that was given");
    let core = wat::parse_str("(module)").unwrap();
    assert!(restarted.prepare(package::hash_of(&core), core).await.is_err());
}

#[tokio::test]
async fn the_engine_can_be_dropped_while_calls_run() {
    let site = site_with(Bench::new(), guests::ENDLESS, guests::HELLO).await;
    let view = site.view();
    let dropped = tokio::time::timeout(std::time::Duration::from_millis(50), view).await;
    assert!(dropped.is_err(), "the endless call was still running");
    drop(site);
}

#[tokio::test]
async fn a_call_whose_caller_has_gone_gives_its_place_back() {
    let limits = Limits { guest_ms: 3_600_000, wall_ms: 3_600_000, concurrent_calls: 1, ..Limits::default() };
    let site = site_with(Bench::new().limits(limits), guests::ENDLESS, guests::HELLO).await;
    let gone = tokio::time::timeout(std::time::Duration::from_millis(50), site.view()).await;
    assert!(gone.is_err(), "the endless call was still running");
    assert_eq!(shown(site.submit("next").await), json!({}), "there is one place, and it is free");
}

#[tokio::test]
async fn a_panic_of_the_host_ends_the_call_and_nothing_else() {
    let site = site(guests::SHOW, guests::HELLO).await;
    site.store(1);
    site.bench.data.after_read(|_| panic!("a mistake in the host, made by this test"));
    assert!(matches!(site.view().await, Err(CallError::Unavailable(_))), "and is no fault of the plugin's");
    assert_eq!(shown(site.view().await), json!({"n": 1}));
}

mod actions {
    use super::*;
    use crate::outside::Outside;
    use crate::testing::outside::Stage;
    use tsudoi_kernel::webhooks::{WebhookAnswer, WebhookCall};

    const API: &str = "https://api.example.com";

    async fn hooked(stage: &Stage, receive: &str) -> Site {
        let bench = Bench::new().outside(stage).host(API).permit("http-client");
        let dir = tempfile::tempdir().unwrap();
        let engine = engine_with(
            &bench,
            &dir,
            Outside { egress: Arc::new(stage.clone()), vault: Arc::new(stage.clone()), files: Arc::new(stage.clone()) },
        );
        let component = guests::hooked(receive);
        let hash = package::hash_of(&component);
        engine.prepare(hash.clone(), component).await.unwrap();
        Site { bench, engine, hash, dir }
    }

    async fn call(site: &Site, id: &str) -> Result<Answered<WebhookAnswer>, CallError> {
        let call = WebhookCall { route: "paid".into(), keys: vec![id.into()], ..WebhookCall::default() };
        site.engine.webhook(site.bench.context(&site.hash), CallId(id.into()), call).await
    }

    /// Reads the document, then fetches.
    fn read_and_fetch() -> String {
        format!("(drop (call $body)) {}", guests::FETCH)
    }

    #[tokio::test]
    async fn a_webhook_fetches_and_answers_and_a_repeat_gets_the_first_answer() {
        let stage = Stage::default().answers(200, &[], "fetched").answers(200, &[], "again");
        let site = hooked(&stage, guests::FETCH).await;
        let expected = WebhookAnswer { status: 200, text: "fetched".into() };
        assert_eq!(call(&site, "a").await.unwrap().value, expected);
        assert_eq!(call(&site, "a").await.unwrap().value, expected);
        assert_eq!(stage.asked().len(), 1);
    }

    #[tokio::test]
    async fn overtaken_before_its_first_request_an_action_runs_again_and_sends_once() {
        let stage = Stage::default().answers(200, &[], "fetched");
        let site = hooked(&stage, &read_and_fetch()).await;
        site.store(1);
        let manifest = site.bench.manifest.clone();
        site.bench.data.after_read(move |data| {
            data.store("threads", document(), r#"{"n":2}"#, &manifest);
        });
        let answer = call(&site, "a").await.unwrap();
        assert_eq!((answer.reruns, answer.value.text.as_str(), stage.asked().len()), (1, "fetched", 1));
    }

    #[tokio::test]
    async fn overtaken_after_its_first_request_an_action_is_not_run_again() {
        let stage = Stage::default().answers(200, &[], "fetched").answers(200, &[], "again");
        let site = hooked(&stage, &read_and_fetch()).await;
        site.store(1);
        let (data, manifest) = (site.bench.data.clone(), site.bench.manifest.clone());
        stage.during(move || drop(data.store("threads", document(), r#"{"n":2}"#, &manifest)));
        assert_eq!(call(&site, "a").await, Err(CallError::Busy));
        assert_eq!(stage.asked().len(), 1, "what went out is not sent a second time");
        assert_eq!(call(&site, "a").await.unwrap().value.text, "again", "whoever asked may ask again");
    }
}

/// Another organisation's visit to the same plugin.
fn elsewhere(site: &Site) -> CallContext {
    let mut context = site.bench.context(&site.hash);
    let organisation = Organisation { id: OrganisationId(Uuid::from_u128(0xB)), ..(*context.organisation).clone() };
    context.organisation = Arc::new(organisation);
    context
}

#[tokio::test]
async fn sixty_four_endless_calls_make_no_call_of_another_organisation_fail() {
    let limits = Limits { guest_ms: 100, wall_ms: 60_000, wait_ms: 60_000, ..Limits::default() };
    let site = site_with(Bench::new().limits(limits), guests::ENDLESS, guests::HELLO).await;
    let endless = futures::future::join_all((0..64).map(|_| site.view()));
    let others = async {
        for number in 0..10 {
            let call_id = CallId(number.to_string());
            assert_eq!(shown(site.engine.submit(elsewhere(&site), call_id, PageRequest::default()).await), json!({}));
        }
    };
    tokio::pin!(endless);
    let others_first = tokio::select! { biased; _ = &mut endless => false, () = others => true };
    assert!(others_first, "ten calls are answered before sixty-four endless ones have ended");
    assert!(endless.await.iter().all(|answer| *answer == Err(CallError::TimedOut)), "each is stopped, none is refused");
}
