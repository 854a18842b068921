//! Mails that a plugin's call causes: written in its commit, to the addresses that there are at that moment.

use crate::mail_wishes::Wish;
use crate::mails::{self, MailDraft, Refusable};
use crate::sql::placeholders;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::{FromQueryResult, Value};
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_kernel::MemberId;
use tsudoi_kernel::effects::{Addressees, Notice};
use tsudoi_kernel::ports::Scope;
use tsudoi_kernel::time::Timestamp;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct AddressRow {
    email: String,
    id: Uuid,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

#[derive(FromQueryResult)]
struct RefusalRow {
    plugin_id: String,
    mail: String,
}

const DAY_SECONDS: i64 = 24 * 60 * 60;

impl ChangeTransaction {
    /// One mail for each address, however many of a family share it.
    pub(crate) async fn notify(&mut self, scope: Scope, notice: &Notice) -> Result<(), StoreError> {
        let addresses: BTreeMap<String, Option<Uuid>> = match &notice.to {
            Addressees::Members(members) => self.addresses_of(members, notice).await?,
            Addressees::Staff(permission) => {
                let staff = self.staff().await?;
                staff.into_iter().filter(|staff| permission.is_held_by(&staff.permissions)).map(|staff| (staff.email, None)).collect()
            }
        };
        for ((address, member), n) in addresses.into_iter().zip(0_u128..) {
            // The notice's own id is as random as each of these has to be.
            let id = Uuid::from_u128(notice.id.as_u128().wrapping_add(n));
            let mail = MailDraft { id, recipient: address, subject: notice.subject.clone(), body: notice.text.clone(), at: self.at() };
            let about = Refusable { installation: scope.installation, member, plugin: &notice.plugin, mail: &notice.mail };
            mails::insert(&self.sql(), scope.organisation, &mail, Some(&about)).await?;
        }
        Ok(())
    }

    /// Each address that may be written to, with a member whose it is.
    async fn addresses_of(&self, members: &[MemberId], notice: &Notice) -> Result<BTreeMap<String, Option<Uuid>>, StoreError> {
        if members.is_empty() {
            return Ok(BTreeMap::new());
        }
        let wish = Wish { organisation: "m.organisation_id", email: "m.email", member: "m.id", plugin: "$2", topic: "$3" };
        let sql = format!(
            "SELECT m.email, m.id FROM members m WHERE m.organisation_id = $1 AND ({}) IS NULL AND m.id IN ({})",
            wish.barrier(),
            placeholders(3, members.len())
        );
        let first: [Value; 3] = [self.organisation().0.into(), notice.plugin.as_str().into(), notice.mail.as_str().into()];
        let rows: Vec<AddressRow> = self.sql().all(&sql, first.into_iter().chain(members.iter().map(|id| id.0.into()))).await?;
        Ok(rows.into_iter().map(|row| (row.email, Some(row.id))).collect())
    }

    /// Whether an installation has caused no more mails in the last 24 hours, with those of this commit, than it may.
    pub(crate) async fn is_mail_within_quota(&self, scope: Scope, most: u64) -> Result<bool, StoreError> {
        let since = Timestamp::from_millis(self.at().as_i64() - DAY_SECONDS * 1_000);
        let sql = "SELECT COUNT(*) AS count FROM mails WHERE organisation_id = $1 AND installation_id = $2 AND created > $3";
        let row: Option<CountRow> =
            self.sql().one(sql, [scope.organisation.0.into(), scope.installation.0.into(), since.as_i64().into()]).await?;
        Ok(row.is_none_or(|row| row.count.unsigned_abs() <= most))
    }
}

impl OrganisationStore {
    /// Plugins' mails that a member does not want, by plugin and name.
    pub async fn mail_refusals(&self, member: MemberId) -> Result<BTreeSet<(String, String)>, StoreError> {
        let sql = "SELECT plugin_id, mail FROM mail_refusals WHERE organisation_id = $1 AND member_id = $2";
        let rows: Vec<RefusalRow> = self.store.read().all(sql, [self.id.0.into(), member.0.into()]).await?;
        Ok(rows.into_iter().map(|row| (row.plugin_id, row.mail)).collect())
    }

    /// Whether a member wants a mail of a plugin's. It takes no clock: no call can read it.
    pub async fn set_mail_refused(&self, member: MemberId, plugin: &str, mail: &str, refused: bool) -> Result<(), StoreError> {
        let sql = if refused {
            "INSERT INTO mail_refusals (organisation_id, member_id, plugin_id, mail) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM mail_refusals WHERE organisation_id = $1 AND member_id = $2 AND plugin_id = $3 AND mail = $4"
        };
        self.store.write().execute(sql, [self.id.0.into(), member.0.into(), plugin.into(), mail.into()]).await?;
        Ok(())
    }
}
