//! A plugin for tests of transactions. `/steps` does what it is told, several reads and writes in one call, and answers what it
//! read; the rest is a balance that many spend at once, with an event and a job for each payment.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tsudoi_plugin::{Collection, Error, Event, Events, Failure, Id, Job, Jobs, Pages, Reply, Request, View, events, export, jobs};

#[derive(Serialize, Deserialize, Collection)]
#[collection("entries")]
struct Entry {
    /// No two entries have the same.
    slot: String,
    value: i64,
}

#[derive(Serialize, Deserialize)]
struct Account {
    balance: i64,
}

const ACCOUNTS: Collection<Account> = Collection::new("accounts");

#[derive(Serialize, Deserialize, Collection)]
#[collection("payments")]
struct Payment {
    key: String,
    handled: u32,
    tidied: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Step {
    Get {
        entry: u8,
    },
    /// Values from `from` up to before `before`, in the index's order.
    Scan {
        from: i64,
        before: i64,
    },
    Count {
        from: i64,
        before: i64,
    },
    Put {
        entry: u8,
        slot: String,
        value: i64,
    },
    /// Reads, adds and writes.
    Add {
        entry: u8,
        value: i64,
    },
    Delete {
        entry: u8,
    },
}

fn id(number: u8) -> Result<Id, Failure> {
    Id::parse(&format!("01890a5d-ac96-774b-bcce-b302099a80{number:02x}"))
}

impl Step {
    fn take(self) -> Result<Value, Failure> {
        Ok(match self {
            Self::Get { entry } => json!(Entry::COLLECTION.get(&id(entry)?)?.map(|found| found.body)),
            Self::Scan { from, before } => {
                let (mut found, mut cursor) = (Vec::new(), None);
                loop {
                    let page = Entry::VALUES.query().from(from).before(before).limit(2).cursor(cursor.as_deref()).page()?;
                    found.extend(page.documents.into_iter().map(|document| document.body));
                    cursor = page.next;
                    if cursor.is_none() {
                        break json!(found);
                    }
                }
            }
            Self::Count { from, before } => json!(Entry::VALUES.query().from(from).before(before).count(100)?),
            Self::Put { entry, slot, value } => written(Entry::COLLECTION.put(&id(entry)?, &Entry { slot, value }))?,
            Self::Add { entry, value } => {
                let id = id(entry)?;
                let Some(mut found) = Entry::COLLECTION.get(&id)?.map(|found| found.body) else { return Ok(json!("missing")) };
                found.value += value;
                written(Entry::COLLECTION.put(&id, &found))?
            }
            Self::Delete { entry } => written(Entry::COLLECTION.delete(&id(entry)?))?,
        })
    }
}

/// What the host says against a write is an answer like any other.
fn written(outcome: Result<(), Error>) -> Result<Value, Failure> {
    match outcome {
        Ok(()) => Ok(json!("done")),
        Err(error) if error.is(Error::DUPLICATE) || error.is(Error::NOT_FOUND) => Ok(json!(error.code)),
        Err(error) => Err(error.into()),
    }
}

fn steps(steps: &str) -> Result<Reply, Failure> {
    let steps: Vec<Step> = serde_json::from_str(steps)?;
    Reply::json(&steps.into_iter().map(Step::take).collect::<Result<Vec<_>, _>>()?)
}

fn balance() -> Result<i64, Failure> {
    Ok(ACCOUNTS.get(&id(0)?)?.map_or(0, |account| account.body.balance))
}

/// One point, where there is one.
fn pay(key: String, tells: bool) -> Result<(), Failure> {
    let balance = balance()?;
    if balance < 1 {
        return Err(Failure::conflict("short"));
    }
    ACCOUNTS.put(&id(0)?, &Account { balance: balance - 1 })?;
    if tells {
        events::emit("paid", &key, &json!({ "key": key }))?;
        jobs::enqueue("tidy", &json!({ "key": key }), jobs::When::now().keyed(&key))?;
    }
    Payment::COLLECTION.insert(&Payment { key, handled: 0, tidied: 0 })?;
    Ok(())
}

#[derive(Deserialize)]
struct About {
    key: String,
}

fn change_payment(key: &str, change: impl FnOnce(&mut Payment)) -> Result<(), Failure> {
    let mut payment = Payment::BY_KEY.equal(key).first()?.ok_or(Failure::NotFound)?;
    change(&mut payment.body);
    Ok(Payment::COLLECTION.put(&payment.id, &payment.body)?)
}

struct Ledger;

impl Pages for Ledger {
    fn view(request: &Request) -> Result<Reply, Failure> {
        match request.route() {
            "look" => steps(request.query("steps").unwrap_or("[]")),
            "balance" => Ok(View::new("balance.html", &json!({ "balance": balance()? }))?.into()),
            "payments" => {
                let page = Payment::BY_KEY.query().limit(100).cursor(request.query("cursor")).page()?;
                let payments: Vec<Payment> = page.documents.into_iter().map(|document| document.body).collect();
                Reply::json(&json!({ "payments": payments, "next": page.next, "balance": balance()? }))
            }
            _ => Err(Failure::NotFound),
        }
    }

    fn submit(request: &Request) -> Result<Reply, Failure> {
        match request.route() {
            "take" => return steps(request.field("steps")),
            "grant" => {
                let points: i64 = request.field("points").parse().map_err(|_| Failure::NotFound)?;
                ACCOUNTS.put(&id(0)?, &Account { balance: balance()? + points })?;
            }
            "pay" => pay(request.text("key"), request.is_checked("tells"))?,
            _ => return Err(Failure::NotFound),
        }
        Ok(Reply::redirect("/"))
    }
}

impl Events for Ledger {
    fn handle(event: &Event) -> Result<(), Failure> {
        change_payment(&event.read::<About>()?.key, |payment| payment.handled += 1)
    }
}

impl Jobs for Ledger {
    fn run(job: &Job) -> Result<(), Failure> {
        change_payment(&job.read::<About>()?.key, |payment| payment.tidied += 1)
    }
}

export!(Ledger: pages, events, jobs);
