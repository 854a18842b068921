//! The calls of a billing gateway: actions under a key that the host keeps, so that a second run gets the first answer.

use crate::attempt::{GuestCall, Prepared, missing};
use crate::bindings::{payment_gateway, types};
use crate::convert;
use crate::imports::is_reference;
use crate::state::{CallState, Kind};
use tsudoi_kernel::billing::{Charge, Checkout, GivingBack, Outcome, Settlement};
use tsudoi_kernel::calls::Failure;
use tsudoi_kernel::manifest::outside::{Origin, Scheme, host_grant};
use tsudoi_kernel::money::Money;
use url::Url;
use wasmtime::Store;
use wasmtime::component::Instance;

const MOST_ADDRESS: usize = 4 << 10;

pub struct Begin(pub Charge);
pub struct GiveBack(pub GivingBack);

impl GuestCall for Begin {
    const KIND: Kind = Kind::Action;
    type Answer = Checkout;

    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> wasmtime::Result<Result<Checkout, Failure>> {
        let guest = prepared.payment_gateway.as_ref().ok_or_else(|| missing("payment-gateway"))?.load(&mut *store, instance)?;
        let charge = payment_gateway::Charge {
            invoice: self.0.invoice.to_string(),
            payer: self.0.payer.to_string(),
            amount: money(self.0.amount),
            description: self.0.description.clone(),
            return_url: self.0.return_url.clone(),
            idempotency_key: self.0.key.clone(),
        };
        match guest.call_begin(&mut *store, &charge).await? {
            Ok(payment_gateway::Checkout::Redirect(target)) => checkout(store.data(), target).map(Ok),
            Ok(payment_gateway::Checkout::Instructions((template, data))) => convert::instructions(template, &data).map(Ok),
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

impl GuestCall for GiveBack {
    const KIND: Kind = Kind::Action;
    type Answer = Settlement;

    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> wasmtime::Result<Result<Settlement, Failure>> {
        let guest = prepared.payment_gateway.as_ref().ok_or_else(|| missing("payment-gateway"))?.load(&mut *store, instance)?;
        let GivingBack { invoice, reference, amount, key } = &self.0;
        match guest.call_refund(&mut *store, &invoice.to_string(), reference, &money(*amount), key).await? {
            Ok(settled) => {
                let outcome = Outcome::parse(&settled.outcome).filter(|_| is_reference(&settled.provider_reference));
                let outcome = outcome.ok_or_else(|| wasmtime::Error::msg("it answered with a settlement that makes no sense"))?;
                Ok(Ok(Settlement { reference: settled.provider_reference, outcome }))
            }
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

fn money(money: Money) -> types::Money {
    types::Money { minor: money.minor, currency: money.currency.code().to_owned() }
}

/// Where a payer is sent: to a host that the manifest names and the organisation granted, over https, or to a path of the site.
fn checkout(state: &CallState, target: String) -> wasmtime::Result<Checkout> {
    let nonsense = || wasmtime::Error::msg("it sends payers to an address that its manifest does not name");
    let Ok(url) = Url::parse(&target) else { return convert::path(target).map(Checkout::Path) };
    let installation = &state.context.installation;
    let scheme = match url.scheme() {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return Err(nonsense()),
    };
    let plain = target.len() <= MOST_ADDRESS && url.username().is_empty() && url.password().is_none();
    let origin = Origin::new(scheme, url.host_str().unwrap_or_default(), url.port()).map_err(|_| nonsense())?;
    let declared = installation.manifest.hosts.iter().any(|host| host.origin().as_ref() == Ok(&origin));
    if plain && declared && installation.granted.contains(&host_grant(&origin)) {
        Ok(Checkout::Away(url.to_string()))
    } else {
        Err(nonsense())
    }
}
