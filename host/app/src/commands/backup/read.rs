//! Bringing a backup back into an empty place.

use super::manifest::{self, FORMAT, Manifest, Part};
use crate::config::Config;
use crate::wiring;
use anyhow::{Context, bail, ensure};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use tsudoi_store::{BackupError, Store};

/// Everything or nothing: until the database has it all, nothing is where the program would look for it.
pub async fn restore(config: &Config, folder: &Path) -> anyhow::Result<Manifest> {
    let manifest = open(folder)?;
    let (key, files) = (config.data.join("secret.key"), config.files());
    for taken in [&key, &files] {
        let is_empty_folder = fs::read_dir(taken).is_ok_and(|mut entries| entries.next().is_none());
        ensure!(!taken.exists() || is_empty_folder, "{} is there already: restore into an empty data folder", taken.display());
    }
    check(folder, &manifest)?;
    let store = wiring::open_store(config).await?;
    let coming = config.data.join("files.restoring");
    if let Err(error) = fill(folder, &manifest, &store, &coming).await {
        let _ = fs::remove_dir_all(&coming);
        return Err(error);
    }
    if files.exists() {
        fs::remove_dir(&files)?;
    }
    fs::rename(&coming, &files).with_context(|| format!("the files stay in {}: move them to {}", coming.display(), files.display()))?;
    if let Some(part) = &manifest.key {
        fs::copy(folder.join(&part.path), &key).with_context(|| format!("copy {} to {}", part.path, key.display()))?;
    }
    Ok(manifest)
}

async fn fill(folder: &Path, manifest: &Manifest, store: &Store, coming: &Path) -> anyhow::Result<()> {
    copy_files(folder, manifest, coming)?;
    match load(folder, manifest, store).await {
        Err(BackupError::NotEmpty) => bail!("the database holds data already: restore into a new one (`data` or `database.url`)"),
        loaded => loaded.context("nothing was restored"),
    }
}

fn open(folder: &Path) -> anyhow::Result<Manifest> {
    let path = folder.join(manifest::NAME);
    ensure!(path.exists(), "{} is no backup: it has no {}", folder.display(), manifest::NAME);
    let text = manifest::read_text(&path)?;
    #[derive(serde::Deserialize)]
    struct Form {
        format: u32,
    }
    let damaged = || format!("{} is damaged", path.display());
    let form: Form = serde_json::from_str(&text).with_context(damaged)?;
    ensure!(form.format == FORMAT, "{} has form {}, and this version reads form {FORMAT}", folder.display(), form.format);
    let manifest: Manifest = serde_json::from_str(&text).with_context(damaged)?;
    ensure!(manifest.parts().all(Part::stays_inside), "{} names a file outside the backup", path.display());
    Ok(manifest)
}

/// Every part has the bytes that it was written with.
fn check(folder: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    for part in manifest.parts() {
        let found = Part::of(folder, part.path.clone()).with_context(|| format!("{} can't be read", folder.join(&part.path).display()))?;
        ensure!(found == *part, "{} is damaged: its checksum is another", folder.join(&part.path).display());
    }
    eprintln!("checksums: {} parts are as they were written", manifest.parts().count());
    Ok(())
}

fn copy_files(folder: &Path, manifest: &Manifest, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("{} can't be removed", to.display()))?;
    }
    fs::create_dir_all(to).with_context(|| format!("{} can't be made", to.display()))?;
    for part in &manifest.files {
        let place = to.join(part.path.strip_prefix("files/").unwrap_or(&part.path));
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(folder.join(&part.path), &place).with_context(|| format!("{} can't be written", place.display()))?;
    }
    eprintln!("files: {}", manifest.files.len());
    Ok(())
}

async fn load(folder: &Path, manifest: &Manifest, store: &Store) -> Result<(), BackupError> {
    let restoration = store.begin_restore_all_organisations(&manifest.migrations).await?;
    for table in &manifest.tables {
        let lines = BufReader::new(File::open(folder.join(&table.part.path))?).lines();
        let rows = restoration.load(&table.name, &table.columns, lines).await?;
        eprintln!("{}: {rows} rows", table.name);
    }
    restoration.finish().await
}
