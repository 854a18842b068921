//! Organisations: making one, with a site to begin with.

mod hosts;
mod starter;
#[cfg(test)]
mod tests;

use crate::{ServiceError, Services};
use tsudoi_kernel::organisation::is_slug;
use tsudoi_kernel::{Email, Locale, Organisation, OrganisationId};
use tsudoi_store::StoreError;

/// What an operator asks for.
#[derive(Debug, Clone)]
pub struct NewOrganisation {
    pub slug: String,
    pub name: String,
    pub locale: Locale,
    /// An IANA name.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
    /// Domains of its own, such as `www.example.jp`.
    pub hosts: Vec<String>,
    pub contact_email: Option<Email>,
}

/// The theme of a new organisation.
const THEME: &str = "commons";

const LONGEST_NAME: usize = 60;

/// Why an organisation was not made. The texts are for operators.
#[derive(Debug, thiserror::Error)]
pub enum OrganisationError {
    #[error("--slug `{0}` can't be part of an address: allowed are 1 to 40 of a-z, 0-9 and -, not - at an end")]
    Slug(String),
    #[error("--name has 1 to {LONGEST_NAME} characters on one line")]
    Name,
    #[error("--time-zone `{0}` is not known: an IANA name is expected, such as Asia/Tokyo or Europe/London")]
    TimeZone(String),
    #[error("--currency `{0}` is not a currency: three capital letters are expected, such as JPY or EUR")]
    Currency(String),
    #[error("--host `{0}` is not a domain: a name without port and path is expected, such as www.example.jp")]
    Host(String),
    #[error("the slug `{0}` is taken")]
    SlugTaken(String),
    #[error("a domain of these is taken by an organisation: {0}")]
    HostTaken(String),
    #[error("`{0}` is not one of its domains")]
    NoSuchHost(String),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl NewOrganisation {
    fn check(&self) -> Result<Vec<String>, OrganisationError> {
        if !is_slug(&self.slug) {
            return Err(OrganisationError::Slug(self.slug.clone()));
        }
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(OrganisationError::Name);
        }
        if self.time_zone.parse::<chrono_tz::Tz>().is_err() {
            return Err(OrganisationError::TimeZone(self.time_zone.clone()));
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(OrganisationError::Currency(self.currency.clone()));
        }
        self.hosts.iter().map(|host| hosts::domain(host)).collect()
    }
}

impl Services {
    /// Makes an organisation whose first pages are published. All of it or nothing.
    pub async fn create_organisation(&self, wanted: NewOrganisation) -> Result<Organisation, OrganisationError> {
        let mut hosts = wanted.check()?;
        let organisation = Organisation {
            id: OrganisationId(self.fresh_id()),
            slug: wanted.slug.clone(),
            name: wanted.name.trim().to_owned(),
            locale: wanted.locale,
            time_zone: wanted.time_zone.clone(),
            currency: wanted.currency.clone(),
            theme: THEME.into(),
        };
        // Where links in its mails lead, it must be found, unless somebody else is there.
        if let Some(host) = self.public_host(&organisation)
            && !hosts.contains(&host)
            && self.store().organisation_by_host_all_organisations(&host).await.map_err(ServiceError::from)?.is_none()
        {
            hosts.push(host);
        }
        match self.store().create_organisation_all_organisations(&organisation, &hosts, self.now()).await {
            Err(StoreError::Duplicate(_)) => {
                let taken = self.store().organisation_by_slug_all_organisations(&wanted.slug).await.map_err(ServiceError::from)?;
                return Err(match taken {
                    Some(_) => OrganisationError::SlugTaken(wanted.slug),
                    None => OrganisationError::HostTaken(hosts.join(", ")),
                });
            }
            made => made.map_err(ServiceError::from)?,
        }
        if let Err(error) = self.furnish(&organisation, &wanted).await {
            self.store().delete_organisation_all_organisations(organisation.id).await.map_err(ServiceError::from)?;
            return Err(error.into());
        }
        Ok(organisation)
    }

    async fn furnish(&self, organisation: &Organisation, wanted: &NewOrganisation) -> Result<(), ServiceError> {
        let editor = self.editor_of(organisation.id, None);
        let pages = starter::pages(wanted)?;
        for page in &pages {
            editor.create_page(page, true).await?;
        }
        editor.save_frame(None, &starter::frame(organisation, wanted, &pages), true).await
    }
}
