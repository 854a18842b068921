//! One post: editing and deleting one's own, reporting another's, and hiding and restoring it for moderators.

use crate::asker::{self, Asker};
use crate::boards::BoardLine;
use crate::bylines::Bylines;
use crate::model::{Board, Outcome, POSTS, Post, PostState, REPORTS, Report, ReportState, THREADS, Thread};
use crate::{mails, paths, pictures, threads, words};
use tsudoi_plugin::{Document, Error, Failure, FieldErrors, Id, Reply, Request, View, context};

/// A post with its thread and board, past the board's gate.
struct Found {
    post: Document<Post>,
    thread: Document<Thread>,
    board: Document<Board>,
}

impl Found {
    fn of(asker: Asker, request: &Request) -> Result<Self, Failure> {
        let post = POSTS.require(&request.id("post")?)?;
        let (thread, board) = threads::entered(asker, &post.body.thread)?;
        Ok(Self { post, thread, board })
    }

    /// One that the visitor may change; others don't learn more of it than that it isn't theirs.
    fn own(asker: Asker, request: &Request) -> Result<Self, Failure> {
        let found = Self::of(asker, request)?;
        let may = found.post.body.may_be_changed_by(asker.member().as_ref(), asker.moderates());
        if may && !found.thread.body.is_hidden() { Ok(found) } else { Err(Failure::Forbidden) }
    }

    fn path(&self) -> String {
        paths::post(&self.post.id, &self.post.body)
    }

    fn data(&self) -> serde_json::Value {
        serde_json::json!({
            "board": BoardLine::from(&self.board.body),
            "thread": { "id": self.thread.id, "title": self.thread.body.title },
            "post": {
                "id": self.post.id,
                "body": self.post.body.body,
                "pictures": self.post.body.pictures,
                "revision": self.post.revision,
                "posted_at": self.post.body.posted_at,
                "opens_thread": self.post.body.opens_thread(),
            },
            "path": self.path(),
        })
    }

    fn view(&self, template: &str, title: &str) -> Result<Reply, Failure> {
        Ok(View::new(template, &self.data())?.titled(context::translate(title)).into())
    }
}

/// An address of a post that stays the same on whatever page of its thread it stands.
pub fn show(request: &Request) -> Result<Reply, Failure> {
    Ok(Reply::redirect(Found::of(Asker::of_call(), request)?.path()))
}

/// One of a post's pictures, for whoever may read the post.
pub fn picture(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let found = Found::of(asker, request)?;
    let (post, picture) = (&found.post.body, request.id("picture")?);
    let is_readable = match post.state {
        // Whoever looks at what is shown is not asked more than the board asks.
        PostState::Shown if !found.thread.body.is_hidden() => true,
        _ => post.state.is_readable(true) && asker.moderates(),
    };
    if is_readable && post.pictures.contains(&picture) { Ok(Reply::file(&picture)) } else { Err(Failure::NotFound) }
}

pub fn edit(request: &Request) -> Result<Reply, Failure> {
    let mut data = Found::own(Asker::of_call(), request)?.data();
    data["may_add_pictures"] = pictures::are_welcome()?.into();
    Ok(View::new("edit-post.html", &data)?.titled(context::translate("edit-title")).into())
}

/// Where someone wrote in between, the form comes back with both texts: `edit` shows the newer one, the host keeps what
/// was typed.
pub fn save(request: &Request) -> Result<Reply, Failure> {
    let Found { mut post, mut thread, .. } = Found::own(Asker::of_call(), request)?;
    let mut errors = FieldErrors::default();
    let body = errors.take("body", words::body(request.text("body")));
    let opens = post.body.opens_thread();
    let title = if opens { errors.take("title", words::title(request.field("title"))) } else { Some(String::new()) };
    let (Some(body), Some(title)) = (body, title) else { return Err(errors.into()) };

    let (gone, kept): (Vec<Id>, Vec<Id>) =
        post.body.pictures.into_iter().partition(|picture| request.is_checked(&format!("remove-{picture}")));
    let new = pictures::received(request, kept.len())?;
    pictures::forget(&gone)?;
    post.body.pictures = kept.into_iter().chain(new).collect();
    post.body.body = body;
    post.body.edited_at = Some(context::now());
    match POSTS.replace(&post.id, &post.body, request.field("revision")) {
        Err(error) if error.is(Error::CHANGED) => return Err(FieldErrors::one("revision", "edit-overtaken").into()),
        saved => saved?,
    }
    if opens && thread.body.title != title {
        thread.body.title = title;
        THREADS.put(&thread.id, &thread.body)?;
    }
    Ok(Reply::redirect(paths::post(&post.id, &post.body)))
}

pub fn confirm_delete(request: &Request) -> Result<Reply, Failure> {
    Found::own(Asker::of_call(), request)?.view("delete-post.html", "delete-title")
}

/// A reply goes; so does a thread that nobody answered. One with replies stays for them, without its first text.
pub fn delete(request: &Request) -> Result<Reply, Failure> {
    let Found { mut post, mut thread, board } = Found::own(Asker::of_call(), request)?;
    settle(&post.id, Outcome::Deleted)?;
    pictures::forget(&std::mem::take(&mut post.body.pictures))?;
    if !post.body.opens_thread() {
        POSTS.delete(&post.id)?;
        thread.body.replies = thread.body.replies.saturating_sub(1);
        refresh(&mut thread)?;
        threads::recount(&board.id, 0)?;
        return Ok(Reply::redirect(paths::thread(&thread.id)));
    }
    if Post::IN_THREAD.equal(&thread.id).after(1).first()?.is_some() {
        post.body.body = String::new();
        post.body.state = PostState::Deleted;
        POSTS.put(&post.id, &post.body)?;
        return Ok(Reply::redirect(paths::thread(&thread.id)));
    }
    POSTS.delete(&post.id)?;
    THREADS.delete(&thread.id)?;
    threads::recount(&board.id, -1)?;
    Ok(Reply::redirect(paths::board(&board.body.slug)))
}

/// Sets when the thread was last written in, after one of its posts vanished or came back.
fn refresh(thread: &mut Document<Thread>) -> Result<(), Failure> {
    let at = threads::newest_post_at(&thread.id)?.unwrap_or(thread.body.started_at);
    thread.body.set_last_at(at);
    Ok(THREADS.put(&thread.id, &thread.body)?)
}

/// The form to report a post.
pub fn compose_report(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let found = Found::of(asker, request)?;
    reporter(asker, &found)?;
    let mut data = found.data();
    let bylines = Bylines::of(std::iter::once(&found.post.body.by))?;
    data["post"]["by"] = serde_json::to_value(bylines.byline(&found.post.body.by))?;
    Ok(View::new("report.html", &data)?.titled(context::translate("report-title")).into())
}

/// The member who may report this post: not its author, and only while it can be read.
fn reporter(asker: Asker, found: &Found) -> Result<Id, Failure> {
    let member = asker.member().ok_or(Failure::Forbidden)?;
    let readable = found.post.body.state == PostState::Shown && !found.thread.body.is_hidden();
    if readable && found.post.body.by.author.as_ref() != Some(&member) { Ok(member) } else { Err(Failure::Forbidden) }
}

pub fn report(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let found = Found::of(asker, request)?;
    let reporter = reporter(asker, &found)?;
    let reason = words::reason(request.text("reason")).map_err(|message| FieldErrors::one("reason", message))?;
    let report = Report {
        post: found.post.id.clone(),
        thread: found.thread.id.clone(),
        reporter_name: asker::name_of(&reporter)?,
        reporter,
        reason,
        reported_at: context::now(),
        state: ReportState::Open,
        outcome: None,
    };
    match REPORTS.insert(&report) {
        Err(error) if error.is(Error::DUPLICATE) => Err(FieldErrors::one("reason", "report-again").into()),
        Err(error) => Err(error.into()),
        Ok(_) => {
            mails::reported(&found.thread.body.title, &report.reason)?;
            Ok(Reply::redirect(paths::reported(&found.post.id, &found.post.body)))
        }
    }
}

/// Buttons below a post, for moderators.
pub fn moderate(request: &Request) -> Result<Reply, Failure> {
    let asker = Asker::of_call();
    let found = Found::of(asker, request)?;
    let path = found.path();
    if !asker.moderates() {
        return Err(Failure::Forbidden);
    }
    match request.field("action") {
        "hide" => set_hidden(&found.post.id, true)?,
        "restore" => set_hidden(&found.post.id, false)?,
        _ => return Err(Failure::NotFound),
    }
    Ok(Reply::redirect(path))
}

/// Hides a post or shows it again. The first post takes its thread with it. Hiding settles the reports about it.
pub fn set_hidden(id: &Id, hidden: bool) -> Result<(), Failure> {
    let mut post = POSTS.require(id)?;
    let wanted = if hidden { PostState::Hidden } else { PostState::Shown };
    if hidden {
        settle(id, Outcome::Hidden)?;
    }
    if post.body.state == wanted || post.body.state == PostState::Deleted {
        return Ok(());
    }
    post.body.state = wanted;
    POSTS.put(id, &post.body)?;
    let mut thread = THREADS.require(&post.body.thread)?;
    let step = if hidden { -1 } else { 1 };
    if post.body.opens_thread() {
        thread.body.set_hidden(hidden);
        THREADS.put(&thread.id, &thread.body)?;
        return threads::recount(&thread.body.board, step);
    }
    thread.body.replies = thread.body.replies.saturating_add_signed(step);
    refresh(&mut thread)?;
    threads::recount(&thread.body.board, 0)
}

/// Closes every open report about a post.
pub fn settle(post: &Id, outcome: Outcome) -> Result<(), Failure> {
    for mut report in Report::ABOUT.equal(post).equal(ReportState::Open).limit(500).page()?.documents {
        report.body.state = ReportState::Settled;
        report.body.outcome = Some(outcome);
        REPORTS.put(&report.id, &report.body)?;
    }
    Ok(())
}
