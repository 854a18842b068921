//! What a backup holds, as its `backup.json` says it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Component, Path};

/// The file's name in the folder of a backup.
pub const NAME: &str = "backup.json";

/// The form of the backups that this version writes and reads.
pub const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// Of the program that made it.
    pub version: String,
    /// RFC 3339.
    pub made: String,
    /// `SQLite` or `PostgreSQL`. It can be restored into either.
    pub database: String,
    /// Which migrations the database has had.
    pub migrations: Vec<String>,
    /// In the order in which they are restored.
    pub tables: Vec<Table>,
    pub files: Vec<Part>,
    pub key: Option<Part>,
}

/// A table: lines of JSON, each an array with a value for each column; ids and bytes in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
    pub rows: u64,
    #[serde(flatten)]
    pub part: Part,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Below the backup's folder, with `/`.
    pub path: String,
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

impl Manifest {
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.tables.iter().map(|table| &table.part).chain(&self.files).chain(&self.key)
    }
}

impl Part {
    /// Measures what is at `path` below `folder`.
    pub fn of(folder: &Path, path: String) -> io::Result<Self> {
        let mut reader = BufReader::new(File::open(folder.join(&path))?);
        let mut hashed = Hashed::new(io::sink());
        io::copy(&mut reader, &mut hashed)?;
        Ok(hashed.part(path))
    }

    /// Whether the path stays below the folder that it is joined to.
    pub fn stays_inside(&self) -> bool {
        !self.path.is_empty() && Path::new(&self.path).components().all(|component| matches!(component, Component::Normal(_)))
    }
}

/// Counts and hashes what is written through it.
pub struct Hashed<W> {
    inner: W,
    sha256: Sha256,
    bytes: u64,
}

impl<W: Write> Hashed<W> {
    pub fn new(inner: W) -> Self {
        Self { inner, sha256: Sha256::new(), bytes: 0 }
    }

    pub fn inner(&mut self) -> &mut W {
        &mut self.inner
    }

    pub fn part(self, path: String) -> Part {
        let sha256 = self.sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Part { path, bytes: self.bytes, sha256 }
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The files below `folder` as paths with `/`, in order. What is still being written has the ending `.part`.
pub fn files_below(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    collect(folder, "", &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        // Files come and go while the sites are served.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, found)?;
        } else if !name.ends_with(".part") {
            found.push(path);
        }
    }
    Ok(())
}

/// Reads all of a small file, or says which one can't be read.
pub fn read_text(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|mut file| file.read_to_string(&mut text));
    read.map_err(|error| anyhow::anyhow!("{} can't be read: {error}", path.display()))?;
    Ok(text)
}
