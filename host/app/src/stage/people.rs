//! Who visits the stage, and what they send: real requests to the real routes, with a session and the tokens of a form.

use super::script::{Attachment, Block, Meets, NewMember, NewStaff, Sending};
use super::{SLUG, Stage};
use anyhow::Context;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Mutex;
use tower::ServiceExt;
use tsudoi_kernel::calls::plugin_path;
use tsudoi_kernel::manifest::{Area, plugin_requests};
use tsudoi_kernel::time::random_hex;
use tsudoi_kernel::{AccountId, Email, Gate, MemberId, Permission, Timestamp};
use tsudoi_services::members::{MemberDraft, Named};
use tsudoi_services::pages::{PageBody, PagePath};
use tsudoi_services::segments::{self, Condition, RuleUse, SegmentRule, Test};
use tsudoi_services::staff::StaffDraft;
use tsudoi_services::visits::OrganisationKey;
use tsudoi_web::cookies;
use tsudoi_web::visiting::csrf_token;

/// What stands in the cookie that tokens of forms are made from: everybody here uses the same browser.
const SEED: &str = "stage";
/// Sessions last for thirty days after the last visit; a test may turn the clock further.
const SESSION_SECONDS: i64 = 20 * 24 * 60 * 60;
const MOST_ANSWER: usize = 64 << 20;
/// Between the parts of a form with files; random enough for what tests send.
const BOUNDARY: &str = "tsudoi-stage-6f1a10a34230cddead6220c";

#[derive(Default)]
pub struct People {
    all: Vec<Person>,
    tiers: Vec<Named>,
    labels: Vec<Named>,
}

struct Person {
    account: AccountId,
    member: Option<MemberId>,
    session: Mutex<Option<Session>>,
}

#[derive(Clone)]
struct Session {
    token: String,
    id: String,
    began: Timestamp,
}

fn know(named: &mut Vec<Named>, key: &str) -> bool {
    let is_new = named.iter().all(|known| known.key != key);
    if is_new {
        let name = tsudoi_kernel::locale::Localised([(tsudoi_kernel::Locale::Ja, key.to_owned())].into());
        named.push(Named { key: key.to_owned(), name });
    }
    is_new
}

/// Tiers and labels are there as soon as somebody has them.
pub async fn member(stage: &mut Stage, new: NewMember) -> anyhow::Result<MemberId> {
    let services = stage.house.services.clone();
    let mut is_new = false;
    if let Some(tier) = &new.tier {
        is_new |= know(&mut stage.people.tiers, tier);
    }
    for label in &new.labels {
        is_new |= know(&mut stage.people.labels, label);
    }
    if is_new {
        services.set_tiers_and_labels(stage.organisation.id, &stage.people.tiers, &stage.people.labels).await?;
    }
    let number = format!("{:04}", stage.people.all.len() + 1);
    let email = format!("{number}@stage.example");
    let account = services.create_account(None, &[&email]).await?;
    let (family_kana, given_kana) = new.reading.split_once(' ').unwrap_or((&new.reading, ""));
    let draft = MemberDraft {
        family_kana: family_kana.to_owned(),
        given_kana: given_kana.to_owned(),
        family_name: new.name.clone(),
        display_name: new.name,
        email: Some(email.parse::<Email>().map_err(|error| anyhow::anyhow!("{error}"))?),
        account: Some(account),
        tier: new.tier,
        labels: new.labels,
        ..MemberDraft::new(services.fresh_member_id(), number)
    };
    services.add_members(stage.organisation.id, std::slice::from_ref(&draft)).await?;
    stage.people.all.push(Person { account, member: Some(draft.id), session: Mutex::default() });
    Ok(draft.id)
}

pub async fn staff(stage: &mut Stage, new: NewStaff) -> anyhow::Result<AccountId> {
    let services = stage.house.services.clone();
    let email = format!("staff-{}@stage.example", stage.people.all.len() + 1);
    let account = services.create_account(None, &[&email]).await?;
    let package = services.newest_package(&stage.plugin).await?.context("the plugin is gone")?;
    let declared = package.manifest.staff_permissions.iter().map(|permission| permission.name.clone());
    let permissions = new.permissions.unwrap_or_else(|| declared.collect());
    let mut permissions: BTreeSet<Permission> = permissions.iter().map(|name| Permission::of_plugin(&stage.plugin, name)).collect();
    for name in &new.host {
        anyhow::ensure!(Permission::HOST.contains(&name.as_str()), "there is no permission {name}");
        permissions.insert(Permission::new(name));
    }
    let email = email.parse().map_err(|error| anyhow::anyhow!("{error}"))?;
    services.add_staff(stage.organisation.id, &StaffDraft { account, display_name: new.name, email, permissions }).await?;
    stage.people.all.push(Person { account, member: None, session: Mutex::default() });
    Ok(account)
}

pub fn member_of(stage: &Stage, person: usize) -> anyhow::Result<MemberId> {
    stage.people.all.get(person).and_then(|person| person.member).context("only a member has invoices")
}

pub async fn erase(stage: &Stage, person: usize) -> anyhow::Result<Value> {
    let member = stage.people.all.get(person).and_then(|person| person.member).context("only a member can be erased")?;
    let erased = stage.editor().erase_member_data(member).await?;
    Ok(json!({ "deleted": erased.deleted, "anonymised": erased.anonymised }))
}

async fn session(stage: &Stage, person: usize) -> anyhow::Result<Session> {
    let person = stage.people.all.get(person).context("there is no such person")?;
    let (services, now) = (&stage.house.services, stage.now());
    let held = person.session.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    if let Some(session) = held.filter(|session| now < session.began.plus_seconds(SESSION_SECONDS)) {
        return Ok(session);
    }
    let token = services.start_session(stage.organisation.id, person.account, person.member, "tsudoi plugin test").await?;
    let mut visit = services.visit(&OrganisationKey::Slug(SLUG.into())).await?.context("the organisation is gone")?;
    services.recognise(&mut visit, &token).await?;
    let id = visit.session.as_ref().map(|session| session.id.to_string()).unwrap_or_default();
    let session = Session { token, id, began: now };
    *person.session.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(session.clone());
    Ok(session)
}

/// A request as a browser would send it.
pub async fn prepared(stage: &Stage, sending: &Sending) -> anyhow::Result<Request<Body>> {
    let session = match sending.person {
        Some(person) => Some(session(stage, person).await?),
        None => None,
    };
    let mut request = Request::builder().method(sending.method.as_str()).uri(&sending.path).header(header::HOST, "stage.localhost");
    if !sending.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept")) {
        request = request.header(header::ACCEPT, "text/html");
    }
    for (name, value) in &sending.headers {
        request = request.header(name, value);
    }
    let mut jar = format!("{}={SEED}", cookies::SEED);
    if let Some(session) = &session {
        jar.push_str(&format!("; {}={}", cookies::session_name(&stage.organisation), session.token));
    }
    request = request.header(header::COOKIE, jar);
    let Some(fields) = &sending.fields else {
        return Ok(request.body(Body::from(sending.body.clone().unwrap_or_default()))?);
    };
    let services = &stage.house.services;
    let session = session.map(|session| session.id).unwrap_or_default();
    let of_plugin = [Area::Site, Area::Admin].iter().any(|area| sending.path.starts_with(&plugin_path(*area, &stage.plugin, "/")));
    let purpose = if of_plugin { format!("plugin:{}", stage.plugin) } else { "host".to_owned() };
    let own = [("_csrf", csrf_token(services, SEED, &session, &purpose)), ("_call", random_hex::<16>(services.random()))];
    let own = own.iter().filter(|(name, _)| fields.iter().all(|(given, _)| given != name));
    let own = own.map(|(name, value)| (*name, value.as_str()));
    let given = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    if !sending.files.is_empty() {
        let body = multipart(own.chain(given), &sending.files)?;
        return Ok(request.header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}")).body(Body::from(body))?);
    }
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(own.chain(given)).finish();
    Ok(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form))?)
}

/// A form with files as browsers write it (RFC 7578).
fn multipart<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>, files: &[Attachment]) -> anyhow::Result<Vec<u8>> {
    let quoted = |text: &str| text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{}\"\r\n\r\n", quoted(name));
        body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
    }
    for Attachment { field, name, bytes } in files {
        let (field, name) = (quoted(field), quoted(name));
        let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&unhex(bytes).context("the bytes of a file are hexadecimal")?);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    Ok(body)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    digits.chunks(2).map(|pair| Some(pair.first()? << 4 | pair.get(1)?)).collect()
}

pub async fn answered(router: Router, request: Request<Body>) -> anyhow::Result<Value> {
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, MOST_ANSWER).await.context("the answer broke off")?;
    let headers: Map<String, Value> =
        parts.headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.into()))).collect();
    let mut answer = json!({ "status": parts.status.as_u16(), "headers": headers, "body": String::from_utf8_lossy(&bytes) });
    if std::str::from_utf8(&bytes).is_err() {
        answer["bytes"] = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    }
    Ok(answer)
}

/// A page is published with the block on it, and looked at.
pub async fn block(stage: &mut Stage, block: Block) -> anyhow::Result<Value> {
    let package = stage.house.services.newest_package(&stage.plugin).await?.context("the plugin is gone")?;
    let declaration = package.manifest.block(&block.name).with_context(|| format!("{} has no block {}", stage.plugin, block.name))?;
    plugin_requests::complete_parameters(&declaration.parameters, block.parameters.clone())
        .map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
    let parameters: Vec<String> = block.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let text = format!("::{}/{}{{{}}}\n", stage.plugin, block.name, parameters.join(" "));
    shown(stage, block.person, &block.name, text, Gate::Everyone).await
}

/// A page is published for those who meet the rule, and looked at.
pub async fn meets(stage: &mut Stage, meets: Meets) -> anyhow::Result<Value> {
    let key = segment(stage, &meets.rule, meets.parameters).await?;
    let gate = Gate::Segments { segments: [key].into() };
    let answer = shown(stage, Some(meets.person), &meets.rule, "Welcome.\n".into(), gate).await?;
    Ok(json!(answer["status"] == 200))
}

/// The key of the segment of those who meet the rule.
pub async fn segment(stage: &Stage, rule: &str, parameters: Map<String, Value>) -> anyhow::Result<String> {
    let visit = stage.house.services.visit(&OrganisationKey::Slug(SLUG.into())).await?.context("the organisation is gone")?;
    let used = RuleUse { plugin: stage.plugin.clone(), rule: rule.to_owned(), parameters };
    let conditions = vec![Condition { test: Test::Rule(used), not: false }];
    let wanted = SegmentRule { meets: segments::Meets::All, conditions };
    let known = stage.house.services.segments(&visit).await?;
    match known.iter().find(|segment| segment.rule == wanted) {
        Some(segment) => Ok(segment.key.clone()),
        None => stage.editor().save_segment(&visit, None, "", [rule, ""], wanted).await.with_context(|| rule.to_owned()),
    }
}

/// A page, as this person sees it.
async fn shown(stage: &mut Stage, person: Option<usize>, title: &str, text: String, gate: Gate) -> anyhow::Result<Value> {
    stage.pages += 1;
    let path = format!("/stage-{}", stage.pages);
    let body = PageBody {
        title: title.to_owned(),
        path: PagePath::parse(&path).map_err(|error| anyhow::anyhow!("{path}: {}", error.message()))?,
        text,
        gate,
        teaser: String::new(),
    };
    stage.editor().create_page(&body, true).await?;
    let sending = Sending { person, method: "GET".into(), path, headers: Vec::new(), fields: None, files: Vec::new(), body: None };
    let request = prepared(stage, &sending).await?;
    answered(stage.router.clone(), request).await
}
