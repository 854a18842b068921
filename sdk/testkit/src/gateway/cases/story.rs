//! What the cases are told with: members, payments that come, and what there is to tell.

use crate::gateway::books::{held, told};
use crate::gateway::{Begun, Provider, rules};
use crate::money::Payment;
use crate::page::Page;
use crate::people::Person;
use crate::site::{Opening, Site};
use std::time::Duration;

pub const HOUR: Duration = Duration::from_secs(60 * 60);
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// What a provider tells can lead to more of it, so often.
const MOST_ROUNDS: usize = 10;

pub fn opening<P: Provider>() -> Opening {
    Site::opening().currency(P::CURRENCY)
}

pub fn opened<P: Provider>() -> P {
    P::open(opening::<P>())
}

pub fn hanako<P: Provider>(provider: &P) -> Person<'_> {
    provider.site().member("Hanako Yamada")
}

pub fn taro<P: Provider>(provider: &P) -> Person<'_> {
    provider.site().member("Taro Tanaka")
}

/// What there is to tell is told, and what is due is done. Answers what was told.
#[track_caller]
pub fn catch_up<P: Provider>(provider: &P) -> Vec<P::Notice> {
    let mut all = Vec::new();
    for _ in 0..MOST_ROUNDS {
        provider.site().run_due();
        let news = provider.news();
        if news.is_empty() {
            return all;
        }
        tell(provider, &news);
        all.extend(news);
    }
    panic!("the provider has news without end, after {} notices", all.len());
}

#[track_caller]
pub fn tell<P: Provider>(provider: &P, notices: &[P::Notice]) {
    notices.iter().for_each(|notice| provider.tell(notice));
}

/// A member presses the button, and is asked for what is open.
#[track_caller]
pub fn begin<'site, P: Provider>(provider: &P, member: &Person<'site>, invoice: &str) -> Begun<'site> {
    let begun = Begun::new(member, invoice);
    asks_for_what_is_open(provider, &begun);
    begun
}

#[track_caller]
pub fn asks_for_what_is_open<P: Provider>(provider: &P, begun: &Begun<'_>) {
    held(rules::ASKS, matches!(begun.page.status(), 200 | 303), || seen(&begun.page));
    let asked = provider.asks(begun);
    held(rules::ASKS, asked == begun.amount, || format!("{} is open, and the payer is asked for {asked}", begun.amount));
}

/// The payer pays, and the gateway has heard nothing of it yet.
#[track_caller]
pub fn pay<P: Provider>(provider: &P, begun: &Begun<'_>, amount: i64) {
    let takes = provider.pay(begun, amount);
    held(rules::ASKS, takes, || format!("a payment of {amount} was not taken of {} that are asked for", begun.amount));
}

/// An invoice that a member has paid.
#[track_caller]
pub fn paid<'site, P: Provider>(provider: &'site P, member: &Person<'site>, amount: i64) -> Begun<'site> {
    let invoice = provider.site().invoice(member, "Dues", amount);
    let begun = begin(provider, member, &invoice);
    pay(provider, &begun, amount);
    catch_up(provider);
    only_payment(provider.site(), amount);
    begun
}

#[track_caller]
pub fn only_payment(site: &Site, amount: i64) -> Payment {
    let mut payments = site.payments();
    let is_one = payments.len() == 1;
    held(rules::REFERENCE, payments.len() <= 1, || format!("one payment of {amount} was made. {}", told(site)));
    held(rules::EXACT, is_one, || format!("{amount} was paid. {}", told(site)));
    let payment = payments.remove(0);
    held(rules::EXACT, payment.amount == amount, || format!("{amount} was paid. {}", told(site)));
    payment
}

pub fn seen(page: &Page<'_>) -> String {
    let to = page.header("location").map(|to| format!(" to {to}")).unwrap_or_default();
    format!("{} answered {}{to} with: {}", page.path(), page.status(), page.text())
}

pub fn is_japanese(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'))
}
