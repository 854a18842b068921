//! The commands of `tsudoi`, one file for each. What they say is for operators: English, one line for each thing.

pub mod backup;
pub mod demo;
pub mod doctor;
pub mod member;
pub mod organisation;
pub mod plugin;
pub mod serve;
pub mod staff;

use crate::wiring::House;
use anyhow::Context;
use tsudoi_kernel::{Locale, Organisation};
use tsudoi_services::ServiceError;

/// The organisation that a command names.
async fn organisation(house: &House, slug: &str) -> anyhow::Result<Organisation> {
    let found = house.store.organisation_by_slug_all_organisations(slug).await?;
    found.with_context(|| format!("there is no organisation `{slug}`: `tsudoi organisation list` shows those that there are"))
}

/// What is wrong with what was typed, in words.
fn explained(house: &House, error: ServiceError) -> anyhow::Error {
    let ServiceError::Invalid(faults) = error else { return error.into() };
    let fault = |(field, key): &(String, &'static str)| {
        let text = house.catalogue.text(Locale::En, key).unwrap_or_else(|| (*key).to_owned());
        format!("--{}: {text}", if field == "display_name" { "name" } else { field })
    };
    anyhow::anyhow!(faults.iter().map(fault).collect::<Vec<_>>().join("; "))
}
