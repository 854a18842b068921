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
use tsudoi_kernel::manifest::plugin_requests::redirect_path;
use tsudoi_kernel::manifest::{Area, Manifest};
use tsudoi_kernel::money::Money;
use tsudoi_kernel::{OrganisationId, Timestamp, Visitor};
use tsudoi_store::{By, GatewayRefund, OrganisationStore, Wish, WishState};
use uuid::Uuid;

const PERMISSION: &str = "payments";
/// A worker that carries a wish out is taken for dead after so long.
pub(super) const LEASE_SECONDS: i64 = 120;
pub(super) const AT_ONCE: u32 = 20;
/// How often a gateway is asked: for about a day.
pub(super) const ATTEMPTS: u32 = 30;
pub(super) const OFF: &str = "the plugin is off";

/// As much of what went wrong as is kept for staff.
pub(super) fn shortened(reason: &str) -> String {
    reason.chars().take(500).collect()
}

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
    pub(crate) fn is_gateway(&self, installation: &Installation) -> bool {
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
        Ok(installations.iter().any(|(installation, _)| installation.manifest.id == *plugin && self.refunds(installation)))
    }

    pub(super) fn refunds(&self, installation: &Installation) -> bool {
        self.is_gateway(installation) && installation.manifest.gateway.as_ref().is_some_and(|gateway| gateway.refunds)
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
        self.led_on(visit, plugin, outcome).await
    }

    /// Where a payer goes after what a gateway has answered.
    pub(super) async fn led_on(
        &self,
        visit: &Visit,
        plugin: &PluginVisit,
        outcome: Result<Answered<Checkout>, CallError>,
    ) -> Result<PaymentStart, ServiceError> {
        if is_sound(&outcome) {
            self.note_success(&plugin.installation);
        }
        Ok(match outcome {
            Ok(Answered { value: Checkout::Away(url), .. }) => PaymentStart::Away(url),
            Ok(Answered { value: Checkout::Path(path), .. }) => {
                let path = redirect_path(Area::Site, &plugin.installation.manifest.id, &path);
                PaymentStart::Here(path.map_or(PluginAnswer::Failed, PluginAnswer::Redirect))
            }
            Ok(Answered { value: Checkout::Instructions(rendering), .. }) => {
                PaymentStart::Here(PluginAnswer::Page { status: 200, rendering, form: None, kept: None })
            }
            Err(error) => PaymentStart::Here(self.declined(visit, plugin, "payment", error).await?),
        })
    }

    /// What gateways are to be asked for in the background. Answers how much of it was carried on.
    pub async fn ask_gateways(&self) -> Result<usize, ServiceError> {
        Ok(self.carry_on_refunds().await? + self.carry_on_charges().await?)
    }

    /// Refunds that nobody waits for any more. Answers how many it carried on.
    pub async fn carry_on_refunds(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let due = self.store().claim_wishes_all_organisations(Wish::Refund, now, now.plus_seconds(LEASE_SECONDS), AT_ONCE).await?;
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
    async fn carry_out_refund(&self, organisation: OrganisationId, id: Uuid) -> Result<WishState, ServiceError> {
        let store = self.store().organisation(organisation);
        let refund = store.gateway_refund(id).await?.ok_or(ServiceError::NotFound)?;
        if refund.state != WishState::Asked {
            return Ok(refund.state);
        }
        let payment = store.payment(refund.payment).await?.ok_or(ServiceError::NotFound)?;
        let Some(reference) = payment.reference.clone() else { return Err(ServiceError::Broken("a payment without a reference".into())) };
        let Some(context) = self.gateway_context(&store, &refund.plugin, id).await? else {
            return self.put_off(&refund, OFF).await;
        };
        let installation = context.installation.clone();
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

    /// For asking a gateway while nobody waits. `None` where it is off.
    pub(super) async fn gateway_context(
        &self,
        store: &OrganisationStore,
        plugin: &str,
        wish: Uuid,
    ) -> Result<Option<CallContext>, ServiceError> {
        let installation = store.installation(plugin).await?.filter(|installation| self.is_gateway(installation));
        let Some(installation) = installation.filter(|installation| installation.paused_until(self.now()).is_none()) else {
            return Ok(None);
        };
        let Some((organisation, number, installation)) = store.background_context(installation.id).await? else { return Ok(None) };
        self.loaded_plugin(&installation.package_hash).await?;
        Ok(Some(CallContext {
            locale: organisation.locale,
            organisation: Arc::new(organisation),
            installation: Arc::new(installation),
            visitor: Arc::new(Visitor::system()),
            number,
            request_id: wish.to_string(),
        }))
    }

    async fn hear_gateway(&self, refund: &GatewayRefund, settlement: Settlement) -> Result<WishState, ServiceError> {
        let mut transaction = self.store().organisation(refund.organisation).begin_change(self.now()).await?;
        let mut billing = transaction.billing(self.fresh_id(), By::Account(refund.by), 1).await?;
        if billing.hear_refund(refund, self.fresh_id(), settlement.outcome).await? {
            transaction.commit().await?;
        }
        Ok(match settlement.outcome {
            Outcome::Refunded => WishState::Done,
            Outcome::Pending => WishState::Waiting,
            Outcome::Failed | Outcome::Paid | Outcome::Disputed => WishState::Failed,
        })
    }

    async fn put_off(&self, refund: &GatewayRefund, reason: &str) -> Result<WishState, ServiceError> {
        if refund.attempts + 1 >= ATTEMPTS {
            return self.end(refund, reason).await;
        }
        let next = self.now().plus_millis(wait_after(refund.attempts + 1, self.random()));
        self.try_again(refund, WishState::Asked, next, reason).await
    }

    async fn end(&self, refund: &GatewayRefund, reason: &str) -> Result<WishState, ServiceError> {
        self.try_again(refund, WishState::Failed, self.now(), reason).await
    }

    async fn try_again(&self, refund: &GatewayRefund, state: WishState, next: Timestamp, reason: &str) -> Result<WishState, ServiceError> {
        let store = self.store().organisation(refund.organisation);
        store.put_off_wish(Wish::Refund, refund.id, state, next, &shortened(reason), self.now()).await?;
        Ok(state)
    }
}

impl Editor {
    /// Staff know that nothing comes of a refund that a gateway has taken: what was kept for it is free again.
    pub async fn give_up_refund(&self, payment: Uuid, refund: Uuid) -> Result<(), ServiceError> {
        let record = self.store.payment(payment).await?.ok_or(ServiceError::NotFound)?;
        let transaction = self.begin().await?;
        if !transaction.end_waiting_refund(payment, refund, WishState::Failed).await? {
            transaction.roll_back().await?;
            return Err(ServiceError::Changed);
        }
        self.record(&transaction, "refund-given-up", format!("payment:{payment}"), &record.number).await?;
        Ok(transaction.commit().await.map(|_| ())?)
    }

    /// Asks gateways to give back all that is left of these payments, each once for a `token`. Nobody waits for them: a worker asks.
    /// Answers how many are asked for; those of which nothing is left, or whose way of paying gives nothing back, are not.
    pub async fn refund_many(&self, visit: &Visit, payments: &[Uuid], token: Uuid) -> Result<usize, ServiceError> {
        let currency = currency_of(&visit.organisation)?;
        let transaction = self.begin().await?;
        let mut asked = 0;
        for id in payments {
            let Some(current) = transaction.current_payment(*id).await? else { continue };
            let (Method::Gateway(plugin), Some(reference)) = (&current.method, &current.reference) else { continue };
            let amount = current.rest() - transaction.asked_of_gateways(*id).await?;
            if amount <= 0 || !self.services.gives_back(visit, &current.method).await? {
                continue;
            }
            let Some(report) = self.store.gateway_report(plugin, reference).await? else { continue };
            let refund = GatewayRefund {
                organisation: visit.organisation.id,
                // The same form again names the same wishes.
                id: Uuid::from_u128(token.as_u128() ^ id.as_u128()),
                plugin: plugin.clone(),
                payment: *id,
                invoice: report.invoice,
                amount,
                state: WishState::Asked,
                attempts: 0,
                detail: String::new(),
                by: self.by,
            };
            if transaction.ask_gateway_refund(&refund, transaction.at()).await? {
                let words = format!("{} {}", current.number, Money::new(amount, currency).plain());
                self.record(&transaction, "refund-asked", format!("payment:{id}"), &words).await?;
                asked += 1;
            }
        }
        transaction.commit().await?;
        Ok(asked)
    }

    /// Asks the gateway that a payment came by to give back what is left of it, or a part, once for each `token`. Where the gateway does
    /// not answer now, it is asked again later.
    pub async fn refund_by_gateway(&self, visit: &Visit, payment: Uuid, amount: &str, token: Uuid) -> Result<WishState, ServiceError> {
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
            state: WishState::Asked,
            attempts: 0,
            detail: String::new(),
            by: self.by,
        };
        if self.store.gateway_refund(token).await?.is_none() {
            if amount > current.rest() - transaction.asked_of_gateways(payment).await? {
                return Err(ServiceError::Invalid(vec![("amount".into(), "invoices-refund-too-much")]));
            }
            // Whoever asks tries first; where that comes to nothing, a worker goes on.
            transaction.ask_gateway_refund(&refund, transaction.at().plus_seconds(60)).await?;
            let words = format!("{} {}", current.number, Money::new(amount, currency_of(&visit.organisation)?).plain());
            self.record(&transaction, "refund-asked", format!("payment:{payment}"), &words).await?;
            transaction.commit().await?;
        } else {
            transaction.roll_back().await?;
        }
        self.services.carry_out_refund(visit.organisation.id, token).await
    }
}
