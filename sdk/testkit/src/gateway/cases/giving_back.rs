//! Money that goes back: because staff ask for it here, or without that.

use super::story::*;
use crate::gateway::books::{agree, credit, held, invoice, open_part, told};
use crate::gateway::{Provider, Returns, rules};
use crate::money::Payment;
use crate::people::{Person, Sending};
use crate::site::Site;
use serde_json::json;

/// Staff have a part of a payment given back that is left over, and it is.
#[track_caller]
fn given_back<P: Provider>(provider: &P, payment: &Payment, amount: i64, in_all: i64) {
    let state = provider.site().give_back(&payment.id, amount);
    held(rules::REFUNDS, matches!(state.as_str(), "done" | "waiting"), || format!("giving back {amount} is {state}"));
    catch_up(provider);
    let refunded = provider.site().payments().iter().map(|payment| payment.refunded).sum::<i64>();
    held(rules::REFUNDS, refunded == in_all, || format!("{in_all} was to be given back. {}", told(provider.site())));
    agree(provider);
}

pub fn staff_have_a_payment_given_back_whole<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = paid(&provider, &hanako, 3_000);
    site.credit(begun.invoice());
    given_back(&provider, &only_payment(site, 3_000), 3_000, 3_000);
    held(rules::REFUNDS, credit(site) == 0, || told(site));
}

pub fn staff_have_a_payment_given_back_in_parts<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = paid(&provider, &hanako, 3_000);
    site.credit(begun.invoice());
    let payment = only_payment(site, 3_000);
    // Twice the same sum: these are two wishes.
    for (part, in_all) in [(500, 500), (500, 1_000), (1_999, 2_999), (1, 3_000)] {
        given_back(&provider, &payment, part, in_all);
    }
    held(rules::REFUNDS, credit(site) == 0, || told(site));
}

/// The form by which staff give back, not sent yet.
fn giving_back(site: &Site, staff: &Person<'_>, payment: &Payment, amount: i64) -> Sending {
    let token = site.stage().tell(&json!({ "do": "token" }));
    let typed = site.stage().tell(&json!({ "do": "typed", "amount": amount }));
    let fields = [
        ("method", payment.method.as_str()),
        ("amount", typed.as_str().unwrap_or_default()),
        ("reference", ""),
        ("refunded_on", ""),
        ("note", ""),
        ("token", token.as_str().unwrap_or_default()),
    ];
    Sending::form(staff.number(), format!("/admin/payments/{}/refund", payment.id), &fields)
}

pub fn giving_back_that_is_asked_twice_is_done_once<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let treasurer = site.treasurer("Treasurer");
    let begun = paid(&provider, &hanako, 3_000);
    site.credit(begun.invoice());
    let wish = giving_back(site, &treasurer, &only_payment(site, 3_000), 1_000);
    site.at_once(&[wish.clone(), wish.clone()]);
    catch_up(&provider);
    site.at_once(&[wish]);
    site.pass(DAY);
    catch_up(&provider);
    let refunded = only_payment(site, 3_000).refunded;
    held(rules::KEY, refunded == 1_000, || format!("1000 was asked for once. {}", told(site)));
    agree(&provider);
}

pub fn no_more_is_given_back_than_was_paid<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let treasurer = site.treasurer("Treasurer");
    let begun = paid(&provider, &hanako, 3_000);
    site.credit(begun.invoice());
    let payment = only_payment(site, 3_000);
    given_back(&provider, &payment, 2_000, 2_000);
    let page = site.at_once(&[giving_back(site, &treasurer, &payment, 1_001)]).remove(0);
    held(rules::NO_MORE, page.status() == 422, || seen(&page));
    catch_up(&provider);
    held(rules::NO_MORE, only_payment(site, 3_000).refunded == 2_000, || told(site));
    agree(&provider);
}

pub fn an_erased_members_payment_is_given_back_or_refused<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = paid(&provider, &hanako, 3_000);
    site.credit(begun.invoice());
    let payment = only_payment(site, 3_000);
    hanako.erase();
    let state = site.give_back(&payment.id, 1_000);
    site.pass(DAY);
    catch_up(&provider);
    let refunded = only_payment(site, 3_000).refunded;
    held(rules::REFUNDS, if state == "failed" { refunded == 0 } else { refunded == 1_000 }, || format!("it {state}. {}", told(site)));
    agree(&provider);
}

pub fn what_the_provider_gives_back_is_to_be_paid_again<P: Returns>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = paid(&provider, &hanako, 3_000);
    provider.send_back(&begun, 3_000);
    let news = catch_up(&provider);
    for _ in 0..2 {
        held(rules::OPEN_AGAIN, only_payment(site, 3_000).refunded == 3_000, || told(site));
        held(rules::OPEN_AGAIN, open_part(site, begun.invoice()) == 3_000, || told(site));
        agree(&provider);
        tell(&provider, &news);
        catch_up(&provider);
    }
}

pub fn what_was_given_back_can_be_paid_again<P: Returns>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = paid(&provider, &hanako, 3_000);
    provider.send_back(&begun, 3_000);
    catch_up(&provider);
    let begun = begin(&provider, &hanako, begun.invoice());
    pay(&provider, &begun, 3_000);
    catch_up(&provider);
    let mut sums: Vec<_> = site.payments().iter().map(|payment| (payment.amount, payment.refunded)).collect();
    sums.sort_unstable();
    held(rules::REFERENCE, sums == [(3_000, 0), (3_000, 3_000)], || told(site));
    held(rules::EXACT, invoice(site, begun.invoice()).state == "paid", || told(site));
    agree(&provider);
}

pub fn parts_that_the_provider_gives_back_add_up<P: Returns>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = paid(&provider, &hanako, 3_000);
    let mut told_so_far = Vec::new();
    for (part, in_all) in [(500, 500), (500, 1_000), (700, 1_700)] {
        provider.send_back(&begun, part);
        told_so_far.extend(catch_up(&provider));
        held(rules::OPEN_AGAIN, only_payment(site, 3_000).refunded == in_all, || format!("{in_all} went back. {}", told(site)));
        held(rules::OPEN_AGAIN, open_part(site, begun.invoice()) == in_all, || told(site));
        agree(&provider);
    }
    told_so_far.reverse();
    tell(&provider, &told_so_far);
    catch_up(&provider);
    held(rules::ANY_ORDER, only_payment(site, 3_000).refunded == 1_700, || told(site));
    if site.gives_back() {
        site.credit(begun.invoice());
        given_back(&provider, &only_payment(site, 3_000), 300, 2_000);
    }
    agree(&provider);
}

pub fn a_return_that_is_heard_of_before_its_payment_counts<P: Returns>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = begin(&provider, &hanako, &site.invoice(&hanako, "Dues", 3_000));
    pay(&provider, &begun, 3_000);
    let of_payment = provider.news();
    provider.send_back(&begun, 3_000);
    catch_up(&provider);
    tell(&provider, &of_payment);
    catch_up(&provider);
    held(rules::ANY_ORDER, only_payment(site, 3_000).refunded == 3_000, || told(site));
    held(rules::OPEN_AGAIN, open_part(site, begun.invoice()) == 3_000, || told(site));
    agree(&provider);
}
