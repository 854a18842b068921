//! `tsudoi organisation`: making organisations and listing them.

use super::explained;
use crate::config::Config;
use crate::wiring::{self, Mode};
use tsudoi_kernel::{Email, Locale};
use tsudoi_services::organisations::{NewOrganisation, OrganisationError};

#[derive(clap::Subcommand)]
pub enum Command {
    /// Make an organisation with a first site: home, about, contact and privacy pages to begin with.
    Create(Create),
    /// Show the organisations there are.
    List,
    /// Show the domains of an organisation, after adding or removing some.
    Hosts {
        /// The organisation's slug.
        #[arg(long, value_name = "SLUG")]
        organisation: String,
        /// Can be given several times.
        #[arg(long, value_name = "DOMAIN")]
        add: Vec<String>,
        /// Can be given several times.
        #[arg(long, value_name = "DOMAIN")]
        remove: Vec<String>,
    },
}

#[derive(clap::Args)]
pub struct Create {
    /// What it is called in addresses and commands: small letters, digits and `-`.
    #[arg(long)]
    slug: String,
    /// What it is called on its site.
    #[arg(long)]
    name: String,
    /// The language of its site: ja or en.
    #[arg(long, default_value = "ja", value_parser = locale)]
    locale: Locale,
    /// An IANA name; without it Asia/Tokyo for Japanese and UTC for English.
    #[arg(long)]
    time_zone: Option<String>,
    /// Three capital letters; without it JPY for Japanese and USD for English.
    #[arg(long)]
    currency: Option<String>,
    /// A domain of its own, such as www.example.jp. Can be given several times.
    #[arg(long = "host", value_name = "DOMAIN")]
    hosts: Vec<String>,
    /// Where visitors can write to; shown on its contact page.
    #[arg(long)]
    contact_email: Option<Email>,
}

fn locale(text: &str) -> Result<Locale, String> {
    Locale::ALL.into_iter().find(|locale| locale.tag() == text).ok_or_else(|| "allowed: ja, en".to_owned())
}

pub async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create(create) => self::create(config, create).await,
        Command::List => list(config).await,
        Command::Hosts { organisation, add, remove } => hosts(config, &organisation, &add, &remove).await,
    }
}

async fn create(config: &Config, create: Create) -> anyhow::Result<()> {
    let house = wiring::house(config, Mode::default()).await?;
    let (time_zone, currency) = match create.locale {
        Locale::Ja => ("Asia/Tokyo", "JPY"),
        Locale::En => ("UTC", "USD"),
    };
    let wanted = NewOrganisation {
        slug: create.slug,
        name: create.name,
        locale: create.locale,
        time_zone: create.time_zone.unwrap_or_else(|| time_zone.into()),
        currency: create.currency.unwrap_or_else(|| currency.into()),
        hosts: create.hosts,
        contact_email: create.contact_email,
    };
    let organisation = house.services.create_organisation(wanted).await.map_err(|error| match error {
        OrganisationError::Service(error) => explained(&house, error),
        other => other.into(),
    })?;
    println!("Made {} ({}): {}", organisation.slug, organisation.name, house.services.public_url(&organisation));
    println!("Next: tsudoi staff invite --organisation {} --email ADDRESS --name NAME", organisation.slug);
    Ok(())
}

async fn list(config: &Config) -> anyhow::Result<()> {
    let store = wiring::open_current_store(config).await?;
    let organisations = store.organisations_all_organisations().await?;
    if organisations.is_empty() {
        println!("There are none yet: `tsudoi organisation create` makes one.");
    }
    for organisation in organisations {
        println!(
            "{}  {}  {}  {}  {}",
            organisation.slug,
            organisation.name,
            organisation.locale.tag(),
            organisation.time_zone,
            organisation.currency
        );
    }
    Ok(())
}

async fn hosts(config: &Config, slug: &str, add: &[String], remove: &[String]) -> anyhow::Result<()> {
    let house = wiring::house(config, Mode::default()).await?;
    let organisation = super::organisation(&house, slug).await?;
    for host in add {
        house.services.add_host(&organisation, host).await?;
    }
    for host in remove {
        house.services.remove_host(&organisation, host).await?;
    }
    for host in house.services.hosts(&organisation).await? {
        println!("{host}");
    }
    Ok(())
}
