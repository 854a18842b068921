//! Boards as visitors see them: all that they may enter, and one with its threads.

use crate::asker::Asker;
use crate::bylines::{Byline, Bylines};
use crate::model::{Board, TALLIES, THREADS, Tally, Thread};
use crate::paging::PER_PAGE;
use serde::Serialize;
use std::collections::BTreeMap;
use tsudoi_plugin::{Collection, Document, Error, Failure, Id, Page, Reply, Request, Timestamp, View, context};

/// More boards than these would be a site of their own.
pub const MOST_BOARDS: u32 = 50;

/// All boards in their order.
pub fn all() -> Result<Vec<Document<Board>>, Error> {
    Ok(Board::IN_ORDER.query().limit(MOST_BOARDS).page()?.documents)
}

/// The board of a path, past its gate.
pub fn entered(asker: Asker, slug: &str) -> Result<Document<Board>, Failure> {
    let board = by_slug(slug)?.ok_or(Failure::NotFound)?;
    asker.enter(&board.body)?;
    Ok(board)
}

pub fn by_slug(slug: &str) -> Result<Option<Document<Board>>, Error> {
    if crate::words::is_key(slug) { Board::BY_SLUG.equal(slug).first() } else { Ok(None) }
}

/// Documents by id, for the ids that name one.
pub fn fetched<T: serde::de::DeserializeOwned>(collection: &Collection<T>, ids: &[Id]) -> Result<BTreeMap<Id, T>, Error> {
    Ok(collection.get_many(ids)?.into_iter().flatten().map(|document| (document.id, document.body)).collect())
}

/// `board` in the data of every page about one.
#[derive(Debug, Serialize)]
pub struct BoardLine<'a> {
    pub slug: &'a str,
    pub title: &'a str,
    pub description: &'a str,
    pub closed: bool,
}

impl<'a> From<&'a Board> for BoardLine<'a> {
    fn from(board: &'a Board) -> Self {
        Self { slug: &board.slug, title: &board.title, description: &board.description, closed: board.closed }
    }
}

#[derive(Serialize)]
struct ListedBoard<'a> {
    #[serde(flatten)]
    board: BoardLine<'a>,
    threads: u32,
    last: Option<LastLine<'a>>,
}

#[derive(Serialize)]
struct LastLine<'a> {
    id: &'a Id,
    title: &'a str,
    at: Timestamp,
}

/// Every board that the visitor may enter.
pub fn list() -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let mut boards = all()?;
    boards.retain(|board| asker.may_enter(&board.body));
    let ids: Vec<Id> = boards.iter().map(|board| board.id.clone()).collect();
    let tallies = fetched(&TALLIES, &ids)?;
    let last_threads: Vec<Id> = tallies.values().filter_map(|tally| Some(tally.last.as_ref()?.thread.clone())).collect();
    let last_threads = fetched(&THREADS, &last_threads)?;
    let lines: Vec<_> = boards.iter().map(|board| listed(&board.body, tallies.get(&board.id), &last_threads)).collect();
    let view = View::new("boards.html", &serde_json::json!({ "boards": lines, "moderates": asker.moderates() }))?;
    Ok(view.titled(context::translate("boards-title")).into())
}

fn listed<'a>(board: &'a Board, tally: Option<&'a Tally>, threads: &'a BTreeMap<Id, Thread>) -> ListedBoard<'a> {
    let last = tally.and_then(|tally| tally.last.as_ref()).and_then(|last| {
        let (id, thread) = threads.get_key_value(&last.thread)?;
        Some(LastLine { id, title: &thread.title, at: last.at })
    });
    ListedBoard { board: board.into(), threads: tally.map_or(0, |tally| tally.threads), last }
}

/// A thread in a list.
#[derive(Serialize)]
pub struct ThreadLine<'a> {
    pub id: &'a Id,
    pub title: &'a str,
    pub by: Byline,
    pub replies: u32,
    pub started_at: Timestamp,
    pub last_at: Timestamp,
    pub pinned: bool,
    pub closed: bool,
    pub hidden: bool,
}

impl<'a> ThreadLine<'a> {
    pub fn new(thread: &'a Document<Thread>, bylines: &Bylines) -> Self {
        let Document { id, body, .. } = thread;
        Self {
            id,
            title: &body.title,
            by: bylines.byline(&body.by),
            replies: body.replies,
            started_at: body.started_at,
            last_at: body.last_at,
            pinned: body.pinned,
            closed: body.closed,
            hidden: body.is_hidden(),
        }
    }
}

/// A board's threads: pinned ones first, then by last post; moderators also see those that they hide.
pub fn show(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let board = entered(asker, request.parameter("board"))?;
    let moderates = asker.moderates();
    let threads = threads_of(&board.id, moderates, request.query("cursor"))?;
    let bylines = Bylines::of(threads.documents.iter().map(|thread| &thread.body.by))?;
    let lines: Vec<_> = threads.documents.iter().map(|thread| ThreadLine::new(thread, &bylines)).collect();
    let data = serde_json::json!({
        "board": BoardLine::from(&board.body),
        "threads": lines,
        "next": threads.next,
        "is_first_page": request.query("cursor").is_none(),
        "may_write": asker.may_write_in(&board.body),
        "signed_in": asker.is_signed_in(),
        "moderates": moderates,
    });
    Ok(View::new("board.html", &data)?.titled(board.body.title).into())
}

fn threads_of(board: &Id, with_hidden: bool, cursor: Option<&str>) -> Result<Page<Thread>, Failure> {
    let index = if with_hidden { "in-board" } else { "listed-in-board" };
    let query = THREADS.query(index).equal(board).descending().limit(PER_PAGE).cursor(cursor);
    // An address with somebody else's or an old cursor leads nowhere.
    query.page().map_err(|error| if cursor.is_some() && error.is(Error::MALFORMED) { Failure::NotFound } else { error.into() })
}
