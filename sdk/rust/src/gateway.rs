//! A billing gateway: a way for members to pay invoices. The manifest has a `[gateway]` and asks for `payments`.

use crate::bindings::payment_gateway::exports::tsudoi::plugin::payment_gateway as contract;
use crate::exports::{Exported, tell_panics};
use crate::failure::Failure;
use crate::id::Id;
use crate::money::Money;
use crate::payments::Outcome;
use crate::reply::View;

/// What a gateway is asked to collect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub invoice: Id,
    pub payer: Id,
    /// What is to be paid now.
    pub amount: Money,
    /// One line for the payer.
    pub description: String,
    /// Where the payer comes back to.
    pub return_url: String,
    /// The same for the same wish: hand it on to the provider.
    pub idempotency_key: String,
}

/// What a gateway is asked to give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveBack {
    pub invoice: Id,
    /// The payment's, as it was reported.
    pub reference: String,
    pub amount: Money,
    /// The same for the same wish: hand it on to the provider.
    pub idempotency_key: String,
}

/// How the payer goes on.
#[derive(Debug, Clone)]
pub enum Checkout {
    /// To a page of a host that the manifest names, or to a path of this plugin.
    Redirect(String),
    /// As this page says.
    Instructions(View),
}

/// What came of something that the gateway was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    pub reference: String,
    pub outcome: Outcome,
}

/// ```
/// use tsudoi_plugin::payments::{self, Outcome};
/// use tsudoi_plugin::{Charge, Checkout, Failure, Gateway, GiveBack, Settlement, View, export};
///
/// /// Pays everything at once.
/// struct Generous;
///
/// impl Gateway for Generous {
///     fn begin(charge: &Charge) -> Result<Checkout, Failure> {
///         payments::report(&charge.invoice, &charge.idempotency_key, charge.amount.clone(), Outcome::Paid)?;
///         Ok(Checkout::Redirect("/account/payments".into()))
///     }
///
///     fn refund(wish: &GiveBack) -> Result<Settlement, Failure> {
///         Ok(Settlement { reference: wish.reference.clone(), outcome: Outcome::Refunded })
///     }
/// }
///
/// export!(Generous: payment_gateway);
/// # fn main() {}
/// ```
pub trait Gateway {
    /// An action, while the payer waits: it may use the network. What was paid is told by [`payments::report`](crate::payments::report),
    /// here or later.
    fn begin(charge: &Charge) -> Result<Checkout, Failure>;

    /// An action: gives back a payment or a part of it. After `Failure::Unavailable` it is asked again under the same key. With
    /// `Outcome::Refunded` the host books the refund; with `Outcome::Pending` a report has to follow.
    fn refund(wish: &GiveBack) -> Result<Settlement, Failure>;

    /// An action: charges the method that the payer saved, without the payer being there. Nothing asks for it yet.
    fn charge_saved(charge: &Charge) -> Result<Settlement, Failure> {
        let _ = charge;
        Err(Failure::conflict("no-saved-method"))
    }
}

fn charge(charge: contract::Charge) -> Charge {
    Charge {
        invoice: Id::known(charge.invoice),
        payer: Id::known(charge.payer),
        amount: Money::from_contract(charge.amount),
        description: charge.description,
        return_url: charge.return_url,
        idempotency_key: charge.idempotency_key,
    }
}

fn settled(settlement: Settlement) -> contract::Settlement {
    contract::Settlement { provider_reference: settlement.reference, outcome: settlement.outcome.as_str().to_owned() }
}

impl<P: Gateway> contract::Guest for Exported<P> {
    fn begin(asked: contract::Charge) -> Result<contract::Checkout, Failure> {
        tell_panics();
        P::begin(&charge(asked)).map(|checkout| match checkout {
            Checkout::Redirect(to) => contract::Checkout::Redirect(to),
            Checkout::Instructions(view) => {
                let view = view.into_contract();
                contract::Checkout::Instructions((view.template, view.data))
            }
        })
    }

    fn charge_saved(asked: contract::Charge) -> Result<contract::Settlement, Failure> {
        tell_panics();
        P::charge_saved(&charge(asked)).map(settled)
    }

    fn refund(
        invoice: String,
        provider_reference: String,
        amount: contract::Money,
        idempotency_key: String,
    ) -> Result<contract::Settlement, Failure> {
        tell_panics();
        let amount = Money::from_contract(amount);
        P::refund(&GiveBack { invoice: Id::known(invoice), reference: provider_reference, amount, idempotency_key }).map(settled)
    }
}
