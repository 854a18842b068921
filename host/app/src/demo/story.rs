//! Conversations on the boards, told again through the plugin's own forms: each post is a real call of its author's,
//! at the time when it was written.

use super::content::{Content, Report};
use super::year::Told;
use crate::ports::ManualClock;
use anyhow::{Context, bail};
use chrono::{Days, NaiveDate, NaiveTime, TimeZone};
use std::collections::HashMap;
use std::sync::Arc;
use tsudoi_kernel::manifest::{Area, Method};
use tsudoi_kernel::{Gate, Timestamp, Visitor};
use tsudoi_services::Services;
use tsudoi_services::files::Received;
use tsudoi_services::members::{MemberDraft, Period};
use tsudoi_services::plugins::{PluginAnswer, PluginPage, PluginVisit};
use tsudoi_services::visits::{OrganisationKey, Visit};

/// The plugin that keeps the demo's boards.
const BOARDS: &str = "fan-board";

/// Somebody who joins in the course of the year.
pub struct Newcomer {
    pub days_ago: u32,
    pub draft: MemberDraft,
    pub period: Period,
}

pub struct Teller<'a> {
    pub services: &'a Services,
    /// Set from chapter to chapter.
    pub clock: &'a ManualClock,
    pub content: &'a Content,
    /// By member number.
    pub members: HashMap<String, Arc<Visitor>>,
    /// Of these, those who join in the course of the year.
    pub to_come: Vec<Newcomer>,
    pub staff: Arc<Visitor>,
    pub now: Timestamp,
    pub today: NaiveDate,
    pub zone: chrono_tz::Tz,
}

impl<'a> Teller<'a> {
    pub(super) async fn begin_thread(&self, told: &mut Told<'a>, n: usize) -> anyhow::Result<()> {
        let thread = &self.content.threads[n];
        let title = self.text(&thread.title)?;
        let form = [("title", title.as_str()), ("body", &self.text(&thread.body)?)];
        let path = format!("/boards/{}/new", thread.board);
        let path = self.written_as(&thread.author, &path, &form, &thread.pictures).await?;
        let (thread, post) = ids(&path).with_context(|| path.clone())?;
        told.threads.insert(n, thread);
        told.posts.insert((n, usize::MAX), post);
        Ok(())
    }

    pub(super) async fn reply(&self, told: &mut Told<'a>, n: usize, m: usize) -> anyhow::Result<()> {
        let reply = &self.content.threads[n].replies[m];
        let thread = told.threads.get(&n).context("a reply before its thread")?;
        let body = self.text(&reply.body)?;
        let path = format!("/threads/{thread}");
        let path = self.written_as(&reply.author, &path, &[("body", body.as_str())], &reply.pictures).await?;
        told.posts.insert((n, m), ids(&path).with_context(|| path.clone())?.1);
        Ok(())
    }

    pub(super) async fn boards(&self) -> anyhow::Result<()> {
        for board in &self.content.organisation.boards {
            let (kind, keys) = match &board.gate {
                Gate::Everyone => ("everyone", String::new()),
                Gate::Members => ("members", String::new()),
                Gate::Tiers { tiers } => ("tiers", tiers.iter().cloned().collect::<Vec<_>>().join(" ")),
                Gate::Labels { labels } => ("labels", labels.iter().cloned().collect::<Vec<_>>().join(" ")),
                Gate::Segments { .. } => anyhow::bail!("{}: the form of boards names no segments", board.slug),
                Gate::Staff => ("staff", String::new()),
            };
            let form = [
                ("slug", board.slug.as_str()),
                ("title", &board.title),
                ("description", &board.description),
                ("gate_kind", kind),
                ("gate_keys", &keys),
            ];
            self.post(&self.staff, Area::Admin, "/boards/new", &form).await.with_context(|| board.slug.clone())?;
        }
        Ok(())
    }

    /// What staff and readers did afterwards.
    pub(super) async fn moderate(&self, threads: &HashMap<usize, String>, posts: &HashMap<(usize, usize), String>) -> anyhow::Result<()> {
        for (n, thread) in self.content.threads.iter().enumerate() {
            let id = threads.get(&n).context("a thread that was not begun")?;
            for (action, _) in [("pin", thread.pinned), ("close", thread.closed)].iter().filter(|(_, wanted)| *wanted) {
                self.post(&self.staff, Area::Site, &format!("/threads/{id}/moderate"), &[("action", action)]).await?;
            }
            let first = (thread.hidden, thread.report.as_ref(), posts.get(&(n, usize::MAX)));
            let replies = thread.replies.iter().enumerate().map(|(m, reply)| (reply.hidden, reply.report.as_ref(), posts.get(&(n, m))));
            for (hidden, report, post) in std::iter::once(first).chain(replies) {
                let post = post.context("a post that was not written")?;
                if let Some(Report { by, reason }) = report {
                    self.post_as(by, Area::Site, &format!("/posts/{post}/report"), &[("reason", reason)]).await?;
                }
                if hidden {
                    self.post(&self.staff, Area::Site, &format!("/posts/{post}/moderate"), &[("action", "hide")]).await?;
                }
            }
        }
        Ok(())
    }

    async fn post_as(&self, number: &str, area: Area, path: &str, form: &[(&str, &str)]) -> anyhow::Result<String> {
        let visitor = self.members.get(number).with_context(|| format!("there is no member {number}"))?;
        self.post(visitor, area, path, form).await.with_context(|| format!("{number} at {path}"))
    }

    /// A post with pictures.
    async fn written_as(&self, number: &str, path: &str, form: &[(&str, &str)], pictures: &[String]) -> anyhow::Result<String> {
        let visitor = self.members.get(number).with_context(|| format!("there is no member {number}"))?;
        let mut uploads = Vec::new();
        for name in pictures {
            let bytes = self.content.bytes.get(name).with_context(|| name.clone())?;
            let mut incoming = self.services.incoming().await?;
            incoming.write(bytes).await?;
            uploads.push(Arc::new(incoming.finish("pictures".into(), name.clone(), bytes.len() as u64).await?));
        }
        self.send(BOARDS, visitor, Area::Site, path, form, uploads).await.with_context(|| format!("{number} at {path}"))
    }

    async fn post(&self, visitor: &Arc<Visitor>, area: Area, path: &str, form: &[(&str, &str)]) -> anyhow::Result<String> {
        self.post_to(BOARDS, visitor, area, path, form).await
    }

    pub(super) async fn post_to(
        &self,
        plugin: &str,
        visitor: &Arc<Visitor>,
        area: Area,
        path: &str,
        form: &[(&str, &str)],
    ) -> anyhow::Result<String> {
        self.send(plugin, visitor, area, path, form, Vec::new()).await
    }

    /// What a page of staff's is made of.
    pub(super) async fn data_of(&self, plugin: &str, area: Area, path: &str) -> anyhow::Result<serde_json::Value> {
        let (visit, plugin) = self.visit_to(plugin, &self.staff).await?;
        match self.services.plugin_page(&visit, &plugin, PluginPage::get(area, path.to_owned(), Vec::new())).await? {
            PluginAnswer::Page { rendering, .. } => Ok((*rendering.data).clone()),
            other => bail!("{path} answered {other:?}"),
        }
    }

    async fn visit_to(&self, plugin: &str, visitor: &Arc<Visitor>) -> anyhow::Result<(Visit, PluginVisit)> {
        let key = OrganisationKey::Slug(self.content.organisation.slug.clone());
        let mut visit: Visit = self.services.visit(&key).await?.context("the organisation is gone")?;
        visit.visitor = visitor.clone();
        let found = self.services.visit_plugin(&visit, plugin, "demo".into()).await?;
        Ok((visit, found.with_context(|| format!("{plugin} is not enabled"))?))
    }

    /// Sends a form and answers where it led.
    async fn send(
        &self,
        plugin: &str,
        visitor: &Arc<Visitor>,
        area: Area,
        path: &str,
        form: &[(&str, &str)],
        uploads: Vec<Arc<Received>>,
    ) -> anyhow::Result<String> {
        let (visit, plugin) = self.visit_to(plugin, visitor).await?;
        let form = form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let nonce = self.services.fresh_id().to_string();
        let page = PluginPage { area, method: Method::Post, path: path.to_owned(), query: Vec::new(), form, nonce, uploads };
        match self.services.plugin_page(&visit, &plugin, page).await? {
            PluginAnswer::Redirect(path) => Ok(path),
            other => bail!("{path} answered {other:?}"),
        }
    }

    pub(super) fn text(&self, text: &str) -> anyhow::Result<String> {
        super::dates::fill(text, self.today, self.content.organisation.locale)
    }

    pub(super) fn begun(&self, days_ago: Option<u32>, at: Option<&str>, minutes_ago: Option<u32>) -> anyhow::Result<Timestamp> {
        if let Some(minutes) = minutes_ago {
            return Ok(self.now.plus_seconds(-60 * i64::from(minutes)));
        }
        let day = self.today.checked_sub_days(Days::new(u64::from(days_ago.context("neither days_ago nor minutes_ago")?)));
        let time = NaiveTime::parse_from_str(at.context("days_ago without at")?, "%H:%M")?;
        let local = day.context("too long ago")?.and_time(time);
        let instant = self.zone.from_local_datetime(&local).earliest().context("a time that the clocks left out")?;
        Ok(Timestamp::from_millis(instant.timestamp_millis()))
    }
}

/// The ids in `/p/<plugin>/threads/<thread>…#post-<post>`.
fn ids(path: &str) -> Option<(String, String)> {
    let (_, rest) = path.split_once("/threads/")?;
    let thread = rest.split(['?', '#']).next()?;
    let (_, post) = rest.split_once("#post-")?;
    Some((thread.to_owned(), post.to_owned()))
}
