//! Builds each `plugins/<id>` and packs it as `target/plugins/<id>.wasm`, and the same for those that only tests need: each
//! `tests/plugins/<id>` as `target/test-plugins/<id>.wasm`, each `tests/hostile/<id>` as `target/hostile-plugins/<id>.wasm`, and what a new plugin begins with as `target/template/<id>.wasm`. What
//! is up to date is left alone.

use crate::process;
use crate::progress::Progress;
use crate::setup::Consent;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tsudoi_pack::toolchain::{self, Toolchain};

/// Folders of plugins, and where their packages go.
const SHELVES: [(&str, &str); 4] = [
    ("plugins", "target/plugins"),
    ("tests/plugins", "target/test-plugins"),
    ("tests/hostile", "target/hostile-plugins"),
    ("sdk/template", "target/template"),
];

/// Where the packages are, for plugins' tests (`sdk/testkit`).
pub fn package_folders() -> Result<std::ffi::OsString> {
    Ok(std::env::join_paths(SHELVES.iter().map(|(_, packages)| process::root().join(packages)))?)
}

/// `cargo xtask plugins`.
pub fn run(consent: Consent) -> Result<ExitCode> {
    build(&mut Progress::new(2), consent)?;
    Ok(ExitCode::SUCCESS)
}

/// The two steps that other commands begin with, too.
pub fn build(progress: &mut Progress, consent: Consent) -> Result<()> {
    let toolchain = progress.quiet("looking for a WebAssembly toolchain", || toolchain::ready(consent))?;
    let shelves = SHELVES.iter().map(|(sources, packages)| Shelf::of(sources, packages)).collect::<Result<Vec<_>>>()?;
    let ids: Vec<&str> = shelves.iter().flat_map(|shelf| &shelf.ids).map(String::as_str).collect();
    let input = fingerprint(&ids, &toolchain)?;
    if shelves.iter().all(Shelf::is_packed) && std::fs::read_to_string(stamp()).is_ok_and(|built_from| built_from == input) {
        return progress.quiet(&format!("plugins are up to date: {}", ids.join(", ")), || Ok(()));
    }
    progress.loud(&format!("building plugins: {}", ids.join(", ")), || {
        process::run(&mut cargo_build(&toolchain, &ids)?)?;
        shelves.iter().try_for_each(Shelf::pack_all)?;
        std::fs::write(stamp(), &input).context("could not note what was built")
    })
}

/// A folder of plugins, and where their packages go.
struct Shelf {
    sources: PathBuf,
    packages: PathBuf,
    /// Folders with a manifest.
    ids: Vec<String>,
}

/// Beside the packages it would look like a change of theirs to the host's build.
fn stamp() -> PathBuf {
    process::root().join("target/wasm/packages-built-from")
}

/// A plugin's crate is called like its folder, so its module is, with underscores.
fn cargo_build(toolchain: &Toolchain, ids: &[&str]) -> Result<std::process::Command> {
    let root = process::root();
    let mut command = toolchain.cargo_build(&root.join("plugins"), &root.join("target/wasm"), &[(&root, "tsudoi")])?;
    for id in ids {
        command.args(["--package", id]);
    }
    Ok(command)
}

impl Shelf {
    fn of(sources: &str, packages: &str) -> Result<Self> {
        let (sources, packages) = (process::root().join(sources), process::root().join(packages));
        let mut ids = vec![];
        for entry in std::fs::read_dir(&sources).with_context(|| sources.display().to_string())? {
            let entry = entry?;
            if entry.path().join("plugin.toml").is_file() {
                ids.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        ids.sort();
        Ok(Self { sources, packages, ids })
    }

    fn package(&self, id: &str) -> PathBuf {
        self.packages.join(format!("{id}.wasm"))
    }

    fn is_packed(&self) -> bool {
        self.ids.iter().all(|id| self.package(id).is_file())
    }

    fn pack_all(&self) -> Result<()> {
        std::fs::create_dir_all(&self.packages).with_context(|| self.packages.display().to_string())?;
        let modules = process::root().join("target/wasm").join(toolchain::TARGET).join("release");
        for id in &self.ids {
            let module = modules.join(format!("{}.wasm", id.replace('-', "_")));
            let module =
                std::fs::read(&module).with_context(|| format!("{} (is the plugin's crate a cdylib called {id}?)", module.display()))?;
            let folder = self.sources.join(id);
            let package =
                tsudoi_pack::pack(&module, &tsudoi_pack::manifest(&folder)?, &folder).with_context(|| format!("could not pack {id}"))?;
            write_whole(&self.package(id), &package)?;
            println!("      {id}.wasm, {} KB", package.len().div_ceil(1024));
        }
        self.remove_what_has_gone()
    }

    /// A plugin that is no longer in the repository shall not get into the host's binary.
    fn remove_what_has_gone(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.packages)? {
            let path = entry?.path();
            let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if path.extension().is_some_and(|ending| ending == "wasm") && !self.ids.contains(&id) {
                std::fs::remove_file(&path).with_context(|| path.display().to_string())?;
            }
        }
        Ok(())
    }
}

/// Who reads the file meanwhile gets the old bytes or the new ones. Bytes that stay the same keep their file's time,
/// so that what embeds them is not built anew.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    std::fs::write(&beside, bytes).with_context(|| beside.display().to_string())?;
    std::fs::rename(&beside, path).with_context(|| path.display().to_string())
}

/// Everything that goes into the packages: sources of plugins and guest library, the contract, the compiler, and this
/// program, which packs them.
fn fingerprint(ids: &[&str], toolchain: &Toolchain) -> Result<String> {
    let root = process::root();
    let mut files = BTreeSet::new();
    for top in ["plugins", "sdk", "tests/plugins", "tests/hostile", "xtask/src"] {
        source_files(&root.join(top), &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    toolchain.identity()?.hash(&mut hasher);
    for file in &files {
        file.hash(&mut hasher);
        std::fs::read(file).with_context(|| file.display().to_string())?.hash(&mut hasher);
    }
    Ok(format!("{:016x} {}\n", hasher.finish(), ids.join(" ")))
}

fn source_files(folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    ensure!(folder.is_dir(), "{} is missing", folder.display());
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            if name != "target" && name != "node_modules" {
                source_files(&entry.path(), files)?;
            }
        } else if !name.to_string_lossy().starts_with('.') {
            files.insert(entry.path());
        }
    }
    Ok(())
}
