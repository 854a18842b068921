//! `cargo xtask <command>`: set-up, demo, tests, plugin builds, benchmarks and the checks of the project's own rules.

mod bench;
mod demo;
mod plugins;
mod process;
mod progress;
mod sabotage;
mod setup;
mod soak;
mod test;
mod tidy;
mod tour;

use clap::{Args, Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Set-up, demo, tests, plugin builds and checks")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the plugins and the host, and serve the demo
    Demo {
        /// Port of the first demo site; the second has the next one
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Address to listen on
        #[arg(long)]
        address: Option<std::net::IpAddr>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Run every check and test
    Test {
        /// Only test cases whose name contains this, and none of the other checks
        filter: Option<String>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Build plugins/<id> and pack each as target/plugins/<id>.wasm
    Plugins {
        #[command(flatten)]
        consent: Consent,
    },
    /// Take the pictures of docs/tour.md anew, from the demo
    Tour {
        /// Only pictures whose names contain this
        filter: Option<String>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Check the rules of the code that a program can check
    Tidy,
    /// Build with optimisation and measure
    Bench {
        #[command(flatten)]
        consent: Consent,
    },
    /// Try what must never be traded away with large numbers; takes an hour
    Soak {
        #[command(flatten)]
        consent: Consent,
    },
    /// Break guards of xtask/sabotage.toml one at a time and see that a test notices
    Sabotage {
        /// Only guards whose name contains this
        filter: Option<String>,
    },
}

#[derive(Args)]
struct Consent {
    /// Install what is missing without asking
    #[arg(long)]
    yes: bool,
}

impl Consent {
    fn into_setup(self) -> setup::Consent {
        setup::Consent::from_environment(self.yes)
    }
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo { port, address, consent } => demo::run(port, address, consent.into_setup()),
        Command::Test { filter, consent } => test::run(filter.as_deref(), consent.into_setup()),
        Command::Plugins { consent } => plugins::run(consent.into_setup()),
        Command::Tour { filter, consent } => tour::run(filter.as_deref(), consent.into_setup()),
        Command::Tidy => tidy::run(),
        Command::Bench { consent } => bench::run(consent.into_setup()),
        Command::Soak { consent } => soak::run(consent.into_setup()),
        Command::Sabotage { filter } => sabotage::run(filter.as_deref()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
