//! The moderators' page: what members reported, with the post itself, and what to do about it.

use crate::asker::Asker;
use crate::bylines::{Byline, Bylines};
use crate::model::{Author, Outcome, POSTS, Post, PostState, Report, ReportState, THREADS, Thread};
use crate::{boards, paths, posts};
use serde::Serialize;
use std::collections::BTreeMap;
use tsudoi_plugin::{Document, Error, Failure, Id, Reply, Request, Timestamp, View, context};

const PER_PAGE: u32 = 30;

/// A post with all that this page holds about it.
#[derive(Serialize)]
struct Reported<'a> {
    post: &'a Id,
    /// `None` where its author deleted it.
    text: Option<&'a str>,
    state: Option<PostState>,
    by: Option<Byline>,
    posted_at: Option<Timestamp>,
    thread: Option<ThreadTitle<'a>>,
    reports: Vec<ReportLine<'a>>,
}

#[derive(Serialize)]
struct ThreadTitle<'a> {
    title: &'a str,
    closed: bool,
}

#[derive(Serialize)]
struct ReportLine<'a> {
    by: Byline,
    reason: &'a str,
    at: Timestamp,
    outcome: Option<Outcome>,
}

/// Open reports, oldest first, or settled ones, newest first.
pub fn list(request: &Request) -> Result<Reply, Failure> {
    let settled = request.query("settled").is_some();
    let cursor = request.query("cursor");
    let state = if settled { ReportState::Settled } else { ReportState::Open };
    let mut query = Report::BY_STATE.equal(state).limit(PER_PAGE).cursor(cursor);
    if settled {
        query = query.descending();
    }
    let page =
        query.page().map_err(|error| if cursor.is_some() && error.is(Error::MALFORMED) { Failure::NotFound } else { error.into() })?;
    let reports = page.documents;

    let mut ids: Vec<Id> = reports.iter().map(|report| report.body.post.clone()).collect();
    ids.sort();
    ids.dedup();
    let posts = boards::fetched(&POSTS, &ids)?;
    let mut ids: Vec<Id> = reports.iter().map(|report| report.body.thread.clone()).collect();
    ids.sort();
    ids.dedup();
    let threads = boards::fetched(&THREADS, &ids)?;
    let reporters: Vec<Author> = reports.iter().map(|report| reporter(&report.body)).collect();
    let bylines = Bylines::of(posts.values().map(|post| &post.by).chain(&reporters))?;

    let shown = grouped(&reports).into_iter().map(|(post, reports)| reported(post, &reports, &posts, &threads, &bylines));
    let data = serde_json::json!({ "posts": shown.collect::<Vec<_>>(), "settled": settled, "next": page.next });
    Ok(View::new("admin-reports.html", &data)?.titled(context::translate("admin-title")).into())
}

/// The reports of a page by post, in the order of each post's first.
fn grouped(reports: &[Document<Report>]) -> Vec<(&Id, Vec<&Report>)> {
    let mut groups: Vec<(&Id, Vec<&Report>)> = Vec::new();
    for Document { body, .. } in reports {
        match groups.iter_mut().find(|(post, _)| **post == body.post) {
            Some((_, group)) => group.push(body),
            None => groups.push((&body.post, vec![body])),
        }
    }
    groups
}

fn reported<'a>(
    id: &'a Id,
    reports: &[&'a Report],
    posts: &'a BTreeMap<Id, Post>,
    threads: &'a BTreeMap<Id, Thread>,
    bylines: &Bylines,
) -> Reported<'a> {
    let post = posts.get(id);
    let thread = reports.first().and_then(|report| threads.get(&report.thread));
    let line = |report: &&'a Report| ReportLine {
        by: bylines.byline(&reporter(report)),
        reason: &report.reason,
        at: report.reported_at,
        outcome: report.outcome,
    };
    Reported {
        post: id,
        text: post.filter(|post| post.state != PostState::Deleted).map(|post| post.body.as_str()),
        state: post.map(|post| post.state),
        by: post.map(|post| bylines.byline(&post.by)),
        posted_at: post.map(|post| post.posted_at),
        thread: thread.map(|thread| ThreadTitle { title: &thread.title, closed: thread.closed }),
        reports: reports.iter().map(line).collect(),
    }
}

fn reporter(report: &Report) -> Author {
    Author { author: Some(report.reporter.clone()), author_name: report.reporter_name.clone(), office: false }
}

/// Most reports that the card counts.
const MOST_COUNTED: u32 = 99;

/// The block that tells moderators how many reports wait; nothing where there are none, and for nobody else.
pub fn waiting() -> Result<View, Failure> {
    let count = if Asker::of_call().moderates() { Report::BY_STATE.equal(ReportState::Open).count(MOST_COUNTED)? } else { 0 };
    match count {
        0 => Err(Failure::NotFound),
        count => View::new("open-reports.html", &serde_json::json!({ "count": count, "full": count >= MOST_COUNTED })),
    }
}

/// One of the buttons below a reported post.
pub fn settle(request: &Request) -> Result<Reply, Failure> {
    let id = request.id("post")?;
    match request.field("action") {
        "hide" => posts::set_hidden(&id, true)?,
        "restore" => posts::set_hidden(&id, false)?,
        "dismiss" => posts::settle(&id, Outcome::Dismissed)?,
        "close" => close_thread_of(&id)?,
        _ => return Err(Failure::NotFound),
    }
    Ok(Reply::redirect(paths::REPORTS))
}

fn close_thread_of(post: &Id) -> Result<(), Failure> {
    let post = POSTS.require(post)?;
    let mut thread = THREADS.require(&post.body.thread)?;
    thread.body.closed = true;
    Ok(THREADS.put(&thread.id, &thread.body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> Id {
        Id::parse(&format!("01890a5d-ac96-774b-bcce-b302099a80{n:02x}")).unwrap_or_else(|_| panic!("an id"))
    }

    fn report(post: u8, reporter: u8) -> Document<Report> {
        let body = Report {
            post: id(post),
            thread: id(99),
            reporter: id(reporter),
            reporter_name: None,
            reason: "宣伝です".into(),
            reported_at: 0,
            state: ReportState::Open,
            outcome: None,
        };
        Document { id: id(reporter), revision: String::new(), body, created: 0, updated: 0 }
    }

    #[test]
    fn reports_about_one_post_stand_together_where_the_first_one_stands() {
        let reports = [report(1, 11), report(2, 12), report(1, 13)];
        let groups = grouped(&reports);
        let seen: Vec<_> = groups.iter().map(|(post, reports)| ((*post).clone(), reports.len())).collect();
        assert_eq!(seen, [(id(1), 2), (id(2), 1)]);
    }
}
