//! For tests of attacks: each name is one attempt. What an attempt is answered by the host, it answers in turn.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::hint::black_box;
use tsudoi_plugin::{
    Collection, Event, Events, Failure, Id, Job, Jobs, Pages, Parameters, Reply, Request, Rules, View, WebhookAnswer, WebhookRequest,
    Webhooks, When, activities, context, events, export, http, info, jobs, members, notify,
};

#[derive(Serialize, Deserialize, Collection)]
#[collection("things")]
struct Thing {
    name: String,
    value: u64,
}

/// The same documents, as an older version of the plugin may have left them.
#[derive(Serialize, Deserialize, Collection)]
#[collection("things")]
struct OldThing {
    name: String,
    value: String,
}

const FORMS: [&str; 15] =
    ["random", "grow", "fill", "documents", "count", "loop", "breed", "poison", "spam", "forge", "old", "hide", "look", "disk", "line"];

/// The one document that is counted up.
const TALLY: &str = "00000000-0000-7000-8000-000000000001";

struct Plugin;

fn id(text: &str) -> Result<Id, Failure> {
    serde_json::from_value(json!(text)).map_err(Failure::from)
}

fn deep(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

fn recursion(depth: u64) -> u64 {
    if black_box(depth) == u64::MAX { 0 } else { recursion(depth + 1) + black_box(1) }
}

fn ask(request: &Request) -> Result<Reply, Failure> {
    let answer = match request.parameter("attack") {
        "fine" => json!({ "fine": true }),
        "spin" => loop {
            black_box(());
        },
        "recursion" => json!(recursion(0)),
        "eat" => {
            let mut eaten: Vec<Vec<u8>> = Vec::new();
            loop {
                eaten.push(black_box(vec![7; 1 << 20]));
            }
        }
        "memory-fill" => {
            let mut block = vec![0_u8; 32 << 20];
            loop {
                black_box(&mut block).fill(7);
            }
        }
        "host-calls" => loop {
            black_box(context::has_passed(0));
        },
        "logs" => {
            (0..1_000).for_each(|n| info!("line {n} {}", "x".repeat(5_000)));
            json!("logged")
        }
        "forged-line" => {
            info!("ok\n2026-11-22T00:00:00Z ERROR forged\u{1b}[31m\u{202e}");
            json!("logged")
        }
        "random" => json!(context::random(16).len()),
        "write" => json!(Thing::COLLECTION.insert(&Thing { name: "query".into(), value: 1 })?),
        "network" => return fetch("https://metadata.example/", &[]).map(|told| Reply::json(&told))?,
        "huge-answer" => return Ok(View::new("forms.html", &json!({ "forms": ["x".repeat(9 << 20)] }))?.into()),
        "deep-answer" => {
            let data: Value = serde_json::from_str(&deep(100)).map_err(Failure::from)?;
            return Ok(View::new("forms.html", &json!({ "forms": [], "deep": data }))?.into());
        }
        "scan" => loop {
            black_box(Thing::BY_NAME.query().limit(1_000).page()?);
        },
        "clock" => {
            let began = context::now();
            (0..100_000_u64).for_each(|n| {
                black_box(n);
            });
            json!({ "same": began == context::now() })
        }
        "members" => {
            let page = members::all(1_000, None)?;
            json!({ "members": page.members.len(), "tiers": page.members.iter().filter(|member| member.tier.is_some()).count() })
        }
        "foreign" => json!({ "found": Thing::COLLECTION.get(&id(request.query("id").unwrap_or(TALLY))?)?.is_some() }),
        "ungranted" => {
            let told = activities::record(&id(TALLY)?, "x", "x", None, &json!({}));
            json!(told.map_err(|error| error.code))
        }
        "tally" => json!(Thing::COLLECTION.get(&id(TALLY)?)?.map_or(0, |document| document.body.value)),
        "off-site" => return Ok(Reply::redirect("https://evil.example/")),
        "out-of-line" => return Ok(Reply::redirect("/\\evil.example")),
        "honest" => json!({ "done": Thing::BY_NAME.query().equal("honest").count(10)? }),
        "old" => json!(Thing::BY_NAME.query().equal("old").page()?.documents.len()),
        _ => return Err(Failure::NotFound),
    };
    Reply::json(&answer)
}

fn attempt(attack: &str) -> Result<(), Failure> {
    match attack {
        "random" => drop(context::random(u32::MAX)),
        "grow" => drop(black_box(vec![1_u8; 3 << 30])),
        "fill" => {
            Thing::COLLECTION.insert(&Thing { name: "x".repeat(300_000), value: 1 })?;
        }
        "documents" => {
            for value in 0..2_000 {
                Thing::COLLECTION.insert(&Thing { name: "many".into(), value })?;
            }
        }
        "disk" => {
            for value in 0..20 {
                Thing::COLLECTION.insert(&Thing { name: "y".repeat(900), value })?;
            }
            let large: String = "z".repeat(200_000);
            for _ in 0..20 {
                OldThing::COLLECTION.insert(&OldThing { name: "large".into(), value: large.clone() })?;
            }
        }
        "count" => {
            let tally = id(TALLY)?;
            let value = Thing::COLLECTION.get(&tally)?.map_or(0, |document| document.body.value) + 1;
            Thing::COLLECTION.put(&tally, &Thing { name: "tally".into(), value })?;
        }
        "loop" => events::emit("ping", "", &json!({}))?,
        "breed" => {
            for n in 0..1_100 {
                jobs::enqueue("honest", &json!({ "n": n }), When::at(context::now() + 86_400_000))?;
            }
        }
        "poison" => {
            jobs::enqueue("poison", &json!({}), When::now())?;
            jobs::enqueue("honest", &json!({}), When::now())?;
        }
        "spam" | "line" => {
            let all: Vec<Id> = members::all(1_000, None)?.members.into_iter().map(|member| member.id).collect();
            let subject = if attack == "line" { "一行目\r\nBcc: victim@example.com" } else { "当選のお知らせ" };
            for _ in 0..if attack == "line" { 1 } else { 50 } {
                notify::members(&all[..2.min(all.len())], "spam", &json!({ "subject": subject }))?;
            }
        }
        "old" => {
            OldThing::COLLECTION.insert(&OldThing { name: "old".into(), value: "not a number".into() })?;
        }
        "hide" => {
            Thing::COLLECTION.put(&id("00000000-0000-7000-8000-00000000aaaa")?, &Thing { name: "hidden".into(), value: 1 })?;
        }
        _ => return Err(Failure::NotFound),
    }
    Ok(())
}

/// Which code the host refuses with, or what came.
fn fetch(url: &str, headers: &[(&str, &str)]) -> Result<Value, Failure> {
    let request = headers.iter().fold(http::Request::get(url), |request, (name, value)| request.header(name, *value));
    Ok(match request.send() {
        Ok(answer) => json!({ "status": answer.status }),
        Err(error) => json!({ "refused": error.code }),
    })
}

impl Pages for Plugin {
    fn view(request: &Request) -> Result<Reply, Failure> {
        match request.route() {
            "ask" => ask(request),
            _ => Ok(View::new("forms.html", &json!({ "forms": FORMS }))?.into()),
        }
    }

    fn submit(request: &Request) -> Result<Reply, Failure> {
        attempt(request.parameter("attack"))?;
        Ok(Reply::redirect("/p/menace/"))
    }
}

impl Rules for Plugin {
    fn evaluate(name: &str, _parameters: &Parameters, members: &[Id]) -> Result<Vec<bool>, Failure> {
        match name {
            "endless" => loop {
                black_box(());
            },
            "crowd" => Ok(vec![members::in_segment("list-0", 1, None).is_ok(); members.len()]),
            _ => Ok(Vec::new()),
        }
    }
}

impl Events for Plugin {
    fn handle(_event: &Event) -> Result<(), Failure> {
        Ok(events::emit("ping", "", &json!({}))?)
    }
}

impl Jobs for Plugin {
    fn run(job: &Job) -> Result<(), Failure> {
        assert_ne!(job.name, "poison", "this job always fails");
        Thing::COLLECTION.insert(&Thing { name: "honest".into(), value: 1 })?;
        Ok(())
    }
}

impl Webhooks for Plugin {
    fn receive(request: &WebhookRequest) -> Result<WebhookAnswer, Failure> {
        let wanted: Value = request.json()?;
        let url = wanted["url"].as_str().unwrap_or_default();
        let headers: Vec<(String, String)> = serde_json::from_value(wanted["headers"].clone()).unwrap_or_default();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Ok(WebhookAnswer::json(200, &fetch(url, &headers)?))
    }
}

export!(Plugin: pages, rules, events, jobs, webhooks);
