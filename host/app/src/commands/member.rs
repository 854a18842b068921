//! `tsudoi member`: what is kept about one member, written out or erased, across all plugins.

use crate::config::Config;
use crate::wiring::{self, House, Mode};
use anyhow::{Context, bail};
use std::io::Write;
use std::path::{Path, PathBuf};
use tsudoi_kernel::MemberId;
use tsudoi_services::editor::Editor;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Write everything that is kept about a member into a file, as JSON: the record, the timeline, documents of plugins.
    Export {
        /// The member's number.
        #[arg(value_name = "NUMBER")]
        number: String,
        #[arg(long, value_name = "SLUG")]
        organisation: String,
        /// A file that there is not yet; `-` writes to the standard output.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Take a member out of everything: documents of plugins are deleted or made anonymous, as each plugin says, and the
    /// record goes. It can't be undone.
    Erase {
        /// The member's number.
        #[arg(value_name = "NUMBER")]
        number: String,
        #[arg(long, value_name = "SLUG")]
        organisation: String,
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
}

pub async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let house = wiring::house(config, Mode::default()).await?;
    match command {
        Command::Export { number, organisation, to } => export(&house, &organisation, &number, &to).await,
        Command::Erase { number, organisation, yes } => erase(&house, &organisation, &number, yes).await,
    }
}

async fn find(house: &House, slug: &str, number: &str) -> anyhow::Result<(Editor, MemberId)> {
    let organisation = super::organisation(house, slug).await?;
    let editor = house.services.editor_of(organisation.id, None);
    let member = house.services.member_by_number(&editor, number).await?;
    Ok((editor, member.with_context(|| format!("{slug} has no member with the number {number}"))?))
}

async fn export(house: &House, slug: &str, number: &str, to: &Path) -> anyhow::Result<()> {
    let (editor, member) = find(house, slug, number).await?;
    let data = serde_json::to_string_pretty(&editor.export_member_data(member).await?)?;
    if to == Path::new("-") {
        println!("{data}");
        return Ok(());
    }
    let file = std::fs::File::create_new(to).and_then(|mut file| file.write_all(data.as_bytes()).and_then(|()| file.sync_all()));
    file.with_context(|| format!("{} can't be written", to.display()))?;
    println!("What is kept about {number} is in {}.", to.display());
    Ok(())
}

async fn erase(house: &House, slug: &str, number: &str, yes: bool) -> anyhow::Result<()> {
    let (editor, member) = find(house, slug, number).await?;
    if !yes && !super::plugin::asked(&format!("Erase the member {number} of {slug} for good?"))? {
        bail!("nothing was erased");
    }
    let erased = editor.erase_member_data(member).await?;
    println!("{number} is erased: {} documents deleted, {} made anonymous.", erased.deleted, erased.anonymised);
    Ok(())
}
