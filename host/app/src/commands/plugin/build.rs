//! `tsudoi plugin build` and `check`: from a plugin's folder to a package that would be installed, or to the first thing that is
//! wrong, with its place. What needs no compiler is looked at before anything is compiled.

use crate::config::Config;
use anyhow::{Context, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tsudoi_kernel::Locale;
use tsudoi_kernel::manifest::{Manifest, Method};
use tsudoi_kernel::ports::InspectedPackage;
use tsudoi_pack::{Consent, process, toolchain};
use tsudoi_render::plugins::PluginTemplates;
use tsudoi_runtime::package;

#[derive(clap::Args)]
pub struct Arguments {
    /// The plugin's folder, with its plugin.toml.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// Install Rust's target for WebAssembly, where it is missing, without asking.
    #[arg(long)]
    pub yes: bool,
}

/// Builds, checks and writes `target/<id>.wasm` in the plugin's folder.
pub fn build(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let (_, file) = written(config, arguments)?;
    let size = std::fs::metadata(&file).map_or(0, |file| file.len());
    println!("{}, {} KB. Next: tsudoi plugin install {} (--demo for the demo)", file.display(), size.div_ceil(1024), file.display());
    Ok(())
}

/// The manifest, and where the package is.
pub fn written(config: &Config, arguments: &Arguments) -> anyhow::Result<(Manifest, PathBuf)> {
    let (manifest, bytes) = package_of(config, arguments)?;
    let file = arguments.folder.join("target").join(format!("{}.wasm", manifest.id));
    std::fs::write(&file, &bytes).with_context(|| format!("{} can't be written", file.display()))?;
    Ok((manifest, file))
}

/// The same without a file at the end.
pub fn check(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let (manifest, _) = package_of(config, arguments)?;
    println!("{} {} is in order: manifest, permissions, templates, and texts in both languages.", manifest.id, manifest.version);
    Ok(())
}

fn package_of(config: &Config, arguments: &Arguments) -> anyhow::Result<(Manifest, Vec<u8>)> {
    packed(config, arguments, |text, _| Ok(text.to_owned()))
}

/// The package of a build that is one of many: its version is that of the folder with `build` added, so that it comes after
/// those before it, and no other bytes ever stand under the plugin's own version.
pub fn numbered(config: &Config, arguments: &Arguments, build: &str) -> anyhow::Result<(Manifest, Vec<u8>)> {
    packed(config, arguments, |text, version| {
        let plain = version.split('+').next().unwrap_or(version);
        tsudoi_pack::with_version(text, &format!("{plain}+{build}"))
    })
}

fn packed(
    config: &Config,
    arguments: &Arguments,
    manifest_text: impl Fn(&str, &str) -> anyhow::Result<String>,
) -> anyhow::Result<(Manifest, Vec<u8>)> {
    let folder = std::fs::canonicalize(&arguments.folder).with_context(|| format!("there is no folder {}", arguments.folder.display()))?;
    let (manifest, text) = sources(&folder)?;
    let module = compiled(&folder, &manifest.id, Consent::from_environment(arguments.yes))?;
    let bytes = tsudoi_pack::pack(&module, &manifest_text(&text, &manifest.version)?, &folder)?;
    let package = package::inspect(&bytes, config.limits.package_bytes)?;
    Ok((package.manifest, bytes))
}

/// Manifest, with its text; templates and texts as they stand in the folder are looked at.
fn sources(folder: &Path) -> anyhow::Result<(Manifest, String)> {
    let text = std::fs::read_to_string(folder.join("plugin.toml"))
        .with_context(|| format!("there is no plugin.toml in {}: `tsudoi plugin new` makes a plugin", folder.display()))?;
    let files = tsudoi_pack::pack::files(folder)?;
    let manifest = package::check_sources(&text, &files)?;
    templates(&manifest.id, &files)?;
    named_templates(&folder.join("src"), &files)?;
    Ok((manifest, text))
}

/// A view that the code names by its file, in so many words, is among the templates.
fn named_templates(source: &Path, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(source).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            named_templates(&path, files)?;
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            for name in line.split("View::new(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                if !files.contains_key(&format!("templates/{name}")) {
                    bail!("{}:{}: there is no templates/{name}", path.display(), number + 1);
                }
            }
        }
    }
    Ok(())
}

/// Whether every template parses and every message that one names is there.
fn templates(id: &str, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    let common = tsudoi_web::texts::catalogue().map_err(|error| anyhow::anyhow!("the host's texts: {error}"))?;
    PluginTemplates::load(id, files, Arc::new(common)).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(())
}

/// The module that cargo makes of the plugin's crate.
fn compiled(folder: &Path, id: &str, consent: Consent) -> anyhow::Result<Vec<u8>> {
    if process::find_program(&["cargo"], &[]).is_none() {
        bail!("plugins are built by cargo, which was not found: https://rustup.rs installs it");
    }
    let toolchain = toolchain::ready(consent)?;
    let target = folder.join("target");
    process::run(&mut toolchain.cargo_build(folder, &target, &[(folder, id)])?).context("the plugin does not compile")?;
    let module = target.join(toolchain::TARGET).join("release").join(format!("{}.wasm", id.replace('-', "_")));
    std::fs::read(&module)
        .with_context(|| format!("{} is missing: the crate in Cargo.toml must be called {id} and be a cdylib", module.display()))
}

/// `tsudoi plugin inspect FILE`: what a package is and wants, without running anything of it.
pub fn inspect(config: &Config, file: &Path) -> anyhow::Result<()> {
    if file.is_dir() {
        bail!("{} is a folder: `tsudoi plugin build` makes the package in it, target/ID.wasm", file.display());
    }
    let bytes = std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    let package = package::inspect(&bytes, config.limits.package_bytes)?;
    templates(&package.manifest.id, &package.files)?;
    for line in told(&package) {
        println!("{line}");
    }
    Ok(())
}

fn told(package: &InspectedPackage) -> Vec<String> {
    let manifest = &package.manifest;
    let listed = |names: &[String]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let mut lines = vec![
        format!("{} {}, {} KB, sha256 {}", manifest.id, manifest.version, package.size.div_ceil(1024), package.hash),
        format!("calls: {}", listed(&package.imports)),
        format!("answers: {}", listed(&package.exports)),
    ];
    for request in &manifest.permissions {
        let optional = if request.optional { " (optional)" } else { "" };
        lines.push(format!("asks for: {}{optional}, {}", request.interface, request.why.get(Locale::En)));
    }
    if !manifest.member_fields.is_empty() {
        lines.push(format!("sees of members: {}", manifest.member_fields.join(", ")));
    }
    lines.extend(manifest.routes.iter().map(|route| {
        format!("page: {} {}", method(route.method), tsudoi_kernel::calls::plugin_path(route.area, &manifest.id, &route.path))
    }));
    lines.extend(manifest.settings.keys().map(|name| format!("setting: {name}")));
    lines.extend(manifest.blocks.iter().map(|block| format!("block: ::{}/{}", manifest.id, block.name)));
    lines.extend(manifest.collections.keys().map(|name| format!("collection: {name}")));
    lines.extend(reach(manifest));
    lines.extend(package.files.iter().map(|(path, bytes)| format!("file: {path}, {} bytes", bytes.len())));
    lines
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
    }
}

/// Where it goes and what it takes beside the calls of visitors: the outside, events, jobs.
fn reach(manifest: &Manifest) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(manifest.hosts.iter().filter_map(|host| host.origin().ok()).map(|origin| format!("goes to: {origin}")));
    for secret in &manifest.secrets {
        let hosts: Vec<String> = secret.hosts.iter().map(ToString::to_string).collect();
        let way = if hosts.is_empty() { "for signatures only".to_owned() } else { format!("for {}", hosts.join(", ")) };
        lines.push(format!("secret: {}, {way}", secret.name));
    }
    lines.extend(manifest.webhooks.iter().map(|webhook| format!("call from outside: /hooks/{}/{}", manifest.id, webhook.name)));
    lines.extend(manifest.topics.iter().map(|topic| format!("tells: {}.{}", manifest.id, topic.name)));
    lines.extend(manifest.subscriptions.iter().map(|subscription| format!("is told: {}", subscription.topic)));
    lines.extend(manifest.jobs.iter().map(|job| match &job.cron {
        Some(cron) => format!("job: {}, at {cron}", job.name),
        None => format!("job: {}", job.name),
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sources that `tsudoi plugin new` begins with, with one file changed.
    fn changed(file: &str, from: &str, to: &str) -> String {
        let top = tempfile::tempdir().unwrap();
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/template/guest-book");
        for path in ["plugin.toml", "templates/greetings.html", "templates/latest.html", "locales/ja.ftl", "locales/en.ftl"] {
            let text = std::fs::read_to_string(template.join(path)).unwrap();
            let text = if path == file {
                assert!(text.contains(from));
                text.replace(from, to)
            } else {
                text
            };
            std::fs::create_dir_all(top.path().join(path).parent().unwrap()).unwrap();
            std::fs::write(top.path().join(path), text).unwrap();
        }
        match sources(top.path()) {
            Ok((manifest, _)) => format!("{} is in order", manifest.id),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn what_a_new_plugin_begins_with_is_in_order() {
        assert_eq!(changed("plugin.toml", "", ""), "guest-book is in order");
    }

    #[test]
    fn a_mistake_in_the_manifest_is_told_with_its_line() {
        assert!(changed("plugin.toml", "contract =", "contrakt =").starts_with("plugin.toml:4: "));
    }

    #[test]
    fn a_text_that_one_language_lacks_is_named() {
        let told = changed("locales/en.ftl", "older = Older lines\n", "");
        assert!(told.starts_with("locales/en.ftl: the message `older` is missing, which locales/ja.ftl:8 has"), "{told}");
    }

    #[test]
    fn a_template_that_does_not_parse_is_told_with_its_line() {
        let told = changed("templates/latest.html", "{% endfor %}", "{% endfr %}");
        assert!(told.contains("templates/latest.html:6:"), "{told}");
        let told = changed("templates/latest.html", "none-yet", "none-jet");
        assert!(told.contains("templates/latest.html") && told.contains("none-jet"), "{told}");
    }

    #[test]
    fn a_template_that_the_code_names_and_that_is_not_there_is_told_with_its_line() {
        let source = tempfile::tempdir().unwrap();
        std::fs::write(source.path().join("lib.rs"), "fn a() {\n    View::new(\"greeting.html\", &())\n}\n").unwrap();
        let files = |name: &str| BTreeMap::from([(format!("templates/{name}"), Vec::new())]);
        assert!(named_templates(source.path(), &files("greeting.html")).is_ok());
        let told = named_templates(source.path(), &files("greetings.html")).unwrap_err().to_string();
        assert!(told.ends_with("lib.rs:2: there is no templates/greeting.html"), "{told}");
    }

    #[test]
    fn what_a_plugin_does_beside_pages_is_shown() {
        let manifest = r#"
id = "pay"
version = "0.1.0"
contract = "0.1"
name = { ja = "支払い", en = "Payments" }
hosts = [{ host = "api.example.com" }]
secrets = [{ name = "key", label = { ja = "鍵", en = "Key" }, hosts = ["https://api.example.com"] }]
webhooks = [{ name = "paid" }]
topics = [{ name = "settled", label = { ja = "精算済み", en = "Settled" } }]
subscriptions = [{ topic = "fan-board.posted" }]
jobs = [{ name = "settle", label = { ja = "精算", en = "Settle" }, cron = "0 3 * * *" }]
"#;
        let expected = [
            "goes to: https://api.example.com",
            "secret: key, for https://api.example.com",
            "call from outside: /hooks/pay/paid",
            "tells: pay.settled",
            "is told: fan-board.posted",
            "job: settle, at 0 3 * * *",
        ];
        assert_eq!(reach(&toml::from_str(manifest).unwrap()), expected);
    }

    #[test]
    fn a_folder_without_a_plugin_says_how_to_make_one() {
        let told = format!("{:#}", sources(tempfile::tempdir().unwrap().path()).unwrap_err());
        assert!(told.contains("`tsudoi plugin new` makes a plugin"), "{told}");
    }
}
