//! Issuing the invoices of dues, in the background: some members in each transaction, which also says that they were asked. So a run
//! goes on where a process ended, two processes ask nobody twice, and a second run asks only those who came since.

use super::{Dues, DuesMember, DuesRecord, DuesState, Verdict, verdict};
use crate::mail::Letter;
use crate::{ServiceError, Services};
use serde_json::json;
use std::collections::BTreeSet;
use tsudoi_kernel::invoice::{InvoiceLine, Paper};
use tsudoi_kernel::{Email, Organisation};
use tsudoi_render::times::When;
use tsudoi_store::{Asked, By, OrganisationStore};
use uuid::Uuid;

/// Members who are asked in one transaction: others of the organisation wait so long.
const ASKED_AT_ONCE: u32 = 50;

impl Services {
    /// Does what runs of dues wait for, a step of each in turn, until none waits. Called by a background worker. Answers how many
    /// steps it took.
    pub async fn work_on_dues(&self) -> Result<u64, ServiceError> {
        let (mut steps, mut failing) = (0, BTreeSet::new());
        loop {
            let mut at_work = self.store().dues_at_work_all_organisations().await?;
            at_work.retain(|(_, id)| !failing.contains(id));
            if at_work.is_empty() {
                return Ok(steps);
            }
            for (slug, id) in at_work {
                steps += 1;
                if let Err(error) = self.step_of_dues(&slug, id).await {
                    tracing::warn!(slug, dues = %id, %error, "a run of dues does not go on at the moment");
                    failing.insert(id);
                }
            }
        }
    }

    async fn step_of_dues(&self, slug: &str, id: Uuid) -> Result<(), ServiceError> {
        let Some(organisation) = self.store().organisation_by_slug_all_organisations(slug).await? else { return Ok(()) };
        let store = self.store().organisation(organisation.id);
        self.ask_some(&store, &organisation, id).await
    }

    async fn ask_some(&self, store: &OrganisationStore, organisation: &Organisation, id: Uuid) -> Result<(), ServiceError> {
        let mut transaction = store.begin_change(self.now()).await?;
        let Some(record) = transaction.current_dues(id).await?.filter(|record| record.state == DuesState::Running) else {
            return Ok(transaction.roll_back().await?);
        };
        let members = transaction.current_dues_members(&record, ASKED_AT_ONCE).await?;
        let (mut asked, mut mails, mut free) = (Vec::new(), Vec::new(), Vec::new());
        {
            let mut billing = transaction.billing(self.fresh_id(), By::Account(record.by), 1).await?;
            for member in &members {
                let amount = match verdict(&record.dues, member) {
                    Verdict::Pays(amount) => amount,
                    Verdict::Free => {
                        asked.push(Asked { member: member.id, invoice: None, member_type: member.member_type.clone() });
                        free.push(member);
                        continue;
                    }
                    Verdict::Done | Verdict::Covered | Verdict::Unpriced | Verdict::LeftOut => continue,
                };
                let names = [member.family_name.as_str(), &member.given_name, &member.display_name];
                let mut draft = billing.draft_for(names, &member.number, vec![line(&record.dues, amount)], Some(record.dues.due_on));
                draft.period = format!("{} – {}", record.dues.begins, record.dues.ends);
                let (invoice, paper) = billing.issue_new(member.id, &draft).await?;
                asked.push(Asked { member: member.id, invoice: Some(invoice), member_type: member.member_type.clone() });
                mails.extend(self.told(organisation, &record, member, &paper));
            }
        }
        transaction.add_asked(id, &asked).await?;
        for mail in &mails {
            transaction.add_mail(mail).await?;
        }
        for member in free {
            let mut billing = transaction.billing(self.fresh_id(), By::Account(record.by), 1).await?;
            billing.give_period(id, member.id, member.member_type.clone(), &record.dues).await?;
        }
        match members.last() {
            Some(last) => transaction.move_dues(id, DuesState::Running, Some(last.id), record.by).await?,
            None => transaction.move_dues(id, DuesState::Idle, None, None).await?,
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The mail that tells a member of their invoice, where they are to get one and have an address.
    fn told(
        &self,
        organisation: &Organisation,
        record: &DuesRecord,
        member: &DuesMember,
        paper: &Paper,
    ) -> Option<tsudoi_store::MailDraft> {
        let to: Email = member.email.as_deref().filter(|_| record.dues.by_mail)?.parse().ok()?;
        let locale = organisation.locale;
        let arguments = json!({
            "name": paper.recipient.name,
            "dues": record.dues.name,
            "number": paper.number,
            "amount": paper.money(paper.total()).shown(locale),
            "due": When::Day(record.dues.due_on).date(locale, chrono_tz::UTC),
            "link": format!("{}/account/payments", self.public_url(organisation)),
        });
        Some(self.write_letter(organisation, locale, Letter { kind: "dues", to: &to, arguments }))
    }
}

fn line(dues: &Dues, amount: i64) -> InvoiceLine {
    InvoiceLine { name: dues.name.clone(), quantity: 1, unit: String::new(), price: amount, kind: dues.tax_kind }
}
