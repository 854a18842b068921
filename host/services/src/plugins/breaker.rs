//! The circuit breaker: a plugin that keeps failing is paused in that organisation, so that it costs nobody time and staff
//! hear of it. Counted by each process for itself; the pause is in the database, and so for all.
//!
//! Whoever finds an input that makes a plugin fail must not be able to switch it off for the many whom it serves by sending it
//! again: a pause takes many failures, and at least half of all calls, those that are answered from memory too. Where nobody
//! else is there, one visitor is enough.

use crate::editor::Editor;
use crate::mail::Letter;
use crate::{ServiceError, Services};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tsudoi_kernel::calls::{Installation, Pause};
use tsudoi_kernel::{InstallationId, OrganisationId, Permission, Timestamp};

/// Within which failures are counted.
pub const PAUSE_WINDOW_SECONDS: i64 = 300;
/// The first pause; each that follows soon is twice as long.
const FIRST_SECONDS: i64 = 600;
const LONGEST_SECONDS: i64 = 86_400;
/// Windows that are over are swept out when there are this many.
const SWEEP: usize = 4_096;

/// How the calls of one installation went of late.
struct Window {
    began: Timestamp,
    calls: u32,
    failures: u32,
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Went {
    Well,
    Wrong,
    /// Its template did not render what it had answered well: it is counted already.
    WrongAfterAll,
}

#[derive(Default)]
pub struct Breaker(Mutex<HashMap<InstallationId, Window>>);

impl Breaker {
    /// Counts a call that ended; says whether it is enough now.
    fn note(&self, installation: InstallationId, went: Went, pause_after: u32, now: Timestamp) -> bool {
        // Nothing that could panic happens under the lock, so a poisoned one is as good as any.
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |window: &Window| window.began.plus_seconds(PAUSE_WINDOW_SECONDS) <= now;
        if windows.len() >= SWEEP {
            windows.retain(|_, window| !is_over(window));
        }
        let window = windows.entry(installation).or_insert(Window { began: now, calls: 0, failures: 0 });
        if is_over(window) {
            *window = Window { began: now, calls: 0, failures: 0 };
        }
        window.calls = window.calls.saturating_add(u32::from(went != Went::WrongAfterAll));
        window.failures = window.failures.saturating_add(u32::from(went != Went::Well));
        let enough = pause_after > 0 && window.failures >= pause_after && window.failures >= window.calls.div_ceil(2);
        if enough {
            windows.remove(&installation);
        }
        enough
    }
}

impl Services {
    /// A call that did what it should, or said in its own words why not.
    pub(crate) fn note_success(&self, installation: &Installation) {
        self.breaker.note(installation.id, Went::Well, self.settings().pause_after, self.now());
    }

    /// A call that failed. Too many of them, and the plugin is paused.
    pub(crate) async fn count_failure(
        &self,
        organisation: OrganisationId,
        installation: &Installation,
        went: Went,
    ) -> Result<(), ServiceError> {
        if self.breaker.note(installation.id, went, self.settings().pause_after, self.now()) {
            self.editor_of(organisation, None).pause_plugin(installation).await?;
        }
        Ok(())
    }
}

impl Editor {
    pub(crate) async fn pause_plugin(&self, failing: &Installation) -> Result<(), ServiceError> {
        let plugin = &failing.manifest.id;
        let now = self.services.now();
        let Some((organisation, _, _)) = self.store.background_context(failing.id).await? else { return Ok(()) };
        let mut transaction = self.begin().await?;
        // Another process may have been faster, or staff have changed something.
        let current = transaction.current_installation(plugin).await?;
        let Some(current) = current.filter(|found| found.id == failing.id && found.enabled && found.paused_until(now).is_none()) else {
            return Ok(());
        };
        let pause = next_pause(current.pause, now);
        transaction.pause_plugin(plugin, pause).await?;
        self.note(&transaction, "plugin-paused", &current.manifest).await?;
        let link = format!("{}/admin/plugins/{plugin}", self.services.public_url(&organisation));
        let minutes = (pause.until.millis() - now.millis()) / 60_000;
        let name = current.manifest.name.get(organisation.locale);
        let arguments = json!({ "plugin": name, "minutes": minutes, "link": link });
        for staff in transaction.staff().await? {
            let may = staff.permissions.iter().any(|held| [Permission::PLUGINS, Permission::OWNER].contains(&held.as_str()));
            let Some(to) = staff.email.parse().ok().filter(|_| may) else { continue };
            let letter = Letter { kind: "plugin-paused", to: &to, arguments: arguments.clone() };
            transaction.add_mail(&self.services.write_letter(&organisation, organisation.locale, letter)).await?;
        }
        transaction.commit().await?;
        tracing::warn!(organisation = %organisation.slug, plugin, minutes, "a plugin that kept failing is paused");
        Ok(())
    }

    /// Staff want it tried again now.
    pub async fn resume_plugin(&self, plugin: &str) -> Result<(), ServiceError> {
        let installed = self.installed(plugin).await?;
        let mut transaction = self.begin().await?;
        transaction.resume_plugin(plugin).await?;
        self.note(&transaction, "plugin-resumed", &installed.manifest).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Twice as long as the one before, if that ended less than a day ago.
fn next_pause(before: Option<Pause>, now: Timestamp) -> Pause {
    let recent = before.filter(|pause| now < pause.until.plus_seconds(LONGEST_SECONDS));
    let times = recent.map_or(0, |pause| pause.times) + 1;
    let seconds = (1..times).fold(FIRST_SECONDS, |seconds, _| (seconds * 2).min(LONGEST_SECONDS));
    Pause { until: now.plus_seconds(seconds), times }
}

#[cfg(test)]
#[path = "breaker_tests.rs"]
mod tests;
