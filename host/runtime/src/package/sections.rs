//! The outermost layer: is it a component, is its code valid, and which sections, imports and exports has it.

use super::refused;
use std::collections::BTreeMap;
use tsudoi_kernel::ports::PackageRefused;
use wasmparser::{ComponentTypeRef, Parser, Payload, Validator, WasmFeatures};

/// The features of WebAssembly that a plugin may use. The engine is set up with the same ones.
pub const FEATURES: WasmFeatures =
    WasmFeatures::WASM2.union(WasmFeatures::EXTENDED_CONST).union(WasmFeatures::COMPONENT_MODEL).difference(WasmFeatures::GC_TYPES);

const MANIFEST_SECTION: &str = "tsudoi:manifest";
const FILE_SECTION: &str = "tsudoi:file/";
const OWN_SECTIONS: &str = "tsudoi:";

const MAX_MANIFEST: usize = 64 << 10;
const MAX_FILES: usize = 256;
const MAX_FILE: usize = 1 << 20;
const MAX_ALL_FILES: usize = 8 << 20;
const MAX_PATH: usize = 128;

/// What a package consists of, borrowed from its bytes.
pub struct Sections<'a> {
    pub manifest: &'a str,
    pub files: BTreeMap<&'a str, &'a [u8]>,
    /// Full names, such as `tsudoi:plugin/store@0.1.0`.
    pub imports: Vec<&'a str>,
    pub exports: Vec<&'a str>,
}

pub fn read(bytes: &[u8], max_bytes: usize) -> Result<Sections<'_>, PackageRefused> {
    check_header(bytes, max_bytes)?;
    Validator::new_with_features(FEATURES).validate_all(bytes).map_err(malformed)?;

    let mut manifest = None;
    let mut files = BTreeMap::new();
    let mut file_bytes = 0;
    let mut imports = Vec::new();
    let mut exports = Vec::new();
    // Nested modules and components are walked too; only what stands outside of them counts.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(malformed)? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import.map_err(malformed)?;
                    if !matches!(import.ty, ComponentTypeRef::Instance(_)) {
                        return Err(refused(format!("import {}", import.name.name), "a plugin imports interfaces only"));
                    }
                    imports.push(import.name.name);
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export.map_err(malformed)?.name.name);
                }
            }
            Payload::CustomSection(section) if depth == 0 && section.name().starts_with(OWN_SECTIONS) => {
                let place = || format!("byte {}", section.range().start);
                if section.name() == MANIFEST_SECTION {
                    if manifest.is_some() {
                        return Err(refused(place(), format!("the section `{MANIFEST_SECTION}` is there twice")));
                    }
                    if section.data().len() > MAX_MANIFEST {
                        return Err(refused("plugin.toml", format!("the manifest is larger than {MAX_MANIFEST} bytes")));
                    }
                    manifest = Some(std::str::from_utf8(section.data()).map_err(|_| refused("plugin.toml", "the manifest is not UTF-8"))?);
                } else if let Some(path) = section.name().strip_prefix(FILE_SECTION) {
                    check_path(path).map_err(|reason| refused(path.escape_default().to_string(), reason))?;
                    file_bytes += section.data().len();
                    if section.data().len() > MAX_FILE {
                        return Err(refused(path, format!("the file is larger than {MAX_FILE} bytes")));
                    }
                    if files.len() == MAX_FILES || file_bytes > MAX_ALL_FILES {
                        return Err(refused(path, format!("a package holds at most {MAX_FILES} files and {MAX_ALL_FILES} bytes of them")));
                    }
                    if files.insert(path, section.data()).is_some() {
                        return Err(refused(path, "the file is there twice"));
                    }
                } else {
                    return Err(refused(place(), format!("the section `{}` is not known", section.name().escape_default())));
                }
            }
            _ => {}
        }
    }
    let manifest = manifest.ok_or_else(|| refused("plugin.toml", "the package has no manifest"))?;
    Ok(Sections { manifest, files, imports, exports })
}

fn check_header(bytes: &[u8], max_bytes: usize) -> Result<(), PackageRefused> {
    const MAGIC: &[u8] = b"\0asm";
    if bytes.len() > max_bytes {
        return Err(refused(format!("byte {max_bytes}"), format!("the file is larger than the {max_bytes} bytes that are allowed")));
    }
    if bytes.is_empty() {
        return Err(refused("byte 0", "the file is empty"));
    }
    if !bytes.starts_with(&MAGIC[..bytes.len().min(MAGIC.len())]) {
        return Err(refused("byte 0", "this is not a WebAssembly file"));
    }
    if bytes.len() < 8 {
        return Err(refused(format!("byte {}", bytes.len()), "the file ends in the middle"));
    }
    if Parser::is_core_wasm(bytes) {
        return Err(refused("byte 4", "this is a core module; a plugin is a component"));
    }
    if !Parser::is_component(bytes) {
        return Err(refused("byte 4", "unknown version of the component format"));
    }
    Ok(())
}

fn malformed(error: wasmparser::Error) -> PackageRefused {
    let message = error.message();
    let reason = if message.contains("unexpected end") { "the file ends in the middle" } else { message };
    refused(format!("byte {}", error.offset()), crate::loggable(reason, 400))
}

/// One spelling for each file: lower case, digits, `-`, `_` and `.` inside a name, folders only under `assets/`.
fn check_path(path: &str) -> Result<(), &'static str> {
    let good_name = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.'))
            && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
            && !name.contains("..")
            && !name.ends_with('.')
    };
    let names = path.split('/').collect::<Vec<_>>();
    if path.len() > MAX_PATH || names.len() > 5 || !names.iter().all(|name| good_name(name)) {
        return Err("not a file name that a package may use");
    }
    match names.as_slice() {
        ["templates", name] if name.ends_with(".html") => Ok(()),
        ["templates", ..] => Err("a template's name ends in .html and has no folder"),
        ["locales", "ja.ftl" | "en.ftl"] => Ok(()),
        ["locales", ..] => Err("locale files are locales/ja.ftl and locales/en.ftl"),
        ["assets", .., name] => match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("css" | "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "svg" | "ico" | "woff" | "woff2") => Ok(()),
            _ => Err("assets are style sheets, pictures and fonts"),
        },
        _ => Err("files are under templates/, locales/ or assets/"),
    }
}
