//! What every request begins with: the organisation with its published site, and the session with whom it belongs to.
//! One statement each, since every page pays for them.

use crate::memberships::status_of;
use crate::organisations::{COLUMNS, OrganisationRow};
use crate::session_desk::Asked;
use crate::sql::placeholders;
use crate::{OrganisationStore, Store, StoreError};
use sea_orm::{DbErr, FromQueryResult, QueryResult, Value};
use std::collections::BTreeSet;
use tsudoi_kernel::visitor::{MemberFacts, StaffFacts};
use tsudoi_kernel::{AccountId, MemberId, Organisation, Permission, Timestamp};
use uuid::Uuid;

/// How a request names its organisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OrganisationKey {
    Slug(String),
    /// One of its own domains: lower case, without port.
    Host(String),
    /// The only one that there is; finds none where there are several.
    Only,
}

/// An organisation with what all its pages show.
#[derive(Debug, Clone)]
pub struct OrganisationVisit {
    pub organisation: Organisation,
    /// Its clock at that moment.
    pub number: u64,
    /// Ids of the plugins that are enabled.
    pub enabled_plugins: BTreeSet<String>,
    /// The published revision of its site: its id and body (JSON). `None` before the first.
    pub site: Option<(Uuid, String)>,
}

/// A session that has not run out, with whom it belongs to.
#[derive(Debug, Clone)]
pub struct SessionVisit {
    pub id: Uuid,
    pub account: AccountId,
    pub member: Option<MemberFacts>,
    pub staff: Option<StaffFacts>,
    /// JSON: as whom staff look at the site at the moment.
    pub see_as: Option<String>,
    pub last_seen: Timestamp,
    pub expires: Timestamp,
    /// Whether the account was made for the demo.
    pub demo: bool,
    /// The organisation's clock at that moment.
    pub number: u64,
}

struct OrganisationVisitRow(OrganisationVisit);

impl FromQueryResult for OrganisationVisitRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let organisation = OrganisationRow::from_query_result(row, prefix)?.into();
        let clock: i64 = row.try_get(prefix, "clock")?;
        let revision: Option<Uuid> = row.try_get(prefix, "site_revision")?;
        let body: Option<String> = row.try_get(prefix, "site_body")?;
        let enabled: Option<String> = row.try_get(prefix, "enabled_plugins")?;
        let enabled_plugins = enabled.iter().flat_map(|ids| ids.split(',')).map(str::to_owned).collect();
        Ok(Self(OrganisationVisit { organisation, number: clock.unsigned_abs(), enabled_plugins, site: revision.zip(body) }))
    }
}

#[derive(FromQueryResult)]
struct SessionRow {
    token_hash: Vec<u8>,
    organisation_id: Uuid,
    id: Uuid,
    account_id: Uuid,
    see_as: Option<String>,
    last_seen: i64,
    expires: i64,
    demo: bool,
    member_id: Option<Uuid>,
    member_name: Option<String>,
    member_type: Option<String>,
    status: Option<String>,
    tier: Option<String>,
    label: Option<String>,
    staff_name: Option<String>,
    permissions: Option<String>,
    clock: i64,
}

impl Store {
    pub async fn visit_all_organisations(&self, key: &OrganisationKey) -> Result<Option<OrganisationVisit>, StoreError> {
        let (condition, value) = match key {
            OrganisationKey::Slug(slug) => ("o.slug = $1", Some(slug)),
            OrganisationKey::Host(host) => ("o.id = (SELECT organisation_id FROM organisation_hosts WHERE host = $1)", Some(host)),
            OrganisationKey::Only => ("(SELECT count(*) FROM organisations) = 1", None),
        };
        let list = if self.is_sqlite() { "group_concat" } else { "string_agg" };
        let sql = format!(
            "SELECT {COLUMNS}, o.clock, r.id AS site_revision, r.body AS site_body,
                    (SELECT {list}(i.plugin_id, ',') FROM installations i WHERE i.organisation_id = o.id AND i.enabled) AS enabled_plugins
             FROM organisations o LEFT JOIN revisions r ON r.organisation_id = o.id AND r.id = o.site_published
             WHERE {condition}"
        );
        let row = self.read().one::<OrganisationVisitRow>(&sql, value.map(|value| value.as_str().into())).await?;
        Ok(row.map(|row| row.0))
    }
}

impl OrganisationStore {
    /// By the SHA-256 of the session's token. `None` for one that ran out, or of another organisation.
    pub async fn session_visit(&self, token_hash: &[u8], now: Timestamp) -> Result<Option<SessionVisit>, StoreError> {
        self.store.looked_up(Asked { organisation: self.id, token_hash: token_hash.to_vec(), now }).await
    }
}

impl Store {
    /// Each answer is one of the asker's own organisation. In one statement, whoever asks.
    pub(crate) async fn session_visits(&self, asked: &[Asked]) -> Result<Vec<Option<SessionVisit>>, StoreError> {
        // Few lengths, so that few statements are prepared; the last one is asked for again to fill up.
        let wanted = asked.len().next_power_of_two();
        let sql = format!(
            "SELECT s.token_hash, s.organisation_id, s.id, s.account_id, s.see_as, s.last_seen, s.expires, a.demo, m.id AS member_id,
                    m.display_name AS member_name, m.member_type, m.status, m.tier, l.label, f.display_name AS staff_name, f.permissions, o.clock
             FROM sessions s
             JOIN organisations o ON o.id = s.organisation_id
             JOIN accounts a ON a.id = s.account_id
             LEFT JOIN members m ON m.organisation_id = s.organisation_id AND m.id = s.member_id AND m.account_id = s.account_id
             LEFT JOIN member_labels l ON l.organisation_id = m.organisation_id AND l.member_id = m.id
             LEFT JOIN staff f ON f.organisation_id = s.organisation_id AND f.account_id = s.account_id
             WHERE s.token_hash IN ({})",
            placeholders(0, wanted)
        );
        let hashes = asked.iter().map(|asked| &asked.token_hash);
        let filling = std::iter::repeat_n(asked.last().map(|asked| &asked.token_hash), wanted - asked.len()).flatten();
        let rows: Vec<SessionRow> = self.read().all(&sql, hashes.chain(filling).map(|hash| Value::from(hash.clone()))).await?;
        asked.iter().map(|asked| SessionRow::visit_of(asked, &rows)).collect()
    }
}

impl SessionRow {
    /// The session that `asked` is about: of that organisation, and not over by then. One row for each of the member's labels.
    fn visit_of(asked: &Asked, rows: &[Self]) -> Result<Option<SessionVisit>, StoreError> {
        let is_of = |row: &&Self| {
            row.token_hash == asked.token_hash && row.organisation_id == asked.organisation.0 && row.expires > asked.now.as_i64()
        };
        let Some(row) = rows.iter().find(is_of) else { return Ok(None) };
        let account = AccountId(row.account_id);
        let member = match row.member_id {
            Some(id) => Some(MemberFacts {
                id: MemberId(id),
                display_name: row.member_name.clone().unwrap_or_default(),
                member_type: row.member_type.clone(),
                status: status_of(row.status.as_deref().unwrap_or_default())?,
                tier: row.tier.clone(),
                labels: rows.iter().filter(is_of).filter_map(|row| row.label.clone()).collect(),
            }),
            None => None,
        };
        let staff = match &row.permissions {
            Some(permissions) => Some(StaffFacts {
                account,
                display_name: row.staff_name.clone().unwrap_or_default(),
                permissions: serde_json::from_str::<BTreeSet<Permission>>(permissions)?,
            }),
            None => None,
        };
        Ok(Some(SessionVisit {
            id: row.id,
            account,
            member,
            staff,
            see_as: row.see_as.clone(),
            last_seen: Timestamp::from_millis(row.last_seen),
            expires: Timestamp::from_millis(row.expires),
            demo: row.demo,
            number: row.clock.unsigned_abs(),
        }))
    }
}
