//! What the books of a site say, and whether it is what the provider says.

use super::Provider;
use super::rules;
use crate::money::{Invoice, Payment};
use crate::site::Site;

/// Ends the test with the rule that was broken.
#[track_caller]
pub fn held(rule: &str, is_held: bool, seen: impl FnOnce() -> String) {
    assert!(is_held, "docs/contract.md, Money: “{rule}”\n  is broken. Seen: {}", seen());
}

#[track_caller]
pub fn invoice(site: &Site, id: &str) -> Invoice {
    let all = site.invoices();
    all.into_iter().find(|invoice| invoice.id == id).unwrap_or_else(|| panic!("there is no invoice {id}"))
}

/// What is to be paid of an invoice.
#[track_caller]
pub fn open_part(site: &Site, id: &str) -> i64 {
    let invoice = invoice(site, id);
    invoice.total - invoice.paid - invoice.credited
}

/// What members have of credit.
#[track_caller]
pub fn credit(site: &Site) -> i64 {
    -site.balances().get("liabilities:member-credit").copied().unwrap_or_default()
}

fn clearing(site: &Site) -> i64 {
    site.balances().get(&format!("assets:clearing:{}", site.plugin())).copied().unwrap_or_default()
}

/// All that a site's books say of invoices and payments, to be compared: without ids and numbers, which are another site's own.
#[derive(Debug, PartialEq)]
pub struct Books {
    invoices: Vec<(String, i64, i64, i64)>,
    /// What was paid, what of it was used, and what was given back.
    payments: Vec<(i64, i64, i64)>,
    balances: Vec<(String, i64)>,
}

impl Books {
    #[track_caller]
    pub fn of(site: &Site) -> Self {
        let of_invoice = |invoice: Invoice| (invoice.state, invoice.total, invoice.paid, invoice.credited);
        let mut invoices: Vec<_> = site.invoices().into_iter().map(of_invoice).collect();
        let mut payments: Vec<_> = site.payments().into_iter().map(|payment| (payment.amount, payment.used, payment.refunded)).collect();
        invoices.sort();
        payments.sort_unstable();
        Self { invoices, payments, balances: site.balances().into_iter().filter(|(_, sum)| *sum != 0).collect() }
    }
}

/// The books are in order, they have what the provider has, and nothing was a failure of the plugin's.
#[track_caller]
pub fn agree<P: Provider>(provider: &P) {
    let site = provider.site();
    let (failures, aside) = (site.failures(), site.set_aside());
    held(rules::SOUND, failures.is_empty() && aside.is_empty(), || format!("{failures:?} {aside:?}"));
    let balances = site.balances();
    let sum: i64 = balances.values().sum();
    assert_eq!(sum, 0, "the books of the host don't add up: {balances:?}");
    let kept: i64 = site.payments().iter().map(|payment| payment.amount - payment.refunded).sum();
    assert_eq!(clearing(site), kept, "the books of the host are not what their documents say: {balances:?}");
    held(rules::BOOKS, clearing(site) == provider.holds(), || {
        format!("the books have {}, the provider has {}. {}", clearing(site), provider.holds(), told(site))
    });
}

/// For messages.
pub fn told(site: &Site) -> String {
    let line = |payment: &Payment| {
        let Payment { reference, amount, used, refunded, .. } = payment;
        format!("{reference}: {amount}, {used} used, {refunded} given back")
    };
    let payments: Vec<_> = site.payments().iter().map(line).collect();
    let invoices: Vec<_> = site.invoices().iter().map(|invoice| format!("{} is {}", invoice.total, invoice.state)).collect();
    format!("Payments: [{}]. Invoices: [{}].", payments.join("; "), invoices.join("; "))
}

/// Nothing was booked.
#[track_caller]
pub fn nothing(rule: &str, site: &Site) {
    held(rule, site.payments().is_empty(), || told(site));
}
