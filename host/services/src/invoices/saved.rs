//! Methods that members have saved with a gateway, and charging by them: on the day that dues say, or when staff ask for it.

use super::currency_of;
use super::gateways::{AT_ONCE, ATTEMPTS, LEASE_SECONDS, OFF, PaymentStart, shortened};
use crate::editor::Editor;
use crate::mail::Letter;
use crate::plugins::{PluginAnswer, PluginVisit, Went, is_fault, is_sound};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::json;
use std::collections::BTreeSet;
use tsudoi_kernel::background::wait_after;
use tsudoi_kernel::billing::{Charge, Saving, Settlement};
use tsudoi_kernel::calls::{CallError, CallId, Failure, Installation};
use tsudoi_kernel::invoice::Paper;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::money::Money;
use tsudoi_kernel::{Email, Organisation, OrganisationId};
use tsudoi_store::{By, GatewayCharge, InvoiceRecord, MailDraft, OrganisationStore, Wish, WishState};
use uuid::Uuid;

/// A gateway with which a member can save a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavingWay {
    pub plugin: String,
    /// Of the gateway, in the visitor's language.
    pub name: String,
    /// What the member knows their method by, where they have saved one.
    pub saved: Option<String>,
}

impl Services {
    fn saves_methods(&self, installation: &Installation) -> bool {
        self.is_gateway(installation) && installation.manifest.gateway.as_ref().is_some_and(|gateway| gateway.saved_methods)
    }

    /// The plugins that can charge by saved methods now.
    pub(crate) async fn savers(&self, store: &OrganisationStore) -> Result<BTreeSet<String>, ServiceError> {
        let installations = store.installations().await?.into_iter().map(|(installation, _)| installation);
        Ok(installations
            .filter(|installation| self.saves_methods(installation))
            .map(|installation| installation.manifest.id.clone())
            .collect())
    }

    /// Whether there is a gateway that can charge by saved methods.
    pub async fn may_charge(&self, visit: &Visit) -> Result<bool, ServiceError> {
        Ok(self.installations(visit).await?.iter().any(|(installation, _)| self.saves_methods(installation)))
    }

    /// With which gateways the visitor can save a method, and what they have saved.
    pub async fn saving_ways(&self, visit: &Visit) -> Result<Vec<SavingWay>, ServiceError> {
        let Some(member) = Self::payer(visit) else { return Ok(Vec::new()) };
        let installations = self.installations(visit).await?;
        let manifests: Vec<_> = installations
            .iter()
            .filter(|(installation, _)| self.saves_methods(installation))
            .map(|(installation, _)| &installation.manifest)
            .collect();
        if manifests.is_empty() {
            return Ok(Vec::new());
        }
        let saved = self.of(visit).saved_methods(member).await?;
        let way = |manifest: &Manifest| {
            let saved = saved.iter().find(|(plugin, _)| *plugin == manifest.id).map(|(_, label)| label.clone());
            SavingWay { plugin: manifest.id.clone(), name: manifest.name.get(visit.locale).to_owned(), saved }
        };
        Ok(manifests.into_iter().map(|manifest| way(manifest)).collect())
    }

    /// What of the visitor's invoices will be charged by what they saved: the invoice's id, when, and their method.
    pub async fn own_planned_charges(&self, visit: &Visit) -> Result<Vec<GatewayCharge>, ServiceError> {
        let Some(member) = Self::payer(visit) else { return Ok(Vec::new()) };
        Ok(self.of(visit).planned_charges(member).await?)
    }

    /// A member begins to save a method. The same `nonce` is the same wish.
    pub async fn begin_saving(&self, visit: &Visit, plugin: &PluginVisit, nonce: Uuid) -> Result<PaymentStart, ServiceError> {
        let Some(payer) = Self::payer(visit) else { return Ok(PaymentStart::Here(PluginAnswer::SignIn)) };
        if let Some(answer) = self.saves_not(plugin) {
            return Ok(PaymentStart::Here(answer));
        }
        let wish = Saving {
            payer,
            return_url: format!("{}/account/payments", self.public_url(&visit.organisation)),
            key: format!("{payer}-{nonce}"),
        };
        let context = self.call_context(visit, &plugin.installation, &plugin.request_id);
        let outcome = self.parts.calls.save_method(context, CallId(format!("save:{}", wish.key)), wish).await;
        self.led_on(visit, plugin, outcome).await
    }

    /// A member wants to be charged by it no more. Once the gateway has agreed, nothing that was planned is charged. `None`: done.
    pub async fn forget_method(&self, visit: &Visit, plugin: &PluginVisit, nonce: Uuid) -> Result<Option<PluginAnswer>, ServiceError> {
        let Some(payer) = Self::payer(visit) else { return Ok(Some(PluginAnswer::SignIn)) };
        if let Some(answer) = self.saves_not(plugin) {
            return Ok(Some(answer));
        }
        let context = self.call_context(visit, &plugin.installation, &plugin.request_id);
        let key = format!("{payer}-{nonce}");
        let outcome = self.parts.calls.forget_method(context, CallId(format!("forget:{key}")), payer, key).await;
        if is_sound(&outcome) {
            self.note_success(&plugin.installation);
        }
        if let Err(error) = outcome {
            return Ok(Some(self.declined(visit, plugin, "saved method", error).await?));
        }
        let mut transaction = self.of(visit).begin_change(self.now()).await?;
        transaction.forget_method(&plugin.installation.manifest.id, payer).await?;
        transaction.commit().await?;
        Ok(None)
    }

    /// Why nothing can be saved with a plugin now.
    fn saves_not(&self, plugin: &PluginVisit) -> Option<PluginAnswer> {
        if !self.saves_methods(&plugin.installation) {
            return Some(PluginAnswer::NotFound);
        }
        plugin.installation.paused_until(self.now()).map(|_| PluginAnswer::Paused)
    }

    /// Charges that are due. Answers how many it carried on.
    pub async fn carry_on_charges(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let due = self.store().claim_wishes_all_organisations(Wish::Charge, now, now.plus_seconds(LEASE_SECONDS), AT_ONCE).await?;
        let count = due.len();
        for (organisation, id) in due {
            if let Err(error) = self.carry_out_charge(organisation, id).await {
                // It is due again when its lease ends.
                tracing::warn!(%organisation, %id, %error, "a charge could not be carried on");
            }
        }
        Ok(count)
    }

    /// Asks the gateway, and books its answer. What it was asked before under this key it answers again.
    async fn carry_out_charge(&self, organisation: OrganisationId, id: Uuid) -> Result<WishState, ServiceError> {
        let store = self.store().organisation(organisation);
        let charge = store.gateway_charge(id).await?.ok_or(ServiceError::NotFound)?;
        if charge.state != WishState::Asked {
            return Ok(charge.state);
        }
        let record = store.invoice(charge.invoice).await?.ok_or(ServiceError::NotFound)?;
        let Some(paper) = record.paper().filter(|_| record.member == Some(charge.member)) else {
            return self.drop_charge(&charge).await;
        };
        // What was tried once may be under way: then it is asked for again, whatever was paid meanwhile.
        let amount = match charge.amount {
            Some(amount) => amount,
            None if record.settled.open() <= 0 => return self.drop_charge(&charge).await,
            None => {
                let transaction = store.begin_change(self.now()).await?;
                let Some(amount) = transaction.fix_charge(id, record.settled.open()).await? else { return Ok(WishState::Dropped) };
                transaction.commit().await?;
                amount
            }
        };
        let Some(context) = self.gateway_context(&store, &charge.plugin, id).await? else {
            return self.put_charge_off(&charge, paper, amount, OFF).await;
        };
        let installation = context.installation.clone();
        store.give_to_gateway(&charge.plugin, charge.invoice, self.now()).await?;
        let named = paper.lines.first().map(|line| line.name.as_str()).unwrap_or_default();
        let wish = Charge {
            invoice: charge.invoice,
            payer: charge.member,
            amount: Money::new(amount, paper.currency),
            description: format!("{} {named}", paper.number),
            return_url: format!("{}/account/payments", self.public_url(&context.organisation)),
            key: id.to_string(),
        };
        let outcome = self.parts.calls.charge_saved(context, CallId(format!("charge:{id}")), wish).await;
        if is_sound(&outcome) {
            self.note_success(&installation);
        }
        match outcome {
            Ok(answered) => self.hear_charge(&charge, paper, amount, &answered.value).await,
            Err(CallError::Declined(Failure::Unavailable(reason))) => self.put_charge_off(&charge, paper, amount, &reason).await,
            Err(CallError::Busy | CallError::Unavailable(_)) => self.put_charge_off(&charge, paper, amount, "").await,
            Err(error) => {
                if is_fault(&error) {
                    self.record_failure(organisation, &charge.plugin, "charge", &id.to_string(), &error.to_string()).await?;
                    self.count_failure(organisation, &installation, Went::Wrong).await?;
                    return self.put_charge_off(&charge, paper, amount, &error.to_string()).await;
                }
                self.fail_charge(&charge, paper, amount, &error.to_string()).await
            }
        }
    }

    async fn hear_charge(
        &self,
        charge: &GatewayCharge,
        paper: &Paper,
        amount: i64,
        settlement: &Settlement,
    ) -> Result<WishState, ServiceError> {
        let letter = self.charge_failed(charge, paper, amount).await?;
        let mut transaction = self.store().organisation(charge.organisation).begin_change(self.now()).await?;
        let mut billing = transaction.billing(self.fresh_id(), By::Account(charge.by), 1).await?;
        let Some(state) = billing.hear_charge(charge, amount, self.fresh_id(), settlement).await? else {
            transaction.roll_back().await?;
            return Ok(charge.state);
        };
        if let Some(letter) = letter.filter(|_| state == WishState::Failed) {
            transaction.add_mail(&letter).await?;
        }
        transaction.commit().await?;
        Ok(state)
    }

    async fn put_charge_off(&self, charge: &GatewayCharge, paper: &Paper, amount: i64, reason: &str) -> Result<WishState, ServiceError> {
        if charge.attempts + 1 >= ATTEMPTS {
            return self.fail_charge(charge, paper, amount, reason).await;
        }
        let next = self.now().plus_millis(wait_after(charge.attempts + 1, self.random()));
        let store = self.store().organisation(charge.organisation);
        store.put_off_wish(Wish::Charge, charge.id, WishState::Asked, next, &shortened(reason), self.now()).await?;
        Ok(WishState::Asked)
    }

    /// It does not work: the member is told, who can pay otherwise.
    async fn fail_charge(&self, charge: &GatewayCharge, paper: &Paper, amount: i64, reason: &str) -> Result<WishState, ServiceError> {
        let letter = self.charge_failed(charge, paper, amount).await?;
        let transaction = self.store().organisation(charge.organisation).begin_change(self.now()).await?;
        if transaction.finish_wish(Wish::Charge, charge.id, WishState::Failed, &shortened(reason)).await?
            && let Some(letter) = letter
        {
            transaction.add_mail(&letter).await?;
        }
        transaction.commit().await?;
        Ok(WishState::Failed)
    }

    async fn drop_charge(&self, charge: &GatewayCharge) -> Result<WishState, ServiceError> {
        let transaction = self.store().organisation(charge.organisation).begin_change(self.now()).await?;
        transaction.finish_wish(Wish::Charge, charge.id, WishState::Dropped, "").await?;
        transaction.commit().await?;
        Ok(WishState::Dropped)
    }

    /// The mail to a member whose charge did not work, where they have an address.
    async fn charge_failed(&self, charge: &GatewayCharge, paper: &Paper, amount: i64) -> Result<Option<MailDraft>, ServiceError> {
        let store = self.store().organisation(charge.organisation);
        let Some(member) = store.member(charge.member).await? else { return Ok(None) };
        let Some(to) = member.email.and_then(|email| email.parse::<Email>().ok()) else { return Ok(None) };
        let Some(organisation) = store.itself().await? else { return Ok(None) };
        let methods = store.saved_methods(charge.member).await?;
        let method = methods.into_iter().find(|(plugin, _)| *plugin == charge.plugin).map(|(_, label)| label).unwrap_or_default();
        let locale = organisation.locale;
        let arguments = json!({
            "name": paper.recipient.name,
            "number": paper.number,
            "amount": Money::new(amount, paper.currency).shown(locale),
            "method": method,
            "link": format!("{}/account/payments", self.public_url(&organisation)),
        });
        Ok(Some(self.write_letter(&organisation, locale, Letter { kind: "charge-failed", to: &to, arguments })))
    }

    /// By which of a member's methods an invoice can be charged now: the plugin, and what the member knows it by.
    pub async fn chargeable_by(&self, visit: &Visit, record: &InvoiceRecord) -> Result<Option<(String, String)>, ServiceError> {
        let Some(member) = record.member.filter(|_| record.paper().is_some() && record.settled.open() > 0) else { return Ok(None) };
        let store = self.of(visit);
        let methods = store.saved_methods(member).await?;
        if methods.is_empty() {
            return Ok(None);
        }
        let savers = self.savers(&store).await?;
        Ok(methods.into_iter().find(|(plugin, _)| savers.contains(plugin)))
    }
}

impl Editor {
    /// Staff have a member charged by what they saved, once for each `token`.
    pub async fn charge_saved(&self, visit: &Visit, invoice: Uuid, token: Uuid) -> Result<WishState, ServiceError> {
        let organisation: &Organisation = &visit.organisation;
        if let Some(known) = self.store.gateway_charge(token).await? {
            return self.services.carry_out_charge(organisation.id, known.id).await;
        }
        let record = self.store.invoice(invoice).await?.ok_or(ServiceError::NotFound)?;
        let (Some(member), Some(number)) = (record.member, record.paper().map(|paper| paper.number.clone())) else {
            return Err(ServiceError::Changed);
        };
        let Some((plugin, label)) = self.services.chargeable_by(visit, &record).await? else { return Err(ServiceError::Changed) };
        let transaction = self.begin().await?;
        let charge = GatewayCharge {
            organisation: organisation.id,
            id: token,
            plugin,
            invoice,
            member,
            amount: None,
            state: WishState::Asked,
            attempts: 0,
            // Whoever asks tries first; where that comes to nothing, a worker goes on.
            due: transaction.at().plus_seconds(60),
            detail: String::new(),
            by: self.by,
        };
        if !transaction.plan_charge(&charge).await? {
            transaction.roll_back().await?;
            return Err(ServiceError::Changed);
        }
        let words = format!("{number} {} {label}", Money::new(record.settled.open(), currency_of(organisation)?).plain());
        self.record(&transaction, "charge-asked", format!("invoice:{invoice}"), &words).await?;
        transaction.commit().await?;
        self.services.carry_out_charge(organisation.id, token).await
    }
}
