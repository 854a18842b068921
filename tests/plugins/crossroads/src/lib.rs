//! For tests of extension points: leaves a mark wherever it is called, and takes every way out that there is.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tsudoi_plugin::forms::Answer;
use tsudoi_plugin::invoices::{Line, TaxKind};
use tsudoi_plugin::payments::Outcome;
use tsudoi_plugin::{
    Blocks, Charge, Checkout, Collection, Error, Event, Events, Failure, FieldErrors, Gate, Gateway, GiveBack, Id, Job, Jobs, Money, Pages,
    Parameters, Reply, Request, Routes, Rules, SavedMethods, Saving, Settlement, Timestamp, Upgrade, View, WebhookAnswer, WebhookRequest,
    Webhooks, When, activities, context, events, export, files, forms, http, invoices, jobs, members, notify, payments, secrets, store,
};

#[derive(Serialize, Deserialize, Collection)]
#[collection("marks")]
struct Mark {
    what: String,
    member: Option<Id>,
    at: Timestamp,
}

#[derive(Routes)]
#[routes(GET)]
enum Show {
    Marks,
    Watch,
    Lost { picture: Id },
    Crossing { key: String },
}

#[derive(Routes)]
#[routes(POST)]
enum Change {
    Pass { way: String },
    Lose,
    Find { picture: Id },
    Alarm,
}

struct Plugin;

fn mark(what: impl Into<String>, member: Option<Id>) -> Result<(), Failure> {
    Mark::COLLECTION.insert(&Mark { what: what.into(), member, at: context::now() })?;
    Ok(())
}

/// The names of those in a segment, two at a time.
fn names_in(segment: &str) -> Result<Vec<String>, Failure> {
    let (mut names, mut cursor) = (Vec::new(), None);
    loop {
        let page = members::in_segment(segment, 2, cursor.as_deref());
        let page = page.map_err(|error| if error.is(Error::NOT_FOUND) { Failure::NotFound } else { error.into() })?;
        names.extend(page.members.into_iter().filter_map(|member| member.display_name));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(names);
        }
    }
}

fn marks(request: &Request) -> Result<View, Failure> {
    let together = request.query("segment").map(names_in).transpose()?.unwrap_or_default();
    let page = Mark::IN_ORDER.query().limit(100).page()?;
    let passers: Vec<Id> = page.documents.iter().filter_map(|mark| mark.body.member.clone()).collect();
    let known: Vec<_> = members::get(&passers)?.into_iter().flatten().collect();
    let who =
        |mark: &Mark| known.iter().find(|member| Some(&member.id) == mark.member.as_ref()).and_then(|member| member.display_name.clone());
    let mark = |mark: &Mark| format!("{} {}", mark.what, who(mark).unwrap_or_default());
    let marks: Vec<String> = page.documents.iter().map(|document| mark(&document.body)).collect();
    View::new("marks.html", &json!({ "marks": marks, "together": together, "greeting": context::setting::<String>("greeting")? }))
}

impl Pages for Plugin {
    fn view(request: &Request) -> Result<Reply, Failure> {
        match request.matched()? {
            Show::Marks | Show::Watch => Ok(marks(request)?.into()),
            Show::Lost { picture } => Ok(Reply::file(&picture)),
            Show::Crossing { key } => {
                let forms = forms::offered()?;
                let told = forms.iter().map(|form| format!("{} {}", form.path("crossroads", &key), form.open)).collect::<Vec<_>>();
                View::new("marks.html", &json!({ "marks": told, "together": [], "greeting": key })).map(Reply::from)
            }
        }
    }

    fn submit(request: &Request) -> Result<Reply, Failure> {
        match request.matched()? {
            Change::Pass { way } => {
                let member = context::visitor().member().ok_or(Failure::Forbidden)?;
                match way.as_str() {
                    "event" => events::emit("passed", "", &json!({ "by": member }))?,
                    "job" => jobs::enqueue("errand", &json!({ "for": member }), When::at(context::now() + 60_000).keyed("once"))?,
                    "mail" => notify::members(std::slice::from_ref(&member), "passed", &json!({}))?,
                    "timeline" => activities::record(&member, "passed", "四つ辻を通りました", Some(&Show::Marks.path()), &json!({}))?,
                    "stumble" => panic!("the cart lost a wheel"),
                    "toll" => {
                        let unit = Money::new(300, "JPY");
                        let line = Line { description: "通行料".into(), quantity: 2, unit, tax_kind: TaxKind::Standard };
                        invoices::issue(&member, &[line], None, "toll")?;
                    }
                    "waive" => {
                        let invoice = Id::parse(request.field("invoice"))?;
                        let before = invoices::get(&invoice)?.ok_or(Failure::NotFound)?;
                        invoices::cancel(&invoice)?;
                        return mark(format!("waive {} {:?} {}", before.number, before.state, before.open), Some(member))
                            .map(|()| Reply::redirect(Show::Marks.path()));
                    }
                    "tier" => members::set_tier(&member, "gold")?,
                    "label" => members::set_label(&member, "committee", true)?,
                    "count" => {
                        return mark(format!("count {}", names_in(request.field("segment"))?.join("、")), Some(member))
                            .map(|()| Reply::redirect(Show::Marks.path()));
                    }
                    "field" => {
                        let found = members::get(std::slice::from_ref(&member))?.pop().flatten().ok_or(Failure::NotFound)?;
                        let passes = found.added::<u32>("passes").unwrap_or_default() + 1;
                        members::set_field(&member, "passes", Some(passes))?;
                        let after =
                            members::get(std::slice::from_ref(&member))?.pop().flatten().and_then(|member| member.added::<u32>("passes"));
                        let way = found.added::<String>("way").unwrap_or_default();
                        return mark(format!("field {way} {}", after.unwrap_or_default()), Some(member))
                            .map(|()| Reply::redirect(Show::Marks.path()));
                    }
                    _ => return Err(Failure::NotFound),
                }
                mark(format!("route {way}"), Some(member))?;
            }
            Change::Lose => {
                let mut pictures: Vec<_> = request.uploads("picture").collect();
                if request.field("where").is_empty() {
                    return Err(FieldErrors::one("where", "where-missing").into());
                }
                // One is enough, with a note beside it.
                for other in pictures.drain(1..) {
                    other.delete()?;
                }
                let picture = pictures.pop().ok_or_else(|| FieldErrors::one("picture", "picture-missing"))?;
                let bytes = files::read(&picture.id)?.len();
                let note = files::save("note.txt", "text/plain", &Gate::staff(), request.field("where").as_bytes())?;
                mark(format!("lost {} {} {bytes} {note}", picture.id, picture.name), context::visitor().member())?;
            }
            Change::Find { picture } => files::delete(&picture)?,
            Change::Alarm => notify::staff("oversee", "alarm", &json!({}))?,
        }
        Ok(Reply::redirect(Show::Marks.path()))
    }
}

impl Blocks for Plugin {
    fn render(name: &str, parameters: &Parameters) -> Result<View, Failure> {
        View::new("sign.html", &json!({ "name": name, "words": parameters.text("words") }))
    }
}

impl Rules for Plugin {
    fn evaluate(_name: &str, parameters: &Parameters, members: &[Id]) -> Result<Vec<bool>, Failure> {
        let times = parameters.integer("times").and_then(|times| u32::try_from(times).ok()).unwrap_or(1);
        let passes: Vec<_> = members.iter().map(|member| Mark::BY_MEMBER.equal(member)).collect();
        Ok(store::counts(&passes, times)?.into_iter().map(|count| count >= times).collect())
    }
}

impl Events for Plugin {
    fn handle(event: &Event) -> Result<(), Failure> {
        if let Some(answer) = Answer::of(event)? {
            let told: Vec<String> =
                answer.fields.iter().map(|field| format!("{}={}", forms::words(&field.label, "ja"), field.text)).collect();
            return mark(format!("answer {} {}", answer.key, told.join(" ")), Some(answer.member));
        }
        mark(format!("event {}", event.topic), None)
    }
}

impl Jobs for Plugin {
    fn run(job: &Job) -> Result<(), Failure> {
        if job.name == "errand" {
            let signed = secrets::hmac_sha256("api-key", b"errand")?.len();
            let answer =
                http::Request::get("https://api.example.com/errand").header("authorization", "Bearer {{secret:api-key}}").send()?;
            return mark(format!("job errand {} {signed} {}", answer.status, answer.text()), None);
        }
        mark(format!("job {}", job.name), None)
    }
}

/// A payer who owes 600 is told how to pay, one who owes 700 is sent away, one who owes 900 can't pay, one who owes 950 disputes it
/// afterwards, and everybody else has paid.
impl Gateway for Plugin {
    fn begin(charge: &Charge) -> Result<Checkout, Failure> {
        mark(format!("begin {} {}", charge.amount.minor, charge.description), Some(charge.payer.clone()))?;
        match charge.amount.minor {
            600 => Ok(Checkout::Instructions(View::new("sign.html", &json!({ "words": "窓口へ" }))?)),
            700 => Ok(Checkout::Redirect(format!("https://api.example.com/pay/{}?back={}", charge.invoice, charge.return_url))),
            800 => Ok(Checkout::Redirect("https://elsewhere.example/".into())),
            900 => {
                payments::report(&charge.invoice, &charge.idempotency_key, charge.amount.clone(), Outcome::Failed)?;
                Ok(Checkout::Redirect("/account/payments".into()))
            }
            owed => {
                payments::report(&charge.invoice, &charge.idempotency_key, charge.amount.clone(), Outcome::Paid)?;
                if owed == 950 {
                    payments::report(&charge.invoice, &charge.idempotency_key, charge.amount.clone(), Outcome::Disputed)?;
                }
                Ok(Checkout::Redirect("/account/payments".into()))
            }
        }
    }

    fn refund(wish: &GiveBack) -> Result<Settlement, Failure> {
        if wish.amount.minor == 1 {
            return Err(Failure::Unavailable("the till is shut".into()));
        }
        mark(format!("refund {}", wish.amount.minor), None)?;
        Ok(Settlement { reference: wish.reference.clone(), outcome: Outcome::Refunded })
    }
}

/// Everybody can leave a purse at the gate. It holds less than 5,000, and nobody minds it for 700.
impl SavedMethods for Plugin {
    fn save(wish: &Saving) -> Result<Checkout, Failure> {
        mark(format!("save {}", wish.return_url), Some(wish.payer.clone()))?;
        payments::saved_method(&wish.payer, Some("財布"))?;
        Ok(Checkout::Redirect("/account/payments".into()))
    }

    fn charge_saved(charge: &Charge) -> Result<Settlement, Failure> {
        mark(format!("charge {}", charge.amount.minor), Some(charge.payer.clone()))?;
        let outcome = match charge.amount.minor {
            700 => return Err(Failure::conflict("no-saved-method")),
            5_000.. => Outcome::Failed,
            _ => Outcome::Paid,
        };
        Ok(Settlement { reference: charge.idempotency_key.clone(), outcome })
    }

    fn forget(payer: &Id, _key: &str) -> Result<(), Failure> {
        mark("forget".to_owned(), Some(payer.clone()))
    }
}

impl Webhooks for Plugin {
    fn receive(request: &WebhookRequest) -> Result<WebhookAnswer, Failure> {
        let body: Value = request.json()?;
        mark(format!("webhook {}", body["id"]), None)?;
        Ok(WebhookAnswer::text(200, "heard"))
    }
}

impl Upgrade for Plugin {
    fn step(from_version: &str, _cursor: Option<&str>) -> Result<Option<String>, Failure> {
        mark(format!("upgrade from {from_version}"), None)?;
        Ok(None)
    }
}

export!(Plugin: pages, blocks, rules, events, jobs, webhooks, payment_gateway, saved_methods, upgrade);
