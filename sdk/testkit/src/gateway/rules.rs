//! The rules that the cases hold gateways to, as docs/contract.md has them.

pub const ASKS: &str = "A payer is asked for what is to be paid then, in the organisation's currency.";
pub const PRIVATE: &str = "A page about a payment is for its payer alone: for anybody else it is not there.";
pub const ONE_WISH: &str = "the same form sent twice is one call, and gets the first answer";
pub const EXACT: &str = "`paid` is said of a payment when the money has come, with all of it, of the invoice that it came for.";
pub const REFERENCE: &str = "A payment has one reference, whatever tells of it and however often.";
pub const ANY_ORDER: &str = "reports in any order, and again, end in the same books";
pub const CREDIT: &str = "What a payment brings that the invoice does not need is the member's credit.";
pub const STRAY: &str = "What is told of an invoice that is not known here books nothing, and is no failure.";
pub const OUTLIVES: &str = "A payment outlives its member: it is booked though they were erased meanwhile.";
pub const WORDS: &str = "What a payer reads is in the language of the site.";
pub const CURRENCY: &str = "A currency that it does not take is refused in words, before the payer is asked for anything.";
pub const DECLINED: &str = "What a provider declines is reported as `failed`, and can be paid after all.";
pub const NOTED: &str = "`failed` and `disputed` are noted for staff.";
pub const KEY: &str = "What was carried out under a key is not carried out again under it, also where its answer was lost.";
pub const AWAY: &str =
    "Where its provider is away it answers `unavailable`: the payer comes back later, and a refund or a charge is asked again.";
pub const REFUNDS: &str = "`refunds = true` says that `refund` gives back a payment, whole and in parts.";
pub const SAVES: &str = "are those of a gateway with `saved-methods = true` in its `[gateway]`, which exports `saved-methods`";
pub const NO_MORE: &str = "No more is given back of a payment than it was.";
pub const OPEN_AGAIN: &str =
    "What the provider gives back is taken from the payment's credit first, and then from its invoices, which are open again.";
pub const BOOKS: &str = "`assets:clearing:<plugin id>` is what its provider got, less what it gave back.";
pub const SOUND: &str = "What payers, staff and providers may do is no failure of a gateway.";

#[cfg(test)]
mod tests {
    /// Whoever reads the message of a failed test finds the rule where it says.
    #[test]
    fn every_rule_stands_in_the_contract() {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace("\" \"", "");
        let contract = plain(include_str!("../../../../docs/contract.md"));
        let rules: Vec<String> = include_str!("rules.rs")
            .split("#[cfg(test)]")
            .next()
            .unwrap_or_default()
            .split("pub const ")
            .skip(1)
            .filter_map(|rule| rule.split('"').nth(1).map(plain))
            .collect();
        assert!(rules.len() >= 20, "{rules:?}");
        let gone: Vec<_> = rules.iter().filter(|rule| !contract.contains(*rule)).collect();
        assert_eq!(gone, Vec::<&String>::new());
    }
}
