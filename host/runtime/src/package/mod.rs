//! Packages: one `.wasm` component with its manifest and its files in custom sections. Everything here reads bytes and
//! runs nothing; each refusal says where and why.

mod background;
mod checks;
mod contract;
mod files;
mod manifest;
mod outside;
mod sections;

pub use sections::FEATURES;

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::ports::{InspectedPackage, PackageRefused};

fn refused(place: impl Into<String>, reason: impl Into<String>) -> PackageRefused {
    PackageRefused { place: place.into(), reason: reason.into() }
}

/// Lower-case hexadecimal SHA-256 of a package.
pub fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Parses and checks a package of at most `max_bytes`.
pub fn inspect(bytes: &[u8], max_bytes: usize) -> Result<InspectedPackage, PackageRefused> {
    let sections = sections::read(bytes, max_bytes)?;
    let source = manifest::Source::parse(sections.manifest)?;
    let manifest = source.manifest()?;
    checks::check(&source, &manifest)?;
    contract::check(&source, &manifest, &sections)?;
    files::check(&manifest, &sections.files)?;
    Ok(InspectedPackage {
        manifest,
        hash: hash_of(bytes),
        size: bytes.len(),
        imports: contract::interfaces(&sections.imports),
        exports: contract::interfaces(&sections.exports),
        files: sections.files.into_iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect(),
    })
}

/// What can be checked of a plugin before it is compiled: its manifest and its files, by their paths in the package.
pub fn check_sources(manifest: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Manifest, PackageRefused> {
    let source = manifest::Source::parse(manifest)?;
    let manifest = source.manifest()?;
    checks::check(&source, &manifest)?;
    files::check(&manifest, &files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect())?;
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::packages::{self, Package};

    const MAX: usize = 16 << 20;

    fn refusal(package: &Package) -> String {
        inspect(&package.bytes(), MAX).unwrap_err().to_string()
    }

    #[test]
    fn a_good_package_is_taken_apart() {
        let found = inspect(&packages::good().bytes(), MAX).unwrap();
        assert_eq!(found.manifest.id, "sample");
        assert_eq!(found.imports, ["store"]);
        assert_eq!(found.exports, ["blocks", "pages"]);
        assert!(found.files.contains_key("templates/home.html"));
        assert_eq!(found.hash.len(), 64);
    }

    #[test]
    fn what_is_not_a_component_is_refused_with_its_place() {
        let reason = |bytes: &[u8]| inspect(bytes, MAX).unwrap_err().to_string();
        assert_eq!(reason(b"<html>"), "byte 0: this is not a WebAssembly file");
        assert_eq!(reason(b""), "byte 0: the file is empty");
        assert_eq!(reason(b"\0as"), "byte 3: the file ends in the middle");
        let core = wat::parse_str("(module)").unwrap();
        assert_eq!(reason(&core), "byte 4: this is a core module; a plugin is a component");
        assert!(reason(b"\0asm\x63\0\x01\0").starts_with("byte 4: unknown version"));
    }

    #[test]
    fn a_truncated_package_is_refused_wherever_it_was_cut() {
        let bytes = packages::good().bytes();
        for length in (0..bytes.len()).step_by(7) {
            let refused = inspect(&bytes[..length], MAX).unwrap_err();
            assert!(!refused.reason.is_empty() && !refused.place.is_empty());
        }
        let cut = inspect(&bytes[..bytes.len() - 5], MAX).unwrap_err();
        assert!(cut.place.starts_with("byte ") && cut.reason.contains("ends"), "{cut}");
    }

    #[test]
    fn an_oversized_package_is_refused_before_it_is_read() {
        let bytes = packages::good().bytes();
        let refused = inspect(&bytes, 100).unwrap_err();
        assert_eq!(refused.to_string(), "byte 100: the file is larger than the 100 bytes that are allowed");
    }

    #[test]
    fn bytes_that_are_not_valid_code_are_refused() {
        let mut bytes = wat::parse_str("(component (core module (func (result i32) i32.const 1)))").unwrap();
        let body = bytes.windows(2).position(|window| window == [0x41, 0x01]).unwrap();
        bytes[body] = 0x42; // i64.const where an i32 is promised
        assert!(inspect(&bytes, MAX).unwrap_err().reason.contains("type mismatch"));
    }

    #[test]
    fn wasi_and_unknown_imports_are_refused_by_name() {
        let wasi = packages::good().import("wasi:cli/environment@0.2.0");
        assert_eq!(refusal(&wasi), "import wasi:cli/environment@0.2.0: WASI is not served; build without it, or stub it in the component");
        let odd = packages::good().import("example:odd/thing@1.0.0");
        assert_eq!(refusal(&odd), "import example:odd/thing@1.0.0: the contract has no such interface");
        let other = packages::good().import("tsudoi:plugin/log@0.9.0");
        assert_eq!(refusal(&other), "import tsudoi:plugin/log@0.9.0: the host serves version 0.1.0 of the contract");
    }

    #[test]
    fn what_is_imported_is_asked_for_and_the_reverse() {
        let unasked = packages::good().import("tsudoi:plugin/members-read@0.1.0");
        assert_eq!(refusal(&unasked), "import tsudoi:plugin/members-read: the manifest does not ask for this permission");
        let unused = packages::good().without_import("store");
        assert_eq!(refusal(&unused), "plugin.toml:9: the component does not import `store`: ask only for what is used");
        // Files that come with a form are kept by the host, whatever the component imports.
        let files = "[[permissions]]\nwhy = { ja = \"写真\", en = \"Pictures\" }\ninterface = \"files\"\n\n[collections.threads]";
        let asked = packages::good().edit_manifest("[collections.threads]", files);
        assert!(refusal(&asked).ends_with("the component does not import `files`: ask only for what is used"), "{}", refusal(&asked));
        let used = asked.edit_manifest(
            "[collections.threads]",
            "[collections.threads]\nmember = { field = \"by\", on-erase = \"delete\", files = [\"picture\"] }",
        );
        inspect(&used.bytes(), usize::MAX).unwrap();
    }

    #[test]
    fn routes_need_pages_and_blocks_need_blocks() {
        let no_pages = packages::good().without_export("pages");
        assert_eq!(refusal(&no_pages), "export pages: the manifest has routes, but the component does not export `pages`");
        let no_blocks = packages::good().without_export("blocks");
        assert_eq!(refusal(&no_blocks), "export blocks: the manifest has blocks, but the component does not export `blocks`");
        let more = packages::good().export("tsudoi:plugin/notification-channel@0.1.0");
        assert_eq!(refusal(&more), "export tsudoi:plugin/notification-channel@0.1.0: this version of the host does not serve it yet");
        let gateway = "[gateway]\nlabel = { ja = \"支払う\", en = \"Pay\" }\n\n[collections.threads]";
        let silent = packages::good().edit_manifest("[collections.threads]", gateway);
        assert!(refusal(&silent).ends_with("a gateway asks for `payments`, to say what was paid"), "{}", refusal(&silent));
    }

    #[test]
    fn who_leads_members_to_forms_hears_of_answers_and_has_a_page_to_come_back_to() {
        let (asks, hears) = ("forms", "event:form.answered");
        let wants = |interfaces: &[&str], back: &str| {
            let asked =
                |interface: &&str| format!("[[permissions]]\nwhy = {{ ja = \"申込\", en = \"Forms\" }}\ninterface = \"{interface}\"\n");
            let mut text: String = interfaces.iter().map(asked).collect();
            if interfaces.contains(&hears) {
                text.push_str("[[subscriptions]]\ntopic = \"form.answered\"\n");
            }
            if !back.is_empty() {
                text.push_str(&format!("[forms]\nback = \"{back}\"\n"));
            }
            let package = packages::good().edit_manifest("[collections.threads]", &format!("{text}\n[collections.threads]"));
            let package = if interfaces.contains(&asks) { package.import("tsudoi:plugin/forms@0.1.0") } else { package };
            inspect(&package.export("tsudoi:plugin/events@0.1.0").bytes(), usize::MAX).map(|_| ()).map_err(|refused| refused.to_string())
        };
        assert_eq!(wants(&[asks, hears], "thread"), Ok(()));
        for (interfaces, back, words) in [
            (&[asks, hears][..], "home", "no GET route of the site with this name and one parameter"),
            (&[asks, hears], "moderation", "no GET route of the site with this name and one parameter"),
            (&[asks], "thread", "a subscription to `form.answered`"),
            (&[hears], "thread", "it takes the permission `forms`"),
            (&[asks, hears], "", "where whoever answered is led"),
            (&[hears], "", "where whoever answered is led"),
        ] {
            let refused = wants(interfaces, back).unwrap_err();
            assert!(refused.contains(words), "{interfaces:?} {back}: {refused}");
        }
    }

    #[test]
    fn the_manifest_is_there_once() {
        assert_eq!(refusal(&packages::good().without_manifest()), "plugin.toml: the package has no manifest");
        let twice = packages::good().section("tsudoi:manifest", b"id = 'x'");
        assert!(refusal(&twice).ends_with("the section `tsudoi:manifest` is there twice"));
        let odd = packages::good().section("tsudoi:else", b"");
        assert!(refusal(&odd).ends_with("the section `tsudoi:else` is not known"));
    }

    #[test]
    fn files_have_strict_names_and_known_kinds() {
        for (path, reason) in [
            ("templates/../x.html", "not a file name that a package may use"),
            ("templates/Big.html", "not a file name that a package may use"),
            ("/etc/passwd", "not a file name that a package may use"),
            ("assets/app.js", "assets are style sheets, pictures and fonts"),
            ("scripts/a.css", "files are under templates/, locales/ or assets/"),
            ("templates/a.txt", "a template's name ends in .html"),
            ("locales/fr.ftl", "locale files are locales/ja.ftl and locales/en.ftl"),
        ] {
            let found = refusal(&packages::good().file(path, b"x"));
            assert!(found.contains(reason), "{path}: {found}");
        }
        let twice = packages::good().file("templates/home.html", b"again");
        assert!(refusal(&twice).ends_with("the file is there twice"));
    }

    #[test]
    fn both_languages_say_the_same_things() {
        assert_eq!(refusal(&packages::good().without_file("locales/en.ftl")), "locales/en.ftl: the file is missing");
        let fewer = packages::good().replace_file("locales/en.ftl", "title = Sample\n");
        assert_eq!(refusal(&fewer), "locales/en.ftl: the message `welcome` is missing, which locales/ja.ftl:2 has");
        let broken = packages::good().replace_file("locales/ja.ftl", "title = 見本\nwelcome { = \n");
        assert!(refusal(&broken).starts_with("locales/ja.ftl:2: "), "{}", refusal(&broken));
        let foreign = packages::good().replace_file("templates/home.html", b"\xFF\xFE");
        assert_eq!(refusal(&foreign), "templates/home.html: the file is not UTF-8");
    }
}
