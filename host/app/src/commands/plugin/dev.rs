//! `tsudoi plugin dev`: a plugin in a site that is served, built and switched over anew whenever one of its files is saved. Each
//! build is an update like any other: documents are copied, `upgrade` steps run, open pages show what is new by themselves.

use super::build;
use crate::config::Config;
use crate::demo::content;
use crate::ports::SystemClock;
use crate::wiring::{self, House, Mode};
use anyhow::{Context, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tsudoi_kernel::{Clock, Locale, Organisation, Timestamp};
use tsudoi_services::plugins::{Consent, DEV_BUILD, Enabled};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_millis(300);

#[derive(clap::Args)]
#[group(skip)]
pub struct Arguments {
    #[command(flatten)]
    build: build::Arguments,
    /// Where the plugin shall be switched on; where there is one organisation only, there.
    #[arg(long, value_name = "SLUG")]
    organisation: Option<String>,
}

pub async fn run(config: &Config, arguments: Arguments, demo: bool) -> anyhow::Result<()> {
    let mut slug = arguments.organisation.clone();
    if demo && slug.is_none() {
        slug = content::all()?.first().map(|content| content.organisation.slug.clone());
    }
    let house = wiring::house(config, Mode { dev: true, demo }).await?;
    let organisation = chosen(&house, config, slug).await?;
    let mut told_up_to = house.services.now();
    let mut seen = BTreeMap::new();
    loop {
        let now = files(&arguments.build.folder);
        if now == seen {
            tell_failures(&house, &organisation, &mut told_up_to).await?;
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(()),
                () = tokio::time::sleep(LOOK) => continue,
            }
        }
        seen = now;
        match renew(config, &house, &organisation, &arguments.build).await {
            Ok(told) => println!("{told}"),
            // The site goes on with the build before.
            Err(error) => eprintln!("{error:#}"),
        }
        println!("Waiting for the next change; Ctrl-C ends it.");
    }
}

/// What failed in the site since the last look: in whichever plugin, since an event of one may fail in another.
async fn tell_failures(house: &House, organisation: &Organisation, told_up_to: &mut Timestamp) -> anyhow::Result<()> {
    let failures = house.store.organisation(organisation.id).recent_plugin_failures(20).await?;
    let news: Vec<_> = failures.iter().filter(|failure| failure.at > *told_up_to).collect();
    for failure in news.iter().rev() {
        eprintln!("{}, {}: {}", failure.plugin, failure.place, failure.detail);
    }
    *told_up_to = news.iter().map(|failure| failure.at).max().unwrap_or(*told_up_to);
    Ok(())
}

async fn chosen(house: &House, config: &Config, slug: Option<String>) -> anyhow::Result<Organisation> {
    if let Some(slug) = slug {
        return super::super::organisation(house, &slug).await.with_context(|| format!("the data are those in {}", config.data.display()));
    }
    let all = house.store.organisations_all_organisations().await?;
    match &all[..] {
        [only] => Ok(only.clone()),
        [] => bail!("there is no organisation in {}: --demo uses those of the demo", config.data.display()),
        several => {
            let slugs: Vec<&str> = several.iter().map(|organisation| organisation.slug.as_str()).collect();
            bail!("say where, with --organisation: {}", slugs.join(", "))
        }
    }
}

/// One build, from the sources to the site.
async fn renew(config: &Config, house: &House, organisation: &Organisation, arguments: &build::Arguments) -> anyhow::Result<String> {
    let number = SystemClock.now().millis();
    let (manifest, bytes) = tokio::task::block_in_place(|| build::numbered(config, arguments, &format!("{DEV_BUILD}{number}")))?;
    let hash = house.services.install_package(bytes).await?.hash;
    let package = house.services.package(&hash).await?.with_context(|| format!("{} is gone", manifest.id))?;
    let editor = house.services.editor_of(organisation.id, None);
    if let Enabled::Upgrading = editor.enable_plugin(&manifest.id, &Consent::to_all(&package)).await? {
        super::life::carried_on(house, &house.store.organisation(organisation.id), &manifest.id).await?;
    }
    // Of builds only the present one is worth keeping; a version that was installed stays to go back to.
    if let Some(former) = editor.former_version(&manifest.id).await?
        && former.installation.manifest.version.contains(&format!("+{DEV_BUILD}"))
    {
        editor.forget_former_version(&manifest.id).await?;
    }
    let name = manifest.name.get(Locale::En);
    Ok(format!("{name} {} is on for {}: /p/{}/", manifest.version, organisation.slug, manifest.id))
}

/// The sources, with when and how large each was saved last.
fn files(folder: &Path) -> BTreeMap<PathBuf, (Option<SystemTime>, u64)> {
    let mut found = BTreeMap::new();
    collect(folder, &mut found);
    found
}

fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, (Option<SystemTime>, u64)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // What cargo and editors write is none of them.
        if name.starts_with('.') || name.ends_with('~') || ["target", "Cargo.lock"].contains(&name.as_str()) {
            continue;
        }
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => collect(&entry.path(), found),
            Ok(metadata) => {
                found.insert(entry.path(), (metadata.modified().ok(), metadata.len()));
            }
            Err(_) => {}
        }
    }
}
