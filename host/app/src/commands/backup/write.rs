//! Writing a backup while the sites are served.

use super::manifest::{self, FORMAT, Hashed, Manifest, Part, Table, files_below};
use crate::config::Config;
use anyhow::{Context, bail};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use tsudoi_kernel::Timestamp;
use tsudoi_store::Store;

pub async fn write(config: &Config, store: &Store, folder: &Path, now: Timestamp) -> anyhow::Result<()> {
    let shown = folder.display();
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(false) => bail!("{shown} is not empty: name a folder that does not exist yet"),
        Err(error) if error.kind() != io::ErrorKind::NotFound => bail!("{shown} can't be read: {error}"),
        _ => {}
    }
    super::make_private_folder(folder).with_context(|| format!("the folder {shown} can't be made"))?;
    let written = parts(config, store, folder, now).await;
    if written.is_err() {
        // Without a manifest it is no backup; in the way of the next one it need not be.
        let _ = fs::remove_dir_all(folder);
    }
    written.with_context(|| format!("the backup to {shown} broke off"))
}

async fn parts(config: &Config, store: &Store, folder: &Path, now: Timestamp) -> anyhow::Result<()> {
    let key = copy_key(config, folder)?;
    // Twice: what was deleted since the snapshot was there before it, what was added before it is there after it.
    copy_files(config, folder)?;
    let snapshot = store.snapshot_all_organisations().await?;
    super::make_private_folder(&folder.join("database"))?;
    let mut tables = Vec::new();
    for (name, columns) in snapshot.tables() {
        let path = format!("database/{name}.jsonl");
        let mut file = Hashed::new(BufWriter::new(File::create_new(folder.join(&path))?));
        let rows = snapshot.rows(&name, |line| writeln!(file, "{line}")).await?;
        file.flush()?;
        file.inner().get_ref().sync_all()?;
        eprintln!("{name}: {rows} rows");
        tables.push(Table { name, columns, rows, part: file.part(path) });
    }
    copy_files(config, folder)?;
    let mut files = Vec::new();
    for path in files_below(&folder.join("files"))? {
        files.push(Part::of(folder, format!("files/{path}"))?);
    }
    eprintln!("files: {} ({} MB)", files.len(), files.iter().map(|part| part.bytes).sum::<u64>() >> 20);
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        made: now.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        database: if store.is_sqlite() { "SQLite" } else { "PostgreSQL" }.into(),
        migrations: snapshot.migrations().to_vec(),
        tables,
        files,
        key,
    };
    let mut file = File::create_new(folder.join(manifest::NAME))?;
    file.write_all(serde_json::to_string_pretty(&manifest)?.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

fn copy_key(config: &Config, folder: &Path) -> anyhow::Result<Option<Part>> {
    let from = config.data.join("secret.key");
    if !from.exists() {
        return Ok(None);
    }
    // The copy takes the permissions over.
    fs::copy(&from, folder.join("secret.key")).with_context(|| format!("{} can't be copied", from.display()))?;
    Ok(Some(Part::of(folder, "secret.key".into())?))
}

/// What is in `files` and not yet in the backup. The bytes of a file never change, so a hard link is as good as a copy.
fn copy_files(config: &Config, folder: &Path) -> anyhow::Result<()> {
    let (from, to) = (config.files(), folder.join("files"));
    for path in files_below(&from)? {
        let (from, to) = (from.join(&path), to.join(&path));
        if to.exists() {
            continue;
        }
        if let Some(parent) = to.parent() {
            super::make_private_folder(parent)?;
        }
        let copied = fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(|_| ()));
        match copied {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other.with_context(|| format!("the file {} can't be copied", from.display()))?,
        }
    }
    Ok(())
}
