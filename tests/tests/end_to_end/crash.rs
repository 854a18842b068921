//! `kill -9` in the middle of posting: nothing half-written, and nothing lost that was acknowledged.

use super::board::{NEW_THREAD, new_thread_form};
use reqwest::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tsudoi_tests::{CLUB, Database, Server, Visitor};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_keeps_what_it_acknowledged_and_nothing_by_halves() {
    for database in Database::BOTH {
        for round in 0..2 {
            let mut server = Server::start(database).await;
            let member = Arc::new(Visitor::in_role(&server, CLUB, "member").await);
            let form = new_thread_form(&member).await;
            let (action, fields) = form.form(NEW_THREAD, &[]);
            let acknowledged: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let (member, action, fields, acknowledged) = (member.clone(), action.clone(), fields.clone(), acknowledged.clone());
                    let url = server.url(CLUB, &action);
                    tokio::spawn(async move {
                        for n in 0..500 {
                            let title = format!("連投{round}-{writer}-{n}");
                            let mut fields = fields.clone();
                            fields.retain(|(name, _)| name != "title" && name != "body");
                            fields.extend([("title".to_owned(), title.clone()), ("body".to_owned(), "本文です。".repeat(20))]);
                            let Ok(answer) = member.client.post(&url).form(&fields).send().await else { return };
                            if answer.status() == StatusCode::SEE_OTHER {
                                let place = answer.headers()["location"].to_str().unwrap_or_default().to_owned();
                                acknowledged.lock().await.push((title, place));
                            }
                        }
                    })
                })
                .collect();
            // Long enough for a good number of posts, then in the middle of the next ones.
            while acknowledged.lock().await.len() < 25 + round * 10 {
                assert!(writers.iter().any(|writer| !writer.is_finished()), "the writers write:\n{}", server.log());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            server.kill();
            for writer in writers {
                writer.await.expect("a writer ends");
            }
            server.launch().await;
            let acknowledged = acknowledged.lock().await.clone();
            let reader = Visitor::in_role(&server, CLUB, "member").await;
            for (title, place) in &acknowledged {
                let thread = reader.get(place.split('#').next().unwrap_or_default()).await;
                assert_eq!(thread.status, StatusCode::OK, "{database:?}: {title} was acknowledged");
                assert!(thread.has(title) && thread.has("本文です。"), "{database:?}: {title} is whole");
            }
            // Whatever else the list shows, acknowledged or not, opens whole.
            let board = reader.get(action.trim_end_matches("/new")).await;
            assert_eq!(board.status, StatusCode::OK);
            for link in board.attributes("main a[href*='/p/fan-board/threads/']", "href") {
                let thread = reader.get(link.split('#').next().unwrap_or_default()).await;
                assert_eq!(thread.status, StatusCode::OK, "{database:?}: {link}");
                assert!(!thread.texts(".post").is_empty(), "{database:?}: {link} has its first post");
            }
        }
    }
}
