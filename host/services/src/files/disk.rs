//! The bytes of files: `<files>/<organisation>/<file>/<sha-256 of the bytes>`. Bytes are on the disk before a row names
//! them, and a row never names others than were there when it was committed; what no row names any more does no harm.
//! Those that plugins keep: `<files>/<organisation>/plugins/<two digits>/<file>`; an id never has other bytes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tsudoi_kernel::{FileId, OrganisationId};

const PLUGINS: &str = "plugins";

/// Where one file's bytes are.
pub fn place(root: &Path, organisation: OrganisationId, id: FileId, sha256: &str) -> PathBuf {
    root.join(organisation.to_string()).join(id.to_string()).join(sha256)
}

/// The folder with the bytes of all files that plugins keep in an organisation.
pub fn plugins_folder(root: &Path, organisation: OrganisationId) -> PathBuf {
    root.join(organisation.to_string()).join(PLUGINS)
}

/// Where the bytes of a file of a plugin's are: in one of 256 folders, by the end of its id, which is random.
pub fn plugin_place(root: &Path, organisation: OrganisationId, id: FileId) -> PathBuf {
    let name = id.to_string();
    let last = name.get(name.len() - 2..).unwrap_or_default();
    plugins_folder(root, organisation).join(last).join(&name)
}

/// Writes and waits until the disk has it.
pub fn keep(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let Some(folder) = place.parent() else { return Err(io::Error::other("a file without a folder")) };
    fs::create_dir_all(folder)?;
    let unfinished = place.with_extension("part");
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, place)?;
    // The names too: of the file, of its folder, of the organisation's.
    for folder in folder.ancestors().take(4).filter(|folder| folder.is_dir()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Removes what no row names any more: `place` alone, or the file's whole folder.
pub fn forget(place: &Path, whole: bool) {
    let removed = match (whole, place.parent()) {
        (true, Some(folder)) => fs::remove_dir_all(folder),
        _ => fs::remove_file(place),
    };
    if let Err(error) = removed {
        tracing::warn!(place = %place.display(), %error, "the bytes of a deleted file stay on the disk");
    }
}
