//! The documents as a plugin sees them, called as the guest would call them.

use super::*;
use crate::bindings::store::Bound;
use crate::limits::Limits;
use crate::state::Kind;
use crate::testing::Bench;
use serde_json::json;

fn range(board: &str) -> Range {
    Range {
        collection: "threads".into(),
        index: "latest".into(),
        equal: vec![json!(board).to_string()],
        lower: Bound::Unbounded,
        upper: Bound::Unbounded,
        descending: false,
    }
}

fn body(board: &str, posted: i64) -> String {
    json!({"board": board, "posted": posted}).to_string()
}

fn posted(page: &Page) -> Vec<i64> {
    page.documents.iter().map(|document| serde_json::from_str::<Value>(&document.body).unwrap()["posted"].as_i64().unwrap()).collect()
}

async fn insert(state: &mut CallState, body: String) -> String {
    Host::insert(state, "threads".into(), body).await.unwrap().unwrap()
}

async fn scan(state: &mut CallState, range: &Range, limit: u32, cursor: Option<String>) -> Page {
    Host::scan(state, range.clone(), limit, cursor).await.unwrap().unwrap()
}

async fn code<T: std::fmt::Debug>(answer: impl Future<Output = wasmtime::Result<Result<T, types::Error>>>) -> String {
    answer.await.unwrap().unwrap_err().code
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[tokio::test]
async fn without_the_grant_nothing_is_read_or_written() {
    let bench = Bench::new().grant(&["members-read"]);
    let mut state = bench.state(Kind::Command);
    let (threads, one) = (|| "threads".to_owned(), || id(1).to_string());
    assert_eq!(code(Host::get(&mut state, threads(), vec![one()])).await, "not-granted");
    assert_eq!(code(Host::scan(&mut state, range("a"), 1, None)).await, "not-granted");
    assert_eq!(code(Host::counts(&mut state, vec![range("a")], 1)).await, "not-granted");
    assert_eq!(code(Host::insert(&mut state, threads(), body("a", 1))).await, "not-granted");
    assert_eq!(code(Host::put(&mut state, threads(), one(), body("a", 1))).await, "not-granted");
    assert_eq!(code(Host::replace(&mut state, threads(), one(), body("a", 1), String::new())).await, "not-granted");
    assert_eq!(code(Host::delete(&mut state, threads(), one())).await, "not-granted");
    assert_eq!(bench.data.questions(), 0);
}

#[tokio::test]
async fn a_query_reads_and_does_not_write() {
    let bench = Bench::new();
    bench.data.store("threads", id(1), &body("news", 1), &bench.manifest);
    let mut state = bench.state(Kind::Query);
    assert_eq!(posted(&scan(&mut state, &range("news"), 10, None).await), [1]);
    assert_eq!(code(Host::insert(&mut state, "threads".into(), body("a", 1))).await, "read-only");
    assert_eq!(code(Host::delete(&mut state, "threads".into(), id(1).to_string())).await, "read-only");
}

#[tokio::test]
async fn undeclared_collections_and_indexes_are_named_so() {
    let mut state = Bench::new().state(Kind::Command);
    assert_eq!(code(Host::get(&mut state, "secrets".into(), vec![])).await, "undeclared");
    assert_eq!(code(Host::insert(&mut state, "secrets".into(), "{}".into())).await, "undeclared");
    let elsewhere = Range { index: "oldest".into(), ..range("a") };
    assert_eq!(code(Host::scan(&mut state, elsewhere, 1, None)).await, "undeclared");
}

#[tokio::test]
async fn a_call_sees_its_own_writes_among_the_stored_ones() {
    let bench = Bench::new();
    for number in [1, 3, 5] {
        bench.data.store("threads", id(number), &body("news", number as i64), &bench.manifest);
    }
    let mut state = bench.state(Kind::Command);
    insert(&mut state, body("news", 4)).await;
    insert(&mut state, body("other", 2)).await;
    Host::put(&mut state, "threads".into(), id(1).to_string(), body("news", 9)).await.unwrap().unwrap();
    Host::delete(&mut state, "threads".into(), id(3).to_string()).await.unwrap().unwrap();
    assert_eq!(posted(&scan(&mut state, &range("news"), 10, None).await), [4, 5, 9]);
    let backwards = Range { descending: true, ..range("news") };
    assert_eq!(posted(&scan(&mut state, &backwards, 10, None).await), [9, 5, 4]);
    let counts = Host::counts(&mut state, vec![range("news"), range("other"), range("none")], 10).await.unwrap().unwrap();
    assert_eq!(counts, [3, 1, 0]);
    let seen = Host::get(&mut state, "threads".into(), vec![id(1).to_string(), id(3).to_string(), "x".into()]).await.unwrap().unwrap();
    assert_eq!(seen[0].as_ref().map(|document| document.body.clone()), Some(body("news", 9)));
    assert!(seen[1].is_none() && seen[2].is_none());
    assert!(state.pending.into_writes().len() == 4);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let bench = Bench::new();
    for number in 0..7_u128 {
        bench.data.store("threads", id(number), &body("news", number as i64), &bench.manifest);
    }
    for descending in [false, true] {
        let mut state = bench.state(Kind::Command);
        insert(&mut state, body("news", 100)).await;
        let range = Range { descending, ..range("news") };
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let page = scan(&mut state, &range, 3, cursor).await;
            seen.extend(posted(&page));
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        let mut expected = vec![0, 1, 2, 3, 4, 5, 6, 100];
        if descending {
            expected.reverse();
        }
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn a_cursor_of_another_range_is_malformed() {
    let bench = Bench::new();
    for number in 0..3_u128 {
        bench.data.store("threads", id(number), &body("news", number as i64), &bench.manifest);
    }
    let mut state = bench.state(Kind::Query);
    let next = scan(&mut state, &range("news"), 1, None).await.next;
    assert!(next.is_some());
    assert_eq!(code(Host::scan(&mut state, range("staff-only"), 1, next.clone())).await, "malformed");
    assert_eq!(code(Host::scan(&mut state, Range { descending: true, ..range("news") }, 1, next)).await, "malformed");
}

#[tokio::test]
async fn a_page_depends_on_the_stretch_it_saw_and_on_no_more() {
    let bench = Bench::new();
    for number in 0..5_u128 {
        bench.data.store("threads", id(number), &body("news", number as i64 * 10), &bench.manifest);
    }
    let mut state = bench.state(Kind::Query);
    assert_eq!(posted(&scan(&mut state, &range("news"), 2, None).await), [0, 10]);
    let touched = |posted: i64| {
        let fields = serde_json::from_str(&body("news", posted)).unwrap();
        let keys = keys::document_keys(bench.manifest.collections["threads"].indexes.iter(), &fields, id(99)).unwrap();
        bench.change_of(id(99), keys)
    };
    let number = bench.data.number() + 1;
    assert!(state.reads.is_touched_by(number, &touched(5)));
    assert!(state.reads.is_touched_by(number, &touched(20)) || state.reads.is_touched_by(number, &touched(19)));
    assert!(!state.reads.is_touched_by(number, &touched(30)));
}

#[tokio::test]
async fn replace_refuses_what_someone_else_has_written_since() {
    let bench = Bench::new();
    let revision = bench.data.store("threads", id(1), &body("news", 1), &bench.manifest);
    let mut state = bench.state(Kind::Command);
    let replace = async |state: &mut CallState, id: Uuid, expected: &str| {
        Host::replace(state, "threads".into(), id.to_string(), body("news", 2), expected.into()).await.unwrap().map_err(|error| error.code)
    };
    assert_eq!(replace(&mut state, id(1), "older").await, Err("changed".to_owned()));
    assert_eq!(replace(&mut state, id(2), &revision).await, Err("not-found".to_owned()));
    assert_eq!(replace(&mut state, id(1), &revision).await, Ok(()));
    assert_eq!(replace(&mut state, id(1), &revision).await, Err("changed".to_owned()), "each write has a revision of its own");
}

#[tokio::test]
async fn a_unique_key_is_taken_once_in_storage_and_within_a_call() {
    let bench = Bench::new();
    let named = |name: &str| json!({"name": name}).to_string();
    bench.data.store("boards", id(1), &named("news"), &bench.manifest);
    let mut state = bench.state(Kind::Command);
    let insert = async |state: &mut CallState, name: &str| {
        Host::insert(state, "boards".into(), named(name)).await.unwrap().map_err(|error| error.code)
    };
    assert_eq!(insert(&mut state, "news").await, Err("duplicate".to_owned()));
    assert!(insert(&mut state, "trips").await.is_ok());
    assert_eq!(insert(&mut state, "trips").await, Err("duplicate".to_owned()));
    let absent = state.reads.iter().filter(|(read, _)| matches!(read, Read::Stretch { .. })).count();
    assert!(absent >= 2, "that a key was free is something the call has read");
    Host::put(&mut state, "boards".into(), id(1).to_string(), named("old news")).await.unwrap().unwrap();
    assert!(insert(&mut state, "news").await.is_ok(), "the name was given up in this very call");
}

#[tokio::test]
async fn what_can_not_be_stored_is_refused() {
    let mut state = Bench::new().state(Kind::Command);
    let insert = async |state: &mut CallState, body: String| Host::insert(state, "threads".into(), body).await.unwrap().unwrap_err().code;
    assert_eq!(insert(&mut state, "[]".into()).await, "malformed");
    assert_eq!(insert(&mut state, "{".into()).await, "malformed");
    assert_eq!(insert(&mut state, json!({"board": 1.5, "posted": 1}).to_string()).await, "malformed");
    assert_eq!(insert(&mut state, json!({"board": "x".repeat(2_000), "posted": 1}).to_string()).await, "too-large");
    assert_eq!(insert(&mut state, json!({"text": "x".repeat(300 << 10)}).to_string()).await, "too-large");
    assert_eq!(code(Host::put(&mut state, "threads".into(), "not-an-id".into(), "{}".into())).await, "malformed");
    assert!(state.pending.into_writes().is_empty());
}

#[tokio::test]
async fn documents_read_and_written_are_limited() {
    let bench = Bench::new().limits(Limits { documents_read: 3, documents_written: 1, ..Limits::default() });
    let mut state = bench.state(Kind::Command);
    insert(&mut state, body("a", 1)).await;
    let over = Host::insert(&mut state, "threads".into(), body("a", 2)).await.unwrap_err();
    assert_eq!(over.to_string(), "more than 1 documents written");
    let ids = (0..4).map(|number| id(number).to_string()).collect::<Vec<_>>();
    let over = Host::get(&mut state, "threads".into(), ids).await.unwrap_err();
    assert_eq!(over.to_string(), "more than 3 documents read");
}

#[tokio::test]
async fn many_documents_come_in_batches_and_none_twice() {
    let bench = Bench::new();
    for number in 0..300_u128 {
        bench.data.store("threads", id(number), &body("news", number as i64), &bench.manifest);
    }
    let mut state = bench.state(Kind::Command);
    for descending in [false, true] {
        let mut expected = (0..290).collect::<Vec<_>>();
        if descending {
            expected = (10..300).rev().collect();
        }
        let range = Range { descending, ..range("news") };
        assert_eq!(posted(&scan(&mut state, &range, 290, None).await), expected);
    }
    let ids = (0..1_000).map(|number| id(number % 300).to_string()).collect::<Vec<_>>();
    let found = Host::get(&mut state, "threads".into(), ids.clone()).await.unwrap().unwrap();
    assert!(found.iter().zip(ids).all(|(document, id)| document.as_ref().is_some_and(|document| document.id == id)));
    assert!(bench.data.most_at_once() <= BATCH, "{}", bench.data.most_at_once());
}

#[tokio::test]
async fn no_question_holds_more_than_could_be_answered() {
    let bench = Bench::new().limits(Limits { boundary_bytes: 1 << 20, ..Limits::default() });
    let large = |posted: u128| json!({"board": "news", "posted": posted as i64, "text": "x".repeat(20 << 10)}).to_string();
    for number in 0..200_u128 {
        bench.data.store("threads", id(number), &large(number), &bench.manifest);
    }
    let mut state = bench.state(Kind::Command);
    Host::scan(&mut state, range("news"), 1_000, None).await.unwrap_err();
    assert_eq!(bench.data.questions(), 1, "the rest is not even asked for");
    let ids = (0..200).map(|number| id(number).to_string()).collect::<Vec<_>>();
    Host::get(&mut bench.state(Kind::Query), "threads".into(), ids).await.unwrap_err();
    assert_eq!(bench.data.questions(), 2);
    // Counting holds no bodies.
    let mut state = bench.state(Kind::Command);
    insert(&mut state, body("news", 1)).await;
    assert_eq!(Host::counts(&mut state, vec![range("news")], 1_000).await.unwrap().unwrap(), [201]);
}

#[tokio::test]
async fn a_database_that_does_not_answer_ends_the_call() {
    let bench = Bench::new();
    bench.data.fail(true);
    let mut state = bench.state(Kind::Query);
    Host::get(&mut state, "threads".into(), vec![id(1).to_string()]).await.unwrap_err();
    assert!(matches!(state.stop, Some(crate::state::Stop::Unavailable(_))));
}
