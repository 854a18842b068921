//! Random interleavings of commands and queries, several reads in each, through a real component, the real engine with its
//! cache, and the real commit, against a model that takes the same steps one after another. Nobody sees a stale or a torn
//! answer, and no update is lost: on SQLite, on PostgreSQL, and with two processes on PostgreSQL.
//!
//! `TSUDOI_TEST_CASES` is how many interleavings each of the three tests tries.

mod house;
mod model;

use futures::future::join_all;
use house::{Outcome, Process, Tally, processes};
use model::{Model, Step, has_written};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use tsudoi_store::testing::{TestDatabase, each};

const ENTRIES: u8 = 4;

#[derive(Debug, Clone)]
struct Call {
    is_command: bool,
    steps: Vec<Step>,
}

fn reading() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..ENTRIES).prop_map(|entry| Step::Get { entry }),
        2 => (0..6i64, 1..6i64).prop_map(|(from, length)| Step::Scan { from, before: from + length }),
        1 => (0..6i64, 1..6i64).prop_map(|(from, length)| Step::Count { from, before: from + length }),
    ]
}

fn writing() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..ENTRIES, "[a-c]", 0..8i64).prop_map(|(entry, slot, value)| Step::Put { entry, slot, value }),
        3 => (0..ENTRIES, 1..3i64).prop_map(|(entry, value)| Step::Add { entry, value }),
        1 => (0..ENTRIES).prop_map(|entry| Step::Delete { entry }),
    ]
}

/// What each of several visitors does, one call after another. They ask for the same few things again and again, as visitors do,
/// so most answers come from the cache.
fn visitors() -> impl Strategy<Value = Vec<Vec<Call>>> {
    let call = prop_oneof![
        3 => (0..8usize).prop_map(Err),
        2 => vec(prop_oneof![reading(), writing(), writing()], 1..5).prop_map(Ok),
    ];
    (vec(vec(reading(), 1..4), 1..3), vec(vec(call, 1..8), 2..5)).prop_map(|(questions, visitors)| {
        let call = |call: Result<Vec<Step>, usize>| match call {
            Ok(steps) => Call { is_command: true, steps },
            Err(question) => Call { is_command: false, steps: questions[question % questions.len()].clone() },
        };
        visitors.into_iter().map(|calls| calls.into_iter().map(call).collect()).collect()
    })
}

/// All visitors at once, shared out among the processes; then every answer is held against the model.
async fn interleaved(processes: &[Process], visitors: &[Vec<Call>]) -> Result<(), TestCaseError> {
    let clearing: Vec<Step> = (0..ENTRIES).map(|entry| Step::Delete { entry }).collect();
    let cleared = processes[0].call(true, &clearing).await;
    prop_assert!(cleared.answers.is_some(), "nobody else was there");
    let all = visitors.iter().enumerate().map(|(at, calls)| async move {
        let mut outcomes = Vec::new();
        for call in calls {
            outcomes.push((call, processes[at % processes.len()].call(call.is_command, &call.steps).await));
        }
        outcomes
    });
    let outcomes: Vec<(&Call, Outcome)> = join_all(all).await.into_iter().flatten().collect();
    let history = history(cleared.number, &outcomes)?;
    for (call, outcome) in &outcomes {
        let Some(answers) = &outcome.answers else { continue };
        if call.is_command && has_written(answers) {
            continue;
        }
        // True at a moment between being asked and being answered.
        let (asked, answered) = outcome.seen;
        let first = history.range(..=asked).next_back().map_or(asked, |(number, _)| *number);
        let is_true = history.range(first..=answered).any(|(_, state)| state.take(&call.steps).0 == *answers);
        prop_assert!(is_true, "{call:?} answered {answers:?}, which held at no time from {asked} to {answered}: {history:?}");
    }
    Ok(())
}

/// The states by the numbers of the commits that led to them.
fn history(beginning: u64, outcomes: &[(&Call, Outcome)]) -> Result<BTreeMap<u64, Model>, TestCaseError> {
    let mut commits = BTreeMap::new();
    for (call, outcome) in outcomes {
        let Some(answers) = outcome.answers.as_ref().filter(|answers| call.is_command && has_written(answers)) else { continue };
        let (asked, answered) = outcome.seen;
        prop_assert!(asked < outcome.number && outcome.number <= answered, "a commit is between asking and answering");
        prop_assert!(commits.insert(outcome.number, (*call, answers)).is_none(), "two commits have the number {}", outcome.number);
    }
    let mut state = Model::default();
    let mut history = BTreeMap::from([(beginning, state.clone())]);
    for (number, (call, answers)) in commits {
        let (expected, next) = state.take(&call.steps);
        prop_assert_eq!(&expected, answers, "the commit {} of {:?} found {:?}", number, call, state);
        state = next;
        history.insert(number, state.clone());
    }
    Ok(history)
}

async fn hold(database: TestDatabase, number: usize) {
    let cases = std::env::var("TSUDOI_TEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let processes = processes(&database, folder.path(), number).await;
    let main = tokio::runtime::Handle::current();
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    tokio::task::block_in_place(|| {
        let tried = TestRunner::new(config).run(&visitors(), |visitors| main.block_on(interleaved(&processes, &visitors)));
        tried.unwrap_or_else(|failure| panic!("on {} with {number}: {failure}", database.name));
    });
    let sum = |count: fn(&Tally) -> &AtomicU64| processes.iter().map(|process| count(&process.tally).load(Ordering::Relaxed)).sum::<u64>();
    let (calls, from_memory, run_again) = (sum(|tally| &tally.calls), sum(|tally| &tally.from_memory), sum(|tally| &tally.run_again));
    let given_up = sum(|tally| &tally.given_up);
    println!(
        "{}, {number} process(es): {cases} interleavings, {calls} calls: {from_memory} answered from memory, {run_again} run again, \
         {given_up} given up",
        database.name
    );
    assert!(from_memory > 0 && run_again > 0, "there was something to get wrong");
    assert!(given_up * 1_000 <= calls, "nearly every call comes through");
}

async fn database(name: &str) -> TestDatabase {
    let found = each().await.into_iter().find(|database| database.name == name);
    found.unwrap_or_else(|| panic!("there is no {name}: run `cargo xtask test`"))
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_every_interleaving_is_one_after_another() {
    hold(database("SQLite").await, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_every_interleaving_is_one_after_another() {
    hold(database("PostgreSQL").await, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_two_processes_every_interleaving_is_one_after_another() {
    hold(database("PostgreSQL").await, 2).await;
}
