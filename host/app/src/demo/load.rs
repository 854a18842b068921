//! Making one organisation of the demo, by the same use cases that staff use.

use super::content::{AnswerEntry, Content, MemberEntry, Named as NamedEntry, TypeEntry};
use super::dates;
use super::story::Teller;
use crate::config::Config;
use crate::ports::{ManualClock, SystemClock};
use crate::wiring::{self, Fittings, Mode};
use anyhow::Context;
use chrono::{Days, NaiveDate};
use std::collections::HashMap;
use std::sync::Arc;
use tsudoi_kernel::email::Email;
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::visitor::{MemberFacts, StaffFacts};
use tsudoi_kernel::{AccountId, Clock, FileId, Locale, Organisation, OrganisationId, Permission, Timestamp, Visitor};
use tsudoi_services::Services;
use tsudoi_services::files::{FileDetails, FileDraft};
use tsudoi_services::forms::{AnswerState, FormInput, PlacedForm, Typed};
use tsudoi_services::members::{
    Contact, ContactKind, Contacts, MemberDraft, MemberType, MembershipStatus, Named, Period, Place, PostalAddress,
};
use tsudoi_services::pages::{PageBody, PagePath};
use tsudoi_services::plugins::Consent;
use tsudoi_services::site::{MenuItem, SiteFrame};
use tsudoi_services::staff::StaffDraft;
use tsudoi_services::visits::{OrganisationKey, Visit};

/// The password of the two people whom the bar signs in, for whoever wants to try the sign-in page.
pub const PASSWORD: &str = "hoshi-no-yoru";

/// Loads with services of its own, whose clock tells the story.
pub async fn load(config: &Config, mode: Mode, content: &Content) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let clock = Arc::new(ManualClock::at(now));
    let house = wiring::house_with(config, mode, Fittings { clock: clock.clone(), ..Fittings::default() }).await?;
    let services = &house.services;
    let file = &content.organisation;
    let zone: chrono_tz::Tz = file.time_zone.parse().map_err(|error| anyhow::anyhow!("{error}"))?;
    let today = now.to_utc().with_timezone(&zone).date_naive();

    let organisation = Organisation {
        id: OrganisationId(services.fresh_id()),
        slug: file.slug.clone(),
        name: file.name.clone(),
        locale: file.locale,
        time_zone: file.time_zone.clone(),
        currency: file.currency.clone(),
        theme: "commons".into(),
    };
    house.store.create_organisation_all_organisations(&organisation, &[], now).await?;
    services.set_tiers_and_labels(organisation.id, &named(&file.tiers), &named(&file.labels)).await?;
    let known = |entry: &TypeEntry| MemberType { key: entry.key.clone(), name: entry.name.clone(), grace_days: entry.grace_days };
    services.set_member_types(organisation.id, &file.types.iter().map(known).collect::<Vec<_>>()).await?;
    let mut accounts = HashMap::new();
    let staff = staff(services, content, organisation.id, &mut accounts).await?;
    let members = members(services, content, organisation.id, today, &mut accounts).await?;
    site(services, content, &organisation, today).await?;

    let editor = services.editor_of(organisation.id, None);
    for summary in services.plugin_switchboard(&house.store.organisation(organisation.id)).await? {
        let plugin = &summary.manifest.id;
        let package = services.newest_package(plugin).await?.with_context(|| format!("{plugin} is gone"))?;
        editor.enable_plugin(plugin, &Consent::to_all(&package)).await?;
    }
    let visit = services.visit(&OrganisationKey::Slug(file.slug.clone())).await?.context("the organisation is gone")?;
    for segment in &file.segments {
        let name = [segment.name.get(Locale::Ja), segment.name.get(Locale::En)];
        editor.save_segment(&visit, None, "", name, segment.rule.clone()).await.with_context(|| name[0].to_owned())?;
    }
    forms(services, &clock, content, &visit, now).await.context("the forms")?;
    super::mailings::tell(services, &clock, content, &visit, now, today).await.context("the mailings")?;
    let teller = Teller { services, clock: &clock, content, members, staff, now, today, zone };
    teller.choose_settings(&visit).await.context("the settings of plugins")?;
    teller.send_forms(&visit, false).await.context("what was done with plugins")?;
    super::money::tell(services, &clock, content, &visit, &teller.members, now).await.context("the invoices")?;
    teller.tell().await.context("the boards")?;
    teller.send_forms(&visit, true).await.context("what was done with plugins today")?;
    services.do_all_due_work().await?;
    Ok(())
}

/// The forms, and what strangers sent, each at its time.
async fn forms(services: &Services, clock: &ManualClock, content: &Content, visit: &Visit, now: Timestamp) -> anyhow::Result<()> {
    let (editor, own) = (services.editor_of(visit.organisation.id, None), visit.organisation.locale);
    let mut made = HashMap::new();
    for entry in &content.forms.forms {
        let placed = PlacedForm { id: services.fresh_id(), address: entry.address.clone(), form: entry.form.clone() };
        let id = editor.save_form(visit, None, "", &FormInput::of(&placed, own)).await.with_context(|| entry.address.clone())?;
        made.insert(entry.address.as_str(), (services.form(visit, id).await?, &entry.form));
    }
    // As time went on: what is too many at once is counted by it.
    let mut told: Vec<&AnswerEntry> = content.forms.answers.iter().collect();
    told.sort_by_key(|answer| std::cmp::Reverse(answer.days_ago));
    for answer in told {
        let (placed, file) = made.get(answer.form.as_str()).with_context(|| answer.form.clone())?;
        let typed = |input: &str| answer.typed.get(input).map(String::as_str).into_iter().collect();
        let by_file = file.read(own, typed).map_err(|wrong| anyhow::anyhow!("an answer to {}: {wrong:?}", answer.form))?;
        // The host gave the fields keys of its own.
        let keys: HashMap<&String, &String> =
            file.fields.iter().map(|field| &field.key).zip(placed.form.fields.iter().map(|field| &field.key)).collect();
        let values = by_file.into_iter().map(|(key, value)| (keys[&key].clone(), value)).collect();
        let at = now.plus_seconds(-i64::from(answer.days_ago) * 24 * 60 * 60);
        clock.set(at.plus_seconds(-60));
        let shown = services.form_shown(placed);
        clock.set(at);
        services.answer_form(visit, placed, None, Typed { values, token: services.fresh_id(), shown: &shown, client: "demo" }).await?;
        if answer.done {
            let answers = services.form_answers(visit, placed.id, None, None).await?.answers;
            let newest = answers.first().context("the answer is gone")?;
            editor.mark_answer(visit, placed.id, newest.id, AnswerState::New, AnswerState::Done).await?;
        }
    }
    clock.set(now);
    Ok(())
}

fn named(entries: &[NamedEntry]) -> Vec<Named> {
    entries.iter().map(|entry| Named { key: entry.key.clone(), name: entry.name.clone() }).collect()
}

/// One account for each address; the people of the bar have a password too.
async fn account(
    services: &Services,
    accounts: &mut HashMap<String, AccountId>,
    email: &str,
    with_password: bool,
) -> anyhow::Result<AccountId> {
    if let Some(account) = accounts.get(email) {
        return Ok(*account);
    }
    let account = services.create_account(with_password.then_some(PASSWORD), &[email]).await?;
    accounts.insert(email.to_owned(), account);
    Ok(account)
}

/// The staff, and of them whoever tells the moderators' part of the story.
async fn staff(
    services: &Services,
    content: &Content,
    organisation: OrganisationId,
    accounts: &mut HashMap<String, AccountId>,
) -> anyhow::Result<Arc<Visitor>> {
    let mut teller = Visitor::system();
    for entry in &content.organisation.staff {
        let account = account(services, accounts, &entry.email, entry.demo.is_some()).await?;
        let permissions: std::collections::BTreeSet<Permission> = entry.permissions.iter().map(Permission::new).collect();
        let email: Email = entry.email.parse().map_err(|error| anyhow::anyhow!("{}: {error}", entry.email))?;
        let draft = StaffDraft { account, display_name: entry.display_name.clone(), email, permissions: permissions.clone() };
        services.add_staff(organisation, &draft).await?;
        if entry.demo.is_some() {
            teller = Visitor {
                staff: Some(StaffFacts { account, display_name: entry.display_name.clone(), permissions }),
                ..Visitor::default()
            };
        }
    }
    Ok(Arc::new(teller))
}

async fn members(
    services: &Services,
    content: &Content,
    organisation: OrganisationId,
    today: NaiveDate,
    accounts: &mut HashMap<String, AccountId>,
) -> anyhow::Result<HashMap<String, Arc<Visitor>>> {
    let (mut drafts, mut visitors) = (Vec::new(), HashMap::new());
    for entry in &content.members {
        let account = match (&entry.email, entry.account) {
            (Some(email), true) => Some(account(services, accounts, email, entry.demo.is_some()).await?),
            _ => None,
        };
        let email =
            entry.email.as_deref().map(str::parse::<Email>).transpose().map_err(|error| anyhow::anyhow!("{}: {error}", entry.number))?;
        let begins = joined_on(entry, today)?;
        let ends = entry.ended_days_ago.map(|days| days_before(today, days)).transpose()?;
        let member_type = entry.member_type.clone().or_else(|| content.organisation.types.first().map(|first| first.key.clone()));
        let period = Period { id: services.fresh_id(), member_type: member_type.clone(), begins, ends, left: entry.left };
        let draft = MemberDraft {
            id: services.fresh_member_id(),
            number: entry.number.clone(),
            family_name: entry.family_name.clone(),
            given_name: entry.given_name.clone(),
            family_kana: entry.family_kana.clone(),
            given_kana: entry.given_kana.clone(),
            display_name: entry.display_name.clone(),
            email,
            account,
            tier: Some(entry.tier.clone()),
            labels: entry.labels.iter().cloned().collect(),
            joined_on: Some(begins.to_string()),
            born_on: None,
            note: String::new(),
            contacts: contacts(entry),
        };
        let facts = MemberFacts {
            id: draft.id,
            display_name: draft.display_name.clone(),
            member_type,
            // Of their part in the story, whatever became of them.
            status: MembershipStatus::Current,
            tier: draft.tier.clone(),
            labels: draft.labels.clone(),
        };
        visitors.insert(entry.number.clone(), Arc::new(Visitor { member: Some(facts), ..Visitor::default() }));
        drafts.push((draft, period));
    }
    services.enter_members(organisation, &drafts).await?;
    Ok(visitors)
}

fn contacts(entry: &MemberEntry) -> Contacts {
    let phone = entry.phone.iter().map(|phone| Contact { kind: ContactKind::Phone, place: Place::Mobile, value: phone.clone() });
    let address = entry.address.iter().map(|address| PostalAddress {
        place: Place::Home,
        country: String::new(),
        postal_code: address.postal_code.clone(),
        region: address.region.clone(),
        locality: address.locality.clone(),
        street: address.street.clone(),
        building: address.building.clone(),
    });
    Contacts { contacts: phone.collect(), addresses: address.collect() }
}

fn days_before(today: NaiveDate, days: u32) -> anyhow::Result<NaiveDate> {
    today.checked_sub_days(Days::new(u64::from(days))).context("too long ago")
}

fn joined_on(entry: &MemberEntry, today: NaiveDate) -> anyhow::Result<NaiveDate> {
    match (&entry.joined_on, entry.joined_days_ago) {
        (Some(date), None) => Ok(date.to_string().parse()?),
        (None, Some(days)) => days_before(today, days),
        _ => anyhow::bail!("{} needs one of joined_on and joined_days_ago", entry.number),
    }
}

/// Pictures, pages and the frame.
async fn site(services: &Services, content: &Content, organisation: &Organisation, today: NaiveDate) -> anyhow::Result<()> {
    let (file, locale) = (&content.organisation, content.organisation.locale);
    let editor = services.editor_of(organisation.id, None);
    let mut addresses: Vec<(String, String)> = Vec::new();
    let mut logo = None;
    for entry in &content.files {
        let bytes = content.bytes.get(&entry.name).with_context(|| entry.name.clone())?.clone();
        let text = |locale| entry.alt.get(locale).to_owned();
        let details =
            FileDetails { alt_ja: text(tsudoi_kernel::Locale::Ja), alt_en: text(tsudoi_kernel::Locale::En), gate: entry.gate.clone() };
        let id: FileId = editor.add_file(FileDraft { name: entry.name.clone(), bytes, details }, locale).await?;
        addresses.push((format!("file:{}", entry.name), format!("/files/{id}/{}", entry.name)));
        if entry.name == file.logo {
            logo = Some(id);
        }
    }
    let text = |text: &str| -> anyhow::Result<String> {
        let filled = dates::fill(text, today, locale)?;
        Ok(addresses.iter().fold(filled, |text, (name, address)| text.replace(name, address)))
    };
    for page in &content.pages {
        let path = PagePath::parse(&page.head.path).map_err(|error| anyhow::anyhow!("{}: {}", page.head.path, error.message()))?;
        let body = PageBody {
            title: page.head.title.clone(),
            path,
            text: text(&page.text).with_context(|| page.head.path.clone())?,
            gate: page.head.gate.clone(),
            teaser: text(&page.head.teaser).with_context(|| page.head.path.clone())?,
        };
        editor.create_page(&body, true).await.with_context(|| page.head.path.clone())?;
    }
    let items = |links: &[super::content::Link]| -> Vec<MenuItem> {
        links.iter().map(|link| MenuItem { label: Localised([(locale, link.label.clone())].into()), path: link.path.clone() }).collect()
    };
    let frame = SiteFrame {
        name: file.name.clone(),
        tagline: file.tagline.clone(),
        accent: file.accent.clone(),
        logo,
        logo_alt: file.logo_alt.clone(),
        contact_email: file.contact_email.clone(),
        contact_path: file.contact_path.clone(),
        theme: organisation.theme.clone(),
        menu: items(&file.menu),
        footer_menu: items(&file.footer_menu),
    };
    editor.save_frame(None, &frame, true).await?;
    Ok(())
}
