//! Fills a database for `tests/examples/bench_many.rs`: so many organisations, each with the plugins switched on that are
//! installed there, or with none.
//!
//! `many_organisations DATABASE-URL COUNT all|none`

use std::collections::BTreeSet;
use std::error::Error;
use tsudoi_kernel::{InstallationId, Locale, Organisation, OrganisationId, Timestamp};
use tsudoi_store::{Options, Store};
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, count, which] = &arguments[..] else { return Err("DATABASE-URL COUNT all|none".into()) };
    let count: u128 = count.parse()?;
    let store = Store::connect(&Options { url: url.clone(), synchronous: "NORMAL".into(), connections: 2 }).await?;
    let packages = if which == "all" { store.packages_all_organisations().await? } else { Vec::new() };
    let at = Timestamp::from_millis(1_767_225_600_000);
    for number in 1..=count {
        let organisation = Organisation {
            id: OrganisationId(Uuid::from_u128(number << 64)),
            slug: format!("club-{number}"),
            name: format!("Club {number}"),
            locale: Locale::Ja,
            time_zone: "Asia/Tokyo".into(),
            currency: "JPY".into(),
            theme: "commons".into(),
        };
        store.create_organisation_all_organisations(&organisation, &[], at).await?;
        let mut change = store.organisation(organisation.id).begin_change(at).await?;
        for (n, package) in (1..).zip(&packages) {
            let granted: BTreeSet<String> = package.manifest.permissions.iter().map(|request| request.interface.clone()).collect();
            let id = InstallationId(Uuid::from_u128((number << 64) + n));
            change.enable_plugin(id, &package.manifest, &package.hash, &granted).await?;
        }
        change.commit().await?;
    }
    store.close().await?;
    Ok(())
}
