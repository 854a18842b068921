//! The domains of an organisation: by them a request finds its site.

use super::OrganisationError;
use crate::{ServiceError, Services};
use tsudoi_kernel::Organisation;
use tsudoi_store::StoreError;

/// As browsers send it: lower case, other scripts in Punycode.
pub(super) fn domain(text: &str) -> Result<String, OrganisationError> {
    match url::Host::parse(text.trim()) {
        Ok(url::Host::Domain(domain)) if domain.contains('.') && !domain.ends_with('.') && !domain.contains(['_', '*']) => Ok(domain),
        _ => Err(OrganisationError::Host(text.to_owned())),
    }
}

impl Services {
    /// The domain that links in the organisation's mails lead to; `None` where that is this very machine.
    pub fn public_host(&self, organisation: &Organisation) -> Option<String> {
        let address = url::Url::parse(&self.public_url(organisation)).ok()?;
        domain(address.host_str()?).ok().filter(|host| !host.ends_with(".localhost"))
    }

    /// Its domains, in order.
    pub async fn hosts(&self, organisation: &Organisation) -> Result<Vec<String>, ServiceError> {
        Ok(self.store().organisation(organisation.id).hosts().await?)
    }

    pub async fn add_host(&self, organisation: &Organisation, host: &str) -> Result<(), OrganisationError> {
        let host = domain(host)?;
        match self.store().organisation(organisation.id).add_host(&host).await {
            Err(StoreError::Duplicate(_)) => Err(OrganisationError::HostTaken(host)),
            added => Ok(added.map_err(ServiceError::from)?),
        }
    }

    pub async fn remove_host(&self, organisation: &Organisation, host: &str) -> Result<(), OrganisationError> {
        let host = domain(host)?;
        let removed = self.store().organisation(organisation.id).remove_host(&host).await.map_err(ServiceError::from)?;
        if removed { Ok(()) } else { Err(OrganisationError::NoSuchHost(host)) }
    }
}
