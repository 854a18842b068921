//! Issuing the invoices of dues, in the background: some members in each transaction, which also says that they were asked. So a run
//! goes on where a process ended, two processes ask nobody twice, and a second run asks only those who came since.

use super::{Dues, DuesMember, DuesRecord, DuesState, Verdict, verdict};
use crate::mail::Letter;
use crate::{ServiceError, Services};
use serde_json::json;
use std::collections::BTreeSet;
use tsudoi_kernel::invoice::{InvoiceLine, Paper};
use tsudoi_kernel::time::{NaiveDate, local_instant};
use tsudoi_kernel::{Email, Organisation};
use tsudoi_render::times::When;
use tsudoi_store::{Asked, By, GatewayCharge, OrganisationStore, WishState};
use uuid::Uuid;

/// Members who are asked in one transaction: others of the organisation wait so long.
const ASKED_AT_ONCE: u32 = 50;
/// The time, on the organisation's clocks, at which members are charged by what they saved.
const CHARGED_AT: &str = "09:00";

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
        let savers = self.savers(store).await?;
        let mut transaction = store.begin_change(self.now()).await?;
        let Some(record) = transaction.current_dues(id).await?.filter(|record| record.state == DuesState::Running) else {
            return Ok(transaction.roll_back().await?);
        };
        let members = transaction.current_dues_members(&record, ASKED_AT_ONCE).await?;
        let (mut asked, mut mails, mut free, mut charges) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
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
                let method = member.method.as_ref().filter(|(plugin, _)| savers.contains(plugin));
                let charge = record.dues.charge_on.zip(method);
                mails.extend(self.told(organisation, &record, member, &paper, charge));
                charges.extend(charge.map(|(day, (plugin, _))| GatewayCharge {
                    organisation: organisation.id,
                    id: self.fresh_id(),
                    plugin: plugin.clone(),
                    invoice,
                    member: member.id,
                    amount: None,
                    state: WishState::Asked,
                    attempts: 0,
                    due: local_instant(&day.to_string(), CHARGED_AT, &organisation.time_zone).unwrap_or_else(|| self.now()),
                    detail: String::new(),
                    by: record.by,
                }));
            }
        }
        transaction.add_asked(id, &asked).await?;
        for charge in &charges {
            transaction.plan_charge(charge).await?;
        }
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
        charge: Option<(NaiveDate, &(String, String))>,
    ) -> Option<tsudoi_store::MailDraft> {
        let to: Email = member.email.as_deref().filter(|_| record.dues.by_mail)?.parse().ok()?;
        let locale = organisation.locale;
        let day = |day: NaiveDate| When::Day(day).date(locale, chrono_tz::UTC);
        let arguments = json!({
            "name": paper.recipient.name,
            "dues": record.dues.name,
            "number": paper.number,
            "amount": paper.money(paper.total()).shown(locale),
            "due": day(record.dues.due_on),
            "method": charge.map(|(_, (_, label))| label.as_str()).unwrap_or_default(),
            "day": charge.map(|(on, _)| day(on)).unwrap_or_default(),
            "link": format!("{}/account/payments", self.public_url(organisation)),
        });
        Some(self.write_letter(
            organisation,
            locale,
            Letter { kind: if charge.is_some() { "dues-charged" } else { "dues" }, to: &to, arguments },
        ))
    }
}

fn line(dues: &Dues, amount: i64) -> InvoiceLine {
    InvoiceLine { name: dues.name.clone(), quantity: 1, unit: String::new(), price: amount, kind: dues.tax_kind }
}
