//! Taking mails to the wire. Each is claimed in a commit before a server hears of it, and that commit also says how those before it
//! fared. One whose worker died is in doubt: it is marked and not repeated. Codes never wait behind a mailing: some connections are
//! theirs alone, and the pace that is kept is kept by the others.

use super::{MailStop, WrittenMail, compose::Words};
use crate::visits::OrganisationKey;
use crate::{ServiceError, Services};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::JoinSet;
use tsudoi_kernel::ports::{MailError, Mailer, OutgoingMail};
use tsudoi_kernel::{MemberId, OrganisationId, Timestamp};
use tsudoi_store::{ClaimedMail, MailAppetite, MailEnd, MailOutcome, Reader};
use uuid::Uuid;

/// A server that can't be reached is tried again for so long.
const GIVEN_UP_SECONDS: i64 = 3 * 24 * 60 * 60;

/// How often mails are looked for whose worker died.
const DOUBT_SECONDS: i64 = 60;

/// Mailings whose words are kept.
const MOST_KEPT: usize = 20;

/// How fast mail goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailPace {
    /// Conversations at the same time.
    pub at_once: usize,
    /// Most mails in a second; 0: as fast as the server takes them.
    pub per_second: u32,
}

/// When what did not work is tried again. All in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRetries {
    /// How long a mail waits that the server put off: for the first time, the second, and so on. After the last one it is given up.
    pub waits: Vec<i64>,
    /// How long a mail waits when the server can't be reached; notices and mailings begin again after half of it.
    pub away: i64,
    /// After so long a mail whose worker has said nothing is in doubt: longer than any conversation with a server.
    pub lease: i64,
}

impl Default for MailRetries {
    fn default() -> Self {
        Self { waits: vec![60, 5 * 60, 15 * 60, 60 * 60, 4 * 60 * 60], away: 60, lease: 20 * 60 }
    }
}

/// Where mails go.
#[derive(Clone)]
pub enum Outlet {
    Wire(Arc<dyn Mailer>),
    /// In development: mailings are written out for the inbox, where everything else lies already.
    Inbox,
}

/// One for each process; several processes on one database share the work.
pub struct Courier {
    services: Services,
    outlet: Outlet,
    pace: MailPace,
    retries: Arc<MailRetries>,
    running: JoinSet<Delivered>,
    /// Of those that run, how many are notices or mailings.
    bulk: usize,
    /// To be committed.
    outcomes: Vec<MailOutcome>,
    words: HashMap<Uuid, Arc<Words>>,
    /// Whose turn was last.
    last: Option<OrganisationId>,
    allowance: Allowance,
    doubted: Option<Timestamp>,
    /// The server could not be reached: until then only codes try.
    held_until: Option<Timestamp>,
}

struct Delivered {
    outcome: MailOutcome,
    is_bulk: bool,
    unreachable: bool,
}

/// How many mails may go out now.
struct Allowance {
    mails: f64,
    since: Timestamp,
}

impl Allowance {
    fn now(&mut self, per_second: u32, now: Timestamp) -> usize {
        if per_second == 0 {
            return usize::MAX;
        }
        let rate = f64::from(per_second);
        let seconds = (now.as_i64() - self.since.as_i64()).max(0) as f64 / 1000.0;
        self.mails = (self.mails + rate * seconds).min(rate);
        self.since = now;
        self.mails.max(0.0) as usize
    }
}

impl Courier {
    pub fn new(services: Services, outlet: Outlet, pace: MailPace) -> Self {
        let allowance = Allowance { mails: f64::from(pace.per_second), since: services.now() };
        Self {
            services,
            outlet,
            pace: MailPace { at_once: pace.at_once.max(1), ..pace },
            retries: Arc::default(),
            running: JoinSet::new(),
            bulk: 0,
            outcomes: Vec::new(),
            words: HashMap::new(),
            last: None,
            allowance,
            doubted: None,
            held_until: None,
        }
    }

    /// The same with other times.
    pub fn trying_again(self, retries: MailRetries) -> Self {
        Self { retries: Arc::new(retries), ..self }
    }

    /// Commits what is over and takes in hand what is due, as far as there are places. Answers how many it took.
    pub async fn round(&mut self) -> Result<usize, ServiceError> {
        while let Some(ended) = self.running.try_join_next() {
            self.note(ended);
        }
        let (services, now) = (self.services.clone(), self.services.now());
        let store = services.store();
        if self.outcomes.is_empty() && !store.is_mail_due_all_organisations(now).await? {
            return Ok(0);
        }
        if self.doubted.is_none_or(|then| now >= then.plus_seconds(DOUBT_SECONDS)) {
            let doubted = store.doubt_mails_all_organisations(now).await?;
            self.doubted = Some(now);
            if doubted > 0 {
                tracing::warn!(doubted, "mails may or may not have been sent when a process ended");
            }
        }
        let appetite = self.appetite(now);
        let claimed = store.exchange_mails_all_organisations(&self.outcomes, appetite, now, now.plus_seconds(self.retries.lease)).await?;
        self.outcomes.clear();
        self.last = claimed.last;
        self.allowance.mails -= claimed.mails.len() as f64;
        let taken = claimed.mails.len() + claimed.left_out;
        for (mail, outgoing) in self.written(claimed.mails).await {
            self.send(mail, outgoing);
        }
        Ok(taken)
    }

    fn appetite(&mut self, now: Timestamp) -> MailAppetite {
        let at_once = self.pace.at_once;
        let urgent = at_once.saturating_sub(self.running.len());
        // Where there is more than one place, one in four is kept free for what somebody waits for.
        let reserved = if at_once > 1 { at_once.div_ceil(4) } else { 0 };
        let held = self.held_until.is_some_and(|until| now < until);
        let places = if held { 0 } else { (at_once - reserved).saturating_sub(self.bulk) };
        let bulk = places.min(self.allowance.now(self.pace.per_second, now));
        MailAppetite { urgent, bulk, mailings_only: matches!(self.outlet, Outlet::Inbox), last: self.last }
    }

    /// Until one of those on the wire has ended; `false` at once where none is.
    pub async fn one_ended(&mut self) -> bool {
        match self.running.join_next().await {
            None => false,
            Some(ended) => {
                self.note(ended);
                true
            }
        }
    }

    fn note(&mut self, ended: Result<Delivered, tokio::task::JoinError>) {
        match ended {
            Ok(delivered) => {
                self.bulk = self.bulk.saturating_sub(usize::from(delivered.is_bulk));
                if delivered.unreachable {
                    self.held_until = Some(self.services.now().plus_millis(self.retries.away.unsigned_abs() * 500));
                }
                self.outcomes.push(delivered.outcome);
            }
            Err(error) => {
                // It counts as in doubt when its lease has ended.
                tracing::error!(%error, "a mail's delivery ended in the middle");
                if self.running.is_empty() {
                    self.bulk = 0;
                }
            }
        }
    }

    /// Each with its words; one that can't be written is given up.
    async fn written(&mut self, mails: Vec<ClaimedMail>) -> Vec<(ClaimedMail, OutgoingMail)> {
        let mut readers: HashMap<MemberId, Reader> = HashMap::new();
        let mut members: HashMap<OrganisationId, Vec<MemberId>> = HashMap::new();
        for mail in mails.iter().filter(|mail| mail.mailing.is_some()) {
            members.entry(mail.organisation).or_default().extend(mail.member);
        }
        for (organisation, members) in members {
            match self.services.store().organisation(organisation).readers(&members).await {
                Ok(found) => readers.extend(found.into_iter().map(|reader| (reader.id, reader))),
                Err(error) => tracing::warn!(%error, "members can't be looked up at the moment"),
            }
        }
        let mut written = Vec::with_capacity(mails.len());
        for mail in mails {
            let outgoing = match mail.mailing {
                None => Ok(self.letter(&mail)),
                Some(_) => self.of_mailing(&mail, mail.member.and_then(|member| readers.get(&member))).await,
            };
            match outgoing {
                Ok(outgoing) => written.push((mail, outgoing)),
                Err(error) => {
                    tracing::warn!(mail = %mail.id, %error, "a mail can't be written at the moment");
                    let next = self.services.now().plus_seconds(self.retries.away);
                    let end = MailEnd::Again { next, problem: String::new(), counts: true };
                    self.outcomes.push(outcome_of(&mail, end));
                }
            }
        }
        written
    }

    /// Its words were made when it was caused.
    fn letter(&self, mail: &ClaimedMail) -> OutgoingMail {
        let stop = mail.member.zip(mail.topic.clone()).map(|(member, (plugin, name))| MailStop { member, plugin, mail: name });
        OutgoingMail {
            from_name: mail.organisation_name.clone(),
            reply_to: None,
            to: mail.recipient.clone(),
            subject: mail.subject.clone(),
            text: mail.body.clone(),
            html: None,
            unsubscribe: stop.map(|stop| self.services.stop_link(mail.organisation, &mail.organisation_slug, &stop)),
            id: mail.id,
        }
    }

    async fn of_mailing(&mut self, mail: &ClaimedMail, reader: Option<&Reader>) -> Result<OutgoingMail, ServiceError> {
        let words = self.words(mail).await?;
        let link = words.stop_link(&self.services, mail.member);
        let sample = self.services.sample_reader(words.organisation.locale);
        let WrittenMail { subject, text, html, .. } = words.for_reader(reader.unwrap_or(&sample), &link);
        Ok(OutgoingMail {
            from_name: mail.organisation_name.clone(),
            reply_to: words.reply_to.clone(),
            to: mail.recipient.clone(),
            subject,
            text,
            html: Some(html),
            unsubscribe: mail.member.map(|_| link),
            id: mail.id,
        })
    }

    async fn words(&mut self, mail: &ClaimedMail) -> Result<Arc<Words>, ServiceError> {
        let mailing = mail.mailing.ok_or(ServiceError::NotFound)?;
        if let Some(words) = self.words.get(&mailing) {
            return Ok(words.clone());
        }
        let store = self.services.store().organisation(mail.organisation);
        let record = store.mailing(mailing).await?.ok_or(ServiceError::NotFound)?;
        let key = OrganisationKey::Slug(mail.organisation_slug.clone());
        let visit = self.services.loaded_visit(&key).await?.ok_or(ServiceError::NotFound)?;
        let words = Arc::new(self.services.words_of(&visit, &record.mailing).await?);
        // What is written can't change any more once it is under way; a draft is tested again and again.
        if record.state.is_under_way() {
            if self.words.len() >= MOST_KEPT {
                self.words.clear();
            }
            self.words.insert(mailing, words.clone());
        }
        Ok(words)
    }

    fn send(&mut self, mail: ClaimedMail, outgoing: OutgoingMail) {
        let is_bulk = !mail.urgent;
        self.bulk += usize::from(is_bulk);
        let (services, outlet, retries) = (self.services.clone(), self.outlet.clone(), self.retries.clone());
        self.running.spawn(async move {
            let Outlet::Wire(mailer) = outlet else {
                let end = MailEnd::Kept { subject: outgoing.subject, body: outgoing.text };
                return Delivered { outcome: outcome_of(&mail, end), is_bulk, unreachable: false };
            };
            let sent = mailer.send(outgoing).await;
            let unreachable = matches!(sent, Err(MailError::Unreachable(_)));
            Delivered { outcome: outcome_of(&mail, services.mail_end(&mail, sent, &retries)), is_bulk, unreachable }
        });
    }
}

fn outcome_of(mail: &ClaimedMail, end: MailEnd) -> MailOutcome {
    MailOutcome { organisation: mail.organisation, id: mail.id, recipient: mail.recipient.clone(), end }
}

impl Services {
    fn mail_end(&self, mail: &ClaimedMail, sent: Result<(), MailError>, retries: &MailRetries) -> MailEnd {
        let now = self.now();
        // Not all at once again: up to a fifth later.
        let later = |seconds: i64| {
            let mut random = [0u8; 2];
            self.random().fill(&mut random);
            now.plus_millis(seconds.unsigned_abs() * (1000 + 200 * u64::from(u16::from_be_bytes(random)) / 65_535))
        };
        let wait = usize::try_from(mail.attempts).ok().and_then(|attempts| retries.waits.get(attempts.saturating_sub(1)));
        let id = mail.id;
        match sent {
            Ok(()) => MailEnd::Sent,
            Err(MailError::Unreachable(problem)) if now < mail.created.plus_seconds(GIVEN_UP_SECONDS) => {
                tracing::info!(mail = %id, problem, "the mail server can't be reached");
                MailEnd::Again { next: later(retries.away), problem, counts: false }
            }
            Err(MailError::Temporary(problem)) if wait.is_some() => {
                tracing::info!(mail = %id, problem, "a mail is tried again later");
                MailEnd::Again { next: later(wait.copied().unwrap_or_default()), problem, counts: true }
            }
            Err(MailError::Refused(problem)) => {
                tracing::info!(mail = %id, problem, "there is no such mailbox");
                MailEnd::Refused { problem }
            }
            Err(MailError::Unanswered(problem)) => {
                tracing::warn!(mail = %id, problem, "a mail may or may not have been taken");
                MailEnd::InDoubt { problem }
            }
            Err(MailError::Unreachable(problem) | MailError::Temporary(problem) | MailError::Permanent(problem)) => {
                tracing::warn!(mail = %id, problem, "a mail was given up");
                MailEnd::Failed { problem }
            }
        }
    }
}
