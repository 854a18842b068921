//! The calls of a billing gateway: actions under a key that the host keeps, so that a second run gets the first answer.

use crate::attempt::{GuestCall, Prepared, missing};
use crate::bindings::{charges, saved_methods, types};
use crate::convert;
use crate::imports::is_reference;
use crate::state::{CallState, Kind};
use tsudoi_kernel::MemberId;
use tsudoi_kernel::billing::{Charge, Checkout, GivingBack, Outcome, Saving, Settlement};
use tsudoi_kernel::calls::Failure;
use tsudoi_kernel::manifest::outside::{Origin, Scheme, host_grant};
use tsudoi_kernel::money::Money;
use url::Url;
use wasmtime::Store;
use wasmtime::component::Instance;

const MOST_ADDRESS: usize = 4 << 10;

pub struct Begin(pub Charge);
pub struct GiveBack(pub GivingBack);
pub struct Save(pub Saving);
pub struct ChargeSaved(pub Charge);
pub struct Forget {
    pub payer: MemberId,
    pub key: String,
}

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
        match guest.call_begin(&mut *store, &charge(&self.0)).await? {
            Ok(told) => checkout(store.data(), told).map(Ok),
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

impl GuestCall for Save {
    const KIND: Kind = Kind::Action;
    type Answer = Checkout;

    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> wasmtime::Result<Result<Checkout, Failure>> {
        let guest = prepared.saved_methods.as_ref().ok_or_else(|| missing("saved-methods"))?.load(&mut *store, instance)?;
        let Saving { payer, return_url, key } = self.0.clone();
        let wish = saved_methods::Saving { payer: payer.to_string(), return_url, idempotency_key: key };
        match guest.call_save(&mut *store, &wish).await? {
            Ok(told) => checkout(store.data(), told).map(Ok),
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

impl GuestCall for ChargeSaved {
    const KIND: Kind = Kind::Action;
    type Answer = Settlement;

    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> wasmtime::Result<Result<Settlement, Failure>> {
        let guest = prepared.saved_methods.as_ref().ok_or_else(|| missing("saved-methods"))?.load(&mut *store, instance)?;
        match guest.call_charge_saved(&mut *store, &charge(&self.0)).await? {
            Ok(told) => settlement(told).map(Ok),
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

impl GuestCall for Forget {
    const KIND: Kind = Kind::Action;
    type Answer = ();

    async fn run(&self, store: &mut Store<CallState>, instance: &Instance, prepared: &Prepared) -> wasmtime::Result<Result<(), Failure>> {
        let guest = prepared.saved_methods.as_ref().ok_or_else(|| missing("saved-methods"))?.load(&mut *store, instance)?;
        Ok(guest.call_forget(&mut *store, &self.payer.to_string(), &self.key).await?.map_err(convert::failure))
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
            Ok(told) => settlement(told).map(Ok),
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

fn money(money: Money) -> types::Money {
    types::Money { minor: money.minor, currency: money.currency.code().to_owned() }
}

fn charge(charge: &Charge) -> charges::Charge {
    charges::Charge {
        invoice: charge.invoice.to_string(),
        payer: charge.payer.to_string(),
        amount: money(charge.amount),
        description: charge.description.clone(),
        return_url: charge.return_url.clone(),
        idempotency_key: charge.key.clone(),
    }
}

fn settlement(told: charges::Settlement) -> wasmtime::Result<Settlement> {
    let outcome = Outcome::parse(&told.outcome).filter(|_| is_reference(&told.provider_reference));
    let outcome = outcome.ok_or_else(|| wasmtime::Error::msg("it answered with a settlement that makes no sense"))?;
    Ok(Settlement { reference: told.provider_reference, outcome })
}

fn checkout(state: &CallState, told: charges::Checkout) -> wasmtime::Result<Checkout> {
    match told {
        charges::Checkout::Redirect(target) => target_of(state, target),
        charges::Checkout::Instructions((template, data)) => convert::instructions(template, &data),
    }
}

/// Where a payer is sent: to a host that the manifest names and the organisation granted, over https, or to a path of the site.
fn target_of(state: &CallState, target: String) -> wasmtime::Result<Checkout> {
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
