//! One event for one plugin, or one job: claimed, run, and its failure noted. That it is done is in the call's own
//! commit, so whatever happens here or to this process, it takes effect once.

use crate::plugins::{Went, is_fault, is_sound};
use crate::{ServiceError, Services};
use std::sync::Arc;
use std::time::Duration;
use tsudoi_kernel::background::{EVENT_ATTEMPTS, EVENT_PERMISSION, JOB_ATTEMPTS, wait_after};
use tsudoi_kernel::calls::{Answered, CallContext, CallError, Failure, Installation};
use tsudoi_kernel::{OrganisationId, Timestamp, Visitor};
use tsudoi_store::{Due, OrganisationStore};

/// A worker that has not been heard of for so long is taken for dead.
const LEASE_SECONDS: i64 = 60;
/// How often a worker says that it is alive.
const RENEW: Duration = Duration::from_secs(20);
/// When others were in the way, the next try comes soon.
const SOON_SECONDS: i64 = 2;
/// How often work of a plugin that is paused is looked at.
const PAUSED_SECONDS: i64 = 60;

/// How a try ended that did not do it.
enum Fault {
    /// No fault of the plugin's: again soon, and not counted.
    NotNow(String),
    /// The plugin is paused.
    Paused(Timestamp),
    /// Again after a while, a few times.
    Failed { reason: &'static str, detail: String },
    /// Trying again can't help.
    Hopeless { reason: &'static str, detail: String },
}

impl From<CallError> for Fault {
    fn from(error: CallError) -> Self {
        let detail = error.to_string();
        match error {
            CallError::Busy | CallError::Unavailable(_) => Self::NotNow(detail),
            CallError::Declined(Failure::Other { code, .. }) if code == "too-deep" => Self::Hopeless { reason: "too-deep", detail },
            CallError::Declined(_) => Self::Failed { reason: "declined", detail },
            CallError::Trapped(_) => Self::Failed { reason: "trapped", detail },
            CallError::TimedOut => Self::Failed { reason: "timed-out", detail },
            CallError::NotLoadable(_) => Self::Failed { reason: "not-loadable", detail },
        }
    }
}

impl From<ServiceError> for Fault {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Unavailable(detail) => Self::NotNow(detail),
            other => Self::Failed { reason: "not-loadable", detail: other.to_string() },
        }
    }
}

impl From<tsudoi_store::StoreError> for Fault {
    fn from(error: tsudoi_store::StoreError) -> Self {
        Self::NotNow(error.to_string())
    }
}

impl Services {
    /// Takes what is due longest in an organisation: events before jobs, since others may wait for them.
    pub(super) async fn claim_work(&self, organisation: OrganisationId) -> Result<Option<Due>, ServiceError> {
        let store = self.store().organisation(organisation);
        let now = self.now();
        let lease = now.plus_seconds(LEASE_SECONDS);
        if let Some(delivery) = store.claim_delivery(now, lease).await? {
            return Ok(Some(Due::Delivery(delivery)));
        }
        Ok(store.claim_job(now, lease).await?.map(Due::Job))
    }

    pub(super) async fn do_work(&self, organisation: OrganisationId, due: Due) {
        let store = self.store().organisation(organisation);
        let (key, attempt) = (due.key(), due.attempt());
        let most = match due {
            Due::Delivery(_) => EVENT_ATTEMPTS,
            Due::Job(_) => JOB_ATTEMPTS,
        };
        let fault = match self.tried(&store, &due, most).await {
            Ok(()) => return,
            Err(fault) => fault,
        };
        let now = self.now();
        let noted = match fault {
            Fault::NotNow(cause) => {
                tracing::debug!(%organisation, id = %key.id, cause, "background work waits a moment");
                store.postpone_work(key, attempt, now.plus_seconds(SOON_SECONDS), false).await
            }
            // Staff may resume it before its time.
            Fault::Paused(until) => store.postpone_work(key, attempt, until.min(now.plus_seconds(PAUSED_SECONDS)), false).await,
            Fault::Failed { reason, detail } if attempt < most => {
                tracing::warn!(%organisation, id = %key.id, attempt, reason, detail, "background work failed and is tried again");
                store.postpone_work(key, attempt, now.plus_millis(wait_after(attempt, self.random())), true).await
            }
            Fault::Failed { reason, detail } | Fault::Hopeless { reason, detail } => {
                tracing::error!(%organisation, id = %key.id, attempt, reason, detail, "background work was set aside");
                let detail: String = detail.chars().take(2_000).collect();
                store.set_work_aside(key, attempt, reason, &detail, now).await
            }
        };
        if let Err(error) = noted {
            // Its lease ends by itself.
            tracing::warn!(%organisation, id = %key.id, %error, "how background work ended could not be noted");
        }
    }

    async fn tried(&self, store: &OrganisationStore, due: &Due, most: u32) -> Result<(), Fault> {
        if due.attempt() > most {
            let detail = "the process ended each time that it was tried".to_owned();
            return Err(Fault::Hopeless { reason: "lost", detail });
        }
        // With the installation its work is gone.
        let Some((organisation, number, installation)) = store.background_context(due.key().installation).await? else { return Ok(()) };
        if !installation.enabled || installation.upgrading || !self.is_on(&installation) {
            return Err(Fault::NotNow("the plugin is off".to_owned()));
        }
        if let Some(until) = installation.paused_until(self.now()) {
            return Err(Fault::Paused(until));
        }
        self.still_wanted(&installation, due)?;
        self.loaded_plugin(&installation.package_hash).await?;
        let installation = Arc::new(installation);
        let context = CallContext {
            locale: organisation.locale,
            organisation: Arc::new(organisation),
            installation: installation.clone(),
            visitor: Arc::new(Visitor::system()),
            number,
            request_id: due.key().id.to_string(),
        };
        let work = &self.parts.work;
        let call = match due {
            Due::Delivery(delivery) => work.handle(context, delivery.clone()),
            Due::Job(job) => work.run_job(context, job.clone()),
        };
        tokio::pin!(call);
        loop {
            tokio::select! {
                outcome = &mut call => return self.counted(&installation, due, outcome).await,
                () = tokio::time::sleep(RENEW) => {
                    store.renew_lease(due.key(), due.attempt(), self.now().plus_seconds(LEASE_SECONDS)).await?;
                }
            }
        }
    }

    /// What failed by the plugin's fault is among its failures, like a page that failed.
    async fn counted(&self, installation: &Installation, due: &Due, outcome: Result<Answered<()>, CallError>) -> Result<(), Fault> {
        if is_sound(&outcome) {
            self.note_success(installation);
        }
        if let Err(error) = &outcome
            && is_fault(error)
        {
            let (organisation, place) = match due {
                Due::Delivery(delivery) => (delivery.organisation, format!("event {}", delivery.event.topic)),
                Due::Job(job) => (job.organisation, format!("job {}", job.name)),
            };
            let (plugin, request) = (&installation.manifest.id, due.key().id.to_string());
            self.record_failure(organisation, plugin, &place, &request, &error.to_string()).await?;
            self.count_failure(organisation, installation, Went::Wrong).await?;
        }
        outcome?;
        Ok(())
    }

    /// The plugin, its grant or the operator's policy may have changed since.
    fn still_wanted(&self, installation: &Installation, due: &Due) -> Result<(), Fault> {
        let manifest = &installation.manifest;
        let wanted = match due {
            Due::Delivery(delivery) => {
                let topic = &delivery.event.topic;
                let permitted =
                    manifest.owns(topic) || self.parts.settings.policy.permits(&manifest.id, &format!("{EVENT_PERMISSION}{topic}"));
                permitted && manifest.hears(topic, &installation.granted)
            }
            Due::Job(job) => manifest.job(&job.name).is_some(),
        };
        let detail = || "this version of the plugin does not ask for it, or may not".to_owned();
        if wanted { Ok(()) } else { Err(Fault::Hopeless { reason: "unwanted", detail: detail() }) }
    }
}
