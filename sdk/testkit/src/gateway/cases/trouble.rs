//! Payments that are declined, and providers that can't be reached.

use super::story::*;
use crate::gateway::books::{agree, held, invoice, nothing, open_part, told};
use crate::gateway::{Begun, Declines, Outages, rules};

pub fn a_declined_payment_books_nothing_and_staff_see_it<P: Declines>() {
    let provider = P::open(opening::<P>().english());
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = begin(&provider, &hanako, &site.invoice(&hanako, "Dues", 3_000));
    provider.decline(&begun);
    catch_up(&provider);
    nothing(rules::DECLINED, site);
    held(rules::DECLINED, open_part(site, begun.invoice()) == 3_000, || told(site));
    let page = site.treasurer("Treasurer").open(&format!("/admin/invoices/{}", begun.invoice()));
    held(rules::NOTED, page.text().contains("Payment failed"), || seen(&page));
    agree(&provider);
}

pub fn what_was_declined_can_be_paid_after_all<P: Declines>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let invoice_id = site.invoice(&hanako, "Dues", 3_000);
    let begun = begin(&provider, &hanako, &invoice_id);
    provider.decline(&begun);
    let declined = catch_up(&provider);
    let begun = begin(&provider, &hanako, &invoice_id);
    pay(&provider, &begun, 3_000);
    catch_up(&provider);
    // Told late once more, it takes nothing back.
    tell(&provider, &declined);
    catch_up(&provider);
    only_payment(site, 3_000);
    held(rules::DECLINED, invoice(site, &invoice_id).state == "paid", || told(site));
    agree(&provider);
}

pub fn a_refund_is_asked_again_until_the_provider_answers<P: Outages>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = paid(&provider, &hanako, 3_000);
    site.credit(begun.invoice());
    let payment = only_payment(site, 3_000);
    provider.goes_away();
    let state = site.give_back(&payment.id, 1_000);
    held(rules::AWAY, state == "asked", || format!("giving back is {state}"));
    site.pass(HOUR);
    held(rules::AWAY, only_payment(site, 3_000).refunded == 0, || told(site));
    provider.comes_back();
    site.pass(3 * HOUR);
    catch_up(&provider);
    held(rules::AWAY, only_payment(site, 3_000).refunded == 1_000, || told(site));
    agree(&provider);
}

pub fn a_refund_whose_answer_was_lost_is_given_back_once<P: Outages>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = paid(&provider, &hanako, 3_000);
    site.credit(begun.invoice());
    let payment = only_payment(site, 3_000);
    provider.loses_answers();
    let state = site.give_back(&payment.id, 1_000);
    held(rules::AWAY, state == "asked", || format!("giving back is {state}"));
    site.pass(HOUR);
    provider.comes_back();
    site.pass(3 * HOUR);
    catch_up(&provider);
    held(rules::KEY, provider.holds() == 2_000, || format!("1000 of 3000 was asked for; the provider has {} now", provider.holds()));
    held(rules::KEY, only_payment(site, 3_000).refunded == 1_000, || told(site));
    agree(&provider);
}

pub fn while_the_provider_is_away_the_payer_comes_back_later<P: Outages>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let invoice_id = site.invoice(&hanako, "Dues", 3_000);
    provider.goes_away();
    let page = hanako.pay(&invoice_id);
    held(rules::AWAY, page.status() == 503, || seen(&page));
    nothing(rules::AWAY, site);
    agree(&provider);
    provider.comes_back();
    let begun = begin(&provider, &hanako, &invoice_id);
    pay(&provider, &begun, 3_000);
    catch_up(&provider);
    only_payment(site, 3_000);
    agree(&provider);
}

pub fn a_beginning_whose_answer_was_lost_can_be_paid_once<P: Outages>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let invoice_id = site.invoice(&hanako, "Dues", 3_000);
    let wish = hanako.paying(&invoice_id);
    provider.loses_answers();
    let page = site.at_once(std::slice::from_ref(&wish)).remove(0);
    held(rules::AWAY, page.status() == 503, || seen(&page));
    provider.comes_back();
    let page = site.at_once(&[wish]).remove(0);
    let begun = Begun { member: hanako, invoice: invoice_id, amount: 3_000, page };
    asks_for_what_is_open(&provider, &begun);
    pay(&provider, &begun, 3_000);
    catch_up(&provider);
    only_payment(site, 3_000);
    agree(&provider);
}
