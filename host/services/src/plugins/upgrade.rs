//! Upgrades: begun by staff, carried on in the background batch by batch, taken up again after a stop by whoever finds
//! them. The old version serves queries until the switch, and goes on as it was where anything fails.

use super::consent::{Consent, EnableError};
use super::switchboard::Rank;
use crate::editor::Editor;
use crate::{ServiceError, Services};
use std::sync::Arc;
use tsudoi_kernel::calls::{CallContext, CallError, CallId, Failure, Installation};
use tsudoi_kernel::manifest::wider::Wider;
use tsudoi_kernel::{InstallationId, Organisation, OrganisationId, Timestamp, Visitor};
use tsudoi_store::{
    AuditEntry, FormerInstallation, IndexedDocument, OrganisationStore, PackageSummary, Phase, StoreError, Upgrade, UpgradeDraft,
};
use uuid::Uuid;

/// How long a claim holds without a sign of life, in seconds.
const CLAIM: i64 = 30;
/// Documents of one batch.
const BATCH: u32 = 100;
/// How often an upgrade is put off in a row, because something does not answer, before it is given up.
const TRIES: u64 = 20;
/// The first wait before it is taken up again, in seconds; each next one is longer by as much.
const AGAIN: i64 = 2;
/// Steps that a version may take besides one for each document.
const STEPS: u64 = 1_000;
/// How long what an upgrade replaced is kept, in seconds: two weeks.
pub const FORMER_FOR: i64 = 14 * 24 * 60 * 60;

/// How one part of the work ended.
enum Part {
    /// On to the same phase, or the next.
    On,
    /// Nothing answers at the moment.
    Later,
    /// For good: a word of the locale files (`plugins-upgrade-problem-…`), a colon, and the details.
    Failed(String),
    /// It is somebody else's by now, or was stopped, or is over.
    Lost,
}

impl Services {
    /// Works on upgrades until none waits. Answers how many were brought to an end.
    pub async fn carry_on_upgrades(&self) -> Result<u32, ServiceError> {
        let mut ended = 0;
        loop {
            let now = self.now();
            let claim = self.store().claim_upgrade_all_organisations(self.fresh_id(), now, now.plus_seconds(CLAIM)).await?;
            let Some(upgrade) = claim else { return Ok(ended) };
            self.carry_on(upgrade).await?;
            ended += 1;
        }
    }

    async fn carry_on(&self, claimed: Upgrade) -> Result<(), ServiceError> {
        let organisation = self.store().organisation(claimed.organisation);
        loop {
            // Read anew for each part, so that staff who stop it, or another process, are heard.
            let Some(mut upgrade) = organisation.upgrade(&claimed.plugin).await? else { return Ok(()) };
            if upgrade.claim != claimed.claim {
                return Ok(());
            }
            upgrade.claim = claimed.claim;
            match self.part(&organisation, &upgrade).await? {
                Part::On => {}
                Part::Lost => return Ok(()),
                Part::Later if upgrade.tries >= TRIES => self.give_up(&organisation, &upgrade, "away:").await?,
                Part::Later => {
                    let wait = AGAIN * (1 + upgrade.tries as i64);
                    organisation.put_off_upgrade(&upgrade, self.now().plus_seconds(wait)).await?;
                    return Ok(());
                }
                Part::Failed(problem) => self.give_up(&organisation, &upgrade, &problem).await?,
            }
        }
    }

    /// One batch, one step or one change of phase.
    async fn part(&self, organisation: &OrganisationStore, upgrade: &Upgrade) -> Result<Part, ServiceError> {
        match upgrade.phase {
            Phase::Documents => self.copy_part(organisation, upgrade).await,
            Phase::Answers => match organisation.copy_answers(upgrade, self.claimed()).await? {
                Some(_) => Ok(Part::On),
                None => self.enter(organisation, upgrade, Phase::Steps).await,
            },
            Phase::Steps => self.step_part(organisation, upgrade).await,
            Phase::Indexes => self.index_part(organisation, upgrade).await,
            Phase::Switch => self.switch(organisation, upgrade).await,
            Phase::Cleaning => {
                while organisation.erase_batch(upgrade.target).await? {
                    if !organisation.keep_upgrade(upgrade, self.claimed()).await? {
                        return Ok(Part::Lost);
                    }
                }
                self.enter(organisation, upgrade, Phase::Over).await
            }
            Phase::Over => Ok(Part::Lost),
        }
    }

    fn claimed(&self) -> Timestamp {
        self.now().plus_seconds(CLAIM)
    }

    async fn enter(&self, organisation: &OrganisationStore, upgrade: &Upgrade, phase: Phase) -> Result<Part, ServiceError> {
        Ok(if organisation.enter_phase(upgrade, phase, self.now()).await? { Part::On } else { Part::Lost })
    }

    async fn copy_part(&self, organisation: &OrganisationStore, upgrade: &Upgrade) -> Result<Part, ServiceError> {
        let Some(target) = organisation.installation_by_id(upgrade.target).await? else { return Ok(Part::Lost) };
        let Some((collection, documents)) = self.next_documents(organisation, upgrade, upgrade.installation).await? else {
            return self.enter(organisation, upgrade, Phase::Answers).await;
        };
        let mut batch = Vec::with_capacity(documents.len());
        for document in documents {
            let (keys, complete) = match self.parts.upgrades.index_keys(&target.manifest, &collection, document.id, &document.body) {
                Ok(keys) => (keys, true),
                // The new version's steps may mend it yet.
                Err(unindexed) => (unindexed.keys, false),
            };
            batch.push(IndexedDocument { document, keys, complete });
        }
        Ok(if organisation.copy_documents(upgrade, &collection, &batch, self.claimed()).await? { Part::On } else { Part::Lost })
    }

    /// The next batch of an installation's documents after where the upgrade is.
    async fn next_documents(
        &self,
        organisation: &OrganisationStore,
        upgrade: &Upgrade,
        installation: InstallationId,
    ) -> Result<Option<(String, Vec<tsudoi_kernel::ports::StoredDocument>)>, ServiceError> {
        for collection in organisation.collections_of(installation).await? {
            if collection < upgrade.collection {
                continue;
            }
            let after = upgrade.place.filter(|_| collection == upgrade.collection);
            let documents = organisation.documents_after(installation, &collection, after, BATCH).await?;
            if !documents.is_empty() {
                return Ok(Some((collection, documents)));
            }
        }
        Ok(None)
    }

    async fn step_part(&self, organisation: &OrganisationStore, upgrade: &Upgrade) -> Result<Part, ServiceError> {
        let after_steps = if upgrade.unindexed > 0 { Phase::Indexes } else { Phase::Switch };
        let context = match self.step_context(organisation, upgrade).await? {
            Some(context) => context,
            None => return Ok(Part::Lost),
        };
        if upgrade.steps > STEPS + upgrade.total {
            return Ok(Part::Failed(format!("endless: {} steps", upgrade.steps)));
        }
        if let Err(error) = self.loaded_plugin(&context.installation.package_hash).await {
            return if matches!(error, ServiceError::Unavailable(_)) {
                Ok(Part::Later)
            } else {
                Ok(Part::Failed(format!("step: {error}")))
            };
        }
        if !organisation.keep_upgrade(upgrade, self.claimed()).await? {
            return Ok(Part::Lost);
        }
        // A step that was committed before a stop gets its first answer again.
        let call_id = CallId(format!("upgrade:{}", upgrade.steps));
        let stepped = self.parts.upgrades.step(context, call_id, upgrade.from_version.clone(), upgrade.cursor.clone()).await;
        match stepped.map(|answered| answered.value) {
            Ok(None) => self.enter(organisation, upgrade, after_steps).await,
            Ok(cursor) if cursor == upgrade.cursor => Ok(Part::Failed("endless: a step answered the place where it began".to_owned())),
            Ok(cursor) => {
                let saved = organisation.save_step(upgrade, cursor.as_deref(), self.now()).await?;
                Ok(if saved { Part::On } else { Part::Lost })
            }
            Err(CallError::Busy | CallError::Unavailable(_) | CallError::Declined(Failure::Unavailable(_))) => Ok(Part::Later),
            Err(error) => Ok(Part::Failed(format!("step: {error}"))),
        }
    }

    async fn step_context(&self, organisation: &OrganisationStore, upgrade: &Upgrade) -> Result<Option<CallContext>, ServiceError> {
        let number = organisation.clock().await?;
        let Some(of) = self.organisation_of(upgrade.organisation).await? else { return Ok(None) };
        let Some(target) = organisation.installation_by_id(upgrade.target).await? else { return Ok(None) };
        let locale = of.locale;
        Ok(Some(CallContext {
            organisation: Arc::new(of),
            installation: Arc::new(Installation { enabled: true, ..target }),
            visitor: Arc::new(Visitor { system: true, ..Visitor::default() }),
            locale,
            number,
            request_id: format!("upgrade-{}", upgrade.target),
        }))
    }

    async fn organisation_of(&self, id: OrganisationId) -> Result<Option<Organisation>, ServiceError> {
        Ok(self.store().organisations_all_organisations().await?.into_iter().find(|organisation| organisation.id == id))
    }

    async fn index_part(&self, organisation: &OrganisationStore, upgrade: &Upgrade) -> Result<Part, ServiceError> {
        let Some(target) = organisation.installation_by_id(upgrade.target).await? else { return Ok(Part::Lost) };
        let Some((collection, documents)) = self.next_documents(organisation, upgrade, upgrade.target).await? else {
            return self.enter(organisation, upgrade, Phase::Switch).await;
        };
        let mut batch: Vec<(Uuid, _)> = Vec::with_capacity(documents.len());
        for document in documents {
            match self.parts.upgrades.index_keys(&target.manifest, &collection, document.id, &document.body) {
                Ok(keys) => batch.push((document.id, keys)),
                Err(unindexed) => return Ok(Part::Failed(format!("index: {collection} {}: {unindexed}", document.id))),
            }
        }
        match organisation.index_documents(upgrade, &collection, &batch, self.claimed()).await {
            Ok(true) => Ok(Part::On),
            Ok(false) => Ok(Part::Lost),
            Err(StoreError::Duplicate(_)) => {
                Ok(Part::Failed(format!("index: {collection}: a key that is there once only would be there twice")))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn switch(&self, organisation: &OrganisationStore, upgrade: &Upgrade) -> Result<Part, ServiceError> {
        let mut transaction = organisation.begin_change(self.now()).await?;
        if !transaction.switch_over(upgrade).await? {
            transaction.roll_back().await?;
            return Ok(Part::Lost);
        }
        let detail = format!("{} {} → {}", upgrade.plugin, upgrade.from_version, upgrade.to_version);
        transaction.record(&self.upgrade_entry(upgrade, "plugin-upgraded", detail)).await?;
        transaction.commit().await?;
        tracing::info!(plugin = upgrade.plugin, from = upgrade.from_version, to = upgrade.to_version, "a plugin was upgraded");
        Ok(Part::Lost)
    }

    /// The old version goes on, and the copy is removed in the same call where nothing stops it.
    async fn give_up(&self, organisation: &OrganisationStore, upgrade: &Upgrade, problem: &str) -> Result<(), ServiceError> {
        tracing::warn!(plugin = upgrade.plugin, to = upgrade.to_version, problem, "an upgrade failed; the old version goes on");
        let mut transaction = organisation.begin_change(self.now()).await?;
        let problem: String = problem.chars().take(1000).collect();
        if transaction.stop_upgrade(upgrade, &problem).await? {
            let detail = format!("{} {}", upgrade.plugin, upgrade.to_version);
            transaction.record(&self.upgrade_entry(upgrade, "plugin-upgrade-failed", detail)).await?;
            transaction.commit().await?;
        } else {
            transaction.roll_back().await?;
        }
        Ok(())
    }

    fn upgrade_entry(&self, upgrade: &Upgrade, action: &str, detail: String) -> AuditEntry {
        AuditEntry { id: self.fresh_id(), by: upgrade.by, action: action.into(), subject: format!("plugin:{}", upgrade.plugin), detail }
    }

    /// Begins to update wherever a newer version asks for nothing beyond what is allowed already. For operators who chose
    /// so; everywhere else staff do it. Answers how many were begun.
    pub async fn begin_automatic_upgrades(&self) -> Result<u32, ServiceError> {
        let mut begun = 0;
        for organisation in self.store().organisations_all_organisations().await? {
            let editor = self.editor_of(organisation.id, None);
            for summary in self.plugin_switchboard(&editor.store).await? {
                let Some((installation, _)) = &summary.installed else { continue };
                let newer = Rank::of(&installation.manifest) < Rank::of(&summary.manifest);
                // One that failed is left to staff.
                let idle = installation.enabled && !installation.upgrading && summary.upgrade.is_none();
                if !newer || !idle || !Wider::between(&installation.manifest, &summary.manifest).is_empty() {
                    continue;
                }
                let consent = Consent::as_granted(installation, &summary);
                match editor.enable_plugin(&summary.manifest.id, &consent).await {
                    Ok(_) => begun += 1,
                    Err(EnableError::Service(error)) => return Err(error),
                    Err(error) => tracing::info!(plugin = summary.manifest.id, %error, "an update waits for staff"),
                }
            }
        }
        Ok(begun)
    }

    /// Erases what was replaced long ago and what was uninstalled. Answers how many installations are gone.
    pub async fn erase_what_left(&self) -> Result<u32, ServiceError> {
        let before = self.now().plus_seconds(-FORMER_FOR);
        self.store().retire_former_all_organisations(before).await?;
        let mut gone = 0;
        for (organisation, installation) in self.store().erasing_all_organisations().await? {
            while self.store().organisation(organisation).erase_batch(installation).await? {}
            gone += 1;
        }
        Ok(gone)
    }
}

impl Editor {
    /// Begins to upgrade to a package with what was agreed to. [`ServiceError::Changed`] where an upgrade is under way.
    pub(super) async fn begin_upgrade(
        &self,
        current: &Installation,
        package: &PackageSummary,
        consent: &Consent,
    ) -> Result<(), ServiceError> {
        let granted = package.manifest.granted_by(&consent.interfaces);
        let draft = UpgradeDraft {
            target: InstallationId(self.services.fresh_id()),
            manifest: &package.manifest,
            package_hash: &package.hash,
            interfaces: &granted,
            member_fields: &consent.member_fields,
            by: self.by,
        };
        let mut transaction = self.begin().await?;
        if !transaction.begin_upgrade(current, &draft).await? {
            transaction.roll_back().await?;
            return Err(ServiceError::Changed);
        }
        self.note(&transaction, "plugin-upgrade-begun", &package.manifest).await?;
        transaction.commit().await?;
        self.services.upgrades.notify_one();
        Ok(())
    }

    /// Stops an upgrade that is under way: the old version goes on as it was. False where there is none.
    pub async fn stop_upgrade(&self, plugin: &str) -> Result<bool, ServiceError> {
        let Some(upgrade) = self.store.upgrade(plugin).await?.filter(Upgrade::is_running) else { return Ok(false) };
        let mut transaction = self.begin().await?;
        let stopped = transaction.stop_upgrade(&upgrade, "stopped:").await?;
        if stopped {
            self.record(&transaction, "plugin-upgrade-stopped", format!("plugin:{plugin}"), &format!("{plugin} {}", upgrade.to_version))
                .await?;
        }
        transaction.commit().await?;
        self.services.upgrades.notify_one();
        Ok(stopped)
    }

    /// The version before the present one, while it is kept, and what going back to it would lose.
    pub async fn former_version(&self, plugin: &str) -> Result<Option<FormerInstallation>, ServiceError> {
        Ok(self.store.former_installation(plugin).await?)
    }

    /// Erases the version before the present one, with its package where nobody else has it: staff can't go back to it
    /// any more.
    pub async fn forget_former_version(&self, plugin: &str) -> Result<(), ServiceError> {
        let Some(former) = self.former_version(plugin).await? else { return Ok(()) };
        self.store.retire_former(former.installation.id).await?;
        while self.store.erase_batch(former.installation.id).await? {}
        Ok(self.services.store().delete_package_all_organisations(&former.installation.package_hash).await?)
    }

    /// Back to the version before, with its documents as they were then. [`ServiceError::NotFound`] where it is not kept
    /// any more, [`ServiceError::Changed`] where it is not `from`, which staff were shown, that is the present one.
    pub async fn roll_back_plugin(&self, plugin: &str, from: InstallationId) -> Result<(), ServiceError> {
        let current = self.installed(plugin).await?;
        if current.id != from || current.upgrading {
            return Err(ServiceError::Changed);
        }
        let former = self.store.former_installation(plugin).await?.ok_or(ServiceError::NotFound)?.installation;
        self.services.loaded_plugin(&former.package_hash).await?;
        let mut transaction = self.begin().await?;
        transaction.roll_back_plugin(current.id, former.id, plugin).await?;
        let detail = format!("{plugin} {} → {}", current.manifest.version, former.manifest.version);
        self.record(&transaction, "plugin-rolled-back", format!("plugin:{plugin}"), &detail).await?;
        transaction.commit().await?;
        self.services.upgrades.notify_one();
        Ok(())
    }
}

#[cfg(test)]
#[path = "upgrade_tests.rs"]
mod tests;
