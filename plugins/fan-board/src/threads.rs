//! A thread: reading it, starting one, replying, and what moderators do to it as a whole.

use crate::asker::Asker;
use crate::boards::{self, BoardLine};
use crate::bylines::{Byline, Bylines};
use crate::model::{Author, BOARDS, Board, LastPost, POSTS, Post, PostState, TALLIES, THREADS, Thread};
use crate::paging::{PER_PAGE, Paging};
use crate::{mails, paths, pictures, words};
use serde::Serialize;
use tsudoi_plugin::{Document, Error, Failure, FieldErrors, Id, Reply, Request, Timestamp, View, activities, context};

/// Milliseconds without a post after which the next one is told by mail.
const QUIET: u64 = 60 * 60 * 1_000;

/// The thread with its board, past the board's gate.
pub fn entered(asker: Asker, id: &Id) -> Result<(Document<Thread>, Document<Board>), Failure> {
    let thread = THREADS.require(id)?;
    let board = BOARDS.require(&thread.body.board)?;
    asker.enter(&board.body)?;
    Ok((thread, board))
}

/// A post in its thread as this visitor sees it.
#[derive(Debug, Serialize)]
struct PostLine<'a> {
    id: &'a Id,
    number: u32,
    by: Byline,
    /// `None` where the visitor may not read it.
    body: Option<&'a str>,
    pictures: &'a [Id],
    state: PostState,
    posted_at: Timestamp,
    edited_at: Option<Timestamp>,
    own: bool,
    may_change: bool,
    may_report: bool,
}

/// Who reads, asked once for a page.
struct Reader {
    member: Option<Id>,
    moderates: bool,
}

impl Reader {
    fn line<'a>(&self, post: &'a Document<Post>, bylines: &Bylines) -> PostLine<'a> {
        let Document { id, body: post, .. } = post;
        let own = post.by.author.is_some() && post.by.author == self.member;
        PostLine {
            id,
            number: post.number,
            by: bylines.byline(&post.by),
            body: self.may_read(post.state).then_some(post.body.as_str()),
            pictures: if self.may_read(post.state) { &post.pictures } else { &[] },
            state: post.state,
            posted_at: post.posted_at,
            edited_at: post.edited_at,
            own,
            may_change: post.may_be_changed_by(self.member.as_ref(), self.moderates),
            may_report: self.member.is_some() && !own && post.state == PostState::Shown,
        }
    }

    fn may_read(&self, state: PostState) -> bool {
        state.is_readable(self.moderates)
    }
}

pub fn show(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let (thread, board) = entered(asker, &request.id("thread")?)?;
    let reader = Reader { member: asker.member(), moderates: asker.moderates() };
    if thread.body.is_hidden() && !reader.moderates {
        let view = View::new("thread-hidden.html", &serde_json::json!({ "board": BoardLine::from(&board.body) }))?;
        return Ok(view.titled(context::translate("thread-hidden-title")).into());
    }
    let paging = Paging::of_thread(request.query("page"), thread.body.last_number);
    let (after, up_to) = paging.numbers();
    let posts = Post::IN_THREAD.equal(&thread.id).after(after).up_to(up_to).limit(PER_PAGE).page()?.documents;
    let bylines = Bylines::of(posts.iter().map(|post| &post.body.by))?;
    let lines: Vec<_> = posts.iter().map(|post| reader.line(post, &bylines)).collect();
    let data = serde_json::json!({
        "board": BoardLine::from(&board.body),
        "thread": {
            "id": thread.id,
            "title": thread.body.title,
            "pinned": thread.body.pinned,
            "closed": thread.body.closed,
            "hidden": thread.body.is_hidden(),
            "replies": thread.body.replies,
        },
        "posts": lines,
        "paging": paging,
        "signed_in": asker.is_signed_in(),
        "may_reply": may_reply(asker, &thread.body, &board.body),
        "may_add_pictures": pictures::are_welcome()?,
        "moderates": reader.moderates,
        "just_reported": request.query("reported").is_some(),
    });
    Ok(View::new("thread.html", &data)?.titled(thread.body.title).into())
}

fn may_reply(asker: Asker, thread: &Thread, board: &Board) -> bool {
    !thread.closed && !thread.is_hidden() && asker.may_write_in(board)
}

/// The form for a new thread.
pub fn compose(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let board = boards::entered(asker, request.parameter("board"))?;
    if !asker.may_write_in(&board.body) {
        return Err(Failure::Forbidden);
    }
    let guidelines: String = context::setting("guidelines")?;
    let data = serde_json::json!({
        "board": BoardLine::from(&board.body), "guidelines": guidelines, "may_add_pictures": pictures::are_welcome()?,
    });
    let view = View::new("new-thread.html", &data)?;
    Ok(view.titled(context::translate("new-thread-title")).into())
}

pub fn start(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let board = boards::entered(asker, request.parameter("board"))?;
    if !asker.may_write_in(&board.body) {
        return Err(Failure::Forbidden);
    }
    let mut errors = FieldErrors::default();
    let title = errors.take("title", words::title(request.field("title")));
    let body = errors.take("body", words::body(request.text("body")));
    let (Some(title), Some(body)) = (title, body) else { return Err(errors.into()) };
    let pictures = pictures::received(request, 0)?;

    let by = asker.as_author()?;
    let now = context::now();
    let started = Thread {
        board: board.id.clone(),
        title,
        by: by.clone(),
        pinned: false,
        closed: false,
        replies: 0,
        last_number: 1,
        started_at: now,
        last_at: now,
        listed_at: Some(now),
    };
    let thread = THREADS.insert(&started)?;
    if let Some(member) = &by.author {
        note_start(member, &started.title, &thread)?;
    }
    let (post, id) = append(&thread, 1, by, Words { body, pictures }, now)?;
    count(&board.id, 1, Some(LastPost { thread, at: now }))?;
    Ok(Reply::redirect(paths::post(&id, &post)))
}

pub fn reply(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let (thread, board) = entered(asker, &request.id("thread")?)?;
    let mut document = thread.body;
    // Closed while someone was writing: the page comes back with what they wrote.
    if document.closed || (board.body.closed && !asker.moderates()) {
        return Err(FieldErrors::one("body", "closed-meanwhile").into());
    }
    if !may_reply(asker, &document, &board.body) {
        return Err(Failure::Forbidden);
    }
    let body = words::body(request.text("body")).map_err(|message| FieldErrors::one("body", message))?;
    let words = Words { body, pictures: pictures::received(request, 0)? };
    let now = context::now();
    let by = asker.as_author()?;
    // One mail for a lively talk, not one for each post in it.
    let after_a_while = document.replies == 0 || now.saturating_sub(document.last_at) >= QUIET;
    document.last_number += 1;
    document.replies += 1;
    document.set_last_at(now);
    let (post, id) = append(&thread.id, document.last_number, by.clone(), words, now)?;
    THREADS.put(&thread.id, &document)?;
    count(&board.id, 0, Some(LastPost { thread: thread.id, at: now }))?;
    if let Some(starter) = document.by.author.filter(|starter| after_a_while && by.author.as_ref() != Some(starter)) {
        mails::replied(starter, &document.title, &id)?;
    }
    Ok(Reply::redirect(paths::post(&id, &post)))
}

/// On the member's timeline; nowhere where staff left that out.
fn note_start(member: &Id, title: &str, thread: &Id) -> Result<(), Failure> {
    let summary = context::translate_with("activity-started", &serde_json::json!({ "title": title }));
    let path = format!("threads/{thread}");
    match activities::record(member, "thread", &summary, Some(&path), &serde_json::json!({})) {
        Err(error) if error.is(Error::NOT_GRANTED) => Ok(()),
        other => Ok(other?),
    }
}

/// What a new post says and shows.
struct Words {
    body: String,
    pictures: Vec<Id>,
}

fn append(thread: &Id, number: u32, by: Author, words: Words, now: Timestamp) -> Result<(Post, Id), Failure> {
    let Words { body, pictures } = words;
    let post = Post { thread: thread.clone(), number, by, body, pictures, state: PostState::Shown, posted_at: now, edited_at: None };
    let id = POSTS.insert(&post)?;
    mails::posted(post.by.author.as_ref(), thread, &id)?;
    Ok((post, id))
}

/// Changes a board's tally: by so many threads that can be read, and what was written in it last.
fn count(board: &Id, threads: i32, last: Option<LastPost>) -> Result<(), Failure> {
    let mut tally = TALLIES.get(board)?.map(|tally| tally.body).unwrap_or_default();
    tally.threads = tally.threads.saturating_add_signed(threads);
    tally.last = last;
    Ok(TALLIES.put(board, &tally)?)
}

/// After something vanished or came back: the board's last post is that of its newest listed thread.
pub fn recount(board: &Id, threads: i32) -> Result<(), Failure> {
    let newest = Thread::LATEST_IN_BOARD.equal(board).descending().first()?;
    count(board, threads, newest.map(|thread| LastPost { thread: thread.id, at: thread.body.last_at }))
}

/// When the newest post of a thread that can be read was written.
pub fn newest_post_at(thread: &Id) -> Result<Option<Timestamp>, Failure> {
    let newest = Post::IN_THREAD.equal(thread).descending().limit(PER_PAGE).page()?;
    Ok(newest.documents.iter().find(|post| post.body.state == PostState::Shown).map(|post| post.body.posted_at))
}

/// What moderators do with buttons on the thread's page.
pub fn moderate(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let (mut thread, _) = entered(asker, &request.id("thread")?)?;
    if !asker.moderates() {
        return Err(Failure::Forbidden);
    }
    match request.field("action") {
        "pin" => thread.body.pinned = true,
        "unpin" => thread.body.pinned = false,
        "close" => thread.body.closed = true,
        "reopen" => thread.body.closed = false,
        _ => return Err(Failure::NotFound),
    }
    THREADS.put(&thread.id, &thread.body)?;
    Ok(Reply::redirect(paths::thread(&thread.id)))
}
