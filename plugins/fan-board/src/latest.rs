//! The block `latest-threads`: what was written last, for any page of the site.

use crate::asker::Asker;
use crate::boards::{self, ThreadLine};
use crate::bylines::Bylines;
use crate::model::{Board, Thread};
use serde::Serialize;
use tsudoi_plugin::{Document, Error, Failure, Id, Parameters, View};

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    thread: ThreadLine<'a>,
    board: &'a str,
}

pub fn render(parameters: &Parameters) -> Result<View, Failure> {
    let limit = parameters.integer("limit").and_then(|limit| u32::try_from(limit).ok()).unwrap_or(5).clamp(1, 20);
    let asker = Asker::of_call();
    let mut boards = match parameters.text("board") {
        Some(slug) => boards::by_slug(slug)?.into_iter().collect(),
        None => boards::all()?,
    };
    boards.retain(|board| asker.may_enter(&board.body));
    // Nothing at all, rather than a frame around nothing, for those who may enter none of them.
    if boards.is_empty() {
        return Err(Failure::NotFound);
    }
    let one_board = parameters.text("board").is_some();
    let threads = if one_board { of_each(&boards, limit)? } else { of_all(&boards, limit)? };
    let bylines = Bylines::of(threads.iter().map(|thread| &thread.body.by))?;
    let lines: Vec<_> = threads
        .iter()
        .map(|thread| Line { thread: ThreadLine::new(thread, &bylines), board: title_of(&boards, &thread.body.board) })
        .collect();
    let slug = boards.first().filter(|_| one_board).map(|board| board.body.slug.as_str());
    View::new("latest-threads.html", &serde_json::json!({ "threads": lines, "slug": slug }))
}

/// Whoever may enter most boards finds enough among the latest of all; where one look does not suffice, each board is
/// asked.
fn of_all(boards: &[Document<Board>], limit: u32) -> Result<Vec<Document<Thread>>, Error> {
    let mut page = Thread::LATEST.query().descending().limit(limit * 4).page()?;
    page.documents.retain(|thread| boards.iter().any(|board| board.id == thread.body.board));
    if page.documents.len() >= limit as usize || page.next.is_none() { Ok(latest(page.documents, limit)) } else { of_each(boards, limit) }
}

/// From each board its latest, and of those the latest.
fn of_each(boards: &[Document<Board>], limit: u32) -> Result<Vec<Document<Thread>>, Error> {
    let mut threads = Vec::new();
    for board in boards {
        threads.extend(Thread::LATEST_IN_BOARD.equal(&board.id).descending().limit(limit).page()?.documents);
    }
    Ok(latest(threads, limit))
}

fn latest(mut threads: Vec<Document<Thread>>, limit: u32) -> Vec<Document<Thread>> {
    threads.sort_by_key(|thread| std::cmp::Reverse(thread.body.last_at));
    threads.truncate(limit as usize);
    threads
}

fn title_of<'a>(boards: &'a [Document<Board>], id: &Id) -> &'a str {
    boards.iter().find(|board| board.id == *id).map_or("", |board| board.body.title.as_str())
}
