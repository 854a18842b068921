//! Members with their tiers and labels, and who can sign in by an address or a member number.

use crate::memberships::status_of;
use crate::sql::{Sql, placeholders};
use crate::{ChangeTransaction, Named, OrganisationStore, StoreError};
use sea_orm::{FromQueryResult, Value};
use std::collections::BTreeSet;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::contact::Contacts;
use tsudoi_kernel::membership::MembershipStatus;
use tsudoi_kernel::{AccountId, Email, Locale, MemberId, Timestamp};
use uuid::Uuid;

/// A member who is being entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberDraft {
    pub id: MemberId,
    /// Unique in the organisation.
    pub number: String,
    pub family_name: String,
    pub given_name: String,
    /// The reading in katakana; empty where it isn't known.
    pub family_kana: String,
    pub given_kana: String,
    /// What other members see.
    pub display_name: String,
    pub email: Option<Email>,
    pub account: Option<AccountId>,
    /// A tier's key.
    pub tier: Option<String>,
    /// Labels' keys.
    pub labels: BTreeSet<String>,
    /// A date, `2026-11-22`.
    pub joined_on: Option<String>,
    /// A date.
    pub born_on: Option<String>,
    /// For staff only.
    pub note: String,
    pub contacts: Contacts,
}

impl MemberDraft {
    /// One of whom no more is known.
    pub fn new(id: MemberId, number: impl Into<String>) -> Self {
        Self {
            id,
            number: number.into(),
            family_name: String::new(),
            given_name: String::new(),
            family_kana: String::new(),
            given_kana: String::new(),
            display_name: String::new(),
            email: None,
            account: None,
            tier: None,
            labels: BTreeSet::new(),
            joined_on: None,
            born_on: None,
            note: String::new(),
            contacts: Contacts::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub number: String,
    pub family_name: String,
    pub given_name: String,
    pub family_kana: String,
    pub given_kana: String,
    pub display_name: String,
    pub email: Option<String>,
    pub account: Option<AccountId>,
    pub tier: Option<String>,
    pub labels: BTreeSet<String>,
    pub joined_on: Option<String>,
    pub born_on: Option<String>,
    pub note: String,
    /// A type's key, by the periods.
    pub member_type: Option<String>,
    pub status: MembershipStatus,
    /// When the record was changed last: who changes it next says which one they saw.
    pub updated: Timestamp,
}

/// Somebody who may sign in: a member, or staff (then without member).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub account: Option<AccountId>,
    pub password_hash: Option<String>,
    /// The account was made for the demo.
    pub demo: bool,
    pub member: Option<MemberId>,
    pub number: String,
    pub family_name: String,
    pub given_name: String,
    pub display_name: String,
    pub email: Option<String>,
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: Uuid,
    number: String,
    family_name: String,
    given_name: String,
    family_kana: String,
    given_kana: String,
    display_name: String,
    email: Option<String>,
    account_id: Option<Uuid>,
    tier: Option<String>,
    joined_on: Option<String>,
    born_on: Option<String>,
    note: String,
    member_type: Option<String>,
    status: String,
    updated: i64,
    label: Option<String>,
}

#[derive(FromQueryResult)]
struct ValueRow {
    plugin_id: String,
    field: String,
    value: String,
}

#[derive(FromQueryResult)]
struct PersonRow {
    account_id: Option<Uuid>,
    password_hash: Option<String>,
    demo: bool,
    member_id: Option<Uuid>,
    number: String,
    family_name: String,
    given_name: String,
    display_name: String,
    email: Option<String>,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        Self {
            account: row.account_id.map(AccountId),
            password_hash: row.password_hash,
            demo: row.demo,
            member: row.member_id.map(MemberId),
            number: row.number,
            family_name: row.family_name,
            given_name: row.given_name,
            display_name: row.display_name,
            email: row.email,
        }
    }
}

async fn one_member<C: sea_orm::ConnectionTrait>(
    sql: &Sql<'_, C>,
    organisation: Uuid,
    condition: &str,
    value: Value,
) -> Result<Option<Member>, StoreError> {
    let select = format!(
        "SELECT m.id, m.number, m.family_name, m.given_name, m.family_kana, m.given_kana, m.display_name, m.email, m.account_id,
                m.tier, m.joined_on, m.born_on, m.note, m.member_type, m.status, m.updated, l.label
         FROM members m LEFT JOIN member_labels l ON l.organisation_id = m.organisation_id AND l.member_id = m.id
         WHERE m.organisation_id = $1 AND {condition}"
    );
    let rows: Vec<MemberRow> = sql.all(&select, [organisation.into(), value]).await?;
    let labels = rows.iter().filter_map(|row| row.label.clone()).collect();
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    Ok(Some(Member {
        id: MemberId(row.id),
        number: row.number,
        family_name: row.family_name,
        given_name: row.given_name,
        family_kana: row.family_kana,
        given_kana: row.given_kana,
        display_name: row.display_name,
        email: row.email,
        account: row.account_id.map(AccountId),
        tier: row.tier,
        labels,
        joined_on: row.joined_on,
        born_on: row.born_on,
        note: row.note,
        member_type: row.member_type,
        status: status_of(&row.status)?,
        updated: Timestamp::from_millis(row.updated),
    }))
}

/// The number that is the longest, and of these the last.
pub(crate) async fn last_number<C: sea_orm::ConnectionTrait>(sql: &Sql<'_, C>, organisation: Uuid) -> Result<Option<String>, StoreError> {
    #[derive(FromQueryResult)]
    struct NumberRow {
        number: String,
    }
    let select = "SELECT number FROM members WHERE organisation_id = $1 ORDER BY length(number) DESC, number DESC LIMIT 1";
    Ok(sql.one::<NumberRow>(select, [organisation.into()]).await?.map(|row| row.number))
}

/// More people than this under one address is not a family.
const MOST_PEOPLE: u32 = 30;

impl OrganisationStore {
    pub async fn member(&self, id: MemberId) -> Result<Option<Member>, StoreError> {
        self.one_member("m.id = $2", id.0.into()).await
    }

    pub async fn member_by_number(&self, number: &str) -> Result<Option<Member>, StoreError> {
        self.one_member("m.number = $2", number.into()).await
    }

    async fn one_member(&self, condition: &str, value: Value) -> Result<Option<Member>, StoreError> {
        one_member(&self.store.read(), self.id.0, condition, value).await
    }

    /// What plugins added to a member's record, as plugin, field and value.
    pub async fn member_values(&self, member: MemberId) -> Result<Vec<(String, String, serde_json::Value)>, StoreError> {
        let select = "SELECT plugin_id, field, value FROM member_values WHERE organisation_id = $1 AND member_id = $2
             ORDER BY plugin_id, field";
        let rows: Vec<ValueRow> = self.store.read().all(select, [self.id.0.into(), member.0.into()]).await?;
        rows.into_iter().map(|row| Ok((row.plugin_id, row.field, serde_json::from_str(&row.value)?))).collect()
    }

    /// Members, by number, and then staff with this address.
    pub async fn people_by_email(&self, email: &Email) -> Result<Vec<Person>, StoreError> {
        self.people("m.email = $2", "f.email = $2", vec![email.as_str().into()]).await
    }

    /// Members whose number is one of these spellings.
    pub async fn people_by_numbers(&self, numbers: &[String]) -> Result<Vec<Person>, StoreError> {
        let condition = format!("m.number IN ({})", placeholders(1, numbers.len()));
        self.people(&condition, "1 = 0", numbers.iter().map(|number| number.as_str().into()).collect()).await
    }

    /// Everything in this organisation that the account opens.
    pub async fn people_of_account(&self, account: AccountId) -> Result<Vec<Person>, StoreError> {
        self.people("m.account_id = $2", "f.account_id = $2", vec![account.0.into()]).await
    }

    async fn people(&self, of_members: &str, of_staff: &str, values: Vec<Value>) -> Result<Vec<Person>, StoreError> {
        let sql = format!(
            "SELECT m.account_id, a.password_hash, COALESCE(a.demo, FALSE) AS demo, m.id AS member_id, m.number, m.family_name,
                    m.given_name, m.display_name, m.email, 0 AS position
             FROM members m LEFT JOIN accounts a ON a.id = m.account_id WHERE m.organisation_id = $1 AND {of_members}
             UNION ALL
             SELECT f.account_id, a.password_hash, a.demo, NULL, '', '', '', f.display_name, f.email, 1
             FROM staff f JOIN accounts a ON a.id = f.account_id WHERE f.organisation_id = $1 AND {of_staff}
             ORDER BY position, number LIMIT {MOST_PEOPLE}"
        );
        let values = std::iter::once(self.id.0.into()).chain(values);
        Ok(self.store.read().all::<PersonRow>(&sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl ChangeTransaction {
    /// [`StoreError::Duplicate`] where the number is taken.
    pub async fn add_member(&mut self, draft: &MemberDraft) -> Result<(), StoreError> {
        let at = self.at().as_i64();
        let email = draft.email.as_ref().map(|email| email.as_str().to_owned());
        let insert = "INSERT INTO members (organisation_id, id, number, family_name, given_name, family_kana, given_kana,
                display_name, email, account_id, tier, joined_on, born_on, note, created, updated)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)";
        let values: [Value; 15] = [
            self.organisation().0.into(),
            draft.id.0.into(),
            draft.number.as_str().into(),
            draft.family_name.as_str().into(),
            draft.given_name.as_str().into(),
            draft.family_kana.as_str().into(),
            draft.given_kana.as_str().into(),
            draft.display_name.as_str().into(),
            email.into(),
            draft.account.map(|account| account.0).into(),
            draft.tier.clone().into(),
            draft.joined_on.clone().into(),
            draft.born_on.clone().into(),
            draft.note.as_str().into(),
            at.into(),
        ];
        self.sql().execute(insert, values).await?;
        add_labels(&self.sql(), self.organisation().0, draft.id, &draft.labels).await?;
        self.add_contacts(draft.id, &draft.contacts).await?;
        self.touch(Change::member(draft.id));
        Ok(())
    }

    /// As it is within this transaction.
    pub async fn current_member(&self, id: MemberId) -> Result<Option<Member>, StoreError> {
        one_member(&self.sql(), self.organisation().0, "m.id = $2", id.0.into()).await
    }

    /// As it is within this transaction.
    pub async fn current_member_by_number(&self, number: &str) -> Result<Option<Member>, StoreError> {
        one_member(&self.sql(), self.organisation().0, "m.number = $2", number.into()).await
    }

    /// Makes a member's record this, but for the account, which stays. [`StoreError::Duplicate`] where the number is taken.
    pub async fn change_member(&mut self, draft: &MemberDraft) -> Result<(), StoreError> {
        let update = "UPDATE members SET number = $3, family_name = $4, given_name = $5, family_kana = $6, given_kana = $7,
                display_name = $8, email = $9, tier = $10, joined_on = $11, born_on = $12, note = $13, updated = $14
             WHERE organisation_id = $1 AND id = $2";
        let values: [Value; 14] = [
            self.organisation().0.into(),
            draft.id.0.into(),
            draft.number.as_str().into(),
            draft.family_name.as_str().into(),
            draft.given_name.as_str().into(),
            draft.family_kana.as_str().into(),
            draft.given_kana.as_str().into(),
            draft.display_name.as_str().into(),
            draft.email.as_ref().map(|email| email.as_str().to_owned()).into(),
            draft.tier.clone().into(),
            draft.joined_on.clone().into(),
            draft.born_on.clone().into(),
            draft.note.as_str().into(),
            self.at().as_i64().into(),
        ];
        self.sql().execute(update, values).await?;
        self.set_member_labels(draft.id, &draft.labels).await?;
        self.set_contacts(draft.id, &draft.contacts).await
    }

    pub async fn set_member_labels(&mut self, member: MemberId, labels: &BTreeSet<String>) -> Result<(), StoreError> {
        let delete = "DELETE FROM member_labels WHERE organisation_id = $1 AND member_id = $2";
        self.sql().execute(delete, [self.organisation().0.into(), member.0.into()]).await?;
        add_labels(&self.sql(), self.organisation().0, member, labels).await?;
        self.touch(Change::member(member));
        Ok(())
    }

    pub async fn set_member_label(&mut self, member: MemberId, label: &str, present: bool) -> Result<(), StoreError> {
        let delete = "DELETE FROM member_labels WHERE organisation_id = $1 AND member_id = $2 AND label = $3";
        self.sql().execute(delete, [self.organisation().0.into(), member.0.into(), label.into()]).await?;
        if present {
            add_labels(&self.sql(), self.organisation().0, member, &BTreeSet::from([label.to_owned()])).await?;
        }
        self.touch(Change::member(member));
        Ok(())
    }

    pub async fn set_member_tier(&mut self, member: MemberId, tier: Option<&str>) -> Result<(), StoreError> {
        let update = "UPDATE members SET tier = $3, updated = $4 WHERE organisation_id = $1 AND id = $2";
        let tier = tier.map(str::to_owned);
        let values = [self.organisation().0.into(), member.0.into(), tier.into(), self.at().as_i64().into()];
        self.sql().execute(update, values).await?;
        self.touch(Change::member(member));
        Ok(())
    }

    /// What a field holds that a plugin added to the member's record; `null` empties it.
    pub async fn set_member_value(
        &mut self,
        member: MemberId,
        plugin: &str,
        field: &str,
        value: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let key: [Value; 4] = [self.organisation().0.into(), member.0.into(), plugin.into(), field.into()];
        if value.is_null() {
            let delete = "DELETE FROM member_values WHERE organisation_id = $1 AND member_id = $2 AND plugin_id = $3 AND field = $4";
            self.sql().execute(delete, key).await?;
        } else {
            let upsert = "INSERT INTO member_values (organisation_id, member_id, plugin_id, field, value, updated)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (organisation_id, member_id, plugin_id, field) DO UPDATE SET value = excluded.value, updated = excluded.updated";
            let more: [Value; 2] = [value.to_string().into(), self.at().as_i64().into()];
            self.sql().execute(upsert, key.into_iter().chain(more)).await?;
        }
        self.touch(Change::member(member));
        Ok(())
    }

    /// Makes these the organisation's tiers, lowest first.
    pub async fn set_tiers(&mut self, tiers: &[Named]) -> Result<(), StoreError> {
        let organisation = self.organisation().0;
        self.sql().execute("DELETE FROM tiers WHERE organisation_id = $1", [organisation.into()]).await?;
        for (tier, position) in tiers.iter().zip(0_i64..) {
            let insert = "INSERT INTO tiers (organisation_id, key, name_ja, name_en, position) VALUES ($1, $2, $3, $4, $5)";
            let [ja, en] = names(tier);
            self.sql().execute(insert, [organisation.into(), tier.key.as_str().into(), ja, en, position.into()]).await?;
        }
        self.touch(Change::fact("tiers"));
        Ok(())
    }

    /// Makes these the organisation's labels.
    pub async fn set_labels(&mut self, labels: &[Named]) -> Result<(), StoreError> {
        let organisation = self.organisation().0;
        self.sql().execute("DELETE FROM labels WHERE organisation_id = $1", [organisation.into()]).await?;
        for label in labels {
            let insert = "INSERT INTO labels (organisation_id, key, name_ja, name_en) VALUES ($1, $2, $3, $4)";
            let [ja, en] = names(label);
            self.sql().execute(insert, [organisation.into(), label.key.as_str().into(), ja, en]).await?;
        }
        self.touch(Change::fact("labels"));
        Ok(())
    }
}

fn names(named: &Named) -> [Value; 2] {
    [Locale::Ja, Locale::En].map(|locale| named.name.get(locale).into())
}

async fn add_labels<C: sea_orm::ConnectionTrait>(
    sql: &Sql<'_, C>,
    organisation: Uuid,
    member: MemberId,
    labels: &BTreeSet<String>,
) -> Result<(), StoreError> {
    if labels.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = (3..3 + labels.len()).map(|n| format!("($1, $2, ${n})")).collect();
    let insert = format!("INSERT INTO member_labels (organisation_id, member_id, label) VALUES {}", rows.join(", "));
    let values = [organisation.into(), member.0.into()].into_iter().chain(labels.iter().map(|label| label.as_str().into()));
    sql.execute(&insert, values).await?;
    Ok(())
}
