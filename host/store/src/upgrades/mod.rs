//! Upgrades: the documents of a plugin's current installation are copied into one of the new version, in batches, and
//! one commit switches over. Whoever works on an upgrade holds a claim on its row: each batch checks it, so that a
//! second process, or one that was thought dead, changes nothing.

mod copy;
mod switch;
#[cfg(test)]
mod tests;

use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::BTreeSet;
use tsudoi_kernel::calls::Installation;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::{AccountId, InstallationId, OrganisationId, Timestamp};
use uuid::Uuid;

pub use copy::IndexedDocument;
pub use switch::FormerInstallation;

/// What an upgrade does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Documents are copied.
    Documents,
    /// Answers to forms that were sent already are copied.
    Answers,
    /// The new version makes the documents its own.
    Steps,
    /// What could not be put into an index while it was copied is put there.
    Indexes,
    Switch,
    /// It failed, and the copy is removed.
    Cleaning,
    /// It failed, and nothing of it is left but the reason.
    Over,
}

impl Phase {
    pub fn key(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Answers => "answers",
            Self::Steps => "steps",
            Self::Indexes => "indexes",
            Self::Switch => "switch",
            Self::Cleaning => "cleaning",
            Self::Over => "over",
        }
    }

    fn parse(key: &str) -> Self {
        let all = [Self::Documents, Self::Answers, Self::Steps, Self::Indexes, Self::Switch, Self::Cleaning];
        all.into_iter().find(|phase| phase.key() == key).unwrap_or(Self::Over)
    }
}

/// An upgrade under way, or the last one that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    pub organisation: OrganisationId,
    pub plugin: String,
    /// The installation that is upgraded.
    pub installation: InstallationId,
    /// The one that takes its place.
    pub target: InstallationId,
    pub from_version: String,
    pub to_version: String,
    pub phase: Phase,
    /// Where the copying is: the collection and the last document of it.
    pub collection: String,
    pub place: Option<Uuid>,
    pub answers_after: String,
    /// What the new version's last step answered.
    pub cursor: Option<String>,
    pub steps: u64,
    pub copied: u64,
    pub total: u64,
    /// Documents that do not stand in every index yet.
    pub unindexed: u64,
    /// How often it was put off since it last got on.
    pub tries: u64,
    /// Why it failed: a word, a colon, and the details.
    pub problem: Option<String>,
    pub by: Option<AccountId>,
    pub claim: Option<Uuid>,
    pub started: Timestamp,
}

impl Upgrade {
    pub fn is_running(&self) -> bool {
        !matches!(self.phase, Phase::Cleaning | Phase::Over)
    }
}

#[derive(FromQueryResult)]
struct UpgradeRow {
    organisation_id: Uuid,
    plugin_id: String,
    installation_id: Uuid,
    target_id: Uuid,
    from_version: String,
    to_version: String,
    phase: String,
    collection: String,
    place: Option<Uuid>,
    answers_after: String,
    cursor: Option<String>,
    steps: i64,
    copied: i64,
    total: i64,
    unindexed: i64,
    tries: i64,
    problem: Option<String>,
    account_id: Option<Uuid>,
    claim: Option<Uuid>,
    started: i64,
}

const COLUMNS: &str = "organisation_id, plugin_id, installation_id, target_id, from_version, to_version, phase, collection, place,
    answers_after, cursor, steps, copied, total, unindexed, tries, problem, account_id, claim, started";

impl From<UpgradeRow> for Upgrade {
    fn from(row: UpgradeRow) -> Self {
        Self {
            organisation: OrganisationId(row.organisation_id),
            plugin: row.plugin_id,
            installation: InstallationId(row.installation_id),
            target: InstallationId(row.target_id),
            from_version: row.from_version,
            to_version: row.to_version,
            phase: Phase::parse(&row.phase),
            collection: row.collection,
            place: row.place,
            answers_after: row.answers_after,
            cursor: row.cursor,
            steps: row.steps.unsigned_abs(),
            copied: row.copied.unsigned_abs(),
            total: row.total.unsigned_abs(),
            unindexed: row.unindexed.unsigned_abs(),
            tries: row.tries.unsigned_abs(),
            problem: row.problem,
            by: row.account_id.map(AccountId),
            claim: row.claim,
            started: Timestamp::from_millis(row.started),
        }
    }
}

/// A version to upgrade to, with what staff granted it.
pub struct UpgradeDraft<'a> {
    pub target: InstallationId,
    pub manifest: &'a Manifest,
    pub package_hash: &'a str,
    pub interfaces: &'a BTreeSet<String>,
    pub member_fields: &'a BTreeSet<String>,
    pub by: Option<AccountId>,
}

impl Store {
    /// Takes an upgrade that nobody works on: the one that waits longest.
    pub async fn claim_upgrade_all_organisations(
        &self,
        claim: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Upgrade>, StoreError> {
        let sql = format!(
            "UPDATE plugin_upgrades SET claim = $1, claimed_until = $2
             WHERE phase <> 'over' AND claimed_until <= $3 AND (organisation_id, plugin_id) = (
                 SELECT organisation_id, plugin_id FROM plugin_upgrades WHERE phase <> 'over' AND claimed_until <= $3
                 ORDER BY claimed_until, updated LIMIT 1)
             RETURNING {COLUMNS}"
        );
        let values = [claim.into(), until.as_i64().into(), now.as_i64().into()];
        Ok(self.write().one::<UpgradeRow>(&sql, values).await?.map(Into::into))
    }
}

impl OrganisationStore {
    /// Lets go of it until `again`: somebody else, or a later moment, may have more luck.
    pub async fn put_off_upgrade(&self, upgrade: &Upgrade, again: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE plugin_upgrades SET claim = NULL, claimed_until = $4, tries = tries + 1
            WHERE organisation_id = $1 AND plugin_id = $2 AND claim = $3";
        let [organisation, plugin, claim] = key(upgrade);
        self.store.write().execute(sql, [organisation, plugin, claim, again.as_i64().into()]).await?;
        Ok(())
    }

    /// Holds on to it for longer. False where it is somebody else's by now, or was stopped.
    pub async fn keep_upgrade(&self, upgrade: &Upgrade, until: Timestamp) -> Result<bool, StoreError> {
        hold(&self.store.write(), upgrade, "claimed_until = $5", [until.as_i64().into()]).await
    }

    /// On to another phase, from the start of it.
    pub async fn enter_phase(&self, upgrade: &Upgrade, phase: Phase, now: Timestamp) -> Result<bool, StoreError> {
        let set = "phase = $5, collection = '', place = NULL, tries = 0, updated = $6";
        hold(&self.store.write(), upgrade, set, [phase.key().into(), now.as_i64().into()]).await
    }

    /// A step of the new version is done: `cursor` is where the next one goes on.
    pub async fn save_step(&self, upgrade: &Upgrade, cursor: Option<&str>, now: Timestamp) -> Result<bool, StoreError> {
        let cursor = cursor.map(str::to_owned);
        hold(&self.store.write(), upgrade, "cursor = $5, steps = steps + 1, tries = 0, updated = $6", [cursor.into(), now.as_i64().into()])
            .await
    }
}

fn key(upgrade: &Upgrade) -> [Value; 3] {
    [upgrade.organisation.0.into(), upgrade.plugin.as_str().into(), upgrade.claim.into()]
}

/// Changes the row of an upgrade that is still ours and in the phase that we think. Parameters of `set` begin at `$5`.
async fn hold<C: ConnectionTrait>(
    sql: &Sql<'_, C>,
    upgrade: &Upgrade,
    set: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<bool, StoreError> {
    let update = format!("UPDATE plugin_upgrades SET {set} WHERE organisation_id = $1 AND plugin_id = $2 AND claim = $3 AND phase = $4");
    let values = key(upgrade).into_iter().chain([upgrade.phase.key().into()]).chain(values);
    Ok(sql.execute(&update, values).await? == 1)
}

impl OrganisationStore {
    /// Of this plugin: under way, or the last one that failed.
    pub async fn upgrade(&self, plugin: &str) -> Result<Option<Upgrade>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM plugin_upgrades WHERE organisation_id = $1 AND plugin_id = $2");
        Ok(self.store.read().one::<UpgradeRow>(&sql, [self.id.0.into(), plugin.into()]).await?.map(Into::into))
    }

    /// Of all plugins.
    pub async fn upgrades(&self) -> Result<Vec<Upgrade>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM plugin_upgrades WHERE organisation_id = $1 ORDER BY plugin_id");
        Ok(self.store.read().all::<UpgradeRow>(&sql, [self.id.0.into()]).await?.into_iter().map(Into::into).collect())
    }
}

impl ChangeTransaction {
    /// Begins to upgrade the current installation: its commands wait from this commit on, and those under way are
    /// refused by theirs, since the installation that they read has changed. False where an upgrade is under way.
    pub async fn begin_upgrade(&mut self, current: &Installation, draft: &UpgradeDraft<'_>) -> Result<bool, StoreError> {
        let organisation = self.organisation().0;
        let plugin = draft.manifest.id.as_str();
        let at = self.at().as_i64();
        let pause =
            "UPDATE installations SET upgrading = TRUE WHERE organisation_id = $1 AND id = $2 AND state = 'current' AND NOT upgrading";
        if self.sql().execute(pause, [organisation.into(), current.id.0.into()]).await? != 1 {
            return Ok(false);
        }
        // The last one that failed: what is left of its copy goes with the others that are being erased.
        let forget = "DELETE FROM plugin_upgrades WHERE organisation_id = $1 AND plugin_id = $2";
        self.sql().execute(forget, [organisation.into(), plugin.into()]).await?;
        self.sql()
            .execute(
                "INSERT INTO installations (organisation_id, id, slot, plugin_id, package_hash, granted, member_fields, settings, enabled,
                     state, predecessor, since, created, updated)
                 SELECT organisation_id, $3, $4, plugin_id, $5, $6, $7, settings, FALSE, 'upcoming', id, $8, $8, $8
                 FROM installations WHERE organisation_id = $1 AND id = $2",
                [
                    organisation.into(),
                    current.id.0.into(),
                    draft.target.0.into(),
                    draft.target.to_string().into(),
                    draft.package_hash.into(),
                    serde_json::to_string(draft.interfaces)?.into(),
                    serde_json::to_string(draft.member_fields)?.into(),
                    at.into(),
                ],
            )
            .await?;
        self.copy_plugin_files(current.id, draft.target).await?;
        self.sql()
            .execute(
                "INSERT INTO plugin_upgrades (organisation_id, plugin_id, installation_id, target_id, from_version, to_version, state, phase,
                     collection, answers_after, steps, copied, total, unindexed, tries, account_id, claimed_until, started, updated)
                 SELECT organisation_id, plugin_id, id, $3, $4, $5, 'running', 'documents', '', '', 0, 0, documents, 0, 0, $6, 0, $7, $7
                 FROM installations WHERE organisation_id = $1 AND id = $2",
                [
                    organisation.into(),
                    current.id.0.into(),
                    draft.target.0.into(),
                    current.manifest.version.as_str().into(),
                    draft.manifest.version.as_str().into(),
                    draft.by.map(|account| account.0).into(),
                    at.into(),
                ],
            )
            .await?;
        self.touch_installation(current.id);
        Ok(true)
    }
}
