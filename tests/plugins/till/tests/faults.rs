//! The suite notices a gateway that breaks a rule, and says which.

mod till;

use std::panic::{AssertUnwindSafe, catch_unwind};
use till::{Fault, Till};
use tsudoi_testkit::gateway::cases;

/// A gateway that breaks one rule is told so by this case: the words stand in the message.
macro_rules! noticed {
    ($($test:ident: $fault:literal, $case:ident, $words:literal;)+) => {
        $(
            #[test]
            fn $test() {
                struct Broken;
                impl Fault for Broken {
                    const NAME: &'static str = $fault;
                }
                let outcome = catch_unwind(AssertUnwindSafe(cases::$case::<Till<Broken>>));
                let panic = outcome.expect_err("the suite noticed nothing");
                let message = panic.downcast_ref::<String>().map(String::as_str).unwrap_or_default();
                assert!(message.contains($words), "{message}");
            }
        )+
    };
}

noticed! {
    a_payer_who_is_asked_for_another_amount: "asks-otherwise", the_button_leads_where_the_payer_is_asked_for_what_is_open,
        "A payer is asked for what is to be paid then";
    a_payment_that_was_only_begun: "too-early", a_beginning_that_is_left_moves_nothing, "when the money has come";
    another_amount_than_was_paid: "wrong-amount", what_was_paid_is_booked_once_with_a_receipt, "with all of it";
    another_reference_each_time: "another-reference", a_payment_that_is_told_again_stays_one, "A payment has one reference";
    books_that_depend_on_the_order: "another-reference", notices_in_any_order_come_to_the_same_books, "less what it gave back";
    a_failure_over_what_is_not_known: "loud", what_is_told_at_another_site_books_nothing, "is no failure";
    a_declined_payment_that_nobody_hears_of: "silent", a_declined_payment_books_nothing_and_staff_see_it, "noted for staff";
    a_sum_that_is_the_last_part_alone: "part-alone", parts_that_the_provider_gives_back_add_up, "which are open again";
    a_refund_that_the_provider_never_heard_of: "keeps", staff_have_a_payment_given_back_whole, "less what it gave back";
    a_key_that_is_not_handed_on: "own-key", a_refund_whose_answer_was_lost_is_given_back_once, "is not carried out again";
    a_key_of_a_charge_that_is_not_handed_on: "own-key", a_charge_whose_answer_was_lost_is_made_once, "is not carried out again";
    a_refund_that_is_given_up: "gives-up", a_refund_is_asked_again_until_the_provider_answers, "answers `unavailable`";
}

/// What the suite is told is held against plugin.toml.
#[test]
fn a_suite_that_is_told_less_than_the_manifest_says() {
    let run = || cases::the_words_of_the_suite_are_those_of_the_manifest::<Till<till::Sound>>(&["currencies", "saves"]);
    let panic = catch_unwind(run).expect_err("the suite noticed nothing");
    let message = panic.downcast_ref::<String>().map(String::as_str).unwrap_or_default();
    assert!(message.contains("plugin.toml says refunds = true"), "{message}");
}
