//! Beginning, paying, and what happens in between.

use super::story::*;
use crate::gateway::books::{Books, agree, credit, held, invoice, nothing, open_part, told};
use crate::gateway::{Begun, Provider, rules};
use crate::money::Payment;
use crate::page::Page;
use crate::people::Sending;
use crate::site::Site;

/// Orders of notices that are tried, a site for each.
const MOST_ORDERS: usize = 6;
/// There is none of this id.
const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

pub fn the_words_of_the_suite_are_those_of_the_manifest<P: Provider>(words: &[&str]) {
    let provider = opened::<P>();
    let (refunds, saves) = (provider.site().gives_back(), provider.site().saves_methods());
    let is_told = |word| words.contains(&word);
    held(rules::REFUNDS, refunds == is_told("refunds"), || {
        format!("plugin.toml says refunds = {refunds}, and the suite is told {words:?}")
    });
    held(rules::SAVES, saves == is_told("saves"), || format!("plugin.toml says saved-methods = {saves}, and the suite is told {words:?}"));
    let currencies = words.iter().filter(|word| ["currencies", "one_currency"].contains(word)).count();
    assert_eq!(currencies, 1, "the suite is told one of the words `currencies` and `one_currency`: {words:?}");
}

pub fn the_button_leads_where_the_payer_is_asked_for_what_is_open<P: Provider>() {
    let provider = opened::<P>();
    let hanako = hanako(&provider);
    for amount in [12_345, 1_000_000, 1] {
        begin(&provider, &hanako, &provider.site().invoice(&hanako, "Dues", amount));
    }
    agree(&provider);
}

pub fn nobody_else_begins_or_sees_how_a_member_pays<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako, taro) = (provider.site(), hanako(&provider), taro(&provider));
    let invoice = site.invoice(&hanako, "Dues", 12_345);
    let page = taro.pay(&invoice);
    held(rules::PRIVATE, page.status() == 404, || seen(&page));
    let page = site.anyone().pay(&invoice);
    held(rules::PRIVATE, page.status() == 303 && page.location().starts_with("/sign-in"), || seen(&page));
    let begun = begin(&provider, &hanako, &invoice);
    let to = begun.leads_to();
    if to.starts_with(&format!("/p/{}/", site.plugin())) {
        for (who, page) in
            [("another member", taro.open(&to)), ("staff", site.staff("Office").open(&to)), ("anyone", site.anyone().open(&to))]
        {
            let is_sign_in = page.status() == 303 && page.location().starts_with("/sign-in");
            held(rules::PRIVATE, matches!(page.status(), 403 | 404) || is_sign_in, || format!("{who}: {}", seen(&page)));
        }
    }
    nothing(rules::PRIVATE, site);
    agree(&provider);
}

pub fn pressing_twice_is_one_wish<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let invoice = site.invoice(&hanako, "Dues", 3_000);
    let wish = hanako.paying(&invoice);
    let of = |page| Begun { member: hanako.clone(), invoice: invoice.clone(), amount: 3_000, page };
    let once = |wishes: &[Sending]| site.at_once(wishes).into_iter().map(of).collect::<Vec<_>>();
    let mut all = once(&[wish.clone(), wish.clone()]);
    all.extend(once(&[wish]));
    let first = all.remove(0);
    for other in all {
        asks_for_what_is_open(&provider, &other);
        held(rules::ONE_WISH, other.leads_to() == first.leads_to(), || format!("{} and then {}", first.leads_to(), other.leads_to()));
    }
    pay(&provider, &first, 3_000);
    catch_up(&provider);
    only_payment(site, 3_000);
    agree(&provider);
}

pub fn what_was_paid_is_booked_once_with_a_receipt<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = paid(&provider, &hanako, 12_345);
    let payment = only_payment(site, 12_345);
    held(rules::EXACT, payment.used == 12_345 && invoice(site, begun.invoice()).state == "paid", || told(site));
    held(rules::EXACT, payment.method == format!("gateway:{}", site.plugin()), || payment.method.clone());
    let receipt = format!("/account/payments/{}/pdf", payment.id);
    let page = hanako.open("/account/payments");
    held(rules::EXACT, page.body().contains(&format!("\"{receipt}")), || format!("there is no receipt: {}", seen(&page)));
    hanako.open(&receipt).is(200);
    // There is nothing to pay any more.
    let again = hanako.pay(begun.invoice());
    held(rules::ASKS, again.status() == 303 && again.location() == "/account/payments", || seen(&again));
    agree(&provider);
}

pub fn a_payment_that_is_told_again_stays_one<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = begin(&provider, &hanako, &site.invoice(&hanako, "Dues", 3_000));
    pay(&provider, &begun, 3_000);
    let mut notices = catch_up(&provider);
    only_payment(site, 3_000);
    for _ in 0..2 {
        tell(&provider, &notices);
        notices.reverse();
        tell(&provider, &notices);
        site.pass(DAY);
        notices.extend(catch_up(&provider));
    }
    only_payment(site, 3_000);
    agree(&provider);
}

/// Orders of so many: all of them where these are few.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let forward: Vec<usize> = (0..count).collect();
    let mut orders = vec![forward.clone()];
    let mut add = |order: Vec<usize>| {
        if orders.len() < MOST_ORDERS && !orders.contains(&order) {
            orders.push(order);
        }
    };
    add(forward.iter().rev().copied().collect());
    for by in 1..count {
        let mut turned = forward.clone();
        turned.rotate_left(by);
        add(turned.clone());
        turned.reverse();
        add(turned);
    }
    orders
}

pub fn notices_in_any_order_come_to_the_same_books<P: Provider>() {
    let story = |order: Option<&[usize]>| {
        let provider = opened::<P>();
        let (site, hanako, taro) = (provider.site(), hanako(&provider), taro(&provider));
        for (member, amount) in [(&hanako, 3_000), (&taro, 5_000)] {
            let begun = begin(&provider, member, &site.invoice(member, "Dues", amount));
            pay(&provider, &begun, amount);
        }
        let notices = provider.news();
        for at in order.unwrap_or_default() {
            let Some(notice) = notices.get(*at) else { panic!("the same payments brought fewer notices: {}", notices.len()) };
            provider.tell(notice);
            site.run_due();
        }
        // Once more, as they came.
        tell(&provider, &notices);
        catch_up(&provider);
        agree(&provider);
        (notices.len(), Books::of(site))
    };
    let (count, books) = story(None);
    for order in orders(count).into_iter().skip(1) {
        let (_, others) = story(Some(&order));
        held(rules::ANY_ORDER, books == others, || format!("in their order: {books:?}; in the order {order:?}: {others:?}"));
    }
}

pub fn each_payment_goes_to_its_own_invoice<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako, taro) = (provider.site(), hanako(&provider), taro(&provider));
    let invoices = [&hanako, &taro, &hanako].map(|member| (member, site.invoice(member, "Dues", 3_000)));
    let [left, of_taro, of_hanako] = invoices.each_ref().map(|(member, invoice)| begin(&provider, member, invoice));
    pay(&provider, &of_hanako, 3_000);
    pay(&provider, &of_taro, 3_000);
    catch_up(&provider);
    let states = [&left, &of_taro, &of_hanako].map(|begun| invoice(site, begun.invoice()).state);
    held(rules::EXACT, states == ["open", "paid", "paid"], || format!("the second and the third were paid of {states:?}"));
    agree(&provider);
}

pub fn a_beginning_that_is_left_moves_nothing<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let invoice = site.invoice(&hanako, "Dues", 3_000);
    begin(&provider, &hanako, &invoice);
    catch_up(&provider);
    site.pass(3 * DAY);
    catch_up(&provider);
    nothing(rules::EXACT, site);
    let begun = begin(&provider, &hanako, &invoice);
    pay(&provider, &begun, 3_000);
    catch_up(&provider);
    only_payment(site, 3_000);
    agree(&provider);
}

/// A payment that the invoice does not need: booked as credit, or not taken.
#[track_caller]
fn comes_late<P: Provider>(provider: &P, begun: &Begun<'_>, amount: i64) {
    let site = provider.site();
    let (before, credit_before) = (site.payments(), credit(site));
    let taken = provider.pay(begun, amount);
    catch_up(provider);
    let is_new = |payment: &Payment| before.iter().all(|known| known.id != payment.id);
    let new: Vec<i64> = site.payments().into_iter().filter(is_new).map(|payment| payment.amount).collect();
    let (is_exact, brings) = (new.is_empty() || taken && new == [amount], new.iter().sum::<i64>());
    held(rules::EXACT, is_exact, || format!("{amount} came late. {}", told(site)));
    held(rules::CREDIT, credit(site) - credit_before == brings, || format!("{amount} came late. {}", told(site)));
    agree(provider);
}

pub fn an_invoice_that_is_paid_twice_is_paid_once<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let invoice_id = site.invoice(&hanako, "Dues", 3_000);
    let [first, second] = [0, 1].map(|_| begin(&provider, &hanako, &invoice_id));
    pay(&provider, &first, 3_000);
    catch_up(&provider);
    comes_late(&provider, &second, 3_000);
    let invoice = invoice(site, &invoice_id);
    held(rules::CREDIT, (invoice.state.as_str(), invoice.paid) == ("paid", 3_000), || told(site));
}

pub fn what_comes_for_an_invoice_that_was_taken_back_is_credit<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let invoice_id = site.invoice(&hanako, "Dues", 3_000);
    let begun = begin(&provider, &hanako, &invoice_id);
    site.credit(&invoice_id);
    comes_late(&provider, &begun, 3_000);
    let invoice = invoice(site, &invoice_id);
    held(rules::CREDIT, (invoice.state.as_str(), invoice.paid) == ("void", 0), || told(site));
}

pub fn what_is_told_at_another_site_books_nothing<P: Provider>() {
    let [here, there] = [opened::<P>(), opened::<P>()];
    let (of_here, of_there) = (hanako(&here), taro(&there));
    let begun = begin(&here, &of_here, &here.site().invoice(&of_here, "Dues", 3_000));
    let other = begin(&there, &of_there, &there.site().invoice(&of_there, "Dues", 4_567));
    pay(&here, &begun, 3_000);
    tell(&there, &catch_up(&here));
    catch_up(&there);
    nothing(rules::STRAY, there.site());
    agree(&here);
    agree(&there);
    pay(&there, &other, 4_567);
    catch_up(&there);
    only_payment(there.site(), 4_567);
}

pub fn what_a_member_paid_before_they_were_erased_is_booked<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = begin(&provider, &hanako, &site.invoice(&hanako, "Dues", 3_000));
    pay(&provider, &begun, 3_000);
    let news = provider.news();
    hanako.erase();
    tell(&provider, &news);
    catch_up(&provider);
    let booked: i64 = site.payments().iter().map(|payment| payment.amount).sum();
    held(rules::OUTLIVES, booked == 3_000, || format!("3000 was paid. {}", told(site)));
    agree(&provider);
}

/// What the plugin says on a page, in the language of the site.
#[track_caller]
fn is_in_words<'site>(is_english: bool, page: Page<'site>) -> Page<'site> {
    held(rules::WORDS, is_japanese(&page.text()) != is_english, || seen(&page));
    page
}

pub fn what_the_payer_reads_is_in_their_language<P: Provider>() {
    for is_english in [false, true] {
        let provider = P::open(if is_english { opening::<P>().english() } else { opening::<P>() });
        let hanako = hanako(&provider);
        let begun = begin(&provider, &hanako, &provider.site().invoice(&hanako, "Dues", 3_000));
        is_in_words(is_english, begun.shown());
        pay(&provider, &begun, 3_000);
        catch_up(&provider);
        if begun.outside().is_none() {
            // They come back to the page.
            is_in_words(is_english, begun.shown());
        }
        agree(&provider);
    }
}

pub fn an_update_between_beginning_and_notice_loses_nothing<P: Provider>() {
    let provider = P::open(opening::<P>().from_version("0.0.1"));
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = begin(&provider, &hanako, &site.invoice(&hanako, "Dues", 3_000));
    pay(&provider, &begun, 3_000);
    let news = provider.news();
    site.update();
    tell(&provider, &news);
    catch_up(&provider);
    only_payment(site, 3_000);
    agree(&provider);
}

pub fn where_nobody_issues_invoices_nothing_breaks<P: Provider>() {
    let [with, without] = [opened::<P>(), P::open(opening::<P>().without_issuer())];
    let hanako_there = hanako(&without);
    hanako_there.open("/account/payments").is(200);
    let page = hanako_there.pay(UNKNOWN);
    held(rules::PRIVATE, page.status() == 404, || seen(&page));
    let member = hanako(&with);
    let begun = begin(&with, &member, &with.site().invoice(&member, "Dues", 3_000));
    pay(&with, &begun, 3_000);
    tell(&without, &catch_up(&with));
    catch_up(&without);
    nothing(rules::STRAY, without.site());
    agree(&without);
}

pub fn another_currency_is_refused_in_words<P: Provider>() {
    let other = if P::CURRENCY == "JPY" { "USD" } else { "JPY" };
    for is_english in [false, true] {
        let opening = Site::opening().currency(other);
        let provider = P::open(if is_english { opening.english() } else { opening });
        let hanako = hanako(&provider);
        let page = hanako.pay(&provider.site().invoice(&hanako, "Dues", 3_000));
        held(rules::CURRENCY, (400..500).contains(&page.status()), || format!("in {other}: {}", seen(&page)));
        is_in_words(is_english, page);
        nothing(rules::CURRENCY, provider.site());
        agree(&provider);
    }
}

pub fn yen_and_dollars_are_paid_to_the_smallest_unit<P: Provider>() {
    for currency in ["JPY", "USD"] {
        let provider = P::open(Site::opening().currency(currency));
        let hanako = hanako(&provider);
        let begun = paid(&provider, &hanako, 1_234);
        held(rules::EXACT, open_part(provider.site(), begun.invoice()) == 0, || format!("in {currency}. {}", told(provider.site())));
        agree(&provider);
    }
}

pub fn a_part_leaves_the_rest_to_be_paid<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let invoice_id = site.invoice(&hanako, "Dues", 3_000);
    for (amount, state) in [(1_000, "partly-paid"), (500, "partly-paid"), (1_500, "paid")] {
        let begun = begin(&provider, &hanako, &invoice_id);
        pay(&provider, &begun, amount);
        catch_up(&provider);
        held(rules::EXACT, invoice(site, &invoice_id).state == state, || format!("after {amount}: {}", told(site)));
    }
    // They came on the same day, in no order of the books.
    let mut amounts: Vec<i64> = site.payments().iter().map(|payment| payment.amount).collect();
    amounts.sort_unstable();
    held(rules::EXACT, amounts == [500, 1_000, 1_500], || told(site));
    agree(&provider);
}

pub fn more_than_was_asked_is_credit<P: Provider>() {
    let provider = opened::<P>();
    let (site, hanako) = (provider.site(), hanako(&provider));
    let begun = begin(&provider, &hanako, &site.invoice(&hanako, "Dues", 3_000));
    pay(&provider, &begun, 3_500);
    catch_up(&provider);
    let payment = only_payment(site, 3_500);
    held(rules::CREDIT, payment.used == 3_000 && credit(site) == 500, || told(site));
    agree(&provider);
}
