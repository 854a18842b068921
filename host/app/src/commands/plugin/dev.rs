//! `tsudoi plugin dev`: a plugin in a site that is served, built and switched over anew whenever one of its files is saved. Each
//! build is an update like any other: documents are copied, `upgrade` steps run, open pages show what is new by themselves.

use super::build;
use crate::config::Config;
use crate::demo;
use crate::ports::SystemClock;
use crate::wiring::{self, House, Mode};
use anyhow::{Context, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tsudoi_kernel::{Clock, Locale, Organisation};
use tsudoi_services::plugins::{Consent, Enabled};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_millis(300);
/// What a build's version ends in, after a `+`.
const BUILD: &str = "dev";

#[derive(clap::Args)]
#[group(skip)]
pub struct Arguments {
    #[command(flatten)]
    build: build::Arguments,
    /// Where the plugin shall be switched on; where there is one organisation only, there.
    #[arg(long, value_name = "SLUG")]
    organisation: Option<String>,
    /// In the demo of the checkout that this program was built from (`cargo xtask demo`); without --organisation its first.
    #[arg(long)]
    demo: bool,
}

pub async fn run(mut config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let mut slug = arguments.organisation.clone();
    if arguments.demo {
        config.data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/demo");
        if slug.is_none() {
            slug = demo::content::all()?.first().map(|content| content.organisation.slug.clone());
        }
        if !config.data.join("tsudoi.db").exists() {
            bail!("the demo has no data yet: start it with `cargo xtask demo`, and leave it running");
        }
    }
    let house = wiring::house(&config, Mode { dev: true, demo: arguments.demo }).await?;
    let organisation = chosen(&house, &config, slug).await?;
    let mut seen = BTreeMap::new();
    loop {
        let now = files(&arguments.build.folder);
        if now == seen {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(()),
                () = tokio::time::sleep(LOOK) => continue,
            }
        }
        seen = now;
        match renew(&config, &house, &organisation, &arguments.build).await {
            Ok(told) => println!("{told}"),
            // The site goes on with the build before.
            Err(error) => eprintln!("{error:#}"),
        }
        println!("Waiting for the next change; Ctrl-C ends it.");
    }
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
    let (manifest, bytes) = tokio::task::block_in_place(|| build::numbered(config, arguments, &format!("{BUILD}.{number}")))?;
    house.services.install_package(bytes).await?;
    let package = house.services.newest_package(&manifest.id).await?.with_context(|| format!("{} is gone", manifest.id))?;
    if package.manifest.version != manifest.version {
        bail!("version {} is installed already: give plugin.toml a version that is not lower", package.manifest.version);
    }
    let editor = house.services.editor_of(organisation.id, None);
    if let Enabled::Upgrading = editor.enable_plugin(&manifest.id, &Consent::to_all(&package)).await? {
        super::life::carried_on(house, &house.store.organisation(organisation.id), &manifest.id).await?;
    }
    // Of builds only the present one is worth keeping; a version that was installed stays to go back to.
    if let Some(former) = editor.former_version(&manifest.id).await?
        && former.installation.manifest.version.contains(&format!("+{BUILD}."))
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
