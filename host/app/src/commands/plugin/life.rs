//! The life of a plugin in an organisation: updates, back, and away.

use super::{asked, consent, of};
use crate::wiring::House;
use anyhow::{Context, bail};
use futures::TryStreamExt;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;
use tsudoi_kernel::Locale;
use tsudoi_services::plugins::{Consent, DryRun, Enabled};
use tsudoi_store::OrganisationStore;

#[derive(clap::Args)]
#[group(id = "data", required = true, multiple = false)]
pub struct What {
    /// Keep its data, to go on with it later.
    #[arg(long)]
    keep: bool,
    /// Write its data into a file, one line of JSON for each document, and erase it then.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Erase its data for good.
    #[arg(long)]
    erase: bool,
}

#[derive(clap::Args)]
pub struct Uninstall {
    #[arg(value_name = "ID")]
    id: String,
    #[arg(long, value_name = "SLUG")]
    organisation: String,
    #[command(flatten)]
    what: What,
    /// Don't ask.
    #[arg(long)]
    yes: bool,
}

pub async fn upgrade(house: &House, id: &str, slug: &str, yes: bool) -> anyhow::Result<()> {
    let store = of(house, slug).await?;
    let summaries = house.services.plugin_switchboard(&store).await?;
    let summary = summaries.iter().find(|summary| summary.manifest.id == id);
    let summary = summary.with_context(|| format!("there is no plugin `{id}`: `tsudoi plugin list` shows those that there are"))?;
    let Some((installation, _)) = &summary.installed else { bail!("{slug} has never had `{id}` switched on") };
    if installation.upgrading {
        return until_upgraded(house, &store, id).await;
    }
    if installation.package_hash == summary.package_hash {
        println!("{id} {} is the newest version.", installation.manifest.version);
        return Ok(());
    }
    let package = house.services.newest_package(id).await?.with_context(|| format!("{id} is gone"))?;
    let report = DryRun::of(summary, Locale::En);
    // What was left out of the grant stays left out, unless the new version asks for more.
    let consented = match report.wider.is_empty() {
        true => Consent::as_granted(installation, summary),
        false => Consent::to_all(&package),
    };
    if report.wider.is_empty() {
        println!("{id} {} asks for nothing beyond what {slug} allows.", package.manifest.version);
    } else {
        consent(house, &package.manifest).iter().for_each(|line| println!("{line}"));
    }
    if report.documents > 0 {
        println!("{} documents are copied; meanwhile nothing can be posted.", report.documents);
    }
    if !yes && !asked(&format!("Update {id} of {slug}?"))? {
        println!("It stays as it is.");
        return Ok(());
    }
    match house.services.editor_of(store.id(), None).enable_plugin(id, &consented).await? {
        Enabled::On => Ok(()),
        Enabled::Upgrading => until_upgraded(house, &store, id).await,
    }
}

/// Works on the upgrade, unless a process that serves does already, and says how it ended.
pub(super) async fn until_upgraded(house: &House, store: &OrganisationStore, id: &str) -> anyhow::Result<()> {
    carried_on(house, store, id).await?;
    let installation = store.installation(id).await?.with_context(|| format!("{id} is gone"))?;
    println!("{id} {} is on. `tsudoi plugin rollback` leads back for two weeks.", installation.manifest.version);
    Ok(())
}

pub(super) async fn carried_on(house: &House, store: &OrganisationStore, id: &str) -> anyhow::Result<()> {
    let mut said = 0;
    loop {
        house.services.carry_on_upgrades().await?;
        match store.upgrade(id).await? {
            None => return Ok(()),
            Some(upgrade) if !upgrade.is_running() => {
                bail!("the update did not work, and the old version goes on: {}", upgrade.problem.unwrap_or_default())
            }
            Some(upgrade) if upgrade.copied != said => {
                said = upgrade.copied;
                println!("{} of {} documents", upgrade.copied, upgrade.total);
            }
            Some(_) => {}
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}

pub async fn roll_back(house: &House, id: &str, slug: &str, yes: bool) -> anyhow::Result<()> {
    let store = of(house, slug).await?;
    let editor = house.services.editor_of(store.id(), None);
    let current = store.installation(id).await?.with_context(|| format!("{slug} has never had `{id}` switched on"))?;
    let former = editor.former_version(id).await?.with_context(|| format!("no earlier version of {id} is kept for {slug}"))?;
    println!("Back from {} to {}.", current.manifest.version, former.installation.manifest.version);
    println!("{} documents were written since the update: they are lost for good.", former.written_since);
    if !yes && !asked(&format!("Go back with {id} of {slug}?"))? {
        println!("It stays as it is.");
        return Ok(());
    }
    editor.roll_back_plugin(id, current.id).await?;
    house.services.erase_what_left().await?;
    println!("{id} {} is on for {slug}.", former.installation.manifest.version);
    Ok(())
}

pub async fn uninstall(house: &House, uninstall: Uninstall) -> anyhow::Result<()> {
    let Uninstall { id, organisation: slug, what, yes } = uninstall;
    let store = of(house, &slug).await?;
    let editor = house.services.editor_of(store.id(), None);
    let installation = editor.exportable(&id).await.with_context(|| format!("{slug} has nothing of `{id}`"))?;
    let question = if what.keep { "Uninstall it and keep its data?" } else { "Uninstall it and erase its data for good?" };
    if !yes && !asked(question)? {
        println!("It stays.");
        return Ok(());
    }
    if what.keep {
        editor.uninstall_and_keep(&id).await?;
        println!("{id} is gone from {slug}; its data is kept.");
        return Ok(());
    }
    if let Some(file) = &what.export {
        editor.note_export(&installation).await?;
        write(house, &store, &installation, file)
            .await
            .with_context(|| format!("{} can't be written; nothing was erased", file.display()))?;
        println!("Its data is in {}.", file.display());
    }
    editor.uninstall_and_erase(&id).await?;
    house.services.erase_what_left().await?;
    println!("{id} is gone from {slug} with its data.");
    Ok(())
}

/// A file that is there already is not written over.
async fn write(
    house: &House,
    store: &OrganisationStore,
    installation: &tsudoi_kernel::calls::Installation,
    file: &Path,
) -> anyhow::Result<()> {
    let file = tokio::fs::File::create_new(file).await?;
    let mut file = tokio::io::BufWriter::new(file);
    let documents = house.services.export_documents(store.id(), installation).await?;
    futures::pin_mut!(documents);
    while let Some(part) = documents.try_next().await? {
        file.write_all(part.as_bytes()).await?;
    }
    file.flush().await?;
    file.get_ref().sync_all().await?;
    Ok(())
}
