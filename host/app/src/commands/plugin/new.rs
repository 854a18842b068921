//! `tsudoi plugin new ID`: a small plugin that works, to be changed into another.

use anyhow::{Context, bail, ensure};
use include_dir::{Dir, include_dir};
use std::path::{Path, PathBuf};

static TEMPLATE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../sdk/template/guest-book");
/// The id that the template has.
const SAMPLE: &str = "guest-book";
/// Where this program was built from: the guest library is there, unless the program was carried elsewhere.
const BUILT_FROM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/rust");

#[derive(clap::Args)]
pub struct Arguments {
    /// 1 to 40 of a-z, 0-9 and -, beginning with a letter; also the name of the new folder.
    id: String,
    /// The folder in which the plugin's folder is made.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    into: PathBuf,
    /// The guest library: the folder sdk/rust of a checkout of Tsudoi.
    #[arg(long, value_name = "FOLDER")]
    sdk: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { id, into, sdk } = arguments;
    check_id(id)?;
    let sdk = sdk_folder(sdk.as_deref())?;
    let folder = into.join(id);
    ensure!(!folder.exists(), "{} is there already: choose another id, or another folder with --into", folder.display());
    for (path, text) in files(id, &sdk) {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(&folder);
        std::fs::create_dir_all(parent).with_context(|| format!("{} can't be made", parent.display()))?;
        std::fs::write(&path, text).with_context(|| format!("{} can't be written", path.display()))?;
    }
    println!("{} is a plugin that works. Next:", folder.display());
    println!("  tsudoi plugin test {}   builds it and runs its tests", folder.display());
    println!("  tsudoi plugin dev {} --demo   shows it in the running demo, and each change as you save it", folder.display());
    Ok(())
}

fn check_id(id: &str) -> anyhow::Result<()> {
    let fits = (1..=40).contains(&id.len())
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && !id.ends_with('-')
        && !id.contains("--")
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    ensure!(fits, "`{id}` can't be a plugin's id: 1 to 40 of a-z, 0-9 and single hyphens, beginning with a letter, such as `guest-book`");
    // Cargo would refuse to build a crate of these names.
    ensure!(
        !["test", "core", "std", "alloc", "proc-macro", "self", "crate", "super"].contains(&id),
        "`{id}` is a word of Rust's: choose another id"
    );
    Ok(())
}

fn sdk_folder(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder = named.unwrap_or(Path::new(BUILT_FROM));
    if !folder.join("src/store.rs").is_file() || !folder.join("Cargo.toml").is_file() {
        match named {
            Some(folder) => bail!("{} is not the guest library: name the folder sdk/rust of a checkout of Tsudoi", folder.display()),
            None => bail!("the guest library was not found: say where it is with --sdk, the folder sdk/rust of a checkout of Tsudoi"),
        }
    }
    std::fs::canonicalize(folder).with_context(|| folder.display().to_string())
}

/// The new plugin's files, by path in its folder.
fn files(id: &str, sdk: &Path) -> Vec<(PathBuf, String)> {
    let mut files = vec![(PathBuf::from("Cargo.toml"), cargo_toml(id, sdk)), (PathBuf::from(".gitignore"), "/target\n".to_owned())];
    collect(&TEMPLATE, &mut files);
    for (_, text) in files.iter_mut().skip(2) {
        *text = text.replace(SAMPLE, id);
    }
    files
}

fn collect(folder: &Dir<'_>, files: &mut Vec<(PathBuf, String)>) {
    for file in folder.files().filter(|file| file.path() != Path::new("Cargo.toml")) {
        if let Some(text) = file.contents_utf8() {
            files.push((file.path().to_owned(), text.to_owned()));
        }
    }
    for inner in folder.dirs() {
        collect(inner, files);
    }
}

/// A workspace of its own, wherever it stands; the profile is for size.
fn cargo_toml(id: &str, sdk: &Path) -> String {
    let path = |path: PathBuf| toml::Value::String(path.to_string_lossy().into_owned());
    let (testkit, sdk) = (path(sdk.with_file_name("testkit")), path(sdk.to_owned()));
    format!(
        r#"[package]
name = "{id}"
version = "0.1.0"
edition = "2024"
publish = false

# The cdylib is the plugin, the rlib is for its tests.
[lib]
crate-type = ["cdylib", "rlib"]

[dependencies]
serde = {{ version = "1", features = ["derive"] }}
serde_json = "1"
tsudoi-plugin = {{ path = {sdk} }}

[dev-dependencies]
tsudoi-testkit = {{ path = {testkit} }}

[profile.release]
opt-level = "s"
lto = true
codegen-units = 1
strip = true
panic = "abort"

[workspace]
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_plugin_goes_by_its_own_id_everywhere() {
        let files = files("tea-round", Path::new("/src/tsudoi/sdk/rust"));
        let text = |name: &str| &files.iter().find(|(path, _)| path == Path::new(name)).unwrap().1;
        assert!(text("plugin.toml").contains("id = \"tea-round\""));
        assert!(text("Cargo.toml").contains("name = \"tea-round\"") && text("Cargo.toml").contains("path = \"/src/tsudoi/sdk/rust\""));
        for name in [
            "src/lib.rs",
            "tests/site.rs",
            "templates/greetings.html",
            "templates/latest.html",
            "locales/ja.ftl",
            "locales/en.ftl",
            ".gitignore",
        ] {
            assert!(!text(name).contains(SAMPLE), "{name}");
        }
        toml::from_str::<toml::Table>(text("Cargo.toml")).unwrap();
    }

    #[test]
    fn an_id_that_no_path_could_hold_is_refused_with_an_example() {
        for wrong in ["", "Tea", "お茶", "../x", "-a", "a-", "a--b", "9a", "test"] {
            assert!(check_id(wrong).is_err(), "{wrong}");
        }
        assert!(check_id("Tea").unwrap_err().to_string().contains("such as `guest-book`"));
        assert!(check_id("tea-2").is_ok());
    }

    #[test]
    fn a_folder_that_is_there_is_left_alone() {
        let top = tempfile::tempdir().unwrap();
        std::fs::create_dir(top.path().join("tea")).unwrap();
        let arguments = Arguments { id: "tea".into(), into: top.path().into(), sdk: None };
        assert!(run(&arguments).unwrap_err().to_string().contains("is there already"));
        assert_eq!(std::fs::read_dir(top.path().join("tea")).unwrap().count(), 0);
    }
}
