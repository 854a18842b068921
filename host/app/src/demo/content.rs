//! The demo's files, parsed. Their format is described in host/app/demo/README.md; an unknown key is a mistake.

use crate::bundled;
use anyhow::{Context, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use tsudoi_kernel::form::Form;
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::segment::SegmentRule;
use tsudoi_kernel::{Gate, Locale};
use tsudoi_services::invoices::{InvoiceSettings, LineInput, TaxKind};

/// One organisation of the demo.
pub struct Content {
    pub organisation: OrganisationFile,
    pub members: Vec<MemberEntry>,
    pub files: Vec<FileEntry>,
    pub bytes: BTreeMap<String, Vec<u8>>,
    pub pages: Vec<PageFile>,
    pub threads: Vec<Thread>,
    pub forms: FormsContent,
    pub mailings: Vec<MailingEntry>,
    pub invoices: InvoicesContent,
    pub plugins: PluginsContent,
}

/// What was done with plugins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginsContent {
    /// Plugins that this organisation does without.
    #[serde(default)]
    pub off: Vec<String>,
    /// By plugin: what staff chose.
    #[serde(default)]
    pub settings: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    #[serde(default)]
    pub posts: Vec<PluginPost>,
}

/// A form that somebody sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginPost {
    pub plugin: String,
    /// In the staff's area.
    #[serde(default)]
    pub admin: bool,
    /// A member's number; without one it was staff.
    pub by: Option<String>,
    pub days_ago: u32,
    /// A name for the id in the address that it leads to.
    pub called: Option<String>,
    /// In it and in the form, `{last}` is the id that the post before led to, `{name}` the one of a post with this name, and
    /// `{member:H-0001}` a member's id.
    pub path: String,
    #[serde(default)]
    pub form: BTreeMap<String, String>,
    /// Fields of the form as a page of the plugin's has them.
    pub from_page: Option<FromPage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromPage {
    pub path: String,
    /// Not in the staff's area.
    #[serde(default)]
    pub site: bool,
    /// Names in the page's data.
    #[serde(default)]
    pub fields: Vec<String>,
    /// By name: the id of a row of one of the page's lists. It goes to where the post's path names it, or else into a field.
    #[serde(default)]
    pub rows: BTreeMap<String, RowOfPage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowOfPage {
    /// A JSON pointer into the page's data.
    pub list: String,
    /// The title or the name of the row.
    pub says: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailingsFile {
    mailings: Vec<MailingEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailingEntry {
    /// When it went out, or goes out: one of both.
    pub days_ago: Option<u32>,
    pub in_days: Option<u32>,
    pub at: String,
    pub gate: Gate,
    pub subject: Localised,
    pub text: Localised,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormsContent {
    pub forms: Vec<FormEntry>,
    pub answers: Vec<AnswerEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormEntry {
    pub address: String,
    pub form: Form,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerEntry {
    /// A form's address.
    pub form: String,
    pub days_ago: u32,
    #[serde(default)]
    pub done: bool,
    /// By the input's name, with the fields' keys of the file.
    pub typed: BTreeMap<String, String>,
    /// Whoever asked to join became a member.
    pub approved: Option<ApprovedEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovedEntry {
    pub days_ago: u32,
    pub number: String,
    pub display_name: String,
    pub tier: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoicesContent {
    pub settings: InvoiceSettings,
    /// What each type of members pays for a term.
    pub dues: Vec<DuesEntry>,
    /// When they were asked for the term that is on.
    pub dues_asked: DuesAsked,
    pub invoices: Vec<InvoiceEntry>,
    /// Of invoices that dues and plugins issued.
    #[serde(default)]
    pub payments: Vec<BillPaid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuesAsked {
    pub days_ago: u32,
    /// Of the payment, from that day on.
    pub due_in_days: u32,
    /// Later runs, for who came since.
    #[serde(default)]
    pub again_days_ago: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillPaid {
    /// Members' numbers.
    pub members: Vec<String>,
    pub days_ago: u32,
    /// Their only unpaid invoice that says this.
    pub of: String,
    /// All that is to be paid, where it is not said.
    pub amount: Option<String>,
    pub method: String,
    #[serde(default)]
    pub reference: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuesEntry {
    /// A type's key.
    #[serde(rename = "type")]
    pub member_type: String,
    pub usual: String,
    #[serde(default)]
    pub tiers: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceEntry {
    /// A member's number.
    pub member: String,
    pub days_ago: u32,
    #[serde(default)]
    pub period: String,
    pub lines: Vec<BillLine>,
    #[serde(default)]
    pub payments: Vec<PaymentEntry>,
    pub credit: Option<CreditEntry>,
    /// Not issued.
    #[serde(default)]
    pub draft: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillLine {
    pub name: String,
    pub price: String,
    #[serde(default = "one")]
    pub quantity: u32,
    #[serde(default)]
    pub unit: String,
    pub kind: TaxKind,
}

fn one() -> u32 {
    1
}

impl BillLine {
    /// As staff type it.
    pub fn typed(&self) -> LineInput {
        let (name, unit, price) = (self.name.clone(), self.unit.clone(), self.price.clone());
        LineInput { name, quantity: self.quantity.to_string(), unit, price, kind: self.kind }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentEntry {
    pub days_ago: u32,
    pub amount: String,
    pub method: String,
    #[serde(default)]
    pub reference: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditEntry {
    pub days_ago: u32,
    pub kind: String,
    pub amount: String,
    pub reason: String,
    /// What had been paid of it was given back.
    pub refunded: Option<RefundEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundEntry {
    pub days_ago: u32,
    pub method: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationFile {
    pub slug: String,
    pub name: String,
    pub locale: Locale,
    pub time_zone: String,
    pub currency: String,
    pub tagline: String,
    pub accent: String,
    pub contact_email: String,
    pub logo: String,
    pub logo_alt: String,
    pub contact_path: String,
    #[allow(dead_code, reason = "the menus name these pages too; the file says which they are")]
    pub privacy_path: String,
    pub types: Vec<TypeEntry>,
    pub tiers: Vec<Named>,
    pub labels: Vec<Named>,
    pub menu: Vec<Link>,
    pub footer_menu: Vec<Link>,
    pub boards: Vec<Board>,
    #[serde(default)]
    pub segments: Vec<SegmentEntry>,
    pub staff: Vec<StaffEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub key: String,
    pub name: Localised,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeEntry {
    pub key: String,
    pub name: Localised,
    pub grace_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub label: String,
    pub path: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    pub slug: String,
    pub title: String,
    pub description: String,
    #[serde(default)]
    pub gate: Gate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentEntry {
    pub name: Localised,
    pub rule: SegmentRule,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffEntry {
    #[allow(dead_code, reason = "names the entry for whoever edits the file")]
    pub key: String,
    #[allow(dead_code, reason = "staff are shown by their display name")]
    pub family_name: String,
    #[allow(dead_code, reason = "staff are shown by their display name")]
    pub given_name: String,
    pub display_name: String,
    pub email: String,
    pub permissions: Vec<String>,
    pub demo: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberEntry {
    pub number: String,
    pub family_name: String,
    pub given_name: String,
    #[serde(default)]
    pub family_kana: String,
    #[serde(default)]
    pub given_kana: String,
    pub display_name: String,
    pub email: Option<String>,
    pub tier: String,
    pub labels: Vec<String>,
    pub joined_on: Option<toml::value::Datetime>,
    pub joined_days_ago: Option<u32>,
    /// Of the membership; the first of the organisation's where there is none.
    #[serde(rename = "type")]
    pub member_type: Option<String>,
    /// The period is over since then.
    pub ended_days_ago: Option<u32>,
    #[serde(default)]
    pub left: bool,
    pub phone: Option<String>,
    pub address: Option<AddressEntry>,
    pub account: bool,
    pub demo: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressEntry {
    pub postal_code: String,
    pub region: String,
    pub locality: String,
    pub street: String,
    #[serde(default)]
    pub building: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    pub name: String,
    pub alt: Localised,
    #[serde(default)]
    pub gate: Gate,
}

pub struct PageFile {
    pub head: PageHead,
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageHead {
    pub path: String,
    pub title: String,
    #[serde(default)]
    pub gate: Gate,
    #[serde(default)]
    pub teaser: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thread {
    pub board: String,
    pub title: String,
    pub author: String,
    pub days_ago: Option<u32>,
    pub at: Option<String>,
    pub minutes_ago: Option<u32>,
    pub body: String,
    #[serde(default)]
    pub pinned: bool,
    #[serde(default)]
    pub closed: bool,
    #[serde(default)]
    pub hidden: bool,
    pub report: Option<Report>,
    /// Names in the folder of files.
    #[serde(default)]
    pub pictures: Vec<String>,
    #[serde(default)]
    pub replies: Vec<Reply>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    pub author: String,
    pub after_minutes: u32,
    pub body: String,
    #[serde(default)]
    pub hidden: bool,
    pub report: Option<Report>,
    #[serde(default)]
    pub pictures: Vec<String>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub by: String,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MembersFile {
    members: Vec<MemberEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilesFile {
    files: Vec<FileEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BoardFile {
    threads: Vec<Thread>,
}

/// All organisations of the demo, the Japanese one first.
pub fn all() -> anyhow::Result<Vec<Content>> {
    let mut contents = bundled::DEMO.dirs().map(|folder| read(&bundled::files(folder))).collect::<anyhow::Result<Vec<_>>>()?;
    contents.sort_by_key(|content| content.organisation.locale);
    Ok(contents)
}

fn read(files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Content> {
    let pages = files.iter().filter(|(path, _)| path.starts_with("pages/")).map(|(path, bytes)| page(path, bytes));
    let bytes = files.iter().filter_map(|(path, bytes)| Some((path.strip_prefix("files/")?.to_owned(), bytes.clone())));
    Ok(Content {
        organisation: parse(files, "organisation.toml")?,
        members: parse::<MembersFile>(files, "members.toml")?.members,
        files: parse::<FilesFile>(files, "files.toml")?.files,
        bytes: bytes.collect(),
        pages: pages.collect::<anyhow::Result<_>>()?,
        threads: parse::<BoardFile>(files, "board.toml")?.threads,
        forms: parse(files, "forms.toml")?,
        mailings: parse::<MailingsFile>(files, "mailings.toml")?.mailings,
        invoices: parse(files, "invoices.toml")?,
        plugins: parse(files, "plugins.toml")?,
    })
}

fn parse<T: DeserializeOwned>(files: &BTreeMap<String, Vec<u8>>, name: &str) -> anyhow::Result<T> {
    let bytes = files.get(name).with_context(|| format!("the demo lacks {name}"))?;
    toml::from_str(std::str::from_utf8(bytes)?).with_context(|| format!("the demo's {name}"))
}

/// TOML between lines of `+++`, then Markdown.
fn page(path: &str, bytes: &[u8]) -> anyhow::Result<PageFile> {
    let text = std::str::from_utf8(bytes)?;
    let Some((head, text)) = text.strip_prefix("+++\n").and_then(|rest| rest.split_once("\n+++\n")) else {
        bail!("the demo's {path} has no front matter");
    };
    let head = toml::from_str(head).with_context(|| format!("the demo's {path}"))?;
    Ok(PageFile { head, text: text.trim_start().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_files_parse_and_name_only_what_is_there() {
        let contents = all().unwrap();
        assert_eq!(contents.len(), 2);
        for content in contents {
            assert!(content.pages.iter().any(|page| page.head.path == "/"));
            let numbers: Vec<&str> = content.members.iter().map(|member| member.number.as_str()).collect();
            for thread in &content.threads {
                assert!(numbers.contains(&thread.author.as_str()), "{}", thread.title);
                assert!(content.organisation.boards.iter().any(|board| board.slug == thread.board), "{}", thread.title);
                let pictures = thread.replies.iter().flat_map(|reply| &reply.pictures).chain(&thread.pictures);
                pictures.for_each(|name| assert!(content.bytes.contains_key(name), "{name}"));
            }
            for file in &content.files {
                assert!(content.bytes.contains_key(&file.name), "{}", file.name);
            }
            for answer in &content.forms.answers {
                assert!(content.forms.forms.iter().any(|form| form.address == answer.form), "{}", answer.form);
            }
            let joined =
                content.forms.answers.iter().filter_map(|answer| answer.approved.as_ref()).map(|approved| approved.number.as_str());
            let everybody: Vec<&str> = numbers.iter().copied().chain(joined).collect();
            assert!(content.invoices.payments.iter().flat_map(|paid| &paid.members).all(|member| everybody.contains(&member.as_str())));
            assert!(content.invoices.invoices.iter().all(|invoice| numbers.contains(&invoice.member.as_str())));
            assert_eq!(content.members.iter().filter(|member| member.demo.is_some()).count(), 1);
            assert_eq!(content.organisation.staff.iter().filter(|staff| staff.demo.is_some()).count(), 1);
        }
    }
}
