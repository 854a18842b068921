//! A Rust toolchain that can build for `wasm32-unknown-unknown`: found, or made ready.

use crate::install::{self, Consent};
use crate::process;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// How plugins are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    /// The toolchain that builds the host has the target.
    Plain,
    /// Debian's compiler, which builds the standard library for the target from its own sources. The linker comes from
    /// elsewhere, and must stay the same: another path would build the standard library anew.
    BuildStd { linker: PathBuf },
}

/// What there is to choose from.
#[derive(Debug, Clone, Default)]
struct Found {
    target_installed: bool,
    /// Debian's compiler with its sources.
    debian_compiler: bool,
    linker: Option<PathBuf>,
    /// `rustup` is there, and has not failed to fetch the target yet.
    rustup: bool,
    /// The packages are to be had.
    debian_packages: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Choice {
    Use(Toolchain),
    AddTarget,
    InstallPackages,
    Nothing,
}

/// What is ready wins; then what changes least on the machine.
fn choose(found: &Found) -> Choice {
    match found {
        Found { target_installed: true, .. } => Choice::Use(Toolchain::Plain),
        Found { debian_compiler: true, linker: Some(linker), .. } => Choice::Use(Toolchain::BuildStd { linker: linker.clone() }),
        Found { rustup: true, .. } => Choice::AddTarget,
        Found { debian_packages: true, debian_compiler: false, linker: Some(_), .. } => Choice::InstallPackages,
        _ => Choice::Nothing,
    }
}

/// Finds a toolchain, or makes one ready with consent.
pub fn ready(consent: Consent) -> Result<Toolchain> {
    let mut rustup_failed = false;
    let mut installed = false;
    loop {
        let mut found = look();
        found.rustup &= !rustup_failed;
        found.debian_packages &= !installed;
        match choose(&found) {
            Choice::Use(toolchain) => return Ok(toolchain),
            Choice::AddTarget => {
                consent.obtain(&format!(
                    "Plugins are WebAssembly. Rust's target for it is missing and will be fetched: rustup target add {TARGET}"
                ))?;
                rustup_failed = !add_target();
                if rustup_failed {
                    println!("rustup could not fetch it; trying the distribution's packages.");
                }
            }
            Choice::InstallPackages => {
                let message = format!(
                    "Plugins are WebAssembly. These packages, the distribution's own Rust with its sources, will be installed (some 700 MB):\n  {}\nThe Rust that you have stays the default.",
                    PACKAGES.join(" ")
                );
                install::install_packages(&PACKAGES, &[], &message, consent)?;
                installed = true;
            }
            Choice::Nothing => bail!(
                "Plugins are WebAssembly, and nothing here can build for it. Please make one of these work, then start again:\n  \
                 rustup target add {TARGET}\n  apt-get install {} (Debian 12 or newer, with rustup's rust-lld or the package lld)",
                PACKAGES.join(" ")
            ),
        }
    }
}

fn look() -> Found {
    Found {
        target_installed: target_installed(),
        debian_compiler: debian_compiler(),
        linker: linker(),
        rustup: process::find_program(&["rustup"], &[]).is_some(),
        debian_packages: install::is_debian(),
    }
}

/// Whether the default toolchain has the target's standard library, however it got there.
fn target_installed() -> bool {
    let folder = process::output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    let files = folder.ok().and_then(|folder| std::fs::read_dir(folder).ok());
    files.is_some_and(|files| files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
}

/// Whether `/usr/bin/rustc` is a compiler of the distribution whose sources are installed too, of this very version:
/// Debian 12's plain `rustc` is too old, and comes without them.
fn debian_compiler() -> bool {
    let sources = Path::new("/usr/lib/rustlib/src/rust/library/std/Cargo.toml");
    let version =
        |package: &str| process::output(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status} ${Version}", package])).ok();
    let same_version = match (version("rustc-web"), version("rust-web-src")) {
        (Some(compiler), Some(source)) => compiler.starts_with("installed ") && compiler == source,
        _ => false,
    };
    same_version && sources.exists() && Path::new("/usr/bin/cargo").exists() && Path::new("/usr/bin/rustc").exists()
}

/// rustup's own linker first: it is there wherever rustup's Rust is.
fn linker() -> Option<PathBuf> {
    let sysroot = PathBuf::from(process::output(Command::new("rustc").args(["--print", "sysroot"])).ok()?);
    let hosts = std::fs::read_dir(sysroot.join("lib/rustlib")).into_iter().flatten().flatten();
    let mut own: Vec<PathBuf> = hosts.map(|host| host.path().join("bin/rust-lld")).filter(|path| path.is_file()).collect();
    own.sort();
    let others = ["wasm-ld", "wasm-ld-22", "wasm-ld-19", "wasm-ld-16", "wasm-ld-15", "wasm-ld-14"];
    own.into_iter().next().or_else(|| process::find_program(&others, &[]))
}

/// Fetches the target in silence; a network that does not answer is given up on.
fn add_target() -> bool {
    let child =
        Command::new("rustup").args(["target", "add", TARGET]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    child.is_ok_and(|child| succeeds_within(child, Duration::from_secs(180)))
}

fn succeeds_within(mut child: std::process::Child, limit: Duration) -> bool {
    #[allow(clippy::disallowed_methods, reason = "how long a program of the network's takes is no time of the product's")]
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if started.elapsed() < limit => std::thread::sleep(Duration::from_millis(50)),
            _ => {
                // Whether it could still be stopped or not, its answer is no longer waited for.
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

impl Toolchain {
    /// `cargo build --target wasm32-unknown-unknown …` in a plugin's folder or a workspace of plugins. Paths below `remapped` don't get
    /// into the package; they stand there under the name beside them.
    pub fn cargo_build(&self, folder: &Path, target: &Path, remapped: &[(&Path, &str)]) -> Result<Command> {
        let mut command = match self {
            Self::Plain => {
                let mut command = process::without_cargo_run(Command::new("cargo"));
                command.env_remove("CARGO_TARGET_DIR");
                command
            }
            Self::BuildStd { linker } => {
                let mut command = process::without_cargo_run(Command::new("/usr/bin/cargo"));
                // The libraries and the choice of rustup's toolchain are not meant for Debian's compiler.
                for leaked in ["RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "LD_LIBRARY_PATH", "RUSTDOC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"]
                {
                    command.env_remove(leaked);
                }
                command.env("RUSTC_BOOTSTRAP", "1").env("RUSTC", "/usr/bin/rustc");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                command
            }
        };
        command.current_dir(folder);
        command.args(["build", "--release", "--target", TARGET]).arg("--target-dir").arg(target);
        if *self != Self::Plain {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        // A package holds no path of the machine that built it.
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")));
        let home = home.context("there is no home folder")?;
        let remap = |from: &Path, to: &str| format!("\"--remap-path-prefix={}={to}\"", from.display());
        let flags = std::iter::once(remap(&home, "cargo")).chain(remapped.iter().map(|(from, to)| remap(from, to)));
        let flags = flags.collect::<Vec<_>>().join(",");
        command.arg("--config").arg(format!("target.{TARGET}.rustflags=[{flags}]"));
        Ok(command)
    }

    /// Changes when the compiler changes, so that what another one built is built again.
    pub fn identity(&self) -> Result<String> {
        let compiler = if *self == Self::Plain { "rustc" } else { "/usr/bin/rustc" };
        let version = process::output(Command::new(compiler).arg("-vV").env_remove("LD_LIBRARY_PATH"))?;
        Ok(format!("{self:?}\n{version}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linker() -> Option<PathBuf> {
        Some("/opt/rust-lld".into())
    }

    #[test]
    fn a_toolchain_with_the_target_is_used_as_it_is() {
        let found = Found { target_installed: true, debian_compiler: true, linker: linker(), rustup: true, debian_packages: true };
        assert_eq!(choose(&found), Choice::Use(Toolchain::Plain));
    }

    #[test]
    fn debians_compiler_is_used_at_once_where_it_is_installed() {
        let found = Found { debian_compiler: true, linker: linker(), rustup: true, debian_packages: true, ..Found::default() };
        assert_eq!(choose(&found), Choice::Use(Toolchain::BuildStd { linker: "/opt/rust-lld".into() }));
    }

    #[test]
    fn rustup_is_tried_before_packages_are_installed() {
        let mut found = Found { linker: linker(), rustup: true, debian_packages: true, ..Found::default() };
        assert_eq!(choose(&found), Choice::AddTarget);
        found.rustup = false;
        assert_eq!(choose(&found), Choice::InstallPackages);
    }

    #[test]
    fn packages_are_not_installed_twice_nor_where_nothing_could_link() {
        let without_linker = Found { debian_packages: true, ..Found::default() };
        assert_eq!(choose(&without_linker), Choice::Nothing);
        let after_install = Found { debian_packages: false, linker: linker(), ..Found::default() };
        assert_eq!(choose(&after_install), Choice::Nothing);
    }

    #[test]
    fn a_child_that_does_not_end_is_given_up_on() {
        let spawn = |seconds: &str| Command::new("sleep").arg(seconds).spawn().unwrap();
        assert!(!succeeds_within(spawn("60"), Duration::from_millis(20)));
        assert!(succeeds_within(spawn("0"), Duration::from_secs(30)));
    }

    #[test]
    fn debians_cargo_is_not_led_astray_by_rustup() {
        let toolchain = Toolchain::BuildStd { linker: "/opt/rust-lld".into() };
        let command = toolchain.cargo_build(Path::new("/src"), Path::new("/src/target"), &[(Path::new("/src"), "plugin")]).unwrap();
        assert_eq!(command.get_program(), "/usr/bin/cargo");
        assert!(command.get_args().any(|argument| argument.to_string_lossy().contains("--remap-path-prefix=/src=plugin")));
        let variable = |name: &str| command.get_envs().find(|(key, _)| *key == name).map(|(_, value)| value);
        assert_eq!(variable("RUSTC"), Some(Some("/usr/bin/rustc".as_ref())));
        assert_eq!(variable("RUSTUP_TOOLCHAIN"), Some(None));
        assert_eq!(variable("LD_LIBRARY_PATH"), Some(None));
        assert_eq!(variable("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER"), Some(Some("/opt/rust-lld".as_ref())));
    }
}
