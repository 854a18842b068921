//! Staff's pages about rules and campaigns: making, changing, trying out, switching on and off.

use crate::dates;
use crate::earning::MOST_RULES;
use crate::model::{CAMPAIGNS, Campaign, Heard, Occasion, RULES, Rule, TALLIES};
use crate::rules::{self, Trial};
use crate::{sheets, words};
use serde_json::{Value, json};
use tsudoi_plugin::{Document, Error, Failure, FieldErrors, Id, Reply, Request, View, context};

const SHELF: &str = "/admin/p/points/rules";

/// Days that rules are tried out over.
const TRIAL_DAYS: u64 = 30;

/// Occasions that are read for it, the newest.
const MOST_HEARD: u32 = 5_000;

fn all_rules() -> Result<Vec<Document<Rule>>, Error> {
    Ok(Rule::IN_ORDER.query().limit(MOST_RULES).page()?.documents)
}

fn all_campaigns() -> Result<Vec<Document<Campaign>>, Error> {
    Ok(Campaign::IN_ORDER.query().limit(MOST_RULES).page()?.documents)
}

pub fn list() -> Result<Reply, Failure> {
    let (rules, campaigns, today) = (all_rules()?, all_campaigns()?, dates::today()?);
    let ids: Vec<Id> = campaigns.iter().map(|campaign| campaign.id.clone()).collect();
    let tallies = TALLIES.get_many(&ids)?;
    let campaigns: Vec<Value> = campaigns
        .iter()
        .zip(tallies)
        .map(|(campaign, tally)| {
            let state = match &campaign.body {
                Campaign { until, .. } if *until < today => "over",
                Campaign { on: false, .. } => "off",
                Campaign { from, .. } if today < *from => "coming",
                _ => "on",
            };
            let granted = tally.map_or(0, |tally| tally.body.granted);
            json!({ "id": campaign.id, "is": campaign.body, "times": words::times_written(campaign.body.times), "state": state, "granted": granted })
        })
        .collect();
    let is_full = rules.len() >= MOST_RULES as usize;
    let data = json!({ "here": "rules", "rules": rules, "campaigns": campaigns, "is_full": is_full });
    Ok(View::new("admin-rules.html", &data)?.titled(context::translate("rules-title")).into())
}

/// A form with what stands in it where nothing was typed yet.
fn form(template: &str, title: &str, path: &str, known: &Value, more: Value) -> Result<Reply, Failure> {
    let mut data = json!({ "path": path, "known": known });
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    Ok(View::new(template, &data)?.titled(context::translate(title)).into())
}

pub fn new_rule() -> Result<Reply, Failure> {
    rule_form("new-rule-title", "/rules/new", &sheets::new_known())
}

pub fn edit_rule(request: &Request) -> Result<Reply, Failure> {
    let rule = RULES.require(&request.id("rule")?)?;
    rule_form("edit-rule-title", &format!("/rules/{}/edit", rule.id), &sheets::known_rule(&rule))
}

fn rule_form(title: &str, path: &str, known: &Value) -> Result<Reply, Failure> {
    form("admin-rule.html", title, path, known, json!({ "currency": context::organisation()?.currency }))
}

/// The next thing to see is what the rule would have granted.
fn tried(kind: &str, id: &Id) -> Reply {
    Reply::redirect(format!("/admin/p/points/{kind}/{id}/try"))
}

pub fn create_rule(request: &Request) -> Result<Reply, Failure> {
    let rule = sheets::rule_of(request)?;
    if all_rules()?.len() >= MOST_RULES as usize {
        return Err(Failure::conflict(context::translate("rules-full")));
    }
    let id = RULES.insert(&Rule { made_at: context::now(), ..rule })?;
    Ok(tried("rules", &id))
}

/// A rule that was changed is off until staff have seen what it does.
pub fn save_rule(request: &Request) -> Result<Reply, Failure> {
    let known = RULES.require(&request.id("rule")?)?;
    let rule = sheets::rule_of(request)?;
    match RULES.replace(&known.id, &Rule { made_at: known.body.made_at, ..rule }, request.field("revision")) {
        Err(error) if error.is(Error::CHANGED) => return Err(FieldErrors::one("revision", "overtaken").into()),
        saved => saved?,
    }
    Ok(tried("rules", &known.id))
}

pub fn new_campaign() -> Result<Reply, Failure> {
    form("admin-campaign.html", "new-campaign-title", "/campaigns/new", &sheets::new_known(), json!({ "rules": choices(&[])? }))
}

pub fn edit_campaign(request: &Request) -> Result<Reply, Failure> {
    let campaign = CAMPAIGNS.require(&request.id("campaign")?)?;
    let path = format!("/campaigns/{}/edit", campaign.id);
    let rules = json!({ "rules": choices(&campaign.body.rules)? });
    form("admin-campaign.html", "edit-campaign-title", &path, &sheets::known_campaign(&campaign), rules)
}

fn choices(chosen: &[Id]) -> Result<Vec<Value>, Failure> {
    let of = |rule: Document<Rule>| json!({ "id": rule.id, "name": rule.body.name, "is_chosen": chosen.contains(&rule.id) });
    Ok(all_rules()?.into_iter().map(of).collect())
}

fn rule_ids() -> Result<Vec<Id>, Failure> {
    Ok(all_rules()?.into_iter().map(|rule| rule.id).collect())
}

pub fn create_campaign(request: &Request) -> Result<Reply, Failure> {
    let campaign = sheets::campaign_of(request, &rule_ids()?)?;
    if all_campaigns()?.len() >= MOST_RULES as usize {
        return Err(Failure::conflict(context::translate("rules-full")));
    }
    let id = CAMPAIGNS.insert(&Campaign { made_at: context::now(), ..campaign })?;
    Ok(tried("campaigns", &id))
}

pub fn save_campaign(request: &Request) -> Result<Reply, Failure> {
    let known = CAMPAIGNS.require(&request.id("campaign")?)?;
    let campaign = sheets::campaign_of(request, &rule_ids()?)?;
    match CAMPAIGNS.replace(&known.id, &Campaign { made_at: known.body.made_at, ..campaign }, request.field("revision")) {
        Err(error) if error.is(Error::CHANGED) => return Err(FieldErrors::one("revision", "overtaken").into()),
        saved => saved?,
    }
    Ok(tried("campaigns", &known.id))
}

/// What was heard of these occasions in the last thirty days, the oldest first; whether that is all.
fn heard(occasions: &[Occasion]) -> Result<(Vec<Heard>, bool), Failure> {
    let since = context::now().saturating_sub(TRIAL_DAYS * 24 * 60 * 60 * 1_000);
    let (mut all, mut is_all) = (Vec::new(), true);
    for occasion in occasions {
        let mut cursor = None;
        loop {
            let query = Heard::OF_OCCASION.equal(occasion).from(since).descending().limit(1_000).cursor(cursor.as_deref());
            let page = query.page()?;
            all.extend(page.documents.into_iter().map(|heard| heard.body));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
            if all.len() >= MOST_HEARD as usize {
                is_all = false;
                break;
            }
        }
    }
    all.sort_by_key(|heard| heard.at);
    Ok((all, is_all))
}

pub fn try_rule(request: &Request) -> Result<Reply, Failure> {
    let rule = RULES.require(&request.id("rule")?)?;
    let (heard, is_all) = heard(&[rule.body.occasion])?;
    let trial = rules::try_rule(&rule.body, &heard);
    trial_page("rules", &rule, &rule.body.name, rule.body.on, &trial, is_all)
}

pub fn try_campaign(request: &Request) -> Result<Reply, Failure> {
    let campaign = CAMPAIGNS.require(&request.id("campaign")?)?;
    let meant = |rule: &Document<Rule>| rule.body.on && (campaign.body.rules.is_empty() || campaign.body.rules.contains(&rule.id));
    let rules: Vec<(Id, Rule)> = all_rules()?.into_iter().filter(meant).map(|rule| (rule.id, rule.body)).collect();
    let mut occasions: Vec<Occasion> = rules.iter().map(|(_, rule)| rule.occasion).collect();
    occasions.sort_unstable();
    occasions.dedup();
    let (heard, is_all) = heard(&occasions)?;
    let trial = rules::try_campaign(&campaign.body, &rules, &heard);
    trial_page("campaigns", &campaign, &campaign.body.name, campaign.body.on, &trial, is_all)
}

fn trial_page<T>(kind: &str, of: &Document<T>, name: &str, on: bool, trial: &Trial, is_all: bool) -> Result<Reply, Failure> {
    let data = json!({
        "here": "rules", "kind": kind, "id": of.id, "revision": of.revision, "name": name, "on": on, "trial": trial,
        "is_all": is_all, "days": TRIAL_DAYS,
    });
    Ok(View::new("admin-try.html", &data)?.titled(context::translate("try-title")).into())
}

/// On goes only what staff have tried out as it is now.
pub fn switch_rule(request: &Request) -> Result<Reply, Failure> {
    let mut rule = RULES.require(&request.id("rule")?)?;
    rule.body.on = is_on(request, &rule)?;
    RULES.put(&rule.id, &rule.body)?;
    Ok(Reply::redirect(SHELF))
}

pub fn switch_campaign(request: &Request) -> Result<Reply, Failure> {
    let mut campaign = CAMPAIGNS.require(&request.id("campaign")?)?;
    campaign.body.on = is_on(request, &campaign)?;
    CAMPAIGNS.put(&campaign.id, &campaign.body)?;
    Ok(Reply::redirect(SHELF))
}

fn is_on<T>(request: &Request, of: &Document<T>) -> Result<bool, Failure> {
    match request.field("to") {
        "on" if request.field("revision") == of.revision => Ok(true),
        "on" => Err(Failure::conflict(context::translate("try-overtaken"))),
        "off" => Ok(false),
        _ => Err(Failure::NotFound),
    }
}

/// Only one that is off; what it granted keeps its name.
pub fn remove_rule(request: &Request) -> Result<Reply, Failure> {
    let rule = RULES.require(&request.id("rule")?)?;
    if rule.body.on {
        return Err(Failure::conflict(context::translate("remove-while-on")));
    }
    RULES.delete(&rule.id)?;
    Ok(Reply::redirect(SHELF))
}

pub fn remove_campaign(request: &Request) -> Result<Reply, Failure> {
    let campaign = CAMPAIGNS.require(&request.id("campaign")?)?;
    if campaign.body.on {
        return Err(Failure::conflict(context::translate("remove-while-on")));
    }
    if TALLIES.get(&campaign.id)?.is_some() {
        TALLIES.delete(&campaign.id)?;
    }
    CAMPAIGNS.delete(&campaign.id)?;
    Ok(Reply::redirect(SHELF))
}
