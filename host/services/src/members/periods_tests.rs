//! Periods of membership and the status that follows from them, on both databases. The clock of these tests stands at
//! 2027-01-15, 17:00 in Tokyo.

use super::*;
use crate::members::{MemberDraft, MembershipStatus};
use crate::testing::{TestServices, services_on_each};
use tsudoi_kernel::Gate;
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::visitor::Visitor;

const DAY: i64 = 24 * 60 * 60;

fn typed(begins: &str, ends: &str) -> PeriodInput {
    PeriodInput { joining: Joining { member_type: "regular".into(), begins: begins.into(), ends: ends.into() }, ..PeriodInput::default() }
}

async fn with_types(house: &TestServices) {
    let types = [("regular", 30), ("student", 0)];
    let types = types.map(|(key, grace_days)| MemberType { key: key.into(), name: Localised::default(), grace_days });
    house.set_member_types(house.organisation.id, &types).await.unwrap();
}

async fn said(house: &TestServices, member: MemberId) -> String {
    let file = house.member_file(&house.anonymous().await, member).await.unwrap();
    let standing = file.periods.iter().filter(|entry| entry.replaced.is_none()).count();
    format!("{} {} {standing}/{}", file.member.status.as_str(), file.member.member_type.unwrap_or_default(), file.periods.len())
}

/// Whether a gate for members opens for them.
async fn enters(house: &TestServices, member: MemberId) -> bool {
    let facts = house.database.store.organisation(house.organisation.id).member_facts(member).await.unwrap();
    Gate::Members.admits(&Visitor { member: facts, ..Visitor::default() })
}

#[tokio::test]
async fn a_membership_runs_out_on_the_day_where_its_organisation_is() {
    for house in services_on_each().await {
        with_types(&house).await;
        let (visit, id) = (house.anonymous().await, house.member("H-0001", None, None).await);
        let editor = house.editor(&visit);
        let open = house.period_entries(&visit, id).await.unwrap()[0].period.id;
        editor.correct_period(&visit, id, open, &typed("2026-04-01", "2027-01-15")).await.unwrap();
        assert_eq!(said(&house, id).await, "current regular 1/2", "{}", house.database.name);
        house.turn_memberships().await.unwrap();
        assert!(enters(&house, id).await, "the last day is one of membership");
        // Midnight in Tokyo, in the afternoon of UTC.
        house.clock.pass(7 * 60 * 60);
        let before = house.anonymous().await.number;
        assert_eq!(house.turn_memberships().await.unwrap(), 1);
        assert_eq!(said(&house, id).await, "grace regular 1/2");
        assert!(enters(&house, id).await && house.anonymous().await.number > before, "what plugins know of them is asked anew");
        assert_eq!(house.turn_memberships().await.unwrap(), 0, "nothing more until grace is over");
        house.clock.pass(30 * DAY);
        house.turn_memberships().await.unwrap();
        assert_eq!(said(&house, id).await, "lapsed regular 1/2");
        assert!(!enters(&house, id).await);
        // Renewed late, and more grace for everybody.
        editor.add_period(&visit, id, &typed("2027-03-01", "2028-03-31")).await.unwrap();
        assert_eq!(said(&house, id).await, "lapsed regular 2/3");
        house.clock.pass(20 * DAY);
        house.turn_memberships().await.unwrap();
        assert_eq!(said(&house, id).await, "current regular 2/3");
    }
}

#[tokio::test]
async fn nothing_that_was_entered_is_lost() {
    for house in services_on_each().await {
        with_types(&house).await;
        let (visit, id) = (house.anonymous().await, house.member("H-0001", None, None).await);
        let editor = house.editor(&visit);
        let open = house.period_entries(&visit, id).await.unwrap()[0].period.id;
        let overlapping = editor.add_period(&visit, id, &typed("2027-02-01", "")).await;
        assert!(matches!(overlapping, Err(ServiceError::Invalid(wrong)) if wrong == [("begins".to_owned(), "members-period-overlaps")]));
        for (input, expected) in [
            (typed("2027-02-01", "2027-01-31"), ("ends", "members-period-backwards")),
            (typed("", ""), ("begins", "error-required")),
            (PeriodInput { left: true, ..typed("2027-02-01", "") }, ("ends", "error-required")),
        ] {
            let refused = editor.correct_period(&visit, id, open, &input).await;
            assert!(
                matches!(&refused, Err(ServiceError::Invalid(wrong)) if wrong[0] == (expected.0.to_owned(), expected.1)),
                "{refused:?}"
            );
        }
        editor.correct_period(&visit, id, open, &typed("2020-04-01", "2021-03-31")).await.unwrap();
        assert!(matches!(editor.withdraw_period(&visit, id, open).await, Err(ServiceError::Changed)), "it stands no more");
        let entries = house.period_entries(&visit, id).await.unwrap();
        assert_eq!(
            entries.iter().map(|entry| (entry.replaced.is_some(), entry.has_successor)).collect::<Vec<_>>(),
            [(true, true), (false, false)]
        );
        editor.withdraw_period(&visit, id, entries[1].period.id).await.unwrap();
        assert_eq!(said(&house, id).await, "none  0/2", "{}", house.database.name);
        assert!(!enters(&house, id).await);
    }
}

#[tokio::test]
async fn who_leaves_is_a_member_to_the_last_day_and_without_grace_after_it() {
    for house in services_on_each().await {
        with_types(&house).await;
        let visit = house.anonymous().await;
        let editor = house.editor(&visit);
        let draft = MemberDraft { joined_on: Some("2020-04-01".into()), ..draft(&house) };
        house.add_members(house.organisation.id, std::slice::from_ref(&draft)).await.unwrap();
        let id = draft.id;
        let early = editor.end_membership(&visit, id, "2019-03-31", "").await;
        assert!(matches!(early, Err(ServiceError::Invalid(wrong)) if wrong == [("last_day".to_owned(), "members-leave-before-joining")]));
        editor.end_membership(&visit, id, "2027年1月31日", "引っ越し").await.unwrap();
        assert_eq!(said(&house, id).await, "current  1/2", "{}", house.database.name);
        house.clock.pass(17 * DAY);
        house.turn_memberships().await.unwrap();
        assert_eq!(said(&house, id).await, "left  1/2");
        let again = house.member_list(&visit, "", Some(MembershipStatus::Left), "").await.unwrap();
        assert_eq!(again.members.len(), 1);
        editor.add_period(&visit, id, &typed("2027-02-01", "")).await.unwrap();
        assert!(enters(&house, id).await, "and they may come back");
    }
}

fn draft(house: &TestServices) -> MemberDraft {
    MemberDraft {
        family_name: "佐藤".into(),
        given_name: "花子".into(),
        display_name: "はな".into(),
        ..MemberDraft::new(house.fresh_member_id(), "H-0001")
    }
}

#[tokio::test]
async fn more_days_of_grace_count_at_once() {
    for house in services_on_each().await {
        with_types(&house).await;
        let (visit, id) = (house.anonymous().await, house.member("H-0001", None, None).await);
        let open = house.period_entries(&visit, id).await.unwrap()[0].period.id;
        house.editor(&visit).correct_period(&visit, id, open, &typed("2020-04-01", "2026-12-01")).await.unwrap();
        assert_eq!(said(&house, id).await, "lapsed regular 1/2");
        let kinds = house.kinds(&visit, crate::members::KindList::Types).await.unwrap();
        let mut rows = kinds.entries.clone();
        rows.iter_mut().for_each(|row| row.name = ["正会員".into(), String::new()]);
        rows[0].grace_days = "９０".into();
        house.editor(&visit).save_kinds(&visit, kinds.list, &kinds.state, &rows).await.unwrap();
        assert_eq!(said(&house, id).await, "grace regular 1/2", "{}", house.database.name);
    }
}
