//! The year of one organisation, told in the order in which it happened: whatever day something belongs to, what came before it has
//! happened, and background work is done in between, as it would have been.

use super::content::{AnswerEntry, BillPaid, DuesAsked, InvoiceEntry, PaymentEntry, PluginPost};
use super::story::{Newcomer, Teller};
use anyhow::Context;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tsudoi_kernel::form::Form;
use tsudoi_kernel::{Timestamp, Visitor};
use tsudoi_services::forms::PlacedForm;
use tsudoi_services::mail::{MailPace, Outlet};
use tsudoi_services::visits::Visit;
use uuid::Uuid;

const DAY: i64 = 24 * 60 * 60;

/// Days before today in whose nights plugins did what they do each night. More often of late: members are warned some days before
/// something is due.
const NIGHTS: [u32; 18] = [190, 160, 130, 110, 90, 70, 50, 40, 31, 28, 25, 22, 19, 16, 13, 9, 5, 1];

/// Something that happened.
enum Chapter<'a> {
    Joined(usize),
    Answer(&'a AnswerEntry),
    Approval(&'a AnswerEntry),
    Post(&'a PluginPost),
    Invoice(usize, &'a InvoiceEntry),
    Payment(usize, &'a PaymentEntry),
    Credit(usize, &'a InvoiceEntry),
    Refund(usize, &'a InvoiceEntry),
    Dues(&'a DuesAsked),
    DuesAgain,
    BillPaid(&'a BillPaid),
    Thread(usize),
    Reply(usize, usize),
    Night,
}

/// What later chapters go on from.
#[derive(Default)]
pub struct Told<'a> {
    /// By address: the form, and as the file has it.
    pub forms: HashMap<&'a str, (PlacedForm, &'a Form)>,
    /// By the form's address and the mail address: the answer.
    pub answers: HashMap<(String, String), Uuid>,
    /// By place in the file.
    pub invoices: HashMap<usize, Uuid>,
    pub dues: Option<Uuid>,
    /// Where the latest post to each plugin led, and where those led that have names.
    pub led: BTreeMap<String, String>,
    pub named: BTreeMap<String, String>,
    /// By thread: its id; by thread and reply (the thread's own is the last that there could be): the post's.
    pub threads: HashMap<usize, String>,
    pub posts: HashMap<(usize, usize), String>,
    /// By number: who joined on the way.
    pub joined: HashMap<String, Arc<Visitor>>,
}

impl<'a> Teller<'a> {
    pub async fn tell(&self, visit: &Visit) -> anyhow::Result<()> {
        let there = self.plugins(visit).await?;
        let mut told = Told { forms: self.make_forms(visit).await?, ..Told::default() };
        self.boards().await.context("the boards")?;
        for (at, chapter) in self.chapters(&there)? {
            self.clock.set(at);
            self.tell_one(visit, &mut told, &chapter).await.with_context(|| format!("{} days ago", self.days_since(at)))?;
            // Plugins hear of it then, and not of everything today.
            self.services.do_all_due_work().await?;
        }
        self.clock.set(self.now);
        self.moderate(&told.threads, &told.posts).await?;
        self.plan_dues(visit).await.context("the next dues")?;
        // What every night does is done until today, so that nothing of it waits when the demo begins to answer.
        self.services.make_scheduled_jobs().await?;
        self.services.do_all_due_work().await?;
        self.send_mails().await
    }

    async fn tell_one(&self, visit: &Visit, told: &mut Told<'a>, chapter: &Chapter<'a>) -> anyhow::Result<()> {
        match chapter {
            Chapter::Joined(at) => {
                let Newcomer { draft, period, .. } = &self.to_come[*at];
                self.services.enter_members(visit.organisation.id, &[(draft.clone(), period.clone())]).await.map_err(Into::into)
            }
            Chapter::Answer(answer) => self.answer(visit, told, answer).await.with_context(|| format!("an answer to {}", answer.form)),
            Chapter::Approval(answer) => self.approve(visit, told, answer).await.context("an approval"),
            Chapter::Post(post) => self.send_form(told, post).await.with_context(|| format!("{} {}", post.plugin, post.path)),
            Chapter::Invoice(at, entry) => {
                let invoice = self.issue(visit, entry).await.with_context(|| format!("an invoice for {}", entry.member))?;
                told.invoices.insert(*at, invoice);
                Ok(())
            }
            Chapter::Payment(at, entry) => self.pay(visit, told.invoice(*at)?, entry).await.context("a payment"),
            Chapter::Credit(at, entry) => self.credit(visit, told.invoice(*at)?, entry).await.context("a credit note"),
            Chapter::Refund(at, entry) => self.refund(visit, told.invoice(*at)?, entry).await.context("a refund"),
            Chapter::Dues(asked) => {
                told.dues = Some(self.ask_dues(visit, asked).await.context("the dues")?);
                self.send_mails().await
            }
            Chapter::DuesAgain => {
                self.run_dues(visit, told.dues.context("the dues were not asked yet")?).await.context("the dues, again")?;
                self.send_mails().await
            }
            Chapter::BillPaid(paid) => self.pay_bills(visit, told, paid).await.with_context(|| format!("what {:?} paid", paid.members)),
            Chapter::Thread(n) => self.begin_thread(told, *n).await,
            Chapter::Reply(n, m) => self.reply(told, *n, *m).await,
            Chapter::Night => {
                self.services.make_scheduled_jobs().await?;
                self.services.do_all_due_work().await?;
                self.send_mails().await
            }
        }
    }

    /// All of them in order. Those of one instant stay in the order of their file.
    fn chapters(&self, there: &BTreeSet<String>) -> anyhow::Result<Vec<(Timestamp, Chapter<'a>)>> {
        let content = self.content;
        let mut chapters: Vec<(Timestamp, Chapter<'a>)> =
            self.to_come.iter().enumerate().map(|(at, newcomer)| (self.ago(newcomer.days_ago), Chapter::Joined(at))).collect();
        for answer in &content.forms.answers {
            chapters.push((self.ago(answer.days_ago), Chapter::Answer(answer)));
            chapters.extend(answer.approved.iter().map(|approved| (self.ago(approved.days_ago), Chapter::Approval(answer))));
        }
        let bills = &content.invoices;
        chapters.push((self.ago(bills.dues_asked.days_ago), Chapter::Dues(&bills.dues_asked)));
        chapters.extend(bills.dues_asked.again_days_ago.iter().map(|days| (self.ago(*days), Chapter::DuesAgain)));
        for (at, entry) in bills.invoices.iter().enumerate() {
            chapters.push((self.ago(entry.days_ago), Chapter::Invoice(at, entry)));
            chapters.extend(entry.payments.iter().map(|payment| (self.ago(payment.days_ago), Chapter::Payment(at, payment))));
            let Some(credit) = &entry.credit else { continue };
            chapters.push((self.ago(credit.days_ago), Chapter::Credit(at, entry)));
            chapters.extend(credit.refunded.iter().map(|refund| (self.ago(refund.days_ago), Chapter::Refund(at, entry))));
        }
        // Of plugins that are there: one that was taken out of `plugins/` is passed over.
        let posts = content.plugins.posts.iter().filter(|post| there.contains(&post.plugin));
        chapters.extend(posts.map(|post| (self.ago(post.days_ago), Chapter::Post(post))));
        chapters.extend(bills.payments.iter().map(|paid| (self.ago(paid.days_ago), Chapter::BillPaid(paid))));
        for (n, thread) in content.threads.iter().enumerate() {
            let begun = self.begun(thread.days_ago, thread.at.as_deref(), thread.minutes_ago).with_context(|| thread.title.clone())?;
            chapters.push((begun, Chapter::Thread(n)));
            let replies = thread.replies.iter().enumerate();
            chapters.extend(replies.map(|(m, reply)| (begun.plus_seconds(i64::from(reply.after_minutes) * 60), Chapter::Reply(n, m))));
        }
        chapters.extend(NIGHTS.map(|days| (self.ago(days), Chapter::Night)));
        chapters.sort_by_key(|(at, _)| *at);
        Ok(chapters)
    }

    pub(super) fn ago(&self, days: u32) -> Timestamp {
        self.now.plus_seconds(-i64::from(days) * DAY)
    }

    fn days_since(&self, at: Timestamp) -> i64 {
        (self.now.as_i64() - at.as_i64()) / (DAY * 1_000)
    }

    /// Mails that are due go to the inbox of the demo.
    async fn send_mails(&self) -> anyhow::Result<()> {
        Ok(self.services.deliver_mails(Outlet::Inbox, MailPace { at_once: 8, per_second: 0 }).await.map(drop)?)
    }
}

impl Told<'_> {
    fn invoice(&self, at: usize) -> anyhow::Result<Uuid> {
        self.invoices.get(&at).copied().context("the invoice was not issued")
    }
}
