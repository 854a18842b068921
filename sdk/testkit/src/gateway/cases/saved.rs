//! Methods that members saved, and that are charged without their being there.

use super::story::*;
use crate::gateway::books::{agree, credit, held, invoice, told};
use crate::gateway::{Outages, Saves, rules};
use crate::people::Person;

/// A member has saved a method, and the gateway knows.
#[track_caller]
fn saved<P: Saves>(provider: &P) -> Person<'_> {
    let hanako = hanako(provider);
    provider.save(&hanako);
    catch_up(provider);
    hanako
}

/// Staff have an invoice charged, and it is.
#[track_caller]
fn charged<P: Saves>(provider: &P, member: &Person<'_>, amount: i64) -> String {
    let site = provider.site();
    let invoice_id = site.invoice(member, "Dues", amount);
    let state = site.charge_saved(&invoice_id);
    held(rules::EXACT, matches!(state.as_str(), "done" | "waiting"), || format!("charging {amount} is {state}"));
    let notices = catch_up(provider);
    only_payment(site, amount);
    tell(provider, &notices);
    catch_up(provider);
    only_payment(site, amount);
    held(rules::EXACT, invoice(site, &invoice_id).state == "paid", || told(site));
    agree(provider);
    invoice_id
}

pub fn what_a_member_saved_is_charged_once<P: Saves>() {
    let provider = opened::<P>();
    let hanako = saved(&provider);
    charged(&provider, &hanako, 12_345);
}

pub fn an_invoice_that_was_charged_and_taken_back_is_credit<P: Saves>() {
    let provider = opened::<P>();
    let hanako = saved(&provider);
    let invoice_id = charged(&provider, &hanako, 3_000);
    provider.site().credit(&invoice_id);
    catch_up(&provider);
    held(rules::CREDIT, credit(provider.site()) == 3_000, || told(provider.site()));
    agree(&provider);
}

#[track_caller]
fn comes_to_one_charge<P: Saves + Outages>(fails: fn(&P), is_lost: bool) {
    let provider = opened::<P>();
    let hanako = saved(&provider);
    let site = provider.site();
    let invoice_id = site.invoice(&hanako, "Dues", 3_000);
    fails(&provider);
    let state = site.charge_saved(&invoice_id);
    held(rules::AWAY, state == "asked", || format!("charging is {state}"));
    site.pass(HOUR);
    provider.comes_back();
    site.pass(3 * HOUR);
    catch_up(&provider);
    let rule = if is_lost { rules::KEY } else { rules::AWAY };
    held(rule, provider.holds() == 3_000, || format!("3000 was to be charged; the provider has {}", provider.holds()));
    only_payment(site, 3_000);
    agree(&provider);
}

pub fn a_charge_is_asked_again_until_the_provider_answers<P: Saves + Outages>() {
    comes_to_one_charge::<P>(P::goes_away, false);
}

pub fn a_charge_whose_answer_was_lost_is_made_once<P: Saves + Outages>() {
    comes_to_one_charge::<P>(P::loses_answers, true);
}
