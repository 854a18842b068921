//! The binary `tsudoi`: command line, configuration, wiring and background work.

mod bundled;
mod commands;
mod compiling;
mod config;
mod connections;
mod demo;
mod egress;
mod mailer;
mod ports;
mod serve;
mod stage;
mod wiring;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A page is put together from many small pieces of text: with the system's allocator that costs a quarter more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Member sites for many organisations: one process, one database.
#[derive(Parser)]
#[command(name = "tsudoi", version)]
struct Arguments {
    /// A TOML file with the configuration; without it `tsudoi.toml` in this folder, if there is one.
    #[arg(long, global = true, env = "TSUDOI_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the organisations of this database.
    Serve(commands::serve::Arguments),
    /// Show two made-up organisations with everything switched on; their data is apart from everything else.
    Demo(commands::demo::Arguments),
    /// Bring the database up to this version, after a backup.
    Migrate,
    /// Write database and files into one folder, while the sites are served.
    Backup(commands::backup::BackupArguments),
    /// Bring a backup back into an empty data folder.
    Restore(commands::backup::RestoreArguments),
    /// Make an organisation.
    #[command(subcommand)]
    Organisation(commands::organisation::Command),
    /// People who run an organisation's site.
    #[command(subcommand)]
    Staff(commands::staff::Command),
    /// Plugins: install packages, switch them on for an organisation.
    Plugin(commands::plugin::Arguments),
    /// What is kept about a member, written out or erased.
    #[command(subcommand)]
    Member(commands::member::Command),
    /// Compile the package that comes on standard input: what the host starts itself for.
    #[command(hide = true)]
    CompilePackage {
        /// What the machine code has to fit, as JSON.
        target: String,
    },
    /// Check configuration, database, folders and mail, and say what to do about each fault.
    Doctor,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Command::CompilePackage { target } = &arguments.command {
        return compiling::answer(target);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("tsudoi").build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::anyhow!("the process can't start threads: {error}")),
    };
    match runtime.block_on(run(arguments)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = config::load(arguments.config.as_deref());
    if let Command::Doctor = arguments.command {
        return commands::doctor::run(config).await;
    }
    let config = config?;
    match arguments.command {
        Command::Serve(arguments) => commands::serve::run(config, arguments).await?,
        Command::Demo(arguments) => commands::demo::run(config, arguments).await?,
        Command::Migrate => commands::backup::migrate(&config).await?,
        Command::Backup(arguments) => commands::backup::backup(&config, &arguments).await?,
        Command::Restore(arguments) => commands::backup::restore(&config, &arguments).await?,
        Command::Organisation(command) => commands::organisation::run(&config, command).await?,
        Command::Staff(command) => commands::staff::run(&config, command).await?,
        Command::Plugin(arguments) => commands::plugin::run(config, arguments).await?,
        Command::Member(command) => commands::member::run(&config, command).await?,
        Command::CompilePackage { .. } | Command::Doctor => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// One line that says what is wrong.
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("tsudoi: {error:#}");
    ExitCode::FAILURE
}
