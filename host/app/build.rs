//! Puts the packed plugins of `target/plugins` (or of the folder that `TSUDOI_BUILD_PLUGINS` names) into the binary,
//! so that it needs no toolchain where it runs. Without them the binary works and says what is missing.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = env::var_os("TSUDOI_BUILD_PLUGINS").map_or_else(|| root.join("target/plugins"), PathBuf::from);
    println!("cargo:rerun-if-env-changed=TSUDOI_BUILD_PLUGINS");
    println!("cargo:rerun-if-changed={}", root.join("themes").display());
    println!("cargo:rerun-if-changed=demo");
    // Made if it is not there yet: one that is watched but missing would make every build a changed one, and one that
    // is not watched would leave out plugins that are packed later. If it can't be made, it is watched all the same.
    let _ = fs::create_dir_all(&folder);
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut packages: Vec<PathBuf> = fs::read_dir(&folder)
        .map(|entries| {
            entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.extension().is_some_and(|e| e == "wasm")).collect()
        })
        .unwrap_or_default();
    packages.sort();
    let lines: String = packages
        .iter()
        .map(|path| {
            println!("cargo:rerun-if-changed={}", path.display());
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            format!("    ({name:?}, include_bytes!({path:?})),\n")
        })
        .collect();
    let code = format!("/// Packed plugins by id.\npub static PLUGINS: &[(&str, &[u8])] = &[\n{lines}];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("plugins.rs");
    if let Err(error) = fs::write(&out, code) {
        panic!("{} can't be written: {error}", out.display());
    }
}
