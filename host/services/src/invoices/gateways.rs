//! Paying and giving back through a plugin: the host asks it under a key that is kept, and books what it says.

use super::{Check, currency_of};
use crate::editor::Editor;
use crate::plugins::{PluginAnswer, PluginVisit, Went, is_fault, is_sound};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use std::collections::BTreeMap;
use std::sync::Arc;
use tsudoi_kernel::background::wait_after;
use tsudoi_kernel::billing::{Charge, Checkout, GivingBack, Outcome, Settlement};
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId, Failure, Installation};
use tsudoi_kernel::ledger::Method;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::money::Money;
use tsudoi_kernel::{OrganisationId, Timestamp, Visitor};
use tsudoi_store::{By, GatewayRefund, RefundState};
use uuid::Uuid;

const PERMISSION: &str = "payments";
/// A worker that carries a refund out is taken for dead after so long.
const LEASE_SECONDS: i64 = 120;
const AT_ONCE: u32 = 20;
/// How often a gateway is asked: for about a day.
const ATTEMPTS: u32 = 30;

/// A way of paying that a plugin offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayToPay {
    pub plugin: String,
    /// On the button, in the visitor's language.
    pub label: String,
}

/// How a payer goes on.
pub enum PaymentStart {
    /// To an address outside.
    Away(String),
    /// As with any answer of the plugin's.
    Here(PluginAnswer),
}

impl Services {
    fn is_gateway(&self, installation: &Installation) -> bool {
        self.is_on(installation) && installation.manifest.gateway.is_some() && installation.may_use(&self.settings().policy, PERMISSION)
    }

    /// How invoices can be paid on the spot.
    pub async fn ways_to_pay(&self, visit: &Visit) -> Result<Vec<WayToPay>, ServiceError> {
        let installations = self.installations(visit).await?;
        let ways = installations.iter().filter(|(installation, _)| self.is_gateway(installation)).filter_map(|(installation, _)| {
            let gateway = installation.manifest.gateway.as_ref()?;
            Some(WayToPay { plugin: installation.manifest.id.clone(), label: gateway.label.get(visit.locale).to_owned() })
        });
        Ok(ways.collect())
    }

    /// What each plugin is called in the visitor's language, by its id: payments came by those that are off, too.
    pub async fn gateway_names(&self, visit: &Visit) -> Result<BTreeMap<String, String>, ServiceError> {
        let installations = self.installations(visit).await?;
        let name = |manifest: &Manifest| (manifest.id.clone(), manifest.name.get(visit.locale).to_owned());
        Ok(installations.iter().map(|(installation, _)| name(&installation.manifest)).collect())
    }

    /// Whether this way of paying gives back by itself what it took.
    pub async fn gives_back(&self, visit: &Visit, method: &Method) -> Result<bool, ServiceError> {
        let Method::Gateway(plugin) = method else { return Ok(false) };
        let installations = self.installations(visit).await?;
        Ok(installations.iter().any(|(installation, _)| {
            installation.manifest.id == *plugin
                && self.is_gateway(installation)
                && installation.manifest.gateway.as_ref().is_some_and(|gateway| gateway.refunds)
        }))
    }

    /// A member begins to pay an invoice of theirs. The same `nonce` is the same wish.
    pub async fn begin_payment(
        &self,
        visit: &Visit,
        invoice: Uuid,
        plugin: &PluginVisit,
        nonce: Uuid,
    ) -> Result<PaymentStart, ServiceError> {
        let Some(payer) = Self::payer(visit) else { return Ok(PaymentStart::Here(PluginAnswer::SignIn)) };
        if !self.is_gateway(&plugin.installation) {
            return Ok(PaymentStart::Here(PluginAnswer::NotFound));
        }
        if plugin.installation.paused_until(self.now()).is_some() {
            return Ok(PaymentStart::Here(PluginAnswer::Paused));
        }
        let store = self.of(visit);
        let record = store.invoice(invoice).await?.filter(|record| record.member == Some(payer)).ok_or(ServiceError::NotFound)?;
        let Some(paper) = record.paper().filter(|_| record.settled.open() > 0) else { return Err(ServiceError::Changed) };
        let named = paper.lines.first().map(|line| line.name.as_str()).unwrap_or_default();
        let charge = Charge {
            invoice,
            payer,
            amount: Money::new(record.settled.open(), paper.currency),
            description: format!("{} {named}", paper.number),
            return_url: format!("{}/account/payments", self.public_url(&visit.organisation)),
            key: format!("{invoice}-{nonce}"),
        };
        let manifest = &plugin.installation.manifest;
        store.give_to_gateway(&manifest.id, invoice, self.now()).await?;
        let context = self.call_context(visit, &plugin.installation, &plugin.request_id);
        let outcome = self.parts.calls.begin_payment(context, CallId(format!("pay:{}", charge.key)), charge).await;
        if is_sound(&outcome) {
            self.note_success(&plugin.installation);
        }
        Ok(match outcome {
            Ok(Answered { value: Checkout::Away(url), .. }) => PaymentStart::Away(url),
            Ok(Answered { value: Checkout::Path(path), .. }) => {
                let path =
                    tsudoi_kernel::manifest::plugin_requests::redirect_path(tsudoi_kernel::manifest::Area::Site, &manifest.id, &path);
                PaymentStart::Here(path.map_or(PluginAnswer::Failed, PluginAnswer::Redirect))
            }
            Ok(Answered { value: Checkout::Instructions(rendering), .. }) => {
                PaymentStart::Here(PluginAnswer::Page { status: 200, rendering, form: None, kept: None })
            }
            Err(error) => PaymentStart::Here(self.declined(visit, plugin, "payment", error).await?),
        })
    }

    /// Refunds that nobody waits for any more. Answers how many it carried on.
    pub async fn carry_on_refunds(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let due = self.store().claim_gateway_refunds_all_organisations(now, now.plus_seconds(LEASE_SECONDS), AT_ONCE).await?;
        let count = due.len();
        for (organisation, id) in due {
            if let Err(error) = self.carry_out_refund(organisation, id).await {
                // It is due again when its lease ends.
                tracing::warn!(%organisation, %id, %error, "a refund could not be carried on");
            }
        }
        Ok(count)
    }

    /// Asks the gateway, and books its answer. What it was asked before under this key it answers again.
    async fn carry_out_refund(&self, organisation: OrganisationId, id: Uuid) -> Result<RefundState, ServiceError> {
        let store = self.store().organisation(organisation);
        let refund = store.gateway_refund(id).await?.ok_or(ServiceError::NotFound)?;
        if refund.state != RefundState::Asked {
            return Ok(refund.state);
        }
        let payment = store.payment(refund.payment).await?.ok_or(ServiceError::NotFound)?;
        let Some(reference) = payment.reference.clone() else { return Err(ServiceError::Broken("a payment without a reference".into())) };
        let installation = store.installation(&refund.plugin).await?.filter(|installation| self.is_gateway(installation));
        let Some(installation) = installation.filter(|installation| installation.paused_until(self.now()).is_none()) else {
            return self.put_off(&refund, "the plugin is off").await;
        };
        let Some((context_organisation, number, installation)) = store.background_context(installation.id).await? else {
            return self.put_off(&refund, "the plugin is off").await;
        };
        self.loaded_plugin(&installation.package_hash).await?;
        let installation = Arc::new(installation);
        let context = CallContext {
            locale: context_organisation.locale,
            organisation: Arc::new(context_organisation),
            installation: installation.clone(),
            visitor: Arc::new(Visitor::system()),
            number,
            request_id: id.to_string(),
        };
        let amount = Money::new(refund.amount, payment.body.receipt.currency);
        let wish = GivingBack { invoice: refund.invoice, reference, amount, key: id.to_string() };
        let outcome = self.parts.calls.give_back(context, CallId(format!("refund:{id}")), wish).await;
        if is_sound(&outcome) {
            self.note_success(&installation);
        }
        match outcome {
            Ok(answered) => self.hear_gateway(&refund, answered.value).await,
            Err(CallError::Declined(Failure::Unavailable(reason))) => self.put_off(&refund, &reason).await,
            Err(CallError::Busy | CallError::Unavailable(_)) => self.put_off(&refund, "").await,
            Err(error) => {
                if is_fault(&error) {
                    self.record_failure(organisation, &refund.plugin, "refund", &id.to_string(), &error.to_string()).await?;
                    self.count_failure(organisation, &installation, Went::Wrong).await?;
                    return self.put_off(&refund, &error.to_string()).await;
                }
                self.end(&refund, &error.to_string()).await
            }
        }
    }

    async fn hear_gateway(&self, refund: &GatewayRefund, settlement: Settlement) -> Result<RefundState, ServiceError> {
        let mut transaction = self.store().organisation(refund.organisation).begin_change(self.now()).await?;
        let mut billing = transaction.billing(self.fresh_id(), By::Account(refund.by), 1).await?;
        if billing.hear_refund(refund, self.fresh_id(), settlement.outcome).await? {
            transaction.commit().await?;
        }
        Ok(match settlement.outcome {
            Outcome::Refunded => RefundState::Done,
            Outcome::Pending => RefundState::Waiting,
            Outcome::Failed | Outcome::Paid | Outcome::Disputed => RefundState::Failed,
        })
    }

    async fn put_off(&self, refund: &GatewayRefund, reason: &str) -> Result<RefundState, ServiceError> {
        if refund.attempts + 1 >= ATTEMPTS {
            return self.end(refund, reason).await;
        }
        let next = self.now().plus_millis(wait_after(refund.attempts + 1, self.random()));
        self.try_again(refund, RefundState::Asked, next, reason).await
    }

    async fn end(&self, refund: &GatewayRefund, reason: &str) -> Result<RefundState, ServiceError> {
        self.try_again(refund, RefundState::Failed, self.now(), reason).await
    }

    async fn try_again(
        &self,
        refund: &GatewayRefund,
        state: RefundState,
        next: Timestamp,
        reason: &str,
    ) -> Result<RefundState, ServiceError> {
        let detail: String = reason.chars().take(500).collect();
        let store = self.store().organisation(refund.organisation);
        store.put_off_gateway_refund(refund.id, state, next, &detail, self.now()).await?;
        Ok(state)
    }
}

impl Editor {
    /// Asks the gateway that a payment came by to give back what is left of it, or a part, once for each `token`. Where the gateway does
    /// not answer now, it is asked again later.
    pub async fn refund_by_gateway(&self, visit: &Visit, payment: Uuid, amount: &str, token: Uuid) -> Result<RefundState, ServiceError> {
        let mut check = Check::default();
        let amount = check.positive("amount", amount, currency_of(&visit.organisation)?);
        check.done()?;
        let record = self.store.payment(payment).await?.ok_or(ServiceError::NotFound)?;
        let (Method::Gateway(plugin), Some(reference)) = (&record.method, &record.reference) else { return Err(ServiceError::NotFound) };
        if !self.services.gives_back(visit, &record.method).await? {
            return Err(ServiceError::Invalid(vec![("method".into(), "invoices-method-wrong")]));
        }
        let report = self.store.gateway_report(plugin, reference).await?.ok_or(ServiceError::NotFound)?;
        let transaction = self.begin().await?;
        let current = transaction.current_payment(payment).await?.ok_or(ServiceError::NotFound)?;
        let refund = GatewayRefund {
            organisation: visit.organisation.id,
            id: token,
            plugin: plugin.clone(),
            payment,
            invoice: report.invoice,
            amount,
            state: RefundState::Asked,
            attempts: 0,
            detail: String::new(),
            by: self.by,
        };
        if self.store.gateway_refund(token).await?.is_none() {
            if amount > current.rest() - transaction.asked_of_gateways(payment).await? {
                return Err(ServiceError::Invalid(vec![("amount".into(), "invoices-refund-too-much")]));
            }
            transaction.ask_gateway_refund(&refund).await?;
            let words = format!("{} {}", current.number, Money::new(amount, currency_of(&visit.organisation)?).plain());
            self.record(&transaction, "refund-asked", format!("payment:{payment}"), &words).await?;
            transaction.commit().await?;
        } else {
            transaction.roll_back().await?;
        }
        self.services.carry_out_refund(visit.organisation.id, token).await
    }
}
