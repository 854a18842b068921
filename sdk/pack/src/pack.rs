//! A plugin's package: one component, with its manifest and files in custom sections at the end. The same input gives
//! the same bytes.

use anyhow::{Context, Result, bail, ensure};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use wasm_encoder::{ComponentSection, CustomSection};

const MANIFEST_SECTION: &str = "tsudoi:manifest";
const FILE_SECTION_PREFIX: &str = "tsudoi:file/";

/// The folders of a plugin whose files go into its package, and how those files may end.
const FOLDERS: [(&str, &[&str]); 3] = [
    ("templates", &["html"]),
    ("locales", &["ftl"]),
    ("assets", &["css", "svg", "png", "jpg", "jpeg", "webp", "avif", "gif", "woff2", "ico"]),
];

/// Paths as in the package, `templates/thread.html`, with their bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The text of the manifest in this folder.
pub fn manifest(folder: &Path) -> Result<String> {
    let path = folder.join("plugin.toml");
    std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))
}

/// The package of a compiled plugin (a core module that holds its component type) in this folder.
pub fn pack(module: &[u8], manifest: &str, folder: &Path) -> Result<Vec<u8>> {
    check_id(manifest, folder).with_context(|| folder.join("plugin.toml").display().to_string())?;
    let mut package = component(module)?;
    append(&mut package, MANIFEST_SECTION, manifest.as_bytes());
    for (path, bytes) in files(folder)? {
        append(&mut package, &format!("{FILE_SECTION_PREFIX}{path}"), &bytes);
    }
    Ok(package)
}

/// A package with another text for its manifest, everything else as it is.
pub fn with_manifest(package: &[u8], change: impl FnOnce(&str) -> Result<String>) -> Result<Vec<u8>> {
    let mut kept = package.get(..8).context("this is no package")?.to_vec();
    let (mut rest, mut text) = (&package[8..], None);
    while let [_, after @ ..] = rest {
        let (size, length) = number(after).context("a section is cut off")?;
        let body = after.get(length..length + size).context("a section is cut off")?;
        match named(body) {
            Some((MANIFEST_SECTION, manifest)) if rest[0] == 0 => text = Some(std::str::from_utf8(manifest)?),
            _ => kept.extend_from_slice(&rest[..1 + length + size]),
        }
        rest = &after[length + size..];
    }
    append(&mut kept, MANIFEST_SECTION, change(text.context("this is no package: it has no manifest")?)?.as_bytes());
    Ok(kept)
}

/// The manifest's text with another version, everything else as it stands.
pub fn with_version(manifest: &str, version: &str) -> Result<String> {
    let is_version = |line: &&str| line.split('=').next().is_some_and(|key| key.trim() == "version");
    let line = manifest.lines().find(is_version).context("plugin.toml: `version` is missing")?;
    let comment = line.find('#').map_or("", |at| &line[at..]);
    Ok(manifest.replacen(line, format!("version = \"{version}\" {comment}").trim_end(), 1))
}

/// An unsigned LEB128 number and its length in bytes.
fn number(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0_usize;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        number |= usize::from(byte & 0x7f).checked_shl(u32::try_from(7 * at).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((number, at + 1));
        }
    }
    None
}

/// The name and the data of a custom section.
fn named(body: &[u8]) -> Option<(&str, &[u8])> {
    let (size, length) = number(body)?;
    let name = std::str::from_utf8(body.get(length..length + size)?).ok()?;
    Some((name, &body[length + size..]))
}

fn component(module: &[u8]) -> Result<Vec<u8>> {
    let encoder = wit_component::ComponentEncoder::default().validate(true).module(module).context("the module is no plugin")?;
    let mut encoder = encoder;
    encoder.encode().context("the module does not make a component")
}

fn check_id(manifest: &str, folder: &Path) -> Result<()> {
    let manifest: toml::Table = toml::from_str(manifest)?;
    let id = manifest.get("id").and_then(toml::Value::as_str).context("`id` is missing")?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    ensure!(id == name, "`id` is {id}, but the folder is called {name}");
    Ok(())
}

/// The files that belong into the package. One that could not be used there is a mistake, not left out.
pub fn files(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for (name, endings) in FOLDERS {
        let top = folder.join(name);
        if top.is_dir() {
            collect(&top, name, endings, &mut files)?;
        }
    }
    Ok(files)
}

fn collect(folder: &Path, path: &str, endings: &[&str], files: &mut Files) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { bail!("{path} holds a name that is not UTF-8") };
        let path = format!("{path}/{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, endings, files)?;
        } else if name.starts_with('.') {
            // What editors and file browsers leave behind.
        } else {
            let known = name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending));
            ensure!(known, "{path}: files here end in .{}", endings.join(", ."));
            files.insert(path, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn append(component: &mut Vec<u8>, name: &str, data: &[u8]) {
    let section = CustomSection { name: Cow::Borrowed(name), data: Cow::Borrowed(data) };
    ComponentSection::append_to_component(&section, component);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    const EMPTY_MODULE: &[u8] = b"\0asm\x01\0\0\0";

    /// A plugin's folder under the system's folder for temporary files, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str, files: &[(&str, &str)]) -> Self {
            let top = std::env::temp_dir().join(format!("tsudoi-pack-{}-{test}", std::process::id()));
            for (path, text) in files {
                let path = top.join("fan-board").join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            Self(top)
        }

        fn pack(&self) -> Result<Vec<u8>> {
            let folder = self.0.join("fan-board");
            pack(EMPTY_MODULE, &manifest(&folder)?, &folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn custom_sections(package: &[u8]) -> Vec<(String, String)> {
        let mut depth = 0;
        let mut found = vec![];
        for payload in wasmparser::Parser::new(0).parse_all(package) {
            match payload.unwrap() {
                wasmparser::Payload::ModuleSection { .. } | wasmparser::Payload::ComponentSection { .. } => depth += 1,
                wasmparser::Payload::End(_) => depth -= 1,
                wasmparser::Payload::CustomSection(section) if depth == 0 && section.name().starts_with("tsudoi:") => {
                    found.push((section.name().to_owned(), String::from_utf8(section.data().to_vec()).unwrap()));
                }
                _ => {}
            }
        }
        found
    }

    #[test]
    fn a_package_holds_manifest_and_files_in_order() {
        let manifest = "id = \"fan-board\"\n";
        let files = [
            ("plugin.toml", manifest),
            ("templates/thread.html", "<p>"),
            ("locales/ja.ftl", "title = 掲示板"),
            ("assets/pictures/a.svg", "<svg/>"),
            ("assets/.DS_Store", "?"),
            ("src/lib.rs", "//! Not packed."),
        ];
        let folder = Folder::new("order", &files);
        let package = folder.pack().unwrap();
        wasmparser::Validator::new().validate_all(&package).unwrap();
        let expected = [
            ("tsudoi:manifest", manifest),
            ("tsudoi:file/assets/pictures/a.svg", "<svg/>"),
            ("tsudoi:file/locales/ja.ftl", "title = 掲示板"),
            ("tsudoi:file/templates/thread.html", "<p>"),
        ];
        let found = custom_sections(&package);
        assert_eq!(found.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>(), expected);
        assert_eq!(package, folder.pack().unwrap(), "the same input gives the same bytes");
    }

    #[test]
    fn a_script_among_the_assets_is_refused_by_name() {
        let folder = Folder::new("script", &[("plugin.toml", "id = \"fan-board\""), ("assets/board.js", "alert(1)")]);
        let error = folder.pack().unwrap_err().to_string();
        assert!(error.starts_with("assets/board.js: files here end in .css"), "{error}");
    }

    #[test]
    fn a_manifest_of_another_plugin_is_refused() {
        let folder = Folder::new("id", &[("plugin.toml", "id = \"shop\"")]);
        let error = format!("{:#}", folder.pack().unwrap_err());
        assert!(error.ends_with("`id` is shop, but the folder is called fan-board"), "{error}");
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(component(b"<html>").is_err());
    }

    #[test]
    fn another_manifest_leaves_everything_else_as_it_is() {
        let files = [
            ("plugin.toml", "id = \"fan-board\"\nversion = \"0.2.0\" # the second\n"),
            ("templates/board.html", "<p>{{ title }}</p>"),
            ("locales/ja.ftl", "title = 板\n"),
        ];
        let folder = Folder::new("version", &files);
        let package = folder.pack().unwrap();
        let older = with_manifest(&package, |text| with_version(text, "0.1.0")).unwrap();
        let again = with_manifest(&older, |text| {
            assert_eq!(text, "id = \"fan-board\"\nversion = \"0.1.0\" # the second\n");
            with_version(text, "0.2.0")
        });
        let mut sorted = (again.unwrap(), package);
        sorted.0.sort_unstable();
        sorted.1.sort_unstable();
        assert_eq!(sorted.0, sorted.1, "the same sections, the manifest last");
        assert!(with_manifest(b"\0asm", |text| Ok(text.to_owned())).is_err());
    }
}
