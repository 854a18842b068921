//! `tsudoi backup`, `restore` and `migrate`. A backup is a folder: the database as lines of JSON, the files, the secret
//! key, and a manifest that is written last, so that a backup that broke off is not taken for one.

mod manifest;
mod read;
#[cfg(test)]
mod tests;
mod write;

use crate::config::Config;
use crate::ports::SystemClock;
use crate::wiring;
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use tsudoi_kernel::{Clock, Timestamp};
use tsudoi_store::Store;

#[derive(clap::Args)]
pub struct BackupArguments {
    /// A folder that does not exist yet, or is empty.
    #[arg(long, value_name = "FOLDER")]
    pub to: PathBuf,
}

#[derive(clap::Args)]
pub struct RestoreArguments {
    /// What `tsudoi backup` wrote.
    #[arg(long, value_name = "FOLDER")]
    pub from: PathBuf,
}

pub async fn backup(config: &Config, arguments: &BackupArguments) -> anyhow::Result<()> {
    let store = existing_store(config).await?;
    write::write(config, &store, &arguments.to, SystemClock.now()).await?;
    println!("The backup is in {}. Whoever has it has everything: keep it secret.", arguments.to.display());
    Ok(())
}

pub async fn restore(config: &Config, arguments: &RestoreArguments) -> anyhow::Result<()> {
    let manifest = read::restore(config, &arguments.from).await?;
    println!("Restored the backup of {}. Nobody is signed in: sessions and mailed codes are no part of a backup.", manifest.made);
    Ok(())
}

pub async fn migrate(config: &Config) -> anyhow::Result<()> {
    let store = wiring::open_store(config).await?;
    if store.is_empty().await? {
        store.migrate().await?;
        println!("The database was empty and is set up.");
        return Ok(());
    }
    match store.pending_migrations().await? {
        0 => println!("Nothing to do: the database is at this version."),
        pending => {
            let folder = before_migration(config, SystemClock.now());
            write::write(config, &store, &folder, SystemClock.now())
                .await
                .context("nothing was migrated, since the backup before it failed")?;
            let restore = format!("The state before is in {}", folder.display());
            store.migrate().await.with_context(|| format!("the migration broke off. {restore}"))?;
            println!("Migrated ({pending} steps). {restore}.");
        }
    }
    Ok(())
}

fn before_migration(config: &Config, now: Timestamp) -> PathBuf {
    config.data.join("backups").join(format!("{}-before-migration", now.to_utc().format("%Y%m%d-%H%M%S")))
}

/// The database, which must be there: a mistyped folder is no empty database.
async fn existing_store(config: &Config) -> anyhow::Result<Store> {
    if let Some(path) = sqlite_path(&config.database_url())
        && !path.exists()
    {
        bail!("there is no database at {}: check `data` and `database.url`", path.display());
    }
    let store = wiring::connect(config).await?;
    if store.is_empty().await? {
        bail!("the database is empty: there is nothing to back up");
    }
    Ok(store)
}

/// The file of an SQLite address.
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
}

/// Only for this user.
fn make_private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    // It may have been there.
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}
