//! Packages for tests of inspection: components that can be taken apart, though not run.

use wasm_encoder::{ComponentSection, CustomSection};

pub const MANIFEST: &str = r#"id = "sample"
version = "0.1.0"
contract = "0.1"
name = { ja = "見本", en = "Sample" }
description = { ja = "試すためのもの", en = "For trying" }

[[permissions]]
why = { ja = "投稿を保存します", en = "To keep posts" }
interface = "store"

[collections.threads]
[collections.threads.indexes.latest]
fields = ["board", "posted"]

[[staff-permissions]]
name = "moderate"
label = { ja = "投稿の管理", en = "Moderate posts" }
[[routes]]
name = "home"
method = "GET"
path = "/"
area = "site"
[[routes]]
path = "/threads/{thread}"
name = "thread"
method = "GET"
area = "site"
[[routes]]
name = "moderation"
method = "GET"
path = "/reports"
area = "admin"
permission = "moderate"
[[blocks]]
name = "latest-threads"
label = { ja = "新着", en = "Latest threads" }
[blocks.parameters.limit]
type = "integer"
label = { ja = "件数", en = "How many" }
default = 5
minimum = 1
maximum = 20

[[menu]]
area = "site"
label = { ja = "掲示板", en = "Board" }
path = "/" # menu

[settings.open]
type = "boolean"
label = { ja = "公開", en = "Open" }
default = true

[collections.boards.indexes.name]
fields = ["name"]
unique = true
"#;

pub struct Package {
    imports: Vec<String>,
    exports: Vec<String>,
    manifest: Option<String>,
    files: Vec<(String, Vec<u8>)>,
    sections: Vec<(String, Vec<u8>)>,
}

pub fn good() -> Package {
    let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
    Package {
        imports: vec!["tsudoi:plugin/types@0.1.0".into(), "tsudoi:plugin/store@0.1.0".into()],
        exports: vec!["tsudoi:plugin/pages@0.1.0".into(), "tsudoi:plugin/blocks@0.1.0".into()],
        manifest: Some(MANIFEST.into()),
        files: vec![
            file("templates/home.html", "<p>{{ title }}</p>"),
            file("locales/ja.ftl", "title = 見本\nwelcome = ようこそ\n"),
            file("locales/en.ftl", "title = Sample\nwelcome = Welcome\n"),
            file("assets/board.css", "p { margin: 0 }"),
        ],
        sections: vec![],
    }
}

impl Package {
    pub fn import(mut self, name: &str) -> Self {
        self.imports.push(name.into());
        self
    }

    pub fn without_import(mut self, interface: &str) -> Self {
        self.imports.retain(|name| !name.contains(interface));
        self
    }

    pub fn export(mut self, name: &str) -> Self {
        self.exports.push(name.into());
        self
    }

    pub fn without_export(mut self, interface: &str) -> Self {
        self.exports.retain(|name| !name.contains(interface));
        self
    }

    pub fn section(mut self, name: &str, bytes: &[u8]) -> Self {
        self.sections.push((name.into(), bytes.into()));
        self
    }

    pub fn file(mut self, path: &str, bytes: &[u8]) -> Self {
        self.files.push((path.into(), bytes.into()));
        self
    }

    pub fn without_file(mut self, path: &str) -> Self {
        self.files.retain(|(name, _)| name != path);
        self
    }

    pub fn replace_file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.without_file(path).file(path, bytes.as_ref())
    }

    pub fn with_manifest(mut self, manifest: &str) -> Self {
        self.manifest = Some(manifest.into());
        self
    }

    pub fn without_manifest(mut self) -> Self {
        self.manifest = None;
        self
    }

    pub fn edit_manifest(mut self, from: &str, to: &str) -> Self {
        let manifest = self.manifest.take().unwrap();
        assert!(manifest.contains(from), "the manifest has no `{from}`");
        self.manifest = Some(manifest.replacen(from, to, 1));
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let imports = self.imports.iter().map(|name| format!("(import \"{name}\" (instance))"));
        let exports = self.exports.iter().map(|name| format!("(export \"{name}\" (instance $nothing))"));
        let text = imports.chain(["(instance $nothing)".to_owned()]).chain(exports).collect::<Vec<_>>().join("\n");
        self.around(wat::parse_str(format!("(component\n{text})")).unwrap())
    }

    /// The manifest, files and sections of this package around another component.
    pub fn around(&self, component: Vec<u8>) -> Vec<u8> {
        let mut bytes = component;
        let mut append = |name: &str, data: &[u8]| CustomSection { name: name.into(), data: data.into() }.append_to_component(&mut bytes);
        if let Some(manifest) = &self.manifest {
            append("tsudoi:manifest", manifest.as_bytes());
        }
        for (path, data) in &self.files {
            append(&format!("tsudoi:file/{path}"), data);
        }
        for (name, data) in &self.sections {
            append(name, data);
        }
        bytes
    }
}
