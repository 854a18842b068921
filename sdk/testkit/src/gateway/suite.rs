//! The tests that a gateway gets.

/// Makes the tests of the suite for a [`Provider`](crate::gateway::Provider): one for each case, with what the words say that the
/// gateway does besides. The words are told of in [`gateway`](crate::gateway).
///
/// ```text
/// tsudoi_testkit::gateway_suite!(Transfers: one_currency, parts, more, returns);
/// ```
#[macro_export]
macro_rules! gateway_suite {
    ($provider:ty: $($word:ident),+ $(,)?) => {
        #[test]
        fn the_words_of_the_suite_are_those_of_the_manifest() {
            $crate::gateway::cases::the_words_of_the_suite_are_those_of_the_manifest::<$provider>(&[$(stringify!($word)),+]);
        }
        $crate::gateway_suite!(@cases $provider;
            the_button_leads_where_the_payer_is_asked_for_what_is_open
            nobody_else_begins_or_sees_how_a_member_pays
            pressing_twice_is_one_wish
            what_was_paid_is_booked_once_with_a_receipt
            a_payment_that_is_told_again_stays_one
            notices_in_any_order_come_to_the_same_books
            each_payment_goes_to_its_own_invoice
            a_beginning_that_is_left_moves_nothing
            an_invoice_that_is_paid_twice_is_paid_once
            what_comes_for_an_invoice_that_was_taken_back_is_credit
            what_is_told_at_another_site_books_nothing
            what_a_member_paid_before_they_were_erased_is_booked
            what_the_payer_reads_is_in_their_language
            an_update_between_beginning_and_notice_loses_nothing
            where_nobody_issues_invoices_nothing_breaks
        );
        $($crate::gateway_suite!(@word $word $provider);)+
    };
    (@word one_currency $provider:ty) => {
        $crate::gateway_suite!(@cases $provider; another_currency_is_refused_in_words);
    };
    (@word currencies $provider:ty) => {
        $crate::gateway_suite!(@cases $provider; yen_and_dollars_are_paid_to_the_smallest_unit);
    };
    (@word parts $provider:ty) => {
        $crate::gateway_suite!(@cases $provider; a_part_leaves_the_rest_to_be_paid);
    };
    (@word more $provider:ty) => {
        $crate::gateway_suite!(@cases $provider; more_than_was_asked_is_credit);
    };
    (@word refunds $provider:ty) => {
        $crate::gateway_suite!(@cases $provider;
            staff_have_a_payment_given_back_whole
            staff_have_a_payment_given_back_in_parts
            giving_back_that_is_asked_twice_is_done_once
            no_more_is_given_back_than_was_paid
            an_erased_members_payment_is_given_back_or_refused
        );
    };
    (@word declines $provider:ty) => {
        $crate::gateway_suite!(@cases $provider;
            a_declined_payment_books_nothing_and_staff_see_it
            what_was_declined_can_be_paid_after_all
        );
    };
    (@word returns $provider:ty) => {
        $crate::gateway_suite!(@cases $provider;
            what_the_provider_gives_back_is_to_be_paid_again
            what_was_given_back_can_be_paid_again
        );
    };
    (@word part_returns $provider:ty) => {
        $crate::gateway_suite!(@cases $provider; parts_that_the_provider_gives_back_add_up);
    };
    (@word returns_first $provider:ty) => {
        $crate::gateway_suite!(@cases $provider; a_return_that_is_heard_of_before_its_payment_counts);
    };
    (@word saves $provider:ty) => {
        $crate::gateway_suite!(@cases $provider;
            what_a_member_saved_is_charged_once
            an_invoice_that_was_charged_and_taken_back_is_credit
        );
    };
    (@word saves_outside $provider:ty) => {
        $crate::gateway_suite!(@cases $provider;
            a_charge_is_asked_again_until_the_provider_answers
            a_charge_whose_answer_was_lost_is_made_once
        );
    };
    (@word outages $provider:ty) => {
        $crate::gateway_suite!(@cases $provider;
            a_refund_is_asked_again_until_the_provider_answers
            a_refund_whose_answer_was_lost_is_given_back_once
        );
    };
    (@word begins_outside $provider:ty) => {
        $crate::gateway_suite!(@cases $provider;
            while_the_provider_is_away_the_payer_comes_back_later
            a_beginning_whose_answer_was_lost_can_be_paid_once
        );
    };
    (@cases $provider:ty; $($case:ident)+) => {
        $(
            #[test]
            fn $case() {
                $crate::gateway::cases::$case::<$provider>();
            }
        )+
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_in_the_suite() {
        let files = [
            include_str!("cases/paying.rs"),
            include_str!("cases/giving_back.rs"),
            include_str!("cases/saved.rs"),
            include_str!("cases/trouble.rs"),
        ]
        .concat();
        let cases = files.split("pub fn ").skip(1).filter_map(|rest| rest.split('<').next());
        let suite = include_str!("suite.rs").split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let left_out: Vec<_> = cases.filter(|case| !suite.split_whitespace().any(|word| word.trim_end_matches(");") == *case)).collect();
        assert_eq!(left_out, ["the_words_of_the_suite_are_those_of_the_manifest"], "it is written out");
    }
}
