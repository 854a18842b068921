//! A billing gateway: a way for members to pay invoices. The manifest has a `[gateway]` and asks for `payments`.

use crate::bindings::imports::tsudoi::plugin::charges;
use crate::bindings::imports::tsudoi::plugin::types::Money as ContractMoney;
use crate::bindings::payment_gateway::exports::tsudoi::plugin::payment_gateway;
use crate::bindings::saved_methods::exports::tsudoi::plugin::saved_methods;
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

/// A wish to save a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saving {
    pub payer: Id,
    /// Where the payer comes back to.
    pub return_url: String,
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
}

/// A gateway that may charge members without their being there, by a method that they saved with the provider. In the manifest the
/// `[gateway]` has `saved-methods = true`. That somebody has saved one is told by
/// [`payments::saved_method`](crate::payments::saved_method).
///
/// ```
/// use tsudoi_plugin::payments::{self, Outcome};
/// # use tsudoi_plugin::{Gateway, GiveBack};
/// use tsudoi_plugin::{Charge, Checkout, Failure, Id, SavedMethods, Saving, Settlement, export};
///
/// /// Knows everybody's purse.
/// struct Generous;
/// # impl Gateway for Generous {
/// #     fn begin(_: &Charge) -> Result<Checkout, Failure> { Err(Failure::NotFound) }
/// #     fn refund(_: &GiveBack) -> Result<Settlement, Failure> { Err(Failure::NotFound) }
/// # }
///
/// impl SavedMethods for Generous {
///     fn save(wish: &Saving) -> Result<Checkout, Failure> {
///         payments::saved_method(&wish.payer, Some("Purse"))?;
///         Ok(Checkout::Redirect("/account/payments".into()))
///     }
///
///     fn charge_saved(charge: &Charge) -> Result<Settlement, Failure> {
///         Ok(Settlement { reference: charge.idempotency_key.clone(), outcome: Outcome::Paid })
///     }
///
///     fn forget(payer: &Id, _: &str) -> Result<(), Failure> {
///         Ok(payments::saved_method(payer, None)?)
///     }
/// }
///
/// export!(Generous: payment_gateway, saved_methods);
/// # fn main() {}
/// ```
pub trait SavedMethods {
    /// An action, while the payer waits: they want to save a method, in place of one that they have.
    fn save(wish: &Saving) -> Result<Checkout, Failure>;

    /// An action: charges what the payer saved, without their being there. `Outcome::Paid` is booked by the host; after
    /// `Outcome::Pending` a report has to follow; of `Outcome::Failed` the payer is told, and pays otherwise. What they have saved is
    /// gone: `Failure::conflict("no-saved-method")`. After `Failure::Unavailable` it is asked again under the same key.
    fn charge_saved(charge: &Charge) -> Result<Settlement, Failure>;

    /// An action, while the payer waits: the provider is to have no method of theirs any more. None there is no failure.
    fn forget(payer: &Id, idempotency_key: &str) -> Result<(), Failure>;
}

fn charge(charge: charges::Charge) -> Charge {
    Charge {
        invoice: Id::known(charge.invoice),
        payer: Id::known(charge.payer),
        amount: Money::from_contract(charge.amount),
        description: charge.description,
        return_url: charge.return_url,
        idempotency_key: charge.idempotency_key,
    }
}

fn settled(settlement: Settlement) -> charges::Settlement {
    charges::Settlement { provider_reference: settlement.reference, outcome: settlement.outcome.as_str().to_owned() }
}

fn shown(checkout: Checkout) -> charges::Checkout {
    match checkout {
        Checkout::Redirect(to) => charges::Checkout::Redirect(to),
        Checkout::Instructions(view) => {
            let view = view.into_contract();
            charges::Checkout::Instructions((view.template, view.data))
        }
    }
}

impl<P: Gateway> payment_gateway::Guest for Exported<P> {
    fn begin(asked: charges::Charge) -> Result<charges::Checkout, Failure> {
        tell_panics();
        P::begin(&charge(asked)).map(shown)
    }

    fn refund(
        invoice: String,
        provider_reference: String,
        amount: ContractMoney,
        idempotency_key: String,
    ) -> Result<charges::Settlement, Failure> {
        tell_panics();
        let amount = Money::from_contract(amount);
        P::refund(&GiveBack { invoice: Id::known(invoice), reference: provider_reference, amount, idempotency_key }).map(settled)
    }
}

impl<P: SavedMethods> saved_methods::Guest for Exported<P> {
    fn save(wish: saved_methods::Saving) -> Result<charges::Checkout, Failure> {
        tell_panics();
        let saved_methods::Saving { payer, return_url, idempotency_key } = wish;
        P::save(&Saving { payer: Id::known(payer), return_url, idempotency_key }).map(shown)
    }

    fn charge_saved(asked: charges::Charge) -> Result<charges::Settlement, Failure> {
        tell_panics();
        P::charge_saved(&charge(asked)).map(settled)
    }

    fn forget(payer: String, idempotency_key: String) -> Result<(), Failure> {
        tell_panics();
        P::forget(&Id::known(payer), &idempotency_key)
    }
}
