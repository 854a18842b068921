//! A visitor's own page: what the organisation has about them, and their password.

use super::limits::Kind;
use super::name_in_order;
use super::password::{Verdict, normalised};
use super::sessions::own;
use super::{AccountsError, Password};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::manifest::{Area, plugin_requests::redirect_path};
use tsudoi_kernel::membership::MembershipStatus;
use tsudoi_kernel::{MemberId, Timestamp};
use tsudoi_store::TimelineEntry;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountPage {
    pub name: String,
    /// Empty for staff who are no member, like the next three.
    pub number: String,
    pub email: String,
    /// The tier's name.
    pub tier: String,
    /// A date, `2026-11-22`.
    pub joined_on: String,
    /// The name of the type of membership.
    pub member_type: String,
    /// `None` for staff who are no member.
    pub status: Option<MembershipStatus>,
    /// The last day of the period that is on, where it has one, or of the last one.
    pub ends_on: String,
    pub has_password: bool,
}

/// Something that a plugin wrote down about what a member did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineLine {
    /// Its name.
    pub plugin: String,
    pub summary: String,
    /// Where it opens, while the plugin is on.
    pub url: Option<String>,
    pub at: Timestamp,
}

/// Lines of a timeline that one's own page shows.
const LINES: u32 = 20;

impl Services {
    /// What the visitor, as a member, did lately: the newest first.
    pub async fn own_timeline(&self, visit: &Visit) -> Result<Vec<TimelineLine>, ServiceError> {
        let Some(member) = &own(visit)?.member else { return Ok(Vec::new()) };
        self.timeline_of(visit, member.id, LINES).await
    }

    /// What a member did lately: the newest first.
    pub(crate) async fn timeline_of(&self, visit: &Visit, member: MemberId, most: u32) -> Result<Vec<TimelineLine>, ServiceError> {
        let store = self.of(visit);
        let entries = store.timeline(member, Some(most)).await?;
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let installations = store.installations_of_any_state().await?;
        let line = |entry: TimelineEntry| {
            let (_, installation) = installations.iter().find(|(_, installation)| installation.id == entry.installation)?;
            let manifest = &installation.manifest;
            let path = entry.path.filter(|_| self.is_on(installation));
            Some(TimelineLine {
                plugin: manifest.name.get(visit.locale).to_owned(),
                summary: entry.summary,
                url: path.and_then(|path| redirect_path(Area::Site, &manifest.id, &path)),
                at: entry.at,
            })
        };
        Ok(entries.into_iter().filter_map(line).collect())
    }

    pub async fn account_page(&self, visit: &Visit) -> Result<AccountPage, ServiceError> {
        let session = own(visit)?;
        let store = self.of(visit);
        let account = self.store().account_all_organisations(session.account).await?.ok_or(ServiceError::Forbidden)?;
        let mut page = AccountPage { has_password: account.password_hash.is_some(), ..AccountPage::default() };
        let member = match &session.member {
            Some(facts) => store.member(facts.id).await?,
            None => None,
        };
        if let Some(member) = member {
            let name = name_in_order(visit.organisation.locale, &member.family_name, &member.given_name);
            page.name = name.unwrap_or(member.display_name);
            page.number = member.number;
            page.email = member.email.unwrap_or_default();
            page.joined_on = member.joined_on.unwrap_or_default();
            let audience = store.audience().await?;
            page.tier = member.tier.map(|key| audience.tier(&key, visit.locale).to_owned()).unwrap_or_default();
            page.member_type = member.member_type.map(|key| audience.member_type(&key, visit.locale).to_owned()).unwrap_or_default();
            page.status = Some(member.status);
            let today = self.today(visit);
            let entries = store.period_entries(member.id).await?;
            let begun = entries.iter().find(|entry| entry.replaced.is_none() && entry.period.begins <= today);
            page.ends_on = begun.and_then(|entry| entry.period.ends).map(|ends| ends.to_string()).unwrap_or_default();
        } else if let Some(staff) = &session.staff {
            page.name.clone_from(&staff.display_name);
            let people = store.people_of_account(session.account).await?;
            page.email = people.into_iter().find_map(|person| person.email).unwrap_or_default();
        }
        Ok(page)
    }

    /// Changes the password of the visitor's account and ends its other sessions. An account without one gets its first
    /// here, unless it is used in other organisations: this session may come from an address that only this
    /// organisation vouches for.
    pub async fn change_password(&self, visit: &Visit, current: &str, new: &str) -> Result<(), AccountsError> {
        let session = own(visit)?;
        let account = self.store().account_all_organisations(session.account).await?.ok_or(ServiceError::Forbidden)?;
        match &account.password_hash {
            Some(hash) => {
                let key = account.id.to_string();
                self.meter().count(Kind::PasswordsByIdentifier, &key, self.now())?;
                if self.check_password(&normalised(current), Some(hash)).await? == Verdict::Wrong {
                    return Err(AccountsError::WrongPassword);
                }
                self.meter().give_back(Kind::PasswordsByIdentifier, &key);
            }
            None if self.of(visit).is_account_known_elsewhere_all_organisations(account.id).await? => {
                return Err(AccountsError::ByMailOnly);
            }
            None => {}
        }
        let people = self.of(visit).people_of_account(account.id).await?;
        let identifiers = people.iter().flat_map(|person| [person.number.as_str(), person.email.as_deref().unwrap_or_default()]);
        let password = Password::new(new, identifiers)?;
        let hash = self.hash_password(&password).await?;
        self.store().set_password_all_organisations(account.id, &hash, Some(session.id)).await?;
        Ok(())
    }
}
