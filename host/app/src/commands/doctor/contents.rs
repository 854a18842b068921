//! What is in the database: organisations with their owners, domains and files, and plugins.

use super::{Report, host_of, is_local, one_line};
use crate::config::Config;
use crate::wiring::{self, Mode};
use tsudoi_kernel::Organisation;
use tsudoi_store::{Store, StoreError};

const RESTORE: &str = "Restore the last backup if it stays so";

/// Answers how many organisations there are.
pub(super) async fn look(report: &mut Report, config: &Config, store: &Store) -> usize {
    let organisations = match store.organisations_all_organisations().await {
        Ok(organisations) => organisations,
        Err(error) => {
            report.fault("organisations", error, RESTORE);
            return 0;
        }
    };
    if organisations.is_empty() {
        report.ok("organisations", "there are none yet: `tsudoi organisation create` makes one");
    }
    for organisation in &organisations {
        let what = format!("organisation {}", organisation.slug);
        let before = report.faults;
        if let Err(error) = one(report, &what, config, store, organisation).await {
            report.fault(&what, error, RESTORE);
        }
        if report.faults == before {
            report.ok(&what, &organisation.name);
        }
    }
    if let Err(error) = orphans(report, store).await {
        report.fault("plugins", error, RESTORE);
    }
    packages(report, config).await;
    organisations.len()
}

async fn one(report: &mut Report, what: &str, config: &Config, store: &Store, organisation: &Organisation) -> Result<(), StoreError> {
    let (rows, slug) = (store.organisation(organisation.id), &organisation.slug);
    if !rows.staff().await?.iter().any(|staff| staff.is_owner()) {
        let invite = format!("Run `tsudoi staff invite --organisation {slug} --email ADDRESS --name NAME --permission owner`");
        let invite = format!("{invite}; an invitation counts once its link was followed");
        report.fault(what, "nobody is its owner", invite);
    }
    let address = config.web.public_url.replace("{slug}", slug);
    let host = host_of(&address);
    if !is_local(config) && host.parse::<std::net::IpAddr>().is_err() && !rows.hosts().await?.iter().any(|own| own == host) {
        let found = format!("links in its mails lead to {host}, which is not one of its domains");
        report.fault(what, found, format!("Run `tsudoi organisation hosts --organisation {slug} --add {host}`"));
    }
    let missing = missing_files(config, store, organisation).await?;
    if !missing.is_empty() {
        let shown = missing.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
        report.fault(what, format!("the bytes of {} files are missing ({shown})", missing.len()), "Take them from the last backup");
    }
    Ok(())
}

/// Names of files that have a row and no bytes.
async fn missing_files(config: &Config, store: &Store, organisation: &Organisation) -> Result<Vec<String>, StoreError> {
    let mut missing = Vec::new();
    let mut before = None;
    loop {
        let files = store.organisation(organisation.id).files(false, before, 500).await?;
        let Some(last) = files.last() else { return Ok(missing) };
        before = Some(last.id);
        for file in &files {
            if !tsudoi_services::files::place(&config.files(), organisation.id, file.id, &file.sha256).exists() {
                missing.push(file.name.clone());
            }
        }
    }
}

async fn orphans(report: &mut Report, store: &Store) -> Result<(), StoreError> {
    for orphan in store.orphaned_installations_all_organisations().await? {
        let found = format!("{} has {} switched on, and its package is gone", orphan.slug, orphan.plugin_id);
        report.fault("plugins", found, "Install the package again with `tsudoi plugin install FILE`");
    }
    Ok(())
}

/// Whether each can be opened and compiled by this version.
async fn packages(report: &mut Report, config: &Config) {
    const WHAT: &str = "plugins";
    // Opening the house would make a key, and a missing one has been reported.
    if !config.data.join("secret.key").exists() {
        return;
    }
    let opened = match wiring::house(config, Mode::default()).await {
        Ok(house) => house.services.packages().await.map(|packages| (house.services, packages)).map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    let (services, packages) = match opened {
        Ok(opened) => opened,
        Err(error) => return report.fault(WHAT, one_line(&format!("{error:#}")), "Correct what is named above first"),
    };
    let mut sound = Vec::new();
    for package in packages {
        let name = format!("{} {}", package.manifest.id, package.manifest.version);
        match services.loaded_plugin(&package.hash).await {
            Ok(_) => sound.push(name),
            Err(error) => {
                let found = format!("{name} can't be opened: {}", one_line(&error.to_string()));
                report.fault(WHAT, found, "Install a newer version of it");
            }
        }
    }
    match sound.is_empty() {
        true => report.ok(WHAT, "there are none to open"),
        false => report.ok(WHAT, format!("{} can be opened", sound.join(", "))),
    }
}
