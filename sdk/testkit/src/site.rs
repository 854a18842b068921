//! A site with the plugin switched on.

use crate::page::Page;
use crate::people::{NewMember, Person, Sending};
use crate::stage::Stage;
use serde_json::{Value, json};
use std::cell::Cell;
use std::time::Duration;

/// How a site begins, where it shall begin otherwise than [`Site::new`].
#[derive(Debug, Clone)]
pub struct Opening {
    plugin: String,
    now: String,
    zone: String,
    locale: &'static str,
    currency: String,
    without: Vec<String>,
    former: Value,
    invoices: bool,
}

/// One organisation with nothing but the plugin. Dropped, it prints what each call cost and what was logged.
pub struct Site {
    stage: Stage,
    plugin: String,
    people: Cell<usize>,
}

/// What a plugin told others.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub topic: String,
    pub key: String,
    pub payload: Value,
}

/// A job that a plugin asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub name: String,
    pub key: Option<String>,
    pub payload: Value,
    /// Milliseconds since 1970; `None`: at once.
    pub at: Option<u64>,
}

/// A line on a member's timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    pub member: String,
    pub kind: String,
    pub summary: String,
    pub path: Option<String>,
}

/// A mail as somebody gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// An event or a job that failed too often and waits for staff.
#[derive(Debug, Clone, PartialEq)]
pub struct SetAside {
    pub what: String,
    pub reason: String,
    pub detail: String,
}

/// What one call cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Such as `view greetings` or `job nightly`.
    pub call: String,
    pub microseconds: u64,
    pub host_calls: u64,
    /// Documents and stretches of indexes that it read.
    pub reads: u64,
    /// Documents that it wrote or deleted.
    pub writes: u64,
    pub reruns: u64,
    /// It was answered from memory; what it cost when it ran is shown.
    pub cached: bool,
    /// Why it did not answer.
    pub failed: Option<String>,
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn list<T>(value: Value, of: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().into_iter().flatten().map(of).collect()
}

impl Opening {
    /// The time on the organisation's clock: `2026-11-22T09:00:00+09:00`.
    pub fn at(mut self, now: &str) -> Self {
        self.now = now.to_owned();
        self
    }

    /// The organisation's time zone: `Europe/London`.
    pub fn zone(mut self, zone: &str) -> Self {
        self.zone = zone.to_owned();
        self
    }

    /// An organisation whose language is English.
    pub fn english(mut self) -> Self {
        self.locale = "en";
        self
    }

    /// The organisation's currency: `USD`.
    pub fn currency(mut self, code: &str) -> Self {
        self.currency = code.to_owned();
        self
    }

    /// Staff leave this interface out when they enable the plugin.
    pub fn without(mut self, interface: &str) -> Self {
        self.without.push(interface.to_owned());
        self
    }

    /// Staff have not said yet who issues invoices, so that none can be issued.
    pub fn without_issuer(mut self) -> Self {
        self.invoices = false;
        self
    }

    /// This older package of the plugin is in use, until [`Site::update`].
    pub fn from_package(mut self, file: &str) -> Self {
        self.former = json!({ "package": file });
        self
    }

    /// The same plugin is in use under this lower version, until [`Site::update`].
    pub fn from_version(mut self, version: &str) -> Self {
        self.former = json!({ "version": version });
        self
    }

    #[track_caller]
    pub fn open(self) -> Site {
        let stage = Stage::of(&self.plugin);
        stage.tell(&json!({
            "now": self.now, "organisation": "Club", "locale": self.locale, "time-zone": self.zone, "currency": self.currency,
            "without": self.without, "former": self.former, "invoices": self.invoices,
        }));
        Site { stage, plugin: self.plugin, people: Cell::new(0) }
    }
}

impl Default for Site {
    fn default() -> Self {
        Self::new()
    }
}

impl Site {
    /// In Tokyo, in Japanese, with the yen, on Sunday 22 November 2026 at nine in the morning; staff allowed all that the plugin asks for.
    #[track_caller]
    pub fn new() -> Self {
        Self::opening().open()
    }

    pub fn opening() -> Opening {
        let plugin = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
        let now = "2026-11-22T09:00:00+09:00".to_owned();
        Opening {
            plugin,
            now,
            zone: "Asia/Tokyo".to_owned(),
            locale: "ja",
            currency: "JPY".to_owned(),
            without: Vec::new(),
            former: Value::Null,
            invoices: true,
        }
    }

    pub(crate) fn stage(&self) -> &Stage {
        &self.stage
    }

    pub(crate) fn plugin(&self) -> &str {
        &self.plugin
    }

    pub(crate) fn next_person(&self) -> usize {
        self.people.replace(self.people.get() + 1)
    }

    /// A member without tier or labels.
    #[track_caller]
    pub fn member(&self, name: &str) -> Person<'_> {
        self.new_member(name).join()
    }

    pub fn new_member(&self, name: &str) -> NewMember<'_> {
        NewMember::new(self, name)
    }

    /// Somebody of the staff, with every permission that the plugin declares.
    #[track_caller]
    pub fn staff(&self, name: &str) -> Person<'_> {
        Person::staff(self, name, None)
    }

    /// Somebody of the staff who looks after invoices and payments, with every permission that the plugin declares.
    #[track_caller]
    pub fn treasurer(&self, name: &str) -> Person<'_> {
        Person::treasurer(self, name)
    }

    /// With these of the plugin's permissions only.
    #[track_caller]
    pub fn staff_with(&self, name: &str, permissions: &[&str]) -> Person<'_> {
        Person::staff(self, name, Some(permissions))
    }

    /// A visitor who is not signed in.
    pub fn anyone(&self) -> Person<'_> {
        Person::anyone(self)
    }

    /// All of them at the same time; the answers in the order in which they stand here.
    #[track_caller]
    pub fn at_once(&self, sendings: &[Sending]) -> Vec<Page<'_>> {
        let requests: Vec<&Value> = sendings.iter().map(Sending::request).collect();
        let answers = self.stage.tell(&json!({ "do": "send", "requests": requests }));
        let answers = answers.as_array().cloned().unwrap_or_default();
        answers.into_iter().zip(sendings).map(|(answer, sending)| Page::new(self, sending, answer)).collect()
    }

    /// A call from outside, to one of the plugin's webhooks.
    #[track_caller]
    pub fn webhook(&self, name: &str, headers: &[(&str, &str)], body: &str) -> Page<'_> {
        self.anyone().sent(Sending::webhook(self, name, headers, body))
    }

    /// The clock goes on. What becomes due on the way is done at its time: events, jobs, schedules, further tries. Answers how
    /// many there were.
    #[track_caller]
    pub fn pass(&self, time: Duration) -> usize {
        let done = self.stage.tell(&json!({ "do": "pass", "seconds": time.as_secs() }));
        done.as_u64().and_then(|done| usize::try_from(done).ok()).unwrap_or_default()
    }

    /// The same up to an instant: `2026-11-23T03:30:00+09:00`.
    #[track_caller]
    pub fn pass_until(&self, instant: &str) -> usize {
        let done = self.stage.tell(&json!({ "do": "until", "instant": instant }));
        done.as_u64().and_then(|done| usize::try_from(done).ok()).unwrap_or_default()
    }

    /// What the clock shows, in milliseconds since 1970: for what has to be signed with the time.
    #[track_caller]
    pub fn now(&self) -> u64 {
        self.stage.tell(&json!({ "do": "now" })).as_u64().unwrap_or_default()
    }

    /// Events are handled and jobs are run that are due by now.
    #[track_caller]
    pub fn run_due(&self) -> usize {
        self.pass(Duration::ZERO)
    }

    /// Another plugin, or the host, tells something: `fan-board.posted`, `member.joined`. [`Site::run_due`] has it handled.
    #[track_caller]
    pub fn tell(&self, topic: &str, key: &str, payload: &Value) {
        self.stage.tell(&json!({ "do": "tell", "topic": topic, "key": key, "payload": payload }));
    }

    /// Staff choose this for a setting.
    #[track_caller]
    pub fn set(&self, key: &str, value: &Value) {
        self.stage.tell(&json!({ "do": "setting", "key": key, "value": value }));
    }

    /// Staff enter a secret.
    #[track_caller]
    pub fn set_secret(&self, name: &str, value: &str) {
        self.stage.tell(&json!({ "do": "secret", "name": name, "value": value }));
    }

    /// The plugin is updated to what was built, with the steps of its own upgrade; panics with the reason where it fails.
    #[track_caller]
    pub fn update(&self) {
        self.stage.tell(&json!({ "do": "update" }));
    }

    /// What the next request to an address outside gets; the last answer for an address stays. Without one the host there
    /// can't be reached.
    #[track_caller]
    pub fn outside_answers(&self, method: &str, url: &str, status: u16, body: &str) {
        self.stage.tell(&json!({ "do": "answer", "method": method, "url": url, "status": status, "body": body }));
    }

    /// What was said of an address is taken back: the host there can't be reached until it answers anew. That it was asked still
    /// stands in [`Site::sent`].
    #[track_caller]
    pub fn outside_is_away(&self, method: &str, url: &str) {
        self.stage.tell(&json!({ "do": "forget", "method": method, "url": url }));
    }

    /// Requests to a host outside, such as `https://api.example.com`, go to a server of the test's from now on: `http://127.0.0.1:4711`,
    /// over the network, as they were sent, without TLS, unless [`Site::outside_answers`] has an answer for just that. Of the answer the host takes what it
    /// would take of any.
    #[track_caller]
    pub fn outside_goes_to(&self, origin: &str, server: &str) {
        self.stage.tell(&json!({ "do": "lead", "origin": origin, "to": server.trim_start_matches("http://") }));
    }

    /// The requests that went outside, as `{"method", "url", "headers", "body"}`, secrets filled in.
    #[track_caller]
    pub fn sent(&self) -> Vec<Value> {
        list(self.stage.tell(&json!({ "do": "sent" })), Value::clone)
    }

    #[track_caller]
    fn effects(&self, kind: &str) -> Vec<Value> {
        list(self.stage.tell(&json!({ "do": "effects" })), |effect| effect.get(kind).cloned()).into_iter().flatten().collect()
    }

    /// What the plugin told others so far, whoever heard it.
    #[track_caller]
    pub fn events(&self) -> Vec<Event> {
        let event =
            |event: Value| Event { topic: text(&event, "topic"), key: text(&event, "order_key"), payload: event["payload"].clone() };
        self.effects("emit").into_iter().map(event).collect()
    }

    /// The jobs that it asked for so far.
    #[track_caller]
    pub fn jobs(&self) -> Vec<Job> {
        let job = |job: Value| Job {
            name: text(&job, "name"),
            key: job["key"].as_str().map(str::to_owned),
            payload: job["payload"].clone(),
            at: job["run_at"].as_u64(),
        };
        self.effects("enqueue").into_iter().map(job).collect()
    }

    /// The lines that it wrote on members' timelines.
    #[track_caller]
    pub fn activities(&self) -> Vec<Activity> {
        let activity = |activity: Value| Activity {
            member: text(&activity, "member"),
            kind: text(&activity, "kind"),
            summary: text(&activity, "summary"),
            path: activity["path"].as_str().map(str::to_owned),
        };
        self.effects("record-activity").into_iter().map(activity).collect()
    }

    /// The mails that were written so far, the oldest first.
    #[track_caller]
    pub fn mails(&self) -> Vec<Mail> {
        let mail = |mail: &Value| Mail { to: text(mail, "to"), subject: text(mail, "subject"), text: text(mail, "text") };
        list(self.stage.tell(&json!({ "do": "mails" })), mail)
    }

    /// Events and jobs that failed too often.
    #[track_caller]
    pub fn set_aside(&self) -> Vec<SetAside> {
        let aside = |aside: &Value| SetAside { what: text(aside, "what"), reason: text(aside, "reason"), detail: text(aside, "detail") };
        list(self.stage.tell(&json!({ "do": "set-aside" })), aside)
    }

    /// The documents of a collection, in the order of their ids.
    #[track_caller]
    pub fn documents(&self, collection: &str) -> Vec<Value> {
        list(self.stage.tell(&json!({ "do": "documents", "collection": collection })), |document| document["body"].clone())
    }

    /// The key of a segment of those who meet one of the plugin's rules, for gates: staff have made it now.
    #[track_caller]
    pub fn segment(&self, rule: &str, parameters: &Value) -> String {
        let key = self.stage.tell(&json!({ "do": "segment", "rule": rule, "parameters": parameters }));
        key.as_str().unwrap_or_default().to_owned()
    }

    /// What went wrong in the plugin so far, as staff are told.
    #[track_caller]
    pub fn failures(&self) -> Vec<String> {
        let failure = |failure: &Value| format!("{}: {}", text(failure, "place"), text(failure, "detail"));
        list(self.stage.tell(&json!({ "do": "failures" })), failure)
    }

    /// What the calls cost so far, in the order in which they ended.
    #[track_caller]
    pub fn costs(&self) -> Vec<Cost> {
        list(self.stage.tell(&json!({ "do": "costs" })), Cost::of)
    }
}

impl Cost {
    fn of(value: &Value) -> Self {
        let number = |key: &str| value[key].as_u64().unwrap_or_default();
        Self {
            call: text(value, "call"),
            microseconds: number("microseconds"),
            host_calls: number("host_calls"),
            reads: number("reads"),
            writes: number("writes"),
            reruns: number("reruns"),
            cached: value["cached"].as_bool().unwrap_or_default(),
            failed: value["failed"].as_str().map(str::to_owned),
        }
    }
}

/// The test harness keeps what is printed with the test that printed it.
impl Drop for Site {
    fn drop(&mut self) {
        let (costs, log) = self.stage.end();
        let costs = list(costs, Cost::of);
        if !costs.is_empty() {
            println!("{:>9}  {:>5}  {:>5}  {:>6}  {:>6}  call", "µs", "asked", "reads", "writes", "reruns");
        }
        for Cost { call, microseconds, host_calls, reads, writes, reruns, cached, failed } in costs {
            let note = match (cached, failed) {
                (_, Some(failed)) => format!("  ({failed})"),
                (true, None) => "  (from memory)".to_owned(),
                (false, None) => String::new(),
            };
            println!("{microseconds:>9}  {host_calls:>5}  {reads:>5}  {writes:>6}  {reruns:>6}  {call}{note}");
        }
        print!("{log}");
    }
}
