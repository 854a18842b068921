//! Another organisation on the same host: somebody who reads its pages all the time, and must notice nothing.

use reqwest::StatusCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tsudoi_tests::{SOCIETY, Server, Visitor};

/// What they look at, and words that stand there.
const PAGES: [(&str, &str); 2] = [("/", "Lumen"), ("/p/fan-board/", "/p/fan-board/boards/")];

#[derive(Default, Clone)]
struct Seen {
    answers: Vec<Duration>,
    wrong: Option<String>,
}

pub struct Neighbour {
    seen: Arc<Mutex<Seen>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Neighbour {
    pub async fn begin(server: &Server) -> Self {
        let member = Visitor::in_role(server, SOCIETY, "member").await;
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let (stop, mut stopped) = watch::channel(false);
        let noted = seen.clone();
        let task = tokio::spawn(async move {
            while !*stopped.borrow() {
                for (path, words) in PAGES {
                    let began = Instant::now();
                    let answer = member.get(path).await;
                    let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                    noted.answers.push(began.elapsed());
                    if answer.status != StatusCode::OK || !answer.has(words) {
                        noted.wrong = Some(format!("{path}: {} {}", answer.status, answer.readable()));
                    }
                }
                let _ = tokio::time::timeout(Duration::from_millis(20), stopped.changed()).await;
            }
        });
        Self { seen, stop, task }
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many answers there were before.
    pub fn begin_lap(&self) -> usize {
        self.seen().answers.len()
    }

    /// What they saw since, in words; at least one answer, and none of them wrong.
    pub async fn end_lap(&self, before: usize) -> String {
        while self.begin_lap() < before + 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let seen = self.seen();
        assert_eq!(seen.wrong, None, "the neighbour noticed something");
        let lap = &seen.answers[before..];
        let slowest = lap.iter().max().map_or(0, Duration::as_millis);
        format!("{} right answers, the slowest after {slowest} ms", lap.len())
    }

    pub async fn end(self) -> String {
        let _ = self.stop.send(true);
        self.task.await.expect("the neighbour goes on");
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert_eq!(seen.wrong, None, "the neighbour noticed something");
        seen.answers.sort();
        let at = |part: usize| seen.answers.get(seen.answers.len() * part / 100).map_or(0, Duration::as_millis);
        format!(
            "the neighbour had {} right answers and no wrong one: half within {} ms, 99 % within {} ms",
            seen.answers.len(),
            at(50),
            at(99)
        )
    }
}
