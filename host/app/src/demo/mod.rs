//! The demo: organisations made from the files in the binary, the bar that switches visitors, and 'as it was at first'.

pub mod content;
mod dates;
mod forms;
mod load;
mod mailings;
mod money;
mod plugins;
mod story;
mod year;

use crate::config::Config;
use crate::wiring::{House, Mode};
use content::Content;
use std::sync::Arc;
use tokio::sync::Mutex;
use tsudoi_kernel::Clock;
use tsudoi_kernel::ports::Boxed;
use tsudoi_services::visits::Visit;
use tsudoi_services::{ServiceError, Services};
use tsudoi_store::Store;
use tsudoi_web::DemoActions;

/// What the bar of the demo does.
pub struct Bar {
    config: Config,
    mode: Mode,
    services: Services,
    store: Store,
    contents: Arc<Vec<Content>>,
    clock: Arc<dyn Clock>,
    /// Putting back happens one at a time.
    loading: Mutex<()>,
}

impl Bar {
    pub fn new(config: Config, mode: Mode, house: &House, contents: Arc<Vec<Content>>, clock: Arc<dyn Clock>) -> Self {
        Self { config, mode, services: house.services.clone(), store: house.store.clone(), contents, clock, loading: Mutex::new(()) }
    }

    /// Makes the organisations that are not there yet.
    pub async fn load_missing(&self) -> anyhow::Result<()> {
        let _one_at_a_time = self.loading.lock().await;
        for content in self.contents.iter() {
            let slug = &content.organisation.slug;
            if self.store.organisation_by_slug_all_organisations(slug).await?.is_none() {
                tracing::info!(organisation = slug, "making the demo's organisation");
                load::load(&self.config, self.mode, content, self.clock.now()).await?;
            }
        }
        Ok(())
    }

    async fn put_back(&self) -> anyhow::Result<()> {
        self.forget_organisations().await?;
        self.load_missing().await
    }

    /// Organisations and plugins' packages: for when the plugins in the binary are other ones.
    pub async fn forget_everything(&self) -> anyhow::Result<()> {
        self.forget_organisations().await?;
        Ok(self.store.delete_packages_all_organisations().await?)
    }

    async fn forget_organisations(&self) -> anyhow::Result<()> {
        let _one_at_a_time = self.loading.lock().await;
        for content in self.contents.iter() {
            if let Some(organisation) = self.store.organisation_by_slug_all_organisations(&content.organisation.slug).await? {
                self.store.delete_organisation_all_organisations(organisation.id).await?;
                // Its pictures; a folder that is not there any more is as good.
                let _ = std::fs::remove_dir_all(self.config.files().join(organisation.id.to_string()));
            }
        }
        Ok(self.store.delete_demo_accounts_all_organisations().await?)
    }

    async fn sign_in_as(&self, visit: &Visit, role: &str, agent: &str) -> anyhow::Result<Option<String>> {
        let Some(content) = self.contents.iter().find(|content| content.organisation.slug == visit.organisation.slug) else {
            return Ok(None);
        };
        let rows = self.store.organisation(visit.organisation.id);
        let found = match role {
            "member" => {
                let wanted = content.members.iter().find(|member| member.demo.is_some());
                let Some(wanted) = wanted else { return Ok(None) };
                rows.member_by_number(&wanted.number).await?.and_then(|member| Some((member.account?, Some(member.id))))
            }
            "staff" => {
                let wanted = content.organisation.staff.iter().find(|staff| staff.demo.is_some());
                let Some(wanted) = wanted else { return Ok(None) };
                let staff = rows.staff().await?;
                staff.into_iter().find(|staff| staff.email.as_str() == wanted.email).map(|staff| (staff.account, None))
            }
            _ => None,
        };
        let Some((account, member)) = found else { return Ok(None) };
        Ok(Some(self.services.start_session(visit.organisation.id, account, member, agent).await?))
    }
}

fn broken(error: anyhow::Error) -> ServiceError {
    ServiceError::Broken(format!("{error:#}"))
}

impl DemoActions for Bar {
    fn sign_in(&self, visit: Visit, role: String, agent: String) -> Boxed<'_, Result<Option<String>, ServiceError>> {
        Box::pin(async move { self.sign_in_as(&visit, &role, &agent).await.map_err(broken) })
    }

    fn reset(&self) -> Boxed<'_, Result<(), ServiceError>> {
        Box::pin(async move { self.put_back().await.map_err(broken) })
    }
}
