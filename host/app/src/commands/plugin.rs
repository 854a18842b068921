//! `tsudoi plugin`: packages of the whole process, what organisations switch on, and tools for whoever writes a plugin.

mod build;
mod dev;
mod life;
mod new;
mod test;

use crate::config::Config;
use crate::wiring::{self, House, Mode};
use anyhow::{Context, bail};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use tsudoi_kernel::Locale;
use tsudoi_kernel::background::permission_words;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_services::ServiceError;
use tsudoi_services::plugins::{Consent, Enabled};
use tsudoi_store::OrganisationStore;

#[derive(clap::Args)]
pub struct Arguments {
    /// Work in the demo's data, `TSUDOI_DATA`/demo or those of the checkout that this program was built from (`cargo xtask demo`).
    #[arg(long, global = true)]
    demo: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make the folder of a new plugin, one that works.
    New(new::Arguments),
    /// Build a plugin and write its package, target/ID.wasm.
    Build(build::Arguments),
    /// Say what is wrong with a plugin: manifest, permissions, templates, texts.
    Check(build::Arguments),
    /// Build a plugin and run its tests on this host, with a database that is thrown away and a clock that the tests turn.
    Test(test::Arguments),
    /// Show a plugin in a site that is served, and each change of it as soon as it is saved.
    Dev(dev::Arguments),
    /// What a test talks to: one plugin on a host of its own, told what happens on standard input.
    #[command(hide = true)]
    Stage {
        #[arg(value_name = "FILE")]
        package: PathBuf,
    },
    /// Show what a package is and wants. Nothing of it is run.
    Inspect {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Check packages and keep them. No organisation has them switched on by that.
    Install {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Show the plugins there are.
    List {
        /// Show also which of them this organisation has switched on.
        #[arg(long, value_name = "SLUG")]
        organisation: Option<String>,
    },
    /// Switch a plugin on for an organisation, or on to its newest version, after showing what it may do.
    Enable {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "SLUG")]
        organisation: String,
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
    /// Update a plugin of an organisation to its newest version, after showing what changes, and wait for the end.
    Upgrade {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "SLUG")]
        organisation: String,
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
    /// Go back to the version before the last update. What was written since is lost.
    Rollback {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "SLUG")]
        organisation: String,
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
    /// Take a plugin away from an organisation: say what becomes of its data.
    Uninstall(life::Uninstall),
    /// Switch a plugin off for an organisation. What it keeps stays.
    Disable {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "SLUG")]
        organisation: String,
    },
}

pub async fn run(mut config: Config, arguments: Arguments) -> anyhow::Result<()> {
    if arguments.demo {
        config.data = demo_data(&config.data)?;
    }
    let config = &config;
    match arguments.command {
        // An author's tools need no database.
        Command::New(arguments) => new::run(&arguments),
        Command::Build(arguments) => build::build(config, &arguments),
        Command::Check(arguments) => build::check(config, &arguments),
        Command::Test(arguments) => test::run(config, &arguments),
        Command::Dev(own) => dev::run(config, own, arguments.demo).await,
        Command::Stage { package } => test::stage(&package).await,
        Command::Inspect { file } => build::inspect(config, &file),
        Command::Install { files } => install(config, &opened(config).await?, &files).await,
        Command::List { organisation } => list(&opened(config).await?, organisation.as_deref()).await,
        Command::Enable { id, organisation, yes } => enable(&opened(config).await?, &id, &organisation, yes).await,
        Command::Disable { id, organisation } => disable(&opened(config).await?, &id, &organisation).await,
        Command::Upgrade { id, organisation, yes } => life::upgrade(&opened(config).await?, &id, &organisation, yes).await,
        Command::Rollback { id, organisation, yes } => life::roll_back(&opened(config).await?, &id, &organisation, yes).await,
        Command::Uninstall(uninstall) => life::uninstall(&opened(config).await?, uninstall).await,
    }
}

/// Where a demo has data: below the configured folder, as `tsudoi demo` keeps them, or in the checkout.
fn demo_data(configured: &Path) -> anyhow::Result<PathBuf> {
    let places = [configured.join("demo"), Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/demo")];
    let found = places.iter().find(|place| place.join("tsudoi.db").exists());
    found.cloned().with_context(|| {
        let [configured, checkout] = places.each_ref().map(|place| place.display());
        format!("no demo has data in {configured} or {checkout}: start it with `cargo xtask demo`, and leave it running")
    })
}

async fn opened(config: &Config) -> anyhow::Result<House> {
    wiring::house(config, Mode::default()).await
}

/// Each file for itself: a refused one does not keep the others out.
async fn install(config: &Config, house: &House, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut refused = Vec::new();
    for file in files {
        match install_one(config, house, file).await {
            Ok(installed) => println!("{installed} into the data in {}", config.data.display()),
            Err(error) => refused.push(format!("{}: {error:#}", file.display())),
        }
    }
    if refused.len() < files.len() {
        println!("Next: staff switch it on in the admin, or `tsudoi plugin enable ID --organisation SLUG`.");
    }
    if refused.is_empty() { Ok(()) } else { bail!("{}", refused.join("\n")) }
}

async fn install_one(config: &Config, house: &House, file: &Path) -> anyhow::Result<String> {
    // A file that is larger than any package is not read whole.
    let metadata = std::fs::metadata(file).context("the file can't be read")?;
    if metadata.is_dir() {
        bail!("this is a folder: `tsudoi plugin build` makes the package in it, target/ID.wasm");
    }
    let size = metadata.len();
    let largest = config.limits.package_bytes;
    if size > largest as u64 {
        bail!("file: {size} bytes are more than a package can have ({largest}, `limits.package-bytes`)");
    }
    let bytes = std::fs::read(file).context("the file can't be read")?;
    let package = house.services.install_package(bytes).await?;
    Ok(format!("installed {} {}", package.manifest.id, package.manifest.version))
}

async fn list(house: &House, organisation: Option<&str>) -> anyhow::Result<()> {
    let Some(slug) = organisation else {
        let packages = house.services.packages().await?;
        if packages.is_empty() {
            println!("There are none yet: `tsudoi plugin install FILE` adds one, and `tsudoi serve` those inside this program.");
        }
        for package in packages {
            println!("{} {}  {}", package.manifest.id, package.manifest.version, package.manifest.name.get(Locale::En));
        }
        return Ok(());
    };
    let store = of(house, slug).await?;
    for summary in house.services.plugin_switchboard(&store).await? {
        let state = match &summary.installed {
            Some((installation, _)) if !installation.enabled => "off".to_owned(),
            Some((installation, _)) if installation.package_hash != summary.package_hash => {
                format!(
                    "on, version {}; {} is there: enable it again to change over",
                    installation.manifest.version, summary.manifest.version
                )
            }
            Some(_) => "on".to_owned(),
            None => "off".to_owned(),
        };
        println!("{} {}  {state}", summary.manifest.id, summary.manifest.version);
    }
    Ok(())
}

async fn enable(house: &House, id: &str, slug: &str, yes: bool) -> anyhow::Result<()> {
    let store = of(house, slug).await?;
    let package = house.services.newest_package(id).await?;
    let package = package.with_context(|| format!("there is no plugin `{id}`: `tsudoi plugin list` shows those that there are"))?;
    let manifest = &package.manifest;
    for line in consent(house, manifest) {
        println!("{line}");
    }
    if !yes && !agreed(slug)? {
        println!("It stays off.");
        return Ok(());
    }
    match house.services.editor_of(store.id(), None).enable_plugin(id, &Consent::to_all(&package)).await? {
        Enabled::On => println!("{id} {} is on for {slug}.", manifest.version),
        Enabled::Upgrading => life::until_upgraded(house, &store, id).await?,
    }
    Ok(())
}

/// What a plugin may do and adds, in plain words.
fn consent(house: &House, manifest: &Manifest) -> Vec<String> {
    let text = |key: &str| house.catalogue.text(Locale::En, key).unwrap_or_else(|| key.to_owned());
    let mut lines = vec![format!("{} {} ({})", manifest.name.get(Locale::En), manifest.version, manifest.id)];
    match manifest.description.get(Locale::En) {
        "" => {}
        description => lines.push(format!("  {description}")),
    }
    lines.push(format!("{}:", text("plugins-asks-title")));
    if manifest.permissions.is_empty() {
        lines.push(format!("  - {}", text("plugins-asks-nothing")));
    }
    for request in &manifest.permissions {
        let (key, plugin) = permission_words(&request.interface);
        let power = house.catalogue.message(Locale::En, &key, &serde_json::json!({ "plugin": plugin })).unwrap_or(key);
        lines.push(format!("  - {power}: {}", request.why.get(Locale::En)));
    }
    if !manifest.member_fields.is_empty() {
        let fields: Vec<String> = manifest.member_fields.iter().map(|field| text(&format!("member-field-{field}"))).collect();
        lines.push(format!("    {} {}", text("plugins-fields"), fields.join(", ")));
    }
    for host in manifest.hosts.iter().filter_map(|host| host.origin().ok()) {
        lines.push(format!("    {} {host}", text("plugins-hosts")));
    }
    for secret in &manifest.secrets {
        let hosts: Vec<String> = secret.hosts.iter().map(ToString::to_string).collect();
        let way = if hosts.is_empty() { String::new() } else { format!(" → {}", hosts.join(", ")) };
        lines.push(format!("    {} {}{way}", text("plugins-secrets"), secret.label.get(Locale::En)));
    }
    lines.push(text(if manifest.hosts.is_empty() { "plugins-never" } else { "plugins-never-else" }));
    lines
}

/// Asked at a terminal only: elsewhere nobody can answer.
fn agreed(slug: &str) -> anyhow::Result<bool> {
    asked(&format!("Switch it on for {slug}?"))
}

pub(super) fn asked(question: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody can be asked here: say --yes to allow this");
    }
    print!("{question} [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

async fn disable(house: &House, id: &str, slug: &str) -> anyhow::Result<()> {
    let store = of(house, slug).await?;
    house.services.editor_of(store.id(), None).disable_plugin(id).await.map_err(|error| match error {
        ServiceError::NotFound => anyhow::anyhow!("{slug} has never had `{id}` switched on"),
        other => other.into(),
    })?;
    println!("{id} is off for {slug}. What it keeps stays.");
    Ok(())
}

async fn of(house: &House, slug: &str) -> anyhow::Result<OrganisationStore> {
    Ok(house.store.organisation(super::organisation(house, slug).await?.id))
}
