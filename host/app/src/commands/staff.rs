//! `tsudoi staff`: inviting the people who run an organisation's site.

use super::explained;
use crate::config::Config;
use crate::wiring::{self, House, Mode};
use anyhow::{bail, ensure};
use std::collections::BTreeSet;
use tsudoi_kernel::{Organisation, Permission};

#[derive(clap::Subcommand)]
pub enum Command {
    /// Mail somebody a link by which they set a password and become staff.
    Invite(Invite),
    /// Show the staff of an organisation.
    List {
        /// The organisation's slug.
        #[arg(long, value_name = "SLUG")]
        organisation: String,
    },
}

#[derive(clap::Args)]
pub struct Invite {
    /// The organisation's slug.
    #[arg(long, value_name = "SLUG")]
    organisation: String,
    #[arg(long)]
    email: String,
    /// What they are called on the site.
    #[arg(long)]
    name: String,
    /// What they may do: owner (everything), site, members, plugins, staff, or one of a plugin's, such as
    /// fan-board:moderate. Can be given several times; the first staff of an organisation are owners without it.
    #[arg(long = "permission", value_name = "PERMISSION")]
    permissions: Vec<String>,
}

pub async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let house = wiring::house(config, Mode::default()).await?;
    match command {
        Command::Invite(invite) => self::invite(config, &house, invite).await,
        Command::List { organisation } => list(&house, &organisation).await,
    }
}

async fn invite(config: &Config, house: &House, invite: Invite) -> anyhow::Result<()> {
    let organisation = super::organisation(house, &invite.organisation).await?;
    let permissions = permissions(house, &organisation, invite.permissions).await?;
    let invited = house.services.invite_staff(&organisation, &invite.email, &invite.name, permissions).await;
    let link = invited.map_err(|error| explained(house, error))?;
    if config.mail.smtp.is_some() && config.mail.from.is_some() {
        println!("Invited {}: the mail goes out while `tsudoi serve` runs.", invite.email);
    } else {
        println!(
            "Invited {}. Mail is not configured (mail.smtp, mail.from), so give them this link, which works once, for a week:",
            invite.email
        );
        println!("{link}");
    }
    Ok(())
}

/// Only permissions that there are, so that a mistyped one does not grant nothing in silence.
async fn permissions(house: &House, organisation: &Organisation, asked: Vec<String>) -> anyhow::Result<BTreeSet<Permission>> {
    let store = house.store.organisation(organisation.id);
    if asked.is_empty() {
        ensure!(store.staff().await?.is_empty(), "say what they may do: --permission {}", Permission::HOST.join(", "));
        return Ok(BTreeSet::from([Permission::new(Permission::OWNER)]));
    }
    let mut allowed: Vec<Permission> = Permission::HOST.into_iter().map(Permission::new).collect();
    for (installation, _) in store.installations().await? {
        let manifest = &installation.manifest;
        allowed.extend(manifest.staff_permissions.iter().map(|permission| Permission::of_plugin(&manifest.id, &permission.name)));
    }
    let permissions: BTreeSet<Permission> = asked.into_iter().map(Permission::new).collect();
    if let Some(unknown) = permissions.iter().find(|permission| !allowed.contains(permission)) {
        let allowed: Vec<&str> = allowed.iter().map(Permission::as_str).collect();
        bail!("there is no permission `{unknown}`; allowed: {}", allowed.join(", "));
    }
    Ok(permissions)
}

async fn list(house: &House, slug: &str) -> anyhow::Result<()> {
    let organisation = super::organisation(house, slug).await?;
    for staff in house.store.organisation(organisation.id).staff().await? {
        let permissions: Vec<&str> = staff.permissions.iter().map(Permission::as_str).collect();
        println!("{}  {}  {}", staff.email, staff.display_name, permissions.join(", "));
    }
    Ok(())
}
